"""Reactivity: known changes, coverage, gates that say why, many recordings, active against sham."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal as dsp

from vagus.errors import InputError
from vagus.signal import Beats, Design, compare_sham, correct, react, react_all, sliding_tone

DATA = Path(__file__).parents[1] / "data"


def recording(levels, *, seed=0, spread=(25.0, 25.0, 25.0), each_s=300.0):
    """Beats of three phases: mean RR in ms of each, and standard deviation of an autoregression around it."""
    rng = np.random.default_rng(seed)
    rr = []
    for level, size in zip(levels, spread, strict=True):
        n = int(each_s * 1000 / level) + 1
        rr.append(level + np.asarray(dsp.lfilter([1], [1, -0.5], rng.normal(0, size * math.sqrt(0.75), n + 50)))[50:])
    return Beats.of_rr(np.concatenate(rr), source_name=f"r{seed}")


def design(**changes):
    given_ = {"before_s": 290, "during_s": 300, "after_s": 290, "condition": "none", "person": "p1"}
    return Design.around(300, **(given_ | changes))


def moved(found, index, contrast="reactivity"):
    """The change, which was told."""
    effect = found.change(index, contrast).effect
    assert effect is not None
    return effect


def over_persons(found):
    """The effect over persons, which was told."""
    assert found.effect is not None
    return found.effect


def test_change_is_that_of_the_phases():
    found = react(recording((900, 700, 850), spread=(30, 15, 25)), design(), rng=np.random.default_rng(1))
    tones = dict(found.tones)
    assert list(tones) == ["baseline", "during", "recovery"]
    assert found.withheld == ()
    came = moved(found, "ln_rmssd")
    assert came.estimate == pytest.approx(tones["during"].ln_rmssd.estimate - tones["baseline"].ln_rmssd.estimate)
    assert came.estimate == pytest.approx(math.log(15 / 30), abs=0.15)
    assert came.low < math.log(0.5) < came.high < 0
    went, left = moved(found, "ln_rmssd", "recovery"), moved(found, "ln_rmssd", "remaining")
    assert came.estimate + went.estimate == pytest.approx(left.estimate)
    rate = moved(found, "heart_rate_bpm")
    assert rate.low < 60000 / 700 - 60000 / 900 < rate.high
    power = moved(found, "ln_hf")
    ratio = tones["during"].hf_ms2.estimate / tones["baseline"].hf_ms2.estimate
    assert power.estimate == pytest.approx(math.log(ratio))
    assert power.low < power.estimate < power.high


def test_interval_is_seeded_and_absent_without_generator():
    beats = recording((900, 700, 850))
    one, other = (react(beats, design(), rng=np.random.default_rng(3)) for _ in range(2))
    assert one == other
    bare = react(beats, design())
    assert math.isnan(moved(bare, "ln_rmssd").low)
    assert next(row for row in bare.rows if row["index"] == "ln_rmssd")["low"] is None


def test_interval_covers_no_change_about_as_often_as_it_says():
    rng = np.random.default_rng(5)
    held = {"ln_rmssd": 0, "mean_rr_ms": 0}
    for seed in range(100):
        beats = recording((800, 800, 800), seed=seed, each_s=200)
        plan = Design(baseline_s=(0, 200), during_s=(200, 400), condition="none", person="p")
        found = react(beats, plan, rng=rng, n_resample=100)
        for key in held:
            effect = moved(found, key)
            held[key] += effect.low <= 0 <= effect.high
    # 95 % of 100, give or take two standard errors, less the 2 % that blocks of 20 s miss of an autoregression
    assert all(88 <= n <= 100 for n in held.values()), held


@given(shift_s=st.floats(0, 5000), factor=st.floats(0.8, 1.25))
@settings(max_examples=10, deadline=None)
def test_shift_and_scale(shift_s, factor):
    beats = recording((900, 700, 850))
    later = Beats.of_rr(beats.rr_ms * factor, start_s=shift_s)
    span = Design(baseline_s=(0, 290), during_s=(300, 590), condition="none", person="p")
    there = replace(
        span,
        baseline_s=(shift_s, shift_s + 290 * factor),
        during_s=(shift_s + 300 * factor, shift_s + 590 * factor),
    )
    one, other = moved(react(beats, span), "ln_rmssd"), moved(react(later, there), "ln_rmssd")
    # a beat at the edge of a phase may fall to the other side by rounding
    assert other.estimate == pytest.approx(one.estimate, abs=0.02)


def test_short_phase_is_withheld_and_says_so():
    found = react(recording((900, 700, 850)), design(after_s=40))
    assert [w.kind for w in found.withheld] == ["short"]
    assert found.withheld[0].why == "40 s, 60 s needed"
    assert found.change("ln_rmssd").effect is not None
    change = found.change("ln_rmssd", "recovery")
    assert change.effect is None
    assert change.withheld == found.withheld
    row = next(r for r in found.rows if (r["index"], r["contrast"]) == ("ln_rmssd", "recovery"))
    assert (row["change"], row["withheld"]) == (None, "recovery: 40 s, 60 s needed")


def test_gates_of_reading_quality_and_correction():
    beats = recording((900, 700, 850))
    kept = (beats.time_s < 400) | (beats.time_s > 500)
    holed = replace(beats, time_s=beats.time_s[kept], quality=beats.quality[kept])
    (withheld,) = react(holed, design()).withheld
    assert (withheld.phase, withheld.kind) == ("during", "unread")
    assert "heartbeats can be read in 66 % of it, 80 % needed" in withheld.why

    poor = replace(beats, quality=np.where((beats.time_s > 300) & (np.arange(beats.time_s.size) % 3 == 0), 0.7, 1.0))
    assert {w.kind for w in react(poor, design()).withheld} == {"quality"}

    label = tuple("missed" if 300 < t < 600 and k % 8 == 0 else "" for k, t in enumerate(beats.time_s))
    mended = replace(beats, origin="corrected", label=label)
    (withheld,) = react(mended, design()).withheld
    assert (withheld.phase, withheld.kind) == ("during", "corrected")
    assert "10 % allowed" in withheld.why


def test_phase_outside_the_recording_is_withheld():
    (withheld,) = react(recording((900, 700, 850)), design(after_s=900)).withheld
    assert (withheld.phase, withheld.kind) == ("recovery", "unread")


def test_an_index_that_a_phase_cannot_tell_is_withheld_alone():
    found = react(recording((900, 900, 900)), design(before_s=70), least_s=10)
    assert found.change("ln_rmssd").effect is not None
    change = react(recording((900, 900, 900)), design(before_s=12), least_s=10).change("ln_hf")
    assert change.effect is None
    assert [(w.phase, w.kind) for w in change.withheld] == [("baseline", "index")]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"baseline_s": (10, 5)}, "baseline ends before it starts"),
        ({"during_s": (90, 200)}, "phases overlap"),
        ({"condition": "placebo"}, "condition is unknown"),
        ({"order": 0}, "order is below 1"),
        ({"person": ""}, "person is empty"),
        ({"recovery_s": (200, math.nan)}, "recovery ends before"),
    ],
)
def test_design_names_what_is_wrong(changes, words):
    good = {"baseline_s": (0, 100), "during_s": (100, 200), "condition": "sham", "person": "p1"}
    with pytest.raises(InputError, match=words):
        Design(**(good | changes))


def study(n=8, effect=0.3, period=0.2, seed=0):
    """Crossover: sham does nothing, active raises ln RMSSD; the second visit raises it, too."""
    found = []
    for k in range(n):
        for condition in ("active", "sham"):
            order = 1 if (condition == "active") == (k % 2 == 0) else 2
            gain = math.exp((effect if condition == "active" else 0.0) + (period if order == 2 else 0.0))
            beats = recording(
                (850, 850, 850), spread=(25, 25 * gain, 25), seed=100 * seed + 2 * k + (condition == "sham")
            )
            found.append((beats, design(condition=condition, person=f"p{k}", order=order, session=condition)))
    return found


def test_active_against_sham():
    reactions = react_all(study(), rng=np.random.default_rng(2), n_resample=100)
    found = compare_sham(reactions)
    assert len(found.persons) == 8
    assert over_persons(found).low < 0.3 < over_persons(found).high
    assert over_persons(found).n == 8
    orders = dict(found.by_order)
    # the period effect adds to whoever had active second
    assert orders["sham first"].estimate > orders["active first"].estimate
    assert found.balanced is not None
    assert found.balanced.low < 0.3 < found.balanced.high
    assert found.balanced.estimate == pytest.approx(over_persons(found).estimate)  # as many in each order
    for one in found.persons:
        assert one.effect is not None
        assert one.active is not None
        assert one.sham is not None
        assert one.effect.estimate == pytest.approx(one.active.estimate - one.sham.estimate)
        assert one.effect.low < one.effect.estimate < one.effect.high


def test_who_is_not_counted_is_listed():
    recordings = [
        (beats, replace(plan, baseline_s=(270.0, 300.0)) if (plan.person, plan.condition) == ("p0", "sham") else plan)
        for beats, plan in study()
        if (plan.person, plan.condition) != ("p1", "active")
    ]
    found = compare_sham(react_all(recordings))
    assert over_persons(found).n == 6
    withheld = {one.person: one.withheld for one in found.persons if one.effect is None}
    assert withheld == {"p0": "sham: baseline: 30 s, 60 s needed", "p1": "no recording with active stimulation"}
    few = compare_sham(react_all(recordings[:5]))
    assert few.effect is None
    assert few.withheld == "1 persons with both conditions, 3 needed"


def test_several_recordings_of_a_person_count_once():
    twice = study(4) + study(4, seed=1)
    found = compare_sham(react_all(twice, rng=np.random.default_rng(0), n_resample=50))
    assert over_persons(found).n == 4
    assert found.persons[0].active is not None
    assert "mean of 2 recordings" in found.persons[0].active.method


def test_words_that_are_none():
    with pytest.raises(InputError, match="no such index"):
        compare_sham([], index="rmsd")
    with pytest.raises(InputError, match="no recording with active or sham"):
        compare_sham(react_all([(recording((900, 700, 850)), design())]))


def test_tables_have_stable_columns():
    reactions = react_all(study(3))
    rows = [row for one in reactions for row in one.rows]
    assert len(rows) == 6 * 3 * 8
    assert len({tuple(row) for row in rows}) == 1
    persons = list(compare_sham(reactions).rows)
    assert len({tuple(row) for row in persons}) == 1
    assert all(row["low"] is None for row in persons)  # no generator, no interval


def test_a_wrist_recording_of_stress():
    """Pulse intervals of an Empatica E4 between two tasks: what can be read is, the rest is withheld and says why."""
    ends, lengths = np.loadtxt(DATA / "stress_s05_ibi.csv", delimiter=",").T
    times = np.sort(np.concatenate([ends, ends - lengths]))
    times = times[np.diff(times, prepend=-1) > 0.2]  # an interval starts where the one before it ends
    beats = Beats(time_s=times, quality=np.ones(times.size), origin="detected", source_name="S05")
    found = react(
        correct(beats).beats,
        Design(baseline_s=(2203, 2323), during_s=(2380, 2500), condition="none", person="S05"),
        rng=np.random.default_rng(0),
        n_resample=100,
    )
    assert found.withheld
    for change in found.changes:
        assert (change.effect is None) == bool(change.withheld)
    assert all("% needed" in w.why for w in found.withheld)
    read = react(correct(beats).beats, replace(found.design, baseline_s=(2400, 2470), during_s=(2470, 2540)))
    assert read.withheld == ()
    assert -30 < moved(read, "heart_rate_bpm").estimate < 30


def test_sliding_windows_say_why_they_are_empty():
    beats = recording((900, 700, 850))
    kept = (beats.time_s < 300) | (beats.time_s > 420)
    holed = replace(beats, time_s=beats.time_s[kept], quality=beats.quality[kept], source_name="h.csv")
    found = sliding_tone(holed, window_s=120, step_s=60)
    empty = [row for row in found.rows if row["reason"]]
    assert [row["start_s"] for row in empty] == [240.0, 300.0, 360.0]
    assert "heartbeats can be read in 50 % of it, 80 % needed" in empty[0]["reason"]
    assert all((row["rmssd_ms"] is None) == bool(row["reason"]) for row in found.rows)
    assert found.vlf_ms2[0] != found.vlf_ms2[0]
    assert found.longest_stretch_s[0] < 240


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"window_s": 1e5}, "shorter than one window"),
        ({"step_s": 0}, "step_s is not positive"),
        ({"step_s": 0.001}, "too many windows"),
        ({"window_s": math.nan}, "window_s is not positive"),
    ],
)
def test_sliding_options_are_checked(options, words):
    with pytest.raises(InputError, match=words):
        sliding_tone(recording((900, 700, 850)), **options)
