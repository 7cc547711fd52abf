from pathlib import Path

import numpy as np
import pytest

from vagus.errors import InputError
from vagus.files import read_recording
from vagus.signal import Gap, Recording, find_beats, quality

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
