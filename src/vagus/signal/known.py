"""Constants of this room, from its tables."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from vagus.source import Known, Source, read_source
from vagus.tables import rows

TABLES = ("signal", "tone", "rhythm", "breaths", "gate", "sleep")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    key: str
    value: float
    unit: str
    source: str
    verified: bool
    note: str


@cache
def constants(*tables: str) -> dict[str, Known]:
    """Constants of these tables by key."""
    return {
        row.key: Known(
            value=row.value, unit=row.unit, source=read_source(row.source, verified=row.verified), note=row.note
        )
        for name in tables
        for row in rows(name, _Row)
    }


def known(key: str) -> Known:
    """A constant with its unit, source and note.

    Examples
    --------
    >>> known("least_move_ms").value
    5.0
    """
    return constants(*TABLES)[key]


def value(key: str) -> float:
    """The bare number of a constant."""
    return constants(*TABLES)[key].value


def sources(*keys: str) -> tuple[Source, ...]:
    """Sources of some constants, each once."""
    return tuple(dict.fromkeys(constants(*TABLES)[key].source for key in keys))
