"""Outlines with as few corners as a mesh needs: the same area, still apart from each other."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vagus.field.nerve import ring
from vagus.field.nerve.nerve import Nerve

FloatArray = NDArray[np.float64]

FEWEST = 12  # corners of a small fascicle
TRIES = 4  # each halves the length of edges; after them the outline stays as it was traced


def thinned(outline_um: FloatArray, edge_um: float) -> FloatArray:
    """An outline of even edges of about a length, of the same area about the same center.

    Corners are means over the stretch that they stand for, so that what is finer than an edge is smoothed away.

    Examples
    --------
    >>> circle = ring.circle(0.0, 0.0, 250.0, n=400)
    >>> found = thinned(circle, 100.0)
    >>> len(found), round(ring.area(found) / ring.area(circle), 9)
    (16, 1.0)
    """
    closed = np.concatenate([outline_um, outline_um[:1]])
    arc = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(closed, axis=0).T))])
    n = max(FEWEST, round(arc[-1] / edge_um))
    if n >= len(outline_um):
        return np.array(outline_um)
    fine = 16
    at = (np.arange(n * fine) + 0.5) * arc[-1] / (n * fine)
    even = np.stack([np.interp(at, arc, closed[:, k]) for k in (0, 1)], axis=1)
    corners = np.roll(even, fine // 2, axis=0).reshape(n, fine, 2).mean(axis=1)
    middle = ring.center(outline_um)
    moved = corners + middle - ring.center(corners)
    return middle + (moved - middle) * math.sqrt(ring.area(outline_um) / ring.area(moved))


def thinned_nerve(nerve: Nerve, edge_um: float) -> tuple[FloatArray, tuple[FloatArray, ...]]:
    """Outline of the nerve and of its fascicles for a mesh; finer where thinning would let two of them touch.

    Edges are no longer than three times the room to the nearest other outline, which a mesh has to fill.
    """
    true = [nerve.outline_um, *(one.outline_um for one in nerve.fascicles)]
    edges = [min(edge_um, max(3.0 * _room(k, true), edge_um / 4.0)) for k in range(len(true))]
    found = [thinned(outline, edge) for outline, edge in zip(true, edges, strict=True)]
    for _ in range(TRIES):
        wrong = _touching(found)
        if not wrong:
            break
        for k in wrong:
            edges[k] /= 2.0
            found[k] = thinned(true[k], edges[k])
    for k in _touching(found):
        found[k] = np.array(true[k])
    if _touching(found):
        found = [np.array(one) for one in true]
    return found[0], tuple(found[1:])


def _room(k: int, outlines: Sequence[FloatArray]) -> float:
    """Least distance from the corners of one outline to those of the others."""
    others = [one for j, one in enumerate(outlines) if j != k]
    if not others:
        return math.inf
    return min(float(np.hypot(*(outlines[k][:, None] - one[None]).transpose(2, 0, 1)).min()) for one in others)


def _touching(outlines: Sequence[FloatArray]) -> set[int]:
    """Outlines that cross themselves or another one, or leave the first."""
    wrong = {k for k, one in enumerate(outlines) if ring.crossing(one) is not None}
    for i in range(len(outlines)):
        for j in range(i):
            crossed = ring.crossing(outlines[i], outlines[j]) is not None
            outside = j == 0 and not ring.holds(outlines[0], outlines[i]).all()
            inside = j > 0 and (ring.holds(outlines[j], outlines[i]).any() or ring.holds(outlines[i], outlines[j]).any())
            if crossed or outside or inside:
                wrong |= {i, j}
    return wrong
