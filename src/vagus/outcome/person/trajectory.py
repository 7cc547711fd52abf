"""Level and slope of one person's scores, with the measurement error of the instrument."""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vagus.errors import Abstained, InputError, Problem
from vagus.outcome.answers import Score, day
from vagus.outcome.instrument import Instrument, find_instrument
from vagus.outcome.person.conventions import conventions

_Array = NDArray[np.float64]
_N_GRID = 25
_Z95 = 1.959963984540054


@dataclass(frozen=True, slots=True, kw_only=True)
class TrajectoryPoint:
    """Level (points) and slope (points a week) on a date, each with its 95 % interval.

    The level is what a score without measurement error would be; a single new score lies further out.
    """

    date: datetime.date
    level_points: float
    level_low_points: float
    level_high_points: float
    slope_points_per_week: float
    slope_low_points_per_week: float
    slope_high_points_per_week: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Trajectory:
    """A person's course under the scores.

    Parameters
    ----------
    points : tuple of TrajectoryPoint
    error_sd_points : float
        Standard error of measurement that was used.
    wander_points_per_week : float
        Mean of how much the weekly slope changes in a week; 0 is a straight line.
    n : int
        Scores with a total.
    text : str
        Where it stands on the last date, in words.
    """

    instrument: str
    points: tuple[TrajectoryPoint, ...]
    error_sd_points: float
    wander_points_per_week: float
    n: int
    text: str


def trajectory(
    scores: Sequence[Score],
    instrument: Instrument | None = None,
    *,
    at: Sequence[datetime.date] | None = None,
    error_sd_points: float | None = None,
) -> Trajectory:
    """Level and slope over time, from noisy scores at uneven visits.

    Local linear trend: the level moves by the slope, the slope wanders as a random walk, scores carry the measurement
    error sd * sqrt(1 - r). Start of level and slope is flat (diffuse). This is the Kalman smoother of that model,
    written as its closed form over all visits (Wahba 1978, J R Stat Soc B 40:364-372), so that uneven visits and dates
    between and after them come from one formula. How much the slope wanders is not fixed: a grid of values is
    weighed by the restricted likelihood and a half-normal prior (table `person`), and their spread enters the interval.

    Parameters
    ----------
    scores : sequence of Score
        Of one instrument; those without a total are left out.
    instrument : Instrument or None
        A lab's own; None takes the package's.
    at : sequence of date or None
        Dates to tell; None takes those of the scores. Intervals widen outside the visits.
    error_sd_points : float or None
        Standard error of measurement, points; None takes the instrument's reliability.

    Raises
    ------
    InputError
        Several instruments, two scores of one date, or an error that is not over 0.
    Abstained
        Fewer than three totals, or no reliability is known and none is given.

    Examples
    --------
    >>> from datetime import date, timedelta
    >>> from vagus.outcome import Answers, score
    >>> day0 = date(2026, 1, 5)
    >>> scores = [score(Answers(date=day0 + timedelta(weeks=w), instrument="phq9", total=t))
    ...           for w, t in enumerate((20, 18, 17, 15, 12, 11))]
    >>> last = trajectory(scores).points[-1]
    >>> round(last.level_points, 1), round(last.slope_points_per_week, 1)
    (10.8, -1.9)
    """
    keys = sorted({score.instrument for score in scores})
    if len(keys) != 1:
        raise InputError(Problem(what="a trajectory needs scores of one instrument", found=", ".join(keys) or "none"))
    if len({score.date for score in scores}) < len(scores):
        raise InputError(Problem(what="two scores of one date", where=keys[0], allowed="one a date"))
    instrument = instrument or find_instrument(keys[0])
    error = _error(instrument) if error_sd_points is None else error_sd_points
    if not (math.isfinite(error) and error > 0):
        raise InputError(Problem(what="measurement error is not over 0", found=f"{error:g}", allowed="points over 0"))
    told = sorted((score.date, score.total) for score in scores if score.total is not None)
    if len(told) < 3:
        raise Abstained(f"{instrument.short}: {len(told)} of {len(scores)} fillings with a total; a trajectory needs 3")
    dates = tuple(at) if at is not None else tuple(date for date, _ in told)
    origin = told[0][0]
    week = np.array([(date - origin).days / 7 for date, _ in told])
    where = np.array([(date - origin).days / 7 for date in dates])
    scale = conventions()["wander_share"].value * (instrument.total_high - instrument.total_low)
    mean, sd, wander = _smoothed(week, np.array([total for _, total in told]), where, error=error, scale=scale)
    points = tuple(_point(date, mean[:, k], sd[:, k]) for k, date in enumerate(dates))
    return Trajectory(
        instrument=instrument.key,
        points=points,
        error_sd_points=float(error),
        wander_points_per_week=wander,
        n=len(told),
        text=_sentence(instrument, points[-1]) if points else "",
    )


def _error(instrument: Instrument) -> float:
    if instrument.reliability is None:
        raise Abstained(f"{instrument.short}: no reliability is known; give the measurement error (error_sd_points)")
    return instrument.reliability.points / (_Z95 * math.sqrt(2))


def _smoothed(
    week: _Array, total: _Array, where: _Array, *, error: float, scale: float
) -> tuple[_Array, _Array, float]:
    """Mean and SD of level and slope (2 by dates) over the grid of wander, and the mean wander."""
    grid = np.linspace(0.0, 3.0 * scale, _N_GRID)
    fits = [_fit(week, total, where, error=error, wander=float(wander)) for wander in grid]
    weight = np.array([fit[2] for fit in fits]) - 0.5 * (grid / scale) ** 2
    weight = np.exp(weight - weight.max())
    weight /= weight.sum()
    means, variances = np.array([fit[0] for fit in fits]), np.array([fit[1] for fit in fits])
    mean = np.tensordot(weight, means, axes=1)
    within = np.tensordot(weight, variances, axes=1)
    between = np.tensordot(weight, (means - mean) ** 2, axes=1)
    return mean, np.sqrt(within + between), float(weight @ grid)


def _fit(week: _Array, total: _Array, where: _Array, *, error: float, wander: float) -> tuple[_Array, _Array, float]:
    """Mean and variance of level and slope at `where`, and the restricted log likelihood, for one wander."""
    first = min(week.min(), where.min(initial=math.inf))
    seen, told = week - first, where - first
    line, own = _line(seen), wander**2 * _level_level(seen, seen) + error**2 * np.eye(seen.size)
    solved = np.linalg.solve(own, np.column_stack((line, total)))
    information = line.T @ solved[:, :2]
    start = np.linalg.solve(information, line.T @ solved[:, 2])
    rest = np.linalg.solve(own, total - line @ start)
    mean, variance = np.empty((2, told.size)), np.empty((2, told.size))
    for row, (design, cross, alone) in enumerate(
        (
            (_line(told), _level_level(told, seen), told**3 / 3),
            (np.column_stack((np.zeros_like(told), np.ones_like(told))), _slope_level(told, seen), told),
        )
    ):
        shared = wander**2 * cross
        gain = np.linalg.solve(own, shared.T).T
        left = design - gain @ line
        mean[row] = design @ start + shared @ rest
        known = np.einsum("ij,ij->i", gain, shared)
        variance[row] = wander**2 * alone - known + np.einsum("ij,ji->i", left, np.linalg.solve(information, left.T))
    fit = (total - line @ start) @ rest
    likelihood = -0.5 * (np.linalg.slogdet(own)[1] + np.linalg.slogdet(information)[1] + fit)
    return mean, np.maximum(variance, 0.0), float(likelihood)


def _line(week: _Array) -> _Array:
    return np.column_stack((np.ones_like(week), week))


def _level_level(a: _Array, b: _Array) -> _Array:
    """Covariance of the level at `a` and `b` under a slope that is a Wiener process: integral of (a - u)(b - u)."""
    low = np.minimum(a[:, None], b[None, :])
    return low**2 * (3 * np.maximum(a[:, None], b[None, :]) - low) / 6


def _slope_level(a: _Array, b: _Array) -> _Array:
    """Covariance of the slope at `a` and the level at `b`."""
    low = np.minimum(a[:, None], b[None, :])
    return low * b[None, :] - low**2 / 2


def _point(date: datetime.date, mean: _Array, sd: _Array) -> TrajectoryPoint:
    half = _Z95 * sd
    return TrajectoryPoint(
        date=date,
        level_points=float(mean[0]),
        level_low_points=float(mean[0] - half[0]),
        level_high_points=float(mean[0] + half[0]),
        slope_points_per_week=float(mean[1]),
        slope_low_points_per_week=float(mean[1] - half[1]),
        slope_high_points_per_week=float(mean[1] + half[1]),
    )


def _sentence(instrument: Instrument, last: TrajectoryPoint) -> str:
    moving = "the direction cannot be told"
    if last.slope_low_points_per_week > 0 or last.slope_high_points_per_week < 0:
        moving = "getting better" if instrument.better * last.slope_points_per_week > 0 else "getting worse"
    mark = "" if instrument.reliability is None or instrument.reliability.source.verified else " [unverified error]"
    return (
        f"{instrument.short} on {day(last.date)}: level {last.level_points:.1f} points "
        f"({last.level_low_points:.1f} to {last.level_high_points:.1f}), {last.slope_points_per_week:+.2f} points a "
        f"week ({last.slope_low_points_per_week:.2f} to {last.slope_high_points_per_week:.2f}): {moving}{mark}."
    )
