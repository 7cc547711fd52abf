"""A small table written by hand or by a spreadsheet: CSV in, rows with line numbers and all problems out."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from vagus.errors import InputError, Problem, nearest


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRow:
    """One row: its number below the header, its line in the file, its cells by column."""

    file: str
    number: int
    line: int
    cells: dict[str, str]

    def where(self, column: str = "") -> str:
        """Place for a message."""
        place = f"{self.file} row {self.number} (line {self.line})"
        return f"{place}, {column}" if column else place


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Columns and rows of a CSV file, and what is wrong with its shape."""

    file: str
    columns: tuple[str, ...]
    rows: tuple[SheetRow, ...]
    problems: tuple[Problem, ...]


def read_sheet(path: Path, *, required: Iterable[str], optional: Iterable[str]) -> Sheet:
    """Rows of a CSV file: comma, semicolon or tab, with or without byte order mark, leading # lines left out.

    Raises
    ------
    InputError
        The file cannot be read at all: not text, empty, without header.
    """
    required, optional = tuple(required), tuple(optional)
    text = _text_of(path)
    lines = text.splitlines()
    first = next((i for i, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("#")), None)
    if first is None:
        header = ",".join(required)
        raise InputError(
            Problem(what="the file is empty", where=path.name, found="no header", allowed=f"first row {header}")
        )
    delimiter = max(",;\t", key=lines[first].count)
    reader = csv.reader(io.StringIO("\n".join(lines[first:]) + "\n"), delimiter=delimiter, strict=True)
    problems: list[Problem] = []
    rows: list[SheetRow] = []
    columns: tuple[str, ...] = ()
    number, line = 0, first + 1
    try:
        for cells in reader:
            if not columns:
                columns = tuple(cell.strip().lower() for cell in cells)
            elif any(cell.strip() for cell in cells):
                number += 1
                problems.extend(_width(cells, columns, f"{path.name} row {number} (line {line})", delimiter))
                filled = dict(zip(columns, (cell.strip() for cell in cells), strict=False))
                rows.append(SheetRow(file=path.name, number=number, line=line, cells=filled))
            line = first + reader.line_num + 1
    except csv.Error as error:
        problems.append(Problem(what=f"broken CSV: {error}", where=f"{path.name} line {line}"))
    problems[:0] = _header_problems(columns, required, optional, f"{path.name} line {first + 1}")
    return Sheet(file=path.name, columns=columns, rows=tuple(rows), problems=tuple(problems))


def _text_of(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(Problem(what=f"cannot be read: {error.strerror}", where=path.name)) from error
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        allowed = 'UTF-8 text (in a spreadsheet: save as "CSV UTF-8")'
        raise InputError(
            Problem(what="the file is not UTF-8 text", where=f"{path.name} line {line}", allowed=allowed)
        ) from error
    if "\0" in text:
        raise InputError(
            Problem(what="the file is not text", where=path.name, found="zero bytes", allowed="CSV in UTF-8")
        )
    return text


def _header_problems(
    columns: tuple[str, ...], required: tuple[str, ...], optional: tuple[str, ...], where: str
) -> list[Problem]:
    known = required + optional
    found = ", ".join(columns)
    if not set(columns) & set(required):
        allowed = _columns(required, optional)
        return [Problem(what="the header row is missing", where=where, found=found[:80], allowed=allowed)]
    problems = [
        Problem(
            what="unknown column", where=where, found=f'"{column}"', allowed=_hint(column, columns, required, optional)
        )
        for column in columns
        if column not in known
    ]
    problems += [
        Problem(
            what=f"column {column} is missing",
            where=where,
            found=f"columns {found}",
            allowed=_columns(required, optional),
        )
        for column in required
        if column not in columns
    ]
    problems += [
        Problem(what=f"column {column} stands twice", where=where, found=found, allowed="once")
        for column in dict.fromkeys(columns)
        if columns.count(column) > 1
    ]
    return problems


def _hint(column: str, columns: tuple[str, ...], required: tuple[str, ...], optional: tuple[str, ...]) -> str:
    hint = nearest(column, (name for name in required + optional if name not in columns))
    return hint if hint.startswith("did") else _columns(required, optional)


def _columns(required: tuple[str, ...], optional: tuple[str, ...]) -> str:
    items = [column for column in optional if column.startswith("item_")]
    if items:
        return f"columns {', '.join(required)}, and {items[0]} … or total"
    return "columns " + ", ".join(required) + (f" (and {', '.join(optional)} where known)" if optional else "")


def _width(cells: list[str], columns: tuple[str, ...], where: str, delimiter: str) -> list[Problem]:
    extra = [cell for cell in cells[len(columns) :] if cell.strip()]
    if len(cells) < len(columns) or extra:
        why = "a decimal comma or an unquoted comma splits a cell" if extra and delimiter == "," else ""
        what, allowed = "the row does not fit the header", f"{len(columns)} cells, as in the header"
        return [Problem(what=what, where=where, found=f"{len(cells)} cells", allowed=allowed, why=why)]
    return []
