"""`vagus fiber`: axon models, thresholds, recruitment."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vagus.cli.fiber.asked import text_of_file
from vagus.cli.fiber.compound import compound
from vagus.cli.fiber.optimize import optimize
from vagus.cli.fiber.perceive import perceive
from vagus.cli.fiber.recruit import recruit
from vagus.cli.fiber.threshold import threshold
from vagus.cli.output import emit_json, emit_table, json_option, progress_line

if TYPE_CHECKING:
    from vagus.fiber import Membrane

LARGEST_PCT = 0.5


@click.group()
def fiber() -> None:
    """Axon models: thresholds, recruitment, comparison with a peer.

    \b
    Example:  vagus fiber recruit --device tvnsr --site cymba_left --amplitude-ma 1.5 --width-us 250 --seed 1
    """


fiber.add_command(perceive)
fiber.add_command(threshold)
fiber.add_command(recruit)
fiber.add_command(optimize)
fiber.add_command(compound)


@fiber.command(short_help="Axon models and their sources.")
@json_option
def models(as_json: bool) -> None:
    """Axon models: diameters for which they hold, sources, deviations.

    \b
    Example:  vagus fiber models --json
    """
    from vagus.fiber import membrane, membrane_keys

    found = [membrane(key) for key in membrane_keys()]
    if as_json:
        fields = ("key", "name", "kind", "diameter_low_um", "diameter_high_um", "diameters_um", "v_rest_mv",
                  "temperature_degc", "ends", "sources", "deviations")  # fmt: skip
        moving = [[ion.key for ion in m.ions if ion.moves] for m in found]
        emit_json(
            {
                "models": [
                    {**{name: getattr(m, name) for name in fields}, "moving_ions": ions}
                    for m, ions in zip(found, moving, strict=True)
                ]
            }
        )
        return
    emit_table(
        ("key", "kind", "diameter", "at", "name"),
        [(m.key, m.kind, _diameters(m), f"{m.temperature_degc:g} °C", m.name) for m in found],
    )
    for m in found:
        click.echo(f"\n{m.key}")
        for source in m.sources:
            click.echo(f"  source: {source}")
        for text in m.deviations:
            click.echo(f"  deviation: {text}")


def _diameters(data: Membrane) -> str:
    if data.diameters_um:
        return ", ".join(f"{d:g}" for d in data.diameters_um) + " µm"
    return f"{data.diameter_low_um:g} to {data.diameter_high_um:g} µm"


@fiber.command(short_help="A peer's thresholds, computed again.")
@click.option("--table", "file", type=click.Path(path_type=Path), help="CSV of thresholds; default: the shipped one.")
@click.option("--model", "only", multiple=True, help="Only rows of this model; may be given again.")
@json_option
def validate(*, file: Path | None, only: tuple[str, ...], as_json: bool) -> None:
    """Thresholds that another program measured, computed again; exit code 1 if one is off by more than 0.5 %.

    \b
    Example:  vagus fiber validate --model sweeney --model mrg
    """
    from vagus.fiber import membrane, read_reference
    from vagus.fiber import validate as validate_rows
    from vagus.tables import text_of

    keys = {membrane(key.lower()).key for key in only}
    text = text_of("fiber_thresholds")[0] if file is None else text_of_file(file)
    rows = [
        row
        for row in read_reference(text, name="fiber_thresholds.csv" if file is None else str(file))
        if not keys or row.model in keys
    ]
    show = progress_line()
    found = validate_rows(rows, progress=lambda share: show("rows", share))
    if as_json:
        emit_json({"models": found.models, "passed": found.passed})
    else:
        emit_table(
            ("model", "rows", "median", "95 %", "largest", "velocity off", "worst"),
            [
                (key, m.n, f"{m.median_pct:.3f} %", f"{m.p95_pct:.3f} %", f"{m.max_pct:.3f} %",
                 f"{m.n_velocity_off} of {m.n_velocity}" if m.n_velocity else "-", m.worst.text)
                for key, m in found.models.items()
            ],
        )  # fmt: skip
        click.echo("velocity off: by more than 1 % and more than one time step of the reference")
        if file is None:
            click.echo("reference: own measurements of PyFibers 0.13.0 on NEURON 9.0.2, bisected to 0.2 %")
    if not found.passed:
        for row in found.rows:
            if not abs(row.deviation_pct) <= LARGEST_PCT:
                click.echo(f"off: {row.text}: {row.found_ma:.5g} for {row.threshold_ma:.5g} mA", err=True)
        sys.exit(1)
