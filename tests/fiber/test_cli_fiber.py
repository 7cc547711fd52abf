import json

from click.testing import CliRunner

from vagus.cli.fiber import fiber
from vagus.fiber import membrane_keys


def test_models_as_json():
    result = CliRunner().invoke(fiber, ["models", "--json"])
    assert result.exit_code == 0
    models = json.loads(result.stdout)["models"]
    found = {m["key"]: m for m in models}
    assert set(found) == set(membrane_keys())
    assert found["mrg"]["diameter_high_um"] == 16.0
    assert found["mrg_discrete"]["diameters_um"][:3] == [1.0, 2.0, 5.7]
    assert found["schild94"]["moving_ions"] == ["ca"]
    assert all(m["sources"] and m["deviations"] for m in models if m["key"] != "passive")
    assert "McIntyre" in CliRunner().invoke(fiber, ["models"]).stdout


def test_threshold():
    text = "threshold --model mrg --diameter-um 10 --distance-um 500 --sigma-s-per-m 0.3 --width-us 100"
    flags = text.split()
    result = CliRunner().invoke(fiber, [*flags, "--json"])
    found = json.loads(result.stdout)
    assert abs(found["threshold_ma"] + 0.0673) < 2e-4
    assert not found["ends_matter"]
    assert abs(found["parity"]["threshold_ma"] / -0.06833 - 1) < 0.005, "reference row: MRG 10 um, 500 um, dt 5 us"
    parity = CliRunner().invoke(fiber, [*flags, "--scheme", "parity", "--dt-us", "5"]).stdout
    assert parity.count("-0.0683") == 2
    assert "caution" not in parity
    assert "caution" in CliRunner().invoke(fiber, [*flags, "--n-node", "5", "--distance-um", "3000"]).stdout


def test_recruit_writes_progress_on_stderr_and_json_on_stdout():
    text = "recruit --device tvnsr --site cymba_left --amplitude-ma 1.5 --width-us 250 --seed 1 --json"
    flags = text.split()
    result = CliRunner().invoke(fiber, flags)
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert found["site"] == "cymba_left"
    assert len(found["classes"][0]["share_pct"]) == len(found["amplitude_ma"])
    touch, c = found["classes"][0], found["classes"][-1]
    assert {"told", "text", "half_text"} <= set(touch)
    assert touch["half_ma"]["unit"] == "mA"
    assert c["half_ma"]["estimate"] is None
    assert c["half_text"].startswith("above 10 mA")
    assert found["seed"] == 1
    assert "fibers" in result.stderr


def test_recruit_tells_what_cannot_be_told_and_plain_numbers():
    text = "recruit --device tvnsr --site cymba_left --amplitude-ma 1500 --width-us 250"
    result = CliRunner().invoke(fiber, text.split())
    assert result.exit_code == 0
    table = result.stdout.split("method:")[0]
    assert "e+" not in table
    assert "above 97 %" in table
    usual = CliRunner().invoke(fiber, [*text.replace("1500", "1.5").split(), "--seed", "1"]).stdout
    assert "cannot be told" in usual
    touch = next(line for line in table.splitlines() if line.startswith("Aβ"))
    current = touch.split("mA (")[0].split()[-1]
    assert f"{current} mA (" in usual


def test_group_help_shows_an_example():
    assert "Example:  vagus fiber recruit" in CliRunner().invoke(fiber, ["--help"]).stdout
