"""What is wanted of a setting, and what a search found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from vagus.dose import Judgement, Pulse
from vagus.errors import InputError, Problem, nearest

Least = Literal["spared", "charge"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """A share of some fibers, with the least of others or with the least charge.

    Parameters
    ----------
    wanted : str
        Class of the fibers that shall fire.
    wanted_pct : float
        How many of them.
    spared : str, optional
        Class of the fibers that shall not.
    wanted_fascicle, spared_fascicle : str, optional
        Only those of one fascicle (its label).
    least : "spared" or "charge"
        What is made small; the other is the second axis of the Pareto set.

    Raises
    ------
    InputError
        A share out of range, or nothing to spare where that shall be least.

    Examples
    --------
    >>> Aim(wanted="a_beta", wanted_pct=50.0, spared="c").text
    '50 % of a_beta with the least c'
    """

    wanted: str
    wanted_pct: float
    spared: str | None = None
    wanted_fascicle: str | None = None
    spared_fascicle: str | None = None
    least: Least = "spared"

    def __post_init__(self) -> None:
        problems: list[Problem] = []
        if not 0.0 < self.wanted_pct <= 100.0:
            problems.append(
                Problem(what="wanted_pct is out of range", found=f"{self.wanted_pct}", allowed="above 0, up to 100 %")
            )
        if self.least not in get_args(Least):
            problems.append(
                Problem(what="cannot make that least", found=f'"{self.least}"',
                        allowed=nearest(str(self.least), get_args(Least)))
            )  # fmt: skip
        if self.least == "spared" and self.spared is None and self.spared_fascicle is None:
            problems.append(
                Problem(what="nothing to spare", found="no class, no fascicle", allowed='spared, or least="charge"')
            )
        if problems:
            raise InputError(problems)

    @property
    def text(self) -> str:
        """The aim in words."""
        wanted = self.wanted + (f" in fascicle {self.wanted_fascicle}" if self.wanted_fascicle else "")
        spared = (self.spared or "others") + (f" in fascicle {self.spared_fascicle}" if self.spared_fascicle else "")
        return f"{self.wanted_pct:g} % of {wanted} with the least {'charge' if self.least == 'charge' else spared}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting that reaches an aim.

    Parameters
    ----------
    weights : tuple of float
        Of each contact; the largest is 1 in size, they sum to 0.
    pulse : Pulse
        With the current that the aim needs, on the device's steps.
    wanted_pct, spared_pct : float
        Shares that fire at that current; `spared_pct` is 0 where nothing is named to spare.
    judgement : Judgement
        Every limit of that dose; none is refused.
    """

    weights: tuple[float, ...]
    pulse: Pulse
    wanted_pct: float
    spared_pct: float
    judgement: Judgement

    @property
    def charge_uc(self) -> float:
        """Charge of the first phase (µC)."""
        return self.pulse.charge_uc


@dataclass(frozen=True, slots=True, kw_only=True)
class Optimized:
    """What a search found.

    Parameters
    ----------
    aim : Aim
    best : Setting
        The least of what the aim names; of equals the one with the least of the other.
    pareto : tuple of Setting
        Settings of which none other has both less to spare and less charge, by rising charge.
    tried : tuple of Setting
        All that reach the aim and that no limit refuses.
    n_tried, n_short, n_refused : int
        Settings that were tried; that do not reach the aim up to the largest current; that a limit refuses.
    method : str
    """

    aim: Aim
    best: Setting
    pareto: tuple[Setting, ...]
    tried: tuple[Setting, ...]
    n_tried: int
    n_short: int
    n_refused: int
    method: str


def pareto_of(settings: list[Setting]) -> tuple[Setting, ...]:
    """Settings of which none other has both less to spare and less charge, by rising charge."""
    found: list[Setting] = []
    for one in sorted(settings, key=lambda s: (s.charge_uc, s.spared_pct)):
        if not found or one.spared_pct < found[-1].spared_pct - 1e-12:
            found.append(one)
    return tuple(found)
