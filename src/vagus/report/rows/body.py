"""Tables on the body: which fibers fire, vagal tone as measured."""

from __future__ import annotations

import math
from collections.abc import Sequence

from vagus.course import SegmentTone
from vagus.fiber import Recruitment
from vagus.report import figures
from vagus.report.numbers import number, quantity
from vagus.report.rows.table import Cell, Column, Table, cells
from vagus.report.sources import short
from vagus.source import Effect, Source


def recruitment(found: Recruitment) -> Table:
    """Share of each class at this dose."""
    return Table(
        caption=f"Expected at {quantity(found.dose_ma, 'mA')}",
        columns=(
            Column(name="Fiber class"),
            Column(name="Fires", num=True),
            Column(name=f"{number(100 * found.level)} % interval", num=True),
            Column(name="Fibers in one person", num=True),
        ),
        rows=tuple(
            (
                Cell(text=c.label, sub=c.role),
                Cell(text=quantity(c.at_dose.estimate, "%") if c.told else "cannot be told"),
                Cell(text=f"{number(c.at_dose.low)} to {quantity(c.at_dose.high, '%')}"),
                _count(c.count.value, c.count.unit, c.count.source) if c.count else Cell(text="not known"),
            )
            for c in found.classes
        ),
    )


def _count(value: float, unit: str, source: Source) -> Cell:
    return Cell(
        text=f"about {quantity(value, unit or 'fibers')}",
        sub=short(source) + ("" if source.verified else ", unverified"),
    )


def tone(tones: Sequence[SegmentTone]) -> Table:
    """Indices by segment, with interval; beats, corrections and quality below."""
    names = [t.segment.name for t in tones]
    rows: list[tuple[Cell, ...]] = []
    for field, name in figures.INDICES:
        effects: list[Effect | None] = [getattr(t.tone, field) for t in tones]
        unit = next((e.unit for e in effects if e is not None), "")
        if unit:
            rows.append(cells(name, *(_effect(e) if e is not None else "not measured" for e in effects)))
    plain = (
        ("Length", [quantity(t.tone.end_s - t.tone.start_s, "s") for t in tones]),
        ("Beats", [f"{t.tone.n_beats} beats" for t in tones]),
        ("Beats corrected", [quantity(t.tone.corrected_pct, "%") for t in tones]),
        ("Beats of good quality", [quantity(t.tone.quality_pct, "%") for t in tones]),
        ("Breaths", [quantity(t.tone.breath_rate_per_min, "per min") for t in tones]),
    )
    rows += [cells(name, *values) for name, values in plain]
    return Table(
        caption="Indices of vagal tone, estimate and 95 % interval",
        columns=(Column(name="Index"), *(Column(name=n, num=True) for n in names)),
        rows=tuple(rows),
        stack=False,
    )


def _effect(effect: Effect) -> Cell:
    bounded = math.isfinite(effect.low) and math.isfinite(effect.high)
    span = f"{number(effect.low)} to {quantity(effect.high, effect.unit)}" if bounded else "no interval"
    return Cell(text=quantity(effect.estimate, effect.unit), sub=span)
