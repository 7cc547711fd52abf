"""Pupil: a readout of the LC, in groups of people only, and blind to the studies that test it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from vagus.response import respond
from vagus.source import cite


def pupil(recruitment, plan, *, site="cymba_left", species: Any = "human", dose_ma=1.5, **options):
    made = recruitment(dose_ma, site)
    return respond(made, plan, species=species, rng=np.random.default_rng(1), n_draws=100, **options).state("pupil")


def test_it_follows_the_duty_cycle_and_says_what_it_is(recruitment, protocol):
    plan = protocol(rate_hz=25.0, on_s=30.0, off_s=90.0, sitting_min=20.0)
    found = pupil(recruitment, plan)
    t_s = found.t * 60
    on = (t_s % 120 > 10) & (t_s % 120 < 30)
    off = t_s % 120 > 60
    assert found.median[on].mean() > 10 * abs(found.median[off].mean())
    assert "mean over a group" in found.label
    assert "not one person's" in found.calibrated_on
    assert "declared" in found.calibrated_on
    assert found.unit == "SD (Hedges g)"
    assert "Pervaz" not in cite(found)


def test_cervical_is_larger_than_ear_and_without_norepinephrine_only_chance_is_left(recruitment, protocol):
    plan = protocol(sitting_min=10.0)
    ear, neck = (pupil(recruitment, plan, site=site) for site in ("cymba_left", "cervical_left"))
    assert neck.median.max() > 4 * ear.median.max() > 0
    lesioned = pupil(recruitment, plan, site="cervical_left", lesion="ne")
    assert np.all(lesioned.median == 0)
    assert lesioned.high.max() == pytest.approx(0.3, abs=0.05)


def test_bursts_are_measured_against_the_moment_before(recruitment, protocol):
    burst = pupil(recruitment, protocol(on_s=3.4, off_s=26.6, sitting_min=5.0))
    longer = pupil(recruitment, protocol(on_s=30.0, off_s=30.0, sitting_min=5.0))
    assert "after an onset" in burst.label
    assert "while ON" in longer.label
    assert burst.high.max() > longer.high.max()


def test_the_earlobe_gives_nothing_and_the_rat_relative_drive(recruitment, protocol):
    assert np.all(pupil(recruitment, protocol(sitting_min=10.0), site="earlobe_left").high == 0)
    rat = pupil(recruitment, protocol(sitting_min=10.0), site="cervical_left", species="rat", dose_ma=1.0)
    assert rat.unit == "relative to full recruitment"
    assert rat.median.max() > 0
