import numpy as np
import pytest

from vagus.errors import Abstained
from vagus.signal import PRESETS, Beats, correct, vagal_tone


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


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("early_s", [0.2, 0.3])
def test_early_beat_is_moved_back(seed, early_s):
    time_s = healthy(seed)
    early = time_s.copy()
    early[150] -= early_s
    result = correct(of(early))
    moved = [change for change in result.changes if abs(change.time_s - early[150]) < 1e-9]
    assert [change.kind for change in moved] == ["ectopic"]
    assert result.beats.time_s[150] == pytest.approx(time_s[150], abs=0.035)
    near = np.r_[140:150, 151:160]
    assert (result.beats.time_s[near] == early[near]).all()


@pytest.mark.parametrize("seed", range(5))
def test_couplet_is_one_run(seed):
    time_s = healthy(seed)
    bad = time_s.copy()
    bad[150] -= 0.25
    bad[151] -= 0.4
    result = correct(of(bad))
    assert np.flatnonzero(result.beats.mended[140:160]).tolist() == [10, 11]
    assert result.beats.time_s[150:152] == pytest.approx(time_s[150:152], abs=0.07)
    tone = vagal_tone(result.beats)
    assert tone.rmssd_ms.estimate == pytest.approx(rmssd_ms(time_s), rel=0.02)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("reset", [0.0, 0.5, 1.0])
def test_premature_beat_leaves_no_step_in_the_indices(seed, reset):
    """The rhythm starts anew after it by the share `reset`: the intervals around it stay too short."""
    time_s = healthy(seed)
    bad = time_s.copy()
    bad[150] -= 0.3
    bad[151:] -= 0.3 * reset
    result = correct(of(bad))
    assert result.beats.mended[148:154].any()
    tone, true = (
        vagal_tone(result.beats),
        vagal_tone(Beats(time_s=time_s, quality=np.ones(time_s.size), origin="given")),
    )
    assert tone.rmssd_ms.estimate == pytest.approx(true.rmssd_ms.estimate, rel=0.02)
    assert tone.sdnn_ms.estimate == pytest.approx(true.sdnn_ms.estimate, rel=0.02)
    assert tone.pnn50_pct.estimate == pytest.approx(true.pnn50_pct.estimate, abs=1.0)
    assert tone.hf_ms2.estimate == pytest.approx(true.hf_ms2.estimate, rel=0.05)


def test_slowing_heart_is_no_artefact():
    rr = 900 + np.random.default_rng(0).normal(0, 30, 200)
    rr[100:104] = [1010, 1180, 1050, 960]
    assert not [change for change in correct(Beats.of_rr(rr)).changes if 88 < change.time_s < 96]


def test_pause_is_left_out_and_nothing_moves():
    rr = 900 + np.random.default_rng(0).normal(0, 20, 200)
    rr[100] = 1450
    beats = Beats.of_rr(rr)
    result = correct(beats)
    assert result.beats.time_s == pytest.approx(beats.time_s)
    assert ["not moved" in change.action for change in result.changes] == [True]
    without = np.delete(rr, [100, 101])
    assert vagal_tone(result.beats).sdnn_ms.estimate == pytest.approx(without.std(ddof=1))


def test_preset_of_neurokit_keeps_every_interval():
    bad = healthy(1)
    bad[150] -= 0.3
    beats = correct(of(bad)).beats
    assert beats.mended.sum() == 1
    kept = vagal_tone(beats, settings=PRESETS["neurokit2"])
    assert kept.rmssd_ms.estimate == pytest.approx(rmssd_ms(beats.time_s))
    assert "left out" not in kept.rmssd_ms.method
    left = vagal_tone(beats)
    assert left.rmssd_kept_ms == pytest.approx(kept.rmssd_ms.estimate)
    assert left.rmssd_ms.n == kept.rmssd_ms.n - 3
    assert "2 of 300 intervals touch a mended beat and are left out" in left.rmssd_ms.method


def test_two_percent_bad_beats_cost_little():
    errors = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        time_s = healthy(seed)
        bad = time_s.copy()
        chosen = np.sort(rng.choice(np.arange(1, 29), 6, replace=False)) * 10
        rng.shuffle(chosen)
        bad[chosen[:2]] -= 0.3
        bad[chosen[2]] -= 0.25
        bad[chosen[2] + 1] -= 0.35
        extra = time_s[chosen[3:4]] + 0.4
        bad = np.sort(np.append(np.delete(bad, chosen[4:]), extra))
        errors.append(vagal_tone(correct(of(bad)).beats).rmssd_ms.estimate / rmssd_ms(time_s) - 1)
        assert rmssd_ms(bad) > 1.5 * rmssd_ms(time_s)
    assert np.median(np.abs(errors)) < 0.015
    assert np.max(np.abs(errors)) < 0.08


def test_hardly_anything_left():
    time_s = np.arange(6) * 0.8
    beats = Beats(
        time_s=np.array(time_s, dtype=np.float64),
        quality=np.ones(6),
        label=("", "", "missed", "", "missed", ""),
        origin="corrected",
    )
    with pytest.raises(Abstained, match="only 1 of 5 intervals"):
        vagal_tone(beats)


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
