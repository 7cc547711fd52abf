"""How one person's scores moved from the first to the last filling."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from vagus.errors import Abstained, InputError, Problem
from vagus.outcome.answers import Score, day, points
from vagus.outcome.instrument import Instrument, find_instrument
from vagus.source import Known, Source

Reliable = Literal["improved", "no reliable change", "deteriorated", "uncertain"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """First against last score of one instrument.

    Parameters
    ----------
    first, last : Score
        What the change is measured against (the earliest filling that has a total, or the latest one up to the begin of
        treatment), and the latest filling that has one.
    change : float
        Points, last minus first.
    change_pct : float or None
        Percent of the first total; None where that is 0.
    response, remission : bool or None
        By the instrument's definition; None where it has none or it cannot be told: for response a first total of 0
        where the definition is in percent, for remission a first total that was already in the range and stayed there.
    response_at : float or None
        Total at which response begins, a step of the scale; None where no total of the scale is a response.
    reliable : str or None
        "improved", "deteriorated", "no reliable change", or "uncertain" where published coefficients disagree; None
        where no size of a reliable change is known here.
    reliable_at : Known or None
        Points from which a change is reliable; low and high are what the published coefficients give.
    reliable_text : str
        That size in words, or why none is known.
    mcid : Known or None
        Points of improvement that people notice on average (minimal clinically important difference).
    mcid_met : bool or None
        Improvement of at least `mcid`; None where no such number is known.
    text : str
        The same in plain words; names no cause.
    """

    instrument: str
    first: Score
    last: Score
    change: float
    change_pct: float | None
    response: bool | None
    response_at: float | None
    remission: bool | None
    reliable: Reliable | None
    reliable_at: Known | None
    reliable_text: str
    mcid: Known | None
    mcid_met: bool | None
    text: str

    @property
    def reliable_low(self) -> float | None:
        """Points below which no published coefficient makes a change reliable."""
        return self.reliable_at.low if self.reliable_at else None

    @property
    def reliable_high(self) -> float | None:
        """Points from which every published coefficient makes a change reliable."""
        return self.reliable_at.high if self.reliable_at else None


def change(
    scores: Sequence[Score], instrument: Instrument | None = None, *, start: datetime.date | None = None
) -> Change:
    """First against last total of one instrument: response, remission, reliable change, noticed difference.

    A change is reliable from `Change.reliable_high` points on, and uncertain from `reliable_low` on.

    Parameters
    ----------
    scores : sequence of Score
        Of one instrument, in any order; those without a total are left out, and the text says so.
    instrument : Instrument or None
        A lab's own; None takes the package's.
    start : date or None
        Begin of treatment: the latest total up to then is the first. None takes the earliest.

    Raises
    ------
    InputError
        No scores, several instruments, or two scores of one date.
    Abstained
        Fewer than two scores have a total, none of them up to `start`, or none after that one.

    Examples
    --------
    >>> from datetime import date
    >>> from vagus.outcome import Answers, score
    >>> found = change([score(Answers(date=date(2026, 1, 12), instrument="phq9", total=18)),
    ...                 score(Answers(date=date(2026, 3, 9), instrument="phq9", total=8))])
    >>> found.change, round(found.change_pct), found.response, found.remission, found.reliable
    (-10.0, -56, True, False, 'improved')
    """
    keys = sorted({score.instrument for score in scores})
    if len(keys) != 1:
        found = ", ".join(keys) or "none"
        raise InputError(Problem(what="change needs scores of one instrument", found=found, allowed="one instrument"))
    dates = [score.date for score in scores]
    twice = sorted({day for day in dates if dates.count(day) > 1})
    if twice:
        found = ", ".join(str(day) for day in twice)
        raise InputError(Problem(what="two scores of one date", where=keys[0], found=found, allowed="one a date"))
    instrument = instrument or find_instrument(keys[0])
    usable = sorted((score for score in scores if score.total is not None), key=lambda score: score.date)
    if len(usable) < 2:
        raise Abstained(f"{instrument.short}: {len(usable)} of {len(scores)} fillings with a total; a change needs two")
    since = since_reference(usable, instrument, start=start)
    if len(since) < 2:
        raise Abstained(f"{instrument.short}: no total after the one of {since[0].date}; a change needs two")
    return _between(since[0], since[-1], instrument, n_left_out=len(scores) - len(usable))


def since_reference(usable: Sequence[Score], instrument: Instrument, *, start: datetime.date | None) -> Sequence[Score]:
    """Totals by date from the one on that the others are measured against: the latest up to `start`, else the first.

    Raises
    ------
    Abstained
        No total up to `start`.
    """
    before = [score for score in usable if start is None or score.date <= start]
    if usable and not before:
        raise Abstained(f"{instrument.short}: no total up to the start {start}; the first is of {usable[0].date}")
    return usable if start is None else usable[len(before) - 1 :]


def _between(first: Score, last: Score, instrument: Instrument, *, n_left_out: int) -> Change:
    start, end = first.total or 0.0, last.total or 0.0
    moved = end - start
    better = instrument.better * moved
    at = instrument.reliability.known if instrument.reliability else None
    unknown = instrument.reliability_note or "No reliability is known: a reliable change cannot be told."
    result = Change(
        instrument=instrument.key,
        first=first,
        last=last,
        change=moved,
        change_pct=100 * moved / start if start else None,
        response=is_response(start, end, instrument),
        response_at=instrument.response_total(start),
        remission=_remission(start, end, instrument),
        reliable=reliable_change(better, instrument),
        reliable_at=at,
        reliable_text=instrument.reliability.text if instrument.reliability else unknown,
        mcid=instrument.mcid,
        mcid_met=None if instrument.mcid is None else better >= instrument.mcid.value,
        text="",
    )
    # the sentence is written from the finished numbers, so that it cannot say anything else
    return replace(result, text=_sentence(result, instrument, n_left_out))


def is_response(start: float, end: float, instrument: Instrument) -> bool | None:
    """Whether `end` is a response after a first total `start`; None where the instrument cannot tell."""
    rule, better = instrument.response, instrument.better * (end - start)
    if rule is None:
        return None
    if rule.kind == "total":
        return instrument.better * (end - rule.amount) >= 0
    if rule.kind == "pct":
        if start == 0:
            return None
        better = 100 * better / start
    return better > rule.amount if rule.above else better >= rule.amount


def reliable_change(better: float, instrument: Instrument) -> Reliable | None:
    """What an improvement of `better` points is worth; None where no size of a reliable change is known."""
    if instrument.reliability is None:
        return None
    at = instrument.reliability.known
    low, high = at.low or at.value, at.high or at.value
    if abs(better) < low:
        return "no reliable change"
    if abs(better) < high:
        return "uncertain"
    return "improved" if better > 0 else "deteriorated"


def in_remission(total: float, instrument: Instrument) -> bool | None:
    """Whether a total counts as remission; None where the instrument has no definition."""
    rule = instrument.remission
    return None if rule is None else rule.low <= total <= rule.high


def _remission(start: float, end: float, instrument: Instrument) -> bool | None:
    inside = in_remission(end, instrument)
    return None if inside and in_remission(start, instrument) else inside


def _mark(source: Source) -> str:
    return "" if source.verified else " [unverified]"


def _answer(value: bool | None, unknown: str) -> str:
    return unknown if value is None else ("yes" if value else "no")


def _sentence(result: Change, instrument: Instrument, n_left_out: int) -> str:
    first, last = result.first, result.last
    word = "no change" if result.change == 0 else f"{points(abs(result.change))} {_sense(result.change, instrument)}"
    share = "" if result.change_pct is None else f" ({result.change_pct:+.0f} %)"
    parts = [
        f"{instrument.short} went from {points(first.total or 0)} ({day(first.date)}, {first.band}) to "
        f"{points(last.total or 0)} ({day(last.date)}, {last.band}): {word}{share}.",
        _response_text(result, instrument),
        _remission_text(result, instrument),
        _reliable_text(result),
    ]
    if result.mcid is not None:
        reached = "reached" if result.mcid_met else "not reached"
        parts.append(
            f"Improvement that people notice on average ({points(result.mcid.value)}"
            f"{_mark(result.mcid.source)}): {reached}."
        )
    if "prorated" in {first.status, last.status}:
        parts.append("At least one of the two totals has missing answers.")
    if n_left_out:
        parts.append(f"Left out for want of a total: {n_left_out}.")
    parts.append("Scores alone do not show what caused a change.")
    return " ".join(part for part in parts if part)


def _sense(moved: float, instrument: Instrument) -> str:
    height = "lower" if moved < 0 else "higher"
    return f"{height}, {'better' if moved * instrument.better > 0 else 'worse'}"


def _response_text(result: Change, instrument: Instrument) -> str:
    rule = instrument.response
    if rule is None:
        return "No definition of response is known."
    turn = "fall" if instrument.better < 0 else "rise"
    amount = f"{rule.amount:g} %" if rule.kind == "pct" else points(rule.amount)
    definition = f"{turn} of {'more than' if rule.above else 'at least'} {amount}"
    answer = _answer(result.response, "cannot be told, the first total is 0")
    side = "or less" if instrument.better < 0 else "or more"
    if rule.kind == "total":
        return f"Response ({points(rule.amount)} {side}{_mark(rule.source)}): {answer}."
    here = "" if result.response_at is None else f"; here {points(result.response_at)} {side}"
    return f"Response ({definition}{_mark(rule.source)}{here}): {answer}."


def _remission_text(result: Change, instrument: Instrument) -> str:
    rule = instrument.remission
    if rule is None:
        return "No definition of remission is known."
    label = rule.label[0].upper() + rule.label[1:]
    answer = _answer(result.remission, "cannot be told, the first total was in this range already")
    return f"{label} ({rule.low:g} to {points(rule.high)}{_mark(rule.source)}): {answer}."


def _reliable_text(result: Change) -> str:
    if result.reliable is None:
        return result.reliable_text
    text = f"Reliable change ({result.reliable_text}): {result.reliable}"
    if result.reliable == "uncertain":
        text += f", {points(abs(result.change))} {'lie' if abs(result.change) != 1 else 'lies'} between"
    return f"{text}."
