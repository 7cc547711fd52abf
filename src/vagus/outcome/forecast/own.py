"""One person's scores and the rates of trials: what the next totals may be, by arm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from vagus.errors import Abstained
from vagus.outcome.forecast.arms import Arm
from vagus.outcome.forecast.assumed import assumed
from vagus.outcome.forecast.rates import RateDraws

_Array = NDArray[np.float64]

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Ends of the 90 and 50 % intervals, and the median."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """Scores of one person as a forecast reads them: improvement is up, whatever way the scale points.

    Parameters
    ----------
    at_weeks : array, shape (n,)
        Weeks since the start; the first is that of the total that changes are measured against, and counts as 0.
    improved_points : array, shape (n,)
        Improvement over that total; the first is 0.
    need_points : float
        Improvement from which on a total is the event, half a step of the scale taken off.
    reach_points : float
        From the first total to the best one of the scale.
    error_sd_points : float
        Standard error of measurement.
    """

    at_weeks: _Array
    improved_points: _Array
    need_points: float
    reach_points: float
    error_sd_points: float


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Draws of how people differ: spread, onset, what of it lasts, and how long the rest comes and goes."""

    spread: _Array
    onset_weeks: _Array
    lasting: _Array
    wander_weeks: _Array


def draw_people(n_draws: int, *, rng: np.random.Generator) -> People:
    """Draws of how people differ from each other and over time (table `forecast`)."""

    def around(key: str) -> _Array:
        return assumed(key) * np.exp(assumed(f"{key}_doubt") * rng.standard_normal(n_draws))

    return People(
        spread=around("people_spread"),
        onset_weeks=around("onset"),
        lasting=assumed("lasting") + rng.uniform(-0.3, 0.3, n_draws),
        wander_weeks=around("wander_time"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """What lies ahead of one person in one arm: a mixture of normals, one a draw, weighed by the own scores.

    Parameters
    ----------
    weight : array, shape (draws,)
    mean_points, sd_points : array, shape (draws, weeks)
        Improvement as scored, measurement error included.
    level_points, level_sd_points : array, shape (draws,)
        Improvement at the last visit without measurement error.
    slope_points_per_week, slope_sd_points_per_week : array, shape (draws,)
        From the last visit to the last week asked for.
    """

    weight: _Array
    mean_points: _Array
    sd_points: _Array
    level_points: _Array
    level_sd_points: _Array
    slope_points_per_week: _Array
    slope_sd_points_per_week: _Array

    @property
    def n_effective(self) -> float:
        """Effective number of draws."""
        return float(1.0 / (self.weight @ self.weight))

    def chances(self, need_points: float) -> _Array:
        """Probability of the event at the last week asked for, one a draw."""
        return special.ndtr((self.mean_points[:, -1] - need_points) / self.sd_points[:, -1])


def moments(own: Own, drawn: RateDraws, people: People, arm: Arm, at_weeks: _Array) -> tuple[_Array, _Array]:
    """Mean and covariance of the improvement (without measurement error) at some weeks, one a draw.

    Of the people of a trial, a share p has the event at a week. Scored change is normal between them with a spread of
    `people_spread` times the way to the best total; so its mean is the event's edge plus that spread times the normal
    quantile of p. Before the first week that trials told a rate of, mean and spread rise along an exponential onset.
    What one person differs by is a part that lasts and one that comes and goes (Ornstein-Uhlenbeck).

    Returns
    -------
    mean : array, shape (draws, weeks)
    covariance : array, shape (draws, weeks, weeks)
    """
    error = 2 * own.error_sd_points**2
    scored = (people.spread * own.reach_points) ** 2
    own_variance = np.maximum(scored - error, 0.25 * scored)
    spread = np.sqrt(own_variance + error)[:, None]
    first = assumed("first_rate")
    odds = np.stack([drawn.log_odds(arm, max(float(week), first)) for week in at_weeks], axis=1)
    full = own.need_points + spread * special.ndtri(special.expit(odds))
    since = np.maximum(at_weeks, 0.0)
    rise = np.minimum(
        1.0, np.expm1(-since / people.onset_weeks[:, None]) / np.expm1(-first / people.onset_weeks)[:, None]
    )
    apart = np.abs(since[:, None] - since[None, :]) / people.wander_weeks[:, None, None]
    lasting = people.lasting[:, None, None]
    alike = lasting + (1 - lasting) * np.exp(-apart)
    return rise * full, own_variance[:, None, None] * rise[:, :, None] * rise[:, None, :] * alike


def look_ahead(own: Own, drawn: RateDraws, people: People, arm: Arm, weeks: _Array) -> Ahead:
    """What trials and the own scores say about the weeks ahead, in one arm.

    For each draw of rates and people the scores are normal, so that the update is exact (a Kalman filter, written over
    all visits at once); draws are weighed by how well they foretold the scores of this person.

    Parameters
    ----------
    own : Own
    drawn, people : RateDraws, People
        Of the same number of draws.
    arm : {"active", "sham", "open"}
    weeks : array, shape (m,)
        Weeks since the start, after the last visit.

    Raises
    ------
    Abstained
        The scores lie so far from what trials and people's spread let expect that few draws are left.
    """
    n = own.at_weeks.size - 1  # visits after the first total
    where = np.concatenate([own.at_weeks[1:], own.at_weeks[-1:], weeks])
    mean, covariance = moments(own, drawn, people, arm, where)
    error = own.error_sd_points**2
    seen = covariance[:, :n, :n] + error * (1 + np.eye(n))  # the error of the first total is in every change
    cross = covariance[:, n:, :n] + error
    whole = covariance[:, n:, n:] + error
    rest = own.improved_points[1:] - mean[:, :n]
    root = np.linalg.cholesky(seen)
    white = np.linalg.solve(root, rest[:, :, None])[:, :, 0]
    gain = np.linalg.solve(root, np.swapaxes(cross, 1, 2))
    after = mean[:, n:] + np.einsum("jab,ja->jb", gain, white)
    left = whole - np.einsum("jab,jac->jbc", gain, gain)
    log = -0.5 * (white**2).sum(1) - np.log(np.einsum("jaa->ja", root)).sum(1)
    weight = np.exp(log - log.max())
    weight /= weight.sum()
    span = float(weeks[-1] - own.at_weeks[-1])
    variance = np.einsum("jaa->ja", left)
    moved = variance[:, -1] + variance[:, 0] - 2 * left[:, 0, -1]
    ahead = Ahead(
        weight=weight,
        mean_points=after[:, 1:],
        sd_points=np.sqrt(variance[:, 1:] + error),
        level_points=after[:, 0],
        level_sd_points=np.sqrt(np.maximum(variance[:, 0], 0.0)),
        slope_points_per_week=(after[:, -1] - after[:, 0]) / span,
        slope_sd_points_per_week=np.sqrt(np.maximum(moved, 0.0)) / span,
    )
    if ahead.n_effective < assumed("draws_left"):
        raise Abstained(
            f"the own scores lie outside what trials and people's spread let expect ({ahead.n_effective:.0f} of "
            f"{weight.size} draws are left)"
        )
    return ahead


def quantiles(weight: _Array, mean: _Array, sd: _Array, at: Sequence[float]) -> _Array:
    """Quantiles of a mixture of normals, one mixture a column.

    Its distribution function is worked out on a grid and read between the points as normal quantiles, which run nearly
    straight: to 0.01 standard deviations.

    Parameters
    ----------
    weight : array, shape (draws,)
    mean, sd : array, shape (draws, m)
    at : sequence of float, length q
        Probabilities.

    Returns
    -------
    array, shape (q, m)
    """
    middle = weight @ mean
    width = np.maximum(np.sqrt(weight @ (sd**2 + (mean - middle) ** 2)), 1e-9)
    grid = np.linspace(-6.0, 6.0, 61)
    below = np.stack([weight @ special.ndtr((middle + step * width - mean) / np.maximum(sd, 1e-9)) for step in grid])
    normal = special.ndtri(np.clip(below, 1e-12, 1 - 1e-12))
    wanted = special.ndtri(np.asarray(at))
    return np.stack([middle[k] + width[k] * np.interp(wanted, normal[:, k], grid) for k in range(middle.size)], axis=1)


def weighted_quantile(values: _Array, weight: _Array, q: float) -> float:
    """Quantile of weighted values."""
    order = np.argsort(values)
    total = np.cumsum(weight[order])
    return float(np.interp(q * total[-1], total - weight[order] / 2, values[order]))
