"""Everything a report on a course shows, worked out once: predicted beside measured."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from vagus import dose, fiber, outcome, response
from vagus.course.course import Course
from vagus.course.delivered import delivered
from vagus.course.facts import reporting_facts
from vagus.course.findings import course_findings, delivered_excesses
from vagus.course.forecast import forecast, scored
from vagus.course.personalize import personalize, recruited
from vagus.course.refusal import refusals
from vagus.course.results import Finding, Personal, Results
from vagus.course.tones import segment_tones
from vagus.errors import Abstained, DoseRefused, ModelRange
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
    tell = partial(_tell, say, "heartbeats and vagal tone", 0.02, 0.13)
    tones = segment_tones(course, rng=of_tone, findings=findings, say=tell)
    recruitment = _recruitment(course, device, of_fibers, partial(_tell, say, "which fibers fire", 0.15, 0.6), findings)
    say("brain and heart", 0.75)
    person = personalize(course, tones=tones)
    own = recruitment
    if recruitment is not None:
        own, person = recruited(recruitment, person)
    expected = _response(course, own, person, of_response, findings)
    say("scores and trials", 0.92)
    scores, changes = _scores(course, findings)
    given = delivered(course)
    evidence = outcome.evidence(indication=course.person.diagnosis, route=device.route)
    schedules = outcome.titrations(route=device.route, indication=course.person.diagnosis)
    items = dose.checklist(reporting_facts(course, device, given), arm=use.arm)
    used = [course.scales[key] for key in dict.fromkeys(score.instrument for score in scores)]
    contacts = dose.montage(device, use.site)
    ahead = forecast(course, rng=of_forecast, scores=scores)
    parts = (
        judgement, excesses, device, contacts, own, expected, tones, scores, changes, used, evidence, ahead, items,
        person, [row.cited for row in schedules],
    )  # fmt: skip
    say("done", 1.0)
    return Results(
        course=course,
        judgement=judgement,
        recruitment=own,
        unscaled=recruitment if own is not recruitment else None,
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
        personal=person,
        sources=sources_of(parts),
    )


def _tell(say: Progress, what: str, begin: float, span: float, share: float) -> None:
    say(what, begin + span * share)


def _recruitment(
    course: Course, device: dose.Device, rng: np.random.Generator, say: Callable[[float], None], findings: list[Finding]
) -> fiber.Recruitment | None:
    say(0.0)
    if course.device_use.why_untold:
        text = f"Fibers, brain and heart: nothing is predicted, since {course.device_use.why_untold}."
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
    person: Personal,
    rng: np.random.Generator,
    findings: list[Finding],
) -> response.Response | None:
    if recruitment is None:
        return None
    try:
        return response.respond(
            recruitment,
            course.protocol,
            species="human",
            rng=rng,
            rest_hr_bpm=person.rest_hr_bpm,
            breath_rate_per_min=person.breath_rate_per_min,
            measured=person.measured,
        )
    except (ModelRange, Abstained) as error:
        text = f"The response of brain and heart cannot be told: {error}"
        findings.append(Finding(level="note", kind="model", text=text))
        return None


def _scores(course: Course, findings: list[Finding]) -> tuple[tuple[outcome.Score, ...], tuple[outcome.Change, ...]]:
    of, scores = course.scales, scored(course)
    changes: list[outcome.Change] = []
    for key in dict.fromkeys(score.instrument for score in scores):
        try:
            changes.append(outcome.change([score for score in scores if score.instrument == key], of[key]))
        except Abstained as error:
            findings.append(Finding(level="note", kind="scores", text=f"{key}: change cannot be told: {error}"))
    return scores, tuple(changes)
