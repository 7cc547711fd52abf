"""A night: stages, statistics beside yasa's, vagal tone by stage, wrist activity."""

from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vagus.errors import Abstained, InputError
from vagus.signal import Beats, Stages, night_of, sleep_of_activity, sleep_statistics, tone_by_stage

NIGHT = Path(__file__).parents[1] / "data" / "sleep" / "yasa_night_6h_30s.txt"
# yasa 0.8.1, sleep_statistics and transition_matrix of the same night, in an environment of its own
YASA = {
    "TIB": 360.0, "SPT": 354.5, "WASO": 16.0, "TST": 338.5, "N1": 11.0, "N2": 159.0, "N3": 91.0, "R": 77.5, "SOL": 5.5,
    "Lat_N1": 5.5, "Lat_N2": 9.0, "Lat_N3": 31.5, "Lat_R": 69.0, "%N1": 3.2496307237813884, "%N2": 46.971935007385525,
    "%N3": 26.88330871491876, "%R": 22.89512555391433, "SE": 94.02777777777777, "SME": 95.48660084626235,
}  # fmt: skip
YASA_SHIFTS = [[0, 5, 2, 0, 5], [0, 0, 5, 0, 0], [7, 0, 0, 3, 7], [0, 0, 3, 0, 0], [4, 0, 7, 0, 0]]


def staged(codes, **more):
    return Stages(stage=np.array(codes), epoch_s=30, **more)


def night():
    return Stages(stage=np.loadtxt(NIGHT, comments="#"), epoch_s=30, source_name="night.txt")


def test_statistics_are_yasas():
    found = sleep_statistics(night())
    ours = {
        "TIB": found.time_in_bed_min, "SPT": found.sleep_period_min, "WASO": found.wake_in_sleep_min,
        "TST": found.total_sleep_min, "SOL": found.onset_latency_min, "SE": found.efficiency_pct,
        "SME": found.maintenance_pct,
    }  # fmt: skip
    for one in found.stages:
        ours |= {one.stage: one.total_min, f"%{one.stage}": one.share_pct, f"Lat_{one.stage}": one.latency_min}
    assert ours == pytest.approx(YASA, rel=1e-12)
    assert found.transitions[:5, :5].tolist() == YASA_SHIFTS
    # what yasa does not tell: from sleep onset, and to the end of the recording
    assert found.rem_latency_min == pytest.approx(YASA["Lat_R"] - YASA["SOL"])
    assert found.wake_after_onset_min == pytest.approx(YASA["TIB"] - YASA["SOL"] - YASA["TST"])
    assert found.fragmentation_per_h == pytest.approx((7 + 4) / (YASA["TST"] / 60))
    assert found.n_awakening == 11
    assert found.flags == ()


@settings(max_examples=60, deadline=None)
@given(codes=st.lists(st.integers(-1, 4), min_size=1, max_size=200), epoch_s=st.sampled_from([20.0, 30.0]))
def test_parts_make_the_whole(codes, epoch_s):
    stages = Stages(stage=np.array(codes), epoch_s=epoch_s)
    if set(codes) == {-1}:
        with pytest.raises(Abstained, match="not one"):
            sleep_statistics(stages)
        return
    found = sleep_statistics(stages)
    assert sum(one.total_min for one in found.stages) == pytest.approx(found.total_sleep_min)
    assert found.transitions.sum() <= len(codes) - 1
    if found.onset_latency_min is not None:
        assert found.onset_latency_min + found.total_sleep_min <= found.time_in_bed_min + 1e-9
        assert found.wake_in_sleep_min <= found.wake_after_onset_min
        assert sum(one.share_pct or 0.0 for one in found.stages) == pytest.approx(100)
        awake_min = codes.count(0) * epoch_s / 60
        assert found.total_sleep_min + found.unscored_min + awake_min == pytest.approx(found.time_in_bed_min)
    else:
        assert found.onset_latency_min is found.maintenance_pct is found.fragmentation_per_h is None


def test_a_night_without_sleep_and_epochs_not_scored():
    found = sleep_statistics(staged([0, -1, 0, 0]))
    assert found.total_sleep_min == 0
    assert any("25 %" in flag for flag in found.flags)
    assert any("no epoch of sleep" in flag for flag in found.flags)
    # a change across an epoch that is not scored is none that was seen
    assert sleep_statistics(staged([0, -1, 2, 2])).transitions.sum() == 0


def test_persistent_sleep_is_ten_minutes_without_a_break():
    codes = [0] * 4 + [1] * 5 + [0] + [2] * 40
    found = sleep_statistics(staged(codes))
    assert (found.onset_latency_min, found.persistent_latency_min) == (2.0, 5.0)


def test_lights():
    whole = Stages(stage=np.zeros(2880), epoch_s=30, start=datetime(2026, 1, 1, 12))
    assert "more than a night" in sleep_statistics(whole).flags[-1]
    part = night_of(whole, lights_off_s=36_000, lights_on_s=64_800)
    assert (part.duration_s, part.start_s, part.start) == (28_800, 36_000, datetime(2026, 1, 1, 22))
    with pytest.raises(InputError, match="off before on"):
        night_of(whole, lights_off_s=7200, lights_on_s=3600)


@pytest.mark.parametrize(
    ("stages", "words"),
    [
        ({"stage": [0, 7]}, "epoch 2: no code"),
        ({"stage": []}, "shape"),
        ({"stage": [0.5]}, "found 0.5"),
        ({"stage": [np.nan]}, "found nan"),
        ({"stage": ["W"]}, "not numbers"),
        ({"epoch_s": 0.0}, "epoch_s"),
        ({"start_s": float("inf")}, "start_s"),
    ],
)
def test_stages_name_what_is_wrong(stages, words):
    with pytest.raises(InputError, match=words):
        Stages(**{"stage": [0, 1], "epoch_s": 30.0, "source_name": "night.txt", **stages})


def test_stages_are_read_only_and_cut_by_whole_epochs():
    stages = staged([0, 1, 2, 3, 4])
    with pytest.raises(ValueError, match="read-only"):
        stages.stage[0] = 1
    assert stages.window(25, 100).stage.tolist() == [1, 2]
    with pytest.raises(InputError, match="no whole epoch"):
        stages.window(40, 50)
    with pytest.raises(InputError, match="epoch 2"):
        Stages.of_names(["W", "stage 2"], epoch_s=30)


def beats_of_night(length_s, seed=1):
    """Slower and livelier from 1800 s on."""
    rng = np.random.default_rng(seed)
    times = [0.0]
    while times[-1] < length_s:
        calm = times[-1] > 1800
        times.append(times[-1] + rng.normal(1.1 if calm else 0.8, 0.06 if calm else 0.02))
    return Beats(time_s=np.array(times), quality=np.ones(len(times)), origin="given", source_name="night.ecg")


def test_tone_by_stage():
    stages = Stages(stage=np.array([0] * 60 + [2] * 8 + [3] * 42 + [-1] * 10), epoch_s=30)
    found = {one.stage: one for one in tone_by_stage(beats_of_night(3600), stages)}
    assert list(found) == ["W", "N2", "N3"]
    assert (len(found["W"].windows), len(found["N2"].windows), len(found["N3"].windows)) == (6, 0, 4)
    assert "shorter than 300 s" in found["N2"].left_out[0]
    assert found["N2"].ln_rmssd is None
    deep, awake = found["N3"].ln_rmssd, found["W"].ln_rmssd
    assert deep is not None
    assert awake is not None
    assert deep > awake + 0.5
    assert found["N3"].heart_rate_bpm == pytest.approx(60 / 1.1, rel=0.02)
    assert all(w.end_s - w.start_s == 300 for w in found["W"].windows)


def test_poor_windows_are_left_out_with_a_reason():
    beats = beats_of_night(900)
    quality = np.where((beats.time_s > 300) & (beats.time_s < 420), 0.3, 1.0)
    poor = Beats(time_s=beats.time_s, quality=quality, origin="given")
    found = tone_by_stage(poor, Stages(stage=np.full(30, 2), epoch_s=30))[0]
    assert len(found.windows) == 2
    assert len(found.left_out) == 1
    assert found.left_out[0].startswith("300 to 600 s")
    with pytest.raises(Abstained, match="one clock"):
        tone_by_stage(beats, Stages(stage=np.full(30, 2), epoch_s=30, start_s=5000))


def twin(counts, method):
    """Each minute by hand."""
    padded = [0.0] * 5 + list(counts) + [0.0] * 5
    asleep = []
    for k in range(5, 5 + len(counts)):
        if method == "cole_kripke":
            near = [min(c / 100, 300) for c in padded[k - 4 : k + 3]]
            asleep.append(0.001 * sum(w * c for w, c in zip([106, 54, 58, 76, 230, 74, 67], near, strict=True)) < 1)
        else:
            cut = [min(c, 300) for c in padded]
            around, last = cut[k - 5 : k + 6], cut[k - 5 : k + 1]
            spread = (sum((c - sum(last) / 6) ** 2 for c in last) / 5) ** 0.5
            moderate = sum(50 <= c < 100 for c in around)
            index = 7.601 - 0.065 * sum(around) / 11 - 1.08 * moderate - 0.056 * spread - 0.703 * np.log(cut[k] + 1)
            asleep.append(index > -4)
    return [5 if one else 0 for one in asleep]


@pytest.mark.parametrize("method", ["cole_kripke", "sadeh"])
def test_activity_is_scored_as_by_hand(method):
    rng = np.random.default_rng(2)
    counts = np.concatenate([rng.integers(200, 5000, 40), rng.integers(0, 30, 60), rng.integers(0, 400, 40)])
    found = sleep_of_activity(counts, method=method)
    assert found.stage.tolist() == twin(counts.tolist(), method)
    assert found.epoch_s == 60
    assert found.stage[45:95].min() == 5
    assert (found.stage[:35] == 0).mean() > 0.9
    assert sleep_statistics(found).stages == ()


@pytest.mark.parametrize(
    ("counts", "method", "words"),
    [
        ([1] * 10, "sadeh", "11 min"),
        ([1] * 10 + [-1], "sadeh", "minute 11"),
        ([1] * 11, "oakley", "cole_kripke, sadeh"),
    ],
)
def test_activity_that_cannot_be_scored(counts, method, words):
    with pytest.raises(InputError, match=words):
        sleep_of_activity(counts, method=method)
