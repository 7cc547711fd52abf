"""`vagus field show`: a picture of a field, and its values at places."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from vagus.cli.dose import Quantity
from vagus.cli.output import check_targets, emit_json, emit_table, json_option, write_files
from vagus.cli.rows import check_pictures, picture_bytes
from vagus.errors import InputError, Problem

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vagus.field import FemField
    from vagus.files import PathField

    FloatArray = NDArray[np.float64]

WIDTH_PX, NAME = 700.0, "Field of an electrode"
LINE = 401  # places of a line


@click.command(short_help="Draw a field, or tell its values.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Picture to write: .svg or .png.")
@click.option(
    "--at", "places", type=(float, float, float), multiple=True, help="x y z in µm; values are told. Many may be given."
)
@click.option(
    "--weight", "weights", type=float, multiple=True, help="Current through each contact, in order; default 1 -1 0 ..."
)
@click.option("--z-um", type=Quantity(), help="Where the nerve is cut; default: the middle of the first contact.")
@click.option("--line-um", type=(float, float), default=(0.0, 0.0), show_default=True, help="x y of the line along z.")
@click.option("--length-unit", type=click.Choice(["um", "mm", "m"]), help="Of places in text files.")
@click.option("--potential-unit", type=click.Choice(["mV/mA", "V/A", "V/mA"]), help="Of text files.")
@json_option
def show(
    *, files: tuple[Path, ...], output: Path | None, places: tuple[tuple[float, float, float], ...],
    weights: tuple[float, ...], z_um: float | None, line_um: tuple[float, float],
    length_unit: Literal["um", "mm", "m"] | None, potential_unit: Literal["mV/mA", "V/A", "V/mA"] | None, as_json: bool,
) -> None:  # fmt: skip
    """Picture of a field, across the nerve, along it and of the electrode; and its values at places.

    FILES is one .npz of `vagus field solve`, or text files of another solver, one a contact, which know one path
    (with --length-unit and --potential-unit). Values are in mV for 1 mA through each contact, and for the montage.

    \b
    Example:  vagus field show nerve.npz -o nerve.svg --weight 1 --weight -1 --line-um 300 0
              vagus field show nerve.npz --at 0 0 4000 --json
              vagus field show anode.txt cathode.txt --length-unit mm --potential-unit V/A -o path.svg
    """
    if output is None and not places:
        raise InputError(Problem(what="nothing to show", allowed="-o for a picture, --at for values, or both"))
    if output is not None:
        check_pictures({"-o": output})
        check_targets([output], also=files)
    field = _read(files, length_unit, potential_unit)
    shares = _weights(weights, len(field.contacts))
    if output is not None:
        write_files({output: picture_bytes(output, _picture(field, shares, z_um, line_um))})
    if places:
        _tell(field, shares, places, as_json=as_json)
    elif as_json:
        emit_json({"output": str(output), "weights": shares})
    else:
        click.echo(f"written: {output}")


def _read(
    files: tuple[Path, ...], length_unit: Literal["um", "mm", "m"] | None,
    potential_unit: Literal["mV/mA", "V/A", "V/mA"] | None,
) -> FemField | PathField:  # fmt: skip
    from vagus.files import PathField, read_field, read_potentials

    solved = [file for file in files if file.suffix == ".npz"]
    if solved and len(files) > 1:
        raise InputError(Problem(what="a solved field stands alone", found=f"{len(files)} files", allowed="one .npz"))
    if solved:
        return read_field(solved[0])
    if length_unit is None or potential_unit is None:
        raise InputError(
            Problem(what="text files need their units", where=", ".join(map(str, files)),
                    allowed="--length-unit and --potential-unit")
        )  # fmt: skip
    lines = tuple(read_potentials(file, length_unit=length_unit, potential_unit=potential_unit) for file in files)
    return PathField(contacts=tuple(file.stem for file in files), potentials=lines)


def _weights(weights: tuple[float, ...], n: int) -> list[float]:
    if not weights:
        return [(1.0, -1.0)[k] if k < 2 else 0.0 for k in range(n)]
    if len(weights) != n:
        raise InputError(
            Problem(what="weights do not fit", found=f"{len(weights)}", allowed=f"--weight {n} times, one a contact")
        )
    return list(weights)


def _names(field: FemField | PathField) -> list[str]:
    return [one if isinstance(one, str) else f"contact {k}" for k, one in enumerate(field.contacts)]


def _tell(
    field: FemField | PathField, weights: list[float], places: tuple[tuple[float, float, float], ...], *, as_json: bool
) -> None:
    import numpy as np

    x, y, z = np.array(places).T
    found = field.mv_per_ma(x_um=x, y_um=y, z_um=z)
    montage, names = np.asarray(weights) @ found, _names(field)
    if as_json:
        emit_json(
            {"contacts": names, "weights": weights, "x_um": x, "y_um": y, "z_um": z, "mv_per_ma": found,
             "montage_mv_per_ma": montage}
        )  # fmt: skip
        return
    emit_table(
        ("x (µm)", "y (µm)", "z (µm)", *(f"{name} (mV/mA)" for name in names), "montage"),
        [
            (*(f"{c:g}" for c in place), *(f"{v:.3f}" for v in found[:, k]), f"{montage[k]:.3f}")
            for k, place in enumerate(places)
        ],
    )


def _picture(
    field: FemField | PathField, weights: list[float], z_um: float | None, line_um: tuple[float, float]
) -> str:
    """All figures of a field under each other, as one SVG that stands alone."""
    import numpy as np

    from vagus.field import Patch
    from vagus.files import PathField
    from vagus.report.figures.field import electrode_view, field_lines, field_section
    from vagus.report.picture import stacked

    told = " ".join(f"{w:+g}" for w in weights)
    if isinstance(field, PathField):
        path = field.potentials[0]
        values = np.stack([one.at(path.arc_um) for one in field.potentials])
        curves = np.vstack([values, np.asarray(weights) @ values])
        return stacked(
            [field_lines(path.arc_um, curves, [*_names(field), f"montage {told}"], key="l", width_px=WIDTH_PX)],
            name=NAME, width_px=WIDTH_PX, key="p",
        )  # fmt: skip
    bands = [one for one in field.contacts if isinstance(one, Patch)]
    if len(bands) != len(field.contacts):
        raise InputError(Problem(what="no picture of this field", allowed="contacts around a nerve; --at tells values"))
    span = max(abs(edge) for one in field.insulation or () for edge in one.span_um) if field.insulation else 5000.0
    z = np.linspace(-2.0 * span, 2.0 * span, LINE)
    values = field.mv_per_ma(x_um=line_um[0], y_um=line_um[1], z_um=z)
    montage = np.asarray(weights) @ values
    shown = values[:5]  # a picture has six colors
    names = [*_names(field)[:5], f"montage {told}"]
    cut = z_um if z_um is not None else bands[0].z_um
    return stacked(
        [
            field_section(field, weights, key="s", width_px=WIDTH_PX, z_um=cut, half_um=1.8 * bands[0].radius_um),
            field_lines(z, np.vstack([shown, montage]), names, key="l", width_px=WIDTH_PX),
            electrode_view(bands, field.insulation, field.outlines_um, key="e", width_px=WIDTH_PX),
        ],
        name=NAME, width_px=WIDTH_PX, key="p",
    )  # fmt: skip
