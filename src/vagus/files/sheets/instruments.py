"""A lab's own instrument, and translations of one, each from a TOML file in the format of the package's own."""

from __future__ import annotations

import dataclasses
import typing
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from vagus.errors import InputError, Problem, nearest
from vagus.files.toml import TomlText, read_toml
from vagus.outcome import Instrument, Translation

_Noun = TypeVar("_Noun")


def read_instrument(path: str | Path) -> Instrument:
    """Instrument of a lab's own, from a TOML file like those in `vagus/tables/data/instruments`.

    A key of the package's ("phq9") stands in its place where the file is used; nothing is merged.

    Parameters
    ----------
    path : str or Path

    Raises
    ------
    InputError
        The file cannot be read, a key is unknown or missing, a value does not fit, or the parts contradict each other.
    """
    return read_noun(Path(path), Instrument)


def read_translation(path: str | Path) -> Translation:
    """Translation of an instrument, from a TOML file of its own.

    Parameters
    ----------
    path : str or Path

    Raises
    ------
    InputError
        The file cannot be read, a key is unknown or missing, or a value does not fit.
    """
    return read_noun(Path(path), Translation)


def read_noun(path: Path, noun: type[_Noun]) -> _Noun:
    """A noun from a TOML file whose keys are its fields; every unknown key is told.

    Parameters
    ----------
    path : pathlib.Path
    noun : type

    Raises
    ------
    InputError
        The file cannot be read, a key is unknown or missing, or a value does not fit.
    """
    toml = read_toml(path)
    problems = [*toml.problems, *_unknown(toml.data, noun, toml)]
    if problems:
        raise InputError(problems)
    try:
        return msgspec.convert(toml.data, noun)
    except msgspec.ValidationError as error:
        # an InputError of the noun's own checks comes wrapped
        if isinstance(error.__cause__, InputError):
            raise InputError([dataclasses.replace(p, where=path.name) for p in error.__cause__.problems]) from error
        raise InputError(Problem(what=str(error), where=path.name)) from error


def _unknown(table: dict[str, Any], noun: type, toml: TomlText, section: str = "") -> list[Problem]:
    """Keys that the noun has no field for, with the nearest one; a misspelt key would be passed over in silence."""
    found: list[Problem] = []
    hints = typing.get_type_hints(noun)
    for key, value in table.items():
        if key not in hints:
            where = toml.where(section, key)
            found.append(Problem(what="unknown key", where=where, found=key, allowed=nearest(key, hints)))
            continue
        inner = next((one for one in _nouns(hints[key])), None)
        tables = value if isinstance(value, list) else [value]
        if inner is not None:
            found.extend(p for one in tables if isinstance(one, dict) for p in _unknown(one, inner, toml, key))
    return found


def _nouns(hint: object) -> list[type]:
    """Dataclasses that an annotation names."""
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return [hint]
    return [one for part in typing.get_args(hint) for one in _nouns(part)]
