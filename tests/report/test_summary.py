"""One screen, and JSON."""

from __future__ import annotations

import dataclasses
import math
import re
from datetime import date

import msgspec

from vagus.course import DeliveredExcess, DeviceUse, Finding, Results
from vagus.report import results_json, summary_text
from vagus.report.points import points
from vagus.report.summary import HEIGHT, WIDTH
from vagus.report.words import arm, fibers, limits

START = date(2026, 1, 12)


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
    flat = text.replace("\n" + " " * 17, " ")
    assert "Prescribed: exceeded: duty cycle (warned); 4 of 5 numeric limits kept, 1 of them unverified" in flat
    assert "size in people unknown" in flat


def test_summary_is_in_plain_words(results: Results) -> None:
    text = " ".join(point.text for point in points(results)).replace("\xa0", " ")
    assert not re.search(r"Hedges|\bSD\b|ln RMSSD|relative to|drive", text)
    assert "No change of heart rate (90 % interval −1.5 to 1.1 bpm) is expected." in text
    assert "More activity of NTS relay and locus coeruleus is expected while the stimulator is on" in text


def test_limits_speak_of_the_delivered_dose(results: Results) -> None:
    assert "Delivered: all 96 sittings keep the same limits." in limits(results)
    over = dataclasses.replace(results.judgement.limits[3], value=9.0, state="refused")
    excess = DeliveredExcess(limit=over, n_sittings=2, n_all=96, date=START, amplitude_ma=9.0)
    text = limits(dataclasses.replace(results, excesses=(excess,))).replace("\xa0", " ")
    assert text.startswith(
        "Delivered: 2 of 96 sittings over the hard limit of current of the device (9 mA, at most 5 mA)."
    )
    assert "all 96 sittings" not in text


def test_a_share_that_may_be_anything_cannot_be_told(results: Results) -> None:
    assert results.recruitment is not None
    first, *rest = results.recruitment.classes
    open_share = dataclasses.replace(first.at_dose, low=0.0, high=100.0)
    found = dataclasses.replace(results.recruitment, classes=(dataclasses.replace(first, at_dose=open_share), *rest))
    assert "Aβ touch cannot be told" in fibers(dataclasses.replace(results, recruitment=found))


def test_json_notices_hold_grave_findings(results: Results) -> None:
    grave = Finding(level="urgent", kind="delivered dose", text="9 mA", act="Look.", date=START)
    found = msgspec.json.decode(results_json(dataclasses.replace(results, findings=(grave, *results.findings))))
    assert found["notices"][0] == {
        "kind": "delivered dose", "level": "urgent", "instrument": None, "item": None, "value": None,
        "date": "2026-01-12", "text": "9 mA Look.",
    }  # fmt: skip
    assert [one["kind"] for one in found["notices"][1:]] == ["answer"] * len(results.notices)
    assert [one["level"] for one in found["findings"]] == ["urgent", "note"]


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


def test_a_lost_stretch_is_said_before_what_is_cut_off(results: Results) -> None:
    flag = (
        "no heartbeat could be read for 12.0 of 180 s (200 to 212 s: no samples, lead off, noise); indices of the rest"
    )
    tone = dataclasses.replace(results.tones[1].tone, flags=(flag,))
    tones = (results.tones[0], dataclasses.replace(results.tones[1], tone=tone), results.tones[2])
    text = summary_text(dataclasses.replace(results, tones=tones))
    assert "During: no heartbeat could be read for 12.0 of 180 s (200 to 212 s)." in " ".join(text.split())


def test_notices_that_were_told_are_one_line(results: Results) -> None:
    text = summary_text(results, told=True)
    assert text.count("SAFETY") == 1
    assert "told first and in the report" in text.splitlines()[0]


def test_a_sham_at_its_own_site_says_that_current_flows() -> None:
    use = DeviceUse(device="tvnsr", site="earlobe_left", arm="sham", sham_type="earlobe")
    assert arm(use).startswith("Sham arm (earlobe): current flows there, at the left earlobe")
    use = dataclasses.replace(use, site="cymba_left")
    assert "sham_type says earlobe, site says cymba_left" in arm(use)


def test_sittings_at_0_ma_never_keep_a_limit(results: Results) -> None:
    none = dataclasses.replace(results.course.sittings[0], amplitude_ma=0.0)
    odd = dataclasses.replace(results, course=dataclasses.replace(results.course, sittings=(none,)))
    text = limits(odd)
    assert "all" not in text.partition("Delivered: ")[2].split()
    assert "1 sitting at 0\xa0mA: no current" in text
