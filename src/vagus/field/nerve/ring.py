"""Closed outlines in the plane: (n, 2) corners, the last joined to the first."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
EDGES = 1_000_000


def area(ring: FloatArray) -> float:
    """Area within an outline, above 0 where it runs against the clock.

    Examples
    --------
    >>> area(np.array([[0.0, 0.0], [2.0, 0.0], [2.0, 1.0]]))
    1.0
    """
    x, y = ring[:, 0], ring[:, 1]
    return float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y) / 2.0)


def center(ring: FloatArray) -> FloatArray:
    """Center of the area within an outline."""
    middle = ring.mean(axis=0)
    x, y = (ring - middle).T
    cross = x * np.roll(y, -1) - np.roll(x, -1) * y
    total = cross.sum()
    return middle + np.array([np.sum((v + np.roll(v, -1)) * cross) for v in (x, y)]) / (3.0 * total)


def holds(ring: FloatArray, places: ArrayLike) -> NDArray[np.bool_]:
    """Whether each of (m, 2) places lies within an outline."""
    px, py = np.atleast_2d(np.asarray(places, dtype=np.float64)).T[:, :, None]
    (x, y), (x2, y2) = ring.T, np.roll(ring, -1, axis=0).T
    spans = (y > py) != (y2 > py)
    with np.errstate(divide="ignore", invalid="ignore"):
        at = x + (py - y) * (x2 - x) / (y2 - y)
    return np.sum(spans & (px < at), axis=1) % 2 == 1


def crossing(a: FloatArray, b: FloatArray | None = None) -> FloatArray | None:
    """First place where two outlines cross, or where one crosses itself; None where none does.

    Examples
    --------
    >>> bow = np.array([[0.0, 0.0], [2.0, 2.0], [2.0, 0.0], [0.0, 2.0]])
    >>> crossing(bow)
    array([1., 1.])
    """
    other = a if b is None else b
    p, r = a, np.roll(a, -1, axis=0) - a
    q, s = other, np.roll(other, -1, axis=0) - other
    for start in range(0, len(p), max(EDGES // len(q), 1)):
        rows = slice(start, start + max(EDGES // len(q), 1))
        away = q[None] - p[rows, None]
        turn = _cross(r[rows, None], s[None])
        with np.errstate(divide="ignore", invalid="ignore"):
            t, u = _cross(away, s[None]) / turn, _cross(away, r[rows, None]) / turn
        hit = (turn != 0.0) & (t >= 0.0) & (t < 1.0) & (u >= 0.0) & (u < 1.0)
        if b is None:
            i, j = np.arange(len(p))[rows, None], np.arange(len(q))[None]
            hit &= ~np.isin((i - j) % len(p), (0, 1, len(p) - 1))
        if hit.any():
            i, j = np.argwhere(hit)[0]
            return p[start + i] + t[i, j] * r[start + i]
    return None


def circle(x_um: float, y_um: float, radius_um: float, *, n: int = 64) -> FloatArray:
    """Outline of a circle as a polygon of the same area."""
    turn = 2.0 * np.pi * np.arange(n) / n
    radius = radius_um * np.sqrt(2.0 * np.pi / n / np.sin(2.0 * np.pi / n))
    return np.stack([x_um + radius * np.cos(turn), y_um + radius * np.sin(turn)], axis=1)


def _cross(a: FloatArray, b: FloatArray) -> FloatArray:
    return a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
