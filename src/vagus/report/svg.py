"""Small charts as SVG text that take their colors and type from the page's style sheet.

A `Chart` is told its axes, then its marks in data coordinates; `Chart.svg` lays everything out at once, because room
for legend rows, labels above the plot and labels beside it depends on what was drawn. Lengths are in pixels of the
view box; a chart drawn 350 px wide and shown at 350 px keeps its type size.

Colors are classes (``c1`` … ``c6``, ``ink``, ``muted``), never values: light, dark and print are the style sheet's
matter.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape

import numpy as np
from numpy.typing import ArrayLike

from vagus.report.numbers import LINE_PX, TICK_PX, nice_ticks, number, text_px
from vagus.report.parts.labels import (
    Side,
    Top,
    cross,
    label,
    legend_rows,
    legend_svg,
    placed_tops,
    sides_svg,
    wrapped,
)
from vagus.report.parts.path import path, thinned


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """One axis: what it shows, its unit, its range; `ticks` are (value, text) where round numbers will not do."""

    label: str
    unit: str
    low: float
    high: float
    ticks: tuple[tuple[float, str], ...] | None = None
    count: int = 5

    @property
    def title(self) -> str:
        """Label with unit."""
        return f"{self.label} ({self.unit})" if self.unit and self.label else self.label or self.unit

    def marks(self) -> tuple[tuple[float, str], ...]:
        """Values at which a tick stands, with their text."""
        if self.ticks is not None:
            return self.ticks
        return tuple((value, number(value, digits=5)) for value in nice_ticks(self.low, self.high, count=self.count))


@dataclass(frozen=True, slots=True)
class _Frame:
    left: float
    right: float
    top: float
    bottom: float
    x: Axis
    y: Axis

    def px(self, values: ArrayLike) -> np.ndarray:
        span = self.x.high - self.x.low
        return self.left + (np.asarray(values, float) - self.x.low) * (self.right - self.left) / span

    def py(self, values: ArrayLike) -> np.ndarray:
        span = self.y.high - self.y.low
        return self.bottom - (np.asarray(values, float) - self.y.low) * (self.bottom - self.top) / span


@dataclass(slots=True, kw_only=True)
class Chart:
    """One plot: axes, marks in data coordinates, legend rows, labels above and beside.

    Parameters
    ----------
    key : str
        Unique on the page; ids start with it.
    title, text : str
        What a screen reader says: name, and what is to be seen.
    x, y : Axis
    width_px, height_px : float
        The plot's own height is `height_px`; rows of labels and legends add to it.
    y_ticks : bool
        False where the rows are named by labels of their own.
    """

    key: str
    title: str
    text: str
    x: Axis
    y: Axis
    width_px: float = 720
    height_px: float = 220
    grid: bool = True
    left_px: float | None = None
    _marks: list[Callable[[_Frame], str]] = field(default_factory=list)
    _under: list[Callable[[_Frame], str]] = field(default_factory=list)
    _legend: list[tuple[str, str, str]] = field(default_factory=list)
    _sides: list[Side] = field(default_factory=list)
    _tops: list[Top] = field(default_factory=list)
    _feet: list[tuple[str, str]] = field(default_factory=list)

    # marks, in the order they are drawn

    def line(self, x: ArrayLike, y: ArrayLike, css: str, *, step: bool = False) -> Chart:
        """A line through the points; a point that is not finite breaks it. `step`: holds each value until the next."""
        xs, ys = np.asarray(x, float), np.asarray(y, float)
        if step and xs.size:
            xs, ys = np.repeat(xs, 2)[1:], np.repeat(ys, 2)[:-1]
        self._marks.append(lambda f: f'<path class="line {css}" d="{path(*thinned(f.px(xs), f.py(ys)))}"/>')
        return self

    def band(self, x: ArrayLike, low: ArrayLike, high: ArrayLike, css: str) -> Chart:
        """The area between two lines, cut off at the frame."""
        xs, a, b = (np.asarray(v, float) for v in (x, low, high))
        keep = np.isfinite(a) & np.isfinite(b)
        if keep.any():
            xs, a, b = xs[keep], a[keep], b[keep]
            ring_x = np.concatenate([xs, xs[::-1]])
            ring_y = np.clip(np.concatenate([a, b[::-1]]), self.y.low, self.y.high)
            self._under.append(lambda f: f'<path class="band {css}" d="{path(f.px(ring_x), f.py(ring_y))}Z"/>')
        return self

    def dots(self, x: ArrayLike, y: ArrayLike, css: str, *, r_px: float = 3.2, hints: Sequence[str] = ()) -> Chart:
        """Points; `hints` are shown when a pointer rests on one."""
        xs, ys = np.atleast_1d(np.asarray(x, float)), np.atleast_1d(np.asarray(y, float))

        def draw(f: _Frame) -> str:
            parts: list[str] = []
            for k, (a, b) in enumerate(zip(f.px(xs), f.py(ys), strict=True)):
                if math.isfinite(a) and math.isfinite(b):
                    hint = f"<title>{escape(hints[k])}</title>" if k < len(hints) else ""
                    parts.append(f'<circle class="dot {css}" cx="{a:.1f}" cy="{b:.1f}" r="{r_px:g}">{hint}</circle>')
            return "".join(parts)

        self._marks.append(draw)
        return self

    def crosses(self, x: ArrayLike, y: ArrayLike, css: str, *, r_px: float = 3.2) -> Chart:
        """Crosses: what was taken away."""
        xs, ys = np.atleast_1d(np.asarray(x, float)), np.atleast_1d(np.asarray(y, float))
        self._marks.append(
            lambda f: "".join(cross(a, b, css, r_px=r_px) for a, b in zip(f.px(xs), f.py(ys), strict=True))
        )
        return self

    def stems(self, x: ArrayLike, low: ArrayLike, high: ArrayLike, css: str) -> Chart:
        """Thin vertical lines, one a value of x, drawn as one path."""
        xs, a, b = np.asarray(x, float), np.asarray(low, float), np.asarray(high, float)

        def draw(f: _Frame) -> str:
            ends = zip(f.px(xs), f.py(a), f.py(b), strict=True)
            steps = dict.fromkeys(f"M{p:.1f} {q:.1f}V{r:.1f}" for p, q, r in ends)
            return f'<path class="line thin {css}" d="{"".join(steps)}"/>'

        self._marks.append(draw)
        return self

    def interval(self, y: float, low: float, high: float, estimate: float, css: str) -> Chart:
        """A horizontal interval with its estimate as a dot."""

        def draw(f: _Frame) -> str:
            (b,) = f.py([y])
            parts = ""
            if math.isfinite(low) and math.isfinite(high):
                p, q = np.clip(f.px([low, high]), f.left, f.right)
                parts = f'<path class="whisker {css}" d="M{p:.1f} {b:.1f}H{q:.1f}"/>'
            (a,) = f.px([estimate])
            return parts + f'<circle class="dot {css}" cx="{a:.1f}" cy="{b:.1f}" r="4.5"/>'

        self._marks.append(draw)
        return self

    def whisker(self, x: float, low: float, high: float, css: str) -> Chart:
        """A vertical interval."""

        def draw(f: _Frame) -> str:
            (a,), (p, q) = f.px([x]), np.clip(f.py([low, high]), f.top, f.bottom)
            return f'<path class="whisker {css}" d="M{a:.1f} {p:.1f}V{q:.1f}"/>'

        self._marks.append(draw)
        return self

    def bars(self, x: ArrayLike, height: ArrayLike, css: str, *, width: float) -> Chart:
        """Bars from zero, `width` in units of x."""
        xs, hs = np.asarray(x, float), np.asarray(height, float)

        def draw(f: _Frame) -> str:
            base = f.py([max(0.0, self.y.low)])[0]
            parts: list[str] = []
            for a, b, top in zip(f.px(xs - width / 2), f.px(xs + width / 2), f.py(hs), strict=True):
                if math.isfinite(top):
                    parts.append(
                        f'<rect class="bar {css}" x="{a:.1f}" y="{top:.1f}" width="{b - a:.1f}" '
                        f'height="{max(base - top, 0):.1f}"/>'
                    )
            return "".join(parts)

        self._marks.append(draw)
        return self

    def span(self, low: float, high: float, css: str, *, label: str = "") -> Chart:
        """A shaded stretch of x over the whole height, its label above the plot."""

        def draw(f: _Frame) -> str:
            p, q = np.clip(f.px([low, high]), f.left, f.right)
            return (
                f'<rect class="span {css}" x="{p:.1f}" y="{f.top:.1f}" width="{q - p:.1f}" '
                f'height="{f.bottom - f.top:.1f}"/>'
            )

        self._under.append(draw)
        if label:
            self._tops.append(Top((low + high) / 2, label, "ink"))
        return self

    def level(self, low: float, high: float, css: str, *, label: str = "") -> Chart:
        """A shaded stretch of y over the whole width, its label beside the plot."""

        def draw(f: _Frame) -> str:
            p, q = np.clip(f.py([high, low]), f.top, f.bottom)
            return (
                f'<rect class="zone {css}" x="{f.left:.1f}" y="{p:.1f}" width="{f.right - f.left:.1f}" '
                f'height="{q - p:.1f}"/>'
            )

        self._under.append(draw)
        if label:
            self._sides.append(Side((max(low, self.y.low) + min(high, self.y.high)) / 2, label, "muted"))
        return self

    def rule_x(self, x: float, css: str, *, label: str = "") -> Chart:
        """A vertical line over the whole height, its label above the plot."""
        self._marks.append(lambda f: f'<path class="rule {css}" d="M{f.px([x])[0]:.1f} {f.top:.1f}V{f.bottom:.1f}"/>')
        if label:
            self._tops.append(Top(x, label, css))
        return self

    def rule_y(self, y: float, css: str, *, label: str = "") -> Chart:
        """A horizontal line over the whole width, its label beside the plot."""
        self._marks.append(lambda f: f'<path class="rule {css}" d="M{f.left:.1f} {f.py([y])[0]:.1f}H{f.right:.1f}"/>')
        if label:
            self._sides.append(Side(y, label, css))
        return self

    def side(self, y: float, text: str, css: str) -> Chart:
        """A label beside the plot, near `y`; labels make room for each other."""
        self._sides.append(Side(y, text, css))
        return self

    def above(self, x: float, text: str, css: str) -> Chart:
        """A label above the plot, near `x`; labels make room for each other."""
        self._tops.append(Top(x, text, css))
        return self

    def legend(self, kind: str, text: str, css: str) -> Chart:
        """One entry of the legend rows; `kind` is "line", "rule", "band", "span", "dot", "cross" or "bar"."""
        self._legend.append((kind, text, css))
        return self

    def foot(self, text: str, css: str = "muted") -> Chart:
        """A line of text below the plot, broken where it does not fit."""
        self._feet.append((text, css))
        return self

    def svg(self) -> str:
        """The chart as one ``<svg>`` element with title and description."""
        inside, height_px = self.drawn()
        return wrap(inside, key=self.key, title=self.title, text=self.text, size_px=(self.width_px, height_px))

    @property
    def margin_px(self) -> float:
        """Room left of the plot: what was asked for, or what the texts of the ticks take."""
        if self.left_px is not None:
            return self.left_px
        return 10 + max((text_px(t, size_px=TICK_PX) for _, t in self.y.marks()), default=0)

    def drawn(self) -> tuple[str, float]:
        """The chart without its ``<svg>`` element, and its height in pixels, all rows of text included."""
        rows = legend_rows(self._legend, self.width_px)
        y_marks = self.y.marks()
        left = self.margin_px
        side_px = max((text_px(s.text) for s in self._sides), default=0)
        right = self.width_px - (side_px + 10 if self._sides else _overhang(self.x, left, self.width_px))
        head = LINE_PX + 2 if self.y.title else 0
        legend_top = head
        head += LINE_PX * len(rows)
        frame = _Frame(left, right, 0, 1, self.x, self.y)
        tops, n_rows = placed_tops([(float(frame.px([t.x])[0]), t) for t in self._tops], self.width_px)
        top = head + LINE_PX * n_rows + 7
        frame = _Frame(left, right, top, top + self.height_px, self.x, self.y)
        total = frame.bottom + (20 if self.x.marks() else 6) + (LINE_PX + 2 if self.x.title else 0)
        sides = [(float(frame.py([s.y])[0]), s) for s in self._sides]
        feet = [(line, css) for text, css in self._feet for line in wrapped(text, self.width_px)]
        parts = [
            label(0, 12, self.y.title, "axis") if self.y.title else "",
            legend_svg(rows, legend_top),
            *(mark(frame) for mark in self._under),
            _axes(frame, y_marks, grid=self.grid),
            *(mark(frame) for mark in self._marks),
            *(label(x, head + LINE_PX * (row + 1) - 3, t.text, t.css, anchor="middle") for t, x, row in tops),
            sides_svg(sides, left=frame.right + 8, top=frame.top, bottom=frame.bottom),
            *(label(0, total + LINE_PX * (k + 1) - 2, line, css) for k, (line, css) in enumerate(feet)),
        ]
        return "".join(parts), total + (LINE_PX * len(feet) + 2 if feet else 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A chart at a place of a larger picture."""

    chart: Chart
    left_px: float
    top_px: float


def together(placed: Sequence[Placed], *, key: str, title: str, text: str, size_px: tuple[float, float]) -> str:
    """Several charts as one picture with one title and one description."""
    inside = "".join(
        f'<g transform="translate({one.left_px:g} {one.top_px:g})">{one.chart.drawn()[0]}</g>' for one in placed
    )
    return wrap(inside, key=key, title=title, text=text, size_px=size_px)


def wrap(inside: str, *, key: str, title: str, text: str, size_px: tuple[float, float]) -> str:
    """The ``<svg>`` element around drawn parts: view box, role, title and description."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 {size_px[0]:g} {size_px[1]:.0f}" '
        f'role="img" aria-labelledby="{key}-t {key}-d"><title id="{key}-t">{escape(title)}</title>'
        f'<desc id="{key}-d">{escape(text)}</desc>{inside}</svg>'
    )


def _axes(f: _Frame, y_marks: Sequence[tuple[float, str]], *, grid: bool) -> str:
    parts: list[str] = []
    for value, text in y_marks:
        y = f.py([value])[0]
        if grid:
            parts.append(f'<path class="grid" d="M{f.left:.1f} {y:.1f}H{f.right:.1f}"/>')
        parts.append(label(f.left - 6, y + 4, text, "tick", anchor="end"))
    parts.append(f'<path class="axisline" d="M{f.left:.1f} {f.bottom:.1f}H{f.right:.1f}"/>')
    edge = -math.inf
    for value, text in f.x.marks():
        x = f.px([value])[0]
        half = text_px(text, size_px=TICK_PX) / 2
        parts.append(f'<path class="axisline" d="M{x:.1f} {f.bottom:.1f}v4"/>')
        if x - half > edge + 4:  # a tick's text that would touch the one before is left out
            parts.append(label(x, f.bottom + 16, text, "tick", anchor="middle"))
            edge = x + half
    if f.x.title:
        parts.append(label(f.right, f.bottom + 16 + LINE_PX, f.x.title, "axis", anchor="end"))
    return "".join(parts)


def _overhang(axis: Axis, left: float, width_px: float) -> float:
    """Room right of the plot for half of the last tick's text."""
    marks = axis.marks()
    if not marks:
        return 4
    value, text = marks[-1]
    inner = width_px - left
    beyond = text_px(text, size_px=TICK_PX) / 2 - inner * (axis.high - value) / (axis.high - axis.low)
    return max(4.0, beyond)
