"""Files in and out: recordings, potentials along a fiber, and the folder of a course."""

from vagus.files.beats import read_beats
from vagus.files.breath_marks import BreathMarks, read_breath_marks
from vagus.files.course import read_course
from vagus.files.fields import PathField, field_bytes, read_field
from vagus.files.marks import read_marks
from vagus.files.nerve import read_nerve
from vagus.files.potentials import Potentials, read_potentials
from vagus.files.readers.marks import Mark
from vagus.files.readers.wfdb.annotations import Annotations, read_annotations
from vagus.files.recordings import list_recordings, read_recording
from vagus.files.sheets import (
    LookFirst,
    look_first,
    read_events,
    read_instrument,
    read_instruments,
    read_scores,
    read_sittings,
    read_translation,
)
from vagus.files.sheets.edits import edits_path, read_edits, write_edits
from vagus.files.sleep.counts import read_counts
from vagus.files.sleep.stages import read_stages
from vagus.files.store import FolderStore
from vagus.files.template import new_course

__all__ = [
    "Annotations",
    "BreathMarks",
    "FolderStore",
    "LookFirst",
    "Mark",
    "PathField",
    "Potentials",
    "edits_path",
    "field_bytes",
    "list_recordings",
    "look_first",
    "new_course",
    "read_annotations",
    "read_beats",
    "read_breath_marks",
    "read_counts",
    "read_course",
    "read_edits",
    "read_events",
    "read_field",
    "read_instrument",
    "read_instruments",
    "read_marks",
    "read_nerve",
    "read_potentials",
    "read_recording",
    "read_scores",
    "read_sittings",
    "read_stages",
    "read_translation",
    "write_edits",
]
