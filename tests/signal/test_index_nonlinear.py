"""Capacities, scaling exponent, sample entropy, Porges-Bohrer and recovery: closed forms, twins, known limits."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal as dsp

from vagus.errors import Abstained
from vagus.signal import Beats, Gap, heart_rate_recovery, vagal_tone
from vagus.signal.index.entropy import matches
from vagus.signal.index.rsa import band_of_breaths
from vagus.signal.index.scaling import fluctuations


def wandering(rng, size, n, memory):
    """Autoregression of `n` values whose steps have a standard deviation of `size`."""
    return np.asarray(dsp.lfilter([1], [1, -memory], rng.normal(0, size, n)))


def told(effect):
    """The index, which was asked for."""
    assert effect is not None
    return effect


def tone_of(rr, **options):
    return vagal_tone(Beats.of_rr(rr), nonlinear=True, **options)


def twin_capacity(rr, sign):
    """Bauer 2006, one place at a time."""
    found = []
    for i in range(2, len(rr) - 1):
        change = sign * (rr[i] - rr[i - 1])
        if 0 < change <= 0.05 * rr[i - 1]:
            found.append((rr[i] + rr[i + 1] - rr[i - 1] - rr[i - 2]) / 4)
    return np.mean(found)


@pytest.mark.parametrize("seed", range(4))
def test_capacities_are_those_of_a_plain_loop(seed):
    rng = np.random.default_rng(seed)
    beats = Beats.of_rr(850 + wandering(rng, 25, 400, 0.8))
    tone = vagal_tone(beats)
    assert tone.deceleration_ms.estimate == pytest.approx(twin_capacity(beats.rr_ms, 1), rel=1e-9)
    assert tone.acceleration_ms.estimate == pytest.approx(twin_capacity(beats.rr_ms, -1), rel=1e-9)


def test_capacity_of_a_sawtooth():
    # up by 10 for four beats, down by 40: around a rise, the mean of (up, up | down) places is 20, 20, 7.5 and -5 ...
    rr = 800.0 + np.tile([0, 10, 20, 30, 40], 60)
    assert vagal_tone(Beats.of_rr(rr)).deceleration_ms.estimate == pytest.approx(twin_capacity(rr, 1), rel=1e-9)
    reverse = vagal_tone(Beats.of_rr(rr[::-1])).acceleration_ms.estimate
    assert reverse == pytest.approx(twin_capacity(rr[::-1], -1), rel=1e-9)


def test_too_few_anchors_tell_no_capacity():
    effect = vagal_tone(Beats.of_rr([800.0, 810, 800, 810, 800, 810])).deceleration_ms
    assert math.isnan(effect.estimate)
    assert "anchors of deceleration, 20 needed" in effect.method


def twin_f2(rr, n):
    profile = np.cumsum(rr - np.mean(rr))
    rest = []
    for k in range(len(rr) // n):
        y = profile[k * n : (k + 1) * n]
        rest.append(np.mean((y - np.polyval(np.polyfit(np.arange(n), y, 1), np.arange(n))) ** 2))
    return np.mean(rest)


def test_fluctuations_are_those_of_a_plain_loop():
    rr = np.random.default_rng(0).normal(800, 30, 300)
    rows = fluctuations(rr, np.arange(4, 17))
    assert rows.mean(axis=1) == pytest.approx([twin_f2(rr, n) for n in range(4, 17)], rel=1e-9)
    slope = np.polyfit(np.log(np.arange(4, 17)), np.log(np.sqrt(rows.mean(axis=1))), 1)[0]
    assert told(tone_of(rr).dfa_alpha1).estimate == pytest.approx(slope, rel=1e-6)


@pytest.mark.parametrize(("walk", "low", "high"), [(False, 0.45, 0.75), (True, 1.35, 1.65)])
def test_alpha1_of_noise_and_of_a_random_walk(walk, low, high):
    # 0.5 and 1.5 in the limit of long boxes; boxes of 4 to 16 bend up by about 0.1 (Peng 1995)
    rng = np.random.default_rng(4)
    noise = rng.normal(0, 1, 3000)
    rr = 800 + (np.cumsum(noise) if walk else 10 * noise)
    assert low < told(tone_of(rr).dfa_alpha1).estimate < high


def twin_entropy(rr, m=2, share=0.2):
    """Richman & Moorman 2000, every pair."""
    r, n = share * np.std(rr, ddof=1), len(rr) - m
    counts = []
    for length in (m, m + 1):
        far = [np.abs(np.subtract.outer(rr[k : k + n], rr[k : k + n])) for k in range(length)]
        counts.append((np.max(far, axis=0) <= r).sum() - n)
    return -math.log(counts[1] / counts[0])


@pytest.mark.parametrize("seed", range(3))
def test_sample_entropy_is_that_of_every_pair(seed):
    beats = Beats.of_rr(np.random.default_rng(seed).normal(800, 40, 350))
    assert told(vagal_tone(beats, nonlinear=True).sample_entropy).estimate == pytest.approx(
        twin_entropy(beats.rr_ms), rel=1e-9
    )


def test_matches_of_a_long_series_are_counted_at_once(monkeypatch):
    rr = np.random.default_rng(1).normal(800, 40, 500)
    one = [counts.sum() for counts in matches(rr, 2, 8.0)]
    monkeypatch.setattr("vagus.signal.index.entropy._EACH_UP_TO", 100)
    assert [counts.sum() for counts in matches(rr, 2, 8.0)] == pytest.approx(one)


@given(factor=st.floats(0.5, 2), seed=st.integers(0, 20))
@settings(max_examples=15, deadline=None)
def test_entropy_and_alpha1_do_not_know_the_scale(factor, seed):
    rr = np.random.default_rng(seed).normal(800, 40, 256)
    one, other = tone_of(rr), tone_of(rr * factor)
    assert told(other.sample_entropy).estimate == pytest.approx(told(one.sample_entropy).estimate, rel=1e-6)
    assert told(other.dfa_alpha1).estimate == pytest.approx(told(one.dfa_alpha1).estimate, rel=1e-6)


def test_short_series_tell_neither():
    tone = tone_of(np.random.default_rng(0).normal(800, 40, 100))
    assert "128 needed for α1" in told(tone.dfa_alpha1).method
    assert "200 needed for sample entropy" in told(tone.sample_entropy).method


def test_nonlinear_indices_are_made_when_asked_for():
    assert vagal_tone(Beats.of_rr([800.0, 820] * 200)).sample_entropy is None


@pytest.mark.parametrize("f_hz", [0.18, 0.25, 0.32])
@pytest.mark.parametrize("size_ms", [5.0, 40.0])
def test_porges_bohrer_of_known_variance(f_hz, size_ms):
    time_s = [0.0]
    while time_s[-1] < 600:
        time_s.append(time_s[-1] + (700 + size_ms * np.sin(2 * np.pi * f_hz * time_s[-1])) / 1000)
    tone = vagal_tone(Beats(time_s=np.array(time_s), quality=np.ones(len(time_s)), origin="given"))
    # what the moving cubic and the filter let through at that frequency
    moving = np.zeros(21)
    moving[10] = 1
    moving -= dsp.savgol_coeffs(21, 3)
    detrended = np.polyval(moving, np.exp(2j * np.pi * f_hz / 2))
    sos = np.asarray(dsp.butter(4, (0.12, 0.4), "bandpass", fs=2.0, output="sos"))
    z = np.exp(-2j * np.pi * f_hz / 2)
    passed = np.prod([np.polyval(s[2::-1], z) / np.polyval(s[:2:-1], z) for s in sos])
    power = size_ms**2 / 2 * abs(detrended) ** 2 * abs(passed) ** 4
    # epochs of 30 s hold no whole number of breaths, and the spline takes 1 %
    assert tone.rsa_porges.estimate == pytest.approx(math.log(power), abs=0.05)


def test_band_filter_is_that_of_scipy():
    series = np.random.default_rng(0).normal(800, 30, 600)
    moving = -dsp.savgol_coeffs(21, 3)
    moving[10] += 1
    sos = np.asarray(dsp.butter(4, (0.12, 0.4), "bandpass", fs=2.0, output="sos"))
    expected = dsp.sosfiltfilt(sos, np.convolve(series, moving, mode="valid"))
    np.testing.assert_allclose(band_of_breaths(series), expected, atol=1e-9)


def test_porges_bohrer_does_not_see_slow_waves():
    time_s = [0.0]
    while time_s[-1] < 400:
        time_s.append(time_s[-1] + (800 + 60 * np.sin(2 * np.pi * 0.04 * time_s[-1])) / 1000)
    tone = vagal_tone(Beats(time_s=np.array(time_s), quality=np.ones(len(time_s)), origin="given"))
    assert tone.rsa_porges.estimate < math.log(0.001 * 60**2 / 2)


def falling(tau_s=150.0, from_bpm=160.0, noise=0.0):
    rng = np.random.default_rng(0)
    time_s = [0.0]
    while time_s[-1] < 200:
        rate = from_bpm * math.exp(-max(0.0, time_s[-1] - 60) / tau_s)
        time_s.append(time_s[-1] + 60 / rate * (1 + noise * rng.normal()))
    return Beats(time_s=np.array(time_s), quality=np.ones(len(time_s)), origin="given", source_name="run.csv")


def test_recovery_of_an_exponential_fall():
    found = heart_rate_recovery(falling(noise=0.01), stop_s=60)
    assert found.peak_bpm == pytest.approx(160, rel=0.01)
    assert found.t30_s.estimate == pytest.approx(150, rel=0.1)
    assert found.t30_s.low < 150 < found.t30_s.high
    assert found.hrr60_bpm.estimate == pytest.approx(160 * (1 - math.exp(-60 / 150)), rel=0.02)
    assert found.hrr60_bpm.low < found.hrr60_bpm.estimate < found.hrr60_bpm.high


def test_recovery_that_cannot_be_told_says_why():
    with pytest.raises(Abstained, match=r"run.csv, 215 to 225 s \(a minute after exercise\): fewer than 4 beats"):
        heart_rate_recovery(falling(), stop_s=160)
    rising = Beats.of_rr(np.linspace(700, 400, 400))
    with pytest.raises(Abstained, match="does not fall"):
        heart_rate_recovery(rising, stop_s=60)


@pytest.mark.parametrize("key", ["deceleration_ms", "dfa_alpha1", "sample_entropy", "rsa_porges", "lf_ms2", "sd2_ms"])
def test_every_index_has_an_interval_that_holds_it(key):
    rng = np.random.default_rng(2)
    rr = 850 + wandering(rng, 25, 420, 0.7)
    effect = getattr(tone_of(rr, rng=rng, n_resample=200), key)
    assert effect.low < effect.estimate < effect.high
    assert "moving blocks" in effect.method
    bare = getattr(tone_of(rr), key)
    assert bare.estimate == effect.estimate
    assert math.isnan(bare.low)


def test_intervals_cover_the_value_of_a_long_series():
    """60 windows of one process; the truth is its value over 24 000 beats. 95 % less what blocks of 20 s miss."""
    rng = np.random.default_rng(8)
    long = 850 + wandering(rng, 25, 24_000, 0.6)
    keys = ("dfa_alpha1", "sample_entropy", "deceleration_ms", "acceleration_ms")
    truth, held = tone_of(long), dict.fromkeys(keys, 0)
    for k in range(60):
        tone = tone_of(long[k * 400 : k * 400 + 400], rng=rng, n_resample=100)
        for key in keys:
            held[key] += getattr(tone, key).low <= getattr(truth, key).estimate <= getattr(tone, key).high
    assert min(held.values()) >= 50, held
    assert min(held.values()) < 60, held  # never missing would be too wide


def test_gaps_leave_their_neighbors_out():
    rng = np.random.default_rng(5)
    whole = Beats.of_rr(850 + wandering(rng, 20, 700, 0.7))
    kept = (whole.time_s < 250) | (whole.time_s > 260)
    holed = Beats(
        time_s=whole.time_s[kept], quality=whole.quality[kept], origin="given", gaps=(Gap(start_s=250.0, stop_s=260.0),)
    )
    one, other = vagal_tone(whole, nonlinear=True), vagal_tone(holed, nonlinear=True)
    for key in ("deceleration_ms", "acceleration_ms", "rsa_porges", "dfa_alpha1", "sample_entropy"):
        assert getattr(other, key).estimate == pytest.approx(getattr(one, key).estimate, rel=0.15), key
