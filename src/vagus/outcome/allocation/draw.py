"""Draws that are the same on every machine and in every year: a keyed hash read as numbers."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from fractions import Fraction
from typing import TypeVar

from vagus.errors import InputError, Problem

T = TypeVar("T")

SHORTEST = 16  # characters of a seed: fewer could be guessed by trying


def check_seed(seed: str) -> None:
    """Refuse a seed that could be guessed.

    Raises
    ------
    InputError
        Fewer than 16 characters, or fewer than 6 different ones.
    """
    if len(seed) < SHORTEST or len(set(seed)) < 6:
        raise InputError(
            Problem(
                what="the seed could be guessed",
                found=f"{len(seed)} characters, {len(set(seed))} different ones",
                allowed=f"at least {SHORTEST} characters drawn at random, such as: openssl rand -hex 32",
                why="who knows the seed knows the next allocation",
            )
        )


class Draws:
    """Numbers drawn from a seed for one purpose: HMAC-SHA-256 over the purpose and a counter.

    numpy does not promise that its generators give the same numbers in a later version; an allocation list has to be
    rebuilt years later. A purpose of its own for each stratum and block makes each independent of the others.
    """

    def __init__(self, seed: str, *purpose: str) -> None:
        self._key = seed.encode()
        # lengths are part of what is hashed: ("a", "bc") and ("ab", "c") must not be one purpose
        self._purpose = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in purpose)
        self._count = 0

    def below(self, n: int) -> int:
        """A whole number from 0 to n - 1, each equally likely."""
        limit = 2**128 - 2**128 % n
        while True:
            message = self._purpose + self._count.to_bytes(8, "big")
            self._count += 1
            value = int.from_bytes(hmac.new(self._key, message, hashlib.sha256).digest()[:16], "big")
            if value < limit:  # else the lower numbers would be likelier
                return value % n

    def chance(self, p: Fraction) -> bool:
        """True with probability p."""
        return self.below(p.denominator) < p.numerator

    def shuffled(self, things: Sequence[T]) -> list[T]:
        """The things in an order of which each is equally likely (Fisher and Yates)."""
        out = list(things)
        for k in range(len(out) - 1, 0, -1):
            j = self.below(k + 1)
            out[k], out[j] = out[j], out[k]
        return out
