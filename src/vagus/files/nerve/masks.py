"""Outlines of the white pieces of a mask."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from vagus.errors import InputError, Problem
from vagus.files.nerve.png import read_png

FloatArray = NDArray[np.float64]

# corners of one outline; more are thinned evenly
MOST = 240


def mask_outlines(file: Path) -> list[FloatArray]:
    """Corners of each white piece, from the top by its first pixel, in pixels; y grows upward.

    Pieces touch by their sides, not by corners; holes within a piece are filled.

    Raises
    ------
    InputError
        No white pixel, or a piece that touches the picture's edge: it may be cut off there.
    """
    white = read_png(file) >= 0.5
    labels = np.zeros(white.shape, dtype=np.int32)
    ndimage.label(white, output=labels)
    if not white.any():
        raise InputError(Problem(what="mask is empty", where=file.name, allowed="white pieces on black"))
    found: list[FloatArray] = []
    for k, box in enumerate(ndimage.find_objects(labels), start=1):
        rows, columns = box
        if rows.start == 0 or columns.start == 0 or rows.stop == white.shape[0] or columns.stop == white.shape[1]:
            raise InputError(
                Problem(what="piece touches the picture's edge", where=file.name,
                        found=f"rows {rows.start} to {rows.stop}, columns {columns.start} to {columns.stop}",
                        allowed="a black margin: what is cut off is not known")
            )  # fmt: skip
        piece = ndimage.binary_fill_holes(labels[box] == k)
        found.append(_outline(np.asarray(piece)) * np.array([1.0, -1.0]) + np.array([columns.start, -rows.start]))
    return found


def _outline(piece: NDArray[np.bool_]) -> FloatArray:
    """Middles of the pixel sides around a piece, in order."""
    padded = np.pad(piece, 1)
    ahead: dict[tuple[int, int], list[tuple[int, int]]] = {}
    # sides of white pixels toward black ones, the white to their right: top, right, bottom, left
    for dy, dx, a, b in (
        (-1, 0, (0, 0), (1, 0)),
        (0, 1, (1, 0), (1, 1)),
        (1, 0, (1, 1), (0, 1)),
        (0, -1, (0, 1), (0, 0)),
    ):
        rows, columns = np.nonzero(padded & ~np.roll(padded, (-dy, -dx), axis=(0, 1)))
        for y, x in zip((rows - 1).tolist(), (columns - 1).tolist(), strict=True):
            ahead.setdefault((x + a[0], y + a[1]), []).append((x + b[0], y + b[1]))
    start = min(ahead)
    at, path = start, [start]
    came = (0, 0)
    while True:
        # where two sides leave a corner, the one that turns right keeps to this pixel
        choices = ahead[at]
        choices.sort(key=lambda to: came[0] * (to[1] - at[1]) - came[1] * (to[0] - at[0]))
        to = choices.pop()
        came, at = (to[0] - at[0], to[1] - at[1]), to
        if at == start:
            break
        path.append(at)
    corners = np.array(path, dtype=np.float64)
    middles = (corners + np.roll(corners, -1, axis=0)) / 2.0
    return middles[:: max(len(middles) // MOST, 1)]
