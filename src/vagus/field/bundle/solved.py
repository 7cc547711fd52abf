"""Basis fields within the fascicles of a bundle: tables over radius, angle and length, made when they are asked for."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import erf, ive, k0

from vagus.errors import InputError, ModelRange, Problem
from vagus.field.bundle.bundle import Bundle
from vagus.field.bundle.sleeve import Grid, placed, rising, shape_of, solve_tubes
from vagus.field.bundle.waves import within
from vagus.field.electrode.contact import Patch
from vagus.field.places import cubic_weights, upright

FloatArray = NDArray[np.float64]
ComplexArray = NDArray[np.complex128]

# waves up to this number; after this length all repeats; neighbouring waves of the linear systems differ by this factor
TOP_PER_M, PERIOD_M, RATIO = 7e4, 0.16, 1.1
# orders around the nerve, multipoles of a fascicle (fewer where there are many fascicles), radii of a table
ORDERS, MULTIPOLES, LEAST, MOST_UNKNOWNS, RADII = 20, 6, 4, 300, 10
POINTS = 8192
# places may lie so far along the nerve
REACH_UM = 40_000.0
# corners of a polygon lie that much outside the circle of its area
EDGE = 2e-3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BundleField:
    """Basis fields of contacts around a bundle, told within its fascicles; make it with `solve_bundle`.

    Parameters
    ----------
    bundle : Bundle
    contacts : tuple of Patch
    """

    bundle: Bundle
    contacts: tuple[Patch, ...]
    _wave: FloatArray
    _inside: ComplexArray
    _grid: Grid
    _brought: ComplexArray
    _tables: dict[int, FloatArray] = field(default_factory=dict)

    def mv_per_ma(self, *, x_um: ArrayLike, y_um: ArrayLike, z_um: ArrayLike) -> FloatArray:
        """Potential (n_contact, *shape) of 1 mA into each contact, at places within fascicles.

        Raises
        ------
        InputError
            A place outside every fascicle, or more than 40 mm along the nerve from z = 0.
        """
        x, y, z = np.broadcast_arrays(*(np.asarray(a, dtype=np.float64) for a in (x_um, y_um, z_um)))
        if not np.all(np.isfinite(x) & np.isfinite(y) & np.isfinite(z)) or np.abs(z).max(initial=0.0) > REACH_UM:
            raise InputError(Problem(what="a place is out of reach", allowed=f"within {REACH_UM:g} µm along the nerve"))
        lines, which = upright(x, y)
        owner = self._owner(lines)
        order = np.argsort(which, kind="stable")
        begin = np.searchsorted(which[order], np.arange(len(lines) + 1))
        found, flat = np.empty((len(self.contacts), z.size)), z.ravel()
        for number in np.unique(owner):
            mine = np.flatnonzero(owner == number)
            for some in np.array_split(mine, max(1, mine.size // 256)):
                profile = self._profile(int(number), lines[some])
                for row, line in enumerate(some):
                    here = order[begin[line] : begin[line + 1]]
                    found[:, here] = _at(profile[:, row], flat[here])
        return found.reshape(len(self.contacts), *z.shape)

    def _owner(self, lines: FloatArray) -> NDArray[np.int64]:
        bundle = self.bundle
        away = np.hypot(lines[:, :1] - np.array(bundle.x_um), lines[:, 1:] - np.array(bundle.y_um))
        share = away / np.array(bundle.radius_um)
        owner = np.argmin(share, axis=1)
        out = np.flatnonzero(share.min(axis=1) > 1.0 + EDGE)
        if out.size:
            x, y = lines[out[0]]
            raise InputError(
                Problem(what="a place lies outside every fascicle", where=f"x = {x:.4g} µm, y = {y:.4g} µm",
                        allowed="places within a fascicle's circle", found=f"{out.size} such lines")
            )  # fmt: skip
        return owner

    def _profile(self, number: int, lines: FloatArray) -> FloatArray:
        """Potential along whole lines (contacts, lines, POINTS), z from -PERIOD/2 on."""
        if number not in self._tables:
            self._tables[number] = self._table(number)
        bundle = self.bundle
        dx, dy = lines[:, 0] - bundle.x_um[number], lines[:, 1] - bundle.y_um[number]
        share, turn = np.minimum(np.hypot(dx, dy) / bundle.radius_um[number], 1.0), np.arctan2(dy, dx)
        table = self._tables[number]
        order = np.arange((table.shape[1] + 1) // 2)
        wheel = np.concatenate([np.cos(order[:, None] * turn), np.sin(order[1:, None] * turn)])
        # Lagrange in the share of the radius
        nodes = _radii()
        gap = share - nodes[:, None]
        rest = np.where(np.eye(RADII, dtype=bool)[:, :, None], 1.0, gap[None])
        apart = np.where(np.eye(RADII, dtype=bool), 1.0, nodes[:, None] - nodes)
        lagrange = np.prod(rest, axis=1) / np.prod(apart, axis=1)[:, None]
        weight = (wheel[:, None, :] * lagrange[None]).reshape(-1, share.size).T
        return weight @ table.reshape(table.shape[0], -1, POINTS)

    def _table(self, number: int) -> FloatArray:
        """(contacts, 2 L + 1 cosines and sines, radii, POINTS) of one fascicle."""
        bundle, wave = self.bundle, self._wave
        gain = self._grid.of(self._inside[:, number])
        if bundle.walled:
            gain /= wave[:, None, None] ** 2
        each = np.einsum("knm,ckm->cnk", gain, self._brought, optimize=True) / (2.0 * math.pi * 1e-6 * bundle.sleeve_um)
        middle = np.exp(-1e-6j * np.array([one.z_um for one in self.contacts])[:, None] * wave)
        l_most = (each.shape[1] - 1) // 2
        even = each[:, l_most:].copy()
        even[:, 1:] += each[:, l_most - 1 :: -1] if l_most else 0.0
        odd = 1j * (each[:, l_most + 1 :] - each[:, l_most - 1 :: -1])
        stretch = math.sqrt(bundle.along_s_per_m / bundle.across_s_per_m)
        edge = 1e-6 * bundle.radius_um[number] * stretch * wave
        n = np.arange(l_most + 1)[:, None, None]
        share = _radii()[:, None]
        falls = ive(n, share * edge) / ive(n, edge) * np.exp((share - 1.0) * edge)
        both = np.concatenate([even[:, :, None] * falls, odd[:, :, None] * falls[1:]], axis=1)
        both[:, 0] -= (_slow(bundle, wave) * middle)[:, None]
        # waves stand in the middle of their steps: a half step is put on after the transform
        step = wave[1] - wave[0]
        whole = np.fft.ifft(both, n=POINTS, axis=-1) * (POINTS * step / math.pi)
        z = PERIOD_M * np.arange(POINTS) / POINTS
        z = np.where(z >= PERIOD_M / 2.0, z - PERIOD_M, z)
        table = np.fft.fftshift((whole * np.exp(0.5j * step * z)).real, axes=-1)
        far = np.stack([_far(bundle, np.sort(z) - 1e-6 * one.z_um) for one in self.contacts])
        table[:, 0] += far[:, None]
        return table


def solve_bundle(bundle: Bundle, contacts: tuple[Patch, ...]) -> BundleField:
    """Basis fields of contacts on the sleeve of a bundle, by waves along z.

    Exact for straight round fascicles but for the number of multipoles (6 a fascicle, fewer where there are many),
    orders around the nerve (20) and waves (features of 90 µm along it). A contact's current has the shape that puts it
    at one potential on a nerve without fascicles; the potential beside an insulating tube is expanded in 16 functions
    along and 21 around it.

    Parameters
    ----------
    bundle : Bundle
    contacts : tuple of Patch
        Each at the sleeve's radius, and on a tube where there are tubes.

    Raises
    ------
    InputError
        Contacts elsewhere.
    ModelRange
        A nerve so thin or thick that the waves do not resolve it.

    Examples
    --------
    >>> from vagus.field import helix
    >>> nerve = Bundle(
    ...     x_um=(-300.0, 350.0), y_um=(0.0, 0.0), radius_um=(250.0, 200.0), sheet_ohm_m2=(0.0333, 0.029),
    ...     along_s_per_m=0.571, across_s_per_m=0.167, epineurium_um=900.0, epineurium_s_per_m=0.159,
    ...     sleeve_um=990.0, sleeve_s_per_m=0.159, around_s_per_m=0.0,
    ... )
    >>> field = solve_bundle(nerve, helix(990.0))
    >>> upper, lower = field.mv_per_ma(x_um=-300.0, y_um=0.0, z_um=[4000.0, -4000.0])
    >>> round(float((upper - lower)[0] - (upper - lower)[1]))
    10462
    """  # fmt: skip
    _check(bundle, contacts)
    step = 2.0 * math.pi / PERIOD_M
    wave = np.asarray(step * (np.arange(int(TOP_PER_M / step)) + 0.5), dtype=np.float64)
    count = math.ceil(math.log(wave[-1] / wave[0]) / math.log(RATIO)) + 1
    known = np.asarray(np.geomspace(wave[0], wave[-1], count), dtype=np.float64)
    m = np.arange(-ORDERS, ORDERS + 1)
    l_most = int(np.clip((MOST_UNKNOWNS / len(bundle.radius_um) - 1) / 2, LEAST, MULTIPOLES))
    inner = within(bundle, known, m_most=ORDERS, l_most=l_most)
    rise = rising(bundle, inner, m, known)
    kinds = {replace(one, z_um=0.0, angle_deg=0.0) for one in contacts}
    held = {kind: shape_of(bundle, kind, m, wave) for kind in kinds}
    shapes = [held[replace(one, z_um=0.0, angle_deg=0.0)] for one in contacts]
    brought = np.stack([placed(shape, one, m, wave) for shape, one in zip(shapes, contacts, strict=True)])
    if bundle.tubes_um:
        tubes = solve_tubes(bundle, contacts, inner, rise=rise, known=known, m=m, wave=wave, shapes=shapes)
        brought = brought + tubes.current(wave)
    inside = np.einsum("kjnm,kmp->kjnp", inner.inside, rise, optimize=True)
    if bundle.walled:
        inside = inside * known[:, None, None, None] ** 2
    grid = Grid.between(known, wave)
    return BundleField(bundle=bundle, contacts=contacts, _wave=wave, _inside=inside, _grid=grid, _brought=brought)


def _check(bundle: Bundle, contacts: tuple[Patch, ...]) -> None:
    problems: list[Problem] = []
    if not contacts:
        problems.append(Problem(what="a field has no contact", found="none", allowed="one or more"))
    for k, one in enumerate(contacts):
        if abs(one.radius_um / bundle.sleeve_um - 1.0) > 1e-9:
            problems.append(
                Problem(what="contact lies off the sleeve", where=f"contacts[{k}]", found=f"{one.radius_um:g} µm",
                        allowed=f"radius {bundle.sleeve_um:g} µm")
            )  # fmt: skip
        held = [abs(one.z_um - z) + one.length_um / 2.0 <= length / 2.0 for z, length in bundle.tubes_um]
        if held and not any(held):
            problems.append(
                Problem(what="contact lies beside the tubes", where=f"contacts[{k}]", found=f"z = {one.z_um:g} µm",
                        allowed="each contact within a tube of insulation, or no tubes")
            )  # fmt: skip
    if problems:
        raise InputError(problems)
    if not 50.0 <= bundle.sleeve_um <= 10_000.0:
        raise ModelRange(f"a sleeve of radius {bundle.sleeve_um:g} µm; valid: 50 to 10,000 µm")


def _radii() -> FloatArray:
    """Shares of the radius at which a table stands: Chebyshev's points from 0 to 1."""
    return 0.5 - 0.5 * np.cos(math.pi * np.arange(RADII) / (RADII - 1))


def _at(profile: FloatArray, z_um: FloatArray) -> FloatArray:
    """Cubic between the points of a profile (contacts, POINTS)."""
    at = 1e-6 * z_um * POINTS / PERIOD_M + POINTS // 2
    first = np.floor(at).astype(np.int64)
    weights = cubic_weights(at - first)
    return functools.reduce(np.add, (w * profile[:, first + k - 1] for k, w in enumerate(weights)))


def _slow(bundle: Bundle, wave: FloatArray) -> FloatArray:
    """What the slowest waves do, taken out of the sum: a wire within a wall, or a point in what lies around."""
    at = 1e-6 * bundle.sleeve_um
    if bundle.walled:
        return np.exp(-((wave * at) ** 2)) / (bundle.along_s_m * wave**2)
    return k0(wave * at) / (2.0 * math.pi * bundle.around_s_per_m)


def _far(bundle: Bundle, z: FloatArray) -> FloatArray:
    """The same along z."""
    at = 1e-6 * bundle.sleeve_um
    if bundle.walled:
        near = np.abs(z) / 2.0 * erf(np.abs(z) / (2.0 * at))
        return -(near + at / math.sqrt(math.pi) * np.exp(-((z / (2.0 * at)) ** 2))) / bundle.along_s_m
    return 1.0 / (4.0 * math.pi * bundle.around_s_per_m * np.hypot(z, at))
