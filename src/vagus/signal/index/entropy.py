"""Sample entropy (Richman & Moorman 2000)."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.spatial import KDTree

from vagus.signal.index.part import Measure, Missing, Part
from vagus.signal.index.scaling import bridged_words
from vagus.signal.known import value
from vagus.signal.vector import Array

_EACH_UP_TO = 20_000  # intervals up to which the matches of each template are counted, which an interval needs


def matches(rr: Array, m: int, r_ms: float) -> tuple[Array, Array]:
    """Matches of each of the n - m templates of m and of m + 1 intervals: none differs by more than `r_ms`; not itself.

    Above 20,000 intervals every template is given their mean.
    """
    n = rr.size - m
    found: list[Array] = []
    for length in (m, m + 1):
        templates = sliding_window_view(rr, length)[:n]
        tree = KDTree(templates)
        if n <= _EACH_UP_TO:
            counts = tree.query_ball_point(templates, r_ms, p=np.inf, return_length=True).astype(np.float64)
        else:
            counts = np.full(n, tree.count_neighbors(tree, r_ms, p=np.inf) / n)
        found.append(counts - 1)
    return found[0], found[1]


def sample_entropy(part: Part) -> Measure | Missing:
    """Negative logarithm of the chance that what matched for m intervals matches for one more."""
    m, r_sd = round(value("sampen_m")), value("sampen_r_sd")
    least = round(value("sampen_least_beats"))
    piece = part.longest
    if piece is None or piece[1].size < least:
        n = 0 if piece is None else piece[1].size
        return Missing(unit="", why=f"{n} intervals without a long gap, {least} needed for sample entropy")
    rr = piece[1]
    shorter, longer = matches(rr, m, r_sd * float(rr.std(ddof=1)))
    if not longer.sum():
        return Missing(unit="", why="no template of three intervals has a match")

    def how(of_m: Array, of_next: Array) -> Array:
        return np.log(of_m) - np.log(np.where(of_next > 0, of_next, np.nan))

    return Measure(
        values=(shorter, longer), how=how, n_per_s=part.n_per_s, unit="", positive=False, widen=2.0,
        what=f"sample entropy, m {m}, r {r_sd:g} standard deviations, longest stretch without a long gap"
        f"{bridged_words(part)}",
    )  # fmt: skip
