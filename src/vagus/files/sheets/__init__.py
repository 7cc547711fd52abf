"""The tables beside a course: scores, sittings, events; what is in them that has to be looked at first."""

from vagus.files.sheets.first import LookFirst, look_first
from vagus.files.sheets.instruments import read_instrument, read_instruments, read_translation
from vagus.files.sheets.names import misnamed
from vagus.files.sheets.scores import read_events, read_scores, read_sittings

__all__ = [
    "LookFirst",
    "look_first",
    "misnamed",
    "read_events",
    "read_instrument",
    "read_instruments",
    "read_scores",
    "read_sittings",
    "read_translation",
]
