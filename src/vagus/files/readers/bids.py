"""BIDS physiological recordings: `_physio.tsv` or `_physio.tsv.gz` without a header, described by a JSON beside it.

Written from the Brain Imaging Data Structure, section "Physiological and other continuous recordings".
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from vagus.errors import InputError, MissingFile, Problem
from vagus.files.readers.channels import Contents
from vagus.files.readers.content import text_of
from vagus.files.readers.marks import Mark
from vagus.files.readers.text import MISSING, Column, Rows, numbers, rows_of, split

_MAX_JSON_BYTES = 4 * 1024**2


@dataclass(frozen=True, slots=True, kw_only=True)
class Sidecar:
    """What the JSON says: rate, seconds from the scan's start to the first sample, columns and their units."""

    fs_hz: float
    start_s: float
    columns: tuple[str, ...]
    units: tuple[str, ...]


def sidecar_of(path: Path) -> Path:
    """JSON file that describes a recording: the same name with ``.json``."""
    name = path.name.removesuffix(".gz")
    return path.with_name(name.removesuffix(".tsv") + ".json")


def read_bids(path: Path) -> Contents:
    """Channels of a BIDS recording.

    Raises
    ------
    MissingFile
        Its JSON is not there.
    InputError
        The JSON does not tell rate and columns, or the table does not have them.
    """
    sidecar = _sidecar(sidecar_of(path), path)
    lines = [line for line in text_of(path).splitlines() if line.strip()]
    if not lines:
        raise InputError(Problem(what="file is empty", where=str(path), found="no row", allowed="rows of numbers"))
    columns = [Column(name=name, unit=unit) for name, unit in zip(sidecar.columns, sidecar.units, strict=True)]
    table = numbers(Rows(lines=lines, delimiter="\t", first_row=1), columns, path=path)
    told = f"begins {sidecar.start_s:g} s from the start of the scan" if sidecar.start_s else ""
    return Contents(
        names=sidecar.columns,
        units=sidecar.units,
        fs_hz=(sidecar.fs_hz,) * len(columns),
        start=None,
        read=lambda index: (np.ascontiguousarray(table[:, index]), ()),
        notes=(told,) if told else (),
    )


def bids_marks(path: Path) -> tuple[Mark, ...]:
    """Rows of an `_events.tsv`: onset, duration and what happened.

    Raises
    ------
    InputError
        It has no column "onset", or a cell is no number.
    """
    rows = rows_of(path)
    header = [cell.strip().casefold() for cell in split(rows.lines[0], "\t")]
    if "onset" not in header:
        found = ", ".join(header)[:80]
        raise InputError(
            Problem(what='no column "onset"', where=str(path), found=found, allowed="onset, duration, trial_type")
        )
    named = next((name for name in ("trial_type", "event_type", "value", "stim_file") if name in header), None)
    marks = []
    for i, line in enumerate(rows.lines[1:], start=rows.first_row + 1):
        cells = [cell.strip() for cell in split(line, "\t")]
        if len(cells) != len(header):
            allowed = f"{len(header)} cells"
            raise InputError(
                Problem(what="row is broken", where=f"{path}, row {i}", found=f"{len(cells)} cells", allowed=allowed)
            )
        row = dict(zip(header, cells, strict=True))
        duration = row.get("duration", "")
        marks.append(
            Mark(
                time_s=_seconds(row["onset"], f"{path}, row {i}, onset"),
                duration_s=0.0 if duration.casefold() in MISSING else _seconds(duration, f"{path}, row {i}, duration"),
                text=row[named] if named else "",
            )
        )
    return tuple(sorted(marks, key=lambda mark: mark.time_s))


def _seconds(text: str, where: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not np.isfinite(value):
        raise InputError(Problem(what="cell is no number", where=where, found=f'"{text[:40]}"', allowed="seconds"))
    return value


def _sidecar(path: Path, recording: Path) -> Sidecar:
    if not path.is_file():
        raise MissingFile(
            Problem(
                what="the JSON that describes the recording is not there",
                where=str(recording),
                allowed=f"{path.name} beside it, with SamplingFrequency, StartTime and Columns",
            )
        )
    if path.stat().st_size > _MAX_JSON_BYTES:
        found = f"{path.stat().st_size} bytes"
        raise InputError(Problem(what="JSON is too large", where=str(path), found=found, allowed="4 MiB"))
    try:
        told: Any = msgspec.json.decode(path.read_bytes())
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        found = " ".join(str(error).split())
        raise InputError(Problem(what="JSON cannot be read", where=str(path), found=found, allowed="JSON")) from error
    if not isinstance(told, dict):
        raise InputError(Problem(what="JSON is no object", where=str(path), allowed='{"SamplingFrequency": 100, ...}'))
    rate, start, columns = told.get("SamplingFrequency"), told.get("StartTime", 0), told.get("Columns")
    if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 < rate < 1e7:
        found, allowed = repr(rate)[:40], "samples per second, a number > 0"
        raise InputError(Problem(what="SamplingFrequency is no rate", where=str(path), found=found, allowed=allowed))
    if isinstance(start, bool) or not isinstance(start, int | float) or not abs(start) < 1e12:
        found, allowed = repr(start)[:40], "seconds"
        raise InputError(Problem(what="StartTime is no number", where=str(path), found=found, allowed=allowed))
    if not isinstance(columns, list) or not columns or not all(isinstance(name, str) for name in columns):
        found, allowed = repr(columns)[:40], 'names such as ["cardiac", "respiratory"]'
        raise InputError(Problem(what="Columns are no names", where=str(path), found=found, allowed=allowed))
    of = [told.get(name) for name in columns]
    units = tuple(str(about.get("Units", "")) if isinstance(about, dict) else "" for about in of)
    return Sidecar(fs_hz=float(rate), start_s=float(start), columns=tuple(columns), units=units)
