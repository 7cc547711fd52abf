"""Changes are listed, reversible, and edits by hand come first."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vagus.errors import InputError
from vagus.signal import BeatEdit, Beats, correct, undo, vagal_tone


def healthy(seed, n=200):
    rng = np.random.default_rng(seed)
    steps = np.arange(n)
    rr = 850 + 40 * np.sin(2 * np.pi * 0.21 * steps) + 20 * np.sin(2 * np.pi * 0.08 * steps) + rng.normal(0, 12, n)
    return np.concatenate([[0.0], np.cumsum(rr) / 1000])


def of(time_s):
    return Beats(time_s=time_s, quality=np.ones(time_s.size), origin="detected", source_name="x")


def spoil(time_s, seed):
    """Two missed, two extra, two premature."""
    rng = np.random.default_rng(seed)
    chosen = rng.choice(np.arange(3, time_s.size - 4), 6, replace=False)
    bad = time_s.copy()
    bad[chosen[:2]] -= rng.uniform(0.15, 0.35, 2)
    extra = bad[chosen[2:4]] + 0.5 * (bad[chosen[2:4] + 1] - bad[chosen[2:4]])
    return np.unique(np.concatenate([np.delete(bad, chosen[4:]), extra]))


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), which=st.integers(0, 2**12))
def test_any_changes_undone_give_what_was_there(seed, which):
    beats = of(spoil(healthy(seed), seed))
    result = correct(beats)
    assert undo(result).beats is beats
    some = [change for k, change in enumerate(result.changes) if which >> k & 1]
    part = undo(result, some)
    assert len(part.changes) == len(result.changes) - len(some)
    rest = undo(part, part.changes)
    assert rest.beats is beats
    # a change that was taken back leaves its beat where it came in, with its quality
    for change in some:
        if change.from_s is not None:
            assert change.from_s in part.beats.time_s


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_a_change_tells_all_that_was_done(seed):
    beats = of(spoil(healthy(seed), seed))
    result = correct(beats)
    gone = {change.from_s for change in result.changes if change.from_s is not None and change.to_s != change.from_s}
    came = {change.to_s for change in result.changes if change.to_s is not None and change.to_s != change.from_s}
    assert set(result.beats.time_s) == (set(beats.time_s) - gone) | came
    assert all(change.why for change in result.changes)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_corrected_beats_come_back_as_they_are(seed):
    once = correct(of(spoil(healthy(seed), seed)))
    twice = correct(once.beats)
    assert twice.beats is once.beats
    assert not twice.changes


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), size_ms=st.floats(2, 40))
def test_clean_beats_stay_as_they_are(seed, size_ms):
    """Normal noise, breathing and slow waves: fewer than one beat in two hundred is touched (none, as a rule)."""
    rng = np.random.default_rng(seed)
    steps = np.arange(200)
    rr = 850 + size_ms * (np.sin(2 * np.pi * 0.21 * steps) + rng.normal(0, 1, 200))
    assert len(correct(Beats.of_rr(rr)).changes) <= 1


def test_undo_refuses_a_change_of_another_correction():
    result = correct(of(np.delete(healthy(1), 100)))
    other = dataclasses.replace(result.changes[0], time_s=1.0)
    with pytest.raises(InputError, match="none of this correction"):
        undo(result, [other])


def test_edits_come_first_and_are_left_alone():
    time_s = healthy(3)
    bad = time_s.copy()
    bad[100] -= 0.3  # would be moved
    beats = of(np.delete(bad, 50))
    edits = [
        BeatEdit(what="good", time_s=float(bad[100]) + 0.01, note="an ectopic beat, to be kept", who="MB"),
        BeatEdit(what="add", time_s=float(time_s[50]), who="MB"),
        BeatEdit(what="bad", time_s=float(time_s[150])),
        BeatEdit(what="delete", time_s=float(time_s[20])),
        BeatEdit(what="move", time_s=float(time_s[30]), to_s=float(time_s[30]) + 0.02),
    ]
    result = correct(beats, edits=edits)
    assert bad[100] in result.beats.time_s
    assert time_s[50] in result.beats.time_s
    assert time_s[30] + 0.02 in result.beats.time_s
    at = int(np.searchsorted(result.beats.time_s, time_s[150]))
    assert result.beats.label is not None
    assert result.beats.label[at] == "bad"
    assert result.beats.mended[at]
    # the deleted beat left a hole: the rule adds one, and says so
    assert [change.kind for change in result.changes if 10 < change.time_s < 20] == ["by hand", "missed"]
    assert "by MB" in result.changes[-2].why or any("by MB" in change.why for change in result.changes)
    assert undo(result).beats is beats
    assert vagal_tone(result.beats).rmssd_ms.n < time_s.size - 2


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (BeatEdit(what="delete", time_s=0.4), r"x, edit 1 \(delete at 0.400 s\): no beat is there; found the nearest"),
        (BeatEdit(what="add", time_s=0.01), "there is a beat already"),
        (BeatEdit(what="move", time_s=0.8, to_s=5.0), "passes or meets another"),
    ],
)
def test_edits_that_fit_no_beat_are_refused(edit, said):
    with pytest.raises(InputError, match=said):
        correct(Beats.of_rr([800.0] * 30, source_name="x"), edits=[edit])


def test_a_pause_that_ends_at_a_beat_placed_by_hand_spoils_no_other_beat():
    rr = np.full(60, 800.0)
    rr[30] = 1700.0
    rr[31] = 900.0
    beats = Beats.of_rr(rr)
    at = float(beats.time_s[31])
    result = correct(beats, edits=[BeatEdit(what="move", time_s=at, to_s=at - 0.1)])
    assert set(result.beats.time_s) >= set(beats.time_s) - {at}
    assert at - 0.1 in result.beats.time_s


def test_two_edits_of_one_beat_are_refused():
    edits = [BeatEdit(what="bad", time_s=8.0), BeatEdit(what="good", time_s=8.01)]
    with pytest.raises(InputError, match="two edits of one beat; found edit 1, too"):
        correct(Beats.of_rr([800.0] * 30), edits=edits)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"what": "kill", "time_s": 1.0}, "edit is unknown"),
        ({"what": "bad", "time_s": float("nan")}, "is no time"),
        ({"what": "move", "time_s": 1.0}, "to_s does not fit"),
        ({"what": "bad", "time_s": 1.0, "to_s": 2.0}, "to_s does not fit"),
    ],
)
def test_an_edit_says_what_is_wrong_with_it(fields, said):
    with pytest.raises(InputError, match=said):
        BeatEdit(**fields)


@pytest.mark.parametrize("what", [["x"], [None], [1.0]])
def test_only_its_own_changes_are_undone(what):
    result = correct(Beats.of_rr([800.0] * 20 + [1600.0] + [800.0] * 20))
    with pytest.raises(InputError, match="none of this correction"):
        undo(result, what)
