"""Vagal tone of the recordings of a course, segment by segment."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from vagus import signal
from vagus.course.course import Course, RecordingPlan, Segment
from vagus.course.results import Finding, SegmentTone
from vagus.errors import Abstained, InputError, Problem


def recording_findings(course: Course) -> tuple[Finding, ...]:
    """What does not fit in the recordings: segments that cannot be read, beats mended; no intervals are worked out.

    Parameters
    ----------
    course : Course

    Raises
    ------
    InputError
        A recording cannot be used; the file is named.
    """
    findings: list[Finding] = []
    segment_tones(course, rng=None, findings=findings)
    return tuple(findings)


def _spawn(rng: np.random.Generator | None, n: int) -> list[np.random.Generator] | list[None]:
    return rng.spawn(n) if rng is not None else [None] * n


def segment_tones(
    course: Course,
    *,
    rng: np.random.Generator | None,
    findings: list[Finding],
    say: Callable[[float], None] = lambda share: None,
) -> tuple[SegmentTone, ...]:
    """Vagal tone of each segment of each ECG of a course; what does not fit is added to `findings`.

    Parameters
    ----------
    course : Course
    rng : numpy.random.Generator or None
        Each recording draws from a generator of its own; None: no intervals.
    findings : list of Finding
    say : callable
        Called with the share done, 0 to 1.

    Raises
    ------
    InputError
        A recording cannot be used; the file is named.
    """
    tones: list[SegmentTone] = []
    own = _spawn(rng, len(course.plans))
    for number, (plan, (heart, breath)) in enumerate(zip(course.plans, course.recordings, strict=True)):
        say(number / len(course.plans))
        if plan.kind != "ecg":
            unread = "; its segments are not read" if plan.segments else ""
            text = (
                f"{plan.file}: vagal tone is worked out from ECG; this recording ({plan.kind}) is listed only{unread}."
            )
            findings.append(Finding(level="note", kind="recording", text=text))
            continue
        try:
            tones.extend(_recording_tones(plan, heart, breath, own[number], findings))
        except InputError as error:
            raise InputError(
                Problem(what=p.what, where=_place(plan, p.where), found=p.found, allowed=p.allowed, why=p.why)
                for p in error.problems
            ) from error
    return tuple(tones)


def _place(plan: RecordingPlan, where: str) -> str:
    return where if plan.file in where else f"{plan.file}: {where}".removesuffix(": ")


def _recording_tones(
    plan: RecordingPlan,
    heart: signal.Recording,
    breath: signal.Recording | None,
    rng: np.random.Generator | None,
    findings: list[Finding],
) -> list[SegmentTone]:
    found = signal.find_beats(heart)
    corrected = signal.correct(found)
    breaths = signal.find_breaths(breath) if breath is not None else None
    findings.extend(Finding(level="note", kind="recording", text=f"{plan.file}: {flag}") for flag in corrected.flags)
    segments = plan.segments or (Segment(name="before", start_s=0.0, end_s=heart.duration_s),)
    tones: list[SegmentTone] = []
    for segment, own in zip(segments, _spawn(rng, len(segments)), strict=True):
        end_s = min(segment.end_s, heart.duration_s)
        try:
            tone = signal.vagal_tone(corrected.beats, start_s=segment.start_s, end_s=end_s, breaths=breaths, rng=own)
        except Abstained as error:
            text = f'Not read: {plan.file}, segment "{segment.name}": {error}'
            findings.append(Finding(level="note", kind="not read", text=text))
            continue
        tones.append(
            SegmentTone(
                plan=plan,
                segment=segment,
                tone=tone,
                beats=corrected.beats.window(segment.start_s, end_s),
                breaths=breaths.window(segment.start_s, end_s) if breaths is not None else None,
            )
        )
    return tones
