import dataclasses
import math

import numpy as np
import pytest

from vagus.dose import Pulse
from vagus.errors import Caution, InputError, ModelRange
from vagus.fiber import (
    Drive,
    Fiber,
    Wave,
    activation_interval,
    block_threshold_ma,
    recovery_ratio,
    simulate,
    single_fiber_potential_uv,
    spikes,
    threshold_factor,
    threshold_ma,
    velocity_m_per_s,
)  # fmt: skip
from vagus.fiber.engine import batch as batch_module
from vagus.fiber.engine.batch import Batch
from vagus.field import point_mv_per_ma
from vagus.files import FolderStore

PULSE = Pulse(amplitude_ma=-1.0, width_us=100.0, shape="monophasic")
WAVE = Wave.of_pulse(PULSE)
KICK = Pulse(amplitude_ma=2.0, width_us=100.0, shape="monophasic")


def mrg(n_node=21, diameter_um=10.0, distance_um=500.0):
    fiber = Fiber.of("mrg", diameter_um=diameter_um, n_node=n_node)
    middle = fiber.z_um[fiber.node_index[n_node // 2]]
    return fiber, point_mv_per_ma(distance_um, 0.0, fiber.z_um - middle, sigma_s_per_m=0.3)


@pytest.mark.parametrize(
    ("model", "diameter_um", "low", "high"), [("mrg", 16.0, 0.06, 0.07), ("sweeney", 10.0, 0.06, 0.07)]
)
def test_the_two_searches_that_fail_in_a_peer(model, diameter_um, low, high):
    fiber = Fiber.of(model, diameter_um=diameter_um, n_node=31)
    field = point_mv_per_ma(500.0, 0.0, fiber.z_um - fiber.z_um[fiber.node_index[15]], sigma_s_per_m=0.3)
    assert not simulate(fiber, field, PULSE, dt_us=5.0, scheme="parity").fired  # at -1 mA: virtual-anode block
    found = activation_interval([fiber], [field], PULSE, dt_us=5.0, scheme="parity", rel_tol=2e-3)
    assert low < -found.onset_ma[0] < high
    assert -1.0 < found.above_ma[0] < found.upper_ma[0] < found.onset_ma[0] < found.below_ma[0] < 0.0
    for current, fires in (
        (found.onset_ma, True),
        (found.below_ma, False),
        (found.upper_ma, True),
        (found.above_ma, False),
    ):
        trace = simulate(fiber, field, PULSE.scaled(float(current[0])), dt_us=5.0, scheme="parity")
        assert trace.fired == fires
    limited = threshold_ma([fiber], [field], PULSE, dt_us=5.0, scheme="parity", limit_ma=1.0, rel_tol=2e-3)
    assert limited[0] == found.onset_ma[0]


def test_a_train_meets_refractoriness():
    fiber, _ = mrg()
    slow, fast = (
        spikes(fiber, [Drive(wave=Wave.of_pulse(KICK, at_us=[gap * i for i in range(5)]), node=3)]).at(18).size
        for gap in (5000.0, 400.0)
    )
    assert slow == 5
    assert 1 <= fast < 5


def test_recovery_cycle_falls_to_supernormal_and_returns():
    fiber, field = mrg()
    ratio = recovery_ratio(fiber, field, PULSE, interval_us=[700.0, 1500.0, 4000.0, 60_000.0], limit=50.0)
    assert ratio[0] > 2.0
    assert ratio[0] > ratio[1] > 1.0
    assert 0.7 < ratio[2] < 1.0
    assert ratio[3] == pytest.approx(1.0, abs=0.05)


def test_soon_after_a_spike_a_late_first_spike_is_not_a_second():
    # within the absolute refractory period no current makes a second spike, however strong
    fiber, field = mrg()
    ratio = recovery_ratio(fiber, field, PULSE, interval_us=[350.0, 450.0, 900.0], rel_tol=0.02)
    assert ratio[0] == math.inf
    assert ratio[0] >= ratio[1] >= ratio[2] > 1.5


def test_each_fiber_has_its_own_waves():
    (fiber, field), width = mrg(), Pulse(amplitude_ma=-1.0, width_us=300.0, shape="monophasic")
    drives = [[Drive(wave=Wave.of_pulse(p, at_us=[100.0]), field_mv_per_ma=field)] for p in (PULSE, width, PULSE)]
    found = threshold_factor([fiber] * 3, drives)
    assert found[0] == found[2] > found[1]
    assert found[1] == threshold_factor([fiber], drives[1:2])[0]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda f, v: threshold_factor([f], [[]]), "one or more drives"),
        (lambda f, v: threshold_factor([f, f], [[Drive(wave=WAVE, node=1)]]), "2 fibers, 1 lists"),
        (lambda f, v: spikes(f, [Drive(wave=WAVE, field_mv_per_ma=v[1:])]), r"drives\[0\]\[0\].field_mv_per_ma"),
        (lambda f, v: threshold_factor([f], [[Drive(wave=WAVE, node=1)]], limit=-1.0), "limit"),
        (lambda f, v: threshold_ma([f], [v.astype(complex)], PULSE), "real numbers"),
        (lambda f, v: threshold_ma([f], [np.stack([v, v])], PULSE), "another length"),
        (lambda f, v: threshold_ma([f], [v], PULSE, threads=0), "threads"),
        (lambda f, v: threshold_ma([f], [v], PULSE, temperature_degc=-5.0), "temperature_degc"),
        (lambda f, v: threshold_ma([f], [v], PULSE, temperature_degc=math.nan), "temperature_degc"),
        (lambda f, v: simulate(f, v, PULSE.scaled(-1e12)), "too strong"),
        (lambda f, v: single_fiber_potential_uv(f, [Drive(wave=WAVE, node=1)], [v[1:]]), "leads_mv_per_ma"),
        (lambda f, v: single_fiber_potential_uv(f, [Drive(wave=WAVE, node=1)], []), "no recording"),
        (lambda f, v: velocity_m_per_s([f], from_pct=80.0, to_pct=50.0), "from_pct"),
        (lambda f, v: velocity_m_per_s([]), "0 fibers"),
        (lambda f, v: recovery_ratio(f, v, PULSE, interval_us=[-1.0]), "interval_us"),
        (lambda f, v: spikes(f, [Drive(wave=WAVE, node=1)], max_spikes=0), "max_spikes"),
        (lambda f, v: dataclasses.replace(f, z_um=f.z_um[1:]), "z_um"),
        (lambda f, v: threshold_factor([f], [Drive(wave=WAVE, node=1)]), "list of Drive"),  # pyright: ignore[reportArgumentType]
        (lambda f, v: Wave(steps=np.array([[0.0, 0.0, 1.0]]), sines=np.empty(0)), "begin < end"),
        (lambda f, v: Wave(steps=np.ones(4), sines=np.empty(0)), "another shape"),
        (lambda f, v: Wave(steps=np.empty(0), sines=np.array([[0.0, 9.0, 1.0, 0.0, 0.0]])), "not above 0"),
        (lambda f, v: threshold_ma([f], [v], PULSE, dt_us=1e-5), "dt_us"),
        (lambda f, v: simulate(f, v, PULSE, every_us=-5.0), "every_us"),
        (lambda f, v: recovery_ratio(f, v, PULSE, interval_us=[900.0], conditioning_pct=50.0), "no spike"),
    ],
)  # fmt: skip
def test_mistakes_are_typed(call, said):
    with pytest.raises(InputError, match=said):
        call(*mrg())


def test_a_run_that_leaves_the_range_of_numbers_is_no_certificate():
    # far above threshold this model's pumps and pools overflow: neither a block nor silence
    fiber = Fiber.of("schild94", diameter_um=0.4, length_um=1000.0, section_um=25.0)
    field = point_mv_per_ma(100.0, 0.0, fiber.z_um - fiber.z_um[fiber.n_node // 2], sigma_s_per_m=0.3)
    pulse = Pulse(amplitude_ma=1.0, width_us=300.0, shape="biphasic_symmetric", gap_us=20.0)
    found = activation_interval([fiber], [field], pulse, rel_tol=0.02, dt_us=20.0, duration_us=6000.0)
    for current, fires in (
        (found.onset_ma, True),
        (found.below_ma, False),
        (found.upper_ma, True),
        (found.above_ma, False),
    ):
        if np.isfinite(current[0]):
            trace = simulate(fiber, field, pulse.scaled(float(current[0])), dt_us=20.0, duration_us=6000.0)
            assert trace.fired == fires


def test_a_fiber_that_does_not_rest_is_told():
    fiber = Fiber.of("schild94", diameter_um=0.8, length_um=1000.0)
    field = point_mv_per_ma(500.0, 0.0, fiber.z_um - fiber.z_um[60], sigma_s_per_m=0.3)
    pulse = Pulse(amplitude_ma=-1.0, width_us=500.0, shape="monophasic")
    with pytest.raises(ModelRange, match="does not rest"):
        threshold_ma([fiber], [field], pulse, temperature_degc=10.0, dt_us=25.0, rel_tol=0.05)


def test_ends_that_matter_are_told():
    fiber, field = mrg(n_node=9, distance_um=3000.0)
    with pytest.warns(Caution, match="sealed end"):
        threshold_ma([fiber], [field], PULSE, rel_tol=0.05)


def test_a_store_goes_on_after_an_interrupt(tmp_path, monkeypatch):
    fibers = [Fiber.of("mrg", diameter_um=d, n_node=21) for d in np.linspace(5.0, 15.0, 12)]
    fields = [point_mv_per_ma(500.0, 0.0, f.z_um - f.z_um[110], sigma_s_per_m=0.3) for f in fibers]
    monkeypatch.setattr(batch_module, "BATCH", 4)
    store, options = FolderStore.at(tmp_path / "parts"), {"dt_us": 10.0, "rel_tol": 5e-3, "threads": 1}

    def stop(share):
        if share > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        threshold_ma(fibers, fields, PULSE, store=store, progress=stop, **options)
    kept = sorted((tmp_path / "parts").iterdir())
    assert len(kept) == 2
    kept[0].write_bytes(b"damaged")
    found = threshold_ma(fibers, fields, PULSE, store=store, **options)
    assert np.array_equal(found, threshold_ma(fibers, fields, PULSE, **options))
    assert len(list((tmp_path / "parts").iterdir())) == 3
    ran = []
    monkeypatch.setattr(Batch, "of", lambda *a, **k: ran.append(1))
    assert np.array_equal(threshold_ma(fibers, fields, PULSE, store=store, **options), found)
    assert not ran


def test_sources_superpose():
    fiber, field = mrg()
    wave = Wave.of_pulse(PULSE, at_us=[100.0])
    whole = threshold_factor([fiber], [[Drive(wave=wave, field_mv_per_ma=field)]])[0]
    halves = [Drive(wave=wave, field_mv_per_ma=0.25 * field), Drive(wave=wave, field_mv_per_ma=0.75 * field)]
    assert threshold_factor([fiber], [halves])[0] == whole
    assert -threshold_ma([fiber], [field], PULSE)[0] == whole
    against = [Drive(wave=wave, field_mv_per_ma=field), Drive(wave=wave, field_mv_per_ma=-field)]
    assert threshold_factor([fiber], [against])[0] == math.inf


def test_interferential_beats_need_more_than_their_sum_at_low_frequency():
    fiber, field = mrg()
    slow, *pair = (
        Drive(wave=Wave.sine(amplitude=1.0, frequency_hz=f, begin_us=0.0, end_us=5000.0), field_mv_per_ma=share * field)
        for f, share in ((500.0, 1.0), (4000.0, 0.5), (4500.0, 0.5))
    )
    one, two = (threshold_factor([fiber], [drives], rel_tol=0.01)[0] for drives in ([slow], pair))
    assert one < two < 20 * one


def test_kilohertz_and_direct_current_block():
    fiber, field = mrg(31)
    test = Drive(wave=Wave.of_pulse(KICK, at_us=[8000.0]), node=2)
    sine = Wave.sine(amplitude=1.0, frequency_hz=10e3, begin_us=0.0, end_us=12_000.0)
    direct = Wave.sampled(np.array([0.0, 12_000.0]), np.array([1.0, 0.0]))
    for wave in (sine, direct):
        found = block_threshold_ma(
            fiber, Drive(wave=wave, field_mv_per_ma=field), test, test_us=8000.0, duration_us=12_000.0
        )
        assert 0.05 < found < 10.0
    weak = Drive(wave=Wave.of_pulse(KICK.scaled(1e-3), at_us=[8000.0]), node=2)
    with pytest.raises(InputError, match="does not fire"):
        block_threshold_ma(fiber, Drive(wave=sine, field_mv_per_ma=field), weak, test_us=8000.0, duration_us=12_000.0)


def test_single_fiber_potential_is_triphasic_and_scales():
    fiber, _ = mrg(31)
    lead = point_mv_per_ma(500.0, 0.0, fiber.z_um - fiber.z_um[220], sigma_s_per_m=0.3)
    drives = [Drive(wave=Wave.of_pulse(KICK), node=2)]
    _, v = single_fiber_potential_uv(fiber, drives, [lead, 2.0 * lead, np.full(lead.size, 7.0)])
    assert v[1] == pytest.approx(2.0 * v[0])
    assert np.max(np.abs(v[2])) < 1e-6  # what leaves the fiber comes back: an even lead field sees nothing
    negative = int(np.argmin(v[0]))
    assert v[0, :negative].max() > 0.1 * -v[0].min()
    assert v[0, negative:].max() > 0.01 * -v[0].min()


def test_single_fiber_potential_is_the_sum_of_transmembrane_currents():
    fiber = Fiber.of("sundt", diameter_um=1.0, n_node=81)
    x_um = fiber.z_um - fiber.z_um[40]
    lead, field = (point_mv_per_ma(d, 0.0, x_um, sigma_s_per_m=0.3) for d in (100.0, 300.0))
    pulse = Pulse(amplitude_ma=-0.5, width_us=500.0, shape="monophasic")
    trace = simulate(fiber, field, pulse, dt_us=25.0, duration_us=3000.0)
    drive = Drive(wave=Wave.of_pulse(pulse, at_us=[100.0]), field_mv_per_ma=field)
    t_us, v_uv = single_fiber_potential_uv(fiber, [drive], [lead], dt_us=25.0, duration_us=3000.0)
    assert t_us == pytest.approx(trace.t_us)
    link = 1.0 / (fiber.half_axial_mohm[1:] + fiber.half_axial_mohm[:-1])
    flow = link * np.diff(trace.v_mv - simulate(fiber, field, pulse.scaled(1e-9), dt_us=25.0, duration_us=3000.0).v_mv)
    out_na = np.pad(flow, ((0, 0), (0, 1))) - np.pad(flow, ((0, 0), (1, 0)))
    assert v_uv[0] == pytest.approx(1e-3 * out_na @ lead, abs=1e-4 * np.max(np.abs(v_uv)))


def test_velocity_follows_diameter_and_misses_are_told():
    fibers = [Fiber.of("mrg", diameter_um=d, n_node=21) for d in (6.0, 10.0, 15.0)]
    speed = velocity_m_per_s(fibers)
    assert np.all(np.diff(speed) > 0)
    assert speed[1] == pytest.approx(54.5, rel=0.02)
    with pytest.raises(InputError, match="no such node"):
        spikes(fibers[0], [Drive(wave=Wave.of_pulse(KICK), node=99)])
    with pytest.raises(InputError, match="outside or inside"):
        Drive(wave=Wave.of_pulse(KICK))
