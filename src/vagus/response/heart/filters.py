"""Low-pass filters of heart and pupil: first and second order, after a lag, many draws at once."""

from __future__ import annotations

import numpy as np

from vagus.response.exact import transition


def low_pass(
    drive: np.ndarray, *, width_s: float, corner_hz: np.ndarray | float, lag_s: np.ndarray | float = 0.0
) -> np.ndarray:
    """First-order low-pass of `drive` (n_draws, n), constant within cells, after a lag; at the cells' ends.

    Examples
    --------
    After one time constant, 1/(2π corner), a step has reached 63 %.

    >>> tau_s = 1 / (2 * np.pi * 0.12)
    >>> low_pass(np.ones((1, 100)), width_s=tau_s / 10, corner_hz=0.12)[0, 9].round(3)
    np.float64(0.632)
    """
    n_draws, n = drive.shape
    corner = np.broadcast_to(np.asarray(corner_hz, dtype=np.float64), (n_draws,))
    lag = np.broadcast_to(np.asarray(lag_s, dtype=np.float64), (n_draws,))
    fade = np.exp(-2 * np.pi * corner * width_s)
    out, state = np.empty((n_draws, n)), np.zeros(n_draws)
    for i in range(n):
        state = drive[:, i] + (state - drive[:, i]) * fade
        out[:, i] = state
    return _later(out, width_s=width_s, lag_s=lag)


def second_order(
    drive: np.ndarray, *, width_s: float, natural_hz: np.ndarray, damping: np.ndarray, lag_s: np.ndarray
) -> np.ndarray:
    """Second-order low-pass of `drive` (n_draws, n), constant within cells, after a lag; at the cells' ends.

    x'' = w^2 (drive - x) - 2 d w x', with w = 2 pi natural_hz and damping d; each step is exact.

    Examples
    --------
    >>> one = np.ones(1)
    >>> x = second_order(np.ones((1, 600)), width_s=0.1, natural_hz=0.07 * one, damping=1.96 * one, lag_s=0.0 * one)
    >>> x[0, [99, 599]].round(3).tolist()
    [0.676, 0.999]
    """
    n_draws, n = drive.shape
    omega = 2 * np.pi * natural_hz
    system = np.zeros((n_draws, 3, 3))
    system[:, 0, 1] = 1.0
    system[:, 1, 0], system[:, 1, 1], system[:, 1, 2] = -(omega**2), -2 * damping * omega, omega**2
    advance = transition(system * width_s)
    (xx, xv, xu), (vx, vv, vu) = (advance[:, k, :].T.copy() for k in range(2))
    x, v, out = np.zeros(n_draws), np.zeros(n_draws), np.empty((n, n_draws))
    for i, u in enumerate(np.ascontiguousarray(drive.T)):
        x, v = xx * x + xv * v + xu * u, vx * x + vv * v + vu * u
        out[i] = x
    return _later(out.T, width_s=width_s, lag_s=lag_s)


def _later(values: np.ndarray, *, width_s: float, lag_s: np.ndarray) -> np.ndarray:
    """Values at the cells' ends, after each draw's lag."""
    if not np.any(lag_s):
        return values
    end_s = (np.arange(values.shape[1]) + 1) * width_s
    padded_s = np.append(0.0, end_s)
    padded = np.concatenate([np.zeros((values.shape[0], 1)), values], axis=1)
    return np.stack([np.interp(end_s - lag_s[i], padded_s, padded[i]) for i in range(values.shape[0])])
