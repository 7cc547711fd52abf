"""Many places in a few lines along z, as fibers ask for them, and values between even points."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def upright(x_um: FloatArray, y_um: FloatArray) -> tuple[FloatArray, IntArray]:
    """Lines along z on which places lie: x and y of each line (n_line, 2), and the line of each place.

    Places of a fiber follow each other, so that only the first of each run is sorted.

    Examples
    --------
    >>> lines, which = upright(np.array([1.0, 1.0, 0.0, 1.0]), np.array([2.0, 2.0, 0.0, 2.0]))
    >>> lines.tolist(), which.tolist()
    ([[0.0, 0.0], [1.0, 2.0]], [1, 1, 0, 1])
    """
    flat = np.column_stack([x_um.ravel(), y_um.ravel()])
    begins = np.ones(len(flat), dtype=bool)
    begins[1:] = np.any(flat[1:] != flat[:-1], axis=1)
    lines, of_run = np.unique(flat[begins], axis=0, return_inverse=True)
    return lines, of_run.ravel()[np.cumsum(begins) - 1]


def cubic_weights(share: FloatArray) -> FloatArray:
    """Weights (4, n) of the even points at -1, 0, 1 and 2 for a value at a share (n,) of the way from 0 to 1.

    Examples
    --------
    >>> cubic_weights(np.array([0.5])).T.tolist()
    [[-0.0625, 0.5625, 0.5625, -0.0625]]
    """
    t = share
    return np.stack([
        -t * (t - 1) * (t - 2) / 6, (t + 1) * (t - 1) * (t - 2) / 2, -(t + 1) * t * (t - 2) / 2,
        (t + 1) * t * (t - 1) / 6,
    ])  # fmt: skip
