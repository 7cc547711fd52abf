"""What a forecast is made of: rates of arms, chances of one person, bands of totals, how often intervals held."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vagus import tables
from vagus.outcome.forecast.arms import Arm, ArmChange, ArmCount
from vagus.outcome.synthesis.rows import Event, Excluded
from vagus.source import Source

_Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmRate:
    """Rate expected in one arm of a further trial, with 50 and 90 % intervals.

    Parameters
    ----------
    arm : {"active", "sham", "open"}
    event : {"response", "remission"}
    at_weeks : float
        Week it is for; never later than the latest that a trial told for this arm.
    median_pct, low_90_pct, low_50_pct, high_50_pct, high_90_pct : float
    n_trials, n_people : int
        Trials and people behind this arm; follow-ups of the same people count once.
    """

    arm: Arm
    event: Event
    at_weeks: float
    median_pct: float
    low_90_pct: float
    low_50_pct: float
    high_50_pct: float
    high_90_pct: float
    n_trials: int
    n_people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmChance:
    """Probability that one person's total is a response (or remission) at the horizon, in one arm.

    Parameters
    ----------
    arm : {"active", "sham"}
    event : {"response", "remission"}
    chance_pct : float
        With the own scores.
    low_90_pct, low_50_pct, high_50_pct, high_90_pct : float
        Where that probability lies, by what is not known of rates and people.
    before_pct : float
        From trials and the first total alone.
    """

    arm: Arm
    event: Event
    chance_pct: float
    low_90_pct: float
    low_50_pct: float
    high_50_pct: float
    high_90_pct: float
    before_pct: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmBand:
    """Totals ahead of one person in one arm: median with 50 and 90 % intervals, measurement error included.

    Parameters
    ----------
    arm : {"active", "sham"}
    at_weeks : array, shape (n,)
        Weeks since the start, from the last visit to the horizon.
    median_points, low_90_points, low_50_points, high_50_points, high_90_points : array, shape (n,)
    level_points, level_low_points, level_high_points : float
        Total at the last visit without measurement error, 90 % interval.
    slope_points_per_week, slope_low_points_per_week, slope_high_points_per_week : float
        Mean change of it from the last visit to the horizon, 90 % interval.
    """

    arm: Arm
    at_weeks: _Array
    median_points: _Array
    low_90_points: _Array
    low_50_points: _Array
    high_50_points: _Array
    high_90_points: _Array
    level_points: float
    level_low_points: float
    level_high_points: float
    slope_points_per_week: float
    slope_low_points_per_week: float
    slope_high_points_per_week: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """How often intervals of forecasts held, in simulation or with a trial left out.

    Parameters
    ----------
    key : str
    what : str
        What was foretold, in words.
    n : int
        Forecasts.
    held_90_pct, held_50_pct : float
        Percent of 90 and of 50 % intervals that held the truth.
    source : Source
        How it was worked out.
    """

    key: str
    what: str
    n: int
    held_90_pct: float
    held_50_pct: float
    source: Source

    @property
    def text(self) -> str:
        """One sentence."""
        return (
            f"{self.what}: 90 % intervals held in {self.held_90_pct:.0f} %, 50 % intervals in {self.held_50_pct:.0f} % "
            f"of {self.n}."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What to expect at a week: rates by arm from trials, and, where it is told, one person's chances and totals.

    Active and sham always stand side by side. Nothing in it asks for a change of treatment.

    Parameters
    ----------
    indication, route : str
    horizon_weeks : float
        Weeks after the start.
    instrument : str
        Key of the instrument whose totals are foretold; "" where none can be.
    rates : tuple of ArmRate
        Of each arm that a trial told a rate of.
    counts : tuple of ArmCount
        Arms that these rest on.
    excluded : tuple of Excluded
        Rows that gave no response rate, with the reason.
    sham_controlled : tuple of str
        Trials with the response rate of both arms.
    silent : tuple of str
        Sham-controlled trials that told no response rate by arm, each with what became of its primary endpoint.
    changes : tuple of ArmChange
        Mean changes by arm as published; nothing is worked out from them.
    chances : tuple of ArmChance
        Empty where it abstains.
    bands : tuple of ArmBand
        Empty where it abstains.
    abstained : tuple of str
        Every reason why no probability is told for this person; empty where one is told.
    held : tuple of Held
    text, caveat : str
    sources : tuple of Source
    """

    indication: str
    route: str
    horizon_weeks: float
    instrument: str
    rates: tuple[ArmRate, ...]
    counts: tuple[ArmCount, ...]
    excluded: tuple[Excluded, ...]
    sham_controlled: tuple[str, ...]
    silent: tuple[str, ...]
    changes: tuple[ArmChange, ...]
    chances: tuple[ArmChance, ...]
    bands: tuple[ArmBand, ...]
    abstained: tuple[str, ...]
    held: tuple[Held, ...]
    text: str
    caveat: str
    sources: tuple[Source, ...] = ()

    def chance(self, arm: Arm, event: Event = "response") -> ArmChance | None:
        """Chance of one arm and event; None where it is not told."""
        return next((one for one in self.chances if (one.arm, one.event) == (arm, event)), None)


def how_often_held() -> tuple[Held, ...]:
    """How often intervals held when `benchmarks/forecast_coverage.py` was last run.

    Examples
    --------
    >>> how_often_held()[0].key
    'simulated'
    """
    return tables.rows("forecast_held", Held)
