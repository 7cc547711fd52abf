"""A nerve in its electrode as a command was asked for it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import click

from vagus.cli.field.whose import SPECIES, Species, drawn_species, nerve_of_file, nerve_problems
from vagus.errors import InputError, Problem

if TYPE_CHECKING:
    import numpy as np

    from vagus.fiber.nerve.anatomy import Anatomy
    from vagus.fiber.nerve.placed import PlacedFibers
    from vagus.field import Nerve

Electrode = Literal["helix", "cuff", "six"]
Solver = Literal["waves", "fem", "fem_coarse"]
FIBERS = "a_alpha_motor=10,a_beta=10,a_delta=10,b=10"


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedNerve:
    """What was asked: whose nerve, or the one of a file, the electrode, fibers of each class in each fascicle."""

    species: Species
    own: Nerve | None
    electrode: Electrode
    weights: tuple[float, ...] | None
    per_fascicle: dict[str, int]
    solver: Solver

    def draw(self, rng: np.random.Generator) -> Anatomy:
        """One anatomy: the nerve drawn, unless it is a file's; conductivities drawn."""
        from vagus.fiber.nerve.anatomy import draw_anatomy

        return draw_anatomy(
            rng, species=self.species, electrode=self.electrode, weights=self.weights, nerve=self.own,
            solver=self.solver,
        )  # fmt: skip

    def place(self, nerve: Nerve, rng: np.random.Generator) -> PlacedFibers:
        """Fibers in it."""
        from vagus.fiber.nerve.placed import place_fibers

        return place_fibers(nerve, self.per_fascicle, rng=rng)

    @property
    def caveat(self) -> str:
        """What the answer leaves out."""
        shape = "straight round cylinders" if self.solver == "waves" else "straight cylinders of their outline"
        text = (
            f"caveat: fascicles count as {shape}, classes and diameters are those of the human table "
            "(recalled); nothing was tuned. For research; not a medical device."
        )
        return text if self.species == "human" else f"{text} No diameters of the {self.species} were read."


def nerve_options(*, fibers: str = FIBERS) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Flags of a nerve, given to the command as `asked`; None without --nerve."""

    def given(command: Callable[..., Any]) -> Callable[..., Any]:
        return _with_options(command, fibers)

    return given


def _with_options(command: Callable[..., Any], default_fibers: str) -> Callable[..., Any]:
    @click.option("--nerve", help="human, pig or rat to draw one; or a file or folder of contours.")
    @click.option("--species", type=click.Choice(SPECIES), help="Of a file of contours.")
    @click.option("--um-per-unit", type=float, help="µm of one unit of a file of contours, or of one pixel.")
    @click.option("--electrode", type=click.Choice(get_args(Electrode)), default="helix", show_default=True)
    @click.option("--weights", help="Of each contact, as 1,-1; the sign of the pulse is that of a contact of weight 1.")
    @click.option(
        "--solver", type=click.Choice(get_args(Solver)), default="waves", show_default=True,
        help='Round fascicles by waves, or outlines by finite elements, which need: pip install "vagus[fem]".',
    )  # fmt: skip
    @click.option("--fibers", default=default_fibers, show_default=True, help="Fibers of each class in each fascicle.")
    @functools.wraps(command)
    def wrapped(
        *, nerve: str | None, species: Species | None, um_per_unit: float | None, electrode: Electrode,
        weights: str | None, solver: Solver, fibers: str, **more: Any,
    ) -> Any:  # fmt: skip
        asked = None
        if nerve is not None:
            asked = _asked(
                nerve, species=species, um_per_unit=um_per_unit, electrode=electrode, weights=weights, solver=solver,
                fibers=fibers,
            )  # fmt: skip
        return command(asked=asked, **more)

    return wrapped


def _asked(
    nerve: str, *, species: Species | None, um_per_unit: float | None, electrode: Electrode, weights: str | None,
    solver: Solver, fibers: str,
) -> AskedNerve:  # fmt: skip
    problems = nerve_problems(nerve, species=species, um_per_unit=um_per_unit)
    shares: tuple[float, ...] | None = None
    try:
        shares = None if weights is None else tuple(float(part) for part in weights.split(","))
    except ValueError:
        problems.append(Problem(what="weights are no numbers", found=f'"{weights}"', allowed="as 1,-1"))
    per_fascicle = numbers_of("fibers", fibers, problems, whole=True)
    whose = drawn_species(nerve) or species
    if problems or whose is None:
        raise InputError(problems)
    counts = {key: int(number) for key, number in per_fascicle.items()}
    own = nerve_of_file(nerve, species=species, um_per_unit=um_per_unit)
    return AskedNerve(
        species=whose, own=own, electrode=electrode, weights=shares, per_fascicle=counts, solver=solver,
    )  # fmt: skip


def numbers_of(name: str, text: str, problems: list[Problem], *, whole: bool) -> dict[str, float]:
    """Numbers by class of fibers, as a_beta=20,b=20; what is wrong goes to `problems`."""
    found: dict[str, float] = {}
    for part in text.split(","):
        key, _, number = (piece.strip() for piece in part.partition("="))
        try:
            value = float(number)
        except ValueError:
            value = 0.0
        if not (key and 0.0 < value < 1e9) or (whole and not value.is_integer()):
            problems.append(
                Problem(what=f"{name} are not told", found=f'"{part}"',
                        allowed="as a_beta=20,b=20; " + ("whole numbers from 1" if whole else "numbers above 0"))
            )  # fmt: skip
        elif key in found:
            problems.append(Problem(what=f"{name} of a class are told twice", found=f'"{key}"', allowed="once"))
        found[key] = value
    return found
