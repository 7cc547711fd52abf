"""What an instrument is made of: bands, domains, subscales, rules, reliability, safety items, licence."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from vagus.errors import InputError, Problem
from vagus.source import Known, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A named range of totals, both ends included."""

    low: float
    high: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRange:
    """Items whose answers lie in another range than the instrument's usual one.

    Parameters
    ----------
    items : tuple of int
        Item numbers, from 1.
    low, high : float
    whole : bool
        Answers are whole numbers; False for hours and minutes (PSQI).
    """

    items: tuple[int, ...]
    low: float
    high: float
    whole: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """Items that count together: by their highest answer ("domains"), as a tier ("tier"), as a component ("psqi").

    Parameters
    ----------
    name : str
    items : tuple of int
        Item numbers, from 1.
    either : tuple of tuple of int
        Items of which a person answers one only (eating less or eating more); the others are then not missing.
    cuts, first_cuts : tuple of float
        Edges at which a PSQI component steps up; `first_cuts` those of the minutes to fall asleep.
    """

    name: str
    items: tuple[int, ...]
    either: tuple[tuple[int, ...], ...] = ()
    cuts: tuple[float, ...] = ()
    first_cuts: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscale:
    """Items with a sum of their own, reversed items reversed."""

    name: str
    items: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """Items that are not asked where `item` was answered with `answer`; left empty, they are not missing."""

    item: int
    answer: float
    spares: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingRule:
    """What happens when answers are missing.

    Parameters
    ----------
    kind : {"prorate", "prorate_parts", "range", "domains"}
        "prorate": mean of the answers times the number of items, while at most `n_max` are missing.
        "prorate_parts": the same inside each subscale, while at most `max_pct` of each are missing.
        "range": no total, only the range in which it lies. "domains": a total while each domain has an answer.
    n_max : int
        Most missing items at which there is a total ("prorate" only).
    max_pct : float
        Most missing items of a subscale, percent ("prorate_parts" only).
    """

    kind: Literal["prorate", "prorate_parts", "range", "domains"]
    source: Source
    n_max: int = 0
    max_pct: float = 0.0
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseRule:
    """What counts as response: an improvement of `amount`, in percent of the first total or in points, or a total.

    Parameters
    ----------
    kind : {"pct", "points", "total"}
        "total": the last total itself says it, at `amount` or better (CGI-I, which is a change already).
    amount : float
        Percent or points of improvement, or the total.
    above : bool
        True: the improvement must exceed `amount`; False: reaching it is enough.
    """

    kind: Literal["pct", "points", "total"]
    amount: float
    source: Source
    above: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemissionRule:
    """Totals that count as remission, both ends included."""

    low: float
    high: float
    source: Source
    label: str = "remission"
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """What a reliable change rests on.

    Parameters
    ----------
    points : float
        Smallest change that is reliable (95 %), as used.
    low, high : float or None
        The same with other published coefficients; None where no other was read. A change between the two is
        "uncertain".
    computed : bool
        True: points = 1.96 * sqrt(2) * sd * sqrt(1 - r) from `sd` and `r`; False: `points` is as published.
    sd, r : float or None
        Spread in points, and the coefficient chosen; `r_kind` says which ("alpha", "retest").
    why : str
        Why this coefficient.
    """

    points: float
    computed: bool
    why: str
    source: Source
    sd: float | None = None
    r: float | None = None
    r_kind: str = ""
    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        if self.computed and (self.sd is None or self.r is None):
            raise InputError(Problem(what="a computed reliable change needs sd and r"))
        if (
            self.sd is not None
            and self.r is not None
            and abs(reliable_change_points(self.sd, self.r) - self.points) > (0.06 if self.computed else math.inf)
        ):
            want = f"{reliable_change_points(self.sd, self.r):.2f} points, from sd and r"
            raise InputError(Problem(what="reliable change does not follow", found=f"{self.points}", allowed=want))

    @property
    def known(self) -> Known:
        """The same as a number with unit, range and source; low and high are `points` where one value is known."""
        low, high = self.low or self.points, self.high or self.points
        return Known(value=self.points, unit="points", low=low, high=high, source=self.source, note=self.why)

    @property
    def text(self) -> str:
        """Size of a reliable change in words."""
        low, high, mark = self.known.low, self.known.high, "" if self.source.verified else " [unverified]"
        if low == high:
            return f"{self.points:g} points or more{mark}"
        return f"{low:g} to {high:g} points, depends on the reliability coefficient{mark}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyItem:
    """An item whose answer calls for a person to look at it.

    Parameters
    ----------
    item : int
        Item number, from 1.
    topic : str
        What it asks about, in a few words.
    review_from, urgent_from : float
        Answers from which the notice says "review" and "urgent"; an `urgent_from` above the item's range is never met.
    about : {"suicide", "risk-taking", "driving"}
        What the person who looks has to think of; an item that is not known raises a notice only for "suicide".
    """

    item: int
    topic: str
    review_from: float
    urgent_from: float
    source: Source
    about: Literal["suicide", "risk-taking", "driving"] = "suicide"
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    """Status of the item texts and what follows for this library."""

    status: str
    source: Source
    item_text: bool = False
    note: str = ""


def reliable_change_points(sd: float, r: float) -> float:
    """Smallest change in points that is larger than what measurement error alone gives in 95 %.

    1.96 * sqrt(2) * sd * sqrt(1 - r), Jacobson and Truax 1991 (doi:10.1037/0022-006X.59.1.12).

    Examples
    --------
    >>> round(reliable_change_points(6.1, 0.89), 1)
    5.6
    """
    return 1.96 * math.sqrt(2) * sd * math.sqrt(1 - r)
