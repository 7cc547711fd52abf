"""One person's course of treatment: protocol, predictions, recordings, scores on one time line."""

from vagus.course.assemble import assemble
from vagus.course.course import Course, Event, RecordingPlan, Segment, Sitting
from vagus.course.dates import day
from vagus.course.delivered import delivered
from vagus.course.facts import reporting_facts
from vagus.course.findings import course_findings, delivered_excesses, grave_events
from vagus.course.forecast import forecast
from vagus.course.person import DIAGNOSES, About, DeviceUse, Person
from vagus.course.personalize import personalize, recruited
from vagus.course.refusal import Refusal, refusals
from vagus.course.results import Delivered, DeliveredExcess, DeliveredWeek, Finding, Personal, Results, SegmentTone
from vagus.course.tones import recording_findings, segment_tones

__all__ = [
    "DIAGNOSES",
    "About",
    "Course",
    "Delivered",
    "DeliveredExcess",
    "DeliveredWeek",
    "DeviceUse",
    "Event",
    "Finding",
    "Person",
    "Personal",
    "RecordingPlan",
    "Refusal",
    "Results",
    "Segment",
    "SegmentTone",
    "Sitting",
    "assemble",
    "course_findings",
    "day",
    "delivered",
    "delivered_excesses",
    "forecast",
    "grave_events",
    "personalize",
    "recording_findings",
    "recruited",
    "refusals",
    "reporting_facts",
    "segment_tones",
]
