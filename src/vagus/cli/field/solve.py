"""`vagus field solve`: a nerve in a helix or a cuff."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from vagus.cli.dose import Quantity
from vagus.cli.nerve import SPECIES, Species, drawn_species, nerve_of_file, nerve_problems
from vagus.cli.output import check_targets, emit_json, emit_table, json_option, progress_line, seed_option, write_files
from vagus.errors import InputError, Problem

if TYPE_CHECKING:
    from vagus.field import FemField, Nerve, Patch

ROOM_UM = 100.0  # between nerve and electrode, where no radius is asked for


@click.command(short_help="Solve a nerve in its electrode.")
@click.argument("nerve")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="File to write: .npz.")
@click.option("--species", type=click.Choice(SPECIES), help="Of a nerve from a file.")
@click.option("--um-per-unit", type=float, help="Micrometers of one unit, or pixel, of a file.")
@click.option("--side", type=click.Choice(["left", "right"]), help="Of a drawn nerve.")
@seed_option
@click.option("--electrode", type=click.Choice(["helix", "cuff", "six"]), required=True)
@click.option("--radius-um", type=Quantity(), help="Inner radius; default: nerve and 100 µm, at rest at least.")
@click.option("--row-um", "rows", type=float, multiple=True, help="Cuff: middle of a row along z; give one for each.")
@click.option("--length-um", type=Quantity(), help="Cuff: of one contact along the nerve.")
@click.option("--n-around", type=click.IntRange(min=1), default=1, show_default=True, help="Cuff: contacts in a row.")
@click.option(
    "--arc-deg", type=float, default=360.0, show_default=True, help="Cuff: how far one contact reaches around."
)
@click.option("--around", type=click.Choice(["muscle", "fat", "saline"]), required=True, help="Tissue outside.")
@click.option("--detail", type=click.Choice(["fine", "coarse"]), default="fine", show_default=True)
@click.option("--keep", type=click.Path(path_type=Path), help="Folder of fields that are solved: none is solved twice.")
@json_option
def solve(
    *, nerve: str, output: Path, species: Species | None, um_per_unit: float | None,
    side: Literal["left", "right"] | None, seed: int, electrode: Literal["helix", "cuff", "six"],
    radius_um: float | None, rows: tuple[float, ...], length_um: float | None, n_around: int, arc_deg: float,
    around: Literal["muscle", "fat", "saline"], detail: Literal["fine", "coarse"], keep: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Field of each contact around a nerve, 1 mA each, by finite elements. Needs: pip install "vagus[fem]".

    NERVE is a file of contours (CSV, SVG, a folder of masks), with --species and --um-per-unit, or one of human, pig,
    rat: a nerve drawn from published distributions, with --side and --seed. The nerve is moved to the electrode's axis.

    \b
    Example:  vagus field solve human --side left --seed 1 --electrode helix --around muscle -o nerve.npz
              vagus field solve nerve.svg --species pig --um-per-unit 2 --electrode cuff --row-um -1000 --row-um 1000 \\
                --length-um 500 --n-around 3 --arc-deg 80 --around fat -o nerve.npz
    """
    from vagus.field import nerve_tissue, solve_field
    from vagus.files import FolderStore, field_bytes

    _check(
        nerve, output, species=species, um_per_unit=um_per_unit, side=side, electrode=electrode, rows=rows,
        length_um=length_um,
    )  # fmt: skip
    check_targets([output])
    anatomy, moved = _nerve(nerve, species, um_per_unit, side, seed)
    contacts = _contacts(
        anatomy, electrode, radius_um=radius_um, rows=rows, length_um=length_um, n_around=n_around, arc_deg=arc_deg
    )
    tissue = nerve_tissue(around)
    show = progress_line()
    found = solve_field(
        anatomy, contacts, tissue, detail=detail, store=FolderStore.at(keep) if keep else None,
        progress=lambda share: show("solving the field", share),
    )  # fmt: skip
    write_files({output: field_bytes(found)})
    if as_json:
        emit_json(_told(found, anatomy, output, moved) | {"sources": [str(one) for one in tissue.sources]})
        return
    emit_table(
        ("contact", "z (mm)", "direction", "area (mm²)", "access (Ω)"),
        [
            (k, f"{one.z_um / 1e3:.2f}", f"{one.angle_deg:g}°", f"{one.area_mm2:.2f}", f"{ohm:.0f}")
            for k, (one, ohm) in enumerate(zip(contacts, found.contact_mv_per_ma.diagonal(), strict=True))
        ],
    )  # fmt: skip
    click.echo(
        f"\nnerve of {anatomy.diameter_um / 1e3:.2f} mm with {len(anatomy.fascicles)} fascicles in a radius of "
        f"{contacts[0].radius_um / 1e3:.2f} mm; moved by {moved[0]:.0f}, {moved[1]:.0f} µm\n{found.unknowns} unknowns; "
        f"share of the current that does not reach the far boundary: {found.flux_error:.0e}\nwritten: {output}"
    )


def _check(
    nerve: str, output: Path, *, species: Species | None, um_per_unit: float | None, side: str | None, electrode: str,
    rows: tuple[float, ...], length_um: float | None,
) -> None:  # fmt: skip
    problems = nerve_problems(nerve, species=species, um_per_unit=um_per_unit)
    drawn = drawn_species(nerve) is not None
    if drawn and side is None:
        problems.append(Problem(what="a drawn nerve needs a side", allowed="--side left or --side right"))
    if not drawn and side is not None:
        problems.append(Problem(what="--side goes with a drawn nerve", allowed="a file of contours without it"))
    if electrode == "cuff" and (not rows or length_um is None):
        problems.append(Problem(what="a cuff needs its contacts", allowed="--row-um for each row, and --length-um"))
    if electrode != "cuff" and (rows or length_um is not None):
        problems.append(
            Problem(what=f"a {electrode} has its own contacts", allowed="--row-um and --length-um with a cuff only")
        )
    if output.suffix != ".npz":
        problems.append(
            Problem(what="kind of file is not known", where=str(output), allowed="a name that ends in .npz")
        )
    if problems:
        raise InputError(problems)


def _nerve(
    nerve: str, species: Species | None, um_per_unit: float | None, side: Literal["left", "right"] | None, seed: int
) -> tuple[Nerve, tuple[float, float]]:
    import numpy as np

    from vagus.field import centered_nerve, draw_nerve

    drawn, found = drawn_species(nerve), nerve_of_file(nerve, species=species, um_per_unit=um_per_unit)
    if drawn is not None and side is not None:
        found = draw_nerve(drawn, side=side, unmyelinated=None, rng=np.random.default_rng(seed))
    if found is None:
        raise InputError(Problem(what="no nerve", found=nerve, allowed="a file, or human, pig, rat"))
    moved = centered_nerve(found)
    x, y = moved.outline_um.mean(axis=0) - found.outline_um.mean(axis=0)
    return moved, (float(x), float(y))


def _contacts(
    nerve: Nerve, electrode: str, *, radius_um: float | None, rows: tuple[float, ...], length_um: float | None,
    n_around: int, arc_deg: float,
) -> tuple[Patch, ...]:  # fmt: skip
    import numpy as np

    from vagus.field import cuff, electrode_size, helix, six_contacts

    reach = float(np.hypot(*nerve.outline_um.T).max()) + ROOM_UM
    if electrode == "cuff":
        radius = reach if radius_um is None else radius_um
        return cuff(radius, z_um=rows, length_um=length_um or 0.0, n_around=n_around, arc_deg=arc_deg)
    at_rest = electrode_size("six_radius" if electrode == "six" else "helix_radius_small").value
    radius = max(reach, at_rest) if radius_um is None else radius_um
    return six_contacts(radius) if electrode == "six" else helix(radius)


def _told(found: FemField, nerve: Nerve, output: Path, moved: tuple[float, float]) -> dict[str, object]:
    return {
        "output": str(output),
        "nerve": {"species": nerve.species, "diameter_um": nerve.diameter_um, "n_fascicle": len(nerve.fascicles),
                  "moved_um": moved, "note": nerve.note},
        "contacts": list(found.contacts),
        "contact_mv_per_ma": found.contact_mv_per_ma,
        "unknowns": found.unknowns,
        "flux_error": found.flux_error,
        "reciprocity_error": found.reciprocity_error,
    }  # fmt: skip
