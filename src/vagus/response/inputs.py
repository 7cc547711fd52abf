"""What all states of one call share, and how draws become a state."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from vagus.dose import Protocol
from vagus.fiber import Recruitment
from vagus.response import brain
from vagus.response.constants import Constant
from vagus.response.state import LEVEL, Species, State, TimeUnit
from vagus.source import Source

_N_SHOWN = 600
# beside an interval, less than this share of it is rounding
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Inputs:
    """Recruitment, protocol and draws that the states of one call are made from."""

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
) -> State:
    """State from draws: (n_draws, n) on the cells' ends, thinned, or on `days`; (n_draws,) for the whole sitting."""
    t, t_unit, values = _timed(inputs, values, days)
    low, median, high = np.quantile(values, [(1 - LEVEL) / 2, 0.5, (1 + LEVEL) / 2], axis=0)
    zero = (np.abs(median) <= _ROUNDING * (high - low)) & (low <= 0) & (high >= 0)
    return State(
        key=key,
        label=label,
        unit=unit,
        t=t,
        t_unit=t_unit,
        median=np.where(zero, 0.0, median) + 0.0,  # + 0.0: no "-0"
        low=low + 0.0,
        high=high + 0.0,
        species=inputs.species,
        calibrated_on=calibrated_on,
        sources=tuple(dict.fromkeys((*(one.origin for one in used), *more, *inputs.recruitment.sources))),
    )


def _timed(inputs: Inputs, values: np.ndarray, days: np.ndarray | None) -> tuple[np.ndarray, TimeUnit, np.ndarray]:
    """Times, their unit, and the values at them."""
    if days is not None:
        return days, "d", values
    t_s = inputs.start_s + inputs.width_s
    t_unit: TimeUnit = "min" if t_s[-1] > 300 else "s"
    per_unit = 60 if t_unit == "min" else 1
    if values.ndim == 1:  # no time course is known
        return np.array([0.0, t_s[-1] / per_unit]), t_unit, np.repeat(values[:, None], 2, axis=1)
    stride = -(-t_s.size // _N_SHOWN)
    keep = np.arange(stride - 1, t_s.size, stride)
    # everything is at rest when the sitting begins
    rest = np.zeros((values.shape[0], 1))
    return np.append(0.0, t_s[keep] / per_unit), t_unit, np.concatenate([rest, values[:, keep]], axis=1)
