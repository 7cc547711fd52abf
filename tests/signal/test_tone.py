import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vagus.errors import Abstained, InputError
from vagus.signal import PRESETS, Beats, Breaths, Gap, correct, vagal_tone

DATA = Path(__file__).parents[1] / "data"
REFERENCE = json.loads((DATA / "neurokit_reference.json").read_text())


def modulated(*, f_hz, mean_ms=800.0, size_ms=30.0, duration_s=300.0, trend_ms=0.0):
    time_s = [0.0]
    while time_s[-1] < duration_s:
        t = time_s[-1]
        time_s.append(t + (mean_ms + size_ms * np.sin(2 * np.pi * f_hz * t) + trend_ms * t / duration_s) / 1000)
    return Beats(time_s=np.array(time_s), quality=np.ones(len(time_s)), origin="given")


@pytest.mark.parametrize("seed", range(5))
def test_time_domain_is_the_textbook(seed):
    rr = np.random.default_rng(seed).integers(600, 1100, 400).astype(float)
    tone = vagal_tone(Beats.of_rr(rr, start_s=1234.5))
    difference = np.diff(rr)
    assert tone.rmssd_ms.estimate == pytest.approx(np.sqrt(np.mean(difference**2)), rel=1e-9)
    assert tone.ln_rmssd.estimate == pytest.approx(np.log(np.sqrt(np.mean(difference**2))), rel=1e-9)
    assert tone.sdnn_ms.estimate == pytest.approx(np.std(rr, ddof=1), rel=1e-9)
    assert tone.pnn50_pct.estimate == pytest.approx(100 * np.mean(np.abs(difference) > 50), rel=1e-9)
    assert tone.mean_rr_ms.estimate == pytest.approx(rr.mean(), rel=1e-9)
    assert tone.heart_rate_bpm.estimate == pytest.approx(60000 / rr.mean(), rel=1e-9)


def test_fifty_ms_is_not_above_fifty_ms():
    assert vagal_tone(Beats.of_rr([810, 860, 810, 860, 810, 861])).pnn50_pct.estimate == pytest.approx(20)


@pytest.mark.parametrize("f_hz", [0.18, 0.25, 0.3, 0.36])
@pytest.mark.parametrize("mean_ms", [600.0, 800.0])
def test_hf_power_of_a_sine(f_hz, mean_ms):
    tone = vagal_tone(modulated(f_hz=f_hz, mean_ms=mean_ms, trend_ms=40.0))
    assert tone.hf_ms2.estimate == pytest.approx(30**2 / 2, rel=0.02)


def test_hf_power_of_a_sine_at_a_slow_heart():
    assert vagal_tone(modulated(f_hz=0.25, mean_ms=1000.0)).hf_ms2.estimate == pytest.approx(450, rel=0.02)


def test_slow_waves_are_not_hf_power():
    assert vagal_tone(modulated(f_hz=0.08)).hf_ms2.estimate < 0.01 * 450


@pytest.mark.parametrize("name", sorted(REFERENCE["beats"]))
def test_neurokit2_preset(name):
    """NeuroKit2 0.2.13 on the same beats; benchmarks/neurokit_reference.py makes the numbers."""
    path = DATA / "beats" / name
    fs_hz = float(path.read_text().split("fs_hz =")[1].split()[0])
    time_s = np.loadtxt(path) / fs_hz
    tone = vagal_tone(Beats(time_s=time_s, quality=np.ones(time_s.size), origin="given"), settings=PRESETS["neurokit2"])
    theirs = REFERENCE["beats"][name]
    for key, tolerance in [("rmssd_ms", 0.001), ("sdnn_ms", 0.001), ("pnn50_pct", 0.001), ("hf_ms2", 0.02)]:
        assert getattr(tone, key).estimate == pytest.approx(theirs[key], rel=tolerance), key


def test_reference_is_of_the_named_version():
    assert REFERENCE["made_with"] == "neurokit2 0.2.13"
    assert {"bidmc01.txt", "bidmc02.txt", "resting.txt"} <= set(REFERENCE["beats"])


def test_intervals_are_seeded_and_hold_the_estimate():
    beats = modulated(f_hz=0.25)
    noisy = Beats.of_rr(beats.rr_ms + np.random.default_rng(0).normal(0, 15, beats.rr_ms.size))
    first = vagal_tone(noisy, rng=np.random.default_rng(7))
    again = vagal_tone(noisy, rng=np.random.default_rng(7))
    assert first == again
    for key in ("mean_rr_ms", "heart_rate_bpm", "rmssd_ms", "ln_rmssd", "sdnn_ms", "hf_ms2"):
        effect = getattr(first, key)
        assert effect.low < effect.estimate < effect.high, key
    bare = vagal_tone(noisy)
    assert np.isnan([bare.rmssd_ms.low, bare.hf_ms2.high]).all()
    assert bare.rmssd_ms.estimate == first.rmssd_ms.estimate


def test_interval_covers_the_truth_about_as_often_as_it_says():
    rng = np.random.default_rng(11)
    held = {"rmssd_ms": 0, "sdnn_ms": 0, "pnn50_pct": 0}
    truth = {"rmssd_ms": np.sqrt(2) * 20.0, "sdnn_ms": 20.0, "pnn50_pct": 100 * math.erfc(50 / 20 / 2)}
    for _ in range(200):
        tone = vagal_tone(Beats.of_rr(800 + rng.normal(0, 20, 375)), rng=rng)
        for key, true in truth.items():
            held[key] += getattr(tone, key).low <= true <= getattr(tone, key).high
    for key, n in held.items():
        assert 184 <= n <= 199, key  # 95 % of 200, give or take two standard errors


def test_no_difference_above_50_ms_is_no_certainty():
    tone = vagal_tone(Beats.of_rr(800 + np.random.default_rng(0).normal(0, 5, 300)), rng=np.random.default_rng(0))
    effect = tone.pnn50_pct
    assert (effect.estimate, effect.low) == (0.0, 0.0)
    assert 100 * 2.9 / effect.n <= effect.high < 100 * 8 / effect.n  # the rule of three, or a little more
    assert "rule of three" in effect.method


def test_steady_heart_has_no_zero_width_interval():
    tone = vagal_tone(Beats.of_rr(np.full(300, 800.0)), rng=np.random.default_rng(0))
    for key in ("mean_rr_ms", "heart_rate_bpm", "rmssd_ms", "sdnn_ms", "pnn50_pct", "hf_ms2"):
        effect = getattr(tone, key)
        assert np.isnan(effect.low) or effect.high > effect.low, key


def test_low_sampling_rate_is_flagged():
    beats = replace(modulated(f_hz=0.25), fs_hz=128.0)
    tone = vagal_tone(beats)
    assert any("sampled at 128 Hz, below the 250 Hz" in flag for flag in tone.flags)
    assert tone.rmssd_floor_ms == pytest.approx(np.sqrt(6) * 1000 / 128 / np.sqrt(12))


def test_rsa_is_peak_to_trough():
    period_s = 4.0
    time_s = [0.0]
    while time_s[-1] < 200:
        # longest where expiration ends its first half
        time_s.append(time_s[-1] + 0.8 - 0.05 * np.sin(2 * np.pi * time_s[-1] / period_s))
    beats = Beats(time_s=np.array(time_s), quality=np.ones(len(time_s)), origin="given")
    inhale = np.arange(0, 200, period_s)
    breaths = Breaths(inhale_s=inhale, exhale_s=inhale + 2, quality=np.ones(inhale.size), origin="given")
    tone = vagal_tone(beats, breaths=breaths, rng=np.random.default_rng(0))
    assert tone.rsa_ms is not None
    assert 75 < tone.rsa_ms.estimate <= 100
    assert tone.rsa_ms.low <= tone.rsa_ms.estimate <= tone.rsa_ms.high
    assert tone.breath_rate_per_min == pytest.approx(15)
    assert not any("breathing" in flag for flag in tone.flags)


def test_slow_breathing_is_flagged():
    beats = modulated(f_hz=0.1)
    inhale = np.arange(0, 300, 10.0)
    breaths = Breaths(inhale_s=inhale, exhale_s=inhale + 5, quality=np.ones(inhale.size), origin="given")
    flags = vagal_tone(beats, breaths=breaths).flags
    assert any("outside the HF band" in flag for flag in flags)


def test_window():
    beats = modulated(f_hz=0.25)
    tone = vagal_tone(beats, start_s=100.0, end_s=200.0)
    inside = beats.window(100, 200)
    assert (tone.start_s, tone.end_s, tone.n_beats) == (100.0, 200.0, inside.time_s.size)
    assert tone.mean_rr_ms.estimate == pytest.approx(inside.rr_ms.mean())
    with pytest.raises(InputError, match="too few beats in the window"):
        vagal_tone(beats, start_s=299.5, end_s=300.0)
    with pytest.raises(InputError, match="ends before"):
        vagal_tone(beats, start_s=30.0, end_s=20.0)


def test_short_window_has_no_hf_power_and_says_so():
    tone = vagal_tone(modulated(f_hz=0.25), start_s=0.0, end_s=10.0, rng=np.random.default_rng(0))
    assert np.isnan(tone.hf_ms2.estimate)
    assert any("60 s or more" in flag for flag in tone.flags)


def test_poor_quality_is_flagged():
    beats = modulated(f_hz=0.25)
    quality = np.where(np.arange(beats.time_s.size) % 4 == 0, 0.2, 1.0)
    tone = vagal_tone(replace(beats, quality=quality, origin="detected"))
    assert tone.quality_pct == pytest.approx(75, abs=0.5)
    assert any("good quality" in flag for flag in tone.flags)
    assert any("not checked" in flag for flag in tone.flags)


def test_beats_that_are_none_have_no_tone():
    beats = modulated(f_hz=0.25)
    poor = replace(beats, quality=np.where(np.arange(beats.time_s.size) % 10 < 4, 1.0, 0.2), source_name="noise.csv")
    with pytest.raises(Abstained, match=r"noise.csv, 0 to 300.6 s: no heartbeat could be read with confidence: 40 %"):
        vagal_tone(poor, start_s=0, end_s=300.6)


def holed(beats, start_s, stop_s, *, known=True):
    kept = (beats.time_s < start_s) | (beats.time_s >= stop_s)
    gaps = (Gap(start_s=start_s, stop_s=stop_s),) if known else ()
    return replace(
        beats, time_s=beats.time_s[kept], quality=beats.quality[kept], origin="detected", gaps=gaps, source_name="a.csv"
    )


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("preset", ["vagus", "neurokit2"])
def test_no_interval_is_read_across_a_gap(known, preset):
    rng = np.random.default_rng(3)
    whole = Beats.of_rr(modulated(f_hz=0.25).rr_ms + rng.normal(0, 10, modulated(f_hz=0.25).rr_ms.size))
    result = correct(holed(whole, 100.0, 120.0, known=known))
    assert result.corrected_pct < 1  # nothing is added where nothing was read
    kwargs = {"start_s": 0.0, "end_s": 300.0, "settings": PRESETS[preset]}
    full, tone = vagal_tone(whole, **kwargs), vagal_tone(result.beats, **kwargs, rng=np.random.default_rng(1))
    for key, tolerance in (("rmssd_ms", 0.06), ("sdnn_ms", 0.06), ("heart_rate_bpm", 0.01), ("hf_ms2", 0.15)):
        assert getattr(tone, key).estimate == pytest.approx(getattr(full, key).estimate, rel=tolerance), key
    assert tone.readable_pct == pytest.approx(93.3, abs=0.6)
    assert any("no heartbeat could be read for" in flag for flag in tone.flags)
    assert "2 stretches between gaps" in tone.hf_ms2.method


@pytest.mark.parametrize("known", [True, False])
def test_a_window_that_can_hardly_be_read_has_no_indices(known):
    beats = correct(holed(modulated(f_hz=0.25), 100.0, 170.0, known=known)).beats
    with pytest.raises(Abstained, match=r"a.csv, 0 to 300 s: heartbeats can be read in 7[67] % of it, 80 % needed"):
        vagal_tone(beats, start_s=0.0, end_s=300.0)
    with pytest.raises(Abstained, match=r"read in 0 % of it"):
        vagal_tone(beats, start_s=105.0, end_s=165.0)
    assert vagal_tone(beats, start_s=0.0, end_s=99.0).readable_pct == 100


@pytest.mark.parametrize("seed", range(40))
def test_every_interval_holds_its_estimate(seed):
    """Random series of beats: steady to wild, with jumps, gaps and mended beats."""
    rng = np.random.default_rng(seed)
    rr = np.clip(
        rng.normal(800, rng.choice([0.5, 5, 50, 200]), 400) + rng.choice([0, 300], 400, p=[0.98, 0.02]), 300, 2500
    )
    rr[rng.integers(0, 400, rng.integers(0, 3))] = rng.uniform(1000, 9000)
    beats = Beats.of_rr(rr)
    beats = correct(replace(beats, origin="detected", gaps=(Gap(start_s=50.0, stop_s=51.5),))).beats
    inhale = np.arange(0, float(beats.time_s[-1]), 4.1)
    breaths = Breaths(inhale_s=inhale, exhale_s=inhale + 2, quality=np.ones(inhale.size), origin="given")
    for settings in PRESETS.values():
        try:
            tone = vagal_tone(beats, settings=settings, breaths=breaths, rng=rng, n_resample=50)
        except Abstained:
            continue
        for key in ("mean_rr_ms", "heart_rate_bpm", "rmssd_ms", "ln_rmssd", "sdnn_ms", "pnn50_pct", "hf_ms2", "rsa_ms"):
            effect = getattr(tone, key)
            if effect is not None and np.isfinite(effect.low):
                assert effect.low <= effect.estimate <= effect.high, key
