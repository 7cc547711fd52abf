"""Single-case designs: does one person do better in the treatment phases, tested by the randomization itself."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, product
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from vagus.errors import InputError, Problem

_Array = NDArray[np.float64]
_EXACT_MOST = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Phases:
    """Phases in turn, baseline first (2 is AB, 4 is ABAB), whose change points were drawn by lot.

    Parameters
    ----------
    n_phases : int
    min_length : int
        Least number of measurements in a phase.
    """

    n_phases: int
    min_length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Onset:
    """Baseline, then treatment, whose first measurement was drawn by lot from `first` to `last` (counted from 1)."""

    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Blocks of two measurements, one in each condition, whose order was drawn by lot in each block."""


Design = Phases | Onset | Pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class SingleCase:
    """Result of a single-case design.

    Parameters
    ----------
    difference_points : float
        Mean under treatment minus mean under baseline.
    low_points, high_points : float
        Interval of a constant effect, from the test turned around; infinite where the design has too few orders.
    level : float
        Probability of the interval.
    nap : float
        Share of all pairs of a treatment and a baseline measurement in which the treatment one is better, ties half
        (non-overlap of all pairs, Parker and Vannest 2009, doi:10.1016/j.beth.2008.10.006): 0.5 is none, 1 is all.
    p_value : float
        Share of the orders that could have been drawn with a difference as far out as the one found.
    p_least : float
        Least that this design can give.
    n_orders : int
        Orders that could have been drawn, or those sampled.
    exact : bool
        All orders were counted.
    n_baseline, n_treatment : int
    text : str
    """

    difference_points: float
    low_points: float
    high_points: float
    level: float
    nap: float
    p_value: float
    p_least: float
    n_orders: int
    exact: bool
    n_baseline: int
    n_treatment: int
    text: str


def single_case(
    values: Sequence[float],
    treated: Sequence[bool],
    *,
    design: Design,
    direction: Literal["higher_worse", "higher_better"],
    two_sided: bool = True,
    rng: np.random.Generator | None = None,
    n_draws: int = 9999,
    level: float = 0.95,
) -> SingleCase:
    """Effect and randomization test of a single-case design (Edgington; Bulte and Onghena 2008).

    The p value is exact where at most 20,000 orders could have been drawn, else from `n_draws` sampled ones, the one
    used among them: never too small either way. It holds only if the order was truly drawn by lot from `design`.

    Parameters
    ----------
    values : sequence of float
        Measurements in the order they were taken.
    treated : sequence of bool
        True where the measurement was under treatment.
    design : Phases or Onset or Pairs
        What could have been drawn.
    direction : {"higher_worse", "higher_better"}
        Of the scale.
    two_sided : bool
        False tests for improvement only.
    rng : numpy Generator or None
        Needed where the orders are too many to count.
    n_draws : int
    level : float

    Raises
    ------
    InputError
        Lengths differ, a value is not finite, an onset beyond the measurements, an order that the design could not have
        drawn, or `rng` is needed.

    Examples
    --------
    >>> values = [9, 8, 9, 10, 5, 4, 4, 5, 8, 9, 9, 8, 4, 3, 4, 4]
    >>> treated = ([False] * 4 + [True] * 4) * 2
    >>> found = single_case(values, treated, design=Phases(n_phases=4, min_length=3), direction="higher_worse")
    >>> found.difference_points, found.nap, found.n_orders, round(found.p_value, 3)
    (-4.625, 1.0, 35, 0.029)
    """
    scores, used = np.asarray(values, dtype=np.float64), np.asarray(treated, dtype=bool)
    _check(scores, used, design)
    orders, exact = _orders(scores.size, used, design, rng, n_draws)
    better = -1.0 if direction == "higher_worse" else 1.0
    p_value = _p_value(better * scores, used, orders, two_sided=two_sided)
    difference = _differences(scores, used[None, :])[0]
    low, high = _interval(scores, used, orders, level=level)
    result: dict[str, Any] = {
        "difference_points": float(difference),
        "low_points": low,
        "high_points": high,
        "level": level,
        "nap": _nap(better * scores, used),
        "p_value": p_value,
        "p_least": 1 / len(orders),
        "n_orders": len(orders),
        "exact": exact,
        "n_baseline": int((~used).sum()),
        "n_treatment": int(used.sum()),
    }
    return SingleCase(**result, text=_sentence(result))


def _check(scores: _Array, used: NDArray[np.bool_], design: Design) -> None:
    if scores.shape != used.shape or scores.ndim != 1:
        found = f"{scores.size} values, {used.size} conditions"
        raise InputError(Problem(what="values and conditions differ in number", found=found, allowed="one each"))
    bad = np.flatnonzero(~np.isfinite(scores))
    if bad.size:
        raise InputError(
            Problem(what="value is not finite", where=f"measurement {bad[0] + 1}", found=f"{scores[bad[0]]}")
        )
    if isinstance(design, Onset) and design.last > used.size:
        what, found = "the last onset lies beyond the measurements", f"{design.last}, {used.size} measurements"
        raise InputError(Problem(what=what, where="onset, last", found=found, allowed=f"up to {used.size}"))
    if not _could_be(used, design):
        found = "".join("B" if one else "A" for one in used)
        raise InputError(Problem(what="the order could not have been drawn", found=found, allowed=str(design)))


def _could_be(used: NDArray[np.bool_], design: Design) -> bool:
    changes = np.flatnonzero(np.diff(used.astype(np.int8)))
    if used.size < 2 or used.all() or not used.any():
        return False
    if isinstance(design, Pairs):
        return used.size % 2 == 0 and bool((used[::2] != used[1::2]).all())
    if used[0]:
        return False
    if isinstance(design, Onset):
        return changes.size == 1 and design.first <= changes[0] + 2 <= design.last
    lengths = np.diff(np.concatenate(([0], changes + 1, [used.size])))
    return lengths.size == design.n_phases and bool((lengths >= design.min_length).all())


def _orders(
    n: int, used: NDArray[np.bool_], design: Design, rng: np.random.Generator | None, n_draws: int
) -> tuple[NDArray[np.bool_], bool]:
    """Every order that could have been drawn, or the one used and `n_draws` sampled ones."""
    count = _count(n, design)
    if count <= _EXACT_MOST:
        return _every_order(n, design), True
    if rng is None:
        found, allowed = f"{count} orders could have been drawn", f"rng, beyond {_EXACT_MOST} orders"
        raise InputError(Problem(what="too many orders to count", found=found, allowed=allowed))
    return np.array([used, *(_draw(n, design, rng) for _ in range(n_draws))], dtype=bool), False


def _count(n: int, design: Design) -> int:
    if isinstance(design, Pairs):
        return 2 ** (n // 2)
    if isinstance(design, Onset):
        return design.last - max(design.first, 2) + 1
    free = n - design.n_phases * design.min_length
    return math.comb(free + design.n_phases - 1, design.n_phases - 1)


@lru_cache(maxsize=8)
def _every_order(n: int, design: Design) -> NDArray[np.bool_]:
    orders = np.array(list(_all_orders(n, design)), dtype=bool)
    orders.setflags(write=False)
    return orders


def _all_orders(n: int, design: Design) -> Iterator[NDArray[np.bool_]]:
    if isinstance(design, Pairs):
        for firsts in product((False, True), repeat=n // 2):
            yield np.array([one for first in firsts for one in (first, not first)])
    elif isinstance(design, Onset):
        for start in range(max(design.first, 2), design.last + 1):
            yield np.arange(1, n + 1) >= start
    else:
        free, bars = n - design.n_phases * design.min_length, design.n_phases - 1
        for places in combinations(range(free + bars), bars):
            yield _phased(n, design, places)


def _phased(n: int, design: Phases, places: Sequence[int]) -> NDArray[np.bool_]:
    """Order from stars and bars: what stands between two bars lengthens a phase beyond its least length."""
    free = n - design.n_phases * design.min_length
    edges = np.array([-1, *places, free + design.n_phases - 1])
    lengths = np.diff(edges) - 1 + design.min_length
    return np.repeat(np.arange(design.n_phases) % 2 == 1, lengths)


def _draw(n: int, design: Design, rng: np.random.Generator) -> NDArray[np.bool_]:
    if isinstance(design, Pairs):
        first = rng.integers(0, 2, n // 2).astype(bool)
        return np.column_stack((first, ~first)).ravel()
    if isinstance(design, Onset):
        return np.arange(1, n + 1) >= rng.integers(max(design.first, 2), design.last + 1)
    free, bars = n - design.n_phases * design.min_length, design.n_phases - 1
    return _phased(n, design, sorted(int(k) for k in rng.choice(free + bars, bars, replace=False)))


def _differences(scores: _Array, orders: NDArray[np.bool_]) -> _Array:
    n_treated = orders.sum(axis=1)
    total = orders @ scores
    return total / n_treated - (scores.sum() - total) / (scores.size - n_treated)


def _p_value(scores: _Array, used: NDArray[np.bool_], orders: NDArray[np.bool_], *, two_sided: bool) -> float:
    every, own = _differences(scores, orders), _differences(scores, used[None, :])[0]
    if two_sided:
        every, own = np.abs(every), abs(own)
    # ties by rounding count as far out: the p value is never too small
    return float(np.mean(every >= own - 1e-9 * max(1.0, abs(own))))


def _nap(scores: _Array, used: NDArray[np.bool_]) -> float:
    pairs = np.subtract.outer(scores[used], scores[~used])
    return float(np.mean((pairs > 0) + 0.5 * (pairs == 0)))


def _interval(
    scores: _Array, used: NDArray[np.bool_], orders: NDArray[np.bool_], *, level: float
) -> tuple[float, float]:
    """Constant effects that the two-sided test does not reject at 1 - `level`, in closed form.

    With an effect d taken off, an order's difference is base - slope * d against own - d. Since no slope is over 1,
    each order counts as far out for d in one stretch around `own`; the p value falls to both sides, and the interval
    ends where too few stretches are left.
    """
    own = _differences(scores, used[None, :])[0]
    base, slope = _differences(scores, orders), _differences(used.astype(np.float64), orders)
    with np.errstate(divide="ignore", invalid="ignore"):
        one, other = (own + base) / (1 + slope), (own - base) / (1 - slope)
    # 0 / 0: the order itself, or its mirror image, counts for every d
    always = (np.abs(1 + slope) < 1e-12) | (np.abs(1 - slope) < 1e-12)
    upper = np.sort(np.where(always, np.inf, np.maximum(one, other)))[::-1]
    lower = np.sort(np.where(always, -np.inf, np.minimum(one, other)))
    last = math.floor((1 - level) * len(orders) + 1e-9)
    return float(lower[last]), float(upper[last])


def _sentence(found: Mapping[str, Any]) -> str:
    spread = "no bounded interval, too few orders"
    if math.isfinite(found["low_points"]) and math.isfinite(found["high_points"]):
        spread = f"{100 * found['level']:g} % interval {found['low_points']:.2f} to {found['high_points']:.2f}"
    how = "all" if found["exact"] else "sampled"
    return (
        f"Treatment minus baseline {found['difference_points']:.2f} points ({spread}); better in "
        f"{100 * found['nap']:.0f} % of all pairs. Randomization test: p = {found['p_value']:.3f}, {how} "
        f"{found['n_orders']} orders, least possible {found['p_least']:.3f}."
    )
