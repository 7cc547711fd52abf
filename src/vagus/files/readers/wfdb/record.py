"""WFDB records: a text header (.hea) and files of samples (.dat), in one segment or several.

Written from the format's description (PhysioNet, header(5)). A segment without samples ("~") is a gap.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from vagus.errors import InputError, MissingFile, Problem, nearest
from vagus.files.readers.channels import Contents
from vagus.files.readers.grid import check_share
from vagus.files.readers.wfdb.samples import FORMATS, blocks, bytes_of, samples_in
from vagus.signal.vector import Array

_SIGNAL = re.compile(
    r"^(?P<format>\d{1,4})(?:x(?P<per_frame>\d{1,4}))?(?::(?P<skew>\d{1,9}))?(?:\+(?P<offset>\d{1,12}))?$"
)
_GAIN = re.compile(r"^(?P<gain>[-+0-9.eE]+)(?:\((?P<baseline>-?\d{1,12})\))?(?:/(?P<unit>\S+))?$")
_MAX_SIGNALS = 1024
_MAX_SEGMENTS = 100_000
_MAX_HEADER_BYTES = 16 * 1024**2


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One signal line of a header."""

    file: str
    format: str
    per_frame: int
    offset: int
    gain: float
    baseline: int
    unit: str
    first: int
    checksum: int | None
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """A header of one segment: lines a signal, or of a record of several: names and lengths of its segments."""

    path: Path
    fs_hz: float
    n_samples: int | None
    start: datetime | None
    lines: tuple[Line, ...]
    segments: tuple[tuple[str, int], ...]


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
    header = _header(header_of(path), path)
    if header.segments:
        return _joined(header)
    _measure(header)
    return Contents(
        names=tuple(line.name for line in header.lines),
        units=tuple(line.unit for line in header.lines),
        fs_hz=tuple(header.fs_hz * line.per_frame for line in header.lines),
        start=header.start,
        read=lambda index: _channel(header, index),
    )


def _joined(record: Header) -> Contents:
    """Channels of a record of several segments, each at its place on one time line."""
    parts: list[tuple[int, Header]] = []
    layout: Header | None = None
    at = 0
    for number, (name, size) in enumerate(record.segments, start=1):
        if name != "~":
            where = f"{record.path}, segment {number}"
            segment = _header(record.path.with_name(f"{name}.hea"), where)
            if segment.segments or segment.fs_hz != record.fs_hz or (size and segment.n_samples not in {size, None}):
                found = f"{segment.path.name}: {segment.fs_hz:g} Hz, {segment.n_samples} samples"
                allowed = f"one segment of {record.fs_hz:g} Hz and {size} samples"
                raise InputError(
                    Problem(what="segment contradicts its record", where=where, found=found, allowed=allowed)
                )
            if size:
                parts.append((at, segment))
                _measure(segment, size)
            elif number == 1:
                layout = segment  # segments hold some of its signals each
        at += size
    if record.n_samples is not None and at != record.n_samples:
        found = f"{at} samples in its segments"
        allowed = f"{record.n_samples}, as its first line says"
        raise InputError(
            Problem(what="header contradicts itself", where=str(record.path), found=found, allowed=allowed)
        )
    shown = layout or (parts[0][1] if parts else record)
    if not shown.lines:
        raise InputError(Problem(what="record has no signal", where=str(record.path), found="0", allowed="1 or more"))

    def read(index: int) -> tuple[Array, tuple[str, ...]]:
        line = shown.lines[index]
        held = [(first, part, i) for first, part in parts if (i := _same(part, line, index, layout)) is not None]
        sizes = [_length(record, first) for first, _, _ in held]
        check_share(sum(sizes), at, f"{record.path}, channel {line.name}")
        samples, notes = np.full(at * line.per_frame, np.nan), []
        for (first, part, i), size in zip(held, sizes, strict=True):
            values, said = _channel(part, i, size)
            scale = _scale(part.lines[i], line, part.path)
            start = first * line.per_frame
            samples[start : start + values.size] = values * scale
            notes += said
        return samples, tuple(dict.fromkeys(notes))

    return Contents(
        names=tuple(line.name for line in shown.lines),
        units=tuple(line.unit for line in shown.lines),
        fs_hz=tuple(record.fs_hz * line.per_frame for line in shown.lines),
        start=record.start,
        read=read,
        notes=(f"record of {len(parts)} segments",),
    )


def _length(record: Header, first: int) -> int:
    """Samples of the segment that begins at `first`."""
    at = 0
    for _, size in record.segments:
        if at == first and size:
            return size
        at += size
    return 0


def _same(part: Header, line: Line, index: int, layout: Header | None) -> int | None:
    """Index of a signal in a segment: by its name, or in a fixed layout by its place."""
    if layout is None:
        return index if index < len(part.lines) else None
    return next((i for i, other in enumerate(part.lines) if other.name == line.name), None)


def _scale(line: Line, shown: Line, path: Path) -> float:
    if line.unit != shown.unit or line.per_frame != shown.per_frame:
        raise InputError(
            Problem(
                what="segments differ in unit or rate",
                where=f"{path}, {line.name}",
                found=f"{line.unit}, {line.per_frame} samples a frame",
                allowed=f"{shown.unit}, {shown.per_frame}",
            )
        )
    return 1.0


def _header(header: Path, asked: Path | str) -> Header:
    if not header.is_file():
        raise MissingFile(
            Problem(what="the record's header is not there", where=str(asked), allowed=f"{header.name} beside it")
        )
    if header.stat().st_size > _MAX_HEADER_BYTES:
        found = f"{header.stat().st_size} bytes"
        raise InputError(Problem(what="header is too large", where=str(header), found=found, allowed="16 MiB"))
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
    n_signals, n_segments, fs_hz, n_samples, start = _record_line(rows[0], header)
    n_rows, what = (n_segments, "segment") if n_segments else (n_signals, "signal")
    if len(rows) - 1 < n_rows:
        found = f"{len(rows) - 1} {what} lines"
        raise InputError(
            Problem(what="header is truncated", where=str(header), found=found, allowed=f"{n_rows} as line 1 says")
        )
    return Header(
        path=header,
        fs_hz=fs_hz,
        n_samples=n_samples,
        start=start,
        lines=()
        if n_segments
        else tuple(_signal_line(row, header, i) for i, row in enumerate(rows[1 : n_rows + 1], 1)),
        segments=tuple(_segment_line(row, header, i) for i, row in enumerate(rows[1 : n_segments + 1], 1)),
    )


def _record_line(row: str, header: Path) -> tuple[int, int, float, int | None, datetime | None]:
    parts = row.split()
    where = f"{header}, line 1"
    if len(parts) < 2:
        raise InputError(
            Problem(what="no WFDB record line", where=where, found=f'"{row[:60]}"', allowed="name, signals, rate")
        )
    n_segments = 0
    if "/" in parts[0]:
        n_segments = _whole(parts[0].partition("/")[2], "number of segments", where, low=1, high=_MAX_SEGMENTS)
    n_signals = _whole(parts[1], "number of signals", where, low=0, high=_MAX_SIGNALS)
    if n_signals == 0:
        raise InputError(Problem(what="record has no signal", where=where, found="0 signals", allowed="1 or more"))
    match = re.match(r"^[-+0-9.eE]+", parts[2]) if len(parts) > 2 else None
    if match is None:
        found = parts[2] if len(parts) > 2 else "nothing"
        raise InputError(Problem(what="sampling rate is not in the header", where=where, found=found, allowed="Hz > 0"))
    rate = match[0]  # what follows "/" or "(" is a counter, not the rate
    fs_hz = _number(rate, "sampling rate", where)
    if not 0 < fs_hz < 1e7:
        raise InputError(Problem(what="sampling rate is no rate", where=where, found=rate, allowed="Hz > 0"))
    n_samples = _whole(parts[3], "number of samples", where, low=0) if len(parts) > 3 else 0
    return n_signals, n_segments, fs_hz, n_samples or None, _start(parts[4:6])


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
    if not re.fullmatch(r"-?[0-9]{1,18}", text) or int(text) < low or (high is not None and int(text) > high):
        allowed = f"a whole number from {low}" + (f" to {high}" if high is not None else "")
        raise InputError(Problem(what=f"{what} is out of range", where=where, found=f'"{text[:40]}"', allowed=allowed))
    return int(text)


def _segment_line(row: str, header: Path, number: int) -> tuple[str, int]:
    where = f"{header}, segment {number}"
    parts = row.split()
    if len(parts) < 2 or (parts[0] != "~" and not _beside(parts[0])):
        raise InputError(
            Problem(
                what="no segment line",
                where=where,
                found=f'"{row[:60]}"',
                allowed="name of a record beside it, samples",
            )
        )
    return parts[0], _whole(parts[1], "samples of a segment", where, low=0)


def _beside(name: str) -> bool:
    """Whether a name stays in the folder of the header."""
    return "\0" not in name and Path(name).name == name and name not in {"-", "~", "..", "."} and len(name) < 200


def _signal_line(row: str, header: Path, number: int) -> Line:
    where = f"{header}, signal {number}"
    parts = row.split(maxsplit=8)
    match = _SIGNAL.match(parts[1]) if len(parts) > 1 else None
    null = parts[0] == "~"  # a layout: the signal has no samples here
    if match is None or (match["format"] not in FORMATS and not (null and match["format"] == "0")):
        found = parts[1] if len(parts) > 1 else row
        allowed = ", ".join(FORMATS)
        raise InputError(Problem(what="sample format is not read", where=where, found=found[:40], allowed=allowed))
    if int(match["skew"] or 0) != 0:
        raise InputError(
            Problem(what="signals with skew are not read", where=where, found=parts[1], allowed="no skew (such as 16)")
        )
    if not null and not _beside(parts[0]):
        allowed = "a file beside the header"
        raise InputError(
            Problem(what="file of samples is elsewhere", where=where, found=parts[0][:80], allowed=allowed)
        )
    gain_text = parts[2] if len(parts) > 2 else "0"
    gain = _GAIN.match(gain_text)
    if gain is None:
        raise InputError(
            Problem(what="gain is unreadable", where=where, found=f'"{gain_text[:40]}"', allowed="such as 200(0)/mV")
        )
    value = _number(gain["gain"], "gain", where)
    zero = _whole(parts[4], "ADC zero", where, low=-(1 << 40), high=1 << 40) if len(parts) > 4 else 0
    return Line(
        file=parts[0],
        format=match["format"],
        per_frame=int(match["per_frame"] or 1) or 1,
        offset=int(match["offset"] or 0),
        gain=value or 1.0,  # gain 0 or none: not calibrated, the steps are kept
        baseline=int(gain["baseline"]) if gain["baseline"] else zero,
        unit=(gain["unit"] or "mV") if value else "adu",
        first=_whole(parts[5], "first sample", where, low=-(1 << 31), high=1 << 31) if len(parts) > 5 else 0,
        checksum=int(parts[6]) if len(parts) > 6 and re.fullmatch(r"-?[0-9]{1,9}", parts[6]) else None,
        name=parts[8].strip() if len(parts) > 8 else f"signal {number}",
    )


def _measure(header: Header, n_samples: int | None = None) -> None:
    """Hold each file of samples against what the header promises."""
    for file in dict.fromkeys(line.file for line in header.lines):
        mine = [line for line in header.lines if line.file == file]
        if len({(line.format, line.offset) for line in mine}) > 1:
            allowed = "one format a file"
            raise InputError(
                Problem(what="one file in two formats", where=str(header.path), found=file, allowed=allowed)
            )
        path = header.path.with_name(file)
        if not path.is_file():
            there = [entry.name for entry in path.parent.iterdir() if entry.is_file()]
            allowed = f"it lies beside the header; {nearest(file, there)}"
            raise MissingFile(
                Problem(what="file of samples is not there", where=str(header.path), found=file, allowed=allowed)
            )
        promised = n_samples or header.n_samples
        held, in_frame = max(path.stat().st_size - mine[0].offset, 0), sum(line.per_frame for line in mine)
        if promised is not None and held < (need := bytes_of(promised * in_frame, mine[0].format)):
            raise InputError(
                Problem(
                    what="file of samples is truncated",
                    where=str(path),
                    found=f"{held} bytes, {samples_in(held, mine[0].format) // in_frame} samples a signal",
                    allowed=f"{need} bytes for the {promised} samples a signal that {header.path.name} promises",
                )
            )


def _channel(header: Header, index: int, n_samples: int | None = None) -> tuple[Array, tuple[str, ...]]:
    """Samples of one signal in its unit, nan where it has none, and a note where they do not fit the header."""
    line = header.lines[index]
    mine = [i for i, other in enumerate(header.lines) if other.file == line.file]
    widths = [header.lines[i].per_frame for i in mine]
    in_frame, at = sum(widths), sum(widths[: mine.index(index)])
    path = header.path.with_name(line.file)
    frames = n_samples or header.n_samples
    if frames is None:
        frames = samples_in(max(path.stat().st_size - line.offset, 0), line.format) // in_frame
    values, total, last = np.empty(frames * line.per_frame), 0, line.first
    filled, none = 0, FORMATS[line.format][1]
    for block in blocks(path, line.format, n=frames * in_frame, offset=line.offset, in_frame=in_frame):
        digital = block[:, at : at + line.per_frame].ravel()
        if line.format == "8":  # differences from sample to sample
            digital = last + np.cumsum(digital)
            last = int(digital[-1]) if digital.size else last
        part = values[filled : filled + digital.size]
        np.divide(digital - line.baseline, line.gain, out=part)
        if none is not None:
            part[digital == none] = np.nan
        total, filled = total + int(digital.sum()), filled + digital.size
    if line.checksum is not None and header.n_samples and (total - line.checksum) % 65536:
        return values, (f"checksum in the header does not fit the samples of {line.name}",)
    return values, ()
