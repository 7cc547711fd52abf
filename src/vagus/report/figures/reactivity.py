"""Vagal tone around a stimulation or a stressor: before, during and after, active and sham side by side."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vagus.report.numbers import number, quantity
from vagus.report.svg import Axis, Chart
from vagus.source import Effect

ARM_CSS = {"active": "c1", "sham": "c2"}
_ELSE_CSS = ("c1", "c4", "c5", "c6")
_APART = 0.18


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """One condition: its name and, phase by phase in the order of time, the index with its interval."""

    name: str
    phases: tuple[tuple[str, Effect], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A change from the baseline: of which arm, to which phase, how large."""

    arm: str
    phase: str
    effect: Effect


def reactivity(arms: Sequence[Arm], *, name: str, key: str, width_px: float, height_px: float = 190) -> str:
    """One index in each phase with its interval; arms side by side, a line through each."""
    phases = list(dict.fromkeys(phase for arm in arms for phase, _ in arm.phases))
    ends = [v for arm in arms for _, e in arm.phases for v in (e.estimate, e.low, e.high) if math.isfinite(v)]
    low, high = (min(ends), max(ends)) if ends else (0.0, 1.0)
    edge = 0.1 * (high - low) or 0.1 * abs(high) or 1.0
    unit = next((e.unit for arm in arms for _, e in arm.phases), "")
    chart = Chart(
        key=key,
        title=f"{name} around the stimulation",
        text="; ".join(f"{arm.name}: {', '.join(f'{p} {_said(e)}' for p, e in arm.phases)}" for arm in arms) + ".",
        x=Axis(
            label="",
            unit="",
            low=-0.5,
            high=len(phases) - 0.5,
            ticks=tuple((float(k), phase) for k, phase in enumerate(phases)),
        ),
        y=Axis(label=name, unit=unit, low=max(0.0, low - edge) if low >= 0 else low - edge, high=high + edge, count=4),
        width_px=width_px,
        height_px=height_px,
    )
    for k, arm in enumerate(arms):
        css = arm_css(arm.name, k)
        at = [phases.index(phase) + _APART * (k - (len(arms) - 1) / 2) for phase, _ in arm.phases]
        value = [effect.estimate for _, effect in arm.phases]
        chart.line(at, value, f"{css} thin")
        for x, (_, effect) in zip(at, arm.phases, strict=True):
            if math.isfinite(effect.low) and math.isfinite(effect.high):
                chart.whisker(x, effect.low, effect.high, css)
        chart.dots(at, value, css, r_px=4.2, hints=[f"{arm.name}, {p}: {_said(e)}" for p, e in arm.phases])
        if len(arms) > 1:
            chart.legend("dot", arm.name, css)
    return chart.foot("Dot: estimate; line: 95 % interval of that stretch of time alone.").svg()


def changes(moved: Sequence[Moved], *, name: str, key: str, width_px: float) -> str:
    """Change from the baseline, a row a phase and an arm; the line at 0 is no change."""
    ends = [v for m in moved for v in (m.effect.estimate, m.effect.low, m.effect.high, 0.0) if math.isfinite(v)]
    edge = 0.08 * (max(ends) - min(ends)) or 1.0
    many = len({m.arm for m in moved}) > 1
    labels = [f"{m.phase}, {m.arm}" if many else m.phase for m in moved]
    rows = tuple((float(len(moved) - 1 - k), label) for k, label in enumerate(labels))
    chart = Chart(
        key=key,
        title=f"Change of {name} from the baseline",
        text="; ".join(f"{label} {_said(m.effect)}" for label, m in zip(labels, moved, strict=True)) + ".",
        x=Axis(
            label=f"Change of {name}", unit=moved[0].effect.unit, low=min(ends) - edge, high=max(ends) + edge, count=5
        ),
        y=Axis(label="", unit="", low=-0.6, high=len(moved) - 0.4, ticks=rows),
        width_px=width_px,
        height_px=22.0 * len(moved) + 8,
        grid=False,
    )
    chart.rule_x(0.0, "muted dash", label="no change")
    names = list(dict.fromkeys(m.arm for m in moved))
    for (place, _), m in zip(rows, moved, strict=True):
        chart.interval(place, m.effect.low, m.effect.high, m.effect.estimate, arm_css(m.arm, names.index(m.arm)))
    if moved[0].effect.unit == "ln ms":
        chart.foot(f"On a logarithmic scale: 0.1 is {number(100 * math.expm1(0.1))} % more, −0.1 is 9.5 % less.")
    return chart.foot("Dot: change from the baseline; line: 95 % interval, the sampling error of both stretches.").svg()


def arm_name(condition: str) -> str:
    """Name of an arm for its condition: a stressor has none."""
    return condition if condition in ARM_CSS else "recording"


def arm_css(name: str, place: int) -> str:
    """Color of an arm: active and sham have their own."""
    return ARM_CSS.get(name, _ELSE_CSS[place % len(_ELSE_CSS)])


def _said(effect: Effect) -> str:
    if not np.isfinite(effect.estimate):
        return "not told"
    between = f" ({number(effect.low)} to {number(effect.high)})" if math.isfinite(effect.low) else ""
    return f"{quantity(effect.estimate, effect.unit)}{between}"
