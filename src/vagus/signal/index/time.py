"""Mean RR, RMSSD, SDNN, pNN50 and the axes of the Poincaré plot."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from scipy.special import betaincinv

from vagus.signal.index.blocks import LEVEL, Blocks
from vagus.signal.index.part import Measure, Part
from vagus.signal.spectrum import whole_samples_ms
from vagus.signal.tone import ToneSettings
from vagus.signal.vector import Array
from vagus.source import Effect

FLAT_MS = 1e-6  # intervals that differ by less differ by rounding
_FEW_ABOVE = 10
_NORMAL = 1.959964  # 97.5 % quantile


def mean_rr(part: Part) -> Measure:
    """Mean of the RR intervals."""
    good = part.rr[part.whole]
    return Measure(values=(good,), how=lambda m: m, n_per_s=part.n_per_s, unit="ms", what="mean of RR intervals")


def rmssd(part: Part) -> Measure:
    """Root mean square of successive differences."""
    square = (np.diff(part.rr) ** 2)[part.pairs]
    what = "root mean square of successive differences"
    return Measure(values=(square,), how=np.sqrt, n_per_s=part.n_per_s, unit="ms", what=what)


def sdnn(part: Part) -> Measure:
    """Standard deviation of the RR intervals, n - 1."""
    return _deviation(part.rr[part.whole], part, "standard deviation of RR intervals, n - 1")


def sd2(part: Part) -> Measure:
    """Long axis of the Poincaré plot: standard deviation along the line of identity, n - 1."""
    along = ((part.rr[:-1] + part.rr[1:]) / math.sqrt(2))[part.pairs]
    return _deviation(along, part, "standard deviation of (RR + next RR)/√2, n - 1: along the Poincaré plot's diagonal")


def _deviation(values: Array, part: Part, what: str) -> Measure:
    centered = values - values.mean()
    grown = values.size / (values.size - 1)
    return Measure(
        values=(centered, centered**2),
        how=lambda m1, m2: np.sqrt(np.maximum(m2 - m1**2, 0.0) * grown),
        n_per_s=part.n_per_s,
        unit="ms",
        what=what,
    )


def rate(of_rr: Effect) -> Effect:
    """Heart rate of a mean RR interval, the same interval upside down."""
    return replace(
        of_rr, estimate=60000 / of_rr.estimate, low=60000 / of_rr.high, high=60000 / of_rr.low, unit="bpm",
        method=f"60000 over the mean RR interval in ms: {of_rr.method}",
    )  # fmt: skip


def log(effect: Effect) -> Effect:
    """RMSSD on a logarithmic scale, the same interval."""
    if effect.estimate < FLAT_MS:
        nothing = math.nan
        return replace(
            effect, estimate=nothing, low=nothing, high=nothing, unit="ln ms",
            method="not told: intervals do not differ, and nothing has no logarithm",
        )  # fmt: skip
    low, estimate, high = (math.log(max(v, 1e-150)) for v in (effect.low, effect.estimate, effect.high))
    return replace(
        effect, estimate=estimate, low=low, high=high, unit="ln ms",
        method=f"natural logarithm of RMSSD in ms: {effect.method}",
    )  # fmt: skip


def sd1(effect: Effect) -> Effect:
    """Short axis of the Poincaré plot from RMSSD, the same interval: SD1² = RMSSD²/2."""
    low, estimate, high = (v / math.sqrt(2) for v in (effect.low, effect.estimate, effect.high))
    return replace(
        effect, estimate=estimate, low=low, high=high, method=f"RMSSD/√2, across the Poincaré plot: {effect.method}"
    )


def pnn50(part: Part, drawn: Blocks) -> Effect:
    """Share of differences above 50 ms, with exact binomial bounds."""
    above = above_50_ms(part.rr, part.settings)[part.pairs].astype(np.float64)
    n = int(above.size)
    share = 100.0 * (n / (n + 1) if part.settings.pnn50_over == "intervals" else 1.0)
    effective = _effective(above, np.diff(part.rr)[part.pairs] ** 2, drawn, part.n_per_s)
    low, high, of_interval = math.nan, math.nan, drawn.without()
    if effective is not None:
        low, high = (share * b for b in _binomial(float(above.mean()), effective))
        of_interval = (
            "95 % interval: exact binomial bounds (Clopper and Pearson; at 0 % the rule of three) on "
            f"{effective:.0f} independent differences, from the spread of moving blocks of {drawn.block_s:g} s"
        )
    return Effect(
        estimate=share * float(above.mean()), low=low, high=high, unit="%", n=n, level=LEVEL, sources=drawn.sources,
        method=f"share of successive differences above 50 ms{part.left_out}; {of_interval}",
    )  # fmt: skip


def _effective(above: Array, square: Array, drawn: Blocks, n_per_s: float) -> float | None:
    """Independent differences that these are worth: fewer by as much as blocks spread more than single values do.

    Where few differences lie above 50 ms, their own spread tells little, and that of the squared differences counts.
    """
    few = min(above.sum(), above.size - above.sum()) < _FEW_ABOVE
    draws, n_blocks = drawn.draw((above, square), n_per_s)
    if draws is None:
        return None
    widened = (drawn.quantile(n_blocks) / _NORMAL) ** 2
    worst = 1.0
    for values, means in zip((above, square) if few else (above,), draws, strict=False):
        alone = float(values.var(ddof=1)) / values.size
        if alone > 0:
            worst = max(worst, widened * float(means.var(ddof=1)) / alone)
    return max(1.0, above.size / worst)


def _binomial(share: float, n: float) -> tuple[float, float]:
    """Exact bounds of a share seen in n draws; at 0 and 1 one-sided, so that the whole 5 % lies on one side."""
    hits = share * n
    tail = (1 - LEVEL) if share in {0.0, 1.0} else (1 - LEVEL) / 2
    low = 0.0 if share == 0 else float(betaincinv(hits, n - hits + 1, tail))
    high = 1.0 if share == 1 else float(betaincinv(hits + 1, n - hits, 1 - tail))
    return low, high


def above_50_ms(rr: Array, settings: ToneSettings) -> np.ndarray:
    """True at successive differences of more than 50 ms, (n - 1,)."""
    if settings.clock == "intervals":
        return np.abs(np.diff(whole_samples_ms(rr))) > 50
    return np.abs(np.diff(rr)) > 50 + 1e-6  # 50 ms is not above 50 ms, whatever the last digit says
