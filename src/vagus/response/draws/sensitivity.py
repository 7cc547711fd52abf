"""Which constant makes the width of a state's interval."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from vagus.errors import InputError, Problem, nearest
from vagus.response.constants import constants
from vagus.response.inputs import Inputs, bands

_BINS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one constant does to the width of a state.

    Parameters
    ----------
    key : str
        Of the constant; "recruitment" is the interval of which fibers fire.
    variance_pct : float
        Part of the variance that knowing the constant would take away: Var(E[y | constant]) / Var(y), with y
        the state's rank among the draws.
    width_left_pct : float
        90 % interval that would be left on average, over the one there is.
    """

    key: str
    variance_pct: float
    width_left_pct: float

    @property
    def origin(self) -> str:
        """Where its draws come from: "posterior", "declared"; "" for what is no constant of a table."""
        one = constants().get(self.key.partition(",")[0])
        return "" if one is None else "posterior" if one.spread == "posterior" else "declared"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitivity:
    """Constants by what they do to the width of one state, the most first.

    Parameters
    ----------
    state, label, unit : str
    slow : bool
    at : float
        Time in `t_unit` at which the state was read: the end of the weeks, or where the interval is widest.
    t_unit : str
    width : float
        Of the 90 % interval there.
    shares : tuple of Share
        One for each constant that was drawn for this state or for the drive and the brain.
    unexplained_pct : float
        Part of the variance that no constant takes away by itself: constants that act together, or a declared interval
        of the state's own.
    n_draws : int
    """

    state: str
    label: str
    unit: str
    slow: bool
    at: float
    t_unit: str
    width: float
    shares: tuple[Share, ...]
    unexplained_pct: float
    n_draws: int


def shares_of(inputs: Inputs, key: str, *, slow: bool) -> Sensitivity:
    """Shares of one state from the draws of a response.

    Raises
    ------
    InputError
        There is no such state.
    """
    if (key, slow) not in inputs.drawn:
        known = [name for name, is_slow in inputs.drawn if is_slow == slow]
        raise InputError(Problem(what="no such state", found=f'"{key}"', allowed=nearest(key, known)))
    found = inputs.drawn[key, slow]
    at = found.values.shape[1] - 1 if slow else int(np.argmax(found.state.high - found.state.low))
    y = found.values[:, at]
    width = float(found.state.high[at] - found.state.low[at])
    moved = {name: values for name, values in {**inputs.parameters, **found.own}.items() if np.ptp(values) > 0}
    shares = shares_among(moved, y)
    return Sensitivity(
        state=key, label=found.state.label, unit=found.state.unit, slow=slow, at=float(found.state.t[at]),
        t_unit=found.state.t_unit, width=width, shares=tuple(shares),
        unexplained_pct=max(0.0, 100.0 - sum(one.variance_pct for one in shares)) if shares else 0.0, n_draws=y.size,
    )  # fmt: skip


def shares_among(moved: Mapping[str, np.ndarray], y: np.ndarray) -> list[Share]:
    """Shares of the variance of `y` (n_draws,) by what was drawn with it, the largest first; none without a width."""
    width = _width(y)
    shares = [_share(name, values, y, width) for name, values in moved.items()] if width > 0 else []
    return sorted(shares, key=lambda one: -one.variance_pct)


def _share(key: str, x: np.ndarray, y: np.ndarray, width: float) -> Share:
    """Share of variance between bins of equal number, what chance alone would give taken off; ranks tame long tails."""
    order = np.argsort(x, kind="stable")
    rank = np.argsort(np.argsort(y, kind="stable"), kind="stable").astype(float)
    bins = np.array_split(order, _BINS)
    within = np.mean([rank[one].var(ddof=1) for one in bins])
    explained_pct = 100 * float(np.clip(1 - within / rank.var(ddof=1), 0.0, 1.0))
    left = float(np.mean([_width(y[one]) for one in bins]))
    return Share(key=key, variance_pct=explained_pct, width_left_pct=100 * left / width)


def _width(y: np.ndarray) -> float:
    found = bands(y[:, None])
    return float(found["high"][0] - found["low"][0])
