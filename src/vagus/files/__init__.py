"""Files in and out: recordings, potentials along a fiber, and the folder of a course."""

from vagus.files.course import read_course
from vagus.files.marks import Annotations, BreathMarks, read_annotations, read_breath_marks
from vagus.files.potentials import Potentials, read_potentials
from vagus.files.recordings import read_recording
from vagus.files.sheets import LookFirst, look_first, read_events, read_scores, read_sittings
from vagus.files.template import new_course

__all__ = [
    "Annotations",
    "BreathMarks",
    "LookFirst",
    "Potentials",
    "look_first",
    "new_course",
    "read_annotations",
    "read_breath_marks",
    "read_course",
    "read_events",
    "read_potentials",
    "read_recording",
    "read_scores",
    "read_sittings",
]
