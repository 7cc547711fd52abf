"""Published dosing and titration schedules: what was done and found, not what to do."""

from __future__ import annotations

import re
from dataclasses import dataclass

from vagus import tables
from vagus.errors import InputError, Problem, nearest
from vagus.outcome.evidence import indication_words
from vagus.source import Source, read_source

CAVEAT = (
    "What was published, not advice: rows disagree, and no numeric consensus on dosing in depression was read. "
    "An empty start current is unknown, not 0."
)

_PLAIN = re.compile(r"[<>]?=?\d+(\.\d+)?([-/]\d+(\.\d+)?)?")  # one number or a range
_WORDS = (
    ("start_current_ma", "start current", "start {} mA"),
    ("step_ma", "steps", "steps of {} mA"),
    ("step_interval", "step interval", "step interval {}"),
    ("target_current_ma", "target current (mA)", "target {} mA"),
    ("max_current_ma", "highest current (mA)", "at most {} mA"),
    ("frequency_hz", "rate (Hz)", "{} Hz"),
    ("pulse_width_us", "pulse width (µs)", "{} µs"),
    ("on_s", "on (s)", "{} s on"),
    ("off_s", "off (s)", "{} s off"),
    ("session_min", "session (min)", "{} min a session"),
    ("sessions_per_day", "sessions a day", "sessions a day: {}"),
    ("days_per_week", "days a week", "{} days a week"),
    ("weeks", "weeks", "{} weeks"),
)  # column, its name before words, its form around a number


@dataclass(frozen=True, slots=True, kw_only=True)
class Titration:
    """One published schedule, rule or dose-response finding; cells stay text, an empty one (None) is not known.

    `verified` is "yes" where the row was read; `memory_fields` names columns that were recalled all the same.
    """

    id: str
    modality: str
    indication: str
    source_type: str
    source: str
    verified: str
    population: str | None = None
    phase: str | None = None
    start_current_ma: str | None = None
    step_ma: str | None = None
    step_interval: str | None = None
    target_current_ma: str | None = None
    max_current_ma: str | None = None
    frequency_hz: str | None = None
    pulse_width_us: str | None = None
    on_s: str | None = None
    off_s: str | None = None
    intensity_rule: str | None = None
    session_min: str | None = None
    sessions_per_day: str | None = None
    days_per_week: str | None = None
    weeks: str | None = None
    review_time: str | None = None
    finding: str | None = None
    notes: str | None = None
    memory_fields: str | None = None

    @property
    def recalled(self) -> tuple[str, ...]:
        """Columns that were recalled and not read."""
        return tuple(name.strip() for name in (self.memory_fields or "").split(",") if name.strip())

    def cell(self, column: str) -> str:
        """Text of a cell, marked where it was recalled; "" where it is empty."""
        value = getattr(self, column)
        if value is None:
            return ""
        return f"{value}" if self.verified == "yes" and column not in self.recalled else f"{value} [unverified]"

    @property
    def dose_text(self) -> str:
        """Settings in words, those that were told: "target 1.0-1.5 mA, 20 Hz, 30 s on, 300 s off"."""
        parts: list[str] = []
        for column, name, form in _WORDS:
            value = getattr(self, column)
            if value is not None:
                mark = " [unverified]" if self.cell(column).endswith("[unverified]") else ""
                # a cell of words ("1 per breath, exhalation") carries its own unit
                parts.append((form.format(value) if _PLAIN.fullmatch(value) else f"{name}: {value}") + mark)
        return ", ".join(parts)

    @property
    def cited(self) -> Source:
        """Source of the row; unverified where it was recalled."""
        return read_source(self.source, verified=self.verified == "yes")


_ANYONE = ("any", "device label")  # how cells begin that tell of no diagnosis


def titrations(*, route: str, indication: str | None = None) -> tuple[Titration, ...]:
    """Published schedules for a route, in the order of the table.

    Parameters
    ----------
    route : {"iVNS", "taVNS", "tcVNS"}
        Case ignored.
    indication : str or None
        Key of a diagnosis ("trd"): rows on it, on near ones, and on whoever is stimulated. None: all rows.

    Raises
    ------
    InputError
        Unknown route or indication; names the nearest.

    Examples
    --------
    >>> next(row for row in titrations(route="iVNS") if row.id == "ivns_d21_low").dose_text
    'target 0.25 mA, 20 Hz [unverified], 130 µs, 30 s on [unverified], 300 s off [unverified], weeks: 22 + 28'
    >>> [row.id for row in titrations(route="taVNS", indication="insomnia")]
    ['tavns_pt_method', 'tavns_zhang_insomnia']
    """
    rows = tables.rows("titration", Titration)
    known = dict.fromkeys(row.modality for row in rows)
    if route.lower() not in {name.lower() for name in known}:
        raise InputError(Problem(what="unknown route", found=f'"{route}"', allowed=nearest(route, known)))
    chosen = tuple(row for row in rows if row.modality.lower() == route.lower())
    if indication is None:
        return chosen
    words, key = {word.lower() for word in indication_words(indication)}, indication.lower()
    return tuple(
        row for row in chosen
        if row.indication.lower() in words or row.indication.lower().startswith((*_ANYONE, key))
    )  # fmt: skip
