"""The switch between wake and sleep: two groups of neurons that hold each other down, pressure and clock.

    τ V_m' = ν_mv Q(V_v) + A_m + effort + arousal − V_m        wake-active: LC, DRN and their like
    τ V_v' = ν_vm Q(V_m) + ν_vh H + ν_vc C + A_v − V_v         sleep-active: VLPO
    χ H'   = μ Q(V_m) − H                                      pressure of sleep, grows while awake
    Q(V)   = Q_max / (1 + e^((θ − V)/σ)),   C = (1 + cos(2π (t − peak)/24 h))/2

Phillips & Robinson 2007 with the constants of later papers of that group; the clock is a cosine, light is not in it.
Effort holds a person awake out of bed: V_m is then driven to where it just wakes. Awake is V_m above a threshold.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from functools import cache

import numpy as np

from vagus.response.constants import constant

STEP_S = 30.0
MORNING_H = 8.0
"""Clock time at which `run_switch` begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """Constants of the switch; names and units as in the table `sleep_switch`."""

    switch_top_hz: float
    switch_center_mv: float
    switch_width_mv: float
    switch_tau_s: float
    wake_from_sleep_mv_per_hz: float
    sleep_from_wake_mv_per_hz: float
    wake_drive_mv: float
    awake_above_mv: float
    effort_mv: float
    sleep_drive_mv: float
    clock_mv: float
    pressure_mv_per_nm: float
    pressure_tau_h: float
    pressure_nm_per_hz: float
    clock_peak_h: float
    morning_wake_mv: float
    morning_sleep_mv: float
    morning_pressure_nm: float

    def firing_hz(self, v_mv: np.ndarray) -> np.ndarray:
        """Firing at a mean potential, spikes/s."""
        return self.switch_top_hz / (1 + np.exp((self.switch_center_mv - v_mv) / self.switch_width_mv))


@cache
def switch() -> Switch:
    """Medians of all constants of the switch."""
    return Switch(**{one.name: constant(one.name).value for one in fields(Switch)})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SwitchState:
    """Potentials of the wake- and the sleep-active group (mV) and pressure of sleep (nM), (n,) each."""

    wake_mv: np.ndarray
    sleep_mv: np.ndarray
    pressure_nm: np.ndarray


def awake_since_morning(own: Switch, n: int) -> SwitchState:
    """A usual morning, awake: where `run_switch` begins."""
    return SwitchState(
        wake_mv=np.full(n, own.morning_wake_mv),
        sleep_mv=np.full(n, own.morning_sleep_mv),
        pressure_nm=np.full(n, own.morning_pressure_nm),
    )


def switch_step(
    state: SwitchState,
    *,
    clock_h: np.ndarray | float,
    held: bool,
    arousal_mv: np.ndarray,
    own: Switch,
    step_s: float = STEP_S,
) -> SwitchState:
    """Switch after a step: an exponential midpoint step, second order.

    Parameters
    ----------
    state : SwitchState
    clock_h : (n,) array or float
        Time of the body's clock in the middle of the step, h.
    held : bool
        Out of bed: effort holds awake.
    arousal_mv : (n,) array
        Added drive of the wake-active group.
    own : Switch
    step_s : float
    """
    clock = own.clock_mv * (1 + np.cos(2 * np.pi * (clock_h - own.clock_peak_h) / 24)) / 2
    middle = state
    for length_s in (step_s / 2, step_s):
        wake_hz, sleep_hz = own.firing_hz(middle.wake_mv), own.firing_hz(middle.sleep_mv)
        wake_end = own.wake_from_sleep_mv_per_hz * sleep_hz + own.wake_drive_mv + arousal_mv
        if held:
            wake_end = np.maximum(wake_end, own.effort_mv)
        pressure_mv = own.pressure_mv_per_nm * middle.pressure_nm
        sleep_end = own.sleep_from_wake_mv_per_hz * wake_hz + pressure_mv + clock + own.sleep_drive_mv
        pressure_end = own.pressure_nm_per_hz * wake_hz
        fast, slow = math.exp(-length_s / own.switch_tau_s), math.exp(-length_s / (own.pressure_tau_h * 3600))
        middle = SwitchState(
            wake_mv=wake_end + (state.wake_mv - wake_end) * fast,
            sleep_mv=sleep_end + (state.sleep_mv - sleep_end) * fast,
            pressure_nm=pressure_end + (state.pressure_nm - pressure_end) * slow,
        )
    return middle


def run_switch(
    arousal_mv: np.ndarray,
    *,
    bed_h: float,
    up_h: float | None,
    days: int,
    own: Switch,
    step_s: float = STEP_S,
    acts_h: tuple[float, float] = (0.0, 24.0),
    late_h: np.ndarray | float = 0.0,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Days from 8:00 of the first, all nights alike: awake (n, k) of bool, pressure (n, k), times (k,) in h.

    Parameters
    ----------
    arousal_mv : (n,) array
    bed_h, up_h : float
        Clock times of going to bed (12 to 36, 25 is 1:00 of the next day) and of getting up (up to 36); None: when
        awake of oneself.
    days : int
    own : Switch
    step_s : float
        In bed; ten times as long out of bed.
    acts_h : tuple of float
        From when to when the arousal acts each day, clock times, h.
    late_h : (n,) array or float
        How late the clock is, h.
    """
    t_h, held = _steps(days, bed_h=bed_h, up_h=up_h, step_s=step_s)
    state, still = awake_since_morning(own, arousal_mv.size), np.zeros(arousal_mv.size)
    awake, pressure = np.empty((still.size, len(held)), dtype=bool), np.empty((still.size, len(held)))
    for i, out_of_bed in enumerate(held):
        clock_h, length_h = (t_h[i] + t_h[i + 1]) / 2, t_h[i + 1] - t_h[i]
        arousal = arousal_mv if (clock_h - acts_h[0]) % 24 < acts_h[1] - acts_h[0] else still
        state = switch_step(
            state, clock_h=clock_h - late_h, held=out_of_bed, arousal_mv=arousal, own=own, step_s=3600 * length_h
        )
        awake[:, i], pressure[:, i] = state.wake_mv > own.awake_above_mv, state.pressure_nm
    return awake, pressure, t_h[1:]


def _steps(days: int, *, bed_h: float, up_h: float | None, step_s: float) -> tuple[np.ndarray, list[bool]]:
    """Edges of the steps (k + 1,), h since 0:00 of the first day, and whether each step is out of bed (k,).

    Out of bed, where effort holds awake, steps are ten times as long.
    """
    edges_h, held = [MORNING_H], []
    rise_h = 36.0 if up_h is None else up_h
    for day in range(days):
        begin_h, bed, rise = edges_h[-1], 24 * day + bed_h, 24 * day + rise_h
        out, inside = math.ceil((bed - begin_h) * 360 / step_s), round((rise - bed) * 3600 / step_s)
        edges_h += [*np.linspace(begin_h, bed, out + 1)[1:], *np.linspace(bed, rise, inside + 1)[1:]]
        held += [True] * out + [False] * inside
    return np.array(edges_h), held
