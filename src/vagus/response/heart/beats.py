"""Heartbeats from a heart rate, by integral pulse frequency modulation.

A beat falls each time the integral of the heart rate, modulated by breath and by a slow rhythm, has grown by one.
"""

from __future__ import annotations

import numpy as np

from vagus.dose.ranges import demand, outside
from vagus.errors import InputError, Problem
from vagus.response.state import SECONDS, State
from vagus.signal import Beats

_STEP_S = 0.005


def predict_beats(
    mean_rr_ms: float,
    *,
    duration_s: float,
    breath_rate_per_min: float,
    rsa_ms: float,
    lf_ms: float = 0.0,
    hr_change: State | None = None,
    rng: np.random.Generator,
) -> Beats:
    """Predicted heartbeats: the same type as detected ones.

    Parameters
    ----------
    mean_rr_ms : float
        Mean RR interval at rest, ms.
    duration_s : float
        Duration, s.
    breath_rate_per_min : float
        Breaths per minute; each breath's length varies by 5 % (SD).
    rsa_ms : float
        Respiratory sinus arrhythmia, ms from trough to peak of RR.
    lf_ms : float
        Slow rhythm near 0.1 Hz, SD of RR in ms.
    hr_change : State, optional
        Change of heart rate in bpm over time (its median is used), such as `Response.state("hr_change")`.
    rng : numpy.random.Generator

    Raises
    ------
    InputError
        A number is out of range, or the modulation would stop the heart.

    Examples
    --------
    >>> beats = predict_beats(
    ...     850.0, duration_s=300, breath_rate_per_min=15, rsa_ms=60.0, rng=np.random.default_rng(1)
    ... )
    >>> round(float(beats.rr_ms.mean())), beats.origin
    (850, 'predicted')
    """
    _check(mean_rr_ms, duration_s, breath_rate_per_min, rsa_ms, lf_ms)
    t_s = np.arange(0.0, duration_s + _STEP_S, _STEP_S)
    phase = breath_phase(t_s, breath_rate_per_min, rng=rng)
    # heart rate rises while breathing in: RR is shortest where the sine of the phase is highest
    swing = rsa_ms / 2 * np.sin(phase) + lf_ms * _slow_rhythm(t_s, rng=rng)
    rate_hz = (1 + swing / mean_rr_ms) * 1000 / mean_rr_ms
    if hr_change is not None:
        at_s = hr_change.t * SECONDS[hr_change.t_unit]
        rate_hz = rate_hz + np.interp(t_s, at_s, hr_change.median) / 60
    if rate_hz.min() <= 0:
        raise InputError(
            Problem(
                what="the modulation would stop the heart",
                found=f"lowest heart rate {60 * rate_hz.min():.3g} bpm",
                allowed="a heart rate above 0 throughout: smaller rsa_ms, lf_ms or hr_change",
            )
        )
    count = np.concatenate([[0.0], np.cumsum((rate_hz[1:] + rate_hz[:-1]) / 2 * _STEP_S)])
    first = rng.uniform(0.0, 1.0)
    time_s = np.interp(np.arange(first, count[-1], 1.0), count, t_s)
    return Beats(time_s=time_s, quality=np.ones(time_s.size), origin="predicted", source_name="vagus.response.heart")


def _check(mean_rr_ms: float, duration_s: float, breath_rate_per_min: float, rsa_ms: float, lf_ms: float) -> None:
    mean = outside("mean_rr_ms", mean_rr_ms, low=100, high=3000)
    demand([
        mean,
        outside("duration_s", duration_s, low=2, high=172_800),
        outside("breath_rate_per_min", breath_rate_per_min, low=2, high=200),
        None if mean else outside("rsa_ms", rsa_ms, low=0, high=mean_rr_ms, why="at most mean_rr_ms"),
        None if mean else outside("lf_ms", lf_ms, low=0, high=mean_rr_ms / 4, why="at most a quarter of mean_rr_ms"),
    ])  # fmt: skip


def breath_phase(t_s: np.ndarray, rate_per_min: float, *, rng: np.random.Generator) -> np.ndarray:
    """Phase of breathing, rad: breaths of unequal length, phase linear within each."""
    n = int(np.ceil(t_s[-1] * rate_per_min / 60 * 1.3)) + 8
    length_s = 60 / rate_per_min * np.clip(1 + 0.05 * rng.standard_normal(n), 0.8, 1.2)
    begin_s = np.concatenate([[0.0], np.cumsum(length_s)])
    return 2 * np.pi * (np.interp(t_s, begin_s, np.arange(n + 1)) + rng.uniform())


def _slow_rhythm(t_s: np.ndarray, *, rng: np.random.Generator) -> np.ndarray:
    """Sum of sines around 0.1 Hz with random phases, SD 1."""
    hz = np.linspace(0.08, 0.12, 9)
    weight = np.exp(-0.5 * ((hz - 0.1) / 0.01) ** 2)
    phases = rng.uniform(0, 2 * np.pi, hz.size)
    wave = (weight[:, None] * np.sin(2 * np.pi * hz[:, None] * t_s[None, :] + phases[:, None])).sum(axis=0)
    return wave / np.sqrt((weight**2).sum() / 2)
