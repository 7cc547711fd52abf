"""Polynomials of an order over a triangle and a line, by their values at even nodes."""

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
