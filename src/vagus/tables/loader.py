"""The one reader of the package's tables."""

from __future__ import annotations

import csv
import io
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

import msgspec

from vagus.errors import InputError, Problem, nearest

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many rows a table has, and how many of them were read in a source.

    Parameters
    ----------
    name : str
    rows : int
    verified : int or None
        None where the rows carry no such mark: they name or group, and hold no number of their own.
    """

    name: str
    rows: int
    verified: int | None


def names() -> tuple[str, ...]:
    """Names of all tables, those in folders as ``folder/name``.

    Examples
    --------
    >>> "safety" in names()
    True
    """
    found: list[str] = []
    for entry in files("vagus.tables").joinpath("data").iterdir():
        if entry.is_dir():
            found.extend(f"{entry.name}/{inner.name}" for inner in entry.iterdir())
        else:
            found.append(entry.name)
    return tuple(sorted(name.rpartition(".")[0] for name in found if name.endswith((".csv", ".toml"))))


@cache
def text_of(name: str) -> tuple[str, str]:
    """Text of a table and its kind, "csv" or "toml".

    Raises
    ------
    InputError
        There is no table of that name.
    """
    folder = files("vagus.tables").joinpath("data")
    for kind in ("csv", "toml"):
        entry = folder.joinpath(*f"{name}.{kind}".split("/"))
        if entry.is_file():
            return entry.read_text(encoding="utf-8"), kind
    raise InputError(Problem(what="no such table", found=f'"{name}"', allowed=nearest(name, names())))


def raw_rows(name: str) -> tuple[dict[str, Any], ...]:
    """Rows of a table as plain mappings; empty cells of a CSV are None.

    Examples
    --------
    >>> next(r for r in raw_rows("safety") if r["id"] == "shannon_k")["limit_or_rate"]
    '1.85'
    """
    text, kind = text_of(name)
    if kind == "csv":
        return tuple({k: v if v != "" else None for k, v in row.items()} for row in csv.DictReader(io.StringIO(text)))
    table = tomllib.loads(text)
    if "row" in table:
        return tuple(table["row"])
    if all(isinstance(value, dict) for value in table.values()):
        return tuple({"key": key, **value} for key, value in table.items())
    return (table,)


def rows(name: str, row_type: type[Row]) -> tuple[Row, ...]:
    """Rows of a table as `row_type`, each cell checked against its annotation.

    Parameters
    ----------
    name : str
        Name of the table, "folder/name" for one in a folder.
    row_type : type
        A dataclass; fields that the table lacks need defaults, columns it does not name are left out.

    Raises
    ------
    InputError
        No such table, or a cell that does not fit.
    """
    found: list[Row] = []
    for number, raw in enumerate(raw_rows(name), start=1):
        try:
            found.append(msgspec.convert(raw, row_type, strict=False))
        except msgspec.ValidationError as error:
            raise InputError(Problem(what=str(error), where=f"table {name}, row {number}")) from error
    return tuple(found)


def summary() -> tuple[Count, ...]:
    """Rows of each table and how many are verified."""
    counts: list[Count] = []
    for name in names():
        table = raw_rows(name)
        marked = any("verified" in row for row in table)
        verified = sum(row.get("verified") in {"yes", True} for row in table) if marked else None
        counts.append(Count(name=name, rows=len(table), verified=verified))
    return tuple(counts)
