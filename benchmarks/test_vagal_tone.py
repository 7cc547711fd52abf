"""How long vagal tone takes: five minutes of beats, with and without intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from vagus.signal import Beats, vagal_tone


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    name: str
    duration_s: float
    n_resample: int


SCENARIOS = (
    Scenario(name="five minutes", duration_s=300.0, n_resample=0),
    Scenario(name="five minutes with intervals", duration_s=300.0, n_resample=200),
)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: s.name)
def test_vagal_tone(benchmark: Any, scenario: Scenario) -> None:
    rng = np.random.default_rng(1)
    rr_ms = (
        850
        + 40 * np.sin(np.arange(int(scenario.duration_s / 0.85)) * 1.3)
        + rng.normal(0, 15, int(scenario.duration_s / 0.85))
    )
    beats = Beats.of_rr(rr_ms)
    tone = benchmark(vagal_tone, beats, rng=rng, n_resample=scenario.n_resample)
    assert tone.rmssd_ms.estimate > 10
