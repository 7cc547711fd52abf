"""The next beat with its interval, and a gate that fires once a beat or breath, or says why not."""

import itertools
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vagus.errors import InputError
from vagus.signal import Gate, GateState, Pace, Sign, gate_step, pace_step
from vagus.signal.gate.plan import On

DATA = Path(__file__).parents[1] / "data" / "beats"
STEP_S = 0.01


def sinus(n=600, *, breath_hz=0.25, swing_s=0.04, noise_s=0.01, seed=0):
    """Beats with respiratory sinus arrhythmia."""
    rng = np.random.default_rng(seed)
    times = [0.5]
    for _ in range(n - 1):
        times.append(times[-1] + 0.85 + swing_s * np.sin(2 * np.pi * breath_hz * times[-1]) + noise_s * rng.normal())
    return np.array(times)


def predicted(times, of_what: Literal["beat", "breath"] = "beat"):
    """Error of the prediction, of the last interval, and whether the interval held, of each event after the tenth."""
    pace = Pace.of(of_what)
    errors, plain, held = [], [], []
    for k, time_s in enumerate(times.tolist()):
        if k > 10:
            due = pace.due
            errors.append(abs(time_s - due.time_s))
            plain.append(abs(time_s - 2 * times[k - 1] + times[k - 2]))
            held.append(due.low_s <= time_s <= due.high_s)
        pace = pace_step(pace, time_s)
    return np.median(errors), np.median(plain), np.mean(held)


def gated(gate, times, *, latency_s=0.1, trouble=lambda now_s: "", kind: On = "beat", **sign):
    """Decisions of a gate that is asked every 10 ms and told of each event `latency_s` after it."""
    state, told, waiting = GateState.of(gate), [], list(times)
    for tick in range(int((times[-1] + 2) / STEP_S)):
        now_s = tick * STEP_S
        signs = [Sign(kind=kind, time_s=t, **sign) for t in waiting if t + latency_s <= now_s]
        waiting = waiting[len(signs) :]
        state, decisions = gate_step(state, now_s=now_s, signs=signs, signal_s=now_s, trouble=trouble(now_s))
        told.extend(decisions)
    return state, told


def fired(told):
    return np.array([d.time_s for d in told if d.act == "fire"])


@pytest.mark.parametrize("seed", range(3))
def test_sinus_arrhythmia_is_foreseen(seed):
    error, plain, held = predicted(sinus(seed=seed))
    assert error < 0.7 * plain
    assert 0.87 <= held <= 0.93


@pytest.mark.parametrize("name", ["nsr001_2h", "mitdb103", "resting", "bidmc01"])
def test_intervals_of_real_beats_hold_nine_tenths(name):
    times = np.loadtxt(DATA / f"{name}.txt")
    times = times / 1000 if times[1] - times[0] > 10 else times
    error, plain, held = predicted(times)
    # 90 ± 3 %, and what a count of a few hundred beats adds to it
    assert abs(held - 0.9) <= 0.03 + 1.0 / np.sqrt(times.size) * 0.3
    if name in {"mitdb103", "resting"}:
        assert error <= 0.9 * plain


def test_breaths_are_foreseen_with_their_interval():
    rng = np.random.default_rng(5)
    error, _, held = predicted(np.cumsum(rng.normal(4.0, 0.4, 500)), "breath")
    assert 0.87 <= held <= 0.93
    assert error < 0.4


def test_an_ectopic_beat_and_a_missing_one_are_told():
    times = sinus(60)
    pace = Pace.of("beat")
    assert np.isnan(pace.due.time_s)
    for time_s in times[:40].tolist():
        pace = pace_step(pace, time_s)
    assert pace.due.trouble == ""
    early = pace_step(pace, times[39] + 0.45)
    assert early.due.trouble == "ectopy"
    missing = pace_step(pace, times[39] + 1.75)
    assert missing.due.trouble == "gap"
    for k in range(2):
        missing = pace_step(missing, missing.last_s + 0.85 + 0.01 * k)
    assert missing.due.trouble == ""


def test_a_rhythm_learned_from_noise_is_learned_anew():
    pace = Pace.of("breath")
    for time_s in [0.0, 0.6, 1.3, *np.arange(4.0, 60.0, 4.0)]:
        pace = pace_step(pace, float(time_s))
    assert pace.interval_s == pytest.approx(4.0, abs=0.01)
    assert pace.due.trouble == ""


@settings(max_examples=40, deadline=None)
@given(intervals=st.lists(st.floats(0.05, 5.0), min_size=2, max_size=80))
def test_no_rhythm_breaks_the_prediction(intervals):
    pace = Pace.of("beat")
    for time_s in itertools.accumulate(intervals):
        pace = pace_step(pace, time_s)
    if pace.n_interval:
        assert pace.last_s <= pace.due.low_s <= pace.due.high_s
        assert np.isfinite([pace.due.time_s, pace.due.high_s]).all()


@pytest.mark.parametrize("delay_ms", [200.0, 40.0, -80.0])
def test_pulses_lie_where_they_are_aimed_and_once_a_beat(delay_ms):
    times = sinus(200)
    _, told = gated(Gate(on="beat", delay_ms=delay_ms), times)
    pulses = fired(told)
    pulses = pulses[pulses < times[-1] + 0.3]  # after the last one a beat is still foreseen
    meant = times + delay_ms / 1000
    nearest = np.abs(pulses[:, None] - meant).argmin(axis=1)
    assert np.unique(nearest).size == nearest.size
    assert pulses.size > 0.85 * times.size
    errors_ms = 1000 * np.abs(pulses - meant[nearest])
    # a tick of 10 ms where the beat itself is the aim; else the prediction, within its widest allowed interval
    assert np.quantile(errors_ms, 0.9) <= (10 if delay_ms > 100 else 60)


def test_diastole_is_a_share_of_the_interval():
    times = sinus(200)
    pulses = fired(gated(Gate(on="beat", share_pct=60.0), times)[1])
    before = np.searchsorted(times, pulses) - 1
    inside = before < times.size - 1
    share = (pulses - times[before])[inside] / np.diff(times)[before[inside]]
    assert np.abs(share - 0.6).max() < 0.1
    assert pulses.size > 180


@settings(max_examples=15, deadline=None)
@given(
    data=st.data(),
    delay_ms=st.sampled_from([-100.0, 30.0, 150.0]),
    kind=st.sampled_from(["beat", "exhale"]),
)
def test_nothing_fires_in_a_refused_state(data, delay_ms, kind):
    spans = data.draw(st.lists(st.tuples(st.floats(0, 40), st.floats(0.1, 5)), max_size=4))
    times = sinus(45, seed=data.draw(st.integers(0, 5))) if kind == "beat" else np.arange(1.0, 45.0, 4.0)

    def trouble(now_s):
        return "sensor off" if any(start <= now_s < start + length for start, length in spans) else ""

    gate = Gate(on=kind, delay_ms=abs(delay_ms) if kind == "exhale" else delay_ms)
    _, told = gated(gate, times, trouble=trouble, kind=kind)
    assert not [d for d in told if d.act == "fire" and trouble(d.time_s)]
    assert all(d.reason for d in told if d.act != "fire")
    pulses = fired(told)
    assert pulses.size <= times.size
    assert pulses.size < 2 or np.diff(pulses).min() >= gate.least_interval_s - 1e-9


def test_each_refusal_says_why():
    times = sinus(40)

    def reasons(gate, beats, **more):
        return {d.reason for d in gated(gate, beats, **more)[1] if d.act == "refuse"}

    at_r = Gate(on="beat", delay_ms=150.0)
    assert "warming up: too few beats" in reasons(at_r, times)
    assert any("quality" in r for r in reasons(at_r, times, quality_pct=5.0))
    assert any("detector holds" in r for r in reasons(at_r, times, ectopic=True))
    early = np.insert(times, 21, times[20] + 0.4)
    assert any(r.startswith("ectopy") for r in reasons(at_r, early))
    assert "a beat is missing" in reasons(at_r, np.delete(times, 20))
    irregular = np.cumsum(np.random.default_rng(0).uniform(0.4, 1.4, 80))
    assert any("irregular" in r for r in reasons(at_r, irregular))
    wide = Gate(on="beat", delay_ms=-50.0, widest_ms=5.0)
    assert any("unsure" in r for r in reasons(wide, times))
    seldom = Gate(on="beat", delay_ms=150.0, least_interval_s=2.0)
    assert any("after the last pulse" in r for r in reasons(seldom, times))


def test_stale_signal_and_a_late_call_are_refused():
    state = GateState.of(Gate(on="exhale", delay_ms=100.0))
    for k in range(4):
        start_s = 4.0 * k + 1
        state, _ = gate_step(state, now_s=start_s, signs=[Sign(kind="exhale", time_s=start_s)], signal_s=start_s)
        state, told = gate_step(state, now_s=start_s + 0.1, signal_s=start_s + 0.1)
        assert [d.act for d in told if d.act != "stop"] == ["fire"]
    state, _ = gate_step(state, now_s=17.0, signs=[Sign(kind="exhale", time_s=17.0)], signal_s=17.0)
    late, told = gate_step(state, now_s=17.3, signal_s=17.3)
    assert told[0].act == "refuse"
    assert "too late" in told[0].reason
    stale, told = gate_step(state, now_s=17.6, signal_s=17.05)
    assert told[0].act == "refuse"
    assert "old" in told[0].reason
    assert late.aim_s is stale.aim_s is None


def test_a_whole_exhalation_is_open_and_ends():
    state = GateState.of(Gate(on="exhale"))
    told = []
    for k in range(3):
        phases: tuple[tuple[On, float], ...] = (("exhale", 0.0), ("inhale", 2.5))
        for kind, after_s in phases:
            now_s = 4.0 * k + after_s + 1
            sign = Sign(kind=kind, time_s=now_s)
            state, decisions = gate_step(state, now_s=now_s, signs=[sign], signal_s=now_s)
            told += [(d.act, d.time_s) for d in decisions]
            assert (state.open_since_s is not None) == (kind == "exhale")
    assert told == [("fire", 1.0), ("stop", 3.5), ("fire", 5.0), ("stop", 7.5), ("fire", 9.0), ("stop", 11.5)]


def test_what_is_told_twice_counts_once():
    state = GateState.of(Gate(on="exhale"))
    sign = Sign(kind="exhale", time_s=1.0)
    state, first = gate_step(state, now_s=1.0, signs=[sign, sign], signal_s=1.0)
    state, second = gate_step(state, now_s=1.5, signs=[sign], signal_s=1.5)
    assert [d.act for d in (*first, *second)] == ["fire"]


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"on": "wave"}, "beat, exhale, inhale"),
        ({"on": "exhale", "delay_ms": -50.0}, "before a breath"),
        ({"on": "beat", "share_pct": 120.0}, "share_pct"),
        ({"on": "beat", "widest_ms": float("nan")}, "widest_ms"),
    ],
)
def test_a_gate_names_what_is_wrong(how, words):
    with pytest.raises(InputError, match=words):
        Gate(**how)


def test_time_never_runs_backward():
    state, _ = gate_step(GateState.of(Gate(on="exhale")), now_s=2.0, signal_s=2.0)
    with pytest.raises(InputError, match="never backward"):
        gate_step(state, now_s=1.0, signal_s=1.0)
    pace = pace_step(Pace.of("beat"), 1.0)
    with pytest.raises(InputError, match="later time"):
        pace_step(pace, 1.0)
