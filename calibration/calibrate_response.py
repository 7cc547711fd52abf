"""Posterior of the constants of `vagus.response`: writes the table `response_draws`.

    python calibration/calibrate_response.py src/vagus/tables/data/response_draws.csv

Priors are the rows of the table `brain` whose note begins with "prior" (log-normal halves about the median). Data are
the rows named in `DATA`, all of rats; what `response_targets` holds out is not among them (a test looks). How a row
speaks: a number with an error, or a sign through the chance that a study finds a change of that size (`DETECTED`).

The likelihood falls into blocks that share no constant (`BLOCKS`), so the posterior does, too. Each block is drawn from
its priors, weighed by its likelihood, drawn again from a Student t about what was found (five degrees of freedom, half
as wide again), weighed by prior and likelihood over that, and resampled (sampling, importance, resampling: Rubin DB, in
Bayesian Statistics 3, 1988). All is done in normal scores, of which the priors are independent standard normals. Heart
rows give mean and SD between animals of each constant: their draws are drawn from them.
"""

from __future__ import annotations

import csv
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from scipy.special import log_ndtr, ndtri

from vagus.response import brain
from vagus.response.check.predict import against_standard
from vagus.response.constants import Constant, two_sided
from vagus.tables import raw_rows, rows

SEED, N_KEPT, N_CHUNK, FREEDOM = 20261126, 500, 2000, 5

# A study finds a change of this share of the full one in half of all cases; SD of that edge (both declared).
DETECTED, EDGE = 0.40, 0.12
# "The same increase", "ineffective": ratio to the standard's 1, 0 within so much, SD (declared).
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


def values_of(keys: tuple[str, ...], z: np.ndarray) -> dict[str, np.ndarray]:
    """Constants (n,) of normal scores (n, n_keys); of the relay's drive at most 0.95 adapts away."""
    one_of = {one.key: one for one in PRIORS}
    found: dict[str, np.ndarray] = {}
    for i, key in enumerate(keys):
        one = one_of[key]
        found[key] = two_sided(z[:, i], value=one.value, low=one.low, high=one.high, log=one.spread == "log")
    if "nts_adaptation" in found:
        found["nts_adaptation"] = np.minimum(found["nts_adaptation"], 0.95)
    return found


def brain_of(given: Values) -> brain.BrainDraws:
    """Constants of the brain: those given, all others at the middle of their priors."""
    n = next(iter(given.values())).size
    middle = {one.key: np.full(n, one.value) for one in PRIORS if one.key in brain.KEYS}
    return brain.BrainDraws(**{**middle, **{key: given[key] for key in given if key in brain.KEYS}})


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


def back_at_baseline(given: Values) -> np.ndarray:
    """NE is at baseline before the next train (300 s) and 20 min after a train."""
    draws = brain_of(given)
    n = draws.ne_tau_s.size
    width_s, on_s = 2.0, 30.0
    u = np.zeros((n, 165))
    u[:, : int(on_s / width_s)] = 1.0
    ne = brain.fast_states(u, np.ones_like(u), width_s=width_s, draws=draws)[2]
    left = np.abs(ne[:, -1]) / ne.max(axis=1)
    # NE falls slower than all else: on its own from then on
    later = left * np.exp(-900.0 / draws.ne_tau_s)
    return -0.5 * (left / LEFT_SD) ** 2 - 0.5 * (later / LEFT_SD) ** 2


def up(share: np.ndarray) -> np.ndarray:
    """Log chance that a change of that share of the full one is found."""
    return log_ndtr((share - DETECTED) / EDGE)


def none(share: np.ndarray) -> np.ndarray:
    """Log chance that it is not found."""
    return log_ndtr(-(share - DETECTED) / EDGE)


def late(given: Values) -> np.ndarray:
    """LC early, DRN late; five duty cycles at 14 days; twice as many LC neurons that respond in cycle 5 as in cycle 1.

    All shares are of the standard dose's end, in which relay, alpha2 and uptake cancel.
    """
    draws = brain_of(given)
    grid = np.arange(48 * 14 + 1) / 48
    lc, drn = against_standard(draws, grid)

    def at(states: np.ndarray, day: float) -> np.ndarray:
        return states[:, round(48 * day)]

    total = up(at(lc, 1 / 24)) + up(at(lc, 1.0)) + up(at(lc, 3.0)) + up(at(lc, 14.0))
    total = total + none(at(drn, 1 / 24)) + none(at(drn, 1.0)) + none(at(drn, 3.0)) + up(at(drn, 14.0))
    for off_s, hours, told in ((570.0, 24.0, 1.0), (870.0, 24.0, 1.0), (300.0, 12.0, 1.0), (1770.0, 24.0, 0.0)):
        other = against_standard(draws, grid, off_s=off_s, sitting_min=60 * hours)[1]
        ratio = other[:, -1] / np.maximum(drn[:, -1], _TINY)
        total = total - 0.5 * ((ratio - told) / SAME_SD) ** 2
    build_up = -0.5 * (np.log(draws.lc_buildup_ratio / 2.0) / RATIO_SD) ** 2
    return total + build_up


Block = tuple[tuple[str, ...], Callable[[Values], np.ndarray], int]
BLOCKS: tuple[Block, ...] = (
    (tuple(one.key for one in PRIORS if one.key not in brain.KEYS), norepinephrine, 40_000),
    (("nts_adaptation", "nts_tau_s", "lc_tau_s", "lc_alpha2", "ne_tau_s"), back_at_baseline, 20_000),
    (
        ("lc_buildup_ratio", "lc_buildup_cycles", "lc_slow_tau_d", "alpha1_tau_d", "drn_tau_d", "drn_duty_half",
         "drn_duty_power"),
        late,
        30_000,
    ),
    (("serotonin_tau_d",), lambda given: np.zeros(given["serotonin_tau_d"].size), 20_000),
)  # fmt: skip


def resampled(block: Block, rng: np.random.Generator) -> tuple[Values, float]:
    """Draws (N_KEPT,) of a block from its posterior, and how many independent draws its weights are worth."""
    keys, log_likelihood, n = block
    z = rng.standard_normal((n, len(keys)))
    weight = normalized(likelihood(keys, log_likelihood, z))
    middle = weight @ z
    root = np.linalg.cholesky(1.5**2 * np.cov(z.T, aweights=weight, ddof=0).reshape(len(keys), len(keys)))
    # a multivariate Student t about it
    standard = rng.standard_normal((n, len(keys))) / np.sqrt(rng.chisquare(FREEDOM, (n, 1)) / FREEDOM)
    z = middle + standard @ root.T
    log_proposal = -(FREEDOM + len(keys)) / 2 * np.log1p((standard**2).sum(axis=1) / FREEDOM)
    weight = normalized(likelihood(keys, log_likelihood, z) - 0.5 * (z**2).sum(axis=1) - log_proposal)
    # systematic: one draw in each of N_KEPT equal stretches of the weights
    places = (np.arange(N_KEPT) + rng.random()) / N_KEPT
    chosen = rng.permutation(np.minimum(np.searchsorted(np.cumsum(weight), places), n - 1))
    return values_of(keys, z[chosen]), float(1 / (weight**2).sum())


def likelihood(keys: tuple[str, ...], log_likelihood: Callable[[Values], np.ndarray], z: np.ndarray) -> np.ndarray:
    """Log likelihood (n,) of normal scores (n, n_keys), some at a time."""
    parts = [log_likelihood(values_of(keys, z[at : at + N_CHUNK])) for at in range(0, len(z), N_CHUNK)]
    return np.concatenate(parts)


def normalized(log_weight: np.ndarray) -> np.ndarray:
    """Weights that sum to one."""
    weight = np.exp(log_weight - log_weight.max())
    return weight / weight.sum()


def heart(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Constants of the rat's heart, stratified draws from mean and SD between animals, cut at what words mean."""
    body = {row["id"]: row for row in raw_rows("body")}
    bounds: dict[str, tuple[float, float]] = {
        "rat_vagal_tf_gain": (-np.inf, 0.0), "rat_vagal_tf_corner": (0.01, np.inf), "rat_vagal_tf_lag": (0.0, np.inf),
        "rat_symp_tf_gain": (0.0, np.inf), "rat_symp_tf_fn": (0.01, np.inf), "rat_symp_tf_lag": (0.0, np.inf),
    }  # fmt: skip
    found: dict[str, np.ndarray] = {}
    for key in DATA["heart"]:
        z = ndtri((rng.permutation(N_KEPT) + 0.5) / N_KEPT)
        found[key] = np.clip(float(body[key]["value"]) + float(body[key]["error"]) * z, *bounds[key])
    return found


def calibrate(rng: np.random.Generator, *, say: Callable[[str], None] = print) -> dict[str, np.ndarray]:
    """Draws of all calibrated constants, (N_KEPT,) each."""
    found: dict[str, np.ndarray] = {}
    for block in BLOCKS:
        begin = time.process_time()
        draws, worth = resampled(block, rng)
        found |= draws
        say(
            f"{', '.join(block[0])}: {block[2]} drawn twice, worth {worth:.0f}, {time.process_time() - begin:.0f} s CPU"
        )
    return {**found, **heart(rng)}


def main(path: Path) -> None:
    """Write the table, and say how much narrower than its prior each constant became."""
    draws = calibrate(np.random.default_rng(SEED))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(draws)
        writer.writerows([f"{value:.5g}" for value in row] for row in zip(*draws.values(), strict=True))
    print(f"{'constant':<22}{'prior: 5, 50, 95 %':>30}{'posterior':>32}")
    for one in PRIORS:
        before = ", ".join(f"{q:.3g}" for q in (one.low, one.value, one.high))
        after = ", ".join(f"{q:.3g}" for q in np.quantile(draws[one.key], [0.05, 0.5, 0.95]))
        print(f"{one.key:<22}{before:>30}{after:>32}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
