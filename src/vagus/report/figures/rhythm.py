"""Intervals between beats over time, with every correction marked; and vagal tone in a sliding window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from vagus.report.numbers import number, quantity
from vagus.report.svg import Axis, Chart, Placed, together
from vagus.signal import Beats, Gap
from vagus.units import symbol

_HOUR_S, _MINUTE_S = 3600.0, 60.0
_MOVED = frozenset({"ectopic", "misaligned"})
_LEAST_GAP_S = 0.04  # shorter ones hide no beat


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A stretch of a recording that is read as one: its name ("" for the whole), bounds, corrected beats, color."""

    name: str
    start_s: float
    end_s: float
    beats: Beats
    css: str = "c6"


MARKS = {
    "added": ("dot", "alarm"),
    "moved": ("dot", "alarm hollow"),
    "removed": ("cross", "alarm"),
    "by hand": ("dot", "c3"),
    "left out": ("dot", "muted hollow"),
}
"""What was done to a beat -> mark and color."""


def mends(beats: Beats, raw: Beats | None = None) -> dict[str, np.ndarray]:
    """What was done -> places of the intervals that end at these beats, by the labels of corrected beats.

    `raw` are the beats as detected: a beat that was found ectopic or misaligned and stands where it stood was left out.
    Without them it counts as moved.
    """
    words = mend_words(beats)[1:]
    moved = np.isin(words, list(_MOVED))
    stayed = np.zeros(words.size, dtype=bool) if raw is None else moved & np.isin(beats.time_s[1:], raw.time_s)
    told = {"missed", "extra", "by hand", "", *_MOVED}
    found = {
        "added": words == "missed",
        "moved": moved & ~stayed,
        "removed": words == "extra",
        "by hand": words == "by hand",
        "left out": stayed | ~np.isin(words, list(told)),
    }
    return {word: np.flatnonzero(mine) for word, mine in found.items() if mine.any()}


def tachogram(
    parts: Sequence[Part], *, key: str, width_px: float, raw: Beats | None = None, height_px: float = 170
) -> str:
    """Intervals between beats: parts shaded, corrections marked by kind, stretches without a heartbeat shaded.

    `raw` are the beats as detected: drawn faintly where correction changed them.
    """
    start, end = min(p.start_s for p in parts), max(p.end_s for p in parts)
    unit, scale = clock(end - start)
    low, high = _range(parts)
    done = [mends(p.beats, raw) for p in parts]
    chart = Chart(
        key=key,
        title="Intervals between heartbeats",
        text=_told(parts, done, start, end),
        x=Axis(
            label="Time in the recording",
            unit=unit,
            low=start / scale,
            high=end / scale,
            count=8 if width_px > 500 else 5,
        ),
        y=Axis(label="Interval between beats (RR)", unit="ms", low=low, high=high, count=4),
        width_px=width_px,
        height_px=height_px,
    )
    for part in parts:
        if part.name:
            chart.span(part.start_s / scale, part.end_s / scale, part.css, label=part.name)
    _gaps(chart, [gap for p in parts for gap in _lost(p)], scale)
    for part, marked in zip(parts, done, strict=True):
        if raw is not None:
            _as_detected(chart, raw.window(part.start_s, part.end_s), part.beats, scale)
        if part.beats.time_s.size > 1:
            _intervals(chart, part.beats, marked, scale)
    _legend(chart, done, raw is not None)
    return chart.svg()


def mend_words(beats: Beats) -> np.ndarray:
    """What correction did at each beat, "" where nothing; labels of other beats are annotations, no corrections."""
    labels = beats.label if beats.origin == "corrected" else None
    return np.array(labels or ("",) * beats.time_s.size, dtype=object)


def clock(span_s: float) -> tuple[str, float]:
    """Unit of a time axis, and its length in seconds."""
    return ("h", _HOUR_S) if span_s > 2 * _HOUR_S else ("min", _MINUTE_S) if span_s > 2 * _MINUTE_S else ("s", 1.0)


def _range(parts: Sequence[Part]) -> tuple[float, float]:
    read = [p.beats.rr_ms[~p.beats.across] for p in parts if p.beats.time_s.size > 1]
    values = np.concatenate(read) if read else np.zeros(0)
    if not values.size:
        values = np.array([800.0])
    low, high = (float(v) for v in np.quantile(values, [0.001, 0.999]))
    edge = 0.12 * max(high - low, 50.0)
    return max(0.0, low - edge), high + edge


def _lost(part: Part) -> list[Gap]:
    """Stretches of the part in which no heartbeat could be read: those of the recording, and of noise."""
    spans = [(g.start_s, g.stop_s) for g in part.beats.gaps if g.stop_s - g.start_s > _LEAST_GAP_S]
    times, across = part.beats.time_s, part.beats.across
    edges = np.flatnonzero(np.diff(np.pad(across.astype(np.int8), 1))).reshape(-1, 2)
    spans += [(float(times[a]), float(times[b])) for a, b in edges.tolist()]
    joined: list[Gap] = []
    for first, last in sorted((max(a, part.start_s), min(b, part.end_s)) for a, b in spans):
        if first >= last:
            continue
        if joined and first <= joined[-1].stop_s:
            joined[-1] = Gap(start_s=joined[-1].start_s, stop_s=max(last, joined[-1].stop_s))
        else:
            joined.append(Gap(start_s=first, stop_s=last))
    return joined


def _gaps(chart: Chart, gaps: Sequence[Gap], scale: float) -> None:
    for gap in gaps:
        chart.span(gap.start_s / scale, gap.stop_s / scale, "muted gap")
    if gaps:
        total = sum(gap.stop_s - gap.start_s for gap in gaps)
        chart.legend("span", f"not read ({quantity(total, 's')})", "muted gap")


def _as_detected(chart: Chart, raw: Beats, beats: Beats, scale: float) -> None:
    """The series before correction, where it differs: what the correction took away is to be seen."""
    if raw.time_s.size < 2:
        return
    kept = np.isin(raw.time_s, beats.time_s)
    changed = ~(kept[:-1] & kept[1:])
    near = changed | np.roll(changed, 1) | np.roll(changed, -1)
    y = np.clip(raw.rr_ms, chart.y.low, chart.y.high)
    chart.line(raw.time_s[1:] / scale, np.where(near & ~raw.across, y, np.nan), "alarm thin faint")


def _intervals(chart: Chart, beats: Beats, marked: Mapping[str, np.ndarray], scale: float) -> None:
    x, y = beats.time_s[1:] / scale, np.clip(beats.rr_ms, chart.y.low, chart.y.high)
    # the line breaks where no interval can be read: across a gap, or among beats that hardly look like beats
    chart.line(x, np.where(beats.across, np.nan, y), "ink thin")
    for word, places in marked.items():
        kind, css = MARKS[word]
        if kind == "cross":
            chart.crosses(x[places], y[places], css)
        else:
            chart.dots(x[places], y[places], css, r_px=3)


def _legend(chart: Chart, done: Sequence[Mapping[str, np.ndarray]], raw: bool) -> None:
    total = _total(done)
    for word, n in total.items():
        kind, css = MARKS[word]
        chart.legend(kind, f"{word} ({n})", css)
    if total and raw:
        chart.legend("line", "as detected", "alarm thin faint")


def _total(done: Sequence[Mapping[str, np.ndarray]]) -> dict[str, int]:
    total = {word: sum(one[word].size for one in done if word in one) for word in MARKS}
    return {word: n for word, n in total.items() if n}


def _told(parts: Sequence[Part], done: Sequence[Mapping[str, np.ndarray]], start: float, end: float) -> str:
    unit, scale = clock(end - start)
    text = f"RR intervals in ms over {quantity((end - start) / scale, unit)}"
    for part in parts:
        rr = part.beats.rr_ms[~part.beats.across]
        if rr.size:
            text += f"; {part.name or 'all'}: {rr.size} intervals read, mean {quantity(float(rr.mean()), 'ms')}"
            text += f", {number(float(rr.min()))} to {quantity(float(rr.max()), 'ms')}"
    counts = ", ".join(f"{n} {word}" for word, n in _total(done).items())
    return f"{text}. Beats corrected: {counts or 'none'}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """Windows along a recording and the indices in them, nan where one could not be told.

    Parameters
    ----------
    start_s, end_s : (n,) array
    indices : mapping of str to tuple of three (n,) arrays
        Estimate, lower and upper bound by field ("rmssd_ms").
    """

    start_s: np.ndarray
    end_s: np.ndarray
    indices: Mapping[str, tuple[np.ndarray, np.ndarray, np.ndarray]]

    @property
    def length_s(self) -> float:
        """Length of a window."""
        return float(self.end_s[0] - self.start_s[0])

    @property
    def step_s(self) -> float:
        """From the start of one window to the next."""
        return float(np.median(np.diff(self.start_s))) if self.start_s.size > 1 else self.length_s


def sliding(windows: Windows, fields: Sequence[tuple[str, str, str]], *, key: str, width_px: float) -> str:
    """Indices (field of `Tone`, name, color) in windows along a recording, one plot below the other on one time axis.

    A line through the middles of the windows, 95 % intervals as a band; windows that could not be read leave a hole.
    """
    charts = [_slide(windows, *one, key=key, width_px=width_px, last=one is fields[-1]) for one in fields]
    left = max(chart.margin_px for chart in charts)
    n, wide = windows.start_s.size, quantity(windows.length_s, "s")
    placed: list[Placed] = []
    top = 0.0
    for chart in charts:
        chart.left_px = left
        if chart is charts[-1]:
            sure = any(np.isfinite(low).any() for _, low, _ in windows.indices.values())
            every = f" every {quantity(windows.step_s, 's')}" if n > 1 else ""
            chart.foot(f"Windows of {wide}{every}{'; bands: 95 % intervals' if sure else ''}.")
        placed.append(Placed(chart=chart, left_px=0.0, top_px=top))
        top += chart.drawn()[1] + (10 if chart is not charts[-1] else 0)
    text = f"{n} windows of {wide}. {' '.join(chart.text for chart in charts)}"
    title = "Vagal tone in a sliding window"
    return together(placed, key=key, title=title, text=text, size_px=(width_px, top))


def _slide(windows: Windows, field: str, name: str, css: str, *, key: str, width_px: float, last: bool) -> Chart:
    value, low, high = windows.indices[field]
    middle = (windows.start_s + windows.end_s) / 2
    start, end = float(windows.start_s[0]), float(windows.end_s[-1])
    unit, scale = clock(end - start)
    finite = np.concatenate([v[np.isfinite(v)] for v in (value, low, high)])
    top, bottom = (float(finite.max()), float(finite.min())) if finite.size else (1.0, 0.0)
    if finite.size > _MANY:
        top = float(np.quantile(finite, 0.995))
    edge = 0.08 * (top - bottom) or 1.0
    # a rate far from zero is drawn over its own range, an index of variability from zero
    bottom = max(0.0, bottom - edge) if field in _RATES else min(0.0, bottom)
    known = value[np.isfinite(value)]
    of = symbol(field)
    said = f"{number(float(known.min()))} to {number(float(known.max()))} {of}" if known.size else "not told"
    chart = Chart(
        key=f"{key}-{field}",
        title=name,
        text=f"{name} {said}.",
        x=Axis(
            label="Middle of the window" if last else "",
            unit=unit if last else "",
            low=start / scale,
            high=end / scale,
            count=8 if width_px > 500 else 5,
            ticks=None if last else (),
        ),
        y=Axis(label=name, unit=of, low=bottom, high=top + edge, count=3),
        width_px=width_px,
        height_px=84,
    )
    holes = np.flatnonzero(np.diff(np.isfinite(value).astype(np.int8))) + 1
    for places in np.split(np.arange(middle.size), holes):
        chart.band(middle[places] / scale, low[places], high[places], css)
    chart.line(middle / scale, np.clip(value, bottom, top + edge), css)
    if middle.size <= _FEW_WINDOWS:
        chart.dots(middle / scale, np.clip(value, bottom, top + edge), css, r_px=2.4)
    return chart


_RATES = frozenset({"heart_rate_bpm", "mean_rr_ms"})
_FEW_WINDOWS, _MANY = 60, 200
