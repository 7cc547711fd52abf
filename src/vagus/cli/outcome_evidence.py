"""`vagus outcome evidence`: what published trials found, pooled where the table allows it, with plots and tables."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vagus.cli.output import check_targets, emit_json, emit_table, json_option, write_files
from vagus.cli.rows import check_pictures, check_table, picture_bytes, table_bytes, table_option
from vagus.errors import InputError, Problem

if TYPE_CHECKING:
    from vagus.outcome import Evidence, Trial
    from vagus.outcome.synthesis.review import Synthesis
    from vagus.outcome.titration import Titration

# as in the room, which loads numpy (a test compares them)
MEASURES = ("rd", "rr", "or", "md", "g")
METHODS = ("reml", "dl", "fixed", "mh")
TESTS = ("hartung-knapp", "hartung-knapp-floor", "normal")
DESIGNS = ("sham", "comparator", "nonrandomized", "unstated", "review", "uncontrolled", "ongoing")
_picture = click.Path(path_type=Path)


@click.command(short_help="What published trials found, pooled.")
@click.option("--indication", required=True, help="trd, mdd, gad, ptsd, insomnia, stress, healthy or other.")
@click.option("--route", required=True, help="iVNS (implanted), taVNS (ear) or tcVNS (neck).")
@click.option(
    "--design", type=click.Choice(DESIGNS), help="Show this kind of design only; --pool takes sham without it."
)
@click.option("--rows", type=click.Path(path_type=Path), help="CSV of trials of your own, columns of the table trials.")
@click.option(
    "--pool",
    "measure",
    type=click.Choice(MEASURES),
    help="Pool: risk difference, risk or odds ratio, mean difference, Hedges g.",
)
@click.option(
    "--event",
    type=click.Choice(("response", "remission")),
    default="response",
    show_default=True,
    help="What rd, rr and or count.",
)
@click.option(
    "--method",
    type=click.Choice(METHODS),
    default="reml",
    show_default=True,
    help="Between studies: REML, DerSimonian-Laird, a common effect, Mantel-Haenszel.",
)
@click.option(
    "--test",
    type=click.Choice(TESTS),
    default="hartung-knapp",
    show_default=True,
    help="Interval of the pooled effect.",
)
@click.option("--forest", type=_picture, help="Write a forest plot to this .svg or .png; needs --pool.")
@click.option("--funnel", type=_picture, help="Write a funnel plot to this .svg or .png; needs --pool.")
@click.option("--recalled", is_flag=True, help="Pool cells that were recalled and not read as well, marked.")
@click.option("--titration", is_flag=True, help="Published dosing and titration schedules for the route as well.")
@table_option
@json_option
def evidence(
    *,
    indication: str,
    route: str,
    design: str | None,
    rows: Path | None,
    measure: str | None,
    event: str,
    method: str,
    test: str,
    forest: Path | None,
    funnel: Path | None,
    recalled: bool,
    titration: bool,
    output: Path | None,
    as_json: bool,
) -> None:
    """What published trials found, null results beside positive ones; pooled where the rows allow it.

    The primary endpoint, met or missed, is always shown. A row that cannot be pooled is named with its reason.

    \b
    Example:  vagus outcome evidence --indication trd --route iVNS
              vagus outcome evidence --indication insomnia --route taVNS --pool md --titration
              vagus outcome evidence --indication mdd --route taVNS --rows mine.csv --pool g --forest forest.svg
    """
    from vagus.files.sheets.trial_rows import read_trials
    from vagus.outcome import evidence as evidence_on
    from vagus.outcome.synthesis.review import synthesize
    from vagus.outcome.titration import titrations

    check_pictures({"--forest": forest, "--funnel": funnel})
    pictures = {kind: path for kind, path in (("forest", forest), ("funnel", funnel)) if path is not None}
    if pictures and measure is None:
        raise InputError(
            Problem(what="a plot needs a measure", where=f"--{next(iter(pictures))}", allowed="--pool as well")
        )
    check_targets([*check_table(output), *pictures.values()], also=[rows] if rows else [])
    found = evidence_on(indication=indication, route=route, more=read_trials(rows) if rows else ())
    pooled = None
    if measure is not None:
        asked: Any = {
            "measure": measure,
            "event": event,
            "kind": design or "sham",
            "method": method,
            "test": test,
            "recalled": recalled,
        }
        pooled = synthesize(found, **asked)
    schedules = titrations(route=found.route) if titration else ()
    files = {} if pooled is None else _pictures(pictures, pooled)
    if output is not None:
        files[output] = _table(output, found, pooled, design)
    if files:
        write_files(files)
    if as_json:
        _emit_json(found, pooled, schedules, design)
    else:
        _emit_text(found, pooled, schedules, design)


def _pictures(asked: dict[str, Path], pooled: Synthesis) -> dict[Path, bytes]:
    from vagus.report.figures.forest import forest, funnel
    from vagus.report.picture import stacked

    files: dict[Path, bytes] = {}
    for kind, path in asked.items():
        if not pooled.effects or (kind == "funnel" and pooled.pooled is None):
            raise InputError(
                Problem(what=f"no {kind} plot can be drawn", where=f"--{kind}", found=pooled.why_not,
                        allowed="a measure, a design or rows of your own (--rows) that give more effects")
            )  # fmt: skip
        width = 760 if kind == "forest" else 520
        drawn = forest(pooled, width_px=width) if kind == "forest" else funnel(pooled, width_px=width)
        svg = stacked([drawn], name="Published trials", width_px=width, key="vagus")
        files[path] = picture_bytes(path, svg)
    return files


_SHOWN = (
    "name", "design_text", "control_text", "people_text", "endpoint_text", "verdict_text", "detail_text",
    "response_text", "effect_text", "notes_text",
)  # fmt: skip


def _trial_row(row: Trial) -> dict[str, object]:
    words = {name: getattr(row, name) for name in _SHOWN}
    return {**asdict(row), "kind": row.kind, "verdict": row.verdict, "is_verified": row.is_verified, **words}


def _chosen(rows: tuple[Trial, ...], design: str | None) -> tuple[Trial, ...]:
    return tuple(row for row in rows if design is None or row.kind == design)


def _table(path: Path, found: Evidence, pooled: Synthesis | None, design: str | None) -> bytes:
    """One row a trial: cells with their marks, verdict, and its effect where one was pooled."""
    from vagus.outcome.synthesis.review import told

    effects = {one.study: told(one) for one in pooled.effects} if pooled else {}
    reasons = {one.study_id: one.why for one in pooled.excluded} if pooled else {}
    header = ["study_id", "kind", "verdict", "is_verified", *_SHOWN, "pooled_effect", "not_pooled", "source"]
    rows = [
        {**_trial_row(row), "pooled_effect": effects.get(row.study_id), "not_pooled": reasons.get(row.study_id),
         "source": str(row.cited)}
        for row in _chosen(found.trials, design)
    ]  # fmt: skip
    return table_bytes(path, header, rows)


def _emit_json(found: Evidence, pooled: Synthesis | None, schedules: tuple[Titration, ...], design: str | None) -> None:
    rows = {name: [_trial_row(row) for row in _chosen(getattr(found, name), design)] for name in ("trials", "related")}
    whole: dict[str, object] = {**asdict(found), **rows}
    if pooled is not None:
        whole["synthesis"] = {**asdict(pooled), "rows": [row.study_id for row in pooled.rows], "text": pooled.text}
    if schedules:
        whole["titration"] = [{**asdict(row), "dose_text": row.dose_text} for row in schedules]
    emit_json(whole)


def _emit_text(found: Evidence, pooled: Synthesis | None, schedules: tuple[Titration, ...], design: str | None) -> None:
    from vagus.outcome import KINDS

    click.echo("\n".join((found.text, *found.details)) + "\n")
    for kind, label in KINDS.items():
        rows = found.of_kind(kind) if design in (None, kind) else ()
        if rows:
            click.echo(f"{label[0].upper()}{label[1:]}")
            _emit_trials(rows)
    near = _chosen(found.related, design)
    if near:
        click.echo("On near indications (not counted)")
        _emit_trials(near)
    if pooled is not None:
        _emit_pooled(pooled)
    if schedules:
        _emit_schedules(schedules)
    click.echo(found.caveat)


def _emit_pooled(pooled: Synthesis) -> None:
    click.echo(f"Pooled\n{pooled.text}")
    for one in pooled.excluded:
        click.echo(f"    left out: {one.study_id}: {one.why}")
    click.echo()


def _emit_schedules(schedules: tuple[Titration, ...]) -> None:
    from vagus.outcome.titration import CAVEAT

    click.echo("Published schedules")
    rows = [
        (
            row.id,
            row.cell("indication"),
            row.cell("phase"),
            row.dose_text,
            row.cell("intensity_rule"),
            row.cell("finding"),
        )
        for row in schedules
    ]
    emit_table(["schedule", "indication", "phase", "dose", "rule", "finding"], rows)
    for row in schedules:
        click.echo(f"    {row.id}: {row.cited}")
    click.echo(f"{CAVEAT}\n")


def _emit_trials(rows: tuple[Trial, ...]) -> None:
    header = ["trial", "people", "primary endpoint", "verdict", "response", "effect"]
    cells = [
        (row.name, row.people_text, row.endpoint_text, row.verdict_text, row.response_text, row.effect_text)
        for row in rows
    ]
    emit_table(header, cells)
    for row in rows:
        said = [f"Arms: {'; '.join(row.arms)}." if row.arms else "", row.detail_text and f"Remark: {row.detail_text}."]
        said.append(f"Note: {row.notes_text}" if row.notes_text else "")
        click.echo(" ".join(part for part in (f"    {row.study_id}: {row.cited}", *said) if part))
    click.echo()
