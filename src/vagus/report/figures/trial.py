"""A trial drawn: means of each arm by visit; power by people; one person's phases."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from vagus.outcome.analysis.model import ScoreAnalysis
from vagus.report.numbers import nice_ticks, number
from vagus.report.svg import Axis, Chart

_CSS = ("muted", "c1", "c2", "c3", "c4", "c5")


def means_by_visit(
    found: ScoreAnalysis, *, key: str = "means", width_px: float = 720, weeks: tuple[float, ...] = ()
) -> str:
    """Means of each arm by visit with intervals, the arms side by side; differences below.

    Parameters
    ----------
    found : ScoreAnalysis
    key : str
        Ids start with it.
    width_px : float
    weeks : tuple of float
        Where each visit stands; without it the visits are evenly apart.
    """
    visits = list(dict.fromkeys(one.visit for one in found.means))
    arms = list(dict.fromkeys(one.arm for one in found.means))
    at = dict(zip(visits, weeks if len(weeks) == len(visits) else range(1, len(visits) + 1), strict=True))
    low, high = min(one.low for one in found.means), max(one.high for one in found.means)
    pad = 0.08 * ((high - low) or 1.0)
    span = max(at.values()) - min(at.values()) or 1.0
    low, high = low - pad, high + pad
    chart = Chart(
        key=key,
        title="Means by visit",
        text="; ".join(f"{one.visit}, {one.arm}: {number(one.estimate)}" for one in found.means),
        x=Axis(label="Visit", unit="", low=min(at.values()) - 0.06 * span,
               high=max(at.values()) + 0.06 * span, ticks=tuple((float(x), name) for name, x in at.items())),
        y=Axis(label=found.estimand.variable, unit="points", low=low, high=high,
               ticks=tuple((value, number(value)) for value in nice_ticks(low, high, count=5))),
        width_px=width_px,
    )  # fmt: skip
    for k, arm in enumerate(arms):
        css = _CSS[k % len(_CSS)]
        mine = [one for one in found.means if one.arm == arm]
        x = [at[one.visit] + 0.012 * span * (k - (len(arms) - 1) / 2) for one in mine]
        chart.line(x, [one.estimate for one in mine], css)
        for where, one in zip(x, mine, strict=True):
            chart.whisker(where, one.low, one.high, css)
        hints = [f"{arm}, {one.visit}: {number(one.estimate)} (n {one.n})" for one in mine]
        chart.dots(x, [one.estimate for one in mine], css, hints=hints)
        chart.legend("line", arm, css)
    for one in found.differences:
        chart.foot(
            f"{one.visit}: {one.arm} against {one.control} {number(one.estimate)} points "
            f"({number(one.low)} to {number(one.high)})."
        )
    chart.foot(f"{found.method}. Bars: {100 * found.level:g} % intervals. For research; not a medical device.")
    return chart.svg()


def power_by_people(
    sizes: Sequence[tuple[int, tuple[float, float, float]]], *, power: float, key: str = "power", width_px: float = 720
) -> str:
    """Simulated power of each size that was tried, with intervals, and the power that was asked for.

    Parameters
    ----------
    sizes : sequence of (int, (float, float, float))
        People in all; power, low and high, as shares.
    power : float
        Asked for, as a share.
    key : str
        Ids start with it.
    width_px : float
    """
    rows = sorted(sizes)
    people = [float(n) for n, _ in rows]
    pad = 0.06 * ((people[-1] - people[0]) or people[0])
    hints = [f"{n} people: {number(100 * one[0])} %" for n, one in rows]
    chart = Chart(
        key=key,
        title="Power by people",
        text="; ".join([*hints, f"asked: {number(100 * power)} %"]),
        x=Axis(label="People in all", unit="", low=people[0] - pad, high=people[-1] + pad),
        y=Axis(label="Power", unit="%", low=0.0, high=100.0),
        width_px=width_px,
    )
    chart.rule_y(100 * power, "muted dash", label=f"asked: {number(100 * power)} %")
    chart.line(people, [100 * one[0] for _, one in rows], "c1")
    for n, one in rows:
        chart.whisker(float(n), 100 * one[1], 100 * one[2], "c1")
    chart.dots(people, [100 * one[0] for _, one in rows], "c1", hints=hints)
    chart.foot("Bars: 95 % intervals of the simulation. Each size has drawn trials of its own.")
    return chart.svg()


def measurements(
    scores: Sequence[float], treated: Sequence[bool], *, told: str, key: str = "single", width_px: float = 720
) -> str:
    """One person's measurements in order, the treatment phases shaded, the mean of each phase as a line.

    Parameters
    ----------
    scores : sequence of float
    treated : sequence of bool
    told : str
        Result in words, below the plot.
    key : str
        Ids start with it.
    width_px : float
    """
    n, pad = len(scores), 0.08 * ((max(scores) - min(scores)) or 1.0)
    low, high = min(scores) - pad, max(scores) + pad
    chart = Chart(
        key=key,
        title="Measurements by phase",
        text=told,
        x=Axis(label="Measurement", unit="", low=0.5, high=n + 0.5,
               ticks=tuple((float(k), str(k)) for k in range(1, n + 1, 1 + n // 16))),
        y=Axis(label="Score", unit="points", low=low, high=high),
        width_px=width_px,
    )  # fmt: skip
    starts = [k for k in range(n) if k == 0 or treated[k] != treated[k - 1]]
    for start, end in pairwise([*starts, n]):
        if treated[start]:
            chart.span(start + 0.5, end + 0.5, "c1", label="treatment" if start == treated.index(True) else "")
        x = [float(k + 1) for k in range(start, end)]
        mine = list(scores[start:end])
        mean = sum(mine) / len(mine)
        chart.line([x[0] - 0.4, x[-1] + 0.4], [mean, mean], "muted dash")
        chart.line(x, mine, "c1" if treated[start] else "muted")
        chart.dots(x, mine, "c1" if treated[start] else "muted")
    chart.foot(told)
    chart.foot("Dashed: mean of each phase. For research; not a medical device.")
    return chart.svg()
