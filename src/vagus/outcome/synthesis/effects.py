"""One study's effect with its variance, from counts or from means."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from scipy import special

from vagus.errors import InputError, Problem, nearest

Measure = Literal["rd", "rr", "or", "md", "g"]

MEASURES: dict[Measure, str] = {
    "rd": "risk difference",
    "rr": "risk ratio",
    "or": "odds ratio",
    "md": "mean difference",
    "g": "Hedges g",
}
"""Measure -> words for it."""

RATIOS: tuple[Measure, ...] = ("rr", "or")
BINARY: tuple[Measure, ...] = ("rd", "rr", "or")


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """People with an event and people in all, in the active and the control arm of one study."""

    study: str
    active_events: int
    active_n: int
    control_events: int
    control_n: int

    def __post_init__(self) -> None:
        for arm, events, n in (
            ("active", self.active_events, self.active_n),
            ("control", self.control_events, self.control_n),
        ):
            if n < 1 or not 0 <= events <= n:
                raise InputError(
                    Problem(
                        what="events do not fit the people of the arm",
                        where=f"{self.study}, {arm}",
                        found=f"{events} of {n}",
                        allowed="at least 1 person, and 0 to n events",
                    )
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """Mean, standard deviation and people, in the active and the control arm of one study."""

    study: str
    active_mean: float
    active_sd: float
    active_n: int
    control_mean: float
    control_sd: float
    control_n: int

    def __post_init__(self) -> None:
        for arm, mean, sd, n in (
            ("active", self.active_mean, self.active_sd, self.active_n),
            ("control", self.control_mean, self.control_sd, self.control_n),
        ):
            if n < 2 or not sd > 0 or not math.isfinite(mean + sd):
                raise InputError(
                    Problem(
                        what="mean, standard deviation or people cannot be used",
                        where=f"{self.study}, {arm}",
                        found=f"mean {mean:g}, sd {sd:g}, n {n}",
                        allowed="finite mean, sd over 0, n at least 2",
                    )
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyEffect:
    """One study's effect on the scale on which it is pooled: logarithms for ratios.

    Parameters
    ----------
    study : str
    measure : {"rd", "rr", "or", "md", "g"}
    estimate, variance : float
        Active minus control; of the logarithm for "rr" and "or".
    n : int
        People in both arms; 0 where the study did not tell.
    note : str
        What was done to get it: a correction, a published interval.
    verified : bool
        False: a cell it rests on was recalled and not read.
    """

    study: str
    measure: Measure
    estimate: float
    variance: float
    n: int = 0
    note: str = ""
    verified: bool = True

    def __post_init__(self) -> None:
        if not (math.isfinite(self.estimate) and math.isfinite(self.variance) and self.variance > 0):
            raise InputError(
                Problem(
                    what="an effect needs a finite estimate and a variance over 0",
                    where=self.study,
                    found=f"estimate {self.estimate:g}, variance {self.variance:g}",
                )
            )

    @property
    def se(self) -> float:
        """Standard error of `estimate`."""
        return math.sqrt(self.variance)

    def shown(self, level: float = 0.95) -> tuple[float, float, float]:
        """Estimate and normal interval on the scale people read: ratios, not their logarithms."""
        half = float(special.ndtri(0.5 + level / 2)) * self.se
        at = (self.estimate, self.estimate - half, self.estimate + half)
        estimate, low, high = (shown(value, self.measure) for value in at)
        return estimate, low, high


def check_measure(measure: str, allowed: tuple[Measure, ...] = tuple(MEASURES)) -> None:
    """Refuse a measure that is not among those allowed.

    Raises
    ------
    InputError
        Names the nearest.
    """
    if measure not in allowed:
        raise InputError(
            Problem(what="measure cannot be used here", found=f'"{measure}"', allowed=nearest(measure, allowed))
        )


def binary_effect(counts: Counts, *, measure: Measure) -> StudyEffect:
    """Risk difference, log risk ratio or log odds ratio of one study.

    Half a person is added to each of the four cells where one of them is empty, and the note says so. Variances are
    those of the delta method (Fleiss JL. Stat Methods Med Res 1993;2:121-145. doi:10.1177/096228029300200202).

    Raises
    ------
    InputError
        A ratio of a study without any event, or with events in all people: it carries no information on a ratio.

    Examples
    --------
    >>> acute = Counts(study="D02", active_events=17, active_n=112, control_events=11, control_n=110)
    >>> round(math.exp(binary_effect(acute, measure="or").estimate), 2)
    1.61
    """
    check_measure(measure, BINARY)
    a, c = float(counts.active_events), float(counts.control_events)
    b, d = counts.active_n - a, counts.control_n - c
    if measure in RATIOS and (a + c == 0 or b + d == 0):
        raise InputError(
            Problem(
                what="no ratio from a study in which nobody, or everybody, had the event",
                where=counts.study,
                found=f"{counts.active_events} of {counts.active_n} and {counts.control_events} of {counts.control_n}",
                allowed='the risk difference (measure "rd")',
            )
        )
    note = ""
    if 0 in (a, b, c, d):
        a, b, c, d = a + 0.5, b + 0.5, c + 0.5, d + 0.5
        note = "half a person added to each cell, one was empty"
    p, q = a / (a + b), c / (c + d)
    if measure == "rd":
        estimate, variance = p - q, p * (1 - p) / (a + b) + q * (1 - q) / (c + d)
    elif measure == "rr":
        estimate, variance = math.log(p / q), 1 / a - 1 / (a + b) + 1 / c - 1 / (c + d)
    else:
        estimate, variance = math.log(a * d / (b * c)), 1 / a + 1 / b + 1 / c + 1 / d
    n = counts.active_n + counts.control_n
    return StudyEffect(study=counts.study, measure=measure, estimate=estimate, variance=variance, n=n, note=note)


def continuous_effect(means: Means, *, measure: Measure) -> StudyEffect:
    """Mean difference or Hedges g of one study.

    The mean difference has the variance of Welch (no common standard deviation assumed). Hedges g divides by the
    pooled standard deviation, with the exact small-sample factor and the large-sample variance (Hedges LV. J Educ Stat
    1981;6:107-128. doi:10.3102/10769986006002107).

    Examples
    --------
    >>> arms = Means(study="A", active_mean=-12.6, active_sd=6.0, active_n=18,
    ...              control_mean=-4.4, control_sd=9.9, control_n=19)
    >>> round(continuous_effect(arms, measure="g").estimate, 3)
    -0.974
    """
    check_measure(measure, ("md", "g"))
    n1, n2 = means.active_n, means.control_n
    difference = means.active_mean - means.control_mean
    if measure == "md":
        variance = means.active_sd**2 / n1 + means.control_sd**2 / n2
        return StudyEffect(study=means.study, measure="md", estimate=difference, variance=variance, n=n1 + n2)
    df = n1 + n2 - 2
    pooled = math.sqrt(((n1 - 1) * means.active_sd**2 + (n2 - 1) * means.control_sd**2) / df)
    factor = math.exp(math.lgamma(df / 2) - math.lgamma((df - 1) / 2)) / math.sqrt(df / 2)
    g = factor * difference / pooled
    variance = 1 / n1 + 1 / n2 + g * g / (2 * (n1 + n2))
    return StudyEffect(study=means.study, measure="g", estimate=g, variance=variance, n=n1 + n2)


def shown(value: float, measure: Measure) -> float:
    """A value from the scale of pooling on the scale people read: ratios out of their logarithm."""
    return math.exp(value) if measure in RATIOS else value
