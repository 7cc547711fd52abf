"""Breaths as two people marked them: the ``*_Breaths.csv`` of the BIDMC PPG and Respiration data set."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vagus.errors import InputError, MissingFile, Problem

IntArray = np.ndarray[tuple[int, ...], np.dtype[np.int64]]

_HEADER = ("ann1", "ann2")
_MOST_BYTES = 1 << 20  # eight minutes hold some 150 breaths


@dataclass(frozen=True, slots=True, kw_only=True)
class BreathMarks:
    """Sample numbers at which each of two people saw expiration begin.

    Parameters
    ----------
    ann1, ann2 : (n,), (m,) array of int
    """

    ann1: IntArray
    ann2: IntArray


def read_breath_marks(path: Path | str) -> BreathMarks:
    """Marks of both people, from a CSV of two columns of sample numbers.

    Raises
    ------
    MissingFile
        It is not there.
    InputError
        Another header, a cell that is no whole number, or marks that run back in time.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "made_Breaths.csv"
    ...     _ = file.write_text("breaths ann1 [signal sample no], breaths ann2 [signal sample no]\\n189,187\\n476,\\n")
    ...     marks = read_breath_marks(file)
    >>> marks.ann1.tolist(), marks.ann2.tolist()
    ([189, 476], [187])
    """
    file = Path(path)
    if not file.is_file():
        raise MissingFile(Problem(what="no marks of breaths there", where=str(file), allowed="a *_Breaths.csv"))
    if file.stat().st_size > _MOST_BYTES:
        raise InputError(Problem(what="file is too large", where=str(file), allowed=f"up to {_MOST_BYTES >> 20} MB"))
    try:
        rows = list(csv.reader(file.read_text(encoding="utf-8-sig").splitlines()))
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(
            Problem(what="no text", where=str(file), found=str(error), allowed="a CSV in UTF-8")
        ) from error
    if not rows or len(rows[0]) != 2 or not all(word in cell for word, cell in zip(_HEADER, rows[0], strict=True)):
        found = ",".join(rows[0])[:60] if rows else "nothing"
        raise InputError(Problem(what="no marks of breaths", where=str(file), found=f'"{found}"', allowed="ann1, ann2"))
    first, second = (_column(rows, column, file) for column in (0, 1))
    return BreathMarks(ann1=first, ann2=second)


def _column(rows: list[list[str]], column: int, file: Path) -> IntArray:
    found: list[int] = []
    for number, row in enumerate(rows[1:], start=2):
        text = row[column].strip() if column < len(row) else ""
        if not text:
            continue
        where = f"{file}, row {number}, {_HEADER[column]}"
        if not text.isascii() or not text.isdigit() or len(text) > 12:
            raise InputError(
                Problem(what="no sample number", where=where, found=f'"{text[:20]}"', allowed="such as 189")
            )
        if found and int(text) <= found[-1]:
            raise InputError(Problem(what="marks run back in time", where=where, found=f"{text} after {found[-1]}"))
        found.append(int(text))
    array = np.array(found, dtype=np.int64)
    array.setflags(write=False)
    return array
