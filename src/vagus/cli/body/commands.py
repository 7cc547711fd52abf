"""`vagus response night` and `challenge`: what the body is expected to do outside a sitting."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from vagus.cli.body.prepared import prepared
from vagus.cli.output import emit_json, emit_table, json_option, seed_option

_NIGHT = (
    "A person's usual night in a model, without awakenings and without an interval: people and nights differ far more. "
    "What arousal does in it is declared, not measured in people. For research; not a medical device."
)


@click.command("night")
@click.option(
    "--bed-h", required=True, type=float, help="Clock time of going to bed, h: 23; 25 is 1:00 of the next day."
)
@click.option("--up-h", type=float, help="Clock time of getting up, h: 31 is 7:00; left out: when awake of oneself.")
@click.option("--arousal-pct", default=0.0, show_default=True, help="Drive of LC and DRN, % of full relative drive.")
@click.option(
    "--acts-h", nargs=2, default=(0.0, 24.0), show_default=True, help="From when to when it acts each day, h."
)
@json_option
def night(bed_h: float, up_h: float | None, arousal_pct: float, acts_h: tuple[float, float], as_json: bool) -> None:
    """Statistics of a usual night that the sleep-wake switch makes.

    \b
    Example:  vagus response night --bed-h 23 --up-h 31
              vagus response night --bed-h 23 --arousal-pct 300 --acts-h 23 31 --json
    """
    from vagus.response import predict_night
    from vagus.signal import sleep_statistics

    stages = predict_night(bed_h=bed_h, up_h=up_h, arousal_pct=arousal_pct, acts_h=acts_h)
    found = sleep_statistics(stages)
    if as_json:
        emit_json({"statistics": found, "epoch_s": stages.epoch_s, "stage": stages.stage, "caveat": _NIGHT})
        return
    latency = "none" if found.onset_latency_min is None else f"{found.onset_latency_min:g} min"
    rows = [
        ("time in bed", f"{found.time_in_bed_min:g} min"),
        ("total sleep", f"{found.total_sleep_min:g} min"),
        ("latency to sleep", latency),
        ("efficiency", f"{found.efficiency_pct:.1f} %"),
    ]
    emit_table(["night", "predicted"], rows)
    click.echo(_NIGHT)


@click.command("challenge", short_help="Cytokines after a challenge.")
@click.argument("course", type=click.Path(path_type=Path))
@click.option("--species", type=click.Choice(["human", "rat"]), required=True, help="No default: they are kept apart.")
@seed_option
@json_option
def challenge_command(course: Path, species: Literal["human", "rat"], seed: int, as_json: bool) -> None:
    """TNF, IL-6 and IL-10 after an endotoxin challenge that follows a sitting of a course, with 90 % interval.

    \b
    Example:  vagus response challenge examples/ivns-trd --species human
    """
    import numpy as np

    from vagus.response import challenge, challenge_peaks

    rng = np.random.default_rng(seed)
    found, fibers, _ = prepared(course, species, rng)
    of_course, of_peaks = rng.spawn(2)
    result = challenge(fibers, found.protocol, species=species, rng=of_course)
    peaks = challenge_peaks(fibers, found.protocol, species=species, rng=of_peaks)
    if as_json:
        emit_json({"seed": seed, "response": result, "peaks": peaks})
        return
    rows: list[tuple[str, ...]] = []
    for state in result.states:
        at, peak = float(state.t[state.median.argmax()]), peaks[state.key]
        told = f"{peak.estimate:.0f} ({peak.low:.0f} to {peak.high:.0f})"
        of_animals = "from animals" if state.carried_over else ""
        rows.append((state.label, f"peak, about {at:g} {state.t_unit}", told, peak.unit, of_animals))
    emit_table(["state", "when", f"median ({100 * result.level:g} % interval)", "unit", "constants"], rows)
    click.echo()
    click.echo(result.caveat)
