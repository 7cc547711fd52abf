"""Whose nerve a command was asked for: one that is drawn, or one from a file of contours."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from vagus.errors import Problem, nearest

if TYPE_CHECKING:
    from vagus.field import Nerve

Species = Literal["human", "pig", "rat"]
SPECIES: tuple[Species, ...] = get_args(Species)


def drawn_species(nerve: str) -> Species | None:
    """The species of a nerve to draw; None for a file."""
    return next((one for one in SPECIES if one == nerve), None)


def nerve_problems(nerve: str, *, species: Species | None, um_per_unit: float | None) -> list[Problem]:
    """What is missing of a nerve, or too much."""
    if drawn_species(nerve) is not None:
        if species is None and um_per_unit is None:
            return []
        return [
            Problem(what="--species and --um-per-unit go with a file of contours", found=f"nerve {nerve}",
                    allowed=f"{nerve} alone, for a drawn nerve")
        ]  # fmt: skip
    if species is not None and um_per_unit is not None:
        return []
    if not Path(nerve).exists():
        return [
            Problem(what="no such nerve", found=f'"{nerve}"',
                    allowed=f"{nearest(nerve, SPECIES)}, to draw one; or a file or folder of contours")
        ]  # fmt: skip
    return [
        Problem(what="a nerve from a file needs its species and scale", where=nerve,
                allowed="--species and --um-per-unit; or human, pig, rat instead of a file, for a drawn nerve")
    ]  # fmt: skip


def nerve_of_file(nerve: str, *, species: Species | None, um_per_unit: float | None) -> Nerve | None:
    """The nerve of a file of contours; None for one that is to be drawn."""
    if species is None or um_per_unit is None:
        return None
    from vagus.files import read_nerve

    return read_nerve(nerve, species=species, um_per_unit=um_per_unit)
