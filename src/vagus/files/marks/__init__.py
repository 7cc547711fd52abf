"""What people marked in recordings: beats of WFDB records, breaths of BIDMC folders."""

from vagus.files.marks.bidmc import BreathMarks, read_breath_marks
from vagus.files.marks.wfdb import BEAT_SIGNS, Annotations, read_annotations

__all__ = ["BEAT_SIGNS", "Annotations", "BreathMarks", "read_annotations", "read_breath_marks"]
