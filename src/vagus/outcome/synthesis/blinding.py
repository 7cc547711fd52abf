"""Did the blinding hold: the indices of James and of Bang, from what people guessed."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from vagus.errors import Abstained, InputError, Problem
from vagus.source import Effect, Source

_JAMES = Source(text="James KE et al. Stat Med 1996;15:1421-1434", verified=False)
_BANG = Source(text="Bang H, Ni L, Davis CE. Control Clin Trials 2004;25:143-156. doi:10.1016/j.cct.2003.10.016",
               doi="10.1016/j.cct.2003.10.016", verified=False)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Guesses:
    """What the people of one arm guessed, as counts."""

    active: int
    control: int
    unknown: int

    def __post_init__(self) -> None:
        cells = {"active": self.active, "control": self.control, "unknown": self.unknown}
        problems = [
            Problem(what="a count below 0", where=name, found=str(cell)) for name, cell in cells.items() if cell < 0
        ]
        if not problems and self.n == 0:
            problems.append(Problem(what="nobody was asked in an arm", found="0 people", allowed="at least 1"))
        if problems:
            raise InputError(problems)

    @property
    def n(self) -> int:
        """People asked."""
        return self.active + self.control + self.unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Blinding:
    """Blinding indices with intervals.

    Parameters
    ----------
    james : Effect
        Both arms together: 1 all "do not know", 0.5 random guessing, 0 all right.
    active, control : Effect
        Bang's index of each arm: 1 all right, 0 random guessing, -1 all wrong.
    """

    james: Effect
    active: Effect
    control: Effect

    @property
    def text(self) -> str:
        """The indices, and what they cannot tell."""
        said = "; ".join(
            f"{name} {one.estimate:.2f} ({one.low:.2f} to {one.high:.2f})"
            for name, one in (
                ("Bang, active arm", self.active),
                ("Bang, control arm", self.control),
                ("James", self.james),
            )
        )
        verdict = (
            "more right guesses in the active arm than chance gives"
            if self.active.low > 0
            else ("no more right guesses in the active arm than chance can give")
        )
        return f"{said}: {verdict}. A right guess can come from sensation, side effects, or from getting better."


def blinding(*, active: Guesses, control: Guesses, level: float = 0.95) -> Blinding:
    """Blinding indices of James and Bang from guesses in both arms.

    Intervals are normal, with the delta-method variance of the multinomial counts: of each arm for Bang's, of all
    people together for James's. James's weights: 0 right, any equal weight wrong, 1 "do not know" (the weight of a
    wrong guess falls out).

    Parameters
    ----------
    active, control : Guesses
    level : float

    Raises
    ------
    Abstained
        Nobody guessed either arm, so that James's index has no agreement to look at.

    Examples
    --------
    >>> found = blinding(active=Guesses(active=82, control=25, unknown=170),
    ...                  control=Guesses(active=27, control=29, unknown=83))
    >>> round(found.james.estimate, 2), round(found.active.estimate, 2), round(found.control.estimate, 2)
    (0.75, 0.21, 0.01)
    """
    return Blinding(
        james=_james(active, control, level),
        active=_bang(active.active, active.control, active.n, level),
        control=_bang(control.control, control.active, control.n, level),
    )


def _bang(right: int, wrong: int, n: int, level: float) -> Effect:
    p, q = right / n, wrong / n
    variance = (p + q - (p - q) ** 2) / n
    return _effect(p - q, variance, n, level, _BANG)


def _james(active: Guesses, control: Guesses, level: float) -> Effect:
    counts = np.array([[active.active, active.control, active.unknown],
                       [control.active, control.control, control.unknown]], float)  # fmt: skip
    n = counts.sum()
    shares = counts / n
    if counts[:, :2].sum() == 0:
        raise Abstained("nobody guessed an arm: James's blinding index is 1 by definition and has no interval")
    value, slope = _index(shares)
    variance = float((shares * slope**2).sum() - (shares * slope).sum() ** 2) / n
    return _effect(value, variance, int(n), level, _JAMES)


def _index(p: np.ndarray) -> tuple[float, np.ndarray]:
    """Index and its derivative by each share; shares by arm (rows) and guess (columns)."""
    guessed, guess = p[:, :2].sum(1), p.sum(0)  # of each arm those who guessed; each guess over both arms
    dont = float(guess[2])
    told = 1 - dont
    wrong = float(p[0, 1] + p[1, 0])
    chance = float(guessed[0] * guess[1] + guessed[1] * guess[0])
    if chance == 0:
        raise Abstained("all who guessed are in one arm and guessed it: James's blinding index is not defined")
    # James: (1 + dont + told · (observed / expected - 1)) / 2 with observed = wrong / told, expected = chance / told²
    value = (2 * dont + told**2 * wrong / chance) / 2
    slope = np.zeros_like(p)
    for a in range(2):
        for g in range(2):
            d_chance = float(guess[1 - a] + guessed[1 - g])
            slope[a, g] = told**2 * ((a != g) / chance - wrong * d_chance / chance**2) / 2
        slope[a, 2] = 1 - told * wrong / chance
    return value, slope


def _effect(value: float, variance: float, n: int, level: float, source: Source) -> Effect:
    half = float(stats.norm.ppf(0.5 + level / 2)) * math.sqrt(max(variance, 0.0))
    return Effect(
        estimate=value,
        low=value - half,
        high=value + half,
        unit="",
        n=n,
        method="blinding index, normal interval",
        level=level,
        sources=(source,),
    )
