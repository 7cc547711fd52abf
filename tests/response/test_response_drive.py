from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from vagus.dose import Pulse, Train
from vagus.errors import InputError
from vagus.fiber import population
from vagus.response import Volley, drive
from vagus.response.drive import follow, kind, mean_shape


def test_rate_is_share_times_pulse_rate_while_on(recruitment, protocol):
    made = recruitment(1.0)
    volley = drive(made, protocol(rate_hz=20.0))
    touch = next(c for c in made.classes if c.key == "a_beta")
    expected_hz = touch.at_dose.estimate / 100 * 20.0
    on = (volley.t_s % 330) < 29
    off = (volley.t_s % 330) > 31
    np.testing.assert_allclose(volley.rate_hz["a_beta"][on], expected_hz)
    np.testing.assert_array_equal(volley.rate_hz["a_beta"][off], 0.0)


def test_arms_and_side(recruitment, protocol):
    neck = drive(recruitment(1.0), protocol())
    assert neck.side == "left"
    assert {k for k, arm in neck.arm.items() if arm == "efferent"} == {"a_motor", "b"}
    ear = drive(recruitment(1.0, "cymba_right"), protocol())
    assert ear.side == "right"
    assert set(ear.arm.values()) == {"afferent"}


def test_unmyelinated_fibers_drive_the_brain(recruitment):
    """The class holds sympathetic fibers too, and is counted as sensory, as its role says."""
    real = population("cervical_left").classes[-1]
    made = dataclasses.replace(recruitment(1.0).classes[-1], key=real.key, role=real.role, label=real.label)
    assert kind(made) == ("c", "afferent")


def test_c_fibers_do_not_follow_fast_trains(recruitment, protocol):
    made = recruitment(4.0)
    slow, fast = (drive(made, protocol(rate_hz=hz)).rate_hz["c"].max() for hz in (10.0, 30.0))
    assert fast == pytest.approx(slow)
    touch = [drive(made, protocol(rate_hz=hz)).rate_hz["a_beta"].max() for hz in (10.0, 30.0)]
    assert touch[1] == pytest.approx(3 * touch[0])


def test_microburst_keeps_its_first_spike():
    pulse = Pulse(amplitude_ma=1.0, width_us=250, shape="biphasic_symmetric")
    burst = Train(pulse=pulse, rate_hz=300.0, pulses_per_burst=4, burst_rate_hz=1.0)
    assert float(follow(burst, limit_hz=1000.0)) == 1.0
    assert float(follow(burst, limit_hz=30.0)) == pytest.approx((1 + 3 * 0.1) / 4)


def test_gated_train_counts_only_its_open_time(recruitment, protocol):
    plain = protocol(rate_hz=25.0)
    gated_train = dataclasses.replace(plain.train, gate="exhalation", gated_burst_s=1.0)
    gated = dataclasses.replace(plain, train=gated_train)
    made = recruitment(1.0, "cymba_left")
    whole = drive(made, plain).rate_hz["a_beta"].max()
    part = drive(made, gated, breath_rate_per_min=12.0).rate_hz["a_beta"].max()
    assert part == pytest.approx(whole * 12 / 60)


def gated_plan(protocol, gate, burst_s):
    plain = protocol(rate_hz=25.0, on_s=40.0, off_s=20.0, sitting_min=5.0)
    return dataclasses.replace(plain, train=dataclasses.replace(plain.train, gate=gate, gated_burst_s=burst_s))


@pytest.mark.parametrize(("gate", "burst_s", "every_s"), [("exhalation", 1.0, 4.0), ("systole", 0.2, 0.85)])
def test_gated_bursts_stand_where_breath_or_heart_opened_the_gate(recruitment, protocol, gate, burst_s, every_s):
    made, plan = recruitment(1.0, "cymba_left"), gated_plan(protocol, gate, burst_s)
    opens_s = np.arange(0.3, 300.0, every_s)
    volley = drive(made, plan, opens_s=opens_s)
    rate, share = volley.rate_hz["a_beta"], made.classes[0].at_dose.estimate / 100
    assert rate.max() == pytest.approx(share * 25.0)
    into_s = np.mod(volley.t_s - 0.3, every_s)
    on = np.mod(volley.t_s, 60.0) < 39.9
    inside = on & (into_s > 0.06) & (into_s < burst_s - 0.06) & (volley.t_s > 0.4)
    np.testing.assert_allclose(rate[inside], share * 25.0)
    assert np.all(rate[(into_s > burst_s + 0.06) & (into_s < every_s - 0.06)] == 0)
    # as many spikes as when they are spread evenly
    follows = "breath_rate_per_min" if gate == "exhalation" else "heart_rate_bpm"
    even = drive(made, plan, **{follows: 60 / every_s}).rate_hz["a_beta"]
    assert rate.mean() == pytest.approx(even.mean(), rel=0.03)


def test_openings_are_checked(recruitment, protocol):
    made = recruitment(1.0, "cymba_left")
    with pytest.raises(InputError, match="opens_s without a gate"):
        drive(made, protocol(), opens_s=np.array([1.0]))
    with pytest.raises(InputError, match="does not rise"):
        drive(made, gated_plan(protocol, "exhalation", 1.0), opens_s=np.array([2.0, 1.0]))


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), -1.0, 0.0, 1e6])
def test_rates_and_durations_out_of_range_are_refused(recruitment, protocol, wrong):
    made, plan = recruitment(1.0, "cymba_left"), gated_plan(protocol, "exhalation", 1.0)
    for name in ("breath_rate_per_min", "heart_rate_bpm"):
        with pytest.raises(InputError, match=name):
            drive(made, plan, **{name: wrong})
    if wrong < 1e6:
        with pytest.raises(InputError, match="duration_s"):
            drive(made, plan, duration_s=wrong)


def test_ramp_follows_the_recruitment_curve(recruitment, protocol):
    made = recruitment(1.0)
    ramped = protocol(ramp_s=10.0, on_s=30.0, off_s=60.0)
    volley = drive(made, ramped)
    touch, rate = next(c for c in made.classes if c.key == "a_beta"), volley.rate_hz["a_beta"]
    in_ramp = np.flatnonzero(volley.t_s == 7.5)[0]
    assert rate[in_ramp] == pytest.approx(np.interp(0.75, made.amplitude_ma, touch.share_pct) / 100 * 20.0)
    assert rate[in_ramp] < 0.75 * rate.max()


@pytest.mark.parametrize(("ramp_s", "span_s"), [(0.0, 3600.0), (2.0, 3600.0), (7.5, 1000.0), (5.0, 32.0), (5.0, 3.0)])
def test_mean_shape_is_the_brute_force_mean(recruitment, protocol, ramp_s, span_s):
    made, plan = recruitment(1.5), protocol(ramp_s=ramp_s, on_s=28.0, off_s=32.0)
    one = made.classes[1]
    t_s = (np.arange(400_000) + 0.5) * span_s / 400_000
    grid, curve = np.append(0.0, made.amplitude_ma), np.append(0.0, one.share_pct)
    brute = np.interp(plan.is_on(t_s) * 1.5, grid, curve).mean() / np.interp(1.5, grid, curve)
    assert mean_shape(one, made, plan, span_s=span_s) == pytest.approx(brute, rel=1e-3)


def test_class_of_no_group_is_an_error(recruitment):
    odd = dataclasses.replace(recruitment(1.0).classes[0], key="other")
    with pytest.raises(InputError, match="no known group"):
        kind(odd)


def test_volley_checks_itself():
    with pytest.raises(InputError, match="rate does not fit"):
        Volley(t_s=np.arange(3.0), rate_hz={"a": np.arange(2.0)}, side="left", site="cymba_left", arm={"a": "afferent"})
    with pytest.raises(InputError, match="without an arm"):
        Volley(t_s=np.arange(2.0), rate_hz={"a": np.arange(2.0)}, side="left", site="cymba_left", arm={})
    made = Volley(
        t_s=np.arange(2.0), rate_hz={"a": np.arange(2.0)}, side="left", site="cymba_left", arm={"a": "afferent"}
    )
    with pytest.raises(ValueError, match="read-only"):
        made.rate_hz["a"][0] = 1.0
