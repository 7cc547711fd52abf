"""Modified Bessel functions of all orders 0 to M, as ratios and logarithms, so that nothing under- or overflows."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ive, kve

FloatArray = NDArray[np.float64]

# orders above M from which the recurrence of I starts, and how far above M an argument needs no such start
EXTRA, CLEAR = 60, 3.0


class Bessel(NamedTuple):
    """At each order (rows) and argument: log I, I'/I, log K, -K'/K."""

    log_i: FloatArray
    slope_i: FloatArray
    log_k: FloatArray
    slope_k: FloatArray


def bessel(m_most: int, x: FloatArray) -> Bessel:
    """I_m(x) and K_m(x) for m = 0 ... `m_most`, x above 0.

    Examples
    --------
    >>> found = bessel(3, np.array([0.5, 20.0]))
    >>> found.log_i[2].round(4), found.slope_k[0].round(4)
    (array([-3.445 , 17.4871]), array([1.7919, 1.0247]))
    """
    top = m_most + EXTRA
    large = x > CLEAR * m_most
    ratio = x / (top + 0.5 + np.sqrt(x**2 + (top + 1.5) ** 2))
    i_ratio = np.empty((m_most + 1, x.size))
    for m in range(top - 1, -1, -1):
        # I_(m+1) / I_m
        ratio = 1.0 / (2.0 * (m + 1) / x + ratio)
        if m == m_most and large.any():
            ratio[large] = ive(m + 1, x[large]) / ive(m, x[large])
        if m <= m_most:
            i_ratio[m] = ratio
    k_ratio = np.empty_like(i_ratio)
    k_ratio[0] = kve(1, x) / kve(0, x)
    for m in range(1, m_most + 1):
        k_ratio[m] = 2.0 * m / x + 1.0 / k_ratio[m - 1]
    order = np.arange(m_most + 1)[:, None] / x
    log_i, log_k = np.zeros_like(i_ratio), np.zeros_like(i_ratio)
    np.cumsum(np.log(i_ratio[:-1]), axis=0, out=log_i[1:])
    np.cumsum(np.log(k_ratio[:-1]), axis=0, out=log_k[1:])
    log_i += np.log(ive(0, x)) + x
    log_k += np.log(kve(0, x)) - x
    return Bessel(log_i, i_ratio + order, log_k, k_ratio - order)
