"""How large each pulse is, which way up, and when it came, as the ECG shows them beside what one pulse adds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.ndimage import median_filter
from scipy.signal import resample_poly
from scipy.sparse import csc_array, csr_array, diags_array, hstack
from scipy.sparse.linalg import spsolve

from vagus.signal.beat.artefact.deflection import Pulses, Shape, across_rails, fit, noise_of, pairs
from vagus.signal.beat.artefact.groups import together
from vagus.signal.beat.constants import value
from vagus.signal.vector import Array

_ROUNDS = 5
_BESIDE = 15  # pulses of a running median of sizes and times
_IQR = 1.349  # interquartile range of a normal distribution of width 1
_SIGNED = 0.2  # share of pulses that must stand upside down for any to be
_FAR, _SURE = 0.25, 6.0  # of the usual size or of a sample, and widths of its error
_TOLD, _ALIKE = 0.4, 0.6  # correlation of a pulse with the others: of one whose sign is told, and the median
_SEEN = 0.2  # times the usual size, from which on a pulse tells a sign
_TURNS = 0.95  # share of neighbors of unlike sign, where each second pulse stands upside down
_FEWEST = 4
_FINER = 4  # points a sample, between which lines are drawn


def fitted(samples: Array, pulses: Pulses, fs_hz: float, *, left_out: np.ndarray) -> tuple[Pulses, Shape]:
    """The pulses with sizes and times as the samples show them, and what one of them adds.

    Steps between samples are fitted, so that the slow part of the ECG, which keeps no distance to the pulses, counts
    little, and those of QRS complexes less and less (Huber's weights). Deflections that overlap add up. Samples in
    `left_out` (at a rail) are not fitted, but the step across them is.
    """
    steps = np.diff(samples)
    over, seen = across_rails(left_out, fs_hz) if left_out.any() else (None, np.ones(steps.size, dtype=bool))
    pulses = replace(pulses, size=signs_of(samples, pulses))
    shape, weight = fit(steps, pulses, fs_hz, seen / noise_of(steps) ** 2, turns=3, over=over)
    for level in range(2):
        parts = _parts(pulses, fs_hz, slow=level == 0)
        for _ in range(_ROUNDS):
            pulses, most = adjusted(steps, pulses, shape, weight, parts, over=over)
            if most < value("least_move"):
                break
            shape, weight = fit(steps, pulses, fs_hz, weight, turns=1, over=over)
    return pulses, shape


def _parts(pulses: Pulses, fs_hz: float, *, slow: bool) -> csr_array:
    """What is read together: first what changes slowly along a train (a ramp, a clock that drifts), then each pulse."""
    apart = value("slow_s" if slow else "least_interval_s") * fs_hz
    usual = float(np.median(np.diff(pulses.at[pulses.leads]))) if pulses.leads.size > 1 else 0.0
    longest = max(value("train_break_s") * fs_hz, 2.5 * usual) if slow else apart
    return together(pulses.at, pulses.leads, apart=apart, longest=longest)


def misfit(samples: Array, pulses: Pulses, fs_hz: float) -> float:
    """How much is left at the pulses of the steps between samples, if the pulses lie where they are said to lie."""
    steps = np.diff(samples)
    pulses = replace(pulses, size=signs_of(samples, pulses))
    shape, weight = fit(steps, pulses, fs_hz, np.full(steps.size, 1 / noise_of(steps) ** 2), turns=2)
    for _ in range(2):
        pulses, _ = adjusted(steps, pulses, shape, weight, _parts(pulses, fs_hz, slow=True))
        shape, weight = fit(steps, pulses, fs_hz, weight, turns=1)
    _, sharp = pairs(pulses, steps.size, pulses.last)
    return float(np.quantile(np.abs(steps - np.diff(shape.sum(pulses, samples.size)))[sharp], 0.8))


def signs_of(samples: Array, pulses: Pulses) -> Array:
    """1 or -1: which way up each pulse stands, from the first principal component of what lies at pulses or bursts.

    Pulses of one burst are told together.
    """
    leads, n = pulses.leads, pulses.at.size
    bend = np.diff(samples, n=2, prepend=samples[:1], append=samples[-1:])
    long = float(np.max(pulses.at[np.append(leads[1:], n) - 1] - pulses.at[leads]))
    lag = np.arange(pulses.first + 1, int(pulses.last + long) + 1)
    place = _FINER * (pulses.at[leads, None] + lag)
    rows = np.interp(place.ravel(), np.arange(_FINER * bend.size), resample_poly(bend, _FINER, 1)).reshape(place.shape)
    norm = np.linalg.norm(rows, axis=1)
    rows = rows / np.maximum(norm, 1e-300)[:, None]
    seen = norm > _SEEN * np.median(norm)
    if seen.sum() < _FEWEST:
        return np.ones(n)
    like = rows @ np.linalg.svd(rows[seen], full_matrices=False)[2][0]
    told = seen & (np.abs(like) > _TOLD)
    down = float(np.mean(like[told] < 0)) if told.any() else 0.0
    if np.median(np.abs(like[seen])) < _ALIKE or not _SIGNED < down < 1 - _SIGNED:
        return np.ones(n)
    signs = np.where(like < 0, -1.0, 1.0)
    follow = told[1:] & told[:-1]
    turns = signs[1:] != signs[:-1]
    if follow.any() and np.mean(turns[follow]) > _TURNS:  # each second one: so are those between, too weak to be told
        run = np.cumsum(np.concatenate([[False], follow & ~turns]))
        even = (-1.0) ** np.arange(signs.size)
        for one in np.unique(run):
            mine = run == one
            signs[mine] = even[mine] * (np.sign(np.sum((signs * even)[mine & told])) or 1.0)
    return np.asarray(np.repeat(signs, np.diff(leads, append=n)))


def adjusted(
    steps: Array, pulses: Pulses, shape: Shape, weight: Array, parts: csr_array, *, over: csr_array | None = None
) -> tuple[Pulses, float]:
    """Pulses with sizes and times nearer to what the ECG shows, and how far the farthest moved.

    All parts are solved for at once, as those of a fast train overlap. What a single part says is trusted as far as
    parts differ from their neighbors by more than noise explains.
    """
    n = steps.size + 1
    left = steps - np.diff(shape.sum(pulses, n))
    pulse, sample = pairs(pulses, n - 1, pulses.last)
    lag = sample - pulses.at[pulse]
    size = pulses.size[pulse]
    late = -size * (shape.at(lag + 1, slope=True) - shape.at(lag, slope=True))
    moves = csr_array((late, (sample, pulse)), shape=(n - 1, pulses.at.size))
    grids = [_of_sizes(pulses, shape, n) @ parts, moves @ parts]
    grid = csr_array(hstack(grids))
    if over is not None:
        grid, left = csr_array(over @ grid), over @ left
    normal, told = _equations(grid, weight, left)
    raw = np.asarray(spsolve(normal, told)).reshape(2, -1)
    count = raw.shape[1]
    own = normal.diagonal().reshape(2, count)
    cross = np.asarray(normal.diagonal(count)).ravel()[:count]
    det = np.maximum(own[0] * own[1] - cross**2, 1e-6 * own[0] * own[1])
    error = np.sqrt(np.stack([own[1] / det, own[0] / det]))
    change = [_trusted(np.clip(raw[i], -0.5, 0.5), error[i]) for i in range(2)]
    at = np.maximum.accumulate(pulses.at + np.asarray(parts @ change[1]))
    most = max(float(np.quantile(np.abs(part), 0.9)) for part in change)
    return replace(_sized(pulses, np.asarray(parts @ change[0])), at=at), most


def _of_sizes(pulses: Pulses, shape: Shape, n: int) -> csr_array:
    """Steps that each pulse adds if it is larger by the usual size, (steps, pulses)."""
    pulse, sample = pairs(pulses, n - 1, pulses.last)
    lag = sample - pulses.at[pulse]
    high = np.where(pulses.size < 0, -1.0, 1.0)[pulse] * (shape.at(lag + 1) - shape.at(lag))
    return csr_array((high, (sample, pulse)), shape=(n - 1, pulses.at.size))


def _equations(grid: csr_array, weight: Array, left: Array) -> tuple[csc_array, Array]:
    normal = (grid.T @ grid.multiply(weight[:, None])).tocsc()
    # a little that holds it: what cannot be seen, at a rail, stays as it is
    return csc_array(normal + diags_array(1e-9 + 1e-6 * normal.diagonal())), grid.T @ (weight * left)


def _sized(pulses: Pulses, change: Array) -> Pulses:
    sizes = np.maximum(np.abs(pulses.size) + change, 0.0)
    if (sizes > 0).any():
        sizes = sizes / np.median(sizes[sizes > 0])
    return replace(pulses, size=np.where(pulses.size < 0, -sizes, sizes))


def _trusted(raw: Array, error: Array) -> Array:
    usual = median_filter(raw, size=min(_BESIDE, raw.size), mode="nearest")
    low, high = np.quantile(raw - usual, [0.25, 0.75])
    spread = ((high - low) / _IQR) ** 2
    true = max(0.0, spread - float(np.median(error)) ** 2)
    off = raw - usual
    share = true / (true + error**2 + 1e-300)
    # one that is far off, as where there is no pulse, says so for itself
    share = np.where(np.abs(off) > np.maximum(_FAR, _SURE * error), 1.0, share)
    return usual + off * share
