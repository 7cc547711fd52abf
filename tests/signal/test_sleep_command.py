"""`vagus signal sleep`, whole way."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from vagus.cli import vagus_command
from vagus.errors import InputError
from vagus.files import read_counts

DATA = Path(__file__).parents[1] / "data"
NIGHT = str(DATA / "sleep" / "yasa_night_6h_30s.txt")


def run(*arguments, **how):
    return CliRunner().invoke(vagus_command, ["signal", "sleep", *arguments], standalone_mode=False, **how)


def test_a_night_as_table_and_json():
    table = run(NIGHT)
    assert table.return_value == 0
    assert "sleep efficiency" in table.output
    assert "94.03" in table.output
    answer = json.loads(run(NIGHT, "--json").output)
    assert answer["statistics"]["total_sleep_min"] == 338.5
    assert answer["tone"] == []


def test_tone_by_stage_with_beats(tmp_path):
    rr_ms = np.random.default_rng(1).normal(900, 40, 24_000)
    (tmp_path / "rr.txt").write_text("\n".join(f"{rr:.1f}" for rr in rr_ms))
    answer = run(NIGHT, "--beats", str(tmp_path / "rr.txt"), "--json", "--lights-on-s", "7200")
    assert answer.return_value == 1  # no clock: a note
    found = json.loads(answer.output)
    assert "taken to start with the hypnogram" in found["notes"][0]
    assert {tone["stage"]: len(tone["windows"]) for tone in found["tone"]}["N3"] > 0
    moved = run(NIGHT, "--beats", str(tmp_path / "rr.txt"), "--beats-start-s", "60", "--json", "--lights-on-s", "7200")
    assert moved.return_value == 0


def test_wrist_activity(tmp_path):
    counts = [2000] * 30 + [0] * 300 + [3000] * 30
    (tmp_path / "wrist.csv").write_text("time,counts\n" + "\n".join(f"{k},{c}" for k, c in enumerate(counts)))
    answer = run(str(tmp_path / "wrist.csv"), "--counts", "cole_kripke", "--json")
    assert answer.return_value == 0
    found = json.loads(answer.output)["statistics"]
    assert found["time_in_bed_min"] == 360
    assert 280 < found["total_sleep_min"] < 300
    assert found["stages"] == []


@pytest.mark.parametrize("suffix", ["csv", "json"])
def test_many_nights_and_a_table(tmp_path, suffix):
    night = Path(NIGHT).read_text()
    for name in ("a", "b"):
        (tmp_path / f"{name}.txt").write_text(night)
    (tmp_path / "c.txt").write_text("no stage\n")
    target = tmp_path / f"out.{suffix}"
    answer = run(str(tmp_path / "*.txt"), "--epoch-s", "30", "-o", str(target))
    assert answer.return_value == 1  # c could not be read
    assert answer.output.count("94.03") == 2
    if suffix == "json":
        rows = json.loads(target.read_text())
    else:
        with target.open() as file:
            rows = list(csv.DictReader(file))
    assert [Path(row["file"]).name for row in rows] == ["a.txt", "b.txt"]
    assert float(rows[1]["total_sleep_min"]) == 338.5
    assert sum(float(rows[0][f"{stage}_total_min"]) for stage in ("n1", "n2", "n3", "r")) == 338.5
    with pytest.raises(InputError, match="belong to one night"):
        run(*(str(tmp_path / f"{name}.txt") for name in "ab"), "--beats", NIGHT, catch_exceptions=False)


@pytest.mark.parametrize(
    ("text", "words"),
    [("time,steps\n0,1\n", "no column of counts"), ("12\nabc\n", "line 2"), ("", "no line"), ("1\nnan\n", "line 2")],
)
def test_counts_that_are_none(tmp_path, text, words):
    path = tmp_path / "wrist.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=words):
        read_counts(path)


def test_lights_are_checked():
    with pytest.raises(InputError, match="off before on"):
        CliRunner().invoke(
            vagus_command,
            ["signal", "sleep", NIGHT, "--lights-off-s", "9e9"],
            standalone_mode=False,
            catch_exceptions=False,
        )
