"""One person's course of treatment: protocol, predictions, recordings, scores on one time line."""

from vagus.course.assemble import assemble
from vagus.course.course import Course, Event, RecordingPlan, Segment, Sitting
from vagus.course.delivered import delivered
from vagus.course.facts import reporting_facts
from vagus.course.person import DIAGNOSES, About, DeviceUse, Person
from vagus.course.refusal import Refusal, refusals
from vagus.course.results import Delivered, DeliveredWeek, Results, SegmentTone

__all__ = [
    "DIAGNOSES",
    "About",
    "Course",
    "Delivered",
    "DeliveredWeek",
    "DeviceUse",
    "Event",
    "Person",
    "RecordingPlan",
    "Refusal",
    "Results",
    "Segment",
    "SegmentTone",
    "Sitting",
    "assemble",
    "delivered",
    "refusals",
    "reporting_facts",
]
