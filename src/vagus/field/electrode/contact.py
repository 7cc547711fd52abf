"""Contacts as surfaces: where they lie and how large they are. Each carries 1 mA in all and is at one potential."""

from __future__ import annotations

import math
from dataclasses import dataclass

from vagus.errors import InputError, Problem
from vagus.field.medium.space import demand_positive


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A contact without size; its field is what is left far from any other.

    Parameters
    ----------
    x_um, y_um, z_um : float
    """

    x_um: float
    y_um: float
    z_um: float

    def __post_init__(self) -> None:
        demand_finite(x_um=self.x_um, y_um=self.y_um, z_um=self.z_um)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ball:
    """A ball.

    Parameters
    ----------
    x_um, y_um, z_um : float
        Its middle.
    radius_um : float
    """

    x_um: float
    y_um: float
    z_um: float
    radius_um: float

    def __post_init__(self) -> None:
        demand_finite(x_um=self.x_um, y_um=self.y_um, z_um=self.z_um)
        demand_positive(radius_um=self.radius_um)

    @property
    def area_mm2(self) -> float:
        """Area that touches tissue (mm²)."""
        return 4e-6 * math.pi * self.radius_um**2


@dataclass(frozen=True, slots=True, kw_only=True)
class Needle:
    """The bare shaft of a needle along z, a slim spheroid.

    Parameters
    ----------
    x_um, y_um, z_um : float
        Its middle.
    length_um, radius_um : float
        Of the bare part, from tip to tip; radius at the middle.

    Raises
    ------
    InputError
        A needle that is not longer than it is thick.
    """

    x_um: float
    y_um: float
    z_um: float
    length_um: float
    radius_um: float

    def __post_init__(self) -> None:
        demand_finite(x_um=self.x_um, y_um=self.y_um, z_um=self.z_um)
        demand_positive(length_um=self.length_um, radius_um=self.radius_um)
        if self.length_um <= 2.0 * self.radius_um:
            raise InputError(
                Problem(
                    what="needle is not slim", found=f"length {self.length_um:g} µm, radius {self.radius_um:g} µm",
                    allowed="a length above twice the radius; a ball is a Ball",
                )
            )  # fmt: skip

    @property
    def focus_um(self) -> float:
        """Distance of the spheroid's foci from its middle."""
        return math.sqrt((self.length_um / 2.0) ** 2 - self.radius_um**2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Disc:
    """A disc or gel pad on the surface z = 0.

    Parameters
    ----------
    x_um, y_um : float
        Its middle.
    radius_um : float
    """

    x_um: float
    y_um: float
    radius_um: float

    def __post_init__(self) -> None:
        demand_finite(x_um=self.x_um, y_um=self.y_um)
        demand_positive(radius_um=self.radius_um)

    @property
    def area_mm2(self) -> float:
        """Area that touches tissue (mm²)."""
        return 1e-6 * math.pi * self.radius_um**2


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """A band, or a part of one, on a cylinder around z: a contact of a cuff or of a helix.

    Parameters
    ----------
    radius_um : float
        Of the cylinder on which it lies.
    z_um : float
        Its middle along the nerve.
    length_um : float
        Along the nerve.
    angle_deg : float
        Direction of its middle, from the x axis toward y.
    arc_deg : float
        How far it reaches around; 360 for a closed ring.
    rise_um : float
        How far it climbs along z over a whole turn: the pitch of a helix; 0 for a cuff.
    """

    radius_um: float
    z_um: float
    length_um: float
    angle_deg: float = 0.0
    arc_deg: float = 360.0
    rise_um: float = 0.0

    def __post_init__(self) -> None:
        demand_finite(z_um=self.z_um, angle_deg=self.angle_deg, rise_um=self.rise_um)
        demand_positive(radius_um=self.radius_um, length_um=self.length_um)
        if not 0.0 < self.arc_deg <= 360.0:
            raise InputError(
                Problem(what="arc_deg is out of range", found=f"{self.arc_deg}", allowed="above 0, up to 360")
            )

    @property
    def area_mm2(self) -> float:
        """Area that touches tissue (mm²), the slant of a helix left out."""
        return 1e-6 * self.radius_um * math.radians(self.arc_deg) * self.length_um


def demand_finite(**values: float) -> None:
    """Raise `InputError` that names each value which is not finite."""
    problems = [
        Problem(what=f"{name} is not finite", found=f"{value}", allowed="a finite number")
        for name, value in values.items()
        if not math.isfinite(value)
    ]
    if problems:
        raise InputError(problems)
