"""The next beat, or the next breath: when it is due, and how sure that is."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from vagus.errors import InputError, Problem
from vagus.signal.known import value
from vagus.signal.vector import Array

LEVEL = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """When the next beat or breath is due.

    Parameters
    ----------
    time_s : float
        Best guess, on the recording's clock.
    low_s, high_s : float
        90 % interval.
    trouble : str
        Why not to rely on it: "warming up", "ectopy", "gap", "irregular"; "" where nothing is wrong.
    """

    time_s: float
    low_s: float
    high_s: float
    trouble: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """What is known of a pace so far; made by `Pace.of`, moved on by `pace_step`.

    Parameters
    ----------
    of_what : "beat" or "breath"
    last_s : float
        Time of the last one; nan before the first.
    n_interval : int
        Intervals learned from.
    mean_s, scale_s, spread_s : float
        Running mean of the intervals, usual error of the prediction, spread of the intervals.
    n_scale : float
        Half width of the interval in usual errors.
    history_s, moments, products : array
        Past intervals less the mean, newest first; what the regression remembers.
    calm : int
        Usual intervals since the last unlike one.
    unlike : "", "ectopy" or "gap"
        What the last unlike interval was.
    n_gap : int
        Intervals in a row that were too long; after three the pace is learned anew.

    Examples
    --------
    >>> pace = Pace.of("beat")
    >>> for beat_s in [0.8 * k for k in range(10)]:
    ...     pace = pace_step(pace, beat_s)
    >>> round(pace.due.time_s, 3), pace.due.trouble
    (8.0, '')
    """

    of_what: Literal["beat", "breath"]
    last_s: float
    n_interval: int
    mean_s: float
    scale_s: float
    spread_s: float
    n_scale: float
    history_s: Array
    moments: np.ndarray
    products: Array
    calm: int
    unlike: Literal["", "ectopy", "gap"]
    n_gap: int = 0

    @classmethod
    def of(cls, of_what: Literal["beat", "breath"]) -> Pace:
        """A pace before its first beat or breath."""
        if of_what not in ("beat", "breath"):
            raise InputError(Problem(what="pace of what", found=f'"{of_what}"', allowed="beat, breath"))
        order = int(value(f"{of_what}_order"))
        return cls(
            of_what=of_what, last_s=math.nan, n_interval=0, mean_s=math.nan, scale_s=math.nan, spread_s=math.nan,
            n_scale=value("first_quantile"), history_s=np.zeros(order), moments=np.zeros((order, order)),
            products=np.zeros(order), calm=0, unlike="",
        )  # fmt: skip

    @property
    def interval_s(self) -> float:
        """Predicted length of the running interval; nan before the first one has ended."""
        if self.n_interval == 0:
            return math.nan
        ridge = value("ridge_times") * self.spread_s**2
        first = np.zeros(self.history_s.size)
        first[0] = value("first_weight")
        weights = np.linalg.solve(self.moments + ridge * np.eye(first.size), self.products + ridge * first)
        moved = float(weights @ self.history_s)
        return self.mean_s + min(max(moved, -0.5 * self.mean_s), 0.5 * self.mean_s)

    @property
    def due(self) -> Due:
        """When the next one is due, with a 90 % interval."""
        time_s = self.last_s + self.interval_s
        half_s = self.n_scale * self.scale_s
        if self.n_interval < value("warm_up_intervals"):
            trouble = "warming up"
        elif self.calm < value("calm_intervals"):
            trouble = self.unlike
        else:
            trouble = "irregular" if half_s > value("irregular_share") * self.mean_s else ""
        return Due(time_s=time_s, low_s=max(time_s - half_s, self.last_s), high_s=time_s + half_s, trouble=trouble)


def pace_step(pace: Pace, time_s: float) -> Pace:
    """The pace after one more beat or breath.

    The next interval is predicted from past ones less their running mean: linear regression with forgetting, drawn
    to a first guess (nine tenths of the last one's distance) by a ridge, errors cut to twice the usual one before
    anything is learned. So respiratory sinus arrhythmia is followed, and an ectopic beat teaches little. The half width
    of the interval is a multiple of the usual error that grows with each miss and shrinks with each hit, so that 90 %
    are hit in the long run whatever the pace does (Gibbs & Candès 2021). No normal distribution is assumed.

    Parameters
    ----------
    pace : Pace
    time_s : float
        Time of the beat or breath, later than the last one.

    Raises
    ------
    InputError
        A time that is not finite, or not later than the last one.
    """
    if not math.isfinite(time_s) or time_s <= pace.last_s:
        found, allowed = f"{time_s:g} s after {pace.last_s:g} s", "a later time"
        raise InputError(Problem(what=f"time of a {pace.of_what}", found=found, allowed=allowed))
    if math.isnan(pace.last_s):
        return replace(pace, last_s=time_s)
    interval_s = time_s - pace.last_s
    if pace.n_interval == 0:
        share = value("first_scale_share") * interval_s
        return replace(pace, last_s=time_s, n_interval=1, mean_s=interval_s, scale_s=share, spread_s=share)
    if interval_s > value("gap_times") * pace.mean_s:
        if pace.n_gap + 1 >= value("most_gaps"):
            return pace_step(replace(Pace.of(pace.of_what), last_s=pace.last_s), time_s)
        return replace(pace, last_s=time_s, calm=0, unlike="gap", n_gap=pace.n_gap + 1)
    return _learned(pace, time_s, interval_s)


def _learned(pace: Pace, time_s: float, interval_s: float) -> Pace:
    """Scale, width, regression and history after an interval."""
    expected_s = pace.interval_s
    error_s = interval_s - expected_s
    cut_s = value("clip_times") * pace.scale_s
    missed = abs(error_s) > pace.n_scale * pace.scale_s
    forget, history = value("forget_share"), pace.history_s
    taught_s = expected_s - pace.mean_s + min(max(error_s, -cut_s), cut_s)
    believed_s = expected_s + min(max(error_s, -2 * cut_s), 2 * cut_s)
    mean_s = pace.mean_s + value("mean_rate") * (believed_s - pace.mean_s)
    moved = np.concatenate([[believed_s], history[:-1] + pace.mean_s]) - mean_s
    # of a normal error 1.25 times the mean of its size is its spread; a thousandth: no pace is more regular
    size_s = 1.25 * min(abs(error_s), 4 * pace.scale_s)
    scale_s = pace.scale_s + value("scale_rate") * (size_s - pace.scale_s)
    unlike = abs(error_s) > max(value("unlike_times") * pace.scale_s, value("unlike_share") * pace.mean_s)
    return replace(
        pace,
        last_s=time_s,
        n_interval=pace.n_interval + 1,
        mean_s=mean_s,
        scale_s=max(scale_s, 0.001 * mean_s),
        spread_s=math.sqrt(max(0.98 * pace.spread_s**2 + 0.02 * moved[0] ** 2, (0.001 * mean_s) ** 2)),
        n_scale=max(pace.n_scale * (1 + value("quantile_rate") * (missed - (1 - LEVEL))), 0.3),
        history_s=moved,
        moments=forget * pace.moments + np.outer(history, history),
        products=forget * pace.products + history * taught_s,
        calm=0 if unlike else pace.calm + 1,
        unlike="ectopy" if unlike else pace.unlike,
        n_gap=0,
    )
