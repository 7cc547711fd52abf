"""What brain and body are expected to do: states over time, each with unit, interval and source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from vagus.dose import Protocol
from vagus.errors import InputError, Problem, nearest
from vagus.source import Effect, Source

Species = Literal["human", "rat"]
TimeUnit = Literal["s", "min", "d"]
LEVEL = 0.90
"""Level of all intervals."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class State:
    """One state of a body model over time, as a median with its interval.

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
        Median and the bounds of the interval (`Response.level` says which).
    species : {"human", "rat"}
    calibrated_on : str
        Species and data that the constants come from, in words.
    sources : tuple of Source

    Raises
    ------
    InputError
        Lengths differ, a value is not finite, times do not rise, or the median lies outside its interval.
    """

    key: str
    label: str
    unit: str
    t: np.ndarray
    t_unit: TimeUnit
    median: np.ndarray
    low: np.ndarray
    high: np.ndarray
    species: Species
    calibrated_on: str
    sources: tuple[Source, ...] = ()

    def __post_init__(self) -> None:
        for name in ("t", "median", "low", "high"):
            array = np.array(getattr(self, name), dtype=np.float64)
            array.setflags(write=False)
            object.__setattr__(self, name, array)
        where = f"state {self.key}"
        sizes = {self.t.shape, self.median.shape, self.low.shape, self.high.shape}
        if len(sizes) != 1 or self.t.ndim != 1 or self.t.size == 0:
            raise InputError(
                Problem(
                    what="times and values do not fit together",
                    where=where,
                    found=", ".join(str(s) for s in sorted(sizes)),
                    allowed="t, median, low and high of one length, at least 1",
                )
            )
        if not all(np.isfinite(a).all() for a in (self.t, self.median, self.low, self.high)):
            raise InputError(Problem(what="a value is not finite", where=where, allowed="finite numbers"))
        if np.any(np.diff(self.t) <= 0):
            raise InputError(Problem(what="times do not rise", where=where, allowed="rising times"))
        if np.any(self.low > self.median) or np.any(self.median > self.high):
            raise InputError(
                Problem(what="median outside its interval", where=where, allowed="low <= median <= high everywhere")
            )


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
        Level of the intervals.
    caveat : str
        What must be said wherever a state is shown.
    method : str
        How the intervals were made, in words.
    """

    states: tuple[State, ...]
    species: Species
    level: float = LEVEL
    caveat: str
    method: str

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
        """
        group = self.slow if slow else self.fast
        for state in group:
            if state.key == key:
                return state
        raise InputError(
            Problem(what="no such state", found=f'"{key}"', allowed=nearest(key, [state.key for state in group]))
        )


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
        # a value belongs to the cell that ends at its time
        before_s = state.t * (60 if state.t_unit == "min" else 1) - 1e-6
        full = np.flatnonzero(protocol.is_on(before_s) > 0.999)
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
