"""One person's course of treatment: prescribed, delivered, measured, answered, on one time line."""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from types import MappingProxyType
from typing import Literal

from vagus.course.person import About, DeviceUse, Person
from vagus.dose import Protocol
from vagus.errors import InputError, Problem
from vagus.outcome import Answers, Instrument, instruments
from vagus.signal import Recording

SegmentName = Literal["before", "during", "after"]
_ORDER: tuple[SegmentName, ...] = ("before", "during", "after")
Kind = Literal["ecg", "ppg", "resp"]
EventKind = Literal["adverse_event", "medication", "setting_change"]
Severity = Literal["", "mild", "moderate", "severe", "life_threatening", "fatal"]
Relatedness = Literal["", "unrelated", "unlikely", "possible", "probable", "definite"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A stretch of a recording, in seconds from its start.

    Examples
    --------
    >>> Segment(name="before", start_s=0.0, end_s=150.0).duration_s
    150.0
    """

    name: SegmentName
    start_s: float
    end_s: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.start_s) and math.isfinite(self.end_s)) or self.start_s < 0:
            raise InputError(
                Problem(
                    what=f'segment "{self.name}" starts before the recording',
                    where=f"segments.{self.name}",
                    found=f"[{self.start_s:g}, {self.end_s:g}] s",
                    allowed="[start, end] in seconds from 0 to the end of the recording",
                )
            )
        if self.end_s <= self.start_s:
            raise InputError(
                Problem(
                    what=f'segment "{self.name}" ends before it starts',
                    where=f"segments.{self.name}",
                    found=f"[{self.start_s:g}, {self.end_s:g}] s",
                    allowed="[start, end] with the end after the start",
                )
            )

    @property
    def duration_s(self) -> float:
        """Length of the segment in seconds."""
        return self.end_s - self.start_s


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingPlan:
    """One recording of a course: where it lies and which stretches of it are meant.

    Parameters
    ----------
    file : str
        Path inside the course folder.
    kind : {"ecg", "ppg", "resp"}
    fs_hz : float or None
        Sampling rate; None where the file knows it. Both given must agree.
    start : datetime or None
        Clock time of the first sample.
    channel : str or None
        Name of the channel; None: the only one of that kind.
    respiration_file, respiration_channel : str or None
        Breathing recorded beside it; a channel without a file lies in `file`.
    respiration_fs_hz : float or None
        Sampling rate of `respiration_file`, where that file does not know it.
    segments : tuple of Segment
        Before, during, after in order of time, none overlapping; empty: the whole recording is one "before".
    note : str
        Shown beside the result.
    """

    file: str
    kind: Kind
    fs_hz: float | None = None
    start: datetime.datetime | None = None
    channel: str | None = None
    respiration_file: str | None = None
    respiration_channel: str | None = None
    respiration_fs_hz: float | None = None
    segments: tuple[Segment, ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        ordered = sorted(self.segments, key=lambda segment: segment.start_s)
        for first, second in pairwise(ordered):
            if _ORDER.index(second.name) < _ORDER.index(first.name):
                raise InputError(
                    Problem(
                        what=f'segment "{second.name}" lies after "{first.name}"',
                        where=f"segments.{second.name}",
                        found=f"{second.name} [{second.start_s:g}, {second.end_s:g}], {first.name} "
                        f"[{first.start_s:g}, {first.end_s:g}] s",
                        allowed="before, then during, then after",
                    )
                )
        for first, second in pairwise(ordered):
            if second.start_s < first.end_s:
                raise InputError(
                    Problem(
                        what=f'segments "{first.name}" and "{second.name}" overlap',
                        where=f"segments.{second.name}",
                        found=f"[{first.start_s:g}, {first.end_s:g}] and [{second.start_s:g}, {second.end_s:g}] s",
                        allowed=f'"{second.name}" from {first.end_s:g} s on',
                    )
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting:
    """One sitting as it was delivered.

    Parameters
    ----------
    date : date
    amplitude_ma : float
        Magnitude of the current that was set.
    minutes : float
        Time the stimulator ran, its off periods included.
    perception_ma : float or None
        Lowest current that was felt that day.
    row : int or None
        Row of the file it was read from.
    """

    date: datetime.date
    amplitude_ma: float
    minutes: float
    perception_ma: float | None = None
    row: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened in a course: an adverse event, a change of medication or of settings."""

    date: datetime.date
    kind: EventKind
    severity: Severity = ""
    relatedness: Relatedness = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """One person's course of treatment.

    Parameters
    ----------
    about : About
    person : Person
    device_use : DeviceUse
    protocol : vagus.dose.Protocol
        As prescribed.
    plans : tuple of RecordingPlan
    recordings : tuple of (Recording, Recording or None)
        Heart and breath, one pair for each plan.
    answers : tuple of vagus.outcome.Answers
    sittings : tuple of Sitting
        As delivered.
    events : tuple of Event
    missing : tuple of str
        One sentence for each thing that was not given, and what cannot be told without it.
    facts : mapping of str to str
        Free facts for the reporting checklist, as written in ``[report]``.
    name : str
        Name of the folder.
    places : mapping of str to str
        "pulse amplitude_ma" -> "course.toml line 16, [pulse] amplitude_ma": where a key was written, for messages.
    instruments : tuple of vagus.outcome.Instrument
        Of one's own, from the folder; they go before the package's.

    Raises
    ------
    InputError
        Recordings and plans do not pair up.
    """

    about: About
    person: Person
    device_use: DeviceUse
    protocol: Protocol
    plans: tuple[RecordingPlan, ...] = ()
    recordings: tuple[tuple[Recording, Recording | None], ...] = ()
    answers: tuple[Answers, ...] = ()
    sittings: tuple[Sitting, ...] = ()
    events: tuple[Event, ...] = ()
    missing: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    name: str = ""
    places: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    instruments: tuple[Instrument, ...] = ()

    def __post_init__(self) -> None:
        if len(self.plans) != len(self.recordings):
            raise InputError(
                Problem(
                    what="each recording needs its plan",
                    found=f"{len(self.recordings)} recordings, {len(self.plans)} plans",
                    allowed="as many recordings as plans",
                )
            )
        object.__setattr__(self, "facts", MappingProxyType(dict(self.facts)))
        object.__setattr__(self, "places", MappingProxyType(dict(self.places)))

    @property
    def scales(self) -> Mapping[str, Instrument]:
        """Every instrument that the answers can be scored with, by key: the package's, and over them one's own."""
        return {**instruments(), **{one.key: one for one in self.instruments}}
