"""What is known of a course once everything was worked out: predicted beside measured."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from vagus.course.course import Course, RecordingPlan, Segment
from vagus.dose import Item, Judgement
from vagus.fiber import Recruitment
from vagus.outcome import Change, Evidence, Notice, Score
from vagus.response import Response
from vagus.signal import Beats, Breaths, Tone
from vagus.source import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentTone:
    """Vagal tone of one segment of one recording, with the beats and breaths it rests on.

    Parameters
    ----------
    plan : RecordingPlan
    segment : Segment
    tone : vagus.signal.Tone
    beats : vagus.signal.Beats
        Corrected beats of the segment.
    breaths : vagus.signal.Breaths or None
    """

    plan: RecordingPlan
    segment: Segment
    tone: Tone
    beats: Beats
    breaths: Breaths | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveredWeek:
    """One week of a course: minutes prescribed and delivered.

    Parameters
    ----------
    week : int
        From 1; week 1 begins on the protocol's start.
    n_sittings : int
    prescribed_min, delivered_min : float
    adherence_pct : float or None
        Delivered over prescribed; None where nothing was prescribed (after the end).
    amplitude_ma : float or None
        Mean weighted by minutes; None in a week without a sitting.
    """

    week: int
    n_sittings: int
    prescribed_min: float
    delivered_min: float
    adherence_pct: float | None
    amplitude_ma: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """The dose as delivered, beside the dose as prescribed up to the last sitting.

    Parameters
    ----------
    first, last : datetime.date
        Dates of the first and last sitting.
    n_sittings, n_prescribed : int
        Sittings delivered, and prescribed from the start to the last sitting.
    delivered_min, prescribed_min : float
    adherence_pct : float
        Delivered minutes over prescribed minutes.
    amplitude_ma, amplitude_low_ma, amplitude_high_ma : float
        Mean weighted by minutes, lowest and highest magnitude.
    prescribed_ma : float
        Magnitude prescribed.
    perception_ma : float or None
        Mean perception threshold, where it was written down.
    charge_mc : float
        Charge of the first phases over all sittings, millicoulomb; nan for a gated train.
    weeks : tuple of DeliveredWeek
    text : str
        One sentence.
    """

    first: datetime.date
    last: datetime.date
    n_sittings: int
    n_prescribed: int
    delivered_min: float
    prescribed_min: float
    adherence_pct: float
    amplitude_ma: float
    amplitude_low_ma: float
    amplitude_high_ma: float
    prescribed_ma: float
    perception_ma: float | None
    charge_mc: float
    weeks: tuple[DeliveredWeek, ...]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """Everything a report on a course shows.

    Parameters
    ----------
    course : Course
    judgement : vagus.dose.Judgement
        Each limit with its margin; nothing in it is refused.
    recruitment : vagus.fiber.Recruitment or None
    response : vagus.response.Response or None
    tones : tuple of SegmentTone
    scores : tuple of vagus.outcome.Score
        In the order of time.
    changes : tuple of vagus.outcome.Change
        One for each instrument with at least two scores.
    notices : tuple of vagus.outcome.Notice
        Safety notices, most urgent first.
    evidence : vagus.outcome.Evidence
    items : tuple of vagus.dose.Item
        The consensus reporting checklist, filled from the course.
    methods : str
    delivered : Delivered or None
        None without sittings.
    findings : tuple of str
        Sentences on what does not fit: a sitting beyond the device, a recording of poor quality.
    sources : tuple of Source
    """

    course: Course
    judgement: Judgement
    recruitment: Recruitment | None
    response: Response | None
    tones: tuple[SegmentTone, ...]
    scores: tuple[Score, ...]
    changes: tuple[Change, ...]
    notices: tuple[Notice, ...]
    evidence: Evidence
    items: tuple[Item, ...]
    methods: str
    delivered: Delivered | None
    findings: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
