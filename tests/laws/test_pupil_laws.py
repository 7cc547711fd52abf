"""Laws of the pupil: a closed form, linearity, rest, sign."""

from __future__ import annotations

import numpy as np
import pytest

from vagus.response.pupil import muscle


def test_the_muscle_is_two_low_passes_exactly_whatever_the_step():
    tau_s = np.array([0.6, 0.93, 1.4])
    for width_s in (0.05, 0.4):
        t_s = (np.arange(round(8 / width_s)) + 1) * width_s
        found = muscle(np.ones((3, t_s.size)), width_s=width_s, tau_s=tau_s)
        x = t_s[None, :] / tau_s[:, None]
        np.testing.assert_allclose(found, 1 - (1 + x) * np.exp(-x), atol=1e-9)


def test_a_brief_event_peaks_after_one_time_constant():
    width_s = 0.01
    drive = np.zeros((1, 600))
    drive[0, 0] = 1.0
    answer = muscle(drive, width_s=width_s, tau_s=np.array([0.93]))[0]
    assert (answer.argmax() + 0.5) * width_s == pytest.approx(0.93, abs=0.02)
    # what goes in comes out
    assert answer.sum() == pytest.approx(1.0, rel=0.02)


def test_it_is_linear():
    rng, tau_s = np.random.default_rng(1), np.full(4, 1.0)
    one, two = rng.uniform(size=(2, 4, 50))
    left = muscle(2 * one - 3 * two, width_s=0.2, tau_s=tau_s)
    right = 2 * muscle(one, width_s=0.2, tau_s=tau_s) - 3 * muscle(two, width_s=0.2, tau_s=tau_s)
    np.testing.assert_allclose(left, right, atol=1e-12)
