"""Deceleration and acceleration capacity by phase-rectified signal averaging (Bauer 2006)."""

from __future__ import annotations

from typing import Literal

import numpy as np

from vagus.signal.index.part import Measure, Missing, Part, said
from vagus.signal.known import value
from vagus.signal.vector import Array

Direction = Literal["deceleration", "acceleration"]


def steps(rr: Array, whole: np.ndarray, direction: Direction) -> tuple[Array, Array, int]:
    """Contribution of each place of the series, whether it is an anchor (1 or 0), and how many intervals lie before it.

    Parameters
    ----------
    rr : (n,) array
        Intervals in ms.
    whole : (n,) of bool
        True at intervals that count.
    direction : "deceleration" or "acceleration"

    Returns
    -------
    (m,) array, (m,) array, int
        For each place i that has `before` intervals before it and enough after, all of which count: the mean of the s
        intervals from i on minus that of the s before it, over 2, and 1 where i is an anchor; 0 and 0 elsewhere.
    """
    t, s = round(value("prsa_t")), round(value("prsa_s"))
    before, after = max(s, 2 * t - 1), max(s, t)
    m = rr.size - before - after + 1
    if m < 1:
        return np.zeros(0), np.zeros(0), before
    upto = np.cumsum(np.pad(rr - rr.mean(), (1, 0)))
    counted = np.cumsum(np.pad(whole.astype(np.int64), (1, 0)))
    at = np.arange(before, before + m)

    def mean(start: np.ndarray, n: int) -> Array:
        return (upto[start + n] - upto[start]) / n

    previous, now = mean(at - t, t), mean(at, t)
    change = now - previous
    most = value("prsa_most_change_pct") / 100 * (previous + rr.mean())
    rises = (change > 0) & (change <= most) if direction == "deceleration" else (change < 0) & (-change <= most)
    anchor = (rises & (counted[at + after] - counted[at - before] == before + after)).astype(np.float64)
    return anchor * (mean(at, s) - mean(at - s, s)) / 2, anchor, before


def capacity(part: Part, direction: Direction) -> Measure | Missing:
    """Deceleration capacity (positive in health) or acceleration capacity (negative)."""
    step, anchor, _ = steps(part.rr, part.whole, direction)
    least = round(value("prsa_least_anchors"))
    if anchor.sum() < least:
        return Missing(unit="ms", why=f"{anchor.sum():.0f} anchors of {direction}, {least} needed")
    return Measure(
        values=(step, anchor),
        how=lambda a, b: a / np.where(b > 0, b, np.nan),
        n_per_s=part.n_per_s,
        unit="ms",
        what=f"phase-rectified signal averaging: anchors of {direction} of up to {said('prsa_most_change_pct')} %, "
        f"T {said('prsa_t')}, s {said('prsa_s')}, {anchor.sum():.0f} anchors (L does not enter)",
        positive=False,
    )
