"""Laws of the sleep switch: it switches, repeats, converges, and its pressure balances."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from vagus.response.sleep.switch import STEP_S, run_switch, switch, switch_step
from vagus.response.sleep.switch import SwitchState as State

NONE = np.zeros(1)


def nights(awake: np.ndarray, t_h: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Clock times of each onset and each awakening, h."""
    change = np.diff(awake[0].astype(int))
    return t_h[np.flatnonzero(change < 0) + 1] % 24, t_h[np.flatnonzero(change > 0) + 1] % 24


def test_free_nights_last_seven_to_nine_hours_and_repeat():
    awake, pressure, t_h = run_switch(NONE, bed_h=23.0, up_h=None, days=4, own=switch())
    onset_h, waking_h = nights(awake, t_h)
    length_h = (waking_h - onset_h) % 24
    assert onset_h.size == waking_h.size == 4
    assert np.all((length_h > 7) & (length_h < 9))
    assert np.ptp(length_h[-2:]) < 0.05
    # pressure rises while awake and falls while asleep, but for the minutes of a change
    rate, change_h = np.diff(pressure[0]), t_h[1:][np.diff(awake[0].astype(int)) != 0]
    settled = np.abs(t_h[1:, None] - change_h[None, :]).min(axis=1) > 0.5
    assert np.all(rate[settled & awake[0, 1:]] > 0)
    assert np.all(rate[settled & ~awake[0, 1:]] < 0)


def test_the_step_converges():
    """Pressure after a day and a night, against steps of 7.5 s: within 0.1 % at 60 s, 0.02 % at 30 s and 15 s."""
    ends = [
        run_switch(NONE, bed_h=23.0, up_h=None, days=1, own=switch(), step_s=step_s)[1][0, -1]
        for step_s in (60.0, 30.0, 15.0, 7.5)
    ]
    errors = np.abs(np.array(ends[:3]) / ends[3] - 1)
    assert np.all(errors < [1e-3, 2e-4, 2e-4])


def test_both_states_are_stable_in_the_middle_and_a_push_changes_over():
    """Flip-flop: with one and the same pressure and clock there are two rests."""
    own = dataclasses.replace(switch(), pressure_tau_h=1e9)
    rests = []
    for wake_mv, sleep_mv in ((1.0, -8.0), (-10.0, 2.0)):
        state = State(wake_mv=np.array([wake_mv]), sleep_mv=np.array([sleep_mv]), pressure_nm=np.array([13.0]))
        for _ in range(2000):
            state = switch_step(state, clock_h=1.0, held=False, arousal_mv=NONE, own=own)
        rests.append(float(state.wake_mv[0]))
    assert rests[0] > own.awake_above_mv > rests[1]


def test_pressure_settles_where_making_and_loss_balance():
    own = switch()
    state = State(wake_mv=np.array([1.0]), sleep_mv=np.array([-12.0]), pressure_nm=np.array([5.0]))
    for _ in range(4000):
        state = switch_step(state, clock_h=16.0, held=True, arousal_mv=NONE, own=own, step_s=600.0)
    made = own.pressure_nm_per_hz * own.firing_hz(state.wake_mv)
    assert state.pressure_nm == pytest.approx(made, rel=1e-6)


def test_a_night_without_sleep_is_made_up_for():
    """Held awake for one night: pressure is higher, and the next sleep longer."""
    own = switch()
    awake, pressure, t_h = run_switch(NONE, bed_h=23.0, up_h=None, days=4, own=own)
    usual_h = (nights(awake, t_h)[1] - nights(awake, t_h)[0])[-1] % 24
    k = np.searchsorted(t_h, 24 * 3 + 22)
    state = State(wake_mv=np.array([1.0]), sleep_mv=np.array([-8.0]), pressure_nm=pressure[:, k])
    asleep_h = 0.0
    for i in range(round(48 * 3600 / STEP_S)):
        clock_h = 22 + (i + 0.5) * STEP_S / 3600
        state = switch_step(state, clock_h=clock_h, held=clock_h < 47, arousal_mv=NONE, own=own)
        asleep_h += STEP_S / 3600 * float(state.wake_mv[0] <= own.awake_above_mv)
    assert usual_h + 0.5 < asleep_h < 16
