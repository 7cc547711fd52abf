"""Electrodes around a nerve as the patches they are made of."""

from __future__ import annotations

import math
from collections.abc import Sequence

from vagus.errors import InputError, Problem
from vagus.field.electrode.contact import Patch
from vagus.field.electrode.size import electrode_size
from vagus.field.medium.space import demand_positive


def helix(radius_um: float, *, rest_um: float | None = None) -> tuple[Patch, Patch]:
    """The two contacts of a LivaNova-type helix around z: first the upper one (head, larger z), then the lower.

    Contact 0.775 mm wide, 340 degrees around (published: 338 to 347), 8 mm apart, rising 1.71 mm a turn. Inner radius
    0.99 or 1.5 mm (2 and 3 mm leads). Sizes and their sources stand in the table `electrodes`.

    Parameters
    ----------
    radius_um : float
    rest_um : float, optional
        Inner radius at rest of a helix that was opened to `radius_um`: its contacts keep their length and cover less
        of the way around.

    Raises
    ------
    InputError
        A radius that is not above 0, or a helix that would be narrower than at rest.

    Examples
    --------
    >>> [(one.z_um, round(one.area_mm2, 2)) for one in helix(990.0)]
    [(4000.0, 4.55), (-4000.0, 4.55)]
    >>> [round(one.arc_deg) for one in helix(1350.0, rest_um=990.0)]
    [253, 253]
    """
    half_um = electrode_size("helix_apart").value / 2.0
    arc_deg, rise_um = electrode_size("helix_contact_arc").value, electrode_size("helix_pitch").value
    if rest_um is not None:
        demand_positive(rest_um=rest_um)
        if radius_um < rest_um:
            raise InputError(
                Problem(what="a helix is not narrower than at rest", found=f"{radius_um:g} µm",
                        allowed=f"{rest_um:g} µm or more")
            )  # fmt: skip
        arc_deg *= math.hypot(rise_um, 2.0 * math.pi * rest_um) / math.hypot(rise_um, 2.0 * math.pi * radius_um)
    upper, lower = (
        Patch(
            radius_um=radius_um, z_um=z, length_um=electrode_size("helix_contact_width").value, arc_deg=arc_deg,
            rise_um=rise_um,
        )
        for z in (half_um, -half_um)
    )  # fmt: skip
    return upper, lower


def fitted_helix(reach_um: float) -> tuple[Patch, Patch]:
    """The contacts of a LivaNova-type helix around all that reaches so far from the axis.

    The lead of 2 mm, opened where needed; that of 3 mm only where even its helix must open, as published models choose.

    Parameters
    ----------
    reach_um : float
        Radius of nerve, capsule and fluid.

    Examples
    --------
    >>> [fitted_helix(reach)[0].radius_um for reach in (700.0, 1300.0, 1600.0)]
    [990.0, 1300.0, 1600.0]
    >>> [round(fitted_helix(reach)[0].arc_deg) for reach in (700.0, 1300.0, 1600.0)]
    [340, 263, 319]
    """
    small, large = (electrode_size(f"helix_radius_{lead}").value for lead in ("small", "large"))
    rest_um = small if reach_um <= large else large
    return helix(max(reach_um, rest_um), rest_um=rest_um)


def helix_turns(contact: Patch) -> float:
    """Turns of the insulation behind a contact of a helix: 2.5, fewer where it was opened.

    Examples
    --------
    >>> [round(helix_turns(fitted_helix(reach)[0]), 2) for reach in (700.0, 1300.0)]
    [2.5, 1.93]
    """
    return electrode_size("helix_turns").value * contact.arc_deg / electrode_size("helix_contact_arc").value


def helix_tubes(contacts: Sequence[Patch]) -> tuple[tuple[float, float], ...]:
    """The turns of a helix as closed rings with gaps between them, (z_um, length_um) each, for a `Bundle`.

    Each ring is as wide as a turn; the outermost are as wide as what is left of a turn, so that all insulate as much as
    the helix.

    Examples
    --------
    >>> [(round(z), round(length)) for z, length in helix_tubes(helix(990.0)[:1])]
    [(4000, 1410), (5534, 1058), (2466, 1058)]
    """
    found: list[tuple[float, float]] = []
    for one in contacts:
        width_um = electrode_size("helix_insulator_width").value
        gap_um = one.rise_um - width_um
        found.append((one.z_um, width_um))
        edge_um, left = width_um / 2.0, (helix_turns(one) - 1.0) / 2.0
        while left > 1e-9:
            length_um = min(left, 1.0) * width_um
            middle_um = edge_um + gap_um + length_um / 2.0
            found += [(one.z_um + middle_um, length_um), (one.z_um - middle_um, length_um)]
            edge_um, left = edge_um + gap_um + length_um, left - 1.0
    return tuple(found)


def six_contacts(radius_um: float) -> tuple[Patch, ...]:
    """The contacts of an ImThera-type cuff: six of 2 mm on a slant, row by row from the head, twice.

    Each lies 51 degrees farther around than the one before (at the cuff's radius at rest; the same length on a wider
    one) and 2.74 mm nearer to the feet, the fourth again in the first row. Each disc is taken as a patch of its area,
    1.77 mm along and around. Sizes and their sources stand in the table `electrodes`.

    Parameters
    ----------
    radius_um : float
        Inner radius of the cuff, 1.5 mm at rest.

    Raises
    ------
    InputError
        A radius so small that contacts touch.

    Examples
    --------
    >>> [(one.z_um, round(one.angle_deg), round(one.area_mm2, 2)) for one in six_contacts(1498.6)][2:4]
    [(-2743.2, 102, 3.14), (2743.2, 153, 3.14)]
    """
    demand_positive(radius_um=radius_um)
    side_um = math.sqrt(math.pi) * electrode_size("six_contact_radius").value
    arc_deg = math.degrees(side_um / radius_um)
    turn_deg = electrode_size("six_turn").value * electrode_size("six_radius").value / radius_um
    # of a row the contacts lie three turns apart; the shorter way around counts
    least_deg = min(3.0 * turn_deg, 360.0 - 3.0 * turn_deg)
    if least_deg <= arc_deg:
        raise InputError(
            Problem(what="contacts of a row touch", found=f"radius {radius_um:g} µm, {arc_deg:.0f} degrees each",
                    allowed=f"apart from each other, as at {electrode_size('six_radius').value:g} µm")
        )  # fmt: skip
    apart_um = electrode_size("six_apart").value
    return tuple(
        Patch(
            radius_um=radius_um, z_um=(apart_um, 0.0, -apart_um)[k % 3], length_um=side_um, arc_deg=arc_deg,
            angle_deg=k * turn_deg,
        )
        for k in range(6)
    )  # fmt: skip


def cuff(
    radius_um: float,
    *,
    z_um: Sequence[float],
    length_um: float,
    n_around: int = 1,
    arc_deg: float = 360.0,
    first_deg: float = 0.0,
) -> tuple[Patch, ...]:
    """Contacts of a cuff: rows along the nerve, `n_around` in each, evenly around it.

    Parameters
    ----------
    radius_um : float
        Inner radius of the cuff.
    z_um : sequence of float
        Middle of each row.
    length_um, arc_deg : float
        Of one contact, along and around.
    n_around : int
        Contacts in a row.
    first_deg : float
        Direction of the first contact of each row.

    Raises
    ------
    InputError
        Contacts that touch each other, or numbers out of range.

    Examples
    --------
    Six contacts around the nerve, in two rows:

    >>> contacts = cuff(1500.0, z_um=(-1500.0, 1500.0), length_um=1000.0, n_around=3, arc_deg=60.0)
    >>> [(one.z_um, round(one.angle_deg)) for one in contacts]
    [(-1500.0, 0), (-1500.0, 120), (-1500.0, 240), (1500.0, 0), (1500.0, 120), (1500.0, 240)]
    """
    demand_positive(radius_um=radius_um, length_um=length_um)
    problems: list[Problem] = []
    if n_around < 1 or not z_um:
        problems.append(Problem(what="no contacts", found=f"{len(z_um)} rows of {n_around}", allowed="1 or more"))
    elif n_around > 1 and n_around * arc_deg >= 360.0:
        problems.append(
            Problem(what="contacts of a row touch", found=f"{n_around} of {arc_deg:g} degrees", allowed="gaps between")
        )
    if any(b - a <= length_um for a, b in zip(sorted(z_um), sorted(z_um)[1:], strict=False)):
        problems.append(
            Problem(what="rows touch", found=f"{', '.join(f'{z:g}' for z in z_um)} µm",
                    allowed=f"more than {length_um:g} µm apart")
        )  # fmt: skip
    if problems:
        raise InputError(problems)
    return tuple(
        Patch(
            radius_um=radius_um, z_um=z, length_um=length_um, arc_deg=arc_deg,
            angle_deg=math.fmod(first_deg + 360.0 * k / n_around, 360.0),
        )
        for z in z_um
        for k in range(n_around)
    )  # fmt: skip
