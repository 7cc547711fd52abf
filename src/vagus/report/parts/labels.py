"""Labels of a chart, each where it touches no other: legend rows, above the plot, beside it, below it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from vagus.report.numbers import LINE_PX, spread, text_px


@dataclass(slots=True)
class Side:
    """A label beside the plot, near `y` in data coordinates."""

    y: float
    text: str
    css: str


@dataclass(slots=True)
class Top:
    """A label above the plot, near `x` in data coordinates."""

    x: float
    text: str
    css: str


def label(x: float, y: float, text: str, css: str = "", *, anchor: str = "start") -> str:
    """One text at a place in pixels."""
    place = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text class="{css}" x="{x:.1f}" y="{y:.1f}"{place}>{escape(text)}</text>'


def legend_rows(entries: Sequence[tuple[str, str, str]], width_px: float) -> list[list[tuple[float, str, str, str]]]:
    """Entries (kind, text, class) in as many rows as they need, each with its place from the left."""
    rows: list[list[tuple[float, str, str, str]]] = []
    at = math.inf
    for kind, text, css in entries:
        wide = 24 + text_px(text) + 14
        if at + wide - 14 > width_px:
            rows.append([])
            at = 0.0
        rows[-1].append((at, kind, text, css))
        at += wide
    return rows


def legend_svg(rows: list[list[tuple[float, str, str, str]]], top: float) -> str:
    """Legend rows drawn, the first at `top`."""
    parts: list[str] = []
    for k, row in enumerate(rows):
        y = top + LINE_PX * k + 12
        for x, kind, text, css in row:
            if kind == "dot":
                parts.append(f'<circle class="dot {css}" cx="{x + 9:.1f}" cy="{y - 4:.1f}" r="3.6"/>')
            elif kind == "cross":
                parts.append(cross(x + 9, y - 4, css))
            elif kind in {"line", "rule"}:
                parts.append(f'<path class="{kind} {css}" d="M{x:.1f} {y - 4:.1f}h18"/>')
            else:
                parts.append(f'<rect class="{kind} {css}" x="{x:.1f}" y="{y - 9:.1f}" width="18" height="10"/>')
            parts.append(label(x + 24, y, text, "ink"))
    return "".join(parts)


def cross(x: float, y: float, css: str, *, r_px: float = 3.2) -> str:
    """A cross at a place in pixels."""
    d = f"M{x - r_px:.1f} {y - r_px:.1f}l{2 * r_px:g} {2 * r_px:g}m-{2 * r_px:g} 0l{2 * r_px:g} -{2 * r_px:g}"
    return f'<path class="cross {css}" d="{d}"/>'


def placed_tops(tops: Sequence[tuple[float, Top]], width_px: float) -> tuple[list[tuple[Top, float, int]], int]:
    """Labels above the plot, wanted at a place in pixels, each in the first row where it touches no other."""
    edges: list[float] = []
    placed: list[tuple[Top, float, int]] = []
    for wanted, item in sorted(tops, key=lambda pair: pair[1].x):
        half = text_px(item.text) / 2
        x = min(max(wanted, half), width_px - half)
        row = next((k for k, edge in enumerate(edges) if x - half > edge + 8), len(edges))
        edges[row : row + 1] = [x + half]
        placed.append((item, x, row))
    last = len(edges) - 1  # the first row stands nearest to the plot
    return [(item, x, last - row) for item, x, row in placed], len(edges)


def sides_svg(sides: Sequence[tuple[float, Side]], *, left: float, top: float, bottom: float) -> str:
    """Labels beside the plot, wanted at a height in pixels, moved apart."""
    places = spread([wanted for wanted, _ in sides], gap=14, low=top + 4, high=bottom - 2)
    return "".join(label(left, y + 4, s.text, s.css) for (_, s), y in zip(sides, places, strict=True))


def wrapped(text: str, width_px: float) -> list[str]:
    """Text in lines that fit the width.

    Examples
    --------
    >>> wrapped("Welch, Hann window, segments of 120 s", 120)
    ['Welch, Hann', 'window, segments', 'of 120 s']
    """
    lines: list[str] = []
    for word in text.split(" "):
        if lines and text_px(f"{lines[-1]} {word}") <= width_px:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
