"""Tissue around electrodes and fibers, with the range its numbers may lie in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from vagus.errors import InputError, Problem, nearest
from vagus.field.medium.space import demand_positive
from vagus.source import Known, read_source
from vagus.tables import rows


@dataclass(frozen=True, slots=True, kw_only=True)
class _MediumRow:
    key: str
    name: str
    value: float
    low: float
    high: float
    source: str
    verified: bool


@cache
def media() -> Mapping[str, Known]:
    """Conductivity of each tissue in S/m, with range and source.

    Examples
    --------
    >>> media()["muscle"].value
    0.34
    """
    return MappingProxyType(
        {
            row.key: Known(
                value=row.value, unit="S/m", low=row.low, high=row.high, note=row.name,
                source=read_source(row.source, verified=row.verified),
            )
            for row in rows("media", _MediumRow)
        }
    )  # fmt: skip


def medium(key: str) -> Known:
    """Conductivity of one tissue.

    Raises
    ------
    InputError
        No such tissue; the nearest is named.
    """
    if key not in media():
        raise InputError(Problem(what="no such tissue", found=f'"{key}"', allowed=nearest(key, media())))
    return media()[key]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trunk:
    """A nerve trunk inside a helical electrode, as one anisotropic medium around bands of current.

    Each band is a ring of points at `band_radius_um`, open by `gap_deg`. Insulation of the helix keeps current from
    leaving outward: `insulation_gain` is 1 for bands without any (infinite medium) and 2 for a flat insulator behind
    them (half space). No perineurium, no fascicles.

    Parameters
    ----------
    band_radius_um : float
        Inner radius of the electrode: nerve plus whatever has grown between.
    sigma_along_s_per_m, sigma_across_s_per_m : float
    insulation_gain : float
        1 to 2.
    gap_deg : float
        Opening of a band's ring.
    """

    band_radius_um: float
    sigma_along_s_per_m: float
    sigma_across_s_per_m: float
    insulation_gain: float = 1.5
    gap_deg: float = 20.0

    def __post_init__(self) -> None:
        demand_positive(
            band_radius_um=self.band_radius_um, sigma_along_s_per_m=self.sigma_along_s_per_m,
            sigma_across_s_per_m=self.sigma_across_s_per_m,
        )  # fmt: skip
        if not 1.0 <= self.insulation_gain <= 2.0:
            raise InputError(
                Problem(what="insulation_gain out of range", found=f"{self.insulation_gain}", allowed="1 to 2")
            )
        if not 0.0 <= self.gap_deg < 360.0:
            raise InputError(Problem(what="gap_deg out of range", found=f"{self.gap_deg}", allowed="0 to below 360"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Skin:
    """A layer under contacts, and what lies below it: skin over cartilage (ear), skin and fat over muscle (neck).

    Parameters
    ----------
    thickness_um : float
        Of the upper layer.
    sigma_s_per_m, sigma_below_s_per_m : float
        Both isotropic. The dry outermost layer is left out: under a controlled current it shifts the voltage of the
        device, and less so the field below.
    """

    thickness_um: float
    sigma_s_per_m: float
    sigma_below_s_per_m: float

    def __post_init__(self) -> None:
        demand_positive(
            thickness_um=self.thickness_um, sigma_s_per_m=self.sigma_s_per_m,
            sigma_below_s_per_m=self.sigma_below_s_per_m,
        )  # fmt: skip
