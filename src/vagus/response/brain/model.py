"""Brain under vagal drive, first order: NTS relay, LC, NE; and over days LC, alpha1 tone, DRN, 5-HT.

Fast, within a sitting (u: relative drive, g: gain of the cycle, one step per cycle):

    a' = (u − a) / τ_nts                    nts = u − κ a
    L' = (g u − κ a_g − α N − L) / τ_lc     a_g: the same adaptation under g u; α: alpha2 self-inhibition
    N' = (L − N) / τ_ne                     release follows firing, uptake is first order
    g(c) = 1 + B (1 − exp(−c / c0))         c: cycles done; B such that g(4) is the ratio of cycle 5 to cycle 1

A train so begins with a burst (phasic) and goes on at a lower rate (tonic), as relay and alpha2 receptors let it.
Slow, over the weeks (ū: what L is on average over a duty cycle within a sitting, 0 between sittings):

    A' = (ū − A) / τ_lc,slow     P' = (A + δ A' − P) / τ_α1     D' = (A₁ h(P / A₁) − D) / τ_drn     S' = (D − S) / τ_5ht
    h(r) = r^n / (r^n + r½^n)    A₁: where A rests on average under the standard duty cycle, 30 s ON, 300 s OFF, all day
    δ: how much earlier the LC's output comes than its drive, as trains begin with a burst (`fast_lead_s`)

What passes on to the DRN is all or none in the duty cycle (Manta 2012), whether the day is cut into minutes or into
halves: it is the alpha1 tone, slow over days, that has the step. 5-HT1A and alpha2 receptors stay as sensitive as they
were (Dorr & Debonnel 2006): no state for them.

All but h is linear with input constant over a step, so each step is exact (matrix exponential), and the mean over a
duty cycle passes: the slow LC differs from one driven by every train by at most `ripple`.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Literal

import numpy as np

from vagus.response.brain.steps import slow_path, step_fast
from vagus.response.constants import constant, draw_together
from vagus.response.exact import transition

Lesion = Literal["none", "ne"]
STANDARD_ON_S, STANDARD_OFF_S, DAY_S = 30.0, 300.0, 86400.0
SUBSTEP_D = 1 / 96


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BrainDraws:
    """Constants of the brain, (n_draws,) each; names and units as in the table `brain`."""

    nts_adaptation: np.ndarray
    nts_tau_s: np.ndarray
    lc_tau_s: np.ndarray
    lc_alpha2: np.ndarray
    lc_buildup_ratio: np.ndarray
    lc_buildup_cycles: np.ndarray
    ne_tau_s: np.ndarray
    lc_slow_tau_d: np.ndarray
    alpha1_tau_d: np.ndarray
    drn_tau_d: np.ndarray
    serotonin_tau_d: np.ndarray
    drn_duty_half: np.ndarray
    drn_duty_power: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Steps:
    """How the fine steps of the weeks lie in sittings, (n_step,) each.

    Parameters
    ----------
    share : (n_step,) array
        Part of the step that lies in a sitting.
    begin_cycle, end_cycle : (n_step,) array
        Cycles of the sitting done when that part begins and ends; equal where there is none.
    """

    share: np.ndarray
    begin_cycle: np.ndarray
    end_cycle: np.ndarray


KEYS = tuple(field.name for field in dataclasses.fields(BrainDraws))


def draw_brain(*, rng: np.random.Generator, n_draws: int) -> BrainDraws:
    """Draws of all constants of the brain from their joint posterior (table `response_draws`)."""
    return BrainDraws(**draw_together(KEYS, rng=rng, n_draws=n_draws))


def median_brain() -> BrainDraws:
    """Medians of all constants, as one draw."""
    return BrainDraws(**{key: np.array([constant(key).value]) for key in KEYS})


def buildup(cycles_done: np.ndarray, draws: BrainDraws) -> np.ndarray:
    """Gain of the LC after so many cycles (n,) of a sitting: (n_draws, n), 1 in the first cycle.

    Examples
    --------
    >>> ratio = buildup(np.array([0.0, 4.0]), median_brain())[0]
    >>> float(ratio[0]), bool(ratio[1] == median_brain().lc_buildup_ratio[0])
    (1.0, True)
    """
    rate = 1 / draws.lc_buildup_cycles[:, None]
    return 1 - _buildup_top(draws)[:, None] * np.expm1(-np.asarray(cycles_done)[None, :] * rate)


def _buildup_top(draws: BrainDraws) -> np.ndarray:
    """What the build-up adds in the end, (n_draws,)."""
    return (draws.lc_buildup_ratio - 1) / -np.expm1(-4 / draws.lc_buildup_cycles)


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
    whole = np.zeros((u.shape[0], 4, 4))
    whole[:, :3, :3] = _fast_matrix(draws)
    whole[:, 0, 3] = 1 / draws.nts_tau_s
    whole[:, 1, 3] = 1 / draws.lc_tau_s
    fade = np.exp(-width_s / draws.nts_tau_s)
    return step_fast(u, gain, kappa=draws.nts_adaptation, fade=fade, advance=transition(whole * width_s))


def _fast_matrix(draws: BrainDraws) -> np.ndarray:
    """System of adaptation, LC and NE, (n_draws, 3, 3), 1/s."""
    system = np.zeros((draws.lc_tau_s.size, 3, 3))
    system[:, 0, 0] = -1 / draws.nts_tau_s
    system[:, 1, 0] = -draws.nts_adaptation / draws.lc_tau_s
    system[:, 1, 1] = -1 / draws.lc_tau_s
    system[:, 1, 2] = -draws.lc_alpha2 / draws.lc_tau_s
    system[:, 2, 1] = 1 / draws.ne_tau_s
    system[:, 2, 2] = -1 / draws.ne_tau_s
    return system


def steady_relay(u: np.ndarray, draws: BrainDraws) -> np.ndarray:
    """NTS after long constant drive `u` (n_draws,): u (1 − κ)."""
    return u * (1 - draws.nts_adaptation)


def steady_fast(u: np.ndarray, draws: BrainDraws) -> np.ndarray:
    """LC and NE (equal) after long constant drive `u` (n_draws,) in the first cycle: u (1 − κ) / (1 + α)."""
    return steady_relay(u, draws) / (1 + draws.lc_alpha2)


def fast_lead_s(draws: BrainDraws) -> np.ndarray:
    """How much earlier than its drive the fast LC's mean output comes, s, (n_draws,).

    A train begins with a burst, as relay and self-inhibition have still to adapt: to first order in frequency the LC
    is its drive so much earlier (minus the slope of the phase of the transfer function at 0).

    Examples
    --------
    >>> bool(5 < fast_lead_s(median_brain())[0] < 30)
    True
    """
    relay = draws.nts_adaptation * draws.nts_tau_s / (1 - draws.nts_adaptation)
    return relay + (draws.lc_alpha2 * draws.ne_tau_s - draws.lc_tau_s) / (1 + draws.lc_alpha2)


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


def ripple(duty: float, cycle_s: float, draws: BrainDraws) -> np.ndarray:
    """Bound of what averaging over a duty cycle leaves out of the slow LC, as share of where it rests: (n_draws,).

    A first-order lag τ under an input that is ON for a part d of each cycle T swings about its mean by less than
    (1 − d) T / τ of that mean, from lowest to highest.

    Examples
    --------
    >>> d = median_brain()
    >>> bool(np.isclose(ripple(30 / 330, 330.0, d)[0] * d.lc_slow_tau_d[0], 300 / 86400))
    True
    """
    return (1 - duty) * cycle_s / DAY_S / draws.lc_slow_tau_d


def ne_rise_pct(
    current_ma: float, *, threshold_ma: np.ndarray, top_pct: np.ndarray, scale_ma: np.ndarray
) -> np.ndarray:
    """Rise of NE in a rat while stimulated, % above baseline, same shape as the constants.

    0 up to a threshold, then top · (1 − exp(−(current − threshold) / scale)).

    Examples
    --------
    >>> one = np.ones(1)
    >>> ne_rise_pct(1.0, threshold_ma=0.5 * one, top_pct=30 * one, scale_ma=0.5 * one).round(2).tolist()
    [18.96]
    """
    return -top_pct * np.expm1(-np.maximum(current_ma - threshold_ma, 0.0) / scale_ma)


def step_edges_d(days: np.ndarray) -> np.ndarray:
    """Edges (n_step + 1,) of the fine steps between equally spaced `days`, each at most a quarter of an hour; d."""
    parts = max(1, int(np.ceil((days[1] - days[0]) / SUBSTEP_D - 1e-9)))
    return np.linspace(days[0], days[-1], (days.size - 1) * parts + 1)


def slow_states(
    level: np.ndarray,
    days: np.ndarray,
    *,
    standard: np.ndarray,
    draws: BrainDraws,
    steps: Steps | None = None,
    mean_d: float = 0.0,
    lesion: Lesion = "none",
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """LC, DRN and 5-HT over the weeks, (n_draws, n) each, from rest.

    Parameters
    ----------
    level : (n_draws,) array
        What the LC follows within a sitting, averaged over the duty cycle, before its gain builds up.
    days : (n,) array
        Times, d, equally spaced, the first 0.
    standard : (n_draws,) array
        What the LC follows on average under the standard duty cycle (`standard_drive`).
    steps : Steps, optional
        How the fine steps (`step_edges_d`) lie in sittings; where not given all is one sitting without build-up.
    mean_d : float
        Values are means over so many days before each time; 0: at that time.
    lesion : {"none", "ne"}
        "ne": norepinephrine neurons destroyed; nothing passes from LC to DRN (Manta 2009, DSP-4).
    """
    n_draws, n = level.size, days.size
    if lesion == "ne" or n < 2:
        none = np.zeros((n_draws, n))
        return none, none.copy(), none.copy()
    edges_d = step_edges_d(days)
    n_step = edges_d.size - 1
    width_d = float(edges_d[-1] - edges_d[0]) / n_step
    every, lead_d = n_step // (n - 1), fast_lead_s(draws) / DAY_S
    given = Steps(share=np.ones(n_step), begin_cycle=np.zeros(n_step), end_cycle=np.zeros(n_step))
    given = given if steps is None else steps
    path = slow_path(
        (given.share, given.begin_cycle, given.end_cycle),
        (level, _buildup_top(draws), np.exp(-1 / draws.lc_buildup_cycles), standard, draws.drn_duty_half,
         draws.drn_duty_power),
        early=transition(_chain(draws.lc_slow_tau_d, draws.alpha1_tau_d, lead_d=lead_d) * width_d / 2),
        late=transition(_chain(draws.drn_tau_d, draws.serotonin_tau_d) * width_d),
        every=every, window=min(round(mean_d / width_d), every),
    )  # fmt: skip
    whole = np.concatenate([np.zeros((4, n_draws, 1)), path], axis=2)
    return whole[0], whole[2], whole[3]


def _chain(first: np.ndarray, second: np.ndarray, *, lead_d: np.ndarray | float = 0.0) -> np.ndarray:
    """Two first-order lags one behind the other, with their input as third, (n_draws, 3, 3), 1/d.

    With `lead_d` the second follows the first as it will be so much later: x + lead x', exact to first order.
    """
    whole = np.zeros((first.size, 3, 3))
    whole[:, 0, 0], whole[:, 0, 2] = -1 / first, 1 / first
    ahead = lead_d / first
    whole[:, 1, 0], whole[:, 1, 1], whole[:, 1, 2] = (1 - ahead) / second, -1 / second, ahead / second
    return whole
