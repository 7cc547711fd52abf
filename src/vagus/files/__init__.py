"""Files in and out: recordings, potentials along a fiber, and the folder of a course."""

from vagus.files.course import read_course
from vagus.files.potentials import Potentials, read_potentials
from vagus.files.recordings import read_recording
from vagus.files.sheets import LookFirst, look_first, read_events, read_scores, read_sittings
from vagus.files.sheets.edits import edits_path, read_edits, write_edits
from vagus.files.template import new_course

__all__ = [
    "LookFirst",
    "Potentials",
    "edits_path",
    "look_first",
    "new_course",
    "read_course",
    "read_edits",
    "read_events",
    "read_potentials",
    "read_recording",
    "read_scores",
    "read_sittings",
    "write_edits",
]
