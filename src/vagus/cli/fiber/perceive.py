"""`vagus fiber perceive`: the current at the ear that is first felt."""

from __future__ import annotations

from typing import get_args

import click

from vagus.cli.dose import Quantity
from vagus.cli.output import emit_json, emit_table, json_option, progress_line, seed_option
from vagus.dose import Pulse, Shape, device_of, montage


@click.command(short_help="Current first felt at the ear.")
@click.option("--device", required=True, help="Key of a device: see `vagus dose devices`.")
@click.option("--site", required=True, help="Site at the ear, as cymba_left or tragus_right.")
@click.option("--width-us", type=Quantity(), required=True, help="Width of the first phase.")
@click.option("--shape", type=click.Choice(get_args(Shape)), default="biphasic_symmetric", show_default=True)
@click.option("--recovery-ratio", type=float, default=0.25, show_default=True, help="Of an asymmetric shape.")
@click.option("--area-mm2", type=Quantity(), help="Area of each contact, where it was measured.")
@click.option("--draws", type=click.IntRange(min=20), default=200, show_default=True, help="Ears that are drawn.")
@seed_option
@json_option
def perceive(
    *, device: str, site: str, width_us: float, shape: Shape, recovery_ratio: float, area_mm2: float | None, draws: int,
    seed: int, as_json: bool,
) -> None:  # fmt: skip
    """Current at the ear at which a pulse is first felt, with a 90 % interval over drawn ears.

    \b
    Example:  vagus fiber perceive --device tvnsr --site cymba_left --width-us 250 --seed 1
    """
    import numpy as np

    from vagus.fiber import perceive as felt_current

    pulse = Pulse(
        amplitude_ma=1.0, width_us=width_us, shape=shape,
        recovery_ratio=recovery_ratio if shape == "biphasic_asymmetric" else 1.0,
    )  # fmt: skip
    contacts = montage(device_of(device), site, area_mm2=area_mm2)
    show = progress_line()
    found = felt_current(
        contacts, pulse, rng=np.random.default_rng(seed), n_draws=draws, progress=lambda share: show("ears", share)
    )
    effect = found.current_ma
    if as_json:
        told = ("site", "current_ma", "draws_ma", "criterion_pct", "n_fibers", "caveat")
        emit_json({"seed": seed} | {name: getattr(found, name) for name in told})
        return
    emit_table(
        ("site", "first felt at", "90 % interval", "criterion"),
        [(found.site, f"{effect.estimate:.2g} mA", f"{effect.low:.2g} to {effect.high:.2g} mA",
          f"{found.criterion_pct:g} % of the Aβ fibers that end there")],
    )  # fmt: skip
    click.echo(f"\nmethod: {effect.method}\ncaveat: {found.caveat}\ncontacts: {contacts.note}\nseed: {seed}")
