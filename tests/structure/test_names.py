"""Public names: each float says its unit, each name and command has a place in the docs."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import typing
from pathlib import Path

import click
import pytest

from vagus.cli import COMMANDS, vagus_command
from vagus.units import suffix_of

ROOT = Path(__file__).parents[2]
ROOMS = ("units", "source", "errors", "tables", "dose", "field", "fiber", "response", "signal", "outcome", "course", "files", "report")  # fmt: skip

# Names of numbers that have no unit, each with the reason that it needs none. One list for the whole library.
UNITLESS = {
    "value": "a number whose unit stands in the field beside it",
    "estimate": "unit beside it",
    "low": "unit beside it",
    "high": "unit beside it",
    "limit": "unit beside it",
    "level": "probability of an interval",
    "factor": "ratio of two units",
    "recovery_ratio": "amplitude of the second phase over the first",
    "rel_tol": "relative tolerance",
    "weights": "shares of the current, sum zero",
    "weeks": "its own unit",
}


def _public() -> list[tuple[str, str, object]]:
    found = []
    for room in ROOMS:
        module = importlib.import_module(f"vagus.{room}")
        for name in getattr(module, "__all__", [n for n in vars(module) if not n.startswith("_")]):
            thing = getattr(module, name)
            if getattr(thing, "__module__", "").startswith("vagus"):
                found.append((room, name, thing))
    return found


PUBLIC = _public()


def _is_number(annotation: object) -> bool:
    if annotation is float:
        return True
    return float in typing.get_args(annotation)


def _numbers(thing: object) -> list[str]:
    if dataclasses.is_dataclass(thing):
        hints = typing.get_type_hints(thing)
        return [f.name for f in dataclasses.fields(thing) if _is_number(hints[f.name])]
    if inspect.isfunction(thing):
        hints = typing.get_type_hints(thing)
        return [name for name, hint in hints.items() if name != "return" and _is_number(hint)]
    return []


@pytest.mark.parametrize(("room", "name", "thing"), PUBLIC, ids=[f"{r}.{n}" for r, n, _ in PUBLIC])
def test_every_float_carries_its_unit(room: str, name: str, thing: object) -> None:
    bare = [number for number in _numbers(thing) if suffix_of(number) is None and number not in UNITLESS]
    assert not bare, f"vagus.{room}.{name}: {bare} carry no unit and are not listed in UNITLESS"


@pytest.mark.parametrize(("room", "name", "thing"), PUBLIC, ids=[f"{r}.{n}" for r, n, _ in PUBLIC])
def test_every_public_name_is_documented(room: str, name: str, thing: object) -> None:
    if callable(thing):
        assert inspect.getdoc(thing), f"vagus.{room}.{name} has no docstring"
    page = ROOT / "docs" / "reference.md"
    assert f"`{name}`" in page.read_text(encoding="utf-8"), f"vagus.{room}.{name} has no place in docs/reference.md"


@pytest.mark.parametrize("room", ROOMS)
def test_all_is_sorted_and_true(room: str) -> None:
    module = importlib.import_module(f"vagus.{room}")
    names = getattr(module, "__all__", None)
    if names is not None:
        assert all(hasattr(module, name) for name in names)
        assert len(set(names)) == len(names)


def _commands(group: click.Command, path: str) -> list[tuple[str, click.Command]]:
    if not isinstance(group, click.Group):
        return [(path, group)]
    context = click.Context(group)
    found: list[tuple[str, click.Command]] = []
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        found.extend(_commands(command, f"{path} {name}"))
    return found


COMMAND_LIST = _commands(vagus_command, "vagus")


@pytest.mark.parametrize(("path", "command"), COMMAND_LIST, ids=[p for p, _ in COMMAND_LIST])
def test_every_command_shows_an_example_and_has_a_place(path: str, command: click.Command) -> None:
    text = command.get_help(click.Context(command, info_name=path))
    assert "Example" in text
    assert path in text.split("Example")[1]
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert f"`{path}`" in page, f"{path} has no place in docs/commands.md"


def test_the_top_level_table_tells_the_truth() -> None:
    for name, (module, attribute, _) in COMMANDS.items():
        command = getattr(importlib.import_module(module), attribute)
        assert command.name == name
