"""Milestones of one person: response, partial response, remission, sustained response, time to response, relapse."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from vagus.errors import Abstained, InputError, Problem
from vagus.outcome.answers import Score, day, points
from vagus.outcome.change import Reliable, in_remission, is_response, reliable_change, since_reference
from vagus.outcome.instrument import Instrument, find_instrument
from vagus.outcome.person.conventions import conventions

State = Literal["remission", "response", "partial response", "no response", "not known"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One filling against the first.

    Parameters
    ----------
    day_number : int
        Days since the first.
    total : float
    improvement_pct : float or None
        Percent of the first total, to the better; None where that is 0.
    state : {"remission", "response", "partial response", "no response", "not known"}
        The best that holds; "not known" where the instrument has no definition of response.
    reliable : str or None
        Reliable change against the first, as in `Change.reliable`.
    """

    date: datetime.date
    day_number: int
    total: float
    improvement_pct: float | None
    state: State
    reliable: Reliable | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Between:
    """When something happened: after one visit and by the next; between visits nobody looked.

    Parameters
    ----------
    after_days, by_days : int
        Days from the first visit to the last one without it, and to the first one with it.
    """

    after_days: int
    by_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Milestones of one instrument in one person.

    Parameters
    ----------
    start : Score
        What every visit is measured against.
    visits : tuple of Visit
        After the start, by date.
    response, remission : Between or None
        First time; None where it was not reached.
    sustained_response, sustained_remission : bool or None
        At every visit over at least three weeks, without a gap of more than nine weeks. None where it was reached
        and the visits since then do not go far enough to tell.
    relapse : Between or None
        First time after a response that it was lost and the total was reliably worse than the best since. Where no
        size of a reliable change is known: improvement below that of a partial response.
    deteriorated : tuple of date
        Visits reliably worse than the start.
    n_left_out : int
        Fillings without a total.
    text : str
        The same in plain words; names no cause.
    """

    instrument: str
    start: Score
    visits: tuple[Visit, ...]
    response: Between | None
    remission: Between | None
    sustained_response: bool | None
    sustained_remission: bool | None
    relapse: Between | None
    deteriorated: tuple[datetime.date, ...]
    n_left_out: int
    text: str


def progress(
    scores: Sequence[Score], instrument: Instrument | None = None, *, start: datetime.date | None = None
) -> Progress:
    """Response, remission, whether they lasted, when they came, and relapse, over all visits of one instrument.

    Response and remission are the instrument's own definitions; partial response (25 %), three weeks of sustained
    response (Rush 2006, doi:10.1038/sj.npp.1301131) and the longest gap between visits stand in the table `person`.

    Parameters
    ----------
    scores : sequence of Score
        Of one instrument, in any order.
    instrument : Instrument or None
        A lab's own; None takes the package's.
    start : date or None
        Begin of treatment: the latest total up to then is the one that visits are measured against. None takes the
        first total.

    Raises
    ------
    InputError
        Several instruments, or two scores of one date.
    Abstained
        No total up to `start`, or no visit with a total after the first.

    Examples
    --------
    >>> from datetime import date
    >>> from vagus.outcome import Answers, score
    >>> totals = {date(2026, 1, 5): 20, date(2026, 2, 2): 14, date(2026, 3, 2): 9, date(2026, 3, 30): 8}
    >>> found = progress([score(Answers(date=d, instrument="phq9", total=t)) for d, t in totals.items()])
    >>> [visit.state for visit in found.visits], found.response, found.sustained_response
    (['partial response', 'response', 'response'], Between(after_days=28, by_days=56), True)
    """
    keys = sorted({score.instrument for score in scores})
    if len(keys) != 1:
        found = ", ".join(keys) or "none"
        raise InputError(Problem(what="progress needs scores of one instrument", found=found, allowed="one instrument"))
    if len({score.date for score in scores}) < len(scores):
        raise InputError(Problem(what="two scores of one date", where=keys[0], allowed="one a date"))
    instrument = instrument or find_instrument(keys[0])
    usable = sorted((score for score in scores if score.total is not None), key=lambda score: score.date)
    since = since_reference(usable, instrument, start=start)
    if len(since) < 2:
        raise Abstained(f"{instrument.short}: progress needs a first total and one after it")
    first, *after = since
    visits = tuple(_visit(first, score, instrument) for score in after)
    return _told(first, visits, instrument, n_left_out=len(scores) - len(usable))


def _visit(first: Score, score: Score, instrument: Instrument) -> Visit:
    start, end = first.total or 0.0, score.total or 0.0
    better = instrument.better * (end - start)
    pct = 100 * better / start if start else None
    return Visit(
        date=score.date,
        day_number=(score.date - first.date).days,
        total=end,
        improvement_pct=pct,
        state=_state(start, end, pct, instrument),
        reliable=reliable_change(better, instrument),
    )


def _state(start: float, end: float, pct: float | None, instrument: Instrument) -> State:
    responded = is_response(start, end, instrument)
    if in_remission(end, instrument) and not in_remission(start, instrument):
        return "remission"
    if responded is None:
        return "not known"
    if responded:
        return "response"
    by_pct = instrument.response is not None and instrument.response.kind == "pct"
    partial = by_pct and pct is not None and pct >= conventions()["partial_response"].value
    return "partial response" if partial else "no response"


def _told(first: Score, visits: tuple[Visit, ...], instrument: Instrument, *, n_left_out: int) -> Progress:
    start = first.total or 0.0

    def responds(visit: Visit) -> bool:
        return bool(is_response(start, visit.total, instrument))

    def remits(visit: Visit) -> bool:
        return bool(in_remission(visit.total, instrument)) and not in_remission(start, instrument)

    result = Progress(
        instrument=instrument.key,
        start=first,
        visits=visits,
        response=_first(visits, responds),
        remission=_first(visits, remits),
        sustained_response=_sustained(visits, responds),
        sustained_remission=_sustained(visits, remits),
        relapse=_relapse(visits, responds, instrument),
        deteriorated=tuple(visit.date for visit in visits if visit.reliable == "deteriorated"),
        n_left_out=n_left_out,
        text="",
    )
    return replace(result, text=_sentence(result, instrument))


def _first(visits: Sequence[Visit], holds: Callable[[Visit], bool], *, since: int = 0) -> Between | None:
    after = since
    for visit in visits:
        if holds(visit):
            return Between(after_days=after, by_days=visit.day_number)
        after = visit.day_number
    return None


def _sustained(visits: Sequence[Visit], holds: Callable[[Visit], bool]) -> bool | None:
    """True where a run of visits lasts long enough; None where the last run was cut off by the end of the visits."""
    long_days, gap_days = conventions()["sustained"].value, conventions()["visit_gap"].value
    begun: int | None = visits[0].day_number if holds(visits[0]) else None
    for before, visit in pairwise(visits):
        if not holds(visit):
            begun = None
        elif begun is None or visit.day_number - before.day_number > gap_days:
            begun = visit.day_number
        elif visit.day_number - begun >= long_days:
            return True
    return None if begun is not None else False


def _relapse(visits: Sequence[Visit], responds: Callable[[Visit], bool], instrument: Instrument) -> Between | None:
    came = next((k for k, visit in enumerate(visits) if responds(visit)), None)
    if came is None:
        return None
    best = visits[came].total

    def relapsed(visit: Visit) -> bool:
        nonlocal best
        best = max(best, visit.total, key=lambda total: instrument.better * total)
        if responds(visit):
            return False
        reliable = reliable_change(instrument.better * (visit.total - best), instrument)
        if reliable is not None:
            return reliable == "deteriorated"
        by_pct = instrument.response is not None and instrument.response.kind == "pct"
        return by_pct and (visit.improvement_pct or 0.0) < conventions()["partial_response"].value

    return _first(visits[came + 1 :], relapsed, since=visits[came].day_number)


def _sentence(result: Progress, instrument: Instrument) -> str:
    known = conventions()
    parts = [
        f"{instrument.short}, against {points(result.start.total or 0)} of {day(result.start.date)}, "
        f"{len(result.visits)} later total{'' if len(result.visits) == 1 else 's'}:"
    ]
    mark = known["sustained"].mark
    span = f"at every visit over {known['sustained'].value:g} days or more{mark}"
    milestones = (
        ("response", instrument.response, result.response, result.sustained_response),
        ("remission", instrument.remission, result.remission, result.sustained_remission),
    )
    for word, rule, came, lasted in milestones:
        if rule is None:
            parts.append(f"no definition of {word} is known;")
        elif came is None:
            parts.append(f"no {word};")
        else:
            sure = {True: "sustained", False: "not sustained", None: "whether sustained cannot be told yet"}[lasted]
            parts.append(f"{word} between day {came.after_days} and day {came.by_days}, {sure} ({span});")
    if result.response is None and any(visit.state == "partial response" for visit in result.visits):
        edge = known["partial_response"]
        parts.append(f"partial response (fall of {edge.value:g} % or more{edge.mark}) at times;")
    if result.relapse is not None:
        parts.append(f"relapse between day {result.relapse.after_days} and day {result.relapse.by_days};")
    if result.deteriorated:
        parts.append(f"reliably worse than at the start on {', '.join(map(day, result.deteriorated))};")
    if result.n_left_out:
        parts.append(f"left out for want of a total: {result.n_left_out};")
    return " ".join(parts).rstrip(";") + ". Scores alone do not show what caused a change."
