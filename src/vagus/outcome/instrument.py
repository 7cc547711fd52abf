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
from vagus.outcome.parts import (
    Band,
    Domain,
    ItemRange,
    Licence,
    MissingRule,
    Reliability,
    RemissionRule,
    ResponseRule,
    SafetyItem,
    Skip,
    Subscale,
)
from vagus.source import Known, Source

Direction = Literal["higher_worse", "higher_better"]
Rule = Literal["sum", "scaled", "domains", "psqi", "tier"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """One rating instrument: how it is scored and read.

    Parameters
    ----------
    key : str
        One of `KEYS`, or a lab's own.
    n_items : int
        Answers of one filling, in the order of the items.
    item_low, item_high : float
        Usual range of one answer; answers are whole numbers.
    ranges : tuple of ItemRange
        Items with another range.
    reversed_items : tuple of int
        Items that count the other way round: lowest plus highest answer, minus the answer.
    scored_items : tuple of int
        Items that enter the total; empty: all.
    optional_items : tuple of int
        Items that nobody has to answer: left empty they count 0 (another trouble in the PSQI).
    total_low, total_high : float
        Range of the total on the scale that `Score.total` is on (WHO-5: 0 to 100).
    direction : {"higher_worse", "higher_better"}
    rule : {"sum", "scaled", "domains", "psqi", "tier"}
        "sum": all items; "scaled": the sum, its range laid evenly on `total_low` to `total_high` (WHO-5: times 4);
        "domains": the highest answer of each domain, then the sum; "psqi": seven components of 0 to 3;
        "tier": number of the highest domain with a yes, no sum at all (C-SSRS).
    bands : tuple of Band
        Cover the range of totals without gap or overlap; one band over all where none are published.
    response, remission : ResponseRule, RemissionRule or None
        None where no definition is known.
    subscales : tuple of Subscale
    skips : tuple of Skip
        Questions that are not asked after some answers.
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
    missing: MissingRule
    licence: Licence
    structure: Source
    recall_source: Source
    response: ResponseRule | None = None
    remission: RemissionRule | None = None
    mcid: Known | None = None
    reliability: Reliability | None = None
    reliability_note: str = ""
    ranges: tuple[ItemRange, ...] = ()
    ranges_source: Source | None = None
    reversed_items: tuple[int, ...] = ()
    scored_items: tuple[int, ...] = ()
    optional_items: tuple[int, ...] = ()
    domains: tuple[Domain, ...] = ()
    subscales: tuple[Subscale, ...] = ()
    skips: tuple[Skip, ...] = ()
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
        numbers = self._numbers()
        if any(not 1 <= number <= self.n_items for number in numbers):
            wrong.append(Problem(where=where, what="no such item", found=str(numbers), allowed=f"1 to {self.n_items}"))
        elif abs(self._highest() - self.total_high) > 1e-9:
            found, allowed = f"{self.total_high:g}", f"{self._highest():g}, what the items add up to"
            wrong.append(Problem(where=where, what="total_high does not follow", found=found, allowed=allowed))
        if self.topics and len(self.topics) != self.n_items:
            wrong.append(Problem(where=where, what="topics do not match the number of items"))
        if wrong:
            raise InputError(wrong)

    def _numbers(self) -> list[int]:
        """Every item number that a part of the instrument names."""
        groups = (*self.domains, *self.subscales, *self.ranges)
        skipped = [number for skip in self.skips for number in (skip.item, *skip.spares)]
        named = [number for group in groups for number in group.items] + skipped + [part.item for part in self.safety]
        return [*named, *self.reversed_items, *self.scored_items, *self.optional_items]

    def _highest(self) -> float:
        """Highest total that the items allow, by the rule."""
        if self.rule == "sum":
            return self.total_low + sum(self.range_of(n).high - self.range_of(n).low for n in self.scored)
        if self.rule == "domains":
            return sum(max(self.range_of(n).high for n in domain.items) for domain in self.domains)
        if self.rule == "psqi":
            return 3.0 * len(self.domains)
        return float(len(self.domains)) if self.rule == "tier" else self.total_high

    @property
    def scored(self) -> tuple[int, ...]:
        """Numbers of the items that enter the total."""
        return self.scored_items or tuple(range(1, self.n_items + 1))

    def range_of(self, item: int) -> ItemRange:
        """Range of the answers to an item, by its number from 1.

        Examples
        --------
        >>> instruments()["hamd17"].range_of(3).high, instruments()["hamd17"].range_of(4).high
        (4.0, 2.0)
        """
        own = next((one for one in self.ranges if item in one.items), None)
        return own or ItemRange(items=(item,), low=self.item_low, high=self.item_high)

    def points_of(self, item: int, answer: float) -> float:
        """What an answer counts: the answer itself, or the other way round for a reversed item.

        Examples
        --------
        >>> instruments()["pss10"].points_of(4, 1), instruments()["pss10"].points_of(1, 1)
        (3.0, 1)
        """
        span = self.range_of(item)
        return span.low + span.high - answer if item in self.reversed_items else answer

    @property
    def better(self) -> int:
        """Sign of a change to the better: -1 where higher is worse, +1 where higher is better."""
        return -1 if self.direction == "higher_worse" else 1

    @property
    def step(self) -> float:
        """Points between two neighboring totals: 1; 4 for the WHO-5, 100 / 56 for the Q-LES-Q-SF."""
        if self.rule != "scaled":
            return 1.0
        raw = sum(self.range_of(n).high - self.range_of(n).low for n in self.scored)
        return (self.total_high - self.total_low) / raw

    def response_total(self, first: float) -> float | None:
        """Total at which response begins, a step of the scale; None where no total of the scale is a response.

        Parameters
        ----------
        first : float
            First total, points.

        Examples
        --------
        >>> instruments()["phq9"].response_total(21), instruments()["isi"].response_total(20)
        (10.0, 12.0)
        """
        rule = self.response
        if rule is None or (rule.kind == "pct" and first == 0):
            return None
        if rule.kind == "total":
            return rule.amount
        need = rule.amount if rule.kind == "points" else first * rule.amount / 100
        # in steps to the better side; the rounding keeps 0.1 * 10 from needing a step more
        edge = round(self.better * (first - self.total_low + self.better * need) / self.step, 9)
        n_step = math.floor(edge) + 1 if rule.above else math.ceil(edge)
        total = self.total_low + self.better * n_step * self.step
        return float(total) if self.total_low <= total <= self.total_high else None

    @property
    def unverified(self) -> tuple[str, ...]:
        """Names of the parts that were recalled and not read in a source."""
        parts: dict[str, Source | None] = {
            "structure": self.structure,
            "ranges of items": self.ranges_source,
            "recall": self.recall_source,
            "bands": self.bands_source,
            "response": self.response.source if self.response else None,
            "remission": self.remission.source if self.remission else None,
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


KEYS = (
    "phq9", "gad7", "isi", "who5", "madrs", "qids_sr16", "hamd17", "hamd24", "ids_sr30", "bdi2", "hama", "bai",
    "stai_y1", "stai_y2", "pcl5", "caps5", "psqi", "ess", "cdrisc10", "pss10", "cgi_s", "cgi_i", "qlesq_sf", "cssrs",
    "ymrs", "phq_ads",
)  # fmt: skip


@cache
def instruments() -> Mapping[str, Instrument]:
    """All instruments of the package, by key.

    Examples
    --------
    >>> len(instruments()), list(instruments())[:3]
    (26, ['phq9', 'gad7', 'isi'])
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
