"""Places of pulses between samples, where their times were given only to the sample."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import median_filter
from scipy.signal import savgol_filter

from vagus.signal.beat.artefact.deflection import pulses_of
from vagus.signal.beat.artefact.groups import leads_of
from vagus.signal.beat.artefact.sizes import misfit
from vagus.signal.beat.constants import value
from vagus.signal.vector import Array

_SMOOTH = 61  # pulses whose places lie on one parabola
_BESIDE = 15  # pulses of a running median
_FEWEST = 5  # pulses of a line
_TRIED = 400  # pulses on which places are compared
_ROUNDED = 0.6  # samples between a time that was rounded and the true one, at most
_FOUND = 2.0  # and between one that was found and the true one
_FREE = 4.0  # numbers that are fitted at each distance from a burst
_LEVEL = 0.02  # samples from a whole number, of times that were rounded


def finer(samples: Array, at: Array, fs_hz: float, *, found: float | None = None) -> tuple[Array, float]:
    """Places in samples, finer than they were given, if that fits the samples better; length of a burst seen as one.

    Times that were given, not found, and are no whole numbers of samples are taken as they are. Else of these the one
    is taken that leaves least of the pulses: the times as they are, a line (or a parabola through 61 pulses) through
    those of each train, the middle of each pulse's sharpness, the starts of bursts alone, where all are alike (a burst
    is then one long deflection).
    """
    if at.size < _FEWEST:
        return at, 0.0
    bursts = _bursts(at, fs_hz)
    if bursts is not None and bursts[1] > value("longest_burst_s") * fs_hz:
        bursts = None
    if found is None and np.quantile(np.abs(at - np.rint(at)), 0.9) > _LEVEL:
        tried = [(at, 0.0), *([bursts] if bursts else [])]
        return min(tried, key=lambda one: _misfit(samples, *one, fs_hz)) if bursts else tried[0]
    if found is not None:
        long = found * fs_hz
        near = np.quantile(np.abs((line := _even(at)) - at), 0.95) <= 2 * _FOUND
        tried = [(at, long), *([(line, long)] if near else [])]
        return min(tried, key=lambda one: _misfit(samples, *one, fs_hz)) if near else tried[0]
    sharp = _sharpest(samples, at, _ROUNDED)
    tried = [(at, 0.0), (sharp, 0.0)]
    if bursts:
        tried += [bursts, (_even(bursts[0]), bursts[1])]
    elif np.min(np.diff(at)) > value("least_interval_s") * fs_hz:
        # where no pulse is, nothing is left of one: a place moves by little
        near = (one for one in (_even(at), _even(sharp)) if np.quantile(np.abs(one - at), 0.95) <= 2 * _FOUND)
        tried += [(one, 0.0) for one in near]
    return min(tried, key=lambda one: _misfit(samples, *one, fs_hz))


def likelier(samples: Array, alike_s: Array, long_s: float, seen_s: Array, fs_hz: float) -> tuple[Array, float]:
    """Times at which found pulses look alike, or a line through those at which they were first seen, and how long a
    burst lasts, in s: what leaves least of the pulses.

    Pulses that ring look alike a wave later, too, but then keep no step.
    """
    seen = seen_s * fs_hz
    if min(alike_s.size, seen.size) < _FEWEST or np.quantile(np.abs((line := _even(seen)) - seen), 0.95) > 2 * _FOUND:
        return alike_s, long_s
    tried = [(alike_s * fs_hz, long_s * fs_hz), (line, 0.0)]
    at, long = min(tried, key=lambda one: _misfit(samples, one[0], one[1], fs_hz))
    return at / fs_hz, long / fs_hz


def _bursts(at: Array, fs_hz: float) -> tuple[Array, float] | None:
    """Starts of bursts and their length, where every burst has its pulses at the same distances."""
    apart = np.diff(at)
    leads = np.flatnonzero(np.concatenate([[True], apart > 2.5 * np.median(apart)]))
    count = np.diff(leads, append=at.size)
    if leads.size < _FEWEST or leads.size == at.size or np.ptp(count) > 0:
        return None
    inner = at.reshape(leads.size, -1) - at[leads, None]
    if np.ptp(inner, axis=0).max() > 1.5 or np.diff(inner[0]).max() > value("least_interval_s") * fs_hz:
        return None
    return at[leads], float(inner[0, -1])


def _misfit(samples: Array, at: Array, spread: float, fs_hz: float) -> float:
    at = at[:_TRIED]
    beside = round(value("artefact_tail_s") * fs_hz)
    a, b = max(0, int(at[0]) - beside), int(at[-1] + spread) + 1
    left = misfit(samples[a:b], pulses_of(samples[a:b], at - a, fs_hz, spread=spread), fs_hz)
    # one long shape is fitted to fewer of its kind
    return left * (1 + _FREE / leads_of(at, fs_hz).size if spread else 1.0)


def _even(at: Array) -> Array:
    """Places on a line through each train: all trains at one rate, each at its own, or along parabolas."""
    apart = np.diff(at)
    usual = float(np.median(apart))
    trains = np.split(np.arange(at.size), np.flatnonzero(apart > 1.5 * usual) + 1)
    count = np.concatenate([np.arange(train.size) - (train.size - 1) / 2 for train in trains])
    middle = np.concatenate([np.full(train.size, at[train].mean()) for train in trains])
    if (spread := float(count @ count)) > 0:
        line = middle + count * float(count @ (at - middle)) / spread
        if np.abs(line - at).max() <= _ROUNDED:
            return np.asarray(line, dtype=np.float64)
    new = at.copy()
    for train in (train for train in trains if train.size >= _FEWEST):
        order, near = np.arange(train.size), np.ones(train.size, dtype=bool)
        line = at[train]
        for _ in range(3):
            line = np.polyval(np.polyfit(order[near], at[train][near], 1), order)
            off = np.abs(at[train] - line)
            near = off <= 2 * np.median(off) + 0.1
        left = at[train] - line
        if np.median(np.abs(left)) > _ROUNDED:
            left = median_filter(left, size=min(_BESIDE, train.size), mode="nearest")
            width = min(_SMOOTH, train.size - 1 + train.size % 2)
            line = line + np.asarray(savgol_filter(left, width, 2, mode="interp"), dtype=np.float64)
        new[train] = line
    return new


def _sharpest(samples: Array, at: Array, most: float) -> Array:
    """Places at the middle of the second difference around each, moved by up to `most` samples."""
    bend = np.diff(samples, n=2, prepend=samples[:1], append=samples[-1:]) ** 2
    reach = np.arange(-3, 4)
    middle = at
    for _ in range(2):
        near = np.rint(middle).astype(np.int64)
        here = bend[np.clip(near[:, None] + reach, 0, samples.size - 1)]
        middle = near + (here @ reach) / np.maximum(here.sum(axis=1), 1e-300)
    off = middle - at
    return at + np.clip(off - np.median(off), -most, most)
