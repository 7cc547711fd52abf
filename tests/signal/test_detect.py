from pathlib import Path

import numpy as np
import pytest

from vagus.errors import Abstained, InputError
from vagus.files import read_recording
from vagus.signal import PRESETS, Gap, Recording, correct, find_beats, quality, vagal_tone

DATA = Path(__file__).parents[1] / "data"


def made_up(true_s, *, fs_hz, sign=1.0, noise=0.0, duration_s=None):
    """ECG of R waves and T waves at known times, the R wave 10 ms wide."""
    t = np.arange(0, duration_s or true_s[-1] + 1, 1 / fs_hz)
    wave = np.zeros(t.size)
    for beat in true_s:
        wave += np.exp(-0.5 * ((t - beat) / 0.012) ** 2) + 0.25 * np.exp(-0.5 * ((t - beat - 0.25) / 0.04) ** 2)
    wave = sign * wave + 0.1 * np.sin(2 * np.pi * 0.2 * t)
    wave += noise * np.random.default_rng(0).standard_normal(t.size)
    return Recording(kind="ecg", fs_hz=fs_hz, samples=wave, unit="mV", channel="II", name="made-up.csv")


def irregular(n=120, seed=2):
    return np.cumsum(np.random.default_rng(seed).normal(0.8, 0.05, n))


@pytest.mark.parametrize("fs_hz", [100.0, 125.0, 130.0, 250.0, 1000.0])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_r_peaks_lie_between_samples(fs_hz, sign):
    true_s = irregular()
    beats = find_beats(made_up(true_s, fs_hz=fs_hz, sign=sign))
    assert beats.time_s.size == true_s.size
    error_ms = 1000 * (beats.time_s - true_s)
    assert abs(error_ms.mean()) < 2.0
    assert error_ms.std() < 1.0  # a whole sample at 100 Hz is 10 ms, and would scatter by 2.9 ms


@pytest.mark.parametrize("fs_hz", [125.0, 250.0, 500.0])
@pytest.mark.parametrize("noise", [0.02, 0.05])
def test_jitter_is_about_the_true_error(fs_hz, noise):
    true_s = irregular(200)
    beats = find_beats(made_up(true_s, fs_hz=fs_hz, noise=noise))
    assert beats.fs_hz == fs_hz
    assert beats.jitter_ms == pytest.approx(1000 * (beats.time_s - true_s).std(), rel=0.25)


def test_rmssd_of_nothing_but_jitter_is_flagged():
    steady = find_beats(made_up(np.arange(1, 150) * 0.8, fs_hz=250.0, noise=0.05))
    tone = vagal_tone(steady)
    assert tone.rmssd_floor_ms == pytest.approx(tone.rmssd_ms.estimate, rel=0.3)
    assert any("errors of the R times alone give" in flag for flag in tone.flags)
    assert not any("sampled at" in flag for flag in tone.flags)
    lively = vagal_tone(find_beats(made_up(irregular(), fs_hz=250.0, noise=0.05)))
    assert not any("errors of the R times" in flag for flag in lively.flags)


def test_noise_lowers_quality_not_the_count():
    true_s = irregular()
    clean = find_beats(made_up(true_s, fs_hz=250.0))
    noisy = find_beats(made_up(true_s, fs_hz=250.0, noise=0.12))
    assert noisy.time_s.size == clean.time_s.size == true_s.size
    assert clean.quality.min() > 0.95
    assert 0.5 < noisy.quality.mean() < clean.quality.mean() - 0.01


def test_quality_of_a_gap_is_zero():
    true_s = irregular()
    recording = made_up(true_s, fs_hz=250.0)
    gap = Gap(start_s=float(true_s[10]) - 0.01, stop_s=float(true_s[10]) + 0.01)
    holed = Recording(kind="ecg", fs_hz=250.0, samples=recording.samples, unit="mV", gaps=(gap,))
    assert find_beats(holed).quality[10] == 0
    assert quality(holed, find_beats(holed)).n_good == true_s.size - 1


def test_flat_start_is_no_error():
    recording = made_up(irregular(), fs_hz=250.0)
    samples = recording.samples.copy()
    samples[: 32 * 250] = samples[32 * 250]  # lead off for the first 32 s
    beats = find_beats(Recording(kind="ecg", fs_hz=250.0, samples=samples, unit="mV"))
    expected = irregular()
    assert beats.time_s[beats.time_s > 33].size == expected[expected > 33].size


def test_annotated_record():
    beats = find_beats(read_recording(DATA / "mitdb103_60s.hea", kind="ecg"))
    true_s = np.loadtxt(DATA / "mitdb103_60s.txt", dtype=int) / 360
    nearest = np.abs(beats.time_s[:, None] - true_s).min(axis=1)
    assert beats.time_s.size == true_s.size
    assert nearest.max() < 0.05


@pytest.mark.parametrize(
    ("samples", "words"),
    [
        (np.zeros(5000), r"flat; found 0 mV change in 20 s"),
        (np.full(5000, 3.2), "flat"),
        (np.concatenate([np.zeros(4000), np.sin(np.arange(1000) / 5)]), "flat for 16 of 20 s"),
        (np.sin(np.arange(500)), "too short"),
    ],
)
def test_flat_or_short_is_named(samples, words):
    recording = Recording(kind="ecg", fs_hz=250.0, samples=samples, unit="mV", channel="II", name="lead-off.csv")
    with pytest.raises(InputError, match=words) as error:
        find_beats(recording)
    assert "lead-off.csv" in str(error.value)
    assert "II" in str(error.value)


def test_wrong_kind():
    with pytest.raises(InputError, match='kind "resp"'):
        find_beats(Recording(kind="resp", fs_hz=250.0, samples=np.sin(np.arange(5000)), unit=""))


def spoiled(first_s, last_s, value_, fs_hz=250.0):
    recording = made_up(irregular(300), fs_hz=fs_hz, noise=0.02)
    samples = recording.samples.copy()
    t = np.arange(samples.size) / fs_hz
    inside = (t >= first_s) & (t < last_s)
    samples[inside] = value_ if np.ndim(value_) == 0 else np.resize(value_, inside.sum())
    return Recording(kind="ecg", fs_hz=fs_hz, samples=samples, unit="mV", channel="II", name="off.csv")


@pytest.mark.parametrize("value_", [0.0, 5.0, -5.0, [0.0, 0.005, 0.0]])
def test_flat_and_saturated_stretches_are_gaps(value_):
    beats = find_beats(spoiled(60.0, 75.0, value_))
    (gap,) = beats.gaps
    assert (gap.start_s, gap.stop_s) == pytest.approx((60, 75), abs=1.0)
    assert beats.window(gap.start_s, gap.stop_s).time_s.size == 0
    true_s = irregular(300)
    clean = vagal_tone(correct(find_beats(made_up(true_s, fs_hz=250.0, noise=0.02))).beats, start_s=0, end_s=200)
    tone = vagal_tone(correct(beats).beats, start_s=0, end_s=200)
    assert tone.rmssd_ms.estimate == pytest.approx(clean.rmssd_ms.estimate, rel=0.1)
    assert any("no heartbeat could be read for" in flag for flag in tone.flags)
    with pytest.raises(Abstained, match=r"off.csv, 50 to 90 s: heartbeats can be read in 6\d % of it"):
        vagal_tone(correct(beats).beats, start_s=50, end_s=90)


def test_a_pause_of_two_seconds_is_no_gap():
    assert not find_beats(spoiled(60.0, 62.0, 0.0)).gaps


@pytest.mark.parametrize("seed", range(3))
def test_noise_has_no_tone(seed):
    samples = np.random.default_rng(seed).standard_normal(60000)
    beats = correct(find_beats(Recording(kind="ecg", fs_hz=125.0, samples=samples, unit="", name="noise.csv"))).beats
    with pytest.raises(Abstained, match=r"noise.csv, 150 to 330 s: no heartbeat could be read with confidence"):
        vagal_tone(beats, start_s=150, end_s=330)


@pytest.mark.parametrize("preset", ["vagus", "neurokit2"])
def test_noise_in_part_of_a_window_is_not_read(preset):
    """Noise that hides the heartbeats, for 25 of 200 s: without it RMSSD is the same, with it 20 times as large."""
    noise = 3 * np.random.default_rng(1).standard_normal(25 * 250)
    true_s = np.cumsum(np.random.default_rng(2).normal(0.8, 0.01, 300))
    clean = made_up(true_s, fs_hz=250.0, noise=0.02)
    samples = clean.samples.copy()
    samples[60 * 250 : 85 * 250] += noise
    noisy = Recording(kind="ecg", fs_hz=250.0, samples=samples, unit="mV", channel="II", name="noise.csv")
    window = {"start_s": 0, "end_s": 200, "settings": PRESETS[preset]}
    tone = vagal_tone(correct(find_beats(noisy)).beats, **window)
    expected = vagal_tone(correct(find_beats(clean)).beats, **window)
    assert tone.rmssd_ms.estimate == pytest.approx(expected.rmssd_ms.estimate, rel=0.15)
    assert 80 < tone.readable_pct < 92
    assert any("no heartbeat could be read for" in flag for flag in tone.flags)
    with pytest.raises(Abstained):
        vagal_tone(correct(find_beats(noisy)).beats, start_s=50, end_s=100)
