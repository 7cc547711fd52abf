"""What is calibrated: each case draws trials in which nothing works, and counts what its analysis says.

Trials: no effect of treatment, sham response of 8 points, 40 people an arm, four visits, dropout by the last score (25
% in both arms). The second world is the same with 35 % dropout in the active arm and 10 % in the sham arm: there the
wrong choices show. Then pooled studies, randomization tests of one person's course, and exact tests of two shares.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from scipy import stats

from vagus.outcome.analysis.estimand import Estimand
from vagus.outcome.analysis.missing.imputation import Rule, impute
from vagus.outcome.analysis.missing.pooled import analyze_imputed
from vagus.outcome.analysis.mixed.inference import Df
from vagus.outcome.analysis.model import Difference, ancova, mmrm
from vagus.outcome.analysis.simulate import Analyze, Assumed, Tally, simulate
from vagus.outcome.analysis.table import TrialTable
from vagus.outcome.person.single_case import Design, Onset, Pairs, Phases, single_case
from vagus.outcome.synthesis.counts import Exact, exact_p
from vagus.outcome.synthesis.effects import Counts, StudyEffect
from vagus.outcome.synthesis.pool import Test, pool

Seeds = Sequence[np.random.SeedSequence]

WHAT = Estimand(population="all randomized", variable="score at week 12", treatment="active", control="sham",
                summary="difference of means")  # fmt: skip
EQUAL = Assumed(
    n_sham=40, n_active=40, weeks=(2, 4, 8, 12), baseline_points=28, sd_points=7,
    sham_change_points=(-3, -5, -7, -8), effect_points=(0, 0, 0, 0), correlation=0.7, lasting=0.6,
    dropout_pct=(25, 25), dropout_by_score=0.7,
)  # fmt: skip
WORLDS = {"equal dropout": EQUAL, "unequal dropout": replace(EQUAL, dropout_pct=(10, 35))}
LAST = "week 12"
LEVEL = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """World, analysis, draws in all and in a part, what counts them, one draw a seed, and the code it rests on."""

    world: str
    analysis: str
    n: int
    part: int
    run: Callable[[Seeds], Tally]
    code: tuple[str, ...]


def repeated(table: TrialTable, *, df: Df) -> Difference:
    return mmrm(table, estimand=WHAT, df=df).at(LAST)


def completers(table: TrialTable) -> Difference:
    return ancova(table, visit=LAST, estimand=WHAT).at(LAST)


def carried_forward(table: TrialTable) -> Difference:
    score = table.score.copy()
    for k in range(1, score.shape[1]):
        score[:, k] = np.where(np.isnan(score[:, k]), score[:, k - 1], score[:, k])
    return ancova(replace(table, score=score), visit=LAST, estimand=WHAT).at(LAST)


def imputed(table: TrialTable, *, rule: Rule) -> Difference:
    rng = np.random.default_rng(int(np.nansum(table.score) * 1e6) % 2**32)
    filled = impute(table, rng=rng, rule=rule, n_imputation=20, n_burn=10)
    return analyze_imputed(filled, visit=LAST, estimand=WHAT).differences[0]


TRIAL = ("analysis.design", "analysis.model", "analysis.simulate", "analysis.table", "analysis.mixed.")
IMPUTED = (*TRIAL, "analysis.missing.")


def trials(world: str, name: str, analyze: Analyze, n: int, code: tuple[str, ...] = TRIAL) -> Case:
    assumed = WORLDS[world]

    def run(seeds: Seeds) -> Tally:
        return simulate(assumed, [analyze], seeds=seeds, truth_points=0.0)[0]

    return Case(world=world, analysis=name, n=n, part=100, run=run, code=code)


def _count(p: float, low: float, high: float, estimate: float) -> Tally:
    """One draw whose truth is 0; what has no interval counts none."""
    told = math.isfinite(high - low)
    return Tally(n=1, n_significant=int(p <= LEVEL), n_covered=int(low <= 0 <= high), sum_estimate=estimate,
                 sum_square=estimate**2, sum_width=high - low if told else math.nan)  # fmt: skip


def trial_sizes(rng: np.random.Generator, k: int) -> np.ndarray:
    """Variances of mean differences in units of the standard deviation: trials of 20 to 100 people an arm."""
    return 2 / rng.integers(20, 101, k)


def far_apart(rng: np.random.Generator, k: int) -> np.ndarray:
    """Variances that differ up to twelve-fold."""
    return rng.uniform(0.05, 0.6, k)


VARIANCES = {"20 to 100 people an arm": trial_sizes, "variances 0.05 to 0.6": far_apart}


def pooled(k: int, spread: str, tau2: float, test: Test, n: int) -> Case:
    """k studies whose variances are drawn, and the variance between them."""

    def run(seeds: Seeds) -> Tally:
        found = Tally()
        for seed in seeds:
            rng = np.random.default_rng(seed)
            v = VARIANCES[spread](rng, k)
            y = rng.normal(0.0, np.sqrt(v + tau2))
            rows = [StudyEffect(study=str(i), measure="md", estimate=float(y[i]), variance=float(v[i]))
                    for i in range(k)]  # fmt: skip
            one = pool(rows, test=test)
            found += _count(one.p, one.low, one.high, one.estimate)
        return found

    return Case(world=f"{k} studies, {spread}, tau2 {tau2:g}", analysis=f"REML, {test}", n=n, part=1000, run=run,
                code=("synthesis.pool", "synthesis.effects"))  # fmt: skip


EXACT: tuple[tuple[int, Exact], ...] = ((40, "boschloo"), (40, "fisher"), (15, "boschloo"), (15, "fisher"))
"""People an arm, and test, whose greatest error is told."""


def worst_error(n_arm: int, test: Exact) -> float:
    """Greatest error of an exact test over all shares of responders, the same in both arms.

    Nothing is drawn: each pair of counts has its chance at each share, 0.2 to 99.8 %.
    """
    k = np.arange(n_arm + 1)
    rejected = np.zeros((k.size, k.size))
    for a, b in zip(*np.triu_indices(k.size, 1), strict=True):
        counts = Counts(study="", active_events=int(a), active_n=n_arm, control_events=int(b), control_n=n_arm)
        rejected[a, b] = rejected[b, a] = exact_p(counts, test=test) <= LEVEL
    chance = stats.binom.pmf(k, n_arm, np.linspace(0.002, 0.998, 499)[:, None])
    return float(np.einsum("sa,ab,sb->s", chance, rejected, chance).max())


def course(name: str, design: Design, length: int, n: int) -> Case:
    """One person whom treatment does nothing, drifting, neighbors correlated 0.5; the order drawn from the design."""

    def run(seeds: Seeds) -> Tally:
        found = Tally()
        for seed in seeds:
            rng = np.random.default_rng(seed)
            noise = rng.normal(size=length)
            for k in range(1, length):
                noise[k] = 0.5 * noise[k - 1] + math.sqrt(0.75) * noise[k]
            values = noise - 0.1 * np.arange(length)
            one = single_case(values.tolist(), drawn_order(design, length, rng), design=design,
                              direction="higher_worse")  # fmt: skip
            found += _count(one.p_value, one.low_points, one.high_points, one.difference_points)
        return found

    return Case(world="one person, drift and correlation", analysis=f"randomization test, {name}", n=n, part=1000,
                run=run, code=("person.single_case",))  # fmt: skip


def drawn_order(design: Design, length: int, rng: np.random.Generator) -> list[bool]:
    """An order by lot, written apart from the room's: lengths of phases by drawing until they fit."""
    if isinstance(design, Pairs):
        first = rng.integers(0, 2, length // 2).astype(bool)
        return [bool(one) for pair in zip(first, ~first, strict=True) for one in pair]
    if isinstance(design, Onset):
        start = int(rng.integers(design.first, design.last + 1))
        return [k + 1 >= start for k in range(length)]
    while True:
        cuts = np.sort(rng.integers(1, length, design.n_phases - 1))
        lengths = np.diff([0, *cuts, length])
        if (lengths >= design.min_length).all():
            return [bool(k % 2) for k, size in enumerate(lengths) for _ in range(size)]


def cases(n: int) -> list[Case]:
    """Every case, the share of `n` that each gets with it."""
    kr, satterthwaite, normal = (partial(repeated, df=df) for df in ("kenward-roger", "satterthwaite", "normal"))
    at_random, jump, increments, copied = (
        partial(imputed, rule=rule)
        for rule in ("missing at random", "jump to reference", "copy increments in reference", "copy reference")
    )
    equal, unequal, quarter = *WORLDS, max(n // 4, 1)
    sizes, apart = VARIANCES
    # the first are those that are asked for; the others show what the wrong choices do
    return [
        trials(equal, "MMRM, Kenward-Roger", kr, n),
        trials(equal, "ANCOVA of completers", completers, n),
        *(pooled(k, apart, tau2, "hartung-knapp", n) for k, tau2 in ((5, 0.0), (5, 0.3), (10, 0.3), (20, 0.3))),
        *(pooled(5, sizes, tau2, "hartung-knapp", n) for tau2 in (0.0, 0.05, 0.1)),
        course("ABAB", Phases(n_phases=4, min_length=3), 20, n),
        course("drawn onset", Onset(first=6, last=25), 30, n),
        course("pairs", Pairs(), 16, n),
        trials(equal, "imputed, jump to reference", jump, quarter, IMPUTED),
        trials(equal, "imputed, copy increments in reference", increments, quarter, IMPUTED),
        trials(unequal, "MMRM, Kenward-Roger", kr, quarter),
        trials(unequal, "ANCOVA of completers", completers, quarter),
        trials(unequal, "last score carried forward", carried_forward, quarter),
        pooled(5, sizes, 0.05, "normal", quarter),
        pooled(5, apart, 0.3, "hartung-knapp-floor", quarter),
        trials(equal, "imputed, copy reference", copied, quarter, IMPUTED),
        trials(equal, "imputed, missing at random", at_random, quarter, IMPUTED),
        trials(equal, "MMRM, Satterthwaite", satterthwaite, quarter),
        trials(equal, "MMRM, normal law", normal, quarter),
    ]
