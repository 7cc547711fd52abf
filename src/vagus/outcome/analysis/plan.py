"""An analysis plan and everything that it says, carried out on a trial's table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from vagus.errors import Abstained, InputError, Problem, nearest
from vagus.outcome.analysis.claims import NonInferiority, adjusted_p, non_inferiority
from vagus.outcome.analysis.design import BaselineBy
from vagus.outcome.analysis.estimand import EACH_OTHER_ARM, Estimand
from vagus.outcome.analysis.flow import AdverseEvent, AdverseRow, BaselineRow, Flow, adverse_table, baseline_table, flow
from vagus.outcome.analysis.missing.imputation import Imputed, Rule, impute, shifted
from vagus.outcome.analysis.missing.pooled import ImputedAnalysis, analyze_imputed
from vagus.outcome.analysis.mixed.covariance import Structure
from vagus.outcome.analysis.mixed.inference import Df, Information
from vagus.outcome.analysis.model import Difference, ScoreAnalysis, ancova, mmrm
from vagus.outcome.analysis.responders import ResponderAnalysis, Response, responders, time_to_response
from vagus.outcome.analysis.survival import Cox, Curve, cox, kaplan_meier, log_rank
from vagus.outcome.analysis.table import Exclusion, TrialTable
from vagus.source import Effect


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisPlan:
    """What is analyzed and how, named before the data are seen.

    Parameters
    ----------
    estimand : Estimand
    primary_visit : str
        "": the last visit.
    covariance : Structure
    df : Df
    information : {"observed", "expected"}
    baseline : {"visit", "once", "none"} or None
        None: "visit" where the table has a baseline.
    covariates : tuple of str
    is_change : bool
    level : float
    better : {"lower", "higher"} or None
        Direction of the scale; None: lower.
    response : Response or None
        For responders at the primary visit.
    weeks : tuple of float
        Of each visit; for the time to response.
    margin_points : float or None
        For non-inferiority.
    sensitivity : tuple of Rule
        Imputations beside the primary analysis.
    delta_points : tuple of float
        Each is added in turn to what is imputed at random after the last score, in the active arms.
    n_imputation : int
    """

    estimand: Estimand
    primary_visit: str = ""
    covariance: Structure = "us"
    df: Df = "kenward-roger"
    information: Information = "observed"
    baseline: BaselineBy | None = None
    covariates: tuple[str, ...] = ()
    is_change: bool = False
    level: float = 0.95
    better: Literal["lower", "higher"] | None = None
    response: Response | None = None
    weeks: tuple[float, ...] = ()
    margin_points: float | None = None
    sensitivity: tuple[Rule, ...] = ()
    delta_points: tuple[float, ...] = ()
    n_imputation: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeAnalysis:
    """Time to response of an active arm against the control.

    Parameters
    ----------
    curves : dict of str to Curve
        Kaplan-Meier, an arm each.
    hazard : Effect or None
        Hazard ratio, over 1: response comes sooner; None where it has no bound, and `why_not` says so.
    log_rank_p : float
    """

    arm: str
    control: str
    curves: dict[str, Curve]
    hazard: Effect | None
    why_not: str
    log_rank_p: float
    n_events: int
    excluded: tuple[Exclusion, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialReport:
    """All that a plan asked of a table.

    Parameters
    ----------
    primary : tuple of Difference
        At the primary visit, an active arm each.
    adjusted_p : tuple of float
        Holm over the active arms.
    scores, completers : ScoreAnalysis
        Repeated measures; covariance analysis at the primary visit of those who have a score there.
    responders : tuple of ResponderAnalysis
    times : tuple of TimeAnalysis
    non_inferiority : tuple of NonInferiority
    sensitivity : tuple of ImputedAnalysis
    flow : tuple of Flow
    baseline : tuple of BaselineRow
    adverse : tuple of AdverseRow
    not_told : tuple of str
        What could not be answered, and why.
    """

    primary: tuple[Difference, ...]
    adjusted_p: tuple[float, ...]
    scores: ScoreAnalysis
    completers: ScoreAnalysis
    responders: tuple[ResponderAnalysis, ...]
    times: tuple[TimeAnalysis, ...]
    non_inferiority: tuple[NonInferiority, ...]
    sensitivity: tuple[ImputedAnalysis, ...]
    flow: tuple[Flow, ...]
    baseline: tuple[BaselineRow, ...]
    adverse: tuple[AdverseRow, ...]
    not_told: tuple[str, ...]


def analyze_trial(
    table: TrialTable, plan: AnalysisPlan, *, rng: np.random.Generator, events: Sequence[AdverseEvent] = ()
) -> TrialReport:
    """Everything that a plan says, on a table.

    Parameters
    ----------
    table : TrialTable
    plan : AnalysisPlan
    rng : numpy.random.Generator
        For imputations.
    events : sequence of AdverseEvent

    Raises
    ------
    InputError
        The plan names a visit, a covariate or an option that is not there.
    Abstained
        The primary analysis cannot be made.
    """
    visit = plan.primary_visit or table.visits[-1]
    if visit not in table.visits:
        allowed = nearest(visit, table.visits)
        raise InputError(Problem(what="the primary visit is not in the table", found=f'"{visit}"', allowed=allowed))
    baseline: BaselineBy = plan.baseline or ("none" if table.baseline is None else "visit")
    once: BaselineBy = "none" if baseline == "none" else "once"
    estimand, level = plan.estimand, plan.level
    scores = mmrm(
        table, estimand=estimand, structure=plan.covariance, df=plan.df, information=plan.information,
        baseline=baseline, covariates=plan.covariates, is_change=plan.is_change, level=level,
    )  # fmt: skip
    completers = ancova(table, visit=visit, estimand=estimand, baseline=once, covariates=plan.covariates,
                        is_change=plan.is_change, level=level)  # fmt: skip
    primary = tuple(one for one in scores.differences if one.visit == visit)
    not_told = _unnamed(table, estimand)
    return TrialReport(
        primary=primary,
        adjusted_p=adjusted_p([one.p for one in primary]),
        scores=scores,
        completers=completers,
        responders=tuple(
            responders(table, visit=visit, rule=plan.response, estimand=estimand, arm=arm, level=level)
            for arm in table.arms[1:] if plan.response is not None
        ),
        times=_times(table, plan, not_told),
        non_inferiority=tuple(
            non_inferiority(one, margin_points=plan.margin_points, better=plan.better or "lower")
            for one in primary if plan.margin_points is not None
        ),
        sensitivity=_sensitivity(table, plan, once, rng, not_told),
        flow=flow(table),
        baseline=baseline_table(table),
        adverse=adverse_table(table, events, arm=table.arms[1], level=level) if events else (),
        not_told=tuple(not_told),
    )  # fmt: skip


def _unnamed(table: TrialTable, estimand: Estimand) -> list[str]:
    """Arms of the table that the estimand's words do not name: is the right thing compared?"""
    parts = [("control", estimand.control, table.arms[:1])]
    if len(table.arms) == 2:
        parts.append(("treatment", estimand.treatment, table.arms[1:]))
    return [
        f'whether the estimand\'s {part}, "{words}", is the table\'s arm "{arm}"'
        for part, words, arms in parts
        for arm in arms
        if arm.casefold() not in words.casefold() and words != EACH_OTHER_ARM
    ]


def _times(table: TrialTable, plan: AnalysisPlan, not_told: list[str]) -> tuple[TimeAnalysis, ...]:
    if plan.response is None or not plan.weeks:
        return ()
    times = time_to_response(table, weeks=plan.weeks, rule=plan.response)
    found: list[TimeAnalysis] = []
    for k, arm in enumerate(table.arms[1:], start=1):
        here = (times.arm == 0) | (times.arm == k)
        weeks, hit, active = times.weeks[here], times.is_event[here], (times.arm[here] == k).astype(float)
        try:
            p = log_rank(weeks, hit, active)[1]
        except Abstained as reason:
            not_told.append(f"time to response, {arm}: {reason}")
            continue
        fitted, why = _hazard(weeks, hit, active)
        found.append(
            TimeAnalysis(
                arm=arm,
                control=table.arms[0],
                curves={
                    name: kaplan_meier(weeks[active == at], hit[active == at], level=plan.level)
                    for name, at in ((table.arms[0], 0), (arm, 1))
                },
                hazard=fitted.ratio(level=plan.level) if fitted else None,
                why_not=why,
                log_rank_p=p,
                n_events=int(hit.sum()),
                excluded=times.excluded,
            )
        )
    return tuple(found)


def _hazard(weeks: np.ndarray, hit: np.ndarray, active: np.ndarray) -> tuple[Cox | None, str]:
    try:
        return cox(weeks, hit, active), ""
    except Abstained as reason:
        return None, str(reason)


def _sensitivity(
    table: TrialTable, plan: AnalysisPlan, baseline: BaselineBy, rng: np.random.Generator, not_told: list[str]
) -> tuple[ImputedAnalysis, ...]:
    visit = plan.primary_visit or table.visits[-1]
    asked: list[tuple[Rule, float]] = [(rule, 0.0) for rule in plan.sensitivity]
    asked.extend(("missing at random", delta) for delta in plan.delta_points)
    found: list[ImputedAnalysis] = []
    drawn: dict[Rule, Imputed | None] = {}
    for rule, delta in asked:
        if rule not in drawn:
            try:
                drawn[rule] = impute(table, rng=rng, rule=rule, n_imputation=plan.n_imputation)
            except Abstained as reason:
                not_told.append(f"imputation, {rule}: {reason}")
                drawn[rule] = None
        filled = drawn[rule]
        if filled is not None:
            # one set of draws for all deltas: what differs between them is the delta alone
            found.append(
                analyze_imputed(shifted(filled, delta), visit=visit, estimand=plan.estimand, baseline=baseline,
                                covariates=plan.covariates, is_change=plan.is_change, level=plan.level)
            )  # fmt: skip
    return tuple(found)
