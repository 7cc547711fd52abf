"""Recordings as text: CSV and TSV, with or without a header and a time column."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from vagus.errors import InputError, Problem
from vagus.files.readers.channels import Contents
from vagus.files.readers.content import text_of
from vagus.files.readers.grid import even_grid, spread
from vagus.signal.vector import Array

TIME_NAMES = {
    "time",
    "t",
    "timestamp",
    "timestamps",
    "seconds",
    "sec",
    "datetime",
    "date_time",
    "elapsed",
    "elapsed_time",
    "phone_timestamp",
    "sensor_timestamp",
    "unix_timestamp",
    "unix_time",
}
TIME_UNITS = {
    "ns": 1e-9,
    "s": 1.0,
    "sec": 1.0,
    "seconds": 1.0,
    "ms": 1e-3,
    "msec": 1e-3,
    "us": 1e-6,
    "µs": 1e-6,
    "min": 60.0,
}
MISSING = {"", "nan", "na", "n/a", "null", "none", "-", "?"}
_UNIT_SUFFIX = re.compile(r"^(?P<name>.+?)_(?P<unit>mv|uv|µv|v|s|ms|us|ns|adu|nu|au|bpm)$", re.IGNORECASE)
_UNIT_BRACKET = re.compile(r"^(?P<name>.*?)\s*[\[(](?P<unit>[^\])]*)[\])]$")
_PLAIN = {".csv", ".tsv", ".txt"}
_UNIX_1990 = 6.3e8  # a time column that starts later than this is a clock of Unix, not a stopwatch
_UNIX_2500 = 1.7e10


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """Name and unit out of one header cell: "Time [s]", "ecg_mV", " II"."""

    name: str
    unit: str


def column(cell: str) -> Column:
    """Name and unit of a header cell.

    Examples
    --------
    >>> column("Time [s]"), column(" ecg_mV")
    (Column(name='Time', unit='s'), Column(name='ecg', unit='mV'))
    """
    text = cell.strip().strip('"').strip()
    match = _UNIT_BRACKET.match(text) or _UNIT_SUFFIX.match(text)
    return Column(name=match["name"].strip(), unit=match["unit"].strip()) if match else Column(name=text, unit="")


def read_text(path: Path, *, fs_hz: float | None) -> Contents:
    """Channels of a CSV or TSV file; samples lie on an even grid, nan where the time column leaves a gap.

    Parameters
    ----------
    path : Path
    fs_hz : float or None
        What the caller says: settles the unit of a time column that names none.

    Raises
    ------
    InputError
        No numbers, a cell that is none, times that do not increase or have no unit.
    """
    rows = rows_of(path)
    header = split(rows.head[0], rows.delimiter)
    named = not any(_is_number(cell) for cell in header)
    if named:
        rows = rows.after(1)
    if not rows.text:
        header_text = ", ".join(cell.strip() for cell in header)[:60]
        raise InputError(
            Problem(
                what="file has a header and no rows",
                where=str(path),
                found=f'"{header_text}"',
                allowed="a header and rows of numbers",
            )
        )
    columns = [column(cell) if named else Column(name=str(i + 1), unit="") for i, cell in enumerate(header)]
    table, first_row = numbers(rows, columns, path=path), rows.first_row
    del rows  # its text may be large
    clocks = [i for i, c in enumerate(columns) if named and is_clock(c)]
    clock = _best_clock(clocks, columns)
    rest = [i for i in range(len(columns)) if i not in clocks]
    if not rest:
        raise InputError(
            Problem(
                what="file has a time column and no channel",
                where=str(path),
                found=f'"{columns[0].name}"',
                allowed="a column of samples beside it",
            )
        )
    notes: tuple[str, ...] = ()
    rate, start, place = None, None, np.arange(table.shape[0])
    if clock is not None:
        rate, start, place, notes = clock_grid(
            table[:, clock], columns[clock], str(path), fs_hz=fs_hz, first_row=first_row
        )
    return Contents(
        names=tuple(columns[i].name for i in rest),
        units=tuple(columns[i].unit for i in rest),
        fs_hz=(rate,) * len(rest),
        start=start,
        read=lambda index: (spread(table[:, rest[index]], place), ()),
        notes=notes,
    )


def is_clock(c: Column) -> bool:
    """Whether a column is a clock by its name."""
    return c.name.casefold().replace(" ", "_") in TIME_NAMES


def _best_clock(clocks: list[int], columns: list[Column]) -> int | None:
    """Of several clocks the sensor's own, then the first with a unit: a phone's tells when packets came."""
    if not clocks:
        return None
    return min(clocks, key=lambda i: ("sensor" not in columns[i].name.casefold(), not columns[i].unit, i))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Rows of a text file, what separates their cells, and the number (from 1) of the first of them.

    Parameters
    ----------
    text : str
        One text and not a list of lines, which takes ten times the memory; "" where there is no row.
    packed : bool
        False where they are the rows of the file as it lies on disk, to its end.
    """

    text: str
    delimiter: str | None
    first_row: int
    packed: bool = True

    @property
    def count(self) -> int:
        """Number of rows."""
        return self.text.count("\n") + 1 if self.text else 0

    @property
    def lines(self) -> list[str]:
        """All rows."""
        return self.text.split("\n") if self.text else []

    @property
    def head(self) -> list[str]:
        """The first rows, at most twenty."""
        return self.text[:100_000].split("\n")[:20] if self.text else []

    def __iter__(self) -> Iterator[str]:
        at, end = 0, self.text.find("\n")
        while end >= 0:
            yield self.text[at:end]
            at, end = end + 1, self.text.find("\n", end + 1)
        if self.text:
            yield self.text[at:]

    def after(self, n: int) -> Rows:
        """The same without the first `n` rows."""
        at = 0
        for _ in range(n):
            at = self.text.find("\n", at) + 1 or len(self.text)
        return replace(self, text=self.text[at:], first_row=self.first_row + n)


def rows_of(path: Path) -> Rows:
    """Rows from the first that is neither empty nor a comment to the last that is not empty.

    Raises
    ------
    InputError
        The file is no text, or empty.
    """
    text = text_of(path).rstrip()
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    at = skipped = 0
    while at < len(text) and (text[at] in " \t\n" or text[at] == "#"):
        end = text.find("\n", at) + 1 or len(text)
        line = text[at:end].strip()
        if line and not line.startswith("#"):
            break
        at, skipped = end, skipped + 1
    text = text[at:]
    if not text:
        raise InputError(
            Problem(what="file is empty", where=str(path), found="no row", allowed="a header and rows of numbers")
        )
    with path.open("rb") as stream:
        packed = stream.read(2) == b"\x1f\x8b"
    rows = Rows(text=text, delimiter=None, first_row=skipped + 1, packed=packed)
    return replace(rows, delimiter=_delimiter(rows.head))


def _delimiter(lines: list[str]) -> str | None:
    """Sign between cells: the one that cuts the first lines alike; None is white space."""
    for sign in ("\t", ";", ","):
        counts = {line.count(sign) for line in lines}
        if len(counts) == 1 and counts != {0}:
            return sign
    for sign in ("\t", ";", ","):
        if sign in lines[0]:
            return sign
    # one value a line, under a header that may hold spaces: cut at a sign that is not there
    return ";" if len(lines) > 1 and len(lines[1].split()) == 1 else None


def split(line: str, delimiter: str | None) -> list[str]:
    """Cells of a line."""
    return line.split() if delimiter is None else line.split(delimiter)


def _is_number(cell: str) -> bool:
    try:
        float(cell.strip().replace(",", "."))
    except ValueError:
        return False
    return True


def numbers(rows: Rows, columns: list[Column], *, path: Path) -> Array:
    """Cells as numbers, (rows, columns); nan where a cell is empty.

    Raises
    ------
    InputError
        A row has too many or too few cells, or a cell is no number: says which.
    """
    shape = (rows.count, len(columns))
    plain = not rows.packed and path.suffix.lower() in _PLAIN
    try:
        table = np.loadtxt(
            path if plain else iter(rows),  # four times as fast from the file as row by row
            skiprows=rows.first_row - 1 if plain else 0,
            delimiter=rows.delimiter,
            ndmin=2,
            comments=None,
            encoding="utf-8-sig",
        )
    except ValueError:
        table = np.empty((0, 0))
    if table.shape == shape:
        return table
    table = np.full(shape, np.nan)
    for i, line in enumerate(rows):
        where = f"{path}, row {rows.first_row + i}"
        cells = split(line, rows.delimiter)
        if len(cells) != len(columns):
            found, allowed = f"{len(cells)} cells", f"{len(columns)}"
            raise InputError(Problem(what="row is broken", where=where, found=found, allowed=allowed))
        for j, cell in enumerate(cells):
            text = cell.strip().strip('"')
            if text.casefold() in MISSING:
                continue
            value = number_of(text, rows.delimiter)
            if value is None:
                raise InputError(
                    Problem(
                        what="cell is no number",
                        where=f"{where}, {columns[j].name}",
                        found=f'"{text[:40]}"',
                        allowed="a number, or nothing where a sample is missing",
                    )
                )
            table[i, j] = value
    return table


def number_of(text: str, delimiter: str | None) -> float | None:
    """Number in a cell, seconds since 1970 for a date, None for anything else; decimal commas are read."""
    try:
        return float(text.replace(",", ".") if delimiter != "," else text)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (OverflowError, ValueError):
        return None


def clock_grid(
    raw: Array, time: Column, path: str, *, fs_hz: float | None, first_row: int
) -> tuple[float, datetime | None, np.ndarray, tuple[str, ...]]:
    """Sampling rate, start, place of each row on an even grid, notes.

    Raises
    ------
    InputError
        A time is missing or earlier than the one before, the unit is not told, or the times lie on no grid.
    """
    where = f"{path}, {time.name}"
    bad = np.flatnonzero(~np.isfinite(raw))
    if bad.size:
        raise InputError(
            Problem(what="time is missing", where=f"{where}, row {first_row + bad[0]}", allowed="a time in each row")
        )
    if raw.size < 2:
        raise InputError(Problem(what="one row is no recording", where=path, found="1 row", allowed="2 or more"))
    steps = np.diff(raw)
    if steps.min() < 0 or raw[-1] == raw[0]:
        row = int(np.argmax(steps < 0))
        raise InputError(
            Problem(
                what="time does not increase",
                where=f"{where}, row {first_row + row + 1}",
                found=f"{raw[row]:.10g} then {raw[row + 1]:.10g}",
                allowed="times in order: cut the file where the clock was set back or the recorder restarted; "
                "or leave the time column out and give fs_hz (--fs-hz)",
            )
        )
    step = float(np.median(steps)) or float(steps.mean())
    factor = _factor(time, step, where, fs_hz=fs_hz, first=float(raw[0]))
    rate, place, notes = even_grid((raw - raw[0]) * factor, where)
    start = None
    if _UNIX_1990 < raw[0] * factor < _UNIX_2500:  # the clock of the file, without a zone, as in the other formats
        start = datetime.fromtimestamp(float(raw[0]) * factor, tz=UTC).replace(tzinfo=None)
    return rate, start, place, notes


def _factor(time: Column, step: float, where: str, *, fs_hz: float | None, first: float) -> float:
    """Seconds in one unit of the time column."""
    unit = time.unit.casefold() or ("s" if time.name.casefold() in {"seconds", "sec"} else "")
    if unit in TIME_UNITS:
        return TIME_UNITS[unit]
    if unit:
        raise InputError(
            Problem(what="unit of the time column is unknown", where=where, found=unit, allowed=", ".join(TIME_UNITS))
        )
    for factor in (1.0, 1e-3, 1e-6, 1e-9):  # dates, or a clock of Unix: its size tells its unit
        if _UNIX_1990 < first * factor < _UNIX_2500:
            return factor
    if fs_hz is not None:
        for factor in (1.0, 1e-3, 1e-6):
            if abs(step * factor * fs_hz - 1) < 0.25:
                return factor
    if 1e-5 < step < 0.1:  # as seconds 10 Hz to 100 kHz; as anything shorter no body signal is sampled so
        return 1.0
    raise InputError(
        Problem(
            what="time column has no unit",
            where=where,
            found=f"steps of {step:g}",
            allowed='a header such as "time_s" or "Time [ms]"',
        )
    )
