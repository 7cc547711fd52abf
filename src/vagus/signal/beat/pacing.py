"""Pacing spikes in an ECG: a narrow deflection alone, right before a wide complex."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import median_filter, uniform_filter1d

from vagus.signal.beat.constants import value
from vagus.signal.vector import Array

_EVERY, _FEWEST, _FEW = 32, 64, 9  # every so many beats are looked at first, at least so many; so many together
_AFTER_S = (0.06, 0.08, 0.1)  # where the complex is looked for behind the spike: an R wave is over by then
_BEFORE_S = (0.06, 0.07, 0.08)  # and its baseline before it


def spike_times(samples: Array, *, fs_hz: float, time_s: Array) -> Array:
    """Times of the beats before which a pacing spike stands, where many of the beats around have one (30 % of 101).

    A spike is what a running median over 25 ms takes away, and is one where nothing else of the complex is an eighth
    as narrow and high (a sharp R wave has slopes, Q and S beside it), where it is at least 8 % of the complex, and
    where the ECG afterwards is away from the line before it by at least half of the spike: the wide complex that it
    made. Below 250 Hz none is looked for.

    Parameters
    ----------
    samples : (n,) array
        The ECG, finite.
    fs_hz : float
    time_s : (m,) array
        R times.

    Examples
    --------
    >>> t = np.arange(0, 60, 0.002)
    >>> since = t % 0.8 - 0.4
    >>> wide = np.exp(-0.5 * ((since - 0.06) / 0.03) ** 2)
    >>> spike = 0.6 * (np.abs(since) < 0.003)
    >>> beats_s = np.arange(0.46, 59, 0.8)
    >>> spike_times(wide + spike, fs_hz=500.0, time_s=beats_s).size, spike_times(wide, fs_hz=500.0, time_s=beats_s).size
    (74, 0)
    """
    if fs_hz < value("slowest_spike_fs_hz") or time_s.size == 0:
        return time_s[:0]
    usual = value("least_spikes_pct") / 100
    few = time_s[:: max(1, min(_EVERY, time_s.size // _FEWEST))]
    if _share(_has_spike(samples, fs_hz, few), _FEW).max() < usual:
        return time_s[:0]  # a pacemaker at work for five minutes would have shown
    found = _has_spike(samples, fs_hz, time_s)
    return time_s[found & (_share(found, round(value("spikes_beats"))) >= usual)]


def _share(found: np.ndarray, n: int) -> Array:
    """Share of true among the `n` around each, the same size."""
    return uniform_filter1d(found.astype(np.float64), n, mode="reflect")


def _has_spike(samples: Array, fs_hz: float, time_s: Array) -> np.ndarray:
    """Whether a spike stands before each beat, (m,) of bool."""

    def of(seconds: float) -> int:
        return round(seconds * fs_hz)

    reach, away = of(value("spike_reach_s")), of(_AFTER_S[-1] + 0.01)
    offsets = np.arange(-reach - of(_BEFORE_S[-1]), reach + away)
    index = np.rint(time_s * fs_hz).astype(np.int64)
    pieces = samples[np.clip(index[:, None] + offsets, 0, samples.size - 1)]
    near = slice(of(_BEFORE_S[-1]), offsets.size - away)  # `reach` on either side of R
    half = of(value("spike_median_s") / 2)
    # one row after the other: four times as fast as row by row, and their ends are not looked at
    wide = pieces[:, near.start - half : near.stop + half]
    usual = median_filter(wide.ravel(), size=2 * half + 1).reshape(wide.shape)
    narrow = np.abs(wide - usual)[:, half : wide.shape[1] - half]
    row, swing = np.arange(time_s.size), np.ptp(pieces[:, near], axis=1)
    place = np.argmax(narrow[:, : reach + of(value("spike_after_r_s"))], axis=1)
    height = narrow[row, place]
    beside = np.abs(np.arange(narrow.shape[1]) - place[:, None]) <= value("spike_half_s") * fs_hz
    rest = np.where(beside, 0.0, narrow).max(axis=1)
    at = place + near.start
    line = np.mean([pieces[row, at - of(before)] for before in _BEFORE_S], axis=0)
    # means of two samples 10 ms apart: mains and noise count less
    off = [0.5 * (pieces[row, at + of(t - 0.005)] + pieces[row, at + of(t + 0.005)]) - line for t in _AFTER_S]
    return (
        (height >= value("spike_alone") * np.maximum(rest, 0.01 * swing))
        & (height >= value("least_spike") * swing)
        & (np.abs(off).max(axis=0) >= value("least_after_spike") * height)
    )
