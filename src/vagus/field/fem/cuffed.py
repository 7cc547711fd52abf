"""The mesh of a nerve in its electrode: regions of the cross-section, planes along it, cells, faces."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vagus.errors import InputError, Problem
from vagus.field.electrode.contact import Patch
from vagus.field.fem.columns import NOTHING, Columns
from vagus.field.fem.insulation import Insulation, turned
from vagus.field.fem.outline import FEWEST, thinned_nerve
from vagus.field.fem.section import Loop, planes, triangulate
from vagus.field.medium.nerve_tissue import Pocket
from vagus.field.nerve import ring
from vagus.field.nerve.nerve import Nerve

FloatArray = NDArray[np.float64]

# what lies outside of fascicles: regions of the cross-section, counted from the number of fascicles on; the last three
# belong to a pocket: fluid within the electrode, fluid and scar around it
EPINEURIUM, GAP, BEHIND, AROUND, FILM, OVER, SCAR = range(7)
# materials, likewise; fluid only where there is a pocket
OUTER = ("epineurium", "capsule", "around", "fluid")
LEAST_ROOM_UM = 5.0  # between the nerve and its contacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Mesh:
    """How fine a mesh is.

    Parameters
    ----------
    edge_um : float
        Longest edge of an outline within the electrode.
    step_um : float
        Distance of planes beside edges of contacts, where current crowds; beside those of insulators twice as far.
    growth : float
        By what factor that distance grows from plane to plane, farther away.
    grading : float
        How fast triangles grow, above 0 to 1.
    order : int
        Of the polynomials.
    """

    edge_um: float
    step_um: float
    growth: float
    grading: float
    order: int


def mesh_nerve(
    nerve: Nerve, contacts: Sequence[Patch], insulation: Sequence[Insulation], *, mesh: Mesh, half_length_um: float,
    far_um: float, pocket: Pocket | None = None,
) -> Columns:  # fmt: skip
    """Columns of a nerve and of what is around it; region k of the cross-section is fascicle k."""
    radius = _radius(nerve, contacts, insulation, film_um=pocket.film_um if pocket else 0.0)
    thick = max((one.thickness_um for one in insulation), default=100.0)
    outline, fascicles = thinned_nerve(nerve, mesh.edge_um)
    n = len(fascicles)
    loops = [Loop(corners_um=one, inside=k, outside=n + EPINEURIUM) for k, one in enumerate(fascicles)]
    loops.append(Loop(corners_um=outline, inside=n + EPINEURIUM, outside=n + GAP))
    through = [angle for one in contacts for angle in _edges(one)]
    if pocket is not None:
        film = _inner(radius - pocket.film_um, mesh.edge_um, through, outline)
        loops.append(Loop(corners_um=film, inside=n + GAP, outside=n + FILM))
    inner = _inner(radius, mesh.edge_um, through, outline)
    loops.append(Loop(corners_um=inner, inside=n + (FILM if pocket else GAP), outside=n + BEHIND))
    edge, reach = 2.0 * mesh.edge_um, radius + thick
    beyond = [BEHIND, *((OVER, SCAR) if pocket else ()), AROUND]
    steps = [0.0, *((pocket.film_um, pocket.reach_um) if pocket else ())]
    for step, here, there in zip(steps, beyond, beyond[1:], strict=False):
        loops.append(Loop(corners_um=_circle(reach + step, edge, []), inside=n + here, outside=n + there))
    loops.append(Loop(corners_um=_circle(far_um, far_um / 1.5, []), inside=n + AROUND, outside=-1))
    section = triangulate(loops, grading=mesh.grading)
    needed = _needed(contacts, insulation, mesh.step_um)
    low, high = min(needed), max(needed)
    heights = planes(needed, low_um=low - half_length_um, high_um=high + half_length_um, growth=mesh.growth)
    sloped = slope(section.corners_um, heights, contacts, insulation, radius_um=radius, behind_um=radius + thick)
    found = Columns(section=section, heights_um=sloped, cells=np.zeros((len(section.triangles), heights.size - 1), int))
    _fill(found, n, insulation, (low, high), wet=pocket is not None)
    _name_faces(found, n, contacts)
    return found


def _radius(
    nerve: Nerve, contacts: Sequence[Patch], insulation: Sequence[Insulation], *, film_um: float = 0.0
) -> float:
    radii = {one.radius_um for one in (*contacts, *insulation)}
    if len(radii) != 1 or not contacts:
        raise InputError(
            Problem(what="contacts and insulation do not lie on one cylinder", allowed="one radius_um for all of them",
                    found=", ".join(f"{r:g} µm" for r in sorted(radii)) if contacts else "no contact")
        )  # fmt: skip
    radius = radii.pop()
    reach = float(np.hypot(*nerve.outline_um.T).max())
    if reach + film_um + LEAST_ROOM_UM > radius:
        raise InputError(
            Problem(
                what="nerve does not fit into its electrode", found=f"it reaches {reach:.5g} µm from the z axis",
                allowed=f"up to {radius - film_um - LEAST_ROOM_UM:.5g} µm within a radius of {radius:g} µm",
                why="centered_nerve moves a nerve to the axis",
            )
        )  # fmt: skip
    return radius


def _edges(one: Patch) -> tuple[float, ...]:
    """Directions (rad) where a contact ends."""
    if one.arc_deg == 360.0:
        return ()
    return tuple(math.radians(one.angle_deg + sign * one.arc_deg / 2.0) for sign in (-1.0, 1.0))


def _inner(radius_um: float, edge_um: float, through_rad: Sequence[float], outline_um: FloatArray) -> FloatArray:
    """The circle of the contacts, with edges so short that they do not cut the nerve."""
    for k in range(6):
        found = _circle(radius_um, edge_um / 2.0**k, through_rad)
        if ring.holds(found, outline_um).all() and ring.crossing(found, outline_um) is None:
            return found
    raise InputError(
        Problem(what="nerve lies too near to its contacts for a mesh", allowed="some µm more of room",
                found=f"{radius_um - float(np.hypot(*outline_um.T).max()):.3g} µm")
    )  # fmt: skip


def _circle(radius_um: float, edge_um: float, through_rad: Sequence[float]) -> FloatArray:
    """Corners of a circle of the same area with corners in some directions."""
    stops = sorted({round(angle % (2.0 * math.pi), 9) for angle in through_rad}) or [0.0]
    found: list[float] = []
    for a, b in zip(stops, [*stops[1:], stops[0] + 2.0 * math.pi], strict=True):
        count = max(math.ceil((b - a) * radius_um / edge_um), FEWEST if len(stops) == 1 else 2)
        found += [a + (b - a) * k / count for k in range(count)]
    turn = np.array(found)
    corners = radius_um * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    return corners * math.sqrt(math.pi * radius_um**2 / ring.area(corners))


def _needed(contacts: Sequence[Patch], insulation: Sequence[Insulation], step_um: float) -> dict[float, float]:
    """Heights, before they are sloped, where planes must lie, and how close the next one must be."""
    found: dict[float, float] = {}
    for one in insulation:
        most = math.floor(one.turns / 2.0 + 0.5) if one.rise_um else 0
        for k in range(-most, most + 1):
            for sign in (-0.5, 0.5):
                found[one.z_um + k * one.rise_um + sign * one.length_um] = 2.0 * step_um
    return found | {one.z_um + sign * one.length_um: step_um for one in contacts for sign in (-0.5, 0.5)}


def slope(
    corners_um: FloatArray, heights_um: FloatArray, contacts: Sequence[Patch], insulation: Sequence[Insulation], *,
    radius_um: float, behind_um: float,
) -> FloatArray:  # fmt: skip
    """Heights of planes over each corner: they follow the bands of helices, fall back where a band is open.

    At the axis and far outside planes are level; below and above a helix they become so over a stretch that keeps them
    apart from each other.

    Raises
    ------
    InputError
        Helices so near to each other that planes would cross.
    """
    reach, angle = np.hypot(*corners_um.T), np.arctan2(corners_um[:, 1], corners_um[:, 0])
    share = np.where(
        reach <= radius_um, (reach / radius_um) ** 2, np.clip((3.0 * behind_um - reach) / (2.0 * behind_um), 0.0, 1.0)
    )
    share[(reach > radius_um) & (reach <= behind_um * (1.0 + 1e-6))] = 1.0
    found = np.broadcast_to(heights_um, (len(corners_um), heights_um.size)).copy()
    rising = [one for one in contacts if one.rise_um]
    for one in rising:
        spans = [i.rise_um + i.length_um / 2.0 for i in insulation if i.rise_um and i.z_um == one.z_um]
        flat = max([one.length_um / 2.0, *spans])
        gaps = [abs(other.z_um - one.z_um) / 2.0 - flat for other in contacts if other.z_um != one.z_um]
        fade = min([*gaps, 2.0 * abs(one.rise_um)])
        most = abs(one.rise_um) * one.arc_deg / 720.0
        if most > 0.85 * fade:
            raise InputError(
                Problem(what="contacts of a helix lie too near to the next contact for a mesh",
                        found=f"{fade + flat:.4g} µm to the middle between them",
                        allowed=f"{flat + most / 0.85:.4g} µm or more")
            )  # fmt: skip
        turn, half = turned(angle, one.angle_deg), one.arc_deg / 720.0
        back = half * (0.5 - np.abs(turn)) / max(0.5 - half, 1e-9)
        lift = one.rise_um * np.where(np.abs(turn) <= half, turn, np.sign(turn) * back)
        fall = np.clip(1.0 - (np.abs(heights_um - one.z_um) - flat) / fade, 0.0, 1.0)
        found += (share * lift)[:, None] * fall
    return found


def _fill(
    columns: Columns, n: int, insulation: Sequence[Insulation], span_um: tuple[float, float], *, wet: bool
) -> None:
    """Material of each cell: fascicles first, then those of OUTER."""
    x, y, z = columns.middles_um()
    region, angle = columns.section.region, np.arctan2(y, x)
    columns.cells[:] = n + OUTER.index("around")
    inside = (z > span_um[0]) & (z < span_um[1])
    filled = {"capsule": (GAP, SCAR), "fluid": (FILM, BEHIND, OVER)} if wet else {"capsule": (GAP, BEHIND)}
    for name, parts in filled.items():
        columns.cells[np.isin(region - n, parts)[:, None] & inside] = n + OUTER.index(name)
    for one in insulation:
        columns.cells[(region == n + BEHIND)[:, None] & one.holds(angle, z)] = NOTHING
    columns.cells[region == n + EPINEURIUM] = n + OUTER.index("epineurium")
    for k in range(n):
        columns.cells[region == k] = k


def _name_faces(columns: Columns, n: int, contacts: Sequence[Patch]) -> None:
    edge, beside = columns.section.edges()
    inner = beside[:, 1] >= 0
    edge, pair = edge[inner], np.sort(columns.section.region[beside[inner]], axis=1)
    layers = columns.heights_um.shape[1] - 1
    for k in range(n):
        own = np.repeat(edge[(pair == k).any(axis=1) & (pair[:, 0] != pair[:, 1])], layers, axis=0)
        columns.name(f"sheet{k}", quads=columns.walls(own, np.tile(np.arange(layers), len(own) // layers)))
    face = edge[(pair == n + BEHIND).any(axis=1) & np.isin(pair - n, (GAP, FILM)).any(axis=1)]
    middle = columns.section.corners_um[face].mean(axis=1)
    over = columns.heights_um[face].mean(axis=1)
    z = (over[:, 1:] + over[:, :-1]) / 2.0
    for k, one in enumerate(contacts):
        turn = turned(np.arctan2(middle[:, 1], middle[:, 0]), one.angle_deg)
        along = np.abs(z - one.z_um - one.rise_um * turn[:, None]) < one.length_um / 2.0
        e, layer = np.nonzero(along & (np.abs(turn) < one.arc_deg / 720.0 + 1e-9)[:, None])
        columns.name(f"contact{k}", quads=columns.walls(face[e], layer))
    columns.name_ground(low=True, high=True)


def centered(nerve: Nerve) -> FloatArray:
    """How far to move a nerve so that its smallest circle lies around the axis: x, y."""
    middle = nerve.outline_um.mean(axis=0)
    step = float(np.hypot(*(nerve.outline_um - middle).T).max())
    for k in range(2000):  # Badoiu and Clarkson: toward the farthest corner, by ever less
        away = nerve.outline_um - middle
        far = int(np.hypot(*away.T).argmax())
        middle = middle + away[far] / (k + 2.0)
        if np.hypot(*away[far]) / (k + 2.0) < 1e-6 * step:
            break
    return -middle
