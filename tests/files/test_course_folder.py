"""Reading a course folder: spellings, dialects, what is missing; mistakes are in tests/end/test_mistakes.py."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

import numpy as np
import pytest

from vagus.errors import InputError, Problem
from vagus.files import new_course, read_course, read_events, read_scores, read_sittings
from vagus.files.course import SECTIONS
from vagus.files.plans import PLAN_KEYS
from vagus.files.template import COURSE_TOML
from vagus.files.toml import parse_toml

ROOT = Path(__file__).parents[2]
EXAMPLES = ("tavns-depression", "ivns-trd")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    new_course(tmp_path / "p01")
    return tmp_path / "p01"


def change(folder: Path, old: str, new: str) -> Path:
    path = folder / "course.toml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))
    return folder


def test_the_template_reads_and_says_what_is_missing(folder: Path) -> None:
    course = read_course(folder)
    pulse = course.protocol.train.pulse
    assert (pulse.amplitude_ma, pulse.width_us, course.protocol.train.rate_hz) == (1.5, 250, 25)
    assert course.protocol.start == datetime.date(2026, 1, 12)
    assert course.person.conditions is None
    assert [sentence.split(":")[0] for sentence in course.missing] == [
        "scores.csv has no rows", "sittings.csv has no rows", "events.csv has no rows", "no recordings",
        "no contact in [person]", "no conditions in [person]",
    ]  # fmt: skip


def test_every_line_of_the_template_reads_once_its_comment_is_taken_away() -> None:
    text = re.sub(r"(?m)^# (?=[a-z_.]+ = |\[)", "", COURSE_TOML)
    toml = parse_toml(text, name="course.toml")
    assert toml.problems == ()
    for section, keys in SECTIONS.items():
        assert set(toml.data[section]) <= set(keys), section
    assert set(toml.data["recordings"][0]) <= set(PLAN_KEYS)


def test_files_that_are_not_there_are_no_mistake(folder: Path) -> None:
    for name in ("scores.csv", "sittings.csv", "events.csv"):
        (folder / name).unlink()
    assert read_course(folder).missing[0].startswith("no scores.csv: whether the person is better")


def test_a_new_course_overwrites_nothing(folder: Path) -> None:
    before = (folder / "course.toml").read_text()
    with pytest.raises(InputError, match=r"not empty; found course\.toml, events\.csv"):
        new_course(folder)
    assert (folder / "course.toml").read_text() == before


@pytest.mark.parametrize(
    "written", ['width = "250 us"', 'width_us = "0.25 ms"', "width_us = 250.0", 'width_us = "250"', 'width = "0.25ms"']
)
def test_a_quantity_is_read_however_it_is_written(folder: Path, written: str) -> None:
    assert read_course(change(folder, "width_us = 250 ", written)).protocol.train.pulse.width_us == 250


@pytest.mark.parametrize(
    ("written", "amplitude_ma"),
    [
        ("amplitude_ma = -1.5", -1.5),
        ("amplitude_ma = 1.5\ncathodic_first = true", -1.5),
        ("amplitude_ma = -1.5\ncathodic_first = true", -1.5),
        ("amplitude_ma = 1.5\ncathodic_first = false", 1.5),
        ('amplitude = "1500 uA"', 1.5),
    ],
)
def test_the_sign_of_the_amplitude_is_that_of_the_first_phase(folder: Path, written: str, amplitude_ma: float) -> None:
    assert read_course(change(folder, "amplitude_ma = 1.5", written)).protocol.train.pulse.amplitude_ma == amplitude_ma


def test_a_duty_cycle_stands_in_for_the_off_time(folder: Path) -> None:
    protocol = read_course(change(folder, "off_s = 32", "duty_pct = 50")).protocol
    assert (protocol.off_s, protocol.duty_pct) == (28, 50)  # 28 s on at 50 % leaves 28 s off


def test_a_duty_cycle_that_agrees_is_fine(folder: Path) -> None:
    assert read_course(change(folder, "off_s = 32", "off_s = 32\nduty_pct = 46.7")).protocol.off_s == 32


def test_microbursts_and_gates_are_read(folder: Path) -> None:
    train = read_course(
        change(folder, "rate_hz = 25", "rate_hz = 25\npulses_per_burst = 4\nburst_rate_hz = 2.5")
    ).protocol.train
    assert (train.pulses_per_burst, train.burst_rate_hz) == (4, 2.5)


@pytest.mark.parametrize(
    "written",
    [
        "before_s = [0, 10]\nduring_s = [10, 20]",
        "before = [0, 10]\nduring = [10, 20]",
        "segments = {before = [0, 10], during = [10, 20]}",
        'segments.before_s = ["0 s", 10]\nsegments.during = [10, "20 s"]',
    ],
)
def test_segments_are_read_however_they_are_written(folder: Path, written: str) -> None:
    t = np.arange(0, 30, 1 / 125)
    wave = np.exp(-0.5 * (((t % 0.8) - 0.4) / 0.012) ** 2)
    rows = (f"{a:.4f},{b:.4f},{np.sin(a):.4f}" for a, b in zip(t, wave, strict=True))
    (folder / "recordings" / "rest.csv").write_text("time_s,ecg_mV,rsp\n" + "\n".join(rows))
    with (folder / "course.toml").open("a") as file:
        file.write(f'[[recordings]]\nfile = "recordings/rest.csv"\nkind = "ecg"\nrespiration = "rsp"\n{written}\n')
    course = read_course(folder)
    segments = [(segment.name, segment.start_s, segment.end_s) for segment in course.plans[0].segments]
    assert segments == [("before", 0, 10), ("during", 10, 20)]
    heart, breath = course.recordings[0]
    assert breath is not None
    assert (heart.fs_hz, breath.kind, breath.channel) == (125, "resp", "rsp")


NASTY = (
    "1" + "0" * 400, "-1", "0", "1e400", "-inf", "nan", "NaN", "true", "''", "'x'", "[]", "[[1]]", "{}", "{a=1}",
    "None", "2026-02-31", "9999-12-31", "0001-01-01", "2026-01-12T00:00:00Z", "07:32:00", "'1e999 us'", "'٣'", "'½'",
    "1,5",
    "250 us", "'open", "[1", "0x10", "1e308", "1e-308", '"\\u0000"', "'../..'", "",
)  # fmt: skip


@pytest.mark.parametrize("value", NASTY)
def test_whatever_stands_behind_a_key_is_read_or_told(folder: Path, value: str) -> None:
    text = re.sub(r"(?m)^# (?=[a-z_.]+ = )", "", COURSE_TOML.partition("# [[recordings]]")[0])
    lines = text.splitlines()
    for number, line in enumerate(lines):
        key = re.match(r"([a-z_]+) =", line)
        if key is not None:
            changed = [*lines[:number], f"{key[1]} = {value}", *lines[number + 1 :]]
            (folder / "course.toml").write_text("\n".join(changed))
            told: tuple[Problem, ...] = ()
            try:
                read_course(folder)
            except InputError as error:
                told = error.problems
            assert all(problem.where.startswith("course.toml") for problem in told)


SCORES = "# a comment\ndate,instrument,item_1,item_2,item_3,item_4,item_5,item_6,item_7,item_8,item_9,total\n"
ROWS = "2026-01-11,phq9,2,2,2,,2,2,2,1,0,\n2026-01-11,who5,,,,,,,,,,40\n"


@pytest.mark.parametrize(
    ("mark", "delimiter", "newline"),
    [("", ",", "\n"), ("\ufeff", ",", "\r\n"), ("\ufeff", ";", "\r\n"), ("", "\t", "\n")],
)
def test_scores_are_read_in_every_dialect(tmp_path: Path, mark: str, delimiter: str, newline: str) -> None:
    path = tmp_path / "scores.csv"
    path.write_bytes((mark + SCORES + ROWS).replace(",", delimiter).replace("\n", newline).encode())
    phq9, who5 = read_scores(path)
    assert phq9.items == (2, 2, 2, None, 2, 2, 2, 1, 0)
    assert (phq9.total, phq9.row, phq9.date) == (None, 1, datetime.date(2026, 1, 11))
    assert (who5.items, who5.total) == (None, 40)


def test_a_decimal_comma_is_told(tmp_path: Path) -> None:
    path = tmp_path / "sittings.csv"
    path.write_text("date;amplitude_ma;minutes\n2026-01-12;1,5;60\n")
    with pytest.raises(InputError, match=r'row 1 \(line 2\), amplitude_ma: a decimal comma; found "1,5".*1\.5'):
        read_sittings(path)


def test_rows_are_counted_below_the_header_and_lines_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text('# note\n\ndate,kind,text\n2026-01-12,medication,"two\nlines"\n\n2026-01-40,medication,x\n')
    with pytest.raises(InputError, match=r"events\.csv row 2 \(line 7\), date: impossible date"):
        read_events(path)


def test_words_of_events_may_be_written_with_spaces(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text("date,kind,severity,relatedness,text\n2026-01-12,Adverse event,Mild,possible,tingling\n")
    event = read_events(path)[0]
    assert (event.kind, event.severity, event.relatedness) == ("adverse_event", "mild", "possible")


def test_a_sitting_is_a_magnitude_with_or_without_unit(tmp_path: Path) -> None:
    path = tmp_path / "sittings.csv"
    path.write_text("date,amplitude_ma,minutes,perception_ma\n2026-01-12,-1.5,60,\n2026-01-13,1200 uA,30,0.6\n")
    first, second = read_sittings(path)
    assert (first.amplitude_ma, first.perception_ma) == (1.5, None)
    assert (second.amplitude_ma, second.perception_ma, second.minutes) == (1.2, 0.6, 30)


def test_one_broken_line_does_not_hide_the_next() -> None:
    toml = parse_toml("[a]\nx = 1,5\ny = 2026-02-31\nz = NaN\nw = \nv = 3\n", name="c.toml")
    assert toml.whole
    assert toml.data["a"]["v"] == 3
    assert toml.data["a"]["y"] == "2026-02-31"
    assert [str(p).split(":")[0] for p in toml.problems] == ["c.toml line 2", "c.toml line 5"]
    assert toml.broken == {("a", "x"), ("a", "w")}


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_examples_read_and_say_that_they_are_invented(name: str) -> None:
    folder = ROOT / "examples" / name
    course = read_course(folder)
    assert {"person", "scores", "events"} <= set(course.about.synthetic)
    assert "synthetic scores" in course.about.note.lower()
    assert "synthetic scores" in (folder / "scores.csv").read_text().splitlines()[0]
    for plan, (heart, breath) in zip(course.plans, course.recordings, strict=True):
        assert plan.note == "real recording, no stimulation took place; times marked for demonstration"
        assert [segment.name for segment in plan.segments] == ["before", "during", "after"]
        assert heart.duration_s > 470
        assert breath is not None


@pytest.mark.parametrize("key", [*(k for keys in SECTIONS.values() for k in keys), *(k for k in PLAN_KEYS)])
def test_every_key_has_its_place_in_the_docs(key: str) -> None:
    page = (ROOT / "docs" / "rooms" / "course.md").read_text()
    assert f"`{key}`" in page
