"""Short-term scaling exponent α1 of detrended fluctuation analysis (Peng 1995)."""

from __future__ import annotations

import numpy as np

from vagus.signal.index.part import Measure, Missing, Part
from vagus.signal.known import value
from vagus.signal.vector import Array


def fluctuations(rr: Array, sizes: np.ndarray) -> Array:
    """Squared distance of the running sum from the straight line of its box, (sizes, n) in ms².

    Boxes follow one another from the first interval on; a rest at the end that fills no box holds the mean of the
    others, so that the mean of each row is F² of that size.
    """
    profile = np.cumsum(rr - rr.mean())
    found = np.empty((sizes.size, rr.size))
    for row, n in zip(found, sizes.tolist(), strict=True):
        full = rr.size // n * n
        boxes = profile[:full].reshape(-1, n)
        x = np.arange(n) - (n - 1) / 2
        boxes = boxes - boxes.mean(axis=1, keepdims=True)
        boxes = boxes - (boxes @ x / (x @ x))[:, None] * x
        row[:full] = boxes.ravel() ** 2
        row[full:] = row[:full].mean()
    return found


def alpha1(part: Part) -> Measure | Missing:
    """Slope of log F over log n for boxes of 4 to 16 beats."""
    first, last = round(value("dfa_shortest_beats")), round(value("dfa_longest_beats"))
    least = round(value("dfa_least_beats"))
    piece = part.longest
    if piece is None or piece[1].size < least:
        n = 0 if piece is None else piece[1].size
        return Missing(unit="", why=f"{n} intervals without a long gap, {least} needed for α1")
    sizes = np.arange(first, last + 1)
    rows = fluctuations(piece[1], sizes)
    if rows.mean(axis=1).min() <= 0:
        return Missing(unit="", why="the intervals do not differ")
    x = np.log(sizes) - np.log(sizes).mean()
    weight = (x / (x @ x) / 2)[:, None]  # F is the root of the mean square

    def slope(*means: Array) -> Array:
        logs = np.log(np.maximum(np.reshape(np.stack(means), (sizes.size, -1)), 1e-300))
        return np.squeeze((weight * logs).sum(axis=0))

    return Measure(
        values=tuple(rows), how=slope, n_per_s=part.n_per_s, unit="", positive=False,
        what=f"detrended fluctuation analysis, boxes of {first} to {last} beats one after another, straight line out "
        f"of each, longest stretch without a long gap{bridged_words(part)}",
    )  # fmt: skip


def bridged_words(part: Part) -> str:
    """How many intervals are bridged, in words."""
    n = int((~part.whole).sum())
    return f"; {n} of {part.whole.size} intervals {part.touch} and are bridged" if n else ""
