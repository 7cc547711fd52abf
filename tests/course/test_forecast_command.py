"""`vagus course forecast`: bundled trials, trials of one's own, an open notice."""

from __future__ import annotations

import csv
import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from vagus.cli import vagus_command
from vagus.course import forecast
from vagus.errors import InputError
from vagus.files import new_course, read_course
from vagus.files.sheets.trial_rows import read_trials
from vagus.outcome import Answers

CALM = (3, 3, 2, 2, 2, 2, 2, 2, 0)  # PHQ-9 of 18, item 9 at 0


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "trials.csv"
    names = ("study_id", "first_author", "year", "indication", "modality", "design", "n_active", "n_control",
             "control_type", "weeks", "resp_active_n", "resp_control_n", "primary_endpoint", "primary_met", "source",
             "verified")  # fmt: skip
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        for k in range(4):
            writer.writerow(
                (f"M{k}", f"Made{k}", 2020, "MDD", "taVNS", "RCT double-blind sham", 60, 60, "sham device", 12,
                 20 + 2 * k, 12 + k, "response", "no", f"made up {k}", "yes")
            )  # fmt: skip
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "p01"
    new_course(path)
    start = read_course(path).protocol.start
    head = "date,instrument," + ",".join(f"item_{k}" for k in range(1, 10)) + "\n"
    lines = [f"{start + timedelta(weeks=w)},phq9," + ",".join(map(str, CALM)) for w in (0, 2, 4)]
    (path / "scores.csv").write_text(head + "\n".join(lines) + "\n")
    text = (path / "course.toml").read_text()
    (path / "course.toml").write_text(re.sub(r'diagnosis = "\w+"', 'diagnosis = "mdd"', text))
    return path


def run(*words: object) -> tuple[int, str, str]:
    done = CliRunner().invoke(vagus_command, ["course", "forecast", *map(str, words)])
    return done.exit_code, done.stdout, done.stderr


def test_bundled_trials_give_rates_and_no_chance(folder: Path) -> None:
    code, said, _ = run(folder)
    assert code == 0
    assert "No probability is told for this person" in said
    assert "3 are needed" in said
    assert "90 % intervals held in" in said
    assert "Nothing here asks for a change of treatment" in " ".join(said.split())


def test_trials_of_ones_own_give_a_chance_by_arm(folder: Path, rows: Path, tmp_path: Path) -> None:
    table, picture = tmp_path / "f.csv", tmp_path / "f.svg"
    code, said, _ = run(folder, "--rows", rows, "--weeks", 10, "--json", "-o", table, "--picture", picture)
    assert code == 0
    told = json.loads(said)
    assert told["abstained"] == []
    assert [one["arm"] for one in told["chances"]] == ["active", "sham"]
    assert all(one["low_90_pct"] <= one["chance_pct"] <= one["high_90_pct"] for one in told["chances"])
    # nothing moved in four weeks: less than trials alone let expect
    assert all(one["chance_pct"] < 0.6 * one["before_pct"] for one in told["chances"])
    cells = list(csv.DictReader(table.read_text().splitlines()))
    assert {row["what"] for row in cells} == {"rate in a further trial", "chance of this person"}
    drawn = picture.read_text()
    ET.fromstring(drawn)
    assert "PHQ-9 expected, active" in drawn
    assert "PHQ-9 expected, sham" in drawn


def test_the_same_seed_gives_the_same_numbers(folder: Path, rows: Path) -> None:
    asked = (folder, "--rows", rows, "--weeks", 10, "--json", "--seed")
    assert run(*asked, 3)[1] == run(*asked, 3)[1]
    assert run(*asked, 3)[1] != run(*asked, 4)[1]


def test_an_open_notice_is_told_first_and_closes_the_forecast(folder: Path, rows: Path) -> None:
    scores = folder / "scores.csv"
    scores.write_text(scores.read_text().rstrip()[:-1] + "2\n")  # item 9 of the last filling
    code, said, warned = run(folder, "--rows", rows, "--weeks", 10)
    assert code == 0
    assert "SAFETY" in warned
    assert "safety notice" in said
    assert "with the scores so far" not in said
    assert "Response expected in a further trial" in said


def test_a_severe_adverse_event_closes_it(folder: Path, rows: Path) -> None:
    found = read_course(folder)
    start = found.protocol.start
    (folder / "events.csv").write_text(
        f"date,kind,severity,relatedness,text\n{start + timedelta(days=3)},adverse_event,severe,possible,fainted\n"
    )
    told = forecast(read_course(folder), 10, rng=np.random.default_rng(1), more=read_trials(rows))
    assert not told.chances
    assert "to be looked at first" in told.abstained[0]


def test_the_horizon_is_the_end_or_four_weeks_after_the_last_total(folder: Path, rows: Path) -> None:
    found = read_course(folder)
    told = forecast(found, rng=np.random.default_rng(1))
    assert told.horizon_weeks == found.protocol.weeks
    late = found.protocol.start + timedelta(weeks=found.protocol.weeks)
    after = replace(found, answers=(*found.answers, Answers(date=late, instrument="phq9", items=CALM)))
    assert forecast(after, rng=np.random.default_rng(1)).horizon_weeks == found.protocol.weeks + 4


def test_a_horizon_in_the_past_is_refused(folder: Path) -> None:
    with pytest.raises(InputError, match="not after the last total"):
        forecast(read_course(folder), 2, rng=np.random.default_rng(1))


def test_the_arm_of_the_course_changes_nothing(folder: Path, rows: Path) -> None:
    found = read_course(folder)
    told = [
        forecast(
            replace(found, device_use=replace(found.device_use, arm=arm, sham_type=None)),  # pyright: ignore[reportArgumentType]
            10,
            rng=np.random.default_rng(1),
            more=read_trials(rows),
        ).chances
        for arm in ("active", "sham", "unknown")
    ]
    assert told[0] == told[1] == told[2]


@pytest.mark.parametrize("weeks", [float("nan"), float("inf"), 1e9, -5.0, 0.0])
def test_a_horizon_that_is_none_is_refused(folder: Path, weeks: float) -> None:
    with pytest.raises(InputError, match="horizon_weeks"):
        forecast(read_course(folder), weeks, rng=np.random.default_rng(1))
    assert run(folder, "--weeks", weeks)[0] != 0


def test_a_course_that_has_a_baseline_alone(tmp_path: Path, rows: Path) -> None:
    folder = tmp_path / "new"
    new_course(folder)
    for name in ("sittings.csv", "events.csv"):
        (folder / name).unlink()
    start = read_course(folder).protocol.start
    head = "date,instrument," + ",".join(f"item_{n}" for n in range(1, 10))
    items = ",".join(map(str, CALM))
    for days, ok in ((1, True), (60, True), (61, False)):
        (folder / "scores.csv").write_text(f"{head}\n{start - timedelta(days=days)},phq9,{items}\n")
        asked = ["course", "forecast", str(folder), "--rows", str(rows), "--weeks", "10"]
        found = CliRunner().invoke(vagus_command, asked, standalone_mode=False)
        assert (found.exception is None) == ok
        assert ok or "the course starts after the last score" in str(found.exception)
