"""Stimulation artefact up to ten times the R wave costs neither beats nor RMSSD."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from scipy import signal as dsp

from vagus.cli.signal import signal
from vagus.errors import InputError
from vagus.files import read_recording
from vagus.signal import Recording, beat_agreement, find_beats, find_pulse_times, remove_artefact

from . import artefacts

DATA = Path(__file__).parents[1] / "data"
_FINE = 16  # steps in a sampling interval, in which pulses of 0.25 ms are made


def artefact(n, fs_hz, pulses, *, balanced, tail_s=0.005):
    """Pulses of 0.25 ms behind a recorder's low pass (0.35 of the rate, second order) with a tail, height 1."""
    fine = fs_hz * _FINE
    pulse, charge = np.zeros(n * _FINE), np.zeros(n * _FINE)
    width = max(1, round(0.00025 * fine))
    for time in pulses:
        at = round(time * fine)
        pulse[at : at + width] += 1
        charge[at] += 1
        if balanced:
            pulse[at + width : at + 2 * width] -= 1
        else:
            pulse[at + width : at + 9 * width] -= 1 / 8
    low = dsp.butter(2, 0.35 * fs_hz, fs=fine, output="sos")
    tail = np.asarray(dsp.lfilter([1.0], [1.0, -np.exp(-1 / (tail_s * fine))], charge))
    sharp = np.asarray(dsp.sosfilt(low, pulse))
    wave = (sharp / np.abs(sharp).max() + 0.2 * np.asarray(dsp.sosfilt(low, tail)))[::_FINE]
    return wave / np.abs(wave).max()


def rmssd_ms(beats):
    return float(np.sqrt(np.mean(np.diff(beats.rr_ms) ** 2)))


def made_up(fs_hz):
    true_s = np.cumsum(np.random.default_rng(3).normal(0.85, 0.03, 140))
    t = np.arange(0, true_s[-1] + 1, 1 / fs_hz)
    wave = np.zeros(t.size)
    for beat in true_s:
        wave += np.exp(-0.5 * ((t - beat) / 0.012) ** 2) + 0.25 * np.exp(-0.5 * ((t - beat - 0.25) / 0.04) ** 2)
    noise = 0.01 * np.random.default_rng(4).standard_normal(t.size)
    return Recording(kind="ecg", fs_hz=fs_hz, samples=wave + noise, unit="mV", name="made-up"), true_s


def stimulated(recording, *, rate_hz, times, balanced=True):
    """On for 20 s, off for 10 s, `times` as high as the R wave; the recording and the pulse times."""
    begins = np.arange(5.0, recording.duration_s - 6, 30.0)
    pulses = np.concatenate([np.arange(b, min(b + 20, recording.duration_s - 2), 1 / rate_hz) for b in begins])
    height = times * np.quantile(np.abs(recording.samples), 0.995)
    spikes = height * artefact(recording.samples.size, recording.fs_hz, pulses, balanced=balanced)
    return Recording(kind="ecg", fs_hz=recording.fs_hz, samples=recording.samples + spikes, unit="mV"), pulses


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize(("rate_hz", "times", "balanced"), [(20.13, 10, True), (25.13, 1, False), (30.13, 10, False)])
@pytest.mark.parametrize("fs_hz", [250.0, pytest.param(500.0, marks=pytest.mark.slow)])
def test_artefact_costs_neither_beats_nor_rmssd(fs_hz, rate_hz, times, balanced, known):
    clean, true_s = made_up(fs_hz)
    spoiled, pulses = stimulated(clean, rate_hz=rate_hz, times=times, balanced=balanced)
    mended = remove_artefact(spoiled, pulse_times_s=pulses if known else None)
    found = find_beats(mended.recording)
    cost = beat_agreement(find_beats(clean).time_s, true_s).f1_pct - beat_agreement(found.time_s, true_s).f1_pct
    assert cost <= 0.2
    assert rmssd_ms(found) == pytest.approx(rmssd_ms(find_beats(clean)), rel=0.01)
    assert mended.found != known
    assert len(mended.trains) == 4
    assert "stimulation artefact" in mended.recording.notes[-1]


@pytest.mark.parametrize("known", [True, False])
def test_on_a_real_ecg(known):
    clean = read_recording(DATA / "mitdb103_60s.hea", kind="ecg")
    true_s = np.loadtxt(DATA / "mitdb103_60s.txt", dtype=int) / 360
    spoiled, pulses = stimulated(clean, rate_hz=25.13, times=10)
    mended = remove_artefact(spoiled, pulse_times_s=pulses if known else None)
    assert beat_agreement(find_beats(spoiled).time_s, true_s).f1_pct < 90  # without it the pulses are taken for beats
    assert beat_agreement(find_beats(mended.recording).time_s, true_s).f1_pct == 100
    assert rmssd_ms(find_beats(mended.recording)) == pytest.approx(rmssd_ms(find_beats(clean)), rel=0.01)


def test_an_ecg_without_pulses_is_left_alone():
    clean, _ = made_up(250.0)
    assert find_pulse_times(clean).size == 0
    mended = remove_artefact(clean)
    assert mended.recording is clean
    assert not mended.blanked.any()


def test_too_few_samples_a_pulse_make_a_gap_not_beats():
    clean, _ = made_up(100.0)
    spoiled, pulses = stimulated(clean, rate_hz=50.3, times=10)
    mended = remove_artefact(spoiled, pulse_times_s=pulses)
    found = find_beats(mended.recording)
    for gap in (gap for gap in mended.recording.gaps if gap.stop_s - gap.start_s > 3):
        assert found.window(gap.start_s, gap.stop_s).time_s.size == 0


def test_wrong_input_is_named():
    clean, _ = made_up(250.0)
    with pytest.raises(InputError, match="pulse times lie outside the recording"):
        remove_artefact(clean, pulse_times_s=[1.0, 9999.0])
    with pytest.raises(InputError, match='found kind "ppg"'):
        remove_artefact(Recording(kind="ppg", fs_hz=64.0, samples=np.sin(np.arange(900)), unit=""))


KINDS = {
    "long tail": artefacts.Artefact(tail_s=0.02, tail_share=0.5),
    "jitter": artefacts.Artefact(jitter=0.1),
    "two bursts a second": artefacts.Artefact(rate_hz=2.0, burst=7, on_s=1e5),
    "5 of 25 Hz each 2 s": artefacts.Artefact(rate_hz=0.5, burst=5, burst_hz=25.0, on_s=1e5),
    "clipped": artefacts.Artefact(clip_r=3.0, tail_s=0.01, tail_share=0.6),
}


_SLOW = pytest.mark.slow


@pytest.mark.parametrize(
    "given", ["nothing", *(pytest.param(g, marks=_SLOW) for g in ("times", "times to the sample"))]
)
@pytest.mark.parametrize("kind", KINDS)
def test_kinds_of_artefact_cost_no_beat(kind, given):
    clean, true_s = artefacts.made_up(360.0, seconds=60)
    spoiled, pulses = replace(KINDS[kind], band_hz=(0.05, 144.0)).on(clean, np.random.default_rng(1))
    rounded = np.unique(np.rint(pulses * 360.0) / 360.0)
    times = {"times": pulses, "times to the sample": rounded, "nothing": None}[given]
    mended = remove_artefact(spoiled, pulse_times_s=times)
    found = find_beats(mended.recording)
    assert beat_agreement(find_beats(spoiled).time_s, true_s).f1_pct < 97  # without it the beats are not to be had
    assert beat_agreement(found.time_s, true_s).f1_pct == 100
    assert rmssd_ms(found) == pytest.approx(rmssd_ms(find_beats(clean)), rel=0.01)


def test_what_leads_the_heart_is_left_and_what_follows_it_is_removed_and_flagged():
    clean, true_s = artefacts.made_up(360.0, seconds=60)
    kind = artefacts.Artefact(gate="heart", band_hz=(0.05, 144.0), tail_share=0.0)
    gated, pulses = kind.on(clean, np.random.default_rng(1), beats_s=true_s)
    paced, spikes = kind.on(clean, np.random.default_rng(1), beats_s=true_s - 0.28)  # 0.16 s before R
    left = remove_artefact(paced)
    assert np.array_equal(left.recording.samples, paced.samples)  # a pacemaker's pulses are none of ours
    assert "as those of a pacemaker" in left.recording.notes[-1]
    for mended in (
        remove_artefact(gated),
        remove_artefact(gated, pulse_times_s=pulses),
        remove_artefact(paced, pulse_times_s=spikes),
    ):
        assert mended.in_step
        assert any("keeps step" in flag for flag in mended.flags)
        assert beat_agreement(find_beats(mended.recording).time_s, true_s).f1_pct == 100


def test_bursts_that_follow_the_heart_are_found():
    clean, true_s = artefacts.made_up(360.0, seconds=60)
    kind = artefacts.Artefact(gate="heart", burst=5, band_hz=(0.05, 144.0))
    spoiled, _ = kind.on(clean, np.random.default_rng(2), beats_s=true_s)
    found = find_beats(remove_artefact(spoiled).recording)
    assert beat_agreement(found.time_s, true_s).f1_pct == 100
    assert rmssd_ms(found) == pytest.approx(rmssd_ms(find_beats(clean)), rel=0.01)


def test_a_beat_in_the_first_interval_of_a_train_is_no_part_of_the_pulses():
    clean, true_s = artefacts.made_up(360.0, seconds=60)
    start = true_s[6] - 0.02  # exactly 25 Hz: what only the first pulse shows, only the first interval tells
    pulses = start + np.arange(0, 40, 0.04)
    wave = artefacts.Artefact(band_hz=(0.05, 144.0)).wave(clean.samples.size, 360.0, pulses)
    spoiled = replace(clean, samples=clean.samples + 10 * wave)
    mended = find_beats(remove_artefact(spoiled, pulse_times_s=pulses).recording)
    assert beat_agreement(mended.time_s, true_s).f1_pct == 100
    assert rmssd_ms(mended) == pytest.approx(rmssd_ms(find_beats(clean)), rel=0.01)


def test_slow_sampling_is_flagged():
    clean, _ = made_up(128.0)
    spoiled, pulses = stimulated(clean, rate_hz=25.13, times=10)
    assert any("sampled at 128 Hz" in flag for flag in remove_artefact(spoiled, pulse_times_s=pulses).flags)


def test_few_pulses_are_blanked():
    clean, true_s = artefacts.made_up(360.0, seconds=30)
    few = true_s[[3, 8, 12]]  # in the R waves themselves
    spoiled = Recording(kind="ecg", fs_hz=360.0, samples=clean.samples.copy(), unit="mV")
    samples = clean.samples.copy()
    samples[np.rint(few * 360).astype(int)] += 10
    spoiled = replace(spoiled, samples=samples)
    mended = remove_artefact(spoiled, pulse_times_s=few)
    assert mended.hidden(true_s).sum() == 3
    assert "3 pulses given, " in mended.recording.notes[-1]
    assert "was blanked, too few to learn their shape from" in mended.recording.notes[-1]
    alone = remove_artefact(spoiled, pulse_times_s=few[:1]).recording.notes[-1]
    assert "1 pulse given in 1 train" in alone
    assert beat_agreement(find_beats(mended.recording).time_s, true_s).f1_pct == 100


@pytest.mark.parametrize("name", ["mitdb103_60s"])
def test_nothing_is_taken_from_a_clean_ecg(name):
    clean = read_recording(DATA / f"{name}.hea", kind="ecg")
    assert remove_artefact(clean).recording is clean


def test_command_line_takes_artefact_out(tmp_path):
    clean, true_s = artefacts.made_up(360.0, seconds=60)
    spoiled, pulses = artefacts.Artefact(band_hz=(0.05, 144.0)).on(clean, np.random.default_rng(1))
    np.savetxt(tmp_path / "ecg.csv", spoiled.samples, header="ECG [mV]", comments="")
    np.savetxt(tmp_path / "pulses.txt", pulses, header="time_s", comments="")
    for what, found in (("find", True), (str(tmp_path / "pulses.txt"), False)):
        done = CliRunner().invoke(
            signal,
            ["beats", str(tmp_path / "ecg.csv"), "--fs-hz", "360", "--artefact", what, "--json"],
            standalone_mode=False,
        )
        told = json.loads(done.stdout)
        told = told[0] if isinstance(told, list) else told
        assert told["n_beats"] == true_s.size
        assert told["artefact"]["found"] is found
        assert told["artefact"]["n_pulses"] == pulses.size
    (tmp_path / "wrong.txt").write_text("1.0\nlater\n")
    words = ["beats", str(tmp_path / "ecg.csv"), "--fs-hz", "360", "--artefact", str(tmp_path / "wrong.txt")]
    wrong = CliRunner().invoke(signal, words, standalone_mode=False)
    assert isinstance(wrong.exception, InputError)
    assert "wrong.txt, line 2" in str(wrong.exception)
