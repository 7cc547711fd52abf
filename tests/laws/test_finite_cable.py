"""Cables of finite length, and what their ends and a thicker equivalent change, against closed forms (Rall)."""

import math

import numpy as np
import pytest

from vagus.dose import Pulse
from vagus.fiber import Drive, Fiber, Wave, simulate
from vagus.fiber.train import drive_batch

LAMBDA_UM, TAU_US = 500.0, 10_000.0  # d 1 um, 10 kohm cm2, 100 ohm cm, 1 uF/cm2


def steady(fiber, node, current_na):
    """Voltage over rest of all nodes after eight time constants of a clamp."""
    wave = Wave.sampled(np.array([0.0, 8 * TAU_US]), np.array([current_na, 0.0]))
    batch = drive_batch(
        fiber, [Drive(wave=wave, node=node)], duration_us=8 * TAU_US, dt_us=25.0, scheme="second_order",
        temperature_degc=None,
    )  # fmt: skip
    n = int(batch.n_step[0])
    seen = batch.bundle.run(
        np.zeros(1, dtype=np.int64), np.ones((1, 1)), batch.wave, n_step=batch.n_step, stride=n - 1, voltages=True
    )
    return seen.voltage[0, -1] + 60.0


@pytest.mark.parametrize("length_um", [400.0, 1000.0, 2500.0])
def test_sealed_cable_has_the_input_resistance_of_rall(length_um):
    fiber = Fiber.of("passive", diameter_um=1.0, length_um=length_um, ends="active")
    v = steady(fiber, 0, 1e-3)
    r_inf_mohm = 1e-6 * (2.0 / math.pi) * math.sqrt(1e4 * 100.0) / (1e-4) ** 1.5
    length = fiber.length_um.sum() / LAMBDA_UM
    assert v[0] / 1e-3 == pytest.approx(r_inf_mohm / math.tanh(length), rel=1e-2)
    x = (fiber.z_um - fiber.z_um[0]) / LAMBDA_UM
    assert v / v[0] == pytest.approx(np.cosh(length - x) / np.cosh(length), rel=1e-2)


def test_equivalent_cylinder():
    """Two daughters of d with d_parent**1.5 = 2 d**1.5 are one cylinder: same electrotonic profile, resistance by 2."""
    parent, daughter = 2 ** (2 / 3), 1.0
    thick = Fiber.of("passive", diameter_um=parent, length_um=1000.0 * math.sqrt(parent), ends="active",
                     section_um=10.0 * math.sqrt(parent))  # fmt: skip
    thin = Fiber.of("passive", diameter_um=daughter, length_um=1000.0, ends="active", section_um=10.0)
    assert thick.n_node == thin.n_node
    v_thick, v_thin = steady(thick, 0, 2e-3), steady(thin, 0, 1e-3)
    assert v_thick == pytest.approx(v_thin, rel=2e-3)


def test_transient_of_a_finite_cable_is_its_slowest_modes():
    """After the stimulus the sealed cable settles by exp(-t (1 + (n pi / L)**2) / tau); late, its ends are alike."""
    fiber = Fiber.of("passive", diameter_um=1.0, length_um=500.0, ends="active")
    x = (np.arange(fiber.n_node) + 0.5) / fiber.n_node
    length = fiber.length_um.sum() / LAMBDA_UM
    field = np.cos(math.pi * x)  # the first mode of a sealed cable
    pulse = Pulse(amplitude_ma=1.0, width_us=50.0, shape="monophasic")
    trace = simulate(fiber, field, pulse, dt_us=10.0, delay_us=0.0, duration_us=4000.0)
    rate = (1.0 + (math.pi / length) ** 2) / TAU_US
    late = (trace.t_us > 500.0) & (trace.t_us < 2500.0)
    slope = np.polyfit(trace.t_us[late], np.log(np.abs(trace.v_mv[late, 0] + 60.0)), 1)[0]
    assert -slope == pytest.approx(rate, rel=1e-2)


def test_temperature_speeds_gates_by_their_q10():
    fiber = Fiber.of("mrg", diameter_um=10.0, n_node=21)
    from vagus.fiber import velocity_m_per_s

    warm, cold = (velocity_m_per_s([fiber], temperature_degc=t)[0] for t in (37.0, 27.0))
    assert 1.2 < warm / cold < 2.0
