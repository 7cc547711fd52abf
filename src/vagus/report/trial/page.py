"""One self-contained HTML page on a trial: what its plan asked, what was found, what was left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from vagus.outcome.analysis.plan import TrialReport
from vagus.report.figures.trial import means_by_visit
from vagus.report.numbers import number
from vagus.report.parts.page import both, styles
from vagus.source import Effect


def trial_page(found: TrialReport, *, name: str, weeks: tuple[float, ...] = ()) -> str:
    """HTML page of a trial's analysis.

    Parameters
    ----------
    found : TrialReport
    name : str
        Of the trial or its table.
    weeks : tuple of float
        Of each visit, for the plot.
    """
    parts = [
        *_primary(found),
        _section("Means by visit"),
        str(both(lambda key, width: means_by_visit(found.scores, key=key, width_px=width, weeks=weeks), "means")),
        *_scores(found),
        *_responders(found),
        *_sensitivity(found),
        *_people(found),
        _section("Left out"),
        _list([*(one.text for one in found.scores.excluded), *found.not_told]),
        _section("Sources"),
        _list(str(one) for one in found.scores.sources),
        "<p>For research; not a medical device.</p>",
    ]
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width, initial-scale=1"><title>{escape(name)}</title><style>{styles()}</style></head>'
        f"<body><main><h1>{escape(name)}</h1>{''.join(parts)}</main></body></html>\n"
    )


def _section(title: str) -> str:
    return f"<h2>{escape(title)}</h2>"


def _list(lines: Iterable[str]) -> str:
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f"<ul>{items}</ul>" if items else "<p>Nothing.</p>"


def _table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    head = "".join(f"<th>{escape(cell)}</th>" for cell in header)
    body = "".join("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _span(low: float, high: float) -> str:
    return f"{number(low)} to {number(high)}"


def _shares(one: Effect) -> str:
    return f"{100 * one.estimate:.1f} % ({100 * one.low:.1f} to {100 * one.high:.1f})".replace("-", "−")


def _p(value: float) -> str:
    return "under 0.001" if value < 0.001 else f"{value:.3f}"


def _primary(found: TrialReport) -> list[str]:
    rows = [
        (f"{one.arm} against {one.control}", one.visit, number(one.estimate), _span(one.low, one.high),
         number(one.df, digits=4), _p(one.p), _p(adjusted))
        for one, adjusted in zip(found.primary, found.adjusted_p, strict=True)
    ]  # fmt: skip
    header = ["Comparison", "Visit", "Difference, points", f"{100 * found.scores.level:g} % interval",
              "Degrees of freedom", "p", "p, Holm over arms"]  # fmt: skip
    scores = found.scores
    lines = [
        _section("Primary analysis"),
        f"<p>{escape(scores.estimand.text)}</p>",
        f"<p>{escape(scores.method)}; {scores.n} people, {scores.n_scores} scores.</p>",
        _table(header, rows),
    ]
    return lines + [f"<p>{escape(one.text)}</p>" for one in found.non_inferiority]


def _scores(found: TrialReport) -> list[str]:
    means = [
        (one.visit, one.arm, one.n, number(one.estimate), number(one.se), _span(one.low, one.high))
        for one in found.scores.means
    ]
    rows = [
        (one.visit, f"{one.arm} against {one.control}", number(one.estimate), _span(one.low, one.high), _p(one.p))
        for one in found.scores.differences
    ]
    return [
        _table(["Visit", "Arm", "Scores", "Mean", "Standard error", "Interval"], means),
        _table(["Visit", "Comparison", "Difference", "Interval", "p"], rows),
    ]


def _responders(found: TrialReport) -> list[str]:
    lines = [_section("Responders")] if found.responders or found.times else []
    for one in found.responders:
        lines += [f"<p>{escape(line)}</p>" for line in one.text.splitlines()[1:]]
    for one in found.times:
        said = one.why_not
        if one.hazard is not None:
            said = f"{number(one.hazard.estimate)} ({_span(one.hazard.low, one.hazard.high)})"
        median = "; ".join(
            f"{arm} {number(c.median_weeks.estimate)} ({_span(c.median_weeks.low, c.median_weeks.high)})"
            for arm, c in one.curves.items()
        )
        lines.append(
            f"<p>{escape(f'Time to response, {one.arm} against {one.control}: hazard ratio {said}')}; "
            f"{escape(f'log-rank p {_p(one.log_rank_p)}; median weeks: {median}')}.</p>"
        )
    return lines


def _sensitivity(found: TrialReport) -> list[str]:
    done = found.completers
    rows = [
        (done.method + " of those with a score", one.arm, number(one.estimate), _span(one.low, one.high), _p(one.p))
        for one in done.differences
    ]
    for each in found.sensitivity:
        rows += [
            (each.method, one.arm, number(one.estimate), _span(one.low, one.high), _p(one.p))
            for one in each.differences
        ]
    notes = dict.fromkeys(one.note for one in found.sensitivity if one.note)
    return [
        _section("Sensitivity"),
        _table(["Analysis", "Arm", "Difference", "Interval", "p"], rows),
        *(f"<p>{escape(note)}</p>" for note in notes),
    ]


def _people(found: TrialReport) -> list[str]:
    visits = list(found.flow[0].at_visit)
    flow = [
        (one.arm, one.randomized, "–" if one.with_baseline is None else one.with_baseline, *one.at_visit.values())
        for one in found.flow
    ]
    arms = [one.arm for one in found.flow]
    lines = [_section("People"), _table(["Arm", "Randomized", "With baseline", *visits], flow)]
    if found.baseline:
        lines.append(_table(["At baseline", "", *arms], [(one.name, one.level, *one.cells) for one in found.baseline]))
    if found.adverse:
        rows = [
            (one.term, *(f"{people} ({events})" for people, events in zip(one.people, one.events, strict=True)),
             _shares(one.difference))
            for one in found.adverse
        ]  # fmt: skip
        lines += [_section("Adverse events"), _table(["People (events)", *arms, "Difference of shares"], rows)]
    return lines
