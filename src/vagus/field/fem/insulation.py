"""Insulators behind contacts: the sleeve of a cuff, the turns of a helix."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vagus.errors import InputError, Problem
from vagus.field.electrode.contact import Patch, demand_finite
from vagus.field.electrode.product import helix_turns
from vagus.field.electrode.size import electrode_size
from vagus.field.medium.space import demand_positive

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Insulation:
    """A band of an insulator around z, its inner face on a cylinder: closed, or rising as a helix.

    Parameters
    ----------
    radius_um : float
        Of its inner face.
    thickness_um : float
    z_um : float
        Its middle.
    length_um : float
        Width of the band along z.
    angle_deg : float
        Direction of its middle.
    rise_um : float
        How far it climbs in a turn; 0 for a sleeve, which is closed.
    turns : float
        How often a helix goes around.

    Raises
    ------
    InputError
        Numbers out of range, or turns of a helix that run into each other.
    """

    radius_um: float
    thickness_um: float
    z_um: float
    length_um: float
    angle_deg: float = 0.0
    rise_um: float = 0.0
    turns: float = 1.0

    def __post_init__(self) -> None:
        demand_finite(z_um=self.z_um, angle_deg=self.angle_deg, rise_um=self.rise_um)
        demand_positive(
            radius_um=self.radius_um, thickness_um=self.thickness_um, length_um=self.length_um, turns=self.turns
        )
        if self.rise_um and self.turns > 1.0 and abs(self.rise_um) <= self.length_um:
            raise InputError(
                Problem(what="turns run into each other", allowed="a rise above the width, or a sleeve without rise",
                        found=f"{self.rise_um:g} µm a turn, {self.length_um:g} µm wide")
            )  # fmt: skip

    @property
    def span_um(self) -> tuple[float, float]:
        """Where it begins and ends along z."""
        half = (abs(self.rise_um) * self.turns + self.length_um) / 2.0
        return self.z_um - half, self.z_um + half

    def holds(self, angle_rad: FloatArray, z_um: FloatArray) -> NDArray[np.bool_]:
        """Whether places of its ring lie in it, by their direction and height."""
        if not self.rise_um:
            return np.abs(z_um - self.z_um) <= self.length_um / 2.0
        turn = turned(angle_rad, self.angle_deg)
        found = np.zeros(np.broadcast_shapes(turn.shape, z_um.shape), dtype=bool)
        for k in range(-math.ceil(self.turns), math.ceil(self.turns) + 1):
            at = self.z_um + self.rise_um * (turn + k)
            found |= (np.abs(turn + k) <= self.turns / 2.0) & (np.abs(z_um - at) <= self.length_um / 2.0)
        return found


def turned(angle_rad: FloatArray, middle_deg: float) -> FloatArray:
    """Directions as shares of a turn from a middle, -0.5 to 0.5."""
    share = (np.asarray(angle_rad) - math.radians(middle_deg)) / (2.0 * math.pi)
    return share - np.round(share)


def insulation_behind(
    contacts: Sequence[Patch], *, margin_um: float | None = None, thickness_um: float | None = None
) -> tuple[Insulation, ...]:
    """What insulates contacts: behind each that climbs a helix of 2.5 turns (fewer where opened), else one sleeve.

    Parameters
    ----------
    contacts : sequence of Patch
    margin_um : float, optional
        How far a sleeve reaches beyond its outermost contacts; without it 1 mm.
    thickness_um : float, optional
        Without it 0.61 mm. Both stand in the table `electrodes`.

    Examples
    --------
    >>> from vagus.field import cuff, helix
    >>> [round(one.span_um[0]) for one in insulation_behind(helix(990.0))]
    [1158, -6842]
    >>> [one.length_um for one in insulation_behind(cuff(500.0, z_um=(-750.0, 750.0), length_um=500.0))]
    [4000.0]
    """
    margin_um = electrode_size("sleeve_margin").value if margin_um is None else margin_um
    thickness_um = electrode_size("helix_insulator_thickness").value if thickness_um is None else thickness_um
    found = [
        Insulation(
            radius_um=one.radius_um, thickness_um=thickness_um, z_um=one.z_um, rise_um=one.rise_um,
            length_um=electrode_size("helix_insulator_width").value, angle_deg=one.angle_deg,
            turns=helix_turns(one),
        )
        for one in contacts
        if one.rise_um
    ]  # fmt: skip
    level = [one for one in contacts if not one.rise_um]
    if level:
        low = min(one.z_um - one.length_um / 2.0 for one in level) - margin_um
        high = max(one.z_um + one.length_um / 2.0 for one in level) + margin_um
        found.append(
            Insulation(
                radius_um=level[0].radius_um, thickness_um=thickness_um, z_um=(low + high) / 2.0, length_um=high - low
            )
        )
    return tuple(found)
