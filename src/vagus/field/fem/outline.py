"""Outlines with as few corners as a mesh needs: the same area, still apart from each other."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from vagus.field.nerve import ring
from vagus.field.nerve.nerve import Nerve

FloatArray = NDArray[np.float64]

FEWEST = 10  # corners of a small outline
FINE = 8  # places on an edge, of which a corner is the mean
ROOM = 4.0
TRIES = 4  # each halves the length of edges; after them the outline stays as it was traced


def thinned(outline_um: FloatArray, edge_um: float, *, near_um: FloatArray | None = None) -> FloatArray:
    """An outline of edges of about a length, of the same area about the same center.

    Corners are means over the stretch that they stand for, so that what is finer than an edge is smoothed away.

    Parameters
    ----------
    near_um : (n, 2) array, optional
        Places of other outlines: edges are no longer than `ROOM` times the distance to them, down to a quarter.

    Examples
    --------
    >>> circle = ring.circle(0.0, 0.0, 250.0, n=400)
    >>> found = thinned(circle, 100.0)
    >>> len(found), round(ring.area(found) / ring.area(circle), 9)
    (16, 1.0)
    """
    closed = np.concatenate([outline_um, outline_um[:1]])
    arc = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(closed, axis=0).T))])
    along = np.linspace(0.0, arc[-1], max(FINE * FEWEST, round(4.0 * FINE * arc[-1] / edge_um)) + 1)
    even = np.stack([np.interp((along[1:] + along[:-1]) / 2.0, arc, closed[:, k]) for k in (0, 1)], axis=1)
    edge = np.full(len(even), edge_um)
    if near_um is not None and len(near_um):
        edge = np.clip(ROOM * KDTree(near_um).query(even)[0], edge_um / 4.0, edge_um)
    passed = np.cumsum(np.diff(along) / edge)  # edges up to each place
    n = max(FEWEST, round(passed[-1]))
    if n >= len(outline_um):
        return np.array(outline_um)
    which = np.minimum((passed - passed[0] / 2.0) / passed[-1] * n, n - 0.5).astype(int)
    count = np.bincount(which, minlength=n)
    corners = np.stack([np.bincount(which, even[:, k], minlength=n) / count for k in (0, 1)], axis=1)
    middle = ring.center(outline_um)
    moved = corners + middle - ring.center(corners)
    return middle + (moved - middle) * math.sqrt(ring.area(outline_um) / ring.area(moved))


def thinned_nerve(nerve: Nerve, edge_um: float) -> tuple[FloatArray, tuple[FloatArray, ...]]:
    """Outline of the nerve and of its fascicles for a mesh; finer where they are near to each other."""
    true = [nerve.outline_um, *(one.outline_um for one in nerve.fascicles)]
    near = [_dense([one for j, one in enumerate(true) if j != k], edge_um / 8.0) for k in range(len(true))]
    edges = [edge_um] * len(true)
    found = [thinned(outline, edge_um, near_um=places) for outline, places in zip(true, near, strict=True)]
    for _ in range(TRIES):
        wrong = _touching(found)
        if not wrong:
            break
        for k in wrong:
            edges[k] /= 2.0
            found[k] = thinned(true[k], edges[k], near_um=near[k])
    for k in _touching(found):
        found[k] = np.array(true[k])
    if _touching(found):
        found = [np.array(one) for one in true]
    return found[0], tuple(found[1:])


def _dense(outlines: Sequence[FloatArray], step_um: float) -> FloatArray:
    """Places along outlines, no farther apart than a step."""
    found: list[FloatArray] = [np.empty((0, 2))]
    for one in outlines:
        ends = np.roll(one, -1, axis=0)
        count = math.ceil(float(np.hypot(*(ends - one).T).max()) / step_um)
        found += [one + (ends - one) * k / count for k in range(count)]
    return np.concatenate(found)


def _touching(outlines: Sequence[FloatArray]) -> set[int]:
    """Outlines that cross themselves or another one, or leave the first."""
    wrong = {k for k, one in enumerate(outlines) if ring.crossing(one) is not None}
    for i in range(len(outlines)):
        for j in range(i):
            crossed = ring.crossing(outlines[i], outlines[j]) is not None
            outside = j == 0 and not ring.holds(outlines[0], outlines[i]).all()
            inside = j > 0 and (
                ring.holds(outlines[j], outlines[i]).any() or ring.holds(outlines[i], outlines[j]).any()
            )
            if crossed or outside or inside:
                wrong |= {i, j}
    return wrong
