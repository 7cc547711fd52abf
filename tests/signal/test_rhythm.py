import itertools

import numpy as np
import pytest

from vagus.errors import InputError
from vagus.signal import Beats, correct, rhythm, vagal_tone


def fibrillating(seed, n=400):
    """Intervals independent of one another, as in atrial fibrillation."""
    return np.random.default_rng(seed).gamma(16, 650 / 16, n)


def sinus(seed, n=400, depth_ms=60.0):
    steps = np.arange(n)
    noise = np.random.default_rng(seed).normal(0, 15, n)
    return 900 + depth_ms * np.sin(2 * np.pi * steps / 4.6) + noise


@pytest.mark.parametrize("seed", range(5))
def test_independent_intervals_are_irregular(seed):
    beats = Beats.of_rr(fibrillating(seed))
    assert rhythm(beats).irregular_pct > 80
    assert any("atrial fibrillation" in flag for flag in rhythm(beats).flags)
    assert any("atrial fibrillation" in flag for flag in vagal_tone(beats).flags)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("depth_ms", [0.0, 40.0, 100.0])
def test_breathing_is_no_arrhythmia(seed, depth_ms):
    assert rhythm(Beats.of_rr(sinus(seed, depth_ms=depth_ms))).flags == ()


@pytest.mark.parametrize("every", [2, 3, 4, 10])
def test_premature_beats_are_counted_and_are_no_fibrillation(every):
    rr = sinus(1, depth_ms=10.0)
    at = np.arange(5, 390, every)
    rr[at] -= 300
    rr[at + 1] += 300 if every > 2 else 0
    found = rhythm(Beats.of_rr(rr))
    assert found.premature_pct == pytest.approx(100 / every, abs=3)
    assert found.irregular_pct == 0
    assert "premature" in found.flags[0]


def test_mended_ectopic_beats_count():
    rr = sinus(2, depth_ms=10.0)
    at = np.arange(5, 390, 12)
    rr[at] -= 300
    rr[at + 1] += 300
    beats = Beats.of_rr(rr)
    assert rhythm(correct(beats).beats).premature_pct == pytest.approx(rhythm(beats).premature_pct, abs=1)


def test_a_metronome_is_told():
    rr = 857 + np.random.default_rng(0).normal(0, 1, 300)
    assert "hardly varies" in rhythm(Beats.of_rr(rr)).flags[0]


def test_parts_cover_the_window():
    parts = rhythm(Beats.of_rr(sinus(0)), start_s=10, end_s=250).parts
    assert len(parts) == 4
    assert parts[0].start_s == 10
    assert all(a.end_s == b.start_s for a, b in itertools.pairwise(parts))


def test_hardly_any_beats_are_not_read():
    found = rhythm(Beats.of_rr([800.0] * 5))
    assert [part.kind for part in found.parts] == ["unread"]
    assert found.flags == ()
    assert rhythm(Beats(time_s=np.zeros(0), quality=np.zeros(0), origin="given")).parts[0].kind == "unread"
    with pytest.raises(InputError, match="ends before it starts"):
        rhythm(Beats.of_rr([800.0] * 5), start_s=5, end_s=1)
