"""Media whose potentials are known in closed form: nouns that say where tissue ends, and how well it conducts."""

from __future__ import annotations

import math
from dataclasses import dataclass

from vagus.errors import InputError, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """Tissue without end, isotropic or with its axes along x, y and z.

    Parameters
    ----------
    sigma_s_per_m : float or (sx, sy, sz)
    """

    sigma_s_per_m: float | tuple[float, float, float]

    def __post_init__(self) -> None:
        sx, sy, sz = axes_s_per_m(self.sigma_s_per_m)
        demand_positive(sigma_x_s_per_m=sx, sigma_y_s_per_m=sy, sigma_z_s_per_m=sz)


@dataclass(frozen=True, slots=True, kw_only=True)
class HalfSpace:
    """Tissue below a plane at z = 0; z is the depth.

    Parameters
    ----------
    sigma_s_per_m : float or (sx, sy, sz)
        Of the tissue, z > 0.
    sigma_beyond_s_per_m : float
        Of what lies at z < 0: 0 an insulator (air, silicone), infinite a conductor at 0 mV. Between the two only
        beside isotropic tissue.

    Raises
    ------
    InputError
        A conductivity out of range, or anisotropic tissue beside a conducting one.
    """

    sigma_s_per_m: float | tuple[float, float, float]
    sigma_beyond_s_per_m: float = 0.0

    def __post_init__(self) -> None:
        sx, sy, sz = axes_s_per_m(self.sigma_s_per_m)
        demand_positive(sigma_x_s_per_m=sx, sigma_y_s_per_m=sy, sigma_z_s_per_m=sz)
        beyond = self.sigma_beyond_s_per_m
        if not beyond >= 0.0:
            raise InputError(
                Problem(what="sigma_beyond_s_per_m is out of range", found=f"{beyond}", allowed="0 or more, or inf")
            )
        if 0.0 < beyond < math.inf and not sx == sy == sz:
            raise InputError(
                Problem(
                    what="no closed form for anisotropic tissue beside another one", found=f"{beyond:g} S/m beyond",
                    allowed="sigma_beyond_s_per_m of 0 or inf, or one conductivity for the tissue",
                )
            )  # fmt: skip

    @property
    def mirror(self) -> float:
        """Strength of the image: 1 behind an insulator, -1 behind a conductor."""
        beyond = self.sigma_beyond_s_per_m
        if math.isinf(beyond):
            return -1.0
        inside = axes_s_per_m(self.sigma_s_per_m)[0]
        return (inside - beyond) / (inside + beyond)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layers:
    """Flat layers under an insulated surface at z = 0, the last one without end; z is the depth.

    Parameters
    ----------
    thickness_um : tuple of float
        Of each layer but the last.
    sigma_s_per_m : tuple of float
        Of each layer, from the surface down: one more than there are thicknesses.

    Raises
    ------
    InputError
        Numbers that are not above 0, or that do not fit each other.

    Examples
    --------
    >>> Layers(thickness_um=(1500.0, 4000.0), sigma_s_per_m=(0.17, 0.025, 0.34)).tops_um
    (0.0, 1500.0, 5500.0)
    """

    thickness_um: tuple[float, ...]
    sigma_s_per_m: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.sigma_s_per_m) != len(self.thickness_um) + 1:
            raise InputError(
                Problem(
                    what="layers do not fit",
                    found=f"{len(self.thickness_um)} thicknesses, {len(self.sigma_s_per_m)} conductivities",
                    allowed="one conductivity more than thicknesses: the last layer has no end",
                )
            )
        demand_positive(
            **{f"thickness_um[{k}]": value for k, value in enumerate(self.thickness_um)},
            **{f"sigma_s_per_m[{k}]": value for k, value in enumerate(self.sigma_s_per_m)},
        )

    @property
    def tops_um(self) -> tuple[float, ...]:
        """Depth at which each layer begins."""
        return tuple(math.fsum(self.thickness_um[:k]) for k in range(len(self.sigma_s_per_m)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Spheres:
    """Shells around a ball at the origin, the outermost surface at 0 mV.

    Parameters
    ----------
    radius_um : tuple of float
        Outer radius of each shell, rising; the last may be infinite.
    sigma_s_per_m : tuple of float
        Of each shell.
    sheet_ohm_m2 : tuple of float
        Resistance of a thin sheet at the outside of each shell, as a perineurium; empty for none.

    Raises
    ------
    InputError
        Radii that do not rise, numbers out of range, or that do not fit each other.
    """

    radius_um: tuple[float, ...]
    sigma_s_per_m: tuple[float, ...]
    sheet_ohm_m2: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        n = len(self.radius_um)
        if n == 0 or len(self.sigma_s_per_m) != n or len(self.sheet_ohm_m2) not in {0, n}:
            raise InputError(
                Problem(
                    what="shells do not fit", allowed="as many conductivities as radii, and as many sheets or none",
                    found=f"{n} radii, {len(self.sigma_s_per_m)} conductivities, {len(self.sheet_ohm_m2)} sheets",
                )
            )  # fmt: skip
        demand_positive(**{f"sigma_s_per_m[{k}]": value for k, value in enumerate(self.sigma_s_per_m)})
        demand_shells(self.radius_um, self.sheet_ohm_m2)


def axes_s_per_m(sigma_s_per_m: float | tuple[float, float, float]) -> tuple[float, float, float]:
    """Conductivity along x, y and z."""
    if isinstance(sigma_s_per_m, tuple):
        return sigma_s_per_m
    return sigma_s_per_m, sigma_s_per_m, sigma_s_per_m


def demand_shells(radius_um: tuple[float, ...], sheet_ohm_m2: tuple[float, ...]) -> None:
    """Raise `InputError` where a sheet's resistance is negative or not finite, or radii do not rise from 0."""
    if any(not (math.isfinite(value) and value >= 0.0) for value in sheet_ohm_m2):
        raise InputError(Problem(what="sheet_ohm_m2 is out of range", found=f"{sheet_ohm_m2}", allowed="0 or more"))
    if not all(a < b for a, b in zip((0.0, *radius_um), radius_um, strict=False)):
        raise InputError(
            Problem(what="radii do not rise", found=f"{radius_um}", allowed="numbers above 0, each larger")
        )


def demand_positive(**values: float) -> None:
    """Raise `InputError` that names each value which is not a finite number above 0."""
    problems = [
        Problem(what=f"{name} is out of range", found=f"{value}", allowed="a finite number above 0")
        for name, value in values.items()
        if not (math.isfinite(value) and value > 0)
    ]
    if problems:
        raise InputError(problems)
