"""`vagus response`: what brain and heart are expected to do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from vagus.cli.body.commands import challenge_command, night
from vagus.cli.body.prepared import prepared
from vagus.cli.output import emit_json, emit_table, json_option, progress_line, seed_option

if TYPE_CHECKING:
    from vagus.course import Personal
    from vagus.response import Response, ResponseCheck, State, TargetCheck


@click.group()
def response() -> None:
    """What brain and heart are expected to do, as intervals.

    \b
    Example:  vagus response run examples/tavns-depression --species human
    """


response.add_command(challenge_command)
response.add_command(night)


@response.command("run", short_help="States for the protocol of a course.")
@click.argument("course", type=click.Path(path_type=Path))
@click.option(
    "--species",
    type=click.Choice(["human", "rat"]),
    required=True,
    help="human: relative drive, never an amount of norepinephrine or serotonin. rat: cervical sites, 0 to 1 mA only.",
)
@seed_option
@click.option("--draws", "n_draws", default=200, show_default=True, type=click.IntRange(20, 5_000), help="Draws.")
@json_option
def run(course: Path, species: Literal["human", "rat"], seed: int, n_draws: int, as_json: bool) -> None:
    """States of brain and heart for the protocol of a course folder: median and 90 % interval.

    \b
    Example:  vagus response run examples/tavns-depression --species human
              vagus response run examples/ivns-trd --species human --seed 7 --json
    """
    import numpy as np

    from vagus.response import at_end, respond

    rng = np.random.default_rng(seed)
    found, recruitment, person = prepared(course, species, rng)
    result = respond(
        recruitment, found.protocol, species=species, rng=rng, n_draws=n_draws,
        rest_hr_bpm=person.rest_hr_bpm if person else None,
        breath_rate_per_min=person.breath_rate_per_min if person else None,
        measured=person.measured if person else (),
    )  # fmt: skip
    if as_json:
        ends = [
            {"key": state.key, "time_scale": _scale(state), "at_end": at_end(state, found.protocol)}
            for state in result.states
        ]
        emit_json({"seed": seed, "at_end": ends, "person": person, "response": result})
        return
    rows: list[tuple[str, str, str, str, str]] = []
    for state in result.states:
        end = at_end(state, found.protocol)
        rows.append(
            (
                state.label,
                _when(state),
                f"{_number(end.estimate)} ({_number(end.low)} to {_number(end.high)})",
                state.unit,
                "EXTRAPOLATED" if state.beyond else "from animals" if state.carried_over else "",
            )
        )
    _write(result, rows, person)


def _number(value: float) -> str:
    return f"{round(value, 3) + 0.0:.3f}"  # + 0.0: no "-0.000"


def _scale(state: State) -> str:
    return "weeks" if state.t_unit == "d" else "sitting"


def _when(state: State) -> str:
    end = f"{state.t[-1]:.3g} {state.t_unit}"
    return f"end of {end}" if state.t_unit == "d" else f"last ON within {end}"


def _write(result: Response, rows: list[tuple[str, str, str, str, str]], person: Personal | None) -> None:
    emit_table(["state", "when", f"median ({100 * result.level:g} % interval)", "unit", "constants"], rows)
    click.echo()
    told = [*(person.notes if person else ()), *([result.weighing.text] if result.weighing else [])]
    for sentence in told:
        click.echo(sentence)
    click.echo(result.caveat)


@response.command("validate", short_help="Published findings beside the model.")
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
        emit_json(
            {"seed": seed, "calibrated": calibrated, "held_out": held, "held_out_scores": found.held_out,
             "rows": found.rows}
        )  # fmt: skip
    else:
        _write_checks(found)
    if calibrated[0] < calibrated[1]:
        raise SystemExit(1)


def _write_checks(found: ResponseCheck) -> None:
    cells = [
        (
            row.use.replace("_", " "), row.key, row.text, "" if row.published is None else f"{row.published:g}",
            "not in the model" if row.median is None else f"{row.median:.3g} ({row.low:.3g} to {row.high:.3g})",
            row.unit, row.expects, "yes" if row.met else "NO",
        )
        for row in found.rows
    ]  # fmt: skip
    emit_table(["use", "finding", "what", "published", "model (90 %)", "unit", "expects", "met"], cells)
    scored = [row for row in found.rows if row.ci_low is not None]
    click.echo("\nHeld-out rows with a published interval (interval score: low is good):")
    emit_table(
        ["finding", "published (95 %)", "model (90 %)", "score", "width ratio", "pooled mean (90 %)", "score"],
        [
            (
                row.key, f"{row.published:g} ({row.ci_low:g} to {row.ci_high:g})", _interval(row.low, row.high),
                _plain(row.score), _plain(row.width_ratio), _interval(row.baseline_low, row.baseline_high),
                _plain(row.baseline_score),
            )
            for row in scored
        ],
    )  # fmt: skip
    click.echo("\nWhat makes the width (share of the variance; declared: no data behind it):")
    emit_table(["finding", "most of it"], [(row.key, _width_parts(row)) for row in scored])
    calibrated, held = found.share_met("calibrated"), found.held_out
    covered, beats, narrow = ("reached" if one else "NOT reached" for one in held.reached)
    click.echo(f"\ncalibrated: {calibrated[0]} of {calibrated[1]} met")
    click.echo(
        f"held out: {held.n_met} of {held.n} met, {held.n_met_modeled} of the {held.n_modeled} in the model "
        f"(asked: 80 %): {covered}"
    )
    click.echo(
        f"interval score over {held.n_scored}: {_plain(held.score)}, pooled mean {_plain(held.baseline_score)} "
        f"(asked: lower): {beats}"
    )
    click.echo(f"median width ratio of {held.n_ratio}: {_plain(held.width_ratio)} (asked: at most 3): {narrow}")
    click.echo("up: interval above 0; little: below 25 % of the standard dose; same: within 25 % of it; half: within")
    click.echo("50 % of the number; inside: the number in the interval. What is not in the model counts as not met.")


def _width_parts(row: TargetCheck) -> str:
    parts = [
        (share.key, share.origin, round(share.variance_pct)) for share in row.parts if share.variance_pct >= _LEAST_PCT
    ]
    rest = max(0, 100 - sum(pct for *_, pct in parts))
    told = [f"{key}{f' ({origin})' if origin else ''} {pct} %" for key, origin, pct in parts]
    return ", ".join([*told, f"all else {rest} %"])


_LEAST_PCT = 3.0


def _interval(low: float | None, high: float | None) -> str:
    return "-" if low is None or high is None else f"{low:.3g} to {high:.3g}"


def _plain(value: float | None) -> str:
    return "-" if value is None else f"{value:.3g}"


@response.command("sensitivity", short_help="What makes the width of an interval.")
@click.argument("course", type=click.Path(path_type=Path))
@click.option("--species", type=click.Choice(["human", "rat"]), required=True, help="As in `vagus response run`.")
@click.option("--state", default="drn", show_default=True, help="Key of a state of `vagus response run --json`.")
@click.option("--sitting", is_flag=True, help="The state within the first sitting, not over the weeks.")
@seed_option
@click.option("--draws", "n_draws", default=2000, show_default=True, type=click.IntRange(1000, 5_000), help="Draws.")
@json_option
def sensitivity_command(
    *, course: Path, species: Literal["human", "rat"], state: str, sitting: bool, seed: int, n_draws: int, as_json: bool
) -> None:
    """Which constant makes the width of a state's interval: its share of the variance, and the width it would leave.

    \b
    Example:  vagus response sensitivity examples/tavns-depression --species human
              vagus response sensitivity examples/ivns-trd --species human --state lc --sitting --json
    """
    import numpy as np

    from vagus.response import sensitivity

    rng = np.random.default_rng(seed)
    found, recruitment, _ = prepared(course, species, rng)
    told = sensitivity(
        recruitment, found.protocol, species=species, rng=rng, state=state, slow=not sitting, n_draws=n_draws
    )
    if as_json:
        emit_json({"seed": seed, "sensitivity": told})
        return
    emit_table(
        ["constant", "share of the variance, %", "width left, %"],
        [(one.key, f"{one.variance_pct:.0f}", f"{one.width_left_pct:.0f}") for one in told.shares],
    )
    click.echo(
        f"\n{told.label} at {told.at:.3g} {told.t_unit}: 90 % interval {told.width:.3g} wide, {told.unit}; "
        f"{told.unexplained_pct:.0f} % of the variance is no constant's alone. {told.n_draws} draws."
    )
