"""Each published finding beside the model's interval: met or not, used to calibrate or held out.

A held-out row with a published interval is foretold with the row's own error, not with the error that a single study
would have. It is scored beside a baseline that knows no model: the pooled mean of the other held-out rows in the same
unit, weighed by their errors, with the sampling error of the pool and, again, of the row itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from vagus.response.check.predict import PREDICTORS, Predicted
from vagus.response.constants import Z95
from vagus.response.draws.sensitivity import Share, shares_among
from vagus.source import Source, read_source
from vagus.tables import raw_rows, rows

Use = Literal["calibrated", "held_out"]
Expects = Literal["half", "inside", "up", "same", "little"]
HALF, SAME, LITTLE = 0.5, 0.25, 0.25
LEVEL = 0.90
LEAST_MET, MOST_RATIO = 0.80, 3.0  # what was asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A published finding, as a row of the table `response_targets`.

    Parameters
    ----------
    key : str
    row : str
        Its id in the table `neuro` or `body`.
    use : {"calibrated", "held_out"}
    predictor : str
        What is simulated, with its arguments; empty where the model does not reach.
    expects : {"half", "inside", "up", "same", "little"}
        When it counts as met; the table's head says what each means.
    published : float, optional
        Instead of the number of the evidence row.
    note : str
    """

    key: str
    row: str
    use: Use
    predictor: str
    expects: Expects
    published: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetCheck:
    """A finding and what the model says.

    Parameters
    ----------
    key, text : str
    use : {"calibrated", "held_out"}
    published : float, optional
        The published number; none where only a sign was published.
    median, low, high : float, optional
        The model's, with its 90 % interval; none where the model does not reach.
    unit : str
    expects : str
    met : bool
        False also where the model does not reach.
    modeled : bool
    score : float, optional
        Interval score (lower is better): width plus 20 times the distance outside; where a number was published.
    ci_low, ci_high : float, optional
        Published interval, at the level that was published (95 % in all rows so far).
    baseline_low, baseline_high, baseline_score : float, optional
        The pooled-mean baseline's 90 % interval and its score; for held-out rows with an interval, where another such
        row is in the same unit.
    parts : tuple of Share
        What makes the width, the most first; for held-out rows with an interval.
    source : Source
    """

    key: str
    text: str
    use: Use
    published: float | None
    median: float | None
    low: float | None
    high: float | None
    unit: str
    expects: Expects
    met: bool
    modeled: bool
    score: float | None
    ci_low: float | None
    ci_high: float | None
    baseline_low: float | None
    baseline_high: float | None
    baseline_score: float | None
    parts: tuple[Share, ...]
    source: Source

    @property
    def width_ratio(self) -> float | None:
        """The model's 90 % interval over the published one; None where either is missing."""
        if self.low is None or self.high is None or self.ci_low is None or self.ci_high is None:
            return None
        return (self.high - self.low) / (self.ci_high - self.ci_low)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOut:
    """How the held-out findings came out; what was asked for stands beside each number.

    Parameters
    ----------
    n_met, n : int
        Inside the 90 % interval, of all (asked: 80 %); what is not modeled counts as not met.
    n_met_modeled, n_modeled : int
        The same of those that the model reaches.
    score, baseline_score : float, optional
        Mean interval score over the rows that both tell (asked: below the baseline's); none where there is none.
    n_scored : int
    width_ratio : float, optional
        Median of the model's interval over the published one (asked: at most 3).
    n_ratio : int
    """

    n_met: int
    n: int
    n_met_modeled: int
    n_modeled: int
    score: float | None
    baseline_score: float | None
    n_scored: int
    width_ratio: float | None
    n_ratio: int

    @property
    def reached(self) -> tuple[bool, bool, bool]:
        """Whether coverage, score and width are as asked for; what cannot be told is not reached."""
        beats = self.score is not None and self.baseline_score is not None and self.score < self.baseline_score
        narrow = self.width_ratio is not None and self.width_ratio <= MOST_RATIO
        return self.n_met >= LEAST_MET * self.n, beats, narrow


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseCheck:
    """All findings.

    Parameters
    ----------
    rows : tuple of TargetCheck
    """

    rows: tuple[TargetCheck, ...]

    def share_met(self, use: Use) -> tuple[int, int]:
        """How many rows of a use are met, and how many there are; what is not modeled counts as not met."""
        chosen = [row for row in self.rows if row.use == use]
        return sum(row.met for row in chosen), len(chosen)

    @property
    def held_out(self) -> HeldOut:
        """How the held-out findings came out."""
        held = [row for row in self.rows if row.use == "held_out"]
        modeled = [row for row in held if row.modeled]
        both = [(r.score, r.baseline_score) for r in held if r.score is not None and r.baseline_score is not None]
        ratios = [row.width_ratio for row in held if row.width_ratio is not None]
        return HeldOut(
            n_met=sum(row.met for row in held), n=len(held), n_met_modeled=sum(row.met for row in modeled),
            n_modeled=len(modeled), score=float(np.mean([a for a, _ in both])) if both else None,
            baseline_score=float(np.mean([b for _, b in both])) if both else None, n_scored=len(both),
            width_ratio=float(np.median(ratios)) if ratios else None, n_ratio=len(ratios),
        )  # fmt: skip


def validate_response(*, seed: int = 1, progress: Callable[[float], None] | None = None) -> ResponseCheck:
    """Every published finding of the table `response_targets` beside the model's interval.

    Examples
    --------
    >>> found = validate_response()
    >>> found.share_met("calibrated")
    (29, 29)
    """
    evidence = {row["id"]: row for name in ("neuro", "body") for row in raw_rows(name)}
    targets = rows("response_targets", Target)
    pool = _pool(targets, evidence)
    checks: list[TargetCheck] = []
    for i, target in enumerate(targets):
        checks.append(_check(target, evidence[target.row], seed, pool))
        if progress is not None:
            progress((i + 1) / len(targets))
    return ResponseCheck(rows=tuple(checks))


def _check(target: Target, row: dict[str, str], seed: int, pool: Mapping[str, Published]) -> TargetCheck:
    published = target.published if target.published is not None else _number(row)
    text = ", ".join(
        part for part in (row["quantity"], target.note or row["duty" if "duty" in row else "time"]) if part
    )
    median = low = high = score = None
    unit, met = row["unit"] or "", False
    found = predicted(target.predictor, seed)
    own = pool.get(target.key)
    if found is not None and own is not None:
        found = found.with_error(own.error, rng=np.random.default_rng([seed, 1]))
    if found is not None:
        (median, low, high), unit = found.band, found.unit
        met = _met(target.expects, published, median, low, high)
    if target.expects not in {"half", "inside"}:
        published = None
    if published is not None and low is not None and high is not None:
        score = _score(published, low, high)
    baseline_low, baseline_high = _baseline(target.key, pool)
    return TargetCheck(
        key=target.key, text=text, use=target.use, published=published, median=median, low=low, high=high, unit=unit,
        expects=target.expects, met=met, modeled=found is not None, score=score,
        ci_low=own.low if own else None, ci_high=own.high if own else None,
        baseline_low=baseline_low, baseline_high=baseline_high,
        baseline_score=None if own is None or baseline_low is None or baseline_high is None
        else _score(own.value, baseline_low, baseline_high),
        parts=() if found is None or own is None else tuple(shares_among(found.moved, found.draws)),
        source=read_source(row["source"], verified=row["verified"] == "yes"),
    )  # fmt: skip


def predicted(predictor: str, seed: int) -> Predicted | None:
    """What the model says of a target; None where it does not reach."""
    if not predictor:
        return None
    name, *arguments = predictor.split()
    return PREDICTORS[name](np.random.default_rng(seed), *arguments)


def _score(published: float, low: float, high: float) -> float:
    return high - low + 2 / (1 - LEVEL) * max(low - published, published - high, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A held-out number with its published 95 % interval."""

    value: float
    low: float
    high: float
    unit: str

    @property
    def error(self) -> float:
        """SD of a normal with this interval."""
        return (self.high - self.low) / (2 * 1.959964)


def _pool(targets: Sequence[Target], evidence: Mapping[str, dict[str, str]]) -> Mapping[str, Published]:
    """Held-out targets whose row has a number and a 95 % interval, by key."""
    found: dict[str, Published] = {}
    for target in targets:
        row = evidence[target.row]
        value, ends = _number(row), _INTERVAL.fullmatch(row["error"] or "")
        if target.use == "held_out" and target.published is None and value is not None and ends:
            if not (row["error_type"] or "").startswith("95%"):
                continue
            found[target.key] = Published(value=value, low=float(ends[1]), high=float(ends[2]), unit=row["unit"] or "")
    return found


_INTERVAL = re.compile(r"\s*(-?\d+(?:\.\d+)?) to (-?\d+(?:\.\d+)?)\s*")


def _baseline(key: str, pool: Mapping[str, Published]) -> tuple[float | None, float | None]:
    """90 % interval of a row from the pooled mean of the others in its unit; none without an interval or others."""
    own = pool.get(key)
    others = [one for name, one in pool.items() if own is not None and name != key and one.unit == own.unit]
    if own is None or not others:
        return None, None
    weight = np.array([one.error**-2 for one in others])
    mean = float(np.average([one.value for one in others], weights=weight))
    half = Z95 * float(np.hypot(weight.sum() ** -0.5, own.error))
    return mean - half, mean + half


def _met(expects: Expects, published: float | None, median: float, low: float, high: float) -> bool:
    if expects == "up":
        return low > 0
    if expects == "little":
        return abs(median) < LITTLE
    if expects == "same":
        return abs(median - 1) < SAME
    if published is None:
        return False
    if expects == "half":
        return abs(median - published) <= HALF * abs(published)
    return low <= published <= high


def _number(row: dict[str, str]) -> float | None:
    for field in ("percent_change", "value"):
        try:
            return float(row.get(field) or "")
        except ValueError:
            continue
    return None
