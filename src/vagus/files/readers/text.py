"""Recordings as text: CSV and TSV, with or without a header and a time column."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from vagus.errors import InputError, Problem
from vagus.files.channels import Contents, looks_like
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
}
TIME_UNITS = {"s": 1.0, "sec": 1.0, "seconds": 1.0, "ms": 1e-3, "msec": 1e-3, "us": 1e-6, "µs": 1e-6, "min": 60.0}
MISSING = {"", "nan", "na", "n/a", "null", "none", "-", "?"}
_UNIT_SUFFIX = re.compile(r"^(?P<name>.+?)_(?P<unit>mv|uv|µv|v|s|ms|us|adu|nu|au)$", re.IGNORECASE)
_UNIT_BRACKET = re.compile(r"^(?P<name>.*?)\s*[\[(](?P<unit>[^\])]*)[\])]$")
_UNIX_1990 = 6.3e8  # a time column that starts later than this is a clock of Unix, not a stopwatch
_LARGEST_OFFSET = 1.5  # samples by which a written time may miss its place
_LARGEST_FILLED = 0.2  # share of the grid that steps in time may leave empty before the file is no recording


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
    lines, first_row = _lines(path)
    delimiter = _delimiter(lines)
    header = _split(lines[0], delimiter)
    named = not any(_is_number(cell) for cell in header)
    if named:
        lines, first_row = lines[1:], first_row + 1
    if not lines:
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
    table = _numbers(lines, delimiter, columns, path=path, first_row=first_row)
    clock = next((i for i, c in enumerate(columns) if named and c.name.casefold() in TIME_NAMES), None)
    rest = [i for i in range(len(columns)) if i != clock]
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
        rate, start, place, notes = _grid(table[:, clock], columns[clock], path, fs_hz=fs_hz, first_row=first_row)

    def read(index: int) -> Array:
        samples = np.full(int(place[-1]) + 1, np.nan)
        samples[place] = table[:, rest[index]]
        return samples

    return Contents(
        names=tuple(columns[i].name for i in rest),
        units=tuple(columns[i].unit for i in rest),
        fs_hz=(rate,) * len(rest),
        start=start,
        read=read,
        notes=notes,
    )


def _lines(path: Path) -> tuple[list[str], int]:
    """Lines with something in them, and the row number (from 1) of the first."""
    raw = path.read_bytes()
    allowed = "CSV or TSV in UTF-8"
    if b"\0" in raw[:4096] or not looks_like(raw).startswith(("text that", "bytes", "an empty")):
        raise InputError(Problem(what="file is not text", where=str(path), found=looks_like(raw), allowed=allowed))
    try:
        lines = raw.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        # a unit such as µV in an old code page is readable; control bytes are no text in any
        if any(byte < 9 or 13 < byte < 32 for byte in raw[:4096]):
            found = f"{looks_like(raw)}; byte {raw[error.start]:#04x} at {error.start} is no UTF-8"
            raise InputError(Problem(what="file is not text", where=str(path), found=found, allowed=allowed)) from error
        lines = raw.decode("latin-1").splitlines()
    first = next((i for i, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("#")), None)
    if first is None:
        raise InputError(
            Problem(what="file is empty", where=str(path), found="no row", allowed="a header and rows of numbers")
        )
    while lines and not lines[-1].strip():
        lines.pop()
    return lines[first:], first + 1


def _delimiter(lines: list[str]) -> str | None:
    """Sign between cells: the one that cuts the first lines alike; None is white space."""
    sample = lines[:20]
    for sign in ("\t", ";", ","):
        counts = {line.count(sign) for line in sample}
        if len(counts) == 1 and counts != {0}:
            return sign
    for sign in ("\t", ";", ","):
        if sign in lines[0]:
            return sign
    # one value a line, under a header that may hold spaces: cut at a sign that is not there
    return ";" if len(lines) > 1 and len(lines[1].split()) == 1 else None


def _split(line: str, delimiter: str | None) -> list[str]:
    return line.split() if delimiter is None else line.split(delimiter)


def _is_number(cell: str) -> bool:
    try:
        float(cell.strip().replace(",", "."))
    except ValueError:
        return False
    return True


def _numbers(lines: list[str], delimiter: str | None, columns: list[Column], *, path: Path, first_row: int) -> Array:
    """Cells as numbers, (rows, columns); nan where a cell is empty."""
    try:
        table = np.loadtxt(lines, delimiter=delimiter, ndmin=2, comments=None)
    except ValueError:
        return _numbers_slowly(lines, delimiter, columns, path=path, first_row=first_row)
    if table.shape != (len(lines), len(columns)):
        return _numbers_slowly(lines, delimiter, columns, path=path, first_row=first_row)
    return table


def _numbers_slowly(
    lines: list[str], delimiter: str | None, columns: list[Column], *, path: Path, first_row: int
) -> Array:
    """As `_numbers`, cell by cell: for empty cells, dates and decimal commas, and to name the row that is wrong."""
    table = np.full((len(lines), len(columns)), np.nan)
    for i, line in enumerate(lines):
        cells = _split(line, delimiter)
        if len(cells) != len(columns):
            found = f"{len(cells)} cells"
            raise InputError(
                Problem(
                    what="row is broken", where=f"{path}, row {first_row + i}", found=found, allowed=f"{len(columns)}"
                )
            )
        for j, cell in enumerate(cells):
            text = cell.strip().strip('"')
            if text.casefold() in MISSING:
                continue
            value = _cell(text, delimiter)
            if value is None:
                raise InputError(
                    Problem(
                        what="cell is no number",
                        where=f"{path}, row {first_row + i}, {columns[j].name}",
                        found=f'"{text[:40]}"',
                        allowed="a number, or nothing where a sample is missing",
                    )
                )
            table[i, j] = value
    return table


def _cell(text: str, delimiter: str | None) -> float | None:
    try:
        return float(text.replace(",", ".") if delimiter != "," else text)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _grid(
    raw: Array, time: Column, path: Path, *, fs_hz: float | None, first_row: int
) -> tuple[float, datetime | None, np.ndarray, tuple[str, ...]]:
    """Sampling rate, start, place of each row on an even grid, notes."""
    where = f"{path}, {time.name}"
    bad = np.flatnonzero(~np.isfinite(raw))
    if bad.size:
        raise InputError(
            Problem(what="time is missing", where=f"{where}, row {first_row + bad[0]}", allowed="a time in each row")
        )
    if raw.size < 2:
        raise InputError(Problem(what="one row is no recording", where=str(path), found="1 row", allowed="2 or more"))
    steps = np.diff(raw)
    if steps.min() < 0 or raw[-1] == raw[0]:
        row = int(np.argmax(steps < 0))
        raise InputError(
            Problem(
                what="time does not increase",
                where=f"{where}, row {first_row + row + 1}",
                found=f"{raw[row]:.10g} then {raw[row + 1]:.10g}",
                allowed="times in order; or leave the time column out and give fs_hz",
            )
        )
    step = float(np.median(steps)) or float(steps.mean())
    factor = _factor(time, step, where, fs_hz=fs_hz, clock=raw[0] > _UNIX_1990)
    time_s = (raw - raw[0]) * factor
    rate, place = _rate(time_s)
    empty = 1 - raw.size / (place[-1] + 1)
    if empty > _LARGEST_FILLED or np.abs(time_s - place / rate).max() > _LARGEST_OFFSET / rate:
        found = f"steps of {np.diff(time_s).min():.4g} to {np.diff(time_s).max():.4g} s"
        raise InputError(Problem(what="samples are not evenly spaced", where=where, found=found, allowed="one rate"))
    start = None
    if raw[0] * factor > _UNIX_1990:  # the clock of the file, without a zone, as in the other formats
        start = datetime.fromtimestamp(float(raw[0]) * factor, tz=UTC).replace(tzinfo=None)
    n_gaps = int((np.diff(place) > 1).sum())
    return rate, start, place, (f"the time column leaves {n_gaps} gaps",) if n_gaps else ()


def _rate(time_s: Array) -> tuple[float, np.ndarray]:
    """Sampling rate, and the index of each row on the even grid."""
    steps = np.diff(time_s)
    # the median finds the rate beside gaps; the mean over ordinary steps undoes rounding of the written times
    ordinary = steps < 1.5 * (np.median(steps) or np.inf)
    rate = _round(1 / float(steps[ordinary].mean()))
    counts = np.where(steps * rate < 1.5, 1, np.rint(steps * rate)).astype(np.int64)
    place = np.concatenate([[0], np.cumsum(counts)])
    if np.abs(time_s - place / rate).max() <= 1 / rate:
        return rate, place
    # times written more coarsely than the samples lie (BIDMC after 100 s: five digits, 0.01 s for steps of 0.008 s):
    # one rate over the whole length, and the caller measures how well it fits
    return _round(steps.size / float(time_s[-1])), np.arange(time_s.size)


def _round(rate: float) -> float:
    return float(round(rate)) if rate > 1 and abs(rate - round(rate)) < 2e-4 * rate else rate


def _factor(time: Column, step: float, where: str, *, fs_hz: float | None, clock: bool) -> float:
    """Seconds in one unit of the time column."""
    unit = time.unit.casefold() or ("s" if time.name.casefold() in {"seconds", "sec"} else "")
    if unit in TIME_UNITS:
        return TIME_UNITS[unit]
    if unit:
        raise InputError(
            Problem(what="unit of the time column is unknown", where=where, found=unit, allowed=", ".join(TIME_UNITS))
        )
    if clock and step < 1:  # dates, or a clock of Unix in seconds
        return 1.0
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
