"""What was made of one recording, gathered for drawing."""

from __future__ import annotations

from dataclasses import dataclass

from vagus.report.figures.rhythm import Windows
from vagus.signal import Beats, Density, Reactivity, Recording, Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One recording and what was made of it; each kind of picture takes what it needs, and is left out without it.

    Parameters
    ----------
    name : str
        What the recording is called, most often its file.
    beats : vagus.signal.Beats
        Corrected beats.
    start_s, end_s : float
        Window that was read.
    recording : vagus.signal.Recording or None
        The ECG; None for a file of RR intervals.
    raw : vagus.signal.Beats or None
        Beats as detected.
    tone : vagus.signal.Tone or None
        Vagal tone over the window; None where it could not be told, and `not_told` says why.
    density : vagus.signal.Density or None
    windows : Windows or None
        Vagal tone in sliding windows.
    reactions : tuple of vagus.signal.Reactivity
        Vagal tone around a stimulation or stressor: of this recording, and of its sham.
    not_told : tuple of str
        Sentences on what could not be told.
    """

    name: str
    beats: Beats
    start_s: float
    end_s: float
    recording: Recording | None = None
    raw: Beats | None = None
    tone: Tone | None = None
    density: Density | None = None
    windows: Windows | None = None
    reactions: tuple[Reactivity, ...] = ()
    not_told: tuple[str, ...] = ()
