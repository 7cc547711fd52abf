"""Laws of the response room: closed forms, linearity, exact averaging, published order and sign."""

from __future__ import annotations

import dataclasses
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import expm

from vagus.dose import Protocol, Pulse, Train
from vagus.fiber import ClassRecruitment, Recruitment
from vagus.response import at_end, respond
from vagus.response.brain import (
    buildup,
    draw_brain,
    fast_states,
    mean_gain,
    median_brain,
    slow_states,
    steady_fast,
    steady_relay,
)
from vagus.response.exact import transition
from vagus.response.heart.filters import low_pass
from vagus.source import Effect, Source

MADE = Source(text="made by hand for a test")
CURRENTS_MA = np.array([0.5, 1.0, 2.0, 3.0])


def recruitment(share_pct: float, *, dose_ma: float = 1.0, site: str = "cervical_left") -> Recruitment:
    curve = np.clip(100 * (CURRENTS_MA / 3) ** 2, 0, 100)
    classes = tuple(
        ClassRecruitment(
            key=key, label=key, role=role, n_simulated=10, count=None, share_pct=curve, low_pct=curve, high_pct=curve,
            at_dose=Effect(estimate=share_pct, low=share_pct, high=share_pct, unit="%", n=10, method="by hand"),
        )
        for key, role in (("a_beta", "afferent"), ("b", "efferent"), ("c", "afferent"))
    )  # fmt: skip
    return Recruitment(
        site=site, amplitude_ma=CURRENTS_MA, dose_ma=dose_ma, classes=classes, n_draws=1, method="by hand", caveat="",
        sources=(MADE,),
    )  # fmt: skip


def protocol(
    *, on_s: float = 30.0, off_s: float = 300.0, rate_hz: float = 20.0, weeks: float = 6.0, sitting_min: float = 1440.0
) -> Protocol:
    pulse = Pulse(amplitude_ma=1.0, width_us=250, shape="biphasic_symmetric")
    return Protocol(
        train=Train(pulse=pulse, rate_hz=rate_hz), on_s=on_s, off_s=off_s, sitting_min=sitting_min,
        start=date(2026, 1, 12), weeks=weeks,
    )  # fmt: skip


def run(made: Recruitment, plan: Protocol, species: Any = "rat", **options):
    return respond(made, plan, species=species, rng=np.random.default_rng(1), n_draws=40, **options)


def test_steady_state_equals_the_closed_form():
    draws = draw_brain(rng=np.random.default_rng(1), n_draws=50)
    u = np.full((50, 4000), 0.7)
    states = fast_states(u, np.ones_like(u), width_s=2.0, draws=draws)
    for found, closed in zip(states, (steady_relay, steady_fast, steady_fast), strict=True):
        np.testing.assert_allclose(found[:, -1], closed(u[:, 0], draws), rtol=1e-6)
    drive = np.full(50, 0.3)
    lc, drn, serotonin = slow_states(drive, np.linspace(0, 1200, 401), standard=drive, draws=draws)
    np.testing.assert_allclose(lc[:, -1], 0.3, rtol=1e-9)
    passed = drive / (1 + draws.drn_duty_half**draws.drn_duty_power)
    for found in (drn, serotonin):
        np.testing.assert_allclose(found[:, -1], passed, rtol=1e-3)  # the slowest constants take 100 d and more


def test_slow_lc_is_an_exponential():
    draws = median_brain()
    days = np.linspace(0, 5, 11)
    lc, _, _ = slow_states(np.array([1.0]), days, standard=np.ones(1), draws=draws)
    np.testing.assert_allclose(lc[0], 1 - np.exp(-days / draws.lc_slow_tau_d[0]), rtol=1e-12, atol=1e-14)


def test_slow_drn_solves_its_equations():
    """Against a fine Euler solution, first order in its step; the step stands behind the alpha1 tone."""
    draws = median_brain()
    _, drn, serotonin = slow_states(np.array([1.0]), np.array([0.0, 10.0]), standard=np.ones(1), draws=draws)
    taus = [float(t[0]) for t in (draws.lc_slow_tau_d, draws.alpha1_tau_d, draws.drn_tau_d, draws.serotonin_tau_d)]
    state, step_d = [0.0] * 4, 1e-3
    for _ in range(10_000):
        power = float(draws.drn_duty_power[0])
        risen = state[1] ** power
        above = [1.0, state[0], risen / (risen + float(draws.drn_duty_half[0]) ** power), state[2]]
        state = [x + step_d * (v - x) / tau for x, v, tau in zip(state, above, taus, strict=True)]
    assert drn[0, -1] == pytest.approx(state[2], rel=2e-3)
    assert serotonin[0, -1] == pytest.approx(state[3], rel=2e-3)


def test_steps_are_exact_whatever_their_width():
    draws = draw_brain(rng=np.random.default_rng(2), n_draws=10)
    coarse = np.repeat(np.random.default_rng(3).uniform(0, 1, (10, 40)), 1, axis=1)
    fine = np.repeat(coarse, 8, axis=1)
    for a, b in zip(
        fast_states(coarse, np.ones_like(coarse), width_s=4.0, draws=draws),
        fast_states(fine, np.ones_like(fine), width_s=0.5, draws=draws),
        strict=True,
    ):
        np.testing.assert_allclose(b[:, 7::8], a, rtol=1e-9, atol=1e-12)


@settings(max_examples=25, deadline=None)
@given(st.floats(0.0, 50.0), st.floats(0.0, 50.0))
def test_brain_is_linear_in_its_drive(a: float, b: float):
    draws = median_brain()
    rng = np.random.default_rng(4)
    one, two = rng.uniform(0, 1, (1, 60)), rng.uniform(0, 1, (1, 60))
    gain = buildup(np.arange(60) // 10, draws)

    def lc(u: np.ndarray) -> np.ndarray:
        return fast_states(u, gain, width_s=1.0, draws=draws)[2]

    np.testing.assert_allclose(lc(a * one + b * two), a * lc(one) + b * lc(two), atol=1e-9)


def test_twice_the_share_is_twice_the_drive():
    small, large = (run(recruitment(share), protocol()) for share in (20.0, 40.0))
    for key, slow in (("nts", False), ("lc", False), ("lc", True), ("drn", True)):
        np.testing.assert_allclose(
            large.state(key, slow=slow).median, 2 * small.state(key, slow=slow).median, atol=1e-12
        )


@pytest.mark.parametrize("species", ["human", "rat"])
def test_no_recruitment_no_response(species):
    found = run(recruitment(0.0), protocol(), species)
    assert all(np.all(s.low == 0) and np.all(s.median == 0) and np.all(s.high == 0) for s in found.states)


@pytest.mark.parametrize("species", ["human", "rat"])
def test_more_recruitment_is_never_less_drive(species):
    plan = protocol()
    ends = [at_end(run(recruitment(share), plan, species).state("lc"), plan) for share in (0, 1, 10, 50, 99, 100)]
    for part in ("low", "estimate", "high"):
        values = [getattr(end, part) for end in ends]
        assert values == sorted(values)
        assert values[-1] > values[0]


@pytest.mark.parametrize(("on_s", "off_s"), [(30.0, 300.0), (28.0, 32.0), (7.0, 18.0)])
def test_mean_over_the_duty_cycle_equals_brute_force(on_s: float, off_s: float):
    """What drives the weeks is what the seconds give on average: within 1 %, as long as a sitting lasts."""
    draws = draw_brain(rng=np.random.default_rng(5), n_draws=8)
    n_cycles, width_s = 60, 0.5
    sitting_s = n_cycles * (on_s + off_s)
    # what is left of NE at the end of the sitting still holds the LC down: it belongs to the sitting
    t_s = np.arange(0, sitting_s + 3600, width_s)
    on = ((t_s % (on_s + off_s) < on_s) & (t_s < sitting_s)).astype(float)
    u = np.tile(on, (8, 1)) * 0.6
    _, lc, _ = fast_states(u, buildup(t_s // (on_s + off_s), draws), width_s=width_s, draws=draws)
    closed = steady_fast(np.full(8, 0.6), draws) * on_s / (on_s + off_s)
    closed = closed * mean_gain(n_cycles * (on_s + off_s), on_s + off_s, draws)
    np.testing.assert_allclose(lc.sum(axis=1) * width_s / sitting_s, closed, rtol=0.01)


def test_responders_double_by_cycle_five():
    """Farrand 2023, doi:10.14814/phy2.15633."""
    draws = draw_brain(rng=np.random.default_rng(6), n_draws=30)
    gain = buildup(np.array([0.0, 4.0, 1000.0]), draws)
    assert np.median(gain[:, 1]) == pytest.approx(2.0, rel=0.15)
    np.testing.assert_allclose(gain[:, 0], 1.0)
    np.testing.assert_allclose(gain[:, 1], draws.lc_buildup_ratio)
    assert np.all(gain[:, 2] >= gain[:, 1])
    lc = run(recruitment(30.0), protocol()).state("lc")
    first, fifth = (lc.median[(lc.t >= a) & (lc.t <= a + 0.55)].max() for a in (0.0, 4 * 330 / 60))
    assert fifth / first == pytest.approx(2.0, rel=0.15)


def test_lc_rises_before_drn():
    """LC within a day, DRN only late (Manta 2009, PMC2702444; Dorr & Debonnel 2006)."""
    draws = draw_brain(rng=np.random.default_rng(7), n_draws=500)
    lc, drn, serotonin = slow_states(np.ones(500), np.arange(0.0, 29.0), standard=np.ones(500), draws=draws)
    assert np.all(drn >= serotonin - 1e-12)
    # as the study's chance of finding a change: it finds 40 % of the full one in half of all cases
    assert np.quantile(lc[:, 1], 0.05) > 0.4
    assert np.quantile(drn[:, 3], 0.95) < 0.5
    assert np.quantile(drn[:, 14], 0.05) > 0.3
    assert np.median(drn[:, 3]) < 0.3
    assert np.median(drn[:, 14]) > 0.5


def test_drn_at_14_days_follows_the_duty_cycles_of_manta_2012():
    """The same for 30 s per 5, 10 and 15 min and for 12 h a day, none for 30 min."""
    standard = drn_at_14_d(protocol(weeks=2))
    for other in (protocol(off_s=570, weeks=2), protocol(off_s=870, weeks=2), protocol(sitting_min=720, weeks=2)):
        assert 0.75 * standard < drn_at_14_d(other) < 1.25 * standard
    assert drn_at_14_d(protocol(off_s=1770, weeks=2)) < 0.25 * standard


def drn_at_14_d(plan: Protocol) -> float:
    return float(run(recruitment(40.0), plan).state("drn", slow=True).median[-1])


def test_drn_needs_norepinephrine():
    """DSP-4 abolishes the rise of the DRN (Manta 2009)."""
    whole, lesioned = (run(recruitment(40.0), protocol(), lesion=lesion) for lesion in ("none", "ne"))
    assert whole.state("drn", slow=True).low[-1] > 0
    for key in ("drn", "serotonin"):
        assert np.all(lesioned.state(key, slow=True).high == 0)
    np.testing.assert_allclose(lesioned.state("nts").median, whole.state("nts").median)


def test_vagal_arm_of_the_heart_low_pass():
    """First order: gain 1 at rest, 1/√2 at the corner, the lag as a shift."""
    width_s, corner_hz = 0.01, 0.12
    t_s = (np.arange(20_000) + 1) * width_s
    wave = low_pass(np.sin(2 * np.pi * corner_hz * (t_s - width_s / 2))[None, :], width_s=width_s, corner_hz=corner_hz)
    assert wave[0, 10_000:].max() == pytest.approx(1 / np.sqrt(2), rel=2e-3)
    step = np.ones((1, 500))
    late = low_pass(step, width_s=width_s, corner_hz=corner_hz, lag_s=0.5)
    np.testing.assert_allclose(late[0, 50:], low_pass(step, width_s=width_s, corner_hz=corner_hz)[0, :-50], atol=1e-9)


def test_a_switched_off_class_leaves_the_others():
    """Efferents never enter the drive of the brain."""
    made = recruitment(40.0)
    without_b = dataclasses.replace(made, classes=tuple(c for c in made.classes if c.key != "b"))
    np.testing.assert_allclose(run(made, protocol()).state("lc").median, run(without_b, protocol()).state("lc").median)


@given(st.integers(1, 4), st.floats(1e-6, 300.0), st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_a_transition_is_the_matrix_exponential(k, size, seed):
    """Decaying systems, as all here are, against SciPy's Padé approximation."""
    rng = np.random.default_rng(seed)
    system = -np.abs(np.triu(rng.standard_normal((5, k, k))))
    system[:, range(k), range(k)] -= 0.1
    system *= size / np.abs(system).sum(axis=2).max()
    np.testing.assert_allclose(transition(system), expm(system), rtol=1e-9, atol=1e-12)
