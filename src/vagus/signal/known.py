"""Constants of this room, from the tables ``signal`` and ``tone``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from vagus.source import Known, Source, read_source
from vagus.tables import rows


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    key: str
    value: float
    unit: str
    source: str
    verified: bool
    note: str


@cache
def _all() -> dict[str, Known]:
    return {
        row.key: Known(
            value=row.value, unit=row.unit, source=read_source(row.source, verified=row.verified), note=row.note
        )
        for name in ("signal", "tone")
        for row in rows(name, _Row)
    }


def known(key: str) -> Known:
    """A constant with its unit, source and note.

    Examples
    --------
    >>> known("least_threshold_ms").value
    25.0
    """
    return _all()[key]


def value(key: str) -> float:
    """The bare number of a constant."""
    return _all()[key].value


def sources(*keys: str) -> tuple[Source, ...]:
    """Sources of some constants, each once."""
    return tuple(dict.fromkeys(_all()[key].source for key in keys))
