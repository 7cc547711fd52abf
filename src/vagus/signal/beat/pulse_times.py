"""Times of stimulation pulses, found in the recording itself."""

from __future__ import annotations

import numpy as np

from vagus.signal.beat.constants import value
from vagus.signal.recording import Recording
from vagus.signal.vector import Array

_FEWEST = 20  # pulses of a train
_EARLY = 1.0  # samples by which a pulse begins before its sharpest point


def find_pulse_times(recording: Recording) -> Array:
    """Times in s of the pulses of regular trains, (n,); empty where there are none.

    A pulse is sharper than anything in an ECG: it stands out of the second difference. What repeats with one interval
    for 20 times and more is a train: the rate at which the sharp points are most in step. Its times are those of a
    straight line through them, which also fills in pulses that fell on a QRS complex or between samples.

    Parameters
    ----------
    recording : Recording

    Examples
    --------
    >>> t = np.arange(0, 30, 1 / 500)
    >>> spikes = sum(np.exp(-0.5 * ((t - p) / 0.001) ** 2) for p in np.arange(5, 15, 1 / 25))
    >>> found = find_pulse_times(Recording(kind="ecg", fs_hz=500, samples=spikes, unit="mV"))
    >>> found.size, round(float(np.diff(found).mean()), 4)
    (250, 0.04)
    """
    fs_hz, samples = recording.fs_hz, recording.samples
    sharp = np.abs(np.diff(samples, n=2, prepend=samples[:1], append=samples[-1:]))
    peaks = _peaks(sharp, round(value("least_interval_s") * fs_hz))
    if peaks.size < _FEWEST:
        return np.zeros(0)
    trains = [train for part in _runs(peaks, fs_hz) if (train := _line(part, fs_hz)).size >= _FEWEST]
    found = (np.unique(np.concatenate(trains)) - _EARLY) / fs_hz if trains else np.zeros(0)
    return found[(found >= 0) & (found <= recording.duration_s)]


def _peaks(sharp: Array, apart: int) -> Array:
    """Places of peaks that stand out, between samples, none nearer than `apart` to a larger one."""
    least = value("sharp_times") * np.median(sharp) + 1e-12 * float(sharp.max())
    top = np.flatnonzero((sharp[1:-1] >= sharp[:-2]) & (sharp[1:-1] > sharp[2:]) & (sharp[1:-1] > least)) + 1
    kept = np.ones(sharp.size, dtype=bool)
    chosen: list[int] = []
    for at in top[np.argsort(-sharp[top], kind="stable")].tolist():
        if kept[at]:
            chosen.append(at)
            kept[max(0, at - apart) : at + apart + 1] = False
    at = np.sort(np.array(chosen, dtype=np.int64))
    around = sharp[at[:, None] + np.array([-1, 0, 1])] if at.size else np.zeros((0, 3))
    # the middle of the three: a parabola would follow the grid
    return at + (around @ np.array([-1.0, 0.0, 1.0])) / np.maximum(around.sum(axis=1), 1e-300)


def _runs(peaks: Array, fs_hz: float) -> list[Array]:
    """Stretches of sharp points without a long break between them."""
    breaks = np.flatnonzero(np.diff(peaks) > value("pulse_break_s") * fs_hz) + 1
    return [part for part in np.split(peaks, breaks) if part.size >= _FEWEST]


def _line(peaks: Array, fs_hz: float) -> Array:
    """Places of a regular train through sharp points, empty where they are not regular."""
    length = peaks[-1] - peaks[0]
    slowest, fastest = value("slowest_train_hz") / fs_hz, 1 / (value("least_interval_s") * fs_hz)
    rates = np.arange(slowest, fastest, 1 / (4 * length))
    together = np.array([abs(np.exp(2j * np.pi * rate * peaks).mean()) for rate in rates])
    best = int(np.argmax(together))
    if together[best] < value("least_together"):
        return np.zeros(0)
    rate = rates[best]
    start = np.angle(np.exp(2j * np.pi * rate * peaks).mean()) / (2 * np.pi * rate)
    period = 1 / rate
    near = np.ones(peaks.size, dtype=bool)
    for _ in range(3):
        count = np.rint((peaks - start) / period)
        near = np.abs(peaks - start - count * period) <= 0.2 * period
        period, start = np.polyfit(count[near], peaks[near], 1)
    count = np.rint((peaks - start) / period)[near]
    if count.size < _FEWEST or near.mean() < value("regular_share"):
        return np.zeros(0)
    return start + period * np.arange(count.min(), count.max() + 1)
