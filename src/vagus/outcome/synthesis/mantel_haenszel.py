"""Mantel-Haenszel: a common risk difference, risk ratio or odds ratio from the counts themselves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy import stats

from vagus.errors import Abstained
from vagus.outcome.synthesis.effects import BINARY, Counts, Measure, binary_effect, check_measure
from vagus.outcome.synthesis.pool import Pooled, pool


def mantel_haenszel(counts: Sequence[Counts], *, measure: Measure = "rr", level: float = 0.95) -> Pooled:
    """Common effect over studies, weighted as Mantel and Haenszel do.

    Empty cells need no correction here. Variances: risk ratio Greenland and Robins (Biometrics 1985;41:55-68.
    doi:10.2307/2530643); odds ratio Robins, Breslow and Greenland (Biometrics 1986;42:311-323. doi:10.2307/2531052);
    risk difference Sato, Greenland and Robins (Biometrics 1989;45:1323-1324). Q and I² are those of the
    inverse-variance analysis, from which studies without information on a ratio are left out.

    Parameters
    ----------
    counts : sequence of Counts
    measure : {"rd", "rr", "or"}
    level : float

    Raises
    ------
    Abstained
        Fewer than two studies with information, or no events at all in an arm, where the ratio has no value.

    Examples
    --------
    >>> rows = [Counts(study="A", active_events=17, active_n=112, control_events=11, control_n=110),
    ...         Counts(study="B", active_events=43, active_n=122, control_events=29, control_n=120)]
    >>> round(mantel_haenszel(rows, measure="rr").effect.estimate, 2)
    1.47
    """
    check_measure(measure, BINARY)
    table = np.array([[c.active_events, c.active_n, c.control_events, c.control_n] for c in counts], float)
    told = [c for c in counts if measure == "rd" or 0 < c.active_events + c.control_events < c.active_n + c.control_n]
    around = pool([binary_effect(c, measure=measure) for c in told], method="fixed", level=level)
    a, n1, c, n2 = table.T
    estimate, se, weights = {"rd": _difference, "rr": _risk_ratio, "or": _odds_ratio}[measure](a, n1 - a, c, n2 - c)
    if not (math.isfinite(estimate) and se > 0):
        raise Abstained(f"no Mantel-Haenszel {measure}: one arm has no events in any study, or only events")
    half = float(stats.norm.ppf(0.5 + level / 2)) * se
    kept = np.array([c in told for c in counts])
    share = weights[kept] / weights[kept].sum()
    return replace(
        around,
        estimate=estimate,
        se=se,
        low=estimate - half,
        high=estimate + half,
        p=float(2 * stats.norm.sf(abs(estimate) / se)),
        weights_pct=tuple((100 * share).tolist()),
        method="common effect, Mantel-Haenszel, normal interval",
    )


Summary = tuple[float, float, np.ndarray]


def _difference(a: np.ndarray, b: np.ndarray, c: np.ndarray, d: np.ndarray) -> Summary:
    n1, n2 = a + b, c + d
    n = n1 + n2
    weights = n1 * n2 / n
    estimate = float((a * n2 - c * n1) @ (1 / n) / weights.sum())
    p = ((n1 / n) ** 2 * c - (n2 / n) ** 2 * a + (n1 / n) * (n2 / n) * (n2 - n1) / 2).sum()
    q = ((a * d + b * c) / (2 * n)).sum()
    variance = float(estimate * p + q) / float(weights.sum()) ** 2
    return estimate, math.sqrt(max(variance, 0.0)), weights


def _risk_ratio(a: np.ndarray, b: np.ndarray, c: np.ndarray, d: np.ndarray) -> Summary:
    n1, n2 = a + b, c + d
    n = n1 + n2
    r, s = float((a * n2 / n).sum()), float((c * n1 / n).sum())
    if r == 0 or s == 0:
        return math.nan, 0.0, c * n1 / n
    variance = float(((n1 * n2 * (a + c) - a * c * n) / n**2).sum()) / (r * s)
    return math.log(r / s), math.sqrt(variance), c * n1 / n


def _odds_ratio(a: np.ndarray, b: np.ndarray, c: np.ndarray, d: np.ndarray) -> Summary:
    n = a + b + c + d
    right, left = (a + d) / n, (b + c) / n
    r_each, s_each = a * d / n, b * c / n
    r, s = float(r_each.sum()), float(s_each.sum())
    if r == 0 or s == 0:
        return math.nan, 0.0, s_each
    variance = (
        float(right @ r_each) / (2 * r * r)
        + float(right @ s_each + left @ r_each) / (2 * r * s)
        + float(left @ s_each) / (2 * s * s)
    )
    return math.log(r / s), math.sqrt(variance), s_each
