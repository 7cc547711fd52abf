"""`vagus outcome`: questionnaires, one person's change, and what published trials found."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vagus.cli.outcome_allocate import allocate
from vagus.cli.outcome_evidence import evidence
from vagus.cli.output import check_targets, emit_json, emit_table, json_option, write_files
from vagus.cli.rows import check_pictures, check_table, picture_bytes, table_bytes, table_option
from vagus.cli.trial.analyze import analyze
from vagus.cli.trial.counts import blinding, counts
from vagus.cli.trial.designs import crossover, single
from vagus.cli.trial.simulate import simulate
from vagus.errors import InputError, Problem

if TYPE_CHECKING:
    from vagus.outcome import Instrument, Notice, Score

_FILE = click.argument("file", type=click.Path(path_type=Path))
_OWN = click.option(
    "--instrument",
    "own",
    multiple=True,
    type=click.Path(path_type=Path),
    help="TOML file of an instrument of your own; may be given more than once.",
)


@click.group()
def outcome() -> None:
    """Questionnaires: scores, change; trials planned, analyzed; what trials found.

    \b
    Example:  vagus outcome score examples/tavns-depression/scores.csv
              vagus outcome evidence --indication trd --route iVNS
    """


@outcome.command(short_help="Instruments that can be scored.")
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


@outcome.command(short_help="Total and band of each filling.")
@_FILE
@_OWN
@table_option
@json_option
def score(file: Path, own: tuple[Path, ...], output: Path | None, as_json: bool) -> None:
    """Total and band of each filling in FILE (CSV: date, instrument, total or item_1, item_2, ...).

    Instruments of your own are read from the folder `instruments` beside FILE, and from --instrument. Safety notices
    come first, on stderr, and stand in each row that -o writes; they do not change the exit code.

    \b
    Example:  vagus outcome score scores.csv
              vagus outcome score scores.csv --json
              vagus outcome score scores.csv --instrument our-scale.toml -o totals.csv
    """
    check_targets(check_table(output), also=[file])
    found, scores, _ = _read(file, own)
    if output is not None:
        told = ["instrument", "total", "low", "high", "band", "status"]
        rows = [
            {"date": one.date.isoformat(), **{name: getattr(one, name) for name in told}, **_noticed(one, found)}
            for one in scores
        ]
        write_files({output: table_bytes(output, ["date", *told, "notice_level", "notice"], rows)})
    if as_json:
        emit_json({"notices": found, "scores": scores})
    else:
        rows = [
            (one.date, one.instrument, "-" if one.total is None else f"{one.total:g}", _span(one), one.band, one.status)
            for one in scores
        ]
        emit_table(["date", "instrument", "points", "range", "band", "status"], rows)


def _noticed(one: Score, found: tuple[Notice, ...]) -> dict[str, str | None]:
    """Gravest level and words of the notices on one filling, for its row; None where there is none."""
    mine = [notice for notice in found if notice.instrument == one.instrument and one.date in notice.dates]
    return {
        "notice_level": mine[0].level if mine else None,
        "notice": " ".join(notice.text for notice in mine) or None,
    }


@outcome.command(short_help="Change, response, relapse of one person.")
@_FILE
@_OWN
@click.option(
    "--start",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Begin of treatment: all is measured against the latest total up to then. Default: the first total.",
)
@click.option("--plot", type=click.Path(path_type=Path), help="Write the scores over the weeks to this .svg or .png.")
@json_option
def change(
    file: Path, own: tuple[Path, ...], start: datetime.datetime | None, plot: Path | None, as_json: bool
) -> None:
    """Change and milestones of each instrument in FILE: first to last filling, response, relapse, level and slope.

    Safety notices come first, on stderr; they do not change the exit code.

    \b
    Example:  vagus outcome change scores.csv
              vagus outcome change scores.csv --start 2026-01-12 --plot scores.svg
    """
    from vagus.outcome import change as change_of
    from vagus.outcome import progress, trajectory

    check_targets(check_pictures({"--plot": plot}), also=[file])
    found, scores, known = _read(file, own)
    day = start.date() if start else None
    told: dict[str, list[Any]] = {"changes": [], "progress": [], "trajectories": []}
    silent: list[str] = []
    for key in dict.fromkeys(one.instrument for one in scores):
        mine, of = [one for one in scores if one.instrument == key], known.get(key)
        since = [one for one in mine if day is None or one.date >= day]
        asked = {
            "changes": lambda mine=mine, of=of: change_of(mine, of, start=day),
            "progress": lambda mine=mine, of=of: progress(mine, of, start=day),
            "trajectories": lambda since=since, of=of: trajectory(since, of),
        }
        for name, ask in asked.items():
            if not _ask(ask, told[name], silent):
                break
    if plot is not None:
        svg = _drawn(scores, known, told["changes"], notices=found, start=day, name=file.stem)
        write_files({plot: picture_bytes(plot, svg)})
    if as_json:
        emit_json({"notices": found, **told, "not_told": silent})
        return
    for line in [*(one.text for group in told.values() for one in group), *silent]:
        click.echo(line)


def _drawn(
    scores: list[Score], own: dict[str, Instrument], changes: list[Any], *, notices: Sequence[Notice],
    start: datetime.date | None, name: str,
) -> str:  # fmt: skip
    """Scores of each instrument over the weeks, one chart below the other; safety notices above them."""
    from vagus.outcome import instruments as all_instruments
    from vagus.report import figures
    from vagus.report.picture import stacked

    known, moved = {**all_instruments(), **own}, {one.instrument: one for one in changes}
    first = start or min(one.date for one in scores)
    weeks = max(max((one.date - first).days for one in scores) / 7, 1.0)
    drawn = [
        figures.scores([one for one in scores if one.instrument == key], known[key], moved.get(key), (), start=first,
                       weeks=weeks, key=f"score-{key}", width_px=720)
        for key in dict.fromkeys(one.instrument for one in scores)
    ]  # fmt: skip
    return stacked(
        drawn, name=name, width_px=720, key="vagus", notices=[f"Notice ({one.level}): {one.text}" for one in notices]
    )


def _ask(ask: Callable[[], Any], told: list[Any], silent: list[str]) -> bool:
    """One answer more, or why there is none; what needs still more is then not asked."""
    from vagus.errors import Abstained

    try:
        told.append(ask())
    except Abstained as reason:
        silent.append(str(reason))
        return False
    return True


@outcome.command(short_help="A depression total read on another scale.")
@click.argument("total", type=float)
@click.option("--scale", required=True, help="qids_sr16, ids_sr30, hamd17, hamd21 or hamd24.")
@click.option("--to", required=True, help="The scale to read the total on.")
@json_option
def link(total: float, scale: str, to: str, as_json: bool) -> None:
    """TOTAL of one depression scale read on another, as a range.

    \b
    Example:  vagus outcome link 16 --scale qids_sr16 --to hamd17
    """
    from vagus.outcome import link_total

    found = link_total(total, scale=scale, to=to)
    if as_json:
        emit_json(asdict(found))
        return
    click.echo(f"{found.text} {found.source}")


def _read(file: Path, own: tuple[Path, ...]) -> tuple[tuple[Notice, ...], list[Score], dict[str, Instrument]]:
    """Notices on the fillings of a file (already on stderr), the scores, and the lab's own instruments."""
    from vagus.files import read_instrument, read_instruments, read_scores
    from vagus.outcome import every_notice
    from vagus.outcome import score as score_of

    known = {**read_instruments(file.parent), **{one.key: one for one in map(read_instrument, own)}}
    answers = tuple(read_scores(file, own=known))
    if not answers:
        raise InputError(
            Problem(what="there is no filling", where=file.name, found="no rows below the header",
                    allowed="a row for each filling")
        )  # fmt: skip
    scores = [score_of(one, known.get(one.instrument)) for one in answers]
    found = every_notice(answers, scores, instruments=known)
    for level, group in groupby(found, key=lambda one: one.level):  # sorted by level: what to do is said once for each
        for one in (told := list(group)):
            click.echo(f"notice ({level}): {one.answered} {one.later}".rstrip(), err=True)
        for act in dict.fromkeys(one.act for one in told):
            click.echo(f"notice ({level}): {act}", err=True)
    return found, scores, known


def _span(one: Score) -> str:
    return "" if one.low is None or one.high is None else f"{one.low:g}-{one.high:g}"


def _reliable(one: Instrument) -> str:
    if one.reliability is None:
        return "not computed"
    low, high = one.reliability.known.low, one.reliability.known.high
    return f"{low:g}" if low == high else f"{low:g}-{high:g}"


for command in (evidence, allocate, analyze, simulate, crossover, single, counts, blinding):
    outcome.add_command(command)
