"""From TOML to a noun: one walk over its fields, all problems at once."""

from __future__ import annotations

import dataclasses
import math
import tomllib
import types
import typing
from collections.abc import Mapping
from typing import Any, TypeGuard, TypeVar

import msgspec

from vagus.errors import InputError, Problem, nearest

Noun = TypeVar("Noun")


def toml_of(text: str, *, name: str) -> dict[str, Any]:
    """Plain mapping of TOML text.

    Raises
    ------
    InputError
        It is not TOML.
    """
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InputError(Problem(what="file is not TOML", where=name, found=str(error), allowed="TOML text")) from error


def merged(like: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """A table on top of another one: tables merge, entries with the same ``key`` merge, all else is replaced.

    Examples
    --------
    >>> merged({"v": 1, "gates": [{"key": "m", "q10": 1}]}, {"gates": [{"key": "m", "q10": 3}, {"key": "h"}]})
    {'v': 1, 'gates': [{'key': 'm', 'q10': 3}, {'key': 'h'}]}
    """
    found = dict(like)
    for field, value in own.items():
        before = found.get(field)
        if isinstance(before, dict) and isinstance(value, dict):
            found[field] = merged(before, value)
        elif _keyed(before) and _keyed(value):
            ours = {entry["key"]: entry for entry in value}
            rest = [merged(entry, ours.pop(entry["key"], {})) for entry in before]
            found[field] = [*rest, *ours.values()]
        else:
            found[field] = value
    return found


def _keyed(value: object) -> TypeGuard[list[dict[str, Any]]]:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(v, dict) and isinstance(v.get("key"), str) for v in value)
    )


def read_fields(raw: Mapping[str, Any], noun: type[Noun], *, name: str) -> Noun:
    """A noun from a plain mapping.

    Raises
    ------
    InputError
        Unknown or missing fields, numbers that are not finite (all of them together); values of another type; or what
        the noun itself refuses.
    """
    problems: list[Problem] = []
    _walk(raw, noun, name, problems)
    if problems:
        raise InputError(problems)
    try:
        return msgspec.convert(raw, noun, strict=True)
    except msgspec.ValidationError as error:
        what, _, place = str(error).partition(" - at `$")
        wanted, _, got = what.replace("`", "").removeprefix("Expected ").partition(", got ")
        raise InputError(
            Problem(what=f"field {place.strip('.`') or '?'} does not fit", where=name, found=got or what,
                    allowed=wanted if got else "a value that fits")
        ) from error  # fmt: skip
    except InputError as error:
        raise InputError([dataclasses.replace(p, where=f"{name}: {p.where}") for p in error.problems]) from error


def _walk(raw: Any, annotation: Any, where: str, problems: list[Problem]) -> None:
    """Unknown fields, missing fields and numbers that are not finite, named with their place."""
    if isinstance(raw, float) and not math.isfinite(raw):
        problems.append(Problem(what="number is not finite", where=where, found=f"{raw}", allowed="a finite number"))
    noun = _noun_of(annotation)
    if isinstance(raw, list):
        inner = next((a for a in typing.get_args(annotation) if a is not Ellipsis), object)
        for i, item in enumerate(raw):
            label = item.get("key") if isinstance(item, dict) else None
            _walk(item, inner, f"{where}[{label if isinstance(label, str) else i + 1}]", problems)
    if noun is None or not isinstance(raw, dict):
        return
    hints = typing.get_type_hints(noun)
    fields = {f.name: f for f in dataclasses.fields(noun)}
    for key, value in raw.items():
        if key in fields:
            _walk(value, hints[key], f"{where}, {key}", problems)
        else:
            problems.append(Problem(what="unknown field", where=where, found=f'"{key}"', allowed=nearest(key, fields)))
    problems += [
        Problem(what="field is missing", where=where, found="nothing", allowed=key)
        for key, field in fields.items()
        if key not in raw and field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    ]


def _noun_of(annotation: Any) -> Any:
    """The dataclass in an annotation, if there is one."""
    if dataclasses.is_dataclass(annotation):
        return annotation
    if typing.get_origin(annotation) in {typing.Union, types.UnionType}:
        return next((a for a in typing.get_args(annotation) if dataclasses.is_dataclass(a)), None)
    return None
