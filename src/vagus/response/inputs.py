"""What all states of one call share, and how draws become a state."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from vagus.dose import Protocol
from vagus.fiber import Recruitment
from vagus.response import brain
from vagus.response.constants import Constant
from vagus.response.state import INNER_LEVEL, LEVEL, SECONDS, Species, State, TimeUnit, is_on
from vagus.source import Source

StateKey = tuple[str, bool]
"""Key of a state, and whether it is one of the slow ones."""

_N_SHOWN = 600
# beside an interval, less than this share of it is rounding
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drawn:
    """A state and the draws that it sums up.

    Parameters
    ----------
    state : State
    values : (n_draws, n) array
    own : mapping of str to (n_draws,) array
        Constants that this state alone was drawn with, by key.
    of_study : (n_draws, n) array or None
        Part of `values` that is the error of one group of people, not of the expected effect.
    """

    state: State
    values: np.ndarray
    own: Mapping[str, np.ndarray]
    of_study: np.ndarray | None = None

    def while_on(self, protocol: Protocol) -> np.ndarray:
        """Mean of each draw over the cells that are ON, (n_draws,); over all where none is ON throughout."""
        on = is_on(self.state, protocol)
        return self.values[:, on if on.any() else slice(None)].mean(axis=1)

    def weighed(self, weights: np.ndarray) -> State:
        """The state with draws that count by their weights (n_draws,)."""
        return dataclasses.replace(self.state, **bands(self.values, weights))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Inputs:
    """Recruitment, protocol and draws that the states of one call are made from.

    Two of its fields fill up while states are made: `parameters`, what was drawn by the constant's key (who draws
    notes it there), and `drawn`, the draws of each state (`state_of` notes them).
    """

    recruitment: Recruitment
    protocol: Protocol
    species: Species
    n_draws: int
    start_s: np.ndarray
    width_s: float
    afferent: np.ndarray
    efferent_hz: np.ndarray
    keys: tuple[str, ...]
    draws: brain.BrainDraws
    translation: np.ndarray
    lesion: brain.Lesion
    duty_scale: np.ndarray
    opens_s: np.ndarray | None = None
    parameters: dict[str, np.ndarray] = field(default_factory=dict)
    drawn: dict[StateKey, Drawn] = field(default_factory=dict)

    @property
    def on_share(self) -> np.ndarray:
        """Envelope of the output averaged over each cell, (n,)."""
        t_s = self.start_s[:, None] + (np.arange(8) + 0.5)[None, :] * (self.width_s / 8)
        return self.protocol.is_on(t_s).mean(axis=1)


def state_of(
    inputs: Inputs,
    values: np.ndarray,
    *,
    key: str,
    label: str,
    unit: str,
    used: Iterable[Constant],
    calibrated_on: str,
    days: np.ndarray | None = None,
    more: tuple[Source, ...] = (),
    own: Mapping[str, np.ndarray] | None = None,
    of_study: np.ndarray | None = None,
    beyond: str = "",
) -> State:
    """State from draws: (n_draws, n) on the cells' ends, thinned, or on `days`; (n_draws,) for the whole sitting.

    Its draws are noted in `inputs.drawn` with the constants that it alone was drawn with (`own`) and the part that is
    one study's error (`of_study`, shaped as `values`); a constant of an animal among `used` marks a person's state as
    carried over.
    """
    study = None if of_study is None else _timed(inputs, of_study, days)[2]
    t, t_unit, values = _timed(inputs, values, days)
    constants = tuple(used)
    state = State(
        key=key,
        label=label,
        unit=unit,
        t=t,
        t_unit=t_unit,
        **bands(values),
        species=inputs.species,
        calibrated_on=calibrated_on,
        sources=tuple(dict.fromkeys((*(one.origin for one in constants), *more, *inputs.recruitment.sources))),
        carried_over=inputs.species == "human" and any(one.of_animals for one in constants),
        beyond=beyond,
    )
    inputs.drawn[key, t_unit == "d"] = Drawn(state=state, values=values, own=own or {}, of_study=study)
    return state


def bands(values: np.ndarray, weights: np.ndarray | None = None) -> dict[str, np.ndarray]:
    """Median, 90 and 50 % interval of draws (n_draws, n), which may count by weights (n_draws,); each (n,).

    Examples
    --------
    >>> found = bands(np.arange(101.0)[:, None])
    >>> [round(float(found[name][0]), 6) for name in ("low", "low_50", "median", "high_50", "high")]
    [5.0, 25.0, 50.0, 75.0, 95.0]
    """
    levels = [(1 - LEVEL) / 2, (1 - INNER_LEVEL) / 2, 0.5, (1 + INNER_LEVEL) / 2, (1 + LEVEL) / 2]
    found = np.quantile(values, levels, axis=0) if weights is None else _weighed(values, weights, levels)
    low, low_50, median, high_50, high = found
    zero = (np.abs(median) <= _ROUNDING * (high - low)) & (low <= 0) & (high >= 0)
    median = np.where(zero, 0.0, median)
    named = {
        "low": low, "low_50": np.minimum(low_50, median), "median": median, "high_50": np.maximum(high_50, median),
        "high": high,
    }  # fmt: skip
    return {name: one + 0.0 for name, one in named.items()}  # + 0.0: no "-0"


def _weighed(values: np.ndarray, weights: np.ndarray, levels: list[float]) -> np.ndarray:
    """Quantiles (n_levels, n) of draws (n_draws, n) that count by weights; each stands in the middle of its weight."""
    order = np.argsort(values, axis=0)
    mass = weights[order] / weights.sum()
    middle = np.cumsum(mass, axis=0) - mass / 2
    ranked = np.take_along_axis(values, order, axis=0)
    return np.stack([np.interp(levels, middle[:, k], ranked[:, k]) for k in range(values.shape[1])], axis=1)


def _timed(inputs: Inputs, values: np.ndarray, days: np.ndarray | None) -> tuple[np.ndarray, TimeUnit, np.ndarray]:
    """Times, their unit, and the values at them."""
    if days is not None:
        return days, "d", values
    t_s = inputs.start_s + inputs.width_s
    t_unit: TimeUnit = "min" if t_s[-1] > 300 else "s"
    per_unit = SECONDS[t_unit]
    if values.ndim == 1:  # no time course is known
        return np.array([0.0, t_s[-1] / per_unit]), t_unit, np.repeat(values[:, None], 2, axis=1)
    stride = -(-t_s.size // _N_SHOWN)
    keep = np.arange(stride - 1, t_s.size, stride)
    # everything is at rest when the sitting begins
    rest = np.zeros((values.shape[0], 1))
    return np.append(0.0, t_s[keep] / per_unit), t_unit, np.concatenate([rest, values[:, keep]], axis=1)
