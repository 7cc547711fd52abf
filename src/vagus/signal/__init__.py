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
from vagus.signal.sleep.stages import STAGE_NAMES, Stages
from vagus.signal.tone import PRESETS, Tone, ToneSettings

if TYPE_CHECKING:
    from vagus.signal.correction import correct
    from vagus.signal.detect import find_beats
    from vagus.signal.index.recovery import HeartRateRecovery, heart_rate_recovery
    from vagus.signal.inhale import find_breaths
    from vagus.signal.reaction.change import Change, Reactivity, Withheld, react, react_all
    from vagus.signal.reaction.crossover import Crossover, PersonDifference, compare_sham
    from vagus.signal.reaction.design import Design
    from vagus.signal.reading.density import Density, rr_density
    from vagus.signal.reading.gaps import long_gaps, unreadable
    from vagus.signal.reading.sliding import SlidingTone, sliding_tone
    from vagus.signal.template import Quality, quality
    from vagus.signal.vagal import vagal_tone

__all__ = [
    "PRESETS",
    "STAGE_NAMES",
    "BeatChange",
    "Beats",
    "Breaths",
    "Change",
    "Correction",
    "Crossover",
    "Density",
    "Design",
    "Gap",
    "HeartRateRecovery",
    "PersonDifference",
    "Quality",
    "Reactivity",
    "Recording",
    "SlidingTone",
    "Stages",
    "Tone",
    "ToneSettings",
    "Withheld",
    "compare_sham",
    "correct",
    "find_beats",
    "find_breaths",
    "heart_rate_recovery",
    "long_gaps",
    "quality",
    "react",
    "react_all",
    "rr_density",
    "sliding_tone",
    "unreadable",
    "vagal_tone",
]
_LATER = {
    "Density": "reading.density",
    "Change": "reaction.change",
    "Crossover": "reaction.crossover",
    "Design": "reaction.design",
    "HeartRateRecovery": "index.recovery",
    "PersonDifference": "reaction.crossover",
    "Quality": "template",
    "Reactivity": "reaction.change",
    "SlidingTone": "reading.sliding",
    "Withheld": "reaction.change",
    "compare_sham": "reaction.crossover",
    "correct": "correction",
    "find_beats": "detect",
    "find_breaths": "inhale",
    "heart_rate_recovery": "index.recovery",
    "long_gaps": "reading.gaps",
    "quality": "template",
    "rr_density": "reading.density",
    "react": "reaction.change",
    "react_all": "reaction.change",
    "sliding_tone": "reading.sliding",
    "unreadable": "reading.gaps",
    "vagal_tone": "vagal",
}


def __getattr__(name: str) -> object:
    if name in _LATER:
        return getattr(importlib.import_module(f"vagus.signal.{_LATER[name]}"), name)
    raise AttributeError(f"module 'vagus.signal' has no attribute {name!r}")
