"""Stimulation artefact is taken out live, sample by sample, before the beat detector."""

from pathlib import Path

import numpy as np
import pytest

from vagus.errors import InputError
from vagus.files import read_recording
from vagus.signal import (
    ArtefactState,
    BeatState,
    artefact_rest,
    artefact_step,
    beat_agreement,
    beat_rest,
    beat_step,
)

from . import artefacts

DATA = Path(__file__).parents[1] / "data"


def cleaned(samples, fs_hz, pulses, cuts=()):
    """In chunks that end at these samples; pulses told with the chunk in which they fall."""
    state, out, told = ArtefactState.of(fs_hz=fs_hz), [], 0
    for a, b in zip([0, *cuts], [*cuts, samples.size], strict=True):
        now = int(np.searchsorted(pulses, b / fs_hz))
        state, ready = artefact_step(state, samples[a:b], pulse_times_s=pulses[told:now])
        out.append(ready)
        told = now
    return np.concatenate([*out, artefact_rest(state)])


def live_beats(samples, fs_hz):
    state, beats = beat_step(BeatState.of("ecg", fs_hz=fs_hz), samples)
    return np.array([beat.time_s for beat in (*beats, *beat_rest(state))])


def rmssd_ms(time_s):
    return 1000 * float(np.sqrt(np.mean(np.diff(time_s, n=2) ** 2)))


@pytest.fixture(scope="module")
def spoiled():
    clean, _ = artefacts.made_up(250.0, seconds=12)
    return artefacts.Artefact(on_s=3, off_s=1, band_hz=(0.05, 100.0)).on(clean, np.random.default_rng(1))


@pytest.mark.parametrize("seed", range(4))
def test_chunks_leave_no_trace(spoiled, seed):
    recording, pulses = spoiled
    rng = np.random.default_rng(seed)
    n = recording.samples.size
    cuts = sorted(rng.choice(np.arange(1, n), size=(3, 30, 300, 2000)[seed], replace=False).tolist())
    whole = cleaned(recording.samples, 250.0, pulses)
    assert whole.size == n
    assert np.array_equal(cleaned(recording.samples, 250.0, pulses, cuts), whole, equal_nan=True)


def test_a_step_leaves_the_state_as_it_was(spoiled):
    recording, pulses = spoiled
    state, _ = artefact_step(ArtefactState.of(fs_hz=250.0), recording.samples[:2000], pulse_times_s=pulses)
    first = artefact_step(state, recording.samples[2000:])[1]
    again = artefact_step(state, recording.samples[2000:])[1]
    assert np.array_equal(first, again, equal_nan=True)


def test_live_beats_under_stimulation_are_those_without_it():
    clean = read_recording(DATA / "mitdb103_60s.hea", kind="ecg")
    true_s = np.loadtxt(DATA / "mitdb103_60s.txt", dtype=int) / 360
    spoiled, pulses = artefacts.Artefact(band_hz=(0.05, 144.0), on_s=25, off_s=5).on(clean, np.random.default_rng(1))
    before, without = live_beats(spoiled.samples, 360.0), live_beats(clean.samples, 360.0)
    after = live_beats(cleaned(spoiled.samples, 360.0, pulses), 360.0)
    assert beat_agreement(before, true_s).f1_pct < 80
    assert beat_agreement(without, true_s).f1_pct - beat_agreement(after, true_s).f1_pct <= 0.2
    assert rmssd_ms(after) == pytest.approx(rmssd_ms(without), rel=0.01)


def test_without_pulses_samples_come_out_as_they_went_in():
    clean, _ = artefacts.made_up(250.0, seconds=6)
    assert np.array_equal(cleaned(clean.samples, 250.0, np.zeros(0)), clean.samples)


def test_a_lost_sample_stays_lost_alone(spoiled):
    recording, pulses = spoiled
    samples = recording.samples.copy()
    samples[[400, 1500, 2900]] = np.nan
    lost = np.flatnonzero(np.isnan(cleaned(samples, 250.0, pulses)))
    assert {400, 1500, 2900} <= set(lost.tolist())
    lost = np.setdiff1d(lost, np.flatnonzero(np.isnan(cleaned(recording.samples, 250.0, pulses))))
    # no further than what is bridged beside it
    assert np.abs(lost[:, None] - [400, 1500, 2900]).min(axis=1).max() <= 12


def test_wrong_input_is_named(spoiled):
    recording, _ = spoiled
    state, _ = artefact_step(ArtefactState.of(fs_hz=250.0), recording.samples[:500])
    with pytest.raises(InputError, match="told too late"):
        artefact_step(state, recording.samples[500:600], pulse_times_s=[1.0])
    ahead = artefact_step(state, [0.0], pulse_times_s=[5.0])[0]
    with pytest.raises(InputError, match="out of order"):
        artefact_step(ahead, [0.0], pulse_times_s=[4.0])
    with pytest.raises(InputError, match="fs_hz is out of range"):
        ArtefactState.of(fs_hz=128.0)
    with pytest.raises(InputError, match="infinite"):
        artefact_step(state, [np.inf])
