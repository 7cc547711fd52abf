"""Duty cycle, schedule and daily dose."""

import math
from datetime import date, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vagus.dose import Protocol, Pulse, Train
from vagus.errors import InputError

TRAIN = Train(pulse=Pulse(amplitude_ma=1.0, width_us=250, shape="biphasic_symmetric"), rate_hz=20)
GOOD = {
    "train": TRAIN, "on_s": 30.0, "off_s": 300.0, "sitting_min": 1440.0, "start": date(2026, 1, 12), "weeks": 8,
}  # fmt: skip


def test_duty_counts_both_ramps():
    assert Protocol(**GOOD).duty_pct == pytest.approx(100 * 30 / 330)
    assert Protocol(**{**GOOD, "ramp_s": 2.0}).duty_pct == pytest.approx(100 * 34 / 330)


def test_daily_charge_meets_the_published_arm():
    # D21 medium arm, 1.0 mA 250 µs 20 Hz 30 s / 300 s: about 39 mC a day (table titration, computed there)
    protocol = Protocol(**GOOD)
    assert protocol.dose_per_day_mc == pytest.approx(39.3, abs=0.1)
    assert protocol.pulses_per_day == pytest.approx(protocol.dose_per_day_mc / 0.25e-3)


def test_ramps_carry_half_the_charge_and_all_pulses():
    flat = Protocol(**{**GOOD, "sitting_min": 330 / 60}).daily()
    ramped = Protocol(**{**GOOD, "sitting_min": 330 / 60, "ramp_s": 4.0}).daily()
    assert flat.pulses == pytest.approx(20 * 30)
    assert ramped.pulses == pytest.approx(20 * 38)
    assert ramped.charge_mc == pytest.approx(20 * 34 * 0.25e-3)
    assert ramped.on_min == pytest.approx(38 / 60)


@given(on=st.floats(5, 60), off=st.floats(10, 300), ramp=st.floats(0, 5), sitting=st.floats(0.5, 10))
def test_envelope_integrates_to_the_daily_charge(on: float, off: float, ramp: float, sitting: float):
    protocol = Protocol(**{**GOOD, "on_s": on, "off_s": off, "ramp_s": ramp, "sitting_min": sitting})
    edges = np.linspace(0, sitting * 60, 60_001)
    middle = (edges[1:] + edges[:-1]) / 2
    weighted_s = protocol.is_on(middle).sum() * (edges[1] - edges[0])
    expected_mc = 20 * weighted_s * TRAIN.pulse.charge_uc / 1000
    assert protocol.dose_per_day_mc == pytest.approx(expected_mc, rel=5e-3)


def test_envelope():
    protocol = Protocol(**{**GOOD, "ramp_s": 2.0, "sitting_min": 10})
    t = [-1, 0, 1, 2, 31.9, 33, 34, 100, 331, 600]
    assert protocol.is_on(t).tolist() == [0, 0, 0.5, 1, 1, 0.5, 0, 0, 0.5, 0]


@pytest.mark.parametrize(
    ("weeks", "last"), [(8, "2026-03-08"), (1, "2026-01-18"), (0.5, "2026-01-15"), (0.1, "2026-01-12")]
)
def test_end_is_the_last_day(weeks: float, last: str):
    assert Protocol(**{**GOOD, "weeks": weeks}).end.isoformat() == last


def test_gated_dose_depends_on_the_person():
    gated = Train(pulse=TRAIN.pulse, rate_hz=25, gate="exhalation", gated_burst_s=1.2)
    protocol = Protocol(**{**GOOD, "train": gated, "on_s": 60.0, "off_s": 0.0, "sitting_min": 10})
    assert math.isnan(protocol.dose_per_day_mc)
    assert math.isnan(protocol.pulses_per_day)
    assert protocol.daily(breath_rate_per_min=15).pulses == pytest.approx(25 * 1.2 * 15 * 10)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"on_s": 0}, "on_s is out of range"),
        ({"on_s": math.nan}, "on_s is not a finite number"),
        ({"off_s": -5}, "the duty cycle would be over 100 %"),
        ({"ramp_s": 200.0}, "the duty cycle is over 100 %; found 130.3 %"),
        ({"ramp_s": -1}, "ramp_s is out of range"),
        ({"sitting_min": 1441}, "sitting_min is out of range; found 1441 min"),
        ({"sitting_min": 0}, "sitting_min is out of range"),
        ({"sitting_min": 800, "sittings_per_day": 2}, "do not fit into a day; found 2 × 800 min = 1600 min"),
        ({"sittings_per_day": 0}, "sittings_per_day is out of range"),
        ({"sittings_per_day": 1.5}, "sittings_per_day is not whole"),
        ({"sittings_per_day": math.inf}, "sittings_per_day is not a finite number"),
        ({"days_per_week": 8}, "days_per_week is out of range"),
        ({"weeks": 0}, "weeks is out of range"),
        ({"weeks": 1e9}, "weeks is out of range"),
        ({"start": "2026-01-12"}, "start is not a date"),
        ({"start": datetime(2026, 1, 12, 8)}, "start is not a date"),
        ({"on_s": 0.01}, "shorter than the time between two pulses"),
    ],
)
def test_protocol_mistakes(change, words):
    with pytest.raises(InputError) as caught:
        Protocol(**{**GOOD, **change})
    assert words in str(caught.value)
