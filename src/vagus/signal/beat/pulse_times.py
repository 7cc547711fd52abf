"""Times of stimulation pulses, found in the recording itself."""

from __future__ import annotations

import numpy as np
from scipy.signal import savgol_filter

from vagus.signal.beat.constants import value
from vagus.signal.recording import Recording
from vagus.signal.vector import Array

_FEWEST = 20  # pulses of a train
_SMOOTH = 61  # pulses whose places lie on one parabola where the rate drifts
_MOST = 0.8  # of the pulses of a regular train lie within a fifth of an interval of one line
_CLOSE = 1.2  # samples from a straight line, of half of the pulses of a regular train
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
    peaks, _ = _peaks(sharp, round(value("least_interval_s") * fs_hz))
    if peaks.size < _FEWEST:
        return np.zeros(0)
    trains = [_train(part, fs_hz) for part in _runs(peaks, fs_hz)]
    found = np.unique(np.concatenate(trains)) - _EARLY if trains else np.zeros(0)
    if found.size < _FEWEST:
        found = _bursts(samples, sharp, fs_hz)
    found = found / fs_hz
    return found[(found >= 0) & (found <= recording.duration_s)]


def _train(run: Array, fs_hz: float) -> Array:
    """Places of the pulses of a run whose rate may drift: straight lines of some seconds each, end to end."""
    even = _line(run, fs_hz, close=_CLOSE)
    if even.size:
        return even
    pieces = np.array_split(run, max(1, round((run[-1] - run[0]) / (value("even_for_s") * fs_hz))))
    places = np.concatenate([_line(piece, fs_hz) for piece in pieces if piece.size >= _FEWEST] or [np.zeros(0)])
    if places.size < _FEWEST:
        return np.zeros(0)
    places = np.sort(places)
    # each pulse that can be seen is where it is seen
    after = np.clip(np.searchsorted(run, places), 1, run.size - 1)
    seen = np.where(places - run[after - 1] < run[after] - places, run[after - 1], run[after])
    places = np.where(np.abs(seen - places) < 0.3 * np.median(np.diff(places)), seen, places)
    places = np.unique(places)
    near = np.diff(places) < 0.5 * np.median(np.diff(places))
    places = places[~np.concatenate([[False], near])]
    smooth = np.asarray(savgol_filter(places, min(_SMOOTH, places.size - 1 + places.size % 2), 2), dtype=np.float64)
    return smooth if np.median(np.abs(smooth - places)) <= _CLOSE else np.asarray(places, dtype=np.float64)


def _bursts(samples: Array, sharp: Array, fs_hz: float) -> Array:
    """Places of pulses or bursts that come at any time: far sharper than a QRS complex, and all alike."""
    if fs_hz < value("slowest_burst_fs_hz"):
        return np.zeros(0)
    peaks, heights = _peaks(sharp, round(value("burst_s") * fs_hz))
    if peaks.size < _FEWEST:
        return np.zeros(0)
    order = np.sort(heights)
    cuts = np.flatnonzero(order[1:] >= value("sharper_times") * order[:-1]) + 1
    cuts = cuts[order.size - cuts >= _FEWEST]
    cut = int(cuts[-1]) if cuts.size else 0  # it may be that nothing else stands out
    at = np.rint(peaks[heights >= order[cut]]).astype(np.int64)
    reach = np.arange(-round(value("burst_s") * fs_hz), round(value("burst_s") * fs_hz) + 1)
    at = at[(at + reach[0] >= 0) & (at + reach[-1] < samples.size)]
    range_ = np.ptp(samples[at[:, None] + np.arange(-2, 3)], axis=1)
    if at.size < _FEWEST or np.median(sharp[at] / range_) < value("least_bend"):
        return np.zeros(0)
    bend = np.diff(samples, n=2, prepend=samples[:1], append=samples[-1:])
    size = np.linalg.norm(bend[at[:, None] + reach], axis=1)
    model = np.median(bend[at[:, None] + reach] / size[:, None], axis=0)
    here = bend[at[:, None] + reach]
    for _ in range(2):
        shifts = np.arange(-reach.size // 4, reach.size // 4 + 1)
        place = np.clip(at[:, None, None] + shifts[:, None] + reach, 0, samples.size - 1)
        likeness = bend[place] @ model
        at = at + shifts[np.argmax(likeness, axis=1)]
        here = bend[np.clip(at[:, None] + reach, 0, samples.size - 1)]
        model = np.median(here / np.linalg.norm(here, axis=1)[:, None], axis=0)
    alike = (here @ model) / (np.linalg.norm(here, axis=1) * np.linalg.norm(model))
    if np.mean(alike > value("least_alike")) < value("regular_share"):
        return np.zeros(0)
    begins = int(np.argmax(np.abs(model) > 0.2 * np.abs(model).max())) + reach[0]
    return np.unique(at + begins - _EARLY)


def _peaks(sharp: Array, apart: int) -> tuple[Array, Array]:
    """Places between samples and heights of peaks that stand out, none nearer than `apart` to a larger one."""
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
    between = (around @ np.array([-1.0, 0.0, 1.0])) / np.maximum(around.sum(axis=1), 1e-300)
    return at + between, sharp[at]


def _runs(peaks: Array, fs_hz: float) -> list[Array]:
    """Stretches of sharp points without a long break between them."""
    breaks = np.flatnonzero(np.diff(peaks) > value("pulse_break_s") * fs_hz) + 1
    return [part for part in np.split(peaks, breaks) if part.size >= _FEWEST]


def _line(peaks: Array, fs_hz: float, *, close: float = np.inf) -> Array:
    """Places of a regular train through sharp points, empty where they are not regular, or half not `close` to it."""
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
    off = np.abs(peaks - start - np.rint((peaks - start) / period) * period)
    if np.quantile(off, value("regular_share")) > close or (close < np.inf and near.mean() < _MOST):
        return np.zeros(0)
    count = np.rint((peaks - start) / period)[near]
    if count.size < _FEWEST or near.mean() < value("regular_share"):
        return np.zeros(0)
    return start + period * np.arange(count.min(), count.max() + 1)
