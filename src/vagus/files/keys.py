"""One walk over the fields of a noun: what a hand-written table may hold, and everything that is wrong with it.

The fields of the nouns are the one description. Here they become keys with kind, unit and range, and every key of a
table is checked before any noun is built, so that all mistakes are told together.
"""

from __future__ import annotations

import dataclasses
import datetime
import math
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal

from vagus.errors import InputError, Problem, nearest
from vagus.units import SUFFIXES, parse, suffix_of, symbol

KeyKind = Literal["number", "whole", "text", "flag", "date", "moment", "list"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key of a table: its kind, whether it must stand there, and what it may be.

    Parameters
    ----------
    name : str
        As written; ends in its unit.
    kind : {"number", "whole", "text", "flag", "date", "moment", "list"}
    required : bool
    choices : tuple of str
        Allowed words; empty: any text.
    known : tuple of str
        Words that a table of another room allows: listed where the key is missing, judged there.
    """

    name: str
    kind: KeyKind
    required: bool = False
    choices: tuple[str, ...] = ()
    known: tuple[str, ...] = ()

    @property
    def bare(self) -> str:
        """Name without its unit, under which a text quantity may stand: "width" for "width_us"."""
        suffix = suffix_of(self.name) if self.kind == "number" else None
        return self.name[: -len(suffix) - 1] if suffix and self.name != suffix else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Numbers a key may hold; `above` is an open lower end."""

    low: float = -math.inf
    above: float = -math.inf
    high: float = math.inf
    why: str = ""

    def holds(self, value: float) -> bool:
        """True where the number lies inside."""
        return self.low <= value <= self.high and value > self.above

    def text(self, unit: str) -> str:
        """Range in words."""
        unit = f" {unit}" if unit else ""
        parts: list[str] = []
        if self.above > -math.inf:
            parts.append(f"above {self.above:g}{unit}")
        elif self.low > -math.inf:
            parts.append(f"{self.low:g}{unit} or more")
        if self.high < math.inf:
            parts.append(f"at most {self.high:g}{unit}")
        return ", ".join(parts)


RANGES: Mapping[str, Range] = {
    "width_us": Range(above=0, why="a pulse lasts some time"),
    "gap_us": Range(low=0),
    "recovery_ratio": Range(above=0, high=1),
    "rate_hz": Range(above=0, why="stimulation is pulses at a rate"),
    "pulses_per_burst": Range(low=1),
    "burst_rate_hz": Range(above=0),
    "gated_burst_s": Range(above=0),
    "on_s": Range(above=0),
    "off_s": Range(low=0, why="the duty cycle cannot be over 100 %"),
    "duty_pct": Range(above=0, high=100, why="the duty cycle cannot be over 100 %"),
    "ramp_s": Range(low=0),
    "sitting_min": Range(above=0, high=1440, why="a day has 1440 min"),
    "sittings_per_day": Range(low=1),
    "days_per_week": Range(above=0, high=7),
    "weeks": Range(above=0, high=5200),
    "minutes": Range(low=0, high=1440, why="a day has 1440 min"),
    "perception_ma": Range(low=0),
    "fs_hz": Range(above=0),
    "respiration_fs_hz": Range(above=0),
}
"""Range of each number in a course, the same that the nouns hold."""


def keys_of(noun: type, *, leave_out: Iterable[str] = ()) -> dict[str, Key]:
    """Keys that a noun's fields stand for, in their order.

    Examples
    --------
    >>> from vagus.course import Person
    >>> keys_of(Person)["sex"].choices
    ('female', 'male', 'other')
    """
    hints = typing.get_type_hints(noun)
    keys: dict[str, Key] = {}
    for field in dataclasses.fields(noun):
        if field.name in leave_out:
            continue
        required = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        kind, choices = _kind(hints[field.name])
        keys[field.name] = Key(name=field.name, kind=kind, required=required, choices=choices)
    return keys


def _kind(hint: Any) -> tuple[KeyKind, tuple[str, ...]]:
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        hint = next(part for part in typing.get_args(hint) if part is not types.NoneType)
    if typing.get_origin(hint) is Literal:
        return "text", tuple(choice for choice in typing.get_args(hint) if choice)
    if typing.get_origin(hint) is tuple:
        return "list", ()
    kinds: dict[Any, KeyKind] = {
        float: "number", int: "whole", str: "text", bool: "flag", datetime.date: "date", datetime.datetime: "moment",
    }  # fmt: skip
    return kinds[hint], ()


def walk(
    table: Mapping[str, Any],
    keys: Mapping[str, Key],
    *,
    where: Callable[[str], str],
    complete: bool = True,
    unreadable: Iterable[str] = (),
) -> tuple[dict[str, Any], list[Problem]]:
    """Values of a table by field name, and every problem found.

    Parameters
    ----------
    table : mapping
        As tomllib read it.
    keys : mapping of str to Key
    where : callable
        Key -> place for the message.
    complete : bool
        False: a key that is not there is no problem (the file could be read only in part).
    unreadable : iterable of str
        Keys that stand there but could not be read: not missing.
    """
    problems: list[Problem] = []
    values: dict[str, Any] = {}
    bare = {key.bare: key for key in keys.values() if key.bare != key.name}
    tried = set(unreadable)
    for name, raw in table.items():
        key = keys.get(name) or bare.get(name)
        if key is None:
            problems.append(_unknown(name, keys, where(name)))
            tried.update(get_close_matches(name, keys, n=1, cutoff=0.6))
            continue
        if key.name in table and name != key.name:
            both = f"{name} and {key.name}"
            problems.append(
                Problem(what="the same quantity stands twice", where=where(name), found=both, allowed="one of them")
            )
            continue
        tried.add(key.name)
        try:
            values[key.name] = read_value(raw, key, written=name)
        except InputError as error:
            problems.extend(dataclasses.replace(p, where=where(name)) for p in error.problems)
    if complete:
        lacking = [key for key in keys.values() if key.required and key.name not in tried]
        problems.extend(_missing(key, where("")) for key in lacking)
    return values, problems


def _unknown(name: str, keys: Mapping[str, Key], where: str) -> Problem:
    return Problem(what="unknown key", where=where, found=name, allowed=nearest(name, keys))


def _missing(key: Key, where: str) -> Problem:
    kinds = {"number": "a number", "whole": "a whole number", "text": "text in quotes", "flag": "true or false",
             "date": "a date such as 2026-01-12", "moment": "a date and time", "list": "a list"}  # fmt: skip
    unit = f" in {symbol(key.name)}" if key.kind == "number" and symbol(key.name) else ""
    allowed = f"{key.name} = {kinds[key.kind]}{unit}"
    if key.choices or key.known:
        allowed = f"{key.name} = one of: " + ", ".join(key.choices or key.known)
    return Problem(what=f"required field {key.name} is missing", where=where, found="nothing", allowed=allowed)


def read_value(raw: Any, key: Key, *, written: str = "") -> Any:
    """Value of one key, converted and checked.

    Raises
    ------
    InputError
        Wrong kind, wrong unit, not finite, out of range, no such word.

    Examples
    --------
    >>> read_value("0.25 ms", Key(name="width_us", kind="number"))
    250.0
    """
    if key.kind in ("number", "whole"):
        return _number(raw, key, written or key.name)
    if key.kind == "date":
        return read_date(raw)
    if key.kind == "moment":
        return _moment(raw)
    if key.kind == "flag":
        if not isinstance(raw, bool):
            raise InputError(Problem(what="not a yes or no", found=show(raw), allowed="true or false, without quotes"))
        return raw
    if key.kind == "list":
        return _words(raw)
    return _text(raw, key)


def show(raw: object) -> str:
    """A value as it would be written in the file."""
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, str):
        return f'"{raw}"'
    if isinstance(raw, list):
        return "[" + ", ".join(show(part) for part in raw) + "]"
    if isinstance(raw, dict):
        return "{" + ", ".join(f"{name} = {show(part)}" for name, part in raw.items()) + "}"
    return str(raw)


def _number(raw: Any, key: Key, written: str) -> float | int:
    suffix = suffix_of(key.name)
    unit = symbol(key.name)
    span = RANGES.get(key.name, Range())
    allowed = f"a number {span.text(unit)}" if span.text(unit) else "a finite number" + (f" in {unit}" if unit else "")
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        raise InputError(Problem(what="not a number", found=show(raw), allowed=allowed))
    if suffix and written != key.name and not str(raw).strip().lower()[-1:].strip("0123456789.+-"):
        example = f'{key.name} = {raw}, or {written} = "{raw} {SUFFIXES[suffix].symbol}"'
        raise InputError(Problem(what=f"{written} has no unit", found=show(raw), allowed=example))
    try:
        value = _of_text(raw, suffix) if isinstance(raw, str) else float(raw)
    except OverflowError:  # a whole number of more than 308 digits
        value = math.inf
    found = show(raw) if isinstance(raw, str) else f"{value if math.isinf(value) else raw} {unit}".strip()
    if not math.isfinite(value):
        raise InputError(Problem(what="not a finite number", found=found, allowed=allowed))
    if key.kind == "whole" and not value.is_integer():
        raise InputError(Problem(what="not a whole number", found=found, allowed="1, 2, 3 …"))
    if not span.holds(value):
        negative = value < 0 and (span.low == 0 or span.above == 0)
        what = "is negative" if negative else ("is zero" if value == 0 else "is out of range")
        if key.name in ("off_s", "duty_pct") and (value < 0 or value > 100):
            what = "makes the duty cycle over 100 %" if key.name == "off_s" else "is over 100 %"
            what = "is negative" if key.name == "duty_pct" and value < 0 else what
        raise InputError(Problem(what=f"{written} {what}", found=found, allowed=allowed, why=span.why))
    return int(value) if key.kind == "whole" else value


def _of_text(raw: str, suffix: str | None) -> float:
    if "," in raw:
        raise InputError(Problem(what="a decimal comma", found=show(raw), allowed=f"a point: {raw.replace(',', '.')}"))
    if suffix:
        return parse(raw, suffix)
    try:
        return float(raw)
    except ValueError:
        raise InputError(Problem(what="not a number", found=show(raw), allowed="a number without quotes")) from None


FIRST_YEAR, LAST_YEAR = 1950, 2100
"""Years that a date of a course may lie in: what lies outside is a slip of the pen."""


def read_date(raw: object) -> datetime.date:
    """Date written as a date or as text.

    Raises
    ------
    InputError
        No date, a date that does not exist, one with a clock time, or one before 1950 or after 2100.

    Examples
    --------
    >>> read_date("2026-01-12")
    datetime.date(2026, 1, 12)
    """
    allowed = "a day as year-month-day, such as 2026-01-12"
    if isinstance(raw, datetime.datetime) or (isinstance(raw, str) and ":" in raw):
        raise InputError(Problem(what="a date without clock time is needed", found=show(raw), allowed=allowed))
    if isinstance(raw, datetime.date):
        return _possible(raw)
    if not isinstance(raw, str):
        raise InputError(Problem(what="not a date", found=show(raw), allowed=allowed))
    parts = raw.strip().split("-")
    if [len(part) for part in parts] != [4, 2, 2] or not all(part.isascii() and part.isdigit() for part in parts):
        raise InputError(Problem(what="not a date", found=show(raw), allowed=allowed))
    try:
        found = datetime.date(*(int(part) for part in parts))
    except ValueError as error:
        why = str(error)
        raise InputError(
            Problem(what="impossible date", found=raw.strip(), allowed="a day that exists, such as 2026-01-12", why=why)
        ) from None
    return _possible(found)


def _possible(date: datetime.date) -> datetime.date:
    if not FIRST_YEAR <= date.year <= LAST_YEAR:
        allowed = f"a year from {FIRST_YEAR} to {LAST_YEAR}"
        raise InputError(Problem(what="no year of a course", found=f"{date}", allowed=allowed))
    return date


def _moment(raw: object) -> datetime.datetime:
    allowed = "date and time, such as 2026-01-12T09:30:00"
    if isinstance(raw, datetime.datetime):
        return raw
    if isinstance(raw, datetime.date) or not isinstance(raw, str):
        raise InputError(Problem(what="not a date and time", found=show(raw), allowed=allowed))
    try:
        if "T" not in raw.strip().replace(" ", "T"):
            raise ValueError
        return datetime.datetime.fromisoformat(raw.strip())
    except ValueError as error:
        why = str(error) if "out of range" in str(error) or "must be in" in str(error) else ""
        what = "impossible date or time" if why else "not a date and time"
        raise InputError(Problem(what=what, found=show(raw), allowed=allowed, why=why)) from None


def _words(raw: object) -> tuple[str, ...]:
    if not isinstance(raw, list) or not all(isinstance(part, str) for part in raw):
        allowed = 'a list of texts, such as ["asthma"], or [] for none'
        raise InputError(Problem(what="not a list of texts", found=show(raw), allowed=allowed))
    return tuple(raw)


def _text(raw: object, key: Key) -> str:
    if not isinstance(raw, str):
        allowed = "one of: " + ", ".join(key.choices) if key.choices else "text in quotes"
        raise InputError(Problem(what="not a text", found=show(raw), allowed=allowed))
    if key.choices and raw not in key.choices:
        raise InputError(Problem(what=f"unknown {key.name}", found=show(raw), allowed=nearest(raw, key.choices)))
    return raw
