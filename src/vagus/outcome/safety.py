"""Notices on suicidality items (and a few others that call for a person), which a caller cannot miss.

They tell what was answered, when, and that a person has to act by the local protocol. They never speak of changing a
treatment.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from vagus.outcome.answers import Answers, day
from vagus.outcome.instrument import Instrument, find_instrument
from vagus.outcome.parts import SafetyItem
from vagus.outcome.rules import spared

Level = Literal["urgent", "review", "not known"]
WORST_FIRST: tuple[Level, ...] = ("urgent", "review", "not known")
_ACT: dict[Level, str] = {
    "urgent": "A clinician has to speak with this person now, by the local protocol for suicide risk; "
    "in danger, call the local emergency service.",
    "review": "A clinician has to look at this and speak with the person, by the local protocol for suicide risk.",
    "not known": "Look at the filled form or ask the person, by the local protocol for suicide risk.",
}
_ACT_ELSE = {
    "risk-taking": "A clinician has to look at this and speak with the person; ask about suicide as well.",
    "driving": "A clinician has to speak with this person about driving and work with machines.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something that a person has to look at now.

    Parameters
    ----------
    level : {"urgent", "review", "not known"}
    instrument : str
    item : int or None
        Number of the item.
    value : float or None
        Answer given (or the least that the total leaves possible); None where it is not known.
    date : date
        Date of the filling; the latest one for "not known".
    dates : tuple of date
        Dates of all fillings that it is about, by date: more than one only for "not known".
    answered : str
        What was answered and when, a sentence.
    later : str
        Answers to the same item since then, however they turned out; a later 0 takes nothing back. "" for "not known"
        without a later answer.
    act : str
        What to do; the same for every notice of a level.
    text : str
        All three.
    """

    level: Level
    instrument: str
    item: int | None
    value: float | None
    date: datetime.date
    dates: tuple[datetime.date, ...]
    answered: str
    later: str
    act: str
    text: str


def notices(answers: Iterable[Answers], *, instruments: Mapping[str, Instrument] | None = None) -> tuple[Notice, ...]:
    """Notices on every safety item from its tier on, and on every suicidality item not known; gravest and latest first.

    Each filling with an answer over 0 has its own notice; fillings whose item is not known share one an instrument.
    A total alone still tells something: 0 means that the item was 0, and a total that the other items cannot reach
    means that it was not.

    Parameters
    ----------
    answers : iterable of Answers
    instruments : mapping of str to Instrument or None
        A lab's own, by key; others are the package's.

    Raises
    ------
    InputError
        Unknown instrument.

    Examples
    --------
    >>> from datetime import date
    >>> found = notices([Answers(date=date(2026, 2, 2), instrument="phq9", items=(1, 1, 1, 1, 1, 1, 1, 1, 2))])
    >>> found[0].level, found[0].item, found[0].value
    ('urgent', 9, 2)
    """
    found: list[Notice] = []
    known = instruments or {}
    given: dict[str, list[Answers]] = {}
    for filling in answers:
        given.setdefault(filling.instrument, []).append(filling)
    for key, fillings in given.items():
        instrument = known.get(key) or find_instrument(key)
        fillings.sort(key=lambda filling: filling.date)
        for part in instrument.safety:
            found.extend(_on_item([(one, *_value(one, instrument, part)) for one in fillings], instrument, part))
    return tuple(sorted(found, key=lambda notice: (WORST_FIRST.index(notice.level), -notice.date.toordinal())))


_Told = tuple[Answers, float | None, bool]


def _on_item(told: list[_Told], instrument: Instrument, part: SafetyItem) -> list[Notice]:
    """Notices on one item; `told`: each filling by date, the answer, and whether it was given or follows."""
    found: list[Notice] = []
    for filling, value, exact in told:
        if value is not None and value >= part.review_from:
            after = [one for one in told if one[0].date > filling.date]
            found.append(_answered(filling, instrument, part, value, exact=exact, later=_later(after)))
    silent = [filling for filling, value, _ in told if value is None and part.about == "suicide"]
    if silent:
        after = [one for one in told if one[0].date > silent[-1].date]
        found.append(_not_known(silent, instrument, part, later=_later(after) if after else ""))
    return found


def _later(told: list[_Told]) -> str:
    """Later answers to the same item, runs of one answer together; a later 0 takes nothing back."""
    if not told:
        return "No answer since then."
    runs: list[tuple[str, list[datetime.date]]] = []
    for filling, value, exact in told:
        word = "not known" if value is None else f"{value:g}" if exact or value == 0 else f"at least {value:g}"
        if not runs or runs[-1][0] != word:
            runs.append((word, []))
        runs[-1][1].append(filling.date)
    text = f"Answers since then: {'; '.join(f'{word} {_when(days)}' for word, days in runs)}."
    if any(value == 0 for _, value, _ in told):
        text += " A later 0 does not replace speaking with the person."
    return text


def _when(days: list[datetime.date]) -> str:
    if len(days) > 3:
        return f"on each of {len(days)} dates from {day(days[0])} to {day(days[-1])}"
    return "on " + " and ".join(filter(None, (", ".join(map(day, days[:-1])), day(days[-1]))))


def _value(filling: Answers, instrument: Instrument, part: SafetyItem) -> tuple[float | None, bool]:
    """Answer to the item and whether it was given (True) or follows from the total (False)."""
    if filling.items is not None and len(filling.items) >= part.item:
        given = filling.items[part.item - 1]
        if given is not None:
            return given, True
        if len(filling.items) == instrument.n_items and part.item in spared(filling.items, instrument):
            return instrument.range_of(part.item).low, False  # not asked, because an earlier answer was no
    if filling.total is None or instrument.rule not in {"sum", "domains"}:
        return None, False
    if filling.total == instrument.total_low:
        return instrument.range_of(part.item).low, False
    least = filling.total - (instrument.total_high - instrument.range_of(part.item).high)
    return (least, False) if least >= part.review_from else (None, False)


def _name(instrument: Instrument, part: SafetyItem) -> str:
    return f"{instrument.short} item {part.item}"


def _answered(
    filling: Answers, instrument: Instrument, part: SafetyItem, value: float, *, exact: bool, later: str
) -> Notice:
    level: Level = "urgent" if value >= part.urgent_from else "review"
    own = instrument.range_of(part.item)
    span, act = f"{own.low:g} to {own.high:g}", _ACT_ELSE.get(part.about, _ACT[level])
    if exact:
        what = f"{_name(instrument, part)} ({part.topic}): answer {value:g} of {span} on {day(filling.date)}."
    else:
        what = (
            f"{_name(instrument, part)} ({part.topic}): at least {value:g} of {span} on {day(filling.date)}, "
            f"since a total of {filling.total:g} cannot be reached without it."
        )
    return Notice(
        level=level,
        instrument=instrument.key,
        item=part.item,
        value=value,
        date=filling.date,
        dates=(filling.date,),
        answered=what,
        later=later,
        act=act,
        text=f"{what} {later} {act}",
    )


def _not_known(fillings: list[Answers], instrument: Instrument, part: SafetyItem, *, later: str) -> Notice:
    days = [filling.date for filling in fillings]
    when = f"on {day(days[0])}" if len(days) == 1 else f"on {len(days)} dates from {day(days[0])} to {day(days[-1])}"
    n_total = sum(filling.items is None for filling in fillings)
    why = "only the total was given" if n_total == len(fillings) else "the answer is missing"
    if 0 < n_total < len(fillings):
        why = "only the total was given, or the answer is missing,"
    what = f"{_name(instrument, part)} not known ({part.topic}): {why} {when}."
    act = _ACT["not known"]
    return Notice(
        level="not known",
        instrument=instrument.key,
        item=part.item,
        value=None,
        date=days[-1],
        dates=tuple(days),
        answered=what,
        later=later,
        act=act,
        text=" ".join(part for part in (what, later, act) if part),
    )
