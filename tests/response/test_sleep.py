"""Predicted nights, read by the same statistics as a hypnogram."""

from __future__ import annotations

import numpy as np
import pytest

from vagus.errors import InputError, ModelRange
from vagus.response import predict_night, respond, sleep_change
from vagus.signal import SleepStatistics, sleep_statistics


def latency_min(night: SleepStatistics) -> float:
    assert night.onset_latency_min is not None
    return night.onset_latency_min


def test_a_usual_night_in_bed_from_23():
    free = sleep_statistics(predict_night(bed_h=23.0, up_h=None))
    assert 7 * 60 < free.total_sleep_min < 9 * 60
    assert 5 < latency_min(free) < 40
    bound = sleep_statistics(predict_night(bed_h=23.0, up_h=31.0))
    assert bound.time_in_bed_min == 480
    assert bound.efficiency_pct == pytest.approx(97, abs=3)
    assert not bound.stages or all(not one.total_min for one in bound.stages)


def test_early_to_bed_is_long_awake_and_late_is_short():
    early, late = (sleep_statistics(predict_night(bed_h=bed_h, up_h=bed_h + 8)) for bed_h in (21.0, 25.0))
    assert latency_min(early) > 60
    assert latency_min(late) < 10
    assert early.efficiency_pct < late.efficiency_pct


def test_arousal_in_the_night_takes_sleep_away():
    quiet, roused = (
        sleep_statistics(predict_night(bed_h=23.0, up_h=31.0, arousal_pct=pct, acts_h=(23.0, 31.0)))
        for pct in (0.0, 300.0)
    )
    assert latency_min(roused) > latency_min(quiet) + 10
    assert roused.total_sleep_min < quiet.total_sleep_min


def test_change_of_a_persons_sleep_is_wide_and_nothing_without_drive(recruitment, protocol):
    plan = protocol(rate_hz=25.0, on_s=28.0, off_s=32.0, sitting_min=60.0, sittings_per_day=2)
    rng = np.random.default_rng(1)
    found = respond(recruitment(1.5, "cymba_left"), plan, species="human", rng=rng, n_draws=40)
    total, latency = sleep_change(found, bed_h=23.0, up_h=31.0, rng=rng, n_draws=20)
    assert total.low <= total.estimate <= total.high
    assert total.high > total.low
    assert total.unit == latency.unit == "min"
    assert any("sign is known" in source.text or "declared" in source.text for source in total.sources)
    none = respond(recruitment(1.5, "earlobe_left"), plan, species="human", rng=rng, n_draws=40)
    for effect in sleep_change(none, bed_h=23.0, up_h=31.0, rng=rng, n_draws=20):
        assert (effect.estimate, effect.low, effect.high) == (0.0, 0.0, 0.0)
    rat = respond(recruitment(1.0, "cervical_left"), plan, species="rat", rng=rng, n_draws=40)
    with pytest.raises(ModelRange, match="people only"):
        sleep_change(rat, bed_h=23.0, up_h=31.0, rng=rng)


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"bed_h": 12.0}, "bed_h is out of range"),
        ({"up_h": 23.5}, "up_h is out of range"),
        ({"arousal_pct": float("nan")}, "arousal_pct is not a finite number"),
        ({"acts_h": (5.0, 4.0)}, "acts_to_h is out of range"),
    ],
)
def test_mistakes(options, word):
    with pytest.raises(InputError, match=word):
        predict_night(**({"bed_h": 23.0, "up_h": 31.0} | options))
