"""Time domain: textbook, definitions, scaling, shift."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vagus.errors import Abstained, InputError
from vagus.signal import PRESETS, Beats, vagal_tone

rr_lists = st.lists(st.floats(400, 1500), min_size=30, max_size=120)
TIME = ("mean_rr_ms", "rmssd_ms", "sdnn_ms", "sd1_ms", "sd2_ms")


@pytest.mark.parametrize("seed", range(5))
def test_textbook(seed):
    rr = np.random.default_rng(seed).normal(850, 60, 300)
    beats = Beats.of_rr(rr, start_s=77.7)
    rr = np.diff(beats.time_s) * 1000  # what the times hold
    tone = vagal_tone(beats)
    step = rr[1:] - rr[:-1]
    assert tone.rmssd_ms.estimate == pytest.approx(math.sqrt((step**2).sum() / step.size), rel=1e-9)
    assert tone.sd1_ms.estimate == pytest.approx(math.sqrt((step**2).sum() / step.size / 2), rel=1e-9)
    along = (rr[1:] + rr[:-1]) / math.sqrt(2)
    assert tone.sd2_ms.estimate == pytest.approx(along.std(ddof=1), rel=1e-9)
    assert tone.pnn50_pct.estimate == pytest.approx(100 * (np.abs(step) > 50).sum() / step.size, rel=1e-9)


@given(rr=rr_lists)
@settings(max_examples=40, deadline=None)
def test_sd1_squared_is_half_of_rmssd_squared(rr):
    tone = vagal_tone(Beats.of_rr(rr))
    assert tone.sd1_ms.estimate**2 == pytest.approx(tone.rmssd_ms.estimate**2 / 2, rel=1e-12)


@given(rr=rr_lists, shift_s=st.floats(-1e4, 1e4))
@settings(max_examples=25, deadline=None)
def test_a_shift_in_time_changes_nothing(rr, shift_s):
    one, other = vagal_tone(Beats.of_rr(rr)), vagal_tone(Beats.of_rr(rr, start_s=shift_s))
    for key in (*TIME, "hf_ms2", "lf_ms2", "deceleration_ms", "acceleration_ms"):
        # times of 10^4 s hold RR to 10^-9 ms
        a, b = getattr(one, key).estimate, getattr(other, key).estimate
        assert a == pytest.approx(b, rel=1e-5, abs=1e-6, nan_ok=True), key


@given(rr=rr_lists, factor=st.floats(0.7, 1.4))
@settings(max_examples=25, deadline=None)
def test_scaled_rr_scales_the_index(rr, factor):
    one, other = vagal_tone(Beats.of_rr(rr)), vagal_tone(Beats.of_rr(np.array(rr) * factor))
    for key in (*TIME, "deceleration_ms", "acceleration_ms"):
        a, b = getattr(one, key).estimate, getattr(other, key).estimate
        assert b == pytest.approx(a * factor, rel=1e-6, abs=1e-6, nan_ok=True), key


@given(n=st.integers(1, 6), preset=st.sampled_from(sorted(PRESETS)))
@settings(max_examples=20, deadline=None)
def test_too_little_is_told_from_the_start(n, preset):
    """A typed error or finite numbers, never a silent nan, in the time domain."""
    beats = Beats.of_rr([800.0 + 10 * i for i in range(n)])
    try:
        tone = vagal_tone(beats, settings=PRESETS[preset])
    except (InputError, Abstained):
        assert n <= 3
        return
    assert np.isfinite([getattr(tone, key).estimate for key in TIME]).all()
    assert np.isnan(tone.hf_ms2.estimate)
    assert "not told" in tone.hf_ms2.method


def test_pulses_are_labelled_prv():
    beats = Beats.of_rr(np.random.default_rng(0).normal(800, 30, 300))
    pulses = Beats(time_s=beats.time_s, quality=beats.quality, origin="given", kind="ppg")
    tone = vagal_tone(pulses)
    assert tone.label == "PRV"
    assert any("PRV" in flag for flag in tone.flags)
    assert vagal_tone(beats).label == "HRV"
