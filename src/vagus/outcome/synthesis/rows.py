"""From rows of the trials table to effects of studies: what can be pooled, and why the rest cannot."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from scipy import stats

from vagus import tables
from vagus.errors import Abstained, InputError
from vagus.outcome.synthesis.effects import (
    BINARY,
    RATIOS,
    Counts,
    Means,
    Measure,
    StudyEffect,
    binary_effect,
    check_measure,
    continuous_effect,
)
from vagus.outcome.trial import Trial

Event = Literal["response", "remission"]

EVENTS: tuple[Event, ...] = ("response", "remission")
# words of `effect_measure` that begin a published effect which can stand in for counts or means
_PUBLISHED: dict[Measure, tuple[str, ...]] = {
    "rd": ("risk difference",),
    "rr": ("rr ", "risk ratio"),
    "or": ("or ", "odds ratio"),
    "md": ("md", "mean difference", "ls mean difference"),
    "g": ("hedges g",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Excluded:
    """A row that gives no effect, and why."""

    study_id: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Extracted:
    """Effects of the rows that give one, their counts where there are any, and the rows that give none."""

    effects: tuple[StudyEffect, ...]
    counts: tuple[Counts, ...]
    excluded: tuple[Excluded, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scale:
    key: str
    direction: Literal["higher_worse", "higher_better"]
    words: tuple[str, ...]


def extract(rows: Iterable[Trial], *, measure: Measure, event: Event = "response") -> Extracted:
    """Effect of each row on one measure; a row without one is told with its reason.

    Counts come from the counts of the table, or from percentages where exactly one whole number of people gives them
    as printed. Without counts or means, a published effect of the same measure with its 95 % interval is taken, where
    the interval lies about the estimate as it should. Cells that were recalled mark the effect. Nothing is guessed: a
    total over both arms is not halved, a standard deviation not borrowed.

    Parameters
    ----------
    rows : iterable of Trial
    measure : {"rd", "rr", "or", "md", "g"}
    event : {"response", "remission"}
        What is counted, for the first three.

    Examples
    --------
    >>> from vagus.outcome import trials
    >>> found = extract([row for row in trials() if row.study_id == "D02_acute_Rush2005a"], measure="or")
    >>> found.counts[0].active_events, found.counts[0].control_events
    (17, 11)
    """
    check_measure(measure)
    effects: list[StudyEffect] = []
    counts: list[Counts] = []
    excluded: list[Excluded] = []
    for row in rows:
        try:
            found = _counts(row, event) if measure in BINARY else _means(row, measure)
            if isinstance(found, Counts):
                counts.append(found)
                effects.append(_marked(binary_effect(found, measure=measure), row, _cells(measure, event)))
            elif isinstance(found, Means):
                effects.append(_marked(continuous_effect(found, measure=measure), row, _cells(measure, event)))
            else:
                effects.append(_published(row, measure, event, why=found))
        except Abstained as reason:
            excluded.append(Excluded(study_id=row.study_id, why=str(reason)))
        except InputError as error:
            excluded.append(Excluded(study_id=row.study_id, why=error.problems[0].what))
    return Extracted(effects=tuple(effects), counts=tuple(counts), excluded=tuple(excluded))


def number_in(cell: str | None) -> float | None:
    """The number of a cell that holds one number and nothing else; None for ranges, words and empty cells.

    Examples
    --------
    >>> number_in("112"), number_in("331 total"), number_in("0.5-1.0")
    (112.0, None, None)
    """
    text = (cell or "").strip().replace("−", "-")
    return float(text) if re.fullmatch(r"[+-]?\d+(\.\d+)?", text) else None


def _people(row: Trial) -> tuple[int, int] | str:
    sizes = [number_in(row.n_active), number_in(row.n_control)]
    if any(size is None or size < 1 or size != int(size) for size in sizes):
        told = " and ".join(cell or "empty" for cell in (row.n_active, row.n_control))
        return f"people in each arm not told ({told})"
    return int(sizes[0] or 0), int(sizes[1] or 0)


def _counts(row: Trial, event: Event) -> Counts | str:
    people = _people(row)
    if isinstance(people, str):
        return people
    stem = "resp" if event == "response" else "remit"
    found: list[int] = []
    for arm, n in zip(("active", "control"), people, strict=True):
        told = number_in(getattr(row, f"{stem}_{arm}_n", None))
        percent = (getattr(row, f"{stem}_{arm}_pct") or "").strip()
        events = told if told is not None else _from_percent(percent, n)
        if events is None:
            return (
                f"{event} in the {arm} arm not told"
                if not percent
                else (f"no single whole number of {n} people is {percent} % ({event}, {arm} arm)")
            )
        if percent and number_in(percent) is not None and not _fits(events, n, percent):
            return f"{event} in the {arm} arm: {events:g} of {n} people is not {percent} %"
        found.append(int(events))
    return Counts(
        study=row.study_id, active_events=found[0], active_n=people[0], control_events=found[1], control_n=people[1]
    )


def _from_percent(cell: str, n: int) -> float | None:
    value = number_in(cell)
    if value is None:
        return None
    near = [events for events in range(n + 1) if _fits(events, n, cell)]
    return float(near[0]) if len(near) == 1 else None


def _fits(events: float, n: int, cell: str) -> bool:
    digits = len(cell.partition(".")[2])
    return abs(100 * events / n - float(cell)) <= 0.5 * 10**-digits + 1e-9


def _means(row: Trial, measure: Measure) -> Means | str:
    people = _people(row)
    if isinstance(people, str):
        return people
    tried = ("change_active", "change_active_sd", "change_control", "change_control_sd")
    late = ("endpoint_active_mean", "endpoint_active_sd", "endpoint_control_mean", "endpoint_control_sd")
    for columns in (tried, late):
        values = [number_in(getattr(row, column)) for column in columns]
        if all(value is not None for value in values):
            m1, s1, m2, s2 = (float(value or 0.0) for value in values)
            sign = _sign(row.outcome_scale) if measure == "g" else 1
            return Means(
                study=row.study_id, active_mean=sign * m1, active_sd=s1, active_n=people[0],
                control_mean=sign * m2, control_sd=s2, control_n=people[1],
            )  # fmt: skip
    return "mean and standard deviation of both arms not told"


def _sign(scale: str | None) -> int:
    """+1 where a higher total is worse, -1 where it is better: below zero then always favors the active arm."""
    for known in tables.rows("evidence_scales", _Scale):
        if (scale or "").strip() in known.words:
            return 1 if known.direction == "higher_worse" else -1
    raise Abstained(f'which way the scale points is not in the table evidence_scales ("{scale or ""}")')


def _published(row: Trial, measure: Measure, event: Event, *, why: str) -> StudyEffect:
    """Effect from a published estimate and its interval."""
    words = (row.effect_measure or "").lower() + " "
    if not words.startswith(_PUBLISHED[measure]) or (measure in BINARY and event == "remission"):
        raise Abstained(why)
    percent = 100.0 if measure == "rd" and "%" in words else 1.0
    cells = [number_in(cell) for cell in (row.effect_value, row.effect_ci_low, row.effect_ci_high)]
    if any(cell is None for cell in cells):
        raise Abstained(f"{why}; published effect without estimate or interval")
    value, low, high = (float(cell or 0.0) / percent for cell in cells)
    if measure in RATIOS:
        if min(value, low) <= 0:
            raise Abstained(f"{why}; published ratio not over 0")
        value, low, high = math.log(value), math.log(low), math.log(high)
    sign = _sign(row.outcome_scale) if measure == "g" else 1
    half = (high - low) / 2
    # three tenths of the half width: rounding of printed figures, and t intervals, stay far below it
    if half <= 0 or abs(value - (low + high) / 2) > 0.3 * half:
        raise Abstained(f"{why}; published interval does not lie about its estimate")
    se = half / float(stats.norm.ppf(0.975))
    made = StudyEffect(
        study=row.study_id, measure=measure, estimate=sign * value, variance=se * se,
        note="published effect and interval",
    )  # fmt: skip
    return _marked(made, row, ("effect_measure", "effect_value", "effect_ci_low", "effect_ci_high"))


def _cells(measure: Measure, event: Event) -> tuple[str, ...]:
    if measure in BINARY:
        stem = "resp" if event == "response" else "remit"
        return ("n_active", "n_control", f"{stem}_active_n", f"{stem}_control_n",
                f"{stem}_active_pct", f"{stem}_control_pct")  # fmt: skip
    return ("n_active", "n_control", "change_active", "change_active_sd", "change_control", "change_control_sd",
            "endpoint_active_mean", "endpoint_active_sd", "endpoint_control_mean", "endpoint_control_sd")  # fmt: skip


def _marked(effect: StudyEffect, row: Trial, columns: tuple[str, ...]) -> StudyEffect:
    return replace(effect, verified=row.is_verified and not set(columns) & set(row.recalled))
