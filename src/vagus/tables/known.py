"""Tables of numbers, a row each: key, value, unit, source, verified, and where known low, high and note."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from vagus.source import Known, read_source
from vagus.tables.loader import rows


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    key: str
    value: float
    unit: str
    source: str
    verified: bool
    low: float | None = None
    high: float | None = None
    note: str = ""


@cache
def known_numbers(table: str) -> Mapping[str, Known]:
    """Numbers of a table by key, each with unit, range, source and note.

    Examples
    --------
    >>> known_numbers("electrodes")["helix_apart"].value, known_numbers("electrodes")["helix_apart"].unit
    (8000.0, 'um')
    """
    return MappingProxyType({
        row.key: Known(
            value=row.value, unit=row.unit, low=row.low, high=row.high, note=row.note,
            source=read_source(row.source, verified=row.verified),
        )
        for row in rows(table, _Row)
    })  # fmt: skip
