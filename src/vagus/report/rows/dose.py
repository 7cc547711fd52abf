"""Tables on the dose: prescribed beside delivered, limits, rules."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from vagus.course import Results
from vagus.dose import Exposure, Judgement, Limit, devices, expose, montage
from vagus.outcome.titration import CAVEAT
from vagus.report import figures, words
from vagus.report.numbers import number, quantity
from vagus.report.rows.table import Cell, Column, Table, capital, cells, source_cell
from vagus.report.sources import References
from vagus.report.words import day


def dose(results: Results) -> Table:
    """The dose as prescribed beside the dose as delivered."""
    p, d = results.course.protocol, results.delivered
    pulse = p.train.pulse
    none = "–"
    given = pulse.scaled(math.copysign(d.amplitude_ma, pulse.amplitude_ma)) if d else None
    current = (
        Cell(
            text=quantity(d.amplitude_ma, "mA"),
            sub=f"mean; {number(d.amplitude_low_ma)} to {quantity(d.amplitude_high_ma, 'mA')}",
        )
        if d
        else Cell(text=none)
    )
    rows = [
        cells("Current, peak of the first phase", quantity(abs(pulse.amplitude_ma), "mA"), current),
        cells(
            "Pulse", Cell(text=quantity(pulse.width_us, "µs"), sub=words.shape(pulse)), "as prescribed" if d else none
        ),
        cells("Rate", words.rate(p.train), "as prescribed" if d else none),
        cells("Charge per phase", quantity(pulse.charge_uc, "µC"), quantity(given.charge_uc, "µC") if given else none),
    ]
    rows += _densities(results)
    rows += [
        cells("Duty cycle", Cell(text=quantity(p.duty_pct, "%"), sub=_cycle(results)), "as prescribed" if d else none),
        cells(
            "Sitting",
            f"{quantity(p.sitting_min, 'min')}, {words.times_a_day(p.sittings_per_day)}",
            f"{quantity(d.delivered_min / d.n_sittings, 'min')} on average" if d and d.n_sittings else none,
        ),
        cells(
            "Course",
            Cell(text=quantity(p.weeks, "weeks"), sub=f"{day(p.start)} to {day(p.end)}"),
            Cell(text=f"{d.n_sittings} sittings", sub=f"{day(d.first)} to {day(d.last)}") if d else none,
        ),
    ]
    until = ""
    if d:
        until = f"until {day(min(d.last, p.end))}"
        share = f"{quantity(d.adherence_pct, '%')} of the prescribed"
        rows += [
            cells(
                "Time in sittings",
                Cell(text=quantity(d.prescribed_min / 60, "h"), sub=until),
                Cell(text=quantity(d.delivered_min / 60, "h"), sub=share),
            ),
            cells(
                Cell(text="Time with output on", sub="sittings times duty cycle"),
                Cell(text=quantity(d.prescribed_output_min / 60, "h"), sub=until),
                quantity(d.output_min / 60, "h"),
            ),
        ]
    a_day = f"{quantity(_or_none(p.dose_per_day_mc), 'mC')} a day"
    charge = Cell(text=quantity(_or_none(d.prescribed_charge_mc), "mC"), sub=f"{until}; {a_day}") if d else a_day
    rows.append(cells("Charge of first phases", charge, quantity(_or_none(d.charge_mc), "mC") if d else none))
    return Table(
        caption="Dose",
        columns=(Column(name="Quantity"), Column(name="Prescribed"), Column(name="Delivered"))[: 3 if d else 2],
        rows=tuple(row if d else row[:2] for row in rows),
        stack=False,
    )


def _or_none(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _cycle(results: Results) -> str:
    p = results.course.protocol
    ramps = f", ramps {quantity(p.ramp_s, 's')}" if p.ramp_s else ""
    return f"{quantity(p.on_s, 's')} on, {quantity(p.off_s, 's')} off{ramps}"


def _densities(results: Results) -> list[tuple[Cell, ...]]:
    """Charge density, Shannon k and r.m.s. current density, as prescribed and at the mean current delivered."""
    use, p, d = results.course.device_use, results.course.protocol, results.delivered
    if use.device not in devices():
        return []
    contacts = montage(devices()[use.device], use.site)
    asked = expose(p, contacts)
    mean = None
    if d is not None:
        pulse = p.train.pulse.scaled(math.copysign(d.amplitude_ma, p.train.pulse.amplitude_ma))
        mean = expose(replace(p, train=replace(p.train, pulse=pulse)), contacts)
    area = f"contact of {quantity(asked.area_mm2, 'mm²')}{'' if contacts.source.verified else ', assumed or recalled'}"

    def row(name: str, unit: str, sub: str, value: Callable[[Exposure], float]) -> tuple[Cell, ...]:
        given = quantity(value(mean), unit) if mean is not None else "–"
        return cells(name, Cell(text=quantity(value(asked), unit), sub=sub), given)

    skin = devices()[use.device].route != "iVNS"
    shannon_note = "made for implants; at the skin it says nothing" if skin else ""
    return [
        row("Charge density per phase", "µC/cm²", area, lambda e: e.charge_density_uc_per_cm2),
        row("Shannon k (no unit)", "", shannon_note, lambda e: e.shannon_k),
        row("Current density, r.m.s. while on", "mA/cm²", "", lambda e: e.density_rms_ma_per_cm2),
    ]


def schedules(results: Results, refs: References) -> Table:
    """This course's dose above the published dosing and titration schedules for its route and diagnosis."""
    p = results.course.protocol
    parts = [
        quantity(abs(p.train.pulse.amplitude_ma), "mA"), words.rate(p.train), quantity(p.train.pulse.width_us, "µs"),
        _cycle(results), f"{quantity(p.sitting_min, 'min')} a sitting", words.times_a_day(p.sittings_per_day),
        quantity(p.weeks, "weeks"),
    ]  # fmt: skip
    nothing = Cell(text="–", css="empty")
    own = cells("This course, as prescribed", ", ".join(parts), nothing, nothing)
    rows = (
        (
            Cell(text=capital(row.cell("phase")), sub=f"{row.cell('indication')}, {row.source_type}",
                 ref=refs.number(row.cited)),
            *(Cell(text=text) if text else nothing
              for text in (row.dose_text, capital(row.cell("intensity_rule")), capital(row.cell("finding")))),
        )
        for row in results.schedules
    )  # fmt: skip
    return Table(
        caption="Published schedules beside this dose",
        columns=tuple(Column(name=name) for name in ("Schedule", "Dose", "Rule", "What was found")),
        rows=(own, *rows),
        note=CAVEAT,
    )


_ORDER = {"refused": 0, "warned": 1, "unknown": 2, "ok": 3}


def limits(judgement: Judgement, refs: References) -> Table:
    """Every limit that has a number, with margin bar and source; those exceeded first."""
    chosen = sorted((one for one in judgement.limits if one.limit is not None), key=lambda one: _ORDER[one.state])
    return Table(
        caption="Limits",
        columns=tuple(Column(name=name) for name in ("Limit", "This dose", "Allowed", "Used", "Source")),
        rows=tuple(_limit_row(limit, k, refs) for k, limit in enumerate(chosen)),
        note="The bar shows how much of a limit is used; the tick is the limit. Unverified: recalled, not read in a "
        "source; it binds all the same.",
    )


def rules(judgement: Judgement, refs: References) -> Table:
    """Every rule without a number: device, placement, conditions of the person; those not kept first."""
    chosen = sorted((one for one in judgement.limits if one.limit is None), key=lambda one: _ORDER[one.state])
    return Table(
        caption="Rules and conditions",
        columns=tuple(Column(name=name) for name in ("Rule", "State", "Why", "Source")),
        rows=tuple(
            (
                Cell(text=capital(one.quantity)),
                Cell(
                    text=(_PRESENT if one.key.startswith("condition_") else _STATE)[one.state],
                    sub=quantity(one.value, one.unit) if one.value is not None else "",
                    css=f"st-{one.state}",
                ),
                Cell(text=capital(one.text)),
                source_cell(one.source, refs),
            )
            for one in chosen
        ),
    )


_PRESENT = {"ok": "absent", "warned": "present: warned", "refused": "present: refused", "unknown": "not known"}
_STATE = {"ok": "kept", "warned": "warned", "refused": "refused", "unknown": "not known"}


def _limit_row(limit: Limit, k: int, refs: References) -> tuple[Cell, ...]:
    allowed = f"{limit.bound_words} {quantity(limit.limit, limit.unit)}" if limit.limit is not None else "–"
    sub = _room(limit)
    state = Cell(
        text=_STATE[limit.state] if limit.value is None else quantity(limit.value, limit.unit),
        sub=""
        if limit.value is None
        else _STATE[limit.state] + (f", {limit.severity} limit" if limit.state != "ok" else ""),
        css=f"st-{limit.state}",
    )
    return (
        Cell(text=capital(limit.quantity), sub=capital(limit.text)),
        state,
        Cell(text=allowed, css="empty" if allowed == "–" else ""),
        Cell(text="", sub=sub, css="margin" if sub else "empty", svg=figures.margin_bar(limit, key=f"limit-{k}")),
        source_cell(limit.source, refs),
    )


def _room(limit: Limit) -> str:
    """Room left in words: a share where it says something, a factor where the share is near 100 %."""
    room, value = limit.room, limit.value
    if room is None or not math.isfinite(room):
        return "none" if value == 0 and limit.side == "max" else ""
    if limit.scale == "shannon":
        beyond = "over 100" if room > 100 else number(room, digits=2)
        return f"{beyond} times this charge reaches it" if room > 1 else f"{number(1 / room)} times the charge allowed"
    if limit.side == "min":
        return (
            f"{number(room, digits=2)} times the least" if room >= 1 else f"{quantity(100 * (1 - room), '%')} too low"
        )
    if room < 1:
        return f"{quantity(100 * (1 / room - 1), '%')} over"
    if room > 100:
        return "over 100 times below"
    return (
        f"{number(room, digits=2)} times below"
        if room >= 10
        else f"{quantity(100 * (1 - 1 / room), '%', digits=2)} left"
    )
