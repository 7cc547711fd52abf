"""Mixed model for repeated measures, analysis of covariance: means and differences of the arms by visit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vagus.errors import InputError, Problem
from vagus.outcome.analysis.design import BaselineBy, Design, design_of
from vagus.outcome.analysis.estimand import SOURCE as ESTIMAND_SOURCE
from vagus.outcome.analysis.estimand import Estimand
from vagus.outcome.analysis.mixed.covariance import STRUCTURES, Structure, check_structure, names_of
from vagus.outcome.analysis.mixed.inference import DFS, Df, Inference, Information, Joint, Tested, check_df
from vagus.outcome.analysis.mixed.reml import Fit, fit_reml
from vagus.outcome.analysis.mixed.sums import sums_of
from vagus.outcome.analysis.table import Exclusion, TrialTable
from vagus.source import Effect, Source

SOURCES = (
    Source(text="Kenward MG, Roger JH. Biometrics 1997;53:983-997", doi="10.2307/2533558", verified=False),
    Source(text="Patterson HD, Thompson R. Biometrika 1971;58:545-554", doi="10.1093/biomet/58.3.545", verified=False),
    ESTIMAND_SOURCE,
)
"""Papers the methods were written from; their DOIs were recalled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mean:
    """The model's mean of an arm at a visit, in points."""

    arm: str
    visit: str
    n: int
    estimate: float
    se: float
    df: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The difference of an arm from the control at a visit, in points; p is two-sided."""

    arm: str
    control: str
    visit: str
    estimate: float
    se: float
    df: float
    low: float
    high: float
    p: float

    def effect(self, *, n: int, method: str, level: float) -> Effect:
        """The same as the library's common noun."""
        return Effect(
            estimate=self.estimate, low=self.low, high=self.high, unit="points", n=n, method=method, level=level,
            sources=SOURCES,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreAnalysis:
    """What an analysis of scores found.

    Parameters
    ----------
    estimand : Estimand
    model : {"mmrm", "ancova"}
    means : tuple of Mean
    differences : tuple of Difference
        Each arm but the control at each visit.
    arm_by_visit : Joint or None
        Do the differences change over the visits; None with one visit.
    structure : Structure
    parameters : dict of str to float
        Covariance parameters as they were fitted.
    covariance : tuple of tuple of float
        Covariance of the scores of one person over the visits, in points squared.
    minus_two_ll : float
        -2 restricted log-likelihood.
    n, n_scores : int
        People and scores in the model.
    excluded : tuple of Exclusion
        Everything that was left out, counted.
    method : str
    level : float
    sources : tuple of Source
    """

    estimand: Estimand
    model: str
    means: tuple[Mean, ...]
    differences: tuple[Difference, ...]
    arm_by_visit: Joint | None
    structure: Structure
    parameters: dict[str, float]
    covariance: tuple[tuple[float, ...], ...]
    minus_two_ll: float
    n: int
    n_scores: int
    excluded: tuple[Exclusion, ...]
    method: str
    level: float
    sources: tuple[Source, ...] = SOURCES

    def at(self, visit: str, arm: str | None = None) -> Difference:
        """Difference at a visit, of the only active arm or of the one named.

        Raises
        ------
        InputError
            No such visit or arm, or several arms and none named.
        """
        found = [one for one in self.differences if one.visit == visit and arm in (None, one.arm)]
        if len(found) != 1:
            raise InputError(
                Problem(
                    what="no single difference of that visit and arm",
                    found=f"{visit}, {arm}: {len(found)}",
                    allowed="; ".join(f"{one.visit}, {one.arm}" for one in self.differences),
                )
            )
        return found[0]

    @property
    def text(self) -> str:
        """Estimand, method, each difference, and what was left out."""
        lines = [self.estimand.text, f"{self.method}; {self.n} people, {self.n_scores} scores."]
        lines += [
            f"{one.visit}: {one.arm} against {one.control} {one.estimate:.2f} points "
            f"({100 * self.level:g} % interval {one.low:.2f} to {one.high:.2f}; p {one.p:.3g})"
            for one in self.differences
        ]
        lines += [f"Left out: {one.text}." for one in self.excluded]
        return "\n".join(lines).replace(" -", " −").replace("(-", "(−")


def mmrm(
    table: TrialTable,
    *,
    estimand: Estimand,
    structure: Structure = "us",
    df: Df = "kenward-roger",
    information: Information = "observed",
    baseline: BaselineBy = "visit",
    covariates: Sequence[str] = (),
    is_change: bool = False,
    level: float = 0.95,
) -> ScoreAnalysis:
    """Means and differences by visit from a mixed model for repeated measures, fitted by restricted likelihood.

    Scores missing at random need nothing else: everyone with one score or more is in. The fixed effects are a mean for
    each arm at each visit, baseline (a slope a visit unless told otherwise) and covariates. The model's means hold
    baseline and numbers at their mean over the scores in the model and weigh the levels of each factor equally, as R's
    emmeans does.

    Parameters
    ----------
    table : TrialTable
    estimand : Estimand
        Named by the analysis plan; it stands in the result.
    structure : Structure
        Covariance of the visits; "us" (unstructured) unless there are too few people.
    df : Df
        Standard errors and degrees of freedom: "kenward-roger", "kenward-roger-linear", "satterthwaite", "normal".
    information : {"observed", "expected"}
        See `Inference`.
    baseline : {"visit", "once", "none"}
    covariates : sequence of str
    is_change : bool
        Model the change from baseline: the same differences, other means.
    level : float

    Raises
    ------
    InputError
        Options that are not known, or a table that cannot be used (see `design_of`).
    Abstained
        The covariance could not be fitted; says which structures need fewer people.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(3)
    >>> score = rng.normal(20, 5, (60, 1)) + rng.normal(0, 3, (60, 3))
    >>> table = TrialTable(arms=("sham", "active"), visits=("w4", "w8", "w12"), people=tuple(map(str, range(60))),
    ...                    arm=np.arange(60) % 2, score=score)
    >>> what = Estimand(population="all randomized", variable="score", treatment="active", control="sham",
    ...                 summary="difference of means")
    >>> found = mmrm(table, estimand=what, baseline="none").at("w12")
    >>> round(found.estimate, 2), round(found.se, 2), round(found.df, 1)
    (-0.27, 1.45, 58.0)
    """
    check_structure(structure)
    check_df(df, information)
    _check_level(level)
    design = design_of(table, baseline=baseline, covariates=covariates, is_change=is_change)
    fit = fit_reml(sums_of(design.y, design.x, design.person, design.visit, len(table.visits)), structure)
    tests = Inference(fit, df=df, information=information)
    model = "mmrm" if len(table.visits) > 1 else "ancova"
    how = f"MMRM, REML, {STRUCTURES[structure]} covariance" if model == "mmrm" else "ANCOVA, least squares"
    ending = f", {DFS[df]}" + (f" ({information} information)" if df != "normal" else "") if model == "mmrm" else ""
    return _told(design, fit, tests, estimand=estimand, model=model, method=how + ending, level=level)


def ancova(
    table: TrialTable,
    *,
    visit: str,
    estimand: Estimand,
    baseline: BaselineBy = "once",
    covariates: Sequence[str] = (),
    is_change: bool = False,
    level: float = 0.95,
) -> ScoreAnalysis:
    """Means and difference at one visit from an analysis of covariance, of those who have a score there.

    The others are left out and counted: where scores are missing, `mmrm` uses what is known of them.

    Parameters
    ----------
    table : TrialTable
    visit : str
    estimand : Estimand
    baseline : {"once", "none"}
    covariates : sequence of str
    is_change : bool
    level : float

    Raises
    ------
    InputError
        See `mmrm`.
    """
    return mmrm(table.at([visit]), estimand=estimand, structure="us", df="satterthwaite", baseline=baseline,
                covariates=covariates, is_change=is_change, level=level)  # fmt: skip


def _told(
    design: Design, fit: Fit, tests: Inference, *, estimand: Estimand, model: str, method: str, level: float
) -> ScoreAnalysis:
    table = design.table
    arms, visits = range(len(table.arms)), range(len(table.visits))
    matrix = fit.state.shape.matrix
    counts = {(a, k): int(((table.arm[design.person] == a) & (design.visit == k)).sum()) for a in arms for k in visits}
    means = tuple(
        _mean(tests.test(design.mean_row(a, k)), design, (a, k), counts[a, k], level) for a in arms for k in visits
    )
    differences = tuple(
        _difference(tests.test(design.contrast_row(a, 0, k)), table, a, k, level) for a in arms[1:] for k in visits
    )
    joint = None
    if len(visits) > 1:
        rows = [design.contrast_row(a, 0, k) - design.contrast_row(a, 0, 0) for a in arms[1:] for k in visits[1:]]
        joint = tests.joint(np.array(rows))
    return ScoreAnalysis(
        estimand=estimand,
        model=model,
        means=means,
        differences=differences,
        arm_by_visit=joint,
        structure=fit.structure,
        parameters=dict(zip(names_of(fit.structure, len(visits)), fit.theta.tolist(), strict=True)),
        covariance=tuple(tuple(row) for row in matrix.tolist()),
        minus_two_ll=fit.state.minus_two_ll,
        n=table.n,
        n_scores=design.y.size,
        excluded=(*table.excluded, *_missing(table)),
        method=method,
        level=level,
    )


def _missing(table: TrialTable) -> tuple[Exclusion, ...]:
    """Scores that are missing of people in the model, by arm and visit."""
    gone = table.score != table.score
    found = [
        (f"{arm} at {visit}", int(gone[table.arm == a, k].sum()))
        for a, arm in enumerate(table.arms)
        for k, visit in enumerate(table.visits)
    ]
    total = sum(n for _, n in found)
    if not total:
        return ()
    which = tuple(f"{name}: {n}" for name, n in found if n)
    return (Exclusion(why="missing, of people in the model", n=total, unit="scores", which=which),)


def _mean(one: Tested, design: Design, cell: tuple[int, int], n: int, level: float) -> Mean:
    low, high = one.interval(level)
    center, (arm, visit) = design.center_points, cell
    return Mean(
        arm=design.table.arms[arm], visit=design.table.visits[visit], n=n, estimate=one.estimate + center, se=one.se,
        df=one.df, low=low + center, high=high + center,
    )  # fmt: skip


def _difference(one: Tested, table: TrialTable, arm: int, visit: int, level: float) -> Difference:
    low, high = one.interval(level)
    return Difference(
        arm=table.arms[arm], control=table.arms[0], visit=table.visits[visit], estimate=one.estimate, se=one.se,
        df=one.df, low=low, high=high, p=one.p,
    )  # fmt: skip


def _check_level(level: float) -> None:
    if not 0 < level < 1:
        raise InputError(Problem(what="level is no probability", found=f"{level:g}", allowed="over 0 and under 1"))
