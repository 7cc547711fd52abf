"""`vagus outcome simulate`: power, error and expected interval of a trial before it begins, and the people it needs."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vagus.cli.output import check_targets, emit_json, emit_table, json_option, progress_line, seed_option, write_files
from vagus.cli.rows import Row, check_pictures, check_table, picture_bytes, table_bytes, table_option
from vagus.errors import InputError, Problem

if TYPE_CHECKING:
    from vagus.outcome.analysis.power import Power, Spread
    from vagus.outcome.analysis.simulate import Assumed, Tally

_path = click.Path(path_type=Path)
_QUIET = 500  # drawn trials that need no progress line


@click.command(short_help="Power and size of a trial before it begins.")
@click.argument("assumed", type=_path)
@click.option(
    "--analysis", "model", type=click.Choice(("mmrm", "ancova")), default="mmrm", show_default=True,
    help="Repeated measures, or covariance analysis of those with a last score.",
)  # fmt: skip
@click.option("--covariance", default="us", show_default=True, help="Covariance of the visits, for mmrm.")
@click.option("--by-site", is_flag=True, help="The analysis adjusts for sites.")
@click.option("--trials", type=click.IntRange(min=10), default=1000, show_default=True, help="Trials that are drawn.")
@click.option("--power", type=click.FloatRange(0.5, 0.99), help="Search the people that reach this power.")
@click.option("--most", type=click.IntRange(min=8), default=2000, show_default=True,
              help="People in all, where the search gives up.")  # fmt: skip
@click.option("--workers", type=click.IntRange(min=1), help="Processes; default: one a core.")
@click.option("--keep", type=_path, help="Folder for parts that are done: go on after an interrupt.")
@click.option("--plot", type=_path, help="Write power by people to this .svg or .png; needs --power.")
@seed_option
@table_option
@json_option
def simulate(
    *, assumed: Path, power: float | None, trials: int, most: int, workers: int | None, keep: Path | None,
    plot: Path | None, seed: int, output: Path | None, as_json: bool, **planned: Any,
) -> None:  # fmt: skip
    """Power, error of the first kind, expected interval at the last visit; ASSUMED is a TOML file of what is assumed.

    Trials are drawn with the effect and again without it. The truth is the effect at the last visit times the share of
    treatment that is taken: what belief adds to one arm shows as bias, and as error. With --power the smallest trial is
    searched, and then drawn anew, so that its power is not the luckiest of those tried.

    \b
    Example:  vagus outcome simulate assumed.toml --trials 2000 --keep parts
              vagus outcome simulate assumed.toml --power 0.8 --plot power.svg -o sizes.csv --json
    """
    from vagus.files.sheets.instruments import read_noun
    from vagus.files.store import FolderStore
    from vagus.outcome.analysis.power import Planned, expect, people_for_power
    from vagus.outcome.analysis.simulate import Assumed

    if plot is not None and power is None:
        raise InputError(Problem(what="there are no sizes to plot", where="--plot", allowed="--power as well"))
    check_targets([*check_table(output), *check_pictures({"--plot": plot})], also=[assumed])
    given, how = read_noun(assumed, Assumed), Planned(**planned)
    asked: dict[str, Any] = {
        "seed": seed, "n_trial": trials, "store": FolderStore.at(keep) if keep else None,
        "told": progress_line() if power or trials > _QUIET else None,
    }  # fmt: skip
    tried: tuple[tuple[Assumed, Tally], ...] = ()
    with _processes(workers or os.cpu_count() or 1) as spread:
        if power is not None:
            tried = people_for_power(given, how, power=power, most=most, spread=spread, **asked)
            given = tried[-1][0]
        found = expect(given, how, spread=spread, **asked)
    files: dict[Path, bytes] = {}
    if output is not None:
        rows = [_size(*one) for one in (*tried, (found.assumed, found.found))]
        files[output] = table_bytes(output, list(rows[0]), rows)
    if plot is not None and power is not None:
        files[plot] = picture_bytes(plot, _drawn(tried, power, assumed.stem))
    if files:
        write_files(files)
    if as_json:
        emit_json({**_told(found), "seed": seed, "tried": [_size(*one) for one in tried]})
    else:
        _emit(found, tried, power)


@contextlib.contextmanager
def _processes(n: int) -> Iterator[Spread]:
    """Map of a pool of processes; what waits in it is dropped on an interrupt."""
    if n == 1:
        yield map
        return
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # for the workers: on small matrices a second thread only waits
    pool = ProcessPoolExecutor(n, mp_context=multiprocessing.get_context("spawn"))
    try:
        yield pool.map
    finally:
        pool.shutdown(cancel_futures=True)


def _told(found: Power) -> dict[str, Any]:
    """Counts, and the shares that follow from them."""
    shares = ("significant", "covered", "mean_points", "sd_points", "width_points")
    tallies = {
        name: {**asdict(one), **{share: getattr(one, share) for share in shares}}
        for name, one in (("found", found.found), ("null", found.null))
    }
    return {"assumed": asdict(found.assumed), "planned": asdict(found.planned), "truth_points": found.truth_points,
            **tallies, "text": found.text}  # fmt: skip


def _size(assumed: Assumed, tally: Tally) -> Row:
    power, low, high = (100 * share for share in tally.significant)
    return {"n_sham": assumed.n_sham, "n_active": assumed.n_active, "trials": tally.n, "power_pct": power,
            "power_low_pct": low, "power_high_pct": high, "mean_points": tally.mean_points,
            "width_points": tally.width_points}  # fmt: skip


def _emit(found: Power, tried: tuple[tuple[Assumed, Tally], ...], power: float | None) -> None:
    if tried:
        rows = [_size(*one) for one in sorted(tried, key=lambda one: one[0].n_sham)]
        cells = [
            (row["n_sham"], row["n_active"], f"{row['power_pct']:.1f} %",
             f"{row['power_low_pct']:.1f} to {row['power_high_pct']:.1f}") for row in rows
        ]  # fmt: skip
        emit_table(["sham", "active", "power", "interval"], cells)
        click.echo(f"\nSmallest that was found with a power of {power:g}, drawn anew:")
    click.echo(found.text)


def _drawn(tried: tuple[tuple[Assumed, Tally], ...], power: float, name: str) -> str:
    from vagus.report.figures.trial import power_by_people
    from vagus.report.picture import stacked

    sizes = [(one.n_sham + one.n_active, tally.significant) for one, tally in tried]
    return stacked([power_by_people(sizes, power=power)], name=name, width_px=720, key="vagus")
