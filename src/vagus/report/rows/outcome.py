"""Tables on how it went: change, every score, events, published trials, reporting checklist."""

from __future__ import annotations

from collections.abc import Sequence

from vagus.course import Event, Results
from vagus.outcome import KINDS, Score, Trial
from vagus.report import words
from vagus.report.numbers import number, quantity
from vagus.report.rows.table import Cell, Column, Table, cells
from vagus.report.sources import References
from vagus.report.words import day, yes
from vagus.source import Known


def changes(results: Results) -> Table:
    """First against last score of each instrument."""
    rows: list[tuple[Cell, ...]] = []
    place = {key: k for k, key in enumerate(words.instruments_in_order(results))}
    for c in sorted(results.changes, key=lambda c: place.get(c.instrument, 0)):
        of = results.course.scales.get(c.instrument)
        name = of.short if of else c.instrument
        sub = f"{'higher is worse' if of.better < 0 else 'higher is better'}, {of.rater}-rated" if of else ""
        rows.append(
            (
                Cell(text=name, sub=sub),
                Cell(
                    text=f"{number(c.first.total)} to {quantity(c.last.total, 'points')}",
                    sub=f"{day(c.first.date)} to {day(c.last.date)}",
                ),
                Cell(
                    text=f"{'+' if c.change > 0 else ''}{quantity(c.change, 'points')}",
                    sub=quantity(c.change_pct, "%") if c.change_pct is not None else "",
                ),
                Cell(text=yes(c.response)),
                Cell(text=yes(c.remission)),
                Cell(text=c.reliable or "not known", sub=_range(c.reliable_at) if c.reliable_at else c.reliable_text),
                Cell(text=yes(c.mcid_met), sub=_from(c.mcid)),
            )
        )
    heads = ("Instrument", "First to last", "Change", "Response", "Remission", "Reliable change", "Noticeable change")
    return Table(
        caption="Change from the first to the last filling",
        columns=tuple(Column(name=h) for h in heads),
        rows=tuple(rows),
    )


def _from(edge: Known | None) -> str:
    if edge is None:
        return "no published size"
    return f"from {quantity(edge.value, 'points')}" + ("" if edge.source.verified else ", unverified")


def _range(edge: Known | None) -> str:
    """Points from which a change is reliable: the range of the published coefficients."""
    if edge is None or edge.low is None or edge.high is None or edge.low == edge.high:
        return _from(edge)
    mark = "" if edge.source.verified else ", unverified"
    return f"from {number(edge.low)} to {quantity(edge.high, 'points')} on, by coefficient{mark}"


def every_score(results: Results) -> Table:
    """Every filling, a row a date."""
    keys = words.instruments_in_order(results)
    dates = sorted({s.date for s in results.scores})
    by: dict[tuple[object, str], Score] = {(s.date, s.instrument): s for s in results.scores}
    rows = tuple((Cell(text=day(d)), *(_score(by.get((d, k))) for k in keys)) for d in dates)
    of = results.course.scales
    names = [of[k].short if k in of else k for k in keys]
    return Table(caption="Every filling", columns=(Column(name="Date"), *(Column(name=n) for n in names)), rows=rows)


def _score(s: Score | None) -> Cell:
    if s is None:
        return Cell(text="", css="empty")
    total = quantity(s.total, "points") if s.total is not None else "no total"
    extra = "" if s.status == "complete" else f", {s.status}"
    if s.low is not None and s.high is not None:
        extra += f", range {number(s.low)} to {quantity(s.high, 'points')}"
    return Cell(text=total, sub=s.band + extra)


def events(marked: Sequence[tuple[str, Event]]) -> Table:
    """What happened in the course, with the mark that the figures carry."""
    heads = ("Mark", "Date", "Kind", "Severity", "Relation to stimulation", "What")
    return Table(
        caption="Events",
        columns=tuple(Column(name=h) for h in heads),
        rows=tuple(
            cells(
                mark,
                day(e.date),
                e.kind.replace("_", " "),
                _or_dash(e.severity),
                _or_dash(e.relatedness),
                e.text,
            )
            for mark, e in marked
        ),
    )


def _or_dash(word: str) -> Cell:
    return Cell(text=word.replace("_", " ")) if word else Cell(text="–", css="empty")


def trials(found: Sequence[Trial], refs: References, *, caption: str) -> Table:
    """Published trials: design, size, primary endpoint met or missed, result."""
    heads = ("Trial", "Design", "People", "Primary endpoint", "Met", "Result")
    return Table(
        caption=caption, columns=tuple(Column(name=h) for h in heads), rows=tuple(_trial(t, refs) for t in found)
    )


_CSS = {"met": "tag st-ok", "missed": "tag st-warned"}


def _trial(t: Trial, refs: References) -> tuple[Cell, ...]:
    result = "; ".join(part for part in (t.response_text and f"response {t.response_text}", t.effect_text) if part)
    control = (
        f"; against {t.control_type}" if t.control_type and t.kind not in {"uncontrolled", "review", "ongoing"} else ""
    )
    return (
        Cell(
            text=t.name.removesuffix(" [unverified]"),
            sub="" if t.is_verified else "unverified",
            ref=refs.number(t.cited),
        ),
        Cell(text=KINDS[t.kind], sub=f"{t.design_text}{control}"),
        Cell(text=t.people_text or "–", sub=f"{t.weeks} weeks" if t.weeks else ""),
        Cell(text=t.endpoint_text or "–"),
        Cell(text=t.verdict_text, sub=t.detail_text, css=_CSS.get(t.verdict, "tag")),
        Cell(text=result.replace(" -", " −").replace("(-", "(−") or "no figure in the table"),
    )


_ITEM = {"filled": "", "missing": "tag st-warned", "not applicable": "quiet"}


def checklist(results: Results) -> Table:
    """The reporting checklist: each item with what the course says."""
    return Table(
        caption="Consensus reporting checklist",
        columns=(Column(name="Item"), Column(name="In this course")),
        rows=tuple(
            (
                Cell(text=i.item, sub=i.category),
                Cell(
                    text=words.prose(i.value) or i.state,
                    css=_ITEM[i.state],
                ),
            )
            for i in results.items
        ),
    )
