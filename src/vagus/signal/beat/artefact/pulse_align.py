"""Places of pulses that were found, made alike: what is seen at one lies as on the others; and trains to their ends."""

from __future__ import annotations

import numpy as np

from vagus.signal.beat.constants import value
from vagus.signal.vector import Array

_SOME = 400  # pulses from which the shape is taken
_CLEARLY = 0.05  # more alike, where each second pulse stands upside down: a burst turned over looks like itself later
_FAR = 0.08  # less alike is what lies farther than expected
_ROUNDS = 4
_EDGE = 0.2  # of its largest value: where a shape begins and ends
_BESIDE = 15  # pulses that tell the rate at the end of a train
_OF = 3  # places that are looked at together


def aligned(bend: Array, at: np.ndarray, long: int, most: int) -> tuple[Array, int]:
    """Places moved by up to `most` points so that second differences behind them are alike, and the length of those.

    Compared are `long` points behind, and `most` before; some may stand upside down. Where that is clearly better, as
    where a heartbeat hides the beginning, they move by up to `long`. What is alike begins at a place.
    """
    lag = np.arange(-most, long + 1)
    at = np.unique(np.clip(at, 2 * long + most, bend.size - 1 - 2 * long - most).astype(np.int64))
    move = np.arange(-long, long + 1)
    far = _FAR * (np.abs(move) > most)  # near is likelier than far
    upright, turned = (_moved(bend, at, lag, move, far, turns=one) for one in (False, True))
    by, shape, _ = turned if turned[2] > upright[2] + _CLEARLY else upright
    high = np.flatnonzero(np.abs(shape) > _EDGE * np.abs(shape).max())
    return np.sort(at + by + lag[high[0]]), int(high[-1] - high[0])


def _moved(
    bend: Array, at: np.ndarray, lag: np.ndarray, move: np.ndarray, far: np.ndarray, *, turns: bool
) -> tuple[Array, Array, float]:
    """By how much places move, what they share, and how alike they are then (median)."""
    some = np.unique(np.linspace(0, at.size - 1, min(at.size, _SOME)).astype(np.int64))
    every, long = np.arange(at.size), -int(move[0])
    shape, by, part, alike = _common(bend[at[some, None] + lag], turns=turns), np.zeros(at.size), np.zeros(at.size), 0.0
    for _ in range(_ROUNDS):
        unit = shape / max(float(np.linalg.norm(shape)), 1e-300)
        like = np.stack([_likeness(bend, at + one, lag, unit) for one in move])
        good = (np.abs(like) if turns else like) - far[:, None]
        new = np.argmax(good, axis=0)
        alike = float(np.median(good[new, every]))
        sure = good[new, every] > value("least_match")
        inner = np.clip(new, 1, move.size - 2)
        a, b, c = (good[inner + k, every] for k in (-1, 0, 1))
        bent = a - 2 * b + c
        by = np.where(sure, new - long, 0)
        part = np.where(sure & (bent < 0) & (new == inner), 0.5 * (a - c) / np.minimum(bent, -1e-300), 0.0)
        if sure[some].any():
            shape = _common(bend[(at + by)[some, None] + lag][sure[some]], turns=turns)
    return by + np.clip(part, -0.5, 0.5), shape, alike


def _common(rows: Array, *, turns: bool) -> Array:
    """What rows share: their median, each turned as their first principal component says, where they may turn."""
    rows = rows / np.maximum(np.linalg.norm(rows, axis=1), 1e-300)[:, None]
    if not turns:
        return np.asarray(np.median(rows, axis=0))
    turned = np.sign(rows @ np.linalg.svd(rows, full_matrices=False)[2][0])
    turned *= 1.0 if np.sum(turned) >= 0 else -1.0
    return np.asarray(np.median(rows * turned[:, None], axis=0))


def _likeness(bend: Array, at: np.ndarray, lag: np.ndarray, unit: Array) -> Array:
    rows = bend[at[:, None] + lag]
    return rows @ unit / np.maximum(np.linalg.norm(rows, axis=1), 1e-300)


def extended(size: Array, at: Array, *, break_at: float, longest: float) -> Array:
    """Pulses with those before and after each regular train that are small but there, as where it ramps."""
    if at.size < _BESIDE:
        return at
    more = [at]
    breaks = np.flatnonzero(np.diff(at) > break_at) + 1
    for run in np.split(at, breaks):
        if run.size < _BESIDE:
            continue
        for way in (-1, 1):
            end = run[:_BESIDE][::-1] if way < 0 else run[-_BESIDE:]
            step = float(np.median(np.diff(end)))
            if np.median(np.abs(np.diff(end) - step)) > _EDGE * abs(step):
                continue
            place = end[-1] + step * np.arange(1, 1 + int(longest / abs(step)))
            more.append(_there(size, place, abs(step)))
    return np.unique(np.concatenate(more))


def _there(size: Array, place: Array, step: float) -> Array:
    """Places up to where second differences there are no larger than between them."""
    reach = max(1, round(0.12 * step))
    place = place[(place > step) & (place < size.size - step - 1)]
    near = np.rint(place).astype(np.int64)[:, None] + np.arange(-reach, reach + 1)
    between = np.clip(near + round(step / 2), 0, size.size - 1)
    out = size[near].max(axis=1) > value("extends_times") * np.median(size[between], axis=1)
    together = np.convolve(out, np.ones(_OF), mode="full")[: out.size] if out.size else out
    stop = np.flatnonzero(together[_OF - 1 :] < _OF - 1)
    return place[: int(stop[0])] if stop.size else place
