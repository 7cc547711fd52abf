"""The check every number of a dose passes: a finite number inside its range, or one sentence that says why not."""

from __future__ import annotations

import math
from collections.abc import Iterable
from numbers import Real

from vagus.errors import InputError, Problem
from vagus.units import symbol


def outside(
    name: str,
    value: object,
    *,
    low: float | None = None,
    high: float | None = None,
    above: float | None = None,
    why: str = "",
) -> Problem | None:
    """Problem of a number that is not finite or out of its range; None where it is fine.

    Parameters
    ----------
    name : str
        Name of the field; its unit suffix gives the unit that is printed.
    value : object
        What was given.
    low, high : float, optional
        Closed bounds.
    above : float, optional
        Open lower bound.
    why : str
        Reason or source.

    Examples
    --------
    >>> str(outside("width_us", -250.0, above=0, why="a pulse lasts some time"))
    'width_us is out of range; found -250 µs; allowed: above 0 µs (a pulse lasts some time)'
    """
    unit = f" {symbol(name)}" if symbol(name) else ""
    allowed = _allowed(low, high, above, unit)
    if isinstance(value, bool) or not isinstance(value, Real):
        return Problem(what=f"{name} is not a number", found=repr(value), allowed=allowed, why=why)
    number = float(value)
    if not math.isfinite(number):
        return Problem(what=f"{name} is not a finite number", found=f"{number:g}{unit}", allowed=allowed, why=why)
    too_low = (low is not None and number < low) or (above is not None and number <= above)
    if too_low or (high is not None and number > high):
        return Problem(what=f"{name} is out of range", found=f"{number:g}{unit}", allowed=allowed, why=why)
    return None


def _allowed(low: float | None, high: float | None, above: float | None, unit: str) -> str:
    if above is not None:
        return f"above {above:g}{unit}" + (f", at most {high:g}{unit}" if high is not None else "")
    if low is not None and high is not None:
        return f"{low:g} to {high:g}{unit}"
    if low is not None:
        return f"{low:g}{unit} or more"
    if high is not None:
        return f"{high:g}{unit} or less"
    return "a finite number"


def demand(problems: Iterable[Problem | None]) -> None:
    """Raise every problem found, together.

    Raises
    ------
    InputError
        At least one of `problems` is a problem.
    """
    found = tuple(p for p in problems if p is not None)
    if found:
        raise InputError(found)
