"""A nerve in its electrode as a command was asked for it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import click

from vagus.errors import InputError, Problem

if TYPE_CHECKING:
    import numpy as np

    from vagus.fiber.nerve.drawn import Anatomy
    from vagus.fiber.nerve.placed import PlacedFibers
    from vagus.field import Nerve

Species = Literal["human", "pig", "rat"]
SPECIES: tuple[Species, ...] = get_args(Species)
Electrode = Literal["helix", "cuff", "six"]
FIBERS = "a_alpha_motor=10,a_beta=10,a_delta=10,b=10"


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedNerve:
    """What was asked: whose nerve, or which file, the electrode, and fibers of each class in each fascicle."""

    nerve: str
    species: Species
    um_per_unit: float | None
    electrode: Electrode
    weights: tuple[float, ...] | None
    per_fascicle: dict[str, int]

    def draw(self, rng: np.random.Generator) -> Anatomy:
        """One anatomy: the nerve drawn, unless it is a file's; conductivities drawn."""
        from vagus.fiber.nerve.drawn import draw_anatomy

        return draw_anatomy(
            rng, species=self.species, electrode=self.electrode, weights=self.weights, nerve=self._read()
        )

    def place(self, nerve: Nerve, rng: np.random.Generator) -> PlacedFibers:
        """Fibers in it."""
        from vagus.fiber.nerve.placed import place_fibers

        return place_fibers(nerve, self.per_fascicle, rng=rng)

    @property
    def caveat(self) -> str:
        """What the answer leaves out."""
        text = (
            "caveat: fascicles count as straight round cylinders, classes and diameters are those of the human table "
            "(recalled); nothing was tuned. For research; not a medical device."
        )
        return text if self.species == "human" else f"{text} No diameters of the {self.species} were read."

    def _read(self) -> Nerve | None:
        if self.nerve in SPECIES:
            return None
        from vagus.field import rounded
        from vagus.files import read_nerve

        return rounded(read_nerve(self.nerve, species=self.species, um_per_unit=self.um_per_unit or 1.0))


def nerve_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Flags of a nerve, given to the command as `asked`; None without --nerve."""

    @click.option("--nerve", help="human, pig or rat to draw one; or a file or folder of contours.")
    @click.option("--species", type=click.Choice(SPECIES), help="Of a file of contours.")
    @click.option("--um-per-unit", type=float, help="µm of one unit of a file of contours, or of one pixel.")
    @click.option("--electrode", type=click.Choice(["helix", "cuff", "six"]), default="helix", show_default=True)
    @click.option("--weights", help="Of each contact, as 1,-1; the sign of the pulse is that of a contact of weight 1.")
    @click.option("--fibers", default=FIBERS, show_default=True, help="Fibers of each class in each fascicle.")
    @functools.wraps(command)
    def wrapped(
        *, nerve: str | None, species: Species | None, um_per_unit: float | None, electrode: Electrode,
        weights: str | None, fibers: str, **more: Any,
    ) -> Any:  # fmt: skip
        asked = (
            None
            if nerve is None
            else _asked(
                nerve, species=species, um_per_unit=um_per_unit, electrode=electrode, weights=weights, fibers=fibers
            )
        )
        return command(asked=asked, **more)

    return wrapped


def _asked(
    nerve: str, *, species: Species | None, um_per_unit: float | None, electrode: Electrode, weights: str | None,
    fibers: str,
) -> AskedNerve:  # fmt: skip
    problems: list[Problem] = []
    drawn: Species | None = next((one for one in SPECIES if one == nerve), None)
    whose = species if drawn is None else drawn
    if drawn is not None and (species is not None or um_per_unit is not None):
        problems.append(
            Problem(what="--species and --um-per-unit go with a file of contours", found=f"--nerve {nerve}",
                    allowed="--nerve alone for a drawn nerve")
        )  # fmt: skip
    elif drawn is None and not Path(nerve).exists():
        problems.append(
            Problem(what="no such nerve", found=f'"{nerve}"', allowed="human, pig, rat, or a file of contours")
        )
    elif whose is None or (drawn is None and um_per_unit is None):
        problems.append(Problem(what="a file of contours needs more", allowed="--species and --um-per-unit"))
    shares: tuple[float, ...] | None = None
    try:
        shares = None if weights is None else tuple(float(part) for part in weights.split(","))
    except ValueError:
        problems.append(Problem(what="weights are no numbers", found=f'"{weights}"', allowed="as 1,-1"))
    counts: dict[str, int] = {}
    for part in fibers.split(","):
        key, _, number = part.partition("=")
        if not number.strip().isdigit():
            problems.append(Problem(what="fibers are not told", found=f'"{part}"', allowed="as a_beta=20,b=20"))
        else:
            counts[key.strip()] = int(number)
    if problems or whose is None:
        raise InputError(problems)
    return AskedNerve(
        nerve=nerve, species=whose, um_per_unit=um_per_unit,
        electrode=electrode, weights=shares, per_fascicle=counts,
    )  # fmt: skip
