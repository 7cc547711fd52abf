"""Time to an event: Kaplan-Meier curves, log-rank test, Cox regression."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats

from vagus.errors import Abstained, InputError, Problem, nearest
from vagus.outcome.analysis.mixed.inference import Tested
from vagus.source import Effect, Source

Ties = Literal["efron", "breslow"]

SOURCES = (
    Source(text="Kaplan EL, Meier P. J Am Stat Assoc 1958;53:457-481", doi="10.2307/2281868", verified=False),
    Source(text="Cox DR. J R Stat Soc B 1972;34:187-220", doi="10.1111/j.2517-6161.1972.tb00899.x", verified=False),
    Source(text="Efron B. J Am Stat Assoc 1977;72:557-565", doi="10.1080/01621459.1977.10480613", verified=False),
)
"""Papers the methods were written from; their DOIs were recalled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Share without the event after each time at which one happened.

    Parameters
    ----------
    weeks : array, shape (k,)
        Times with events or censoring, increasing.
    at_risk, events : array of int, shape (k,)
    survival, se : array, shape (k,)
        Share without the event, and Greenwood's standard error.
    low, high : array, shape (k,)
        Interval on the scale of log(-log), never outside 0 to 1; not-a-number once nobody is left.
    """

    weeks: np.ndarray
    at_risk: np.ndarray
    events: np.ndarray
    survival: np.ndarray
    se: np.ndarray
    low: np.ndarray
    high: np.ndarray
    level: float = 0.95

    def at(self, weeks: float) -> tuple[float, float, float]:
        """Share without the event at a time, and its interval."""
        k = int(np.searchsorted(self.weeks, weeks, side="right")) - 1
        if k < 0:
            return 1.0, 1.0, 1.0
        return float(self.survival[k]), float(self.low[k]), float(self.high[k])

    @property
    def median_weeks(self) -> Effect:
        """Time at which half have had the event; infinite where the curve, or a bound of it, does not fall so far."""
        return Effect(
            estimate=_falls_to_half(self.weeks, self.survival),
            low=_falls_to_half(self.weeks, self.low),
            high=_falls_to_half(self.weeks, self.high),
            unit="weeks",
            n=int(self.at_risk[0]),
            method="Kaplan-Meier, interval from that of the curve (log-log)",
            level=self.level,
            sources=SOURCES[:1],
        )


def _falls_to_half(weeks: np.ndarray, share: np.ndarray) -> float:
    """First time below one half; the middle of the stretch where it is one half exactly."""
    below = np.flatnonzero(share < 0.5 - 1e-12)
    level = np.flatnonzero(np.abs(share - 0.5) <= 1e-12)
    if level.size:
        after = weeks[below[0]] if below.size else weeks[level[-1]]
        return float(weeks[level[0]] + after) / 2
    return float(weeks[below[0]]) if below.size else math.inf


def _check(weeks: np.ndarray, is_event: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    weeks, is_event = np.asarray(weeks, float), np.asarray(is_event, bool)
    if weeks.ndim != 1 or weeks.shape != is_event.shape or not weeks.size:
        raise InputError(Problem(what="times and events do not fit", found=f"{weeks.shape} and {is_event.shape}"))
    if not (np.isfinite(weeks).all() and (weeks >= 0).all()):
        raise InputError(Problem(what="a time is missing or below 0", allowed="weeks from 0 on"))
    return weeks, is_event


def kaplan_meier(weeks: np.ndarray, is_event: np.ndarray, *, level: float = 0.95) -> Curve:
    """Share without the event over time.

    Parameters
    ----------
    weeks : array, shape (n,)
        Time to the event, or to the end of observation.
    is_event : array of bool, shape (n,)
    level : float

    Raises
    ------
    InputError
        Times that are missing or below 0.

    Examples
    --------
    >>> import numpy as np
    >>> curve = kaplan_meier(np.array([1., 2, 2, 4, 5]), np.array([True, True, False, True, False]))
    >>> curve.survival.round(2).tolist(), curve.median_weeks.estimate
    ([0.8, 0.6, 0.3, 0.3], 4.0)
    """
    weeks, is_event = _check(weeks, is_event)
    times, which = np.unique(weeks, return_inverse=True)
    events = np.bincount(which, weights=is_event).astype(int)
    gone = np.bincount(which)
    at_risk = weeks.size - np.concatenate([[0], np.cumsum(gone)[:-1]])
    survival = np.cumprod(1 - events / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.cumsum(events / (at_risk * (at_risk - events)))  # Greenwood
        se = survival * np.sqrt(spread)
        reach = float(stats.norm.ppf(0.5 + level / 2)) * np.sqrt(spread) / np.abs(np.log(survival))
        low, high = survival ** np.exp(reach), survival ** np.exp(-reach)
    whole = survival == 1
    low[whole], high[whole], se[whole] = 1.0, 1.0, 0.0
    return Curve(weeks=times, at_risk=at_risk, events=events, survival=survival, se=se, low=low, high=high, level=level)


def log_rank(weeks: np.ndarray, is_event: np.ndarray, arm: np.ndarray) -> tuple[float, float]:
    """Chi-squared of no difference between two arms, and its p value.

    Parameters
    ----------
    weeks, is_event : array, shape (n,)
    arm : array of int, shape (n,)
        0 and 1.

    Raises
    ------
    Abstained
        No events.

    Examples
    --------
    >>> import numpy as np
    >>> weeks, arm = np.array([6., 7, 10, 2, 3, 4]), np.array([1, 1, 1, 0, 0, 0])
    >>> chi2, p = log_rank(weeks, np.ones(6, bool), arm)
    >>> round(chi2, 2), round(p, 3)
    (5.05, 0.025)
    """
    weeks, is_event = _check(weeks, is_event)
    arm = np.asarray(arm)
    times = np.unique(weeks[is_event])
    if not times.size:
        raise Abstained("no events: the arms cannot be compared by time")
    here = (weeks[None] == times[:, None]) & is_event
    risk = weeks[None] >= times[:, None]
    d, n = here.sum(1), risk.sum(1)
    n1 = (risk & (arm == 1)).sum(1)
    expected = d * n1 / n
    variance = (d * (n1 / n) * (1 - n1 / n) * (n - d) / np.maximum(n - 1, 1)).sum()
    chi2 = float(((here & (arm == 1)).sum() - expected.sum()) ** 2 / variance)
    return chi2, float(stats.chi2.sf(chi2, 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cox:
    """Proportional hazards.

    Parameters
    ----------
    tests : tuple of Tested
        Logarithm of the hazard ratio of each regressor, Wald, normal law.
    log_likelihood : float
        Partial, at the estimates.
    """

    tests: tuple[Tested, ...]
    log_likelihood: float
    n: int
    n_events: int
    ties: Ties

    def ratio(self, k: int = 0, *, level: float = 0.95) -> Effect:
        """Hazard ratio of a regressor; over 1: the event comes sooner."""
        one = self.tests[k]
        low, high = one.interval(level)
        return Effect(
            estimate=math.exp(one.estimate), low=math.exp(low), high=math.exp(high), unit="", n=self.n, level=level,
            method=f"Cox regression, ties by {self.ties.capitalize()}, Wald interval", sources=SOURCES[1:],
        )  # fmt: skip


def cox(weeks: np.ndarray, is_event: np.ndarray, x: np.ndarray, *, ties: Ties = "efron") -> Cox:
    """Hazard ratios of regressors by partial likelihood.

    Parameters
    ----------
    weeks, is_event : array, shape (n,)
    x : array, shape (n, p)
        Regressors; the arm as 0 and 1.
    ties : {"efron", "breslow"}

    Raises
    ------
    Abstained
        No events, or a regressor that tells all events from the rest: the ratio is then without bounds.

    Examples
    --------
    >>> import numpy as np
    >>> found = cox(np.array([1., 2, 3, 4, 5, 6]), np.ones(6, bool), np.array([1, 1, 0, 1, 0, 0])[:, None])
    >>> round(found.ratio().estimate, 2)
    5.41
    """
    weeks, is_event = _check(weeks, is_event)
    if ties not in ("efron", "breslow"):
        allowed = nearest(ties, ("efron", "breslow"))
        raise InputError(Problem(what="unknown rule for ties", found=f'"{ties}"', allowed=allowed))
    x = np.asarray(x, float).reshape(weeks.size, -1)
    if not is_event.any():
        raise Abstained("no events: no hazard can be compared")
    middle, size = x.mean(0), np.where(x.std(0) > 0, x.std(0), 1.0)
    z = (x - middle) / size
    beta = np.zeros(x.shape[1])
    value, slope, curve = _partial(beta, weeks, is_event, z, ties)
    for _ in range(50):
        # where a regressor tells all events from the rest, the likelihood flattens out and the ratio grows for ever
        if not np.isfinite(curve).all() or np.linalg.eigvalsh(curve)[0] < 1e-8 * is_event.sum():
            break
        move = np.linalg.solve(curve, slope)
        if float(move @ slope) < 1e-18:
            se = np.sqrt(np.diag(np.linalg.inv(curve))) / size
            tests = tuple(_wald(float(b), float(s)) for b, s in zip(beta / size, se, strict=True))
            return Cox(tests=tests, log_likelihood=value, n=weeks.size, n_events=int(is_event.sum()), ties=ties)
        there = _partial(beta + move, weeks, is_event, z, ties)
        while there[0] < value - 1e-10 * abs(value):
            move = move / 2
            there = _partial(beta + move, weeks, is_event, z, ties)
        beta = beta + move
        value, slope, curve = there
    raise Abstained("no finite hazard ratio: a regressor is constant, or tells all events from the rest")


def _wald(estimate: float, se: float) -> Tested:
    t = estimate / se
    return Tested(estimate=estimate, se=se, df=math.inf, t=t, p=float(2 * stats.norm.sf(abs(t))))


def _partial(
    beta: np.ndarray, weeks: np.ndarray, is_event: np.ndarray, z: np.ndarray, ties: Ties
) -> tuple[float, np.ndarray, np.ndarray]:
    """Partial log-likelihood, its slope, and minus its second derivative."""
    p = z.shape[1]
    weight = np.exp(np.clip(z @ beta, -500, 500))
    value, slope, curve = 0.0, np.zeros(p), np.zeros((p, p))
    for time in np.unique(weeks[is_event]):
        risk = weeks >= time
        here = is_event & (weeks == time)
        d = int(here.sum())
        sums = [(weight[s].sum(), weight[s] @ z[s], (z[s] * weight[s, None]).T @ z[s]) for s in (risk, here)]
        value += float((z[here] @ beta).sum())
        slope = slope + z[here].sum(0)
        for k in range(d):
            share = k / d if ties == "efron" else 0.0
            s0, s1, s2 = (a - share * b for a, b in zip(*sums, strict=True))
            mean = s1 / s0
            value -= math.log(float(s0))
            slope = slope - mean
            curve = curve + s2 / s0 - np.outer(mean, mean)
    return value, slope, curve
