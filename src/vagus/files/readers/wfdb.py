"""WFDB records: a text header (.hea) and files of samples (.dat).

Written from the format's description (PhysioNet, header(5) and signal(5)); formats 16, 24, 32, 61, 80 and 212.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from vagus.errors import InputError, MissingFile, Problem
from vagus.files.channels import Contents
from vagus.signal.vector import Array

# bits a sample takes in the file, and the value that means "no sample"
FORMATS: dict[str, tuple[int, int]] = {
    "16": (16, -(1 << 15)),
    "24": (24, -(1 << 23)),
    "32": (32, -(1 << 31)),
    "61": (16, -(1 << 15)),
    "80": (8, -(1 << 7)),
    "212": (12, -(1 << 11)),
}
_SIGNAL = re.compile(r"^(?P<format>\d+)(?:x(?P<per_frame>\d+))?(?::(?P<skew>\d+))?(?:\+(?P<offset>\d+))?$")
_GAIN = re.compile(r"^(?P<gain>[-+0-9.eE]+)(?:\((?P<baseline>-?\d+)\))?(?:/(?P<unit>\S+))?$")
_MAX_SIGNALS = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One signal line of a header."""

    file: str
    format: str
    offset: int
    gain: float
    baseline: int
    unit: str
    checksum: int | None
    name: str


def header_of(path: Path) -> Path:
    """Header of a record named by its header, its samples or without extension."""
    if path.suffix in {".hea", ".dat"}:
        return path.with_suffix(".hea")
    return path.with_name(path.name + ".hea")


def read_wfdb(path: Path) -> Contents:
    """Channels of a WFDB record.

    Raises
    ------
    InputError
        The header cannot be read, names a format that is not known, or promises more samples than there are.
    """
    header = header_of(path)
    if not header.is_file():
        raise MissingFile(
            Problem(what="the record's header is not there", where=str(path), allowed=f"{header.name} beside it")
        )
    text = header.read_text(encoding="utf-8", errors="replace")
    rows = [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    if not rows:
        raise InputError(
            Problem(
                what="header is empty",
                where=str(header),
                found=f"{header.stat().st_size} bytes, no line that is no comment",
                allowed='a record line such as "bidmc01 2 125 60000", and a line a signal',
            )
        )
    n_signals, fs_hz, n_samples, start = _record_line(rows[0], header)
    if len(rows) - 1 < n_signals:
        found = f"{len(rows) - 1} signal lines"
        raise InputError(
            Problem(what="header is truncated", where=str(header), found=found, allowed=f"{n_signals} as line 1 says")
        )
    lines = [_signal_line(row, header, number) for number, row in enumerate(rows[1 : n_signals + 1], start=1)]
    loaded = {name: _samples_of(header, lines, name, n_samples) for name in dict.fromkeys(line.file for line in lines)}
    notes = tuple(note for _, note in loaded.values() if note)
    return Contents(
        names=tuple(line.name for line in lines),
        units=tuple(line.unit for line in lines),
        fs_hz=(fs_hz,) * len(lines),
        start=start,
        read=_reader(lines, {name: samples for name, (samples, _) in loaded.items()}),
        notes=notes,
    )


def _reader(lines: list[Line], loaded: dict[str, np.ndarray]) -> Callable[[int], Array]:
    def read(index: int) -> Array:
        line = lines[index]
        place = [i for i, other in enumerate(lines) if other.file == line.file].index(index)
        digital = loaded[line.file][:, place]
        values = (digital - float(line.baseline)) / line.gain
        values[digital == FORMATS[line.format][1]] = np.nan
        return values

    return read


def _record_line(row: str, header: Path) -> tuple[int, float, int | None, datetime | None]:
    parts = row.split()
    where = f"{header}, line 1"
    if len(parts) < 2:
        raise InputError(
            Problem(what="no WFDB record line", where=where, found=f'"{row[:60]}"', allowed="name, signals, rate")
        )
    if "/" in parts[0]:
        raise InputError(
            Problem(what="records of several segments are not read", where=where, found=parts[0], allowed="one segment")
        )
    n_signals = _whole(parts[1], "number of signals", where, low=1, high=_MAX_SIGNALS)
    match = re.match(r"^[-+0-9.eE]+", parts[2]) if len(parts) > 2 else None
    if match is None:
        found = parts[2] if len(parts) > 2 else "nothing"
        raise InputError(Problem(what="sampling rate is not in the header", where=where, found=found, allowed="Hz > 0"))
    rate = match[0]  # what follows "/" or "(" is a counter, not the rate
    fs_hz = _number(rate, "sampling rate", where)
    if not 0 < fs_hz < 1e7:
        raise InputError(Problem(what="sampling rate is no rate", where=where, found=rate, allowed="Hz > 0"))
    n_samples = _whole(parts[3], "number of samples", where, low=0) if len(parts) > 3 else 0
    return n_signals, fs_hz, n_samples or None, _start(parts[4:6])


def _start(parts: list[str]) -> datetime | None:
    for style in ("%H:%M:%S %d/%m/%Y", "%H:%M:%S.%f %d/%m/%Y"):
        try:
            return datetime.strptime(" ".join(parts), style)
        except ValueError:
            continue
    return None  # a time without a date is no moment


def _number(text: str, what: str, where: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not np.isfinite(value):
        raise InputError(Problem(what=f"{what} is no number", where=where, found=f'"{text}"', allowed="a number"))
    return value


def _whole(text: str, what: str, where: str, *, low: int, high: int | None = None) -> int:
    if not re.fullmatch(r"-?\d{1,18}", text) or int(text) < low or (high is not None and int(text) > high):
        allowed = f"a whole number from {low}" + (f" to {high}" if high is not None else "")
        raise InputError(Problem(what=f"{what} is out of range", where=where, found=f'"{text}"', allowed=allowed))
    return int(text)


def _signal_line(row: str, header: Path, number: int) -> Line:
    where = f"{header}, signal {number}"
    parts = row.split(maxsplit=8)
    match = _SIGNAL.match(parts[1]) if len(parts) > 1 else None
    if match is None or match["format"] not in FORMATS:
        found = parts[1] if len(parts) > 1 else row
        raise InputError(
            Problem(what="sample format is not read", where=where, found=found, allowed=", ".join(FORMATS))
        )
    if int(match["per_frame"] or 1) != 1 or int(match["skew"] or 0) != 0:
        raise InputError(
            Problem(what="signals of several rates or with skew are not read", where=where, found=parts[1])
        )
    if Path(parts[0]).name != parts[0] or parts[0] == "-":
        raise InputError(
            Problem(
                what="file of samples is elsewhere", where=where, found=parts[0], allowed="a file beside the header"
            )
        )
    gain_text = parts[2] if len(parts) > 2 else "0"
    gain = _GAIN.match(gain_text)
    if gain is None:
        raise InputError(
            Problem(what="gain is unreadable", where=where, found=f'"{gain_text}"', allowed="such as 200(0)/mV")
        )
    value = _number(gain["gain"], "gain", where)
    zero = _whole(parts[4], "ADC zero", where, low=-(1 << 40)) if len(parts) > 4 else 0
    return Line(
        file=parts[0],
        format=match["format"],
        offset=int(match["offset"] or 0),
        gain=value or 1.0,  # gain 0 or none: not calibrated, the steps are kept
        baseline=int(gain["baseline"]) if gain["baseline"] else zero,
        unit=(gain["unit"] or "mV") if value else "adu",
        checksum=int(parts[6]) if len(parts) > 6 and re.fullmatch(r"-?\d+", parts[6]) else None,
        name=parts[8].strip() if len(parts) > 8 else f"signal {number}",
    )


def _samples_of(header: Path, lines: list[Line], file: str, n_samples: int | None) -> tuple[np.ndarray, str]:
    """Digital samples of one file, (n, signals in it), and a note."""
    mine = [line for line in lines if line.file == file]
    path = header.with_name(file)
    if len({(line.format, line.offset) for line in mine}) > 1:
        raise InputError(Problem(what="one file in two formats", where=str(header), found=file))
    if not path.is_file():
        raise MissingFile(
            Problem(
                what="file of samples is not there", where=str(header), found=file, allowed="it lies beside the header"
            )
        )
    bits, _ = FORMATS[mine[0].format]
    held = max(path.stat().st_size - mine[0].offset, 0)
    n = held * 8 // (bits * len(mine)) if n_samples is None else n_samples
    need = -(-n * len(mine) * bits // 8)
    if held < need:
        raise InputError(
            Problem(
                what="file of samples is truncated",
                where=str(path),
                found=f"{held} bytes, {held * 8 // (bits * len(mine))} samples a signal",
                allowed=f"{need} bytes for the {n} samples a signal that {header.name} promises",
            )
        )
    raw = np.fromfile(path, dtype=np.uint8, count=need, offset=mine[0].offset)
    samples = _unpack(raw, mine[0].format)[: n * len(mine)].reshape(n, len(mine))
    wrong = [
        line.name
        for i, line in enumerate(mine)
        if line.checksum is not None and n_samples and (int(samples[:, i].sum()) - line.checksum) % 65536
    ]
    return samples, f"checksum in the header does not fit the samples of {', '.join(wrong)}" if wrong else ""


def _unpack(raw: np.ndarray, kind: str) -> np.ndarray:
    if kind == "16":
        return raw.view("<i2").astype(np.int64)
    if kind == "61":
        return raw.view(">i2").astype(np.int64)
    if kind == "32":
        return raw.view("<i4").astype(np.int64)
    if kind == "80":  # offset binary
        return raw.astype(np.int64) - 128
    if kind == "24":
        part = raw.reshape(-1, 3).astype(np.int64)
        value = part[:, 0] | (part[:, 1] << 8) | (part[:, 2] << 16)
        return value - ((value >> 23) << 24)
    # 212: three bytes hold two samples; the middle one has the high four bits of both
    full = np.concatenate([raw, np.zeros(-raw.size % 3, np.uint8)]).reshape(-1, 3).astype(np.int64)
    first = full[:, 0] | ((full[:, 1] & 0x0F) << 8)
    second = full[:, 2] | ((full[:, 1] & 0xF0) << 4)
    value = np.stack([first, second], axis=1).ravel()
    return value - ((value >> 11) << 12)
