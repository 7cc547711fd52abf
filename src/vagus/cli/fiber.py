"""`vagus fiber`: axon models, thresholds, recruitment."""

from __future__ import annotations

import dataclasses
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

import click

from vagus.cli.dose import Quantity
from vagus.cli.output import emit_json, emit_table, json_option, progress_line, seed_option
from vagus.dose import Pulse, Shape, device_of, montage
from vagus.errors import InputError, MissingFile, Problem

if TYPE_CHECKING:
    from vagus.fiber import ClassRecruitment, Membrane, Recruitment

LARGEST_PCT = 0.5

_shape = click.option("--shape", type=click.Choice(get_args(Shape)), default="monophasic", show_default=True)


@click.group()
def fiber() -> None:
    """Axon models: thresholds, recruitment, comparison with a peer.

    \b
    Example:  vagus fiber recruit --device tvnsr --site cymba_left --amplitude-ma 1.5 --width-us 250 --seed 1
    """


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
    text = text_of("fiber_thresholds")[0] if file is None else _text_of(file)
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
            ("model", "rows", "median", "95 %", "largest", "worst"),
            [
                (key, m.n, f"{m.median_pct:.3f} %", f"{m.p95_pct:.3f} %", f"{m.max_pct:.3f} %", m.worst.text)
                for key, m in found.models.items()
            ],
        )
        if file is None:
            click.echo("reference: own measurements of PyFibers 0.13.0 on NEURON 9.0.2, bisected to 0.2 %")
    if not found.passed:
        for row in found.rows:
            if not abs(row.deviation_pct) <= LARGEST_PCT:
                click.echo(f"off: {row.text}: {row.found_ma:.5g} for {row.threshold_ma:.5g} mA", err=True)
        sys.exit(1)


def _text_of(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise MissingFile(Problem(what="file is not there", found=str(file), allowed="a CSV of thresholds")) from error
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            Problem(what="file cannot be read", where=str(file), found=str(error), allowed="UTF-8 text")
        ) from error


@fiber.command()
@click.option("--model", required=True, help="Key of an axon model: see `vagus fiber models`.")
@click.option("--diameter-um", type=Quantity(), required=True, help="Outer diameter.")
@click.option("--distance-um", type=Quantity(), required=True, help="From the point source to the fiber's middle node.")
@click.option("--sigma-s-per-m", type=Quantity(), required=True, help="Conductivity of the medium around.")
@click.option("--width-us", type=Quantity(), required=True, help="Width of the first phase.")
@_shape
@click.option("--anodic", is_flag=True, help="First phase positive; without it, cathodic.")
@click.option("--n-node", type=int, help="Nodes (sections of an unmyelinated fiber); default 41, or 3 mm.")
@click.option("--dt-us", type=Quantity(), help="Time step; default: the model's own (2.5 or 10 µs).")
@click.option(
    "--scheme",
    type=click.Choice(["second_order", "parity"]),
    default="second_order",
    show_default=True,
    help="Second order in time, or NEURON's fixed step.",
)
@json_option
def threshold(
    *, model: str, diameter_um: float, distance_um: float, sigma_s_per_m: float, width_us: float, shape: Shape,
    anodic: bool, n_node: int | None, dt_us: float | None, scheme: Literal["second_order", "parity"],
    as_json: bool,
) -> None:  # fmt: skip
    """Threshold of one straight fiber under a point source above its middle node.

    \b
    Example:  vagus fiber threshold --model mrg --diameter-um 10 --distance-um 500 \\
                --sigma-s-per-m 0.3 --width-us 100 --shape monophasic
    """
    from vagus.fiber import Fiber, membrane, threshold_ma
    from vagus.fiber.engine.batch import step_us
    from vagus.field import point_mv_per_ma

    data = membrane(model)
    count = n_node or (41 if data.kind == "myelinated" else 361)
    axon = Fiber.of(data, diameter_um=diameter_um, n_node=count)
    along_um = axon.z_um - axon.z_um[axon.node_index[count // 2]]
    field = point_mv_per_ma(0.0, distance_um, along_um, sigma_s_per_m=sigma_s_per_m)
    pulse = Pulse(
        amplitude_ma=1.0 if anodic else -1.0, width_us=width_us, shape=shape,
        recovery_ratio=0.25 if shape == "biphasic_asymmetric" else 1.0,
    )  # fmt: skip
    dt_us = step_us(axon, dt_us, min(phase.width_us for phase in pulse.phases))
    found_ma = float(threshold_ma([axon], [field], pulse, dt_us=dt_us, scheme=scheme)[0])
    # what people know from the literature was computed with NEURON's fixed step, at these steps
    peer_us = 5.0 if data.kind == "myelinated" else 10.0
    same = scheme == "parity" and dt_us == peer_us
    peer_ma = found_ma if same else float(threshold_ma([axon], [field], pulse, dt_us=peer_us, scheme="parity")[0])
    if as_json:
        emit_json(
            {
                "model": model, "diameter_um": diameter_um, "distance_um": distance_um, "sigma_s_per_m": sigma_s_per_m,
                "width_us": width_us, "shape": shape, "n_node": count, "dt_us": dt_us,
                "scheme": scheme, "ends_matter": axon.ends_matter(field),
                "threshold_ma": found_ma if math.isfinite(found_ma) else None, "rel_tol": 1e-3,
                "parity": {"dt_us": peer_us, "threshold_ma": peer_ma if math.isfinite(peer_ma) else None},
                "sources": data.sources,
            }
        )  # fmt: skip
        return
    click.echo(f"threshold  {found_ma:.5g} mA (first phase; to 0.1 %, at a step of {dt_us:g} µs)")
    click.echo(
        f"NEURON's   {peer_ma:.5g} mA with its fixed step of {peer_us:g} µs, the scheme of most published thresholds"
    )
    click.echo(f"fiber      {model}, {diameter_um:g} µm, {count} nodes, {axon.z_um[-1] / 1e3:.3g} mm")
    if axon.ends_matter(field):
        click.echo("caution    the field reaches the fiber's ends: take more nodes (--n-node)")
    click.echo(f"field      point source {distance_um:g} µm above the middle node, {sigma_s_per_m:g} S/m")


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
