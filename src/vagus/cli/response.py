"""`vagus response`: what brain and heart are expected to do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from vagus.cli.body.commands import challenge_command, night
from vagus.cli.output import emit_json, emit_table, json_option, progress_line, seed_option

if TYPE_CHECKING:
    from vagus.response import Response, State


@click.group()
def response() -> None:
    """What brain and heart are expected to do, as intervals.

    \b
    Example:  vagus response run examples/tavns-depression --species human
    """


response.add_command(challenge_command)
response.add_command(night)


@response.command("run")
@click.argument("course", type=click.Path(path_type=Path))
@click.option(
    "--species",
    type=click.Choice(["human", "rat"]),
    required=True,
    help="human: relative drive, never an amount of norepinephrine or serotonin. rat: cervical sites, 0 to 1 mA only.",
)
@seed_option
@click.option("--draws", "n_draws", default=200, show_default=True, type=click.IntRange(min=20), help="Draws.")
@json_option
def run(course: Path, species: Literal["human", "rat"], seed: int, n_draws: int, as_json: bool) -> None:
    """States of brain and heart for the protocol of a course folder: median and 90 % interval.

    \b
    Example:  vagus response run examples/tavns-depression --species human
              vagus response run examples/ivns-trd --species human --seed 7 --json
    """
    import numpy as np

    from vagus.dose import device_of, montage
    from vagus.fiber import recruit
    from vagus.files import read_course
    from vagus.response import at_end, check_covered, respond

    found = read_course(course)
    pulse = found.protocol.train.pulse
    check_covered(species, site=found.device_use.site, current_ma=abs(pulse.amplitude_ma))
    rng = np.random.default_rng(seed)
    show = progress_line()
    contacts = montage(device_of(found.device_use.device), found.device_use.site)
    recruitment = recruit(contacts, pulse, rng=rng, progress=lambda share: show("which fibers fire", share))
    result = respond(recruitment, found.protocol, species=species, rng=rng, n_draws=n_draws)
    if as_json:
        ends = [
            {"key": state.key, "time_scale": _scale(state), "at_end": at_end(state, found.protocol)}
            for state in result.states
        ]
        emit_json({"seed": seed, "at_end": ends, "response": result})
        return
    rows: list[tuple[str, str, str, str]] = []
    for state in result.states:
        end = at_end(state, found.protocol)
        rows.append(
            (
                state.label,
                _when(state),
                f"{_number(end.estimate)} ({_number(end.low)} to {_number(end.high)})",
                state.unit,
            )
        )
    _write(result, rows)


def _number(value: float) -> str:
    return f"{round(value, 3) + 0.0:.3f}"  # + 0.0: no "-0.000"


def _scale(state: State) -> str:
    return "weeks" if state.t_unit == "d" else "sitting"


def _when(state: State) -> str:
    end = f"{state.t[-1]:.3g} {state.t_unit}"
    return f"end of {end}" if state.t_unit == "d" else f"last ON within {end}"


def _write(result: Response, rows: list[tuple[str, str, str, str]]) -> None:
    emit_table(["state", "when", f"median ({100 * result.level:g} % interval)", "unit"], rows)
    click.echo()
    click.echo(result.caveat)


@response.command("validate")
@seed_option
@json_option
def validate(seed: int, as_json: bool) -> None:
    """Published findings beside the model's interval; exit code 1 if one that calibrated it is not met.

    \b
    Example:  vagus response validate
              vagus response validate --json
    """
    from vagus.response import validate_response

    show = progress_line()
    found = validate_response(seed=seed, progress=lambda share: show("findings", share))
    held, calibrated = found.share_met("held_out"), found.share_met("calibrated")
    if as_json:
        emit_json({"seed": seed, "calibrated": calibrated, "held_out": held, "rows": found.rows})
    else:
        cells = [
            (
                row.use.replace("_", " "),
                row.key,
                row.text,
                "" if row.published is None else f"{row.published:g}",
                "not in the model" if row.median is None else f"{row.median:.3g} ({row.low:.3g} to {row.high:.3g})",
                row.unit,
                row.expects,
                "yes" if row.met else "NO",
            )
            for row in found.rows
        ]
        emit_table(["use", "finding", "what", "published", "model (90 %)", "unit", "expects", "met"], cells)
        click.echo()
        click.echo(f"calibrated: {calibrated[0]} of {calibrated[1]} met; held out: {held[0]} of {held[1]} met")
        click.echo(
            "up: interval above 0; little: below 25 % of the standard dose; same: within 25 % of it; half: within"
        )
        click.echo(
            "50 % of the number; inside: the number in the interval. What is not in the model counts as not met."
        )
    if calibrated[0] < calibrated[1]:
        raise SystemExit(1)
