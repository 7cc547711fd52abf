"""The few conventions that a person's course rests on, from the table `person`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from vagus import tables
from vagus.source import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Convention:
    """A number, its unit, what it is for, and where it is from."""

    key: str
    value: float
    unit: str
    note: str
    source: Source

    @property
    def mark(self) -> str:
        """Behind the number in a text: whether it was recalled."""
        return "" if self.source.verified else " [unverified]"


@cache
def conventions() -> Mapping[str, Convention]:
    """All of them, by key.

    Examples
    --------
    >>> conventions()["partial_response"].value
    25.0
    """
    return {row.key: row for row in tables.rows("person", Convention)}
