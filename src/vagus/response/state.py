"""What brain and body are expected to do: states over time, each with unit, interval and source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from types import MappingProxyType
from typing import Literal

import numpy as np

from vagus.dose import Protocol
from vagus.dose.ranges import outside
from vagus.errors import InputError, ModelRange, Problem, nearest
from vagus.source import Effect, Source

Species = Literal["human", "rat"]
TimeUnit = Literal["s", "min", "d"]
SECONDS: Mapping[TimeUnit, float] = MappingProxyType({"s": 1.0, "min": 60.0, "d": 86400.0})
LEVEL, INNER_LEVEL = 0.90, 0.50
"""Levels of the outer and the inner interval of each state."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class State:
    """One state of a body model over time, as a median with a 50 and a 90 % interval.

    Parameters
    ----------
    key : str
        Short name for code: "lc", "ne", "hr_change".
    label : str
        Name for people.
    unit : str
        What a value of 1 means, in words or as a unit symbol.
    t : (n,) array
        Times, rising, in `t_unit` from the start of the first sitting.
    t_unit : {"s", "min", "d"}
        "s" and "min": within the first sitting. "d": over the weeks of the course.
    median, low, high : (n,) array
        Median and the bounds of the 90 % interval.
    low_50, high_50 : (n,) array
        Bounds of the 50 % interval.
    species : {"human", "rat"}
    calibrated_on : str
        Species and data that the constants come from, in words.
    sources : tuple of Source
    carried_over : bool
        Constants fitted to animals are used for people: order and time course at best, never a size.
    beyond : str
        Why the state lies outside what was measured; "" where it does not.

    Raises
    ------
    InputError
        Lengths differ, a value is not finite, times do not rise, or the median or the 50 % interval lies outside the
        90 % interval.
    """

    key: str
    label: str
    unit: str
    t: np.ndarray
    t_unit: TimeUnit
    median: np.ndarray
    low: np.ndarray
    high: np.ndarray
    low_50: np.ndarray
    high_50: np.ndarray
    species: Species
    calibrated_on: str
    sources: tuple[Source, ...] = ()
    carried_over: bool = False
    beyond: str = ""

    def __post_init__(self) -> None:
        names = ("t", "median", "low", "high", "low_50", "high_50")
        for name in names:
            array = np.array(getattr(self, name), dtype=np.float64)
            array.setflags(write=False)
            object.__setattr__(self, name, array)
        where = f"state {self.key}"
        arrays = [getattr(self, name) for name in names]
        sizes = {array.shape for array in arrays}
        if len(sizes) != 1 or self.t.ndim != 1 or self.t.size == 0:
            raise InputError(
                Problem(
                    what="times and values do not fit together",
                    where=where,
                    found=", ".join(str(s) for s in sorted(sizes)),
                    allowed=f"{', '.join(names)} of one length, at least 1",
                )
            )
        if not all(np.isfinite(a).all() for a in arrays):
            raise InputError(Problem(what="a value is not finite", where=where, allowed="finite numbers"))
        if np.any(np.diff(self.t) <= 0):
            raise InputError(Problem(what="times do not rise", where=where, allowed="rising times"))
        ladder = (self.low, self.low_50, self.median, self.high_50, self.high)
        if any(np.any(below > above) for below, above in pairwise(ladder)):
            raise InputError(
                Problem(
                    what="median or inner interval outside its interval",
                    where=where,
                    allowed="low <= low_50 <= median <= high_50 <= high everywhere",
                )
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A change that was measured in one sitting of this person.

    Parameters
    ----------
    state : str
        Key of the fast state that predicts it ("hr_change").
    value : float
        In the unit of the state.
    sd : float
        Error of the measurement (SD), in the same unit.
    text : str
        Where it was measured.

    Raises
    ------
    InputError
        A number is not finite, or the error is not above 0.
    """

    state: str
    value: float
    sd: float
    text: str = ""

    def __post_init__(self) -> None:
        if not (np.isfinite(self.value) and np.isfinite(self.sd) and self.sd > 0):
            raise InputError(
                Problem(
                    what="a measured change needs a value and an error", where=self.text or self.state,
                    found=f"{self.value:g} ± {self.sd:g}", allowed="finite numbers, the error above 0",
                )
            )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighing:
    """What measurements did to the draws.

    Parameters
    ----------
    measured : tuple of Measured
        What the draws were weighed by.
    effective_draws : float
        Draws that the weights are worth: (Σw)² / Σw².
    n_draws : int
    done : bool
        False: too few draws were left, so the states are those without the person's measurements.
    text : str
        One sentence.
    """

    measured: tuple[Measured, ...]
    effective_draws: float
    n_draws: int
    done: bool
    text: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Response:
    """States of brain and heart that a dose is expected to bring about.

    Parameters
    ----------
    states : tuple of State
        Fast ones (`t_unit` "s" or "min": first sitting) and slow ones ("d": the weeks). A key stands once for each
        time scale.
    species : {"human", "rat"}
    level : float
        Level of the outer intervals.
    caveat : str
        What must be said wherever a state is shown.
    method : str
        How the intervals were made, in words.
    weighing : Weighing or None
        What measurements of this person did to the draws; None where none were given.
    not_told : mapping of str to str
        Slow states that are left out, by key, with the reason.
    """

    states: tuple[State, ...]
    species: Species
    level: float = LEVEL
    caveat: str
    method: str
    weighing: Weighing | None = None
    not_told: Mapping[str, str] = field(default_factory=dict)

    @property
    def fast(self) -> tuple[State, ...]:
        """States over the first sitting."""
        return tuple(state for state in self.states if state.t_unit != "d")

    @property
    def slow(self) -> tuple[State, ...]:
        """States over the weeks."""
        return tuple(state for state in self.states if state.t_unit == "d")

    def state(self, key: str, *, slow: bool = False) -> State:
        """State of that key, over the first sitting or (slow) over the weeks.

        Raises
        ------
        InputError
            There is no such state at that time scale.
        ModelRange
            The state is not told for this dose (`not_told`).
        """
        if slow and key in self.not_told:
            raise ModelRange(self.not_told[key])
        group = self.slow if slow else self.fast
        for state in group:
            if state.key == key:
                return state
        raise InputError(
            Problem(what="no such state", found=f'"{key}"', allowed=nearest(key, [state.key for state in group]))
        )


MOST_DRAWS = 5_000


def few_draws(n_draws: int, *, least: int = 20) -> Problem | None:
    """Problem of a number of draws that gives no 90 % interval, or more than memory holds; None where it is fine."""
    problem = outside("n_draws", n_draws, low=least, high=MOST_DRAWS, why="90 % interval; memory")
    if problem is None and not float(n_draws).is_integer():
        problem = Problem(what="n_draws is no whole number", found=f"{n_draws:g}", allowed=f"{least} to {MOST_DRAWS}")
    return problem


def is_on(state: State, protocol: Protocol) -> np.ndarray:
    """Whether output was full throughout the cell that ends at each time of a fast state, (n,) of bool."""
    # a value belongs to the cell that ends at its time
    before_s = state.t * SECONDS[state.t_unit] - 1e-6
    return protocol.is_on(before_s) > 0.999


def at_end(state: State, protocol: Protocol) -> Effect:
    """Value of a state at the end: of the last full output shown (fast), or of the weeks (slow).

    Parameters
    ----------
    state : State
    protocol : dose.Protocol
        The one that the state was made with.

    Returns
    -------
    Effect
        In the state's unit; `n` is 0: nothing was observed.
    """
    last, method = state.t.size - 1, "end of the weeks"
    if state.t_unit != "d":
        method = "end of the last ON period of the sitting that is shown"
        full = np.flatnonzero(is_on(state, protocol))
        last = int(full[-1]) if full.size and state.t.size > 2 else last
    return Effect(
        estimate=float(state.median[last]),
        low=float(state.low[last]),
        high=float(state.high[last]),
        unit=state.unit,
        n=0,
        method=method,
        level=LEVEL,
        sources=state.sources,
    )
