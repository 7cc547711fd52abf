"""Permuted blocks, one list a stratum, and the hash by which a list is committed to before it is used."""

from __future__ import annotations

import hashlib
import hmac
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from vagus.errors import InputError, Problem
from vagus.outcome.allocation.draw import Draws, check_seed

Arms = Mapping[str, int]
"""Name of an arm -> its share: {"active": 2, "sham": 1} is 2 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockPlan:
    """How blocks are drawn: public, unlike the seed.

    Parameters
    ----------
    trial : str
        Name or registry number; lists of two trials differ although they share a seed.
    arms : mapping of str to int
        Name of an arm -> its share.
    sizes : tuple of int
        Sizes of blocks, each a multiple of the sum of the shares; with several, each block's size is drawn, so that
        its end cannot be foreseen.
    strata : mapping of str to tuple of str
        Factor -> its levels; every combination is a list of its own. Empty: one list.
    n : int
        Places in each list.
    """

    trial: str
    arms: Arms
    sizes: tuple[int, ...]
    n: int
    strata: Mapping[str, tuple[str, ...]]

    def __post_init__(self) -> None:
        problems = check_arms(self.arms)
        total = sum(self.arms.values())
        if not problems and (not self.sizes or any(size < total or size % total for size in self.sizes)):
            problems.append(
                Problem(
                    what="a block does not hold the arms in their shares",
                    where="sizes",
                    found=", ".join(map(str, self.sizes)) or "none",
                    allowed=f"multiples of {total}",
                )
            )
        if self.n < 1:
            problems.append(Problem(what="a list without places", where="n", found=str(self.n), allowed="at least 1"))
        problems += check_levels(self.strata)
        if problems:
            raise InputError(problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One place of an allocation list.

    Parameters
    ----------
    stratum : str
        "site=A, sex=f"; "" where there are no strata.
    number : int
        From 1, within the stratum.
    block, block_size : int
        Which block of the stratum, from 1, and its size.
    arm : str
    """

    stratum: str
    number: int
    block: int
    block_size: int
    arm: str


def allocate_blocks(plan: BlockPlan, *, seed: str) -> tuple[Place, ...]:
    """Allocation lists of all strata; the same for the same plan and seed, on any machine.

    The last block of a list is cut off at `n` places. Each block is drawn from the seed, the name of the trial, the
    stratum and its number alone: a stratum added later, or a longer list, changes no place that was there.

    Parameters
    ----------
    plan : BlockPlan
    seed : str
        Secret; at least 16 random characters.

    Raises
    ------
    InputError
        The seed could be guessed.

    Examples
    --------
    >>> plan = BlockPlan(trial="demo", arms={"active": 1, "sham": 1}, sizes=(4,), n=8, strata={})
    >>> places = allocate_blocks(plan, seed="7f1c0a93be5d42e8")
    >>> [sum(place.arm == "active" for place in places if place.block == block) for block in (1, 2)]
    [2, 2]
    """
    check_seed(seed)
    total = sum(plan.arms.values())
    places: list[Place] = []
    for stratum in strata_of(plan.strata):
        number = block = 0
        while number < plan.n:
            block += 1
            draws = Draws(seed, "blocks", plan.trial, stratum, str(block))
            size = plan.sizes[draws.below(len(plan.sizes))]
            arms = [arm for arm, share in plan.arms.items() for _ in range(share * size // total)]
            for arm in draws.shuffled(arms)[: plan.n - number]:
                number += 1
                places.append(Place(stratum=stratum, number=number, block=block, block_size=size, arm=arm))
    return tuple(places)


def strata_of(strata: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Names of all combinations of levels, the empty name where there are no factors.

    Examples
    --------
    >>> strata_of({"site": ("A", "B"), "sex": ("f",)})
    ('site=A, sex=f', 'site=B, sex=f')
    """
    pairs = [[f"{factor}={level}" for level in levels] for factor, levels in strata.items()]
    return tuple(", ".join(names) for names in itertools.product(*pairs))


def commitment(plan: object, *, seed: str) -> str:
    """Hash to publish before the trial: it binds plan and seed, and tells neither.

    HMAC-SHA-256, keyed with the seed, over the plan as JSON. When the seed is published after the trial, anyone can
    compute hash and list again: neither can have been changed in between. The seed has to be random: one that can be
    guessed can be found from the hash.

    Parameters
    ----------
    plan : BlockPlan or MinimizationPlan
    seed : str

    Examples
    --------
    >>> plan = BlockPlan(trial="demo", arms={"active": 1, "sham": 1}, sizes=(4,), n=8, strata={})
    >>> commitment(plan, seed="7f1c0a93be5d42e8")[:16]
    '56cc4b104222a48c'
    """
    check_seed(seed)
    # the order of arms is part of the plan: blocks are made from it
    text = msgspec.json.encode([type(plan).__name__, plan])
    return hmac.new(seed.encode(), b"vagus commitment\n" + text, hashlib.sha256).hexdigest()


def check_arms(arms: Arms) -> list[Problem]:
    """What is wrong with the arms."""
    if len(arms) < 2 or any(not name.strip() for name in arms):
        return [Problem(what="fewer than two named arms", where="arms", found=", ".join(arms), allowed="at least two")]
    return [
        Problem(what="a share is no whole number over 0", where=f"arms, {name}", found=str(share), allowed="1, 2, ...")
        for name, share in arms.items()
        if share < 1
    ]


def check_levels(factors: Mapping[str, Sequence[str]]) -> list[Problem]:
    """What is wrong with the levels of factors: none, a repeated one, or a sign that names of strata use."""
    problems: list[Problem] = []
    for factor, levels in factors.items():
        if not levels or len(set(levels)) < len(levels) or not all(levels):
            problems.append(
                Problem(what="levels of a factor are missing or repeated", where=factor, found=", ".join(levels),
                        allowed="each level once")
            )  # fmt: skip
        problems += [
            Problem(
                what="a name holds a comma or an equals sign", where=factor, found=f'"{name}"', allowed="other signs"
            )
            for name in (factor, *levels)
            if "," in name or "=" in name
        ]
    return problems
