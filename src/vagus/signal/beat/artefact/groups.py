"""Which pulses belong together: bursts, pulses on their own, and trains too fast for each pulse to be seen alone."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from vagus.signal.beat.constants import value
from vagus.signal.vector import Array


def leads_of(at: Array, fs_hz: float) -> np.ndarray:
    """Numbers of the pulses that begin a burst or stand alone, (k,) of int.

    Pulses within 20 ms of the one before belong to its burst, unless that lasts longer than any burst (0.3 s): it is a
    fast train, and each of its pulses is on its own.
    """
    if not at.size:
        return np.zeros(0, dtype=np.int64)
    breaks = np.concatenate([[0], np.flatnonzero(np.diff(at) > value("least_interval_s") * fs_hz) + 1])
    stops = np.append(breaks[1:], at.size)
    long = at[stops - 1] - at[breaks] > value("longest_burst_s") * fs_hz
    alone = np.concatenate([np.arange(a, b) for a, b in zip(breaks[long], stops[long], strict=True)] or [breaks[:0]])
    return np.sort(np.concatenate([breaks[~long], alone]))


def together(at: Array, leads: np.ndarray, *, apart: float, longest: float) -> csr_array:
    """Shares of each pulse in what is read together, (pulses, parts).

    A burst is read as one. Bursts and pulses alone that follow one another within `longest` samples are a train: along
    it lie knots at least `apart` samples from one another, between which sizes and times lie on lines. Where all
    stand farther apart each is read on its own.
    """
    first = at[leads]
    breaks = np.concatenate([[0], np.flatnonzero(np.diff(first) > longest) + 1, [leads.size]])
    rows, columns, shares, count = [], [], [], 0
    for a, b in zip(breaks[:-1].tolist(), breaks[1:].tolist(), strict=True):
        long = float(first[b - 1] - first[a])
        if np.all(np.diff(first[a:b]) >= apart):
            place, knots = np.arange(b - a, dtype=np.float64), b - a
        else:
            knots = max(2, int(long / apart) + 1)
            place = (first[a:b] - first[a]) / long * (knots - 1)
        low = np.minimum(place.astype(np.int64), max(0, knots - 2))
        rows += [np.arange(a, b), np.arange(a, b)]
        columns += [count + low, count + np.minimum(low + 1, knots - 1)]
        shares += [1 - (place - low), place - low]
        count += knots
    entries = (np.concatenate(shares), (np.concatenate(rows), np.concatenate(columns)))
    of_units = csr_array(entries, shape=(leads.size, count))
    return csr_array(of_units[np.repeat(np.arange(leads.size), np.diff(leads, append=at.size))])
