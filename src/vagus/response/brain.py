"""Brain under vagal drive, first order: NTS relay, LC, NE; and over days LC, alpha1 tone, DRN, 5-HT.

Fast, within a sitting (u: relative drive, g: gain of the cycle, one step per cycle):

    a' = (u − a) / τ_nts              nts = u − κ a
    L' = (g u − κ a_g − L) / τ_lc     a_g: the same adaptation under g u
    N' = (L − N) / τ_ne
    g(c) = 1 + B (1 − exp(−c / c0))   c: cycles done; B such that g(4) is the ratio of cycle 5 to cycle 1

Slow, over the weeks (ū: mean over duty cycle and day of what L follows):

    A' = (ū − A) / τ_lc,slow    P' = (A₁ h(A / A₁) − P) / τ_α1    D' = (P − D) / τ_drn    S' = (D − S) / τ_5ht
    h(r) = r^n / (r^n + r½^n)     A₁: where A comes to rest under the standard duty cycle, 30 s ON, 300 s OFF, all day

What passes on to the DRN is all or none in the duty cycle (Manta 2012). All else is linear with input constant over a
step, so each step is exact (matrix exponential); the mean over a duty cycle passes a linear system unchanged, so the
slow LC sees exactly what the fast one would give on average. Behind h the steps are fine until the LC has settled.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from vagus.response.constants import constant, draw
from vagus.response.exact import transition

Lesion = Literal["none", "ne"]
KEYS = (
    "nts_adaptation",
    "nts_tau_s",
    "lc_tau_s",
    "lc_buildup_ratio",
    "lc_buildup_cycles",
    "ne_tau_s",
    "lc_slow_tau_d",
    "alpha1_tau_d",
    "drn_tau_d",
    "serotonin_tau_d",
    "drn_duty_half",
    "drn_duty_power",
)
STANDARD_ON_S, STANDARD_OFF_S, DAY_S = 30.0, 300.0, 86400.0
MOST_ADAPTED = 0.95  # a share of 1 would leave no drive at all
SUBSTEP_D, SETTLED_D = 1 / 32, 14.0  # the slow LC rests after 14 d for every time constant in the table  # fmt: skip


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
    drn_duty_half: np.ndarray
    drn_duty_power: np.ndarray


def draw_brain(*, rng: np.random.Generator, n_draws: int) -> BrainDraws:
    """Seeded draws of all constants of the brain; of the relay's drive at most `MOST_ADAPTED` adapts away."""
    drawn = {key: draw(constant(key), rng=rng, n_draws=n_draws) for key in KEYS}
    return BrainDraws(**{**drawn, "nts_adaptation": np.minimum(drawn["nts_adaptation"], MOST_ADAPTED)})


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
    advance = transition(whole * width_s)
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


def standard_drive(full: np.ndarray, draws: BrainDraws) -> np.ndarray:
    """What the LC follows on average under the standard duty cycle all day, for a drive `full` while ON, (n_draws,)."""
    cycle_s = STANDARD_ON_S + STANDARD_OFF_S
    return steady_fast(full, draws) * mean_gain(DAY_S, cycle_s, draws) * STANDARD_ON_S / cycle_s


def passed_on(lc: np.ndarray, standard: np.ndarray, *, draws: BrainDraws) -> np.ndarray:
    """What of the slow LC (n_draws,) passes on to the DRN, given where it rests under the standard duty cycle.

    Examples
    --------
    30 s every 5.5, 10, 15 and 30 min, as shares of the standard duty cycle.

    >>> duty = np.array([330.0 / 330, 330 / 600, 330 / 900, 330 / 1800])
    >>> [float(passed_on(np.array([r]), np.ones(1), draws=median_brain())[0].round(2)) for r in duty]
    [1.0, 0.99, 0.92, 0.08]
    """
    ratio = np.divide(lc, standard, out=np.zeros_like(lc), where=standard > 0)
    risen = ratio**draws.drn_duty_power
    return standard * risen / (risen + draws.drn_duty_half**draws.drn_duty_power)


def slow_states(
    mean_drive: np.ndarray, days: np.ndarray, *, standard: np.ndarray, draws: BrainDraws, lesion: Lesion = "none"
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """LC, DRN and 5-HT over the weeks, (n_draws, n) each, from rest.

    Parameters
    ----------
    mean_drive : (n_draws,) array
        What the LC follows, averaged over duty cycle and day.
    days : (n,) array
        Times, d, equally spaced, the first 0.
    standard : (n_draws,) array
        `mean_drive` of the standard duty cycle (`standard_drive`).
    lesion : {"none", "ne"}
        "ne": norepinephrine neurons destroyed; nothing passes from LC to DRN (Manta 2009, DSP-4).
    """
    n_draws, n = mean_drive.size, days.size
    lc, kept = np.zeros((n_draws, n)), np.zeros((n_draws, n, 2))
    if lesion == "ne" or n < 2:
        return lc, kept[:, :, 0], kept[:, :, 1]
    width_d = float(days[1] - days[0])
    fine = max(1, int(np.ceil(width_d / SUBSTEP_D)))
    late = _late_matrix(draws)
    advance = {parts: transition(late * (width_d / parts)) for parts in (1, fine)}
    state = np.zeros((n_draws, 4))
    lc = -mean_drive[:, None] * np.expm1(-days[None, :] / draws.lc_slow_tau_d[:, None])
    for i in range(1, n):
        parts = fine if days[i - 1] < SETTLED_D else 1
        for part in range(parts):
            middle_d = days[i - 1] + (part + 0.5) * width_d / parts
            now = -mean_drive * np.expm1(-middle_d / draws.lc_slow_tau_d)
            state[:, 3] = passed_on(now, standard, draws=draws)
            state = np.matmul(advance[parts], state[:, :, None])[:, :, 0]
        kept[:, i] = state[:, 1:3]
    return lc, kept[:, :, 0], kept[:, :, 1]


def _late_matrix(draws: BrainDraws) -> np.ndarray:
    """System of alpha1 tone, DRN and 5-HT with its input as a fourth, (n_draws, 4, 4), 1/d."""
    whole = np.zeros((draws.drn_tau_d.size, 4, 4))
    for i, tau in enumerate((draws.alpha1_tau_d, draws.drn_tau_d, draws.serotonin_tau_d)):
        whole[:, i, i] = -1 / tau
        whole[:, i, 3 if i == 0 else i - 1] = 1 / tau
    return whole
