"""Pictures of one recording, apart from any course: as one SVG file, or as one HTML page."""

from vagus.report.recording.draw import KINDS, pictures, write_svg
from vagus.report.recording.page import write_recordings
from vagus.report.recording.seen import Seen

__all__ = ["KINDS", "Seen", "pictures", "write_recordings", "write_svg"]
