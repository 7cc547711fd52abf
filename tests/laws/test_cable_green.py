"""The passive cable against its closed forms.

Outside potential ``slope |z - z0|`` acts like current injected at z0: ``V = slope lambda exp(-|x| / lambda)``.
"""

import numpy as np
import pytest
from scipy.special import erfc

from vagus.dose import Pulse
from vagus.fiber import Fiber, simulate, threshold_ma
from vagus.fiber.model.packed import Scheme
from vagus.field import point_mv_per_ma

LAMBDA_UM, TAU_US, SLOPE = 500.0, 10_000.0, 0.01  # d 1 um, 10 kohm cm2, 100 ohm cm, 1 uF/cm2; mV/um


def step_response(duration_us, *, dt_us, every_us=None, length_um=14_000.0, scheme: Scheme = "second_order"):
    fiber = Fiber.of("passive", diameter_um=1.0, length_um=length_um)
    x_um = fiber.z_um - fiber.z_um[fiber.n_node // 2]
    pulse = Pulse(amplitude_ma=1.0, width_us=duration_us, shape="monophasic")
    trace = simulate(
        fiber, SLOPE * np.abs(x_um), pulse, dt_us=dt_us, delay_us=0.0, duration_us=duration_us + dt_us,
        every_us=every_us, scheme=scheme,
    )  # fmt: skip
    return trace, x_um


def green(x_um, t_us):
    x, t = np.abs(x_um) / LAMBDA_UM, t_us / TAU_US
    root = np.sqrt(t)
    rising = np.exp(-x) * erfc(x / (2 * root) - root) - np.exp(x) * erfc(x / (2 * root) + root)
    return SLOPE * LAMBDA_UM * rising / 2


def test_steady_state_is_exponential():
    trace, x_um = step_response(10 * TAU_US, dt_us=25.0, every_us=1000.0)
    near = np.abs(x_um) < 3 * LAMBDA_UM
    row = np.abs(trace.t_us - 10 * TAU_US).argmin()
    steady = SLOPE * LAMBDA_UM * np.exp(-np.abs(x_um[near]) / LAMBDA_UM)
    assert trace.v_mv[row, near] + 60.0 == pytest.approx(steady, rel=5e-3)


@pytest.mark.parametrize("t_us", [2_000.0, 5_000.0, 10_000.0, 20_000.0])
def test_transient_follows_the_error_function(t_us):
    trace, x_um = step_response(t_us, dt_us=5.0, every_us=1000.0, length_um=10_000.0)
    row = np.abs(trace.t_us - t_us).argmin()
    exact = green(x_um, t_us)
    near = exact > 0.2 * exact.max()
    assert trace.v_mv[row, near] + 60.0 == pytest.approx(exact[near], rel=5e-3)


def test_backward_euler_is_of_first_order():
    found = []
    for dt_us in (20.0, 10.0, 5.0):
        trace, x_um = step_response(2000.0, dt_us=dt_us, length_um=6000.0, scheme="parity")
        row = np.abs(trace.t_us - 2000.0).argmin()
        found.append(trace.v_mv[row, np.abs(x_um) < 200.0])
    ratio = (found[0] - found[1]) / (found[1] - found[2])
    assert ratio == pytest.approx(2.0, abs=0.1)


def test_sections_half_as_long_change_little():
    ends = []
    for section_um in (50.0, 25.0):
        fiber = Fiber.of("passive", diameter_um=1.0, length_um=6000.0, section_um=section_um)
        x_um = fiber.z_um - fiber.z_um[-1] / 2
        field = point_mv_per_ma(0.0, 500.0, x_um, sigma_s_per_m=0.3)
        trace = simulate(fiber, field, Pulse(amplitude_ma=-0.1, width_us=500.0, shape="monophasic"), duration_us=600.1)
        ends.append(trace.v_mv[-1].max() + 60.0)
    assert ends[0] == pytest.approx(ends[1], rel=5e-3)


def test_charge_at_threshold_is_linear_in_width():
    """Weiss: threshold charge grows in a straight line with width; its slope is the rheobase."""
    fiber = Fiber.of("mrg", diameter_um=10.0, n_node=21)
    field = point_mv_per_ma(0.0, 500.0, fiber.z_um - fiber.z_um[110], sigma_s_per_m=0.3)
    widths = np.array([50.0, 100.0, 200.0, 400.0])
    currents = np.array(
        [
            abs(threshold_ma([fiber], [field], Pulse(amplitude_ma=-1.0, width_us=w, shape="monophasic"))[0])
            for w in widths
        ]
    )
    assert np.all(np.diff(currents) < 0)
    rheobase, offset = np.polyfit(widths, currents * widths, 1)
    fitted = rheobase * widths + offset
    assert currents * widths == pytest.approx(fitted, rel=0.05)
    chronaxie_us = offset / rheobase
    assert 50.0 < chronaxie_us < 300.0  # of myelinated fibers under point sources


def test_thresholds_scale_with_the_field():
    fiber = Fiber.of("mrg", diameter_um=10.0, n_node=21)
    field = point_mv_per_ma(0.0, 500.0, fiber.z_um - fiber.z_um[110], sigma_s_per_m=0.3)
    pulse = Pulse(amplitude_ma=-1.0, width_us=100.0, shape="monophasic")
    one, four = threshold_ma([fiber, fiber], [field, 4 * field], pulse, rel_tol=1e-4)
    assert one == pytest.approx(4 * four, rel=3e-4)
    shifted = threshold_ma([fiber], [field + 100.0], pulse, rel_tol=1e-4)
    assert shifted[0] == pytest.approx(one, rel=3e-4)
