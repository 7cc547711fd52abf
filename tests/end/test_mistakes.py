"""25 mistakes in a course folder and variants of them: one clear sentence, exit 2, no traceback, nothing written."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from vagus.cli import main

COURSE = """\
[about]
title = "Test"

[person]
id = "P01"
diagnosis = "mdd"
contact = "nobody"
conditions = []

[device]
device = "tvnsr"
site = "cymba_left"
arm = "active"

[pulse]
amplitude_ma = 1.5
width_us = 250
rate_hz = 25
shape = "biphasic_symmetric"

[protocol]
on_s = 28
off_s = 32
sitting_min = 60
sittings_per_day = 2
start = 2026-01-12
weeks = 8

[[recordings]]
file = "recordings/rest.csv"
kind = "ecg"
fs_hz = 125
before_s = [0, 10]
during_s = [10, 25]
after_s = [25, 30]
"""
SCORES = """\
date,instrument,item_1,item_2,item_3,item_4,item_5,item_6,item_7,item_8,item_9,total
2026-01-11,phq9,2,2,2,2,2,2,2,1,0,
2026-01-11,gad7,,,,,,,,,,11
2026-02-09,phq9,2,1,2,2,,2,1,1,0,
2026-03-09,phq9,1,1,1,2,1,1,1,1,0,
"""
SITTINGS = """\
date,amplitude_ma,minutes,perception_ma
2026-01-12,1.0,60,0.6
2026-01-13,1.2,45,
"""
EVENTS = """\
date,kind,severity,relatedness,text
2026-01-14,adverse event,mild,possible,"tingling, gone in an hour"
"""


def _ecg(n_s: int = 30, fs_hz: int = 125) -> np.ndarray:
    t = np.arange(0, n_s, 1 / fs_hz)
    return np.round(np.exp(-0.5 * (((t % 0.8) - 0.4) / 0.012) ** 2), 4)


def _write_csv(path: Path, wave: np.ndarray, fs_hz: float) -> None:
    rows = (f"{i / fs_hz:.4f},{value:g}" for i, value in enumerate(wave))
    path.write_text("time_s,ecg_mV\n" + "\n".join(rows) + "\n")


def _write_wfdb(folder: Path, *, keep: float) -> None:
    samples = (_ecg() * 1000).astype("<i2")
    (folder / "rest.hea").write_text(f"rest 1 125 {samples.size}\nrest.dat 16 1000(0)/mV 16 0 {samples[0]} 0 0 ECG\n")
    raw = samples.tobytes()
    (folder / "rest.dat").write_bytes(raw[: int(len(raw) * keep) // 2 * 2])


@pytest.fixture(scope="session")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("good") / "course"
    (folder / "recordings").mkdir(parents=True)
    (folder / "course.toml").write_text(COURSE)
    (folder / "scores.csv").write_text(SCORES)
    (folder / "sittings.csv").write_text(SITTINGS)
    (folder / "events.csv").write_text(EVENTS)
    _write_csv(folder / "recordings" / "rest.csv", _ecg(), 125)
    return folder


@pytest.fixture
def folder(good: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(good, tmp_path / "course"))


def _run(arguments: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> tuple[int, str]:
    monkeypatch.setattr(sys, "argv", ["vagus", *arguments])
    with pytest.raises(SystemExit) as stop:
        main()
    assert isinstance(stop.value.code, int)
    return stop.value.code, capsys.readouterr().err


Mistake = Callable[[Path], None]


def toml(old: str, new: str) -> Mistake:
    def change(folder: Path) -> None:
        path = folder / "course.toml"
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new, 1))

    return change


def cell(name: str, old: str, new: str) -> Mistake:
    def change(folder: Path) -> None:
        path = folder / name
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new, 1))

    return change


def text(name: str, content: str, encoding: str = "utf-8") -> Mistake:
    def change(folder: Path) -> None:
        (folder / name).write_text(content, encoding=encoding)

    return change


def _unknown_format(folder: Path) -> None:
    (folder / "recordings" / "rest.csv").unlink()
    (folder / "recordings" / "rest.xyz").write_bytes(b"\x00\x01\x02\x03" * 64)  # what a file is its content tells
    toml("rest.csv", "rest.xyz")(folder)


def _truncated(folder: Path) -> None:
    _write_wfdb(folder / "recordings", keep=0.6)
    toml("rest.csv", "rest.hea")(folder)


def _flat(folder: Path) -> None:
    _write_csv(folder / "recordings" / "rest.csv", np.zeros(3750), 125)


@dataclasses.dataclass(frozen=True)
class Case:
    """A mistake, and what one line on stderr has to say."""

    name: str
    change: Mistake
    said: tuple[str, ...]  # regular expressions, all found in one line
    alone: bool = True  # the mistake is one sentence, no more


def place(line_of: str, section: str, key: str) -> str:
    line = next(n for n, row in enumerate(COURSE.splitlines(), start=1) if row.startswith(line_of))
    return rf"^error: course\.toml line {line}, \[+{section}\]+( \d+)?( {key})?"


LIST_OF_25 = [
    Case(
        "wrong unit",
        toml("width_us = 250", 'width_us = "250 kg"'),
        (place("width_us", "pulse", "width_us"), "wrong unit", "250 kg", "µs"),
    ),
    Case(
        "required field missing",
        toml("rate_hz = 25\n", ""),
        (place("[pulse]", "pulse", ""), "rate_hz is missing", "Hz"),
    ),
    Case(
        "unknown key",
        toml("width_us", "widht_us"),
        (place("width_us", "pulse", "widht_us"), "unknown key", "widht_us", 'did you mean "width_us"'),
    ),
    Case(
        "broken TOML",
        toml('site = "cymba_left"', 'site = "cymba_left'),
        (r"course\.toml line 12", "broken TOML", "cymba_left"),
    ),
    Case(
        "impossible date",
        toml("2026-01-12", "2026-02-31"),
        (place("start", "protocol", "start"), "impossible date", "2026-02-31", "such as"),
    ),
    Case(
        "start after last score",
        toml("2026-01-12", "2026-05-04"),
        (place("start", "protocol", "start"), "after the last score", "2026-05-04", "2026-03-09"),
    ),
    Case(
        "duty over 100 %",
        toml("off_s = 32", "off_s = -3"),
        (place("off_s", "protocol", "off_s"), "duty cycle over 100 %", "-3 s", "0 s or more"),
    ),
    Case(
        "negative width",
        toml("width_us = 250", "width_us = -250"),
        (place("width_us", "pulse", "width_us"), "negative", "-250 µs", "above 0 µs"),
    ),
    Case(
        "zero rate",
        toml("rate_hz = 25", "rate_hz = 0"),
        (place("rate_hz", "pulse", "rate_hz"), "zero", "0 Hz", "above 0 Hz"),
    ),
    Case(
        "NaN amplitude",
        toml("amplitude_ma = 1.5", "amplitude_ma = nan"),
        (place("amplitude_ma", "pulse", "amplitude_ma"), "not a finite number", "nan"),
    ),
    Case(
        "text in a number field",
        toml("weeks = 8", 'weeks = "eight"'),
        (place("weeks", "protocol", "weeks"), "not a (number|quantity)", "eight"),
    ),
    Case(
        "amplitude beyond the device",
        toml("amplitude_ma = 1.5", "amplitude_ma = 15"),
        (r"course\.toml line 16, \[pulse\] amplitude_ma", "15 mA", "at most 5 mA"),
    ),
    Case(
        "unknown device",
        toml('"tvnsr"', '"tvnsrr"'),
        (place("device =", "device", "device"), "unknown device", "tvnsrr", 'did you mean "tvnsr"'),
    ),
    Case(
        "unknown site",
        toml('"cymba_left"', '"cymba_lft"'),
        (place("site", "device", "site"), "unknown site", "cymba_lft", 'did you mean "cymba_left"'),
    ),
    Case(
        "recording not there",
        toml("rest.csv", "rests.csv"),
        (place("file", "recordings", "file"), "not there", r"rests\.csv", r'did you mean "rest\.csv"'),
    ),
    Case(
        "recording format unknown",
        _unknown_format,
        (place("file", "recordings", "file"), "format is unknown", "found bytes 00 01 02 03", "EDF"),
    ),
    Case(
        "truncated WFDB",
        _truncated,
        (place("file", "recordings", "file"), r"rest\.(hea|dat)", "(truncated|shorter|too short)"),
    ),
    Case("flat ECG", _flat, (place("file", "recordings", "file"), r"rest\.csv", "flat")),
    Case(
        "fs_hz contradicts the file",
        toml("fs_hz = 125", "fs_hz = 250"),
        (place("fs_hz", "recordings", "fs_hz"), "contradicts", "250", "125 Hz"),
    ),
    Case(
        "segment outside",
        toml("[25, 30]", "[25, 300]"),
        (place("after_s", "recordings", "after_s"), "outside the recording", "300", "0 to 30 s"),
    ),
    Case(
        "segments overlap",
        toml("[10, 25]", "[5, 25]"),
        (place("during_s", "recordings", "during_s"), "overlap", r"\[0, 10\] and \[5, 25\]", "from 10 s"),
    ),
    Case(
        "unknown instrument",
        cell("scores.csv", "gad7", "gad77"),
        (r"scores\.csv row 2 \(line 3\), instrument", "unknown instrument", "gad77", 'did you mean "gad7"'),
    ),
    Case(
        "item out of range",
        cell("scores.csv", "phq9,2,2,2,2", "phq9,2,2,4,2"),
        (r"scores\.csv row 1 \(line 2\), item_3", "out of range", "found 4", "0 to 3"),
    ),
    Case(
        "duplicate date and instrument",
        cell("scores.csv", "2026-02-09", "2026-01-11"),
        (r"scores\.csv row 3 \(line 4\)", "duplicate", "2026-01-11 phq9", "row 1"),
    ),
    Case(
        "scores.csv without a column",
        cell("scores.csv", "instrument,", "tool,"),
        (
            r"scores\.csv line 1",
            "column instrument is missing",
            "found columns date, tool",
            "allowed: columns date, instrument",
        ),
        alone=False,
    ),
]


def _misnamed(name: str) -> Mistake:
    def change(folder: Path) -> None:
        (folder / "scores.csv").rename(folder / name)

    return change


def _folder_for_scores(folder: Path) -> None:
    (folder / "scores.csv").unlink()
    (folder / "scores.csv").mkdir()


REVIEWED = [
    Case("duty over 100 % as text", toml("off_s = 32", 'duty = "150 %"'), (r"\] duty: duty is over 100 %", "150 %")),
    Case("the key as written", toml("width_us = 250", 'width = "-3 us"'), (r"\] width: width is negative",)),
    Case("colon for =", toml("rate_hz = 25", "rate_hz: 25"), ("line 18", "joined by =", "rate_hz = 25")),
    Case("scores without item 5", cell("scores.csv", "item_5,", ""), ("column item_5 is missing",), alone=False),
    Case("item column twice", cell("scores.csv", "item_2,", "item_1,"), (r"line 1: column item_1 stands twice",)),
    Case(
        "instrument misspelt",
        cell("scores.csv", "instrument", "instrumnt"),
        ("unknown column", "instrumnt", 'did you mean "instrument"'),
    ),
    Case("minutes misspelt", cell("sittings.csv", "minutes", "mins"), ("unknown column", 'did you mean "minutes"')),
    Case(
        "two columns missing",
        text("scores.csv", "day,total\n2026-01-12,3\n"),
        ("columns date and instrument are missing", "found columns day, total"),
    ),
    Case("folder for a recording", toml("recordings/rest.csv", "recordings"), ("is a folder", "file")),
    Case("recording in another folder", toml("recordings/rest.csv", "../../x.csv"), ("outside the course folder",)),
    Case("recording from the root", toml("recordings/rest.csv", "/etc/passwd"), ("outside the course folder",)),
    Case("scores is a folder", _folder_for_scores, (r"scores\.csv: is a folder",)),
    Case("diagnosis missing", toml('diagnosis = "mdd"\n', ""), ("diagnosis is missing", "one of: trd, mdd")),
    Case("device missing", toml('device = "tvnsr"\n', ""), ("device is missing", "tvnsr")),
    Case(
        "segments in another order",
        toml("[0, 10]\nduring_s = [10, 25]\nafter_s = [25, 30]", "[25, 30]\nduring_s = [10, 25]\nafter_s = [0, 10]"),
        ('lies after "before"|lies after "during"|lies after', "before, then during, then after"),
    ),
    Case("start in the year 1", toml("2026-01-12", "0001-01-01"), ("start", "1950 to 2100")),
    Case("score of the year 2199", cell("scores.csv", "2026-03-09", "2199-03-09"), ("row 4", "1950 to 2100")),
    Case("score 40 years on", cell("scores.csv", "2026-03-09", "2066-03-09"), ("row 4", "within 20 years")),
    *(
        Case(f"scores named {name}", _misnamed(name), (name, 'did you mean "scores.csv"'))
        for name in ("Scores.csv", "score.csv", "scores.CSV", "scores.xlsx")
    ),
    Case(
        "sittings named sitting.csv",
        lambda folder: (folder / "sittings.csv").rename(folder / "sitting.csv") and None,
        (r"sitting\.csv", 'did you mean "sittings.csv"'),
    ),
]

VARIANTS = [
    Case("unit without quotes", toml("width_us = 250", "width_us = 250 kg"), ("line 17", "wrong unit", "250 kg")),
    Case(
        "text quantity of another dimension",
        toml("width_us = 250", 'width = "0.25 kg"'),
        ("width", "wrong unit", "0.25 kg"),
    ),
    Case(
        "volts for milliampere",
        toml("amplitude_ma = 1.5", 'amplitude = "1.5 V"'),
        ("amplitude", "wrong unit", "1.5 V", "mA"),
    ),
    Case(
        "number without any unit", toml("width_us = 250", "width = 250"), ("width has no unit", "250", "width_us = 250")
    ),
    Case("both spellings", toml("width_us = 250", 'width_us = 250\nwidth = "250 us"'), ("twice", "width and width_us")),
    Case("infinite", toml("width_us = 250", "width_us = inf"), ("width_us", "finite", "inf")),
    Case("NaN as others write it", toml("amplitude_ma = 1.5", "amplitude_ma = NaN"), ("amplitude_ma", "finite")),
    Case("NaN as text", toml("amplitude_ma = 1.5", 'amplitude_ma = "nan"'), ("amplitude_ma", "nan")),
    Case("yes or no for a number", toml("width_us = 250", "width_us = true"), ("width_us", "not a number", "true")),
    Case(
        "list for a number",
        toml("width_us = 250", "width_us = [250, 300]"),
        ("width_us", "not a number", r"\[250, 300\]"),
    ),
    Case("decimal comma", toml("amplitude_ma = 1.5", "amplitude_ma = 1,5"), ("decimal comma", r"1\.5")),
    Case("decimal comma as text", toml("amplitude_ma = 1.5", 'amplitude_ma = "1,5 mA"'), ("decimal comma", r"1\.5 mA")),
    Case("zero amplitude", toml("amplitude_ma = 1.5", "amplitude_ma = 0"), ("amplitude_ma", "zero")),
    Case("no weeks", toml("weeks = 8", "weeks = 0"), ("weeks", "zero", "above 0")),
    Case("negative ramp", toml("off_s = 32", "off_s = 32\nramp_s = -1"), ("ramp_s", "negative", "-1 s")),
    Case(
        "ramps longer than the pause",
        toml("off_s = 32", "off_s = 3\nramp_s = 2"),
        ("protocol", "duty cycle is over 100 %"),
    ),
    Case("duty in percent over 100", toml("off_s = 32", "duty_pct = 120"), ("duty_pct", "over 100 %", "120")),
    Case(
        "duty that contradicts", toml("off_s = 32", "off_s = 32\nduty_pct = 20"), ("duty_pct", "contradicts", "46.7 %")
    ),
    Case(
        "half a sitting", toml("sittings_per_day = 2", "sittings_per_day = 1.5"), ("sittings_per_day", "whole", "1.5")
    ),
    Case(
        "too long a day",
        toml("sitting_min = 60", "sitting_min = 1000"),
        ("protocol", "do not fit into a day", "2000 min"),
    ),
    Case(
        "pulse longer than its period",
        toml("rate_hz = 25", 'rate = "25 kHz"'),
        ("pulse", "longer than its period", "25000 Hz"),
    ),
    Case("date and time for a date", toml("2026-01-12", "2026-01-12T09:00:00"), ("start", "without clock time")),
    Case("date as text, impossible", toml("2026-01-12", '"2026-13-01"'), ("start", "impossible date", "2026-13-01")),
    Case("date in another order", toml("2026-01-12", '"12.01.2026"'), ("start", "not a date", "year-month-day")),
    Case("date in another order, bare", toml("2026-01-12", "12.01.2026"), ("start", "not a date", "year-month-day")),
    Case("section misspelled", toml("[pulse]", "[puls]"), ("unknown section", "puls", r'did you mean "pulse"')),
    Case("section missing", toml("[device]\n", ""), ("section .device. is missing",), alone=False),
    Case("section twice", toml("[pulse]", "[device]"), ("section stands twice", "line 15"), alone=False),
    Case("key twice", toml("rate_hz = 25", "rate_hz = 25\nrate_hz = 30"), ("line 19", "rate_hz stands twice")),
    Case("key outside of a section", text("course.toml", 'id = "P01"\n' + COURSE), ("outside of a section", "id")),
    Case("text without quotes", toml('"cymba_left"', "cymba_left"), ("line 12", "quotes", 'site = "cymba_left"')),
    Case("header not closed", toml("[pulse]", "[pulse"), ("line 15", "broken TOML"), alone=False),
    Case("array not closed", toml("[0, 10]", "[0, 10"), ("line 33", "broken TOML")),
    Case("recordings with one bracket", toml("[[recordings]]", "[recordings]"), ("recordings", "two brackets")),
    Case("list for a text", toml('id = "P01"', 'id = ["P01"]'), ("id", "not a text")),
    Case("unknown shape", toml("biphasic_symmetric", "biphasic"), ("shape", "biphasic", "one of|did you mean")),
    Case("unknown arm", toml('"active"', '"aktive"'), ("arm", 'did you mean "active"')),
    Case("unknown diagnosis", toml('"mdd"', '"depression"'), ("diagnosis", "depression", "mdd")),
    Case(
        "unknown condition",
        toml("conditions = []", 'conditions = ["vagotomie"]'),
        ("conditions", 'did you mean "vagotomy"'),
    ),
    Case("implant at the ear", toml('"tvnsr"', '"livanova_sentiva"'), ("site", "implant", "cervical_left")),
    Case(
        "polarity contradicts",
        toml("amplitude_ma = 1.5", "amplitude_ma = -1.5\ncathodic_first = false"),
        ("cathodic_first", "contradicts"),
    ),
    Case("segment ends before it starts", toml("[10, 25]", "[25, 10]"), ("during_s", "ends before it starts")),
    Case("segment before the recording", toml("[0, 10]", "[-5, 10]"), ("before_s", "before the recording")),
    Case("segment of three", toml("[0, 10]", "[0, 10, 20]"), ("before_s", "not a pair")),
    Case("segment twice", toml("before_s = [0, 10]", "before_s = [0, 10]\nbefore = [0, 5]"), ("twice", "before")),
    Case("segment by another name", toml("before_s", "befor_s"), ("unknown key", 'did you mean "before_s"')),
    Case("unknown channel", toml("fs_hz = 125", 'channel = "ecgg_mV"'), ("channel", "ecg_mV|ecg")),
    Case(
        "report fact misspelled",
        text("course.toml", COURSE + '[report]\ndesign.typ = "x"\n'),
        ("report", "design.typ", 'did you mean "design.type"'),
    ),
    Case("scores empty", text("scores.csv", ""), (r"scores\.csv", "empty", "date,instrument")),
    Case(
        "scores without a header",
        text("scores.csv", SCORES.partition("\n")[2]),
        (r"scores\.csv line 1", "header row is missing", "2026-01-11, phq9"),
    ),
    Case("scores not text", text("scores.csv", SCORES, "utf-16"), (r"scores\.csv", "UTF-8")),
    Case(
        "scores with an extra column",
        cell("scores.csv", ",total", ",totl"),
        (r"scores\.csv line 1", "unknown column", 'did you mean "total"'),
        alone=False,
    ),
    Case(
        "scores without item columns",
        text("scores.csv", "date,instrument\n2026-01-12,phq9\n"),
        (r"scores\.csv", "answers are missing"),
    ),
    Case(
        "scores without one item column",
        text("scores.csv", "date,instrument,item_1,item_2\n2026-01-12,phq9,1,1\n"),
        (r"scores\.csv", "column item_3 to item_9 is missing"),
    ),
    Case(
        "text for an answer",
        cell("scores.csv", "phq9,2,2,2,2", "phq9,2,two,2,2"),
        (r"row 1 \(line 2\), item_2", "two", "0 to 3"),
    ),
    Case(
        "half an answer",
        cell("scores.csv", "phq9,2,2,2,2", "phq9,2,1.5,2,2"),
        (r"row 1 \(line 2\), item_2", "whole", "1.5"),
    ),
    Case("total out of range", cell("scores.csv", ",11", ",44"), (r"row 2 \(line 3\), total", "44", "0 to 21")),
    Case(
        "total that contradicts the items",
        cell("scores.csv", "2,2,2,2,2,2,2,1,0,", "2,2,2,2,2,2,2,1,0,9"),
        (r"row 1", "total", "9"),
    ),
    Case(
        "more items than the instrument has",
        cell("scores.csv", "gad7,,,,,,,,,,11", "gad7,1,1,1,1,1,1,1,1,,"),
        (r"row 2 \(line 3\), item_8", "7 items"),
    ),
    Case("row without answers", cell("scores.csv", ",11", ","), (r"row 2 \(line 3\)", "no answers")),
    Case(
        "too many cells",
        cell("scores.csv", ",11", ",11,5"),
        (r"row 2 \(line 3\)", "does not fit the header", "13 cells"),
    ),
    Case(
        "impossible date of a score",
        cell("scores.csv", "2026-02-09", "2026-02-30"),
        (r"row 3 \(line 4\), date", "impossible date", "2026-02-30"),
    ),
    Case(
        "text for an amplitude",
        cell("sittings.csv", "1.2", "high"),
        (r"sittings\.csv row 2 \(line 3\), amplitude_ma", "high"),
    ),
    Case(
        "wrong unit in a table",
        cell("sittings.csv", "1.2", "1.2 kg"),
        (r"sittings\.csv row 2 \(line 3\), amplitude_ma", "wrong unit", "1.2 kg"),
    ),
    Case("no amplitude", cell("sittings.csv", "1.2,", ","), (r"sittings\.csv row 2 \(line 3\), amplitude_ma", "empty")),
    Case(
        "minutes over a day",
        cell("sittings.csv", ",45,", ",4500,"),
        (r"sittings\.csv row 2 \(line 3\), minutes", "4500"),
    ),
    Case(
        "sitting before the start",
        cell("sittings.csv", "2026-01-12", "2025-01-12"),
        (r"sittings\.csv row 1", "before the start", "2025-01-12"),
    ),
    Case(
        "sittings without a column",
        cell("sittings.csv", "minutes", "time"),
        (r"sittings\.csv line 1", "column minutes is missing"),
        alone=False,
    ),
    Case(
        "unknown kind of event",
        cell("events.csv", "adverse event", "adverse effect"),
        (r"events\.csv row 1 \(line 2\), kind", 'did you mean "adverse_event"'),
    ),
    Case(
        "unknown severity",
        cell("events.csv", "mild", "milde"),
        (r"events\.csv row 1 \(line 2\), severity", 'did you mean "mild"'),
    ),
]


def test_the_list_has_25() -> None:
    assert len(LIST_OF_25) == 25


def test_without_a_mistake_nothing_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, err = _run(["course", "check", str(folder)], capsys, monkeypatch)
    assert (code, err) == (0, "")


@pytest.mark.parametrize("case", LIST_OF_25 + REVIEWED + VARIANTS, ids=lambda case: case.name)
def test_a_mistake_is_one_clear_sentence(
    case: Case, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    case.change(folder)
    out = folder.parent / "report.html"
    code, err = _run(["report", str(folder), "-o", str(out), "--quiet"], capsys, monkeypatch)
    assert code == 2, err
    assert "Traceback" not in err
    assert not out.exists()
    lines = [line for line in err.splitlines() if line.startswith(("error: ", "refused: "))]
    assert any(all(re.search(part, line) for part in case.said) for line in lines), err
    if case.alone:
        assert len(lines) == 1, err
    assert str(folder) not in err, "a place is told from the course folder on, not by its absolute path"


def test_mistakes_in_all_files_are_told_at_once(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    toml("width_us = 250", "width_us = -250")(folder)
    toml("amplitude_ma = 1.5", "amplitude_ma = 1.5 V")(folder)
    toml("rest.csv", "nowhere.csv")(folder)
    cell("scores.csv", "gad7", "gad77")(folder)
    cell("sittings.csv", "1.2", "high")(folder)
    cell("events.csv", "2026-01-14", "2026-01-44")(folder)
    out = folder.parent / "report.html"
    code, err = _run(["report", str(folder), "-o", str(out)], capsys, monkeypatch)
    assert code == 2
    for said in ("width_us is negative", "wrong unit", "nowhere.csv", "gad77", "high", "2026-01-44"):
        assert said in err
    assert not out.exists()


def test_a_dose_that_would_be_refused_is_told_beside_the_mistakes(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    toml("amplitude_ma = 1.5", "amplitude_ma = 15")(folder)
    cell("scores.csv", "gad7", "gad77")(folder)
    code, err = _run(["report", str(folder), "-o", str(folder.parent / "r.html")], capsys, monkeypatch)
    assert code == 2
    assert "gad77" in err
    assert "15 mA" in err


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("nowhere", "no such folder"),
        ("course/course.toml", "a course is a folder"),
        ("course/recordings", "no course.toml"),
    ],
)
def test_a_folder_that_is_no_course(
    path: str, said: str, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, err = _run(["report", str(folder.parent / path)], capsys, monkeypatch)
    assert code == 2
    assert said in err


def test_a_mistake_leaves_no_traceback_in_a_real_shell(folder: Path) -> None:
    toml("width_us = 250", 'width_us = "250 kg"')(folder)
    command = [sys.executable, "-c", "from vagus.cli import main; main()", "report", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder.parent, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("error: course.toml line 17, [pulse] width_us: wrong unit for a time")
    assert done.stderr.count("\n") == 1
    assert sorted(path.name for path in folder.parent.iterdir()) == ["course"]


@pytest.mark.parametrize(
    "other",
    [
        toml("width_us = 250", "width_us = -3"),
        toml("rate_hz = 25", "rate_hz: 25"),
        toml("[pulse]", "[pulse"),
        text("course.toml", "\xff\n", "latin-1"),
        cell("scores.csv", "phq9,2,2,2,2", "phq9,2,2,7,2"),
        cell("scores.csv", "2026-03-09,phq9,1,1,1", "2026-03-09,phq9,1,1,7"),
        cell("scores.csv", "gad7", "gad77"),
        cell("scores.csv", "2026-01-11,phq9", "2026-13-11,phq9"),
        cell("scores.csv", "instrument", "instrumnt"),
        toml("amplitude_ma = 1.5", "amplitude_ma = 15"),
        lambda folder: (folder / "scores.csv").rename(folder / "Scores.csv") and None,
        lambda folder: (folder / "course.toml").unlink(),
    ],
)
def test_a_safety_notice_is_told_whatever_else_is_wrong(
    other: Mistake, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    cell("scores.csv", "2,2,2,2,2,2,2,1,0,", "2,2,2,2,2,2,2,1,3,")(folder)
    other(folder)
    monkeypatch.setattr(
        sys, "argv", ["vagus", "report", str(folder), "-o", str(folder.parent / "r.html"), "--json", "-"]
    )
    with pytest.raises(SystemExit) as stop:
        main()
    said = capsys.readouterr()
    assert stop.value.code == 2
    assert said.err.index("SAFETY, URGENT: PHQ-9 item 9") < said.err.index(
        "error: " if "error: " in said.err else "refused: "
    )
    told = json.loads(said.out)
    assert next(iter(told)) == "notices"
    assert (told["notices"][0]["level"], told["notices"][0]["value"]) == ("urgent", 3)
    assert told["errors"] or told["refused"]


def test_a_dose_is_judged_beside_an_unknown_key_and_a_broken_line(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    toml("amplitude_ma = 1.5", "amplitude_ma = 9\nnonsense = 1")(folder)
    toml("rate_hz = 25", "rate_hz: 25")(folder)
    toml("[25, 30]", "[25, 300]")(folder)
    code, err = _run(["course", "check", str(folder)], capsys, monkeypatch)
    assert code == 2
    assert "course.toml line 16, [pulse] amplitude_ma: amplitude is 9 mA" in err
    assert "nonsense" in err
    assert "joined by =" in err
    assert "outside the recording" in err
    assert err.count("error: ") == 4


def test_check_tells_what_report_warns_of(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    toml("biphasic_symmetric", "monophasic")(folder)
    monkeypatch.setattr(sys, "argv", ["vagus", "course", "check", str(folder)])
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 1
    assert "WARNED: net charge per pulse" in capsys.readouterr().out


def test_a_segment_of_noise_is_not_read(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    wave = np.tile(_ecg(), 4)
    wave[: wave.size // 2] = 0.0
    _write_csv(folder / "recordings" / "rest.csv", wave, 125)
    toml("[0, 10]\nduring_s = [10, 25]\nafter_s = [25, 30]", "[0, 55]\nduring_s = [62, 118]")(folder)
    monkeypatch.setattr(sys, "argv", ["vagus", "course", "check", str(folder)])
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 1
    assert 'Not read: recordings/rest.csv, segment "before"' in capsys.readouterr().out


def test_a_table_that_is_not_there_is_told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    code, err = _run(["outcome", "score", "nope.csv"], capsys, monkeypatch)
    assert code == 2
    assert "nope.csv" in err
    assert "allowed" in err


def test_wrong_segments_and_a_wrong_rate_are_told_together(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    toml("during_s = [10, 25]\nafter_s = [25, 30]", "during_s = [9, 25]\nafter_s = [25, 999]")(folder)
    toml("fs_hz = 125", "fs_hz = 250")(folder)
    code, err = _run(["course", "check", str(folder)], capsys, monkeypatch)
    assert code == 2
    assert "overlap" in err
    assert "outside the recording" in err
    assert err.count("error: ") == 3


@pytest.mark.parametrize(
    ("new", "said"),
    [
        ("width_us = = 250", "one `=` too many"),
        ("width_us = ", "value missing"),
        ("width_us = # later", "value missing"),
    ],
)
def test_a_slip_at_the_equals_sign_is_one_sentence(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, new: str, said: str
) -> None:
    toml("width_us = 250", new)(folder)
    code, err = _run(["course", "check", str(folder)], capsys, monkeypatch)
    assert code == 2
    assert f"course.toml line 17: {said}" in err
    assert err.count("error: ") == 1


def test_noise_alone_is_no_part_of_a_recording(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sitting = folder / "sittings.csv"
    sitting.write_text(sitting.read_text().replace("1.2,45,", "0.05,45,"))
    wave = np.random.default_rng(3).normal(0, 1, 125 * 60)
    _write_csv(folder / "recordings" / "rest.csv", wave, 125)
    monkeypatch.setattr(sys, "argv", ["vagus", "report", str(folder), "-o", str(folder.parent / "r.html")])
    with pytest.raises(SystemExit) as stop:
        main()
    said = capsys.readouterr()
    assert stop.value.code == 1
    assert "no part of the recording could be read" in said.err
    assert "below the lowest output of the device" in said.err
    assert "went over a limit" not in said.err
    assert "No part of the recording could be read" in said.out
