"""How this room reads its tables: rows straight into the public noun, and the safety table that limits rest on."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TypeVar

import msgspec

from vagus.errors import InputError, Problem
from vagus.source import Source, read_source
from vagus.tables import raw_rows, rows

Noun = TypeVar("Noun")


def nouns(table: str, noun: type[Noun]) -> Mapping[str, Noun]:
    """Key of a row -> the row as `noun`, each cell checked against the noun's annotation.

    Parameters
    ----------
    table : str
        Name of a table whose rows have `key`, `source` (text) and `verified`.
    noun : type
        A dataclass with a field `source` of type `Source`.

    Raises
    ------
    InputError
        A cell does not fit.
    """
    found: dict[str, Noun] = {}
    for raw in raw_rows(table):
        source = read_source(str(raw["source"]), verified=raw["verified"] is True)
        try:
            found[str(raw["key"])] = msgspec.convert({**raw, "source": dataclasses.asdict(source)}, noun, strict=False)
        except msgspec.ValidationError as error:
            raise InputError(Problem(what=str(error), where=f"table {table}, row {raw['key']}")) from error
    return MappingProxyType(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyRow:
    """A limit, contraindication, precaution or rate, as the safety table has it."""

    id: str
    category: str
    applies_to: str
    quantity: str
    unit: str | None
    limit_or_rate: str | None
    source: str
    verified: str


@cache
def safety_rows() -> Mapping[str, SafetyRow]:
    """Row id -> `SafetyRow`.

    Examples
    --------
    >>> safety_rows()["charge_density"].limit_or_rate
    '30'
    """
    return MappingProxyType({row.id: row for row in rows("safety", SafetyRow)})


def safety_source(row_id: str, *, verified: bool | None = None) -> Source:
    """Source of a row of the safety table; unverified where the row was recalled, or as `verified` says."""
    row = safety_rows()[row_id]
    return read_source(row.source, verified=row.verified == "yes" if verified is None else verified)
