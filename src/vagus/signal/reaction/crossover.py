"""Active against sham in the same persons: difference of differences, and the order they came in."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy.special import stdtrit

from vagus.errors import InputError, Problem, nearest
from vagus.signal.known import value
from vagus.signal.reaction.change import CONTRASTS, UNITS, Reactivity, difference
from vagus.source import Effect

LEVEL = 0.95
Order = Literal["active first", "sham first", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonDifference:
    """How much further an index moved with active than with sham stimulation in one person.

    Parameters
    ----------
    person : str
    order : "active first", "sham first" or "unknown"
    active, sham : Effect or None
        Change under each condition, the mean where there were several recordings.
    effect : Effect or None
        Active minus sham; None where it is withheld.
    withheld : str
        Why, "" where it is not.
    """

    person: str
    order: Order
    active: Effect | None
    sham: Effect | None
    effect: Effect | None
    withheld: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossover:
    """Active against sham over persons.

    Parameters
    ----------
    index, contrast : str
    persons : tuple of PersonDifference
        Everyone, those withheld, too.
    effect : Effect or None
        Mean over persons of active minus sham with its t interval; None with fewer than three persons.
    by_order : tuple of (str, Effect)
        The same for those who had active first and those who had sham first: how much the order did.
    balanced : Effect or None
        Mean of the two orders' means, free of a period effect; None where one of them has fewer than two persons.
    withheld : str
        Why there is no effect, "" where there is.
    """

    index: str
    contrast: str
    persons: tuple[PersonDifference, ...]
    effect: Effect | None
    by_order: tuple[tuple[Order, Effect], ...]
    balanced: Effect | None
    withheld: str = ""

    @property
    def rows(self) -> Iterator[dict[str, Any]]:
        """One mapping a person, always with the same keys in the same order; None where there is no number."""
        for one in self.persons:
            yield {
                "person": one.person,
                "order": one.order,
                "contrast": self.contrast,
                "index": self.index,
                "unit": UNITS[self.index],
                "active": one.active and one.active.estimate,
                "sham": one.sham and one.sham.estimate,
                "difference": one.effect and one.effect.estimate,
                "low": one.effect and one.effect.low if one.effect and math.isfinite(one.effect.low) else None,
                "high": one.effect and one.effect.high if one.effect and math.isfinite(one.effect.high) else None,
                "withheld": one.withheld,
            }


def compare_sham(
    reactions: Iterable[Reactivity], *, index: str = "ln_rmssd", contrast: str = "reactivity"
) -> Crossover:
    """Active minus sham: difference of differences per person, and across persons.

    Parameters
    ----------
    reactions : iterable of Reactivity
        Of `react_all`; recordings of condition "none" are no part of it.
    index : str
        A key of `vagus.signal.reaction.change.UNITS`.
    contrast : "reactivity", "recovery" or "remaining"

    Returns
    -------
    Crossover
        Per person the difference's interval joins those of the changes by MOVER: sampling error of that person's
        windows. Across persons the t interval of the persons' differences, each counted once. Persons of whom one
        condition is missing or withheld are listed and not counted.

    Raises
    ------
    InputError
        No such index or contrast, or no recording with active or sham stimulation.

    Sources
    -------
    Two orders, two periods: Hills & Armitage 1979, doi:10.1111/j.1365-2125.1979.tb05910.x (recalled).

    Examples
    --------
    >>> from vagus.signal.beats import Beats
    >>> from vagus.signal.reaction.change import react
    >>> from vagus.signal.reaction.design import Design
    >>> found = []
    >>> for person in range(4):
    ...     for condition, step in (("active", 60 + person), ("sham", 40)):
    ...         rr = [1000, 1040] * 150 + [1000, 1000 + step] * 150
    ...         order = 1 + (condition == "sham") if person % 2 else 1 + (condition == "active")
    ...         design = Design(
    ...             baseline_s=(0, 306), during_s=(306, 600), condition=condition, person=f"p{person}", order=order
    ...         )
    ...         found.append(react(Beats.of_rr(rr), design))
    >>> result = compare_sham(found)
    >>> round(result.effect.estimate, 2), [order for order, _ in result.by_order]
    (0.43, ['active first', 'sham first'])
    """
    for word, known, what in ((index, UNITS, "index"), (contrast, CONTRASTS, "contrast")):
        if word not in known:
            raise InputError(Problem(what=f"no such {what}", found=f'"{word}"', allowed=nearest(word, known)))
    groups: dict[str, list[Reactivity]] = {}
    for one in reactions:
        if one.design.condition != "none":
            groups.setdefault(one.design.person, []).append(one)
    if not groups:
        raise InputError(
            Problem(what="no recording with active or sham stimulation", allowed='condition "active" or "sham"')
        )
    persons = tuple(_person(person, mine, index, contrast) for person, mine in groups.items())
    told = [one for one in persons if one.effect is not None]
    by_order = _by_order(told, index, contrast)
    least = round(value("react_least_persons"))
    effect = _mean(_estimates(told), f"{index}, {contrast}: active minus sham", UNITS[index]) if told else None
    return Crossover(
        index=index,
        contrast=contrast,
        persons=persons,
        effect=effect if len(told) >= least else None,
        by_order=by_order,
        balanced=_balanced(told, index, contrast),
        withheld="" if len(told) >= least else f"{len(told)} persons with both conditions, {least} needed",
    )


def _person(person: str, mine: Sequence[Reactivity], index: str, contrast: str) -> PersonDifference:
    why: list[str] = []
    changes: dict[str, Effect | None] = {}
    for condition in ("active", "sham"):
        found = [one for one in mine if one.design.condition == condition]
        told: list[Effect] = []
        for one in found:
            for change in one.changes:
                if (change.index, change.contrast) == (index, contrast):
                    why += [f"{condition}: {w.phase}: {w.why}" for w in change.withheld]
                    told += [] if change.effect is None else [change.effect]
        if not found:
            why.append(f"no recording with {condition} stimulation")
        elif not told and not why:
            why.append(f"{condition}: the design has no {contrast}")
        changes[condition] = _joined(told) if told else None
    active, sham = changes["active"], changes["sham"]
    effect = None
    if active is not None and sham is not None:
        effect = difference(sham, active, what=f"{index}, {contrast}: active minus sham")
    return PersonDifference(
        person=person, order=_order(mine), active=active, sham=sham, effect=effect, withheld="; ".join(why)
    )


def _order(mine: Sequence[Reactivity]) -> Order:
    places = {
        condition: [one.design.order for one in mine if one.design.condition == condition]
        for condition in ("active", "sham")
    }
    known = {condition: [o for o in found if o is not None] for condition, found in places.items()}
    if not all(known.values()) or any(None in found for found in places.values()):
        return "unknown"
    first = min(known["active"]), min(known["sham"])
    return "unknown" if first[0] == first[1] else "active first" if first[0] < first[1] else "sham first"


def _joined(effects: Sequence[Effect]) -> Effect:
    """Mean of independent changes, its interval by MOVER."""
    if len(effects) == 1:
        return effects[0]
    n = len(effects)
    mean = sum(e.estimate for e in effects) / n
    low = mean - math.sqrt(sum((e.estimate - e.low) ** 2 for e in effects)) / n
    high = mean + math.sqrt(sum((e.high - e.estimate) ** 2 for e in effects)) / n
    return Effect(
        estimate=mean, low=low, high=high, unit=effects[0].unit, n=sum(e.n for e in effects), level=LEVEL,
        method=f"mean of {n} recordings; {effects[0].method}", sources=effects[0].sources,
    )  # fmt: skip


def _estimates(told: Sequence[PersonDifference]) -> np.ndarray:
    return np.array([one.effect.estimate for one in told if one.effect is not None])


def _mean(values: np.ndarray, what: str, unit: str) -> Effect:
    """Mean over persons with its t interval; nan bounds with one person."""
    n = values.size
    wide = math.nan
    if n > 1:
        wide = float(stdtrit(n - 1, (1 + LEVEL) / 2)) * float(values.std(ddof=1)) / math.sqrt(n)
    mean = float(values.mean())
    how = "95 % interval: t over persons" if n > 1 else "no interval: one person"
    return Effect(
        estimate=mean, low=mean - wide, high=mean + wide, unit=unit, n=n, level=LEVEL, method=f"{what}; {how}"
    )


def _by_order(told: Sequence[PersonDifference], index: str, contrast: str) -> tuple[tuple[Order, Effect], ...]:
    orders: tuple[Order, ...] = ("active first", "sham first", "unknown")
    return tuple(
        (order, _mean(_estimates(mine), f"{index}, {contrast}: active minus sham, {order}", UNITS[index]))
        for order in orders
        if (mine := [one for one in told if one.order == order])
    )


def _balanced(told: Sequence[PersonDifference], index: str, contrast: str) -> Effect | None:
    groups = [_estimates([one for one in told if one.order == order]) for order in ("active first", "sham first")]
    if min(group.size for group in groups) < 2:
        return None
    free = sum(group.size for group in groups) - 2
    pooled = sum(float(((g - g.mean()) ** 2).sum()) for g in groups) / free
    mean = float(sum(g.mean() for g in groups)) / 2
    error = math.sqrt(pooled * sum(1 / g.size for g in groups)) / 2
    wide = float(stdtrit(free, (1 + LEVEL) / 2)) * error
    return Effect(
        estimate=mean, low=mean - wide, high=mean + wide, unit=UNITS[index], n=sum(g.size for g in groups),
        level=LEVEL,
        method=f"{index}, {contrast}: active minus sham, mean of the two orders; 95 % interval: t with pooled variance",
    )  # fmt: skip
