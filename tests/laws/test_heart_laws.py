"""Laws of the heart: rest is a fixed point, the linearized loop, convergence, each arm's sign."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from vagus.response import HeartInput, heart_plant, heart_rest, heart_step
from vagus.response.heart.plant import noise_response_ms, vagal_response_ms_per_hz


def plant(mean_rr_ms=926.0, rmssd_ms=42.0, breath_rate_per_min=15.0, **options):
    return heart_plant(mean_rr_ms=mean_rr_ms, rmssd_ms=rmssd_ms, breath_rate_per_min=breath_rate_per_min, **options)


def held(made, given, duration_s):
    state = heart_rest(made)
    for _ in range(round(duration_s / made.step_s) - 1):
        state, _ = heart_step(state, given, plant=made)
    return heart_step(state, given, plant=made)[1]


@pytest.mark.parametrize("mean_rr_ms", [600.0, 926.0, 1300.0])
def test_rest_is_a_fixed_point_that_a_push_returns_to(mean_rr_ms):
    made = plant(mean_rr_ms)
    seen = held(made, HeartInput(), 30)
    assert seen.rr_ms == pytest.approx(mean_rr_ms, rel=1e-9)
    assert seen.pressure_mmhg == pytest.approx(92.0, rel=1e-9)
    state = dataclasses.replace(heart_rest(made), pressure_mmhg=102.0)
    for _ in range(2400):
        state, _ = heart_step(state, HeartInput(), plant=made)
    assert state.pressure_mmhg == pytest.approx(92.0, abs=0.1)


@pytest.mark.parametrize("hz", [0.05, 0.11, 0.25])
def test_a_small_sine_meets_the_linearized_loop_and_the_step_is_of_first_order(hz):
    errors = []
    for step_s in (0.05, 0.025):
        made = dataclasses.replace(plant(rmssd_ms=0.0, step_s=step_s), breath_vagal_hz=0.05)
        n, last = round((120 + 4 / hz) / step_s), round(4 / hz / step_s)
        t_s = (np.arange(n) + 0.5) * step_s
        state, rr_ms = heart_rest(made), np.empty(n)
        for i, wave in enumerate(np.sin(2 * np.pi * hz * t_s)):
            state, seen = heart_step(state, HeartInput(inhaled_pct=50 * (1 - wave)), plant=made)
            rr_ms[i] = seen.rr_ms
        turned = np.exp(-2j * np.pi * hz * (t_s[-last:] + step_s / 2))
        size = 2 * abs(((rr_ms[-last:] - rr_ms[-last:].mean()) * turned).mean()) / 0.05
        errors.append(abs(size - abs(vagal_response_ms_per_hz(made, hz))))
    # on the flank of the resonance half a step of lag is 6 %
    assert errors[0] < 0.08 * abs(vagal_response_ms_per_hz(made, hz))
    # first order: half the step, half the error; at 0.25 Hz the error is small and of mixed sign
    assert errors[1] < 0.7 * errors[0] or errors[1] < 0.2


def test_the_loop_makes_a_rhythm_near_a_tenth_of_a_hertz_and_none_when_it_is_cut():
    made = plant()
    grid_hz = np.arange(0.03, 0.2, 0.001)
    peak_hz = grid_hz[np.argmax([abs(noise_response_ms(made, hz)) for hz in grid_hz])]
    assert 0.09 < peak_hz < 0.12
    cut = dataclasses.replace(
        made,
        reflex=dataclasses.replace(made.reflex, gut_resistance_gain=0.0, body_resistance_gain=0.0, node_symp_ms=0.0),
    )
    size = [abs(noise_response_ms(cut, hz)) for hz in grid_hz]
    assert max(size) < 1.2 * size[20]
    assert abs(noise_response_ms(made, peak_hz)) > 2 * abs(noise_response_ms(made, 0.05))


def test_each_arm_has_its_sign_and_the_right_nerve_the_larger_effect():
    made = plant()
    rest = held(made, HeartInput(), 20).heart_rate_bpm
    right = held(made, HeartInput(efferent_right_hz=20), 20).heart_rate_bpm
    left = held(made, HeartInput(efferent_left_hz=20), 20).heart_rate_bpm
    inward = held(made, HeartInput(afferent_pct=100), 20).heart_rate_bpm
    excited = held(made, HeartInput(sympathetic_hz=2), 20).heart_rate_bpm
    assert right < left < rest < inward < excited


def test_the_vagus_is_fast_and_the_sympathetic_nerves_are_slow():
    """Time to 63 % of the change after 10 s: node delay and time constant (0.2 + 1.5 s against 2 + 2 s)."""
    made = plant()
    # pressure held: the reflex would answer
    made = dataclasses.replace(made, reflex=dataclasses.replace(made.reflex, artery_ml_per_mmhg=1e9))
    times_s = []
    for given in (HeartInput(efferent_right_hz=40), HeartInput(sympathetic_hz=2)):
        state, rr_ms = heart_rest(made), []
        for _ in range(1200):
            state, seen = heart_step(state, given, plant=made)
            rr_ms.append(seen.rr_ms)
        share = (np.array(rr_ms) - made.mean_rr_ms) / (rr_ms[-1] - made.mean_rr_ms)
        times_s.append((1 + np.argmax(share >= 1 - np.exp(-1))) * made.step_s)
    assert times_s == pytest.approx([1.7, 4.0], abs=0.1)
