"""Forest and funnel of a synthesis: each study with its verdict, what was left out said below."""

from __future__ import annotations

import math

import numpy as np
from scipy import stats

from vagus.errors import Abstained
from vagus.outcome.synthesis.effects import MEASURES, RATIOS, StudyEffect, shown
from vagus.outcome.synthesis.pool import Pooled
from vagus.outcome.synthesis.review import Synthesis
from vagus.outcome.trial import Trial
from vagus.report.numbers import nice_ticks, number
from vagus.report.svg import Axis, Chart

_ROW_PX = 26
_RATIO_TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
_Z = float(stats.norm.ppf(0.975))


def forest(found: Synthesis, *, key: str = "forest", width_px: float = 760) -> str:
    """Forest plot: one row a study with interval, weight and whether its primary endpoint was met; pooled below.

    Parameters
    ----------
    found : Synthesis
        With at least one effect.
    key : str
        Ids start with it.
    width_px : float
    """
    pooled, n = found.pooled, len(found.effects)
    level = 0.95 if pooled is None else pooled.level
    z = float(stats.norm.ppf(0.5 + level / 2))
    bounds = [(one.estimate - z * one.se, one.estimate + z * one.se) for one in found.effects]
    names = [_named(row, one) for row, one in zip(found.rows, found.effects, strict=True)]
    heights = [float(n - k) for k in range(n)]
    ticks = list(zip(heights, names, strict=True))
    if pooled is not None:
        bounds.append((pooled.low, pooled.high))
        if pooled.prediction_low is not None and pooled.prediction_high is not None:
            bounds.append((pooled.prediction_low, pooled.prediction_high))
        ticks += [(0.0, f"Pooled ({n} studies)")] + (
            [(-1.0, "A further study")] if pooled.prediction_low is not None else []
        )
    bottom = min(value for value, _ in ticks) - 0.7
    chart = Chart(
        key=key,
        title=f"Forest plot: {MEASURES[found.measure]}",
        text=found.text,
        x=_axis(found, bounds),
        y=Axis(label="Study · primary endpoint", unit="", low=bottom, high=n + 0.7, ticks=tuple(ticks)),
        width_px=width_px,
        height_px=_ROW_PX * (n + 0.7 - bottom),
        grid=False,
    )
    chart.rule_x(0.0, "muted", label="no difference")
    for k, (one, y) in enumerate(zip(found.effects, heights, strict=True)):
        low, high = bounds[k]
        chart.interval(y, low, high, one.estimate, "c1" if one.verified else "c2")
        weight = f", {pooled.weights_pct[k]:.1f} %" if pooled else ""
        share = pooled.weights_pct[k] / max(pooled.weights_pct) if pooled else 0.5
        # area, not width, tells the weight
        chart.dots([one.estimate], [y], "c1" if one.verified else "c2", r_px=2 + 6 * math.sqrt(share))
        chart.side(y, f"{_three(one.estimate, low, high, found)}{weight}", "ink")
    if pooled is not None:
        _summary(chart, found, pooled)
    for line in _feet(found, level):
        chart.foot(line)
    return chart.svg()


def _summary(chart: Chart, found: Synthesis, pooled: Pooled) -> None:
    x = np.array([pooled.low, pooled.estimate, pooled.high])
    tall = np.array([0.0, 0.3, 0.0])
    chart.band(x, -tall, tall, "c3")
    chart.line([*x, *x[::-1]], [*tall, *-tall[::-1]], "c3")
    chart.side(0.0, _three(pooled.estimate, pooled.low, pooled.high, found), "ink")
    if pooled.prediction_low is not None and pooled.prediction_high is not None:
        low, high = pooled.prediction_low, pooled.prediction_high
        chart.line([max(low, chart.x.low), min(high, chart.x.high)], [-1.0, -1.0], "c3")
        chart.side(
            -1.0, f"{shown(low, found.measure):.2f} to {shown(high, found.measure):.2f}".replace("-", "−"), "muted"
        )


def funnel(found: Synthesis, *, key: str = "funnel", width_px: float = 520) -> str:
    """Funnel plot: each study's effect against its standard error, with the cone in which 95 % lie without a spread.

    Parameters
    ----------
    found : Synthesis
        With at least two effects and a pooled one.
    key : str
    width_px : float

    Raises
    ------
    Abstained
        Nothing was pooled.
    """
    pooled = found.pooled
    if pooled is None:
        raise Abstained(f"no funnel without a pooled effect: {found.why_not}")
    most = 1.08 * max(one.se for one in found.effects)
    around = pooled.estimate
    bounds = [(around - _Z * most, around + _Z * most), *((one.estimate, one.estimate) for one in found.effects)]
    chart = Chart(
        key=key,
        title=f"Funnel plot: {MEASURES[found.measure]}",
        text=found.small.text if found.small else "Fewer than three studies: no small-study check.",
        x=_axis(found, bounds),
        y=Axis(label="Standard error, large studies on top", unit="", low=-most, high=0.0, ticks=_errors(most)),
        width_px=width_px,
        height_px=260,
    )
    chart.line([around - _Z * most, around, around + _Z * most], [-most, 0.0, -most], "muted dash")
    chart.rule_x(around, "c3", label="pooled")
    for sure, css in ((True, "c1"), (False, "c2")):
        rows = [(one, row) for one, row in zip(found.effects, found.rows, strict=True) if one.verified is sure]
        hints = [f"{row.name}: {shown(one.estimate, one.measure):.3g}" for one, row in rows]
        chart.dots([one.estimate for one, _ in rows], [-one.se for one, _ in rows], css, hints=hints)
    chart.foot(chart.text)
    chart.foot("Dashed: where 95 % of studies would lie if all had the pooled effect.")
    return chart.svg()


def _errors(most: float) -> tuple[tuple[float, str], ...]:
    return tuple((-value, number(value, digits=3)) for value in nice_ticks(0.0, most, count=4))


def _axis(found: Synthesis, bounds: list[tuple[float, float]]) -> Axis:
    low, high = min(0.0, *(b[0] for b in bounds)), max(0.0, *(b[1] for b in bounds))
    pad = 0.04 * (high - low)
    low, high = low - pad, high + pad
    label = MEASURES[found.measure][0].upper() + MEASURES[found.measure][1:]
    label += f" of {found.event}" if found.event else ""
    if found.measure not in RATIOS:
        return Axis(label=label, unit="points" if found.measure == "md" else "", low=low, high=high)
    ticks = tuple((math.log(value), f"{value:g}") for value in _RATIO_TICKS if low <= math.log(value) <= high)
    return Axis(label=f"{label}, logarithmic", unit="", low=low, high=high, ticks=ticks)


def _three(estimate: float, low: float, high: float, found: Synthesis) -> str:
    a, b, c = (shown(value, found.measure) for value in (estimate, low, high))
    return f"{a:.2f} ({b:.2f} to {c:.2f})".replace("-", "−")


def _named(row: Trial, effect: StudyEffect) -> str:
    """Study and verdict, marked once where the row or its effect was recalled."""
    text = f"{row.name.removesuffix(' [unverified]')} · {row.verdict_text}"
    return text if effect.verified else f"{text} [unverified]"


def _feet(found: Synthesis, level: float) -> list[str]:
    pooled = found.pooled
    method = f"{pooled.method[0].upper()}{pooled.method[1:]}. " if pooled else f"Not pooled: {found.why_not}. "
    lines = [f"{method}At the right: effect, {100 * level:g} % interval{', weight' if pooled else ''}."]
    if found.measure == "g":
        lines.append("Below zero favors the active arm.")
    if pooled is not None:
        lines.append(f"tau² {pooled.tau2:.3g}, I² {pooled.i2_pct:.0f} %, Q {pooled.q:.3g}.")
    if found.excluded:
        lines.append(
            f"Left out, {len(found.excluded)}: " + "; ".join(f"{e.study_id} ({e.why})" for e in found.excluded) + "."
        )
    lines.append("Risk of bias not rated study by study. For research; not a medical device.")
    return lines
