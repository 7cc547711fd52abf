"""What must not depend on how a batch is put together, and what a table's interpolation may cost."""

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vagus.dose import Pulse
from vagus.fiber import Fiber, membrane, membrane_keys, simulate, threshold_ma
from vagus.fiber.engine.batch import Batch, pulse_task
from vagus.fiber.pack import pack
from vagus.field import point_mv_per_ma

PULSE = Pulse(amplitude_ma=-1.0, width_us=100.0, shape="monophasic")


def under(fiber, distance_um):
    middle = fiber.z_um[fiber.node_index[fiber.n_node // 2]]
    return point_mv_per_ma(0.0, distance_um, fiber.z_um - middle, sigma_s_per_m=0.3)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    diameters=st.lists(st.floats(2.0, 16.0), min_size=2, max_size=12), order=st.randoms(use_true_random=False),
    cut=st.integers(1, 11), length=st.booleans(),
)  # fmt: skip
def test_order_splitting_and_neighbors_change_nothing(diameters, order, cut, length):
    # by length, fibers of one batch have different numbers of nodes
    length_um, n_node = (12_000.0, None) if length else (None, 21)
    fibers = [Fiber.of("mrg", diameter_um=d, length_um=length_um, n_node=n_node) for d in diameters]
    fields = [under(f, 300.0 + 50.0 * f.diameter_um) for f in fibers]
    whole = threshold_ma(fibers, fields, PULSE, dt_us=10.0, rel_tol=5e-3)
    shuffled = list(range(len(fibers)))
    order.shuffle(shuffled)
    turned = threshold_ma([fibers[i] for i in shuffled], [fields[i] for i in shuffled], PULSE, dt_us=10.0, rel_tol=5e-3)
    assert np.array_equal(turned, whole[shuffled])
    parts = [
        threshold_ma(fibers[s], fields[s], PULSE, dt_us=10.0, rel_tol=5e-3, threads=1)
        for s in (slice(None, cut), slice(cut, None))
    ]
    assert np.array_equal(np.concatenate(parts), whole)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(thin=st.floats(5.7, 14.0), more=st.floats(1.1, 1.5))
def test_thicker_fibers_need_less(thin, more):
    fibers = [Fiber.of("mrg", diameter_um=d, n_node=21) for d in (thin, min(16.0, thin * more))]
    found = threshold_ma(fibers, [under(f, 1000.0) for f in fibers], PULSE, dt_us=10.0)
    assert abs(found[1]) < abs(found[0])


@pytest.mark.parametrize(
    ("model", "amplitude_ma", "width_us", "temperature_degc"),
    [("mrg", -1.0, 100.0, None), ("sundt", -1.0, 500.0, None), ("mrg", 1.0, 5000.0, 10.0),
     # fires on the rebound, from near rest: only its gates tell that it will
     ("rattay", 1.0, 5000.0, 10.0)],
)  # fmt: skip
def test_stopping_early_tells_the_same_as_running_on(model, amplitude_ma, width_us, temperature_degc):
    fiber = Fiber.of(model, diameter_um=10.0 if model == "mrg" else 0.8, n_node=21 if model == "mrg" else 101)
    field = under(fiber, 400.0)
    pulse = Pulse(amplitude_ma=amplitude_ma, width_us=width_us, shape="monophasic")
    edge = abs(threshold_ma([fiber], [field], pulse, dt_us=10.0, temperature_degc=temperature_degc)[0])
    batch = Batch.of(
        pulse_task([fiber], [field], pulse, delay_us=100.0, duration_us=None), dt_us=10.0, scheme="second_order",
        temperature_degc=temperature_degc,
    )  # fmt: skip
    factors = edge * np.array([0.1, 0.5, 0.9, 0.97, 0.995, 1.0, 1.01, 1.3, 3.0])
    jobs = np.zeros(factors.size, dtype=np.int64)
    _, count = batch.seen(jobs, factors, max_spikes=1)
    assert np.array_equal(batch.status(jobs, factors) == 1, count > 0)


@pytest.mark.slow
@pytest.mark.parametrize("model", sorted(set(membrane_keys()) - {"passive", "hodgkin_huxley"}))
def test_models_rest_at_their_own_temperature(model):
    """Searches take it for granted: a current of next to nothing fires nothing in 200 ms."""
    myelinated = membrane(model).kind == "myelinated"
    fiber = Fiber.of(model, diameter_um=10.0 if myelinated else 0.8, n_node=11)
    pulse = Pulse(amplitude_ma=-1e-5, width_us=500.0, shape="monophasic")
    trace = simulate(fiber, under(fiber, 500.0), pulse, duration_us=200_000.0, dt_us=10.0, every_us=1000.0)
    assert np.all(np.isnan(trace.spike_us))


def test_no_fibers_no_thresholds():
    assert threshold_ma([], [], PULSE).size == 0


def test_an_even_field_never_fires():
    fiber = Fiber.of("sundt", diameter_um=0.8, n_node=41)
    assert threshold_ma([fiber], [np.full(41, 5.0)], PULSE)[0] == -math.inf


@pytest.mark.parametrize("model", sorted(set(membrane_keys()) - {"passive"}))
def test_interpolation_between_rows_of_a_table_is_bounded(model):
    data = pack(Fiber.of(model, diameter_um={"hodgkin_huxley": 476.0}.get(model, _valid(model)), n_node=21), dt_ms=0.01,
                scheme="second_order")  # fmt: skip
    # a straight line between every second row against the row between: four times the error of the table itself
    middle = 0.5 * (data.table[:-2:2] + data.table[2::2])
    v_mv = data.v_low_mv + np.arange(1, data.table.shape[0] - 1, 2) / data.per_mv
    lived_in = (v_mv > -140.0) & (v_mv < 100.0)
    error = np.abs(middle[: v_mv.size] - data.table[1:-1:2])[lived_in] / 4.0
    # rates of some models jump at a voltage by construction: there no table is smooth
    assert np.quantile(error, 0.999) < 5e-5
    assert np.median(error) < 1e-6


def _valid(model):
    return {"mrg_discrete": 10.0, "mrg": 10.0, "sweeney": 10.0, "pena": 4.0}.get(model, 0.8)
