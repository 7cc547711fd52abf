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


def value(key: str, kind: str = "ecg") -> float:
    """The bare number of a constant of the table ``beats``; for a PPG its own where it has one.

    Examples
    --------
    >>> value("refractory_s"), value("window_s"), value("window_s", "ppg")
    (0.2, 0.1, 0.17)
    """
    own = f"{kind}_{key}"
    return _all()[own if own in _all() else key].value
