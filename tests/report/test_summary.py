"""One screen, and JSON."""

from __future__ import annotations

import dataclasses
import math

import msgspec

from vagus.course import Results
from vagus.report import results_json, summary_text
from vagus.report.summary import HEIGHT, WIDTH


def test_summary_fits_one_screen_and_begins_with_safety(results: Results) -> None:
    lines = summary_text(results).splitlines()
    assert len(lines) <= HEIGHT <= 24
    assert max(len(line) for line in lines) <= WIDTH == 100
    assert lines[0].startswith("SAFETY, REVIEW: PHQ-9, item 9")
    assert any("Contact: Dr. Example" in line for line in lines[:4])
    assert "not a medical device" in lines[-1]


def test_summary_names_each_part(results: Results) -> None:
    text = summary_text(results)
    for name in (
        "Prescribed",
        "Delivered",
        "Limits",
        "Fibers",
        "Brain and heart",
        "Vagal tone",
        "Scores",
        "Trials",
        "Cannot be told",
    ):
        assert f"\n{name}" in text
    assert "1 of 7 limits warned: duty cycle" in text
    assert "size in people unknown" in text.replace("\n" + " " * 17, " ")


def test_summary_of_very_long_texts_still_fits(results: Results) -> None:
    course = dataclasses.replace(
        results.course, missing=tuple(f"no part {k}: " + "word " * 60 for k in range(5)), name="x" * 300
    )
    lines = summary_text(dataclasses.replace(results, course=course)).splitlines()
    assert len(lines) <= HEIGHT
    assert max(len(line) for line in lines) <= WIDTH


def test_json_puts_notices_first_and_round_trips(results: Results) -> None:
    data = results_json(results)
    found = msgspec.json.decode(data)
    assert next(iter(found)) == "notices"
    assert found["notices"][0]["level"] == "review"
    assert found["recruitment"]["amplitude_ma"][1] == 0.1
    assert found["tones"][0]["beats"]["time_s"][0] > 0
    assert msgspec.json.decode(msgspec.json.encode(found)) == found


def test_json_leaves_samples_out_and_writes_null_for_what_is_not_finite(results: Results) -> None:
    tone = dataclasses.replace(
        results.tones[0].tone, rmssd_ms=dataclasses.replace(results.tones[0].tone.rmssd_ms, low=math.nan)
    )
    part = dataclasses.replace(results.tones[0], tone=tone)
    found = msgspec.json.decode(results_json(dataclasses.replace(results, tones=(part,))))
    assert found["tones"][0]["tone"]["rmssd_ms"]["low"] is None
    recording = found["course"]["recordings"][0][0]
    assert "samples" not in recording
    assert recording["fs_hz"] == 125.0
