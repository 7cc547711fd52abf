"""Missing scores drawn many times: within the arm, or by what is known of the reference arm.

Scores of an arm are taken as jointly normal with baseline and the covariates that are numbers, Jeffreys' prior. Where
scores are missing only after a person's last one, means and covariances are drawn from their posterior visit by visit,
each a regression on those before; else by data augmentation, one chain for each imputation (Schafer JL. Analysis of
Incomplete Multivariate Data, 1997, ch. 6 and 5). After the last score of a person the draw follows the rule that was
asked for (Carpenter JR, Roger JH, Kenward MG. J Biopharm Stat 2013;23:1352-1371. doi:10.1080/10543406.2013.834911).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from vagus.errors import Abstained, InputError, Problem, nearest
from vagus.outcome.analysis.table import TrialTable

Rule = Literal["missing at random", "jump to reference", "copy increments in reference", "copy reference"]

RULES: dict[Rule, str] = {
    "missing at random": "as people of the same arm who stayed",
    "jump to reference": "mean of the reference arm from then on, people keep their distance",
    "copy increments in reference": "from the mean reached, changes of the reference arm",
    "copy reference": "as if they had been in the reference arm from the start",
}
"""Rule -> what happens after a person's last score."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imputed:
    """Scores with what was missing filled in.

    Parameters
    ----------
    table : TrialTable
        The people who could be imputed.
    scores : array, shape (k, n, m)
        One table of scores for each imputation.
    rule : Rule
    delta_points : float
        Added to what was imputed after the last score, in the active arms.
    n_filled : int
        Scores that were missing.
    """

    table: TrialTable
    scores: np.ndarray
    rule: Rule
    delta_points: float
    n_filled: int


def impute(
    table: TrialTable,
    *,
    rng: np.random.Generator,
    rule: Rule = "missing at random",
    n_imputation: int = 100,
    delta_points: float = 0.0,
    n_burn: int = 100,
) -> Imputed:
    """Scores with those that are missing drawn many times.

    The control arm is the reference, and is itself imputed within the arm. Scores missed before a person's last one are
    always drawn within the arm.

    Parameters
    ----------
    table : TrialTable
        People without baseline, or without a covariate that is a number, are left out and counted.
    rng : numpy.random.Generator
    rule : Rule
    n_imputation : int
        At least 2.
    delta_points : float
        Added in the active arms after a person's last score: above 0 is worse where lower is better.
    n_burn : int
        Steps of each chain before its scores are taken; without meaning where scores are missing only after the last.

    Raises
    ------
    InputError
        An unknown rule, too few imputations.
    Abstained
        An arm with too few people for the means and covariances of so many visits.
    """
    if rule not in RULES:
        raise InputError(Problem(what="unknown rule", found=f'"{rule}"', allowed=nearest(rule, RULES)))
    if n_imputation < 2:
        raise InputError(Problem(what="too few imputations", found=str(n_imputation), allowed="2 or more"))
    table, before = _known(table)
    data = np.column_stack([before, table.score])
    c, m = before.shape[1], len(table.visits)
    laws: list[_Law] = []
    scores = np.empty((n_imputation, table.n, m))
    for k, arm in enumerate(table.arms):
        mine = table.arm == k
        filled, law = _drawn(data[mine], rng, n_imputation, n_burn, arm)
        laws.append(law)
        scores[:, mine] = filled[:, :, c:]
        if k and rule != "missing at random":
            scores[:, mine] = _by_reference(filled, np.isnan(data[mine]), (law, laws[0]), rule, rng)[:, :, c:]
    n_filled = int(np.isnan(table.score).sum())
    return shifted(Imputed(table=table, scores=scores, rule=rule, delta_points=0.0, n_filled=n_filled), delta_points)


def shifted(imputed: Imputed, delta_points: float) -> Imputed:
    """The same draws with points added in the active arms after a person's last score, on top of what was added."""
    if delta_points == 0.0:
        return imputed
    table, m = imputed.table, len(imputed.table.visits)
    seen = ~np.isnan(table.score)
    last = np.where(seen.any(1), m - 1 - np.argmax(seen[:, ::-1], axis=1), -1)
    after = (np.arange(m) > last[:, None]) & (table.arm > 0)[:, None]
    return replace(
        imputed, scores=imputed.scores + delta_points * after, delta_points=imputed.delta_points + delta_points
    )


def _known(table: TrialTable) -> tuple[TrialTable, np.ndarray]:
    """The people of whom all is known but scores, and what is known: numbers and baseline, shape (n, c)."""

    def columns(of: TrialTable) -> np.ndarray:
        told = [*of.numbers.values(), *([] if of.baseline is None else [of.baseline])]
        return np.column_stack([np.empty((of.n, 0)), *(np.asarray(one, float) for one in told)])

    there = np.isfinite(columns(table)).all(axis=1)
    kept = table.keep(np.asarray(there), why="baseline or a number is missing: not imputed")
    return kept, columns(kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Law:
    """Draws of means, shape (k, d), and covariances, shape (k, d, d)."""

    mean: np.ndarray
    covariance: np.ndarray


def _drawn(data: np.ndarray, rng: np.random.Generator, n_chain: int, n_burn: int, arm: str) -> tuple[np.ndarray, _Law]:
    """Filled tables and the law that each was drawn from."""
    n, d = data.shape
    if n < d + 3:
        raise Abstained(f"arm {arm} has {n} people for {d} columns: imputation needs {d + 3} or more, or fewer visits")
    gone = np.isnan(data)
    people = (~gone).sum(0)
    is_monotone = bool((gone[:, :-1] <= gone[:, 1:]).all())
    if is_monotone and (people - d + np.arange(d) >= 2).all():
        return _in_turn(data, rng, n_chain)
    return _augment(data, rng, n_chain, n_burn)


def _in_turn(data: np.ndarray, rng: np.random.Generator, n_chain: int) -> tuple[np.ndarray, _Law]:
    """The same, column by column, where a person who misses one column misses all that follow."""
    n, d = data.shape
    filled = np.broadcast_to(data, (n_chain, n, d)).copy()
    mean, covariance = np.zeros((n_chain, d)), np.zeros((n_chain, d, d))
    for j in range(d):
        seen = ~np.isnan(data[:, j])
        x, y = np.column_stack([np.ones(seen.sum()), data[seen, :j]]), data[seen, j]
        q, r = np.linalg.qr(x)
        best = np.linalg.solve(r, q.T @ y)
        rest = y - x @ best
        # the degrees of freedom under Jeffreys' prior of all d columns; without missing data, those of `_draw_law`
        spread = np.sqrt(rest @ rest / rng.chisquare(y.size - d + j, n_chain))
        beta = best + spread[:, None] * np.linalg.solve(r, rng.normal(size=(j + 1, n_chain))).T
        slope = beta[:, 1:]
        if not seen.all():
            noise = spread[:, None] * rng.normal(size=(n_chain, n - y.size))
            filled[:, ~seen, j] = beta[:, :1] + np.einsum("kni,ki->kn", filled[:, ~seen, :j], slope) + noise
        across = np.einsum("ki,kij->kj", slope, covariance[:, :j, :j])
        mean[:, j] = beta[:, 0] + (slope * mean[:, :j]).sum(1)
        covariance[:, j, :j] = covariance[:, :j, j] = across
        covariance[:, j, j] = spread**2 + (across * slope).sum(1)
    return filled, _Law(mean=mean, covariance=covariance)


def _augment(data: np.ndarray, rng: np.random.Generator, n_chain: int, n_burn: int) -> tuple[np.ndarray, _Law]:
    """The same by data augmentation, for any pattern of missing scores."""
    n, d = data.shape
    gone = np.isnan(data)
    middle = np.nanmean(data, axis=0)
    spread = np.nanvar(data, axis=0)
    filled = np.broadcast_to(np.where(gone, middle, data), (n_chain, n, d)).copy()
    filled += gone * rng.normal(size=filled.shape) * np.sqrt(spread)
    patterns = _patterns(gone)
    law = _draw_law(filled, rng)
    for _ in range(n_burn if gone.any() else 1):
        for hole, known, who in patterns:
            filled[:, who[:, None], hole] = _conditional(filled[:, who], hole, known, law, rng)
        law = _draw_law(filled, rng)
    return filled, law


def _patterns(gone: np.ndarray) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Columns that are missing, the others, and the people who miss exactly them."""
    kinds, which = np.unique(gone, axis=0, return_inverse=True)
    return [
        (np.flatnonzero(kind), np.flatnonzero(~kind), np.flatnonzero(which.reshape(-1) == k))
        for k, kind in enumerate(kinds)
        if kind.any()
    ]


def _draw_law(filled: np.ndarray, rng: np.random.Generator) -> _Law:
    """Means and covariances from their posterior under Jeffreys' prior, one a chain."""
    k, n, d = filled.shape
    mean = filled.mean(1)
    away = filled - mean[:, None]
    root = np.linalg.cholesky(away.swapaxes(1, 2) @ away)
    bartlett = np.tril(rng.normal(size=(k, d, d)), -1)
    at = np.arange(d)
    bartlett[:, at, at] = np.sqrt(rng.chisquare(n - 1 - at, size=(k, d)))
    turned = root @ np.linalg.inv(bartlett).swapaxes(1, 2)
    covariance = turned @ turned.swapaxes(1, 2)
    step = np.linalg.cholesky(covariance / n) @ rng.normal(size=(k, d, 1))
    return _Law(mean=mean + step[..., 0], covariance=covariance)


def _conditional(
    filled: np.ndarray, hole: np.ndarray, known: np.ndarray, law: _Law, rng: np.random.Generator
) -> np.ndarray:
    """Draws of the columns `hole` given those in `known`, one a chain and person."""
    mean, covariance = law.mean, law.covariance
    inner = covariance[:, hole[:, None], hole]
    centre = np.broadcast_to(mean[:, None, hole], (*filled.shape[:2], hole.size))
    if known.size:
        across = covariance[:, hole[:, None], known]
        lever = np.linalg.solve(covariance[:, known[:, None], known], across.swapaxes(1, 2))
        centre = centre + (filled[:, :, known] - mean[:, None, known]) @ lever
        inner = inner - across @ lever
    root = np.linalg.cholesky((inner + inner.swapaxes(1, 2)) / 2)
    return centre + rng.normal(size=centre.shape) @ root.swapaxes(1, 2)


def _by_reference(
    filled: np.ndarray, gone: np.ndarray, laws: tuple[_Law, _Law], rule: Rule, rng: np.random.Generator
) -> np.ndarray:
    """What comes after each person's last column, drawn again by the law of the reference arm."""
    own, reference = laws
    d = gone.shape[1]
    last = d - 1 - np.argmax(~gone[:, ::-1], axis=1)
    found = filled.copy()
    for end in np.unique(last[last < d - 1]):
        who = np.flatnonzero(last == end)
        hole, known = np.arange(end + 1, d), np.arange(end + 1)
        mean = reference.mean.copy()
        if rule != "copy reference":
            mean[:, known] = own.mean[:, known]
        if rule == "copy increments in reference":
            mean[:, hole] += (own.mean - reference.mean)[:, [end]]
        mixed = _Law(mean=mean, covariance=reference.covariance)
        draws = _conditional(found[:, who], hole, known, mixed, rng)
        found[:, who[:, None], hole] = draws
    return found
