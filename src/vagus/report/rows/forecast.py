"""Tables of what to expect: rates by arm with their trials, and one person's chances."""

from __future__ import annotations

from vagus.outcome.forecast import ArmCount, Forecast
from vagus.report.figures.forecast import ARM_NAME
from vagus.report.rows.table import Cell, Column, Table
from vagus.report.sources import References


def arm_rates(found: Forecast) -> Table:
    """Rates expected in a further trial, an arm and event a row."""
    rows = tuple(
        (
            Cell(text=f"{one.event.capitalize()}, {ARM_NAME[one.arm]}", sub=f"week {one.at_weeks:g}"),
            Cell(text=f"{one.median_pct:.0f}\xa0%"),
            Cell(text=f"{one.low_50_pct:.0f} to {one.high_50_pct:.0f}\xa0%"),
            Cell(text=f"{one.low_90_pct:.0f} to {one.high_90_pct:.0f}\xa0%"),
            Cell(text=f"{one.n_trials}, {one.n_people} people"),
        )
        for one in found.rates
    )
    heads = ("Rate", "Median", "50 % interval", "90 % interval", "Trials")
    return Table(
        caption="Rates expected in a further trial of this indication and route",
        columns=tuple(Column(name=head, num=0 < k < 4) for k, head in enumerate(heads)),
        rows=rows,
        note="An arm of which no trial told a rate that was read has no row. Follow-ups of the same people count once.",
    )


def arm_counts(found: Forecast, refs: References) -> Table:
    """What each arm counted."""
    rows = tuple(
        (
            Cell(text=one.name, sub=one.study_id, ref=refs.number(one.source)),
            Cell(text=f"{one.event}, {ARM_NAME[one.arm]}", sub=f"week {one.at_weeks:g}"),
            _people(one),
        )
        for one in found.counts
    )
    return Table(
        caption="What these rates rest on",
        columns=(Column(name="Trial"), Column(name="Rate"), Column(name="People")),
        rows=rows,
    )


def _people(one: ArmCount) -> Cell:
    css = "" if one.verified else "unverified"
    sub = "; ".join(part for part in (one.note, "" if one.verified else "unverified") if part)
    return Cell(text=f"{one.n_event} of {one.n_people} ({one.pct:.0f}\xa0%)", sub=sub, css=css)


def chances(found: Forecast) -> Table:
    """Chances of this person, active and sham in one row."""
    rows: list[tuple[Cell, ...]] = []
    for event in dict.fromkeys(one.event for one in found.chances):
        cells: list[Cell] = [Cell(text=event.capitalize(), sub=f"week {found.horizon_weeks:.3g}")]
        for arm in ("active", "sham"):
            one = next((one for one in found.chances if (one.arm, one.event) == (arm, event)), None)
            if one is None:
                cells.append(Cell(text="–"))
                continue
            cells.append(
                Cell(
                    text=f"{one.chance_pct:.0f}\xa0%",
                    sub=f"50 % {one.low_50_pct:.0f} to {one.high_50_pct:.0f}, 90 % {one.low_90_pct:.0f} to "
                    f"{one.high_90_pct:.0f}; from trials alone {one.before_pct:.0f}\xa0%",
                )
            )
        rows.append(tuple(cells))
    return Table(
        caption="Chance of this person with the scores so far",
        columns=(Column(name="Event"), Column(name="With active stimulation"), Column(name="With sham")),
        rows=tuple(rows),
    )
