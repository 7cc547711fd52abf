"""Brain under vagal drive, first order: NTS relay, LC, NE; and over days LC, alpha1 tone, DRN, 5-HT.

Fast, within a sitting (u: relative drive, g: gain of the cycle, one step per cycle):

    a' = (u − a) / τ_nts              nts = u − κ a
    L' = (g u − κ a_g − L) / τ_lc     a_g: the same adaptation under g u
    N' = (L − N) / τ_ne
    g(c) = 1 + B (1 − exp(−c / c0))   c: cycles done; B such that g(4) is the ratio of cycle 5 to cycle 1

Slow, over the weeks (ū: mean over duty cycle and day of what L follows):

    A' = (ū − A) / τ_lc,slow    P' = (A − P) / τ_α1    D' = (P − D) / τ_drn    S' = (D − S) / τ_5ht

All systems are linear with input constant over a step, so each step is exact (matrix exponential); the mean over a
duty cycle passes a linear system unchanged, so the slow system sees exactly what the fast one would give on average.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.linalg import expm

from vagus.response.constants import constant, draw

Lesion = Literal["none", "ne"]
KEYS = (
    "nts_adaptation", "nts_tau_s", "lc_tau_s", "lc_buildup_ratio", "lc_buildup_cycles", "ne_tau_s",
    "lc_slow_tau_d", "alpha1_tau_d", "drn_tau_d", "serotonin_tau_d",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BrainDraws:
    """Constants of the brain, (n_draws,) each; names and units as in the table `brain`."""

    nts_adaptation: np.ndarray
    nts_tau_s: np.ndarray
    lc_tau_s: np.ndarray
    lc_buildup_ratio: np.ndarray
    lc_buildup_cycles: np.ndarray
    ne_tau_s: np.ndarray
    lc_slow_tau_d: np.ndarray
    alpha1_tau_d: np.ndarray
    drn_tau_d: np.ndarray
    serotonin_tau_d: np.ndarray


def draw_brain(*, rng: np.random.Generator, n_draws: int) -> BrainDraws:
    """Seeded draws of all constants of the brain."""
    return BrainDraws(**{key: draw(constant(key), rng=rng, n_draws=n_draws) for key in KEYS})


def median_brain() -> BrainDraws:
    """Medians of all constants, as one draw."""
    return BrainDraws(**{key: np.array([constant(key).value]) for key in KEYS})


def buildup(cycles_done: np.ndarray, draws: BrainDraws) -> np.ndarray:
    """Gain of the LC after so many cycles (n,) of a sitting: (n_draws, n), 1 in the first cycle.

    Examples
    --------
    >>> buildup(np.array([0.0, 4.0]), median_brain()).round(6).tolist()
    [[1.0, 2.0]]
    """
    rate = 1 / draws.lc_buildup_cycles[:, None]
    top = (draws.lc_buildup_ratio[:, None] - 1) / -np.expm1(-4 * rate)
    return 1 - top * np.expm1(-np.asarray(cycles_done)[None, :] * rate)


def fast_states(
    u: np.ndarray, gain: np.ndarray, *, width_s: float, draws: BrainDraws
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """NTS, LC and NE at the end of each time cell, (n_draws, n) each, from rest.

    Parameters
    ----------
    u : (n_draws, n) array
        Relative drive, constant within a cell.
    gain : (n_draws, n) array
        Gain of the LC in each cell (`buildup`).
    width_s : float
        Width of a cell, s.
    """
    kappa = draws.nts_adaptation
    n_draws, n = u.shape
    step, push = _exact_step(_fast_matrix(draws), draws, width_s)
    fade = np.exp(-width_s / draws.nts_tau_s)
    forced = gain * u
    state, relay = np.zeros((n_draws, 3)), np.zeros(n_draws)
    nts, lc, ne = (np.empty((n_draws, n)) for _ in range(3))
    for i in range(n):
        relay = u[:, i] + (relay - u[:, i]) * fade
        state = np.einsum("dij,dj->di", step, state) + push * forced[:, i, None]
        nts[:, i] = u[:, i] - kappa * relay
        lc[:, i], ne[:, i] = state[:, 1], state[:, 2]
    return nts, lc, ne


def _fast_matrix(draws: BrainDraws) -> np.ndarray:
    """System of adaptation, LC and NE, (n_draws, 3, 3), 1/s."""
    system = np.zeros((draws.lc_tau_s.size, 3, 3))
    system[:, 0, 0] = -1 / draws.nts_tau_s
    system[:, 1, 0] = -draws.nts_adaptation / draws.lc_tau_s
    system[:, 1, 1] = -1 / draws.lc_tau_s
    system[:, 2, 1] = 1 / draws.ne_tau_s
    system[:, 2, 2] = -1 / draws.ne_tau_s
    return system


def _exact_step(system: np.ndarray, draws: BrainDraws, width_s: float) -> tuple[np.ndarray, np.ndarray]:
    """Transition (n_draws, 3, 3) and effect of an input of 1 held for a step (n_draws, 3)."""
    whole = np.zeros((system.shape[0], 4, 4))
    whole[:, :3, :3] = system
    whole[:, 0, 3] = 1 / draws.nts_tau_s
    whole[:, 1, 3] = 1 / draws.lc_tau_s
    advance = expm(whole * width_s)
    return np.ascontiguousarray(advance[:, :3, :3]), np.ascontiguousarray(advance[:, :3, 3])


def steady_fast(u: np.ndarray, draws: BrainDraws) -> np.ndarray:
    """NTS, LC and NE (all equal) after long constant drive `u` (n_draws,) in the first cycle: u (1 − κ)."""
    return u * (1 - draws.nts_adaptation)


def mean_gain(sitting_s: float, cycle_s: float, draws: BrainDraws) -> np.ndarray:
    """Gain of the LC averaged over the cycles of a sitting, (n_draws,); a cut-off cycle counts as far as it goes."""
    n_whole = int(np.floor(sitting_s / cycle_s + 1e-9))
    rest = max(sitting_s / cycle_s - n_whole, 0.0)
    weight = np.append(np.ones(n_whole), rest if rest > 1e-9 else 0.0)
    return buildup(np.arange(n_whole + 1), draws) @ weight / weight.sum()


def slow_states(
    mean_drive: np.ndarray, days: np.ndarray, *, draws: BrainDraws, lesion: Lesion = "none"
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """LC, DRN and 5-HT over the weeks, (n_draws, n) each, from rest.

    Parameters
    ----------
    mean_drive : (n_draws,) array
        What the LC follows, averaged over duty cycle and day.
    days : (n,) array
        Times, d, equally spaced, the first 0.
    lesion : {"none", "ne"}
        "ne": norepinephrine neurons destroyed; nothing passes from LC to DRN (Manta 2009, DSP-4).
    """
    n_draws, n = mean_drive.size, days.size
    taus = (draws.lc_slow_tau_d, draws.alpha1_tau_d, draws.drn_tau_d, draws.serotonin_tau_d)
    whole = np.zeros((n_draws, 5, 5))
    for i, tau in enumerate(taus):
        whole[:, i, i] = -1 / tau
        whole[:, i, 4 if i == 0 else i - 1] = 1 / tau
    if lesion == "ne":
        whole[:, 1, 0] = 0.0
    advance = expm(whole * (days[1] - days[0] if n > 1 else 0.0))
    state = np.zeros((n_draws, 5))
    state[:, 4] = mean_drive
    kept = np.zeros((n_draws, n, 3))
    for i in range(1, n):
        state = np.matmul(advance, state[:, :, None])[:, :, 0]
        kept[:, i] = state[:, [0, 2, 3]]
    lc, drn, serotonin = (kept[:, :, j] for j in range(3))
    return (np.zeros_like(lc) if lesion == "ne" else lc), drn, serotonin
