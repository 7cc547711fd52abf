"""A trial drawn from what is assumed of it, and what an analysis finds over many: power, error, coverage."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from vagus.errors import Abstained, InputError, Problem
from vagus.outcome.analysis.model import Difference
from vagus.outcome.analysis.table import TrialTable
from vagus.outcome.synthesis.counts import wilson

Analyze = Callable[[TrialTable], Difference]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumed:
    """What is assumed of a trial with a sham and an active arm; scores in points, lower is better.

    Parameters
    ----------
    n_sham, n_active : int
        People who are randomized.
    weeks : tuple of float
        Of each visit after baseline.
    baseline_points, sd_points : float
        Mean at baseline, and standard deviation of a score at any visit.
    sham_change_points, effect_points : tuple of float
        For each visit: change of the sham arm from baseline, and what full treatment adds to it.
    correlation : float
        Of scores at neighboring visits; it falls as a power of the number of visits between, to no less than `lasting`
        of it.
    lasting : float
        Share of the correlation that does not fade.
    dropout_pct : tuple of float
        Share of the people of the sham and the active arm who are gone at the last visit.
    dropout_by_score : float
        Logarithm of the odds to leave for a last score one standard deviation above the mean; 0: by lot.
    adherence_pct : float
        Mean share of the treatment that people take; each person's is drawn, and the effect goes with it.
    guessed_pct : tuple of float
        Share of the people of the sham and the active arm who come to believe that they have active treatment.
    belief_points : float
        What that belief alone adds to the change, in both arms.
    n_site : int
    site_sd_points : float
        Standard deviation between sites.

    Raises
    ------
    InputError
        Numbers that fit no trial.
    """

    n_sham: int
    n_active: int
    weeks: tuple[float, ...]
    baseline_points: float
    sd_points: float
    sham_change_points: tuple[float, ...]
    effect_points: tuple[float, ...]
    correlation: float = 0.7
    lasting: float = 0.5
    dropout_pct: tuple[float, float] = (0.0, 0.0)
    dropout_by_score: float = 0.0
    adherence_pct: float = 100.0
    guessed_pct: tuple[float, float] = (0.0, 0.0)
    belief_points: float = 0.0
    n_site: int = 1
    site_sd_points: float = 0.0

    def __post_init__(self) -> None:
        m = len(self.weeks)
        shares = (*self.dropout_pct, *self.guessed_pct, self.adherence_pct)
        pairs = {"n_sham, n_active": (self.n_sham, self.n_active), "shares": shares}
        wrong = {
            "n_sham, n_active": (min(self.n_sham, self.n_active) < 2, "two people or more in each arm"),
            "weeks": (not m or any(b <= a for a, b in zip((0.0, *self.weeks), self.weeks, strict=False)),
                      "increasing numbers over 0"),
            "sham_change_points": (len(self.sham_change_points) != m, f"a number for each of {m} visits"),
            "effect_points": (len(self.effect_points) != m, f"a number for each of {m} visits"),
            "sd_points": (not self.sd_points > 0, "over 0"),
            "correlation": (not 0 <= self.correlation < 1, "0 or more, below 1"),
            "lasting": (not 0 <= self.lasting <= 1, "0 to 1"),
            "shares": (any(not 0 <= one <= 100 for one in shares), "percentages, 0 to 100"),
            "dropout_pct": (max(self.dropout_pct) >= 100, "below 100"),
            "n_site": (self.n_site < 1, "1 or more"),
            "site_sd_points": (self.site_sd_points < 0, "0 or more"),
        }  # fmt: skip
        problems = [
            Problem(
                what="cannot be assumed",
                where=name,
                found=str(pairs[name] if name in pairs else getattr(self, name)),
                allowed=allowed,
            )
            for name, (is_wrong, allowed) in wrong.items()
            if is_wrong
        ]
        if problems:
            raise InputError(problems)


def draw_trial(assumed: Assumed, *, rng: np.random.Generator) -> TrialTable:
    """One trial as it could turn out.

    Parameters
    ----------
    assumed : Assumed
    rng : numpy.random.Generator

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> one = draw_trial(Assumed(n_sham=40, n_active=40, weeks=(4, 8, 12), baseline_points=28, sd_points=8,
    ...     sham_change_points=(-4, -6, -7), effect_points=(-1, -2, -3), dropout_pct=(20, 20)), rng=rng)
    >>> one.n, one.score.shape
    (80, (80, 3))
    """
    m, n = len(assumed.weeks), assumed.n_sham + assumed.n_active
    arm = np.repeat([0, 1], [assumed.n_sham, assumed.n_active])
    lag = np.abs(np.subtract.outer(np.arange(m + 1), np.arange(m + 1)))
    fading = assumed.lasting + (1 - assumed.lasting) * assumed.correlation ** np.maximum(lag - 1.0, 0.0)
    corr = np.where(lag == 0, 1.0, assumed.correlation * fading)
    score = assumed.sd_points * rng.normal(size=(n, m + 1)) @ np.linalg.cholesky(corr).T + assumed.baseline_points
    site = rng.integers(assumed.n_site, size=n)
    score += (assumed.site_sd_points * rng.normal(size=assumed.n_site))[site][:, None]
    mean = assumed.adherence_pct / 100
    # a beta law with the mean asked for, and the spread of 8 draws
    taken = np.ones(n) if mean == 1 else rng.beta(8 * max(mean, 1e-9), 8 * (1 - mean), n)
    believes = rng.random(n) < np.array(assumed.guessed_pct)[arm] / 100
    score[:, 1:] += np.array(assumed.sham_change_points)
    score[:, 1:] += (arm * taken)[:, None] * np.array(assumed.effect_points)
    score[:, 1:] += assumed.belief_points * believes[:, None] * np.arange(1, m + 1) / m
    after = score[:, 1:].copy()
    leaves = 1 - (1 - np.array(assumed.dropout_pct) / 100) ** (1 / max(m - 1, 1))
    gone = np.zeros(n, bool)
    for k in range(1 if m > 1 else 0, m):  # the first of several visits is never missed
        above = assumed.dropout_by_score * (score[:, k] - score[:, k].mean()) / assumed.sd_points
        lots = rng.random(n)
        for one, share in enumerate(leaves):
            here = np.flatnonzero((arm == one) & ~gone)
            gone[here] = lots[here] < _leaving(above[here], float(share))
        after[gone, k] = np.nan
    return TrialTable(
        arms=("sham", "active"),
        visits=tuple(f"week {week:g}" for week in assumed.weeks),
        people=tuple(str(k + 1) for k in range(n)),
        arm=arm,
        score=after,
        baseline=score[:, 0],
        factors={"site": tuple(f"site {k + 1}" for k in site)} if assumed.n_site > 1 else {},
    )


def _leaving(above: np.ndarray, share: float) -> np.ndarray:
    """Chance of each to leave: log odds rise with `above`, and their mean over those who are there is the share."""
    if share == 0 or not above.size:
        return np.zeros(above.size)
    low, high = -50.0 - float(np.abs(above).max()), 50.0 + float(np.abs(above).max())
    for _ in range(60):
        middle = (low + high) / 2
        if float(expit(middle + above).mean()) < share:
            low = middle
        else:
            high = middle
    return expit(high + above)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What an analysis found over many drawn trials.

    Parameters
    ----------
    n : int
        Trials.
    n_significant, n_covered : int
        p at or below the level of error; intervals that hold the truth.
    n_without : int
        Trials that gave no answer; they count as not significant and not covered.
    sum_estimate, sum_width, sum_square : float
        Sums over the trials with an answer, in points (squared).
    """

    n: int = 0
    n_significant: int = 0
    n_covered: int = 0
    n_without: int = 0
    sum_estimate: float = 0.0
    sum_square: float = 0.0
    sum_width: float = 0.0

    def __add__(self, other: Tally) -> Tally:
        return Tally(**{name: getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__})

    @property
    def significant(self) -> tuple[float, float, float]:
        """Share of significant trials (power, or the error of the first kind), and its 95 % interval."""
        return wilson(self.n_significant, self.n, 0.95)

    @property
    def covered(self) -> tuple[float, float, float]:
        """Share of intervals that hold the truth, and its 95 % interval."""
        return wilson(self.n_covered, self.n, 0.95)

    @property
    def mean_points(self) -> float:
        """Mean estimate."""
        return self.sum_estimate / max(self.n - self.n_without, 1)

    @property
    def sd_points(self) -> float:
        """Standard deviation of the estimates over trials."""
        k = self.n - self.n_without
        return math.sqrt(max(self.sum_square / max(k, 1) - self.mean_points**2, 0.0))

    @property
    def width_points(self) -> float:
        """Mean width of the interval."""
        return self.sum_width / max(self.n - self.n_without, 1)


def simulate(
    assumed: Assumed,
    analyses: Sequence[Analyze],
    *,
    seeds: Sequence[np.random.SeedSequence],
    truth_points: float,
    error: float = 0.05,
) -> tuple[Tally, ...]:
    """What each analysis finds over trials drawn from the same seeds, one trial a seed.

    A trial depends on its seed alone: parts that were run apart add up (`Tally + Tally`) to the whole.

    Parameters
    ----------
    assumed : Assumed
    analyses : sequence of function
        From a table to the difference of the primary hypothesis: ``lambda t: mmrm(t, estimand=what).at("week 12")``.
    seeds : sequence of numpy.random.SeedSequence
    truth_points : float
        The difference that intervals should hold.
    error : float
        Two-sided level of the test.
    """
    tallies = [Tally() for _ in analyses]
    for seed in seeds:
        table = draw_trial(assumed, rng=np.random.default_rng(seed))
        for k, analyze in enumerate(analyses):
            try:
                one = analyze(table)
            except Abstained:
                tallies[k] += Tally(n=1, n_without=1)
                continue
            tallies[k] += Tally(
                n=1,
                n_significant=int(one.p <= error),
                n_covered=int(one.low <= truth_points <= one.high),
                sum_estimate=one.estimate,
                sum_square=one.estimate**2,
                sum_width=one.high - one.low,
            )
    return tuple(tallies)
