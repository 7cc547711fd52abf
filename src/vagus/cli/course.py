"""`vagus course`: start a course folder, check it, show what was read, and what to expect."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from vagus.cli import DONE, FINDINGS, REFUSED
from vagus.cli.first import first_of, look, refusal, say_first
from vagus.cli.output import check_targets, emit_json, emit_table, json_option, seed_option, write_files
from vagus.cli.rows import check_pictures, check_table, picture_bytes, table_bytes, table_option
from vagus.errors import DoseRefused, InputError, Problem

if TYPE_CHECKING:
    from vagus.course import Course
    from vagus.dose import Judgement
    from vagus.outcome.forecast import Forecast

_directory = click.argument("directory", type=click.Path(path_type=Path))


@click.group()
def course() -> None:
    """A course of treatment is a folder: course.toml and, beside it, scores, sittings, events and recordings.

    \b
    Example:  vagus course new my-course
              vagus course check my-course
              vagus course show my-course --json
    """


@course.command(short_help="A commented folder to begin with.")
@_directory
def new(directory: Path) -> None:
    """Write a commented course folder that reports at once; nothing is overwritten.

    \b
    Example:  vagus course new my-course
    """
    from vagus.files import new_course

    new_course(directory)
    click.echo(f"written: {directory / 'course.toml'} and, beside it, scores.csv, sittings.csv, events.csv, recordings")
    click.echo(f"next:    edit them, then  vagus course check {directory}  and  vagus report {directory}")


@course.command(short_help="All files, dose and notices checked.")
@_directory
@json_option
def check(directory: Path, as_json: bool) -> int:
    """Check all files of a course, its dose as prescribed, its sittings as delivered and its recordings.

    Safety notices come first, on stderr, also where a file is broken. Exit code 1: readable, with findings, the same as
    of a report; 2: refused, with every problem.

    \b
    Example:  vagus course check examples/tavns-depression
    """
    from vagus.course import course_findings, delivered_excesses, recording_findings
    from vagus.report import notices_json, why_findings

    first = None
    try:
        found, judgement = _read(directory)
        first = first_of(found)
        findings = (*course_findings(found), *recording_findings(found))
    except (InputError, DoseRefused) as error:
        first = look(directory) if first is None else first
        say_first(first)
        if not as_json:
            raise
        told = refusal(first, error)
        emit_json({**told, "ok": False, "problems": told["errors"], "warned": (), "findings": (), "missing": ()})
        return REFUSED
    say_first(first)
    why = why_findings(judgement, delivered_excesses(found), findings, found.plans)
    if as_json:
        emit_json(
            {
                "notices": notices_json(first.notices, first.findings),
                "contact": first.contact,
                "ok": not why,
                "refused": (),
                "errors": (),
                "problems": (),
                "warned": judgement.warned,
                "findings": findings,
                "missing": found.missing,
            }
        )
        return FINDINGS if why else DONE
    aside = first.notices or why
    click.echo(f"{directory}: {'the files can be read, but look at this first' if aside else 'nothing is wrong'}")
    for notice in first.notices:
        click.echo(f"  {notice.level.upper()}: {notice.answered}")
    for limit in judgement.warned:
        click.echo(f"  WARNED: {limit}")
    for finding in findings:
        click.echo(f"  {f'{finding.level.upper()}: ' if finding.grave else ''}{finding}")
    for sentence in found.missing:
        click.echo(f"  {sentence}")
    return FINDINGS if why else DONE


@course.command(short_help="What was read from a folder.")
@_directory
@json_option
def show(directory: Path, as_json: bool) -> None:
    """Show what was read from a course folder.

    \b
    Example:  vagus course show examples/tavns-depression
    """
    found, judgement = _read_aloud(directory)
    if as_json:
        emit_json(_plain(found))
        return
    protocol, pulse = found.protocol, found.protocol.train.pulse
    lines = [
        ("course", found.about.title or found.name),
        ("person", f"{found.person.id}, {found.person.diagnosis}"),
        ("device", f"{found.device_use.device}, {found.device_use.site}, arm {found.device_use.arm}"),
        ("pulse", f"{pulse.amplitude_ma:g} mA, {pulse.width_us:g} µs, {protocol.train.rate_hz:g} Hz, {pulse.shape}"),
        ("cycle", f"{protocol.on_s:g} s on, {protocol.off_s:g} s off, duty {protocol.duty_pct:.3g} %"),
        ("sitting", f"{protocol.sitting_min:g} min, {protocol.sittings_per_day:g} a day"),
        (
            "schedule",
            f"{protocol.start} to {protocol.end} ({protocol.weeks:g} weeks, {protocol.days_per_week:g} d/week)",
        ),
        ("dose", f"{judgement.state}: {len(judgement.limits)} limits, {len(judgement.warned)} warned"),
        ("recordings", ", ".join(plan.file for plan in found.plans) or "none"),
        ("scores", f"{len(found.answers)} rows"),
        ("sittings", f"{len(found.sittings)} rows"),
        ("events", f"{len(found.events)} rows"),
    ]
    emit_table(["what", "read"], lines)
    for sentence in found.missing:
        click.echo(sentence)


@course.command(short_help="What the models use of this person.")
@_directory
@seed_option
@json_option
def person(directory: Path, seed: int, as_json: bool) -> None:
    """What the models use of this person: where the current is felt, the heart at rest, changes measured in sittings.

    \b
    Example:  vagus course person examples/tavns-depression
    """
    import numpy as np

    from vagus.course import personalize, segment_tones

    found, _ = _read_aloud(directory)
    told = personalize(found, tones=segment_tones(found, rng=np.random.default_rng(seed), findings=[]))
    if as_json:
        emit_json({"seed": seed, "person": told})
        return
    rows = [
        ("felt from", told.perception_ma, "mA"), ("mean RR at rest", told.rest_mean_rr_ms, "ms"),
        ("RMSSD at rest", told.rest_rmssd_ms, "ms"), ("heart rate at rest", told.rest_hr_bpm, "bpm"),
        ("breathing rate at rest", told.breath_rate_per_min, "1/min"),
    ]  # fmt: skip
    lines = [(what, "not known" if value is None else f"{value:.3g} {unit}") for what, value, unit in rows]
    lines += [(f"change in {one.text}", f"{one.value:+.2g} bpm, error {one.sd:.2g} bpm") for one in told.measured]
    emit_table(["what", "of this person"], lines)
    for sentence in told.notes:
        click.echo(sentence)


@course.command(short_help="What to expect at a week.")
@_directory
@click.option("--weeks", type=click.FloatRange(min=0, min_open=True), help="Weeks after the start; default: the end.")
@click.option("--instrument", help="Key of the instrument to be foretold; default: of the diagnosis.")
@click.option("--rows", type=click.Path(path_type=Path), help="CSV of trials of your own, columns of the table trials.")
@click.option("--recalled", is_flag=True, help="Take cells that were recalled and not read as well, marked.")
@click.option("--picture", type=click.Path(path_type=Path), help="Write the pictures to this .svg or .png.")
@seed_option
@table_option
@json_option
def forecast(
    *,
    directory: Path,
    weeks: float | None,
    instrument: str | None,
    rows: Path | None,
    recalled: bool,
    picture: Path | None,
    seed: int,
    output: Path | None,
    as_json: bool,
) -> None:
    """What to expect at a week: rates by arm from trials, and this person's chances, active and sham side by side.

    No probability is told for the person while a safety notice is open, or with fewer than three sham-controlled trials
    that tell the rate of both arms; the reason is named and the rates of arms stand all the same. For clinicians and
    research; nothing in it asks for a change of treatment.

    \b
    Example:  vagus course forecast examples/ivns-trd --weeks 52
              vagus course forecast my-course --rows trials.csv --picture ahead.svg -o forecast.csv
    """
    import numpy as np

    from vagus.course import forecast as foretell
    from vagus.files.sheets.trial_rows import read_trials

    targets = [*check_table(output), *check_pictures({"--picture": picture})]
    check_targets(targets, also=[rows] if rows else [])
    found, _ = _read_aloud(directory)
    more = read_trials(rows) if rows else ()
    rng = np.random.default_rng(seed)
    told = foretell(found, weeks, rng=rng, instrument=instrument, more=more, recalled=recalled)
    files: dict[Path, bytes] = {}
    if output is not None:
        files[output] = _forecast_table(output, told)
    if picture is not None:
        files[picture] = _forecast_picture(picture, found, told)
    if as_json:
        emit_json({"seed": seed, **{name: getattr(told, name) for name in _FORECAST}})
    else:
        _say_forecast(told)
    if files:
        write_files(files)


_FORECAST = (
    "text", "abstained", "horizon_weeks", "indication", "route", "instrument", "chances", "bands", "rates",
    "sham_controlled", "silent", "changes", "counts", "excluded", "held", "caveat", "sources",
)  # fmt: skip


def _say_forecast(told: Forecast) -> None:
    click.echo(told.text + "\n")
    rows = [
        (one.study_id, one.event, one.arm, f"{one.at_weeks:g}", f"{one.n_event} of {one.n_people}", f"{one.pct:.0f} %",
         "" if one.verified else "unverified")
        for one in told.counts
    ]  # fmt: skip
    if rows:
        emit_table(["row", "event", "arm", "week", "people", "rate", ""], rows)
    for one in told.excluded:
        click.echo(f"    gave no response rate: {one.study_id}: {one.why}")
    if told.changes:
        click.echo("\nMean changes as published:")
        for one in told.changes:
            click.echo(f"    {one.text}")
    click.echo("\nHow often such intervals held:")
    for held in told.held:
        click.echo(f"    {held.text}")
    click.echo(f"\n{told.caveat}")


def _forecast_table(path: Path, told: Forecast) -> bytes:
    """One row a rate or chance: what, arm, event, week, middle and ends of both intervals."""
    ends = ("low_90_pct", "low_50_pct", "high_50_pct", "high_90_pct")
    rows = [
        {"what": "rate in a further trial", "arm": one.arm, "event": one.event, "at_weeks": one.at_weeks,
         "middle_pct": one.median_pct, **{end: getattr(one, end) for end in ends}, "n_trials": one.n_trials}
        for one in told.rates
    ]  # fmt: skip
    rows += [
        {"what": "chance of this person", "arm": one.arm, "event": one.event, "at_weeks": told.horizon_weeks,
         "middle_pct": one.chance_pct, **{end: getattr(one, end) for end in ends}}
        for one in told.chances
    ]  # fmt: skip
    return table_bytes(path, ["what", "arm", "event", "at_weeks", "middle_pct", *ends, "n_trials"], rows)


def _forecast_picture(path: Path, found: Course, told: Forecast) -> bytes:
    from vagus.outcome import instruments, score
    from vagus.report.figures.forecast import rates, totals_ahead
    from vagus.report.picture import stacked

    drawn: list[str] = []
    if told.bands:
        scores = [score(one) for one in found.answers if one.instrument == told.instrument]
        of, start = instruments()[told.instrument], found.protocol.start
        drawn += [
            totals_ahead(band, of, scores, start=start, key=f"ahead-{band.arm}", width_px=720) for band in told.bands
        ]
    drawn += [
        rates([rate for rate in told.rates if rate.event == event], key=f"rates-{event}", width_px=720)
        for event in dict.fromkeys(rate.event for rate in told.rates)
    ]
    if not drawn:
        problem = Problem(what="there is nothing to draw", where=f"--picture {path}", found=told.text)
        raise InputError(problem)
    return picture_bytes(path, stacked(drawn, name="What to expect", width_px=720, key="vagus"))


def _read_aloud(directory: Path) -> tuple[Course, Judgement]:
    """As `_read`; safety notices are told first, also where a file is broken."""
    try:
        found, judgement = _read(directory)
    except (InputError, DoseRefused):
        say_first(look(directory))
        raise
    say_first(first_of(found))
    return found, judgement


def _read(directory: Path) -> tuple[Course, Judgement]:
    """Course and judgement of its dose.

    Raises
    ------
    InputError
        Something in the files is wrong.
    DoseRefused
        A hard limit is exceeded.
    """
    from vagus.course import refusals
    from vagus.dose import device_of, judge
    from vagus.files import read_course

    found = read_course(directory)
    use = found.device_use
    judgement = judge(found.protocol, device_of(use.device), use.site, arm=use.arm, conditions=found.person.conditions)
    if judgement.refused:
        raise DoseRefused(refusals(judgement, found.places))
    return found, judgement


def _plain(found: Course) -> dict[str, object]:
    """Course as JSON, the samples of its recordings left out."""
    recordings = [
        {"file": plan.file, "fs_hz": heart.fs_hz, "duration_s": heart.duration_s, "channel": heart.channel}
        for plan, (heart, _) in zip(found.plans, found.recordings, strict=True)
    ]
    names = (
        "about",
        "person",
        "device_use",
        "protocol",
        "plans",
        "answers",
        "sittings",
        "events",
        "missing",
        "facts",
        "name",
    )
    return {**{name: getattr(found, name) for name in names}, "recordings": recordings}
