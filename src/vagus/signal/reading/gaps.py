"""Stretches of an ECG in which no heartbeat can be read: no samples, flat, saturated."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import maximum_filter1d, minimum_filter1d

from vagus.signal.known import value
from vagus.signal.recording import Gap, Recording
from vagus.signal.vector import Array

_LOOK_S = 1.0  # over which an ECG with heartbeats in it moves, except in a pause


def unreadable(recording: Recording) -> tuple[Gap, ...]:
    """Stretches without samples, and stretches of 3 s and more that are flat or stand at a rail, in order of time.

    Flat is what moves by less than a declared share of the usual swing within a second; what lies between two such
    stretches and is too short to detect heartbeats in goes with them. A lead that came off and a heart that pauses look
    alike here.

    Examples
    --------
    >>> t = np.arange(0, 60, 0.004)
    >>> wave = np.exp(-0.5 * (((t % 0.8) - 0.4) / 0.012) ** 2) * ((t < 20) | (t >= 30.2))
    >>> (gap,) = unreadable(Recording(kind="ecg", fs_hz=250, samples=wave, unit="mV"))
    >>> 19 < gap.start_s < 20, 30 < gap.stop_s < 31
    (True, True)
    """
    fs_hz = recording.fs_hz
    stretches = _flat(recording.samples, max(4, round(_LOOK_S * fs_hz)))
    if not stretches:
        return recording.gaps
    found = [(a / fs_hz, b / fs_hz) for a, b in stretches if (b - a) / fs_hz >= value("longest_pause_s")]
    spans: list[tuple[float, float]] = []
    for start, stop in sorted([*found, *((gap.start_s, gap.stop_s) for gap in recording.gaps)]):
        long = stop - start >= value("longest_pause_s")
        if spans and (
            start <= spans[-1][1] or (long and _is_long(spans[-1]) and start - spans[-1][1] < value("least_stretch_s"))
        ):
            spans[-1] = (spans[-1][0], max(stop, spans[-1][1]))
        else:
            spans.append((start, stop))
    return tuple(Gap(start_s=start, stop_s=stop) for start, stop in spans)


def _flat(samples: Array, reach: int) -> list[tuple[int, int]]:
    """Stretches in which every sample lies in a flat second (`reach` samples): first, one after the last.

    Quarters of a second are looked at first; only where three that follow each other are flat is every second.
    """
    size = reach // 4
    high, low = extremes(samples, size)
    if high.size < 4:
        return []
    usual = float(np.quantile(_swing(high, low, 4), 0.75))
    limit = value("flat_share_pct") / 100 * usual
    # a flat second holds three whole quarters, and ends before the fifth after the first of them
    still = np.zeros(samples.size, dtype=bool)
    for first, last in _runs(_swing(high, low, 3) <= limit):
        a, b = max(0, (first - 1) * size - reach), min(samples.size, (last + 5) * size + reach)
        part = samples[a:b]
        swing = maximum_filter1d(part, reach) - minimum_filter1d(part, reach)
        # seconds cut short by the ends of this part are none; those at the ends of the recording are
        c, d = (0 if a == 0 else reach), (part.size if b == samples.size else part.size - reach)
        still[a + c : a + d] |= swing[c:d] <= limit
    found: list[tuple[int, int]] = []
    for first, last in _runs(still):  # middles of flat seconds
        a, b = max(0, first - (reach - 1) // 2), min(samples.size, last + reach // 2)
        if found and a <= found[-1][1]:
            found[-1] = (found[-1][0], b)
        else:
            found.append((a, b))
    return found


def extremes(samples: Array, size: int) -> tuple[Array, Array]:
    """Highest and lowest of each whole block of `size` samples, two (n // size,) arrays.

    Examples
    --------
    >>> high, low = extremes(np.array([1.0, 3.0, 2.0, 5.0, 4.0]), 2)
    >>> high.tolist(), low.tolist()
    ([3.0, 5.0], [1.0, 2.0])
    """
    whole = samples[: samples.size // size * size]
    first = np.arange(0, whole.size, size)
    return np.maximum.reduceat(whole, first), np.minimum.reduceat(whole, first)  # twice as fast as along an axis


def _swing(high: Array, low: Array, n: int) -> Array:
    """Highest less lowest over `n` blocks that follow each other."""
    size = high.size - n + 1
    top, bottom = high[:size].copy(), low[:size].copy()
    for i in range(1, n):
        np.maximum(top, high[i : size + i], out=top)
        np.minimum(bottom, low[i : size + i], out=bottom)
    return top - bottom


def _runs(is_so: np.ndarray) -> list[tuple[int, int]]:
    """Stretches of true: first, one after the last."""
    if not is_so.any():
        return []
    return [(a, b) for a, b in np.flatnonzero(np.diff(np.pad(is_so.astype(np.int8), 1))).reshape(-1, 2).tolist()]


def _is_long(span: tuple[float, float]) -> bool:
    return span[1] - span[0] >= value("longest_pause_s")


def long_gaps(gaps: tuple[Gap, ...]) -> tuple[Gap, ...]:
    """Those that are longer than a pause between two heartbeats."""
    return tuple(gap for gap in gaps if _is_long((gap.start_s, gap.stop_s)))


def bridged(recording: Recording, gaps: tuple[Gap, ...] | None = None) -> Array:
    """Samples with straight lines over its long unreadable stretches, so that their edges are no waves.

    `gaps` are its unreadable stretches, where they are known already.
    """
    long = long_gaps(unreadable(recording) if gaps is None else gaps)
    if not long:
        return recording.samples
    fs_hz = recording.fs_hz
    samples: Array = recording.samples.copy()
    for gap in long:
        first, last = max(0, round(gap.start_s * fs_hz)), min(samples.size, round(gap.stop_s * fs_hz))
        left = samples[first - 1] if first > 0 else samples[min(last, samples.size - 1)]
        right = samples[last] if last < samples.size else left
        samples[first:last] = np.linspace(left, right, last - first)
    return samples
