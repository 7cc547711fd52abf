"""Pupil: a readout of the LC, in groups of people only, and blind to the studies that test it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from vagus.response import respond
from vagus.response.check.predict import whole
from vagus.response.respond import drawn_states
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


def test_the_study_that_the_size_stems_from_comes_out_as_it_was_seen(protocol):
    """Implanted, 30 s ON, 300 s OFF, gain built up: the effect is `pupil_size`, draw by draw, whatever the rat's LC.

    In some draws the gain still grows in the last of the five cycles shown: those lie below.
    """
    plan = protocol(rate_hz=20.0, on_s=30.0, off_s=300.0, sitting_min=30.0)
    nerve = whole("cervical_left", 1.0)
    inputs, _ = drawn_states(nerve, plan, species="human", rng=np.random.default_rng(1), n_draws=200)
    found = inputs.drawn["pupil", False]
    t_s = 60 * found.state.t
    last_on = (t_s > 4 * 330 + 1) & (t_s <= 4 * 330 + 30)
    effect = (found.values - found.of_study)[:, last_on].mean(axis=1)
    ratio = effect / found.own["pupil_size"]
    assert np.median(ratio) == pytest.approx(1.0, abs=0.05)
    low, high = np.quantile(ratio, [0.05, 0.95])
    assert 0.6 < low < high < 1.1


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
