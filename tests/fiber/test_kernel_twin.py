import numpy as np
import pytest

from vagus.dose import Pulse
from vagus.fiber import Fiber, simulate
from vagus.field import point_mv_per_ma

from .twin import march_plain

PULSE = Pulse(amplitude_ma=-0.02, width_us=100.0, shape="biphasic_symmetric")


@pytest.mark.parametrize(("model", "diameter_um", "n_node"), [("mrg", 10.0, 7), ("sundt", 0.8, 41)])
@pytest.mark.parametrize("amplitude_ma", [-0.02, -0.3])
def test_kernel_equals_dense_solve(model, diameter_um, n_node, amplitude_ma):
    fiber = Fiber.of(model, diameter_um=diameter_um, n_node=n_node)
    field = point_mv_per_ma(0.0, 300.0, fiber.z_um - fiber.z_um[fiber.node_index[n_node // 2]], sigma_s_per_m=0.3)
    pulse = PULSE.scaled(amplitude_ma)
    trace = simulate(fiber, field, pulse, dt_us=10.0, delay_us=50.0, duration_us=600.0, scheme="parity")
    wave = np.concatenate([np.zeros(5), np.full(10, amplitude_ma), np.full(10, -amplitude_ma), np.zeros(35)])
    plain = march_plain(fiber, wave[:, None] * field, dt_ms=0.01)
    # what is left is the interpolation in the table of gates; a spike multiplies it
    assert np.max(np.abs(trace.v_mv - plain)) < (1e-4 if amplitude_ma == -0.02 else 1e-3)


def test_a_wrong_capacity_would_show():
    fiber = Fiber.of("mrg", diameter_um=10.0, n_node=7)
    other = Fiber.of("mrg", diameter_um=10.1, n_node=7)
    field = point_mv_per_ma(0.0, 300.0, fiber.z_um - fiber.z_um[33], sigma_s_per_m=0.3)
    one = simulate(fiber, field, PULSE, dt_us=10.0, delay_us=50.0, duration_us=400.0)
    two = simulate(other, field, PULSE, dt_us=10.0, delay_us=50.0, duration_us=400.0)
    assert np.max(np.abs(one.v_mv - two.v_mv)) > 1e-2
