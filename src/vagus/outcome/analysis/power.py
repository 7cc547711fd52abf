"""Power, error of the first kind and expected interval of a trial that is planned, and the people it needs.

Trials are drawn in parts. Each depends on the seed and its number alone, so that any number of processes gives the same
counts, and a `Store` keeps the parts that are done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import astuple, dataclass, fields, replace
from typing import Any, Literal, Protocol, TypeVar

import numpy as np

from vagus.errors import Abstained, InputError, Problem, nearest
from vagus.outcome.analysis.estimand import Estimand
from vagus.outcome.analysis.mixed.covariance import Structure, check_structure
from vagus.outcome.analysis.mixed.inference import Df
from vagus.outcome.analysis.model import Difference, ancova, mmrm
from vagus.outcome.analysis.simulate import Assumed, Tally, simulate
from vagus.outcome.analysis.table import TrialTable
from vagus.store import Store, digest

__all__ = ["Planned", "Power", "expect", "people_for_power"]

_PART = 50
_MADE = "power, 1"  # to be raised when other code would count otherwise: parts kept before are then not taken up
_KINDS = tuple((one.name, int if one.name.startswith("n") else float) for one in fields(Tally))
_A = TypeVar("_A")
_B = TypeVar("_B")
Told = Callable[[str, float], None]


class Spread(Protocol):
    """What runs a function over many things and keeps their order: `map`, or that of a pool of processes."""

    def __call__(self, function: Callable[[_A], _B], things: Iterable[_A], /) -> Iterable[_B]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """How each drawn trial is analyzed: the difference at the last visit.

    Parameters
    ----------
    model : {"mmrm", "ancova"}
        Repeated measures, or covariance analysis of those with a last score.
    covariance : Structure
        Of the visits, for repeated measures.
    df : Df
        Standard errors and degrees of freedom, for repeated measures.
    by_site : bool
        Sites are a covariate.
    error_pct : float
        Two-sided level of the test.

    Raises
    ------
    InputError
        An unknown model or covariance; a covariance beside "ancova"; a level that is none.
    """

    model: Literal["mmrm", "ancova"] = "mmrm"
    covariance: Structure = "us"
    df: Df = "kenward-roger"
    by_site: bool = False
    error_pct: float = 5.0

    def __post_init__(self) -> None:
        check_structure(self.covariance)
        problems: list[Problem] = []
        if self.model not in ("mmrm", "ancova"):
            allowed = nearest(self.model, ("mmrm", "ancova"))
            problems.append(Problem(what="unknown analysis", found=f'"{self.model}"', allowed=allowed))
        if self.model == "ancova" and self.covariance != "us":
            problems.append(
                Problem(what="ancova has no covariance of visits", found=f'"{self.covariance}"', allowed="mmrm")
            )
        if not 0 < self.error_pct < 50:
            found = f"{self.error_pct:g} %"
            problems.append(Problem(what="level of error", found=found, allowed="over 0, below 50 %; 5 is usual"))
        if problems:
            raise InputError(problems)

    def at_last(self, table: TrialTable) -> Difference:
        """Difference of the active arm at the last visit."""
        last = table.visits[-1]
        what = Estimand(population="all randomized", variable=f"score at {last}", treatment="active", control="sham",
                        summary="difference of means")  # fmt: skip
        level, covariates = 1 - self.error_pct / 100, tuple(table.factors) if self.by_site else ()
        if self.model == "ancova":
            return ancova(table, visit=last, estimand=what, covariates=covariates, level=level).at(last)
        found = mmrm(table, estimand=what, structure=self.covariance, df=self.df, covariates=covariates, level=level)
        return found.at(last)


@dataclass(frozen=True, slots=True, kw_only=True)
class Power:
    """What is to be expected of a trial.

    Parameters
    ----------
    assumed : Assumed
    planned : Planned
    truth_points : float
        Difference at the last visit that treatment makes, as it is taken.
    found : Tally
        Over drawn trials of what is assumed: power, interval.
    null : Tally
        Over drawn trials in which treatment adds nothing and all else is as assumed: error of the first kind. What
        belief adds to one arm shows here.
    """

    assumed: Assumed
    planned: Planned
    truth_points: float
    found: Tally
    null: Tally

    @property
    def text(self) -> str:
        """Sentences: power, error, estimate and interval."""
        found, null, of = self.found, self.null, self.assumed
        lines = [
            f"{of.n_sham} sham and {of.n_active} active people, {found.n} drawn trials, {self.planned.model}: "
            f"power {_share(found.significant)}.",
            f"Where treatment adds nothing: significant in {_share(null.significant)} (error of the first kind; the "
            f"test says {self.planned.error_pct:g} %).",
            f"Difference at week {of.weeks[-1]:g}: assumed {self.truth_points:.2f} points, found "
            f"{found.mean_points:.2f} on average, interval {found.width_points:.2f} wide, holds the assumed in "
            f"{_share(found.covered)}.",
        ]
        if found.n_without + null.n_without:
            lines.append(
                f"{found.n_without} and {null.n_without} trials gave no answer; they count as not significant."
            )
        return "\n".join(lines)


def _share(one: tuple[float, float, float]) -> str:
    return "{:.1f} % ({:.1f} to {:.1f})".format(*(100 * value for value in one))


def expect(
    assumed: Assumed,
    planned: Planned,
    *,
    seed: int,
    n_trial: int = 1000,
    store: Store | None = None,
    spread: Spread = map,
    told: Told | None = None,
) -> Power:
    """Power, error of the first kind and expected interval over drawn trials.

    Parameters
    ----------
    assumed : Assumed
    planned : Planned
    seed : int
        The k-th trial depends on it and on k alone.
    n_trial : int
        Trials drawn with the effect, and again without.
    store : vagus.store.Store or None
        Keeps each part that is done, so that a call after an interrupt goes on from there (`vagus.files.FolderStore`).
    spread : callable
        `map`, or that of a `concurrent.futures.ProcessPoolExecutor`: same numbers on any number of cores.
    told : callable or None
        Called with what is done and its share from 0 to 1.

    Examples
    --------
    >>> assumed = Assumed(n_sham=30, n_active=30, weeks=(4, 8), baseline_points=28, sd_points=8,
    ...     sham_change_points=(-4, -8), effect_points=(-3, -6), dropout_pct=(15, 15))
    >>> found = expect(assumed, Planned(model="ancova"), seed=1, n_trial=100)
    >>> found.truth_points, found.found.n_significant, found.null.n_significant
    (-6.0, 95, 5)
    """
    run = _Run(planned=planned, n_trial=n_trial, store=store, spread=spread, told=told)
    null = replace(assumed, effect_points=(0.0,) * len(assumed.weeks))
    found = run.count(assumed, (seed,), "trials with the effect")
    at_null = found if null == assumed else run.count(null, (seed,), "trials without effect")
    return Power(assumed=assumed, planned=planned, truth_points=_truth(assumed), found=found, null=at_null)


def people_for_power(
    assumed: Assumed,
    planned: Planned,
    *,
    power: float,
    seed: int,
    n_trial: int = 1000,
    most: int = 2000,
    store: Store | None = None,
    spread: Spread = map,
    told: Told | None = None,
) -> tuple[tuple[Assumed, Tally], ...]:
    """Sizes that were tried, the smallest whose simulated power reaches what is asked at the end.

    Doubling, then halving the gap down to 2 % of the size, arms in the same proportion. Each size has trials of its
    own, so that the answer has the error of its `n_trial` draws (about 1.3 % of power at 1,000).

    Parameters
    ----------
    assumed : Assumed
        Its size is where the search starts.
    planned : Planned
    power : float
        0.8 or 0.9, as is usual.
    seed, n_trial, store, spread, told
        As in `expect`.
    most : int
        People in all, where the search gives up.

    Raises
    ------
    InputError
        A power that is none.
    Abstained
        The power is not reached with `most` people.

    Examples
    --------
    >>> assumed = Assumed(n_sham=10, n_active=10, weeks=(4, 8), baseline_points=28, sd_points=8,
    ...     sham_change_points=(-4, -8), effect_points=(-3, -8))
    >>> tried = people_for_power(assumed, Planned(model="ancova"), power=0.8, seed=1, n_trial=50)
    >>> [(one.n_sham, tally.n_significant) for one, tally in tried]
    [(5, 17), (7, 33), (8, 24), (9, 34), (10, 42)]
    """
    if not 0 < power < 1:
        raise InputError(Problem(what="power", found=f"{power:g}", allowed="over 0, below 1; 0.8 or 0.9 is usual"))
    run = _Run(planned=planned, n_trial=n_trial, store=store, spread=spread, told=told)
    ratio = assumed.n_active / assumed.n_sham
    tried: dict[int, tuple[Assumed, Tally]] = {}

    def reaches(n_sham: int) -> bool:
        one = replace(assumed, n_sham=n_sham, n_active=max(2, round(n_sham * ratio)))
        tried[n_sham] = one, run.count(one, (seed, n_sham), f"trials of {one.n_sham + one.n_active} people")
        return tried[n_sham][1].significant[0] >= power

    last = max(int(most / (1 + ratio)), 4)
    low, high = 1, min(max(assumed.n_sham, 4), last)
    while not reaches(high):
        if high == last:
            best = tried[high][1].significant[0]
            raise Abstained(f"a power of {power:g} is not reached with {most} people: power {best:.2f}")
        low, high = high, min(2 * high, last)
    while high - low > max(1, round(0.02 * high)) and (low + high) // 2 >= 4:
        middle = (low + high) // 2
        low, high = (low, middle) if reaches(middle) else (middle, high)
    found = tried.pop(high)
    return (*tried.values(), found)


def _truth(assumed: Assumed) -> float:
    return assumed.effect_points[-1] * assumed.adherence_pct / 100


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """Some of the drawn trials, from number `start` on."""

    assumed: Assumed
    planned: Planned
    seed: tuple[int, ...]
    start: int
    size: int

    @property
    def key(self) -> str:
        return digest([_MADE, *(repr(one) for one in (self.assumed, self.planned)), self.seed, self.start, self.size])


def _counted(part: _Part) -> Tally:
    seeds = [np.random.SeedSequence([*part.seed, k]) for k in range(part.start, part.start + part.size)]
    truth, error = _truth(part.assumed), part.planned.error_pct / 100
    return simulate(part.assumed, [part.planned.at_last], seeds=seeds, truth_points=truth, error=error)[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """How parts are run, and where those that are done are kept."""

    planned: Planned
    n_trial: int
    store: Store | None
    spread: Spread
    told: Told | None

    def count(self, assumed: Assumed, seed: tuple[int, ...], what: str) -> Tally:
        parts = [
            _Part(assumed=assumed, planned=self.planned, seed=seed, start=k, size=min(_PART, self.n_trial - k))
            for k in range(0, self.n_trial, _PART)
        ]
        held = [None if self.store is None else self.store.load(part.key) for part in parts]
        fresh = iter(self.spread(_counted, [p for p, one in zip(parts, held, strict=True) if one is None]))
        total = Tally()
        for k, (part, one) in enumerate(zip(parts, held, strict=True), start=1):
            found = next(fresh) if one is None else _unpacked(one)
            if one is None and self.store is not None:
                self.store.save(part.key, np.array(astuple(found), float))
            total += found
            if self.told:
                self.told(what, k / len(parts))
        return total


def _unpacked(numbers: np.ndarray) -> Tally:
    told: dict[str, Any] = {name: kind(one) for (name, kind), one in zip(_KINDS, numbers.tolist(), strict=True)}
    return Tally(**told)
