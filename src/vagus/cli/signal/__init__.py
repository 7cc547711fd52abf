"""`vagus signal`: beats, breaths and vagal tone of recordings, in tables and pictures."""

from __future__ import annotations

import click

from vagus.cli.signal.beats import beats
from vagus.cli.signal.breaths import breaths
from vagus.cli.signal.plot import plot
from vagus.cli.signal.sleep import sleep
from vagus.cli.signal.tone import tone
from vagus.cli.signal.validate import validate
from vagus.errors import nearest


class _Group(click.Group):
    """A group that names the nearest command for one that it has not."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            raise click.UsageError(f'no command "{args[0]}"; {nearest(args[0], self.commands)}', ctx)
        return super().resolve_command(ctx, args)


@click.group(cls=_Group)
def signal() -> None:
    """Recordings: beats, breaths and vagal tone, in tables and pictures. WFDB, EDF, BDF, CSV, TSV.

    Every command takes many files, patterns in quotes and folders. A file that cannot be read is told on stderr and
    does not stop the others. Exit code 0: done; 1: done, and a file could not be read or a flag was raised; 2: nothing
    could be read, or the command cannot be carried out, and nothing was written.

    \b
    Example:  vagus signal beats examples/ivns-trd/recordings/bidmc01.hea
              vagus signal tone "recordings/*.edf" --window-s 300 -o tone.csv
              vagus signal plot examples/tavns-depression/recordings/bidmc02.csv -o rest.html
    """


for _command in (beats, breaths, tone, sleep, plot, validate):
    signal.add_command(_command)
