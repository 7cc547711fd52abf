"""A recording that comes in through a pipe (`-`), kept in a file while the command runs: readers look at it twice."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

import click

from vagus.errors import InputError, Problem

STDIN = "-"


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
    click.get_current_context().call_on_close(lambda: shutil.rmtree(folder, ignore_errors=True))
    path = folder / "stdin"
    with path.open("wb") as file:
        shutil.copyfileobj(sys.stdin.buffer, file)
    if path.stat().st_size == 0:
        raise InputError(Problem(what="nothing came in through the pipe", where=STDIN, allowed="a recording"))
    return path
