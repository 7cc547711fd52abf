"""Edits of beats by hand, kept as a list beside the recording."""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import cast, get_args

from vagus.errors import InputError, Problem, nearest
from vagus.files.sheets.sheet import SheetRow, read_sheet
from vagus.signal import BeatEdit
from vagus.signal.correction.changes import What

_REQUIRED = ("what", "time_s")
_OPTIONAL = ("to_s", "note", "who")


def edits_path(recording: Path) -> Path:
    """Where the edits of a recording lie: beside it, with `.edits.csv` after its name.

    Examples
    --------
    >>> edits_path(Path("recordings/p01.edf")).name
    'p01.edf.edits.csv'
    """
    return recording.with_name(recording.name + ".edits.csv")


def read_edits(path: Path) -> tuple[BeatEdit, ...]:
    """Edits of beats out of a CSV file with the columns what, time_s and, if need be, to_s, note, who.

    Parameters
    ----------
    path : Path
        What `edits_path` says, as a rule.

    Returns
    -------
    tuple of BeatEdit
        In the order of the file; `vagus.signal.correct(beats, edits=...)` makes them.

    Raises
    ------
    MissingFile
        There is no such file.
    InputError
        Everything that is wrong, with file, row and field.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "p01.edf.edits.csv"
    >>> _ = path.write_text("what,time_s,to_s,note,who\\nmove,31.2,31.42,on the T wave,MB\\n")
    >>> read_edits(path)[0].to_s
    31.42
    """
    sheet = read_sheet(path, required=_REQUIRED, optional=_OPTIONAL)
    problems = list(sheet.problems)
    found: list[BeatEdit] = []
    for row in sheet.rows:
        edit, wrong = _edit(row)
        problems += wrong
        if edit is not None:
            found.append(edit)
    if problems:
        raise InputError(problems)
    return tuple(found)


def write_edits(path: Path, edits: Iterable[BeatEdit]) -> None:
    """Write edits so that the file is the old one or the new one, never half of it.

    Parameters
    ----------
    path : Path
    edits : iterable of BeatEdit

    Raises
    ------
    InputError
        The folder is not there or cannot be written to.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "p01.edf.edits.csv"
    >>> write_edits(path, [BeatEdit(what="delete", time_s=12.25, note="T wave", who="MB")])
    >>> read_edits(path)[0].note
    'T wave'
    """
    try:
        handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    except OSError as error:
        raise InputError(
            Problem(
                what=f"cannot be written: {error.strerror}", where=str(path), allowed="a folder that can be written to"
            )
        ) from error
    try:
        with os.fdopen(handle, "w", newline="", encoding="utf-8") as stream:
            rows = csv.writer(stream, lineterminator="\n")
            rows.writerow((*_REQUIRED, *_OPTIONAL))
            for edit in edits:
                to = "" if edit.to_s is None else repr(float(edit.to_s))
                rows.writerow((edit.what, repr(float(edit.time_s)), to, _line(edit.note), _line(edit.who)))
            stream.flush()
            os.fsync(stream.fileno())
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise


def _line(text: str) -> str:
    """Text of one line: a cell holds no line breaks."""
    return " ".join(text.split())


def _edit(row: SheetRow) -> tuple[BeatEdit | None, list[Problem]]:
    problems: list[Problem] = []
    what = row.cells.get("what", "").lower()
    if what not in get_args(What):
        problems.append(
            Problem(
                what="edit is unknown",
                where=row.where("what"),
                found=f'"{what}"',
                allowed=nearest(what, get_args(What)),
            )
        )
    times: dict[str, float | None] = {}
    for column in ("time_s", "to_s"):
        cell = row.cells.get(column, "")
        try:
            times[column] = float(cell) if cell or column == "time_s" else None
        except ValueError:
            allowed = "seconds from the start of the recording, such as 31.42"
            problems.append(Problem(what="is no number", where=row.where(column), found=f'"{cell}"', allowed=allowed))
    if problems:
        return None, problems
    try:
        edit = BeatEdit(
            what=cast(What, what), time_s=cast(float, times["time_s"]), to_s=times["to_s"],
            note=row.cells.get("note", ""), who=row.cells.get("who", ""),
        )  # fmt: skip
    except InputError as error:
        return None, [
            Problem(what=one.what, where=row.where(one.where.split()[0]), found=one.found, allowed=one.allowed)
            for one in error.problems
        ]
    return edit, []
