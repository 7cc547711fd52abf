"""PNG pictures as arrays of brightness: what masks need, checked by length and checksum."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vagus.errors import InputError, Problem

MARK = b"\x89PNG\r\n\x1a\n"
# values a pixel, by color type: gray, RGB, palette, gray and alpha, RGBA
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
MOST_PIXELS = 64_000_000


def read_png(file: Path) -> NDArray[np.float64]:
    """Brightness of each pixel, 0 to 1, (rows, columns); where it is transparent, 0.

    Raises
    ------
    InputError
        No PNG, a spoiled one, an interlaced one, or one that is too large.
    """
    try:
        return _decode(file.read_bytes())
    except (OSError, ValueError, struct.error, zlib.error) as error:
        raise InputError(
            Problem(what="picture cannot be read", where=file.name, found=str(error), allowed="a PNG, not interlaced")
        ) from error


def _decode(data: bytes) -> NDArray[np.float64]:
    if not data.startswith(MARK):
        raise ValueError("it does not begin as a PNG")
    chunks = _chunks(data)
    width, height, depth, color, _, _, interlaced = struct.unpack(">IIBBBBB", chunks.get("IHDR", b""))
    if color not in CHANNELS or depth not in {1, 2, 4, 8, 16} or interlaced:
        raise ValueError("interlaced" if interlaced else f"color type {color}, {depth} bits")
    if not 0 < width * height <= MOST_PIXELS:
        raise ValueError(f"{width} x {height} pixels")
    row = (width * CHANNELS[color] * depth + 7) // 8
    want = height * (row + 1)
    raw = zlib.decompressobj().decompress(chunks.get("IDAT", b""), want)
    if len(raw) != want:
        raise ValueError(f"{len(raw)} of {want} bytes of pixels")
    lines = np.frombuffer(raw, dtype=np.uint8).reshape(height, row + 1)
    values = _values(_unfiltered(lines, max(CHANNELS[color] * depth // 8, 1)), depth)
    values = values[:, : width * CHANNELS[color]].reshape(height, width, CHANNELS[color])
    if color == 3:
        palette = np.frombuffer(chunks.get("PLTE", b""), dtype=np.uint8).reshape(-1, 3) / 255.0
        index = np.round(values[..., 0] * (2**depth - 1)).astype(int)
        if palette.size == 0 or index.max() >= len(palette):
            raise ValueError("a color that the palette lacks")
        return palette[index].max(axis=-1)
    if color in {4, 6}:
        return values[..., :-1].max(axis=-1) * (values[..., -1] >= 0.5)
    return values.max(axis=-1)


def _chunks(data: bytes) -> dict[str, bytes]:
    """Content by name; that of the pixels joined."""
    found: dict[str, bytes] = {}
    at = len(MARK)
    while at + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        body = data[at + 4 : at + 8 + length]
        (check,) = struct.unpack_from(">I", data, at + 8 + length)
        if zlib.crc32(body) != check:
            raise ValueError("a checksum does not fit: the file is spoiled")
        name = body[:4].decode("latin-1")
        found[name] = found.get(name, b"") + body[4:]
        at += 12 + length
    return found


def _unfiltered(lines: NDArray[np.uint8], step: int) -> NDArray[np.uint8]:
    """Bytes of the pixels, each line's filter undone."""
    out = np.zeros((len(lines), lines.shape[1] - 1), dtype=np.uint8)
    above = np.zeros(out.shape[1], dtype=np.uint8)
    for k, line in enumerate(lines):
        kind, coded = int(line[0]), line[1:]
        if kind == 0:
            out[k] = coded
        elif kind == 2:
            out[k] = coded + above
        elif kind in {1, 3, 4}:
            out[k] = _along(kind, coded, above, step)
        else:
            raise ValueError(f"filter {kind}")
        above = out[k]
    return out


def _along(kind: int, coded: NDArray[np.uint8], above: NDArray[np.uint8], step: int) -> list[int]:
    left, now, up = [0] * step, coded.tolist(), above.tolist()
    corner = [0] * step + up
    done = left
    for k, value in enumerate(now):
        a, b, c = done[k], up[k], corner[k]
        if kind == 1:
            guess = a
        elif kind == 3:
            guess = (a + b) // 2
        else:
            near = a + b - c
            pa, pb, pc = abs(near - a), abs(near - b), abs(near - c)
            guess = a if pa <= pb and pa <= pc else b if pb <= pc else c
        done.append((value + guess) & 255)
    return done[step:]


def _values(data: NDArray[np.uint8], depth: int) -> NDArray[np.float64]:
    """Values of all channels, 0 to 1."""
    if depth == 8:
        return data / 255.0
    if depth == 16:
        return data.reshape(len(data), -1, 2) @ np.array([256.0, 1.0]) / 65535.0
    bits = np.unpackbits(data, axis=1).reshape(len(data), -1, depth)
    return bits @ (2.0 ** np.arange(depth - 1, -1, -1)) / (2**depth - 1)
