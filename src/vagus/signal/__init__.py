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
    from vagus.signal.beat.agreement import BeatAgreement, beat_agreement, pooled_agreement
    from vagus.signal.beat.artefact import Cleaned, remove_artefact
    from vagus.signal.beat.pulse import find_pulses
    from vagus.signal.beat.pulse_times import find_pulse_times
    from vagus.signal.beat.stream import BeatEvent, BeatState, beat_rest, beat_step
    from vagus.signal.correction import correct
    from vagus.signal.detect import find_beats
    from vagus.signal.inhale import find_breaths
    from vagus.signal.reading.gaps import long_gaps, unreadable
    from vagus.signal.template import Quality, quality
    from vagus.signal.vagal import vagal_tone

__all__ = [
    "PRESETS",
    "BeatAgreement",
    "BeatChange",
    "BeatEvent",
    "BeatState",
    "Beats",
    "Breaths",
    "Cleaned",
    "Correction",
    "Gap",
    "Quality",
    "Recording",
    "Tone",
    "ToneSettings",
    "beat_agreement",
    "beat_rest",
    "beat_step",
    "correct",
    "find_beats",
    "find_breaths",
    "find_pulse_times",
    "find_pulses",
    "long_gaps",
    "pooled_agreement",
    "quality",
    "remove_artefact",
    "unreadable",
    "vagal_tone",
]
_LATER = {
    "BeatAgreement": "beat.agreement",
    "BeatEvent": "beat.stream",
    "BeatState": "beat.stream",
    "Cleaned": "beat.artefact",
    "Quality": "template",
    "beat_agreement": "beat.agreement",
    "beat_rest": "beat.stream",
    "beat_step": "beat.stream",
    "correct": "correction",
    "find_beats": "detect",
    "find_breaths": "inhale",
    "find_pulse_times": "beat.pulse_times",
    "find_pulses": "beat.pulse",
    "long_gaps": "reading.gaps",
    "pooled_agreement": "beat.agreement",
    "quality": "template",
    "remove_artefact": "beat.artefact",
    "unreadable": "reading.gaps",
    "vagal_tone": "vagal",
}


def __getattr__(name: str) -> object:
    if name in _LATER:
        return getattr(importlib.import_module(f"vagus.signal.{_LATER[name]}"), name)
    raise AttributeError(f"module 'vagus.signal' has no attribute {name!r}")
