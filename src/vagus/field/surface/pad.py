"""Pads on layered skin: metal at one potential behind the dry layer, and the potential that they make below.

The dry layer is a sheet resistance between metal and living skin. Density on the pad is a sum of Legendre polynomials
P_n(1 - 2 r^2 / a^2), whose Hankel transforms are J_2n+1(lambda a) / (lambda a); Galerkin's method makes the metal's
potential one. Below, potentials are Hankel integrals on a grid of depths and distances, one grid a layer, with a
polynomial between depths and cubic splines between distances.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import CubicSpline
from scipy.special import j0, jv

from vagus.errors import InputError, Problem
from vagus.field.electrode.contact import demand_finite
from vagus.field.medium.layered import lacking, panels, reflected
from vagus.field.medium.space import Layers, demand_positive
from vagus.field.surface.layer import AIR, Layer, medium_of

FloatArray = NDArray[np.float64]
Face = Literal["front", "back"]

MODES = 12
# the spectrum of a pad is summed up to this wave times its radius: what is left of 1 / x^3 is below 1e-5
WAVES = 300.0
# exp(-20) of what a wave weighs at the surface is left out
REACH = 20.0
# shallower than that, grids would grow without end
LEAST_DEPTH_UM = 100.0
# points in depth; distances even up to FINE, growing from there, up to a whole number of WIDE
DEPTHS = 14
FINE_M, GROWTH, WIDE_M = 0.012, 1.04, 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Pad:
    """A round contact on skin: a disc, a gel pad, or a ball that is pressed into it.

    Parameters
    ----------
    x_um, y_um : float
        Its middle.
    radius_um : float
    face : {"front", "back"}
        Which surface of a plate it lies on; tissue without end has no back.

    Examples
    --------
    >>> round(Pad(x_um=0.0, y_um=0.0, radius_um=2985.4).area_mm2, 1)
    28.0
    """

    x_um: float
    y_um: float
    radius_um: float
    face: Face = "front"

    def __post_init__(self) -> None:
        demand_finite(x_um=self.x_um, y_um=self.y_um)
        demand_positive(radius_um=self.radius_um)
        if self.face not in get_args(Face):
            raise InputError(Problem(what="no such face", found=f"{self.face!r}", allowed='"front" or "back"'))

    @property
    def area_mm2(self) -> float:
        """Area that touches skin (mm²)."""
        return 1e-6 * math.pi * self.radius_um**2


@dataclass(frozen=True, slots=True, kw_only=True)
class SkinField:
    """Basis fields of pads on layered skin: 1 mA into each, its return far away.

    Each pad is taken as if the others were not there. On a plate (air behind) a single pad's potential is told up to a
    constant, as its current leaves far away; weights that sum to 0 do not see it.

    Parameters
    ----------
    layers : tuple of Layer
        Living skin first.
    contacts : tuple of Pad
    dry_ohm_m2 : float
        Sheet resistance of the dry layer under each pad; 0 for none. It carries no current along the skin.

    Raises
    ------
    InputError
        No contact, or one on the back of tissue that has none.

    Examples
    --------
    >>> skin = Layer(name="skin", thickness_um=1400.0, sigma_s_per_m=0.27)
    >>> below = Layer(name="cartilage", thickness_um=np.inf, sigma_s_per_m=0.18)
    >>> pad = Pad(x_um=0.0, y_um=0.0, radius_um=3000.0)
    >>> field = SkinField(layers=(skin, below), contacts=(pad,), dry_ohm_m2=0.07)
    >>> field.mv_per_ma(x_um=0.0, y_um=0.0, z_um=[300.0, 1000.0]).round(1)
    array([[430.7, 362.9]])
    """

    layers: tuple[Layer, ...]
    contacts: tuple[Pad, ...]
    dry_ohm_m2: float

    def __post_init__(self) -> None:
        medium_of(self.layers)
        problems = []
        if not self.contacts:
            problems.append(Problem(what="a field has no contact", found="none", allowed="one or more"))
        if any(one.face == "back" for one in self.contacts) and self.layers[-1].name != AIR:
            problems.append(
                Problem(what="a pad on the back of tissue without end", found=self.layers[-1].name,
                        allowed="front, or layers with air behind them")
            )  # fmt: skip
        if not (math.isfinite(self.dry_ohm_m2) and self.dry_ohm_m2 >= 0.0):
            problems.append(Problem(what="dry_ohm_m2 is out of range", found=f"{self.dry_ohm_m2}", allowed="0 or more"))
        if problems:
            raise InputError(problems)

    @property
    def height_um(self) -> float:
        """From the front to the back surface; infinite without one."""
        if self.layers[-1].name != AIR:
            return math.inf
        return math.fsum(one.thickness_um for one in self.layers[:-1])

    def mv_per_ma(self, *, x_um: ArrayLike, y_um: ArrayLike, z_um: ArrayLike) -> FloatArray:
        """Potential (n_contact, *shape) of 1 mA into each pad at places that broadcast together, in mV; z is the depth.

        Raises
        ------
        InputError
            A place that is not finite, outside the tissue, or less than 100 µm deep.
        """
        x, y, z = np.broadcast_arrays(*(np.asarray(a, dtype=np.float64) for a in (x_um, y_um, z_um)))
        flat = tuple(np.ravel(a) for a in (x, y, z))
        if not all(np.all(np.isfinite(a)) for a in flat):
            raise InputError(Problem(what="a place is not finite", allowed="finite numbers"))
        found = np.empty((len(self.contacts), flat[0].size))
        # pads of one size on one face differ in their place only
        for face, radius_um in dict.fromkeys((one.face, one.radius_um) for one in self.contacts):
            same = [k for k, one in enumerate(self.contacts) if (one.face, one.radius_um) == (face, radius_um)]
            layers, depth = self.layers, flat[2]
            if face == "back":
                layers, depth = (*self.layers[-2::-1], self.layers[-1]), self.height_um - flat[2]
            self._refuse_outside(depth)
            rho = [np.hypot(flat[0] - self.contacts[k].x_um, flat[1] - self.contacts[k].y_um) for k in same]
            depths = np.tile(depth, len(same))
            below = _below(medium_of(layers), radius_um, self.dry_ohm_m2, np.concatenate(rho), depths)
            found[same] = below.reshape(len(same), -1)
        return found.reshape(len(self.contacts), *x.shape)

    def _refuse_outside(self, depth_um: FloatArray) -> None:
        deepest = self.height_um - LEAST_DEPTH_UM
        if depth_um.size and not (depth_um.min() > 0.999 * LEAST_DEPTH_UM and depth_um.max() < 1.001 * deepest):
            raise InputError(
                Problem(
                    what="a place lies outside the tissue, or in its outermost skin",
                    found=f"depth {depth_um.min():g} to {depth_um.max():g} µm",
                    allowed=f"{LEAST_DEPTH_UM:g} to {deepest:g} µm",
                )
            )


def _below(layers: Layers, radius_um: float, dry_ohm_m2: float, rho_um: FloatArray, depth_um: FloatArray) -> FloatArray:
    """Potential at each place, layer by layer."""
    shares = pad_shares(layers, radius_um, dry_ohm_m2)
    where = np.maximum(np.searchsorted(np.array(layers.tops_um), depth_um, side="left") - 1, 0)
    found = np.empty(rho_um.size)
    for k in np.unique(where):
        here = where == k
        found[here] = _in_layer(layers, 1e-6 * radius_um, shares, 1e-6 * rho_um[here], 1e-6 * depth_um[here])
    return found


def _in_layer(layers: Layers, radius: float, shares: FloatArray, rho: FloatArray, z: FloatArray) -> FloatArray:
    """Places of one layer: Chebyshev in depth (none where all are as deep), a spline along the skin."""
    low, high = float(z.min()), float(z.max())
    level = high - low < 1e-9
    # even in the logarithm of the depth, at Chebyshev's points
    nodes = np.zeros(1) if level else np.cos(np.pi * (np.arange(DEPTHS) + 0.5) / DEPTHS)
    middle, half = 0.5 * math.log(low * high), 0.5 * math.log(high / low)
    depths = np.exp(middle + half * nodes)
    # in steps, so that few grids serve all
    steep = 1e-6 * LEAST_DEPTH_UM * 2.0 ** max(0, math.floor(math.log2(1e6 * low / LEAST_DEPTH_UM)))
    wide = WIDE_M * max(2, math.ceil(float(rho.max()) / WIDE_M))
    along, wave, weight, bessel = _grid(steep, wide)
    source = weight * (shares @ _waves_of(steep, wide, radius))
    response = lacking(layers, wave, depths)
    direct = (depths <= 1e-6 * layers.tops_um[1]) if layers.thickness_um else np.ones(depths.size, dtype=bool)
    response[direct] += np.exp(-np.outer(depths[direct], wave))
    # V/A is mV/mA
    table = (response * source) @ bessel / (math.pi * layers.sigma_s_per_m[0])
    values = CubicSpline(along, table, axis=1)(rho)
    return values[0] if level else np.sum(values * _lagrange(nodes, (np.log(z) - middle) / half), axis=0)


def _lagrange(nodes: FloatArray, at: FloatArray) -> FloatArray:
    """Weights (n_node, n_at) of polynomial interpolation between Chebyshev's points, in barycentric form."""
    sign = (-1.0) ** np.arange(nodes.size) * np.sin(np.pi * (np.arange(nodes.size) + 0.5) / nodes.size)
    apart = at - nodes[:, None]
    hit = np.abs(apart) < 1e-14
    part = sign[:, None] / np.where(hit, 1.0, apart)
    found = part / part.sum(axis=0)
    met = hit.any(axis=0)
    found[:, met] = hit[:, met]
    return found


@lru_cache(maxsize=8)
def _grid(steep_m: float, wide_m: float) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Distances, waves with their weights, and J0 of both: the same for all pads and layers, so that it is kept."""
    along = np.linspace(0.0, FINE_M, math.ceil(3.0 * FINE_M / steep_m), endpoint=False)
    further = FINE_M * GROWTH ** np.arange(math.ceil(math.log(wide_m / FINE_M) / math.log(GROWTH)) + 2)
    along = np.concatenate([along, further]).astype(np.float64)
    wave, weight = panels(REACH / steep_m, 0.5 * wide_m)
    return along, wave, weight, j0(np.outer(wave, along))


@lru_cache(maxsize=16)
def _waves_of(steep_m: float, wide_m: float, radius_m: float) -> FloatArray:
    return np.stack([_hankel(n, _grid(steep_m, wide_m)[1] * radius_m) for n in range(MODES)])


def pad_shares(layers: Layers, radius_um: float, dry_ohm_m2: float) -> FloatArray:
    """Modes of a pad's current density that leave the metal behind the dry layer at one potential; the first is 1."""
    radius = 1e-6 * radius_um
    argument, weight, bessel = _spectra()
    wave = argument / radius
    up = reflected(layers, wave)[0]
    if layers.thickness_um:
        up = up * np.exp(-2e-6 * wave * layers.thickness_um[0])
    through = (1.0 + up) / (1.0 - up)
    tissue = 2.0 / (layers.sigma_s_per_m[0] * radius) * radius**2 * (bessel * weight * through) @ bessel.T
    sheet = dry_ohm_m2 / (2.0 * np.arange(MODES) + 1.0)
    matrix = tissue + np.diag(sheet)
    rest = np.linalg.solve(matrix[1:, 1:], -matrix[1:, 0])
    return np.concatenate([[1.0], rest])


@cache
def _spectra() -> tuple[FloatArray, FloatArray, FloatArray]:
    argument, weight = panels(WAVES, 1.0)
    return argument, weight, np.stack([_hankel(n, argument) for n in range(MODES)])


def _hankel(n: int, argument: FloatArray) -> FloatArray:
    """Hankel transform of mode n on the unit disc, over 1 / pi of its current."""
    return jv(2 * n + 1, argument) / argument
