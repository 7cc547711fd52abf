"""Folders of Empatica E4: BVP, EDA, TEMP, HR and ACC at their own rates, IBI with times, tags.

Each signal file says in its first row the start (Unix time) and in its second the rate; see the maker's info.txt.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from vagus.errors import InputError, MissingFile, Problem
from vagus.files.readers.channels import Contents
from vagus.files.readers.content import text_of
from vagus.files.readers.marks import Mark
from vagus.files.readers.text import Column, Rows, numbers
from vagus.signal.vector import Array

_UNIX_1990, _UNIX_2500 = 6.3e8, 1.7e10
_CHANNELS = {
    "BVP.csv": (("BVP", ""),),
    "EDA.csv": (("EDA", "uS"),),
    "TEMP.csv": (("TEMP", "degC"),),
    "HR.csv": (("HR", "bpm"),),
    "ACC.csv": (("ACC x", "g/64"), ("ACC y", "g/64"), ("ACC z", "g/64")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One file: start, rate, and what it holds."""

    path: Path
    start_s: float
    fs_hz: float
    n_columns: int


def read_empatica(folder: Path) -> Contents:
    """Channels of a folder of Empatica E4, or of one file out of it; each begins with its own file.

    Raises
    ------
    InputError
        No signal file is in it, or one is damaged.
    """
    if folder.is_file():
        found = [(folder, _CHANNELS[folder.name])] if folder.name in _CHANNELS else []
    else:
        found = [(folder / name, columns) for name, columns in _CHANNELS.items() if (folder / name).is_file()]
    if not found:
        raise InputError(
            Problem(
                what="no signal of Empatica E4 is in the folder",
                where=str(folder),
                allowed="one of: " + ", ".join(_CHANNELS),
            )
        )
    signals = [(_head(path, len(columns)), i, column) for path, columns in found for i, column in enumerate(columns)]
    starts = tuple(datetime.fromtimestamp(signal.start_s, tz=UTC).replace(tzinfo=None) for signal, _, _ in signals)
    return Contents(
        names=tuple(name for _, _, (name, _) in signals),
        units=tuple(unit for _, _, (_, unit) in signals),
        fs_hz=tuple(signal.fs_hz for signal, _, _ in signals),
        start=None,
        starts=starts,
        read=lambda index: (np.ascontiguousarray(_table(signals[index][0])[:, signals[index][1]]), ()),
    )


def empatica_intervals(path: Path) -> tuple[float, Array]:
    """Start (Unix time), and (n, 2): seconds from it at which a beat was, and the interval that it ends, in seconds.

    Raises
    ------
    InputError
        The first row is no start, or a row is damaged.
    """
    lines = _lines(path)
    head = lines[0].split(",")
    start_s = _clock(head[0], f"{path}, row 1")
    columns = [Column(name="time", unit="s"), Column(name="IBI", unit="s")]
    return start_s, numbers(Rows(lines=lines[1:], delimiter=",", first_row=2), columns, path=path)


def empatica_marks(path: Path, start_s: float) -> tuple[Mark, ...]:
    """Presses of the button (tags*.csv: Unix times), in seconds from `start_s`.

    Raises
    ------
    InputError
        A row is no time.
    """
    text = [line for line in text_of(path).splitlines() if line.strip()]
    times = [_clock(line, f"{path}, row {i}") - start_s for i, line in enumerate(text, start=1)]
    return tuple(Mark(time_s=time_s, text="tag") for time_s in sorted(times))


def empatica_start(folder: Path) -> float:
    """Unix time of the first sample of BVP, or of the first signal that is there.

    Raises
    ------
    MissingFile
        No signal file is in the folder.
    """
    for name, columns in _CHANNELS.items():
        if (folder / name).is_file():
            return _head(folder / name, len(columns)).start_s
    if (folder / "IBI.csv").is_file():
        return empatica_intervals(folder / "IBI.csv")[0]
    raise MissingFile(Problem(what="no file tells when the recording began", where=str(folder), allowed="BVP.csv"))


def _lines(path: Path) -> list[str]:
    lines = [line for line in text_of(path).splitlines() if line.strip()]
    if len(lines) < 2:
        raise InputError(
            Problem(
                what="file of Empatica E4 is empty",
                where=str(path),
                found=f"{len(lines)} rows",
                allowed="start, rate, and a row a sample",
            )
        )
    return lines


def _head(path: Path, n_columns: int) -> Signal:
    with path.open("rb") as stream:
        rows = [stream.readline(200).decode("latin-1").strip().split(",") for _ in range(2)]
    start_s = _clock(rows[0][0], f"{path}, row 1")
    try:
        rate = float(rows[1][0])
    except ValueError:
        rate = float("nan")
    if not 0 < rate < 1e5:
        found = f'"{rows[1][0][:40]}"'
        raise InputError(
            Problem(what="sampling rate is no rate", where=f"{path}, row 2", found=found, allowed="samples per second")
        )
    return Signal(path=path, start_s=start_s, fs_hz=rate, n_columns=n_columns)


def _table(signal: Signal) -> Array:
    rows = Rows(lines=_lines(signal.path)[2:], delimiter=",", first_row=3)
    names = [Column(name=signal.path.stem, unit="")] * signal.n_columns
    if not rows.lines:
        return np.empty((0, signal.n_columns))
    return numbers(rows, names, path=signal.path)


def _clock(text: str, where: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not _UNIX_1990 < value < _UNIX_2500:
        found = f'"{text.strip()[:40]}"'
        raise InputError(
            Problem(what="time is no Unix time", where=where, found=found, allowed="seconds since 1970, after 1990")
        )
    return value
