"""Points in pixels as the text of an SVG path."""

from __future__ import annotations

import math

import numpy as np

_DENSE = (
    4  # points a pixel from which on a line is thinned: first, lowest, highest and last of each pixel look the same
)


def path(xs: np.ndarray, ys: np.ndarray) -> str:
    """Moves and lines through the points; a point that is not finite lifts the pen.

    Examples
    --------
    >>> path(np.array([0.0, 1, 2, 3]), np.array([0, 1, np.nan, 1]))
    'M0.0 0.0L1.0 1.0M3.0 1.0'
    """
    parts: list[str] = []
    pen = "M"
    last = ""
    for x, y in zip(xs, ys, strict=True):
        if not (math.isfinite(x) and math.isfinite(y)):
            pen = "M"
            continue
        point = f"{x:.1f} {y:.1f}"
        if point != last or pen == "M":
            parts.append(pen + point)
        pen, last = "L", point
    return "".join(parts)


def thinned(xs: np.ndarray, ys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A line that looks the same with fewer points: of each column of pixels its first, lowest, highest and last.

    A line whose x does not rise, or that has few points for its width, comes back as it is; breaks stay breaks.

    Examples
    --------
    >>> xs = np.linspace(0, 10, 10001)
    >>> few, _ = thinned(xs, np.sin(40 * xs))
    >>> few.size <= 44, float(few[0]), float(few[-1])
    (True, 0.0, 10.0)
    """
    if xs.size < 2 or not np.isfinite(xs).all() or (np.diff(xs) < 0).any() or xs.size <= _DENSE * (xs[-1] - xs[0]):
        return xs, ys
    edges = np.flatnonzero(np.diff(np.floor(xs), prepend=-np.inf))
    keep: set[int] = set()
    for first, last in zip(edges.tolist(), [*edges[1:].tolist(), xs.size], strict=True):
        part = ys[first:last]
        broken = np.isnan(part)
        keep |= {first, last - 1}
        if broken.any():
            keep.add(first + int(np.argmax(broken)))
        if not broken.all():
            keep |= {first + int(np.nanargmin(part)), first + int(np.nanargmax(part))}
    chosen = sorted(keep)
    return xs[chosen], ys[chosen]
