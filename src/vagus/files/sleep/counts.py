"""Activity counts of an actigraph, one a minute, from text."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path

import numpy as np

from vagus.errors import InputError, MissingFile, Problem
from vagus.files.readers.content import not_there

_LARGEST_BYTES = 64 * 1024**2
_COLUMNS = ("counts", "activity", "axis1")


def read_counts(path: str | Path) -> np.ndarray:
    """Activity counts of each minute, (n,), from text with one number a line, or a CSV table with a column "counts".

    Parameters
    ----------
    path : str or Path
        Lines that begin with # are passed over. Of a table the column "counts", "activity" or "axis1" is taken.

    Raises
    ------
    MissingFile
        The file is not there.
    InputError
        A line holds no number, or there is none.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "wrist.txt"
    >>> _ = path.write_text("# one a minute\\n12\\n0\\n340\\n")
    >>> read_counts(path).tolist()
    [12.0, 0.0, 340.0]
    """
    path = Path(path)
    if not path.is_file():
        raise MissingFile(not_there(path))
    if path.stat().st_size > _LARGEST_BYTES:
        found = f"{path.stat().st_size} bytes"
        raise InputError(Problem(what="file of counts is too large", where=str(path), found=found, allowed="64 MiB"))
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    rows = [(number, row) for number, row in enumerate(csv.reader(io.StringIO(text)), 1) if row and row[0][:1] != "#"]
    column = 0
    if rows and (names := [cell.strip().casefold() for cell in rows[0][1]]) and not _is_number(names[0]):
        column = next((names.index(name) for name in _COLUMNS if name in names), -1)
        if column < 0:
            allowed = f"a column {', '.join(_COLUMNS)}, or one number a line"
            raise InputError(
                Problem(what="no column of counts", where=str(path), found=", ".join(names)[:80], allowed=allowed)
            )
        rows = rows[1:]
    wrong = [(number, row) for number, row in rows if column >= len(row) or not _is_number(row[column])]
    if wrong or not rows:
        where = f"{path}, line {wrong[0][0]}" if wrong else str(path)
        found = f'"{",".join(wrong[0][1])[:40]}"' if wrong else "no line"
        raise InputError(Problem(what="no activity count", where=where, found=found, allowed="a number of 0 or more"))
    return np.array([float(row[column]) for _, row in rows])


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
