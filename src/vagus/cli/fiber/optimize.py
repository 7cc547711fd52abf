"""`vagus fiber optimize`: weights, polarity, width and shape for an aim, within the limits of a dose."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vagus.cli.fiber.nerve_asked import AskedNerve, nerve_options
from vagus.cli.output import check_targets, emit_json, emit_table, json_option, progress_line, seed_option, write_files
from vagus.cli.rows import check_pictures, picture_bytes
from vagus.dose import Protocol, Pulse, Train, device_of
from vagus.errors import InputError, Problem

if TYPE_CHECKING:
    from vagus.fiber.optimize.aim import Least


@click.command(short_help="Settings that reach an aim.")
@nerve_options()
@click.option("--wanted", required=True, help="Class that shall fire, as a_beta; its fascicle after a colon: a_beta:2.")
@click.option("--wanted-pct", type=float, default=50.0, show_default=True, help="How many of it.")
@click.option("--spared", help="Class that shall not fire, as b or b:1.")
@click.option("--least", type=click.Choice(["spared", "charge"]), default="spared", show_default=True)
@click.option("--device", default="livanova_sentiva", show_default=True, help="Whose widths, shapes and limits hold.")
@click.option("--site", default="cervical_left", show_default=True)
@click.option("--rate-hz", type=float, default=20.0, show_default=True)
@click.option("--on-s", type=float, default=30.0, show_default=True)
@click.option("--off-s", type=float, default=300.0, show_default=True)
@click.option("--tries", type=click.IntRange(min=1), default=60, show_default=True, help="About how many settings.")
@click.option("-o", "--out", "target", type=click.Path(path_type=Path), help="An .svg or .png of the Pareto set.")
@seed_option
@json_option
def optimize(
    *, asked: AskedNerve | None, wanted: str, wanted_pct: float, spared: str | None, least: Least, device: str,
    site: str, rate_hz: float, on_s: float, off_s: float, tries: int, target: Path | None, seed: int, as_json: bool,
) -> None:  # fmt: skip
    """Contact weights, polarity, width and shape that reach a share of some fibers with the least of what is named.

    Settings that a limit of the dose refuses are never returned; the best one is shown with its judgement.

    \b
    Example:  vagus fiber optimize --nerve human --fibers a_beta=5,b=5 --wanted a_beta --spared b --seed 1
    """
    import numpy as np

    from vagus.fiber.optimize.aim import Aim
    from vagus.fiber.optimize.search import optimize as search

    if asked is None:
        raise InputError(Problem(what="whose nerve?", allowed="--nerve human, pig, rat, or a file of contours"))
    if target is not None:
        check_pictures({"-o": target})
        check_targets([target])
    key, _, fascicle = wanted.partition(":")
    spared_key, _, spared_fascicle = (spared or "").partition(":")
    aim = Aim(
        wanted=key, wanted_pct=wanted_pct, wanted_fascicle=fascicle or None, spared=spared_key or None,
        spared_fascicle=spared_fascicle or None, least=least,
    )  # fmt: skip
    pulse = Pulse(amplitude_ma=-1.0, width_us=250.0, shape="biphasic_symmetric")
    protocol = Protocol(
        train=Train(pulse=pulse, rate_hz=rate_hz), on_s=on_s, off_s=off_s, sitting_min=1440,
        start=datetime.date(2026, 1, 1), weeks=52,
    )  # fmt: skip
    rng = np.random.default_rng(seed)
    anatomy = asked.draw(rng)
    fibers = asked.place(anatomy.nerve, rng)
    show = progress_line()
    field = anatomy.solve(progress=lambda share: show("field", share))
    found = search(
        anatomy.nerve, fibers, field, aim, protocol=protocol, device=device_of(device), site=site, rng=rng,
        n_tries=tries, progress=lambda share: show("settings", share),
    )  # fmt: skip
    if target is not None:
        from vagus.report.figures.nerve import pareto
        from vagus.report.picture import stacked

        drawn = pareto(found, key="f", width_px=480.0)
        write_files({target: picture_bytes(target, stacked([drawn], name=aim.text, width_px=480.0, key="p"))})
    if as_json:
        emit_json({
            "aim": aim, "best": found.best, "pareto": found.pareto, "n_tried": found.n_tried, "n_short": found.n_short,
            "n_refused": found.n_refused, "method": found.method, "seed": seed,
        })  # fmt: skip
        return
    rows = [
        ("best" if one is found.best else "", f"{abs(one.pulse.amplitude_ma):g} mA", f"{one.pulse.width_us:g} µs",
         one.pulse.shape, ", ".join(f"{w:g}" for w in one.weights), f"{one.charge_uc:.3g} µC",
         f"{one.wanted_pct:.0f} %", f"{one.spared_pct:.0f} %", one.judgement.state)
        for one in found.pareto
    ]  # fmt: skip
    emit_table(("", "current", "width", "shape", "weights", "charge", "wanted", "to spare", "limits"), rows)
    click.echo(
        f"\naim: {aim.text}\n{found.n_tried} settings tried, {found.n_short} too weak, {found.n_refused} refused by a "
        f"limit\nmethod: {found.method}\n{asked.caveat}\nseed: {seed}"
    )
