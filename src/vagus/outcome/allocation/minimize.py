"""Minimization: each person goes to the arm that keeps the arms alike, with a chance to go elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from vagus.errors import InputError, Problem, nearest
from vagus.outcome.allocation.blocks import Arms, check_arms, check_levels
from vagus.outcome.allocation.draw import Draws, check_seed

Person = Mapping[str, str]
"""Factor -> level of one person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MinimizationPlan:
    """How people are allocated by minimization: public, unlike the seed.

    Parameters
    ----------
    trial : str
    arms : mapping of str to int
        Name of an arm -> its share.
    factors : mapping of str to tuple of str
        Factor -> its levels.
    weights : mapping of str to int
        Factor -> its weight in the imbalance; factors that are not named weigh 1.
    best_pct : int
        Chance, in percent, of an arm that keeps the arms most alike; the others share the rest by their shares. 100 is
        no lottery: who knows the others knows the next one.
    """

    trial: str
    arms: Arms
    factors: Mapping[str, tuple[str, ...]]
    weights: Mapping[str, int]
    best_pct: int = 80

    def __post_init__(self) -> None:
        problems = [*check_arms(self.arms), *check_levels(self.factors)]
        if not self.factors:
            problems.append(Problem(what="no factors to balance", where="factors", allowed="at least one"))
        problems += [
            Problem(what="a weight for no factor", where="weights", found=name, allowed=nearest(name, self.factors))
            for name in self.weights
            if name not in self.factors
        ]
        problems += [
            Problem(what="a weight under 1", where=f"weights, {name}", found=str(weight), allowed="1, 2, ...")
            for name, weight in self.weights.items()
            if weight < 1
        ]
        if not 50 <= self.best_pct < 100:
            problems.append(
                Problem(what="best_pct cannot be used", found=str(self.best_pct), allowed="50 to 99",
                        why="at 100 the next allocation is known to who knows the others")
            )  # fmt: skip
        if problems:
            raise InputError(problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One allocation with its ground: imbalance each arm would have left, and whether the best was taken."""

    number: int
    arm: str
    imbalance: Mapping[str, str]
    is_best: bool


def minimize(plan: MinimizationPlan, *, before: Sequence[tuple[Person, str]], person: Person, seed: str) -> Choice:
    """Arm of the next person, from those allocated before.

    For each arm the imbalance is what its choice would leave: over the person's levels, the range between arms of
    people with that level, each divided by the share of its arm, weighted and summed (Pocock SJ, Simon R. Biometrics
    1975;31:103-115. doi:10.2307/2529712, with the range). Among the arms with least imbalance one is drawn by shares
    and taken with chance `best_pct`, else one of the others; all equal: by shares.

    Parameters
    ----------
    plan : MinimizationPlan
    before : sequence of (person, arm)
        In the order of allocation.
    person : mapping of str to str
    seed : str

    Raises
    ------
    InputError
        A factor missing, a level or an arm unknown, named by person; a seed that could be guessed.

    Examples
    --------
    >>> plan = MinimizationPlan(trial="demo", arms={"active": 1, "sham": 1}, factors={"sex": ("f", "m")}, weights={})
    >>> minimize(plan, before=[({"sex": "f"}, "active")], person={"sex": "f"}, seed="7f1c0a93be5d42e8").imbalance
    {'active': '2', 'sham': '0'}
    """
    check_seed(seed)
    _check(plan, before, person)
    left = {arm: _imbalance(plan, before, person, arm) for arm in plan.arms}
    least = min(left.values())
    best = [arm for arm in plan.arms if left[arm] == least]
    others = [arm for arm in plan.arms if left[arm] != least]
    draws = Draws(seed, "minimize", plan.trial, str(len(before) + 1))
    is_best = not others or draws.chance(Fraction(plan.best_pct, 100))
    among = [arm for arm in (best if is_best else others) for _ in range(plan.arms[arm])]
    return Choice(
        number=len(before) + 1,
        arm=among[draws.below(len(among))],
        imbalance={arm: str(value) for arm, value in left.items()},
        is_best=is_best,
    )


def allocate_people(
    plan: MinimizationPlan, people: Sequence[Person], *, seed: str, before: Sequence[tuple[Person, str]] = ()
) -> tuple[Choice, ...]:
    """Arms of people in the order they came: `minimize` for each, those before it known.

    Parameters
    ----------
    plan : MinimizationPlan
    people : sequence of mapping
    seed : str
    before : sequence of (person, arm)
        Already allocated.

    Examples
    --------
    >>> plan = MinimizationPlan(trial="demo", arms={"active": 1, "sham": 1}, factors={"sex": ("f", "m")}, weights={})
    >>> choices = allocate_people(plan, [{"sex": "f"}] * 40, seed="7f1c0a93be5d42e8")
    >>> sum(choice.arm == "active" for choice in choices)
    19
    """
    known = list(before)
    choices: list[Choice] = []
    for person in people:
        choice = minimize(plan, before=known, person=person, seed=seed)
        choices.append(choice)
        known.append((person, choice.arm))
    return tuple(choices)


def _imbalance(plan: MinimizationPlan, before: Sequence[tuple[Person, str]], person: Person, arm: str) -> Fraction:
    total = Fraction(0)
    for factor in plan.factors:
        counts = dict.fromkeys(plan.arms, 0)
        counts[arm] += 1
        for other, given in before:
            counts[given] += other[factor] == person[factor]
        levels = [Fraction(counts[name], share) for name, share in plan.arms.items()]
        total += plan.weights.get(factor, 1) * (max(levels) - min(levels))
    return total


def _check(plan: MinimizationPlan, before: Sequence[tuple[Person, str]], person: Person) -> None:
    problems: list[Problem] = []
    for number, one in enumerate((*(p for p, _ in before), person), start=1):
        for factor, levels in plan.factors.items():
            level = one.get(factor)
            if level not in levels:
                problems.append(
                    Problem(what=f"unknown level of {factor}" if level else f"{factor} is missing",
                            where=f"person {number}, {factor}", found=f'"{level}"' if level else "",
                            allowed=nearest(level or "", levels))
                )  # fmt: skip
    problems += [
        Problem(what="unknown arm", where=f"person {number}", found=f'"{arm}"', allowed=nearest(arm, plan.arms))
        for number, (_, arm) in enumerate(before, start=1)
        if arm not in plan.arms
    ]
    if problems:
        raise InputError(problems)
