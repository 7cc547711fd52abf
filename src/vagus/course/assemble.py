"""Everything a report on a course shows, worked out once: predicted beside measured."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from vagus import dose, fiber, outcome, response, signal
from vagus.course.course import Course, RecordingPlan, Segment
from vagus.course.delivered import delivered
from vagus.course.facts import reporting_facts
from vagus.course.findings import course_findings, delivered_excesses
from vagus.course.forecast import forecast
from vagus.course.refusal import refusals
from vagus.course.results import Finding, Results, SegmentTone
from vagus.errors import Abstained, DoseRefused, InputError, ModelRange, Problem
from vagus.source import sources_of

Progress = Callable[[str, float], None]


def assemble(course: Course, *, rng: np.random.Generator, progress: Progress | None = None) -> Results:
    """Results of a course: judgement, fibers, expected response, vagal tone, scores, evidence, checklist.

    Fibers, response, forecast and each recording draw from generators of their own, so that one more recording moves
    no other number.

    Parameters
    ----------
    course : Course
    rng : numpy.random.Generator
    progress : callable, optional
        Called with what is done next and the share done, 0 to 1.

    Raises
    ------
    DoseRefused
        A hard limit is exceeded; nothing was computed. All refused limits are in it.
    InputError
        A recording cannot be used; the file is named.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from vagus.files import new_course, read_course
    >>> folder = pathlib.Path(tempfile.mkdtemp()) / "p01"
    >>> new_course(folder)
    >>> results = assemble(read_course(folder), rng=np.random.default_rng(1))
    >>> results.judgement.state
    'ok'
    """
    say = progress or (lambda what, share: None)
    say("dose against limits", 0.0)
    use = course.device_use
    device = dose.device_of(use.device)
    judgement = dose.judge(course.protocol, device, use.site, arm=use.arm, conditions=course.person.conditions)
    if judgement.refused:
        raise DoseRefused(refusals(judgement, course.places))
    findings, excesses = list(course_findings(course)), delivered_excesses(course)
    of_fibers, of_response, of_tone, of_forecast = rng.spawn(4)
    tones = _tones(course, of_tone, lambda share: say("heartbeats and vagal tone", 0.02 + 0.13 * share), findings)
    recruitment = _recruitment(
        course, device, of_fibers, lambda share: say("which fibers fire", 0.15 + 0.6 * share), findings
    )
    say("brain and heart", 0.75)
    expected = _response(course, recruitment, tones, of_response, findings)
    say("scores and trials", 0.92)
    scores, changes = _scores(course, findings)
    given = delivered(course)
    evidence = outcome.evidence(indication=course.person.diagnosis, route=device.route)
    schedules = outcome.titrations(route=device.route, indication=course.person.diagnosis)
    items = dose.checklist(reporting_facts(course, device, given), arm=use.arm)
    used = [course.scales[key] for key in dict.fromkeys(score.instrument for score in scores)]
    contacts = dose.montage(device, use.site)
    ahead = forecast(course, rng=of_forecast)
    parts = (
        judgement,
        excesses,
        device,
        contacts,
        recruitment,
        expected,
        tones,
        scores,
        changes,
        used,
        evidence,
        ahead,
        items,
        [row.cited for row in schedules],
    )
    say("done", 1.0)
    return Results(
        course=course,
        judgement=judgement,
        recruitment=recruitment,
        response=expected,
        tones=tones,
        scores=scores,
        changes=changes,
        notices=outcome.every_notice(course.answers, scores, instruments=course.scales),
        evidence=evidence,
        items=items,
        methods=dose.methods(course.protocol, device, use.site, arm=use.arm, sham_type=use.sham_type),
        delivered=given,
        findings=tuple(findings),
        excesses=excesses,
        forecast=ahead,
        schedules=schedules,
        sources=sources_of(parts),
    )


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
    _tones(course, None, lambda share: None, findings)
    return tuple(findings)


def _spawn(rng: np.random.Generator | None, n: int) -> list[np.random.Generator] | list[None]:
    return rng.spawn(n) if rng is not None else [None] * n


def _tones(
    course: Course, rng: np.random.Generator | None, say: Callable[[float], None], findings: list[Finding]
) -> tuple[SegmentTone, ...]:
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


def _recruitment(
    course: Course, device: dose.Device, rng: np.random.Generator, say: Callable[[float], None], findings: list[Finding]
) -> fiber.Recruitment | None:
    say(0.0)
    if course.device_use.flows is False:
        text = "Fibers, brain and heart: nothing is predicted, since no current flows in this sham."
        findings.append(Finding(level="note", kind="model", text=text))
        return None
    if course.device_use.contradiction:
        text = f"Fibers, brain and heart: nothing is predicted, since {course.device_use.contradiction}."
        findings.append(Finding(level="note", kind="model", text=text))
        return None
    try:
        contacts = dose.montage(device, course.device_use.site)
        return fiber.recruit(contacts, course.protocol.train.pulse, rng=rng, progress=say)
    except (ModelRange, Abstained) as error:
        findings.append(Finding(level="note", kind="model", text=f"Which fibers fire cannot be told: {error}"))
        return None


def _response(
    course: Course,
    recruitment: fiber.Recruitment | None,
    tones: tuple[SegmentTone, ...],
    rng: np.random.Generator,
    findings: list[Finding],
) -> response.Response | None:
    if recruitment is None:
        return None
    rest = next((tone.tone for tone in tones if tone.segment.name == "before"), None)
    try:
        return response.respond(
            recruitment,
            course.protocol,
            species="human",
            rng=rng,
            rest_hr_bpm=rest.heart_rate_bpm.estimate if rest else None,
            breath_rate_per_min=_finite(rest.breath_rate_per_min) if rest else None,
        )
    except (ModelRange, Abstained) as error:
        text = f"The response of brain and heart cannot be told: {error}"
        findings.append(Finding(level="note", kind="model", text=text))
        return None


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _scores(course: Course, findings: list[Finding]) -> tuple[tuple[outcome.Score, ...], tuple[outcome.Change, ...]]:
    of = course.scales
    told = (outcome.score(one, of[one.instrument]) for one in course.answers)
    scores = tuple(sorted(told, key=lambda s: (s.date, s.instrument)))
    changes: list[outcome.Change] = []
    for key in dict.fromkeys(score.instrument for score in scores):
        try:
            changes.append(outcome.change([score for score in scores if score.instrument == key], of[key]))
        except Abstained as error:
            findings.append(Finding(level="note", kind="scores", text=f"{key}: change cannot be told: {error}"))
    return scores, tuple(changes)
