"""One reader for all kinds of traced cross-sections."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from vagus.errors import InputError, MissingFile, Problem
from vagus.field import Fascicle, Nerve, perineurium_um
from vagus.field.nerve import ring
from vagus.field.nerve.nerve import outline_of
from vagus.files.nerve.masks import mask_outlines
from vagus.files.nerve.svg import svg_outlines
from vagus.files.nerve.table import table_outlines

FloatArray = NDArray[np.float64]

# masks of a folder: names that ASCENT uses, and plain words
NERVE_MASKS, FASCICLE_MASKS = ("n.png", "nerve.png"), ("i.png", "fascicles.png")


def read_nerve(path: Path | str, *, species: Literal["human", "pig", "rat"], um_per_unit: float) -> Nerve:
    """Cross-section of a nerve from traced contours.

    ============ =================================================================================================
    ``.csv``     columns contour, x, y: the contour "nerve", and one name for each fascicle
    ``.svg``     paths, polygons, circles and ellipses: the one whose id is "nerve", all others are fascicles
    a folder     masks, white on black: ``n.png`` or ``nerve.png``, and ``i.png`` or ``fascicles.png`` (endoneurium), as
                 in an ASCENT sample (whose TIFF files must be saved as PNG first)
    ============ =================================================================================================

    Contours are those of the endoneurium; the perineurium's thickness follows from the fascicle's diameter and the
    species (`perineurium_um`). y grows upward in the result: images and drawings are turned over.

    Parameters
    ----------
    species : {"human", "pig", "rat"}
    um_per_unit : float
        Micrometers of one unit of the coordinates, or of one pixel. No default: a wrong one would be silent.

    Raises
    ------
    MissingFile
        No such file.
    InputError
        A contour that is open, crosses itself, leaves the nerve or overlaps another, sizes that no nerve has, or a file
        that cannot be read: every one with its place.

    Examples
    --------
    >>> import tempfile
    >>> text = "contour,x,y\\nnerve,-1,-1\\nnerve,1,-1\\nnerve,1,1\\nnerve,-1,1\\nA,0,0\\nA,.5,0\\nA,.5,.4\\nA,0,.4\\n"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "nerve.csv"
    ...     _ = file.write_text(text)
    ...     nerve = read_nerve(file, species="human", um_per_unit=1000.0)
    >>> nerve.fascicles[0].label, round(nerve.fascicles[0].diameter_um), round(nerve.fascicles[0].perineurium_um, 1)
    ('A', 505, 29.2)
    """
    file = Path(path)
    if not (math.isfinite(um_per_unit) and um_per_unit > 0.0):
        raise InputError(
            Problem(what="um_per_unit is out of range", found=f"{um_per_unit}", allowed="a finite number above 0")
        )
    if not file.exists():
        raise MissingFile(
            Problem(what="file is not there", where=str(file), allowed="a CSV or SVG file, or a folder of PNG masks")
        )
    outlines = _outlines(file)
    nerve = [corners for label, corners in outlines if label.lower() == "nerve"]
    if len(nerve) != 1 or len(outlines) < 2:
        raise InputError(
            Problem(
                what="contours do not make a nerve", where=file.name,
                found=f"{len(nerve)} named nerve, {len(outlines) - len(nerve)} others"
                + "".join(f', "{label}"' for label, _ in outlines[:6] if label.lower() != "nerve"),
                allowed='one contour "nerve" and one or more fascicles',
            )
        )  # fmt: skip
    fascicles: list[Fascicle] = []
    problems: list[Problem] = []
    for label, corners in outlines:
        try:
            outline = outline_of(corners * um_per_unit, f"{file.name}, contour {label}")
        except InputError as error:
            problems.extend(error.problems)
            continue
        if label.lower() != "nerve":
            diameter = 2.0 * math.sqrt(ring.area(outline) / math.pi)
            fascicles.append(
                Fascicle(label=label, outline_um=outline, perineurium_um=perineurium_um(species, diameter))
            )
    if problems:
        raise InputError(problems)
    return Nerve(
        species=species, outline_um=nerve[0] * um_per_unit, fascicles=tuple(fascicles),
        note=f"traced: {file.name}, {um_per_unit:g} µm a unit; perineurium from the line of the species",
    )  # fmt: skip


def _outlines(file: Path) -> list[tuple[str, FloatArray]]:
    if file.is_dir():
        nerve, inside = _mask(file, NERVE_MASKS), _mask(file, FASCICLE_MASKS)
        outer = mask_outlines(nerve)
        if len(outer) != 1:
            raise InputError(
                Problem(what="mask of the nerve is not one piece", where=nerve.name, found=f"{len(outer)} pieces",
                        allowed="one")
            )  # fmt: skip
        inner = [(str(k + 1), corners) for k, corners in enumerate(mask_outlines(inside))]
        return [("nerve", outer[0]), *inner]
    if file.suffix.lower() == ".csv":
        return table_outlines(file)
    if file.suffix.lower() == ".svg":
        return svg_outlines(file)
    raise InputError(
        Problem(what="kind of file is not known", where=file.name, found=f'"{file.suffix}"',
                allowed=".csv, .svg, or a folder of PNG masks")
    )  # fmt: skip


def _mask(folder: Path, names: tuple[str, ...]) -> Path:
    found = next((folder / name for name in names if (folder / name).is_file()), None)
    if found is not None:
        return found
    tiff = next(
        (folder / name for name in (names[0][:-3] + "tif", names[0][:-3] + "tiff") if (folder / name).is_file()), None
    )
    raise MissingFile(
        Problem(
            what="mask is not there", where=str(folder), found=f"{tiff.name}, a TIFF" if tiff else "no such file",
            allowed=" or ".join(names) + ("; save it as PNG" if tiff else ""),
        )
    )  # fmt: skip
