"""Instruments as data: structure, rule, bands, response, remission, reliable change, safety items, licence.

No item texts: PHQ-9 and GAD-7 carry short topics in our own words, the others none. Each part has its own `Source`, so
that a value that was recalled and not read shows as such (`Instrument.unverified`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from types import MappingProxyType
from typing import Literal

from vagus import tables
from vagus.errors import InputError, Problem, nearest
from vagus.source import Known, Source

Direction = Literal["higher_worse", "higher_better"]
Rule = Literal["sum", "sum_x4", "qids"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A named range of totals, both ends included."""

    low: float
    high: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """Items of which the highest answer counts once.

    Parameters
    ----------
    name : str
    items : tuple of int
        Item numbers, from 1.
    either : tuple of tuple of int
        Items of which a person answers one only (eating less or eating more); the others are then not missing.
    """

    name: str
    items: tuple[int, ...]
    either: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingRule:
    """What happens when answers are missing.

    Parameters
    ----------
    kind : {"prorate", "range", "domains"}
        "prorate": mean of the answers times the number of items, while at most `n_max` are missing.
        "range": no total, only the range in which it lies. "domains": a total while each domain has an answer.
    n_max : int
        Most missing items at which there is a total ("prorate" only).
    """

    kind: Literal["prorate", "range", "domains"]
    source: Source
    n_max: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseRule:
    """What counts as response: an improvement of `amount`, in percent of the first total or in points.

    Parameters
    ----------
    kind : {"pct", "points"}
    amount : float
        Percent or points of improvement.
    above : bool
        True: the improvement must exceed `amount`; False: reaching it is enough.
    """

    kind: Literal["pct", "points"]
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
        Answers from which the notice says "review" and "urgent".
    """

    item: int
    topic: str
    review_from: float
    urgent_from: float
    source: Source
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    """Status of the item texts and what follows for this library."""

    status: str
    source: Source
    item_text: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """One rating instrument: how it is scored and read.

    Parameters
    ----------
    key : str
        "phq9", "gad7", "isi", "who5", "madrs", "qids_sr16", or a lab's own.
    n_items : int
    item_low, item_high : float
        Range of one answer; answers are whole numbers.
    total_low, total_high : float
        Range of the total on the scale that `Score.total` is on (WHO-5: 0 to 100).
    direction : {"higher_worse", "higher_better"}
    rule : {"sum", "sum_x4", "qids"}
        "sum": all items; "sum_x4": four times the sum; "qids": the highest answer of each domain, then the sum.
    bands : tuple of Band
        Cover the range of totals without gap or overlap.
    topics : tuple of str
        A word or two for each item, ours; empty where the licence does not allow even that.

    Raises
    ------
    InputError
        Bands leave a gap, or an item number is outside the instrument.
    """

    key: str
    name: str
    short: str
    domain: str
    rater: Literal["self", "clinician"]
    n_items: int
    item_low: float
    item_high: float
    total_low: float
    total_high: float
    direction: Direction
    rule: Rule
    recall: str
    bands: tuple[Band, ...]
    bands_source: Source
    response: ResponseRule
    remission: RemissionRule
    missing: MissingRule
    licence: Licence
    structure: Source
    recall_source: Source
    mcid: Known | None = None
    reliability: Reliability | None = None
    reliability_note: str = ""
    domains: tuple[Domain, ...] = ()
    safety: tuple[SafetyItem, ...] = ()
    topics: tuple[str, ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        wrong: list[Problem] = []
        where = f"instrument {self.key}"
        edges = sorted(self.bands, key=lambda band: band.low)
        if not edges or edges[0].low != self.total_low or edges[-1].high != self.total_high:
            wrong.append(Problem(where=where, what="bands do not cover the range of totals"))
        if any(after.low != before.high + 1 for before, after in pairwise(edges)):
            wrong.append(Problem(where=where, what="bands leave a gap or overlap"))
        numbers = [item for domain in self.domains for item in domain.items] + [part.item for part in self.safety]
        if any(not 1 <= number <= self.n_items for number in numbers):
            wrong.append(Problem(where=where, what="no such item", found=str(numbers), allowed=f"1 to {self.n_items}"))
        if self.topics and len(self.topics) != self.n_items:
            wrong.append(Problem(where=where, what="topics do not match the number of items"))
        if wrong:
            raise InputError(wrong)

    @property
    def better(self) -> int:
        """Sign of a change to the better: -1 where higher is worse, +1 where higher is better."""
        return -1 if self.direction == "higher_worse" else 1

    @property
    def step(self) -> int:
        """Points between two neighboring totals."""
        return 4 if self.rule == "sum_x4" else 1

    def response_total(self, first: float) -> int | None:
        """Total at which response begins, a step of the scale; None where no total of the scale is a response.

        Parameters
        ----------
        first : float
            First total, points.

        Examples
        --------
        >>> instruments()["phq9"].response_total(21), instruments()["isi"].response_total(20)
        (10, 12)
        """
        rule = self.response
        if rule.kind == "pct" and first == 0:
            return None
        need = rule.amount if rule.kind == "points" else first * rule.amount / 100
        # in steps to the better side; the rounding keeps 0.1 * 10 from needing a step more
        edge = round(self.better * (first + self.better * need) / self.step, 9)
        n_step = math.floor(edge) + 1 if rule.above else math.ceil(edge)
        total = self.better * n_step * self.step
        return total if self.total_low <= total <= self.total_high else None

    @property
    def unverified(self) -> tuple[str, ...]:
        """Names of the parts that were recalled and not read in a source."""
        parts: dict[str, Source | None] = {
            "structure": self.structure,
            "recall": self.recall_source,
            "bands": self.bands_source,
            "response": self.response.source,
            "remission": self.remission.source,
            "mcid": self.mcid.source if self.mcid else None,
            "reliability": self.reliability.source if self.reliability else None,
            "missing": self.missing.source,
            "safety": self.safety[0].source if self.safety else None,
            "licence": self.licence.source,
        }
        return tuple(name for name, source in parts.items() if source is not None and not source.verified)

    def band_of(self, total: float) -> str:
        """Label of the band that a total lies in.

        Examples
        --------
        >>> instruments()["phq9"].band_of(14), instruments()["phq9"].band_of(15)
        ('moderate', 'moderately severe')
        """
        return next(band.label for band in reversed(self.bands) if total >= band.low)


def reliable_change_points(sd: float, r: float) -> float:
    """Smallest change in points that is larger than what measurement error alone gives in 95 %.

    1.96 * sqrt(2) * sd * sqrt(1 - r), Jacobson and Truax 1991 (doi:10.1037/0022-006X.59.1.12).

    Examples
    --------
    >>> round(reliable_change_points(6.1, 0.89), 1)
    5.6
    """
    return 1.96 * math.sqrt(2) * sd * math.sqrt(1 - r)


KEYS = ("phq9", "gad7", "isi", "who5", "madrs", "qids_sr16")


@cache
def instruments() -> Mapping[str, Instrument]:
    """All instruments of the package, by key.

    Examples
    --------
    >>> sorted(instruments())
    ['gad7', 'isi', 'madrs', 'phq9', 'qids_sr16', 'who5']
    """
    return MappingProxyType({key: tables.rows(f"instruments/{key}", Instrument)[0] for key in KEYS})


def find_instrument(key: str) -> Instrument:
    """Instrument of that key.

    Raises
    ------
    InputError
        No such instrument; names the nearest.

    Examples
    --------
    >>> find_instrument("gad7").total_high
    21.0
    """
    if key not in instruments():
        raise InputError(Problem(what="unknown instrument", found=f'"{key}"', allowed=nearest(key, instruments())))
    return instruments()[key]
