"""One filling of an instrument and its result."""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass
from typing import Literal

from vagus.errors import InputError, Problem
from vagus.outcome.instrument import Instrument, find_instrument
from vagus.outcome.rules import Part, bounds, hours_in_bed, missing, parts_of, total_of

Status = Literal["complete", "prorated", "settled", "total only", "not scorable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """One filling: item answers, or only a total.

    Parameters
    ----------
    date : date
    instrument : str
        Key of the instrument.
    items : tuple of float or None
        Answers in the order of the items, None where one is missing; None where only the total was kept.
    total : float or None
        Total as written down, on the scale of `Instrument.total_low` to `total_high` (WHO-5: 0 to 100).
    row : int or None
        Row of the file, for messages.

    Raises
    ------
    InputError
        Neither items nor total, or a number that is not finite.
    """

    date: datetime.date
    instrument: str
    items: tuple[float | None, ...] | None = None
    total: float | None = None
    row: int | None = None

    def __post_init__(self) -> None:
        if self.items is None and self.total is None:
            raise InputError(Problem(what="neither items nor a total", where=self.where))
        numbers = [*(self.items or ()), self.total]
        if any(number is not None and not math.isfinite(number) for number in numbers):
            raise InputError(
                Problem(what="not a finite number", where=self.where, allowed="whole numbers; empty where missing")
            )

    @property
    def where(self) -> str:
        """Row and instrument, for messages."""
        return f"row {self.row}, {self.instrument}" if self.row is not None else f"{self.instrument} of {self.date}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Result of one filling.

    Parameters
    ----------
    total : float or None
        Points on the instrument's scale; None where missing answers leave no total.
    low, high : float or None
        Range in which the total with all answers would lie; None where nothing is missing or only a total is known.
    band : str
        Label of the severity band, "not known" without a total.
    status : {"complete", "prorated", "settled", "total only", "not scorable"}
        "settled": answers are missing that cannot change the result (C-SSRS in its highest tier).
    n_missing : int
        Missing items; 0 where only a total is known.
    text : str
        The result as one plain sentence.
    parts : tuple of Part
        Subscales, or the components of the PSQI; empty where the instrument has none or only a total is known.
    """

    date: datetime.date
    instrument: str
    total: float | None
    low: float | None
    high: float | None
    band: str
    status: Status
    n_missing: int
    text: str
    parts: tuple[Part, ...] = ()


def points(value: float) -> str:
    """Number of points for people.

    Examples
    --------
    >>> points(1), points(-12.0)
    ('1 point', '-12 points')
    """
    return f"{value:g} point" if abs(value) == 1 else f"{value:g} points"


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day(when: datetime.date) -> str:
    """Date for people, the same in every locale; data fields keep the date itself.

    Examples
    --------
    >>> day(datetime.date(2025, 9, 29))
    '29 Sep 2025'
    """
    return f"{when.day} {_MONTHS[when.month - 1]} {when.year}"


def check_answers(answers: Answers, *, instrument: Instrument | None = None) -> tuple[Problem, ...]:
    """Everything that is wrong with a filling; empty where it can be scored.

    Parameters
    ----------
    answers : Answers
    instrument : Instrument or None
        A lab's own; None takes the package's by `answers.instrument`.

    Examples
    --------
    >>> from datetime import date
    >>> bad = Answers(date=date(2026, 1, 12), instrument="gad7", items=(0, 1, 4, 0, 0, 0, 0), row=3)
    >>> print(check_answers(bad)[0])
    row 3, gad7, item_3: answer out of range; found 4; allowed: 0 to 3
    """
    if instrument is None:
        try:
            instrument = find_instrument(answers.instrument)
        except InputError as error:
            problem = error.problems[0]
            return (Problem(what=problem.what, where=answers.where, found=problem.found, allowed=problem.allowed),)
    wrong: list[Problem] = []
    if answers.items is not None:
        wrong.extend(_wrong_items(answers.items, instrument, answers.where))
    if answers.total is not None and not wrong:
        wrong.extend(_wrong_total(answers, answers.total, instrument))
    return tuple(wrong)


def _wrong_items(items: tuple[float | None, ...], instrument: Instrument, where: str) -> list[Problem]:
    if len(items) != instrument.n_items:
        allowed = f"{instrument.n_items} items (empty where an answer is missing)"
        return [Problem(what="wrong number of items", where=where, found=str(len(items)), allowed=allowed)]
    wrong: list[Problem] = []
    for number, value in enumerate(items, start=1):
        if value is None:
            continue
        place, span = f"{where}, item_{number}", instrument.range_of(number)
        allowed = f"{span.low:g} to {span.high:g}"
        if not span.low <= value <= span.high:
            wrong.append(Problem(what="answer out of range", where=place, found=f"{value:g}", allowed=allowed))
        elif span.whole and value != int(value):
            found, whole = f"{value:g}", f"a whole number, {allowed}"
            wrong.append(Problem(what="answer is no whole number", where=place, found=found, allowed=whole))
    return wrong


def _wrong_total(answers: Answers, total: float, instrument: Instrument) -> list[Problem]:
    where = f"{answers.where}, total"
    allowed = f"{instrument.total_low:g} to {instrument.total_high:g}"
    step = instrument.step
    if instrument.rule == "tier" and answers.items is None:
        why = "a tier alone does not say which questions were answered with yes"
        return [Problem(what="no total without the answers", where=where, found=f"{total:g}", allowed="items", why=why)]
    if not instrument.total_low <= total <= instrument.total_high:
        return [Problem(what="total out of range", where=where, found=f"{total:g}", allowed=allowed)]
    # a step that is no whole number is written rounded: there is no grid to check
    if step.is_integer() and (total - instrument.total_low) % step != 0:
        what = f"total is no multiple of {step:g}" if step > 1 else "total is no whole number"
        why = f"the sum of the answers times {step:g}; a raw sum has to be multiplied first" if step > 1 else ""
        unit = f"multiples of {step:g}" if step > 1 else "whole numbers"
        return [Problem(what=what, where=where, found=f"{total:g}", allowed=f"{unit}, {allowed}", why=why)]
    if answers.items is not None:
        low, high = bounds(answers.items, instrument)
        slack = 0.0 if step.is_integer() else 0.5
        if not low - slack <= total <= high + slack:
            fits = f"{low:g}" if low == high else f"{low:g} to {high:g}"
            return [Problem(what="total does not fit the items", where=where, found=f"{total:g}", allowed=fits)]
    return []


def score(answers: Answers, instrument: Instrument | None = None) -> Score:
    """Total, band and range of one filling, by the instrument's rules.

    Parameters
    ----------
    answers : Answers
    instrument : Instrument or None
        A lab's own; None takes the package's by `answers.instrument`.

    Raises
    ------
    InputError
        Unknown instrument, wrong number of items, an answer or total that is out of range or no whole number, or a
        total that does not fit the items.

    Examples
    --------
    >>> from datetime import date
    >>> result = score(Answers(date=date(2026, 1, 12), instrument="phq9", items=(2, 2, 3, 2, 1, 2, 2, 1, 0)))
    >>> result.total, result.band, result.status
    (15.0, 'moderately severe', 'complete')
    """
    wrong = check_answers(answers, instrument=instrument)
    if wrong:
        raise InputError(wrong)
    instrument = instrument or find_instrument(answers.instrument)
    if answers.items is None:
        return _result(answers, instrument, total=answers.total, bounds=None, n_missing=0)
    n_missing = len(missing(answers.items, instrument))
    low, high = bounds(answers.items, instrument)
    total = total_of(answers.items, instrument)
    if n_missing and answers.total is not None:
        total = answers.total
    return _result(answers, instrument, total=total, bounds=(low, high) if n_missing else None, n_missing=n_missing)


def _result(
    answers: Answers,
    instrument: Instrument,
    *,
    total: float | None,
    bounds: tuple[float, float] | None,
    n_missing: int,
) -> Score:
    status: Status = "complete"
    if answers.items is None or (n_missing and answers.total is not None):
        status = "total only"
    elif total is None:
        status = "not scorable"
    elif n_missing:
        status = "settled" if instrument.rule == "tier" else "prorated"
    low, high = bounds if bounds else (None, None)
    return Score(
        date=answers.date,
        instrument=instrument.key,
        total=None if total is None else float(total),
        low=None if low is None else float(low),
        high=None if high is None else float(high),
        band="not known" if total is None else instrument.band_of(total),
        status=status,
        n_missing=n_missing,
        text=_sentence(answers, instrument, total=total, bounds=bounds, status=status, n_missing=n_missing),
        parts=parts_of(answers.items, instrument) if answers.items is not None else (),
    )


def _sentence(
    answers: Answers,
    instrument: Instrument,
    *,
    total: float | None,
    bounds: tuple[float, float] | None,
    status: Status,
    n_missing: int,
) -> str:
    head = f"{instrument.short} of {day(answers.date)}: "
    missing_text = f"{n_missing} of {instrument.n_items} answers missing"
    between = f"between {bounds[0]:g} and {points(bounds[1])}" if bounds else ""
    if bounds and bounds[0] == bounds[1]:
        between = f"at {points(bounds[1])} as well"
    if total is None:
        if bounds is None:  # nothing missing and no total cannot come together
            return f"{head}no total."
        either = {instrument.band_of(bounds[0]), instrument.band_of(bounds[1])}
        sure = f" ({either.pop()} in any case)" if len(either) == 1 else ""
        return f"{head}no total, {missing_text}; with all answers it would lie {between}{sure}."
    sense = "higher is worse" if instrument.better < 0 else "higher is better"
    span = f"{instrument.total_low:g} to {instrument.total_high:g}, {sense}"
    much = f"tier {total:g}" if instrument.rule == "tier" else points(round(total, 1))
    text = f"{head}{much} ({span}), {instrument.band_of(total)}"
    if status == "total only":
        text += "; given as a total" + (f", {missing_text}" if n_missing else ", single answers not known")
    elif status == "settled":
        text += f"; {missing_text}, which cannot change it"
    elif status == "prorated" and instrument.missing.kind.startswith("prorate"):
        text += f"; prorated from the other answers, {missing_text}; with all answers it would lie {between}"
    elif status == "prorated":
        text += (
            f"; from the highest answer given in each domain, {missing_text}; with all answers it would lie {between}"
        )
    return text + _more_sleep_than_bed(answers, instrument) + "."


def _more_sleep_than_bed(answers: Answers, instrument: Instrument) -> str:
    if instrument.rule != "psqi" or answers.items is None:
        return ""
    bed_h, _, rise_h, slept_h, *_ = answers.items
    if bed_h is None or rise_h is None or slept_h is None or slept_h <= hours_in_bed(bed_h, rise_h):
        return ""
    lain = f"{hours_in_bed(bed_h, rise_h):g}"
    return f"; more hours of sleep ({slept_h:g}) than in bed ({lain}), efficiency taken as 100 %"
