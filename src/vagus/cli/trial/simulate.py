"""`vagus outcome simulate`: power, error and coverage of a trial before it begins."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vagus.cli.output import emit_json, json_option, progress_line, seed_option
from vagus.errors import InputError, Problem

if TYPE_CHECKING:
    from vagus.outcome.analysis.simulate import Analyze, Assumed, Tally

_PART = 50
Task = tuple["Assumed", str, str, int, int, int]


@click.command()
@click.argument("assumed", type=click.Path(path_type=Path))
@click.option(
    "--analysis", type=click.Choice(("mmrm", "ancova")), default="mmrm", show_default=True,
    help="Repeated measures, or covariance analysis of those with a last score.",
)  # fmt: skip
@click.option("--covariance", default="us", show_default=True, help="Covariance of the visits, for mmrm.")
@click.option("--trials", type=click.IntRange(min=10), default=1000, show_default=True, help="Trials that are drawn.")
@click.option("--power", type=click.FloatRange(0.5, 0.99), help="Search the people that reach this power.")
@click.option("--workers", type=click.IntRange(min=1), help="Processes; default: one a core.")
@seed_option
@json_option
def simulate(
    *, assumed: Path, analysis: str, covariance: str, trials: int, power: float | None, workers: int | None, seed: int,
    as_json: bool,
) -> None:  # fmt: skip
    """Power, error and coverage at the last visit over drawn trials; ASSUMED is a TOML file of what is assumed.

    The truth is the effect at the last visit times the share of treatment that is taken: what belief adds to one arm
    shows as bias.

    \b
    Example:  vagus outcome simulate assumed.toml --trials 2000
              vagus outcome simulate assumed.toml --power 0.8 --json
    """
    import numpy as np

    from vagus.files.sheets.instruments import read_noun
    from vagus.outcome.analysis.mixed.covariance import check_structure
    from vagus.outcome.analysis.simulate import Assumed, people_for_power

    check_structure(covariance)
    given = read_noun(assumed, Assumed)
    if analysis == "ancova" and covariance != "us":
        raise InputError(Problem(what="ancova has no covariance of visits", where="--covariance", allowed="mmrm"))
    n_worker = workers or os.cpu_count() or 1
    if power is not None:
        given, _ = people_for_power(
            given, analyzer(analysis, covariance, given), power=power, rng=np.random.default_rng(seed), n_trial=trials
        )
    parts = [(given, analysis, covariance, seed, k, min(_PART, trials - k)) for k in range(0, trials, _PART)]
    found = _all(parts, n_worker, trials)
    truth = true_points(given)
    if as_json:
        told = ("significant", "covered", "mean_points", "sd_points", "width_points")
        emit_json(
            {"assumed": asdict(given), "analysis": analysis, "seed": seed, "truth_points": truth,
             "tally": asdict(found), **{name: getattr(found, name) for name in told}}
        )  # fmt: skip
        return
    size = f"{given.n_sham} sham and {given.n_active} active, {trials} trials, {analysis}"
    click.echo(f"{size}: significant {_share(found.significant)}.")
    click.echo(
        f"Difference at week {given.weeks[-1]:g}: assumed {truth:.2f} points, found {found.mean_points:.2f} on "
        f"average, interval {found.width_points:.2f} wide, holds the assumed in {_share(found.covered)}."
    )
    if found.n_without:
        click.echo(f"{found.n_without} trials gave no answer; they count as not significant.")


def _share(one: tuple[float, float, float]) -> str:
    return "{:.1f} % ({:.1f} to {:.1f})".format(*(100 * value for value in one))


def true_points(assumed: Assumed) -> float:
    """Difference at the last visit that treatment makes, as it is taken."""
    return assumed.effect_points[-1] * assumed.adherence_pct / 100


def analyzer(analysis: str, covariance: str, assumed: Assumed) -> Analyze:
    """Function from a table to the difference at the last visit."""
    from vagus.outcome.analysis.estimand import Estimand
    from vagus.outcome.analysis.model import ancova, mmrm

    last = f"week {assumed.weeks[-1]:g}"
    what = Estimand(population="all randomized", variable=f"score at {last}", treatment="active", control="sham",
                    summary="difference of means")  # fmt: skip
    structure: Any = covariance
    if analysis == "ancova":
        return lambda table: ancova(table, visit=last, estimand=what).at(last)
    return lambda table: mmrm(table, estimand=what, structure=structure).at(last)


def _part(task: Task) -> Tally:
    """Some of the trials: each depends on the seed and its number alone."""
    import numpy as np

    from vagus.outcome.analysis.simulate import simulate as simulate_trials

    assumed, analysis, covariance, seed, start, size = task
    seeds = [np.random.SeedSequence([seed, k]) for k in range(start, start + size)]
    analyze = analyzer(analysis, covariance, assumed)
    return simulate_trials(assumed, [analyze], seeds=seeds, truth_points=true_points(assumed))[0]


def _all(parts: Sequence[Task], n_worker: int, trials: int) -> Tally:
    """Sum over the parts, on several cores where that is asked for."""
    from vagus.outcome.analysis.simulate import Tally

    show = progress_line() if trials > 500 else None
    found = Tally()
    if n_worker == 1 or len(parts) == 1:
        for k, part in enumerate(parts, start=1):
            found += _part(part)
            if show:
                show("trials", k / len(parts))
        return found
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # for the workers: on small matrices a second thread only waits
    with ProcessPoolExecutor(n_worker, mp_context=multiprocessing.get_context("spawn")) as pool:
        for k, one in enumerate(pool.map(_part, parts), start=1):
            found += one
            if show:
                show("trials", k / len(parts))
    return found
