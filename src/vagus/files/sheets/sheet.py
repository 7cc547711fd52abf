"""A small table written by hand or by a spreadsheet: CSV in, rows with line numbers and all problems out."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from vagus.errors import InputError, MissingFile, Problem


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
    """Columns and rows of a CSV file, and what is wrong with its shape.

    A misspelt column stands under the name that was meant; `unsure` are columns that the header names twice or that are
    told as missing already: a row is not blamed for them.
    """

    file: str
    columns: tuple[str, ...]
    rows: tuple[SheetRow, ...]
    problems: tuple[Problem, ...]
    unsure: frozenset[str] = frozenset()


def read_sheet(path: Path, *, required: Iterable[str], optional: Iterable[str], others: bool = False) -> Sheet:
    """Rows of a CSV file: comma, semicolon or tab, with or without byte order mark, leading # lines left out.

    `others`: columns that are not named here may stand in the file and are left alone.

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
    unsure: set[str] = set()
    try:
        for cells in reader:
            if not columns:
                written = tuple(cell.strip().lower() for cell in cells)
                where = f"{path.name} line {first + 1}"
                columns = written if others else meant(written, required + optional)
                known = columns if others else ()
                wrong, unsure = _header_problems(written, columns, required, (*optional, *known), where)
                problems.extend(wrong)
            elif any(cell.strip() for cell in cells):
                number += 1
                problems.extend(_width(cells, columns, f"{path.name} row {number} (line {line})", delimiter))
                filled = dict(zip(columns, (cell.strip() for cell in cells), strict=False))
                sure = {column: cell for column, cell in filled.items() if column not in unsure}
                rows.append(SheetRow(file=path.name, number=number, line=line, cells=sure))
            line = first + reader.line_num + 1
    except csv.Error as error:
        problems.append(Problem(what=f"broken CSV: {error}", where=f"{path.name} line {line}"))
    return Sheet(file=path.name, columns=columns, rows=tuple(rows), problems=tuple(problems), unsure=frozenset(unsure))


def loose_rows(path: Path, *, columns: Sequence[str]) -> tuple[SheetRow, ...]:
    """Every row that can be read somehow, by the columns that were meant; nothing is told, nothing raised.

    For what must not be lost when a file is refused. A column that stands twice holds the higher of its numbers.
    """
    try:
        raw = path.read_bytes()
    except OSError:
        return ()
    wide = raw[:2] in (b"\xff\xfe", b"\xfe\xff")
    text = raw.decode("utf-16" if wide else "utf-8-sig", errors="replace").replace("\0", "")
    lines = [(k, row) for k, row in enumerate(text.splitlines(), start=1) if row.strip() and row.lstrip()[0] != "#"]
    if not lines:
        return ()
    delimiter = max(",;\t", key=lines[0][1].count)
    table = [(k, _cells(row, delimiter)) for k, row in lines]
    names = meant([cell.strip().lower() for cell in table[0][1]], columns)
    rows: list[SheetRow] = []
    for number, (line, cells) in enumerate(table[1:], start=1):
        filled: dict[str, str] = {}
        for name, cell in zip(names, cells, strict=False):
            filled[name] = max(filled.get(name, ""), cell.strip())
        rows.append(SheetRow(file=path.name, number=number, line=line, cells=filled))
    return tuple(rows)


def _cells(row: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([row], delimiter=delimiter), [])
    except csv.Error:
        return [cell.strip('"') for cell in row.split(delimiter)]


def meant(written: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    """Names of columns with the misspelt ones put right: each unknown name that is near one which is not there.

    Examples
    --------
    >>> meant(["date", "instrumnt", "note"], ["date", "instrument"])
    ('date', 'instrument', 'note')
    """
    found = list(written)
    for k, name in enumerate(written):
        if name not in known:
            close = get_close_matches(name, [one for one in known if one not in found], n=1, cutoff=0.6)
            found[k] = close[0] if close else name
    return tuple(found)


def _text_of(path: Path) -> str:
    if path.is_dir():
        raise InputError(Problem(what="is a folder", where=path.name, found="a folder", allowed="a CSV file"))
    try:
        raw = path.read_bytes()
    except FileNotFoundError as error:
        near = get_close_matches(path.name, (one.name for one in path.parent.glob("*.csv")), n=1, cutoff=0.6)
        allowed = f'did you mean "{near[0]}"?' if near else "a CSV file that is there"
        raise MissingFile(Problem(what="there is no such file", where=str(path), allowed=allowed)) from error
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
    written: tuple[str, ...],
    columns: tuple[str, ...],
    required: tuple[str, ...],
    optional: tuple[str, ...],
    where: str,
) -> tuple[list[Problem], set[str]]:
    """What is wrong with the header, each mistake once, and the columns that it leaves unsure."""
    known = required + optional
    found, allowed = f"columns {', '.join(written)}", _columns(required, optional)
    if not set(columns) & set(known):
        return [Problem(what="the header row is missing", where=where, found=found[8:88], allowed=allowed)], set()
    twice = [column for column in dict.fromkeys(columns) if columns.count(column) > 1]
    problems = [
        Problem(what="unknown column", where=where, found=f'"{name}"', allowed=f'did you mean "{column}"?')
        for name, column in zip(written, columns, strict=True)
        if name != column
    ]
    if twice:
        names = ", ".join(twice)
        what = f"column {names} stands twice" if len(twice) == 1 else f"columns {names} stand twice"
        problems.append(Problem(what=what, where=where, found=", ".join(written), allowed="each once"))
    lacking = [] if twice else [column for column in required if column not in columns]
    strange = [column for column in columns if column not in known]
    if lacking:
        names = " and ".join(lacking)
        what = f"column {names} is missing" if len(lacking) == 1 else f"columns {names} are missing"
        problems.append(Problem(what=what, where=where, found=found, allowed=allowed))
    if len(strange) > len(lacking):  # else one of them is what is missing, by a name that nobody can guess
        problems += [
            Problem(what="unknown column", where=where, found=f'"{column}"', allowed=allowed) for column in strange
        ]
    return problems, {*twice, *lacking}


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
