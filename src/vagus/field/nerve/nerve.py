"""The cross-section of a nerve as a noun, and what makes one impossible."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from vagus.errors import InputError, Problem
from vagus.field.nerve import ring
from vagus.source import Known, Source

FloatArray = NDArray[np.float64]

# nerves that carry fascicles are wider and narrower than that; a slip of units is a thousandfold
LEAST_UM, MOST_UM = 50.0, 15000.0
LEAST_FASCICLE_UM = 10.0
# of species whose nerve is known narrower: a slip of ten shows
SPECIES_UM = {"human": (500.0, 8000.0), "pig": (500.0, 8000.0), "rat": (LEAST_UM, 900.0)}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fascicle:
    """One fascicle: its endoneurium, and the perineurium around it.

    Parameters
    ----------
    label : str
    outline_um : (n, 2) array
        Corners of the endoneurium, x and y; the last is joined to the first. Kept read-only, against the clock.
    perineurium_um : float
        Thickness of the perineurium.

    Raises
    ------
    InputError
        Fewer than three corners, corners that are not finite, or an outline that crosses itself.

    Examples
    --------
    >>> Fascicle(label="1", outline_um=np.array([[0, 0], [400, 0], [400, 300.0]]), perineurium_um=25.0).area_um2
    60000.0
    """

    label: str
    outline_um: FloatArray
    perineurium_um: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "outline_um", outline_of(self.outline_um, f"fascicle {self.label}"))
        if not (math.isfinite(self.perineurium_um) and self.perineurium_um > 0.0):
            raise InputError(
                Problem(what="perineurium_um is out of range", where=f"fascicle {self.label}",
                        found=f"{self.perineurium_um}", allowed="a finite number above 0")
            )  # fmt: skip

    @property
    def area_um2(self) -> float:
        """Area of the endoneurium (µm²)."""
        return ring.area(self.outline_um)

    @property
    def diameter_um(self) -> float:
        """Diameter of the circle of the same area."""
        return 2.0 * math.sqrt(self.area_um2 / math.pi)

    @property
    def center_um(self) -> FloatArray:
        """Center of its area: x, y."""
        return ring.center(self.outline_um)

    def sheet_ohm_m2(self, perineurium_ohm_m: float) -> float:
        """Resistance of the perineurium as a sheet: its thickness times its resistivity (Ω m²).

        Examples
        --------
        >>> round(Fascicle(label="1", outline_um=ring.circle(0, 0, 250), perineurium_um=29.0).sheet_ohm_m2(1149.0), 4)
        0.0333
        """
        return 1e-6 * self.perineurium_um * perineurium_ohm_m


@dataclass(frozen=True, slots=True, kw_only=True)
class FiberCount:
    """How many fibers of one kind a nerve has.

    Parameters
    ----------
    key : {"myelinated", "unmyelinated"}
    count : Known
        This nerve's number, with the range over which published counts leave it open.
    """

    key: str
    count: Known


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Nerve:
    """Cross-section of a nerve: its outline, its fascicles, and its fibers by kind.

    Parameters
    ----------
    species : str
    outline_um : (n, 2) array
        Corners of the epineurium's outside.
    fascicles : tuple of Fascicle
    fibers : tuple of FiberCount
        Empty where no count may be told.
    sources : tuple of Source
    note : str
        What was chosen or assumed.

    Raises
    ------
    InputError
        An outline that crosses itself, fascicles that leave the nerve, cross or lie in each other, or sizes that no
        nerve has (units); every problem with its place.

    Examples
    --------
    >>> nerve = Nerve(
    ...     species="human",
    ...     outline_um=ring.circle(0, 0, 1000),
    ...     fascicles=(Fascicle(label="1", outline_um=ring.circle(300, 0, 250), perineurium_um=29.0),),
    ... )
    >>> round(nerve.diameter_um), round(nerve.fill_pct, 2)
    (2000, 6.25)
    """

    species: str
    outline_um: FloatArray
    fascicles: tuple[Fascicle, ...]
    fibers: tuple[FiberCount, ...] = ()
    sources: tuple[Source, ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "outline_um", outline_of(self.outline_um, "nerve"))
        problems = [*self._sizes()] or [*self._outside(), *self._together()]
        if problems:
            raise InputError(problems)

    @property
    def diameter_um(self) -> float:
        """Diameter of the circle of the same area."""
        return 2.0 * math.sqrt(ring.area(self.outline_um) / math.pi)

    @property
    def fill_pct(self) -> float:
        """Share of the nerve's area that is endoneurium."""
        return 100.0 * math.fsum(f.area_um2 for f in self.fascicles) / ring.area(self.outline_um)

    def moved(self, *, x_um: float, y_um: float) -> Nerve:
        """The same cross-section elsewhere.

        Examples
        --------
        >>> one = Fascicle(label="1", outline_um=ring.circle(300, 0, 250), perineurium_um=29.0)
        >>> nerve = Nerve(species="human", outline_um=ring.circle(0, 0, 1000), fascicles=(one,))
        >>> nerve.moved(x_um=-300.0, y_um=50.0).fascicles[0].center_um.round(1).tolist()
        [0.0, 50.0]
        """
        by = np.array([x_um, y_um])
        fascicles = tuple(replace(one, outline_um=one.outline_um + by) for one in self.fascicles)
        return replace(self, outline_um=self.outline_um + by, fascicles=fascicles)

    def count_in(self, fascicle: Fascicle, key: str) -> float:
        """Fibers of a kind in a fascicle: they are taken to lie evenly over all endoneurium.

        Raises
        ------
        InputError
            No count of that kind.
        """
        found = next((one for one in self.fibers if one.key == key), None)
        if found is None:
            raise InputError(
                Problem(what="no count of these fibers", found=f'"{key}"',
                        allowed=", ".join(one.key for one in self.fibers) or "none: this nerve's counts are not known")
            )  # fmt: skip
        return found.count.value * fascicle.area_um2 / math.fsum(f.area_um2 for f in self.fascicles)

    def _sizes(self) -> list[Problem]:
        low, high = SPECIES_UM.get(self.species, (LEAST_UM, MOST_UM))
        sized = [("nerve", self.diameter_um, low)]
        sized += [(f"fascicle {f.label}", f.diameter_um, LEAST_FASCICLE_UM) for f in self.fascicles]
        return [
            Problem(what="no nerve has this size", where=where, found=f"diameter {size:.3g} µm",
                    allowed=f"{least:g} to {high:g} µm",
                    why=f"of the {self.species}; are the units right? coordinates are in µm")
            for where, size, least in sized
            if not least <= size <= high
        ]  # fmt: skip

    def _outside(self) -> list[Problem]:
        problems: list[Problem] = []
        for f in self.fascicles:
            out = ~ring.holds(self.outline_um, f.outline_um)
            place = f.outline_um[out][0] if out.any() else ring.crossing(f.outline_um, self.outline_um)
            if place is not None:
                problems.append(
                    Problem(what="fascicle leaves the nerve", where=f"fascicle {f.label}, at {told(place)}",
                            allowed="fascicles within the outline of the nerve")
                )  # fmt: skip
        return problems

    def _together(self) -> list[Problem]:
        problems: list[Problem] = []
        for a, b in combinations(self.fascicles, 2):
            place = ring.crossing(a.outline_um, b.outline_um)
            for one, other in ((a, b), (b, a)):
                if place is None and ring.holds(other.outline_um, one.outline_um[:1])[0]:
                    place = one.outline_um[0]
            if place is None and _alike(a, b):
                place = a.outline_um[0]
            if place is not None:
                problems.append(
                    Problem(what="two fascicles overlap", where=f"fascicles {a.label} and {b.label}, at {told(place)}",
                            allowed="fascicles apart from each other")
                )  # fmt: skip
        return problems


def _alike(a: Fascicle, b: Fascicle) -> bool:
    """Is it one outline twice? Its edges then lie on each other and cross nowhere."""
    near_um = 1e-3 * min(a.diameter_um, b.diameter_um)
    return bool(np.hypot(*(a.center_um - b.center_um)) < near_um and abs(a.diameter_um - b.diameter_um) < near_um)


def outline_of(corners: object, where: str) -> FloatArray:
    """Corners of an outline as a read-only array against the clock, repeated ones dropped.

    Raises
    ------
    InputError
        What cannot be an outline, with the place.
    """
    try:
        found = np.array(corners, dtype=np.float64)
    except (TypeError, ValueError):
        found = np.empty((0, 0))
    if found.ndim != 2 or found.shape[1] != 2 or not np.all(np.isfinite(found)):
        raise InputError(Problem(what="not an outline", where=where, allowed="finite x and y of each corner"))
    found = found[np.any(found != np.roll(found, 1, axis=0), axis=1)]
    place = ring.crossing(found) if len(found) > 3 else None
    if place is not None:
        raise InputError(
            Problem(
                what="outline crosses itself", where=f"{where}, at {told(place)}", allowed="a simple closed outline"
            )
        )
    if len(found) < 3 or ring.area(found) == 0.0:
        raise InputError(
            Problem(
                what="outline holds no area",
                where=where,
                found=f"{len(found)} corners",
                allowed="three or more, not in one line",
            )
        )
    if ring.area(found) < 0.0:
        found = found[::-1].copy()
    found.flags.writeable = False
    return found


def told(place: FloatArray) -> str:
    """A place in words."""
    return f"x = {place[0]:.4g} µm, y = {place[1]:.4g} µm"
