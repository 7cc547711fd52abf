"""What brain and heart are expected to do: drive, brain states, heart, predicted beats."""

from vagus.response.drive import Volley
from vagus.response.state import Response, State

__all__ = ["Response", "State", "Volley"]
