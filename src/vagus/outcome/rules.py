"""How answers become a total: reversed and unscored items, domains, PSQI components, tiers, missing answers.

Every function takes the answers in the order of the items, None where one is missing.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Sequence
from dataclasses import dataclass

from vagus.outcome.instrument import Instrument
from vagus.outcome.parts import Domain

Items = Sequence[float | None]
Span = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Sum of a subscale or PSQI component: `total` is None where answers are missing, then it lies in low to high."""

    name: str
    total: float | None
    low: float
    high: float


def spared(items: Items, instrument: Instrument) -> frozenset[int]:
    """Numbers of the items that nobody has to answer: not scored, skipped, or the other one of a pair.

    Examples
    --------
    >>> from vagus.outcome import find_instrument
    >>> sorted(spared((1, 0, None, None, None, 0, None), find_instrument("cssrs")))
    [3, 4, 5, 7]
    """
    answered = {number for number, value in enumerate(items, start=1) if value is not None}
    free = set(range(1, instrument.n_items + 1)).difference(instrument.scored).union(instrument.optional_items)
    for domain in instrument.domains:
        # of "eats less" and "eats more" one is answered: the other one is then no missing answer
        free.update(number for pair in domain.either if answered.intersection(pair) for number in pair)
    for skip in instrument.skips:
        if items[skip.item - 1] == skip.answer:
            free.update(skip.spares)
    return frozenset(free)


def missing(items: Items, instrument: Instrument) -> frozenset[int]:
    """Numbers of the items whose answers are missing."""
    empty = {number for number, value in enumerate(items, start=1) if value is None}
    return frozenset(empty - spared(items, instrument))


def bounds(items: Items, instrument: Instrument) -> Span:
    """Least and largest total that the given answers leave open."""
    lacking = missing(items, instrument)
    if instrument.rule == "tier":
        return _tier(items, instrument, lacking, filled=0), _tier(items, instrument, lacking, filled=1)
    if instrument.rule == "psqi":
        spans = [_component(items, domain, instrument, lacking) for domain in instrument.domains]
    elif instrument.rule == "domains":
        spans = [_highest(items, domain, instrument, lacking) for domain in instrument.domains]
    else:
        low, high = _sum(items, instrument.scored, instrument, lacking)
        least = sum(instrument.range_of(number).low for number in instrument.scored)
        return _scaled(low - least, instrument), _scaled(high - least, instrument)
    return sum(span[0] for span in spans), sum(span[1] for span in spans)


def total_of(items: Items, instrument: Instrument) -> float | None:
    """Total by the instrument's missing-item rule, None where it gives none."""
    lacking = missing(items, instrument)
    low, high = bounds(items, instrument)
    if not lacking or (low == high and instrument.rule == "tier"):
        return low
    if instrument.missing.kind == "prorate":
        return _prorated(items, instrument, lacking) if len(lacking) <= instrument.missing.n_max else None
    if instrument.missing.kind == "prorate_parts":
        return _prorated_parts(items, instrument, lacking)
    if instrument.missing.kind == "domains":
        answered = all(any(items[number - 1] is not None for number in d.items) for d in instrument.domains)
        return low if answered else None
    return None


def parts_of(items: Items, instrument: Instrument) -> tuple[Part, ...]:
    """Subscales, or the components of the PSQI."""
    lacking = missing(items, instrument)
    spans: list[tuple[str, Span]] = [
        (part.name, _sum(items, part.items, instrument, lacking)) for part in instrument.subscales
    ]
    if instrument.rule == "psqi":
        spans += [(d.name, _component(items, d, instrument, lacking)) for d in instrument.domains]
    return tuple(
        Part(name=name, total=low if low == high else None, low=float(low), high=float(high))
        for name, (low, high) in spans
    )


def _sum(items: Items, numbers: Sequence[int], instrument: Instrument, lacking: frozenset[int]) -> Span:
    low = high = 0.0
    for number in numbers:
        value = items[number - 1]
        if value is not None:
            counted = instrument.points_of(number, value)
            low, high = low + counted, high + counted
        elif number in lacking:
            span = instrument.range_of(number)
            low, high = low + span.low, high + span.high
    return low, high


def _scaled(raw: float, instrument: Instrument) -> float:
    """Total from a sum over its least; the rounding keeps 0.1 + 0.2 from leaving the grid."""
    return round(instrument.total_low + instrument.step * raw, 9)


def _highest(items: Items, domain: Domain, instrument: Instrument, lacking: frozenset[int]) -> Span:
    given = [value for number in domain.items if (value := items[number - 1]) is not None]
    low = max(given, default=min(instrument.range_of(number).low for number in domain.items))
    return low, max([low, *(instrument.range_of(number).high for number in lacking.intersection(domain.items))])


def _half_up(value: float) -> float:
    # halves up: the cautious side where higher is worse, and the same on every machine (round() goes to even)
    return float(math.floor(round(value, 9) + 0.5))


def _prorated(items: Items, instrument: Instrument, lacking: frozenset[int]) -> float:
    low, _ = _sum(items, [n for n in instrument.scored if n not in lacking], instrument, lacking)
    n_scored = len(instrument.scored)
    return _half_up(low / (n_scored - len(lacking)) * n_scored)


def _prorated_parts(items: Items, instrument: Instrument, lacking: frozenset[int]) -> float | None:
    total = 0.0
    for part in instrument.subscales:
        given = [n for n in part.items if n not in lacking]
        if 100 * (len(part.items) - len(given)) > instrument.missing.max_pct * len(part.items):
            return None
        total += _sum(items, given, instrument, lacking)[0] / len(given) * len(part.items)
    return _half_up(total)


def _tier(items: Items, instrument: Instrument, lacking: frozenset[int], *, filled: float) -> float:
    """Number of the highest domain with a yes, missing answers taken as `filled`."""
    yes = {
        number
        for number, value in enumerate(items, start=1)
        if (filled if value is None and number in lacking else value or 0) > 0
    }
    return float(max((n for n, domain in enumerate(instrument.domains, start=1) if yes & set(domain.items)), default=0))


def hours_in_bed(bed_h: float, rise_h: float) -> float:
    """Hours from going to bed to getting up, both as hours of the clock; over midnight where need be.

    Examples
    --------
    >>> hours_in_bed(23.5, 7), hours_in_bed(0.5, 7)
    (7.5, 6.5)
    """
    return (rise_h - bed_h) % 24


def _component(items: Items, domain: Domain, instrument: Instrument, lacking: frozenset[int]) -> Span:
    """Points of a PSQI component, 0 to 3; Buysse 1989, as the edges in the instrument's table say."""
    values = [items[number - 1] for number in domain.items]
    if domain.name in {"duration", "efficiency"}:
        if lacking.intersection(domain.items):
            return 0.0, 3.0
        one = _duration(values, domain) if domain.name == "duration" else _efficiency(values, domain)
        return one, one
    if domain.first_cuts:
        first, rest = values[0], domain.items[1:]
        # a step is reached above its edge: up to 15 minutes to fall asleep count 0
        steps = (0.0, 3.0) if first is None else (float(bisect.bisect_left(domain.first_cuts, first)),) * 2
        low, high = _sum(items, rest, instrument, lacking)
        low, high = low + steps[0], high + steps[1]
    else:
        low, high = _sum(items, domain.items, instrument, lacking)
    if not domain.cuts:
        return low, high
    return float(bisect.bisect_right(domain.cuts, low)), float(bisect.bisect_right(domain.cuts, high))


def _duration(values: Sequence[float | None], domain: Domain) -> float:
    slept_h = values[0] or 0.0
    *inner, top = domain.cuts
    # over 7 hours is 0, 7 itself is 1; at 6 and 5 hours the better side counts
    return float(sum(slept_h < edge for edge in inner) + (slept_h <= top))


def _efficiency(values: Sequence[float | None], domain: Domain) -> float:
    slept_h, bed_h, rise_h = (value or 0.0 for value in values)
    lain_h = hours_in_bed(bed_h, rise_h)
    share_pct = 100.0 if slept_h >= lain_h else 100 * slept_h / lain_h
    return float(sum(share_pct < edge for edge in domain.cuts))
