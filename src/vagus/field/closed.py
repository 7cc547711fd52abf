"""Potentials in closed form, in mV per mA. Lengths in µm, conductivities in S/m."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vagus.errors import InputError, Problem
from vagus.field.medium.space import demand_positive

FloatArray = NDArray[np.float64]

# mA / (S/m * um) in mV
MV_PER_MA_UM_S_PER_M = 1e6
SERIES_END, SERIES_MOST = 1e-9, 2000


def point_mv_per_ma(
    x_um: ArrayLike, y_um: ArrayLike, z_um: ArrayLike, *, sigma_s_per_m: float | tuple[float, float, float]
) -> FloatArray:
    """Potential of a point source in an infinite medium, mV per mA.

    ``V = I / (4 pi sqrt(sy sz x^2 + sx sz y^2 + sx sy z^2))``; isotropic: ``I / (4 pi s r)``.

    Parameters
    ----------
    x_um, y_um, z_um : array
        Place against the source; broadcast together.
    sigma_s_per_m : float or (sx, sy, sz)

    Raises
    ------
    InputError
        A conductivity that is not above 0, or a place on the source itself.

    Sources
    -------
    Ranck JB. Brain Res 1975;98:417-440 (isotropic); Nicholson C, Freeman JA. J Neurophysiol 1975;38:356-368
    (both recalled; checked here by flux).

    Examples
    --------
    >>> point_mv_per_ma(500.0, 0.0, 0.0, sigma_s_per_m=0.3).round(2)
    np.float64(530.52)
    """
    sx, sy, sz = sigma_s_per_m if isinstance(sigma_s_per_m, tuple) else (sigma_s_per_m,) * 3
    demand_positive(sigma_s_per_m=sx, sigma_y_s_per_m=sy, sigma_z_s_per_m=sz)
    x, y, z = (np.asarray(a, dtype=np.float64) for a in (x_um, y_um, z_um))
    distance = np.sqrt(sy * sz * x**2 + sx * sz * y**2 + sx * sy * z**2)
    if np.any(distance == 0.0):
        raise InputError(Problem(what="a place lies on the point source", allowed="a distance above 0 µm"))
    return MV_PER_MA_UM_S_PER_M / (4.0 * math.pi * distance)


def disc_mv_per_ma(rho_um: ArrayLike, depth_um: ArrayLike, *, radius_um: float, sigma_s_per_m: float) -> FloatArray:
    """Potential under an equipotential disc on a half space, mV per mA.

    ``V = I / (2 pi s a) asin(2 a / (sqrt((rho - a)^2 + z^2) + sqrt((rho + a)^2 + z^2)))``. The rest of the surface is
    insulated (air). Current density on the disc is ``I / (2 pi a sqrt(a^2 - rho^2))``: crowded at the edge.

    Parameters
    ----------
    rho_um, depth_um : array
        Distance from the disc's axis, and depth below the surface.
    radius_um : float
        Radius of the disc.

    Sources
    -------
    Rubinstein JT, Spelman FA, Soma M, Suesserman MF. IEEE Trans Biomed Eng 1987;34:864-875 (recalled; checked
    here by flux and by the disc's resistance).

    Examples
    --------
    >>> disc_mv_per_ma(0.0, 1000.0, radius_um=3000.0, sigma_s_per_m=0.17).round(1)
    np.float64(389.8)
    """
    demand_positive(radius_um=radius_um, sigma_s_per_m=sigma_s_per_m)
    rho, z = np.abs(np.asarray(rho_um, dtype=np.float64)), np.asarray(depth_um, dtype=np.float64)
    return MV_PER_MA_UM_S_PER_M / (2.0 * math.pi * sigma_s_per_m) * _disc_inverse_um(rho, z, radius_um)


def layered_mv_per_ma(
    rho_um: ArrayLike,
    depth_um: ArrayLike,
    *,
    radius_um: float,
    thickness_um: float,
    sigma_s_per_m: float,
    sigma_below_s_per_m: float,
) -> FloatArray:
    """Potential under a disc on a layer over a half space, mV per mA: a series of images.

    With ``k = (s1 - s2) / (s1 + s2)`` and D(z) the disc's ``1 / r``: in the layer ``D(z) + sum k^n (D(2nh + z) +
    D(2nh - z))``, below it ``(1 + k) sum k^n D(2nh + z)``, both times ``I / (2 pi s1)``.

    Parameters
    ----------
    rho_um, depth_um : array
        Distance from the axis, and depth below the surface.
    radius_um : float
        Radius of the disc; 0 for a point source on the surface.
    thickness_um : float
        Of the upper layer.
    sigma_s_per_m, sigma_below_s_per_m : float
        Of the upper layer, and of what lies below.

    Notes
    -----
    Exact for a point. For a disc the current density is taken as on a homogeneous half space, so the disc is
    equipotential only as far as the layer is thick against it.

    Sources
    -------
    Maxwell's images at two planes, as used for layered earth: Telford WM et al. Applied Geophysics 1990 (recalled;
    checked here by the conditions at the layer).

    Examples
    --------
    >>> layered_mv_per_ma(
    ...     0.0, 1500.0, radius_um=3000.0, thickness_um=1000.0, sigma_s_per_m=0.17, sigma_below_s_per_m=0.18
    ... ).round(1)
    np.float64(329.6)
    """
    demand_positive(thickness_um=thickness_um, sigma_s_per_m=sigma_s_per_m, sigma_below_s_per_m=sigma_below_s_per_m)
    if radius_um != 0.0:
        demand_positive(radius_um=radius_um)
    rho, z = np.broadcast_arrays(np.abs(np.asarray(rho_um, dtype=np.float64)), np.asarray(depth_um, dtype=np.float64))
    k = (sigma_s_per_m - sigma_below_s_per_m) / (sigma_s_per_m + sigma_below_s_per_m)
    below = z > thickness_um
    total = np.where(below, 1.0 + k, 1.0) * _disc_inverse_um(rho, z, radius_um)
    factor = 1.0
    for n in range(1, SERIES_MOST):
        factor *= k
        if abs(factor) < SERIES_END:
            break
        shift = 2.0 * n * thickness_um
        deep = _disc_inverse_um(rho, shift + z, radius_um)
        near = _disc_inverse_um(rho, np.abs(shift - z), radius_um)
        total = total + factor * np.where(below, (1.0 + k) * deep, deep + near)
    return MV_PER_MA_UM_S_PER_M / (2.0 * math.pi * sigma_s_per_m) * total


def _disc_inverse_um(rho: FloatArray, z: FloatArray, radius_um: float) -> FloatArray:
    """What 1/r is to a point, of a disc; on the disc itself 1/r is pi / (2 a)."""
    if radius_um == 0.0:
        distance = np.hypot(rho, z)
        if np.any(distance == 0.0):
            raise InputError(Problem(what="a place lies on the point source", allowed="a distance above 0 µm"))
        return 1.0 / distance
    reach = np.hypot(rho - radius_um, z) + np.hypot(rho + radius_um, z)
    return np.arcsin(np.minimum(1.0, 2.0 * radius_um / reach)) / radius_um
