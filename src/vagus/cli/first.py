"""Safety notices before everything else: on stderr and in JSON, also where the course itself is refused."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vagus.errors import DoseRefused, InputError

if TYPE_CHECKING:
    from vagus.course import Course
    from vagus.files import LookFirst


def first_of(course: Course) -> LookFirst:
    """Notices and findings of a course that was read whole."""
    from vagus.course import course_findings
    from vagus.files import LookFirst
    from vagus.outcome import notices

    return LookFirst(
        notices=notices(course.answers, instruments=course.scales),
        findings=course_findings(course),
        contact=course.person.contact or None,
    )


def say_first(first: LookFirst) -> None:
    """Safety notices and grave findings on stderr, set apart so that they cannot be missed."""
    from vagus.report import alarms, contact_text

    said = alarms(first.notices, first.findings)
    if not said:
        return
    rule = "!" * 78
    say(rule, err=True, bold=True)
    for one in said:
        say(f"SAFETY, {one.level.upper()}: {one.what}".replace("\xa0", " "), err=True, bold=True)
        say(one.then.replace("\xa0", " "), err=True)
    say(contact_text(first.contact), err=True, bold=True)
    say(rule, err=True, bold=True)


def refusal(first: LookFirst, error: InputError | DoseRefused) -> dict[str, Any]:
    """What a refused course still tells, for JSON: notices first, then refused limits and problems."""
    from vagus.report import notices_json

    return {
        "notices": notices_json(first.notices, first.findings),
        "contact": first.contact,
        "refused": error.limits if isinstance(error, DoseRefused) else (),
        "errors": error.problems if isinstance(error, InputError) else (),
    }


def look(directory: Path) -> LookFirst:
    """Notices of a folder that may be broken."""
    from vagus.files import look_first

    return look_first(directory)


def say(text: str, *, err: bool = False, bold: bool = False) -> None:
    """One line for people; a reader that has gone is no reason to stop the work."""
    try:
        click.secho(text, err=err, bold=bold or None)
    except OSError:
        stream = sys.stderr if err else sys.stdout
        try:  # what is still buffered goes nowhere, so that Python does not complain at its end
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        except (OSError, ValueError):
            return
