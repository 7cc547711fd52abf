"""XDF, what Lab Streaming Layer records: streams in chunks, each sample with its clock.

Written from the format's specification (github.com/sccn/xdf, version 1.0). The usual package, pyxdf, skips damaged
chunks and goes on; here a damaged file is an error.
"""

from __future__ import annotations

import struct
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np

from vagus.errors import InputError, Problem
from vagus.files.readers.channels import Contents
from vagus.files.readers.grid import check_share, spread
from vagus.files.readers.marks import Mark
from vagus.signal.vector import Array

_FORMATS = {
    "float32": "<f4", "double64": "<f8", "int8": "i1", "int16": "<i2", "int32": "<i4", "int64": "<i8",
}  # fmt: skip
_HEADER, _SAMPLES, _OFFSET, _FOOTER = 2, 3, 4, 6
_MAX_CHANNELS = 4096
_BREAK_S = 1.0  # a pause in the clock, and at least five samples, is a gap; less is jitter of the network
_BREAK_SAMPLES = 5
_MAX_XML_BYTES = 4 * 1024**2


@dataclass(slots=True, kw_only=True)
class Stream:
    """One stream: what its header says, and its samples as they come."""

    name: str
    kind: str
    n_channels: int
    format: str
    nominal_hz: float
    labels: tuple[str, ...]
    units: tuple[str, ...]
    stamps: list[Array] = field(default_factory=list)
    values: list[np.ndarray] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    offsets: list[tuple[float, float]] = field(default_factory=list)


def read_xdf(path: Path) -> Contents:
    """Channels of every regular stream of an XDF file; pauses of a stream stay without samples.

    Raises
    ------
    InputError
        The file is damaged or cut short, holds no stream of numbers, or a stream's clock goes back.
    """
    streams = [stream for stream in _streams(path) if stream.format in _FORMATS and stream.nominal_hz > 0]
    streams = [stream for stream in streams if stream.values and sum(part.size for part in stream.stamps) > 1]
    if not streams:
        raise InputError(
            Problem(what="XDF file has no stream of samples", where=str(path), found="none", allowed="1 or more")
        )
    many = len(streams) > 1
    told = [(stream, i) for stream in streams for i in range(stream.n_channels)]
    grids = {id(stream): _grid(stream, path) for stream in streams}
    names = tuple(f"{stream.name} {stream.labels[i]}" if many else stream.labels[i] for stream, i in told)

    def read(index: int) -> tuple[Array, tuple[str, ...]]:
        stream, i = told[index]
        values = np.concatenate([part[:, i] for part in stream.values]).astype(np.float64)
        return spread(values, grids[id(stream)][1]), grids[id(stream)][2]

    return Contents(
        names=names,
        units=tuple(stream.units[i] for stream, i in told),
        fs_hz=tuple(grids[id(stream)][0] for stream, _ in told),
        start=None,
        read=read,
        notes=_late(streams),
    )


def xdf_marks(path: Path) -> tuple[Mark, ...]:
    """Texts of every stream of markers, in seconds from the first sample of the first regular stream.

    Raises
    ------
    InputError
        The file is damaged or cut short.
    """
    streams = _streams(path)
    regular = [float(_clock(s)[0]) for s in streams if s.format in _FORMATS and s.nominal_hz > 0 and s.stamps]
    zero = min(regular, default=0.0)
    marks = [
        Mark(time_s=float(time_s) - zero, text=text)
        for stream in streams
        if stream.texts
        for time_s, text in zip(_clock(stream), stream.texts, strict=True)
    ]
    return tuple(sorted(marks, key=lambda mark: mark.time_s))


def _late(streams: list[Stream]) -> tuple[str, ...]:
    starts = {stream.name: float(_clock(stream)[0]) for stream in streams}
    first = min(starts.values())
    return tuple(
        f"stream {name} begins {time_s - first:.3f} s later" for name, time_s in starts.items() if time_s > first
    )


def _clock(stream: Stream) -> Array:
    """Times of the samples on the recorder's clock."""
    stamps = np.concatenate(stream.stamps)
    if stream.offsets:  # the clocks of sender and recorder differ by an offset that drifts
        at, offset = np.array(sorted(stream.offsets)).T
        stamps = stamps + np.interp(stamps, at, offset)
    return stamps


def _grid(stream: Stream, path: Path) -> tuple[float, np.ndarray, tuple[str, ...]]:
    where = f"{path}, stream {stream.name}"
    time_s = _clock(stream)
    if not np.isfinite(time_s).all() or np.abs(time_s).max() > 1e11:
        raise InputError(Problem(what="time of a sample is no time", where=where, allowed="finite seconds"))
    rate = stream.nominal_hz
    step = np.diff(time_s)
    back = np.flatnonzero(step < -_BREAK_S)
    if back.size:
        found = f"{time_s[back[0]]:.3f} s then {time_s[back[0] + 1]:.3f} s"
        raise InputError(
            Problem(
                what="clock goes back",
                where=f"{where}, sample {int(back[0]) + 2}",
                found=found,
                allowed="times in order; cut the recording where the stream was started again",
            )
        )
    breaks = np.flatnonzero(step > max(_BREAK_S, _BREAK_SAMPLES / rate)) + 1
    edges = np.concatenate([[0], breaks, [time_s.size]])
    runs = [(time_s[b - 1] - time_s[a], b - a - 1) for a, b in pairwise(edges.tolist())]
    spent, counted = (float(sum(column)) for column in zip(*runs, strict=True))
    notes: tuple[str, ...] = ()
    if spent > 10 and abs(counted / spent / rate - 1) > 0.005:
        notes = (f"stream {stream.name} says {rate:g} Hz; its clock gives {counted / spent:.6g} Hz, which is used",)
        rate = counted / spent
    jumps = np.zeros(time_s.size)
    jumps[breaks] = np.minimum(np.rint((time_s[breaks] - time_s[breaks - 1]) * rate) - 1, 1e15 / (breaks.size + 1))
    place = np.arange(time_s.size) + np.cumsum(jumps).astype(np.int64)
    check_share(place.size, int(place[-1]) + 1, where)
    if breaks.size:
        notes += (f"stream {stream.name} pauses {breaks.size} times",)
    return rate, place, notes


def _streams(path: Path) -> list[Stream]:
    raw = path.read_bytes()
    streams: dict[int, Stream] = {}
    at = 4
    while at < len(raw):
        size, at = _length(raw, at, path)
        if size < 2 or at + size > len(raw):
            raise InputError(
                _damaged(path, at, f"a chunk of {size} bytes, {len(raw) - at} are left", what="cut short or damaged")
            )
        tag = int.from_bytes(raw[at : at + 2], "little")
        body, begin = raw[at + 2 : at + size], at + 2
        at += size
        if tag not in {_HEADER, _SAMPLES, _OFFSET}:
            continue  # file header, boundary and footer repeat what is known
        if len(body) < 4:
            raise InputError(_damaged(path, begin, "a chunk without a stream"))
        number = int.from_bytes(body[:4], "little")
        if tag == _HEADER:
            streams[number] = _stream(body[4:], path, begin)
        elif number not in streams:
            raise InputError(_damaged(path, begin, f"samples of stream {number}, which has no header"))
        elif tag == _SAMPLES:
            _take(streams[number], body, path, begin)
        elif len(body) >= 20:
            time_s, offset = struct.unpack("<dd", body[4:20])
            if np.isfinite(time_s) and np.isfinite(offset):
                streams[number].offsets.append((time_s, offset))
    return list(streams.values())


def _length(raw: bytes, at: int, path: Path) -> tuple[int, int]:
    """A length of 1, 4 or 8 bytes, and where it ends."""
    width = raw[at] if at < len(raw) else 0
    if width not in {1, 4, 8} or at + 1 + width > len(raw):
        raise InputError(_damaged(path, at, f"a length of {width} bytes"))
    return int.from_bytes(raw[at + 1 : at + 1 + width], "little"), at + 1 + width


def _stream(body: bytes, path: Path, at: int) -> Stream:
    if len(body) > _MAX_XML_BYTES or b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise InputError(_damaged(path, at, "a stream header with entities, or larger than 4 MiB"))
    try:
        info = ET.fromstring(body.decode("utf-8", "replace"))
        n_channels = int(info.findtext("channel_count", "0"))
        rate = float(info.findtext("nominal_srate", "0"))
    except (ET.ParseError, ValueError) as error:
        raise InputError(_damaged(path, at, f"a stream header that is none ({error})")) from error
    kind = info.findtext("channel_format", "")
    if not 0 < n_channels <= _MAX_CHANNELS or not 0 <= rate < 1e7 or kind not in {*_FORMATS, "string"}:
        raise InputError(_damaged(path, at, f"{n_channels} channels of {kind[:20] or 'no format'} at {rate:g} Hz"))
    found = info.findall("./desc/channels/channel")
    labels = [(c.findtext("label") or "").strip() for c in found]
    units = [(c.findtext("unit") or "").strip() for c in found]
    name = (info.findtext("name") or "").strip() or "stream"
    if len(found) != n_channels:
        labels, units = [""] * n_channels, [""] * n_channels
    return Stream(
        name=name,
        kind=info.findtext("type") or "",
        n_channels=n_channels,
        format=kind,
        nominal_hz=rate,
        labels=tuple(label or (name if n_channels == 1 else f"{name} {i + 1}") for i, label in enumerate(labels)),
        units=tuple(units),
    )


def _take(stream: Stream, body: bytes, path: Path, begin: int) -> None:
    """Samples of one chunk; a sample without a time follows the one before by one step."""
    count, at = _length(body, 4, path)
    if count == 0:
        return
    if stream.format == "string":
        _take_texts(stream, body, path, begin)
        return
    kind = np.dtype(_FORMATS[stream.format])
    row_of, where = np.dtype((kind, (stream.n_channels,))), (path, begin)
    wide = row_of.itemsize
    if count * (1 + wide) > len(body) - at:
        raise InputError(_damaged(path, begin, f"{count} samples in {len(body) - at} bytes"))
    first = 1 if body[at] else 0  # most often the first has a time and the others have none, or all have
    rest = len(body) - at - first * (9 + wide)
    stamps = np.full(count, np.nan)
    values = np.empty((count, stream.n_channels))
    if first:
        stamps[0], values[0] = _one(body, at, row_of, where)
        at += 9 + wide
    for has_time in (True, False):
        row = np.dtype([("n", "u1"), *([("t", "<f8")] if has_time else []), ("v", kind, (stream.n_channels,))])
        if rest == row.itemsize * (count - first):
            rows = np.frombuffer(body, dtype=row, offset=at)
            if (rows["n"] == (8 if has_time else 0)).all():
                values[first:] = rows["v"]
                if has_time:
                    stamps[first:] = rows["t"]
                break
    else:
        for i in range(first, count):
            if at >= len(body):
                raise InputError(_damaged(path, begin, f"{i} samples of {count}"))
            stamps[i], values[i] = _one(body, at, row_of, where)
            at += 1 + body[at] + wide
        if at != len(body):
            raise InputError(_damaged(path, begin, f"{len(body) - at} bytes after {count} samples"))
    _append(stream, stamps, path, begin)
    stream.values.append(values)


def _one(body: bytes, at: int, row: np.dtype, where: tuple[Path, int]) -> tuple[float, np.ndarray]:
    """Time (nan where none) and values of the sample at a byte."""
    width = body[at]
    if width not in {0, 8} or at + 1 + width + row.itemsize > len(body):
        raise InputError(_damaged(*where, f"a time of {width} bytes, or a sample cut short"))
    stamp = struct.unpack_from("<d", body, at + 1)[0] if width else np.nan
    return stamp, np.frombuffer(body, dtype=row, count=1, offset=at + 1 + width)[0]


def _take_texts(stream: Stream, body: bytes, path: Path, begin: int) -> None:
    count, at = _length(body, 4, path)
    stamps = np.full(min(count, len(body)), np.nan)
    for i in range(count):
        if at >= len(body) or body[at] not in {0, 8} or at + 1 + body[at] > len(body):
            raise InputError(_damaged(path, begin, f"{i} texts of {count}"))
        stamps[i] = struct.unpack_from("<d", body, at + 1)[0] if body[at] else np.nan
        at += 1 + body[at]
        parts = []
        for _ in range(stream.n_channels):
            size, at = _length(body, at, path)
            if at + size > len(body):
                raise InputError(_damaged(path, begin, f"a text of {size} bytes"))
            parts.append(body[at : at + size].decode("utf-8", "replace"))
            at += size
        stream.texts.append(", ".join(parts))
    _append(stream, stamps, path, begin)


def _append(stream: Stream, stamps: Array, path: Path, begin: int) -> None:
    """Times of a chunk, those left out counted on by the nominal rate."""
    missing = np.isnan(stamps)
    if missing.any():
        before = stream.stamps[-1][-1] if stream.stamps else np.nan
        if missing[0] and np.isnan(before):
            raise InputError(_damaged(path, begin, "a first sample without a time"))
        step = 1 / stream.nominal_hz if stream.nominal_hz else 0.0
        last = np.maximum.accumulate(np.where(missing, -1, np.arange(stamps.size)))
        known = np.where(last >= 0, stamps[np.maximum(last, 0)], before)
        stamps = known + step * (np.arange(stamps.size) - last)
    stream.stamps.append(stamps)


def _damaged(path: Path, at: int, found: str, what: str = "damaged") -> Problem:
    return Problem(
        what=f"XDF file is {what}",
        where=f"{path}, byte {at}",
        found=" ".join(found.split())[:120],
        allowed="a whole file, as LabRecorder writes it",
    )
