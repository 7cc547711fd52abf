"""A solved field: values at nodes of columns, evaluated by NumPy alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import KDTree

from vagus.errors import InputError, ModelRange, Problem
from vagus.field.electrode.contact import Disc, Needle, Patch
from vagus.field.fem.columns import Columns
from vagus.field.fem.insulation import Insulation
from vagus.field.fem.interpolate import bend, line_weights, on_spline, triangle_nodes, triangle_weights
from vagus.field.fem.section import Section
from vagus.field.nerve import ring
from vagus.field.places import upright

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

NEAR = 12  # triangles whose middles lie nearest are tried before all others
BEYOND = 0.25  # how far a polynomial is trusted outside of its triangle, as a share of it
CHUNK, LINES = 20_000, 2000
# places where tissue is not: so far off its edge a place still counts as on it
SLACK_UM = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FemField:
    """Basis fields of contacts, one for each: 1 mA into it, out of the far ground, no current through the others.

    Contacts are equipotential, those without current too. Whether a place lies in a fascicle is told by the outline as
    it was traced, not by the mesh's.

    Parameters
    ----------
    contacts : tuple of Patch, Disc or Needle
    columns : Columns
        The mesh.
    order : int
        Of the polynomials.
    nodes : (n_triangle, n) array of int
        Column of values under each node of a triangle.
    values_mv : (n_contact, n_column, n_height) array
        NaN where no tissue is.
    outlines_um : tuple of (n, 2) array
        Fascicles as they were traced; region k of the mesh is the inside of the k-th.
    insulation : tuple of Insulation
        What lies behind the contacts.
    n_smooth : int
        Regions of the mesh below this number conduct alike all along z: there values follow a spline along z.
    contact_mv_per_ma : (n_contact, n_contact) array
        Potential of each contact (row) for 1 mA through each (column): ohms; the diagonal is the access resistance.
    flux_error : float
        Largest share of the current that does not arrive at the ground, by consistent residuals.
    reciprocity_error : float
        Largest difference between `contact_mv_per_ma` and its transpose, as a share of the largest entry.
    unknowns : int
    """

    contacts: tuple[Patch | Disc | Needle, ...]
    columns: Columns
    order: int
    nodes: IntArray
    values_mv: FloatArray
    outlines_um: tuple[FloatArray, ...]
    insulation: tuple[Insulation, ...]
    n_smooth: int
    contact_mv_per_ma: FloatArray
    flux_error: float
    reciprocity_error: float
    unknowns: int

    def mv_per_ma(self, *, x_um: ArrayLike, y_um: ArrayLike, z_um: ArrayLike) -> FloatArray:
        """Potential of each contact's basis field at places: (n_contact, *shape), in mV for 1 mA.

        Raises
        ------
        InputError
            A place that is not finite.
        ModelRange
            A place outside of the meshed tissue, or in an insulator.
        """
        shape, flat, (lines, triangle, shares) = self._located(x_um, y_um, z_um)
        found = np.empty((len(self.contacts), len(flat)))
        level = self.columns.section.region[triangle] < self.n_smooth
        rows = np.flatnonzero(~level[lines])
        for part in np.array_split(rows, rows.size // CHUNK + 1):
            found[:, part] = self._at(triangle[lines[part]], shares[lines[part]], flat[part])
        rows = np.flatnonzero(level[lines])
        rows = rows[np.argsort(lines[rows], kind="stable")]
        for part in np.array_split(rows, np.flatnonzero(np.diff(lines[rows] // LINES)) + 1):
            if part.size:
                own, which = np.unique(lines[part], return_inverse=True)
                found[:, part] = self._along(triangle[own], shares[own], which, flat[part])
        return found.reshape(len(self.contacts), *shape)

    def holds(self, *, x_um: ArrayLike, y_um: ArrayLike, z_um: ArrayLike) -> NDArray[np.bool_]:
        """Whether tissue was solved at places: False in an insulator, in metal and beyond the planes of the mesh.

        Raises
        ------
        InputError
            A place that is not finite.
        ModelRange
            A place beside the mesh.
        """
        shape, flat, (lines, triangle, shares) = self._located(x_um, y_um, z_um)
        triangle, shares = triangle[lines], shares[lines]
        layer, low, high, _ = self._layers(triangle, shares, flat[:, 2])
        return self._solved(triangle, layer, flat[:, 2], low, high).reshape(shape)

    def _located(
        self, x_um: ArrayLike, y_um: ArrayLike, z_um: ArrayLike
    ) -> tuple[tuple[int, ...], FloatArray, tuple[IntArray, IntArray, FloatArray]]:
        """Shape of the places; the places (n, 3); the upright line of each, with its triangle and shares of corners."""
        x, y, z = np.broadcast_arrays(*(np.asarray(a, dtype=np.float64) for a in (x_um, y_um, z_um)))
        flat = np.stack([x.ravel(), y.ravel(), z.ravel()], axis=1)
        if not np.all(np.isfinite(flat)):
            raise InputError(Problem(what="a place is not finite", allowed="finite numbers"))
        lines, which = upright(flat[:, 0], flat[:, 1])
        return x.shape, flat, (which, *self._find(lines))

    def _layers(
        self, triangle: IntArray, shares: FloatArray, z: FloatArray
    ) -> tuple[IntArray, FloatArray, FloatArray, FloatArray]:
        """Layer of each place, the planes below and above it, and the ends of its column."""
        heights = np.einsum("nk,nkp->np", shares, self.columns.heights_um[self.columns.section.triangles[triangle]])
        layer = np.clip((heights <= z[:, None]).sum(axis=1) - 1, 0, heights.shape[1] - 2)
        rows = np.arange(len(z))
        return layer, heights[rows, layer], heights[rows, layer + 1], heights[:, [0, -1]]

    def _solved(
        self, triangle: IntArray, layer: IntArray, z: FloatArray, low: FloatArray, high: FloatArray
    ) -> NDArray[np.bool_]:
        return (self.columns.cells[triangle, layer] >= 0) & (z >= low - SLACK_UM) & (z <= high + SLACK_UM)

    def _at(self, triangle: IntArray, shares: FloatArray, places: FloatArray) -> FloatArray:
        """Values by the polynomials of the elements."""
        z = places[:, 2]
        layer, low, high, ends = self._layers(triangle, shares, z)
        wrong = np.flatnonzero(~self._solved(triangle, layer, z, low, high))
        if wrong.size:
            k = int(wrong[0])
            empty = self.columns.cells[triangle[k], layer[k]] < 0
            _refuse(places[k], ends[k], "in an insulator or in metal" if empty else "beyond the mesh")
        across = triangle_weights(self.order, shares)
        along = line_weights(self.order, (z - low) / (high - low))
        height = layer[:, None] * self.order + np.arange(self.order + 1)
        held = self.values_mv[:, self.nodes[triangle][:, :, None], height[:, None, :]]
        return np.einsum("cnab,na,nb->cn", held, across, along)

    def _along(self, triangle: IntArray, shares: FloatArray, which: IntArray, places: FloatArray) -> FloatArray:
        """Values by a spline through all nodes over a place: what drives a fiber is the second difference along z."""
        planes = np.einsum("nk,nkp->np", shares, self.columns.heights_um[self.columns.section.triangles[triangle]])
        z = places[:, 2]
        out = np.flatnonzero((z < planes[which, 0] - SLACK_UM) | (z > planes[which, -1] + SLACK_UM))
        if out.size:
            _refuse(places[out[0]], planes[which[out[0]], [0, -1]], "beyond the mesh")
        share = np.arange(self.order) / self.order
        between = planes[:, :-1, None] + np.diff(planes)[:, :, None] * share
        at = np.concatenate([between.reshape(len(planes), -1), planes[:, -1:]], axis=1)
        values = np.einsum(
            "na,cnaz->cnz", triangle_weights(self.order, shares), self.values_mv[:, self.nodes[triangle]]
        )
        return on_spline(at, values, bend(at, values), which, z)

    def _find(self, lines: FloatArray) -> tuple[IntArray, FloatArray]:
        """Triangle of each of (n, 2) places and its shares of the corners, in the fascicle that the outlines tell."""
        region = np.full(len(lines), len(self.outlines_um))
        for k, outline in enumerate(self.outlines_um):
            region[ring.holds(outline, lines)] = k
        triangle, shares = np.empty(len(lines), int), np.empty((len(lines), 3))
        within = np.minimum(self.columns.section.region, len(self.outlines_um))
        for k in np.unique(region):
            rows, own = np.flatnonzero(region == k), np.flatnonzero(within == k)
            triangle[rows], shares[rows] = _triangle_of(self.columns.section, own, lines[rows])
        off = shares.min(axis=1)
        far = (off < -BEYOND) & (region == len(self.outlines_um))
        if far.any():
            x, y = lines[np.flatnonzero(far)[0]]
            raise ModelRange(f"a place lies beyond the mesh: x = {x:.5g}, y = {y:.5g} µm")
        shares = np.maximum(shares, -BEYOND)
        return triangle, shares / shares.sum(axis=1, keepdims=True)


def _refuse(place: FloatArray, ends_um: FloatArray, why: str) -> NoReturn:
    raise ModelRange(
        f"a place lies {why}: x = {place[0]:.4g}, y = {place[1]:.4g}, z = {place[2]:.5g} µm; "
        f"here tissue is solved from z = {ends_um[0]:.5g} to {ends_um[1]:.5g} µm"
    )


def _triangle_of(section: Section, own: IntArray, places: FloatArray) -> tuple[IntArray, FloatArray]:
    """Of some triangles, the one that holds each place, or that it lies outside of by the least share."""
    corners = section.corners_um[section.triangles[own]]
    tried = min(NEAR, len(own))
    near = KDTree(corners.mean(axis=1)).query(places, tried)[1].reshape(len(places), tried)
    best, shares = _best(corners, near, places)
    lost = np.flatnonzero(shares.min(axis=1) < -1e-9)
    for start in range(0, lost.size, 500):
        rows = lost[start : start + 500]
        every = np.broadcast_to(np.arange(len(own)), (rows.size, len(own)))
        best[rows], shares[rows] = _best(corners, every, places[rows])
    return own[best], shares


def _best(corners: FloatArray, tried: IntArray, places: FloatArray) -> tuple[IntArray, FloatArray]:
    a, b, c = (corners[tried, k] for k in range(3))
    to = places[:, None] - c
    ca, cb = a - c, b - c
    area = ca[..., 0] * cb[..., 1] - ca[..., 1] * cb[..., 0]
    first = (to[..., 0] * cb[..., 1] - to[..., 1] * cb[..., 0]) / area
    second = (ca[..., 0] * to[..., 1] - ca[..., 1] * to[..., 0]) / area
    shares = np.stack([first, second, 1.0 - first - second], axis=2)
    best = shares.min(axis=2).argmax(axis=1)
    rows = np.arange(len(places))
    return tried[rows, best], shares[rows, best]


def number_nodes(section: Section, inner: Sequence[int], order: int) -> tuple[IntArray, int]:
    """Column of values of each node of each triangle; two on a sheet, where potentials jump. And how many there are."""
    within = np.isin(section.region, inner)
    places = np.einsum("nk,tkd->tnd", triangle_nodes(order) / order, section.corners_um[section.triangles])
    keys = np.column_stack([np.round(places.reshape(-1, 2), 3), np.repeat(within, places.shape[1])])
    found, which = np.unique(keys, axis=0, return_inverse=True)
    return which.reshape(places.shape[:2]), len(found)
