"""Between nodes: polynomials of an order over a triangle and a line, splines through many lines at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def triangle_nodes(order: int) -> IntArray:
    """Nodes of a triangle as shares of its corners times the order: (n, 3).

    Examples
    --------
    >>> triangle_nodes(1).tolist()
    [[0, 0, 1], [0, 1, 0], [1, 0, 0]]
    """
    return np.array([(i, j, order - i - j) for i in range(order + 1) for j in range(order + 1 - i)])


def triangle_weights(order: int, shares: FloatArray) -> FloatArray:
    """Weight of each node at places given by their shares of the corners (n, 3): (n, n_node)."""
    one = np.stack([_climb(k, order, shares) for k in range(order + 1)])  # (order + 1, n, 3)
    return np.stack([one[i, :, 0] * one[j, :, 1] * one[k, :, 2] for i, j, k in triangle_nodes(order)], axis=1)


def line_weights(order: int, share: FloatArray) -> FloatArray:
    """Weight of each node of a line at shares (n,) of its length: (n, order + 1).

    Examples
    --------
    >>> line_weights(2, np.array([0.25])).tolist()
    [[0.375, 0.75, -0.125]]
    """
    both = np.stack([1.0 - share, share], axis=1)
    one = np.stack([_climb(k, order, both) for k in range(order + 1)])
    return np.stack([one[order - k, :, 0] * one[k, :, 1] for k in range(order + 1)], axis=1)


def _climb(k: int, order: int, share: FloatArray) -> FloatArray:
    """Polynomial of degree k that is 0 at shares 0, 1, ... k - 1 over the order, and 1 at k over it."""
    found = np.ones(share.shape)
    for m in range(k):
        found = found * (order * share - m) / (m + 1)
    return found


def bend(at: FloatArray, values: FloatArray) -> FloatArray:
    """Second derivatives, at the places, of natural cubic splines, each line with places of its own.

    Parameters
    ----------
    at : (n_line, n) array
        Rising along each line.
    values : (n_set, n_line, n) array

    Examples
    --------
    >>> x = np.linspace(0.0, np.pi, 41)[None]
    >>> bool(np.abs(bend(x, np.sin(x)[None])[0] + np.sin(x)).max() < 2e-3)
    True
    """
    step = np.diff(at)
    slope = np.diff(values) / step
    right = 6.0 * np.diff(slope)
    middle = 2.0 * (step[:, 1:] + step[:, :-1])
    found = np.zeros(values.shape)
    n = right.shape[-1]
    for k in range(1, n):
        share = step[:, k] / middle[:, k - 1]
        middle[:, k] -= share * step[:, k]
        right[..., k] -= share * right[..., k - 1]
    for k in range(n - 1, -1, -1):
        found[..., k + 1] = (right[..., k] - step[:, k + 1] * found[..., k + 2]) / middle[:, k]
    return found


def on_spline(at: FloatArray, values: FloatArray, bent: FloatArray, line: IntArray, place: FloatArray) -> FloatArray:
    """Values (n_set, n) of the splines of some lines at a place on each.

    Parameters
    ----------
    at, values, bent : arrays
        As given to and returned by `bend`.
    line : (n,) array of int
    place : (n,) array
    """
    # one search for all: each line shifted beyond the one before
    shift = float(np.ptp(at)) + 1.0
    row = np.arange(len(at))[:, None]
    inside = np.clip(place, at[line, 0], at[line, -1])
    k = np.searchsorted((at + shift * row).ravel(), inside + shift * line, side="right") - 1 - line * at.shape[1]
    k = np.clip(k, 0, at.shape[1] - 2)
    low, high = at[line, k], at[line, k + 1]
    step = high - low
    a, b = (high - place) / step, (place - low) / step
    straight = a * values[:, line, k] + b * values[:, line, k + 1]
    return straight + ((a**3 - a) * bent[:, line, k] + (b**3 - b) * bent[:, line, k + 1]) * step**2 / 6.0
