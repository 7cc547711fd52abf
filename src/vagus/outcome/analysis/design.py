"""Fixed effects of a trial: a mean for each arm at each visit, baseline, covariates; and the means of the model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from vagus.errors import InputError, Problem, nearest
from vagus.outcome.analysis.table import TrialTable

BaselineBy = Literal["visit", "once", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """Regressors of each score, and what the model's means are made of.

    Parameters
    ----------
    table : TrialTable
        The people who are in the model.
    y, x : array, shapes (n,), (n, p)
        Scores less `center_points`; baseline and numbers less their means: sums of squares keep their digits so.
    center_points : float
    person, visit : array of int, shape (n,)
    columns : tuple of str
        Names of the regressors.
    middle : array, shape (m, p)
        For each visit, equal weights on the levels of each factor; baseline and numbers are 0 at their mean over the
        scores of the model, and the cells of arm and visit are left 0.
    """

    table: TrialTable
    y: np.ndarray
    x: np.ndarray
    person: np.ndarray
    visit: np.ndarray
    columns: tuple[str, ...]
    middle: np.ndarray
    center_points: float

    def mean_row(self, arm: int, visit: int) -> np.ndarray:
        """Weights on the coefficients that give the model's mean of an arm at a visit, less `center_points`."""
        row = self.middle[visit].copy()
        row[arm * len(self.table.visits) + visit] = 1.0
        return row

    def contrast_row(self, arm: int, control: int, visit: int) -> np.ndarray:
        """Weights that give the difference of two arms at a visit."""
        return self.mean_row(arm, visit) - self.mean_row(control, visit)


def design_of(
    table: TrialTable, *, baseline: BaselineBy, covariates: Sequence[str] = (), is_change: bool = False
) -> Design:
    """Design of all scores that are there; people without what the model needs are left out and counted.

    Parameters
    ----------
    table : TrialTable
    baseline : {"visit", "once", "none"}
        A slope on baseline for each visit, one for all, or none.
    covariates : sequence of str
        Names in `table.numbers` or `table.factors`.
    is_change : bool
        Model the change from baseline instead of the score.

    Raises
    ------
    InputError
        A covariate that is not there, no baseline where one is asked for, an arm without scores at a visit, regressors
        that depend on each other.
    """
    _check(table, baseline, covariates, is_change)
    table = _complete(table, baseline, covariates, is_change)
    n_arm, m = len(table.arms), len(table.visits)
    person, visit = np.nonzero(np.isfinite(table.score))
    y = table.score[person, visit]
    if is_change and table.baseline is not None:
        y = y - table.baseline[person]
    cell = table.arm[person] * m + visit
    blocks = [(cell[:, None] == np.arange(n_arm * m)).astype(float)]
    columns = [f"{arm} at {one}" for arm in table.arms for one in table.visits]
    middles = [np.zeros((m, n_arm * m))]
    if baseline != "none" and table.baseline is not None:
        values = (table.baseline[person] - table.baseline[person].mean())[:, None]
        at = (visit[:, None] == np.arange(m)).astype(float) if baseline == "visit" else np.ones((y.size, 1))
        blocks.append(values * at)
        columns += [f"baseline at {one}" for one in table.visits] if baseline == "visit" else ["baseline"]
        middles.append(np.zeros((m, m if baseline == "visit" else 1)))
    for name in covariates:
        block, named = _covariate(table, name)
        is_number = name in table.numbers
        blocks.append(block[person] - block[person].mean() if is_number else block[person])
        columns += named
        middles.append(np.full((m, len(named)), 0.0 if is_number else 1 / (len(named) + 1)))
    center = float(y.mean())
    found = Design(
        table=table,
        y=y - center,
        x=np.column_stack(blocks),
        person=person,
        visit=visit,
        columns=tuple(columns),
        middle=np.column_stack(middles),
        center_points=center,
    )
    _check_rank(found)
    return found


def _covariate(table: TrialTable, name: str) -> tuple[np.ndarray, list[str]]:
    """Regressors of one covariate, a row a person: the number, or an indicator for each level but the first."""
    if name in table.numbers:
        return np.asarray(table.numbers[name], float)[:, None], [name]
    words = np.array(table.factors[name])
    levels = sorted(set(table.factors[name]))
    return (words[:, None] == np.array(levels[1:])).astype(float), [f"{name} {level}" for level in levels[1:]]


def _check(table: TrialTable, baseline: str, covariates: Sequence[str], is_change: bool) -> None:
    known = (*table.numbers, *table.factors)
    problems = [
        Problem(what="unknown covariate", found=f'"{name}"', allowed=nearest(name, known))
        for name in covariates
        if name not in known
    ]
    if baseline not in ("visit", "once", "none"):
        allowed = nearest(baseline, ("visit", "once", "none"))
        problems.append(Problem(what="unknown use of baseline", found=f'"{baseline}"', allowed=allowed))
    elif (baseline != "none" or is_change) and table.baseline is None:
        problems.append(Problem(what="the table has no baseline", allowed='baseline="none", and scores, not changes'))
    if problems:
        raise InputError(problems)


def _complete(table: TrialTable, baseline: str, covariates: Sequence[str], is_change: bool) -> TrialTable:
    """The people who have what the model needs."""
    if (baseline != "none" or is_change) and table.baseline is not None:
        table = table.keep(np.isfinite(table.baseline), why="baseline is missing")
    for name in covariates:
        if name in table.numbers:
            there = np.isfinite(np.asarray(table.numbers[name], float))
        else:
            there = np.array([word != "" for word in table.factors[name]], bool)
        table = table.keep(there, why=f"{name} is missing")
    table = table.keep(np.asarray(np.isfinite(table.score).any(axis=1)), why="no score at any visit of the analysis")
    seen = np.isfinite(table.score)
    problems = [
        Problem(
            what="an arm has no scores at a visit", where=f"arm {arm}, visit {visit}", allowed="leave the visit out"
        )
        for a, arm in enumerate(table.arms)
        for k, visit in enumerate(table.visits)
        if not seen[table.arm == a, k].any()
    ]
    if problems:
        raise InputError(problems)
    return table


def _check_rank(found: Design) -> None:
    size = np.sqrt((found.x**2).sum(0))
    empty = [name for name, one in zip(found.columns, size, strict=True) if one == 0]
    rank = 0 if empty else int(np.linalg.matrix_rank((found.x / size).T @ (found.x / size), hermitian=True))
    p = found.x.shape[1]
    if empty or rank < p or found.y.size <= p:
        raise InputError(
            Problem(
                what="the model cannot tell its terms apart",
                found=f"{p} terms, {rank} of them independent, {found.y.size} scores"
                + (f"; no scores for {', '.join(empty)}" if empty else ""),
                allowed="fewer covariates, or levels joined: " + ", ".join(found.columns[len(found.table.arms) :][-6:]),
            )
        )
