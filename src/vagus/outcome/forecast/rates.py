"""Rates by arm over trials: a random-effects logistic model, and the rate expected in a further trial."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from vagus.outcome.forecast.arms import Arm, ArmCount
from vagus.outcome.forecast.assumed import assumed

_Array = NDArray[np.float64]

_AT_WEEKS = 10.0  # the week that the level of a rate is told for
_N_TRIAL, _N_EFFECT = 9, 6  # nodes of the two spreads between trials


@dataclass(frozen=True, slots=True, kw_only=True)
class RateDraws:
    """Draws of the log odds in a further trial: level at ten weeks, effect of stimulation, open label, time."""

    level: _Array
    effect: _Array
    opened: _Array
    slope: _Array

    def log_odds(self, arm: Arm, at_weeks: float) -> _Array:
        """Log odds of the event in one arm at a week, one a draw."""
        value = self.level + self.slope * math.log2(at_weeks / _AT_WEEKS)
        return value if arm == "sham" else value + self.effect + (self.opened if arm == "open" else 0.0)

    def share(self, arm: Arm, at_weeks: float) -> _Array:
        """Share of people with the event in one arm at a week, one a draw."""
        return special.expit(self.log_odds(arm, at_weeks))


@dataclass(frozen=True, slots=True, kw_only=True)
class RateModel:
    """Posterior of the rates of one indication and route: a normal for each pair of spreads between trials.

    Parameters
    ----------
    weight : array, shape (nodes,)
        Posterior probability of each pair of spreads.
    trial_sd, effect_sd : array, shape (nodes,)
        Spread between trials of the level and of the effect, log odds.
    mean : array, shape (nodes, 4)
        Level, effect, open label, time.
    root : array, shape (nodes, 4, 4)
        Lower Cholesky factor of their covariance.
    """

    weight: _Array
    trial_sd: _Array
    effect_sd: _Array
    mean: _Array
    root: _Array

    def draw(self, n_draws: int, *, rng: np.random.Generator) -> RateDraws:
        """Rates of further trials, drawn."""
        node = rng.choice(self.weight.size, size=n_draws, p=self.weight)
        four = self.mean[node] + np.einsum("jab,jb->ja", self.root[node], rng.standard_normal((n_draws, 4)))
        new = rng.standard_normal((2, n_draws))
        return RateDraws(
            level=four[:, 0] + self.trial_sd[node] * new[0],
            effect=four[:, 1] + self.effect_sd[node] * new[1],
            opened=four[:, 2],
            slope=four[:, 3],
        )


def fit_rates(counts: Sequence[ArmCount]) -> RateModel:
    """Posterior of the rates by arm, given what trials counted.

    The log odds of an event are level + effect (stimulated) + open label + slope * log2(weeks / 10) + a trial's own
    level and, where stimulated, its own effect. Binomial counts, normal priors (table `forecast`), half-normal priors
    of both spreads between trials, laid on nodes of equal prior probability; at each node the posterior is the normal
    about its mode (Laplace), weighed by its marginal likelihood (Rue H et al. J R Stat Soc B 2009;71:319-392.
    doi:10.1111/j.1467-9868.2008.00700.x; here without their correction of the skew). Without any count it is the prior.

    Parameters
    ----------
    counts : sequence of ArmCount
        Of one event.

    Examples
    --------
    >>> from vagus.outcome import evidence
    >>> from vagus.outcome.forecast.arms import arm_counts
    >>> rows = evidence(indication="trd", route="iVNS").trials
    >>> drawn = fit_rates(arm_counts(rows).counts).draw(4000, rng=np.random.default_rng(1))
    >>> int(np.round(100 * np.median(drawn.share("sham", 10)), -1))
    10
    """
    design, seen, people, share, n_trials = _design(counts)
    trial_sd, effect_sd = _nodes()
    found = [
        _mode(design, seen, people, share, _variance(n_trials, b, c)) for b, c in zip(trial_sd, effect_sd, strict=True)
    ]
    logs = np.array([evidence for _, _, evidence in found])
    weight = np.exp(logs - logs.max())
    return RateModel(
        weight=weight / weight.sum(),
        trial_sd=trial_sd,
        effect_sd=effect_sd,
        mean=np.array([mean for mean, _, _ in found]),
        root=np.array([root for _, root, _ in found]),
    )


def _design(counts: Sequence[ArmCount]) -> tuple[_Array, _Array, _Array, _Array, int]:
    trials = sorted({one.trial for one in counts})
    design = np.zeros((len(counts), 4 + 2 * len(trials)))
    for row, one in enumerate(counts):
        k = trials.index(one.trial)
        stimulated = float(one.arm != "sham")
        design[row, :4] = (1.0, stimulated, float(one.arm == "open"), math.log2(one.at_weeks / _AT_WEEKS))
        design[row, 4 + k] = 1.0
        design[row, 4 + len(trials) + k] = stimulated
    columns = np.array([(one.n_event, one.n_people, one.share) for one in counts], float).reshape(-1, 3).T
    return design, columns[0], columns[1], columns[2], len(trials)


def _nodes() -> tuple[_Array, _Array]:
    """Every pair of the two spreads, each on nodes of equal prior probability."""

    def spread(key: str, n: int) -> _Array:
        return assumed(key) * stats.halfnorm.ppf((np.arange(n) + 0.5) / n)

    one, two = np.meshgrid(spread("trial_spread", _N_TRIAL), spread("trial_effect_spread", _N_EFFECT))
    return one.ravel(), two.ravel()


def _variance(n_trials: int, trial_sd: float, effect_sd: float) -> _Array:
    fixed = [assumed(key) ** 2 for key in ("sham_spread", "effect_spread", "open_spread", "time_spread")]
    return np.array([*fixed, *[trial_sd**2] * n_trials, *[effect_sd**2] * n_trials])


def _mode(
    design: _Array, seen: _Array, people: _Array, share: _Array, variance: _Array
) -> tuple[_Array, _Array, float]:
    """Mean and root of the covariance of the first four, and the log marginal likelihood, about the mode."""
    start = np.zeros(variance.size)
    start[0] = special.logit(assumed("sham_rate") / 100)
    precision: _Array = 1.0 / variance
    at: _Array = start.copy()

    def curvature(p: _Array) -> _Array:
        return (design.T * (share * people * p * (1 - p))) @ design + np.diag(precision)

    for _ in range(60):
        p = special.expit(design @ at)
        slope = design.T @ (share * (seen - people * p)) - precision * (at - start)
        step: _Array = np.linalg.solve(curvature(p), slope)
        at = at + step / max(1.0, float(np.abs(step).max()))  # a step of at most 1 cannot run away
        if float(np.abs(step).max()) < 1e-9:
            break
    odds = design @ at
    bend = curvature(special.expit(odds))
    fit = float(share @ (seen * odds - people * np.logaddexp(0.0, odds)))
    prior = -0.5 * float(precision @ (at - start) ** 2)
    size = -0.5 * (float(np.linalg.slogdet(bend)[1]) + float(np.log(variance).sum()))
    root = np.linalg.cholesky(np.linalg.inv(bend)[:4, :4]).astype(np.float64)
    return at[:4], root, fit + prior + size
