"""`vagus completion`: the script that completes commands and flags in a shell."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from vagus.errors import InputError

_WHERE = {
    "bash": "vagus completion bash > ~/.local/share/bash-completion/completions/vagus",
    "zsh": "vagus completion zsh > ~/.zfunc/_vagus   (with fpath+=~/.zfunc before compinit)",
    "fish": "vagus completion fish > ~/.config/fish/completions/vagus.fish",
}


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
