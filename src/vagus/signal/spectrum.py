"""HF power of RR intervals, with declared settings."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from scipy import signal as dsp
from scipy.interpolate import CubicSpline, make_interp_spline

from vagus.signal.tone import ToneSettings
from vagus.signal.vector import Array

DEGREE = {"quadratic": 2, "cubic": 3, "quintic": 5}
FEWEST_BEATS = 8
_FINEST_HZ = 2048  # sampling rates up to this are recognized in the intervals
_SAME_S = 1e-10


def even_rr(time_s: Array, rr_ms: Array, settings: ToneSettings) -> Array:
    """RR intervals in ms on an even grid of `settings.resample_hz`, from the first interval's end to the last's.

    Parameters
    ----------
    time_s, rr_ms : (n,) array
        Time at which each interval ends, and its length.
    settings : ToneSettings
    """
    spline = make_interp_spline(time_s, rr_ms, k=DEGREE[settings.interpolation])
    # one step of room, as a grid that just fails to reach the last beat would lose it; no value lies beyond that beat
    grid = np.arange(time_s[0], time_s[-1] + 1 / settings.resample_hz, 1 / settings.resample_hz)
    return spline(np.minimum(grid, time_s[-1]))


def filled(time_s: Array, rr_ms: Array, whole: np.ndarray) -> tuple[Array, Array]:
    """Time and length of intervals with those not `whole` put on a cubic spline through the others.

    At both ends nothing is made up: the series starts and ends with whole intervals.
    """
    first, last = np.flatnonzero(whole)[[0, -1]]
    time_s, rr_ms, whole = time_s[first : last + 1], rr_ms[first : last + 1].copy(), whole[first : last + 1]
    good = rr_ms[whole]
    # a spline may overshoot beside a wild stretch: no interval is made up that is beyond those that were read
    rr_ms[~whole] = np.clip(CubicSpline(time_s[whole], good)(time_s[~whole]), good.min(), good.max())
    return time_s, rr_ms


def density(series: Array, settings: ToneSettings) -> tuple[Array, Array]:
    """Frequencies in Hz and spectral density in ms²/Hz of an even RR series (Welch)."""
    if settings.detrend == "series_mean":
        series = series - series.mean()
    longest = _longest(series.size, settings)
    detrend: Any = "linear" if settings.detrend == "segment_linear" else False
    if settings.spectrum == "welch":
        return dsp.welch(
            series,
            fs=settings.resample_hz,
            window=settings.window,
            nperseg=longest,
            nfft=longest * settings.padding,
            detrend=detrend,
        )
    n_segments = max(1, -(-2 * series.size // longest) - 1)
    starts = np.rint(np.linspace(0, series.size - longest, n_segments)).astype(np.int64)
    frequency, power = dsp.periodogram(
        series[starts[:, None] + np.arange(longest)],
        fs=settings.resample_hz,
        window=settings.window,
        nfft=longest * settings.padding,
        detrend=detrend,
    )
    return frequency, power.mean(axis=0)


def _longest(n: int, settings: ToneSettings) -> int:
    """Samples of a segment."""
    share = n * settings.segment_share
    if settings.segment_s is not None:
        return int(min(share, round(settings.segment_s * settings.resample_hz)))
    # NeuroKit2 goes by way of a lowest frequency, and loses a sample to rounding for one length in fifteen; with it
    # goes the parity of the segment, and with that the last of three segments
    lowest_hz = 2 * settings.resample_hz / share
    return min(int(2 / lowest_hz * settings.resample_hz), int(share))


def whole_samples_ms(rr_ms: Array) -> Array:
    """Intervals in ms as k / fs * 1000 to the last digit, where they are a whole number k of samples.

    NeuroKit2 computes with these numbers, and two of its results hang on the last digit: whether a difference of 18
    samples at 360 Hz is above 50 ms, and whether the grid has one step more, so that the third segment fits.
    """
    seconds = rr_ms / 1000
    whole: dict[float, float] = {}
    for value in np.unique(seconds).tolist():
        near = float(Fraction(value).limit_denominator(_FINEST_HZ))
        whole[value] = near if abs(near - value) < _SAME_S else value
    return np.array([whole[value] for value in seconds.tolist()]) * 1000


def band_power_ms2(time_s: Array, rr_ms: Array, settings: ToneSettings) -> float:
    """Power of RR intervals in the band of `settings`, in ms²; nan where the series is too short to tell.

    Examples
    --------
    A modulation of 30 ms at 0.25 Hz has a power of 30²/2 = 450 ms²:

    >>> import numpy as np
    >>> from vagus.signal import PRESETS
    >>> t = np.arange(0, 300, 0.8)
    >>> round(band_power_ms2(t, 800 + 30 * np.sin(2 * np.pi * 0.25 * t), PRESETS["vagus"]))
    450
    """
    if rr_ms.size < FEWEST_BEATS or time_s[-1] - time_s[0] < 2 / settings.band_low_hz:
        return float("nan")
    if settings.clock == "intervals":
        rr_ms = whole_samples_ms(rr_ms)
        time_s = np.cumsum(rr_ms / 1000)
    frequency, power = density(even_rr(time_s, rr_ms, settings), settings)
    inside = (frequency >= settings.band_low_hz) & (frequency < settings.band_high_hz)
    if inside.sum() < 2:
        return float("nan")
    if settings.integral == "trapezoid":
        return float(np.trapezoid(power[inside], frequency[inside]))
    return float(power[inside].sum() * (frequency[1] - frequency[0]))


def local_power(time_s: Array, rr_ms: Array, settings: ToneSettings) -> Array:
    """Power in the band at each step of the even series: the square of the band's part of it, (n,) in ms².

    Its mean is about the power in the band; its scatter from block to block tells how sure that power is.
    """
    series = even_rr(time_s, rr_ms, settings)
    series = dsp.detrend(series, type="linear")
    transform = np.fft.rfft(series)
    frequency = np.fft.rfftfreq(series.size, 1 / settings.resample_hz)
    transform[(frequency < settings.band_low_hz) | (frequency >= settings.band_high_hz)] = 0
    return np.fft.irfft(transform, series.size) ** 2
