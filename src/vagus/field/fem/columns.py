"""Prisms over a cross-section, and the faces of contacts, sheets and ground between them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from vagus.field.fem.section import Section

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

NOTHING = -1  # a cell without tissue: an insulator; metal of contact k is -2 - k
GROUND = "ground"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Faces:
    """Faces of one name, as corners of the columns: (n, 4) quads and (m, 3) triangles."""

    quads: IntArray
    triangles: IntArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Columns:
    """Triangles stacked along z: a cell is a prism between two planes.

    Parameters
    ----------
    section : Section
    heights_um : (n_corner, n_plane) array
        Of each plane over each corner: planes may slope, as the band of a helix does.
    cells : (n_triangle, n_plane - 1) array of int
        Material; `NOTHING` for an insulator.
    faces : dict of name to Faces
    """

    section: Section
    heights_um: FloatArray
    cells: IntArray
    faces: dict[str, Faces] = field(default_factory=dict)

    def corner(self, corners: IntArray, plane: IntArray) -> IntArray:
        """Number of a corner at a plane."""
        return corners * self.heights_um.shape[1] + plane

    def middles_um(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Middle of each cell: x and y (n_triangle, 1), z (n_triangle, n_layer)."""
        flat = self.section.corners_um[self.section.triangles].mean(axis=1)
        high = self.heights_um[self.section.triangles].mean(axis=1)
        return flat[:, :1], flat[:, 1:], (high[:, 1:] + high[:, :-1]) / 2.0

    def walls(self, edges: IntArray, layers: IntArray) -> IntArray:
        """Upright faces of edges (n, 2) in layers (n,)."""
        a, b = edges.T
        return np.stack(
            [self.corner(a, layers), self.corner(b, layers), self.corner(b, layers + 1), self.corner(a, layers + 1)],
            axis=1,
        )

    def floors(self, triangles: IntArray, plane: IntArray) -> IntArray:
        """Level faces of triangles (n,) at planes (n,)."""
        return np.stack([self.corner(self.section.triangles[triangles, k], plane) for k in range(3)], axis=1)

    def name(self, name: str, *, quads: IntArray | None = None, triangles: IntArray | None = None) -> None:
        """Add faces under a name."""
        old = self.faces.get(name, Faces(quads=np.empty((0, 4), int), triangles=np.empty((0, 3), int)))
        self.faces[name] = Faces(
            quads=old.quads if quads is None else np.concatenate([old.quads, quads]),
            triangles=old.triangles if triangles is None else np.concatenate([old.triangles, triangles]),
        )

    def name_ground(self, *, low: bool, high: bool) -> None:
        """The outer boundary: all around, the lowest and the highest plane where these are asked for."""
        edge, beside = self.section.edges()
        edge, one = edge[beside[:, 1] < 0], beside[beside[:, 1] < 0, 0]
        e, layer = np.nonzero(self.cells[one] >= 0)
        self.name(GROUND, quads=self.walls(edge[e], layer))
        for asked, plane, column in ((low, 0, 0), (high, self.heights_um.shape[1] - 1, -1)):
            if not asked:
                continue
            t = np.flatnonzero(self.cells[:, column] >= 0)
            self.name(GROUND, triangles=self.floors(t, np.full(t.size, plane)))

    def name_metal(self, name: str, code: int) -> None:
        """All faces between the metal of one contact and tissue."""
        edge, beside = self.section.edges()
        inner = beside[:, 1] >= 0
        edge, beside = edge[inner], beside[inner]
        one, other = self.cells[beside[:, 0]], self.cells[beside[:, 1]]
        e, layer = np.nonzero(((one == code) & (other >= 0)) | ((other == code) & (one >= 0)))
        self.name(name, quads=self.walls(edge[e], layer))
        low, high = self.cells[:, :-1], self.cells[:, 1:]
        t, plane = np.nonzero(((low == code) & (high >= 0)) | ((high == code) & (low >= 0)))
        self.name(name, triangles=self.floors(t, plane + 1))
