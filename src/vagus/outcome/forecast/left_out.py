"""Each trial foretold from the others: do intervals hold, and are they better than the pooled mean."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vagus.outcome.forecast.arms import ArmCount, ArmCounts
from vagus.outcome.forecast.own import QUANTILES
from vagus.outcome.forecast.rates import fit_rates


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """One arm of a trial, foretold without any row of that trial.

    Parameters
    ----------
    count : ArmCount
        What the trial found.
    low_90_pct, low_50_pct, median_pct, high_50_pct, high_90_pct : float
        Of the observed percentage: rates, spread between trials, and the chance of so few people.
    score_pct, pooled_score_pct : float
        Interval score at 90 % in percentage points, low is good: of the model, and of the pooled mean.
    pooled_low_pct, pooled_high_pct : float
        90 % interval of the pooled mean.
    """

    count: ArmCount
    low_90_pct: float
    low_50_pct: float
    median_pct: float
    high_50_pct: float
    high_90_pct: float
    score_pct: float
    pooled_low_pct: float
    pooled_high_pct: float
    pooled_score_pct: float

    @property
    def held_90(self) -> bool:
        """Whether the 90 % interval held what was found."""
        return self.low_90_pct <= self.count.pct <= self.high_90_pct

    @property
    def held_50(self) -> bool:
        """Whether the 50 % interval held what was found."""
        return self.low_50_pct <= self.count.pct <= self.high_50_pct

    @property
    def pooled_held_90(self) -> bool:
        """Whether the 90 % interval of the pooled mean held what was found."""
        return self.pooled_low_pct <= self.count.pct <= self.pooled_high_pct


def interval_score_pct(value_pct: float, low_pct: float, high_pct: float, *, level: float = 0.9) -> float:
    """Width of an interval plus 2 / (1 - level) times how far the truth lies outside.

    Gneiting T, Raftery AE. J Am Stat Assoc 2007;102:359-378. doi:10.1198/016214506000001437.

    Examples
    --------
    >>> interval_score_pct(30.0, 10.0, 25.0)
    115.0
    """
    miss = max(low_pct - value_pct, 0.0) + max(value_pct - high_pct, 0.0)
    return high_pct - low_pct + 2 / round(1 - level, 9) * miss


def leave_one_trial_out(arms: ArmCounts, *, rng: np.random.Generator, n_draws: int = 8000) -> tuple[LeftOut, ...]:
    """Every arm foretold from the other trials; all rows of a trial leave together.

    The pooled mean takes all other rows of the same kind (stimulated or sham) as one share; of sham alone none may be
    left, then it takes all. Its interval is that of so few people about that share (beta-binomial, Jeffreys prior),
    with no spread between trials. A trial without another one is not foretold.

    Parameters
    ----------
    arms : ArmCounts
        Of one event.
    rng : numpy.random.Generator
    n_draws : int

    Examples
    --------
    >>> from vagus.outcome import evidence
    >>> from vagus.outcome.forecast.arms import arm_counts
    >>> found = leave_one_trial_out(arm_counts(evidence(indication="trd", route="iVNS").trials),
    ...                             rng=np.random.default_rng(1))
    >>> len(found)
    10
    """
    found: list[LeftOut] = []
    for trial in dict.fromkeys(one.trial for one in arms.counts):
        rest = arms.without(trial).counts
        if not rest:
            continue
        draws = fit_rates(rest).draw(n_draws, rng=rng)
        for one in (count for count in arms.counts if count.trial == trial):
            seen = rng.binomial(one.n_people, draws.share(one.arm, one.at_weeks))
            model = [float(end) for end in 100 * np.quantile(seen, QUANTILES) / one.n_people]
            pooled = _pooled(rest, one, rng, n_draws)
            found.append(
                LeftOut(
                    count=one,
                    low_90_pct=model[0],
                    low_50_pct=model[1],
                    median_pct=model[2],
                    high_50_pct=model[3],
                    high_90_pct=model[4],
                    score_pct=interval_score_pct(one.pct, model[0], model[4]),
                    pooled_low_pct=pooled[0],
                    pooled_high_pct=pooled[1],
                    pooled_score_pct=interval_score_pct(one.pct, *pooled),
                )
            )
    return tuple(found)


def _pooled(rest: tuple[ArmCount, ...], one: ArmCount, rng: np.random.Generator, n_draws: int) -> tuple[float, float]:
    """90 % interval of the pooled mean, in percent."""
    alike = [row for row in rest if (row.arm == "sham") == (one.arm == "sham")] or list(rest)
    events = sum(row.share * row.n_event for row in alike)
    people = sum(row.share * row.n_people for row in alike)
    seen = rng.binomial(one.n_people, rng.beta(events + 0.5, people - events + 0.5, n_draws))
    low, high = 100 * np.quantile(seen, (0.05, 0.95)) / one.n_people
    return float(low), float(high)
