"""What a recording file holds, before one channel of it is chosen."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from vagus.errors import InputError, Problem, nearest
from vagus.signal.recording import Kind
from vagus.signal.vector import Array

# words that tell what a channel is, best first; a channel may carry other words beside
WORDS: dict[str, tuple[str, ...]] = {
    "ecg": (
        "ecg",
        "ekg",
        "mlii",
        "ii",
        "ml2",
        "i",
        "iii",
        "v5",
        "v",
        "v1",
        "v2",
        "v3",
        "v4",
        "v6",
        "avf",
        "avl",
        "avr",
        "cardiac",
    ),
    "ppg": ("ppg", "pleth", "bvp", "pulse", "cardiac"),
    "resp": (
        "resp",
        "rsp",
        "respiration",
        "respiratory",
        "breathing",
        "breath",
        "belt",
        "thorax",
        "thoracic",
        "abdomen",
        "impedance",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """Channels of one file.

    Parameters
    ----------
    names, units : tuple of str
        One a channel; "" where the file gives no unit.
    fs_hz : tuple of float or None
        Sampling rate of each channel; None where the file does not tell it.
    start : datetime or None
    starts : tuple of datetime or None
        Start of each channel, where they begin at different times.
    read : callable
        Samples of the channel at an index, nan where there are none, and what there is to say about them.
    notes : tuple of str
        What the reader has to say, in sentences.
    """

    names: tuple[str, ...]
    units: tuple[str, ...]
    fs_hz: tuple[float | None, ...]
    start: datetime | None
    read: Callable[[int], tuple[Array, tuple[str, ...]]]
    notes: tuple[str, ...] = ()
    starts: tuple[datetime, ...] | None = None


def words(name: str) -> tuple[str, ...]:
    """Lower-case words of a channel name: "ECG_II" -> ("ecg", "ii")."""
    return tuple(re.findall(r"[a-z0-9]+", name.casefold()))


def is_pulse_wave(name: str) -> bool:
    """Whether a channel is a PPG by its name, and no ECG.

    Examples
    --------
    >>> is_pulse_wave("PLETH"), is_pulse_wave("ECG II"), is_pulse_wave("cardiac")
    (True, False, False)
    """
    own = set(words(name))
    return bool(own & set(WORDS["ppg"])) and not own & set(WORDS["ecg"])


def pick(contents: Contents, path: Path, *, kind: Kind, channel: str | None) -> int:
    """Index of the channel that was named, or of the one that is of this kind by its name.

    Raises
    ------
    InputError
        No such channel, or nothing tells which one to take.
    """
    if channel is not None:
        return _named(contents.names, path, channel)
    if len(contents.names) == 1:
        return 0
    for word in WORDS.get(kind, ()):
        hits = [i for i, name in enumerate(contents.names) if word in words(name)]
        if hits:
            return hits[0]
    raise InputError(
        Problem(
            what=f"no channel is {kind} by its name: give channel (--channel)"
            if kind in WORDS
            else "give channel (--channel)",
            where=str(path),
            allowed="one of: " + ", ".join(contents.names),
        )
    )


def _named(names: tuple[str, ...], path: Path, channel: str) -> int:
    exact = [i for i, name in enumerate(names) if name.strip().casefold() == channel.strip().casefold()]
    if exact:
        return exact[0]
    wanted = set(words(channel))
    part = [i for i, name in enumerate(names) if wanted and wanted <= set(words(name))]
    if len(part) == 1:
        return part[0]
    listed = ", ".join(names)
    near = nearest(channel, names).partition(" (one of")[0]
    hint = f"{near} The file has: {listed}" if listed else "the file has no channel"
    if len(part) > 1:
        hint = "one of: " + ", ".join(names[i] for i in part)
    elif hint.startswith("one of"):
        hint = f"one of: {listed}"
    what = "channel fits more than one" if len(part) > 1 else "no such channel"
    raise InputError(Problem(what=what, where=str(path), found=f'channel "{channel}"', allowed=hint))
