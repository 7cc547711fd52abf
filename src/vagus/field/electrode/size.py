"""Sizes of electrodes around a nerve: the table `electrodes`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from vagus.errors import InputError, Problem, nearest
from vagus.source import Known, read_source
from vagus.tables import rows


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
def electrode_size(key: str) -> Known:
    """A length, angle or ratio of an electrode around a nerve, with its source.

    Raises
    ------
    InputError
        No such number; the nearest is named.

    Examples
    --------
    >>> electrode_size("helix_apart").value, electrode_size("helix_apart").source.verified
    (8000.0, True)
    """
    table = {row.key: row for row in rows("electrodes", _Row)}
    if key not in table:
        raise InputError(Problem(what="no such size of an electrode", found=f'"{key}"', allowed=nearest(key, table)))
    row = table[key]
    return Known(
        value=row.value, unit=row.unit, low=row.low, high=row.high, note=row.note,
        source=read_source(row.source, verified=row.verified),
    )  # fmt: skip
