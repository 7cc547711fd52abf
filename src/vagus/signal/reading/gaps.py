"""Stretches of an ECG in which no heartbeat can be read: no samples, flat, saturated."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
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
    fs_hz, samples = recording.fs_hz, recording.samples
    reach = max(3, round(_LOOK_S * fs_hz))
    if samples.size < reach:
        return recording.gaps
    if _moves_everywhere(samples, reach):
        return recording.gaps
    swing = maximum_filter1d(samples, reach) - minimum_filter1d(samples, reach)
    usual = float(np.quantile(swing, 0.75))
    still = swing <= value("flat_share_pct") / 100 * usual
    # a sample is flat where any second that holds it is
    flat = maximum_filter1d(still.astype(np.int8), reach)
    edges = np.flatnonzero(np.diff(np.pad(flat, 1))).reshape(-1, 2)
    found = [(a / fs_hz, b / fs_hz) for a, b in edges.tolist() if (b - a) / fs_hz >= value("longest_pause_s")]
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


def _moves_everywhere(samples: Array, reach: int) -> bool:
    """Whether no stretch of `reach` samples comes near to being flat: a quick look that spares the slow one."""
    size = reach // 4
    blocks = samples[: samples.size // size * size].reshape(-1, size)
    if blocks.shape[0] < 5:
        return False
    high, low = blocks.max(axis=1), blocks.min(axis=1)
    # a flat stretch holds three whole blocks; a stretch lies within five
    inside = sliding_window_view(high, 3).max(axis=1) - sliding_window_view(low, 3).min(axis=1)
    around = sliding_window_view(high, 5).max(axis=1) - sliding_window_view(low, 5).min(axis=1)
    return bool(inside.min() > 1.5 * value("flat_share_pct") / 100 * np.quantile(around, 0.75))


def _is_long(span: tuple[float, float]) -> bool:
    return span[1] - span[0] >= value("longest_pause_s")


def long_gaps(gaps: tuple[Gap, ...]) -> tuple[Gap, ...]:
    """Those that are longer than a pause between two heartbeats."""
    return tuple(gap for gap in gaps if _is_long((gap.start_s, gap.stop_s)))


def bridged(recording: Recording, gaps: tuple[Gap, ...] | None = None) -> Recording:
    """Recording with straight lines over its long unreadable stretches, so that their edges are no waves.

    `gaps` are its unreadable stretches, where they are known already.
    """
    long = long_gaps(unreadable(recording) if gaps is None else gaps)
    if not long:
        return recording
    fs_hz = recording.fs_hz
    samples: Array = recording.samples.copy()
    for gap in long:
        first, last = max(0, round(gap.start_s * fs_hz)), min(samples.size, round(gap.stop_s * fs_hz))
        left = samples[first - 1] if first > 0 else samples[min(last, samples.size - 1)]
        right = samples[last] if last < samples.size else left
        samples[first:last] = np.linspace(left, right, last - first)
    return replace(recording, samples=samples)
