"""`vagus completion`: the script that completes commands and flags in a shell, and what completes values of flags.

Values come straight from the tables: no room is imported while somebody waits for a key.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import click
from click.shell_completion import CompletionItem, get_completion_class

from vagus.errors import InputError

_WHERE = {
    "bash": "vagus completion bash > ~/.local/share/bash-completion/completions/vagus",
    "zsh": "vagus completion zsh > ~/.zfunc/_vagus   (with fpath+=~/.zfunc before compinit)",
    "fish": "vagus completion fish > ~/.config/fish/completions/vagus.fish",
}


def complete_device(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Keys of devices that begin with what was typed; for `shell_complete=` of an option or argument."""
    return _begun(((row["key"], row["name"]) for row in _table("devices")), incomplete)


def complete_site(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Keys of sites that begin with what was typed, those of the device's route where a device was given before."""
    asked = ctx.params.get("device")
    routes = {row["route"] for row in _table("devices") if row["key"] == asked}
    sites = (row for row in _table("sites") if not routes or row["route"] in routes)
    return _begun(((row["key"], row["name"]) for row in sites), incomplete)


def complete_condition(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Keys of conditions that begin with what was typed, and "none"."""
    known = {"none": "asked, none holds", **{row["condition"]: row["label"] for row in _table("conditions")}}
    return _begun(known.items(), incomplete)


def complete_shape(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Shapes of a pulse that begin with what was typed."""
    return _begun(((shape, "") for shape in SHAPES), incomplete)


# as `vagus.dose.Shape`, whose room loads numpy (a test compares them)
SHAPES = ("monophasic", "biphasic_symmetric", "biphasic_asymmetric")


def _table(name: str) -> tuple[Mapping[str, str], ...]:
    from vagus.tables import raw_rows

    return raw_rows(name)


def _begun(known: Iterable[tuple[str, str]], incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(key, help=text or None) for key, text in known if key.startswith(incomplete)]


@click.command(epilog="Install:  " + _WHERE["bash"])
@click.argument("shell", type=click.Choice(list(_WHERE)))
def completion(shell: str) -> None:
    """Print the completion script of a shell.

    \b
    Example:  vagus completion bash > ~/.local/share/bash-completion/completions/vagus
    """
    from vagus.cli import vagus_command

    script = get_completion_class(shell)
    if script is None:
        raise InputError(f"no completion for {shell}")
    click.echo(script(vagus_command, {}, "vagus", "_VAGUS_COMPLETE").source())
    click.echo(f"# to install: {_WHERE[shell]}", err=True)
