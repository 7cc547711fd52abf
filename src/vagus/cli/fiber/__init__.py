"""`vagus fiber`: axon models, thresholds, recruitment."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from vagus.cli.dose import Quantity
from vagus.cli.fiber.asked import text_of_file
from vagus.cli.fiber.perceive import perceive
from vagus.cli.fiber.threshold import threshold
from vagus.cli.output import emit_json, emit_table, json_option, progress_line, seed_option
from vagus.dose import Pulse, Shape, device_of, montage

if TYPE_CHECKING:
    from vagus.fiber import ClassRecruitment, Membrane, Recruitment

LARGEST_PCT = 0.5


@click.group()
def fiber() -> None:
    """Axon models: thresholds, recruitment, comparison with a peer.

    \b
    Example:  vagus fiber recruit --device tvnsr --site cymba_left --amplitude-ma 1.5 --width-us 250 --seed 1
    """


fiber.add_command(perceive)
fiber.add_command(threshold)


@fiber.command()
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


@fiber.command()
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


@fiber.command()
@click.option("--device", required=True, help="Key of a device: see `vagus dose devices`.")
@click.option("--site", required=True, help="Site, as cymba_left or cervical_left.")
@click.option("--amplitude-ma", type=Quantity(), required=True, help="Current of the first phase; negative = cathodic.")
@click.option("--width-us", type=Quantity(), required=True, help="Width of the first phase.")
@click.option("--shape", type=click.Choice(get_args(Shape)), default="biphasic_symmetric", show_default=True)
@click.option("--recovery-ratio", type=float, default=0.25, show_default=True, help="Of an asymmetric shape.")
@seed_option
@json_option
def recruit(
    *, device: str, site: str, amplitude_ma: float, width_us: float, shape: Shape, recovery_ratio: float, seed: int,
    as_json: bool,
) -> None:  # fmt: skip
    """Share of each fiber class that fires at a site, with a 90 % interval over anatomy.

    \b
    Example:  vagus fiber recruit --device tvnsr --site cymba_left --amplitude-ma 1.5 \\
                --width-us 250 --shape biphasic_symmetric --seed 1
    """
    import numpy as np

    from vagus.fiber import recruit as recruit_fibers
    from vagus.fiber.recruitment import plain

    pulse = Pulse(
        amplitude_ma=amplitude_ma, width_us=width_us, shape=shape,
        recovery_ratio=recovery_ratio if shape == "biphasic_asymmetric" else 1.0,
    )  # fmt: skip
    contacts = montage(device_of(device), site)
    show = progress_line()
    found = recruit_fibers(
        contacts, pulse, rng=np.random.default_rng(seed), progress=lambda share: show("fibers", share)
    )
    if as_json:
        classes = [_all(c) | {"told": c.told, "text": c.text, "half_text": c.half_text} for c in found.classes]
        emit_json({"seed": seed} | _all(found) | {"classes": classes})
        return
    dose, interval = plain(found.dose_ma, digits=6), f"({100 * found.level:g} % interval)"
    emit_table(
        ("class", f"fires at {dose} mA {interval}", f"half fire at {interval}", "fibers", "role"),
        [
            (
                c.label, c.text, c.half_text,
                f"{c.count.value:,.0f}" + ("" if c.count.source.verified else " [unverified]") if c.count else "-",
                c.role,
            )
            for c in found.classes
        ],
    )  # fmt: skip
    click.echo(f"\nmethod: {found.method}\ncaveat: {found.caveat}\nseed: {seed}")


def _all(thing: Recruitment | ClassRecruitment) -> dict[str, object]:
    """Fields of a result by name."""
    return {field.name: getattr(thing, field.name) for field in dataclasses.fields(thing)}
