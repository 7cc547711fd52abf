"""Correction as beats come in: chunks leave no trace, an endless lag is the offline story, a short one comes close."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vagus.errors import InputError
from vagus.signal import BeatChange, Beats, Correction, MendState, correct, correct_rest, correct_step


def rhythm(seed: int, n: int = 150) -> np.ndarray:
    rng = np.random.default_rng(seed)
    rr_s = 0.85 + 0.04 * np.sin(np.arange(n) / 4) + 0.01 * rng.standard_normal(n)
    return np.cumsum(rr_s)


def spoiled(seed: int) -> np.ndarray:
    """One beat missed, one extra, one early."""
    time_s = rhythm(seed)
    time_s[90] -= 0.25
    return np.sort(np.append(np.delete(time_s, 40), time_s[60] + 0.4))


def beats_of(time_s: np.ndarray) -> Beats:
    return Beats(time_s=time_s, quality=np.ones(time_s.size), origin="detected")


def fold(time_s: np.ndarray, state: MendState, cuts: tuple[int, ...] = ()) -> tuple[list[Correction], Correction]:
    parts: list[Correction] = []
    for chunk in np.split(time_s, cuts):
        state, part = correct_step(state, chunk)
        parts.append(part)
    return parts, correct_rest(state)


def whole(parts: list[Correction], rest: Correction) -> tuple[np.ndarray, tuple[BeatChange, ...]]:
    every = [*parts, rest]
    return np.concatenate([p.beats.time_s for p in every]), tuple(c for p in every for c in p.changes)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_an_endless_lag_is_the_offline_story(seed: int) -> None:
    parts, rest = fold(spoiled(seed), MendState.of(lag_s=math.inf))
    assert sum(part.beats.time_s.size for part in parts) == 0
    offline = correct(beats_of(spoiled(seed)))
    assert rest.changes == offline.changes
    np.testing.assert_array_equal(rest.beats.time_s, offline.beats.time_s)


@settings(max_examples=6, deadline=None)
@given(st.lists(st.integers(0, 149), max_size=12), st.integers(1, 5))
def test_chunks_leave_no_trace(cuts: list[int], seed: int) -> None:
    time_s = spoiled(seed)
    at_once = whole(*fold(time_s, MendState.of(lag_s=4.0)))
    in_parts = whole(*fold(time_s, MendState.of(lag_s=4.0), tuple(sorted(cuts))))
    np.testing.assert_array_equal(at_once[0], in_parts[0])
    assert at_once[1] == in_parts[1]


def test_a_lag_of_five_seconds_finds_what_offline_finds() -> None:
    time_s = spoiled(7)
    live_s, live = whole(*fold(time_s, MendState.of(lag_s=5.0)))
    offline = correct(beats_of(time_s))
    assert [c.kind for c in live] == [c.kind for c in offline.changes] == ["missed", "extra", "ectopic"]
    assert live_s.size == offline.beats.time_s.size
    assert np.abs(live_s - offline.beats.time_s).max() < 0.02  # the spline knows fewer beats after a bad one


def test_beats_are_decided_within_the_lag_and_one_interval_after_it() -> None:
    state, late_s = MendState.of(lag_s=3.0), []
    for time in rhythm(4):
        state, part = correct_step(state, float(time))
        late_s += (time - part.beats.time_s).tolist()
    # the first eleven wait for the twelfth
    assert max(late_s[12:]) < 3.0 + 1.0
    assert state.n_waiting <= 5


def test_beats_across_a_long_pause_are_not_filled_in() -> None:
    time_s = rhythm(5)
    time_s[80:] += 60.0
    live_s, _ = whole(*fold(time_s, MendState.of(lag_s=5.0)))
    assert not np.any((live_s > time_s[79] + 0.1) & (live_s < time_s[80] - 0.1))


def test_memory_stays_bounded() -> None:
    state, _ = correct_step(MendState.of(lag_s=3.0), rhythm(6, n=600))
    assert state.time_s.size <= 120 + 6


def test_too_few_beats_come_back_as_they_are() -> None:
    state, part = correct_step(MendState.of(), [0.0, 0.8, 1.6])
    assert part.beats.time_s.size == 0
    assert correct_rest(state).beats.time_s.tolist() == [0.0, 0.8, 1.6]


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: MendState.of(lag_s=0.0), "lag_s is out of range"),
        (lambda: MendState.of(lag_s=math.nan), "lag_s is out of range"),
        (lambda: MendState.of(memory=10), "memory is too short"),
        (lambda: MendState.of(memory=50.5), "memory is too short"),  # pyright: ignore[reportArgumentType]
        (lambda: correct_step(MendState.of(), [1.0, 2.0], quality=[0.5, math.nan]), "quality does not fit"),
        (lambda: correct_step(MendState.of(), [1.0, 0.5]), "beat times"),
        (lambda: correct_step(MendState.of(), [math.nan]), "beat times"),
        (lambda: correct_step(correct_step(MendState.of(), 2.0)[0], 1.0), "do not rise"),
        (lambda: correct_step(MendState.of(), [1.0, 2.0], quality=[1.0]), "quality does not fit"),
    ],
)
def test_what_cannot_be_is_told(call: Callable[[], object], says: str) -> None:
    with pytest.raises(InputError, match=says):
        call()
