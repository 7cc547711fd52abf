"""The dose drawn: one pulse, one cycle, what was delivered, how far a limit is."""

from __future__ import annotations

import math

import numpy as np

from vagus.course import Course, Delivered
from vagus.dose import Limit, Protocol, Pulse
from vagus.report.numbers import number, quantity
from vagus.report.svg import Axis, Chart, wrap


def pulse(prescribed: Pulse, delivered_ma: float | None = None, *, key: str, width_px: float = 344) -> str:
    """One pulse as prescribed, its first phase filled (the charge), and at the mean current delivered."""
    reach = prescribed.duration_us
    edge = 0.12 * reach
    peak = max(abs(p.amplitude_ma) for p in prescribed.phases)
    high = max((p.amplitude_ma for p in prescribed.phases), default=0)
    low = min((p.amplitude_ma for p in prescribed.phases), default=0)
    chart = Chart(
        key=key,
        title="One pulse",
        text=f"Current against time of one pulse: first phase {quantity(prescribed.amplitude_ma, 'mA')} for "
        f"{quantity(prescribed.width_us, 'µs')}, charge {quantity(prescribed.charge_uc, 'µC')}.",
        x=Axis(label="Time", unit="µs", low=-edge, high=reach + edge, ticks=_from_zero(reach)),
        y=Axis(label="Current", unit="mA", low=min(low, 0) - 0.15 * peak, high=max(high, 0) + 0.15 * peak, count=4),
        width_px=width_px,
        height_px=150,
    )
    x, y = _corners(prescribed, edge=edge)
    first = prescribed.phases[0]
    zeros = np.zeros(2)
    chart.band([0, first.width_us], zeros, [first.amplitude_ma] * 2, "c1")
    chart.line(x, y, "c1")
    chart.rule_y(0, "muted")
    chart.legend("line", f"prescribed {quantity(abs(prescribed.amplitude_ma), 'mA')}", "c1")
    if delivered_ma is not None and math.isfinite(delivered_ma):
        mean = prescribed.scaled(math.copysign(abs(delivered_ma), prescribed.amplitude_ma))
        chart.line(*_corners(mean, edge=edge), "c2 dash")
        chart.legend("line", f"delivered {quantity(abs(delivered_ma), 'mA')} (mean)", "c2 dash")
    chart.legend("band", f"charge per phase {quantity(prescribed.charge_uc, 'µC')}", "c1")
    return chart.svg()


def _corners(one: Pulse, *, edge: float) -> tuple[np.ndarray, np.ndarray]:
    points = [(-edge, 0.0)]
    for phase in one.phases:
        end = phase.start_us + phase.width_us
        points += [(phase.start_us, 0.0), (phase.start_us, phase.amplitude_ma), (end, phase.amplitude_ma), (end, 0.0)]
    points.append((one.duration_us + edge, 0.0))
    xy = np.array(points)
    return xy[:, 0], xy[:, 1]


def _from_zero(reach: float) -> tuple[tuple[float, str], ...]:
    marks = Axis(label="", unit="", low=0, high=reach, count=4).marks()
    return tuple(mark for mark in marks if mark[0] >= 0)


def cycle(protocol: Protocol, *, key: str, width_px: float = 344) -> str:
    """Output over one cycle and the begin of the next: ramps, on, off."""
    period = protocol.on_s + protocol.off_s
    reach = period * (1.25 if protocol.off_s > 0 else 1)
    corners = np.array([0, protocol.ramp_s, protocol.ramp_s + protocol.on_s, protocol.on_s + 2 * protocol.ramp_s])
    just_before = np.concatenate([corners, corners + period]) - 1e-6 * period
    t = np.unique(np.concatenate([np.linspace(0, reach, 400), corners, corners + period, just_before]))
    t = t[(t >= 0) & (t <= reach)]
    peak = abs(protocol.train.pulse.amplitude_ma)
    chart = Chart(
        key=key,
        title="One cycle",
        text=f"Peak current over one cycle: {quantity(protocol.on_s, 's')} on, {quantity(protocol.off_s, 's')} off, "
        f"ramps of {quantity(protocol.ramp_s, 's')}; duty cycle {quantity(protocol.duty_pct, '%')}.",
        x=Axis(label="Time in the sitting", unit="s", low=0, high=reach, count=5),
        y=Axis(label="Peak current", unit="mA", low=0, high=1.15 * peak, count=3),
        width_px=width_px,
        height_px=150,
    )
    envelope = protocol.is_on(t) * peak
    chart.band(t, np.zeros_like(t), envelope, "c1").line(t, envelope, "c1")
    rest = f", then {quantity(protocol.off_s, 's')} off" if protocol.off_s > 0 else ""
    chart.legend("band", f"output on {quantity(protocol.on_s, 's')}{rest}", "c1")
    return chart.svg()


def delivered_minutes(delivered: Delivered, *, key: str, width_px: float = 344) -> str:
    """Minutes a week: prescribed as a line, delivered as bars."""
    weeks = np.array([w.week for w in delivered.weeks], float)
    given = np.array([w.delivered_min for w in delivered.weeks])
    asked = np.array([w.prescribed_min for w in delivered.weeks])
    top = 1.08 * max(float(np.max(given, initial=0)), float(np.max(asked, initial=0)), 1)
    chart = Chart(
        key=key,
        title="Minutes delivered each week",
        text="; ".join(
            f"week {w.week}: {quantity(w.delivered_min, 'min')} of {quantity(w.prescribed_min, 'min')}"
            for w in delivered.weeks
        ),
        x=Axis(label="Week of the course", unit="", low=0.4, high=weeks.max() + 0.6, ticks=_whole(int(weeks.max()))),
        y=Axis(label="Time in sittings, each week", unit="min", low=0, high=top, count=4),
        width_px=width_px,
        height_px=140,
    )
    chart.bars(weeks, given, "c2", width=0.62)
    edges = np.append(weeks - 0.5, weeks[-1] + 0.5)
    chart.line(edges, np.append(asked, asked[-1]), "c1", step=True)
    return chart.legend("line", "prescribed", "c1").legend("bar", "delivered", "c2").svg()


def delivered_current(course: Course, *, key: str, width_px: float = 344) -> str:
    """Current of each sitting beside the current prescribed, and the perception threshold where it was noted."""
    start = course.protocol.start
    week = np.array([(s.date - start).days / 7 + 0.5 for s in course.sittings])
    current = np.array([s.amplitude_ma for s in course.sittings])
    felt = np.array([math.nan if s.perception_ma is None else s.perception_ma for s in course.sittings])
    asked = abs(course.protocol.train.pulse.amplitude_ma)
    top = 1.15 * float(np.nanmax(np.concatenate([current, felt, [asked]])))
    last = max(1, math.ceil(float(np.max(week, initial=1)) - 0.5 + 1e-9))
    chart = Chart(
        key=key,
        title="Current of each sitting",
        text=f"Current of {len(current)} sittings, {quantity(current.min(), 'mA')} to {quantity(current.max(), 'mA')}; "
        f"prescribed {quantity(asked, 'mA')}.",
        x=Axis(label="Week of the course", unit="", low=0.4, high=last + 0.6, ticks=_whole(last)),
        y=Axis(label="Current set", unit="mA", low=0, high=top, count=4),
        width_px=width_px,
        height_px=140,
    )
    chart.rule_y(asked, "c1").legend("rule", f"prescribed {quantity(asked, 'mA')}", "c1")
    if np.isfinite(felt).any():
        chart.dots(week, felt, "c6 hollow", r_px=2.6).legend("dot", "felt from", "c6 hollow")
    chart.dots(week, current, "c2", r_px=2.4).legend("dot", "delivered", "c2")
    return chart.svg()


def _whole(last: int) -> tuple[tuple[float, str], ...]:
    step = max(1, math.ceil(last / 12))
    return tuple((float(k), str(k)) for k in range(1, last + 1, step))


def margin_bar(limit: Limit, *, key: str) -> str:
    """How much of a limit is used: a bar that ends at the value, with a tick at the limit.

    "" where nothing is used up: rules, least values, logarithms.
    """
    if limit.value is None or limit.limit is None or limit.side in {"rule", "min"} or limit.scale != "linear":
        return ""
    if limit.limit <= 0 or limit.value < 0:
        return ""
    used = limit.value / limit.limit
    at = 112.0
    bar = min(used, 136 / at) * at
    over = "over" if used > 1 else "used"
    inside = (
        f'<rect class="room" x="0" y="2" width="{at:g}" height="7"/>'
        f'<rect class="{over}" x="0" y="2" width="{bar:.1f}" height="7"/><path d="M{at:g} 0V11"/>'
    )
    share = f"{number(100 * used)} % of the limit used"
    return wrap(inside, key=key, title=limit.quantity, text=share, size_px=(136, 11)).replace(' class="chart"', "", 1)


__all__ = ["cycle", "delivered_current", "delivered_minutes", "margin_bar", "pulse"]
