"""Dates as people read them, the same in every locale."""

from __future__ import annotations

import datetime

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day(when: datetime.date) -> str:
    """A date in words.

    Examples
    --------
    >>> day(datetime.date(2026, 1, 12))
    '12 Jan 2026'
    """
    return f"{when.day} {_MONTHS[when.month - 1]} {when.year}"
