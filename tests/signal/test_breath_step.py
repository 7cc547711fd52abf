"""Breathing as it comes: any cutting gives the same events; made-up breathing with all that goes wrong in it."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vagus.errors import InputError
from vagus.files import read_recording
from vagus.signal import (
    Beats,
    BreathState,
    Gap,
    Recording,
    breath_step,
    derived_respiration,
    derived_step,
    exhalation_agreement,
    find_breaths,
    live_exhalations,
)
from vagus.signal.breath.derived import DerivedState

ROOT = Path(__file__).parents[2]
EXAMPLES = {
    "bidmc_01": ROOT / "examples" / "ivns-trd" / "recordings" / "bidmc01.hea",
    "bidmc_02": ROOT / "examples" / "tavns-depression" / "recordings" / "bidmc02.csv",
}


def made_up(
    rate_per_min, *, fs_hz=50.0, length_s=150.0, vary=0.0, heart=0.0, noise=0.0, drift=0.0, pause=(), clip=None
):
    """Breathing with a rise of two fifths and a fall of the rest; returns it and its peaks."""
    rng = np.random.default_rng(1)
    t = np.arange(0, length_s, 1 / fs_hz)
    wave, peaks, at = np.zeros(t.size), [], 1.0
    while at < length_s - 60 / rate_per_min * 1.5:
        period = 60 / rate_per_min * np.exp(vary * rng.standard_normal())
        height = np.exp(vary * rng.standard_normal())
        up, down = 0.4 * period, 0.6 * period
        rises, falls = (t >= at) & (t < at + up), (t >= at + up) & (t < at + up + down)
        wave[rises] = height * (0.5 - 0.5 * np.cos(np.pi * (t[rises] - at) / up))
        wave[falls] = height * (0.5 + 0.5 * np.cos(np.pi * (t[falls] - at - up) / down))
        peaks.append(at + up)
        at += period + (15.0 if len(peaks) in pause else 0.0)
    wave += heart * np.sin(2 * np.pi * 1.3 * t) + noise * rng.standard_normal(t.size)
    wave += drift * np.sin(2 * np.pi * 0.02 * t)
    return Recording(kind="resp", fs_hz=fs_hz, samples=np.minimum(wave, clip or np.inf), unit=""), np.array(peaks)


def folded(recording, cuts, **how):
    state = BreathState.of(fs_hz=recording.fs_hz, rises_with="inspiration", **how)
    found = []
    for piece in np.split(recording.samples, cuts):
        state, events = breath_step(state, piece)
        found.extend(events)
    return state, found


@settings(max_examples=25, deadline=None)
@given(
    cuts=st.lists(st.integers(0, 3000), max_size=12).map(sorted),
    fs_hz=st.sampled_from([8.0, 25.0, 50.0, 125.0, 130.0]),
)
def test_any_cutting_gives_the_same_events(cuts, fs_hz):
    recording, _ = made_up(18, fs_hz=fs_hz, length_s=60.0, vary=0.2, heart=0.1, noise=0.05)
    whole, cut = folded(recording, []), folded(recording, [c for c in cuts if c < recording.samples.size])
    assert whole[1] == cut[1]
    assert len(whole[1]) > 10
    assert (whole[0].numbers == cut[0].numbers).all()
    assert whole[0].now_s == pytest.approx(recording.duration_s)


def test_the_state_that_came_in_is_left_as_it_was():
    recording, _ = made_up(15, length_s=30.0)
    before = BreathState.of(fs_hz=50.0, rises_with="inspiration")
    copies = before.numbers.copy(), before.ring.copy(), before.past.copy()
    first = breath_step(before, recording.samples)[1]
    assert all((a == b).all() for a, b in zip(copies, (before.numbers, before.ring, before.past), strict=True))
    assert breath_step(before, recording.samples)[1] == first


# name -> what is made up, least Se and PPV live in percent. Clean breathing is told nearly whole; the least of the hard
# cases is what a later change may cost before somebody should look.
CASES = {
    "6": ({"rate_per_min": 6, "length_s": 240.0}, 95),
    "10": ({"rate_per_min": 10}, 95),
    "15": ({"rate_per_min": 15}, 97),
    "20": ({"rate_per_min": 20}, 97),
    "30": ({"rate_per_min": 30}, 97),
    "irregular": ({"rate_per_min": 15, "vary": 0.25, "length_s": 240.0}, 94),
    "heart": ({"rate_per_min": 15, "heart": 0.12, "length_s": 240.0}, 94),
    "noise": ({"rate_per_min": 15, "noise": 0.1, "length_s": 240.0}, 94),
    "drift": ({"rate_per_min": 15, "drift": 1.0, "length_s": 240.0}, 94),
    "pauses": ({"rate_per_min": 15, "pause": (8, 16), "length_s": 240.0}, 94),
    "clipped": ({"rate_per_min": 15, "clip": 0.7, "vary": 0.05, "length_s": 240.0}, 94),
}


@pytest.mark.parametrize("case", CASES)
def test_live_exhalations_of_made_up_breathing(case):
    what, least = CASES[case]
    recording, peaks = made_up(**what)
    found = exhalation_agreement(live_exhalations(recording), peaks)
    assert min(found.se_pct, found.ppv_pct) >= least
    # where the top is cut off nothing tells when the peak was: the fall is longer than the rise, the middle is late
    assert abs(found.delay_ms) <= (300 if case == "clipped" else 150)
    assert found.delay_p95_ms - found.delay_p5_ms <= 600
    confirmed = exhalation_agreement(find_breaths(recording).exhale_s, peaks)
    assert min(confirmed.se_pct, confirmed.ppv_pct) >= least


@pytest.mark.parametrize("record", EXAMPLES)
def test_live_exhalations_of_real_breathing(record):
    # the acceptance of the issue, on the two of the three records that travel with the package
    recording = read_recording(EXAMPLES[record], kind="resp")
    marks = np.genfromtxt(ROOT / "tests" / "data" / "breaths" / f"{record}.csv", delimiter=",", skip_header=1)
    for person in marks.T:
        found = exhalation_agreement(live_exhalations(recording), person[np.isfinite(person)] / 125)
        assert min(found.se_pct, found.ppv_pct) >= 97
        assert abs(found.delay_ms) <= 150
        assert found.delay_p95_ms - found.delay_p5_ms <= 600


def test_turned_around_and_flow():
    recording, peaks = made_up(15)
    turned = Recording(kind="resp", fs_hz=50.0, samples=-recording.samples, unit="")
    assert find_breaths(turned, rises_with="expiration").exhale_s == pytest.approx(find_breaths(recording).exhale_s)
    flow = Recording(kind="resp", fs_hz=50.0, samples=np.gradient(recording.samples) + 1e-4, unit="")
    found = exhalation_agreement(find_breaths(flow, sensor="flow").exhale_s, peaks, tolerance_s=0.25)
    assert min(found.se_pct, found.ppv_pct) > 94


def test_phase_and_rate():
    t = np.arange(0, 60, 0.02)
    state = BreathState.of(fs_hz=50.0, rises_with="inspiration", start_s=100.0)
    assert np.isnan(state.rate_per_min)
    state, _ = breath_step(state, -np.cos(2 * np.pi * 0.25 * t[: 50 * 49]))  # 49 s: a quarter into a rise
    assert (state.phase, state.now_s, state.trouble) == ("inspiration", 149.0, "")
    assert state.rate_per_min == pytest.approx(15, abs=0.2)
    state, _ = breath_step(state, -np.cos(2 * np.pi * 0.25 * t[50 * 49 : 50 * 51]))
    assert state.phase == "expiration"


def test_trouble_is_told():
    recording, _ = made_up(15, length_s=60.0)
    state, _ = breath_step(BreathState.of(fs_hz=50.0, rises_with="inspiration"), recording.samples)
    last = recording.samples[-1]
    lost, _ = breath_step(state, np.full(20, np.nan))
    assert "lost" in lost.trouble
    flat, _ = breath_step(state, np.full(600, last))
    assert "flat" in flat.trouble
    rng = np.random.default_rng(0)
    quiet, events = breath_step(state, last + 0.02 * rng.standard_normal(700))
    assert "no breath for" in quiet.trouble
    assert sum(e.kind == "exhale" for e in events) <= 2
    again, _ = breath_step(flat, recording.samples)
    assert again.trouble == ""


def test_noise_after_the_sensor_came_off_makes_few_breaths():
    recording, _ = made_up(15, length_s=60.0)
    noise = 0.02 * np.random.default_rng(0).standard_normal(3000)
    both = Recording(kind="resp", fs_hz=50.0, samples=np.concatenate([recording.samples, noise]), unit="")
    assert (live_exhalations(both) > 62).sum() <= 2


@pytest.mark.parametrize(
    ("how", "words"),
    [({"fs_hz": 2.0}, "4 Hz"), ({"rises_with": "up"}, "inspiration"), ({"sensor": "belt"}, "volume, flow")],
)
def test_a_state_names_what_is_wrong(how, words):
    with pytest.raises(InputError, match=words):
        BreathState.of(**{"fs_hz": 50.0, "rises_with": "inspiration", **how})


@pytest.mark.parametrize("samples", [[np.inf], np.zeros((2, 2)), ["x"], [None], [1j]])
def test_samples_that_are_none_are_refused(samples):
    with pytest.raises(InputError, match="a chunk is a row of samples"):
        breath_step(BreathState.of(fs_hz=50.0, rises_with="inspiration"), samples)


def test_quality_is_zero_where_samples_are_missing():
    recording, _ = made_up(15)
    gap = Gap(start_s=60.0, stop_s=61.0)
    holed = Recording(kind="resp", fs_hz=50.0, samples=recording.samples, unit="", gaps=(gap,))
    breaths = find_breaths(holed)
    inside = (breaths.inhale_s < 61) & (np.append(breaths.inhale_s[1:], 1e9) > 60)
    assert (breaths.quality[inside] == 0).all()
    assert (breaths.quality[~inside][:-1] > 0.8).all()


def test_agreement_is_one_to_one():
    found = exhalation_agreement([1.0, 1.2, 5.0], [1.1, 5.6])
    assert (found.n_met, found.n_marked, found.n_decided) == (1, 2, 3)
    assert exhalation_agreement([1.4, 1.6], [1.0, 1.9]).n_met == 2
    assert np.isnan(exhalation_agreement([], [1.0]).ppv_pct)


@pytest.mark.parametrize("rate_per_min", [10.0, 16.0])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_respiration_from_heartbeats(rate_per_min, sign):
    rng = np.random.default_rng(3)
    breath_hz = rate_per_min / 60
    beat_s, at = [], 0.5
    while at < 175:
        beat_s.append(at)
        at += 0.75 - 0.03 * np.sin(2 * np.pi * breath_hz * at) + 0.005 * rng.standard_normal()
    beat_s = np.array(beat_s)
    height = 1 + sign * 0.1 * np.sin(2 * np.pi * breath_hz * beat_s)  # sign: the lead's
    t = np.arange(0, 176, 0.01)
    wave = (height * np.exp(-0.5 * ((t[:, None] - beat_s) / 0.012) ** 2)).sum(axis=1)
    ecg = Recording(kind="ecg", fs_hz=100.0, samples=wave, unit="mV")
    beats = Beats(time_s=beat_s, quality=np.ones(beat_s.size), origin="given")
    derived = derived_respiration(ecg, beats)
    assert 60 / np.median(np.diff(find_breaths(derived).exhale_s)) == pytest.approx(rate_per_min, abs=0.5)
    # it rises with inspiration: with the heart rate, whatever the lead
    late = np.arange(derived.samples.size) / derived.fs_hz
    assert np.corrcoef(derived.samples[800:], np.sin(2 * np.pi * breath_hz * late[800:]))[0, 1] > 0.7


def test_derived_step_refuses_time_that_runs_backward():
    state, samples = derived_step(DerivedState.of(), beat_s=1.0, height=1.0)
    assert samples.size == 9
    with pytest.raises(InputError, match="later time"):
        derived_step(state, beat_s=1.0, height=1.0)
