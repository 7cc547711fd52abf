"""The streaming detector: chunks leave no trace, live decisions come in time, hostile stretches hold no beats."""

from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vagus.errors import InputError
from vagus.files import read_annotations, read_recording
from vagus.signal import Beats, BeatState, Recording, beat_agreement, beat_rest, beat_step, find_beats
from vagus.signal.beat.stream import advance, beat_table, rest_table

DATA = Path(__file__).parents[1] / "data"


def ecg(true_s, *, fs_hz=250.0, noise=0.0, seed=0, width_s=0.012, height=None):
    t = np.arange(0, true_s[-1] + 1, 1 / fs_hz)
    wave = np.zeros(t.size)
    for i, beat in enumerate(true_s):
        size = 1.0 if height is None else height[i]
        wave += size * np.exp(-0.5 * ((t - beat) / width_s) ** 2)
        wave += 0.25 * np.exp(-0.5 * ((t - beat - 0.25) / 0.04) ** 2)
    return wave + noise * np.random.default_rng(seed).standard_normal(t.size)


ONE = np.ones(1)
RHYTHM = np.cumsum(np.random.default_rng(5).normal(0.8, 0.04, 40))
NOISY = ecg(RHYTHM, noise=0.08)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 900), min_size=1, max_size=60), st.sampled_from([0.12, 0.5, 2.0]))
def test_any_chunking_gives_identical_events(sizes, lag_s):
    whole = beat_table(NOISY, kind="ecg", fs_hz=250.0, lag_s=lag_s)
    state, tables, at = BeatState.of("ecg", fs_hz=250.0, lag_s=lag_s), [], 0
    while at < NOISY.size:
        size = sizes[len(tables) % len(sizes)]
        state, table = advance(state, NOISY[at : at + size])
        tables.append(table)
        at += size
    assert np.array_equal(np.concatenate([*tables, rest_table(state)]), whole)


def test_step_leaves_the_old_state_as_it_was():
    state = BeatState.of("ecg", fs_hz=250.0)
    before = state.numbers.copy()
    first = beat_step(state, NOISY[:2500])[1]
    assert np.array_equal(state.numbers, before)
    assert beat_step(state, NOISY[:2500])[1] == first
    with pytest.raises(ValueError, match="read-only"):
        state.numbers[0] = 1.0


def test_live_beats_come_within_the_lag():
    state, found = BeatState.of("ecg", fs_hz=250.0), []
    for i in range(0, NOISY.size, 10):
        state, beats = beat_step(state, NOISY[i : i + 10])
        found.extend(beats)
    found.extend(beat_rest(state))
    assert np.allclose([beat.time_s for beat in found], RHYTHM, atol=0.006)
    wait = np.array([beat.decided_s - beat.time_s for beat in found if beat.time_s > 3 and beat.time_s < RHYTHM[-1]])
    assert np.median(wait) <= 0.12  # with the last sample within the lag
    assert wait.max() < 0.15
    assert all(beat.points_up for beat in found)
    # those of the first 3 s are decided late, when their samples are gone; the others are compared with one another
    assert {beat.quality for beat in found[:2]} == {0.5}
    assert min(beat.quality for beat in found[5:-1]) > 0.9


@pytest.mark.parametrize("fs_hz", [100.0, 125.0, 250.0, 360.0, 500.0, 1000.0])
def test_r_times_at_any_rate(fs_hz):
    found = beat_table(ecg(RHYTHM, fs_hz=fs_hz), kind="ecg", fs_hz=fs_hz)[:, 0] / fs_hz
    assert found.size == RHYTHM.size
    # measured: 0.16 ms at 100 Hz (a parabola through samples 10 ms apart), 0.01 ms from 250 Hz on
    assert 1000 * np.std(found - RHYTHM) < (0.4 if fs_hz < 200 else 0.05)


def test_small_beats_after_large_wide_ones_are_found():
    """Every third beat as a premature ventricular one: early, 2.5 times as large, three times as wide."""
    rr = np.tile([0.8, 0.5, 1.1], 20)
    true_s = np.cumsum(rr)
    t = np.arange(0, true_s[-1] + 1, 1 / 360)
    wave = np.zeros(t.size)
    for i, beat in enumerate(true_s):
        ectopic = i % 3 == 1
        wave += (2.5 if ectopic else 1.0) * np.exp(-0.5 * ((t - beat) / (0.036 if ectopic else 0.012)) ** 2)
    for lag_s in (0.12, 2.0):
        agreement = beat_agreement(beat_table(wave, kind="ecg", fs_hz=360.0, lag_s=lag_s)[:, 0] / 360, true_s)
        assert agreement.f1_near_pct == 100


def test_a_turned_lead_is_read_turned():
    wave = ecg(RHYTHM, fs_hz=360.0)
    middle = int(RHYTHM[20] * 360 + 140)
    turned = np.concatenate([wave[:middle], -wave[middle:]])
    table = beat_table(turned, kind="ecg", fs_hz=360.0)
    assert beat_agreement(table[:, 0] / 360, RHYTHM).f1_near_pct == 100
    assert table[:20, 4].all()
    assert not table[22:, 4].any()


def test_tall_t_waves_are_no_beats():
    t = np.arange(0, RHYTHM[-1] + 1, 1 / 250)
    tall = sum(0.8 * np.exp(-0.5 * ((t - beat - 0.28) / 0.04) ** 2) for beat in RHYTHM)
    for lag_s in (0.12, 2.0):
        found = beat_table(ecg(RHYTHM) + tall, kind="ecg", fs_hz=250.0, lag_s=lag_s)[:, 0] / 250
        assert beat_agreement(found, RHYTHM).f1_pct == 100


def test_steps_of_the_baseline_are_no_beats():
    wave = ecg(RHYTHM, fs_hz=360.0, noise=0.01)
    where = RHYTHM[10:30:4] + 0.4
    for at in where:
        wave[int(at * 360) :] += 0.8
    assert beat_agreement(beat_table(wave, kind="ecg", fs_hz=360.0)[:, 0] / 360, RHYTHM).f1_pct == 100


def test_ten_times_smaller_after_a_lead_moved():
    height = np.where(np.arange(80) < 40, 1.0, 0.1)
    true_s = np.arange(1, 81) * 0.8
    t = np.arange(0, 66, 1 / 250)
    wave = sum(h * np.exp(-0.5 * ((t - b) / 0.012) ** 2) for h, b in zip(height, true_s, strict=True))
    wave = wave + 0.003 * np.random.default_rng(1).standard_normal(t.size)
    for lag_s in (0.12, 2.0):
        found = beat_table(wave, kind="ecg", fs_hz=250.0, lag_s=lag_s)[:, 0] / 250
        assert np.abs(found[:, None] - true_s[50:]).min(axis=0).max() < 0.02  # met again within ten beats
        assert np.abs(found[:, None] - true_s).min(axis=1).max() < 0.05  # and nothing else


def test_lost_samples_hold_no_beats_and_say_so():
    wave = NOISY.copy()
    wave[2500:4000] = np.nan
    state = BeatState.of("ecg", fs_hz=250.0)
    state, early = beat_step(state, wave[:3000])
    assert state.lead_off
    state, late = beat_step(state, wave[3000:])
    assert not state.lead_off
    times = np.array([beat.time_s for beat in (*early, *late, *beat_rest(state))])
    assert not ((times > 10.05) & (times < 16.0)).any()
    kept = RHYTHM[(RHYTHM < 9.9) | (RHYTHM > 16.2)]
    assert beat_agreement(times, kept).se_pct == 100


@pytest.mark.parametrize("level", [0.0, 5.0])
def test_a_flat_lead_is_off_and_has_no_beats(level):
    wave = np.concatenate([NOISY[:2500], np.full(2500, level)])
    state, beats = beat_step(BeatState.of("ecg", fs_hz=250.0), wave)
    assert state.lead_off
    assert max(beat.time_s for beat in beats) < 10.1


def test_quality_names_its_reason():
    height = np.ones(40)
    height[20], height[30] = 0.35, 3.0
    _, beats = beat_step(BeatState.of("ecg", fs_hz=250.0, lag_s=2.0), ecg(RHYTHM, height=height))
    reasons = {round(beat.time_s, 1): beat.reason for beat in beats if beat.time_s > 3}
    assert reasons[round(RHYTHM[30], 1)] == "more than twice as large"
    assert reasons[round(RHYTHM[20], 1)] in {"smaller than half", "unlike the beats before it"}
    assert sum(bool(reason) for reason in reasons.values()) == 2


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: BeatState.of("ecg", fs_hz=50.0), "fs_hz is out of range; found 50.0 Hz; allowed: 80 to 4000 Hz"),
        (lambda: BeatState.of("ecg", fs_hz=float("nan")), "fs_hz is out of range"),
        (lambda: BeatState.of("ecg", fs_hz=250.0, lag_s=9.0), "lag_s is out of range"),
        (lambda: BeatState.of(cast("Any", "resp"), fs_hz=250.0), 'found kind "resp"'),
        (lambda: beat_step(BeatState.of("ecg", fs_hz=250.0), [np.inf]), "infinite samples"),
        (lambda: beat_step(BeatState.of("ecg", fs_hz=250.0), ["x"]), "'x'"),
        (lambda: beat_step(BeatState.of("ecg", fs_hz=250.0), np.ones(2) * 1j), "complex128"),
        (lambda: beat_step(BeatState.of("ecg", fs_hz=250.0), cast("Any", [None, 1.0])), "None"),
        (lambda: beat_step(BeatState.of("ecg", fs_hz=250.0), [[1.0], [1.0, 2.0]]), "no row"),
        (lambda: beat_step(BeatState.of("ecg", fs_hz=250.0), [[0.0]]), "a row of samples"),
        (lambda: Beats(time_s=ONE, quality=ONE, kind=cast("Any", "eeg"), origin="given"), "kind is unknown"),
    ],
)
def test_what_cannot_be_used_is_named(call, words):
    with pytest.raises(InputError, match=words):
        call()


def test_annotated_minutes_of_hard_records():
    """Excerpts of MIT-BIH records: none of the errors that the whole records hold lies in them."""
    for name in ("mitdb119_60s", "mitdb203_60s"):
        recording = read_recording(DATA / f"{name}.hea", kind="ecg")
        marks = read_annotations(DATA / f"{name}.atr")
        true_s = marks.time_s[marks.is_beat]
        offline = beat_agreement(find_beats(recording).time_s, true_s)
        live = beat_agreement(find_beats(recording, lag_s=0.12).time_s, true_s)
        assert offline.f1_pct >= 99.0, name
        assert live.f1_pct >= 98.0, name
        assert abs(offline.offset_ms) < 8


def test_nothing_from_nothing():
    with pytest.raises(InputError, match="no heartbeats"):
        find_beats(Recording(kind="ecg", fs_hz=250.0, samples=np.linspace(0, 1, 5000), unit="mV", name="ramp"))
