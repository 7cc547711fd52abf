"""Electrodes around a nerve as the patches they are made of."""

from __future__ import annotations

import math
from collections.abc import Sequence

from vagus.errors import InputError, Problem
from vagus.field.electrode.contact import Patch
from vagus.field.medium.space import demand_positive

# LivaNova lead 302/303/304, as published models give it: mm to µm
HELIX_WIDTH_UM, HELIX_ARC_DEG, HELIX_APART_UM, HELIX_PITCH_UM = 775.0, 340.0, 8000.0, 1710.0
# ImThera-type cuff, recalled: radius of a contact, and from row to row
SIX_RADIUS_UM, SIX_APART_UM = 1000.0, 3000.0


def helix(radius_um: float) -> tuple[Patch, Patch]:
    """The two contacts of a LivaNova-type helix around z: first the upper one (head, larger z), then the lower.

    Contact 0.775 mm wide, 340 degrees around (published: 338 to 347), 8 mm apart, rising 1.71 mm a turn. Inner radius
    0.99 or 1.5 mm (2 and 3 mm leads).

    Parameters
    ----------
    radius_um : float

    Raises
    ------
    InputError
        A radius that is not above 0.

    Examples
    --------
    >>> [(one.z_um, round(one.area_mm2, 2)) for one in helix(990.0)]
    [(4000.0, 4.55), (-4000.0, 4.55)]
    """
    upper, lower = (
        Patch(radius_um=radius_um, z_um=z, length_um=HELIX_WIDTH_UM, arc_deg=HELIX_ARC_DEG, rise_um=HELIX_PITCH_UM)
        for z in (HELIX_APART_UM / 2.0, -HELIX_APART_UM / 2.0)
    )
    return upper, lower


def six_contacts(radius_um: float) -> tuple[Patch, ...]:
    """The contacts of an ImThera-type cuff: six of 2 mm in two rows of three, the rows turned against each other.

    Each disc is taken as a patch of its area, 1.77 mm along and around. Places are recalled and unverified: rows 3 mm
    apart, contacts of a row 120 degrees apart, the second row turned by 60.

    Parameters
    ----------
    radius_um : float
        Inner radius of the cuff.

    Raises
    ------
    InputError
        A radius that is not above 0, or so small that contacts of a row touch.

    Examples
    --------
    >>> [(one.z_um, round(one.angle_deg), round(one.area_mm2, 2)) for one in six_contacts(1500.0)][2:4]
    [(1500.0, 240, 3.14), (-1500.0, 60, 3.14)]
    """
    demand_positive(radius_um=radius_um)
    side_um = math.sqrt(math.pi) * SIX_RADIUS_UM
    arc_deg = math.degrees(side_um / radius_um)
    upper, lower = (
        cuff(radius_um, z_um=(z,), length_um=side_um, n_around=3, arc_deg=arc_deg, first_deg=first)
        for z, first in ((SIX_APART_UM / 2.0, 0.0), (-SIX_APART_UM / 2.0, 60.0))
    )
    return (*upper, *lower)


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
