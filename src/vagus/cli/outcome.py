"""`vagus outcome`: questionnaires, one person's change, and what published trials found."""

from __future__ import annotations

from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vagus.cli.outcome_allocate import allocate
from vagus.cli.outcome_evidence import evidence
from vagus.cli.output import emit_json, emit_table, json_option

if TYPE_CHECKING:
    from vagus.outcome import Change, Instrument, Notice, Score

_FILE = click.argument("file", type=click.Path(path_type=Path))


@click.group()
def outcome() -> None:
    """Questionnaires: scores, change; what trials found.

    \b
    Example:  vagus outcome score examples/tavns-depression/scores.csv
              vagus outcome evidence --indication trd --route iVNS
    """


@outcome.command()
@json_option
def instruments(as_json: bool) -> None:
    """Instruments that can be scored, with range, bands and licence.

    \b
    Example:  vagus outcome instruments
    """
    from vagus.outcome import instruments as all_instruments

    known = all_instruments().values()
    if as_json:
        emit_json({"instruments": [{**asdict(one), "unverified": one.unverified} for one in known]})
        return
    rows = [
        (
            one.key,
            one.short,
            one.n_items,
            f"{one.total_low:g}-{one.total_high:g}",
            "worse" if one.better < 0 else "better",
            _reliable(one),
            ", ".join(one.unverified) or "none",
        )
        for one in known
    ]
    emit_table(["key", "name", "items", "total", "higher is", "reliable from", "recalled, not read"], rows)


@outcome.command()
@_FILE
@json_option
def score(file: Path, as_json: bool) -> None:
    """Total and band of each filling in FILE (CSV: date, instrument, total or item_1, item_2, ...).

    Safety notices come first, on stderr; they do not change the exit code.

    \b
    Example:  vagus outcome score scores.csv
              vagus outcome score scores.csv --json
    """
    found, scores = _read(file)
    if as_json:
        emit_json({"notices": found, "scores": scores})
    else:
        rows = [
            (one.date, one.instrument, "-" if one.total is None else f"{one.total:g}", _span(one), one.band, one.status)
            for one in scores
        ]
        emit_table(["date", "instrument", "points", "range", "band", "status"], rows)


@outcome.command()
@_FILE
@json_option
def change(file: Path, as_json: bool) -> None:
    """Change from the first to the last filling of each instrument in FILE.

    Safety notices come first, on stderr; they do not change the exit code.

    \b
    Example:  vagus outcome change scores.csv
    """
    from vagus.errors import Abstained
    from vagus.outcome import change as change_of

    found, scores = _read(file)
    changes: list[Change] = []
    silent: list[str] = []
    for key in dict.fromkeys(one.instrument for one in scores):
        try:
            changes.append(change_of([one for one in scores if one.instrument == key]))
        except Abstained as reason:
            silent.append(str(reason))
    if as_json:
        emit_json({"notices": found, "changes": changes, "not_told": silent})
    else:
        for line in [*(one.text for one in changes), *silent]:
            click.echo(line)


def _read(file: Path) -> tuple[tuple[Notice, ...], list[Score]]:
    """Notices on the fillings of a file (already on stderr) and the scores."""
    from vagus.files import read_scores
    from vagus.outcome import notices
    from vagus.outcome import score as score_of

    answers = tuple(read_scores(file))
    found = notices(answers)
    for level, group in groupby(found, key=lambda one: one.level):  # sorted by level: what to do is said once for each
        for one in (told := list(group)):
            click.echo(f"notice ({level}): {one.answered} {one.later}".rstrip(), err=True)
        click.echo(f"notice ({level}): {told[0].act}", err=True)
    return found, [score_of(one) for one in answers]


def _span(one: Score) -> str:
    return "" if one.low is None or one.high is None else f"{one.low:g}-{one.high:g}"


def _reliable(one: Instrument) -> str:
    if one.reliability is None:
        return "not computed"
    low, high = one.reliability.known.low, one.reliability.known.high
    return f"{low:g}" if low == high else f"{low:g}-{high:g}"


outcome.add_command(evidence)
outcome.add_command(allocate)
