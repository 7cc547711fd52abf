"""Pulses and trains: charge in closed form, waveform, and each mistake."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vagus.dose import Pulse, Train
from vagus.errors import InputError

amplitudes = st.floats(0.01, 60).flatmap(lambda a: st.sampled_from([a, -a]))


def test_charge_by_hand():
    # 1 mA for 250 µs carries 1e-3 A · 250e-6 s = 0.25 µC
    pulse = Pulse(amplitude_ma=-1.0, width_us=250, shape="monophasic")
    assert pulse.charge_uc == pytest.approx(0.25)
    assert pulse.net_charge_uc == pytest.approx(-0.25)
    assert pulse.cathodic_first
    assert pulse.duration_us == 250


def test_asymmetric_phase_is_lower_and_longer():
    pulse = Pulse(amplitude_ma=2.0, width_us=200, shape="biphasic_asymmetric", gap_us=50, recovery_ratio=0.25)
    first, second = pulse.phases
    assert (first.start_us, first.width_us, first.amplitude_ma) == (0, 200, 2)
    assert (second.start_us, second.width_us, second.amplitude_ma) == (250, 800, -0.5)
    assert pulse.duration_us == 1050


@given(
    amplitude=amplitudes,
    width=st.floats(10, 2000),
    gap=st.floats(0, 500),
    ratio=st.one_of(st.just(1.0), st.floats(0.05, 0.99)),
)
def test_two_phases_balance_their_charge(amplitude: float, width: float, gap: float, ratio: float):
    shape = "biphasic_symmetric" if ratio == 1 else "biphasic_asymmetric"
    pulse = Pulse(amplitude_ma=amplitude, width_us=width, shape=shape, gap_us=gap, recovery_ratio=ratio)
    assert abs(pulse.net_charge_uc) <= 1e-12 * pulse.charge_uc


def test_waveform_integrates_to_the_charge():
    pulse = Pulse(amplitude_ma=-1.5, width_us=100, shape="biphasic_symmetric", gap_us=20)
    t_us = np.arange(-50, 300) + 0.5
    wave = pulse.waveform_ma(t_us)
    assert wave[wave < 0].sum() / 1000 == pytest.approx(-pulse.charge_uc)
    assert wave.sum() == pytest.approx(0)
    assert set(wave[(t_us > 100) & (t_us < 120)]) == {0.0}
    assert pulse.waveform_ma([[10.0], [110.0]]).shape == (2, 1)


def test_scaled_keeps_the_rest():
    pulse = Pulse(amplitude_ma=1, width_us=100, shape="biphasic_asymmetric", recovery_ratio=0.5)
    assert pulse.scaled(-3).phases[1].amplitude_ma == 1.5
    assert pulse.scaled(-3).width_us == 100


GOOD = {"amplitude_ma": 1.0, "width_us": 250.0, "shape": "biphasic_symmetric"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"amplitude_ma": math.nan}, "amplitude_ma is not a finite number"),
        ({"amplitude_ma": math.inf}, "amplitude_ma is not a finite number"),
        ({"amplitude_ma": "1.5"}, "amplitude_ma is not a number; found '1.5'"),
        ({"amplitude_ma": True}, "amplitude_ma is not a number"),
        ({"width_us": -250.0}, "found -250 µs; allowed: above 0 µs"),
        ({"width_us": 0}, "found 0 µs; allowed: above 0 µs"),
        ({"width_us": math.nan}, "width_us is not a finite number"),
        ({"gap_us": -1}, "gap_us is out of range"),
        ({"shape": "biphasic_symetric"}, 'did you mean "biphasic_symmetric"?'),
        (
            {"shape": "biphasic"},
            'did you mean "biphasic_symmetric"? (one of: biphasic_asymmetric, biphasic_symmetric, monophasic)',
        ),
        ({"shape": "biphasic_asymmetric"}, "needs the height of its second phase"),
        ({"recovery_ratio": 0.5}, "does not fit the shape"),
        ({"shape": "biphasic_asymmetric", "recovery_ratio": 1.5}, "recovery_ratio is out of range"),
        ({"shape": "monophasic", "gap_us": 10}, "a monophasic pulse has no gap"),
    ],
)
def test_pulse_mistakes(change, words):
    with pytest.raises(InputError) as caught:
        Pulse(**{**GOOD, **change})
    assert words in str(caught.value)


def test_all_problems_of_a_pulse_at_once():
    with pytest.raises(InputError) as caught:
        Pulse(amplitude_ma=math.nan, width_us=-1, shape="monophasic")
    assert len(caught.value.problems) == 2


PULSE = Pulse(amplitude_ma=1.0, width_us=250, shape="biphasic_symmetric")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"rate_hz": 0}, "rate_hz is out of range; found 0 Hz"),
        ({"rate_hz": -5}, "rate_hz is out of range"),
        ({"rate_hz": math.nan}, "rate_hz is not a finite number"),
        ({"rate_hz": 2001}, "the pulse is longer than its period"),
        ({"rate_hz": 100, "pulses_per_burst": 4}, "half described; found pulses_per_burst alone"),
        ({"rate_hz": 100, "burst_rate_hz": 4}, "half described; found burst_rate_hz alone"),
        ({"rate_hz": 100, "pulses_per_burst": 0, "burst_rate_hz": 1}, "pulses_per_burst is out of range"),
        ({"rate_hz": 100, "pulses_per_burst": 2.5, "burst_rate_hz": 1}, "pulses_per_burst is not whole"),
        ({"rate_hz": 100, "pulses_per_burst": 5, "burst_rate_hz": 25}, "longer than its burst period; found 40.5 ms"),
        ({"rate_hz": 25, "gate": "exhalation"}, "a gated train is half described"),
        ({"rate_hz": 25, "gated_burst_s": 1.0}, "a gated train is half described"),
        (
            {"rate_hz": 25, "gate": "exhale", "gated_burst_s": 1.0},
            'did you mean "exhalation"? (one of: exhalation, inhalation, none, systole)',
        ),
        ({"rate_hz": 25, "gate": "systole", "gated_burst_s": 1e-5}, "the gate closes before"),
    ],
)
def test_train_mistakes(fields, words):
    with pytest.raises(InputError) as caught:
        Train(pulse=PULSE, **fields)
    assert words in str(caught.value)


def test_a_pulse_may_fill_its_period():
    # gammaCore: 5 kHz, phases of 100 µs; bursts of 5 at 25 Hz are 125 pulses a second
    pulse = Pulse(amplitude_ma=30, width_us=100, shape="biphasic_symmetric")
    assert Train(pulse=pulse, rate_hz=5000, pulses_per_burst=5, burst_rate_hz=25).mean_rate_hz() == 125


def test_gated_rate_follows_the_person():
    train = Train(pulse=PULSE, rate_hz=25, gate="systole", gated_burst_s=0.2)
    assert train.mean_rate_hz(heart_rate_bpm=60) == pytest.approx(5.0)
    with pytest.raises(InputError, match="heart_rate_bpm"):
        train.mean_rate_hz(breath_rate_per_min=12)
    with pytest.raises(InputError, match="longer than the cycle"):
        train.mean_rate_hz(heart_rate_bpm=600)
