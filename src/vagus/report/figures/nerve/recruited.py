"""Recruitment of an explicit nerve: fibers by whether they fire, curves by class, Pareto set, compound potential."""

from __future__ import annotations

import math

import numpy as np

from vagus.fiber.nerve.compound import CompoundPotential, CompoundWave
from vagus.fiber.nerve.drawn import NerveDraws
from vagus.fiber.nerve.recruited import NerveRecruitment
from vagus.fiber.optimize.aim import Optimized, Setting
from vagus.report.figures.nerve.section import cross_section
from vagus.report.numbers import number, quantity
from vagus.report.recording.draw import stacked
from vagus.report.svg import Axis, Chart

DECADES, POINTS = 2.5, 120


def recruited_section(found: NerveRecruitment, *, amplitude_ma: float, key: str, width_px: float) -> str:
    """Cross-section of a nerve with each fiber colored by whether it fires at a current."""
    fires = found.threshold_ma <= abs(amplitude_ma)
    places = np.column_stack([found.fibers.x_um, found.fibers.y_um])
    told = f"at {quantity(abs(amplitude_ma), 'mA')}"
    return cross_section(
        found.nerve, key=key, width_px=width_px,
        fibers={f"fires {told}": places[fires], f"silent {told}": places[~fires]},
    )  # fmt: skip


def nerve_curves(found: NerveDraws, *, limit_ma: float, key: str, width_px: float, dose_ma: float | None = None) -> str:
    """Share of each class that fires against current: median over draws, and the band of their interval."""
    low = math.log10(limit_ma) - DECADES
    at = np.linspace(low, math.log10(limit_ma), POINTS)
    ticks = [(math.log10(v), number(v)) for v in (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0) if low <= math.log10(v)]
    n = len(found.each)
    chart = Chart(
        key=key, title="Fibers that fire against current",
        text=f"Share of each class against current, {n} {'nerve' if n == 1 else 'nerves'}",
        x=Axis(
            label="Current", unit="mA", low=low, high=math.log10(limit_ma),
            ticks=tuple(tick for tick in ticks if tick[0] <= math.log10(limit_ma) + 1e-9),
        ),
        y=Axis(label="Fibers of the class that fire", unit="%", low=0, high=100, count=4), width_px=width_px,
        height_px=220,
    )  # fmt: skip
    for k, one in enumerate(found.each[0].fibers.classes):
        css = f"c{k % 6 + 1}"
        shares = found.share_pct(10.0**at, key=one.key)
        if n > 1:
            chart.band(at, shares[0], shares[2], css)
        chart.line(at, shares[1], css, step=n == 1)
        chart.legend("line", one.label, css)
    if dose_ma is not None and low < math.log10(abs(dose_ma)) < math.log10(limit_ma):
        chart.rule_x(math.log10(abs(dose_ma)), "ink", label=quantity(abs(dose_ma), "mA"))
    return chart.svg()


def nerve_page(found: NerveDraws, *, dose_ma: float, limit_ma: float, width_px: float = 480.0) -> str:
    """The first nerve with its fibers colored at a current, and the curves below it, as one SVG file."""
    section = recruited_section(found.each[0], amplitude_ma=dose_ma, key="n", width_px=width_px)
    curves = nerve_curves(found, limit_ma=limit_ma, key="c", width_px=width_px, dose_ma=dose_ma)
    name = f"{found.each[0].nerve.species} cervical vagus, one of {len(found.each)}"
    return stacked([section, curves], name=name, width_px=width_px, key="p")


def pareto(found: Optimized, *, key: str, width_px: float) -> str:
    """All settings that reach an aim, charge against what is not wanted; the Pareto set joined, the best one marked."""
    charge = np.array([one.charge_uc for one in found.tried])
    spared = np.array([one.spared_pct for one in found.tried])
    top = float(charge.max()) * 1.1
    chart = Chart(
        key=key, title="Settings that reach the aim", text=f"{found.aim.text}: {len(found.tried)} settings",
        x=Axis(label="Charge of the first phase", unit="µC", low=0.0, high=top),
        y=Axis(label="Fires of what is to spare", unit="%", low=0.0, high=max(5.0, float(spared.max()) * 1.1)),
        width_px=width_px, height_px=220,
    )  # fmt: skip
    chart.dots(charge, spared, "c6", hints=[_hint(one) for one in found.tried])
    front_x, front_y = (np.array(v) for v in zip(*[(s.charge_uc, s.spared_pct) for s in found.pareto], strict=True))
    chart.line(front_x, front_y, "c1")
    chart.dots(front_x, front_y, "c1", hints=[_hint(one) for one in found.pareto])
    chart.crosses([found.best.charge_uc], [found.best.spared_pct], "ink", r_px=6.0)
    chart.legend("line", "Pareto set", "c1")
    chart.legend("line", "tried", "c6")
    chart.foot(f"cross: {found.aim.text}")
    return chart.svg()


def _hint(one: Setting) -> str:
    weights = ", ".join(f"{w:g}" for w in one.weights)
    return f"{quantity(abs(one.pulse.amplitude_ma), 'mA')}, {one.pulse.width_us:g} µs, {one.pulse.shape}, {weights}"


def compound(found: CompoundPotential, wave: CompoundWave, *, key: str, width_px: float) -> str:
    """The A, B or C wave of a compound potential against time, a line a class, and when its fibers' spikes arrive."""
    first, last = 0.6 * min(wave.early_us, wave.begin_us), 1.15 * max(wave.end_us, min(wave.late_us, 2.5 * wave.end_us))
    keep = (found.t_us > first) & (found.t_us < last)
    shown = found.by_class_uv[list(wave.class_index)][:, keep]
    most = float(np.abs(shown).max()) * 1.1 or 1.0
    chart = Chart(
        key=key, title=f"{wave.name} wave of the compound potential",
        text=f"Recorded {found.distance_um / 1e3:g} mm from the stimulus; largest {quantity(abs(wave.peak_uv), 'µV')} "
        f"after {quantity(wave.peak_us / 1e3, 'ms')}",
        x=Axis(label="After the stimulus", unit="ms", low=first / 1e3, high=last / 1e3),
        y=Axis(label="Potential", unit="µV", low=-most, high=most, count=4), width_px=width_px, height_px=120,
    )  # fmt: skip
    chart.span(wave.early_us / 1e3, min(wave.late_us, last) / 1e3, "c6", label=wave.name)
    for c, values in zip(wave.class_index, shown, strict=True):
        css = f"c{c % 5 + 1}"
        chart.line(found.t_us[keep] / 1e3, values, css)
        chart.legend("line", found.classes[c].label, css)
    return chart.svg()


def compound_page(found: CompoundPotential, *, width_px: float = 480.0) -> str:
    """The A, B and C waves of a compound potential under each other, each on its own scale, as one SVG file."""
    panels = [compound(found, wave, key=f"w{wave.name}", width_px=width_px) for wave in found.waves]
    name = f"Compound potential {found.distance_um / 1e3:g} mm from the stimulus; shaded: distance over speed"
    return stacked(panels, name=name, width_px=width_px, key="p")
