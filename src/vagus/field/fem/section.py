"""A cross-section cut into triangles (by Netgen), and the planes that stack them along z."""

from __future__ import annotations

import importlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from vagus.errors import InputError, Problem

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Loop:
    """A closed outline between two regions of a cross-section.

    Parameters
    ----------
    corners_um : (n, 2) array
        Against the clock.
    inside, outside : int
        Regions; -1 where nothing is.
    """

    corners_um: FloatArray
    inside: int
    outside: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Section:
    """Triangles of a cross-section.

    Parameters
    ----------
    corners_um : (n_corner, 2) array
    triangles : (n_triangle, 3) array of int
    region : (n_triangle,) array of int
    """

    corners_um: FloatArray
    triangles: IntArray
    region: IntArray

    def edges(self) -> tuple[IntArray, IntArray]:
        """Corners (n_edge, 2) of each edge and the triangles (n_edge, 2) beside it, -1 for none."""
        pairs = np.concatenate([self.triangles[:, [a, b]] for a, b in ((0, 1), (1, 2), (2, 0))])
        owner = np.tile(np.arange(len(self.triangles)), 3)
        edge, which = np.unique(np.sort(pairs, axis=1), axis=0, return_inverse=True)
        beside = np.full((len(edge), 2), -1)
        order = np.argsort(which, kind="stable")
        first = np.concatenate([[True], np.diff(which[order]) > 0])
        beside[which[order][first], 0] = owner[order][first]
        beside[which[order][~first], 1] = owner[order][~first]
        return edge, beside


def extra(module: str) -> ModuleType:
    """A module of NGSolve or Netgen.

    Raises
    ------
    InputError
        They are not installed; says how.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise InputError(
            Problem(what="finite elements need an extra", found=f"no module {error.name}",
                    allowed='pip install "vagus[fem]"')
        ) from error  # fmt: skip


def triangulate(loops: Sequence[Loop], *, grading: float) -> Section:
    """Triangles between outlines, whose edges they keep; `grading` above 0 to 1: how fast triangles grow."""
    geometry = extra("netgen.geom2d").SplineGeometry()
    for loop in loops:
        points = [geometry.AppendPoint(float(x), float(y)) for x, y in loop.corners_um]
        for a, b in zip(points, points[1:] + points[:1], strict=True):
            geometry.Append(["line", a, b], leftdomain=loop.inside + 1, rightdomain=loop.outside + 1)
    size = float(np.ptp(loops[-1].corners_um))
    try:
        mesh = geometry.GenerateMesh(maxh=size, grading=grading)
    except Exception as error:  # netgen has no type of its own that could be imported
        if type(error).__name__ != "NgException":
            raise
        raise InputError(
            Problem(what="the cross-section cannot be meshed", found=str(error),
                    allowed="outlines apart from each other by more than a few µm")
        ) from error  # fmt: skip
    corners = np.array([point.p[:2] for point in mesh.Points()])
    found = [(element.index - 1, *(v.nr - 1 for v in element.vertices)) for element in mesh.Elements2D()]
    table = np.array(found, dtype=np.int64)
    return Section(corners_um=corners, triangles=table[:, 1:], region=table[:, 0])


def planes(needed: Mapping[float, float], *, low_um: float, high_um: float, growth: float) -> FloatArray:
    """Heights of planes from low to high through all that are needed, close beside those and wider farther away.

    Parameters
    ----------
    needed : mapping of height to step (µm)
        How far beside it the next plane lies at most.
    growth : float
        By what factor steps grow from plane to plane.

    Examples
    --------
    >>> planes({0.0: 100.0, 400.0: 100.0}, low_um=-1000.0, high_um=400.0, growth=2.0).round().tolist()
    [-1000.0, -467.0, -200.0, -67.0, 0.0, 100.0, 300.0, 400.0]
    """
    steps: dict[float, float] = {}
    for z, step in needed.items():
        key = round(float(z), 3)
        steps[key] = min(step, steps.get(key, math.inf))
    stops = [low_um, *sorted(z for z in steps if low_um < z < high_um), high_um]
    found = [np.array([low_um])]
    for a, b in pairwise(stops):
        ends = (steps.get(round(a, 3), math.inf), steps.get(round(b, 3), math.inf))
        found.append(a + np.cumsum(_steps(b - a, ends, growth)))
        found[-1][-1] = b
    return np.concatenate(found)


def _steps(length: float, ends: tuple[float, float], growth: float) -> FloatArray:
    """Steps that fill a length, small at those ends where planes must be close; infinite: any step will do."""
    left: list[float] = []
    right: list[float] = []
    a, b = ends
    while sum(left) + sum(right) < length and min(a, b) < math.inf:
        if a <= b:
            left.append(a)
            a *= growth
        else:
            right.append(b)
            b *= growth
    steps = np.array(left + right[::-1]) if left or right else np.array([length])
    return steps * (length / steps.sum())
