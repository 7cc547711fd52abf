"""FIT files of watches and straps (Garmin and others): intervals between beats, and where the timer was stopped.

Written from the protocol's description (FIT SDK, "FIT Protocol": headers, definitions, data, CRC). Only messages of
heart-rate variability (78) and of the timer (21) are read; the others are stepped over by their declared sizes.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vagus.errors import InputError, Problem

_HRV, _EVENT = 78, 21
_TIMESTAMP = 253
_TIMER, _STOPS = 0, {1, 4, 8, 9}
_NONE = 0xFFFF


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """Layout of one kind of message: (field, bytes) of each, and what developers added."""

    message: int
    big: bool
    fields: tuple[tuple[int, int], ...]
    size: int


def read_fit(path: Path) -> tuple[np.ndarray, tuple[tuple[int, float], ...]]:
    """Intervals in ms, and pauses: (intervals before it, seconds that it lasted).

    Raises
    ------
    InputError
        The file is damaged or cut short, or holds no intervals.
    """
    raw = path.read_bytes()
    begin, end = _bounds(raw, path)
    layouts: dict[int, Definition] = {}
    intervals: list[int] = []
    pauses: list[tuple[int, float]] = []
    stopped: int | None = None
    at = begin
    while at < end:
        head = raw[at]
        if head & 0x80:
            local, at = (head >> 5) & 0x03, at + 1
        elif head & 0x40:
            local = head & 0x0F
            layouts[local], at = _definition(raw, at + 1, end, path, developer=bool(head & 0x20))
            continue
        else:
            local, at = head & 0x0F, at + 1
        layout = layouts.get(local)
        if layout is None or at + layout.size > end:
            raise InputError(
                _damaged(path, at, "data without a definition" if layout is None else "the end of the file")
            )
        if layout.message == _HRV:
            intervals += _intervals(raw, at, layout)
        elif layout.message == _EVENT:
            what, when = _event(raw, at, layout)
            if what == "stop" and stopped is None:
                stopped = when
            elif what == "start" and stopped is not None:
                pauses += [(len(intervals), float(max(when - stopped, 0)))] if intervals else []
                stopped = None
        at += layout.size
    if not intervals:
        raise InputError(
            Problem(
                what="FIT file holds no intervals between beats",
                where=str(path),
                found="no message of heart-rate variability",
                allowed="a recording with RR: switch on logging of heart-rate variability in the watch",
            )
        )
    return np.array(intervals, dtype=np.float64), tuple(pauses)


def _bounds(raw: bytes, path: Path) -> tuple[int, int]:
    size = int.from_bytes(raw[4:8], "little")
    begin = raw[0] if raw else 0
    if begin not in {12, 14} or len(raw) < begin + size + 2:
        found = f"{len(raw)} bytes, {begin} of header and {size} promised"
        raise InputError(_damaged(path, 0, found))
    end = begin + size
    if _crc(raw[:end]) != int.from_bytes(raw[end : end + 2], "little"):
        raise InputError(_damaged(path, end, "a checksum that does not fit"))
    return begin, end


def _crc_table() -> list[int]:
    table = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = (value >> 1) ^ (0xA001 if value & 1 else 0)
        table.append(value)
    return table


def _crc(raw: bytes) -> int:
    """CRC-16 of the protocol (polynomial 0x8005, reflected)."""
    table, crc = _crc_table(), 0
    for byte in raw:
        crc = (crc >> 8) ^ table[(crc ^ byte) & 0xFF]
    return crc


def _definition(raw: bytes, at: int, end: int, path: Path, *, developer: bool) -> tuple[Definition, int]:
    if at + 5 > end:
        raise InputError(_damaged(path, at, "a definition cut short"))
    big, n_fields = raw[at + 1] == 1, raw[at + 4]
    message = int.from_bytes(raw[at + 2 : at + 4], "big" if big else "little")
    at += 5
    if at + 3 * n_fields + developer > end:
        raise InputError(_damaged(path, at, "a definition cut short"))
    fields = tuple((raw[at + 3 * i], raw[at + 3 * i + 1]) for i in range(n_fields))
    at += 3 * n_fields
    size = sum(width for _, width in fields)
    if developer:
        n_more = raw[at]
        if at + 1 + 3 * n_more > end:
            raise InputError(_damaged(path, at, "a definition cut short"))
        size += sum(raw[at + 2 + 3 * i] for i in range(n_more))
        at += 1 + 3 * n_more
    return Definition(message=message, big=big, fields=fields, size=size), at


def _intervals(raw: bytes, at: int, layout: Definition) -> list[int]:
    found = []
    for number, width in layout.fields:
        if number == 0:
            part = np.frombuffer(raw, dtype=">u2" if layout.big else "<u2", count=width // 2, offset=at)
            found += [int(value) for value in part if value not in {_NONE, 0}]
        at += width
    return found


def _event(raw: bytes, at: int, layout: Definition) -> tuple[str, int]:
    """ "start" or "stop" of the timer and when, in seconds of the device; "" for what is no such event."""
    values = {}
    for number, width in layout.fields:
        values[number] = int.from_bytes(raw[at : at + width], "big" if layout.big else "little")
        at += width
    if values.get(0) != _TIMER or _TIMESTAMP not in values:
        return "", 0
    what = values.get(1)
    return ("start" if what == 0 else "stop" if what in _STOPS else ""), values[_TIMESTAMP]


def _damaged(path: Path, at: int, found: str) -> Problem:
    return Problem(
        what="FIT file is damaged or cut short",
        where=f"{path}, byte {at}",
        found=found,
        allowed="a whole file; copy it from the device again",
    )
