"""What is known of a course once everything was worked out: predicted beside measured."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Literal

from vagus.course.course import Course, RecordingPlan, Segment
from vagus.dose import Item, Judgement, Limit
from vagus.fiber import Recruitment
from vagus.outcome import Change, Evidence, Notice, Score, Titration
from vagus.outcome.forecast import Forecast
from vagus.response import Measured, Response
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
        Dates of the first sitting with current and of the last sitting.
    n_sittings, n_prescribed : int
        Sittings delivered (those at 0 mA are not), and prescribed from the start to the last sitting.
    delivered_min, prescribed_min : float
    adherence_pct : float
        Delivered minutes over prescribed minutes.
    amplitude_ma, amplitude_low_ma, amplitude_high_ma : float
        Mean weighted by minutes, lowest and highest magnitude.
    prescribed_ma : float
        Magnitude prescribed.
    perception_ma : float or None
        Mean perception threshold, where it was written down.
    output_min, prescribed_output_min : float
        Part of the minutes in which current flows, by the duty cycle: delivered, and prescribed up to the last sitting.
    charge_mc, prescribed_charge_mc : float
        Charge of the first phases, millicoulomb: over all sittings, and as prescribed up to the last sitting; nan for a
        gated train.
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
    output_min: float
    prescribed_output_min: float
    charge_mc: float
    prescribed_charge_mc: float
    weeks: tuple[DeliveredWeek, ...]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveredExcess:
    """One limit that sittings went over, though the dose as prescribed may keep it.

    Parameters
    ----------
    limit : vagus.dose.Limit
        As judged for the worst of these sittings.
    n_sittings, n_all : int
        Sittings over the limit, and sittings with current in all.
    date : datetime.date
        Of the worst sitting, the earliest where several are alike.
    amplitude_ma : float
        Magnitude set in that sitting.
    """

    limit: Limit
    n_sittings: int
    n_all: int
    date: datetime.date
    amplitude_ma: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Personal:
    """What a course tells of this person that the models can use.

    Parameters
    ----------
    perception_ma : float or None
        Lowest current felt, mean over sittings.
    rest_mean_rr_ms, rest_rmssd_ms, rest_hr_bpm, breath_rate_per_min : float or None
        At rest: medians over the segments "before"; None without such a recording.
    measured : tuple of vagus.response.Measured
        Changes from "before" to "during" in the recordings, which weigh the draws of the response.
    notes : tuple of str
        One sentence on each thing that was used, or could not be.
    sources : tuple of Source
    """

    perception_ma: float | None = None
    rest_mean_rr_ms: float | None = None
    rest_rmssd_ms: float | None = None
    rest_hr_bpm: float | None = None
    breath_rate_per_min: float | None = None
    measured: tuple[Measured, ...] = ()
    notes: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One sentence on something that does not fit, and how grave it is.

    Parameters
    ----------
    level : {"urgent", "review", "note"}
        "urgent" and "review" stand with the safety notices, before everything else.
    kind : {"delivered dose", "adverse event", "sittings", "recording", "not read", "model", "scores"}
    text : str
        What was found.
    act : str
        What to do; "" for a note.
    date : datetime.date or None
    """

    level: Literal["urgent", "review", "note"]
    kind: Literal["delivered dose", "adverse event", "sittings", "recording", "not read", "model", "scores"]
    text: str
    act: str = ""
    date: datetime.date | None = None

    @property
    def grave(self) -> bool:
        """Whether a person has to look at it now."""
        return self.level != "note"

    def __str__(self) -> str:
        return f"{self.text} {self.act}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """Everything a report on a course shows.

    Parameters
    ----------
    course : Course
    judgement : vagus.dose.Judgement
        Each limit of the prescribed dose with its margin; nothing in it is refused.
    recruitment : vagus.fiber.Recruitment or None
        What the response was worked out with: scaled to where this person feels the current, where that is known.
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
        None without a sitting with current.
    findings : tuple of Finding
        What does not fit: a sitting beyond a limit, a severe adverse event, a recording without ECG; gravest first.
    excesses : tuple of DeliveredExcess
        Limits that the dose as delivered exceeds; empty where it keeps them all, or where no sitting is known.
    forecast : vagus.outcome.forecast.Forecast or None
        What to expect at the end of the course, or four weeks after the last total.
    schedules : tuple of vagus.outcome.Titration
        Published dosing and titration schedules for the route and diagnosis, to stand beside the dose.
    personal : Personal or None
        What the course tells of this person, and how it was used.
    unscaled : vagus.fiber.Recruitment or None
        Recruitment of the model as it is for anyone; None where `recruitment` is that.
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
    findings: tuple[Finding, ...] = ()
    excesses: tuple[DeliveredExcess, ...] = ()
    forecast: Forecast | None = None
    schedules: tuple[Titration, ...] = ()
    personal: Personal | None = None
    unscaled: Recruitment | None = None
    sources: tuple[Source, ...] = ()
