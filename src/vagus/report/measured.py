"""Vagal tone as measured, in words: what was read, what was lost, what makes it doubtful."""

from __future__ import annotations

import re
from collections.abc import Sequence

from vagus.course import Finding, RecordingPlan, Results, SegmentTone
from vagus.report.numbers import quantity
from vagus.report.words import interval, sentence

_GAP = re.compile(r"(no heartbeat could be read for [\d.]+ of \d+ s) \(([^:]*):")


def none_read(findings: Sequence[Finding], plans: Sequence[RecordingPlan]) -> str:
    """Words where not one segment of any recording was read, else ""."""
    segments = [max(1, len(plan.segments)) for plan in plans if plan.kind == "ecg"]
    n = sum(one.kind == "not read" for one in findings)
    if not n or n < sum(segments):
        return ""
    return f"no part of {'the recording' if len(segments) == 1 else 'any recording'} could be read" if segments else ""


def not_read(results: Results) -> tuple[Finding, ...]:
    """Parts of recordings whose numbers are withheld."""
    return tuple(finding for finding in results.findings if finding.kind == "not read")


def tone(results: Results) -> str:
    """Vagal tone measured, in plain words, with what makes it doubtful and what was not read."""
    tones, bad = results.tones, not_read(results)
    withheld = " ".join(sentence(one.text) for one in bad)
    none = none_read(results.findings, results.course.plans)
    if none:
        withheld = f"{sentence(none)} {withheld}"
    if not tones:
        return withheld or "Not measured: the course has no recording of the heart."
    return f"{withheld} {_measured(tones)}".strip()


def _measured(tones: Sequence[SegmentTone]) -> str:
    each = [f"{t.segment.name} {interval(t.tone.rmssd_ms, unit=False)}" for t in tones]
    worst = max(t.tone.corrected_pct for t in tones)
    text = (
        f"Beat-to-beat variability of the heart (RMSSD, 95\xa0% interval) {', '.join(each)}\xa0ms; at most "
        f"{quantity(worst, '%')} of beats mended."
    )
    gaps = [(t, found) for t in tones for flag in t.tone.flags if (found := _GAP.match(flag))]
    holes = [sentence(f"{t.segment.name}: {found[1]} ({found[2]})") for t, found in gaps]
    flags = dict.fromkeys(sentence(flag) for t in tones for flag in t.tone.flags if not _GAP.match(flag))
    if flags:
        text += f" Read with care: {' '.join(flags)}"
    notes = dict.fromkeys(sentence(t.plan.note) for t in tones if t.plan.note)
    return " ".join([*holes, *notes, text])
