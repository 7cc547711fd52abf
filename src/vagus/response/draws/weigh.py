"""Draws weighed by what was measured in the person: importance weights and how many draws they leave."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vagus.dose import Protocol
from vagus.response.inputs import Drawn, StateKey
from vagus.response.state import Measured, Weighing

LEAST_DRAWS = 40.0
"""Effective draws below which nothing is weighed: tails of a 90 % interval would rest on two or fewer."""


def weigh(
    drawn: dict[StateKey, Drawn], measured: Sequence[Measured], *, protocol: Protocol
) -> tuple[np.ndarray, tuple[Measured, ...]]:
    """Weights (n_draws,) of draws by a normal likelihood of what was measured, and the measurements that they rest on.

    A prediction is the mean of a state over the cells of the sitting that are ON. Measurements of a state that is not
    predicted are left out.
    """
    told = tuple(one for one in measured if (one.state, False) in drawn)
    log_weight = 0.0
    for one in told:
        found = drawn[one.state, False].while_on(protocol)
        log_weight = log_weight - 0.5 * ((found - one.value) / one.sd) ** 2
    weights = np.exp(log_weight - np.max(log_weight))
    return np.atleast_1d(weights), told


def effective_draws(weights: np.ndarray) -> float:
    """Draws that weights (n_draws,) are worth.

    Examples
    --------
    >>> effective_draws(np.array([1.0, 1.0, 0.0, 0.0]))
    2.0
    """
    return float(weights.sum() ** 2 / (weights**2).sum())


def weighing(weights: np.ndarray, told: tuple[Measured, ...]) -> Weighing:
    """What the weights amount to, in numbers and words."""
    worth, n = effective_draws(weights), weights.size
    done = worth >= LEAST_DRAWS
    what = f"{len(told)} measured change{'s' if len(told) > 1 else ''}"
    if done:
        text = f"Draws are weighed by {what} of this person: {worth:.0f} of {n} draws are left."
    else:
        text = (
            f"{what.capitalize()} of this person would leave {worth:.0f} of {n} draws (under {LEAST_DRAWS:.0f}): the "
            "states are those without."
        )
    return Weighing(measured=told, effective_draws=worth, n_draws=n, done=done, text=text)
