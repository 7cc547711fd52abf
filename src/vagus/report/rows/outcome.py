"""Tables on how it went: change, every score, events, published trials, reporting checklist."""

from __future__ import annotations

from collections.abc import Sequence

from vagus.course import Event, Results
from vagus.outcome import Score, Trial, instruments
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
        of = instruments().get(c.instrument)
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
                Cell(text=c.reliable or "not known", sub=_from(c.reliable_at)),
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


def every_score(results: Results) -> Table:
    """Every filling, a row a date."""
    keys = words.instruments_in_order(results)
    dates = sorted({s.date for s in results.scores})
    by: dict[tuple[object, str], Score] = {(s.date, s.instrument): s for s in results.scores}
    rows = tuple((Cell(text=day(d)), *(_score(by.get((d, k))) for k in keys)) for d in dates)
    names = [instruments()[k].short if k in instruments() else k for k in keys]
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


_VERDICT = {
    "met": Cell(text="met", css="tag st-ok"),
    "missed": Cell(text="missed", css="tag st-warned"),
    "mixed": Cell(text="mixed", css="tag"),
    "no control": Cell(text="nothing to compare with", css="tag"),
    "secondary": Cell(text="secondary outcome", css="tag"),
    "ongoing": Cell(text="ongoing", css="tag"),
    "unknown": Cell(text="not known", css="tag"),
}
_KIND = {
    "sham": "randomized against sham",
    "comparator": "randomized against another treatment or dose",
    "nonrandomized": "control group, not known to be randomized",
    "uncontrolled": "no control group",
    "review": "review of trials",
    "ongoing": "ongoing",
}


def _trial(t: Trial, refs: References) -> tuple[Cell, ...]:
    met = _VERDICT[t.verdict]
    detail = t.primary_met_detail if t.primary_met_detail not in {None, "n/a"} else ""
    parts = (t.response_text and f"response {t.response_text}", t.effect_text)
    result = "; ".join(part for part in parts if any(sign.isdigit() for sign in part))  # "SMD/RR" alone is no figure
    control = (
        f"; against {t.control_type}" if t.control_type and t.kind in {"sham", "comparator", "nonrandomized"} else ""
    )
    return (
        Cell(
            text=f"{t.first_author or t.study_id} {t.year or ''}".strip(),
            sub="" if t.is_verified else "unverified",
            ref=refs.number(t.cited),
        ),
        Cell(text=_KIND[t.kind], sub=f"{t.design or ''}{control}"),
        Cell(
            text=_people(t.n_text),
            sub=f"{t.weeks} weeks" if t.weeks else "",
        ),
        Cell(text=(t.primary_endpoint or "–").replace(">=", "≥")),
        Cell(text=met.text, sub=detail or "", css=met.css),
        Cell(text=result.replace(" -", " −").replace("(-", "(−") or "no figure in the table"),
    )


_ITEM = {"filled": "", "missing": "tag st-warned", "not applicable": "quiet"}


def _people(text: str) -> str:
    """Unit behind bare counts ("112 + 110"); other texts say for themselves what they count."""
    return f"{text} people" if text and not text.strip("0123456789 +") else text or "–"


def checklist(results: Results) -> Table:
    """The reporting checklist: each item with what the course says."""
    return Table(
        caption="Consensus reporting checklist",
        columns=(Column(name="Item"), Column(name="In this course")),
        rows=tuple(
            (
                Cell(text=i.item, sub=i.category),
                Cell(
                    text=i.value or i.state,
                    css=_ITEM[i.state],
                ),
            )
            for i in results.items
        ),
    )
