"""`vagus fiber threshold`: of one fiber, or of as many as a table holds."""

from __future__ import annotations

import csv
import io
import math
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

import click

from vagus.cli.dose import Quantity
from vagus.cli.fiber.asked import Asked, build, read_fibers
from vagus.cli.output import emit_json, json_option, progress_line
from vagus.dose import Pulse, Shape
from vagus.errors import InputError, Problem

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vagus.fiber import Fiber

    FloatArray = NDArray[np.float64]


@click.command(short_help="Current at which fibers fire.")
@click.option("--model", help="Key of an axon model: see `vagus fiber models`.")
@click.option("--diameter-um", type=Quantity(), help="Outer diameter.")
@click.option("--distance-um", type=Quantity(), help="From the point source to the fiber's middle node.")
@click.option("--n-node", type=int, help="Nodes (sections of an unmyelinated fiber); default 41, or 3 mm.")
@click.option(
    "--fibers",
    "table",
    type=click.Path(path_type=Path),
    help="CSV of many fibers instead: model, diameter_um, distance_um; optional shift_um (of the source along the "
    "fiber), n_node.",
)
@click.option("--out", type=click.Path(path_type=Path), help="With --fibers: CSV to write; default: stdout.")
@click.option(
    "--keep", type=click.Path(path_type=Path), help="Folder for parts that are done: go on after an interrupt."
)
@click.option("--sigma-s-per-m", type=Quantity(), help="Conductivity of the medium around the point source.")
@click.option(
    "--potentials",
    type=click.Path(path_type=Path),
    help="Text file of a field solver instead of a point source: the fiber's first node lies where it begins.",
)
@click.option("--coordinates", type=click.Path(path_type=Path), help="Where the places stand in a file of their own.")
@click.option("--length-unit", type=click.Choice(["um", "mm", "m"]), help="Of the places in --potentials.")
@click.option("--potential-unit", type=click.Choice(["mV/mA", "V/A", "V/mA"]), help="Of --potentials.")
@click.option("--width-us", type=Quantity(), required=True, help="Width of the first phase.")
@click.option("--shape", type=click.Choice(get_args(Shape)), default="monophasic", show_default=True)
@click.option("--gap-us", type=Quantity(), default=0.0, show_default=True, help="Between the phases.")
@click.option("--recovery-ratio", type=float, default=0.25, show_default=True, help="Of an asymmetric shape.")
@click.option("--anodic", is_flag=True, help="First phase positive; without it, cathodic.")
@click.option("--interval", is_flag=True, help="Also the upper edge, where a virtual anode blocks the spike.")
@click.option("--limit-ma", type=Quantity(), help="Largest current that matters.")
@click.option("--temperature-degc", type=Quantity(), help="Default: the model's own.")
@click.option("--rel-tol", type=float, default=1e-3, show_default=True, help="Bracket at which the search ends.")
@click.option("--dt-us", type=Quantity(), help="Time step; default: the model's own (at most 2.5 or 10 µs).")
@click.option(
    "--scheme",
    type=click.Choice(["second_order", "parity"]),
    default="second_order",
    show_default=True,
    help="Second order in time, or NEURON's fixed step.",
)
@click.option("--threads", type=click.IntRange(min=1), help="Default: as many as there are cores.")
@json_option
def threshold(
    *, model: str | None, diameter_um: float | None, distance_um: float | None, n_node: int | None,
    table: Path | None, out: Path | None, keep: Path | None, sigma_s_per_m: float | None, potentials: Path | None,
    coordinates: Path | None, length_unit: Literal["um", "mm", "m"] | None,
    potential_unit: Literal["mV/mA", "V/A", "V/mA"] | None, width_us: float, shape: Shape, gap_us: float,
    recovery_ratio: float, anodic: bool, interval: bool, limit_ma: float | None, temperature_degc: float | None,
    rel_tol: float, dt_us: float | None, scheme: Literal["second_order", "parity"], threads: int | None, as_json: bool,
) -> None:  # fmt: skip
    """Current at which straight fibers fire, under a point source or in a field from a file.

    \b
    Example:  vagus fiber threshold --model mrg --diameter-um 10 --distance-um 500 \\
                --sigma-s-per-m 0.3 --width-us 100 --shape monophasic
              vagus fiber threshold --fibers nerve.csv --sigma-s-per-m 0.3 --width-us 250 \\
                --limit-ma 3.5 --keep parts --out thresholds.csv
    """
    pulse = Pulse(
        amplitude_ma=1.0 if anodic else -1.0, width_us=width_us, shape=shape, gap_us=gap_us,
        recovery_ratio=recovery_ratio if shape == "biphasic_asymmetric" else 1.0,
    )  # fmt: skip
    _check(
        {"--model": model, "--diameter-um": diameter_um, "--distance-um": distance_um, "--fibers": table, "--out": out,
         "--sigma-s-per-m": sigma_s_per_m, "--potentials": potentials, "--coordinates": coordinates,
         "--length-unit": length_unit, "--potential-unit": potential_unit, "--n-node": n_node, "--interval": interval,
         "--keep": keep, "--threads": threads}
    )  # fmt: skip
    asked = (
        read_fibers(table) if table else [Asked(model=model or "", diameter_um=diameter_um or 0.0,
                                            distance_um=distance_um or 0.0, n_node=n_node)]
    )  # fmt: skip
    built = build(asked, str(table) if table else "")
    if potentials is not None and length_unit is not None and potential_unit is not None:
        from vagus.files import read_potentials

        line = read_potentials(
            potentials, length_unit=length_unit, potential_unit=potential_unit, coordinates=coordinates
        )
        fields = [line.at(fiber.z_um + line.arc_um[0]) for fiber in built]
        told = f"{potentials}"
    else:
        fields = [one.field(fiber, sigma_s_per_m or 0.0) for one, fiber in zip(asked, built, strict=True)]
        told = f"point source {distance_um or 0.0:g} µm above the middle node, {sigma_s_per_m:g} S/m"
    settings = _Settings(
        pulse=pulse, limit_ma=limit_ma, temperature_degc=temperature_degc, rel_tol=rel_tol, dt_us=dt_us, scheme=scheme,
        threads=threads, keep=keep,
    )  # fmt: skip
    if table is not None:
        _many(asked, built, fields, settings, out=out, as_json=as_json)
    else:
        _one(asked[0], built[0], fields[0], settings, interval=interval, told=told, as_json=as_json)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Settings:
    pulse: Pulse
    limit_ma: float | None
    temperature_degc: float | None
    rel_tol: float
    dt_us: float | None
    scheme: Literal["second_order", "parity"]
    threads: int | None
    keep: Path | None

    def edges(self, fibers: list[Fiber], fields: list[FloatArray], *, told: str = "") -> FloatArray:
        """Onset, the current below, upper edge, the current above, of each fiber."""
        import warnings

        import numpy as np

        from vagus.errors import Caution
        from vagus.fiber import activation_interval
        from vagus.files import FolderStore

        show = progress_line()
        store = FolderStore.at(self.keep) if self.keep else None
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", Caution)  # said in words of the command
                found = activation_interval(
                    fibers, fields, self.pulse, dt_us=self.dt_us, scheme=self.scheme, rel_tol=self.rel_tol,
                    limit_ma=self.limit_ma, temperature_degc=self.temperature_degc, threads=self.threads,
                    progress=(lambda share: show(told, share)) if told else None,
                    store=store,
                )  # fmt: skip
        except KeyboardInterrupt:
            if self.keep is None:
                raise
            click.echo(
                f"stopped; finished parts are kept in {self.keep}: the same command goes on from there", err=True
            )
            sys.exit(130)
        return np.stack([found.onset_ma, found.below_ma, found.upper_ma, found.above_ma])


# what is asked for -> flags that it needs, and flags that do not go with it
_ONE = ("--model", "--diameter-um")
_FILE = ("--length-unit", "--potential-unit")
_RULES = {
    "--fibers": (
        ("--sigma-s-per-m",),
        (*_ONE, "--distance-um", "--n-node", "--interval", "--potentials", "--coordinates", *_FILE),
    ),
    "--potentials": ((*_ONE, *_FILE), ("--distance-um", "--sigma-s-per-m", "--out", "--keep", "--threads")),
    "a point source": (
        (*_ONE, "--distance-um", "--sigma-s-per-m"),
        ("--out", "--keep", "--threads", "--coordinates", *_FILE),
    ),
}


def _check(given: dict[str, object]) -> None:
    """One fiber or a table of them; a point source or a file."""
    has = {flag for flag, value in given.items() if value not in {None, False}}
    kind = next((one for one in ("--fibers", "--potentials") if one in has), "a point source")
    needs, strangers = _RULES[kind]
    problems = [
        Problem(what="missing", where=flag, found="nothing", allowed=f"what {kind} needs: {', '.join(needs)}")
        for flag in needs
        if flag not in has
    ] + [
        Problem(what=f"{flag} does not go with {kind}", where=flag, found="both", allowed="one of them")
        for flag in strangers
        if flag in has
    ]
    if problems:
        raise InputError(problems)


def _one(
    asked: Asked, axon: Fiber, field: FloatArray, settings: _Settings, *, interval: bool, told: str, as_json: bool
) -> None:
    import dataclasses

    from vagus.fiber import membrane
    from vagus.fiber.engine.batch import step_us

    data = membrane(asked.model)
    dt_us = step_us(axon, settings.dt_us, min(phase.width_us for phase in settings.pulse.phases))
    settings = dataclasses.replace(settings, dt_us=dt_us)
    edges = settings.edges([axon], [field])[:, 0].tolist() if interval else [_alone(axon, field, settings)]
    onset = edges[0]
    # what people know from the literature was computed with NEURON's fixed step, at these steps
    peer_us = 5.0 if data.kind == "myelinated" else 10.0
    peer = dataclasses.replace(settings, dt_us=min(peer_us, dt_us) if dt_us < peer_us / 2 else peer_us, scheme="parity")
    peer_ma = onset if peer == settings else _alone(axon, field, peer)
    ends = axon.ends_matter(field)
    if as_json:
        emit_json(
            {
                "model": asked.model, "diameter_um": asked.diameter_um, "distance_um": asked.distance_um,
                "width_us": settings.pulse.width_us, "shape": settings.pulse.shape, "n_node": axon.n_node,
                "dt_us": dt_us, "scheme": settings.scheme, "temperature_degc": settings.temperature_degc,
                "limit_ma": settings.limit_ma, "field": told, "ends_matter": ends,
                "threshold_ma": onset, **dict(zip(("below_ma", "upper_ma", "above_ma"), edges[1:], strict=False)),
                "rel_tol": settings.rel_tol,
                "parity": {"dt_us": peer.dt_us, "threshold_ma": peer_ma if math.isfinite(peer_ma) else None},
                "sources": data.sources,
            }
        )  # fmt: skip
        return
    if math.isfinite(onset):
        click.echo(
            f"threshold  {onset:.5g} mA (first phase; to {100 * settings.rel_tol:g} %, at a step of {dt_us:g} µs)"
        )
    else:
        click.echo(
            f"threshold  above {settings.limit_ma:g} mA" if settings.limit_ma else "threshold  none: it never fires"
        )
    if interval and math.isfinite(onset):
        upper, above = edges[2:]
        edge = f"a virtual anode blocks from {above:.5g} mA on" if math.isfinite(above) else "no block was met"
        click.echo(f"fires to   {upper:.5g} mA; {edge}")
    if math.isfinite(peer_ma):
        click.echo(
            f"NEURON's   {peer_ma:.5g} mA with its fixed step of {peer.dt_us:g} µs, the scheme of most published "
            "thresholds"
        )
    click.echo(f"fiber      {asked.model}, {asked.diameter_um:g} µm, {axon.n_node} nodes, {axon.z_um[-1] / 1e3:.3g} mm")
    if ends:
        click.echo("caution    the field drives the fiber's ends: take more nodes (--n-node)")
    click.echo(f"field      {told}")


def _alone(axon: Fiber, field: FloatArray, settings: _Settings) -> float:
    import warnings

    from vagus.errors import Caution
    from vagus.fiber import threshold_ma

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Caution)  # said in words of the command
        return float(
            threshold_ma(
                [axon], [field], settings.pulse, dt_us=settings.dt_us, scheme=settings.scheme,
                rel_tol=settings.rel_tol, limit_ma=settings.limit_ma, temperature_degc=settings.temperature_degc,
            )[0]
        )  # fmt: skip


def _many(
    asked: list[Asked], built: list[Fiber], fields: list[FloatArray], settings: _Settings, *, out: Path | None,
    as_json: bool,
) -> None:  # fmt: skip
    edges = settings.edges(built, fields, told=f"{len(built)} fibers")
    ends = [fiber.ends_matter(field) for fiber, field in zip(built, fields, strict=True)]
    columns = ("onset_ma", "below_ma", "upper_ma", "above_ma")
    rows = [
        {
            "model": one.model, "diameter_um": one.diameter_um, "distance_um": one.distance_um,
            "shift_um": one.shift_um, "n_node": fiber.n_node,
            **{name: float(edges[k, i]) for k, name in enumerate(columns)}, "ends_matter": end,
        }
        for i, (one, fiber, end) in enumerate(zip(asked, built, ends, strict=True))
    ]  # fmt: skip
    if as_json:
        emit_json({"fibers": rows})
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, rows[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows({k: f"{v:.6g}" if isinstance(v, float) else v for k, v in row.items()} for row in rows)
    if out is not None:
        part = out.with_name(out.name + ".part")
        try:
            part.write_text(text.getvalue(), encoding="utf-8")
            part.replace(out)
        except OSError as error:
            raise InputError(Problem(what="file cannot be written", where=str(out), found=str(error))) from error
    elif not as_json:
        click.echo(text.getvalue(), nl=False)
    fired = sum(math.isfinite(row["onset_ma"]) for row in rows)
    click.echo(
        f"{fired} of {len(rows)} fibers fire" + (f" up to {settings.limit_ma:g} mA" if settings.limit_ma else "")
        + (f"; the field drives the ends of {sum(ends)}" if any(ends) else ""), err=True
    )  # fmt: skip
