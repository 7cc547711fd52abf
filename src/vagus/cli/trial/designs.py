"""`vagus outcome single` and `crossover`: one person's randomized phases, and two treatments in two periods."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vagus.cli.output import check_targets, emit_json, json_option, seed_option, write_files
from vagus.cli.rows import check_pictures, picture_bytes
from vagus.errors import InputError, Problem

if TYPE_CHECKING:
    from vagus.outcome.person.single_case import Design

_path = click.Path(path_type=Path)


@click.command(short_help="One person: randomized phases tested.")
@click.argument("file", type=_path)
@click.option("--design", required=True, help="What was drawn by lot: phases as in ABAB, or onset, or pairs.")
@click.option("--min-length", type=click.IntRange(min=1), help="Least measurements in a phase, for phases.")
@click.option("--first", type=click.IntRange(min=2), help="First measurement treatment could have begun at, for onset.")
@click.option("--last", type=click.IntRange(min=2), help="Last measurement treatment could have begun at, for onset.")
@click.option("--instrument", help="Key of the instrument, for its direction and range: madrs.")
@click.option("--higher-is", type=click.Choice(("worse", "better")), help="Direction, where no instrument is named.")
@click.option("--bounds", type=float, nargs=2, help="Lowest and highest score, where no instrument is named: 0 100.")
@click.option("--one-sided", is_flag=True, help="Test for improvement only.")
@click.option("--plot", type=_path, help="Write the measurements by phase to this .svg or .png.")
@seed_option
@json_option
def single(
    *, file: Path, design: str, instrument: str | None, higher_is: str | None, bounds: tuple[float, float] | None,
    one_sided: bool, plot: Path | None, seed: int, as_json: bool, **asked: int | None,
) -> None:  # fmt: skip
    """Effect and randomization test of a single-case design; FILE has columns score and condition (A or B), in order.

    The test holds only if the order was truly drawn by lot from the design that is named. Beyond 20,000 possible orders
    they are sampled, by --seed.

    \b
    Example:  vagus outcome single diary.csv --design ABAB --min-length 3 --higher-is worse
              vagus outcome single diary.csv --design onset --first 6 --last 25 --instrument madrs --plot diary.svg
    """
    import numpy as np

    from vagus.files.sheets.designs import read_series
    from vagus.outcome import find_instrument, single_case

    check_targets(check_pictures({"--plot": plot}), also=[file])
    drawn = _design(design, asked)
    if (instrument is None) == (higher_is is None):
        found, flags = "both" if instrument else "neither", "--instrument, --higher-is"
        raise InputError(Problem(what="the direction of the scale", where=flags, found=found, allowed="one of them"))
    of = find_instrument(instrument) if instrument else None
    if of and bounds:
        raise InputError(Problem(what="an instrument has a range of its own", where="--bounds", found="--instrument"))
    worse = of.better < 0 if of else higher_is == "worse"
    series = read_series(file, bounds=(of.total_low, of.total_high) if of else bounds)
    found = single_case(
        series.scores, series.treated, design=drawn, direction="higher_worse" if worse else "higher_better",
        two_sided=not one_sided, rng=np.random.default_rng(seed),
    )  # fmt: skip
    if plot is not None:
        from vagus.report.figures.trial import measurements
        from vagus.report.picture import stacked

        svg = measurements(series.scores, series.treated, told=found.text)
        write_files({plot: picture_bytes(plot, stacked([svg], name=file.stem, width_px=720, key="vagus"))})
    if as_json:
        emit_json({**asdict(found), "design": asdict(drawn), "two_sided": not one_sided, "seed": seed})
    else:
        click.echo(f"{found.text} For research; not a medical device.")


def _design(word: str, asked: dict[str, int | None]) -> Design:
    """Design of a word and of what goes with it; what does not is refused."""
    from vagus.outcome import Onset, Pairs, Phases

    kind = "phases" if re.fullmatch(r"(AB)+A?", word.upper()) else word.lower()
    needs = {"phases": ("min_length",), "onset": ("first", "last"), "pairs": ()}
    if kind not in needs:
        raise InputError(
            Problem(what="unknown design", where="--design", found=f'"{word}"', allowed="AB, ABA, ABAB, onset or pairs")
        )
    problems = [
        Problem(what=f"{'needed' if name in needs[kind] else 'not'} for --design {word}",
                where=f"--{name.replace('_', '-')}")
        for name, value in asked.items() if (value is None) == (name in needs[kind])
    ]  # fmt: skip
    if problems:
        raise InputError(problems)
    given: dict[str, Any] = {name: asked[name] for name in needs[kind]}
    if kind == "phases":
        return Phases(n_phases=len(word), **given)
    return Onset(**given) if kind == "onset" else Pairs()


@click.command(short_help="Two treatments in two periods.")
@click.argument("table", type=_path)
@click.option("--treatment", required=True, help="The treatment whose effect is told, as in column treatment.")
@click.option("--control", required=True, help="The other one, as in column treatment.")
@click.option("--missing", multiple=True, help="A code for missing scores, such as -99; once for each.")
@click.option("--variable", default="score", show_default=True, help="What the score is, for the estimand.")
@json_option
def crossover(
    *, table: Path, treatment: str, control: str, missing: tuple[str, ...], variable: str, as_json: bool
) -> None:
    """Two treatments in two periods, within people; TABLE has the columns person, period (1 or 2), treatment, score.

    The check of carry-over is shown and never chooses the analysis.

    \b
    Example:  vagus outcome crossover trial.csv --treatment active --control sham --variable "MADRS total"
    """
    from vagus.files.sheets.designs import read_crossover
    from vagus.outcome import Estimand
    from vagus.outcome import crossover as crossover_of

    if treatment == control:
        raise InputError(
            Problem(what="two treatments are needed", where="--treatment, --control", found=f'"{control}" twice')
        )
    read = read_crossover(table, treatment=treatment, control=control, missing=missing)
    what = Estimand(population="people with both periods", variable=variable, treatment=treatment, control=control,
                    summary="mean difference within people")  # fmt: skip
    found = crossover_of(read, estimand=what)
    if as_json:
        emit_json({**asdict(found), "text": found.text})
        return
    click.echo(found.text)
    for line in found.excluded:
        click.echo(f"Left out: {line.text}")
    click.echo("For research; not a medical device.")
