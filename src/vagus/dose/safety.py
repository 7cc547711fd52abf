"""The safety table: rows that limits rest on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from vagus.source import Source, read_source
from vagus.tables import rows


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
