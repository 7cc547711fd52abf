"""Recordings: what was measured.

Beats and breaths from one channel, their quality, correction of artefacts, and vagal tone with declared settings.
Nouns load at once; what needs scipy or the beat detector loads when it is first named.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from vagus.signal.beats import BeatChange, Beats, Correction
from vagus.signal.breaths import Breaths
from vagus.signal.recording import Gap, Recording
from vagus.signal.tone import PRESETS, Tone, ToneSettings

if TYPE_CHECKING:
    from vagus.signal.beat.agreement import Agreement, agreement, pooled
    from vagus.signal.beat.stream import BeatEvent, BeatState, finish, listen, step
    from vagus.signal.correction import correct
    from vagus.signal.detect import find_beats
    from vagus.signal.inhale import find_breaths
    from vagus.signal.reading.gaps import long_gaps, unreadable
    from vagus.signal.template import Quality, quality
    from vagus.signal.vagal import vagal_tone

__all__ = [
    "PRESETS",
    "Agreement",
    "BeatChange",
    "BeatEvent",
    "BeatState",
    "Beats",
    "Breaths",
    "Correction",
    "Gap",
    "Quality",
    "Recording",
    "Tone",
    "ToneSettings",
    "agreement",
    "correct",
    "find_beats",
    "find_breaths",
    "finish",
    "listen",
    "long_gaps",
    "pooled",
    "quality",
    "step",
    "unreadable",
    "vagal_tone",
]
_LATER = {
    "Agreement": "beat.agreement",
    "BeatEvent": "beat.stream",
    "BeatState": "beat.stream",
    "agreement": "beat.agreement",
    "finish": "beat.stream",
    "listen": "beat.stream",
    "pooled": "beat.agreement",
    "step": "beat.stream",
    "Quality": "template",
    "correct": "correction",
    "find_beats": "detect",
    "find_breaths": "inhale",
    "long_gaps": "reading.gaps",
    "quality": "template",
    "unreadable": "reading.gaps",
    "vagal_tone": "vagal",
}


def __getattr__(name: str) -> object:
    if name in _LATER:
        return getattr(importlib.import_module(f"vagus.signal.{_LATER[name]}"), name)
    raise AttributeError(f"module 'vagus.signal' has no attribute {name!r}")
