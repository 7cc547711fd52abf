"""One answer from many imputed tables: Rubin's rules over an analysis of covariance of each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from vagus.errors import InputError, Problem
from vagus.outcome.analysis.design import BaselineBy, design_of
from vagus.outcome.analysis.estimand import Estimand
from vagus.outcome.analysis.missing.imputation import RULES, Imputed
from vagus.outcome.analysis.mixed.inference import Tested, t_below
from vagus.outcome.analysis.model import Difference
from vagus.outcome.analysis.table import Exclusion
from vagus.source import Source

SOURCES = (
    Source(text="Rubin DB. Multiple Imputation for Nonresponse in Surveys. Wiley, 1987", verified=False),
    Source(text="Barnard J, Rubin DB. Biometrika 1999;86:948-955", doi="10.1093/biomet/86.4.948", verified=False),
    Source(text="Carpenter JR, Roger JH, Kenward MG. J Biopharm Stat 2013;23:1352-1371",
           doi="10.1080/10543406.2013.834911", verified=False),
)  # fmt: skip
"""Papers the methods were written from; their DOIs were recalled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rubin:
    """An estimate over imputations.

    Parameters
    ----------
    test : Tested
        Estimate, standard error and degrees of freedom (Barnard and Rubin).
    between, within : float
        Variance between imputations and mean variance within them.
    missing_pct : float
        Share of the variance that is due to what is missing.
    """

    test: Tested
    between: float
    within: float
    missing_pct: float


def rubin(estimates: Sequence[float], variances: Sequence[float], *, df_complete: float) -> Rubin:
    """Rubin's rules for one number, with the degrees of freedom of Barnard and Rubin.

    Parameters
    ----------
    estimates, variances : sequence of float
        Of each imputation.
    df_complete : float
        Degrees of freedom that the analysis has without missing data.

    Raises
    ------
    InputError
        Fewer than two imputations.

    Examples
    --------
    >>> found = rubin([1.0, 2.0, 3.0], [1.0, 1.0, 1.0], df_complete=50)
    >>> round(found.test.se, 3), round(found.test.df, 2), round(found.missing_pct, 1)
    (1.528, 4.72, 57.1)
    """
    values = np.asarray(estimates, float)
    k = values.size
    if k < 2 or len(variances) != k:
        raise InputError(Problem(what="too few imputations", found=str(k), allowed="2 or more, each with its variance"))
    between, within = float(values.var(ddof=1)), float(np.mean(variances))
    total = within + (1 + 1 / k) * between
    share = (1 + 1 / k) * between / total
    observed = (df_complete + 1) / (df_complete + 3) * df_complete * (1 - share)
    df = observed if share == 0 else 1 / (share**2 / (k - 1) + 1 / observed)
    estimate, se = float(values.mean()), math.sqrt(total)
    t = estimate / se
    test = Tested(estimate=estimate, se=se, df=df, t=t, p=2 * t_below(df, -abs(t)))
    return Rubin(test=test, between=between, within=within, missing_pct=100 * share)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImputedAnalysis:
    """Difference of each active arm from the control at a visit, over imputations.

    Parameters
    ----------
    estimand : Estimand
    visit : str
    differences : tuple of Difference
    missing_pct : tuple of float
        Share of each difference's variance that is due to what is missing.
    n_imputation, n_filled : int
    method, note : str
        `note` says what is known of the interval.
    excluded : tuple of Exclusion
    """

    estimand: Estimand
    visit: str
    differences: tuple[Difference, ...]
    missing_pct: tuple[float, ...]
    n_imputation: int
    n_filled: int
    method: str
    note: str
    excluded: tuple[Exclusion, ...]
    sources: tuple[Source, ...] = SOURCES

    @property
    def text(self) -> str:
        """Estimand, method, differences."""
        lines = [self.estimand.text, f"{self.method}; {self.n_filled} scores filled in, {self.n_imputation} times."]
        lines += [
            f"{one.visit}: {one.arm} against {one.control} {one.estimate:.2f} points ({one.low:.2f} to "
            f"{one.high:.2f}; p {one.p:.3g}); {share:.0f} % of the variance from what is missing"
            for one, share in zip(self.differences, self.missing_pct, strict=True)
        ]
        return "\n".join([*lines, *([self.note] if self.note else [])]).replace(" -", " −").replace("(-", "(−")


def analyze_imputed(
    imputed: Imputed,
    *,
    visit: str,
    estimand: Estimand,
    baseline: BaselineBy = "once",
    covariates: Sequence[str] = (),
    is_change: bool = False,
    level: float = 0.95,
) -> ImputedAnalysis:
    """Analysis of covariance at a visit of every imputed table, put together by Rubin's rules.

    Parameters
    ----------
    imputed : Imputed
    visit : str
    estimand : Estimand
    baseline : {"once", "none"}
    covariates : sequence of str
    is_change : bool
        Changes from baseline are analyzed, not scores.
    level : float

    Raises
    ------
    InputError
        A visit or covariate that is not there.

    Notes
    -----
    Under a rule by reference the variance of Rubin keeps the information that missing at random would have; it is
    larger than the variance of the estimate over repeated trials, so that its tests err on the safe side (Carpenter
    2013; Cro S et al. J R Stat Soc A 2019;182:623-645).
    """
    table = imputed.table
    there = table.at([visit])
    column = table.visits.index(visit)
    # one design for all: people and regressors do not change from one imputation to the next
    filled = replace(there, score=imputed.scores[0][:, [column]])
    design = design_of(filled, baseline=baseline, covariates=covariates, is_change=is_change)
    chosen = [table.people.index(name) for name in design.table.people]
    y = imputed.scores[:, chosen, column].T
    if is_change and design.table.baseline is not None:
        y = y - design.table.baseline[:, None]
    inverse = np.linalg.inv(design.x.T @ design.x)
    beta = inverse @ design.x.T @ y
    df = y.shape[0] - design.x.shape[1]
    variance = ((y - design.x @ beta) ** 2).sum(0) / df
    differences: list[Difference] = []
    shares: list[float] = []
    for arm in range(1, len(table.arms)):
        row = design.contrast_row(arm, 0, 0)
        found = rubin((row @ beta).tolist(), (variance * float(row @ inverse @ row)).tolist(), df_complete=df)
        low, high = found.test.interval(level)
        shares.append(found.missing_pct)
        differences.append(
            Difference(arm=table.arms[arm], control=table.arms[0], visit=visit, estimate=found.test.estimate,
                       se=found.test.se, df=found.test.df, low=low, high=high, p=found.test.p)
        )  # fmt: skip
    delta = f", {imputed.delta_points:+g} points" if imputed.delta_points else ""
    is_reference = imputed.rule != "missing at random"
    return ImputedAnalysis(
        estimand=estimand,
        visit=visit,
        differences=tuple(differences),
        missing_pct=tuple(shares),
        n_imputation=imputed.scores.shape[0],
        n_filled=imputed.n_filled,
        method=f"multiple imputation, {imputed.rule} ({RULES[imputed.rule]}{delta}), ANCOVA, Rubin's rules",
        note="Rubin's variance is on the safe side under a rule by reference." if is_reference else "",
        excluded=design.table.excluded,
    )
