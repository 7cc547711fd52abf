"""The kernels' door: arrays made fit, kernels loaded when first called."""

from __future__ import annotations

import numpy as np


def step_fast(
    u: np.ndarray, gain: np.ndarray, *, kappa: np.ndarray, fade: np.ndarray, advance: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Relay, LC and NE at the end of each cell, (n_draws, n) each; the input is the fourth state of `advance`."""
    from vagus.response.brain._kernels import fast_steps

    nts, lc, ne = (np.empty(u.shape) for _ in range(3))
    step, push = np.ascontiguousarray(advance[:, :3, :3]), np.ascontiguousarray(advance[:, :3, 3])
    drive, gained = np.ascontiguousarray(u), np.ascontiguousarray(np.broadcast_to(gain, u.shape))
    fast_steps(drive, gained, kappa, fade, step, push, nts, lc, ne)
    return nts, lc, ne


def slow_path(
    steps: tuple[np.ndarray, np.ndarray, np.ndarray],
    draws: tuple[np.ndarray, ...],
    *,
    early: np.ndarray,
    late: np.ndarray,
    every: int,
    window: int,
) -> np.ndarray:
    """Slow LC, alpha1 tone, DRN and 5-HT each `every` fine steps, (4, n_draws, n).

    `steps` and `draws` are the first arguments of `_kernels.slow_steps`, in its order.
    """
    from vagus.response.brain._kernels import slow_steps

    out = np.empty((4, draws[0].size, steps[0].size // every))
    arrays = [np.ascontiguousarray(a, dtype=np.float64) for a in (*steps, *draws, early, late)]
    slow_steps(*[*arrays, every, window, out])
    return out
