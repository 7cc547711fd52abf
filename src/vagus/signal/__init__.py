"""Recordings: what was measured.

Beats and breaths from one channel, their quality, correction of artefacts, and vagal tone with declared settings.
Nouns load at once; what needs scipy or the beat detector loads when it is first named.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from vagus.signal.beats import Beats
from vagus.signal.breath.state import BreathEvent, BreathState
from vagus.signal.breaths import Breaths
from vagus.signal.correction.changes import BeatChange, BeatEdit, Correction, undo
from vagus.signal.gate.pace import Due, Pace
from vagus.signal.gate.plan import Decision, Gate, Sign
from vagus.signal.gate.step import GateState
from vagus.signal.recording import Gap, Recording
from vagus.signal.sleep.night_tone import StageTone
from vagus.signal.sleep.stages import STAGE_NAMES, Stages
from vagus.signal.sleep.statistics import SleepStatistics, StageShare
from vagus.signal.tone import PRESETS, Tone, ToneSettings

if TYPE_CHECKING:
    from vagus.signal.beat.agreement import BeatAgreement, beat_agreement, pooled_agreement
    from vagus.signal.beat.artefact.live import ArtefactState, artefact_rest, artefact_step
    from vagus.signal.beat.artefact.pulse_times import find_pulse_times
    from vagus.signal.beat.artefact.removal import Cleaned, remove_artefact
    from vagus.signal.beat.pulse import find_pulses
    from vagus.signal.beat.stream import BeatEvent, BeatState, beat_rest, beat_step
    from vagus.signal.breath.agreement import Agreement, exhalation_agreement, live_exhalations
    from vagus.signal.breath.derived import DerivedState, derived_respiration, derived_step
    from vagus.signal.breath.step import breath_step
    from vagus.signal.correction.live import MendState, correct_rest, correct_step
    from vagus.signal.correction.mend import correct
    from vagus.signal.detect import find_beats
    from vagus.signal.gate.pace import pace_step
    from vagus.signal.gate.step import gate_step
    from vagus.signal.index.recovery import HeartRateRecovery, heart_rate_recovery
    from vagus.signal.inhale import find_breaths
    from vagus.signal.reaction.change import Change, Reactivity, Withheld, react, react_all
    from vagus.signal.reaction.crossover import Crossover, PersonDifference, compare_sham
    from vagus.signal.reaction.design import Design
    from vagus.signal.reading.density import Density, rr_density
    from vagus.signal.reading.gaps import long_gaps, unreadable
    from vagus.signal.reading.sliding import SlidingTone, sliding_tone
    from vagus.signal.rhythms import Rhythm, RhythmPart, rhythm
    from vagus.signal.sleep.night_tone import tone_by_stage
    from vagus.signal.sleep.statistics import night_of, sleep_statistics
    from vagus.signal.sleep.wrist import sleep_of_activity
    from vagus.signal.template import Quality, quality
    from vagus.signal.vagal import vagal_tone

__all__ = [
    "PRESETS",
    "STAGE_NAMES",
    "Agreement",
    "ArtefactState",
    "BeatAgreement",
    "BeatChange",
    "BeatEdit",
    "BeatEvent",
    "BeatState",
    "Beats",
    "BreathEvent",
    "BreathState",
    "Breaths",
    "Change",
    "Cleaned",
    "Correction",
    "Crossover",
    "Decision",
    "Density",
    "DerivedState",
    "Design",
    "Due",
    "Gap",
    "Gate",
    "GateState",
    "HeartRateRecovery",
    "MendState",
    "Pace",
    "PersonDifference",
    "Quality",
    "Reactivity",
    "Recording",
    "Rhythm",
    "RhythmPart",
    "Sign",
    "SleepStatistics",
    "SlidingTone",
    "StageShare",
    "StageTone",
    "Stages",
    "Tone",
    "ToneSettings",
    "Withheld",
    "artefact_rest",
    "artefact_step",
    "beat_agreement",
    "beat_rest",
    "beat_step",
    "breath_step",
    "compare_sham",
    "correct",
    "correct_rest",
    "correct_step",
    "derived_respiration",
    "derived_step",
    "exhalation_agreement",
    "find_beats",
    "find_breaths",
    "find_pulse_times",
    "find_pulses",
    "gate_step",
    "heart_rate_recovery",
    "live_exhalations",
    "long_gaps",
    "night_of",
    "pace_step",
    "pooled_agreement",
    "quality",
    "react",
    "react_all",
    "remove_artefact",
    "rhythm",
    "rr_density",
    "sleep_of_activity",
    "sleep_statistics",
    "sliding_tone",
    "tone_by_stage",
    "undo",
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
    "Rhythm": "rhythms",
    "RhythmPart": "rhythms",
    "MendState": "correction.live",
    "correct": "correction.mend",
    "correct_rest": "correction.live",
    "correct_step": "correction.live",
    "find_beats": "detect",
    "find_breaths": "inhale",
    "heart_rate_recovery": "index.recovery",
    "Agreement": "breath.agreement",
    "DerivedState": "breath.derived",
    "breath_step": "breath.step",
    "derived_step": "breath.derived",
    "derived_respiration": "breath.derived",
    "exhalation_agreement": "breath.agreement",
    "gate_step": "gate.step",
    "live_exhalations": "breath.agreement",
    "long_gaps": "reading.gaps",
    "night_of": "sleep.statistics",
    "quality": "template",
    "rr_density": "reading.density",
    "react": "reaction.change",
    "react_all": "reaction.change",
    "sliding_tone": "reading.sliding",
    "rhythm": "rhythms",
    "pace_step": "gate.pace",
    "sleep_of_activity": "sleep.wrist",
    "sleep_statistics": "sleep.statistics",
    "tone_by_stage": "sleep.night_tone",
    "ArtefactState": "beat.artefact.live",
    "artefact_rest": "beat.artefact.live",
    "artefact_step": "beat.artefact.live",
    "BeatAgreement": "beat.agreement",
    "BeatEvent": "beat.stream",
    "BeatState": "beat.stream",
    "Cleaned": "beat.artefact.removal",
    "beat_agreement": "beat.agreement",
    "beat_rest": "beat.stream",
    "beat_step": "beat.stream",
    "find_pulse_times": "beat.artefact.pulse_times",
    "find_pulses": "beat.pulse",
    "pooled_agreement": "beat.agreement",
    "remove_artefact": "beat.artefact.removal",
    "unreadable": "reading.gaps",
    "vagal_tone": "vagal",
}


def __getattr__(name: str) -> object:
    if name in _LATER:
        return getattr(importlib.import_module(f"vagus.signal.{_LATER[name]}"), name)
    raise AttributeError(f"module 'vagus.signal' has no attribute {name!r}")
