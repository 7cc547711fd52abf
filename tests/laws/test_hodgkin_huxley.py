"""Speed of the squid's spike, which Hodgkin and Huxley worked out by hand: 18.8 m/s at 18.5 C, axon of 476 um.

Moore and Stuart use the same number as the standard for their own programs. Tolerance 1 %: what sections of 0.25 mm and
the step of 2.5 us leave. At 6.3 C the same axon conducts at 12.3 m/s (recalled).
"""

import numpy as np
import pytest

from vagus.dose import Pulse
from vagus.fiber import Fiber, simulate, threshold_ma
from vagus.field import point_mv_per_ma


def speed_m_per_s(temperature_degc, *, scheme, dt_us):
    fiber = Fiber.of("hodgkin_huxley", diameter_um=476.0, length_um=80e3, section_um=250.0)
    field = point_mv_per_ma(0.0, 3000.0, fiber.z_um - 10e3, sigma_s_per_m=0.3)
    pulse = Pulse(amplitude_ma=-1.0, width_us=200.0, shape="monophasic")
    onset_ma = threshold_ma(
        [fiber], [field], pulse, dt_us=25.0, duration_us=7000.0, rel_tol=0.05, temperature_degc=temperature_degc
    )
    pulse = pulse.scaled(1.2 * float(onset_ma[0]))
    trace = simulate(
        fiber, field, pulse, dt_us=dt_us, duration_us=7000.0, scheme=scheme, temperature_degc=temperature_degc
    )
    a, b = (int(np.searchsorted(fiber.z_um, at)) for at in (30e3, 60e3))
    return 1.0 * (trace.z_um[b] - trace.z_um[a]) / (trace.spike_us[b] - trace.spike_us[a])


@pytest.mark.parametrize("scheme", ["second_order", "parity"])
def test_speed_at_eighteen_and_a_half_degrees(scheme):
    assert speed_m_per_s(18.5, scheme=scheme, dt_us=2.5) == pytest.approx(18.8, rel=0.01)


def test_speed_at_their_own_temperature():
    assert speed_m_per_s(6.3, scheme="second_order", dt_us=5.0) == pytest.approx(12.3, rel=0.01)
