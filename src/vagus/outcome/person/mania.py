"""Watch for hypomania that comes with stimulation: notices on YMRS totals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from vagus.outcome.answers import Answers, Score, day, points
from vagus.outcome.instrument import Instrument, find_instrument
from vagus.outcome.person.conventions import conventions
from vagus.outcome.safety import WORST_FIRST, Level, Notice, notices

_ACT: dict[Level, str] = {
    "urgent": "A clinician has to see this person now for signs of mania, by the local protocol.",
    "review": "A clinician has to speak with this person about signs of hypomania, by the local protocol.",
    "not known": "Look at the filled form: the total is missing and may be high.",
}


def mania_notices(scores: Iterable[Score]) -> tuple[Notice, ...]:
    """Notices on YMRS totals that are high or have risen since the first; scores of other instruments are passed over.

    "review" from 13 points, or a rise of 12 over the first total; "urgent" from 20. The edges are conventions
    (table `person`, `verified = false`). Where answers are missing the least total counts; where only the greatest
    reaches an edge the notice is "not known".

    Examples
    --------
    >>> from datetime import date
    >>> from vagus.outcome import Answers, score
    >>> found = mania_notices([score(Answers(date=date(2026, 2, 2), instrument="ymrs", total=15))])
    >>> found[0].level, found[0].value
    ('review', 15.0)
    """
    ymrs = sorted((score for score in scores if score.instrument == "ymrs"), key=lambda score: score.date)
    start = next((score.total for score in ymrs if score.total is not None), None)
    found = [notice for score in ymrs if (notice := _notice(score, start, ymrs)) is not None]
    return _in_order(found)


def every_notice(
    answers: Iterable[Answers], scores: Iterable[Score], *, instruments: Mapping[str, Instrument] | None = None
) -> tuple[Notice, ...]:
    """Notices on answers (`notices`) and on YMRS totals (`mania_notices`) together, gravest and latest first.

    Parameters
    ----------
    answers : iterable of Answers
    scores : iterable of Score
        Of the same fillings.
    instruments : mapping of str to Instrument or None
        A lab's own, by key.

    Raises
    ------
    InputError
        Unknown instrument.

    Examples
    --------
    >>> from datetime import date
    >>> from vagus.outcome import Answers, score
    >>> told = [Answers(date=date(2026, 2, 2), instrument="ymrs", total=21),
    ...         Answers(date=date(2026, 2, 2), instrument="phq9", total=0)]
    >>> [(one.instrument, one.level) for one in every_notice(told, [score(one) for one in told])]
    [('ymrs', 'urgent')]
    """
    return _in_order([*notices(answers, instruments=instruments), *mania_notices(scores)])


def _in_order(found: Iterable[Notice]) -> tuple[Notice, ...]:
    return tuple(sorted(found, key=lambda notice: (WORST_FIRST.index(notice.level), -notice.date.toordinal())))


def _notice(score: Score, start: float | None, ymrs: list[Score]) -> Notice | None:
    least = score.total if score.total is not None else score.low
    most = score.total if score.total is not None else score.high
    if least is None or most is None:
        return None
    level = _level(least, start)
    if level is None and _level(most, start) is not None:
        level = "not known"
    if level is None:
        return None
    instrument = find_instrument("ymrs")
    much = points(least) if score.total is not None else f"{least:g} to {points(most)}"
    rise = f", {points(least - start)} more than the first" if start is not None and least > start else ""
    mark = conventions()["mania_total"].mark
    answered = f"{instrument.short} of {day(score.date)}: {much}{rise}; a sign of hypomania may be behind it{mark}."
    after = [f"{one.total:g} on {day(one.date)}" for one in ymrs if one.date > score.date and one.total is not None]
    later = f"Totals since then: {', '.join(after)}." if after else "No total since then."
    return Notice(
        level=level,
        instrument="ymrs",
        item=None,
        value=None if level == "not known" else least,
        date=score.date,
        dates=(score.date,),
        answered=answered,
        later=later,
        act=_ACT[level],
        text=f"{answered} {later} {_ACT[level]}",
    )


def _level(total: float, start: float | None) -> Level | None:
    known = conventions()
    if total >= known["mania_urgent"].value:
        return "urgent"
    risen = start is not None and total - start >= known["mania_rise"].value
    return "review" if risen or total >= known["mania_total"].value else None
