from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.signal import periodogram

from vagus.errors import InputError
from vagus.response import State, predict_beats


def make(mean_rr_ms=850.0, *, seed=2, **options):
    settings: dict[str, Any] = {
        "duration_s": 300.0,
        "breath_rate_per_min": 15.0,
        "rsa_ms": 60.0,
        "lf_ms": 15.0,
    } | options
    return predict_beats(mean_rr_ms, rng=np.random.default_rng(seed), **settings)


@pytest.mark.parametrize("mean_rr_ms", [600.0, 850.0, 1150.0])
def test_mean_rr_is_what_was_asked(mean_rr_ms):
    beats = make(mean_rr_ms)
    assert beats.rr_ms.mean() == pytest.approx(mean_rr_ms, rel=0.01)
    assert np.all(np.diff(beats.time_s) > 0)
    assert beats.origin == "predicted"
    assert beats.time_s[0] >= 0
    assert beats.time_s[-1] <= 300.0


@pytest.mark.parametrize("breath_rate_per_min", [9.0, 15.0, 21.0])
def test_spectrum_peaks_at_the_breathing_rate(breath_rate_per_min):
    beats = make(lf_ms=0.0, breath_rate_per_min=breath_rate_per_min)
    grid_s = np.arange(5.0, 295.0, 0.25)
    hz, power = periodogram(np.interp(grid_s, beats.time_s[1:], beats.rr_ms), fs=4.0, detrend="linear")
    assert hz[np.argmax(power)] == pytest.approx(breath_rate_per_min / 60, rel=0.06)


def test_rmssd_is_plausible_and_grows_with_rsa():
    rmssd = [float(np.sqrt(np.mean(np.diff(make(rsa_ms=rsa).rr_ms) ** 2))) for rsa in (10.0, 60.0, 120.0)]
    assert rmssd[0] < rmssd[1] < rmssd[2]
    # a sine of peak a sampled each RR has RMSSD a·√2·|sin(π f RR)|
    assert rmssd[1] == pytest.approx(30 * np.sqrt(2) * np.sin(np.pi * 0.25 * 0.85), rel=0.25)


def test_a_steady_heart_is_steady():
    np.testing.assert_allclose(make(rsa_ms=0.0, lf_ms=0.0).rr_ms, 850.0, atol=0.05)


def test_a_slower_heart_by_a_predicted_change():
    change = State(
        key="hr_change", label="", unit="bpm", t=np.array([0.0, 300.0]), t_unit="s", median=np.full(2, -6.0),
        low=np.full(2, -9.0), high=np.full(2, 0.0),
        low_50=np.full(2, -7.0), high_50=np.full(2, -5.0), species="human", calibrated_on="made for a test",
    )  # fmt: skip
    before, after = make(1000.0), make(1000.0, hr_change=change)
    assert 60_000 / after.rr_ms.mean() - 60_000 / before.rr_ms.mean() == pytest.approx(-6.0, abs=0.3)


def test_mistakes():
    with pytest.raises(InputError, match="mean_rr_ms is out of range"):
        make(-5.0)
    with pytest.raises(InputError, match="breath_rate_per_min is out of range"):
        make(breath_rate_per_min=0.0)
    with pytest.raises(InputError, match="rsa_ms is not a finite number"):
        make(rsa_ms=float("nan"))
    stop = State(
        key="hr_change", label="", unit="bpm", t=np.array([0.0]), t_unit="s", median=np.array([-200.0]),
        low=np.array([-200.0]), high=np.array([0.0]),
        low_50=np.array([-200.0]), high_50=np.array([-200.0]), species="rat", calibrated_on="made for a test",
    )  # fmt: skip
    with pytest.raises(InputError, match="stop the heart"):
        make(hr_change=stop)
