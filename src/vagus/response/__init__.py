"""What brain and heart are expected to do: drive, brain states, heart, predicted beats."""

from vagus.response.brain_states import check_covered
from vagus.response.check.validate import HeldOut, ResponseCheck, TargetCheck, validate_response
from vagus.response.draws.sensitivity import Sensitivity, Share
from vagus.response.drive import Volley, drive
from vagus.response.heart import predict_beats
from vagus.response.respond import respond, sensitivity
from vagus.response.state import INNER_LEVEL, LEVEL, Measured, Response, State, Weighing, at_end

__all__ = [
    "INNER_LEVEL", "LEVEL", "HeldOut", "Measured", "Response", "ResponseCheck", "Sensitivity", "Share", "State",
    "TargetCheck", "Volley", "Weighing", "at_end", "check_covered", "drive", "predict_beats", "respond", "sensitivity",
    "validate_response",
]  # fmt: skip
