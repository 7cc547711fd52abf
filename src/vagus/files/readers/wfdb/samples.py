"""Samples of WFDB files: how each format packs whole numbers into bytes.

Written from the format's description (PhysioNet, signal(5)).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from vagus.errors import InputError, Problem

# bits that three samples take in the file, and the value that means "no sample" (None: the format has none)
FORMATS: dict[str, tuple[int, int | None]] = {
    "8": (24, None),
    "16": (48, -(1 << 15)),
    "24": (72, -(1 << 23)),
    "32": (96, -(1 << 31)),
    "61": (48, -(1 << 15)),
    "80": (24, -(1 << 7)),
    "160": (48, -(1 << 15)),
    "212": (36, -(1 << 11)),
    "310": (32, -(1 << 9)),
    "311": (32, -(1 << 9)),
}
_CHUNK_SAMPLES = 6 * 2**17  # a multiple of 6: chunks of every format begin at a whole byte
_PLAIN = {"16": "<i2", "61": ">i2", "32": "<i4", "160": "<u2", "80": "u1", "8": "i1"}
_OFFSET = {"160": 1 << 15, "80": 1 << 7}


def bytes_of(n: int, kind: str) -> int:
    """Bytes that `n` samples take.

    Examples
    --------
    >>> bytes_of(4, "212"), bytes_of(4, "310"), bytes_of(2, "311")
    (6, 6, 3)
    """
    if kind == "310":  # three samples in two words of 16 bits; the third lies in the corners of both
        return 4 * (n // 3) + 2 * (n % 3)
    return -(-n * FORMATS[kind][0] // 24)


def samples_in(size: int, kind: str) -> int:
    """Samples that `size` bytes hold."""
    n = size * 24 // FORMATS[kind][0]
    while n and bytes_of(n, kind) > size:
        n -= 1
    return n


def blocks(path: Path, kind: str, *, n: int, offset: int, in_frame: int) -> Iterator[np.ndarray]:
    """Whole numbers as they lie in the file, (frames, in_frame), some frames at once.

    Raises
    ------
    InputError
        The file became shorter while it was read.
    """
    step = max(1, _CHUNK_SAMPLES // (6 * in_frame)) * 6
    frames = n // in_frame
    with path.open("rb") as stream:
        for first in range(0, frames, step):
            count = min(step, frames - first) * in_frame
            stream.seek(offset + bytes_of(first * in_frame, kind))
            raw = np.frombuffer(stream.read(bytes_of(count, kind)), dtype=np.uint8)
            if raw.size < bytes_of(count, kind):
                raise InputError(
                    Problem(
                        what="file of samples is truncated",
                        where=str(path),
                        found="its end while it was read",
                        allowed=f"{bytes_of(n, kind)} bytes",
                    )
                )
            yield _unpack(raw, kind)[:count].reshape(-1, in_frame)


def _unpack(raw: np.ndarray, kind: str) -> np.ndarray:
    if kind in _PLAIN:
        return raw.view(_PLAIN[kind]).astype(np.int64) - _OFFSET.get(kind, 0)
    if kind == "24":
        part = raw.reshape(-1, 3).astype(np.int64)
        return _signed(part[:, 0] | (part[:, 1] << 8) | (part[:, 2] << 16), 24)
    if kind == "212":  # three bytes hold two samples; the middle one has the high four bits of both
        full = _padded(raw, 3)
        first = full[:, 0] | ((full[:, 1] & 0x0F) << 8)
        return _signed(np.stack([first, full[:, 2] | ((full[:, 1] & 0xF0) << 4)], axis=1).ravel(), 12)
    full = _padded(raw, 4)
    if kind == "311":  # thirty of thirty-two bits, the first sample lowest
        word = full[:, 0] | (full[:, 1] << 8) | (full[:, 2] << 16) | (full[:, 3] << 24)
        return _signed(np.stack([word >> (10 * i) & 0x3FF for i in range(3)], axis=1).ravel(), 10)
    one, two = full[:, 0] | (full[:, 1] << 8), full[:, 2] | (full[:, 3] << 8)
    third = (one >> 11) | ((two >> 11) << 5)
    return _signed(np.stack([one >> 1 & 0x3FF, two >> 1 & 0x3FF, third], axis=1).ravel(), 10)


def _padded(raw: np.ndarray, size: int) -> np.ndarray:
    return np.concatenate([raw, np.zeros(-raw.size % size, np.uint8)]).reshape(-1, size).astype(np.int64)


def _signed(value: np.ndarray, bits: int) -> np.ndarray:
    return value - ((value >> (bits - 1)) << bits)
