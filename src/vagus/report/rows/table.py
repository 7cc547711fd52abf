"""What a table of the report is: cells, columns, rows."""

from __future__ import annotations

from dataclasses import dataclass

from vagus.report.sources import References, short
from vagus.source import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell: text, a second quiet line, a class, a drawn bar, a number in the list of sources."""

    text: str
    sub: str = ""
    css: str = ""
    svg: str = ""
    ref: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: its name, and whether it holds numbers."""

    name: str
    num: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table with a caption; the first cell of each row names the row. `stack`: a list of records on a phone."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    stack: bool = True


def cells(*texts: str | Cell) -> tuple[Cell, ...]:
    """A row: plain texts become cells."""
    return tuple(t if isinstance(t, Cell) else Cell(text=t) for t in texts)


def source_cell(source: Source, refs: References) -> Cell:
    """Short form of a source; the full one stands in the list of sources."""
    css, sub = ("", "") if source.verified else ("unverified", "unverified")
    return Cell(text=short(source), sub=sub, css=css, ref=refs.number(source))


def capital(text: str) -> str:
    """First letter capital, unless the first word has capitals of its own ("tVNS R")."""
    text = text.strip()
    return text[:1].upper() + text[1:] if text and text.split()[0].islower() else text
