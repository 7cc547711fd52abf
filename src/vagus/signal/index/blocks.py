"""Moving-block bootstrap: how sure an index of this window is."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import stdtrit

from vagus.signal.index.part import Measure, Missing
from vagus.signal.vector import Array
from vagus.source import Effect, Source

LEVEL = 0.95
_FEWEST_BLOCKS = 4
_TINY = 1e-9


def holding(low: float, estimate: float, high: float) -> tuple[float, float, str]:
    """Interval that holds the estimate, and a word where it had to be widened for that."""
    if low <= estimate <= high or not (math.isfinite(low) and math.isfinite(high)):
        return low, high, ""
    return min(low, estimate), max(high, estimate), "widened to hold the estimate; "


class Blocks:
    """Moving-block bootstrap of means, and of indices that are made of means."""

    def __init__(
        self, *, rng: np.random.Generator | None, n_resample: int, block_s: float, sources: tuple[Source, ...]
    ) -> None:
        self.rng, self.n_resample, self.block_s, self.sources = rng, n_resample, block_s, sources

    def effect(self, measure: Measure | Missing, *, left_out: str = "") -> Effect:
        """Estimate and 95 % interval of an index."""
        if isinstance(measure, Missing):
            return Effect(
                estimate=math.nan, low=math.nan, high=math.nan, unit=measure.unit, n=0, level=LEVEL,
                method=f"not told: {measure.why}", sources=self.sources,
            )  # fmt: skip
        near = float(measure.how(*(v.mean() for v in measure.values)))
        low, high, of_interval = self.interval(measure, near)
        estimate = near
        if measure.estimate is not None:  # the interval is that of a near twin: it goes where the estimate is
            estimate = measure.estimate
            if measure.positive and near > 0:
                low, high = low * estimate / near, high * estimate / near
            else:
                low, high = low + estimate - near, high + estimate - near
            low, high, widened = holding(low, estimate, high)
            of_interval = widened + of_interval
        return Effect(
            estimate=estimate, low=low, high=high, unit=measure.unit, level=LEVEL,
            n=measure.values[0].size if measure.n is None else measure.n,
            method=f"{measure.what}{left_out}; {of_interval}", sources=self.sources,
        )  # fmt: skip

    def interval(self, measure: Measure, estimate: float) -> tuple[float, float, str]:
        """Bounds of the 95 % interval of how(means), and in words how they were made."""
        draws, n_blocks = self.draw(measure.values, measure.n_per_s)
        if draws is None:
            return math.nan, math.nan, self.without()
        index = measure.how(*draws)
        index = index[np.isfinite(index)]
        if index.size < self.n_resample / 2:
            return math.nan, math.nan, "no interval: too few draws tell the index"
        quantile = self.quantile(n_blocks) * measure.widen
        if measure.positive and estimate > 0 and index.min() > 0:
            wide = quantile * float(np.log(index).std(ddof=1))
            low, high, scale = estimate * math.exp(-wide), estimate * math.exp(wide), " on a logarithmic scale"
        else:
            wide = quantile * float(index.std(ddof=1))
            low, high, scale = estimate - wide, estimate + wide, ""
            low = max(0.0, low) if measure.positive else low
        if high - low <= _TINY * abs(estimate):
            return math.nan, math.nan, "no interval: the values do not differ"
        low, high, widened = holding(low, estimate, high)
        return (
            low,
            high,
            (
                f"{widened}95 % interval: t interval{scale} with the spread of {self.n_resample} samples of "
                f"moving blocks of {self.block_s:g} s{measure.note}"
            ),
        )

    def draw(self, values: tuple[Array, ...], n_per_s: float) -> tuple[Array | None, float]:
        """Means of each of `values` in each sample, and how many blocks fit; None where there can be no interval."""
        n = values[0].size
        length = max(1, round(self.block_s * n_per_s))
        n_blocks = n / length
        if self.rng is None or self.n_resample < 2 or n_blocks < _FEWEST_BLOCKS:
            return None, n_blocks
        first = self.rng.integers(0, n - length + 1, size=(self.n_resample, round(n_blocks)))
        upto = np.cumsum(np.pad(np.stack(values), ((0, 0), (1, 0))), axis=1)
        means = (upto[:, length:] - upto[:, :-length]) / length
        return means[:, first].mean(axis=2), n_blocks

    @staticmethod
    def quantile(n_blocks: float) -> float:
        """What the spread of the draws is multiplied by: t, and the spread that is lost around the sample's own mean.

        As many blocks were drawn as fit, rounded: the rest of the factor.
        """
        lost = n_blocks / (n_blocks - 1) * round(n_blocks) / n_blocks
        return float(stdtrit(n_blocks - 1, (1 + LEVEL) / 2)) * math.sqrt(lost)

    def without(self) -> str:
        """Why there is no interval."""
        if self.rng is None or self.n_resample < 2:
            return "no interval was asked for"
        return f"no interval: fewer than {_FEWEST_BLOCKS} blocks of {self.block_s:g} s"
