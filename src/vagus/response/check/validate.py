"""Each published finding beside the model's interval: met or not, used to calibrate or held out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from vagus.response.check.predict import PREDICTORS
from vagus.source import Source, read_source
from vagus.tables import raw_rows, rows

Use = Literal["calibrated", "held_out"]
Expects = Literal["half", "inside", "up", "same", "little"]
HALF, SAME, LITTLE = 0.5, 0.25, 0.25
LEVEL = 0.90


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
    source: Source


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
    checks: list[TargetCheck] = []
    for i, target in enumerate(targets):
        checks.append(_check(target, evidence[target.row], seed))
        if progress is not None:
            progress((i + 1) / len(targets))
    return ResponseCheck(rows=tuple(checks))


def _check(target: Target, row: dict[str, str], seed: int) -> TargetCheck:
    published = target.published if target.published is not None else _number(row)
    text = ", ".join(
        part for part in (row["quantity"], target.note or row["duty" if "duty" in row else "time"]) if part
    )
    median = low = high = score = None
    unit, met = row["unit"] or "", False
    if target.predictor:
        name, *arguments = target.predictor.split()
        median, low, high, unit = PREDICTORS[name](np.random.default_rng(seed), *arguments)
        met = _met(target.expects, published, median, low, high)
        if target.expects in {"half", "inside"} and published is not None:
            outside = max(low - published, published - high, 0.0)
            score = high - low + 2 / (1 - LEVEL) * outside
        else:
            published = None
    return TargetCheck(
        key=target.key, text=text, use=target.use, published=published, median=median, low=low, high=high, unit=unit,
        expects=target.expects, met=met, modeled=bool(target.predictor), score=score,
        source=read_source(row["source"], verified=row["verified"] == "yes"),
    )  # fmt: skip


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
