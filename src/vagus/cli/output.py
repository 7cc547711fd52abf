"""What commands share on their way out: JSON for scripts, tables for people, one progress line."""

from __future__ import annotations

import contextlib
import datetime
import sys
from collections.abc import Callable, Iterable, Sequence
from types import MappingProxyType
from typing import Any

import click
import msgspec

seed_option = click.option(
    "--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Seed of all random draws."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Machine-readable output on stdout.")


def _plain(value: object) -> Any:
    if hasattr(value, "tolist"):  # numpy arrays and scalars, without importing numpy here
        return value.tolist()  # pyright: ignore[reportAttributeAccessIssue]
    if isinstance(value, datetime.timedelta):
        return value.total_seconds()
    if isinstance(value, MappingProxyType):
        return dict(value)
    raise TypeError(f"cannot write {type(value).__name__} as JSON")


def emit_json(value: object) -> None:
    """Write a result as one indented JSON document on stdout; what is not finite becomes null."""
    click.echo(msgspec.json.format(msgspec.json.encode(value, enc_hook=_plain), indent=2).decode())


def emit_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write rows as an aligned table on stdout."""
    text = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(line[i]) for line in [list(header), *text]) for i in range(len(header))]
    for line in [list(header), ["-" * w for w in widths], *text]:
        click.echo("  ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)).rstrip())


def progress_line() -> Callable[[str, float], None]:
    """Callback (what, share 0..1) that keeps one line on stderr; on a pipe, one line a step."""
    last = ""

    def show(what: str, share: float) -> None:
        nonlocal last
        # progress that nobody reads any more is no reason to stop the work
        with contextlib.suppress(OSError):
            if sys.stderr.isatty():
                bar = "█" * round(share * 24)
                click.echo(f"\r{bar:<24} {share:4.0%}  {what:<48}", err=True, nl=share >= 1)
            elif what != last:
                click.echo(f"{share:4.0%}  {what}", err=True)
        last = what

    return show
