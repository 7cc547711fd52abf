"""Constants of this room, from its tables."""

from __future__ import annotations

from functools import cache

from vagus.source import Known, Source
from vagus.tables import known_numbers

TABLES = ("signal", "tone", "rhythm", "breaths", "gate", "sleep")


@cache
def constants(*tables: str) -> dict[str, Known]:
    """Constants of these tables by key."""
    return {key: one for name in tables for key, one in known_numbers(name).items()}


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
