"""The two kernels of the brain against plain NumPy twins."""

from __future__ import annotations

import numpy as np

from vagus.response.brain import Steps, draw_brain, fast_states, slow_states, step_edges_d
from vagus.response.exact import transition

DRAWS = draw_brain(rng=np.random.default_rng(11), n_draws=12)


def fast_twin(u, gain, *, width_s):
    """All draws at once, a cell at a time, with the matrix of the written equations."""
    d, n_draws = DRAWS, u.shape[0]
    system = np.zeros((n_draws, 5, 5))  # relay, its gained copy, LC, NE, drive
    system[:, 0, 0], system[:, 0, 4] = -1 / d.nts_tau_s, 1 / d.nts_tau_s
    system[:, 1, 1] = -1 / d.nts_tau_s
    system[:, 2, 1], system[:, 2, 2], system[:, 2, 3] = (
        -d.nts_adaptation / d.lc_tau_s, -1 / d.lc_tau_s, -d.lc_alpha2 / d.lc_tau_s,
    )  # fmt: skip
    system[:, 3, 2], system[:, 3, 3] = 1 / d.ne_tau_s, -1 / d.ne_tau_s
    state, found = np.zeros((n_draws, 5)), []
    for i in range(u.shape[1]):
        forced = system.copy()
        forced[:, 1, 4] = gain[:, i] / d.nts_tau_s
        forced[:, 2, 4] = gain[:, i] / d.lc_tau_s
        state[:, 4] = u[:, i]
        state = (transition(forced * width_s) @ state[:, :, None])[:, :, 0]
        found.append((u[:, i] - d.nts_adaptation * state[:, 0], state[:, 2].copy(), state[:, 3].copy()))
    return [np.stack(values, axis=1) for values in zip(*found, strict=True)]


def test_fast_steps_are_those_of_the_twin():
    rng = np.random.default_rng(5)
    u = rng.uniform(0, 1, (12, 40)) * (rng.uniform(size=(12, 40)) < 0.6)
    gain = rng.uniform(1, 3, (12, 40))
    for found, expected in zip(
        fast_states(u, gain, width_s=1.5, draws=DRAWS), fast_twin(u, gain, width_s=1.5), strict=True
    ):
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


def slow_twin(level, standard, steps: Steps, *, width_d: float, every: int):
    """Exponentials and products written out, all draws at once."""
    d = DRAWS
    relay = d.nts_adaptation * d.nts_tau_s / (1 - d.nts_adaptation)
    lead_d = (relay + (d.lc_alpha2 * d.ne_tau_s - d.lc_tau_s) / (1 + d.lc_alpha2)) / 86400
    early, late = (
        transition(width_d * part * np.array([[[-1 / a, 0, 1 / a], [(1 - c / a) / b, -1 / b, c / a / b], [0, 0, 0]]
                                              for a, b, c in zip(first, second, ahead, strict=True)]))
        for first, second, ahead, part in (
            (d.lc_slow_tau_d, d.alpha1_tau_d, lead_d, 0.5), (d.drn_tau_d, d.serotonin_tau_d, 0 * lead_d, 1.0),
        )
    )  # fmt: skip
    top = (d.lc_buildup_ratio - 1) / (1 - np.exp(-4 / d.lc_buildup_cycles))
    x, y = np.zeros((level.size, 3)), np.zeros((level.size, 3))
    sums, found = np.zeros((level.size, 3)), []
    for k, share in enumerate(steps.share):
        cycles = np.arange(round(steps.begin_cycle[k]), round(steps.end_cycle[k]))
        gain = (
            1 + top * (1 - np.exp(-cycles[None, :] / d.lc_buildup_cycles[:, None]).mean(axis=1)) if cycles.size else 1
        )
        x[:, 2] = level * share * gain
        before = np.stack([x[:, 0], y[:, 0], y[:, 1]], axis=1)
        middle = (early @ x[:, :, None])[:, :, 0]
        x = (early @ middle[:, :, None])[:, :, 0]
        ratio = np.maximum(middle[:, 1], 1e-300) / (standard * d.drn_duty_half)
        y[:, 2] = standard * (middle[:, 1] > 0) / (1 + ratio**-d.drn_duty_power)
        y = (late @ y[:, :, None])[:, :, 0]
        sums += (before + np.stack([x[:, 0], y[:, 0], y[:, 1]], axis=1)) / 2
        if (k + 1) % every == 0:
            found.append(sums / every)
            sums = np.zeros_like(sums)
    return np.stack(found, axis=2)


def test_slow_steps_are_those_of_the_twin():
    days = np.arange(4.0)
    n = step_edges_d(days).size - 1
    share = (np.arange(n) % 96 < 6).astype(float)
    begin = np.where(share > 0, 5.0 * (np.arange(n) % 96), 0.0)
    steps = Steps(share=share, begin_cycle=begin, end_cycle=begin + 5 * share)
    level, standard = np.linspace(0, 3, 12), np.full(12, 0.8)
    found = slow_states(level, days, standard=standard, draws=DRAWS, steps=steps, mean_d=1.0)
    with np.errstate(over="ignore"):
        expected = slow_twin(level, standard, steps, width_d=1 / 96, every=96)
    for k, state in enumerate(found):
        np.testing.assert_allclose(state[:, 1:], expected[:, k], rtol=1e-9, atol=1e-300)
