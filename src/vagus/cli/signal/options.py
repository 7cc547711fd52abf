"""Options that the commands on recordings share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click
from click.shell_completion import CompletionItem

from vagus.errors import InputError, Problem, nearest

# as `vagus.signal.PRESETS`, whose room loads numpy (a test compares them)
PRESETS = {
    "vagus": "ours",
    "neurokit2": "numbers of NeuroKit2 0.2.13",
    "pyhrv": "numbers of pyHRV 0.5.0",
    "systole": "numbers of systole 0.3.0",
    "kubios_like": "settings as Kubios describes them, no agreement claimed",
}
POSITIVE = click.FloatRange(min=0, min_open=True)


class Named(click.ParamType):
    """One of a few names: a wrong one is answered with the nearest; names complete in the shell."""

    name = "name"

    def __init__(self, what: str, known: Mapping[str, str]) -> None:
        self.what, self.known = what, known

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The name, where it is known."""
        if value not in self.known:
            where = param.opts[-1] if param is not None else ""
            allowed = nearest(str(value), self.known)
            raise InputError(Problem(what=f"no such {self.what}", where=where, found=f'"{value}"', allowed=allowed))
        return value

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """What the help shows."""
        return f"[{'|'.join(self.known)}]"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Names that begin with what was typed."""
        return [CompletionItem(key, help=text) for key, text in self.known.items() if key.startswith(incomplete)]


files_argument = click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path())
read_as_option = click.option(
    "--read-as",
    type=Named(
        "kind of file",
        {
            "ecg": "samples of an ECG",
            "ppg": "samples of a PPG: PRV, not HRV",
            "rr": "intervals, beat times, annotations",
        },
    ),
    help="What to read: ecg or ppg (samples), or rr (intervals, annotations). Without it an ECG, or intervals.",
)
channel_option = click.option(
    "--channel", help="Channel to read; without it the one that is an ECG (or PPG) by its name."
)
resp_option = click.option(
    "--resp-channel", help="Channel of the respiration in the same file: gives RSA and breathing rate."
)
unit_option = click.option(
    "--unit", type=click.Choice(["ms", "s"]), help="Of intervals, for files from which it is not to be told."
)
fs_option = click.option("--fs-hz", type=POSITIVE, help="Sampling rate, for files that do not tell it.")
artefact_option = click.option(
    "--artefact",
    metavar="find|FILE",
    help="Take stimulation out of the ECG: find its pulses, or read their times in s from a text file, one a line.",
)
start_option = click.option("--start-s", type=click.FloatRange(min=0), help="Start of the window in seconds.")
end_option = click.option("--end-s", type=POSITIVE, help="End of the window in seconds.")
window_option = click.option(
    "--window-s", type=POSITIVE, help="Length of windows along the recording: one row of results each."
)
every_option = click.option(
    "--every-s", type=POSITIVE, help="From the start of one window to the next; default: one window after the other."
)
preset_option = click.option(
    "--preset",
    type=Named("preset", PRESETS),
    default="vagus",
    show_default=True,
    help="Settings: " + "; ".join(f"{key} ({text})" for key, text in PRESETS.items()) + ".",
)
resamples_option = click.option(
    "--resamples",
    type=click.IntRange(0),
    help="Bootstrap samples for the intervals; default: 200 for one window, 0 (no intervals) with --window-s.",
)
