"""Conductivities of a nerve in a cuff, with the ranges over which they are drawn."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

from vagus.errors import InputError, Problem, nearest
from vagus.field.medium.space import axes_s_per_m, demand_positive
from vagus.field.medium.tissue import medium
from vagus.source import Known, Source, read_source
from vagus.tables import rows

Around = Literal["muscle", "fat", "saline"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    key: str
    value: float
    unit: str
    source: str
    verified: bool
    along: float = 0.0
    low: float | None = None
    high: float | None = None
    note: str = ""


@cache
def _rows() -> dict[str, _Row]:
    return {row.key: row for row in rows("nerve_tissue", _Row)}


def nerve_medium(key: str) -> Known:
    """Conductivity (S/m; of the perineurium resistivity, ohm m) of one tissue of a nerve in a cuff, with its range.

    Raises
    ------
    InputError
        No such tissue; the nearest is named.

    Examples
    --------
    >>> nerve_medium("perineurium").value, nerve_medium("perineurium").unit
    (1149.0, 'ohm m')
    """
    if key not in _rows():
        raise InputError(Problem(what="no such tissue", found=f'"{key}"', allowed=nearest(key, _rows())))
    row = _rows()[key]
    return Known(
        value=row.value, unit=row.unit, low=row.low, high=row.high, note=row.note,
        source=read_source(row.source, verified=row.verified),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Pocket:
    """Fluid around an electrode that lies in the body, and the capsule around that.

    Parameters
    ----------
    film_um : float
        Thickness of the fluid along the inner and the outer face of the electrode; it fills the turns of a helix.
    fluid_s_per_m : float
    capsule_um : float
        Thickness of the capsule around it, which conducts as the one within the electrode.

    Raises
    ------
    InputError
        A number that is not above 0.

    Examples
    --------
    >>> Pocket(film_um=100.0, fluid_s_per_m=1.76, capsule_um=250.0).reach_um
    350.0
    """

    film_um: float
    fluid_s_per_m: float
    capsule_um: float

    def __post_init__(self) -> None:
        demand_positive(film_um=self.film_um, fluid_s_per_m=self.fluid_s_per_m, capsule_um=self.capsule_um)

    @property
    def reach_um(self) -> float:
        """From the electrode's outer face to what lies around."""
        return self.film_um + self.capsule_um


@dataclass(frozen=True, slots=True, kw_only=True)
class NerveTissue:
    """What a nerve and the tissue around its cuff conduct.

    Parameters
    ----------
    endoneurium_along_s_per_m, endoneurium_across_s_per_m : float
    perineurium_ohm_m : float
        Resistivity; times the thickness it is the sheet around each fascicle.
    epineurium_s_per_m : float
    capsule_s_per_m : float
        Tissue or fluid between nerve and electrode, and between turns of a helix.
    around_s_per_m : float or (sx, sy, sz)
        Of all that lies outside; z is along the nerve.
    sources : tuple of Source
    pocket : Pocket, optional
        Fluid at the electrode; without it the capsule touches it.

    Raises
    ------
    InputError
        A number that is not above 0.
    """

    endoneurium_along_s_per_m: float
    endoneurium_across_s_per_m: float
    perineurium_ohm_m: float
    epineurium_s_per_m: float
    capsule_s_per_m: float
    around_s_per_m: float | tuple[float, float, float]
    sources: tuple[Source, ...] = ()
    pocket: Pocket | None = None

    def __post_init__(self) -> None:
        sx, sy, sz = axes_s_per_m(self.around_s_per_m)
        demand_positive(
            endoneurium_along_s_per_m=self.endoneurium_along_s_per_m, perineurium_ohm_m=self.perineurium_ohm_m,
            endoneurium_across_s_per_m=self.endoneurium_across_s_per_m, capsule_s_per_m=self.capsule_s_per_m,
            epineurium_s_per_m=self.epineurium_s_per_m,
            around_x_s_per_m=sx, around_y_s_per_m=sy, around_z_s_per_m=sz,
        )  # fmt: skip


def nerve_tissue(around: Around) -> NerveTissue:
    """Published conductivities of a nerve, of the capsule in its electrode and of what lies around, with their sources.

    Parameters
    ----------
    around : {"muscle", "fat", "saline"}
        No default: what surrounds a cuff in the neck is not one tissue.

    Raises
    ------
    InputError
        Another word.

    Examples
    --------
    >>> nerve_tissue("muscle").around_s_per_m
    (0.086, 0.086, 0.35)
    """
    if around not in ("muscle", "fat", "saline"):
        raise InputError(
            Problem(what="no such tissue around a nerve", found=f'"{around}"',
                    allowed=nearest(around, ("muscle", "fat", "saline")))
        )  # fmt: skip
    known = {key: medium(key) for key in ("endoneurium_along", "endoneurium_across")}
    known |= {key: nerve_medium(key) for key in ("perineurium", "epineurium", "capsule", around)}
    outer = _rows()[around]
    return NerveTissue(
        endoneurium_along_s_per_m=known["endoneurium_along"].value,
        endoneurium_across_s_per_m=known["endoneurium_across"].value,
        perineurium_ohm_m=known["perineurium"].value,
        epineurium_s_per_m=known["epineurium"].value,
        capsule_s_per_m=known["capsule"].value,
        around_s_per_m=(outer.value, outer.value, outer.along) if outer.along else outer.value,
        sources=tuple(dict.fromkeys(one.source for one in known.values())),
    )
