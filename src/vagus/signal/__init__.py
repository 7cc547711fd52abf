"""Recordings: what was measured.

Beats and breaths from one channel, their quality, correction of artefacts, and vagal tone with declared settings.
Nouns load at once; what needs scipy or the beat detector loads when it is first named.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from vagus.signal.beats import BeatChange, Beats, Correction
from vagus.signal.breath.state import BreathEvent, BreathState
from vagus.signal.breaths import Breaths
from vagus.signal.gate.plan import Decision, Gate, Sign
from vagus.signal.gate.rhythm import Due, Rhythm
from vagus.signal.gate.step import GateState
from vagus.signal.recording import Gap, Recording
from vagus.signal.sleep.night_tone import StageTone
from vagus.signal.sleep.stages import STAGE_NAMES, Stages
from vagus.signal.sleep.statistics import SleepStatistics, StageShare
from vagus.signal.tone import PRESETS, Tone, ToneSettings

if TYPE_CHECKING:
    from vagus.signal.breath.agreement import Agreement, exhalation_agreement, live_exhalations
    from vagus.signal.breath.derived import DerivedState, derived_respiration, derived_step
    from vagus.signal.breath.step import breath_step
    from vagus.signal.correction import correct
    from vagus.signal.detect import find_beats
    from vagus.signal.gate.rhythm import rhythm_step
    from vagus.signal.gate.step import gate_step
    from vagus.signal.inhale import find_breaths
    from vagus.signal.reading.gaps import long_gaps, unreadable
    from vagus.signal.sleep.night_tone import tone_by_stage
    from vagus.signal.sleep.statistics import night_of, sleep_statistics
    from vagus.signal.sleep.wrist import sleep_of_activity
    from vagus.signal.template import Quality, quality
    from vagus.signal.vagal import vagal_tone

__all__ = [
    "PRESETS",
    "STAGE_NAMES",
    "Agreement",
    "BeatChange",
    "Beats",
    "BreathEvent",
    "BreathState",
    "Breaths",
    "Correction",
    "Decision",
    "DerivedState",
    "Due",
    "Gap",
    "Gate",
    "GateState",
    "Quality",
    "Recording",
    "Rhythm",
    "Sign",
    "SleepStatistics",
    "StageShare",
    "StageTone",
    "Stages",
    "Tone",
    "ToneSettings",
    "breath_step",
    "correct",
    "derived_respiration",
    "derived_step",
    "exhalation_agreement",
    "find_beats",
    "find_breaths",
    "gate_step",
    "live_exhalations",
    "long_gaps",
    "night_of",
    "quality",
    "rhythm_step",
    "sleep_of_activity",
    "sleep_statistics",
    "tone_by_stage",
    "unreadable",
    "vagal_tone",
]
_LATER = {
    "Agreement": "breath.agreement",
    "DerivedState": "breath.derived",
    "Quality": "template",
    "breath_step": "breath.step",
    "derived_step": "breath.derived",
    "correct": "correction",
    "derived_respiration": "breath.derived",
    "exhalation_agreement": "breath.agreement",
    "find_beats": "detect",
    "find_breaths": "inhale",
    "gate_step": "gate.step",
    "live_exhalations": "breath.agreement",
    "long_gaps": "reading.gaps",
    "night_of": "sleep.statistics",
    "quality": "template",
    "rhythm_step": "gate.rhythm",
    "sleep_of_activity": "sleep.wrist",
    "sleep_statistics": "sleep.statistics",
    "tone_by_stage": "sleep.night_tone",
    "unreadable": "reading.gaps",
    "vagal_tone": "vagal",
}


def __getattr__(name: str) -> object:
    if name in _LATER:
        return getattr(importlib.import_module(f"vagus.signal.{_LATER[name]}"), name)
    raise AttributeError(f"module 'vagus.signal' has no attribute {name!r}")
