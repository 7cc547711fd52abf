"""Constants of this folder, from the table ``beats``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from vagus.source import Known, read_source
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
        for row in rows("beats", _Row)
    }


def value(key: str) -> float:
    """The bare number of a constant of the table ``beats``.

    Examples
    --------
    >>> value("refractory_s")
    0.2
    """
    return _all()[key].value
