"""Write docs/reference.md and docs/commands.md from the docstrings, so that they cannot drift.

Run by `make reference`; a structure test fails when the pages are not what this writes.
"""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path

import click

from vagus.cli import vagus_command

HERE = Path(__file__).parent
ROOMS = {
    "units": "what a number means",
    "source": "where it is from, how sure it is",
    "store": "where long work keeps what is done",
    "errors": "what went wrong",
    "tables": "what is known",
    "dose": "what leaves the device, and is it safe",
    "field": "what the tissue feels",
    "fiber": "which axons fire",
    "response": "what brain and body do",
    "signal": "what was measured",
    "outcome": "is the person better, what did trials find",
    "course": "one person's course of treatment",
    "files": "in and out",
    "report": "the page people read",
}


def public_names(room: str) -> list[str]:
    """Public names of a room."""
    return sorted(importlib.import_module(f"vagus.{room}").__all__, key=str.lower)


def _first_line(thing: object) -> str:
    if not callable(thing) or not hasattr(thing, "__name__") or not getattr(thing, "__doc__", None):
        return "constant"
    text = inspect.getdoc(thing) or ""
    return text.split("\n\n")[0].replace("\n", " ").strip()


def reference() -> str:
    """Text of docs/reference.md: each public name of each room, a line each."""
    lines = [
        "# Reference",
        "",
        "Every public name, a line each; `make docs` builds full pages from the docstrings.",
        "",
    ]
    for room, question in ROOMS.items():
        module = importlib.import_module(f"vagus.{room}")
        lines += [f"## `vagus.{room}`: {question}", ""]
        for name in public_names(room):
            text = _first_line(getattr(module, name))
            lines.append(f"- `{name}`: {text}" if text != "constant" else f"- `{name}` (constant)")
        lines.append("")
    return "\n".join(lines)


def command_helps(command: click.Command = vagus_command, parent: click.Context | None = None) -> dict[str, str]:
    """Help of each command by its path, as the shell shows it at a width of 100."""
    name = command.name if parent else "vagus"
    settings = command.context_settings | {"max_content_width": 100, "terminal_width": 100}
    context = click.Context(command, parent=parent, info_name=name, **settings)
    if not isinstance(command, click.Group):
        return {context.command_path: command.get_help(context)}
    found: dict[str, str] = {}
    for inner_name in command.list_commands(context):
        inner = command.get_command(context, inner_name)
        if inner is not None:
            found |= command_helps(inner, context)
    return found


def commands() -> str:
    """Text of docs/commands.md: each command with its help."""
    lines = [
        "# Commands",
        "",
        "Exit codes: 0 done; 1 ran, with findings (a limit warned, a validation failed); 2 input or dose refused,",
        "nothing written. Errors go to stderr and tell the mend. `--json` is for scripts.",
        "",
    ]
    for path, text in command_helps().items():
        lines += [f"## `{path}`", "", "```", text, "```", ""]
    return "\n".join(lines)


def main() -> None:
    """Write both pages."""
    (HERE / "reference.md").write_text(reference(), encoding="utf-8")
    (HERE / "commands.md").write_text(commands(), encoding="utf-8")


if __name__ == "__main__":
    main()
