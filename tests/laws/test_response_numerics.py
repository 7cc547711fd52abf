"""Seconds and months in one call: splitting by the duty cycle against all equations solved together, second by second.

The other solver knows nothing of `vagus`: the equations are written out again here, and SciPy's adaptive Runge-Kutta
(DOP853) goes from edge to edge of the stimulator's output.
"""

from __future__ import annotations

import dataclasses
import datetime
import time
from collections.abc import Iterator

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from vagus.dose import Protocol, Pulse, Train
from vagus.response.brain import (
    BrainDraws,
    Steps,
    draw_brain,
    fast_states,
    median_brain,
    ripple,
    slow_states,
    standard_drive,
    steady_fast,
    step_edges_d,
)
from vagus.response.brain_states import in_sittings, runs_always

DAY_S = 86400.0


def protocol_of(*, on_s: float = 28.0, off_s: float = 32.0, **options) -> Protocol:
    pulse = Pulse(amplitude_ma=1.0, width_us=250, shape="biphasic_symmetric")
    train = Train(pulse=pulse, rate_hz=25)
    return Protocol(train=train, on_s=on_s, off_s=off_s, start=datetime.date(2026, 1, 12), weeks=2, **options)


def stretches(on_s: float, off_s: float, sittings_h: list[tuple[float, float]]) -> Iterator[tuple[float, float, float]]:
    """Begin, end and cycles done (NaN while OFF) of each stretch of a day."""
    t_s = 0.0
    for begin_h, end_h in sittings_h:
        if 3600 * begin_h > t_s:
            yield t_s, 3600 * begin_h, np.nan
        t_s, cycle = 3600 * begin_h, 0
        while t_s < 3600 * end_h - 1e-6:
            yield t_s, min(t_s + on_s, 3600 * end_h), float(cycle)
            if t_s + on_s < 3600 * end_h:
                yield t_s + on_s, min(t_s + on_s + off_s, 3600 * end_h), np.nan
            t_s, cycle = t_s + on_s + off_s, cycle + 1
    if t_s < DAY_S - 1e-6:
        yield min(t_s, 3600 * sittings_h[-1][1]), DAY_S, np.nan


def brute_force(p: dict[str, float], pieces: list[tuple[float, float, float]], top: float):
    """Slow LC, DRN, 5-HT after a day, then their means over it; all solved together; drive 1 while ON."""

    def slopes(_: float, x: np.ndarray, u: float, g: float) -> list[float]:
        a, lc, ne, slow, tone, drn, serotonin = x[:7]
        ratio = max(tone, 0.0) / top
        h = ratio ** p["drn_duty_power"] / (ratio ** p["drn_duty_power"] + p["drn_duty_half"] ** p["drn_duty_power"])
        return [
            (g * u - a) / p["nts_tau_s"],
            (g * u - p["nts_adaptation"] * a - p["lc_alpha2"] * ne - lc) / p["lc_tau_s"],
            (lc - ne) / p["ne_tau_s"],
            (lc - slow) / (DAY_S * p["lc_slow_tau_d"]),
            (slow - tone) / (DAY_S * p["alpha1_tau_d"]),
            (top * h - drn) / (DAY_S * p["drn_tau_d"]),
            (drn - serotonin) / (DAY_S * p["serotonin_tau_d"]),
            slow / DAY_S,
            drn / DAY_S,
            serotonin / DAY_S,
        ]

    state = np.zeros(10)
    rise = (p["lc_buildup_ratio"] - 1) / (1 - np.exp(-4 / p["lc_buildup_cycles"]))
    for begin_s, end_s, cycle in pieces:
        on = not np.isnan(cycle)
        gain = 1 + rise * (1 - np.exp(-cycle / p["lc_buildup_cycles"])) if on else 1.0
        found = solve_ivp(slopes, (begin_s, end_s), state, "DOP853", args=(float(on), gain), rtol=1e-7, atol=1e-12)
        state = found.y[:, -1]
    return state[[3, 5, 6]], state[7:]


def split(d: BrainDraws, on_s: float, off_s: float, sittings_h: list[tuple[float, float]]):
    """The same from the package: duty cycles averaged, fine steps of a quarter of an hour."""
    n, days = d.lc_tau_s.size, np.array([0.0, 1.0])
    plan = protocol_of(on_s=on_s, off_s=off_s, sitting_min=60 * sittings_h[0][1], sittings_per_day=len(sittings_h))
    steps = in_sittings(plan, step_edges_d(days))
    # as `slow_brain`: a cycle that the sitting cuts off gives its output whole; day and night none is cut off
    sitting_s = on_s + off_s if runs_always(plan) else 3600 * sittings_h[0][1]
    whole, rest_s = divmod(sitting_s, on_s + off_s)
    level = steady_fast(np.ones(n), d) * (whole * on_s + min(rest_s, on_s)) / sitting_s
    ends, means = (
        slow_states(level, days, standard=standard_drive(np.ones(n), d), draws=d, steps=steps, mean_d=mean_d)
        for mean_d in (0.0, 1.0)
    )
    return [state[:, -1] for state in ends], [state[:, -1] for state in means]


# (on_s, off_s, sittings of a day in h): implant day and night, ear twice an hour, half the day
PLANS = [
    pytest.param(30.0, 300.0, [(0.0, 24.0)], id="30 s per 5.5 min, day and night"),
    pytest.param(28.0, 32.0, [(0.0, 1.0), (12.0, 13.0)], id="two hours at the ear"),
    pytest.param(30.0, 300.0, [(0.0, 12.0)], id="half the day", marks=pytest.mark.slow),
]


@pytest.mark.parametrize(("on_s", "off_s", "sittings_h"), PLANS)
def test_a_day_split_equals_a_day_by_brute_force(on_s, off_s, sittings_h):
    compare(median_brain(), on_s, off_s, sittings_h)


@pytest.mark.slow
@pytest.mark.parametrize(("on_s", "off_s", "sittings_h"), PLANS)
def test_a_day_split_equals_a_day_by_brute_force_for_drawn_constants(on_s, off_s, sittings_h):
    compare(draw_brain(rng=np.random.default_rng(3), n_draws=4), on_s, off_s, sittings_h)


def compare(draws: BrainDraws, on_s: float, off_s: float, sittings_h: list[tuple[float, float]]) -> None:
    """Within 1 % of the state, also of a DRN that has hardly begun.

    Means over the day are what `respond` tells. At the day's very end the slow LC may differ by its ripple.
    """
    top = standard_drive(np.ones(draws.lc_tau_s.size), draws)
    ends, means = split(draws, on_s, off_s, sittings_h)
    swing = ripple(on_s / (on_s + off_s), on_s + off_s, draws)
    for k in range(draws.lc_tau_s.size):
        constants = {field.name: float(getattr(draws, field.name)[k]) for field in dataclasses.fields(draws)}
        at_end, over_day = brute_force(constants, list(stretches(on_s, off_s, sittings_h)), float(top[k]))
        for state, expected in zip(means, over_day, strict=True):
            assert state[k] == pytest.approx(expected, rel=0.01)
        for state, expected in zip(ends[1:], at_end[1:], strict=True):
            assert state[k] == pytest.approx(expected, rel=0.01)
        assert ends[0][k] == pytest.approx(at_end[0], rel=0.01 + float(swing[k]), abs=1e-4 * top[k])


def test_steps_converge_at_second_order():
    """Behind the step h the input of a fine step is taken at its middle: halving the step quarters the error."""
    d = median_brain()
    exact = drn_after_4_d(d, 4096)
    errors = [abs(drn_after_4_d(d, parts) - exact) for parts in (96, 192, 384)]
    orders = np.log2(np.array(errors[:-1]) / np.array(errors[1:]))
    assert np.all(np.abs(orders - 2) < 0.3), orders
    assert errors[0] < 1e-3


def drn_after_4_d(d: BrainDraws, per_day: int) -> float:
    """DRN after four days of half-days, in steps of 1/per_day (the package's are 1/96)."""
    days = np.arange(4 * per_day + 1) / per_day
    share = ((days[:-1] % 1.0) < 0.5 - 1e-9).astype(float)
    steps = Steps(share=share, begin_cycle=0 * share, end_cycle=0 * share)
    return float(slow_states(np.ones(1), days, standard=np.ones(1), draws=d, steps=steps)[1][0, -1])


def test_steps_of_the_day_cover_the_sittings():
    """Whatever the step, the time spent in sittings is all there."""
    plan = protocol_of(sitting_min=50.0, sittings_per_day=3, days_per_week=5)
    edges_d = np.linspace(0.0, 14.0, 14 * 48 + 1)
    spent_d = (in_sittings(plan, edges_d).share * np.diff(edges_d)).sum()
    assert spent_d == pytest.approx(10 * 3 * 50 / 1440)
    coarse = in_sittings(plan, np.arange(15.0)).share
    np.testing.assert_allclose(coarse[:7], np.where(coarse[:7] > 0, 150 / 1440, 0.0), rtol=1e-9)
    assert np.count_nonzero(coarse[:7]) == 5


def test_constant_drive_is_conserved_from_state_to_state():
    """What flows into NE and out of it is the same in the end: each state rests where its input is."""
    d = draw_brain(rng=np.random.default_rng(4), n_draws=40)
    u = np.full((40, 3000), 0.6)
    nts, lc, ne = fast_states(u, np.ones_like(u), width_s=5.0, draws=d)
    np.testing.assert_allclose(nts[:, -1], 0.6 * (1 - d.nts_adaptation), rtol=1e-9)
    np.testing.assert_allclose(lc[:, -1], nts[:, -1] / (1 + d.lc_alpha2), rtol=1e-6)
    np.testing.assert_allclose(ne[:, -1], lc[:, -1], rtol=1e-6)
    # all that is released is taken up again: over a pulse and long after, the integral of LC is that of NE
    u[:, 40:] = 0.0
    _, lc, ne = fast_states(u, np.ones_like(u), width_s=5.0, draws=d)
    np.testing.assert_allclose(ne.sum(axis=1), lc.sum(axis=1), rtol=5e-3)


def test_a_train_begins_with_a_burst():
    """Relay and alpha2 receptors let the LC start above where it goes on."""
    d = median_brain()
    u = np.ones((1, 600))
    lc = fast_states(u, u, width_s=0.5, draws=d)[1][0]
    assert lc.max() > 1.2 * lc[-1]
    assert np.argmax(lc) * 0.5 < 30


def test_a_year_is_fast():
    """One draw of twelve months within 0.03 s of CPU, 500 within 10 s on two cores (20 s of CPU), after warm-up."""
    u, days = np.ones((1, 1800)), np.arange(366.0)

    def year(n_draws: int) -> float:
        d = draw_brain(rng=np.random.default_rng(1), n_draws=n_draws)
        level, many = np.ones(n_draws), np.tile(u, (n_draws, 1))
        begin = time.process_time()
        fast_states(many, many, width_s=1.0, draws=d)
        slow_states(level, days, standard=level, draws=d, mean_d=1.0)
        return time.process_time() - begin

    year(1)
    assert min(year(1) for _ in range(3)) < 0.03
    assert year(500) < 10
