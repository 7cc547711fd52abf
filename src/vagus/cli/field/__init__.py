"""`vagus field`: what contacts do to the tissue around them, by finite elements."""

from __future__ import annotations

import click

from vagus.cli.field.show import show
from vagus.cli.field.solve import solve


@click.group()
def field() -> None:
    """Potential of electrodes in tissue: solve a nerve in its cuff, show a field.

    \b
    Example:  vagus field solve human --side left --seed 1 --electrode helix --around muscle -o nerve.npz
              vagus field show nerve.npz -o nerve.svg
    """


field.add_command(solve)
field.add_command(show)
