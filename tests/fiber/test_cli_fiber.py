import csv
import json

import numpy as np
import pytest
from click.testing import CliRunner

from vagus.cli.fiber import fiber
from vagus.fiber import membrane_keys
from vagus.field import point_mv_per_ma


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


def test_threshold_of_a_table_goes_on_and_tells_the_edges(tmp_path):
    nerve, out = tmp_path / "nerve.csv", tmp_path / "out.csv"
    nerve.write_text("model,diameter_um,distance_um,shift_um\nmrg,10,500,\nmrg,16,500,0\nmrg,6,3000,100\n")
    flags = ["threshold", "--fibers", str(nerve), "--sigma-s-per-m", "0.3", "--width-us", "100", "--dt-us", "5"]
    flags += ["--limit-ma", "1", "--out", str(out), "--keep", str(tmp_path / "parts"), "--rel-tol", "0.01"]
    result = CliRunner().invoke(fiber, flags)
    assert result.exit_code == 0, result.output
    assert "2 of 3 fibers fire up to 1 mA" in result.stderr
    rows = list(csv.DictReader(out.read_text(encoding="utf-8").splitlines()))
    assert [row["model"] for row in rows] == ["mrg"] * 3
    assert abs(float(rows[0]["onset_ma"]) + 0.0675) < 1e-3
    assert -1.0 < float(rows[1]["above_ma"]) < float(rows[1]["upper_ma"]) < float(rows[1]["onset_ma"])
    assert rows[2]["onset_ma"] == "-inf"
    assert list((tmp_path / "parts").iterdir())
    for stray in (["--n-node", "21"], ["--distance-um", "9"], ["--interval"], ["--length-unit", "mm"]):
        assert "does not go with --fibers" in str(CliRunner().invoke(fiber, [*flags, *stray]).exception)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("model,diameter_um\nmrg,10\n", ["column is missing", "distance_um"]),
        ("model,diameter_um,distance_um,shift\nmrg,10,500,0\n", ["unknown column", '"shift_um"']),
        ("model,diameter_um,distance_um\nmrg,ten,500\nmrg,10,-1\n", ["row 1, diameter_um", "row 2, distance_um"]),
        ("model,diameter_um,distance_um\nmgr,10,500\nmrg,99,500\n", ["row 1", "mrg", "row 2", "2 to 16"]),
        ("model,diameter_um,distance_um\n", ["no rows"]),
    ],
)
def test_a_bad_table_of_fibers_is_refused_whole(tmp_path, text, said):
    nerve = tmp_path / "nerve.csv"
    nerve.write_text(text)
    flags = ["threshold", "--fibers", str(nerve), "--sigma-s-per-m", "0.3", "--width-us", "100"]
    error = CliRunner().invoke(fiber, flags).exception
    for piece in said:
        assert piece in str(error)


def test_threshold_in_a_field_from_a_file(tmp_path):
    file = tmp_path / "line.txt"
    z_um = np.arange(0.0, 46_000.0, 50.0)
    v = point_mv_per_ma(0.0, 500.0, z_um - 22_446.0, sigma_s_per_m=0.3)  # over node 20 of 41
    file.write_text("".join(f"{a} {b!r}\n" for a, b in zip(z_um.tolist(), v.tolist(), strict=True)))
    flags = ["threshold", "--model", "mrg", "--diameter-um", "10", "--width-us", "100", "--potentials", str(file)]
    found = CliRunner().invoke(fiber, [*flags, "--length-unit", "um", "--potential-unit", "mV/mA", "--interval"])
    assert "threshold  -0.067" in found.stdout
    assert "virtual anode blocks from" in found.stdout
    assert "--length-unit: missing" in str(CliRunner().invoke(fiber, flags).exception)
    both = CliRunner().invoke(fiber, [*flags, "--distance-um", "500"])
    assert "--distance-um does not go with --potentials" in str(both.exception)


def test_threshold_above_the_limit():
    text = "threshold --model mrg --diameter-um 10 --distance-um 500 --sigma-s-per-m 0.3 --width-us 100"
    result = CliRunner().invoke(fiber, [*text.split(), "--limit-ma", "0.01", "--temperature-degc", "30"])
    assert "above 0.01 mA" in result.stdout
    result = CliRunner().invoke(fiber, [*text.split(), "--limit-ma", "0.01", "--json"])
    assert json.loads(result.stdout)["threshold_ma"] is None


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
