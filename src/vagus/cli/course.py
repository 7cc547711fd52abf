"""`vagus course`: start a course folder, check it, show what was read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from vagus.cli import DONE, FINDINGS, REFUSED
from vagus.cli.first import first_of, look, refusal, say_first
from vagus.cli.output import emit_json, emit_table, json_option
from vagus.errors import DoseRefused, InputError

if TYPE_CHECKING:
    from vagus.course import Course
    from vagus.dose import Judgement

_directory = click.argument("directory", type=click.Path(path_type=Path))


@click.group()
def course() -> None:
    """A course of treatment is a folder: course.toml and, beside it, scores, sittings, events and recordings.

    \b
    Example:  vagus course new my-course
              vagus course check my-course
              vagus course show my-course --json
    """


@course.command()
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


@course.command()
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


@course.command()
@_directory
@json_option
def show(directory: Path, as_json: bool) -> None:
    """Show what was read from a course folder.

    \b
    Example:  vagus course show examples/tavns-depression
    """
    try:
        found, judgement = _read(directory)
    except (InputError, DoseRefused):
        say_first(look(directory))
        raise
    say_first(first_of(found))
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
