"""What to expect, drawn: rates by arm, and one person's totals ahead, a picture an arm."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from vagus.outcome import Instrument, Score
from vagus.outcome.forecast import ArmBand, ArmRate
from vagus.report.numbers import number
from vagus.report.svg import Axis, Chart
from vagus.report.words import day

ARM_CSS = {"active": "c1", "sham": "c2", "open": "c6"}
ARM_NAME = {"active": "active", "sham": "sham", "open": "no control group"}


def rates(found: Sequence[ArmRate], *, key: str, width_px: float = 344) -> str:
    """Rates of one event expected in a further trial, a row an arm: median, 50 % thick and 90 % thin.

    Parameters
    ----------
    found : sequence of ArmRate
        Of one event, at least one.
    key : str
        Ids start with it.
    width_px : float
    """
    event, n = found[0].event, len(found)
    rows = tuple((float(n - 1 - k), f"{ARM_NAME[one.arm]}, week {one.at_weeks:g}") for k, one in enumerate(found))
    chart = Chart(
        key=key,
        title=f"{event.capitalize()} expected in a further trial",
        text="; ".join(
            f"{ARM_NAME[one.arm]} {one.median_pct:.0f} % (50 % {one.low_50_pct:.0f} to {one.high_50_pct:.0f}, 90 % "
            f"{one.low_90_pct:.0f} to {one.high_90_pct:.0f})"
            for one in found
        ),
        x=Axis(label=f"People with a {event}", unit="%", low=0, high=100, count=5),
        y=Axis(label="", unit="", low=-0.6, high=n - 0.4, ticks=rows),
        width_px=width_px,
        height_px=26.0 * n + 8,
        grid=False,
    )
    for (place, _), one in zip(rows, found, strict=True):
        css = ARM_CSS[one.arm]
        chart.interval(place, one.low_90_pct, one.high_90_pct, one.median_pct, f"{css} thin")
        chart.interval(place, one.low_50_pct, one.high_50_pct, one.median_pct, css)
    return chart.foot("dot: median; thick: 50 % interval; thin: 90 % interval").svg()


def totals_ahead(
    band: ArmBand, of: Instrument, scores: Sequence[Score], *, start: date, key: str, width_px: float = 344
) -> str:
    """Totals so far and ahead in one arm (50 and 90 %), the edge of response dashed; all arms have the same axes.

    Parameters
    ----------
    band : ArmBand
    of : Instrument
        The one that is foretold.
    scores : sequence of Score
        Of that instrument.
    start : datetime.date
    key : str
        Ids start with it.
    width_px : float
    """
    told = sorted(((one.date - start).days / 7, one.total, one) for one in scores if one.total is not None)
    weeks, totals = np.array([row[0] for row in told]), np.array([row[1] for row in told])
    low, high = min(0.0, float(weeks.min())), float(band.at_weeks[-1])
    pad, css = 0.02 * (high - low), ARM_CSS[band.arm]
    chart = Chart(
        key=key,
        title=f"{of.short} expected, {ARM_NAME[band.arm]}",
        text=_said(band),
        x=Axis(label="Weeks since the start", unit="", low=low - pad, high=high + pad, count=6),
        y=Axis(label=of.short, unit="points", low=of.total_low, high=of.total_high, count=5),
        width_px=width_px,
        height_px=190,
    )
    chart.band(band.at_weeks, band.low_90_points, band.high_90_points, css)
    chart.band(band.at_weeks, band.low_50_points, band.high_50_points, css)
    chart.line(band.at_weeks, band.median_points, css).legend("band", f"{ARM_NAME[band.arm]}: 50 and 90 %", css)
    chart.line(weeks, totals, "ink thin")
    hints = [f"{day(one.date)}: {number(one.total)} points" for _, _, one in told]
    chart.dots(weeks, totals, "ink", r_px=3.4, hints=hints).legend("dot", "scores so far", "ink")
    before = [total for week, total, _ in told if week <= 0]
    edge = of.response_total(before[-1]) if before else None
    if edge is not None:
        side = "or less" if of.better < 0 else "or more"
        chart.rule_y(edge, "c3 dash").legend("rule", f"response {number(edge)} {side}", "c3 dash")
    return chart.svg()


def _said(band: ArmBand) -> str:
    return (
        f"{ARM_NAME[band.arm]}, week {band.at_weeks[-1]:.3g}: {band.median_points[-1]:.0f} points (50 % "
        f"{band.low_50_points[-1]:.0f} to {band.high_50_points[-1]:.0f}, 90 % {band.low_90_points[-1]:.0f} to "
        f"{band.high_90_points[-1]:.0f})"
    )
