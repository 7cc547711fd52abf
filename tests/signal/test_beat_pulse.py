"""Pulses of a PPG, and agreement of any events with marks."""

import numpy as np
import pytest

from vagus.errors import InputError
from vagus.signal import Recording, beat_agreement, find_pulses, pooled_agreement

FEET = np.cumsum(np.random.default_rng(8).normal(0.85, 0.04, 80))


def ppg(fs_hz, *, sign=1.0, noise=0.02):
    t = np.arange(0, FEET[-1] + 1.5, 1 / fs_hz)
    wave = sum(
        np.exp(-0.5 * ((t - b - 0.2) / 0.08) ** 2) + 0.4 * np.exp(-0.5 * ((t - b - 0.48) / 0.1) ** 2) for b in FEET
    )
    wave = sign * wave + 0.3 * np.sin(2 * np.pi * 0.25 * t) + noise * np.random.default_rng(0).standard_normal(t.size)
    return Recording(kind="ppg", fs_hz=fs_hz, samples=wave, unit="")


@pytest.mark.parametrize("fs_hz", [50.0, 64.0, 125.0, 500.0])
@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize("lag_s", [0.25, 2.0])
def test_pulses_at_any_rate_either_way_up(fs_hz, sign, lag_s):
    pulses = find_pulses(ppg(fs_hz, sign=sign), lag_s=lag_s)
    agreement = beat_agreement(pulses.time_s - 0.12, FEET)  # steepest one width before the top
    assert agreement.f1_near_pct == 100
    assert agreement.jitter_ms < 8  # measured 3 to 6.6: 2 % of noise on a rise of 0.08 s, and breathing under it
    assert (pulses.kind, pulses.variability) == ("ppg", "PRV")


@pytest.mark.parametrize(
    ("recording", "words"),
    [
        (Recording(kind="ecg", fs_hz=250.0, samples=np.sin(np.arange(5000)), unit=""), "found in a PPG"),
        (Recording(kind="ppg", fs_hz=64.0, samples=np.zeros(5000), unit=""), "flat"),
        (Recording(kind="ppg", fs_hz=64.0, samples=np.sin(np.arange(100)), unit=""), "too short"),
        (Recording(kind="ppg", fs_hz=10.0, samples=np.sin(np.arange(500)), unit=""), "too low"),
    ],
)
def test_what_holds_no_pulses_is_named(recording, words):
    with pytest.raises(InputError, match=words):
        find_pulses(recording)


def test_agreement_counts_one_to_one():
    true_s = np.arange(1.0, 11.0)
    found = np.sort(np.concatenate([true_s[:9] + 0.01, [5.1, 20.0]]))
    agreement = beat_agreement(found, true_s)
    assert (agreement.n, agreement.n_found, agreement.n_matched) == (10, 11, 9)
    assert agreement.se_pct == 90
    assert agreement.ppv_pct == pytest.approx(100 * 9 / 11)
    assert agreement.offset_ms == pytest.approx(10)
    assert np.isnan(beat_agreement([], []).f1_pct)


def test_pooled_errors_lose_each_records_offset():
    true_s = np.arange(1.0, 101.0)
    scatter = np.random.default_rng(0).normal(0, 0.002, (2, 100))
    parts = [beat_agreement(true_s + offset + s, true_s) for offset, s in zip((-0.02, 0.02), scatter, strict=True)]
    assert pooled_agreement(parts).jitter_ms == pytest.approx(2, rel=0.2)
    assert pooled_agreement(parts).n == 200
