"""What was measured, drawn: beat intervals, indices of vagal tone, scores over the weeks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date

import numpy as np

from vagus.course import Event, SegmentTone
from vagus.outcome import Change, Instrument, Score
from vagus.report.numbers import number, quantity
from vagus.report.svg import Axis, Chart
from vagus.report.words import day, prose
from vagus.source import Effect

SEGMENT_CSS = {"before": "c6", "during": "c2", "after": "c1"}
INDICES = (
    ("heart_rate_bpm", "Heart rate"),
    ("rmssd_ms", "RMSSD"),
    ("sdnn_ms", "SDNN"),
    ("pnn50_pct", "pNN50"),
    ("hf_ms2", "HF power"),
    ("rsa_ms", "RSA, peak to trough"),
)
"""Index of `Tone` -> its name for people."""


def tone_panels(tones: Sequence[SegmentTone], *, key: str, width_px: float = 344) -> tuple[tuple[str, str], ...]:
    """(name, SVG) for each index: estimate and 95 % interval, a row a segment."""
    panels: list[tuple[str, str]] = []
    for field, name in INDICES:
        effects = [(t.segment.name, getattr(t.tone, field)) for t in tones]
        found = [(segment, e) for segment, e in effects if e is not None and math.isfinite(e.estimate)]
        if found:
            panels.append((name, _intervals(found, name, key=f"{key}-{field.split('_')[0]}", width_px=width_px)))
    return tuple(panels)


def _intervals(found: Sequence[tuple[str, Effect]], name: str, *, key: str, width_px: float) -> str:
    ends = [v for _, e in found for v in (e.estimate, e.low, e.high) if math.isfinite(v)]
    low, high = min(ends), max(ends)
    edge = 0.08 * (high - low) or 0.05 * abs(high) or 1.0
    right = high + edge
    # none of these indices can be negative; a little room left of 0, so that no dot touches the labels of the rows
    left = low - edge if low - edge > 0 else -0.03 * right
    unit = found[0][1].unit
    rows = tuple((float(len(found) - 1 - k), segment) for k, (segment, _) in enumerate(found))
    chart = Chart(
        key=key,
        title=name,
        text="; ".join(
            f"{segment} {quantity(e.estimate, e.unit)} ({quantity(e.low, e.unit)} to {quantity(e.high, e.unit)})"
            for segment, e in found
        ),
        x=Axis(label="", unit=unit, low=left, high=right, count=5),
        y=Axis(label="", unit="", low=-0.6, high=len(found) - 0.4, ticks=rows),
        width_px=width_px,
        height_px=22.0 * len(found) + 8,
        grid=False,
        left_px=58,
    )
    for (place, segment), (_, e) in zip(rows, found, strict=True):
        chart.interval(place, max(0.0, e.low), e.high, e.estimate, SEGMENT_CSS.get(segment, "c6"))
    return chart.svg()


def scores(
    found: Sequence[Score],
    of: Instrument,
    change: Change | None,
    events: Sequence[tuple[str, Event]],
    *,
    start: date,
    weeks: float,
    key: str,
    width_px: float = 344,
) -> str:
    """Scores of one instrument over the weeks: severity bands shaded and named, response, remission, events."""
    week = np.array([(s.date - start).days / 7 for s in found])
    low, high = min(0.0, float(week.min())), max(weeks, float(week.max()))
    pad = 0.02 * (high - low)
    chart = Chart(
        key=key,
        title=f"{of.short} over the weeks",
        text="; ".join(f"{day(s.date)}: {number(s.total)} points, {s.band}" for s in found),
        x=Axis(label="Weeks since the start", unit="", low=low - pad, high=high + pad, count=6),
        y=Axis(label=of.short, unit="points", low=of.total_low, high=of.total_high, count=5),
        width_px=width_px,
        height_px=190,
    )
    worst_last = sorted(of.bands, key=lambda b: -of.better * b.low)
    for k, band in enumerate(worst_last):
        chart.level(band.low - 0.5, band.high + 0.5, f"muted s{min(k, 5)}", label=band.label)
    _targets(chart, of, change)
    totals = np.array([math.nan if s.total is None else s.total for s in found])
    chart.line(week[np.isfinite(totals)], totals[np.isfinite(totals)], "c1")
    for k, s in enumerate(found):
        if s.low is not None and s.high is not None:
            chart.whisker(float(week[k]), s.low, s.high, "c1")
    _points(chart, found, week, totals)
    for mark, event in events:
        chart.rule_x((event.date - start).days / 7, "muted faint", label=mark)
    return chart.svg()


def _targets(chart: Chart, of: Instrument, change: Change | None) -> None:
    side = "or less" if of.better < 0 else "or more"
    if change is not None and change.response_at is not None:
        chart.rule_y(change.response_at, "c3 dash")
        chart.legend("rule", f"response {number(change.response_at)} {side}", "c3 dash")
    if of.remission is None:
        return
    edge = of.remission.high if of.better < 0 else of.remission.low
    named = any(sign.isdigit() for sign in of.remission.label)
    words = of.remission.label if named else f"{of.remission.label} {number(edge)} {side}"
    chart.rule_y(edge, "c4 dash").legend("rule", words, "c4 dash")


def _points(chart: Chart, found: Sequence[Score], week: np.ndarray, totals: np.ndarray) -> None:
    kinds = {
        "complete": ("c1", ""),
        "settled": ("c1", ""),
        "prorated": ("c1 hollow", "prorated"),
        "total only": ("ink hollow", "only the total"),
    }
    for status, (css, words) in kinds.items():
        chosen = [k for k, s in enumerate(found) if s.status == status]
        if chosen:
            hints = [prose(found[k].text) for k in chosen]
            chart.dots(week[chosen], totals[chosen], css, r_px=3.8, hints=hints)
            if words:
                chart.legend("dot", words, css)
    if any(s.status == "not scorable" for s in found):
        chart.legend("line", "range only: answers missing", "c1")
