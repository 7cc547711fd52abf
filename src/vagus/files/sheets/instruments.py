"""A lab's own instruments, and translations of one, each from a TOML file in the format of the package's own."""

from __future__ import annotations

import dataclasses
import typing
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from vagus.errors import InputError, Problem, nearest
from vagus.files.toml import TomlText, read_toml
from vagus.outcome import Instrument, Translation, instruments

OWN = "instruments"
"""Folder inside a course's that holds instruments of one's own."""

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
        The file cannot be read, a key is unknown or missing, a value does not fit, the parts contradict each other; or
        it stands for one of the package's and leaves out every question on suicide that is there.
    """
    path = Path(path)
    one = read_noun(path, Instrument)
    known = instruments().get(one.key)
    asked = {} if known is None else {item.item: item for item in known.safety if item.about == "suicide"}
    if asked and not any(item.about == "suicide" for item in one.safety):
        raise InputError(
            Problem(
                what=f"stands for {one.key} without its safety items", where=f"{path.name}, [[safety]]", found="none",
                allowed=f"[[safety]] for item {', '.join(map(str, asked))}, or a key of its own",
                why="an answer on suicide has to be told whichever file scores it",
            )
        )  # fmt: skip
    return one


def read_instruments(folder: str | Path) -> dict[str, Instrument]:
    """Instruments of one's own, by key: every TOML file in the folder `instruments` beside a course's tables.

    Parameters
    ----------
    folder : str or Path
        Folder of a course. Without a folder `instruments` in it there are none.

    Raises
    ------
    InputError
        Everything that is wrong in all files; or two files have one key.
    """
    found: dict[str, Instrument] = {}
    files: dict[str, str] = {}
    problems: list[Problem] = []
    for path in sorted((Path(folder) / OWN).glob("*.toml")):
        try:
            one = read_instrument(path)
        except InputError as error:
            problems.extend(dataclasses.replace(p, where=f"{OWN}/{p.where}") for p in error.problems)
            continue
        if one.key in found:
            told, where = f"{one.key}, which {files[one.key]} has as well", f"{OWN}/{path.name}, top key"
            problems.append(Problem(what="key given twice", where=where, found=told, allowed="one file a key"))
        found[one.key], files[one.key] = one, path.name
    if problems:
        raise InputError(problems)
    return found


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
