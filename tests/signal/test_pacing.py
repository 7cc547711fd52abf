"""Pacing spikes are told from sharp R waves, and the flag outlives a correction."""

import numpy as np
import pytest

from vagus.signal import Beats, Recording, correct, find_beats, rhythm, vagal_tone
from vagus.signal.beat.pacing import spike_times

RHYTHM = np.cumsum(np.random.default_rng(3).normal(0.85, 0.03, 150))


def ecg(fs_hz, *, spike, width_s=0.04, noise=0.01, t_wave=0.25):
    """Complexes as wide as a paced ventricle's or as narrow as an ordinary one's, with a spike of 5 ms before them."""
    t = np.arange(0, RHYTHM[-1] + 1, 1 / fs_hz)
    wave = noise * np.random.default_rng(0).standard_normal(t.size)
    for at in RHYTHM:
        wave += np.exp(-0.5 * ((t - at) / width_s) ** 2) + t_wave * np.exp(-0.5 * ((t - at - 0.3) / 0.04) ** 2)
        wave += spike * np.exp(-0.5 * ((t - at + 0.08) / 0.0025) ** 2)
    return Recording(kind="ecg", fs_hz=fs_hz, samples=wave, unit="mV", name="made up")


@pytest.mark.parametrize("fs_hz", [250.0, 360.0, 500.0, 1000.0])
@pytest.mark.parametrize("spike", [0.5, -0.5, 2.0])
def test_spikes_before_wide_complexes_are_pacing(fs_hz, spike):
    beats = find_beats(ecg(fs_hz, spike=spike))
    assert beats.paced_s.size > 0.5 * RHYTHM.size  # measured: 59 to 100 %
    assert "paced" in rhythm(beats).flags[0]


@pytest.mark.parametrize("fs_hz", [250.0, 360.0, 1000.0])
@pytest.mark.parametrize("width_s", [0.006, 0.008, 0.012, 0.02, 0.04])
@pytest.mark.parametrize("t_wave", [0.0, 0.25])
def test_r_waves_of_any_width_are_none(fs_hz, width_s, t_wave):
    recording = ecg(fs_hz, spike=0.0, width_s=width_s, noise=0.002, t_wave=t_wave)
    assert find_beats(recording).paced_s.size == 0


def test_a_few_spikes_are_noise_and_slow_sampling_tells_none():
    recording = ecg(500.0, spike=0.5)
    clean = ecg(500.0, spike=0.0).samples
    few = clean.copy()
    for at in RHYTHM[::6]:
        near = slice(int((at - 0.12) * 500), int((at - 0.04) * 500))
        few[near] = recording.samples[near]
    assert spike_times(few, fs_hz=500.0, time_s=RHYTHM).size == 0
    assert spike_times(recording.samples[::4], fs_hz=125.0, time_s=RHYTHM).size == 0
    assert spike_times(clean, fs_hz=500.0, time_s=RHYTHM[:0]).size == 0


def test_corrected_beats_keep_the_flag():
    rr_ms = 857 + np.random.default_rng(0).normal(0, 30, 200)
    beats = Beats.of_rr(rr_ms)
    time_s = np.delete(beats.time_s, 50)
    paced = Beats(time_s=time_s, quality=np.ones(time_s.size), origin="given", paced_s=time_s[::4])
    result = correct(paced)
    assert result.changes
    for found in (paced, result.beats):
        assert any("25 % of beats are paced" in flag for flag in vagal_tone(found).flags)
    assert result.beats.window(0, 60).paced_s[-1] < 60
    assert not any("paced" in flag for flag in vagal_tone(correct(beats).beats).flags)
