"""`vagus outcome analyze`: a trial's table analyzed by its plan."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vagus.cli.output import check_targets, emit_json, emit_table, json_option, seed_option, write_files
from vagus.cli.rows import Row, check_pictures, check_table, picture_bytes, table_bytes, table_option
from vagus.errors import InputError, MissingFile, Problem

if TYPE_CHECKING:
    from vagus.files.sheets.trial_plan import TrialPlan
    from vagus.outcome.analysis.plan import TrialReport

# as in the room, which loads numpy (a test compares them)
STRUCTURES = ("us", "cs", "csh", "ar1", "ar1h", "toep", "toeph")
DFS = ("kenward-roger", "kenward-roger-linear", "satterthwaite", "normal")
_path = click.Path(path_type=Path)


@click.command(short_help="A trial analyzed by its plan.")
@click.argument("table", type=_path)
@click.option("--plan", "plan_file", type=_path, help="TOML file of the analysis plan; options below stand over it.")
@click.option("--control", help="The arm that the others are compared with.")
@click.option("--visit", "visits", multiple=True, help="A visit of the analysis, in order; once for each.")
@click.option("--baseline-visit", help="The visit whose score is the baseline.")
@click.option("--missing", multiple=True, help="A code for missing values, such as -99; once for each.")
@click.option("--instrument", help="Key of the instrument, for the bounds of its score: madrs.")
@click.option("--dictionary", type=_path, help="REDCap's data dictionary of TABLE.")
@click.option("--primary", help="The primary visit; default: the last.")
@click.option("--covariance", type=click.Choice(STRUCTURES), help="Covariance of the visits; default: us.")
@click.option("--df", type=click.Choice(DFS), help="Standard errors and degrees of freedom; default: kenward-roger.")
@click.option("--variable", help="What the score is, for the estimand: 'MADRS total at week 12'.")
@click.option("--plot", type=_path, help="Write the means by visit to this .svg or .png.")
@click.option("--html", type=_path, help="Write everything to this HTML file.")
@seed_option
@table_option
@json_option
def analyze(
    *,
    table: Path,
    plan_file: Path | None,
    plot: Path | None,
    html: Path | None,
    seed: int,
    output: Path | None,
    as_json: bool,
    **asked: Any,
) -> None:
    """Analyze a trial: TABLE has one row a person and visit (CSV, TSV, or a REDCap export).

    Repeated measures with Kenward-Roger, responders, time to response, sensitivity to missing scores: what the plan
    says. What is left out is counted and named. Without a plan the estimand says that none was given.

    \b
    Example:  vagus outcome analyze trial.csv --plan plan.toml --html trial.html --plot means.svg -o rows.csv
              vagus outcome analyze trial.csv --control sham --baseline-visit "week 0" --instrument madrs
    """
    import numpy as np

    from vagus.files.sheets.trial_plan import read_adverse_events, read_planned_table
    from vagus.outcome.analysis.plan import analyze_trial

    targets = [*check_table(output), *check_pictures({"--plot": plot}), *([html] if html else [])]
    check_targets(targets, also=[table, *([plan_file] if plan_file else [])])
    folder = plan_file.parent if plan_file else table.parent
    for path in (table, *([plan_file] if plan_file else [])):
        if not path.exists():
            raise MissingFile(Problem(what="there is no such file", where=str(path), allowed="a file that is there"))
    plan = _plan(plan_file, asked)
    read = read_planned_table(table, plan, folder=folder)
    events = read_adverse_events(folder / plan.adverse_events) if plan.adverse_events else ()
    found = analyze_trial(read, plan.analysis, rng=np.random.default_rng(seed), events=events)
    files: dict[Path, bytes] = {}
    if output is not None:
        files[output] = _rows(output, found)
    if plot is not None:
        from vagus.report.figures.trial import means_by_visit
        from vagus.report.picture import stacked

        drawn = means_by_visit(found.scores, weeks=plan.analysis.weeks)
        files[plot] = picture_bytes(plot, stacked([drawn], name=table.stem, width_px=720, key="vagus"))
    if html is not None:
        from vagus.report.trial import trial_page

        files[html] = trial_page(found, name=table.stem, weeks=plan.analysis.weeks).encode()
    if files:
        write_files(files)
    if as_json:
        emit_json({**asdict(found), "seed": seed})
    else:
        _emit(found)


def _plan(path: Path | None, asked: dict[str, Any]) -> TrialPlan:
    """Plan of the file with the options over it."""
    from vagus.files.sheets.trial_plan import TrialPlan, directed, read_trial_plan
    from vagus.outcome.analysis.estimand import EACH_OTHER_ARM, Estimand
    from vagus.outcome.analysis.plan import AnalysisPlan

    if path is None:
        if not asked["control"]:
            raise InputError(
                Problem(what="the control arm is not named", where="--control", allowed="--control, or --plan")
            )
        what = Estimand(
            population="the people of the table (no plan given)", variable=asked["variable"] or "score",
            treatment=EACH_OTHER_ARM, control=asked["control"], summary="difference of means",
        )  # fmt: skip
        plan = TrialPlan(control=asked["control"], analysis=AnalysisPlan(estimand=what))
    else:
        plan = read_trial_plan(path)
    analysis = plan.analysis
    told = {"primary_visit": asked["primary"], "covariance": asked["covariance"], "df": asked["df"]}
    analysis = replace(analysis, **{name: value for name, value in told.items() if value})
    said = {name: asked[name] for name in ("variable", "control") if asked[name]}
    analysis = replace(analysis, estimand=replace(analysis.estimand, **said))
    over = {
        name: asked[name] for name in ("control", "visits", "baseline_visit", "missing", "instrument") if asked[name]
    }
    if asked["dictionary"]:
        over["dictionary"] = str(asked["dictionary"].resolve())
    return directed(replace(plan, analysis=analysis, **over))


def _rows(path: Path, found: TrialReport) -> bytes:
    """Means and differences, a row each."""
    rows: list[Row] = [{"what": "mean", "analysis": found.scores.method, **asdict(one)} for one in found.scores.means]
    analyses = [(one.method, one.differences) for one in (found.scores, found.completers, *found.sensitivity)]
    for method, differences in analyses:
        rows += [{"what": "difference", "analysis": method, **asdict(one)} for one in differences]
    header = ["what", "analysis", "visit", "arm", "control", "n", "estimate", "se", "df", "low", "high", "p"]
    return table_bytes(path, header, rows)


def _emit(found: TrialReport) -> None:
    click.echo(found.scores.text)
    for one in found.non_inferiority:
        click.echo(one.text)
    click.echo()
    rows = [
        (one.visit, one.arm, one.n, f"{one.estimate:.2f}", f"{one.low:.2f} to {one.high:.2f}")
        for one in found.scores.means
    ]
    emit_table(["visit", "arm", "scores", "mean", "interval"], rows)
    for part in (*found.responders, *found.sensitivity):
        click.echo("\n" + "\n".join(part.text.splitlines()[1:]))
    for one in found.times:
        ratio = "none: " + one.why_not
        if one.hazard is not None:
            ratio = f"{one.hazard.estimate:.2f} ({one.hazard.low:.2f} to {one.hazard.high:.2f})"
        click.echo(f"\nTime to response, {one.arm}: hazard ratio {ratio}, log-rank p {one.log_rank_p:.3g}.")
    click.echo()
    for arm in found.flow:
        at = ", ".join(f"{visit} {n}" for visit, n in arm.at_visit.items())
        click.echo(f"{arm.arm}: {arm.randomized} randomized; scores at {at}.")
    for line in found.not_told:
        click.echo(f"Not told: {line}")
    click.echo("For research; not a medical device.")
