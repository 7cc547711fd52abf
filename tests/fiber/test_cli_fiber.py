import json

from click.testing import CliRunner

from vagus.cli.fiber import fiber


def test_models_as_json():
    result = CliRunner().invoke(fiber, ["models", "--json"])
    assert result.exit_code == 0
    models = json.loads(result.stdout)["models"]
    assert {m["key"] for m in models} == {"mrg", "sundt", "passive"}
    assert models[0]["diameter_high_um"] == 16.0
    assert "McIntyre" in CliRunner().invoke(fiber, ["models"]).stdout


def test_threshold():
    text = "threshold --model mrg --diameter-um 10 --distance-um 500 --sigma-s-per-m 0.3 --width-us 100"
    flags = text.split()
    result = CliRunner().invoke(fiber, [*flags, "--json"])
    assert abs(json.loads(result.stdout)["threshold_ma"] + 0.0683) < 2e-4
    assert "-0.0682" in CliRunner().invoke(fiber, flags).stdout


def test_recruit_writes_progress_on_stderr_and_json_on_stdout():
    text = "recruit --device tvnsr --site cymba_left --amplitude-ma 1.5 --width-us 250 --seed 1 --json"
    flags = text.split()
    result = CliRunner().invoke(fiber, flags)
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert found["site"] == "cymba_left"
    assert len(found["classes"][0]["share_pct"]) == len(found["amplitude_ma"])
    assert "fibers" in result.stderr
