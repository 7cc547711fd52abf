"""Discs and needles on and in flat layers, by finite elements: where closed forms end."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from vagus.errors import InputError, Problem
from vagus.field.electrode.contact import Disc, Needle
from vagus.field.fem.columns import Columns
from vagus.field.fem.kept import load, save
from vagus.field.fem.section import Loop, Section, planes, triangulate
from vagus.field.fem.solve import SOLVER, solve_columns
from vagus.field.fem.solved import FemField
from vagus.field.medium.space import Layers
from vagus.field.nerve import ring
from vagus.store import Store, digest

FloatArray = NDArray[np.float64]

AROUND = 24  # corners of a disc; a needle has a third of them
STEP = 0.15  # of a disc's radius to the first plane below it
GROWTH, GRADING, ORDER = 2.0, 0.5, 2


def solve_layers(
    layers: Layers,
    contacts: Sequence[Disc | Needle],
    *,
    far_um: float = 1e6,
    store: Store | None = None,
    progress: Callable[[float], None] | None = None,
) -> FemField:
    """Basis fields of discs on the surface of layers and of needles in them, by finite elements; z is the depth.

    Unlike `potential_mv_per_ma`, contacts feel each other: one that carries nothing is at one potential as well, and
    needles may lie across layers. A needle is a cylinder of its length and radius along z.

    Parameters
    ----------
    layers : Layers
    contacts : sequence of Disc or Needle
    far_um : float
        Radius and depth of the far boundary, which is at 0 mV.
    store : Store, optional
        Keeps the field under a hash of all that it depends on.
    progress : callable, optional
        Told the share that is done.

    Raises
    ------
    InputError
        NGSolve is not installed; no contact, contacts that touch or lie above each other, a needle that leaves the
        tissue.

    Examples
    --------
    Access of a disc of 10 mm against 1 / (4 sigma a), which is 167 ohm and has no far boundary:

    >>> pad = Disc(x_um=0.0, y_um=0.0, radius_um=5000.0)
    >>> field = solve_layers(Layers(thickness_um=(), sigma_s_per_m=(0.3,)), [pad])
    >>> round(field.contact_mv_per_ma.item() * 4.0 * 0.3 * 5e-3, 1)
    1.0
    """
    _check(contacts)
    show = progress or (lambda share: None)
    placed = tuple(contacts)
    key = digest([SOLVER, layers, *placed, far_um])
    kept = load(store, key, placed, (), ()) if store is not None else None
    if kept is not None:
        show(1.0)
        return kept
    columns = _mesh(layers, placed, far_um)
    found = solve_columns(
        columns, contacts=placed, inner={}, sheets={}, order=ORDER, progress=show,
        outer={f"layer{k}": (sigma, sigma, sigma) for k, sigma in enumerate(layers.sigma_s_per_m)},
    )  # fmt: skip
    if store is not None:
        save(store, key, found)
    show(1.0)
    return found


def _check(contacts: Sequence[Disc | Needle]) -> None:
    problems = [] if contacts else [Problem(what="no contacts", allowed="one disc or needle, or more")]
    for i, one in enumerate(contacts):
        if isinstance(one, Needle) and one.z_um - one.length_um / 2.0 <= 0.0:
            problems.append(
                Problem(what="needle leaves the tissue", where=f"contact {i}", allowed="a depth below the surface",
                        found=f"from {one.z_um - one.length_um / 2.0:g} µm")
            )  # fmt: skip
        for j, other in enumerate(contacts[:i]):
            away = math.hypot(one.x_um - other.x_um, one.y_um - other.y_um)
            if away <= 1.05 * (one.radius_um + other.radius_um):
                problems.append(
                    Problem(what="contacts touch, or lie above each other", where=f"contacts {j} and {i}",
                            found=f"{away:g} µm apart", allowed="more than 1.05 times the sum of their radii")
                )  # fmt: skip
    if problems:
        raise InputError(problems)


def _mesh(layers: Layers, contacts: Sequence[Disc | Needle], far_um: float) -> Columns:
    n = len(contacts)
    loops = [
        Loop(corners_um=ring.circle(c.x_um, c.y_um, c.radius_um, n=AROUND if isinstance(c, Disc) else AROUND // 3),
             inside=k, outside=n)
        for k, c in enumerate(contacts)
    ]  # fmt: skip
    loops.append(Loop(corners_um=ring.circle(0.0, 0.0, far_um, n=16), inside=n, outside=-1))
    section = triangulate(loops, grading=GRADING)
    least = min(one.radius_um if isinstance(one, Disc) else one.length_um / 2.0 for one in contacts)
    needed = dict.fromkeys(layers.tops_um[1:], 4.0 * STEP * least)
    for one in contacts:
        if isinstance(one, Needle):
            needed |= {one.z_um + sign * one.length_um: one.radius_um for sign in (-0.5, 0.5)}
        else:
            needed[0.0] = min(STEP * one.radius_um, needed.get(0.0, math.inf))
    heights = planes(needed, low_um=0.0, high_um=far_um, growth=GROWTH)
    return _filled(section, heights, layers, contacts)


def _filled(section: Section, heights: FloatArray, layers: Layers, contacts: Sequence[Disc | Needle]) -> Columns:
    middle = (heights[1:] + heights[:-1]) / 2.0
    layer = np.searchsorted(layers.tops_um, middle, side="right") - 1
    columns = Columns(
        section=section, heights_um=np.tile(heights, (len(section.corners_um), 1)),
        cells=np.tile(layer, (len(section.triangles), 1)),
    )  # fmt: skip
    for k, one in enumerate(contacts):
        own = np.flatnonzero(section.region == k)
        if isinstance(one, Disc):
            columns.name(f"contact{k}", triangles=columns.floors(own, np.zeros(own.size, int)))
        else:
            inside = np.abs(middle - one.z_um) < one.length_um / 2.0
            columns.cells[np.ix_(own, np.flatnonzero(inside))] = -2 - k
            columns.name_metal(f"contact{k}", -2 - k)
    columns.name_ground(low=False, high=True)
    return columns
