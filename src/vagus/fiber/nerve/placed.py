"""Fibers placed in the fascicles of a nerve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from vagus.errors import InputError, Problem, nearest
from vagus.fiber.axon import Fiber
from vagus.fiber.membrane import membrane
from vagus.fiber.population import FiberClass, population
from vagus.field import Field, Nerve, draw_places

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

# sections of unmyelinated fibers, and how far a fiber reaches to each side of z = 0
SECTION_UM = 50.0
HALF_MYELINATED_UM, HALF_UNMYELINATED_UM = 20_000.0, 12_000.0
# places at which a field is asked for at once
PLACES = 500_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlacedFibers:
    """Fibers of some classes at places in fascicles: one entry a fiber.

    Parameters
    ----------
    classes : tuple of FiberClass
    class_index, fascicle_index : (n,) array of int
        Into `classes` and the nerve's fascicles.
    x_um, y_um : (n,) array
    diameter_um : (n,) array
    shift : (n,) array
        How far along z the fiber's middle lies from 0, as a share of an internode.
    share : (n,) array
        What part of its class in the whole nerve a fiber stands for: fibers lie evenly over all endoneurium.
    """

    classes: tuple[FiberClass, ...]
    class_index: IntArray
    fascicle_index: IntArray
    x_um: FloatArray
    y_um: FloatArray
    diameter_um: FloatArray
    shift: FloatArray
    share: FloatArray

    def __post_init__(self) -> None:
        for name in ("class_index", "fascicle_index", "x_um", "y_um", "diameter_um", "shift", "share"):
            array = np.array(getattr(self, name))
            array.setflags(write=False)
            object.__setattr__(self, name, array)

    @property
    def size(self) -> int:
        """How many fibers there are."""
        return int(self.x_um.size)

    def class_number(self, key: str) -> int:
        """Number of a class.

        Raises
        ------
        InputError
            None of these fibers is of that class.
        """
        keys = [one.key for one in self.classes]
        if key not in keys:
            raise InputError(Problem(what="no fibers of this class", found=f'"{key}"', allowed=nearest(key, keys)))
        return keys.index(key)

    def built(self) -> list[Fiber]:
        """Cables, in the same order."""
        found = []
        for c, diameter in zip(self.class_index, self.diameter_um, strict=True):
            data = membrane(self.classes[c].model)
            jumps = data.kind == "myelinated"
            half_um, section_um = (HALF_MYELINATED_UM, None) if jumps else (HALF_UNMYELINATED_UM, SECTION_UM)
            found.append(Fiber.of(data, diameter_um=float(diameter), length_um=2.0 * half_um, section_um=section_um))
        return found

    def basis_mv_per_ma(self, field: Field, fibers: Sequence[Fiber]) -> list[FloatArray]:
        """Of each fiber, each contact's potential at its compartments: (n_contact, n_compartment)."""
        along = [self._along(fiber, shift) for fiber, shift in zip(fibers, self.shift, strict=True)]
        return along_lines(field, self.x_um, self.y_um, along)

    @staticmethod
    def _along(fiber: Fiber, shift: float) -> FloatArray:
        pitch_um = float(fiber.z_um[-1]) / (fiber.n_node - 1)
        return np.asarray(fiber.z_um - float(fiber.z_um[-1]) / 2.0 + pitch_um * shift, dtype=np.float64)


def along_lines(field: Field, x_um: FloatArray, y_um: FloatArray, z_um: Sequence[FloatArray]) -> list[FloatArray]:
    """Of each line along z, each contact's potential at its places: (n_contact, n_place); many lines a call."""
    sizes = np.array([z.size for z in z_um])
    found: list[FloatArray] = []
    for rows in np.split(np.arange(sizes.size), np.flatnonzero(np.diff(np.cumsum(sizes) // PLACES)) + 1):
        flat = field.mv_per_ma(
            x_um=np.repeat(x_um[rows], sizes[rows]), y_um=np.repeat(y_um[rows], sizes[rows]),
            z_um=np.concatenate([z_um[row] for row in rows]),
        )  # fmt: skip
        found += np.split(flat, np.cumsum(sizes[rows])[:-1], axis=1)
    return found


def place_fibers(
    nerve: Nerve,
    per_fascicle: Mapping[str, int],
    *,
    rng: np.random.Generator,
    site: str = "cervical_left",
    fascicles: Sequence[int] | None = None,
) -> PlacedFibers:
    """Fibers at random places, even over each fascicle's endoneurium.

    Diameters are drawn evenly in their rank, so that a few cover the distribution; each class's is that of the site's
    population.

    Parameters
    ----------
    nerve : Nerve
    per_fascicle : mapping of class to int
        Fibers of each class in each fascicle; keys as in ``population(site).classes``.
    rng : numpy.random.Generator
    site : str
        Whose population.
    fascicles : sequence of int, optional
        Numbers of the fascicles that hold fibers, from 0; without it, all.

    Raises
    ------
    InputError
        A class that the site does not have, a number below 1, or a fascicle that the nerve does not have.

    Examples
    --------
    >>> from vagus.field import draw_nerve
    >>> nerve = draw_nerve("human", side="left", unmyelinated=None, rng=np.random.default_rng(1))
    >>> placed = place_fibers(nerve, {"a_beta": 10, "b": 5}, rng=np.random.default_rng(1))
    >>> placed.size, round(float(placed.share.sum()), 6)
    (105, 2.0)
    """
    known = {one.key: one for one in population(site).classes}
    which = list(range(len(nerve.fascicles))) if fascicles is None else list(fascicles)
    problems = [
        Problem(what="no such class of fibers", found=f'"{key}"', allowed=nearest(key, known))
        for key in per_fascicle
        if key not in known
    ] + [
        Problem(what=f"number of {key} is too small", found=f"{n}", allowed="1 or more")
        for key, n in per_fascicle.items()
        if n < 1
    ]
    if not per_fascicle or not which or any(not 0 <= f < len(nerve.fascicles) for f in which):
        problems.append(
            Problem(what="nothing to place, or no such fascicle", found=f"classes {list(per_fascicle)}, "
                    f"fascicles {which}", allowed=f"a class or more, fascicles 0 to {len(nerve.fascicles) - 1}")
        )  # fmt: skip
    if problems:
        raise InputError(problems)
    areas = np.array([nerve.fascicles[f].area_um2 for f in which])
    parts: list[tuple[IntArray, FloatArray]] = []
    for c, (key, n) in enumerate(per_fascicle.items()):
        for f, area in zip(which, areas, strict=True):
            places = draw_places(nerve.fascicles[f], n, rng=rng)
            numbers = np.column_stack([
                places, _diameters_um(known[key], n, rng), rng.uniform(-0.5, 0.5, n), np.full(n, area / areas.sum() / n)
            ])  # fmt: skip
            parts.append((np.tile(np.array([[c, f]], dtype=np.int64), (n, 1)), numbers))
    index, numbers = (np.concatenate(each) for each in zip(*parts, strict=True))
    return PlacedFibers(
        classes=tuple(known[key] for key in per_fascicle), class_index=index[:, 0], fascicle_index=index[:, 1],
        x_um=numbers[:, 0], y_um=numbers[:, 1], diameter_um=numbers[:, 2], shift=numbers[:, 3], share=numbers[:, 4],
    )  # fmt: skip


def _diameters_um(one: FiberClass, n: int, rng: np.random.Generator) -> FloatArray:
    """A class's diameters, even in rank within what its model allows."""
    data = membrane(one.model)
    low, high = (
        ndtr((edge - one.diameter_mean_um) / one.diameter_sd_um)
        for edge in (data.diameter_low_um, data.diameter_high_um)
    )
    rank = low + (high - low) * (rng.permutation(n) + rng.uniform(size=n)) / n
    found = one.diameter_mean_um + one.diameter_sd_um * ndtri(rank)
    return np.asarray(np.clip(found, data.diameter_low_um, data.diameter_high_um), dtype=np.float64)
