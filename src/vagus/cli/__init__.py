"""The hand: commands, each a thin call of the library.

Exit codes: 0 done; 1 ran, with findings (a limit warned, a validation failed); 2 input or dose refused, nothing
written. Groups load when they are called, so that ``vagus --help`` starts at once.
"""

from __future__ import annotations

import importlib
import sys
from signal import SIGTERM
from signal import signal as when_told

import click
from click.shell_completion import CompletionItem

import vagus
from vagus.errors import DoseRefused, InputError, VagusError, nearest

DONE, FINDINGS, REFUSED = 0, 1, 2

# name -> (module, attribute, one line of help: shown without loading the group)
COMMANDS: dict[str, tuple[str, str, str]] = {
    "report": ("vagus.cli.report", "report", "One HTML report on a course of treatment."),
    "course": ("vagus.cli.course", "course", "A course folder: start, check, forecast."),
    "dose": ("vagus.cli.dose", "dose", "Stimulation settings against limits."),
    "field": ("vagus.cli.field", "field", "Potential of electrodes around a nerve."),
    "fiber": ("vagus.cli.fiber", "fiber", "Which fibers fire; settings for an aim."),
    "response": ("vagus.cli.response", "response", "What brain and body are expected to do."),
    "signal": ("vagus.cli.signal", "signal", "Recordings: beats, vagal tone, breaths, sleep."),
    "outcome": (
        "vagus.cli.outcome",
        "outcome",
        "Scores, change, trials, evidence.",
    ),
    "tables": ("vagus.cli.tables", "tables", "The numbers vagus rests on, with source."),
    "cite": ("vagus.cli.tables", "cite", "BibTeX of the sources a course's report rests on."),
    "completion": ("vagus.cli.completion", "completion", "Shell completion for bash, zsh or fish."),
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are named."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order they are shown."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Command of that name, imported now."""
        if cmd_name not in COMMANDS:
            return None
        module, attribute, _ = COMMANDS[cmd_name]
        return getattr(importlib.import_module(module), attribute)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List of commands, from the table: no group is loaded to show it."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, _, text) in COMMANDS.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Names that fit, from the table: no group is loaded to complete one."""
        return [
            CompletionItem(name, help=text) for name, (_, _, text) in COMMANDS.items() if name.startswith(incomplete)
        ]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Command, or an error that names the nearest one."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            raise click.UsageError(f'no command "{args[0]}"; {nearest(args[0], COMMANDS)}', ctx)
        return super().resolve_command(ctx, args)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(vagus.__version__, prog_name="vagus")
def vagus_command() -> None:
    """Vagus nerve stimulation, from pulse to person. For research; not a medical device.

    \b
    Start:    vagus course new my-course
              vagus report my-course -o my-course.html
    """


def main() -> None:
    """Entry point: every error that vagus raises on purpose becomes a sentence on stderr and exit code 2."""
    when_told(SIGTERM, lambda *_: sys.exit(128 + SIGTERM))  # files of the moment are cleared away
    try:
        code = vagus_command.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(REFUSED)
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped; nothing was written", err=True)
        sys.exit(130)
    except DoseRefused as error:
        for limit in error.limits:
            click.echo(f"refused: {limit}", err=True)
        sys.exit(REFUSED)
    except InputError as error:
        for problem in error.problems:
            click.echo(f"error: {problem}", err=True)
        sys.exit(REFUSED)
    except VagusError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(REFUSED)
    except BrokenPipeError:
        # who reads has had enough; Python would complain again while it flushes
        sys.stdout = sys.stderr = None
        sys.exit(DONE)
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        click.echo(f"error: {place}cannot be read or written ({error.strerror or error})", err=True)
        sys.exit(REFUSED)
    sys.exit(code if isinstance(code, int) else DONE)


__all__ = ["COMMANDS", "DONE", "FINDINGS", "REFUSED", "main", "vagus_command"]
