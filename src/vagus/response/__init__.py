"""What brain and heart are expected to do: drive, brain states, heart, predicted beats."""

from vagus.response.brain_states import check_covered
from vagus.response.check.validate import ResponseCheck, TargetCheck, validate_response
from vagus.response.drive import Volley, drive
from vagus.response.heart import predict_beats
from vagus.response.respond import respond
from vagus.response.state import Response, State, at_end

__all__ = [
    "Response", "ResponseCheck", "State", "TargetCheck", "Volley", "at_end", "check_covered", "drive", "predict_beats",
    "respond", "validate_response",
]  # fmt: skip
