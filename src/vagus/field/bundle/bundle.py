"""The noun of a nerve of several round fascicles in the sleeve of an electrode."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import combinations, pairwise

from vagus.errors import InputError, Problem
from vagus.field.electrode.contact import demand_finite
from vagus.field.medium.space import demand_positive
from vagus.field.nerve import ring
from vagus.field.nerve.nerve import Nerve


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """Round fascicles in a round epineurium, within a sleeve of tissue on whose outside the contacts lie.

    All runs straight along z, without end. Outside the sleeve lies one medium, or an insulating wall; tubes of
    insulation may lie on the sleeve where there is no wall.

    Parameters
    ----------
    x_um, y_um, radius_um : tuple of float
        Middle and radius of each fascicle's endoneurium.
    sheet_ohm_m2 : tuple of float
        Resistance of each perineurium as a thin sheet.
    along_s_per_m, across_s_per_m : float
        Endoneurium.
    epineurium_um, epineurium_s_per_m : float
        Radius of the nerve, and its conductivity between fascicles.
    sleeve_um, sleeve_s_per_m : float
        Radius on which the contacts lie, and what fills the room from the nerve to it.
    around_s_per_m : float
        Outside the sleeve and its shells; 0 for an insulating wall.
    tubes_um : tuple of (z_um, length_um)
        Closed tubes of insulation on the sleeve.
    film_um, film_s_per_m : float
        Thickness of a layer of its own (fluid) within the sleeve, beside the contacts; 0 for none.
    shells : tuple of (radius_um, s_per_m)
        Layers outside the sleeve, from within outward, each up to its radius; none around a wall.

    Raises
    ------
    InputError
        Fascicles that overlap or leave the nerve, numbers out of range, or tubes on a wall or over each other.

    Examples
    --------
    >>> nerve = Bundle(
    ...     x_um=(-300.0, 350.0), y_um=(0.0, 0.0), radius_um=(250.0, 200.0), sheet_ohm_m2=(0.0333, 0.029),
    ...     along_s_per_m=0.571, across_s_per_m=0.167, epineurium_um=900.0, epineurium_s_per_m=0.159,
    ...     sleeve_um=1000.0, sleeve_s_per_m=0.159, around_s_per_m=0.1, tubes_um=((0.0, 4300.0),),
    ... )
    >>> nerve.walled
    False
    """  # fmt: skip

    x_um: tuple[float, ...]
    y_um: tuple[float, ...]
    radius_um: tuple[float, ...]
    sheet_ohm_m2: tuple[float, ...]
    along_s_per_m: float
    across_s_per_m: float
    epineurium_um: float
    epineurium_s_per_m: float
    sleeve_um: float
    sleeve_s_per_m: float
    around_s_per_m: float
    tubes_um: tuple[tuple[float, float], ...] = ()
    film_um: float = 0.0
    film_s_per_m: float = 0.0
    shells: tuple[tuple[float, float], ...] = ()

    def __post_init__(self) -> None:
        demand_positive(
            along_s_per_m=self.along_s_per_m, across_s_per_m=self.across_s_per_m, epineurium_um=self.epineurium_um,
            epineurium_s_per_m=self.epineurium_s_per_m, sleeve_um=self.sleeve_um, sleeve_s_per_m=self.sleeve_s_per_m,
            **{f"radius_um[{k}]": value for k, value in enumerate(self.radius_um)},
        )  # fmt: skip
        demand_finite(**{f"x_um[{k}]": v for k, v in enumerate(self.x_um)})
        demand_finite(**{f"y_um[{k}]": v for k, v in enumerate(self.y_um)})
        n = len(self.radius_um)
        if n == 0 or not len(self.x_um) == len(self.y_um) == len(self.sheet_ohm_m2) == n:
            raise InputError(
                Problem(what="fascicles do not fit", allowed="one or more, each with x, y, radius and sheet",
                        found=f"{len(self.x_um)} x, {len(self.y_um)} y, {n} radii, {len(self.sheet_ohm_m2)} sheets")
            )  # fmt: skip
        problems = [*self._sizes(), *self._layers(), *self._places(), *self._tubes()]
        if problems:
            raise InputError(problems)

    @staticmethod
    def of(
        nerve: Nerve,
        *,
        perineurium_ohm_m: float,
        along_s_per_m: float,
        across_s_per_m: float,
        epineurium_s_per_m: float,
        sleeve_um: float,
        sleeve_s_per_m: float,
        around_s_per_m: float,
        tubes_um: tuple[tuple[float, float], ...] = (),
        film_um: float = 0.0,
        film_s_per_m: float = 0.0,
        shells: tuple[tuple[float, float], ...] = (),
    ) -> Bundle:
        """A nerve's cross-section with each outline as the circle of its area, moved so that the nerve's is at 0.

        Raises
        ------
        InputError
            As the noun; circles that overlap though outlines did not.
        """
        places = [one.center_um - ring.center(nerve.outline_um) for one in nerve.fascicles]
        return Bundle(
            x_um=tuple(float(p[0]) for p in places), y_um=tuple(float(p[1]) for p in places),
            radius_um=tuple(one.diameter_um / 2.0 for one in nerve.fascicles),
            sheet_ohm_m2=tuple(one.sheet_ohm_m2(perineurium_ohm_m) for one in nerve.fascicles),
            along_s_per_m=along_s_per_m, across_s_per_m=across_s_per_m, epineurium_um=nerve.diameter_um / 2.0,
            epineurium_s_per_m=epineurium_s_per_m, sleeve_um=sleeve_um, sleeve_s_per_m=sleeve_s_per_m,
            around_s_per_m=around_s_per_m, tubes_um=tubes_um, film_um=film_um, film_s_per_m=film_s_per_m, shells=shells,
        )  # fmt: skip

    @property
    def walled(self) -> bool:
        """Whether an insulating wall lies around the whole sleeve."""
        return self.around_s_per_m == 0.0

    @property
    def layers(self) -> tuple[tuple[float, float, float], ...]:
        """What lies between the nerve and the contacts: inner and outer radius (µm) and conductivity (S/m) of each."""
        inside_um = self.sleeve_um - self.film_um
        sleeve = (self.epineurium_um, inside_um, self.sleeve_s_per_m)
        return (sleeve, (inside_um, self.sleeve_um, self.film_s_per_m)) if self.film_um else (sleeve,)

    @property
    def along_s_m(self) -> float:
        """Conductance of a meter of all within the sleeve along z (S m)."""
        inner = math.fsum(r * r for r in self.radius_um)
        return 1e-12 * math.pi * (
            self.along_s_per_m * inner + self.epineurium_s_per_m * (self.epineurium_um**2 - inner)
            + math.fsum(sigma * (high**2 - low**2) for low, high, sigma in self.layers)
        )  # fmt: skip

    def _sizes(self) -> list[Problem]:
        problems: list[Problem] = []
        if any(not (math.isfinite(value) and value >= 0.0) for value in (*self.sheet_ohm_m2, self.around_s_per_m)):
            problems.append(
                Problem(what="a sheet's resistance or around_s_per_m is out of range", allowed="finite, 0 or more")
            )
        if self.sleeve_um <= self.epineurium_um:
            problems.append(
                Problem(what="the nerve does not fit into the sleeve", found=f"radius {self.epineurium_um:g} µm",
                        allowed=f"below {self.sleeve_um:g} µm")
            )  # fmt: skip
        return problems

    def _layers(self) -> list[Problem]:
        problems: list[Problem] = []
        room_um = self.sleeve_um - self.epineurium_um
        if self.film_um and not (0.0 < self.film_um < room_um and 0.0 < self.film_s_per_m < math.inf):
            problems.append(
                Problem(what="the film does not fit into the sleeve", found=f"{self.film_um:g} µm",
                        allowed=f"0 for none, or below {room_um:g} µm and of a conductivity above 0")
            )  # fmt: skip
        edges = [self.sleeve_um, *(radius for radius, _ in self.shells)]
        conducts = all(math.isfinite(r) and 0.0 < sigma < math.inf for r, sigma in self.shells)
        if not (conducts and all(b > a for a, b in pairwise(edges))):
            problems.append(
                Problem(what="shells are out of order", found=f"{self.shells}",
                        allowed="rising radii beyond the sleeve, conductivities above 0")
            )  # fmt: skip
        if self.shells and self.walled:
            problems.append(Problem(what="shells lie around a wall", allowed="shells, or around_s_per_m = 0"))
        return problems

    def _places(self) -> list[Problem]:
        round_ = list(zip(self.x_um, self.y_um, self.radius_um, strict=True))
        problems = [
            Problem(what="fascicle leaves the nerve", where=f"fascicle {k + 1}",
                    found=f"reaches {math.hypot(x, y) + r:.4g} µm", allowed=f"below {self.epineurium_um:.4g} µm")
            for k, (x, y, r) in enumerate(round_)
            if math.hypot(x, y) + r >= self.epineurium_um
        ]  # fmt: skip
        problems += [
            Problem(what="two fascicles overlap as circles", where=f"fascicles {i + 1} and {j + 1}",
                    allowed="circles apart from each other", why="each outline counts as the circle of its area")
            for (i, a), (j, b) in combinations(enumerate(round_), 2)
            if math.hypot(a[0] - b[0], a[1] - b[1]) <= a[2] + b[2]
        ]  # fmt: skip
        return problems

    def _tubes(self) -> list[Problem]:
        if not self.tubes_um:
            return []
        if self.walled:
            return [Problem(what="tubes lie on a wall", allowed="tubes, or around_s_per_m = 0")]
        ends = sorted((z - length / 2.0, z + length / 2.0) for z, length in self.tubes_um)
        apart = all(b[0] > a[1] for a, b in pairwise(ends))
        if not (apart and all(math.isfinite(z) and length > 0.0 for z, length in self.tubes_um)):
            return [Problem(what="tubes are out of order", found=f"{self.tubes_um}", allowed="apart, lengths above 0")]
        return []


def rounded(nerve: Nerve) -> Nerve:
    """The same nerve with each outline as the circle of its area, as a `Bundle` takes it.

    Raises
    ------
    InputError
        Circles that overlap or leave the nerve though outlines did not; finite elements take any outline.

    Examples
    --------
    >>> import numpy as np
    >>> from vagus.field import Fascicle
    >>> oval = np.array([[400.0, 0.0], [0.0, 200.0], [-400.0, 0.0], [0.0, -200.0]])
    >>> nerve = Nerve(
    ...     species="human",
    ...     outline_um=ring.circle(0.0, 0.0, 900.0),
    ...     fascicles=(Fascicle(label="1", outline_um=oval, perineurium_um=25.0),),
    ... )
    >>> round(float(np.hypot(*rounded(nerve).fascicles[0].outline_um.T).max()))
    226
    """
    x, y = ring.center(nerve.outline_um)
    return replace(
        nerve, outline_um=ring.circle(x, y, nerve.diameter_um / 2.0, n=128),
        fascicles=tuple(
            replace(one, outline_um=ring.circle(float(x), float(y), one.diameter_um / 2.0))
            for one, (x, y) in zip(nerve.fascicles, [one.center_um for one in nerve.fascicles], strict=True)
        ),
        note="; ".join(part for part in (nerve.note, "each outline as the circle of its area") if part),
    )  # fmt: skip
