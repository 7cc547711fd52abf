"""What models expect, drawn: which fibers fire, what brain and heart do."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vagus.fiber import ClassRecruitment, Recruitment
from vagus.report.numbers import quantity, text_px
from vagus.report.svg import Axis, Chart
from vagus.response import INNER_LEVEL, State

_TIME = {"s": "s", "min": "min", "d": "d"}


def recruitment(found: Recruitment, *, key: str, width_px: float, felt_ma: float | None = None) -> str:
    """Share of each fiber class that fires against current, medians only; dose and current felt as vertical lines."""
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
        shown, (share,) = _until(where, (one.share_pct,), axis.high)
        chart.line(shown, share, css)
        if beside:
            chart.side(float(share[-1]), one.label, css)
        else:
            chart.legend("line", one.label, css)
    if felt_ma is not None and felt_ma > 0:
        at = math.log10(felt_ma) if _is_log(found) else felt_ma
        if axis.low <= at <= axis.high:
            chart.rule_x(at, "c6 dash", label=f"felt from {quantity(felt_ma, 'mA')}")
    chart.rule_x(dose, "ink", label=f"this dose {quantity(found.dose_ma, 'mA')}")
    return chart.svg()


def recruitment_of(found: Recruitment, k: int, *, key: str, width_px: float = 344) -> str:
    """One fiber class against current: median and interval band; this dose as a vertical line."""
    one = found.classes[k]
    axis, where, dose = _current_axis(found, count=5)
    chart = Chart(
        key=key,
        title=one.label,
        text=f"Share of {one.label} fibers that fire at {quantity(found.dose_ma, 'mA')}: {_share(one)}.",
        x=axis,
        y=Axis(label="Fibers that fire", unit="%", low=0, high=100, count=2),
        width_px=width_px,
        height_px=84,
    )
    css = f"c{k % 6 + 1}"
    shown, (low, share, high) = _until(where, (one.low_pct, one.share_pct, one.high_pct), axis.high)
    chart.band(shown, low, high, css).line(shown, share, css)
    return chart.rule_x(dose, "ink", label=f"{quantity(found.dose_ma, 'mA')}").svg()


def _share(one: ClassRecruitment) -> str:
    e = one.at_dose
    if not one.told:
        return "cannot be told"
    return f"{quantity(e.estimate, '%')} ({quantity(e.low, '%')} to {quantity(e.high, '%')})"


def _current_axis(found: Recruitment, *, count: int) -> tuple[Axis, np.ndarray, float]:
    """Axis of the current, the currents on it, and the dose on it; logarithmic where the range is wide."""
    at = found.amplitude_ma
    log = _is_log(found)
    where, dose = (np.log10(at), math.log10(found.dose_ma)) if log else (at, found.dose_ma)
    low = min(float(where[0]), dose) if log else 0.0
    # an ear scaled to a person reaches far beyond any dose
    high = max(float(where[-1]) if log or dose <= 0 else min(float(where[-1]), _MOST_DOSES * dose), dose)
    ticks = _log_ticks(low, high) if log else None
    return Axis(label="Current", unit="mA", low=low, high=high, count=count, ticks=ticks), where, dose


def _is_log(found: Recruitment) -> bool:
    at = found.amplitude_ma
    return bool(at[0] > 0 and at[-1] / at[0] > 60 and found.dose_ma > 0)


def _log_ticks(low: float, high: float) -> tuple[tuple[float, str], ...]:
    marks: list[tuple[float, str]] = []
    for power in range(math.floor(low), math.ceil(high) + 1):
        for digit in (1, 2, 5):
            place = power + math.log10(digit)
            if low - 1e-9 <= place <= high + 1e-9:
                marks.append((place, f"{digit * 10.0**power:g}"))
    return tuple(marks)


_MOST_DOSES = 8.0
_SD = {"ln_rmssd_change": "change of ln RMSSD, in SD", "pupil": "against sham, in SD"}
_N_CYCLES = 8
_SECONDS = {"s": 1.0, "min": 60.0, "d": 86400.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """States that look alike, drawn as one: their common name, and what each was calibrated on."""

    name: str
    states: tuple[State, ...]
    svg: str


def states(
    found: Sequence[State], *, key: str, level: float, cycle_s: float, on_s: float, width_px: float = 344
) -> tuple[Shown, ...]:
    """States of one pace over the same time: median, 50 and 90 % interval, no effect as a dashed line; ON is shaded.

    Of a sitting with many cycles the first eight are shown, so that each can be seen. States with the same curve
    (within 3 % of its height) share a picture.
    """
    if not found:
        return ()
    seconds = min((_SECONDS[s.t_unit] for s in found), default=1.0)
    unit = next(s.t_unit for s in found if _SECONDS[s.t_unit] == seconds)
    end = max(float(s.t[-1]) * _SECONDS[s.t_unit] for s in found)
    if unit != "d" and end > _N_CYCLES * cycle_s:
        end = _N_CYCLES * cycle_s
    groups: list[list[State]] = []
    for one in found:
        alike = next((group for group in groups if _alike(group[0], one)), None)
        groups.append([one]) if alike is None else alike.append(one)
    return tuple(
        Shown(
            name=_name(group),
            states=tuple(group),
            svg=_state(
                group[0],
                _name(group),
                key=f"{key}-{k}",
                level=level,
                end=end / seconds,
                unit=unit,
                width_px=width_px,
                on=_on(end, cycle_s=cycle_s, on_s=on_s, unit=unit),
            ),
        )
        for k, group in enumerate(groups)
    )


def _on(end_s: float, *, cycle_s: float, on_s: float, unit: str) -> tuple[tuple[float, float], ...]:
    """Stretches of output in the unit of the axis; none over the weeks, where they could not be seen."""
    if unit == "d" or on_s >= cycle_s:
        return ()
    per = _SECONDS[unit]
    return tuple((k * cycle_s / per, (k * cycle_s + on_s) / per) for k in range(math.ceil(end_s / cycle_s - 1e-9)))


def _alike(a: State, b: State) -> bool:
    if a.unit != b.unit or a.t.shape != b.t.shape or not np.allclose(a.t, b.t):
        return False
    height = max(float(np.abs(a.high).max()), float(np.abs(a.low).max()), 1e-12)
    pairs = ((a.median, b.median), (a.low, b.low), (a.high, b.high), (a.low_50, b.low_50), (a.high_50, b.high_50))
    return all(float(np.abs(one - other).max()) < 0.03 * height for one, other in pairs)


def _name(group: Sequence[State]) -> str:
    """Labels of the group; what they end on alike ("…, daily mean") is said once."""
    labels = [one.label for one in group]
    heads, tails = zip(*(text.partition(", ")[::2] for text in labels), strict=True)
    if len(labels) > 1 and len(set(tails)) == 1 and tails[0]:
        return f"{'; '.join(heads)}, {tails[0]}"
    return "; ".join(labels)


def _state(
    one: State,
    name: str,
    *,
    key: str,
    level: float,
    end: float,
    unit: str,
    width_px: float,
    on: Sequence[tuple[float, float]],
) -> str:
    t = one.t * (_SECONDS[one.t_unit] / _SECONDS[unit])
    t, (median, low_at, high_at, low_50, high_50) = _until(
        t, (one.median, one.low, one.high, one.low_50, one.high_50), end
    )
    low, high = float(low_at.min()), float(high_at.max())
    from_zero = low <= 0 or "relative" in one.unit or "change" in one.label.lower()
    if from_zero:
        low, high = min(low, 0.0), max(high, 0.0)
    edge = 0.06 * (high - low or 1.0)
    chart = Chart(
        key=key,
        title=name,
        text=f"{name}, median, {INNER_LEVEL * 100:g} and {level * 100:g} % interval over time: from "
        f"{quantity(float(median[0]), one.unit)} to {quantity(float(median[-1]), one.unit)}, "
        f"highest {quantity(float(median.max()), one.unit)}.",
        x=Axis(
            label="Time since the sitting began" if unit != "d" else "Day of the course",
            unit=_TIME[unit],
            low=0.0,
            high=end or 1.0,
            count=5,
        ),
        y=Axis(
            label=_SD.get(one.key, "SD") if one.unit.startswith("SD") else one.unit,
            unit="",
            low=low - edge,
            high=high + edge,
            count=4,
        ),
        width_px=width_px,
        height_px=120,
    )
    for begin, until in on:
        chart.span(begin, min(until, end), "c6")
    chart.band(t, low_at, high_at, "c1").band(t, low_50, high_50, "c1").line(t, median, "c1")
    return (chart.rule_y(0, "muted dash") if from_zero else chart).svg()


def _until(t: np.ndarray, values: Sequence[np.ndarray], end: float) -> tuple[np.ndarray, list[np.ndarray]]:
    """The curves up to a time, with a point on it."""
    if t[-1] <= end:
        return t, list(values)
    shown = np.append(t[t < end], end)
    return shown, [np.interp(shown, t, v) for v in values]
