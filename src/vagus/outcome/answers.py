"""One filling of an instrument and its result."""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass
from typing import Literal

from vagus.errors import InputError, Problem
from vagus.outcome.instrument import Domain, Instrument, find_instrument

Status = Literal["complete", "prorated", "total only", "not scorable"]


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
    status : {"complete", "prorated", "total only", "not scorable"}
    n_missing : int
        Missing items; 0 where only a total is known.
    text : str
        The result as one plain sentence.
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
    allowed = f"{instrument.item_low:g} to {instrument.item_high:g}"
    for number, value in enumerate(items, start=1):
        if value is None:
            continue
        place = f"{where}, item_{number}"
        if not instrument.item_low <= value <= instrument.item_high:
            wrong.append(Problem(what="answer out of range", where=place, found=f"{value:g}", allowed=allowed))
        elif value != int(value):
            found, whole = f"{value:g}", f"a whole number, {allowed}"
            wrong.append(Problem(what="answer is no whole number", where=place, found=found, allowed=whole))
    return wrong


def _wrong_total(answers: Answers, total: float, instrument: Instrument) -> list[Problem]:
    where = f"{answers.where}, total"
    allowed = f"{instrument.total_low:g} to {instrument.total_high:g}"
    step = instrument.step
    if not instrument.total_low <= total <= instrument.total_high:
        return [Problem(what="total out of range", where=where, found=f"{total:g}", allowed=allowed)]
    if total % step != 0:
        what = "total is no multiple of 4" if step > 1 else "total is no whole number"
        why = "the sum of the answers times 4; a raw sum has to be multiplied by 4 first" if step > 1 else ""
        unit = "multiples of 4" if step > 1 else "whole numbers"
        return [Problem(what=what, where=where, found=f"{total:g}", allowed=f"{unit}, {allowed}", why=why)]
    if answers.items is not None:
        low, high, _ = _range(answers.items, instrument)
        if not low <= total <= high:
            fits = f"{low:g}" if low == high else f"{low:g} to {high:g}"
            return [Problem(what="total does not fit the items", where=where, found=f"{total:g}", allowed=fits)]
    return []


def _range(items: tuple[float | None, ...], instrument: Instrument) -> tuple[float, float, int]:
    """Least and largest total that the given answers leave open, and how many answers are missing."""
    if instrument.rule == "qids":
        parts = [_domain_range(items, domain, instrument) for domain in instrument.domains]
        return sum(p[0] for p in parts), sum(p[1] for p in parts), sum(p[2] for p in parts)
    factor = instrument.step
    n_missing = sum(item is None for item in items)
    low = sum(instrument.item_low if item is None else item for item in items)
    return factor * low, factor * (low + n_missing * (instrument.item_high - instrument.item_low)), n_missing


def _domain_range(items: tuple[float | None, ...], domain: Domain, instrument: Instrument) -> tuple[float, float, int]:
    given = {number: items[number - 1] for number in domain.items}
    answered = {number for number, value in given.items() if value is not None}
    # of "eats less" and "eats more" one is answered: the other one is then no missing answer
    spared = {number for pair in domain.either if answered.intersection(pair) for number in pair}
    n_missing = len(set(given) - answered - spared)
    low = max((value for value in given.values() if value is not None), default=instrument.item_low)
    return low, instrument.item_high if n_missing else low, n_missing


def _total(items: tuple[float | None, ...], instrument: Instrument, n_missing: int) -> float | None:
    """Total by the instrument's missing-item rule, None where it gives none."""
    given = [item for item in items if item is not None]
    if n_missing == 0:
        return _range(items, instrument)[0]
    if instrument.missing.kind == "prorate" and n_missing <= instrument.missing.n_max:
        # halves up: the cautious side where higher is worse, and the same on every machine (round() goes to even)
        return float(math.floor(sum(given) / len(given) * instrument.n_items + 0.5))
    if instrument.missing.kind == "domains":
        answered = all(any(items[number - 1] is not None for number in d.items) for d in instrument.domains)
        return _range(items, instrument)[0] if answered else None
    return None


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
    low, high, n_missing = _range(answers.items, instrument)
    total = _total(answers.items, instrument, n_missing)
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
        status = "prorated"
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
    missing = f"{n_missing} of {instrument.n_items} answers missing"
    between = f"between {bounds[0]:g} and {points(bounds[1])}" if bounds else ""
    if bounds and bounds[0] == bounds[1]:
        between = f"at {points(bounds[1])} as well"
    if total is None:
        if bounds is None:  # nothing missing and no total cannot come together
            return f"{head}no total."
        either = {instrument.band_of(bounds[0]), instrument.band_of(bounds[1])}
        sure = f" ({either.pop()} in any case)" if len(either) == 1 else ""
        return f"{head}no total, {missing}; with all answers it would lie {between}{sure}."
    sense = "higher is worse" if instrument.better < 0 else "higher is better"
    span = f"{instrument.total_low:g} to {instrument.total_high:g}, {sense}"
    text = f"{head}{points(total)} ({span}), {instrument.band_of(total)}"
    if status == "total only":
        text += "; given as a total" + (f", {missing}" if n_missing else ", single answers not known")
    elif status == "prorated" and instrument.missing.kind == "prorate":
        text += f"; prorated from the other answers, {missing}; with all answers it would lie {between}"
    elif status == "prorated":
        text += f"; from the highest answer given in each domain, {missing}; with all answers it would lie {between}"
    return text + "."
