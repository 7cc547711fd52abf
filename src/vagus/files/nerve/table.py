"""Contours as a table: contour, x, y."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vagus.errors import InputError, Problem

FloatArray = NDArray[np.float64]

# a contour of so many corners is open where its ends lie so many usual steps apart
MANY, FAR = 8, 5.0


def table_outlines(file: Path) -> list[tuple[str, FloatArray]]:
    """Each contour's name and corners, in order of appearance.

    Raises
    ------
    InputError
        A header that is another one, a cell that is no finite number, or an open contour.
    """
    try:
        rows = list(csv.reader(file.read_text(encoding="utf-8-sig").splitlines()))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(
            Problem(what="file cannot be read", where=file.name, found=str(error), allowed="CSV as UTF-8 text")
        ) from error
    header = [cell.strip().lower() for cell in rows[0]] if rows else []
    if header != ["contour", "x", "y"]:
        raise InputError(
            Problem(what="header is another one", where=f"{file.name}, row 1", found=", ".join(header),
                    allowed="contour,x,y")
        )  # fmt: skip
    found: dict[str, list[tuple[float, float]]] = {}
    problems: list[Problem] = []
    for number, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        place = _place(row)
        if place is None:
            problems.append(
                Problem(what="row does not fit", where=f"{file.name}, row {number}", found=",".join(row)[:60],
                        allowed="a name and two finite numbers")
            )  # fmt: skip
        else:
            found.setdefault(row[0].strip(), []).append(place)
    outlines = [(label, np.array(corners)) for label, corners in found.items()]
    problems += [problem for label, corners in outlines if (problem := _open(file, label, corners))]
    if problems:
        raise InputError(problems[:20])
    return outlines


def _place(row: list[str]) -> tuple[float, float] | None:
    try:
        name, x, y = row[0].strip(), float(row[1]), float(row[2])
    except (ValueError, IndexError):
        return None
    return (x, y) if name and len(row) == 3 and math.isfinite(x) and math.isfinite(y) else None


def _open(file: Path, label: str, corners: FloatArray) -> Problem | None:
    if len(corners) < MANY:
        return None
    steps = np.linalg.norm(np.diff(corners, axis=0), axis=1)
    gap = float(np.linalg.norm(corners[0] - corners[-1]))
    if gap <= FAR * float(np.median(steps)) or gap <= steps.max():
        return None
    (x, y), (x2, y2) = corners[0], corners[-1]
    return Problem(
        what="contour is open", where=f"{file.name}, contour {label}",
        found=f"from ({x:g}, {y:g}) to ({x2:g}, {y2:g}) nothing is traced", allowed="ends that meet",
    )  # fmt: skip
