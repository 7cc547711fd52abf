"""What brain and body are expected to do: drive, brain states, pupil, heart and its beats, cytokines, nights."""

from vagus.response.brain_states import check_covered
from vagus.response.check.validate import HeldOut, ResponseCheck, TargetCheck, validate_response
from vagus.response.draws.sensitivity import Sensitivity, Share
from vagus.response.drive import Volley, drive
from vagus.response.heart.beats import predict_beats
from vagus.response.heart.plant import HeartPlant, heart_plant
from vagus.response.heart.step import HeartInput, HeartOutput, HeartRun, HeartState, heart_rest, heart_step, run_heart
from vagus.response.immune.challenge import challenge, challenge_peaks
from vagus.response.respond import respond, sensitivity
from vagus.response.sleep.night import predict_night, sleep_change
from vagus.response.state import INNER_LEVEL, LEVEL, Measured, Response, State, Weighing, at_end

__all__ = [
    "INNER_LEVEL", "LEVEL", "HeartInput", "HeartOutput", "HeartPlant", "HeartRun", "HeartState", "HeldOut",
    "Measured", "Response", "ResponseCheck", "Sensitivity", "Share", "State", "TargetCheck", "Volley", "Weighing",
    "at_end", "challenge", "challenge_peaks", "check_covered", "drive", "heart_plant", "heart_rest", "heart_step",
    "predict_beats", "predict_night", "respond", "run_heart", "sensitivity", "sleep_change", "validate_response",
]  # fmt: skip
