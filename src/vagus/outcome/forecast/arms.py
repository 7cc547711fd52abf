"""From rows of the trials table to people with an event in one arm at one week, and why other rows give none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from vagus.outcome.evidence import trial_names
from vagus.outcome.forecast.assumed import assumed
from vagus.outcome.synthesis.rows import Event, Excluded, number_in
from vagus.outcome.trial import Trial
from vagus.source import Source

Arm = Literal["active", "sham", "open"]

ARMS: dict[Arm, str] = {
    "active": "active stimulation, in sham-controlled trials",
    "sham": "sham",
    "open": "stimulation without a control group",
}
"""Arm -> words for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmCount:
    """People with an event in one arm of one trial at one week.

    Parameters
    ----------
    study_id, trial : str
        Row of the table, and the trial it belongs to: all rows of a trial stand or fall together.
    arm : {"active", "sham", "open"}
    event : {"response", "remission"}
    at_weeks : float
    n_event, n_people : int
    share : float
        What the row counts: 1 over the rows of these people, so that follow-ups are not counted as further people.
    verified : bool
        False: a cell it rests on was recalled and not read.
    note : str
        Where fewer people than told fit the printed percentage: how many.
    """

    study_id: str
    trial: str
    name: str
    arm: Arm
    event: Event
    at_weeks: float
    n_event: int
    n_people: int
    share: float
    verified: bool
    source: Source
    note: str = ""

    @property
    def pct(self) -> float:
        """Percent with the event."""
        return 100 * self.n_event / self.n_people


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmCounts:
    """Arms that give a rate, and the rows that give none, each with its reason."""

    event: Event
    counts: tuple[ArmCount, ...]
    excluded: tuple[Excluded, ...]

    @property
    def sham_controlled(self) -> tuple[str, ...]:
        """Trials with the rate of both the active and the sham arm."""
        arms: dict[str, set[Arm]] = {}
        for one in self.counts:
            arms.setdefault(one.trial, set()).add(one.arm)
        return tuple(trial for trial, found in arms.items() if {"active", "sham"} <= found)

    def without(self, trial: str) -> ArmCounts:
        """The same without any row of a trial."""
        kept = tuple(one for one in self.counts if one.trial != trial)
        return replace(self, counts=kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmChange:
    """Mean change of a scale in both arms of a row, as published; None where it was not told.

    Parameters
    ----------
    study_id, name, scale : str
    at_weeks : float or None
    active_points, sham_points : float or None
        Endpoint minus baseline.
    controlled : bool
        There was a sham arm.
    verified : bool
    source : Source
    """

    study_id: str
    name: str
    scale: str
    at_weeks: float | None
    active_points: float | None
    sham_points: float | None
    controlled: bool
    verified: bool
    source: Source

    @property
    def text(self) -> str:
        """Both arms side by side."""
        week = "" if self.at_weeks is None else f", week {self.at_weeks:g}"
        mark = "" if self.verified else " [unverified]"

        def told(points: float | None) -> str:
            return "not told" if points is None else f"{points:+.1f}"

        sham = f"sham {told(self.sham_points)}" if self.controlled else "no sham arm"
        return f"{self.name}, {self.scale} points{week}: active {told(self.active_points)}, {sham}{mark}"


def arm_changes(rows: Iterable[Trial]) -> tuple[ArmChange, ...]:
    """Mean change by arm of sham-controlled and uncontrolled rows, as published.

    Examples
    --------
    >>> from vagus.outcome import evidence
    >>> [one.text for one in arm_changes(evidence(indication="insomnia", route="taVNS").trials)][0]
    'Zhang 2024, PSQI points, week 8: active -8.2, sham -3.9'
    """
    found: list[ArmChange] = []
    for row in rows:
        active, sham = number_in(row.change_active), number_in(row.change_control)
        if row.kind in ("sham", "uncontrolled") and (active is not None or sham is not None):
            read = row.is_verified and not {"change_active", "change_control"} & set(row.recalled)
            found.append(
                ArmChange(
                    study_id=row.study_id, name=row.name.removesuffix(" [unverified]"),
                    scale=row.outcome_scale or "scale not told", at_weeks=number_in(row.weeks), active_points=active,
                    sham_points=sham, controlled=row.kind == "sham", verified=read, source=row.cited,
                )
            )  # fmt: skip
    return tuple(found)


def arm_counts(rows: Iterable[Trial], *, event: Event = "response", recalled: bool = False) -> ArmCounts:
    """Counts by arm from sham-controlled and uncontrolled rows; every other row is told with its reason.

    Counts come from the table, or from a printed percentage: the greatest number of people, not over those told and not
    under 80 % of them, of whom a whole number gives the percentage as printed (13 of 28 where 30 people, 13 and 46 %
    are told). Secondary outcomes, comparisons without randomization, reviews and rows whose cells were recalled give
    none.

    Parameters
    ----------
    rows : iterable of Trial
    event : {"response", "remission"}
    recalled : bool
        Take cells that were recalled and not read as well, marked.

    Examples
    --------
    >>> from vagus.outcome import evidence
    >>> found = arm_counts(evidence(indication="trd", route="iVNS").trials)
    >>> [(one.arm, one.n_event, one.n_people) for one in found.counts if one.trial == "D02"]
    [('active', 17, 112), ('sham', 11, 110), ('open', 55, 202)]
    >>> found.sham_controlled
    ('D02',)
    """
    names = trial_names()
    counts: list[ArmCount] = []
    excluded: list[Excluded] = []
    for row in rows:
        found, why = _arms_of(row, names.get(row.study_id, row.study_id), event, recalled)
        counts.extend(found)
        if why:
            excluded.append(Excluded(study_id=row.study_id, why=why))
    return ArmCounts(event=event, counts=tuple(_shared(counts)), excluded=tuple(excluded))


def _arms_of(row: Trial, trial: str, event: Event, recalled: bool) -> tuple[list[ArmCount], str]:
    """Arms of a row, and why it gives none."""
    week = number_in(row.weeks)
    if row.kind not in ("sham", "uncontrolled"):
        return [], "neither against sham nor without a control group"
    if row.verdict == "secondary":
        return [], "a secondary outcome of people who are counted already"
    if week is None or week <= 0:
        return [], f"weeks not told as a number ({row.weeks or 'empty'})"
    found: list[ArmCount] = []
    both: tuple[tuple[str, Arm], ...] = (("active", "active"), ("control", "sham"))
    alone: tuple[tuple[str, Arm], ...] = (("active", "open"),)
    for place, arm in both if row.kind == "sham" else alone:
        told = _count(row, place, event)
        if isinstance(told, str):
            return [], told
        n_event, n_people, note, columns = told
        read = row.is_verified and not set(columns) & set(row.recalled)
        if not read and not recalled:
            return [], "recalled, not read"
        found.append(
            ArmCount(
                study_id=row.study_id, trial=trial, name=row.name, arm=arm, event=event, at_weeks=week,
                n_event=n_event, n_people=n_people, share=1.0, verified=read, source=row.cited, note=note,
            )
        )  # fmt: skip
    return found, ""


def _count(row: Trial, place: str, event: Event) -> tuple[int, int, str, tuple[str, ...]] | str:
    """People with the event, people, note and the columns read; or why there are none."""
    stem = "resp" if event == "response" else "remit"
    columns = (f"n_{place}", f"{stem}_{place}_n", f"{stem}_{place}_pct")
    people = number_in(getattr(row, columns[0]))
    told = number_in(getattr(row, columns[1], None))
    percent = (getattr(row, columns[2]) or "").strip()
    if told is None and not percent:
        return f"{event} not told"
    if people is None or people < 1:
        return f"people in each arm not told ({getattr(row, columns[0]) or 'empty'})"
    if not percent:
        return (int(told or 0), int(people), "", columns) if 0 <= (told or 0) <= people else f"{told:g} of {people:g}"
    if number_in(percent) is None:
        return f'{event} is no number ("{percent}")'
    n_told = int(people)
    least = assumed("people_kept") / 100 * n_told
    for n in range(n_told, 0, -1):
        if n < least:
            break
        fits = [k for k in range(n + 1) if _printed(k, n, percent)] if told is None else [int(told)]
        if len(fits) == 1 and _printed(fits[0], n, percent):
            note = "" if n == n_told else f"{fits[0]} of {n} gives {percent} % as printed; {n_told} people are told"
            return fits[0], n, note, columns
    return f"no whole number of {n_told} people, or of few fewer, is {percent} %"


def _printed(events: int, n: int, percent: str) -> bool:
    digits = len(percent.partition(".")[2])
    return events <= n and abs(100 * events / n - float(percent)) <= 0.5 * 10**-digits + 1e-9


def _shared(counts: list[ArmCount]) -> Iterator[ArmCount]:
    """Each row with its share: rows of the same people divide what these people tell."""
    n_rows = Counter((one.trial, one.arm == "sham") for one in counts)
    for one in counts:
        yield replace(one, share=1.0 / n_rows[one.trial, one.arm == "sham"])
