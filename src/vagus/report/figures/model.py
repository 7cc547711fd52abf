"""What models expect, drawn: which fibers fire, what brain and heart do."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from vagus.fiber import ClassRecruitment, Recruitment
from vagus.report.numbers import quantity, text_px
from vagus.report.svg import Axis, Chart
from vagus.response import State

_TIME = {"s": "s", "min": "min", "d": "d"}


def recruitment(found: Recruitment, *, key: str, width_px: float) -> str:
    """Share of each fiber class that fires against current, medians only; this dose as a vertical line."""
    axis, where, dose = _current_axis(found, count=7 if width_px > 500 else 4)
    chart = Chart(
        key=key,
        title="Fibers that fire against current",
        text="; ".join(f"{c.label}: {_share(c)} at {quantity(found.dose_ma, 'mA')}" for c in found.classes),
        x=axis,
        y=Axis(label="Fibers of the class that fire", unit="%", low=0, high=100, count=4),
        width_px=width_px,
        height_px=240 if width_px > 500 else 200,
    )
    beside = width_px > 500 and max(text_px(c.label) for c in found.classes) < 0.24 * width_px
    for k, one in enumerate(found.classes):
        css = f"c{k % 6 + 1}"
        chart.line(where, one.share_pct, css)
        if beside:
            chart.side(float(one.share_pct[-1]), one.label, css)
        else:
            chart.legend("line", one.label, css)
    chart.rule_x(dose, "ink", label=f"this dose {quantity(found.dose_ma, 'mA')}")
    return chart.svg()


def recruitment_of(found: Recruitment, k: int, *, key: str, width_px: float = 344) -> str:
    """One fiber class against current: median and interval band; this dose as a vertical line."""
    one = found.classes[k]
    axis, where, dose = _current_axis(found, count=5)
    chart = Chart(
        key=key,
        title=one.label,
        text=f"{_share(one)} of {one.label} fibers fire at {quantity(found.dose_ma, 'mA')}.",
        x=axis,
        y=Axis(label="Fibers that fire", unit="%", low=0, high=100, count=2),
        width_px=width_px,
        height_px=84,
    )
    css = f"c{k % 6 + 1}"
    chart.band(where, one.low_pct, one.high_pct, css).line(where, one.share_pct, css)
    return chart.rule_x(dose, "ink", label=f"{quantity(found.dose_ma, 'mA')}").svg()


def _share(one: ClassRecruitment) -> str:
    e = one.at_dose
    return f"{quantity(e.estimate, '%')} ({quantity(e.low, '%')} to {quantity(e.high, '%')})"


def _current_axis(found: Recruitment, *, count: int) -> tuple[Axis, np.ndarray, float]:
    """Axis of the current, the currents on it, and the dose on it; logarithmic where the range is wide."""
    at = found.amplitude_ma
    log = at[0] > 0 and at[-1] / at[0] > 60 and found.dose_ma > 0
    where, dose = (np.log10(at), math.log10(found.dose_ma)) if log else (at, found.dose_ma)
    low = min(float(where[0]), dose) if log else 0.0
    high = max(float(where[-1]), dose)
    ticks = _log_ticks(low, high) if log else None
    return Axis(label="Current", unit="mA", low=low, high=high, count=count, ticks=ticks), where, dose


def _log_ticks(low: float, high: float) -> tuple[tuple[float, str], ...]:
    marks: list[tuple[float, str]] = []
    for power in range(math.floor(low), math.ceil(high) + 1):
        for digit in (1, 2, 5):
            place = power + math.log10(digit)
            if low - 1e-9 <= place <= high + 1e-9:
                marks.append((place, f"{digit * 10.0**power:g}"))
    return tuple(marks)


_N_CYCLES = 8
_SECONDS = {"s": 1.0, "min": 60.0}


def state(one: State, *, key: str, level: float, cycle_s: float, width_px: float = 344) -> str:
    """One state over time: median, interval, and no effect as a dashed line.

    Of a sitting with many cycles the first eight are shown, so that each can be seen.
    """
    one = _begin(one, cycle_s)
    low, high = float(one.low.min()), float(one.high.max())
    from_zero = low <= 0 or "relative" in one.unit or "change" in one.label.lower()
    if from_zero:
        low, high = min(low, 0.0), max(high, 0.0)
    edge = 0.06 * (high - low or 1.0)
    x_name = "Time since the sitting began" if one.t_unit != "d" else "Day of the course"
    chart = Chart(
        key=key,
        title=one.label,
        text=f"{one.label}, median and {level * 100:g} % interval over time: from "
        f"{quantity(float(one.median[0]), one.unit)} to {quantity(float(one.median[-1]), one.unit)}, "
        f"highest {quantity(float(one.median.max()), one.unit)}.",
        x=Axis(label=x_name, unit=_TIME[one.t_unit], low=float(one.t[0]), high=float(one.t[-1]) or 1.0, count=5),
        y=Axis(label=one.unit, unit="", low=low - edge, high=high + edge, count=4),
        width_px=width_px,
        height_px=120,
    )
    chart.band(one.t, one.low, one.high, "c1").line(one.t, one.median, "c1")
    return (chart.rule_y(0, "muted dash") if from_zero else chart).svg()


def _begin(one: State, cycle_s: float) -> State:
    if one.t_unit not in _SECONDS:
        return one
    shown = one.t <= one.t[0] + _N_CYCLES * cycle_s / _SECONDS[one.t_unit]
    if shown.all() or np.count_nonzero(shown) < 20:
        return one
    return replace(one, t=one.t[shown], median=one.median[shown], low=one.low[shown], high=one.high[shown])
