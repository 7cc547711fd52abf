"""What commands share on their way out: JSON for scripts, tables for people, files written whole, progress."""

from __future__ import annotations

import contextlib
import datetime
import os
import shutil
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import click
import msgspec

from vagus.errors import InputError, Problem

T = TypeVar("T")

seed_option = click.option(
    "--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Seed of all random draws."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Machine-readable output on stdout.")
_PATIENCE_S = 0.7  # work that is done sooner needs no bar


def _plain(value: object) -> Any:
    if hasattr(value, "tolist"):  # numpy arrays and scalars, without importing numpy here
        return value.tolist()  # pyright: ignore[reportAttributeAccessIssue]
    if isinstance(value, datetime.timedelta):
        return value.total_seconds()
    if isinstance(value, MappingProxyType):
        return dict(value)
    raise TypeError(f"cannot write {type(value).__name__} as JSON")


def json_bytes(value: object) -> bytes:
    """A result as one indented JSON document; what is not finite becomes null."""
    return msgspec.json.format(msgspec.json.encode(value, enc_hook=_plain), indent=2)


def emit_json(value: object) -> None:
    """Write a result as one indented JSON document on stdout; what is not finite becomes null."""
    click.echo(json_bytes(value).decode())


def emit_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write rows as an aligned table on stdout."""
    text = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(line[i]) for line in [list(header), *text]) for i in range(len(header))]
    for line in [list(header), ["-" * w for w in widths], *text]:
        click.echo("  ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)).rstrip())


def emit_note(text: str) -> None:
    """Write a sentence to heed on stdout; on a terminal it is broken between words."""
    line = f"note: {text}"
    if sys.stdout.isatty():
        line = textwrap.fill(line, shutil.get_terminal_size().columns, subsequent_indent="      ")
    click.echo(line)


def check_targets(targets: Iterable[Path], *, also: Iterable[Path] = ()) -> None:
    """Refuse before any work what could not be written after it; `also` are files that are read.

    Raises
    ------
    InputError
        Every target that is a folder, lies in none, may not be written, is named twice, or is read as well.
    """
    problems: list[Problem] = []
    read = {path.resolve() for path in also}
    seen: set[Path] = set()
    for path in targets:
        where, folder = str(path), str(path.parent)
        if path.resolve() in seen:
            problems.append(Problem(what="two results go to the same file", where=where, allowed="two files"))
        seen.add(path.resolve())
        if path.is_dir():
            problems.append(Problem(what="is a folder", where=where, found="a folder", allowed="a file to write to"))
        elif not path.parent.is_dir():
            problems.append(
                Problem(
                    what="the folder to write into is not there",
                    where=where,
                    found=f"{folder}, which is no folder",
                    allowed=f"a folder that exists; make it with: mkdir -p {folder}",
                )
            )
        elif path.resolve() in read:
            problems.append(
                Problem(what="would overwrite a file that is read", where=where, allowed="another name for the result")
            )
        elif not os.access(path.parent, os.W_OK | os.X_OK):
            problems.append(
                Problem(
                    what="the folder cannot be written to",
                    where=where,
                    found=folder,
                    allowed="a folder that you may write to",
                )
            )
    if problems:
        raise InputError(problems)


def write_files(files: Mapping[Path, bytes]) -> None:
    """Write all files or none: each beside its target first, then one rename after the other.

    Raises
    ------
    InputError
        A file cannot be written.
    """
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


def progress_line() -> Callable[[str, float], None]:
    """Callback (what, share 0..1) that keeps one line on stderr; on a pipe, one line a step."""
    last = ""

    def show(what: str, share: float) -> None:
        nonlocal last
        # progress that nobody reads any more is no reason to stop the work
        with contextlib.suppress(OSError):
            if sys.stderr.isatty():
                click.echo(f"\r{_bar(share)}  {what:<48}", err=True, nl=share >= 1)
            elif what != last:
                click.echo(f"{share:4.0%}  {what}", err=True)
        last = what

    return show


def counted(things: Sequence[T], name: Callable[[T], str]) -> Iterator[T]:
    """The things one after the other, with a bar on stderr where it is a terminal and the work is long.

    The bar is gone when the work is done: what stays on the screen is the result.
    """
    began = time.monotonic()
    shown = False
    try:
        for k, thing in enumerate(things):
            if sys.stderr.isatty() and (shown or time.monotonic() - began > _PATIENCE_S):
                shown = True
                with contextlib.suppress(OSError):
                    where = f"{_bar(k / len(things))}  {k + 1} of {len(things)}: {name(thing)}"
                    click.echo(f"\r{where[:78]:<78}", err=True, nl=False)
            yield thing
    finally:
        if shown:
            with contextlib.suppress(OSError):
                click.echo(f"\r{'':<78}\r", err=True, nl=False)


def _bar(share: float) -> str:
    return f"{'█' * round(share * 24):<24} {share:4.0%}"
