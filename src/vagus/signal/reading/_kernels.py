"""A filter's loop over samples. Arrays in, changed in place; no checks."""

from __future__ import annotations

from numba import njit


@njit(cache=True, error_model="numpy")
def zero_phase(values, sections, start):
    """Two second-order sections forward, then backward. `start` is their state for a constant 1 that came before."""
    n = values.size
    a0, a1, a2, _, a3, a4 = sections[0]
    b0, b1, b2, _, b3, b4 = sections[1]
    for backward in range(2):
        first = values[n - 1] if backward else values[0]
        s, t, u, v = start[0, 0] * first, start[0, 1] * first, start[1, 0] * first, start[1, 1] * first
        for i in range(n):
            j = n - 1 - i if backward else i
            x = values[j]
            y = a0 * x + s
            s = (a1 * x + t) - a3 * y
            t = a2 * x - a4 * y
            z = b0 * y + u
            u = (b1 * y + v) - b3 * z
            v = b2 * y - b4 * z
            values[j] = z
