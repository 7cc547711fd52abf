"""RR intervals as text: one value a line, tables of Polar, Kubios and others, and .hrm files of Polar."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from vagus.errors import InputError, Problem
from vagus.files.readers.content import text_of
from vagus.files.readers.text import MISSING, Column, Rows, column, number_of, rows_of, split
from vagus.files.readers.text import is_clock as named_clock
from vagus.signal.beats import Beats
from vagus.signal.recording import Gap
from vagus.signal.vector import Array

_RR_WORDS = {"rr", "rri", "ibi", "nn", "nni", "rrinterval", "rrintervals", "interbeat"}
_LEAST_RR_S, _LARGEST_RR_S = 0.2, 3.0  # medians of a heart lie between; tells ms from s and intervals from times
_SHORTEST_RR_S, _LONGEST_RR_S = 0.01, 1000.0
_EXACT_S = 0.02  # a clock of beats agrees with the intervals so well; one of packets (Bluetooth) does not
_SLACK_S = 0.05
_LOST_S = 3.0  # packets come late by up to 2 s; what stays later than this was lost
_LAGS = 10  # intervals on either side whose lag is compared
_PREFACE = 200  # lines in which the header of a table may stand


def beats_of_text(path: Path, *, fs_hz: float | None, unit: str | None) -> Beats:
    """Beats out of intervals, with or without a clock, of beat times or of sample numbers, one a row.

    Raises
    ------
    InputError
        No column is one of these, its unit cannot be told, or a row is damaged.
    """
    rows, columns = _table(path)
    which = _rr_column(columns, path)
    values = _column(rows, which, columns, path)
    clock = next((i for i, c in enumerate(columns) if i != which and named_clock(c)), None)
    if clock is None and len(columns) == 2 and which == 1 and not columns[0].name:
        clock = 0
    if clock is None:
        times = _times(values, columns[which], fs_hz=fs_hz, unit=unit, path=path)
        if times is not None:
            return _beats_at(times, path)
        rr_s = _seconds(values, columns[which], unit, path, rows.first_row)
        return Beats.of_rr(rr_s * 1000, source_name=path.name)
    time = _column(rows, clock, columns, path)
    told = np.isfinite(values)  # a row of a strap may hold a heart rate and no interval
    rr_s = _seconds(values[told], columns[which], unit, path, rows.first_row)
    return timed_beats(_clock(time[told], columns[clock], rr_s, path), rr_s, path)


def beats_of_hrm(path: Path) -> Beats:
    """Beats out of a Polar .hrm file that was recorded beat by beat.

    Raises
    ------
    InputError
        It holds heart rates at fixed intervals in place of RR intervals, or a row is damaged.
    """
    lines = text_of(path).splitlines()
    section, interval, rr, row = "", None, [], 0
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        if text.startswith("["):
            section, row = text.strip("[]").casefold(), row or (number if text.casefold() == "[hrdata]" else 0)
        elif section == "params" and (match := re.match(r"^interval\s*=\s*(-?\d{1,6})\s*$", text, re.IGNORECASE)):
            interval = int(match[1])
        elif section == "hrdata" and text:
            value = number_of(text.split()[0], None)
            if value is None:
                raise InputError(_no_number(f"{path}, row {number}", text))
            rr.append(value)
    if interval != 238:  # the value by which the format says "RR intervals"
        raise InputError(
            Problem(
                what="file holds no RR intervals",
                where=f"{path}, [Params] Interval",
                found="nothing" if interval is None else f"{interval}",
                allowed="238, RR intervals: record beat by beat",
            )
        )
    rr_s = _seconds(np.array(rr), Column(name="RR", unit="ms"), None, path, row + 1)
    return Beats.of_rr(rr_s * 1000, source_name=path.name)


def beats_of_series(values: Array, path: Path, *, fs_hz: float | None, unit: str | None) -> Beats:
    """Beats out of an array of intervals, beat times or sample numbers."""
    plain = Column(name="", unit="")
    times = _times(values, plain, fs_hz=fs_hz, unit=unit, path=path)
    if times is not None:
        return _beats_at(times, path)
    return Beats.of_rr(_seconds(values, plain, unit, path, 1) * 1000, source_name=path.name)


def _beats_at(time_s: Array, path: Path) -> Beats:
    return Beats(time_s=time_s, quality=np.ones(time_s.size), origin="given", source_name=path.name)


def timed_beats(at_s: Array, rr_s: Array, path: Path) -> Beats:
    """Beats out of intervals with the time at which each ended or was received; what was lost between is a gap.

    A clock of beats is taken as it is. A clock of packets tells only what was lost: the beats follow one another by
    their intervals, and where the clock stays more than 3 s behind there is a gap.
    """
    error = np.diff(at_s) - rr_s[1:]
    if error.size and float(np.median(np.abs(error))) <= _EXACT_S:
        return _chained(at_s, rr_s, np.flatnonzero(np.abs(error) > np.maximum(_SLACK_S, 0.1 * rr_s[1:])) + 1, path)
    end_s = np.cumsum(rr_s)
    lag = at_s - end_s
    shift = np.zeros(rr_s.size)
    breaks = []
    if rr_s.size >= 2 * _LAGS:
        windows = sliding_window_view(lag, _LAGS)
        lost = windows[_LAGS:].min(axis=1) - windows[:-_LAGS].max(axis=1) > _LOST_S
        for i in np.flatnonzero(lost) + _LAGS:
            shift[i:] += np.median(lag[i : i + _LAGS]) - np.median(lag[i - _LAGS : i])
            breaks.append(i)
    first = max(0.0, float(np.median(lag[: breaks[0] if breaks else None])))
    return _chained(first + end_s + shift, rr_s, np.array(breaks, dtype=np.int64), path)


def _chained(at_s: Array, rr_s: Array, breaks: np.ndarray, path: Path) -> Beats:
    """Beats at the ends of intervals; each break is a gap, after which the first interval begins with a beat too."""
    starts = np.concatenate([[0], breaks]).astype(np.int64)
    begun = at_s[starts] - rr_s[starts]
    room = np.concatenate([[True], begun[1:] > at_s[starts[1:] - 1]])
    gaps = tuple(
        Gap(start_s=float(at_s[i - 1]), stop_s=float(start if free else at_s[i]))
        for i, start, free in zip(starts[1:], begun[1:], room[1:], strict=True)
    )
    time_s = np.sort(np.concatenate([at_s, begun[room]]))
    return Beats(time_s=time_s, quality=np.ones(time_s.size), origin="given", source_name=path.name, gaps=gaps)


def _table(path: Path) -> tuple[Rows, list[Column]]:
    """Rows of numbers and their columns; text before the header of a table is stepped over."""
    rows = rows_of(path)
    first = rows.lines[: _PREFACE + 1]
    for i, (line, below) in enumerate(pairwise(first)):
        for sign in (rows.delimiter, ";", "\t", ","):
            columns = [column(text) for text in split(line, sign)]
            if any(_is_rr(c) for c in columns) and _has_number(below, sign):
                table = replace(rows.after(i + 1), delimiter=sign)
                text = re.split(r"\n\s*(?:\n|$)", table.text)[0]
                return replace(table, text=text), columns  # to its first empty row
    if rows.delimiter == "," and all(re.fullmatch(r"\s*[0-3],\d+\s*", line) for line in rows):
        rows = replace(rows, delimiter=";")  # seconds with a decimal comma
    cells = split(first[0], rows.delimiter)
    if all(number_of(text, rows.delimiter) is not None for text in cells):
        return rows, [Column(name="", unit="")] * len(cells)
    if rows.count < 2:
        found = f'"{first[0].strip()[:40]}"'
        raise InputError(Problem(what="file has no intervals", where=str(path), found=found, allowed="a number a row"))
    return rows.after(1), [column(text) for text in cells]


def _has_number(line: str, delimiter: str | None) -> bool:
    return any(number_of(text, delimiter) is not None for text in split(line, delimiter))


def _is_rr(c: Column) -> bool:
    parts = re.findall(r"[a-z]+", c.name.casefold())
    return bool(_RR_WORDS & set(parts)) and not {"diff", "mean", "error"} & set(parts)


def _rr_column(columns: list[Column], path: Path) -> int:
    named = [i for i, c in enumerate(columns) if _is_rr(c)]
    if named:
        return named[0]
    rest = [i for i, c in enumerate(columns) if not named_clock(c)] or [0]
    if len(columns) <= 2 and len(rest) >= 1:
        return rest[-1]
    raise InputError(
        Problem(
            what="no column is one of RR intervals",
            where=str(path),
            found=", ".join(c.name for c in columns)[:120]
            if columns[0].name
            else f"{len(columns)} columns without names",
            allowed='a header such as "time_s,rr_ms"',
        )
    )


def _column(rows: Rows, index: int, columns: list[Column], path: Path) -> Array:
    """Numbers of one column, nan where its cell is empty; other columns may hold anything."""
    values = np.full(rows.count, np.nan)
    for i, line in enumerate(rows):
        where = f"{path}, row {rows.first_row + i}"
        cells = split(line, rows.delimiter)
        if len(cells) != len(columns):
            found, allowed = f"{len(cells)} cells", f"{len(columns)}"
            raise InputError(Problem(what="row is broken", where=where, found=found, allowed=allowed))
        text = cells[index].strip().strip('"')
        if text.casefold() in MISSING:
            continue
        value = number_of(text, rows.delimiter)
        if value is None:
            raise InputError(_no_number(where, text))
        values[i] = value
    return values


def _seconds(values: Array, told: Column, unit: str | None, path: Path, first_row: int) -> Array:
    """Intervals in seconds, each one that a clock can have measured."""
    if values.size == 0:
        raise InputError(Problem(what="file has no intervals", where=str(path), found="0", allowed="1 or more"))
    factor = _factor(values, told, unit, path)
    return checked(values * factor, path, first_row)


def checked(rr_s: Array, path: Path, first_row: int) -> Array:
    """The intervals, each one that a clock can have measured.

    Raises
    ------
    InputError
        One is not: says in which row.
    """
    bad = np.flatnonzero(~((rr_s >= _SHORTEST_RR_S) & (rr_s < _LONGEST_RR_S)))
    if bad.size:
        raise InputError(
            Problem(
                what="RR interval is none",
                where=f"{path}, row {first_row + int(bad[0])}",
                found=f"{rr_s[bad[0]]:g} s",
                allowed=f"intervals between beats, {_SHORTEST_RR_S:g} to {_LONGEST_RR_S:g} s; "
                "or a column of times, so that what is missing can be seen",
            )
        )
    return rr_s


def _factor(values: Array, told: Column, unit: str | None, path: Path) -> float:
    name = (unit or told.unit).casefold()
    if unit is not None and told.unit and unit.casefold() != told.unit.casefold():
        raise InputError(
            Problem(what="unit contradicts the file", where=str(path), found=f'"{unit}"', allowed=f'"{told.unit}"')
        )
    if name in {"ms", "msec", "milliseconds"}:
        return 1e-3
    if name in {"s", "sec", "seconds"}:
        return 1.0
    finite = values[np.isfinite(values)]
    middle = float(np.median(finite)) if finite.size else 0.0
    for factor in (1.0, 1e-3):
        if not name and _LEAST_RR_S <= middle * factor <= _LARGEST_RR_S:
            return factor
    raise InputError(
        Problem(
            what="unit of the intervals cannot be told: give unit (--unit)",
            where=str(path),
            found=f'unit "{name}"' if name else f"a median of {middle:g}",
            allowed='"ms" or "s"; a heart beats every 0.2 to 3 s',
        )
    )


def _times(values: Array, told: Column, *, fs_hz: float | None, unit: str | None, path: Path) -> Array | None:
    """Times of beats in seconds, where the numbers increase as only times or sample numbers do; else None."""
    if values.size < 10 or not np.isfinite(values).all() or _is_rr(told):
        return None
    steps = np.diff(values)
    if steps.min() <= 0:
        return None
    middle, unit = float(np.median(steps)), unit or told.unit or None
    if fs_hz is not None and (values == np.rint(values)).all():
        if not fs_hz > 0:
            raise InputError(
                Problem(what="fs_hz is no sampling rate", where=str(path), found=f"{fs_hz}", allowed="> 0")
            )
        return values / fs_hz
    if unit in {"s", "ms"}:
        factor = 1.0 if unit == "s" else 1e-3
        return values * factor if _LEAST_RR_S <= middle * factor <= _LARGEST_RR_S else None
    if _LEAST_RR_S <= middle <= _LARGEST_RR_S and values[0] < _LEAST_RR_S * 1e3:
        return values
    if middle < _LEAST_RR_S * 10:
        return None
    raise InputError(
        Problem(
            what="numbers increase: they are times or sample numbers, not intervals",
            where=str(path),
            found=f"steps of {middle:g}",
            allowed='fs_hz for sample numbers, unit "s" or "ms" for times',
        )
    )


def _clock(time: Array, told: Column, rr_s: Array, path: Path) -> Array:
    """Clock beside intervals in seconds: elapsed times as they are, times of day from the first on."""
    if not np.isfinite(time).all():
        where = f"{path}, interval {int(np.argmax(~np.isfinite(time))) + 1}"
        raise InputError(Problem(what="time is missing", where=where, allowed="a time beside each interval"))
    back = np.flatnonzero(np.diff(time) < 0)
    if back.size:
        raise InputError(
            Problem(
                what="time does not increase",
                where=f"{path}, interval {int(back[0]) + 2}",
                found=f"{time[back[0]]:.10g} then {time[back[0] + 1]:.10g}",
                allowed="times in order: cut the file where the clock was set back",
            )
        )
    units = {"s": 1.0, "sec": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
    span, whole = float(time[-1] - time[0]), float(rr_s[1:].sum())
    factor = units.get(told.unit.casefold())
    if factor is None:  # the clock runs at least as long as the intervals together, and hardly a thousand times longer
        factor = next((f for f in (1.0, 1e-3, 1e-6, 1e-9) if span * f < 100 * max(whole, 1.0)), 1e-9)
    if span * factor < 0.5 * whole - 2 * _LOST_S or span * factor > 1e8:
        raise InputError(
            Problem(
                what="clock and intervals contradict each other",
                where=str(path),
                found=f"{span * factor:g} s by the clock, {whole:g} s by the intervals",
                allowed='a clock that runs at least as long, with its unit ("time_s")',
            )
        )
    return (time - (time[0] if time[0] * factor > 1e7 else 0.0)) * factor


def _no_number(where: str, text: str) -> Problem:
    return Problem(what="cell is no number", where=where, found=f'"{text[:40]}"', allowed="an interval")
