"""Two treatments in two periods, both orders: treatment, period, and a check of carry-over."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from vagus.errors import Abstained, InputError, Problem
from vagus.outcome.analysis.estimand import Estimand
from vagus.outcome.analysis.mixed.inference import Tested, t_below
from vagus.outcome.analysis.table import Exclusion, TrialTable


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossoverAnalysis:
    """What a two-period crossover found, in points.

    Parameters
    ----------
    estimand : Estimand
    treatment : Tested
        The treatment that comes first in the first sequence, minus the other.
    period : Tested
        Second period minus first.
    carry_over : Tested
        Difference of the sequences in the sum of both periods; not 0 where the first treatment lasts on.
    n : int
        People with both periods.
    excluded : tuple of Exclusion
    """

    estimand: Estimand
    treatment: Tested
    period: Tested
    carry_over: Tested
    n: int
    excluded: tuple[Exclusion, ...]

    @property
    def text(self) -> str:
        """Treatment effect, and what the check of carry-over can tell."""
        low, high = self.treatment.interval()
        return (
            (
                f"{self.estimand.text}\nTreatment {self.treatment.estimate:.2f} points ({low:.2f} to {high:.2f}; p "
                f"{self.treatment.p:.3g}), {self.n} people with both periods; carry-over p {self.carry_over.p:.3g}. "
                "The check of carry-over is made between people and finds little; an analysis must not be chosen by it "
                "(Freeman PR. Stat Med 1989;8:1421-1432): a wash-out has to be planned."
            )
            .replace(" -", " −")
            .replace("(-", "(−")
        )


def crossover(table: TrialTable, *, estimand: Estimand) -> CrossoverAnalysis:
    """Treatment effect within people, adjusted for period.

    Parameters
    ----------
    table : TrialTable
        `arms` are the two sequences, `visits` the two periods. The effect is that of the treatment which the first
        sequence has first.
    estimand : Estimand

    Raises
    ------
    InputError
        Not two sequences and two periods, or fewer than two people with both periods in a sequence.
    Abstained
        No spread.

    Examples
    --------
    >>> import numpy as np
    >>> table = TrialTable(arms=("AB", "BA"), visits=("1", "2"), people=tuple("abcdef"), arm=np.arange(6) % 2,
    ...                    score=np.array([[10., 14], [15, 11], [9, 14], [16, 11], [12, 15], [13, 10]]))
    >>> what = Estimand(population="all", variable="score", treatment="A", control="B", summary="difference of means")
    >>> found = crossover(table, estimand=what)
    >>> round(found.treatment.estimate, 2), round(found.treatment.df)
    (-4.0, 4)
    """
    if len(table.arms) != 2 or len(table.visits) != 2:
        raise InputError(
            Problem(what="no two-period crossover", found=f"{len(table.arms)} sequences, {len(table.visits)} periods",
                    allowed="two of each")
        )  # fmt: skip
    kept = table.keep(np.asarray(np.isfinite(table.score).all(axis=1)), why="one period is missing")
    first, second = kept.arm == 0, kept.arm == 1
    change = (kept.score[:, 0] - kept.score[:, 1]) / 2
    total = kept.score.sum(1)
    return CrossoverAnalysis(
        estimand=estimand,
        treatment=_difference(change[first], change[second]),
        period=_difference(-change[first], change[second]),
        carry_over=_difference(total[first], total[second]),
        n=kept.n,
        excluded=kept.excluded,
    )


def _difference(a: np.ndarray, b: np.ndarray) -> Tested:
    """Mean of one group minus that of the other, common variance."""
    df = a.size + b.size - 2
    variance = ((a.size - 1) * float(a.var(ddof=1)) + (b.size - 1) * float(b.var(ddof=1))) / df
    if not variance > 0:
        raise Abstained("no spread within the sequences: no standard error")
    se = math.sqrt(variance * (1 / a.size + 1 / b.size))
    estimate = float(a.mean() - b.mean())
    t = estimate / se
    return Tested(estimate=estimate, se=se, df=float(df), t=t, p=2 * t_below(df, -abs(t)))
