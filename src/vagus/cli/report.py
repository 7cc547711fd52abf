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
from vagus.cli.first import first_of, look, refusal, say, say_first
from vagus.cli.output import emit_json, progress_line, seed_option
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
        _check(targets)
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
    _write(files)
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
    found |= {name: version(name) for name in ("numpy", "scipy", "numba", "edfio", "msgspec", "jinja2")}
    return {**found, "seed": str(seed)}


def _check(targets: list[Path]) -> None:
    """Refuse before any work what could not be written after it."""
    problems: list[Problem] = []
    seen: set[Path] = set()
    for path in targets:
        if path.resolve() in seen:
            problems.append(Problem(what="report and JSON go to the same file", where=str(path), allowed="two files"))
        seen.add(path.resolve())
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
        elif not os.access(path.parent, os.W_OK | os.X_OK):
            problems.append(
                Problem(
                    what="the folder cannot be written to",
                    where=str(path),
                    found=str(path.parent),
                    allowed="a folder that you may write to",
                )
            )
    if problems:
        raise InputError(problems)


def _write(files: dict[Path, bytes]) -> None:
    """Write all files or none: each beside its target first, then one rename after the other."""
    parts: dict[Path, Path] = {}
    path = next(iter(files))
    try:
        for path, data in files.items():
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.", suffix=".part")
            parts[path] = Path(name)
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            parts[path].chmod(0o644)
        for path, part in parts.items():
            part.replace(path)
    except OSError as error:
        raise InputError(
            Problem(what="cannot be written", where=str(path), found=error.strerror or str(error))
        ) from error
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)
