"""EDF, EDF+ (continuous and interrupted) and BDF: a text header, and data records that follow it.

Written from the formats' descriptions: Kemp et al. 1992, doi:10.1016/0013-4694(92)90009-7; Kemp & Olivan 2003,
doi:10.1016/S1388-2457(03)00123-8. One channel is read at a time, a few megabytes at once.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from vagus.errors import InputError, Problem
from vagus.files.readers.channels import Contents
from vagus.files.readers.content import looks_like
from vagus.files.readers.grid import check_share
from vagus.files.readers.marks import Mark
from vagus.signal.vector import Array

_MAX_SIGNALS = 4096
_CHUNK_BYTES = 4 * 1024**2
# fields of each signal after the main header: name and width in bytes
_FIELDS = (
    ("label", 16), ("transducer", 80), ("unit", 8), ("physical_low", 8), ("physical_high", 8), ("digital_low", 8),
    ("digital_high", 8), ("prefilter", 80), ("n_samples", 8), ("reserved", 32),
)  # fmt: skip
_TAL = re.compile(rb"^([+-]\d{1,12}(?:\.\d{0,12})?)(?:\x15(\d{1,12}(?:\.\d{0,12})?))?\x14(.*)\x14$", re.DOTALL)
_MONTHS = {
    name: i
    for i, name in enumerate("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(), start=1)  # noqa: SIM905
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One signal of the header; `offset` counts the bytes before it in a data record."""

    label: str
    unit: str
    physical: tuple[str, str]
    digital: tuple[str, str]
    n_samples: int
    offset: int

    @property
    def is_marks(self) -> bool:
        """Whether it holds annotations in place of samples."""
        return self.label in {"EDF Annotations", "BDF Annotations"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What the header says, held against the size of the file."""

    path: Path
    width: int
    channels: tuple[Channel, ...]
    n_head: int
    n_records: int
    record_s: float
    record_bytes: int
    interrupted: bool
    start: datetime | None
    notes: tuple[str, ...]


def read_edf(path: Path) -> Contents:
    """Channels of an EDF, EDF+ or BDF file; where it was interrupted there are no samples.

    Raises
    ------
    InputError
        The header cannot be read, the file is shorter than it says, or its data records go back in time.
    """
    header = _header(path)
    signals = tuple(channel for channel in header.channels if not channel.is_marks)
    if not signals:
        raise InputError(
            Problem(what="EDF file has no signal", where=str(path), found="annotations only", allowed="1 or more")
        )
    if not header.record_s > 0:
        found = f"{header.record_s:g} s"
        raise InputError(Problem(what="EDF data record has no length", where=str(path), found=found, allowed="> 0 s"))
    onsets = _onsets(header) if header.interrupted else None

    def read(index: int) -> tuple[Array, tuple[str, ...]]:
        return _samples(header, signals[index], onsets), ()

    return Contents(
        names=tuple(channel.label for channel in signals),
        units=tuple(channel.unit for channel in signals),
        fs_hz=tuple(channel.n_samples / header.record_s for channel in signals),
        start=header.start,
        read=read,
        notes=header.notes,
    )


def edf_marks(path: Path) -> tuple[Mark, ...]:
    """Annotations of an EDF+ or BDF+ file, in order of time, from the start of its first data record.

    Raises
    ------
    InputError
        The header cannot be read, or an annotation is damaged.
    """
    header = _header(path)
    first: float | None = None
    found: list[Mark] = []
    for record, raw in _mark_records(header):
        for tal in (part for part in raw.split(b"\0") if part):
            onset, duration, texts = _tal(tal, header, record)
            if first is None:
                first = onset
            found += [Mark(time_s=onset - first, duration_s=duration, text=text) for text in texts if text]
    return tuple(sorted(found, key=lambda mark: mark.time_s))


def edf_start(path: Path) -> datetime | None:
    """Wall clock at the start of a file, None where the date was taken out."""
    return _header(path).start


def _header(path: Path) -> Header:
    held = path.stat().st_size
    with path.open("rb") as stream:
        head = stream.read(256)
        bdf = head.startswith(b"\xffBIOSEMI")
        if not (bdf or head.startswith(b"0       ")) or len(head) < 256:
            raise InputError(
                Problem(
                    what="EDF file cannot be read: its header is none",
                    where=str(path),
                    found=f"{looks_like(head)}, {held} bytes",
                    allowed='a header of 256 bytes or more that begins with "0" and seven spaces (EDF), '
                    'or with the byte 255 and "BIOSEMI" (BDF)',
                )
            )
        n_signals = _whole(head[252:256], "number of signals", path, high=_MAX_SIGNALS)
        n_head = _whole(head[184:192], "bytes of header", path, high=256 * (_MAX_SIGNALS + 1))
        if n_head != 256 * (n_signals + 1):
            allowed = f"{256 * (n_signals + 1)} for {n_signals} signals"
            raise InputError(_damaged("bytes of header", head[184:192], path, allowed))
        body = stream.read(n_head - 256)
    width = 3 if bdf else 2
    channels = _channels(body, n_signals, width, path)
    record_bytes = width * sum(channel.n_samples for channel in channels)
    n_records, notes = _measure(head[236:244], held - n_head, record_bytes, path)
    seconds = _number(head[244:252], "length of a data record", path)
    return Header(
        path=path,
        width=width,
        channels=channels,
        n_head=n_head,
        n_records=n_records,
        record_s=seconds,
        record_bytes=record_bytes,
        interrupted=head[192:197] in {b"EDF+D", b"BDF+D"},
        start=_start(head),
        notes=notes,
    )


def _channels(body: bytes, n_signals: int, width: int, path: Path) -> tuple[Channel, ...]:
    if len(body) < 256 * n_signals:
        raise InputError(
            Problem(
                what="EDF file is truncated",
                where=str(path),
                found=f"{256 + len(body)} bytes",
                allowed=f"{256 * (n_signals + 1)} bytes for the header of {n_signals} signals",
            )
        )
    cells: dict[str, list[bytes]] = {}
    at = 0
    for name, size in _FIELDS:
        cells[name] = [body[at + i * size : at + (i + 1) * size] for i in range(n_signals)]
        at += n_signals * size
    text = {name: [_shown(cell) for cell in row] for name, row in cells.items()}
    channels, offset = [], 0
    for i in range(n_signals):
        n_samples = _whole(cells["n_samples"][i], f"samples in a data record of signal {i + 1}", path, high=10**8)
        channels.append(
            Channel(
                label=text["label"][i],
                unit=text["unit"][i],
                physical=(text["physical_low"][i], text["physical_high"][i]),
                digital=(text["digital_low"][i], text["digital_high"][i]),
                n_samples=n_samples,
                offset=offset,
            )
        )
        offset += n_samples * width
    return tuple(channels)


def _measure(cell: bytes, held: int, record_bytes: int, path: Path) -> tuple[int, tuple[str, ...]]:
    """Data records that are there, and what there is to say about it."""
    if record_bytes == 0:
        raise InputError(
            Problem(what="EDF data records are empty", where=str(path), found="0 bytes", allowed="1 or more")
        )
    if cell.strip() == b"-1":  # the recorder never came to write the number
        return held // record_bytes, ("its header does not say how many data records there are; all are read",)
    n_records = _whole(cell, "number of data records", path, high=10**8)
    if held < n_records * record_bytes:
        raise InputError(
            Problem(
                what="EDF file is truncated",
                where=str(path),
                found=f"{held} bytes after its header",
                allowed=f"{n_records * record_bytes} bytes for the {n_records} data records that it promises",
            )
        )
    over = held - n_records * record_bytes
    return n_records, (f"{over} bytes after the last data record are left out",) if over else ()


def _samples(header: Header, channel: Channel, onsets: Array | None) -> Array:
    where = f"{header.path}, channel {channel.label}"
    low, high = (_limit(text, "physical", where) for text in channel.physical)
    digital_low, digital_high = (_limit(text, "digital", where) for text in channel.digital)
    if digital_low == digital_high or low == high:
        found = f"{low:g} to {high:g} for {digital_low:g} to {digital_high:g}"
        raise InputError(
            Problem(what="EDF channel has no scale", where=where, found=found, allowed="two limits that differ")
        )
    gain = (high - low) / (digital_high - digital_low)
    n, rate = channel.n_samples, channel.n_samples / header.record_s
    first = np.arange(header.n_records, dtype=np.int64) * n
    if onsets is not None:
        first = _places(onsets, rate, n, where)
    size = int(first[-1]) + n if first.size else 0
    whole = onsets is None
    check_share(header.n_records * n, size, where)
    samples = np.empty(size) if whole else np.full(size, np.nan)
    for start, block in _blocks(header, channel):
        values = block.astype(np.float64)
        values -= digital_low
        values *= gain
        values += low
        if whole:
            samples[start * n : start * n + values.size] = values.ravel()
        else:
            for i, row in enumerate(values, start=start):
                samples[first[i] : first[i] + n] = row
    return samples


def _places(onsets: Array, rate: float, n: int, where: str) -> np.ndarray:
    """First sample of each data record of an interrupted file."""
    first = np.rint(np.clip((onsets - onsets[0]) * rate, -1e15, 1e15)).astype(np.int64)
    back = np.flatnonzero(np.diff(first) < n)
    for i in back:  # onsets are written in decimals: a record may begin a sample early
        if first[i + 1] < first[i] + n - 1:
            raise InputError(
                Problem(
                    what="data records overlap or go back in time",
                    where=f"{where}, record {i + 2}",
                    found=f"{onsets[i]:g} s, then {onsets[i + 1]:g} s",
                    allowed="each record after the one before",
                )
            )
        first[i + 1] = first[i] + n
    return first


def _blocks(header: Header, channel: Channel) -> Iterator[tuple[int, np.ndarray]]:
    """First record, and digital samples (records, samples), a few megabytes at once."""
    step = max(1, _CHUNK_BYTES // header.record_bytes)
    wide = channel.n_samples * header.width
    with header.path.open("rb") as stream:
        for start in range(0, header.n_records, step):
            count = min(step, header.n_records - start)
            if header.record_bytes <= _CHUNK_BYTES:
                stream.seek(header.n_head + start * header.record_bytes)
                raw = np.frombuffer(stream.read(count * header.record_bytes), dtype=np.uint8)
                part = raw.reshape(count, -1)[:, channel.offset : channel.offset + wide]
            else:
                stream.seek(header.n_head + start * header.record_bytes + channel.offset)
                part = np.frombuffer(stream.read(wide), dtype=np.uint8).reshape(1, -1)
            yield start, _whole_numbers(np.ascontiguousarray(part), header.width)


def _whole_numbers(raw: np.ndarray, width: int) -> np.ndarray:
    if width == 2:
        return raw.view("<i2")
    three = raw.reshape(raw.shape[0], -1, 3)
    four = np.zeros((*three.shape[:2], 4), dtype=np.uint8)
    four[..., 1:] = three
    return four.view("<i4")[..., 0] >> 8


def _mark_records(header: Header) -> Iterator[tuple[int, bytes]]:
    for channel in (channel for channel in header.channels if channel.is_marks):
        with header.path.open("rb") as stream:
            for record in range(header.n_records):
                stream.seek(header.n_head + record * header.record_bytes + channel.offset)
                yield record, stream.read(channel.n_samples * header.width)


def _onsets(header: Header) -> Array:
    """Start of each data record in seconds, (records,)."""
    onsets = np.full(header.n_records, np.nan)
    for record, raw in _mark_records(header):
        head = raw.split(b"\0", 1)[0]
        if np.isnan(onsets[record]) and head:
            onsets[record] = _tal(head, header, record)[0]
    missing = np.flatnonzero(np.isnan(onsets))
    if missing.size or not onsets.size:
        raise InputError(
            Problem(
                what="start of a data record is not told",
                where=f"{header.path}, record {int(missing[0]) + 1 if missing.size else 1}",
                allowed="interrupted files (EDF+D) say for each data record when it begins",
            )
        )
    return onsets


def _tal(raw: bytes, header: Header, record: int) -> tuple[float, float, list[str]]:
    match = _TAL.match(raw)
    if match is None:
        raise InputError(
            Problem(
                what="annotation is damaged",
                where=f"{header.path}, record {record + 1}",
                found=f'"{_shown(raw[:40])}"',
                allowed="onset, duration and text as EDF+ has them",
            )
        )
    texts = match[3].split(b"\x14")
    return float(match[1]), float(match[2] or 0), [_decoded(text) for text in texts]


def _decoded(text: bytes) -> str:
    try:
        return text.decode("utf-8").strip()
    except UnicodeDecodeError:
        return text.decode("latin-1").strip()


def _start(head: bytes) -> datetime | None:
    """Wall clock at the start; None where the date was taken out."""
    try:
        hour, minute, second = (int(part) for part in re.split(r"[.:]", head[176:184].decode("ascii")))
        match = re.search(rb"Startdate (\d\d)-([A-Z]{3})-(\d{4})", head[88:168], re.IGNORECASE)
        if match and match[2].decode().upper() in _MONTHS:
            return datetime(int(match[3]), _MONTHS[match[2].decode().upper()], int(match[1]), hour, minute, second)
        day, month, year = (int(part) for part in re.split(r"[./-]", head[168:176].decode("ascii")))
        return datetime(year + (1900 if year >= 85 else 2000), month, day, hour, minute, second)
    except ValueError:
        return None


def _shown(raw: bytes) -> str:
    text = raw.decode("latin-1")
    return "".join(c if c.isprintable() else "?" for c in text).strip()


def _damaged(what: str, cell: bytes, path: Path, allowed: str) -> Problem:
    return Problem(what=f"EDF header is damaged: {what}", where=str(path), found=f'"{_shown(cell)}"', allowed=allowed)


def _whole(cell: bytes, what: str, path: Path, *, high: int) -> int:
    text = cell.strip(b" \0")
    if not re.fullmatch(rb"\d{1,9}", text) or int(text) > high:
        raise InputError(_damaged(what, cell, path, f"a whole number from 0 to {high}"))
    return int(text)


def _number(cell: bytes, what: str, path: Path) -> float:
    try:
        value = float(cell)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and 0 <= value < 1e7):
        raise InputError(_damaged(what, cell, path, "seconds, 0 or more"))
    return value


def _limit(text: str, what: str, where: str) -> float:
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and abs(value) < 1e15):
        raise InputError(Problem(what=f"{what} limit is no number", where=where, found=f'"{text}"', allowed="a number"))
    return value
