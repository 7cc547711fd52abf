import numpy as np
import pytest

from vagus.signal import Beats, correct, vagal_tone


def healthy(seed, n=300):
    """Beats with breathing (50 ms at 0.25 Hz), slow waves and noise."""
    rng = np.random.default_rng(seed)
    time_s = [0.0]
    for _ in range(n):
        t = time_s[-1]
        rr = 850 + 50 * np.sin(2 * np.pi * 0.25 * t) + 30 * np.sin(2 * np.pi * 0.1 * t) + rng.normal(0, 10)
        time_s.append(t + rr / 1000)
    return np.array(time_s)


def of(time_s):
    return Beats(time_s=time_s, quality=np.ones(time_s.size), origin="detected", source_name="x")


def rmssd_ms(time_s):
    return float(np.sqrt(np.mean(np.diff(np.diff(time_s) * 1000) ** 2)))


@pytest.mark.parametrize("seed", range(5))
def test_clean_beats_stay(seed):
    result = correct(of(healthy(seed)))
    assert result.corrected_pct <= 1.0
    assert rmssd_ms(result.beats.time_s) == pytest.approx(rmssd_ms(healthy(seed)), rel=0.02)


@pytest.mark.parametrize("seed", range(5))
def test_missed_beat_is_added(seed):
    time_s = healthy(seed)
    result = correct(of(np.delete(time_s, 150)))
    added = [change for change in result.changes if change.kind == "missed"]
    assert len(added) == 1
    assert added[0].time_s == pytest.approx(time_s[150], abs=0.1)
    assert result.beats.time_s.size == time_s.size
    assert result.beats.origin == "corrected"
    assert result.beats.label is not None
    assert result.beats.label[150] == "missed"
    assert result.beats.quality[150] == 0


@pytest.mark.parametrize("share", [0.3, 0.5, 0.7])
def test_extra_beat_is_removed(share):
    time_s = healthy(1)
    extra = time_s[150] + share * (time_s[151] - time_s[150])
    result = correct(of(np.sort(np.append(time_s, extra))))
    removed = [change for change in result.changes if change.kind == "extra"]
    assert [change.time_s for change in removed] == [pytest.approx(extra)]
    assert result.beats.time_s.size == time_s.size


def test_early_beat_is_moved_back():
    time_s = healthy(3)
    early = time_s.copy()
    early[150] -= 0.3
    result = correct(of(early))
    moved = [change for change in result.changes if abs(change.time_s - early[150]) < 1e-9]
    assert [change.kind for change in moved] == ["ectopic"]
    assert result.beats.time_s[150] == pytest.approx(time_s[150], abs=0.06)


def test_two_percent_bad_beats_cost_little():
    errors = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        time_s = healthy(seed)
        bad = time_s.copy()
        chosen = rng.choice(np.arange(10, 290), 6, replace=False)
        bad[chosen[:2]] -= 0.3
        extra = time_s[chosen[2:4]] + 0.4
        bad = np.sort(np.append(np.delete(bad, chosen[4:]), extra))
        errors.append(rmssd_ms(correct(of(bad)).beats.time_s) / rmssd_ms(time_s) - 1)
        assert rmssd_ms(bad) > 1.5 * rmssd_ms(time_s)
    assert np.median(np.abs(errors)) < 0.02
    assert np.quantile(np.abs(errors), 0.95) < 0.08


def test_many_corrections_raise_a_flag():
    time_s = healthy(4)
    bad = np.delete(time_s, np.arange(10, 290, 14))
    result = correct(of(bad))
    assert result.corrected_pct > 5
    assert "more than 5 %" in result.flags[0]
    tone = vagal_tone(result.beats)
    assert tone.corrected_pct > 5
    assert any("were corrected" in flag for flag in tone.flags)


def test_few_beats_are_left_alone():
    result = correct(of(np.arange(5) * 0.8))
    assert not result.changes
    assert "too few" in result.flags[0]


def test_metronome_is_left_alone():
    assert not correct(of(np.arange(200) * 0.8)).changes
