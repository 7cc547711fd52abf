"""Tidy tables (CSV, TSV, JSON, HTML, Parquet) and pictures (SVG, PNG) in files, by the suffix of the file."""

from __future__ import annotations

import csv
import importlib
import io
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from vagus.cli.output import json_bytes
from vagus.errors import InputError, Problem, nearest

SUFFIXES = {
    ".csv": "commas", ".tsv": "tabs", ".json": "a list of records", ".html": "a page with the table",
    ".parquet": "needs vagus[parquet]",
}  # fmt: skip
PICTURES = (".svg", ".png")
Row = dict[str, Any]

table_option = click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Write a tidy table to this file; the suffix says how: .csv, .tsv, .json, .html or .parquet.",
)


def check_table(path: Path | None) -> tuple[Path, ...]:
    """Target of a table, once its suffix is known and, for Parquet, pyarrow is there.

    Raises
    ------
    InputError
        Another suffix, or pyarrow is missing.
    """
    if path is None:
        return ()
    if path.is_dir():
        return (path,)  # refused as a folder
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise InputError(
            Problem(
                what="no table can be written with this suffix",
                where=f"-o {path}",
                found=f'"{path.suffix}"' if path.suffix else "none",
                allowed=f"one of: {', '.join(SUFFIXES)}" if suffix == ".svg" else nearest(suffix, SUFFIXES),
            )
        )
    if suffix == ".parquet":
        _pyarrow("", path)
    return (path,)


def check_pictures(pictures: Mapping[str, Path | None], *, tables: Sequence[str] = ()) -> tuple[Path, ...]:
    """Targets of pictures, by the flag that names each; None where none is asked for.

    Parameters
    ----------
    pictures : dict of str to pathlib.Path
    tables : sequence of str
        Suffixes of tables that the same flag writes.

    Raises
    ------
    InputError
        Another suffix than .svg and .png, or what draws PNG is missing.
    """
    asked = {flag: path for flag, path in pictures.items() if path is not None and not path.is_dir()}
    may_be = (*tables, *PICTURES)
    problems = [
        Problem(what=f"no {'table or ' if tables else ''}picture can be written with this suffix",
                where=f"{flag} {path}", found=f'"{path.suffix}"' if path.suffix else "none",
                allowed=f"{', '.join(may_be[:-1])} or {may_be[-1]}")
        for flag, path in asked.items() if path.suffix.lower() not in may_be
    ]  # fmt: skip
    if problems:
        raise InputError(problems)
    if any(path.suffix.lower() == ".png" for path in asked.values()):
        from vagus.report.picture import png_drawer

        png_drawer()
    return tuple(path for path in pictures.values() if path is not None)


def picture_bytes(path: Path, svg: str) -> bytes:
    """A picture in the format of the file's suffix.

    Parameters
    ----------
    path : pathlib.Path
        For its suffix.
    svg : str
        A whole SVG file.
    """
    if path.suffix.lower() == ".png":
        from vagus.report.picture import png_of

        return png_of(svg)
    return svg.encode()


def table_bytes(path: Path, header: Sequence[str], rows: Sequence[Row]) -> bytes:
    """Rows in the format of the file's suffix; what is not known is an empty cell or null.

    Parameters
    ----------
    path : pathlib.Path
        For its suffix.
    header : sequence of str
        Names of the columns, with their units, in order.
    rows : sequence of dict
        Cells by column.
    """
    suffix = path.suffix.lower()
    plain = [{name: _known(row.get(name)) for name in header} for row in rows]
    if suffix == ".json":
        return json_bytes(plain)
    if suffix == ".parquet":
        stream = io.BytesIO()
        arrow = _pyarrow("", path)
        table = arrow.table({name: _column(arrow, name, [row[name] for row in plain]) for name in header})
        _pyarrow(".parquet", path).write_table(table, stream)
        return stream.getvalue()
    if suffix == ".html":
        return _page(path.stem, header, plain)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n", delimiter="\t" if suffix == ".tsv" else ",")
    writer.writerow(header)
    writer.writerows([["" if row[name] is None else row[name] for name in header] for row in plain])
    return text.getvalue().encode()


def _page(name: str, header: Sequence[str], rows: Sequence[Row]) -> bytes:
    from html import escape

    from vagus.report.parts.page import styles

    def line(tag: str, cells: Sequence[object]) -> str:
        told = ("" if c is None else f"{c:.6g}" if isinstance(c, float) else str(c) for c in cells)
        return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in told) + "</tr>"

    body = "".join(line("td", [row[one] for one in header]) for row in rows)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(name)}</title><style>{styles()}</style></head><body><main><h1>{escape(name)}</h1>"
        f"<table><thead>{line('th', header)}</thead><tbody>{body}</tbody></table>"
        "<p>For research; not a medical device.</p></main></body></html>\n"
    ).encode()


def _column(arrow: Any, name: str, cells: list[Any]) -> Any:
    """Cells of one column; where none is known, numbers, or words where the column holds words."""
    if any(cell is not None for cell in cells):
        return arrow.array(cells)
    return arrow.array(cells, arrow.string() if name in _WORDS else arrow.float64())


_WORDS = frozenset({"changed", "flags", "not_told", "notes", "notice_level", "notice"})


def _known(cell: object) -> object:
    plain = cell.item() if hasattr(cell, "item") else cell  # pyright: ignore[reportAttributeAccessIssue]
    return None if isinstance(plain, float) and not math.isfinite(plain) else plain


def _pyarrow(part: str, path: Path) -> Any:
    try:
        return importlib.import_module(f"pyarrow{part}")
    except ImportError as error:
        raise InputError(
            Problem(
                what="Parquet needs pyarrow, which is not installed",
                where=f"-o {path}",
                allowed='pip install "vagus[parquet]", or a file that ends in .csv, .tsv or .json',
            )
        ) from error
