"""A recording that comes in through a pipe (`-`), kept in a file while the command runs: readers look at it twice."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

import click

from vagus.errors import InputError, Problem

STDIN = "-"
_HELD = "vagus.stdin"


def piped() -> Path:
    """What comes in through standard input, as a file named "stdin" that is gone when the command ends.

    Raises
    ------
    InputError
        Nothing is piped in, or nothing comes.
    """
    if sys.stdin is None or sys.stdin.isatty():
        allowed = "a recording piped in: cat rest.csv | vagus signal tone -"
        raise InputError(Problem(what="nothing comes in through the pipe", where=STDIN, allowed=allowed))
    folder = Path(tempfile.mkdtemp(prefix="vagus-"))
    context = click.get_current_context()
    context.call_on_close(lambda: shutil.rmtree(folder, ignore_errors=True))
    path = folder / "stdin"
    context.meta[_HELD] = path
    with path.open("wb") as file:
        shutil.copyfileobj(sys.stdin.buffer, file)
    if path.stat().st_size == 0:
        raise InputError(Problem(what="nothing came in through the pipe", where=STDIN, allowed="a recording"))
    return path


def named(file: Path) -> str:
    """A file as its user named it: "-" for what came in through the pipe."""
    context = click.get_current_context(silent=True)
    return STDIN if context is not None and context.meta.get(_HELD) == file else str(file)
