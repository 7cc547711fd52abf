"""Order of convergence in the time step, and how far the default steps are from their limit."""

import numpy as np
import pytest

from vagus.dose import Pulse
from vagus.fiber import Drive, Fiber, Wave, simulate, spikes, threshold_ma
from vagus.field import point_mv_per_ma

CASES = [
    ("mrg", 10.0, 21, 100.0, 500.0), ("mrg_discrete", 10.0, 21, 100.0, 500.0), ("pena", 2.0, 31, 100.0, 500.0),
    ("sweeney", 10.0, 21, 100.0, 500.0), ("sundt", 0.8, 101, 500.0, 250.0), ("rattay", 0.8, 101, 500.0, 250.0),
    ("tigerholm", 0.8, 101, 500.0, 250.0), ("schild94", 0.8, 101, 500.0, 250.0), ("schild97", 0.8, 101, 500.0, 250.0),
    ("thio_autonomic", 0.8, 101, 500.0, 250.0), ("thio_cutaneous", 0.8, 101, 500.0, 250.0),
]  # fmt: skip


def place(model, diameter_um, n_node, distance_um):
    fiber = Fiber.of(model, diameter_um=diameter_um, n_node=n_node)
    middle = fiber.z_um[fiber.node_index[n_node // 2]]
    return fiber, point_mv_per_ma(0.0, distance_um, fiber.z_um - middle, sigma_s_per_m=0.3)


def arrival(fiber, field, amplitude, dt_us, scheme):
    """Time of the traveling spike under a smooth stimulus: two periods of a raised sine."""
    wave = Wave.sine(amplitude=amplitude, frequency_hz=1000.0, begin_us=0.0, end_us=1000.0)
    found = spikes(
        fiber, [Drive(wave=wave, field_mv_per_ma=field)], duration_us=4500.0, dt_us=dt_us, scheme=scheme, max_spikes=1
    )
    return found.time_us[int(0.8 * fiber.n_node), 0]


@pytest.mark.parametrize(
    ("place_of", "amplitude", "steps", "least"),
    [(("mrg", 10.0, 21, 500.0), 0.1, (4.0, 2.0, 1.0), 1.8), (("rattay", 0.8, 61, 250.0), 0.5, (8.0, 4.0, 2.0), 1.8),
     # rates of this model jump at some voltages, so it is not smooth itself
     (("tigerholm", 0.8, 61, 250.0), 0.6, (8.0, 4.0, 2.0), 1.6)],
)  # fmt: skip
@pytest.mark.parametrize("scheme", ["second_order", "parity"])
def test_order_of_a_smooth_case(place_of, amplitude, steps, least, scheme):
    fiber, field = place(*place_of)
    times = [arrival(fiber, field, -amplitude, dt, scheme) for dt in steps]
    assert np.all(np.isfinite(times))
    order = np.log2((times[0] - times[1]) / (times[1] - times[2]))
    low, high = (least, 2.4) if scheme == "second_order" else (0.85, 1.3)
    assert low < order < high


def test_order_of_the_passive_cable():
    fiber = Fiber.of("passive", diameter_um=1.0, length_um=4000.0)
    x_um = fiber.z_um - fiber.z_um[fiber.n_node // 2]
    field, found = 0.01 * np.abs(x_um), []
    for dt_us in (22.5, 7.5, 2.5):  # odd ratios, so that their points half a step off the grid meet
        pulse = Pulse(amplitude_ma=1.0, width_us=900.0, shape="monophasic")
        trace = simulate(fiber, field, pulse, dt_us=dt_us, delay_us=90.0, duration_us=1800.0)
        found.append(trace.v_mv[np.abs(trace.t_us - 1608.75).argmin(), fiber.n_node // 2])
        assert np.min(np.abs(trace.t_us - 1608.75)) < 1e-6
    order = np.log((found[0] - found[1]) / (found[1] - found[2])) / np.log(3.0)
    assert order > 1.8


@pytest.mark.slow
@pytest.mark.parametrize(("model", "diameter_um", "n_node", "width_us", "distance_um"), CASES)
def test_thresholds_at_the_default_step_are_within_three_permille(model, diameter_um, n_node, width_us, distance_um):
    fiber, field = place(model, diameter_um, n_node, distance_um)
    pulse = Pulse(amplitude_ma=-1.0, width_us=width_us, shape="monophasic")
    default = threshold_ma([fiber], [field], pulse, rel_tol=1e-4)[0]
    # an error of second order: steps of 2 h and h tell the limit
    h = 1.0 if fiber.membrane.kind == "myelinated" else 2.5
    two, one = (threshold_ma([fiber], [field], pulse, rel_tol=1e-4, dt_us=k * h)[0] for k in (2, 1))
    limit = one + (one - two) / 3.0
    assert default == pytest.approx(limit, rel=3e-3)
    if fiber.membrane.kind == "myelinated":
        at_five = threshold_ma([fiber], [field], pulse, rel_tol=1e-4, dt_us=5.0)[0]
        assert at_five == pytest.approx(limit, rel=4e-3)


@pytest.mark.parametrize("shape", ["monophasic", "biphasic_symmetric"])
@pytest.mark.parametrize(
    ("model", "diameter_um", "n_node", "width_us"),
    [("mrg", 10.0, 21, 10.0), ("mrg", 10.0, 21, 30.0), ("sweeney", 10.0, 21, 20.0), ("sundt", 2.0, 201, 50.0)],
)  # fmt: skip
def test_short_pulses_get_shorter_steps(model, diameter_um, n_node, width_us, shape):
    fiber, field = place(model, diameter_um, n_node, 500.0)
    pulse = Pulse(amplitude_ma=-1.0, width_us=width_us, shape=shape)
    default, half = (
        threshold_ma([fiber], [field], pulse, rel_tol=2e-4, dt_us=dt, duration_us=4000.0)[0] for dt in (None, 0.3125)
    )
    assert default == pytest.approx(half, rel=3e-3)


def test_default_steps_of_the_two_main_models():
    for case in (CASES[0], CASES[4]):
        test_thresholds_at_the_default_step_are_within_three_permille(*case)
