"""`vagus report`: one HTML page on a course of treatment."""

from __future__ import annotations

import os
import platform
import tempfile
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import click

import vagus
from vagus.cli import DONE, FINDINGS
from vagus.cli.output import progress_line
from vagus.errors import DoseRefused, InputError, Problem

if TYPE_CHECKING:
    from vagus.course import Course


@click.command()
@click.argument("course", type=click.Path(path_type=Path))
@click.option("-o", "--out", type=click.Path(path_type=Path), help="HTML file; default: name of the course, here.")
@click.option("--json", "json_to", metavar="FILE|-", help="Results as JSON, into a file or (-) on stdout.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Of all random draws.")
@click.option("-q", "--quiet", is_flag=True, help="No progress, no summary; safety notices stay.")
def report(course: Path, out: Path | None, json_to: str | None, seed: int, quiet: bool) -> int:
    """Write one HTML report on the course of treatment in folder COURSE.

    The file opens without network, prints, and reads on a phone. Exit code 0: done; 1: a limit is warned; 2: input or
    dose refused, nothing written.

    \b
    Example:  vagus report examples/tavns-depression -o tavns.html
              vagus report my-course --json - | jq .notices
    """
    to = out if out is not None else Path(f"{course.resolve().name}.html")
    targets = [to, *([Path(json_to)] if json_to not in (None, "-") else [])]
    _check(targets)
    import numpy as np

    from vagus.course import assemble
    from vagus.files import read_course
    from vagus.report import results_json, summary_text, write_report

    progress = None if quiet else progress_line()
    found = read_course(course)
    _say_notices(found)  # before any work: also where the dose is refused
    results = assemble(found, rng=np.random.default_rng(seed), progress=progress)
    if results.judgement.refused:
        raise DoseRefused(results.judgement.refused)
    page = write_report(results, made=datetime.now().astimezone(), versions=versions(seed))
    data = results_json(results) if json_to is not None else b""
    _write(to, page.encode())
    if json_to == "-":
        click.echo(data.decode())
    elif json_to is not None:
        _write(Path(json_to), data)
    if not quiet:
        click.echo(summary_text(results), err=json_to == "-")
        click.echo(f"Report: {to}", err=json_to == "-")
    return FINDINGS if results.judgement.warned else DONE


def versions(seed: int) -> dict[str, str]:
    """What a report was made with: vagus, Python, the packages that move numbers, and the seed."""
    found = {"vagus": vagus.__version__, "Python": platform.python_version()}
    found |= {name: version(name) for name in ("numpy", "scipy", "numba", "sleepecg", "edfio", "msgspec", "jinja2")}
    return {**found, "seed": str(seed)}


def _say_notices(course: Course) -> None:
    """Safety notices on stderr, set apart so that they cannot be missed."""
    from vagus.outcome import notices
    from vagus.report import contact_line, notice_line

    found = notices(course.answers)
    if not found:
        return
    rule = "!" * 78
    click.secho(rule, err=True, bold=True)
    for notice in found:
        click.secho(f"SAFETY, {notice.level.upper()}: {notice_line(notice)}".replace("\xa0", " "), err=True, bold=True)
        click.echo(notice.text, err=True)
    click.secho(contact_line(course), err=True, bold=True)
    click.secho(rule, err=True, bold=True)


def _check(targets: list[Path]) -> None:
    """Refuse before any work what could not be written after it."""
    problems: list[Problem] = []
    for path in targets:
        if path.is_dir():
            problems.append(Problem(what="is a folder", where=str(path), allowed="a file to write to"))
        elif not path.parent.is_dir():
            problems.append(
                Problem(
                    what="the folder to write into is not there",
                    where=str(path),
                    found=str(path.parent),
                    allowed=f"a folder that exists; make it with: mkdir -p {path.parent}",
                )
            )
    if problems:
        raise InputError(problems)


def _write(path: Path, data: bytes) -> None:
    """Write all of it or nothing: a file beside the target, then one rename."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        part.chmod(0o644)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise InputError(Problem(what="cannot be written", where=str(path), found=str(error))) from error
