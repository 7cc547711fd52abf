"""What one stimulation pulse adds to an ECG: a spline by least squares, with each pulse's own time and size."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from scipy.interpolate import BSpline
from scipy.linalg import solve
from scipy.signal import lfilter
from scipy.sparse import csr_array

from vagus.signal.beat.artefact.groups import leads_of
from vagus.signal.beat.constants import value
from vagus.signal.vector import Array

_PER_SAMPLE = 8  # knots in a sampling interval, at the pulse itself
_GROWTH = 1.25  # of the distances between knots behind it
FADES_S = (0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128)  # of tails; the first is how fast they rise
_REACH = 5.0  # tails of the spline, after which nothing is left of the exponentials, either


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pulses:
    """Where pulses lie, in samples, and their sizes against the usual one."""

    at: Array
    size: Array
    first: int  # samples from a pulse to where its sharp part begins (0 or less)
    last: int  # and where it ends
    tail: int  # and where nothing of it is left
    leads: np.ndarray  # numbers of those that begin a burst or stand alone
    spread: float = 0.0  # length of a burst that is seen as one pulse


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shape:
    """What one pulse of usual size adds, by the time since it: a cubic spline and decaying exponentials.

    The exponentials rise from zero with the fastest of them, so that nothing jumps where a pulse begins.
    """

    knots: Array
    weights: Array
    fades: Array  # time constants in samples, the first that of the rise
    shares: Array  # of the exponentials after the first

    def at(self, lag: Array, *, slope: bool = False) -> Array:
        """Its height, or slope a sample, at these distances in samples."""
        inside = (lag > self.knots[3]) & (lag < self.knots[-4])
        spline = BSpline(self.knots, self.weights, 3)
        out = np.zeros(lag.shape)
        out[inside] = (spline.derivative() if slope else spline)(lag[inside])
        late = lag > 0
        for fade, share in zip(self.fades, [-self.shares.sum(), *self.shares], strict=True):
            out[late] += share * (-1 / fade if slope else 1.0) * np.exp(-lag[late] / fade)
        return out

    def sum(self, pulses: Pulses, n: int, *, share: Array | None = None) -> Array:
        """What all the pulses (or a share of each) add to n samples."""
        size = pulses.size if share is None else pulses.size * share
        pulse, sample = pairs(pulses, n, pulses.tail)
        lag = sample - pulses.at[pulse]
        spline = replace(self, shares=np.zeros(self.shares.size))
        added = np.bincount(sample, weights=size[pulse] * spline.at(lag), minlength=n)
        return np.asarray(added + _fading(replace(pulses, size=size), self.fades, n) @ self.shares, dtype=np.float64)


def pulses_of(samples: Array, at: Array, fs_hz: float, *, spread: float = 0.0) -> Pulses:
    """Pulses at these places, all of one size, with the extent of their sharp part as the samples show it.

    Seen from the first pulse of each burst backward, from the last one onward; a burst of the length `spread` is one.
    """
    first_of = leads_of(at, fs_hz)
    leads, ends = at[first_of], at[np.append(first_of[1:], at.size) - 1]
    bend = np.abs(np.diff(samples, n=2, prepend=samples[:1], append=samples[-1:]))
    usual = float(np.median(np.diff(leads))) if leads.size > 1 else float(samples.size)
    before = min(round(value("sharp_before_s") * fs_hz) + 2, int(usual / 3) + 1)
    after = min(round(value("sharp_after_s") * fs_hz + spread) + 2, int(usual / 1.5) + 1)
    early = _typical(bend, leads, np.arange(-before, 1))
    late = _typical(bend, ends, np.arange(after + 1))
    floor = value("sharp_floor") * float(np.quantile(bend, 0.5))
    high = max(floor, 2e-3 * max(float(early.max()), float(late.max())))
    first = int(np.argmax(early > high)) - before if (early > high).any() else 0
    last = int(np.flatnonzero(late > high)[-1]) if (late > high).any() else 0
    return Pulses(at=at, size=np.ones(at.size), first=first - 2, last=last + 2,
                  tail=max(min(round(value("artefact_tail_s") * fs_hz), int(usual)), last + 4), leads=first_of,
                  spread=spread)  # fmt: skip


def _typical(values: Array, at: Array, lags: np.ndarray) -> Array:
    place = np.clip(np.floor(at).astype(np.int64)[:, None] + lags, 0, values.size - 1)
    return np.asarray(np.median(values[place], axis=0))


def pairs(pulses: Pulses, n: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
    """Each pulse with each sample that it may reach up to `stop` samples behind it: numbers of pulse and of sample."""
    reach = np.arange(pulses.first, stop + 1)
    sample = np.floor(pulses.at).astype(np.int64)[:, None] + reach
    pulse = np.repeat(np.arange(pulses.at.size), reach.size)
    sample = sample.ravel()
    inside = (sample >= 0) & (sample < n)
    return pulse[inside], sample[inside]


def _fading(pulses: Pulses, fades: Array, n: int) -> Array:
    """Exponentials that begin at each pulse, less the fastest one, (n, number of them - 1)."""
    first = np.ceil(pulses.at).astype(np.int64)
    inside = (first >= 0) & (first < n)
    first, late, size = first[inside], (first - pulses.at)[inside], pulses.size[inside]
    columns = np.empty((n, fades.size))
    for i, fade in enumerate(fades):
        drive = np.bincount(first, weights=size * np.exp(-late / fade), minlength=n)
        columns[:, i] = lfilter([1.0], [1.0, -math.exp(-1 / fade)], drive)
    return columns[:, 1:] - columns[:, :1]


def knots_of(first: int, last: int, tail: int) -> Array:
    """Knots of the spline, in samples from a pulse: dense from first to last, wider and wider from there to tail."""
    core = np.arange(first * _PER_SAMPLE, last * _PER_SAMPLE + 1) / _PER_SAMPLE
    place, apart = [float(core[-1])], 1.0 / _PER_SAMPLE
    while place[-1] < tail:
        apart *= _GROWTH
        place.append(place[-1] + apart)
    inner = np.concatenate([core, place[1:]])
    head, end = inner[0] - np.arange(3, 0, -1) / _PER_SAMPLE, inner[-1] + apart * np.arange(1, 4)
    return np.concatenate([head, inner, end])


def across_rails(left_out: np.ndarray, fs_hz: float) -> tuple[csr_array, np.ndarray]:
    """Steps between samples, (n, n), with one from the sample before a rail to the one after it in place of those
    at the rail, and which of them are seen.

    How far a pulse that saturates the amplifier lifts the ECG for good is told by no other.
    """
    n = left_out.size - 1
    edges = np.flatnonzero(np.diff(np.concatenate([[False], left_out, [False]]).astype(np.int8))).reshape(-1, 2)
    short = (edges[:, 0] > 0) & (edges[:, 1] <= n) & (edges[:, 1] - edges[:, 0] <= value("longest_cubic_s") * fs_hz)
    begins, ends = edges[short, 0] - 1, edges[short, 1] - 1  # first and last step of each
    many = ends - begins
    rows = np.repeat(ends, many)
    columns = np.repeat(begins - np.cumsum(many) + many, many) + np.arange(many.sum())
    every = np.arange(n)
    over = csr_array((np.ones(n + rows.size), (np.append(every, rows), np.append(every, columns))), shape=(n, n))
    seen = ~(left_out[1:] | left_out[:-1])
    seen[ends] = True
    return over, seen


def fit(
    steps: Array, pulses: Pulses, fs_hz: float, weight: Array, *, turns: int, over: csr_array | None = None
) -> tuple[Shape, Array]:
    """The shape of one pulse, and the weight of each step: one over its variance, less for those that do not fit.

    Steps are those that `over` makes of those between samples (`across_rails`).
    """
    knots, fades = knots_of(pulses.first, pulses.last, pulses.tail), np.array(FADES_S) * fs_hz
    slope, touched = _design(steps.size + 1, pulses, knots, round(_REACH * value("artefact_tail_s") * fs_hz))
    tails = np.diff(_fading(pulses, fades, steps.size + 1), axis=0)[touched]
    width = knots.size - 4
    if over is not None:
        here = over[touched][:, touched]
        slope, tails, steps = (here @ slope).tocsr(), here @ tails, over @ steps
    y, w = steps[touched], weight[touched]
    # expected beforehand: the deflection dies away
    middle = np.maximum(0.0, np.array([knots[i + 1 : i + 4].mean() for i in range(width)]) - pulses.spread) / fs_hz
    high = float(np.abs(y).max())
    fading = np.maximum(np.exp(-middle / value("tail_fades_s")), 1e-3)
    expected = high * np.concatenate([fading, np.ones(fades.size - 1)])
    across = slope.T.tocsr()
    found = np.zeros(expected.size)
    for _ in range(turns):
        normal = np.empty((expected.size, expected.size))
        normal[:width, :width] = (across @ (slope.multiply(w[:, None])).tocsr()).toarray()
        normal[:width, width:] = across @ (w[:, None] * tails)
        normal[width:, :width] = normal[:width, width:].T
        normal[width:, width:] = tails.T @ (w[:, None] * tails)
        normal[np.diag_indices(expected.size)] += 1 / expected**2 + 1e-10 * normal.diagonal().max()
        found = solve(normal, np.concatenate([across @ (w * y), tails.T @ (w * y)]), assume_a="pos")
        left = np.abs(y - slope @ found[:width] - tails @ found[width:])
        noise = max(noise_of(left[w > 0]), 1e-5 * high)
        w = (w > 0) * np.minimum(1.0, 1.5 * noise / np.maximum(left, 1e-300)) / noise**2
    after = np.zeros(steps.size)
    after[touched] = w
    return Shape(knots=knots, weights=found[:width], fades=fades, shares=found[width:]), after


def _design(n: int, pulses: Pulses, knots: Array, reach: int) -> tuple[csr_array, np.ndarray]:
    """Steps between samples that one unit of each spline makes, and which they are; overlapping pulses add up.

    Those that only exponentials reach have no spline.
    """
    pulse, sample = pairs(pulses, n, pulses.tail)
    lag = sample - pulses.at[pulse]
    inside = (lag >= knots[3]) & (lag < knots[-4])
    pulse, sample, lag = pulse[inside], sample[inside], lag[inside]
    splines = BSpline.design_matrix(lag, knots, 3)
    values = (splines.data.reshape(-1, 4) * pulses.size[pulse, None]).ravel()
    _, far = pairs(pulses, n, reach)
    touched, row = np.unique(np.concatenate([sample, far]), return_inverse=True)
    rows = np.repeat(row[: sample.size], 4)
    whole = csr_array((values, (rows, splines.indices)), shape=(touched.size, knots.size - 4))
    follows = np.flatnonzero(np.diff(touched) == 1)
    return (whole[follows + 1] - whole[follows]).tocsr(), touched[follows]


def noise_of(left: Array) -> float:
    """Width of the normal distribution that has this median size."""
    return max(1.4826 * float(np.median(np.abs(left))), 1e-300)
