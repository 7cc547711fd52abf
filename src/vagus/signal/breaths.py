"""Breaths: onsets of inspiration and expiration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from vagus.errors import InputError, Problem
from vagus.signal.vector import Array, vector


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaths:
    """Onsets of inspiration and of expiration.

    Parameters
    ----------
    inhale_s, exhale_s : (n,), (m,) array
        Times at which inspiration and expiration start, increasing.
    quality : (n,) array
        Of the breath that starts at each inspiration, 0 to 1.
    origin : "detected", "predicted" or "given"
    source_name : str

    Examples
    --------
    >>> Breaths(inhale_s=[0, 4, 8], exhale_s=[1.5, 5.5], quality=[1, 1, 1], origin="given").rate_per_min
    15.0
    """

    inhale_s: Array
    exhale_s: Array
    quality: Array
    origin: Literal["detected", "predicted", "given"]
    source_name: str = ""

    def __post_init__(self) -> None:
        for name in ("inhale_s", "exhale_s", "quality"):
            values = vector(getattr(self, name), name=name, where=self.source_name, increasing=name != "quality")
            object.__setattr__(self, name, values)
        if self.quality.size != self.inhale_s.size:
            found = f"{self.quality.size} for {self.inhale_s.size} breaths"
            raise InputError(Problem(what="breath quality has the wrong length", where=self.source_name, found=found))

    @property
    def rate_per_min(self) -> float:
        """Breaths per minute from the first inspiration to the last; nan with fewer than two."""
        if self.inhale_s.size < 2:
            return float("nan")
        return float(60 * (self.inhale_s.size - 1) / (self.inhale_s[-1] - self.inhale_s[0]))

    def window(self, start_s: float, end_s: float) -> Breaths:
        """Breaths whose onsets lie from `start_s` up to, not including, `end_s`, on the same clock."""
        first, last = np.searchsorted(self.inhale_s, [start_s, end_s])
        out, end = np.searchsorted(self.exhale_s, [start_s, end_s])
        return Breaths(
            inhale_s=self.inhale_s[first:last],
            exhale_s=self.exhale_s[out:end],
            quality=self.quality[first:last],
            origin=self.origin,
            source_name=self.source_name,
        )
