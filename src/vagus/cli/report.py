"""`vagus report`: one HTML page on a course of treatment."""

from __future__ import annotations

import platform
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import click

import vagus
from vagus.cli import DONE, FINDINGS
from vagus.cli.first import first_of, look, refusal, say, say_first
from vagus.cli.output import check_targets, emit_json, progress_line, seed_option, write_files
from vagus.errors import DoseRefused, InputError, Problem

if TYPE_CHECKING:
    from vagus.course import Course


@click.command()
@click.argument("course", type=click.Path(path_type=Path))
@click.option("-o", "--out", type=click.Path(path_type=Path), help="HTML file; default: name of the course, here.")
@click.option("--json", "json_to", metavar="FILE|-", help="Results as JSON, into a file or (-) on stdout.")
@seed_option
@click.option("-q", "--quiet", is_flag=True, help="No progress, no summary; safety notices stay.")
def report(course: Path, out: Path | None, json_to: str | None, seed: int, quiet: bool) -> int:
    """Write one HTML report on the course of treatment in folder COURSE.

    The file opens without network, prints, and reads on a phone. Exit code 0: done; 1: written, and a limit is warned,
    the delivered dose went over a limit, a severe adverse event happened, or a part of a recording could not be read;
    2: input or dose refused, no file written. Safety notices are told in every case, also in JSON on stdout.

    \b
    Example:  vagus report examples/tavns-depression -o tavns.html
              vagus report my-course --json - | jq .notices
    """
    to = out if out is not None else Path(f"{course.resolve().name}.html")
    file = Path(json_to) if json_to not in (None, "-") else None
    first = None
    try:
        found = _read(course, [to, *([file] if file else [])])
        first = first_of(found)
        say_first(first)  # before any work: also where the dose is refused
        return _report(found, to, json_to, seed, quiet)
    except (InputError, DoseRefused) as error:
        if first is None:
            first = look(course)
            say_first(first)
        if json_to == "-":
            emit_json(refusal(first, error))
        raise


def _read(course: Path, targets: list[Path]) -> Course:
    """Course, once the targets can be written to."""
    from vagus.files import read_course

    wrong: list[Problem] = []
    try:
        check_targets(targets)
    except InputError as error:
        wrong.extend(error.problems)
    try:
        found = read_course(course)
    except InputError as error:
        raise InputError([*wrong, *error.problems]) from error
    if wrong:
        raise InputError(wrong)
    return found


def _report(course: Course, to: Path, json_to: str | None, seed: int, quiet: bool) -> int:
    import numpy as np

    from vagus.course import assemble
    from vagus.report import results_json, summary_text, why_findings, write_report

    progress = None if quiet else progress_line()
    results = assemble(course, rng=np.random.default_rng(seed), progress=progress)
    files = {to: write_report(results, made=datetime.now().astimezone(), versions=versions(seed)).encode()}
    data = results_json(results) if json_to is not None else b""
    if json_to not in (None, "-"):
        files[Path(json_to)] = data
    write_files(files)
    if json_to == "-":
        say(data.decode())
    if not quiet:
        say(summary_text(results, told=True), err=json_to == "-")
        say(f"Report: {to}", err=json_to == "-")
    why = why_findings(results.judgement, results.excesses, results.findings, course.plans)
    if why:
        say(f"exit code 1: {why}".replace("\xa0", " "), err=True)
    return FINDINGS if why else DONE


def versions(seed: int) -> dict[str, str]:
    """What a report was made with: vagus, Python, the packages that move numbers, and the seed."""
    found = {"vagus": vagus.__version__, "Python": platform.python_version()}
    found |= {name: version(name) for name in ("numpy", "scipy", "numba", "msgspec", "jinja2")}
    return {**found, "seed": str(seed)}
