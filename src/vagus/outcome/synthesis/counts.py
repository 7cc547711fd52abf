"""One trial's counts: risk difference with interval, number needed to treat, exact tests."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from scipy import stats

from vagus.errors import InputError, Problem, nearest
from vagus.outcome.synthesis.effects import Counts
from vagus.source import Effect, Source

Exact = Literal["fisher", "barnard", "boschloo"]

_NEWCOMBE = Source(text="Newcombe RG. Stat Med 1998;17:873-890", verified=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NeededToTreat:
    """People to treat for one more event than in the control arm, from the risk difference and its interval.

    Parameters
    ----------
    difference : Effect
        Risk difference.
    """

    difference: Effect

    @property
    def estimate(self) -> float:
        """1 / risk difference; below zero: to harm; infinite where there is no difference."""
        return math.inf if self.difference.estimate == 0 else 1 / self.difference.estimate

    @property
    def text(self) -> str:
        """Number with interval; where the interval holds "no difference", it runs through infinity and is told so.

        Altman DG. BMJ 1998;317:1309-1312. doi:10.1136/bmj.317.7168.1309.
        """
        low, high = self.difference.low, self.difference.high
        head = f"number needed to treat {_number(self.difference.estimate)}"
        if low <= 0 <= high:
            return f"{head} ({_number(low)}, through infinity, to {_number(high)}): no difference is not ruled out"
        first, last = (high, low) if low > 0 else (low, high)
        return f"{head} ({1 / abs(first):.1f} to {1 / abs(last):.1f})"


def _number(difference: float) -> str:
    if difference == 0:
        return "infinity"
    return f"{1 / abs(difference):.1f} for one {'more' if difference > 0 else 'fewer'}"


def risk_difference(counts: Counts, *, level: float = 0.95) -> Effect:
    """Risk difference with Newcombe's interval from the two Wilson intervals (his method 10), valid near 0 and 1.

    Examples
    --------
    >>> acute = Counts(study="D02", active_events=17, active_n=112, control_events=11, control_n=110)
    >>> found = risk_difference(acute)
    >>> round(found.estimate, 3), round(found.low, 3), round(found.high, 3)
    (0.052, -0.037, 0.141)
    """
    p, p_low, p_high = wilson(counts.active_events, counts.active_n, level)
    q, q_low, q_high = wilson(counts.control_events, counts.control_n, level)
    return Effect(
        estimate=p - q,
        low=max(p - q - math.hypot(p - p_low, q_high - q), -1.0),
        high=min(p - q + math.hypot(p_high - p, q - q_low), 1.0),
        unit="",
        n=counts.active_n + counts.control_n,
        method="risk difference, Newcombe's hybrid score interval",
        level=level,
        sources=(_NEWCOMBE,),
    )


def wilson(events: int, n: int, level: float) -> tuple[float, float, float]:
    """Share and its Wilson interval.

    Parameters
    ----------
    events, n : int
    level : float

    Examples
    --------
    >>> [round(one, 3) for one in wilson(2, 40, 0.95)]
    [0.05, 0.014, 0.165]
    """
    z = float(stats.norm.ppf(0.5 + level / 2))
    p = events / n
    middle, reach = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    below, above = (middle - reach) / (1 + z * z / n), (middle + reach) / (1 + z * z / n)
    return p, max(below, 0.0), min(above, 1.0)


def needed_to_treat(counts: Counts, *, level: float = 0.95) -> NeededToTreat:
    """Number needed to treat for one more event, with an interval that is honest about infinity.

    Examples
    --------
    >>> acute = Counts(study="D02", active_events=17, active_n=112, control_events=11, control_n=110)
    >>> round(needed_to_treat(acute).estimate, 1)
    19.3
    """
    return NeededToTreat(difference=risk_difference(counts, level=level))


def exact_p(counts: Counts, *, test: Exact = "boschloo") -> float:
    """Two-sided p value of an exact test of no difference between the arms.

    Parameters
    ----------
    counts : Counts
    test : {"fisher", "barnard", "boschloo"}
        Fisher keeps both margins; Barnard and Boschloo only those of the arms, and find more. All by scipy.

    Examples
    --------
    >>> tea = Counts(study="tea", active_events=3, active_n=4, control_events=1, control_n=4)
    >>> round(exact_p(tea, test="fisher"), 4)
    0.4857
    """
    table = [[counts.active_events, counts.control_events],
             [counts.active_n - counts.active_events, counts.control_n - counts.control_events]]  # fmt: skip
    if test == "fisher":
        return float(stats.fisher_exact(table).pvalue)  # pyright: ignore[reportAttributeAccessIssue]
    if test not in ("barnard", "boschloo"):
        found, allowed = f'"{test}"', nearest(test, ("fisher", "barnard", "boschloo"))
        raise InputError(Problem(what="unknown exact test", found=found, allowed=allowed))
    if 0 in (sum(table[0]), sum(table[1])):
        return 1.0  # nobody, or everybody, in both arms
    result = stats.barnard_exact(table) if test == "barnard" else stats.boschloo_exact(table)
    return float(result.pvalue)  # pyright: ignore[reportAttributeAccessIssue]
