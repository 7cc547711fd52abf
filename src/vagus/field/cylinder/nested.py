"""The noun of nested cylinders."""

from __future__ import annotations

import math
from dataclasses import dataclass

from vagus.errors import InputError, Problem
from vagus.field.medium.space import demand_positive, demand_shells


@dataclass(frozen=True, slots=True, kw_only=True)
class Cylinder:
    """Shells around the z axis without end along it, each with its conductivity along and across.

    A nerve of one fascicle in a cuff: endoneurium, its perineurium as a sheet, epineurium or saline up to the wall.

    Parameters
    ----------
    radius_um : tuple of float
        Outer radius of each shell, rising. The last is an insulating wall; infinite for none.
    along_s_per_m, across_s_per_m : tuple of float
        Of each shell.
    sheet_ohm_m2 : tuple of float
        Resistance of a thin sheet at the outside of each shell but the last; empty for none.

    Raises
    ------
    InputError
        Radii that do not rise, numbers out of range, or that do not fit each other.

    Examples
    --------
    >>> nerve = Cylinder(
    ...     radius_um=(250.0, 1000.0),
    ...     along_s_per_m=(0.571, 0.159),
    ...     across_s_per_m=(0.167, 0.159),
    ...     sheet_ohm_m2=(0.0333,),
    ... )
    >>> nerve.walled
    True
    """

    radius_um: tuple[float, ...]
    along_s_per_m: tuple[float, ...]
    across_s_per_m: tuple[float, ...]
    sheet_ohm_m2: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        n = len(self.radius_um)
        fits = n > 0 and len(self.along_s_per_m) == len(self.across_s_per_m) == n
        if not fits or len(self.sheet_ohm_m2) not in {0, n - 1}:
            raise InputError(
                Problem(
                    what="shells do not fit", allowed="as many conductivities as radii; one sheet fewer, or none",
                    found=f"{n} radii, {len(self.along_s_per_m)} along, {len(self.across_s_per_m)} across, "
                    f"{len(self.sheet_ohm_m2)} sheets",
                )
            )  # fmt: skip
        for k in range(n):
            demand_positive(
                **{f"along_s_per_m[{k}]": self.along_s_per_m[k], f"across_s_per_m[{k}]": self.across_s_per_m[k]}
            )
        demand_shells(self.radius_um, self.sheet_ohm_m2)

    @property
    def walled(self) -> bool:
        """Whether the last shell ends at an insulating wall."""
        return math.isfinite(self.radius_um[-1])

    @property
    def along_s_m(self) -> float:
        """Conductance of a meter of all shells along z (S m); infinite without a wall."""
        inner = (0.0, *self.radius_um[:-1])
        areas = (math.pi * 1e-12 * (b * b - a * a) for a, b in zip(inner, self.radius_um, strict=True))
        return math.fsum(s * area for s, area in zip(self.along_s_per_m, areas, strict=True))
