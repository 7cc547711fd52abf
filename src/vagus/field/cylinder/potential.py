"""Potential of a point or of an equipotential patch in nested cylinders."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.special import erf, jv

from vagus.errors import InputError, ModelRange, Problem
from vagus.field.cylinder.nested import Cylinder
from vagus.field.cylinder.solve import gain
from vagus.field.electrode.contact import Patch, Point
from vagus.field.medium.layered import panels

FloatArray = NDArray[np.float64]
# of waves along z and orders: what one wave carries to a contact or a place, (orders -M ... M, waves)
Spectrum = Callable[[FloatArray, FloatArray], FloatArray]

# waves and orders go on until what is left of one is exp(-REACH)
REACH = 21.0
# a place must lie so far from the contact's own radius
GAP = 0.02
# modes of a patch's current along the nerve and around it, and how many of its own waves they need
ALONG, AROUND, WAVES = 3, 8, 60.0
# step of a table of Bessel functions
TABLE = 0.02


def cylinder_mv_per_ma(
    cylinder: Cylinder, contact: Point | Patch, x_um: FloatArray, y_um: FloatArray, z_um: FloatArray
) -> FloatArray:
    """Potential per mA; see `vagus.field.potential_mv_per_ma`."""
    at, angle, middle = _place_of(contact)
    if at > 1e-6 * cylinder.radius_um[-1] * (1.0 + 1e-12):
        raise InputError(
            Problem(what="contact lies outside the wall", found=f"radius {1e6 * at:g} µm",
                    allowed=f"up to {cylinder.radius_um[-1]:g} µm")
        )  # fmt: skip
    at = max(at, 1e-5 * 1e-6 * cylinder.radius_um[0])
    radius = 1e-6 * np.hypot(x_um, y_um).ravel()
    _check_radii(cylinder, radius, at)
    radius = np.maximum(radius, 1e-5 * at if at > 1e-3 * 1e-6 * cylinder.radius_um[0] else 0.0)
    turn = np.arctan2(y_um, x_um).ravel() - angle
    z = 1e-6 * np.ravel(z_um) - middle
    spectrum = spectrum_of(cylinder, contact, at)
    keys = np.round(np.stack([radius * 1e9, turn * 1e9]))
    total = np.empty(z.size)
    radii, which = np.unique(keys[0], return_inverse=True)
    for number, _ in enumerate(radii):
        here = np.flatnonzero(which == number)
        total[here] = _at_radius(cylinder, spectrum, at, float(radius[here[0]]), turn=turn[here], z=z[here])
    if cylinder.walled:
        total += _far(cylinder, at, z)
    return total.reshape(np.shape(z_um))


def _place_of(contact: Point | Patch) -> tuple[float, float, float]:
    if isinstance(contact, Patch):
        return 1e-6 * contact.radius_um, math.radians(contact.angle_deg), 1e-6 * contact.z_um
    return (
        1e-6 * math.hypot(contact.x_um, contact.y_um),
        math.atan2(contact.y_um, contact.x_um),
        1e-6 * contact.z_um,
    )


def _check_radii(cylinder: Cylinder, radius: FloatArray, at: float) -> None:
    wall = 1e-6 * cylinder.radius_um[-1]
    if np.any(radius > wall * (1.0 + 1e-12)):
        raise InputError(
            Problem(what="a place lies outside the wall", found=f"radius {1e6 * radius.max():g} µm",
                    allowed=f"up to {cylinder.radius_um[-1]:g} µm")
        )  # fmt: skip
    near = np.abs(radius - at)
    if np.any(near < GAP * np.maximum(at, radius)):
        raise ModelRange(
            f"a place lies {1e6 * near.min():.3g} µm from the contact's radius of {1e6 * at:g} µm: the series of waves "
            f"needs {100 * GAP:g} % of it or more; move the place, or use finite elements"
        )


def _at_radius(
    cylinder: Cylinder, spectrum: Spectrum, at: float, place: float, *, turn: FloatArray, z: FloatArray
) -> FloatArray:
    """Sum over orders and integral over waves at one radius."""
    low, high = min(at, place), max(at, place)
    m_most = max(int(REACH / math.log(high / low)), 1) + 1 if low > 0.0 else 0
    wave, weight = panels(REACH / _fall(cylinder, low, high), float(np.abs(z).max()) / 2.0 + high)
    order = np.arange(m_most + 1.0)
    both = gain(cylinder, at, place, wave, m_most) / (2.0 * math.pi**2 * at)
    plus, minus = spectrum(order[:, None], wave), spectrum(-order[:, None], wave)
    plus, minus = both * plus, both * minus
    minus[0] = 0.0
    if cylinder.walled:
        plus[0] -= _slow(cylinder, at, wave) / math.pi
    angles, which = np.unique(turn, return_inverse=True)
    found = np.empty(z.size)
    for number, angle in enumerate(angles):
        here = np.flatnonzero(which == number)
        even = weight * (np.cos(order * angle) @ (plus + minus))
        odd = weight * (np.sin(order * angle) @ (minus - plus))
        for part in np.array_split(here, here.size * wave.size // 2_000_000 + 1):
            phase = np.outer(z[part], wave)
            found[part] = np.cos(phase) @ even + np.sin(phase) @ odd
    return found


def _fall(cylinder: Cylinder, low: float, high: float) -> float:
    """Length (m) against which waves fall between two radii: anisotropy makes it longer than their distance."""
    edges = 1e-6 * np.array(cylinder.radius_um)
    inner, outer = np.clip(np.concatenate([[0.0], edges[:-1]]), low, high), np.clip(edges, low, high)
    return float((outer - inner) @ np.sqrt(np.divide(cylinder.along_s_per_m, cylinder.across_s_per_m)))


def _slow(cylinder: Cylinder, at: float, wave: FloatArray) -> FloatArray:
    """What a walled cylinder does to slow waves, where it is a wire: 1 / (S k²), cut at the contact's radius."""
    return np.exp(-((wave * at) ** 2)) / (cylinder.along_s_m * wave**2)


def _far(cylinder: Cylinder, at: float, z: FloatArray) -> FloatArray:
    """The same along z: -|z| / (2 S) far away."""
    inner = np.abs(z) / 2.0 * erf(np.abs(z) / (2.0 * at)) + at / math.sqrt(math.pi) * np.exp(-((z / (2.0 * at)) ** 2))
    return -inner / cylinder.along_s_m


def spectrum_of(cylinder: Cylinder, contact: Point | Patch, at: float) -> Spectrum:
    """What of each wave the contact's current holds; 1 for the slowest."""
    if isinstance(contact, Point):
        return lambda order, wave: np.ones(np.broadcast_shapes(order.shape, wave.shape))
    shares = _shares(cylinder, contact, at)

    def spectrum(order: FloatArray, wave: FloatArray) -> FloatArray:
        along, around = _along(contact, wave), _around(contact, order, wave)
        return np.sum([(c @ along) * turn for c, turn in zip(shares.T, around, strict=True)], axis=0)

    return spectrum


def _along(contact: Patch, wave: FloatArray) -> FloatArray:
    """Waves of the densities T_2n(u) / sqrt(1 - u²) along the nerve: (modes, waves)."""
    half = 0.5e-6 * contact.length_um
    return np.stack([jv(2 * n, half * wave) for n in range(ALONG)])


def _around(contact: Patch, order: FloatArray, wave: FloatArray) -> list[FloatArray]:
    """The same around the nerve, where the band is open: (orders, waves) of each mode, or (orders, 1)."""
    climb = 1e-6 * contact.rise_um / (2.0 * math.pi)
    turned = order + climb * wave if climb else order
    if contact.arc_deg == 360.0:
        return [np.sinc(turned)]
    return _even_bessel(np.abs(math.radians(contact.arc_deg) / 2.0 * turned))


def _even_bessel(x: FloatArray) -> list[FloatArray]:
    """J_0, J_2, ... at each place; where there are many, from cubics between points of a table, to 1e-9."""
    count = 2 ** math.ceil(math.log2(float(x.max(initial=0.0)) / TABLE + 4.0))
    if x.size < 2 * count:
        return [jv(2 * j, x) for j in range(AROUND)]
    found = _bessel_table(count)(x)
    return [found[..., j] for j in range(AROUND)]


@lru_cache(maxsize=4)
def _bessel_table(count: int) -> CubicSpline:
    at = TABLE * np.arange(count)
    return CubicSpline(at, np.stack([jv(2 * j, at) for j in range(AROUND)], axis=1))


@lru_cache(maxsize=64)
def _shares(cylinder: Cylinder, contact: Patch, at: float) -> FloatArray:
    """Modes of the current (along, around) that put the patch at one potential, the first 1: Galerkin's method."""
    half = 0.5e-6 * contact.length_um
    wave, weight = panels(WAVES / half, 2.0 * half)
    ring = contact.arc_deg == 360.0 and contact.rise_um == 0.0
    m_most = 0 if ring else int(WAVES * max(at / half, 2.0 / math.radians(contact.arc_deg)))
    both = gain(cylinder, at, at, wave, m_most) * weight / (2.0 * math.pi**2 * at)
    along = _along(contact, wave)
    pairs = np.einsum("ak,bk->abk", along, along).reshape(ALONG * ALONG, -1)
    signs = (np.arange(m_most + 1.0)[:, None], -np.arange(1.0, m_most + 1.0)[:, None])
    turns = [_around(contact, order, wave) for order in signs]
    n = len(turns[0])
    matrix = np.zeros((ALONG, n, ALONG, n))
    for i, j in product(range(n), repeat=2):
        held = sum(
            (np.broadcast_to(turn[i] * turn[j], part.shape) * part).sum(axis=0)
            for turn, part in zip(turns, (both, both[1:]), strict=True)
        )
        matrix[:, i, :, j] = (pairs @ held).reshape(ALONG, ALONG)
    matrix = matrix.reshape(ALONG * n, ALONG * n)
    if cylinder.walled:
        # the potential far away is free: a constant on the patch, which moves no current
        matrix[0, 0] -= float(np.sum(weight * _slow(cylinder, at, wave))) / math.pi
    shares = np.linalg.solve(matrix, np.eye(ALONG * n)[0])
    return (shares / shares[0]).reshape(ALONG, n)
