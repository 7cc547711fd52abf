"""Potential of a point or of an equipotential disc on flat layers: a Hankel integral over what the layers reflect.

The part that the top layer alone would give is a closed form; what remains falls as exp(-lambda h) and is integrated by
Gauss-Legendre panels, so that neither surface nor edge costs accuracy.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import eval_legendre, j0, spherical_jn

from vagus.field.medium.space import Layers

FloatArray = NDArray[np.float64]

# exp(-36) is below 1e-15 of what is summed
REACH = 36.0
NODES, ROWS = 12, 2_000_000
MODES = 8
# half heights of an oblate spheroid, against the disc: below, recurrence upward loses less than five digits
NEAR = 0.3


def reflected(layers: Layers, wave_per_m: FloatArray) -> list[FloatArray]:
    """What each layer's lower face sends up, against what comes down on it; the last layer sends nothing."""
    sigma = layers.sigma_s_per_m
    found = [np.zeros_like(wave_per_m)]
    for k in range(len(sigma) - 2, -1, -1):
        step = (sigma[k] - sigma[k + 1]) / (sigma[k] + sigma[k + 1])
        below = found[0]
        if k + 1 < len(layers.thickness_um):
            below = below * np.exp(-2e-6 * wave_per_m * layers.thickness_um[k + 1])
        found.insert(0, (step + below) / (1.0 + step * below))
    return found


def panels(reach_per_m: float, length_m: float) -> tuple[FloatArray, FloatArray]:
    """Nodes and weights over 0 to `reach_per_m`: fine toward 0, and two a wave over `length_m`."""
    start = reach_per_m * 2.0 ** -np.arange(24.0, 0.0, -1.0)
    wide = max(int(reach_per_m * length_m / math.pi) + 1, 1)
    edges = np.unique(np.concatenate([[0.0], start, np.linspace(0.0, reach_per_m, wide + 1)]))
    node, weight = np.polynomial.legendre.leggauss(NODES)
    half, middle = np.diff(edges) / 2.0, (edges[1:] + edges[:-1]) / 2.0
    return (middle[:, None] + half[:, None] * node).ravel(), (half[:, None] * weight).ravel()


def layers_mv_per_ma(layers: Layers, rho_um: FloatArray, z_um: FloatArray, radius_um: float) -> FloatArray:
    """Potential per mA of a disc (radius 0: a point) at the origin of the surface."""
    rho, z = 1e-6 * np.ravel(rho_um), 1e-6 * np.ravel(z_um)
    radius = 1e-6 * radius_um
    shares = _shares(layers, radius) if radius > 0.0 else np.ones(1)
    top = 1e-6 * (layers.thickness_um[0] if layers.thickness_um else math.inf)
    direct = z <= top
    total = np.zeros(rho.size)
    total[direct] = own(rho[direct], z[direct], radius, shares)
    if layers.thickness_um:
        octave = np.ceil(np.log2(np.maximum(rho, top)))
        for one in np.unique(octave):
            wave, weight = panels(REACH / top, radius + 2.0**one)
            source = weight * _spectrum(wave, radius, shares)
            here = np.flatnonzero(octave == one)
            for part in np.array_split(here, here.size * wave.size // ROWS + 1):
                total[part] += np.sum(source * lacking(layers, wave, z[part]) * j0(np.outer(rho[part], wave)), axis=1)
    # V/A is mV/mA
    return (total / (2.0 * math.pi * layers.sigma_s_per_m[0])).reshape(np.shape(rho_um))


def own(rho: FloatArray, z: FloatArray, radius: float, shares: FloatArray) -> FloatArray:
    """1/r of a point, or what stands for it of a disc: oblate harmonics, one a mode of its current."""
    if radius == 0.0:
        return 1.0 / np.hypot(rho, z)
    square = rho**2 + z**2 - radius**2
    # the root without cancellation, on either side of the disc's sphere
    large = (np.abs(square) + np.sqrt(square**2 + 4.0 * radius**2 * z**2)) / 2.0
    small = np.divide(radius**2 * z**2, large, out=np.zeros_like(large), where=large > 0.0)
    xi = np.sqrt(np.where(square >= 0.0, large, small)) / radius
    eta = np.sqrt(np.clip(np.where(square >= 0.0, small, large), 0.0, radius**2)) / radius
    falling = _falling(xi, 2 * shares.size)
    modes = [c * eval_legendre(2 * n, eta) * falling[2 * n] for n, c in enumerate(shares)]
    return np.sum(modes, axis=0) / radius


def _falling(xi: FloatArray, n: int) -> FloatArray:
    """Integral of exp(-t xi) j_k(t) over t, for k = 0 ... n - 1: a Legendre function of the second kind.

    Upward where the rising solution stays small, else downward: (2k + 1) xi q_k = k q_(k-1) - (k + 1) q_(k+1).
    """
    first = np.arctan2(1.0, xi)
    up = [first, 1.0 - xi * first]
    for k in range(1, n - 1):
        up.append((k * up[k - 1] - (2 * k + 1) * xi * up[k]) / (k + 1))
    ratio = np.sqrt(1.0 + xi**2) - xi
    ratios: list[FloatArray] = []
    for k in range(n + 60, 0, -1):
        ratio = k / ((2 * k + 1) * xi + (k + 1) * ratio)
        ratios.append(ratio)
    down = np.concatenate([[first], first * np.cumprod(ratios[::-1][: n - 1], axis=0)])
    return np.where(xi < NEAR, np.stack(up[:n]), down)


def _spectrum(wave: FloatArray, radius: float, shares: FloatArray) -> FloatArray:
    if radius == 0.0:
        return np.ones_like(wave)
    return np.sum([c * spherical_jn(2 * n, wave * radius) for n, c in enumerate(shares)], axis=0)


def _shares(layers: Layers, radius: float) -> FloatArray:
    """Modes of the disc's current that put all of it at one potential, the first one 1: Galerkin's method.

    Mode n has the density P_2n(s) / s with s = sqrt(1 - rho^2 / a^2), and j_2n(lambda a) as its Hankel transform.
    """
    matrix = np.diag([math.pi / (2.0 * (4 * n + 1)) / radius for n in range(MODES)])
    if layers.thickness_um:
        wave, weight = panels(REACH / (2e-6 * layers.thickness_um[0]), 2.0 * radius)
        bessel = np.stack([spherical_jn(2 * n, wave * radius) for n in range(MODES)])
        up = reflected(layers, wave)[0] * np.exp(-2e-6 * wave * layers.thickness_um[0])
        matrix = matrix + (bessel * weight * 2.0 * up / (1.0 - up)) @ bessel.T
    shares = np.linalg.solve(matrix, np.eye(MODES)[0])
    return shares / shares[0]


def lacking(layers: Layers, wave: FloatArray, z: FloatArray) -> FloatArray:
    """What the top layer alone lacks (in it), or all there is (below it), at each depth and wave."""
    found = np.zeros((z.size, wave.size))
    up = reflected(layers, wave)
    tops = 1e-6 * np.array(layers.tops_um)
    where = np.maximum(np.searchsorted(tops, z, side="left") - 1, 0)
    faces = [u * np.exp(-2e-6 * wave * h) for u, h in zip(up, layers.thickness_um, strict=False)]
    faces.append(np.zeros_like(wave))
    strength = 1.0 / (1.0 - faces[0])
    for k, top in enumerate(tops):
        here = where == k
        if here.any():
            deep = np.outer(z[here] - top, wave)
            if k == 0:
                rest = strength * up[0]
                rise = np.exp(deep - 2.0 * wave * tops[1]) if len(tops) > 1 else 0.0
                found[here] = rest * (np.exp(-deep - 2.0 * wave * tops[1]) + rise)
            else:
                back = np.zeros_like(wave)
                if k < len(layers.thickness_um):
                    back = up[k] * np.exp(deep - 2e-6 * wave * layers.thickness_um[k])
                found[here] = strength * (np.exp(-deep) + back)
        if k < len(layers.thickness_um):
            passed = np.exp(-1e-6 * wave * layers.thickness_um[k]) * (1.0 + up[k])
            strength = strength * passed / (1.0 + faces[k + 1])
    return found
