"""Regular trains: pulses on a line through those that are seen, or through sharp points that are mostly in step."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import median_filter

from vagus.signal.beat.constants import value
from vagus.signal.vector import Array

_FEWEST = 20  # pulses of a train
_BESIDE = 15  # intervals of which the usual one is taken
_LONGEST = 3.4  # intervals without a pulse, in a train
_MOST = 0.7  # of the intervals of a regular train are whole numbers of the usual one


def filled(times_s: Array) -> Array:
    """Times of pulses with those between them that were not seen, where all others keep step."""
    usual = float(np.median(np.diff(times_s))) if times_s.size > 1 else 0.0
    parts = [_filled(run) for run in _runs(times_s, 1, max(value("pulse_break_s"), _LONGEST * usual))]
    return np.concatenate(parts) if parts else times_s


def _filled(times_s: Array) -> Array:
    if times_s.size < 5:
        return times_s
    apart = np.diff(times_s)
    steps = np.maximum(1, np.rint(apart / np.median(apart)))
    # its own rate at each place: it may drift
    period = median_filter(apart / steps, size=min(_BESIDE, apart.size), mode="nearest")
    steps = np.maximum(1, np.rint(apart / period))
    if np.mean(np.abs(apart - steps * period) < 0.2 * period) < _MOST:
        return times_s
    out, expected = [float(times_s[0])], [*period.tolist(), period[-1]]
    while out[-1] < times_s[-1] - 0.3 * expected[-1]:
        here = np.searchsorted(times_s, out[-1], side="right")
        step = expected[min(here, len(expected) - 1)]
        near = times_s[here : here + 4]
        off = np.abs(near - out[-1] - step)
        seen = off.size > 0 and off.min() < 0.45 * step
        out.append(float(near[np.argmin(off)]) if seen else out[-1] + step)
    return np.array(out)


def regular_train(times_s: Array) -> Array:
    """Times of the pulses of regular trains through sharp points of any kind, empty where they are in no step."""
    trains = []
    for run in _runs(times_s, _FEWEST, value("pulse_break_s")):
        pieces = np.array_split(run, max(1, round((run[-1] - run[0]) / value("in_step_for_s"))))
        lines = [_line(piece) for piece in pieces if piece.size >= _FEWEST]
        trains += [line for line in lines if line.size]
    if not trains:
        return np.zeros(0)
    found = np.sort(np.concatenate(trains))
    apart = float(np.median(np.diff(found)))
    return found[np.concatenate([[True], np.diff(found) > 0.5 * apart])]


def _runs(times_s: Array, fewest: int, break_s: float) -> list[Array]:
    """Stretches without a long break."""
    breaks = np.flatnonzero(np.diff(times_s) > break_s) + 1
    return [part for part in np.split(times_s, breaks) if part.size >= fewest]


def _line(times_s: Array) -> Array:
    """A regular train through sharp points, empty where they are not regular."""
    length = times_s[-1] - times_s[0]
    rates = np.arange(value("slowest_train_hz"), 1 / value("least_interval_s"), 1 / (4 * length))
    together = np.array([abs(np.exp(2j * np.pi * rate * times_s).mean()) for rate in rates])
    best = int(np.argmax(together))
    if together[best] < value("least_together"):
        return np.zeros(0)
    start = np.angle(np.exp(2j * np.pi * rates[best] * times_s).mean()) / (2 * np.pi * rates[best])
    period = 1 / rates[best]
    near = np.ones(times_s.size, dtype=bool)
    for _ in range(3):
        count = np.rint((times_s - start) / period)
        near = np.abs(times_s - start - count * period) <= 0.2 * period
        if near.sum() < _FEWEST or near.mean() < value("regular_share"):
            return np.zeros(0)
        period, start = np.polyfit(count[near], times_s[near], 1)
    count = np.rint((times_s - start) / period)[near]
    if np.unique(count).size < value("regular_share") * (np.ptp(count) + 1):
        return np.zeros(0)  # in step with a multiple of the rate
    return start + period * np.arange(count.min(), count.max() + 1)
