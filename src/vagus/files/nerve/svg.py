"""Contours as SVG: paths of lines and Bézier curves, polygons, circles and ellipses, with their transforms."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as Xml

import numpy as np
from numpy.typing import NDArray

from vagus.errors import InputError, Problem

FloatArray = NDArray[np.float64]

# pieces of a curve, and corners of a circle
PIECES, ROUND = 12, 64
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_TOKEN = re.compile(rf"[A-Za-z]|{_NUMBER}")
_STEP = re.compile(r"(\w+)\s*\(([^)]*)\)")
# numbers that a command takes, and whether it bends
_TAKES = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "T": 2, "Z": 0}
_OUTLINES = {"path", "polygon", "polyline", "circle", "ellipse"}


def svg_outlines(file: Path) -> list[tuple[str, FloatArray]]:
    """Each outline's id and corners; y is turned over, so that it grows upward.

    Raises
    ------
    InputError
        No SVG, an open path, or a command or transform that is not read.
    """
    try:
        root = Xml.fromstring(file.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, Xml.ParseError) as error:
        raise InputError(
            Problem(what="file cannot be read", where=file.name, found=str(error), allowed="an SVG file")
        ) from error
    found: list[tuple[str, FloatArray]] = []
    problems: list[Problem] = []
    for number, (shape, move) in enumerate(_shapes(root, np.eye(3), file), start=1):
        label = shape.get("id") or f"{number}"
        try:
            rings = _rings(shape)
        except ValueError as error:
            problems.append(
                Problem(what="outline cannot be used", where=f"{file.name}, {label}", found=str(error),
                        allowed="closed paths of lines and Bézier curves, polygons, circles, ellipses")
            )  # fmt: skip
            continue
        for part, corners in enumerate(rings, start=1):
            placed = corners @ move[:2, :2].T + move[:2, 2]
            name = label if len(rings) == 1 else f"{label}.{part}"
            found.append((name, placed * np.array([1.0, -1.0])))
    if problems:
        raise InputError(problems[:20])
    return found


def _shapes(node: Xml.Element, move: FloatArray, file: Path) -> Iterator[tuple[Xml.Element, FloatArray]]:
    """Outlines below a node, each with the transform of all that it lies in."""
    name = node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""
    if name in {"defs", "clipPath", "mask", "symbol", "metadata"}:
        return
    text = node.get("transform")
    if text:
        move = move @ _transform(text, f"{file.name}, {node.get('id') or name}")
    if name in _OUTLINES:
        yield node, move
    for child in node:
        yield from _shapes(child, move, file)


def _transform(text: str, where: str) -> FloatArray:
    move = np.eye(3)
    for name, inside in _STEP.findall(text):
        numbers = [float(n) for n in re.findall(_NUMBER, inside)]
        match name, numbers:
            case "matrix", [a, b, c, d, e, f]:
                step = [[a, c, e], [b, d, f], [0, 0, 1]]
            case "translate", [x, *rest]:
                step = [[1, 0, x], [0, 1, rest[0] if rest else 0.0], [0, 0, 1]]
            case "scale", [x, *rest]:
                step = [[x, 0, 0], [0, rest[0] if rest else x, 0], [0, 0, 1]]
            case "rotate", [turn]:
                c, s = math.cos(math.radians(turn)), math.sin(math.radians(turn))
                step = [[c, -s, 0], [s, c, 0], [0, 0, 1]]
            case _:
                raise InputError(
                    Problem(what="transform is not read", where=where, found=f"{name}({inside})",
                            allowed="matrix, translate, scale, and rotate about the origin")
                )  # fmt: skip
        move = move @ np.array(step, dtype=np.float64)
    return move


def _rings(shape: Xml.Element) -> list[FloatArray]:
    name = shape.tag.rpartition("}")[2]
    if name in {"circle", "ellipse"}:
        radii = [float(shape.get(key) or shape.get("r") or "nan") for key in ("rx", "ry")]
        if not all(0.0 < radius < math.inf for radius in radii):
            raise ValueError(f"radius {radii[0]:g}, {radii[1]:g}")
        turn = 2.0 * np.pi * np.arange(ROUND) / ROUND
        middle = [float(shape.get(key) or 0.0) for key in ("cx", "cy")]
        return [np.array(middle) + np.stack([radii[0] * np.cos(turn), radii[1] * np.sin(turn)], axis=1)]
    if name == "path":
        return [_closed(part, ends) for part, ends in _pieces(shape.get("d") or "")]
    numbers = [float(n) for n in re.findall(_NUMBER, shape.get("points") or "")]
    if len(numbers) % 2:
        raise ValueError("an odd number of coordinates")
    return [_closed(np.reshape(numbers, (-1, 2)), name == "polygon")]


def _closed(corners: FloatArray, ends: bool) -> FloatArray:
    """Corners of a closed outline; ValueError where its ends do not meet."""
    around = float(np.sum(np.linalg.norm(np.diff(corners, axis=0), axis=1)))
    gap = float(np.linalg.norm(corners[0] - corners[-1])) if len(corners) else 0.0
    if not ends and gap > 1e-3 * around:
        (x, y), (x2, y2) = corners[0], corners[-1]
        raise ValueError(f"contour is open: from ({x:g}, {y:g}) to ({x2:g}, {y2:g}) nothing is traced")
    return corners[:-1] if len(corners) > 1 and gap <= 1e-9 * around else corners


def _pieces(text: str) -> Iterator[tuple[FloatArray, bool]]:
    """Corners of each part of a path, and whether it says that it is closed."""
    tokens = _TOKEN.findall(text)
    at = start = bend = np.zeros(2)
    corners: list[FloatArray] = []
    command, last, k = "", "", 0
    while k < len(tokens):
        if tokens[k].isalpha():
            command, k = tokens[k], k + 1
            if command.upper() not in _TAKES:
                raise ValueError(f'command "{command}" (arcs: turn them into curves)')
        elif not command or command in "Zz":
            raise ValueError(f'number "{tokens[k]}" without a command')
        kind, n = command.upper(), _TAKES[command.upper()]
        numbers = (
            [float(value) for value in tokens[k : k + n]] if not any(t.isalpha() for t in tokens[k : k + n]) else []
        )
        if len(numbers) != n:
            raise ValueError(f'too few numbers after "{command}"')
        k += n
        if kind == "Z":
            if corners:
                yield np.array(corners), True
            at, corners = start, []
            last = kind
            continue
        if kind == "M" and corners:
            yield np.array(corners), False
            corners = []
        places = _absolute(kind, numbers, at, relative=command.islower())
        if kind in "ST":
            mirrored = 2.0 * at - bend if last in ({"S": "CS", "T": "QT"}[kind]) and last else at
            places = [mirrored, *places]
        if kind == "M":
            start = places[-1]
        if not corners and kind != "M":
            corners.append(at)
        corners.extend(_curve([at, *places]) if kind in "CSQT" else [places[-1]])
        bend, at, last = (places[-2] if kind in "CSQT" else places[-1]), places[-1], kind
        command = {"M": "L", "m": "l"}.get(command, command)
    if corners:
        yield np.array(corners), False


def _absolute(kind: str, numbers: list[float], at: FloatArray, *, relative: bool) -> list[FloatArray]:
    shift = at if relative else np.zeros(2)
    if kind == "H":
        return [np.array([numbers[0] + shift[0], at[1]])]
    if kind == "V":
        return [np.array([at[0], numbers[0] + shift[1]])]
    return [np.array(numbers[i : i + 2]) + shift for i in range(0, len(numbers), 2)]


def _curve(points: list[FloatArray]) -> list[FloatArray]:
    """Places along a Bézier curve, without its first, by de Casteljau."""
    t = (np.arange(1, PIECES + 1) / PIECES)[:, None]
    level = [np.broadcast_to(p, (PIECES, 2)) for p in points]
    while len(level) > 1:
        level = [a + t * (b - a) for a, b in pairwise(level)]
    return list(level[0])
