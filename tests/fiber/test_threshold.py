import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vagus.dose import Pulse
from vagus.errors import InputError, ModelRange
from vagus.fiber import Fiber, membrane, membrane_keys, simulate, threshold_ma
from vagus.field import point_mv_per_ma

PULSE = Pulse(amplitude_ma=-1.0, width_us=100.0, shape="monophasic")


def above(fiber, distance_um=500.0):
    middle = fiber.z_um[fiber.node_index[fiber.n_node // 2]]
    return point_mv_per_ma(0.0, distance_um, fiber.z_um - middle, sigma_s_per_m=0.3)


def batch(diameters):
    fibers = [Fiber.of("mrg", diameter_um=d, n_node=21) for d in diameters]
    return fibers, [above(f) for f in fibers]


def test_batch_order_and_splitting_change_nothing():
    fibers, fields = batch([6.0, 9.0, 14.0])
    whole = threshold_ma(fibers, fields, PULSE)
    turned = threshold_ma(fibers[::-1], fields[::-1], PULSE)
    single = [threshold_ma([f], [v], PULSE)[0] for f, v in zip(fibers, fields, strict=True)]
    assert np.array_equal(whole, turned[::-1])
    assert np.array_equal(whole, single)


def test_thicker_fibers_fire_first_and_sign_follows_the_pulse():
    fibers, fields = batch([4.0, 6.0, 9.0, 14.0])
    cathodic = threshold_ma(fibers, fields, PULSE)
    assert np.all(np.diff(cathodic) > 0)
    assert np.all(cathodic < 0)
    anodic = threshold_ma(fibers[:1], fields[:1], PULSE.scaled(5.0))
    assert anodic[0] > 3 * abs(cathodic[0])


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    diameter_um=st.floats(5.7, 15.0), width_us=st.floats(50.0, 400.0), longer=st.floats(1.1, 2.0),
)  # fmt: skip
def test_longer_pulses_need_less_current(diameter_um, width_us, longer):
    fiber = Fiber.of("mrg", diameter_um=diameter_um, n_node=21)
    pulses = [Pulse(amplitude_ma=-1.0, width_us=w, shape="monophasic") for w in (width_us, longer * width_us)]
    short, long = (threshold_ma([fiber], [above(fiber)], p, dt_us=10.0)[0] for p in pulses)
    assert abs(long) < abs(short)


def test_virtual_anode_block_does_not_hide_the_threshold():
    # the peer raises here when it starts at 1 mA: see the anchors of the reference, MRG 16 um at 500 um
    fiber = Fiber.of("mrg", diameter_um=16.0, n_node=31)
    assert not simulate(fiber, above(fiber), PULSE.scaled(-1.5)).fired
    assert threshold_ma([fiber], [above(fiber)], PULSE)[0] == pytest.approx(-0.0603, rel=0.01)
    assert threshold_ma([fiber], [above(fiber)], PULSE, limit_ma=1.5)[0] == pytest.approx(-0.0603, rel=0.01)


def test_above_the_limit_is_infinite_with_the_sign():
    fiber = Fiber.of("mrg", diameter_um=10.0, n_node=21)
    assert threshold_ma([fiber], [above(fiber)], PULSE, limit_ma=0.05)[0] == -math.inf
    assert threshold_ma([fiber], [np.full(fiber.z_um.size, 3.0)], PULSE)[0] == -math.inf


def test_an_even_slope_fires_a_cut_fiber_at_its_end():
    fiber = Fiber.of("mrg", diameter_um=8.0, n_node=21)
    found = threshold_ma([fiber], [0.05 * fiber.z_um], PULSE.scaled(1.0))
    assert 0.0 < found[0] < 1.0
    trace = simulate(fiber, 0.05 * fiber.z_um, PULSE.scaled(1.05 * found[0]))
    assert np.nanargmin(trace.spike_us) < 3


def test_trace_shows_a_traveling_spike():
    fiber = Fiber.of("mrg", diameter_um=10.0, n_node=31)
    trace = simulate(fiber, above(fiber), PULSE.scaled(-0.08), dt_us=5.0, scheme="parity")
    assert trace.fired
    a, b = 21, 26
    speed = (trace.z_um[b] - trace.z_um[a]) / (trace.spike_us[b] - trace.spike_us[a])
    assert speed == pytest.approx(51.0, rel=0.05)  # m/s, own measurement of PyFibers 0.13.0
    rest = simulate(fiber, above(fiber), PULSE.scaled(-1e-6))
    assert np.max(np.abs(rest.v_mv - -80.0)) < 0.5


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"field": np.zeros(3)}, "field has another length"),
        ({"field": np.full(221, np.nan)}, "field is not finite"),
        ({"dt_us": 80.0}, "dt_us does not resolve"),
        ({"dt_us": math.nan}, "dt_us does not resolve"),
        ({"rel_tol": 0.0}, "rel_tol out of range"),
        ({"limit_ma": -1.0}, "limit_ma is no current"),
        ({"duration_us": 120.0}, "duration_us ends before the pulse"),
        ({"delay_us": -1.0}, "delay_us is no time"),
    ],
)
def test_mistakes_tell_the_mend(change, words):
    fiber = Fiber.of("mrg", diameter_um=10.0, n_node=21)
    options = {"field": above(fiber), **change}
    with pytest.raises(InputError, match=words) as caught:
        threshold_ma([fiber], [options.pop("field")], PULSE, **options)
    assert "allowed" in str(caught.value)


def test_fibers_outside_a_model_are_refused():
    with pytest.raises(ModelRange, match="valid: 2 to 16 um"):
        Fiber.of("mrg", diameter_um=17.0, n_node=21)
    with pytest.raises(InputError, match="did you mean"):
        Fiber.of("mrgg", diameter_um=10.0, n_node=21)
    with pytest.raises(InputError, match="either n_node or length_um"):
        Fiber.of("mrg", diameter_um=10.0)
    with pytest.raises(InputError, match="n_node is out of range"):
        Fiber.of("mrg", diameter_um=10.0, n_node=3)
    with pytest.raises(InputError, match="section_um"):
        Fiber.of("mrg", diameter_um=10.0, n_node=21, section_um=50.0)


def test_geometry():
    # internodes as the peer builds them, um
    for diameter_um, pitch_um in ((3.0, 281.08), (5.7, 505.57465), (8.0, 873.24), (10.0, 1122.3), (16.0, 1475.16)):
        fiber = Fiber.of("mrg", diameter_um=diameter_um, n_node=11)
        assert fiber.z_um[fiber.node_index] == pytest.approx(pitch_um * np.arange(11), rel=1e-9)
        assert fiber.z_um.size == 111
    assert Fiber.of("sundt", diameter_um=0.8, length_um=3000.0).n_node == 362


@pytest.mark.parametrize("key", membrane_keys())
def test_each_model_has_sources(key):
    assert membrane(key).sources
    assert all(source.doi or not source.verified for source in membrane(key).sources)
