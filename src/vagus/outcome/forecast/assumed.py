"""What a forecast assumes before any trial or score is seen, from the table `forecast`."""

from __future__ import annotations

from functools import cache

from vagus import tables
from vagus.outcome.person.conventions import Convention
from vagus.source import Source


@cache
def assumptions() -> dict[str, Convention]:
    """All of them, by key.

    Examples
    --------
    >>> assumptions()["sham_trials"].value
    3.0
    """
    return {row.key: row for row in tables.rows("forecast", Convention)}


def assumed(key: str) -> float:
    """Value of one assumption, in the unit of the table."""
    return assumptions()[key].value


def assumption_sources() -> tuple[Source, ...]:
    """Sources of all assumptions, each once."""
    return tuple(dict.fromkeys(row.source for row in assumptions().values()))
