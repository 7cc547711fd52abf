import numpy as np
import pytest

from vagus.dose import Pulse
from vagus.errors import InputError
from vagus.fiber import Wave
from vagus.fiber.engine.cable import GAMMA, stages

BIPHASIC = Pulse(amplitude_ma=-3.0, width_us=37.0, shape="biphasic_asymmetric", recovery_ratio=0.25, gap_us=11.0)


@pytest.mark.parametrize("dt_us", [1.0, 2.5, 5.0, 7.0])
def test_charge_is_kept_at_any_step_in_both_schemes(dt_us):
    wave = Wave.of_pulse(BIPHASIC, at_us=[3.0, 900.0])
    n = int(2000.0 / dt_us)
    assert abs(dt_us * wave.held(dt_us, n).sum()) < 1e-9
    assert dt_us * np.abs(wave.held(dt_us, n)).sum() == pytest.approx(4 * 3.0 * 37.0, rel=0.2)
    both = stages([wave], n, dt_us=dt_us, scheme="second_order")[0]
    assert abs(dt_us * ((1 - GAMMA) * both[:, 0] + GAMMA * both[:, 1]).sum()) < 1e-9


def test_parity_samples_at_the_begin_of_a_step():
    wave = Wave.of_pulse(Pulse(amplitude_ma=1.0, width_us=100.0, shape="monophasic"), at_us=[100.0])
    k = np.arange(100)
    assert np.array_equal(wave.held(5.0, 100), ((k >= 20) & (k < 40)).astype(float))


def test_waves_add_and_samples_hold():
    one = Wave.sampled(np.array([0.0, 10.0, 20.0]), np.array([1.0, -2.0, 0.0]))
    two = Wave.sine(amplitude=2.0, frequency_hz=5e3, begin_us=0.0, end_us=20.0)
    both = one.plus(two)
    assert both.held(5.0, 5) == pytest.approx(one.held(5.0, 5) + two.held(5.0, 5))
    assert one.held(5.0, 5).tolist() == [1.0, 1.0, -2.0, -2.0, 0.0]
    assert both.end_us == 20.0
    assert two.shortest_us == 50.0


@pytest.mark.parametrize(
    "bad", [np.array([(5.0, 1.0, 1.0)]), np.array([(0.0, np.nan, 1.0)]), np.array([(-1.0, 1.0, 1.0)])]
)
def test_bad_waves_are_refused(bad):
    with pytest.raises(InputError, match="out of order"):
        Wave(steps=bad, sines=np.empty(0))
    with pytest.raises(InputError, match="do not fit"):
        Wave.sampled(np.array([0.0, 0.0]), np.array([1.0, 1.0]))
