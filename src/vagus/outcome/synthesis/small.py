"""Do small studies find more: Egger's regression."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from vagus.errors import Abstained
from vagus.outcome.synthesis.effects import StudyEffect

FEW = 10  # studies below which the test says little (Sterne 2011)


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallStudies:
    """Egger's regression of the effect on its standard error.

    Parameters
    ----------
    slope, slope_se : float
        Change of the effect per unit of standard error, and its own standard error; 0 where the funnel is symmetric.
    intercept : float
        Effect that a study of endless size is expected to have, on the scale of pooling.
    t, p : float
    n : int
        Studies.
    """

    slope: float
    slope_se: float
    intercept: float
    t: float
    p: float
    n: int

    @property
    def text(self) -> str:
        """What it says, and how little where studies are few."""
        p = f"{self.p:.3f}" if self.p >= 0.001 else "below 0.001"
        text = f"Small-study check (Egger, {self.n} studies): slope {self.slope:.3g} (SE {self.slope_se:.3g}), p {p}."
        if self.n < FEW:
            return f"{text} With fewer than {FEW} studies it can hardly find an asymmetry: no comfort in a high p."
        return f"{text} An asymmetry can come from missing studies, from heterogeneity, or from chance."


def small_studies(effects: Sequence[StudyEffect]) -> SmallStudies:
    """Slope of the effect on its standard error, weighted by the inverse variance.

    Egger M et al. BMJ 1997;315:629-634. doi:10.1136/bmj.315.7109.629 (the same test with the regression turned
    around). For odds ratios with large effects it finds asymmetry too often; not fewer than ten studies (Sterne JAC et
    al. BMJ 2011;343:d4002. doi:10.1136/bmj.d4002).

    Raises
    ------
    Abstained
        Fewer than three studies, or all of one size.

    Examples
    --------
    >>> rows = [StudyEffect(study=str(k), measure="md", estimate=1 + 2 * k + (-1) ** k / 9, variance=k * k)
    ...         for k in (1, 2, 3, 4)]
    >>> round(small_studies(rows).slope, 1)
    2.1
    """
    k = len(effects)
    if k < 3:
        raise Abstained(f"the small-study check needs three studies, there are {k}")
    y = np.array([one.estimate for one in effects])
    se = np.array([one.se for one in effects])
    w = 1 / se**2
    x_mid, y_mid = float(w @ se / w.sum()), float(w @ y / w.sum())
    spread = float(w @ (se - x_mid) ** 2)
    if spread <= 1e-12 * k:
        raise Abstained("the small-study check needs studies of different size: all standard errors are equal")
    slope = float(w @ ((se - x_mid) * (y - y_mid))) / spread
    rest = y - y_mid - slope * (se - x_mid)
    slope_se = math.sqrt(float(w @ rest**2) / (k - 2) / spread)
    t = slope / slope_se if slope_se > 0 else math.inf * (slope > 0) if slope >= 0 else -math.inf
    p = float(2 * stats.t.sf(abs(t), k - 2))
    return SmallStudies(slope=slope, slope_se=slope_se, intercept=y_mid - slope * x_mid, t=t, p=p, n=k)
