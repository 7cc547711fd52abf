"""Cytokines after an endotoxin challenge, with less TNF made where the vagal arm acts.

    e' = −e/τ            endotoxin, 1 at time 0
    x' = (e − x)/τ       y' = (x − y)/τ                    signal in the cells that release cytokines
    n' = ((1 − v) y − n)/τ_n                               TNF
    s' = ((1 − w₆) y + w₆ n − s)/τ₆                    IL-6
    i' = ((1 − w₁₀) y + w₁₀ n − i)/τ₁₀                 IL-10

v is what the vagal arm takes from the release of TNF; y and n have the same area where v is 0. The system
is linear, so TNF falls by v at every time; IL-6 and IL-10 follow by their share. The brake of IL-10 on TNF, tolerance
and the dose of endotoxin are not in it. Levels are in % of the peak without stimulation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vagus.response.constants import constant, draw
from vagus.response.exact import transition

KEYS = ("signal_tau_min", "tnf_tau_min", "il6_tau_min", "il10_tau_min", "il6_by_tnf", "il10_by_tnf")
HORIZON_MIN, STEP_MIN = 480.0, 2.0
TNF, IL6, IL10 = 3, 4, 5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CascadeDraws:
    """Constants of the cascade, (n_draws,) each; names and units as in the table `immune`."""

    signal_tau_min: np.ndarray
    tnf_tau_min: np.ndarray
    il6_tau_min: np.ndarray
    il10_tau_min: np.ndarray
    il6_by_tnf: np.ndarray
    il10_by_tnf: np.ndarray


def draw_cascade(*, rng: np.random.Generator, n_draws: int) -> CascadeDraws:
    """Seeded draws of all constants of the cascade."""
    return CascadeDraws(**{key: draw(constant(key), rng=rng, n_draws=n_draws) for key in KEYS})


def cascade(cut: np.ndarray, draws: CascadeDraws, *, step_min: float = STEP_MIN) -> np.ndarray:
    """States (n_draws, n, 6) at 0, `step_min`, ... 480 min: endotoxin, two steps of the signal, TNF, IL-6, IL-10.

    In units of the drive; exact at each time, whatever the step.

    Parameters
    ----------
    cut : (n_draws,) array
        Share of the release of TNF that the vagal arm takes away; negative adds.
    draws : CascadeDraws
    step_min : float

    Examples
    --------
    Where nothing is cut, TNF peaks 1.6 h after the challenge.

    >>> medians = CascadeDraws(**{key: np.array([constant(key).value]) for key in KEYS})
    >>> int(cascade(np.zeros(1), medians)[0, :, TNF].argmax() * STEP_MIN)
    98
    """
    system = np.zeros((cut.size, 6, 6))
    for k in range(3):
        system[:, k, k] = -1 / draws.signal_tau_min
        if k:
            system[:, k, k - 1] = 1 / draws.signal_tau_min
    system[:, TNF, TNF] = -1 / draws.tnf_tau_min
    system[:, TNF, 2] = (1 - cut) / draws.tnf_tau_min
    # release and TNF have the same area without a cut: each low-pass has a gain of 1
    for at, tau, part in (
        (IL6, draws.il6_tau_min, draws.il6_by_tnf),
        (IL10, draws.il10_tau_min, draws.il10_by_tnf),
    ):
        system[:, at, at] = -1 / tau
        system[:, at, 2] = (1 - part) / tau
        system[:, at, TNF] = part / tau
    advance = transition(system * step_min)
    state = np.zeros((cut.size, 6))
    state[:, 0] = 1.0
    out = np.empty((cut.size, round(HORIZON_MIN / step_min) + 1, 6))
    out[:, 0] = state
    for i in range(1, out.shape[1]):
        state = np.matmul(advance, state[:, :, None])[:, :, 0]
        out[:, i] = state
    return out
