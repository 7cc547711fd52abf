"""What may be claimed: several hypotheses at once, hypotheses in order, and non-inferiority."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from vagus.errors import InputError, Problem, nearest
from vagus.outcome.analysis.mixed.inference import t_below
from vagus.outcome.analysis.model import Difference

Adjustment = Literal["holm", "hochberg", "bonferroni", "in order"]
ADJUSTMENTS: tuple[Adjustment, ...] = ("holm", "hochberg", "bonferroni", "in order")


def adjusted_p(p: Sequence[float], *, method: Adjustment = "holm") -> tuple[float, ...]:
    """p values that can each be held against the whole error of a family, in the order they came.

    Parameters
    ----------
    p : sequence of float
    method : {"holm", "hochberg", "bonferroni", "in order"}
        Holm (Scand J Stat 1979;6:65-70) holds always; Hochberg (Biometrika 1988;75:800-802.
        doi:10.1093/biomet/75.4.800) finds more, and holds for tests that do not depend on each other negatively;
        "in order" tests each only if all before it were significant.

    Raises
    ------
    InputError
        A number that is no probability, or an unknown method.

    Examples
    --------
    >>> [round(one, 3) for one in adjusted_p([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    >>> [round(one, 3) for one in adjusted_p([0.01, 0.04, 0.03], method="hochberg")]
    [0.03, 0.04, 0.04]
    """
    values = np.asarray(p, float)
    if method not in ADJUSTMENTS:
        allowed = nearest(method, ADJUSTMENTS)
        raise InputError(Problem(what="unknown adjustment", found=f'"{method}"', allowed=allowed))
    if not (np.isfinite(values) & (values >= 0) & (values <= 1)).all():
        found = ", ".join(f"{one:g}" for one in values)
        raise InputError(Problem(what="a p value is no probability", found=found, allowed="0 to 1"))
    k = values.size
    if method == "in order":
        return tuple(np.maximum.accumulate(values).tolist())
    if method == "bonferroni":
        return tuple(np.minimum(k * values, 1.0).tolist())
    order = np.argsort(values, kind="stable")
    scaled = (k - np.arange(k)) * values[order]
    run = np.maximum.accumulate(scaled) if method == "holm" else np.minimum.accumulate(scaled[::-1])[::-1]
    found = np.empty(k)
    found[order] = np.minimum(run, 1.0)
    return tuple(found.tolist())


def gatekeep(families: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Adjusted p value of each hypothesis in families that open one after the other.

    Holm within each family; a family opens only if every hypothesis of those before it is significant (serial
    gatekeeping), so that the whole error over all families is held.

    Parameters
    ----------
    families : sequence of dict of str to float
        Names and p values, primary first.

    Raises
    ------
    InputError
        A hypothesis that stands in two families, or what `adjusted_p` refuses.

    Examples
    --------
    >>> gatekeep([{"MADRS": 0.01}, {"remission": 0.03, "sleep": 0.002}])
    {'MADRS': 0.01, 'remission': 0.03, 'sleep': 0.01}
    """
    found: dict[str, float] = {}
    gate = 0.0
    for family in families:
        twice = [name for name in family if name in found]
        if twice:
            raise InputError(Problem(what="a hypothesis in two families", found=", ".join(twice), allowed="one each"))
        if family:
            own = adjusted_p(list(family.values()), method="holm")
            found |= {name: max(gate, p) for name, p in zip(family, own, strict=True)}
            gate = max(gate, *own)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class NonInferiority:
    """Is an arm not worse than the control by more than a margin.

    Parameters
    ----------
    margin_points : float
        Over 0, in points, as the protocol has it.
    worst_points : float
        The bound of the interval on the side that is worse, counted so that above 0 is worse.
    p : float
        One-sided, of "worse by the margin or more".
    is_shown : bool
    is_superior : bool
        The interval excludes no difference as well.
    """

    difference: Difference
    margin_points: float
    worst_points: float
    p: float
    is_shown: bool
    is_superior: bool

    @property
    def text(self) -> str:
        """Verdict with margin and bound."""
        verdict = "not inferior" if self.is_shown else "non-inferiority not shown"
        return (
            (
                f"{self.difference.arm} against {self.difference.control} at {self.difference.visit}: {verdict} "
                f"(worse by at most {self.worst_points:.2f} points, margin {self.margin_points:g}; one-sided p "
                f"{self.p:.3g})"
            )
            .replace(" -", " −")
            .replace("(-", "(−")
        )


def non_inferiority(
    difference: Difference, *, margin_points: float, better: Literal["lower", "higher"] = "lower"
) -> NonInferiority:
    """Non-inferiority from a difference and its interval; the one-sided error is half of what its level leaves.

    Parameters
    ----------
    difference : Difference
    margin_points : float
        How much worse would still do, over 0.
    better : {"lower", "higher"}
        Direction of the scale.

    Raises
    ------
    InputError
        A margin that is not over 0, or an unknown direction.

    Examples
    --------
    >>> told = Difference(arm="new", control="old", visit="week 12", estimate=-0.5, se=1.0, df=80, low=-2.5, high=1.5,
    ...                   p=0.62)
    >>> non_inferiority(told, margin_points=2.0).is_shown, non_inferiority(told, margin_points=1.0).is_shown
    (True, False)
    """
    if not margin_points > 0:
        raise InputError(Problem(what="the margin is not over 0", found=f"{margin_points:g}", allowed="points, over 0"))
    if better not in ("lower", "higher"):
        allowed = nearest(better, ("lower", "higher"))
        raise InputError(Problem(what="unknown direction", found=f'"{better}"', allowed=allowed))
    sign = 1.0 if better == "lower" else -1.0
    worst = difference.high if better == "lower" else -difference.low
    return NonInferiority(
        difference=difference,
        margin_points=margin_points,
        worst_points=worst,
        p=t_below(difference.df, (sign * difference.estimate - margin_points) / difference.se),
        is_shown=worst < margin_points,
        is_superior=worst < 0,
    )
