"""Laws of the cytokine cascade: exact, conserving, linear, with the published order and shares."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from vagus.response.constants import constant
from vagus.response.immune.cascade import (
    HORIZON_MIN,
    IL6,
    IL10,
    KEYS,
    STEP_MIN,
    TNF,
    CascadeDraws,
    cascade,
    draw_cascade,
)

MEDIANS = CascadeDraws(**{key: np.array([constant(key).value]) for key in KEYS})


def peaks(found: np.ndarray) -> np.ndarray:
    return found.max(axis=1)


def test_it_solves_its_equations_and_does_not_depend_on_the_step():
    coarse, fine = (cascade(np.array([0.3]), MEDIANS, step_min=step) for step in (8.0, 1.0))
    np.testing.assert_allclose(fine[:, ::8], coarse, rtol=1e-9, atol=1e-13)
    tau, tau_n, tau_6, tau_10, w_6, w_10 = (float(getattr(MEDIANS, key)[0]) for key in KEYS)

    def rate(_t, x):
        e, a, b, n, s, i = x
        return [
            -e / tau, (e - a) / tau, (a - b) / tau, (0.7 * b - n) / tau_n, ((1 - w_6) * b + w_6 * n - s) / tau_6,
            ((1 - w_10) * b + w_10 * n - i) / tau_10,
        ]  # fmt: skip

    solved = solve_ivp(rate, (0, HORIZON_MIN), [1, 0, 0, 0, 0, 0], rtol=1e-9, atol=1e-12, t_eval=np.arange(0, 481, 8.0))
    np.testing.assert_allclose(coarse[0], solved.y.T, atol=1e-7)


def test_what_goes_in_comes_out():
    """The area under each level is that of the endotoxin (τ): every step only delays. Of TNF, what is not cut."""
    for cut in (0.0, 0.4):
        found = cascade(np.full(1, cut), MEDIANS)
        area = ((found[:, 1:] + found[:, :-1]).sum(axis=1) / 2 * STEP_MIN / MEDIANS.signal_tau_min)[0]
        # what is still there after 8 h is left out: 0.5 % of IL-10
        np.testing.assert_allclose(area[1:3], 1.0, atol=0.001)
        assert area[TNF] == pytest.approx(1 - cut, abs=0.002)
        for key, part in ((IL6, MEDIANS.il6_by_tnf), (IL10, MEDIANS.il10_by_tnf)):
            assert area[key] == pytest.approx(1 - cut * float(part[0]), abs=0.01)
    assert np.all(found >= 0)


def test_tnf_falls_by_the_cut_and_the_others_by_less():
    draws = draw_cascade(rng=np.random.default_rng(2), n_draws=40)
    whole, cut = (cascade(np.full(40, share), draws) for share in (0.0, 0.675))
    np.testing.assert_allclose(peaks(cut)[:, TNF] / peaks(whole)[:, TNF], 0.325, rtol=1e-9)
    for key in (IL6, IL10):
        ratio = peaks(cut)[:, key] / peaks(whole)[:, key]
        assert np.all((ratio > 0.325) & (ratio < 1.0))


def test_order_and_times_are_as_published():
    """TNF, IL-6, IL-10 in this order; TNF at about 1.5 to 2 h, all back by 8 h; without TNF IL-10 peaks at 36 %.

    Copeland 2005; van der Poll 1994 (73 of 202 pg/mL).
    """
    found = cascade(np.zeros(1), MEDIANS)[0]
    at_min = [found[:, key].argmax() * STEP_MIN for key in (TNF, IL6, IL10)]
    assert at_min == sorted(at_min)
    assert 85 < at_min[0] < 125
    assert 120 <= at_min[2] <= 180
    assert np.all(found[180, 3:] / found[:, 3:].max(axis=0) < 0.15)
    without = cascade(np.ones(1), MEDIANS)[0]
    assert without[:, IL10].max() / found[:, IL10].max() == pytest.approx(73 / 202, abs=0.06)
