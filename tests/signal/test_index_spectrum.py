"""Powers against an independent twin of SciPy, and against synthetic RR of known power."""

import numpy as np
import pytest
from scipy import signal as dsp
from scipy.interpolate import make_interp_spline

from vagus.signal import PRESETS, Beats, Breaths, vagal_tone
from vagus.signal.spectrum import density, even_rr, smooth_trend


def modulated(waves, *, mean_ms=800.0, duration_s=310.0, noise_ms=0.0, seed=0):
    """Beats whose RR is the mean plus waves (Hz, ms), each at the time at which the interval ends."""
    rng = np.random.default_rng(seed)
    time_s = [0.0]
    while time_s[-1] < duration_s:
        end = time_s[-1] + mean_ms / 1000
        for _ in range(30):  # the time at which it ends hangs on its length
            rr = mean_ms + sum(size * np.sin(2 * np.pi * f * end) for f, size in waves)
            end = time_s[-1] + rr / 1000
        time_s.append(end + rng.normal(0, noise_ms) / 1000)
    return Beats(time_s=np.array(time_s), quality=np.ones(len(time_s)), origin="given")


def told(effect):
    """The index, which was asked for."""
    assert effect is not None
    return effect


def twin_hf_ms2(beats):
    """Preset vagus with SciPy alone: quintic spline at 4 Hz, Hann segments of 120 s a line is taken out of."""
    ends, rr = beats.time_s[1:], np.diff(beats.time_s) * 1000
    grid = np.arange(ends[0], ends[-1], 0.25)
    even = make_interp_spline(ends, rr, k=5)(grid)
    n = -(-2 * even.size // 480) - 1
    total = 0.0
    for start in np.linspace(0, even.size - 480, n).round().astype(int):
        f, p = dsp.welch(even[start : start + 480], 4.0, "hann", 480, detrend="linear")
        total += p[(f >= 0.15) & (f < 0.4)].sum() / 120
    return total / n


@pytest.mark.parametrize("seed", range(6))
def test_hf_is_that_of_an_independent_twin(seed):
    beats = modulated([(0.24 + 0.02 * seed, 20), (0.1, 30)], mean_ms=700 + 60 * seed, noise_ms=8, seed=seed)
    tone = vagal_tone(beats, start_s=0, end_s=300)
    # the twin's grid may end one sample earlier: 0.1 %
    assert tone.hf_ms2.estimate == pytest.approx(twin_hf_ms2(beats.window(0, 300)), rel=1e-3)


@pytest.mark.parametrize("preset", ["vagus", "systole", "kubios_like", "pyhrv"])
@pytest.mark.parametrize("seed", range(2))
def test_density_is_that_of_scipy(preset, seed):
    settings = PRESETS[preset]
    series = np.random.default_rng(seed).normal(800, 30, 1500)
    frequency, power = density(series, settings)
    assert settings.segment_s is not None
    n = min(1500, round(settings.segment_s * settings.resample_hz))
    if preset == "vagus":
        starts = np.linspace(0, 1500 - n, -(-3000 // n) - 1).round().astype(int)
        f = dsp.periodogram(series[:n], settings.resample_hz, "hann", detrend="linear")[0]
        p = np.mean(
            [dsp.periodogram(series[s : s + n], settings.resample_hz, "hann", detrend="linear")[1] for s in starts],
            axis=0,
        )
    else:
        smooth = smooth_trend(series, 500) if preset == "kubios_like" else 0.0
        f, p = dsp.welch(series - smooth, settings.resample_hz, settings.window, n, nfft=max(n, settings.transform))
    np.testing.assert_allclose(frequency, f, atol=1e-12)
    np.testing.assert_allclose(power, p, rtol=1e-9, atol=1e-12 * p.max())


def test_smooth_trend_is_the_equation_of_the_paper():
    series = np.random.default_rng(3).normal(0, 1, 60).cumsum()
    second = np.diff(np.eye(60), 2, axis=0)
    exact = np.linalg.solve(np.eye(60) + 50.0**2 * second.T @ second, series)
    np.testing.assert_allclose(smooth_trend(series, 50), exact, atol=1e-9)


# 1000 ms and 0.33 Hz make three beats a breath: there the spline itself takes more than 2 %
KNOWN = [(m, f) for m in (600.0, 800.0, 1000.0) for f in (0.18, 0.22, 0.27, 0.33) if m * f < 300]


@pytest.mark.parametrize(("mean_ms", "f_hz"), KNOWN)
@pytest.mark.parametrize("size_ms", [5.0, 60.0])
def test_hf_of_known_power(mean_ms, f_hz, size_ms):
    tone = vagal_tone(modulated([(f_hz, size_ms)], mean_ms=mean_ms), start_s=0, end_s=300)
    assert tone.hf_ms2.estimate == pytest.approx(size_ms**2 / 2, rel=0.02)


def test_bands_hold_what_they_are_given_and_nothing_else():
    tone = vagal_tone(modulated([(0.25, 20), (0.1, 30), (0.02, 40)]), start_s=0, end_s=300)
    assert tone.hf_ms2.estimate == pytest.approx(200, rel=0.02)
    assert tone.lf_ms2.estimate == pytest.approx(450, rel=0.02)
    assert tone.vlf_ms2.estimate == pytest.approx(800, rel=0.04)  # six periods
    parts = tone.hf_ms2.estimate + tone.lf_ms2.estimate + tone.vlf_ms2.estimate
    assert tone.total_ms2.estimate == pytest.approx(parts, rel=1e-12)
    assert tone.hf_of_both_pct == pytest.approx(100 * 200 / 650, rel=0.02)
    assert tone.lf_over_hf == pytest.approx(450 / 200, rel=0.03)


@pytest.mark.parametrize("rate_hz", [0.1, 0.2])
def test_hf_at_the_own_breathing_rate(rate_hz):
    inhale = np.arange(0, 300, 1 / rate_hz)
    breaths = Breaths(inhale_s=inhale, exhale_s=inhale + 2, quality=np.ones(inhale.size), origin="given")
    tone = vagal_tone(modulated([(rate_hz, 30), (0.33, 20)]), start_s=0, end_s=300, breaths=breaths)
    assert told(tone.hf_breath_ms2).estimate == pytest.approx(450, rel=0.02)
    assert any("outside the HF band" in flag for flag in tone.flags) == (rate_hz < 0.15)
    assert "own breathing rate" in told(tone.hf_breath_ms2).method


def test_what_a_window_is_too_short_for_is_not_told():
    tone = vagal_tone(modulated([(0.25, 20)]), start_s=0, end_s=100)
    assert np.isfinite(tone.lf_ms2.estimate)
    assert np.isnan(tone.vlf_ms2.estimate)
    assert "needs a stretch of 240 s" in tone.vlf_ms2.method
    assert np.isnan(tone.total_ms2.estimate)
    assert np.isnan(vagal_tone(modulated([(0.25, 20)]), start_s=0, end_s=30).lf_ms2.estimate)


def test_grid_ends_where_the_settings_say():
    times, rr = np.linspace(0.9, 18.0, 20), np.full(20, 900.0)
    through, before = (even_rr(times, rr, PRESETS[name]).size for name in ("kubios_like", "pyhrv"))
    assert through == before + 1


@pytest.mark.parametrize("f_hz", [0.155, 0.18, 0.36, 0.385, 0.39, 0.395])
def test_a_wave_near_the_edge_of_the_band_keeps_what_the_window_leaves_inside(f_hz):
    """Hann of 120 s: the line `k` bins from the wave has sinc(k)² / (1 - k²)² / 1.5 of its power."""
    k = f_hz * 120 - np.arange(18, 48)  # lines from 0.15 Hz up to, not including, 0.40 Hz
    share = float(np.sum((np.sinc(k) / (1 - k**2)) ** 2)) / 1.5
    assert share > 0.98 if f_hz < 0.387 else share < 0.92
    t = [0.0]
    while t[-1] < 302:
        at = t[-1] + 0.65
        for _ in range(20):  # the interval that ends at `at` has the wave's value there
            at = t[-1] + 0.65 + 0.03 * np.sin(2 * np.pi * f_hz * at)
        t.append(at)
    beats = Beats(time_s=np.array(t), quality=np.ones(len(t)), origin="given")
    found = vagal_tone(beats, start_s=0, end_s=300).hf_ms2.estimate
    assert found == pytest.approx(450 * share, rel=0.01)  # the spline takes 0.5 % at 0.385 Hz
