"""A heart sized for a person: stimulation, the bundled recordings, mistakes."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from vagus.errors import InputError
from vagus.response import HeartInput, HeartPlant, drive, heart_plant, heart_rest, heart_step, run_heart
from vagus.response.heart.step import _INPUT_BOUNDS
from vagus.signal import Beats, vagal_tone

DATA = Path(__file__).parents[1] / "data"
NAMES = sorted(path.stem for path in (DATA / "beats").glob("*.txt") if not path.stem.endswith("_raw"))


def plant(mean_rr_ms=926.0, rmssd_ms=42.0, breath_rate_per_min=15.0):
    return heart_plant(mean_rr_ms=mean_rr_ms, rmssd_ms=rmssd_ms, breath_rate_per_min=breath_rate_per_min)


def recording(name: str) -> Beats:
    path = DATA / "beats" / f"{name}.txt"
    fs_hz = float(path.read_text().split("fs_hz =")[1].split()[0])
    time_s = np.loadtxt(path) / fs_hz
    return Beats(time_s=time_s, quality=np.ones(time_s.size), origin="given")


def test_no_tonic_change_of_heart_rate_at_therapeutic_left_stimulation(recruitment, protocol):
    """All A and B fibers at 20 Hz on the left: within 1 bpm; the right nerve slows more."""
    made, plan = plant(), protocol(amplitude_ma=2.5)
    runs = {}
    for site in (None, "cervical_left", "cervical_right"):
        volley = None if site is None else drive(recruitment(4.0, site), plan)
        run = run_heart(
            made, duration_s=30, breath_rate_per_min=15, volley=volley, settle_s=20, rng=np.random.default_rng(1)
        )
        runs[site] = float(run.heart_rate_bpm.mean())
    assert abs(runs["cervical_left"] - runs[None]) < 1.0
    assert runs["cervical_right"] < runs["cervical_left"]


def peak_hz(beats: Beats) -> float:
    """Frequency of the largest peak of RR from 0.15 to 0.40 Hz."""
    grid_s = np.arange(beats.time_s[1], beats.time_s[-1], 0.25)
    rr_ms = np.interp(grid_s, beats.time_s[1:], beats.rr_ms)
    power = np.abs(np.fft.rfft((rr_ms - rr_ms.mean()) * np.hanning(grid_s.size))) ** 2
    hz = np.fft.rfftfreq(grid_s.size, 0.25)
    inside = (hz >= 0.15) & (hz <= 0.40)
    return float(hz[inside][np.argmax(power[inside])])


def test_predicted_beats_lie_within_the_bundled_recordings():
    """Mean RR and RMSSD of a usual adult at rest, by the same `vagal_tone`; the peak of HF at the rate of breathing."""
    tones = [vagal_tone(recording(name), end_s=300) for name in NAMES]
    run = run_heart(plant(800.0, 30.0), duration_s=300, breath_rate_per_min=15, rng=np.random.default_rng(3))
    tone = vagal_tone(run.beats)
    for index in ("mean_rr_ms", "rmssd_ms", "sdnn_ms"):
        values = [getattr(one, index).estimate for one in tones]
        assert min(values) < getattr(tone, index).estimate < max(values), index
    # as in the recordings in which two people marked the breaths
    for number in ("01", "02"):
        marked = np.loadtxt(DATA / "breaths" / f"bidmc_{number}.csv", delimiter=",", skiprows=1, usecols=0)
        breath_hz = 125.0 / np.median(np.diff(marked))
        assert abs(peak_hz(recording(f"bidmc{number}")) - breath_hz) < 0.02


@pytest.mark.parametrize("name", NAMES)
def test_a_plant_sized_on_a_recording_gives_its_mean_rr_and_rmssd(name):
    tone = vagal_tone(recording(name), end_s=300)
    made = plant(tone.mean_rr_ms.estimate, tone.rmssd_ms.estimate, 16.0)
    run = run_heart(made, duration_s=240, breath_rate_per_min=16, rng=np.random.default_rng(2))
    found = vagal_tone(run.beats)
    assert found.mean_rr_ms.estimate == pytest.approx(tone.mean_rr_ms.estimate, rel=0.01)
    assert found.rmssd_ms.estimate == pytest.approx(tone.rmssd_ms.estimate, rel=0.15)


def test_a_controller_brings_the_heart_rate_to_its_aim():
    """A plain integrator on the right vagus: the plant answers a loop that is closed around it."""
    made = dataclasses.replace(plant(), evoked_pct=25.0)
    state, rate_hz, aim_bpm, seen_bpm = heart_rest(made), 0.0, 58.0, []
    for _ in range(2400):
        state, seen = heart_step(state, HeartInput(efferent_right_hz=rate_hz), plant=made)
        rate_hz = float(np.clip(rate_hz + 0.05 * (seen.heart_rate_bpm - aim_bpm) * made.step_s, 0.0, 30.0))
        seen_bpm.append(seen.heart_rate_bpm)
    assert np.mean(seen_bpm[-400:]) == pytest.approx(aim_bpm, abs=0.3)
    assert 0 < rate_hz < 30


def test_a_step_is_pure_and_a_recording_its_fold():
    made = plant()
    state = heart_rest(made)
    once, again = (heart_step(state, HeartInput(inhaled_pct=80), plant=made) for _ in range(2))
    assert once == again
    runs = [
        run_heart(made, duration_s=20, breath_rate_per_min=15, settle_s=5, rng=np.random.default_rng(seed))
        for seed in (1, 1, 2)
    ]
    np.testing.assert_array_equal(runs[0].beats.time_s, runs[1].beats.time_s)
    assert not np.array_equal(runs[0].heart_rate_bpm, runs[2].heart_rate_bpm)
    assert runs[0].beats.origin == "predicted"


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"mean_rr_ms": 100.0}, "mean_rr_ms is out of range"),
        ({"rmssd_ms": float("nan")}, "rmssd_ms is not a finite number"),
        ({"mean_rr_ms": float("inf")}, "mean_rr_ms is not a finite number"),
        ({"breath_rate_per_min": 60.0}, "breath_rate_per_min is out of range"),
        ({"rmssd_ms": 400.0}, "more vagal firing than there is"),
    ],
)
def test_mistakes_in_a_plant(options, word):
    with pytest.raises(InputError, match=word):
        plant(**options)


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), float("-inf"), -1e3, 1e6, "20", None, True])
@pytest.mark.parametrize("name", [one.name for one in dataclasses.fields(HeartInput)])
def test_mistakes_in_an_input(name, wrong):
    with pytest.raises(InputError, match=name):
        HeartInput(**{name: wrong})


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), -1.0, 1e6])
@pytest.mark.parametrize("name", [one.name for one in dataclasses.fields(HeartPlant) if one.name != "reflex"])
def test_a_plant_keeps_its_bounds_when_it_is_changed(name, wrong):
    with pytest.raises(InputError, match=name):
        dataclasses.replace(plant(), **{name: wrong})


def test_the_largest_inputs_leave_a_heart_that_beats():
    """Every input at either end for a minute: numbers stay finite, and the heart stays within 5 and 240 bpm."""
    made = plant()
    for end in (0, 1):
        given = HeartInput(**{name: bounds[end] for name, *bounds in _INPUT_BOUNDS})
        state = heart_rest(made)
        for _ in range(1200):
            state, seen = heart_step(state, given, plant=made)
            assert np.isfinite([seen.rr_ms, seen.pressure_mmhg, seen.vagal_hz]).all()
            assert 5 < seen.heart_rate_bpm <= 240


def test_a_state_is_of_numbers_and_of_the_step_of_its_plant():
    state = heart_rest(plant())
    for field in ("pressure_mmhg", "rr_ms", "phase_pct"):
        with pytest.raises(InputError, match="state of a heart"):
            dataclasses.replace(state, **{field: float("nan")})
    with pytest.raises(InputError, match="differ in their step"):
        heart_step(state, HeartInput(), plant=dataclasses.replace(plant(), step_s=0.02))


def test_mistakes_in_a_run():
    with pytest.raises(InputError, match="duration_s is out of range"):
        run_heart(plant(), duration_s=0, breath_rate_per_min=15, rng=np.random.default_rng(1))
