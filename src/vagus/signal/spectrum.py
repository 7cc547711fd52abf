"""Power of RR intervals in bands, with declared settings."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache, lru_cache

import numpy as np
from scipy import signal as dsp
from scipy.interpolate import BSpline, CubicSpline, make_interp_spline
from scipy.linalg import solveh_banded

from vagus.signal.tone import ToneSettings
from vagus.signal.vector import Array

DEGREE = {"linear": 1, "quadratic": 2, "cubic": 3, "quintic": 5}
FEWEST_BEATS = 8
_FINEST_HZ = 2048  # sampling rates up to this are recognized in the intervals
_SAME_S = 1e-10
_NEARLY = 1 - 1e-9  # a frequency that is the lowest one to the last digits belongs to the band
_AT_ONCE = 1024  # segments transformed together: bounds memory
Edges = tuple[float, float]


def spline_of(time_s: Array, rr_ms: Array, settings: ToneSettings) -> BSpline:
    """Spline through RR intervals in ms, each at the time at which it ends."""
    return make_interp_spline(time_s, rr_ms, k=DEGREE[settings.interpolation])


def even_grid(start_s: float, end_s: float, settings: ToneSettings) -> Array:
    """Even times of `settings.resample_hz` from the end of the first interval to that of the last."""
    step = 1 / settings.resample_hz
    if settings.grid == "before":
        return np.arange(start_s, end_s, step)
    # one step of room, as a grid that just fails to reach the last beat would lose it; no value lies beyond that beat
    return np.minimum(np.arange(start_s, end_s + step, step), end_s)


def even_rr(time_s: Array, rr_ms: Array, settings: ToneSettings) -> Array:
    """RR intervals in ms on an even grid of `settings.resample_hz`, from the first interval's end to the last's.

    Parameters
    ----------
    time_s, rr_ms : (n,) array
        Time at which each interval ends, and its length.
    settings : ToneSettings
    """
    return spline_of(time_s, rr_ms, settings)(even_grid(time_s[0], time_s[-1], settings))


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
    longest = _longest(series.size, settings, settings.segment_s)
    starts = _starts(series.size, longest, settings.spectrum)
    segments = _without_trend(series, settings)[starts[:, None] + np.arange(longest)]
    frequency, power = _periodograms(segments, settings)
    return frequency, power.mean(axis=0)


def powers_ms2(
    series: Sequence[Array], settings: ToneSettings, bands: Sequence[Edges], *, longest_s: float | None
) -> Array:
    """Power of each even RR series in each band, (series, bands) in ms²; nan where a band holds fewer than two lines.

    Parameters
    ----------
    series : sequence of (n,) array
        RR in ms at `settings.resample_hz`; those of one length are transformed together.
    settings : ToneSettings
    bands : sequence of (float, float)
        Lower and upper edge in Hz.
    longest_s : float or None
        Longest segment: `settings.segment_s`, or `settings.slow_segment_s` for VLF.
    """
    found = np.full((len(series), len(bands)), np.nan)
    alike: dict[int, list[int]] = {}
    for index, one in enumerate(series):
        alike.setdefault(_longest(one.size, settings, longest_s), []).append(index)
    for longest, members in alike.items():
        starts = [_starts(series[i].size, longest, settings.spectrum) for i in members]
        batches = np.array_split(np.arange(len(members)), -(-sum(s.size for s in starts) // _AT_ONCE))
        for batch in batches:
            if not batch.size:
                continue
            ready = [_without_trend(series[members[k]], settings) for k in batch]
            offsets = np.cumsum([0, *(one.size for one in ready[:-1])])
            counts = np.array([starts[k].size for k in batch])
            begin = np.concatenate([starts[k] for k in batch]) + np.repeat(offsets, counts)
            frequency, power = _periodograms(np.concatenate(ready)[begin[:, None] + np.arange(longest)], settings)
            lowest_hz = settings.least_cycles * settings.resample_hz / longest
            in_bands = power @ _weights(frequency, settings, bands, lowest_hz)
            first = np.cumsum(counts) - counts
            found[[members[k] for k in batch]] = np.add.reduceat(in_bands, first, axis=0) / counts[:, None]
    return found


def _weights(frequency: Array, settings: ToneSettings, bands: Sequence[Edges], lowest_hz: float) -> Array:
    """What the density at each frequency is multiplied by, so that the sum is the power in each band."""
    columns = np.zeros((frequency.size, len(bands)))
    step = frequency[1] - frequency[0]
    for column, (low, high) in zip(columns.T, bands, strict=True):
        inside = np.flatnonzero(
            (frequency >= max(low, lowest_hz * _NEARLY))
            & (frequency <= high if settings.edges == "both" else frequency < high)
        )
        if inside.size < 2:
            column[:] = np.nan
            continue
        column[inside] = step
        if settings.integral == "trapezoid":
            column[inside[[0, -1]]] = step / 2
    return columns


@cache
def _taper(window: str, n: int) -> Array:
    return np.asarray(dsp.get_window(window, n), dtype=np.float64)


def _periodograms(segments: Array, settings: ToneSettings) -> tuple[Array, Array]:
    """Frequencies, and one-sided spectral density of each segment, (segments, frequencies)."""
    n = segments.shape[1]
    if settings.detrend in {"segment_mean", "segment_linear", "smoothness_priors"}:
        segments = segments - segments.mean(axis=1, keepdims=True)
    if settings.detrend == "segment_linear":
        x = np.arange(n) - (n - 1) / 2
        segments = segments - (segments @ (x / (x @ x)))[:, None] * x
    taper = _taper(settings.window, n)
    long = max(n * settings.padding, settings.transform)
    transform = np.fft.rfft(segments * taper, long, axis=1)
    power = (transform.real**2 + transform.imag**2) / (settings.resample_hz * (taper @ taper))
    power[:, 1 : power.shape[1] - (long % 2 == 0)] *= 2
    return np.asarray(np.fft.rfftfreq(long, 1 / settings.resample_hz), dtype=np.float64), power


def _without_trend(series: Array, settings: ToneSettings) -> Array:
    if settings.detrend == "series_mean":
        return series - series.mean()
    if settings.detrend == "smoothness_priors":
        return series - smooth_trend(series, settings.smoothness)
    return series


def smooth_trend(series: Array, smoothness: int) -> Array:
    """Trend of a series by smoothness priors (Tarvainen 2002): nearest to it with second differences weighed by λ.

    Examples
    --------
    A straight line is its own trend:

    >>> import numpy as np
    >>> bool(np.allclose(smooth_trend(np.arange(50.0), 500), np.arange(50.0)))
    True
    """
    n = series.size
    bands = np.zeros((3, n))
    second = np.array([1.0, -2.0, 1.0])
    for shift in range(3):  # upper bands of D'D, D the second difference
        for i in range(3 - shift):
            bands[2 - shift, shift + i : n - 2 + shift + i] += second[i] * second[i + shift]
    bands *= float(smoothness) ** 2
    bands[2] += 1.0
    return solveh_banded(bands, series)


def _longest(n: int, settings: ToneSettings, longest_s: float | None) -> int:
    """Samples of a segment."""
    share = n * settings.segment_share
    if longest_s is not None:
        if n < settings.segment_from_s * settings.resample_hz:
            return n
        return int(min(share, round(longest_s * settings.resample_hz)))
    # NeuroKit2 goes by way of a lowest frequency, and loses a sample to rounding for one length in fifteen; with it
    # goes the parity of the segment, and with that the last of three segments
    lowest_hz = 2 * settings.resample_hz / share
    return min(int(2 / lowest_hz * settings.resample_hz), int(share))


@lru_cache(maxsize=64)
def _starts(n: int, longest: int, spectrum: str) -> np.ndarray:
    """First sample of each segment."""
    if spectrum == "welch":
        return np.arange(0, n - longest + 1, longest - longest // 2)
    n_segments = max(1, -(-2 * n // longest) - 1)
    return np.rint(np.linspace(0, n - longest, n_segments)).astype(np.int64)


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


def even_stretch(time_s: Array, rr_ms: Array, settings: ToneSettings) -> Array:
    """Even RR series of one stretch on the clock of `settings`."""
    if settings.clock == "intervals":
        rr_ms = whole_samples_ms(rr_ms)
        time_s = np.cumsum(rr_ms / 1000)
    return even_rr(time_s, rr_ms, settings)


def local_powers(series: Array, settings: ToneSettings, bands: Sequence[Edges]) -> Array:
    """Power in each band at each step of an even series: the square of the band's part of it, (bands, n) in ms².

    Its mean is about the power in the band; its scatter from block to block tells how sure that power is.
    """
    series = dsp.detrend(series, type="linear")
    transform = np.fft.rfft(series)
    frequency = np.fft.rfftfreq(series.size, 1 / settings.resample_hz)
    inside = np.array([(frequency >= low) & (frequency < high) for low, high in bands])
    return np.fft.irfft(transform * inside, series.size, axis=1) ** 2
