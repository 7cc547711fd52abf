"""Who got better: shares of the arms, risk difference and ratio, number needed to treat, time to response."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from vagus.errors import InputError, Problem, nearest
from vagus.outcome.analysis.estimand import Estimand
from vagus.outcome.analysis.table import Exclusion, TrialTable
from vagus.outcome.synthesis.counts import NeededToTreat, exact_p, risk_difference
from vagus.outcome.synthesis.effects import Counts, binary_effect
from vagus.source import Effect

Missing = Literal["no response", "left out"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """When a person counts as better.

    Parameters
    ----------
    at_most_points, at_least_points : float or None
        The score itself: 10 points or less for a remission.
    change_pct : float or None
        Share of baseline by which the score has to have moved: 50 on a scale where lower is better.
    better : {"lower", "higher"} or None
        Direction of the scale; None: lower.

    Raises
    ------
    InputError
        Not exactly one of the three.
    """

    at_most_points: float | None = None
    at_least_points: float | None = None
    change_pct: float | None = None
    better: Literal["lower", "higher"] | None = None

    def __post_init__(self) -> None:
        told = [one for one in (self.at_most_points, self.at_least_points, self.change_pct) if one is not None]
        problems: list[Problem] = []
        if len(told) != 1:
            allowed = "one of at_most_points, at_least_points, change_pct"
            problems.append(Problem(what="response is not defined", found=f"{len(told)} rules", allowed=allowed))
        if self.better not in (None, "lower", "higher"):
            allowed = nearest(self.better, ("lower", "higher"))
            problems.append(Problem(what="unknown direction", found=f'"{self.better}"', allowed=allowed))
        if self.change_pct is not None and not 0 < self.change_pct <= 100:
            found = f"{self.change_pct:g}"
            problems.append(Problem(what="change_pct is no share", found=found, allowed="over 0, up to 100"))
        if problems:
            raise InputError(problems)

    @property
    def text(self) -> str:
        """The rule in words."""
        if self.change_pct is not None:
            return f"score {self.change_pct:g} % or more {'above' if self.better == 'higher' else 'below'} baseline"
        if self.at_most_points is not None:
            return f"score of {self.at_most_points:g} or less"
        return f"score of {self.at_least_points:g} or more"

    def met(self, table: TrialTable) -> np.ndarray:
        """1 where the rule is met, 0 where it is not, not-a-number where a score or baseline is missing; shape (n, m).

        Raises
        ------
        InputError
            A share of a baseline that the table does not have, or that is 0 or below.
        """
        score = table.score
        if self.change_pct is None:
            met = score <= self.at_most_points if self.at_most_points is not None else score >= self.at_least_points
            return np.where(np.isfinite(score), met, np.nan)
        if table.baseline is None:
            raise InputError(Problem(what="the table has no baseline", allowed="a rule on the score itself"))
        if (table.baseline <= 0).any():
            who = ", ".join(p for p, b in zip(table.people, table.baseline, strict=True) if b <= 0)
            raise InputError(
                Problem(what="no share of a baseline of 0 or below", found=who, allowed="a rule on the score itself")
            )
        first = table.baseline[:, None]
        # 28 to 14 is 50 %, whatever rounding makes of it
        moved = (score - first if self.better == "higher" else first - score) / first * 100
        return np.where(np.isfinite(moved), moved >= self.change_pct - 1e-9, np.nan)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponderAnalysis:
    """Responders of an active arm against the control at a visit.

    Parameters
    ----------
    estimand : Estimand
    rule : str
    visit : str
    counts : Counts
    difference : Effect
        Risk difference, active minus control, Newcombe's interval.
    ratio : Effect or None
        Risk ratio, interval from its logarithm; None where an arm had none, or both all.
    needed : NeededToTreat
    p : float
        Boschloo's exact test, two-sided.
    excluded : tuple of Exclusion
        With what was done about missing scores.
    """

    estimand: Estimand
    rule: str
    visit: str
    arm: str
    control: str
    counts: Counts
    difference: Effect
    ratio: Effect | None
    needed: NeededToTreat
    p: float
    excluded: tuple[Exclusion, ...]

    @property
    def text(self) -> str:
        """Shares, difference, number needed to treat, and what was left out."""
        c, d = self.counts, self.difference
        lines = [
            self.estimand.text,
            f"{self.visit}, {self.rule}: {self.arm} {c.active_events} of {c.active_n}, {self.control} "
            f"{c.control_events} of {c.control_n}; difference {100 * d.estimate:.1f} % ({100 * d.low:.1f} to "
            f"{100 * d.high:.1f}; exact p {self.p:.3g}); {self.needed.text}.",
        ]
        lines = [line.replace(" -", " −").replace("(-", "(−") for line in lines]
        return "\n".join([*lines, *(f"Left out: {one.text}." for one in self.excluded)])


def responders(
    table: TrialTable,
    *,
    visit: str,
    rule: Response,
    estimand: Estimand,
    arm: str | None = None,
    missing: Missing = "no response",
    level: float = 0.95,
) -> ResponderAnalysis:
    """Responders of one active arm against the control.

    Parameters
    ----------
    table : TrialTable
    visit : str
    rule : Response
    estimand : Estimand
    arm : str or None
        None: the only active arm.
    missing : {"no response", "left out"}
        What a missing score or baseline counts as. "no response" is a composite strategy; "left out" looks at
        completers only, whom the arms keep for different reasons.
    level : float

    Raises
    ------
    InputError
        Visit or arm that is not there; several active arms and none named.

    Examples
    --------
    >>> import numpy as np
    >>> table = TrialTable(arms=("sham", "active"), visits=("w12",), people=tuple(map(str, range(8))),
    ...                    arm=np.arange(8) % 2, score=np.array([[20.], [9], [11], [8], [25], [7], [10], [np.nan]]))
    >>> what = Estimand(population="all", variable="remission", treatment="active", control="sham", summary="risks")
    >>> found = responders(table, visit="w12", rule=Response(at_most_points=10), estimand=what)
    >>> found.counts.active_events, found.counts.control_events, found.difference.estimate
    (3, 1, 0.5)
    """
    position = only_active(table, arm)
    if missing not in ("no response", "left out"):
        found = Problem(what="unknown rule for missing scores", found=f'"{missing}"',
                        allowed=nearest(missing, ("no response", "left out")))  # fmt: skip
        raise InputError(found)
    one = table.at([visit])
    met = rule.met(one)[:, 0]
    gone = np.isnan(met)
    excluded = list(one.excluded)
    if gone.any():
        why = "score or baseline missing, counted as no response" if missing == "no response" else "score missing"
        who = tuple(name for name, is_gone in zip(one.people, gone, strict=True) if is_gone)
        excluded.append(Exclusion(why=why, n=len(who), unit="people", which=who))
    kept = ~gone if missing == "left out" else np.ones(one.n, bool)
    tally = [(int((met[kept & (one.arm == k)] == 1).sum()), int((kept & (one.arm == k)).sum())) for k in (position, 0)]
    counts = Counts(study=visit, active_events=tally[0][0], active_n=tally[0][1], control_events=tally[1][0],
                    control_n=tally[1][1])  # fmt: skip
    difference = risk_difference(counts, level=level)
    return ResponderAnalysis(
        estimand=estimand,
        rule=rule.text,
        visit=visit,
        arm=table.arms[position],
        control=table.arms[0],
        counts=counts,
        difference=difference,
        ratio=_ratio(counts, level),
        needed=NeededToTreat(difference=difference),
        p=exact_p(counts),
        excluded=tuple(excluded),
    )


def _ratio(counts: Counts, level: float) -> Effect | None:
    if 0 in (counts.active_events, counts.control_events):
        return None
    if counts.active_events == counts.active_n and counts.control_events == counts.control_n:
        return None
    one = binary_effect(counts, measure="rr")
    estimate, low, high = one.shown(level)
    return Effect(
        estimate=estimate, low=low, high=high, unit="", n=one.n, level=level,
        method="risk ratio, normal interval of its logarithm",
    )  # fmt: skip


def only_active(table: TrialTable, arm: str | None) -> int:
    """Position of the active arm: the one named, or the only one.

    Raises
    ------
    InputError
        Several and none named, one that is not there, or the control.
    """
    if arm is not None and table.position(arm) > 0:
        return table.position(arm)
    if arm is not None or len(table.arms) > 2:
        allowed = nearest(arm or "", table.arms[1:])
        raise InputError(Problem(what="name the active arm", found=arm or "none named", allowed=allowed))
    return 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Weeks to the first response, or to the last score where there was none.

    Parameters
    ----------
    weeks : array, shape (n,)
    is_event : array of bool, shape (n,)
    arm : array of int, shape (n,)
    excluded : tuple of Exclusion
    """

    weeks: np.ndarray
    is_event: np.ndarray
    arm: np.ndarray
    excluded: tuple[Exclusion, ...] = ()


def time_to_response(table: TrialTable, *, weeks: Sequence[float], rule: Response) -> Times:
    """Weeks from baseline to the first visit with a response; people without one are censored at their last score.

    Parameters
    ----------
    table : TrialTable
    weeks : sequence of float
        When each visit is, in weeks after baseline, increasing.
    rule : Response

    Raises
    ------
    InputError
        Weeks that do not fit the visits.
    """
    at = np.asarray(weeks, float)
    if at.shape != (len(table.visits),) or not (np.diff(at, prepend=0.0) > 0).all():
        raise InputError(
            Problem(what="weeks do not fit the visits", found=", ".join(f"{w:g}" for w in at),
                    allowed=f"{len(table.visits)} increasing numbers over 0, for {', '.join(table.visits)}")
        )  # fmt: skip
    met = rule.met(table)
    seen = np.isfinite(met)
    kept = table.keep(np.asarray(seen.any(axis=1)), why="no score after baseline, or no baseline")
    met, seen = met[seen.any(1)], seen[seen.any(1)]
    hit = met == 1
    first = np.argmax(hit, axis=1)
    last = met.shape[1] - 1 - np.argmax(seen[:, ::-1], axis=1)
    is_event = hit.any(axis=1)
    return Times(weeks=at[np.where(is_event, first, last)], is_event=is_event, arm=kept.arm, excluded=kept.excluded)
