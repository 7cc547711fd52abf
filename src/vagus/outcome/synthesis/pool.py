"""Random-effects synthesis: REML or DerSimonian-Laird, Hartung-Knapp, heterogeneity, prediction interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy import optimize, special

from vagus.errors import Abstained, InputError, Problem, nearest
from vagus.outcome.synthesis.effects import MEASURES, Measure, StudyEffect, shown
from vagus.source import Effect, Source

Method = Literal["reml", "dl", "fixed"]
Test = Literal["hartung-knapp", "hartung-knapp-floor", "normal"]

METHODS: tuple[Method, ...] = ("reml", "dl", "fixed")
TESTS: tuple[Test, ...] = ("hartung-knapp", "hartung-knapp-floor", "normal")

SOURCES = (
    Source(text="Viechtbauer W. J Educ Behav Stat 2005;30:261-293. doi:10.3102/10769986030003261",
           doi="10.3102/10769986030003261", verified=False),
    Source(text="Knapp G, Hartung J. Stat Med 2003;22:2693-2710. doi:10.1002/sim.1482", doi="10.1002/sim.1482",
           verified=False),
    Source(text="Higgins JPT et al. J R Stat Soc A 2009;172:137-159. doi:10.1111/j.1467-985X.2008.00552.x",
           doi="10.1111/j.1467-985X.2008.00552.x", verified=False),
)  # fmt: skip
"""Papers the methods were written from; their DOIs were recalled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pooled:
    """A pooled effect, on the scale of pooling (logarithms for ratios); `effect` is the same for people.

    Parameters
    ----------
    measure : {"rd", "rr", "or", "md", "g"}
    estimate, se, low, high, p : float
        Estimate, its standard error, the interval at `level`, and the two-sided p value.
    prediction_low, prediction_high : float or None
        Where the effect of a further study is expected; None with fewer than three studies or a common effect.
    tau2 : float
        Variance between studies; 0 for a common effect.
    i2_pct : float
        Share of the variability that is between studies (Higgins and Thompson), in percent.
    q, q_p : float
        Cochran's Q and its p value.
    weights_pct : tuple of float
        Weight of each study, in percent.
    """

    measure: Measure
    estimate: float
    se: float
    low: float
    high: float
    p: float
    studies: tuple[StudyEffect, ...]
    weights_pct: tuple[float, ...]
    tau2: float
    i2_pct: float
    q: float
    q_p: float
    method: str
    level: float = 0.95
    prediction_low: float | None = None
    prediction_high: float | None = None

    @property
    def effect(self) -> Effect:
        """Estimate and interval on the scale people read: ratios, not logarithms."""
        estimate, low, high = (shown(value, self.measure) for value in (self.estimate, self.low, self.high))
        unit = "" if self.measure != "md" else "points"
        n = len(self.studies)
        return Effect(
            estimate=estimate, low=low, high=high, unit=unit, n=n, method=self.method, level=self.level, sources=SOURCES
        )

    @property
    def text(self) -> str:
        """Two sentences: the estimate with interval, and how far studies differ."""
        found = self.effect
        unsure = "" if all(one.verified for one in self.studies) else " [unverified]"
        head = (
            f"{len(self.studies)} studies, {MEASURES[self.measure]} {found.estimate:.3g} "
            f"({self.level:.0%} interval {found.low:.3g} to {found.high:.3g}), p {_p(self.p)}{unsure}. "
        )
        spread = f"Between studies: tau² {self.tau2:.3g}, I² {self.i2_pct:.0f} %, Q {self.q:.3g} (p {_p(self.q_p)})"
        if self.prediction_low is None or self.prediction_high is None:
            return head + spread + "."
        low, high = shown(self.prediction_low, self.measure), shown(self.prediction_high, self.measure)
        return head + spread + f"; a further study is expected between {low:.3g} and {high:.3g}."


def _p(value: float) -> str:
    return f"{value:.3f}" if value >= 0.001 else "below 0.001"


def pool(
    effects: Sequence[StudyEffect], *, method: Method = "reml", test: Test = "hartung-knapp", level: float = 0.95
) -> Pooled:
    """Pooled effect of studies with interval and prediction interval.

    Parameters
    ----------
    effects : sequence of StudyEffect
        At least two, of one measure.
    method : {"reml", "dl", "fixed"}
        Variance between studies by restricted maximum likelihood (the highest of its peaks is looked for, so that no
        start decides), by DerSimonian and Laird, or none (a common effect, inverse-variance weights).
    test : {"hartung-knapp", "hartung-knapp-floor", "normal"}
        Interval from the weighted spread of the studies with t on k - 1 degrees of freedom (Hartung and Knapp, not
        modified), the same but never narrower than the usual one, or the usual one. A common effect is always "normal".
    level : float
        Of both intervals.

    Raises
    ------
    Abstained
        Fewer than two studies; or all estimates equal, where the Hartung-Knapp interval has no width.
    InputError
        Mixed measures, a study named twice, an unknown method or test.

    Notes
    -----
    The prediction interval takes t with k - 1 degrees of freedom beside Hartung-Knapp and k - 2 beside the normal one
    (Higgins 2009); it needs three studies.

    Examples
    --------
    >>> studies = [StudyEffect(study=s, measure="md", estimate=y, variance=v)
    ...            for s, y, v in (("A", -4.2, 0.7), ("B", -1.9, 0.3), ("C", -3.0, 0.9))]
    >>> found = pool(studies)
    >>> round(found.estimate, 2), round(found.low, 2), round(found.high, 2)
    (-2.92, -5.87, 0.03)
    """
    _check(effects, method, test, level)
    y = np.array([one.estimate for one in effects])
    v = np.array([one.variance for one in effects])
    k = y.size
    tau2 = between_variance(y, v, method=method)
    w = 1.0 / (v + tau2)
    estimate, se = float(w @ y / w.sum()), 1.0 / math.sqrt(w.sum())
    fixed = 1.0 / v
    q = float(fixed @ (y - fixed @ y / fixed.sum()) ** 2)
    is_t = test != "normal" and method != "fixed"
    if is_t:
        scale = float(w @ (y - estimate) ** 2) / (k - 1)
        if scale == 0 and test == "hartung-knapp":
            raise Abstained("all studies have one estimate: use test='hartung-knapp-floor' or 'normal'")
        se *= math.sqrt(max(scale, 1.0) if test == "hartung-knapp-floor" else scale)
    half, p = _interval(estimate, se, level, df=k - 1 if is_t else None)
    typical = (k - 1) * fixed.sum() / (fixed.sum() ** 2 - (fixed**2).sum())
    i2 = max(0.0, (q - (k - 1)) / q) if method == "fixed" and q > 0 else tau2 / (tau2 + typical)
    reach = None
    if method != "fixed" and k >= 3:
        reach = float(special.stdtrit(k - 1 if is_t else k - 2, 0.5 + level / 2)) * math.sqrt(tau2 + se * se)
    return Pooled(
        measure=effects[0].measure,
        estimate=estimate,
        se=se,
        low=estimate - half,
        high=estimate + half,
        p=p,
        studies=tuple(effects),
        weights_pct=tuple((100 * w / w.sum()).tolist()),
        tau2=tau2,
        i2_pct=100 * i2,
        q=q,
        q_p=float(special.chdtrc(k - 1, q)),
        method=_told(method, test),
        level=level,
        prediction_low=None if reach is None else estimate - reach,
        prediction_high=None if reach is None else estimate + reach,
    )


def between_variance(y: np.ndarray, v: np.ndarray, *, method: Method = "reml") -> float:
    """Variance between studies, 0 where none is seen.

    Parameters
    ----------
    y, v : array, shape (k,)
        Estimates and their variances.
    method : {"reml", "dl", "fixed"}

    Examples
    --------
    >>> round(between_variance(np.array([0.0, 2.0, 4.0]), np.array([1.0, 1.0, 1.0])), 6)
    3.0
    """
    if method == "fixed":
        return 0.0
    if method == "dl":
        w = 1.0 / v
        q = float(w @ (y - w @ y / w.sum()) ** 2)
        return max(0.0, (q - (y.size - 1)) / float(w.sum() - (w**2).sum() / w.sum()))
    # the maximum lies below the squared spread; a grid in its units makes the search free of scale
    top = float(np.ptp(y)) ** 2
    if top == 0:
        return 0.0
    grid = np.concatenate([[0.0], top * np.geomspace(1e-8, 1.0, 80)])
    best = int(np.argmax(_restricted(grid, y, v)))
    low, high = grid[max(best - 1, 0)], grid[min(best + 1, grid.size - 1)]
    if _slope(low, y, v) <= 0:
        return float(low) if best else 0.0
    if _slope(high, y, v) >= 0:
        return float(high)
    return _zero(low, high, y, v)


def _zero(low: float, high: float, y: np.ndarray, v: np.ndarray) -> float:
    """Where the slope changes its sign between the two."""
    found: Any = optimize.brentq(lambda tau2: _slope(tau2, y, v), low, high, xtol=1e-300)
    return float(found)


def _restricted(tau2: np.ndarray, y: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Restricted log-likelihood at each of several variances, up to a constant."""
    w = 1.0 / (v + tau2[:, None])
    total = w.sum(1)
    rest = (w * (y - (w @ y / total)[:, None]) ** 2).sum(1)
    return 0.5 * (np.log(w).sum(1) - np.log(total) - rest)


def _slope(tau2: float, y: np.ndarray, v: np.ndarray) -> float:
    """Derivative of the restricted log-likelihood, times two."""
    w = 1.0 / (v + tau2)
    rest = y - w @ y / w.sum()
    return float((w * w) @ (rest * rest) - w.sum() + (w @ w) / w.sum())


def _interval(estimate: float, se: float, level: float, *, df: int | None) -> tuple[float, float]:
    """Half width of the interval and two-sided p value."""
    reach, below = 0.5 + level / 2, -abs(estimate) / se
    if df is None:
        return float(special.ndtri(reach)) * se, float(2 * special.ndtr(below))
    return float(special.stdtrit(df, reach)) * se, float(2 * special.stdtr(df, below))


def _told(method: Method, test: Test) -> str:
    if method == "fixed":
        return "common effect, inverse variance, normal interval"
    how = {"reml": "REML", "dl": "DerSimonian-Laird"}[method]
    interval = {
        "hartung-knapp": "Hartung-Knapp interval",
        "hartung-knapp-floor": "Hartung-Knapp interval, never narrower than the normal one",
        "normal": "normal interval",
    }[test]
    return f"random effects, {how}, {interval}"


def _check(effects: Sequence[StudyEffect], method: str, test: str, level: float) -> None:
    problems: list[Problem] = []
    for what, word, allowed in (("method", method, METHODS), ("test", test, TESTS)):
        if word not in allowed:
            problems.append(Problem(what=f"unknown {what}", found=f'"{word}"', allowed=nearest(word, allowed)))
    if not 0 < level < 1:
        problems.append(Problem(what="level is no probability", found=f"{level:g}", allowed="over 0 and under 1"))
    measures = sorted({one.measure for one in effects})
    if len(measures) > 1:
        problems.append(Problem(what="studies of several measures", found=", ".join(measures), allowed="one measure"))
    names = [one.study for one in effects]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        problems.append(Problem(what="a study stands twice", found=", ".join(twice), allowed="each study once"))
    if problems:
        raise InputError(problems)
    if len(effects) < 2:
        raise Abstained(f"pooling needs two studies with numbers, there is {len(effects) or 'none'}")
