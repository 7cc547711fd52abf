"""Posterior of the constants of `vagus.response`: writes the table `response_draws`.

    python calibration/calibrate_response.py src/vagus/tables/data/response_draws.csv

Priors are the rows of the table `brain` whose note begins with "prior" (log-normal halves about the median). Data are
the rows named in `DATA`, all of rats; what `response_targets` holds out is not among them (a test looks). How a row
speaks: a number with an error, or a sign through the chance that a study finds a change of that size (`DETECTED`).
Heart rows give the mean and SD between animals of each constant: their draws are drawn from them.
"""

from __future__ import annotations

import csv
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from scipy.special import log_ndtr, ndtri

sys.path.insert(0, str(Path(__file__).parent))
from ensemble import autocorrelation_steps, sample, split_r_hat

from vagus.response import brain
from vagus.response.constants import Constant, two_sided
from vagus.tables import raw_rows, rows

SEED, N_WALKERS, N_STEPS, N_BURN, N_KEPT = 20261126, 100, 3000, 750, 500

# A study finds a change of this share of the full one in half of all cases; SD of that edge (both declared).
DETECTED, EDGE = 0.40, 0.12
# "The same increase": ratio to the standard's within so much, SD (declared).
SAME_SD = 0.15
# Norepinephrine: SD of a published rise, as share of it and in points (declared; its errors were not read).
NE_SHARE, NE_POINTS = 0.25, 4.0
# Left of NE when it is told to be back at baseline: an eighth of its peak, SD (declared).
LEFT_SD = 0.125
# Share of responders in cycle 5 over cycle 1: SD of its logarithm (declared).
RATIO_SD = 0.15

_TINY = 1e-12  # beside a full rise of 1: a draw in which the standard dose does nothing has no ratio
CURRENTS_MA = (0.0, 0.25, 0.5, 1.0)
DATA: Mapping[str, tuple[str, ...]] = {
    "norepinephrine": tuple(f"roosevelt_{region}_{ma}" for region in ("hpc", "ctx") for ma in CURRENTS_MA),
    "back at baseline": ("roosevelt_hpc_1.0", "devoto_ne_da"),
    "locus coeruleus": ("dorr_lc_1h", "dorr_lc_3d", "dorr_lc_long", "manta09_onset"),
    "dorsal raphe": ("dorr_drn_long", "manta09_onset"),
    "duty cycle": ("manta12_duty0", "manta12_duty1", "manta12_duty2", "manta12_duty3", "manta12_duty4"),
    "build-up": ("farrand_cycles",),
    "heart": (
        "rat_vagal_tf_gain", "rat_vagal_tf_corner", "rat_vagal_tf_lag",
        "rat_symp_tf_gain", "rat_symp_tf_fn", "rat_symp_tf_lag",
    ),
}  # fmt: skip
PRIORS = tuple(one for one in rows("brain", Constant) if one.note.startswith("prior"))
Values = Mapping[str, np.ndarray]


def values_of(z: np.ndarray) -> Values:
    """Constants of normal scores (n, n_dim)."""
    return {
        one.key: two_sided(z[:, i], value=one.value, low=one.low, high=one.high, log=one.spread == "log")
        for i, one in enumerate(PRIORS)
    }


def log_posterior(z: np.ndarray) -> np.ndarray:
    """Log density of normal scores (n, n_dim): standard normal priors and the rows of `DATA`."""
    out = -0.5 * (z**2).sum(axis=1)
    inside = (np.abs(z) < 5).all(axis=1)
    given = values_of(np.where(inside[:, None], z, 0.0))
    inside &= given["nts_adaptation"] < 0.95
    draws = brain.BrainDraws(**{key: given[key] for key in brain.KEYS})
    total = out + norepinephrine(given) + back_at_baseline(draws) + build_up(draws) + late(draws)
    return np.where(inside, total, -np.inf)


def norepinephrine(given: Values) -> np.ndarray:
    """Published rises of NE in hippocampus and cortex at four currents."""
    published = {row["id"]: float(row["percent_change"]) for row in raw_rows("neuro") if row["id"] in _NE_ROWS}
    total = 0.0
    for key, rise in published.items():
        _, region, current = key.split("_")
        found = brain.ne_rise_pct(
            float(current), threshold_ma=given[f"ne_threshold_{region}_ma"], top_pct=given[f"ne_top_{region}_pct"],
            scale_ma=given["ne_scale_ma"],
        )  # fmt: skip
        total = total - 0.5 * ((found - rise) / np.hypot(NE_SHARE * rise, NE_POINTS)) ** 2
    return np.asarray(total)


_NE_ROWS = set(DATA["norepinephrine"])


def back_at_baseline(draws: brain.BrainDraws) -> np.ndarray:
    """NE is at baseline before the next train (300 s) and 20 min after a train."""
    n = draws.ne_tau_s.size
    width_s, on_s = 2.0, 30.0
    u = np.zeros((n, 165))
    u[:, : int(on_s / width_s)] = 1.0
    ne = brain.fast_states(u, np.ones_like(u), width_s=width_s, draws=draws)[2]
    left = np.abs(ne[:, -1]) / ne.max(axis=1)
    # NE falls slower than all else: on its own from then on
    later = left * np.exp(-900.0 / draws.ne_tau_s)
    return -0.5 * (left / LEFT_SD) ** 2 - 0.5 * (later / LEFT_SD) ** 2


def build_up(draws: brain.BrainDraws) -> np.ndarray:
    """Twice as many LC neurons respond in cycle 5 as in cycle 1."""
    return -0.5 * (np.log(draws.lc_buildup_ratio / 2.0) / RATIO_SD) ** 2


def up(share: np.ndarray) -> np.ndarray:
    """Log chance that a change of that share of the full one is found."""
    return log_ndtr((share - DETECTED) / EDGE)


def none(share: np.ndarray) -> np.ndarray:
    """Log chance that it is not found."""
    return log_ndtr(-(share - DETECTED) / EDGE)


def late(draws: brain.BrainDraws) -> np.ndarray:
    """LC early, DRN late; five duty cycles at 14 days."""
    n = draws.ne_tau_s.size
    full = np.ones(n)
    standard = brain.standard_drive(full, draws)
    level = brain.steady_fast(full, draws)

    def days(off_s: float, end_d: float, hours: float = 24.0) -> tuple[np.ndarray, np.ndarray]:
        cycle_s = 30.0 + off_s
        grid = np.linspace(0.0, end_d, round(48 * end_d) + 1)
        into_h = 24 * (grid[:-1] % 1.0) if hours < 24 else 24 * grid[:-1]
        on = (24 * (grid[:-1] % 1.0) < hours - 1e-9).astype(float)
        begin = on * 3600 * into_h / cycle_s
        steps = brain.Steps(share=on, begin_cycle=begin, end_cycle=begin + on * 1800 / cycle_s)
        lc, drn, _ = brain.slow_states(level * 30.0 / cycle_s, grid, standard=standard, draws=draws, steps=steps)
        return lc / standard[:, None], drn / standard[:, None]

    lc, drn = days(300.0, 14.0)

    def at(states: np.ndarray, day: float) -> np.ndarray:
        return states[:, round(48 * day)]

    total = up(at(lc, 1 / 24)) + up(at(lc, 1.0)) + up(at(lc, 3.0)) + up(at(lc, 14.0))
    total = total + none(at(drn, 1 / 24)) + none(at(drn, 1.0)) + none(at(drn, 3.0)) + up(at(drn, 14.0))
    for off_s, hours in ((570.0, 24.0), (870.0, 24.0), (300.0, 12.0)):
        ratio = days(off_s, 14.0, hours)[1][:, -1] / np.maximum(drn[:, -1], _TINY)
        total = total - 0.5 * ((ratio - 1) / SAME_SD) ** 2
    return total + none(days(1770.0, 14.0)[1][:, -1])


def heart(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Constants of the rat's heart, stratified draws from mean and SD between animals, cut at what words mean."""
    body = {row["id"]: row for row in raw_rows("body")}
    least: dict[str, tuple[float, float]] = {
        "rat_vagal_tf_gain": (-np.inf, 0.0), "rat_vagal_tf_corner": (0.01, np.inf), "rat_vagal_tf_lag": (0.0, np.inf),
        "rat_symp_tf_gain": (0.0, np.inf), "rat_symp_tf_fn": (0.01, np.inf), "rat_symp_tf_lag": (0.0, np.inf),
    }  # fmt: skip
    found: dict[str, np.ndarray] = {}
    for key in DATA["heart"]:
        z = ndtri((rng.permutation(N_KEPT) + 0.5) / N_KEPT)
        found[key] = np.clip(float(body[key]["value"]) + float(body[key]["error"]) * z, *least[key])
    return found


def calibrate(
    rng: np.random.Generator, *, n_steps: int = N_STEPS, n_burn: int = N_BURN, say: Callable[[str], None] = print
) -> dict[str, np.ndarray]:
    """Draws of all calibrated constants, (N_KEPT,) each."""
    begin = time.process_time()
    start = 0.3 * rng.standard_normal((N_WALKERS, len(PRIORS)))
    path, taken = sample(log_posterior, start, n_steps=n_steps, rng=rng)
    kept = path[n_burn:]
    tau = autocorrelation_steps(kept)
    worth = kept.shape[0] * N_WALKERS / tau
    say(f"taken {100 * taken:.0f} %; autocorrelation {tau.min():.0f} to {tau.max():.0f} steps; independent draws "
        f"{worth.min():.0f} to {worth.max():.0f}; split R-hat at most {split_r_hat(kept).max():.3f}; "
        f"{time.process_time() - begin:.0f} s CPU")  # fmt: skip
    flat = kept.reshape(-1, len(PRIORS))
    chosen = flat[rng.choice(len(flat), N_KEPT, replace=False)]
    return {**values_of(chosen), **heart(rng)}


def main(path: Path) -> None:
    """Write the table, and say how much narrower than its prior each constant became."""
    draws = calibrate(np.random.default_rng(SEED))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(draws)
        writer.writerows([f"{value:.5g}" for value in row] for row in zip(*draws.values(), strict=True))
    print(f"{'constant':<22}{'prior: 5, 50, 95 %':>30}{'posterior':>32}")
    for one in PRIORS:
        low, mid, high = np.quantile(draws[one.key], [0.05, 0.5, 0.95])
        print(
            f"{one.key:<22}{f'{one.low:.3g}, {one.value:.3g}, {one.high:.3g}':>30}{f'{low:.3g}, {mid:.3g}, {high:.3g}':>32}"
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
