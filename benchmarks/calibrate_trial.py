"""Errors and coverage of the trial analyses over many drawn trials: python benchmarks/calibrate_trial.py OUT.csv [N].

Null: no effect of treatment, sham response of 8 points, 40 people an arm, four visits, dropout by the last score (25 %
in both arms). The second world is the same with 35 % dropout in the active arm and 10 % in the sham arm: there the
wrong choices show. One process a core; a trial depends on its seed alone. Set OPENBLAS_NUM_THREADS=1 before.
"""

from __future__ import annotations

import csv
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np

from vagus.outcome.analysis.estimand import Estimand
from vagus.outcome.analysis.missing.imputation import impute
from vagus.outcome.analysis.missing.pooled import analyze_imputed
from vagus.outcome.analysis.model import Difference, ancova, mmrm
from vagus.outcome.analysis.simulate import Assumed, Tally, simulate
from vagus.outcome.analysis.table import TrialTable

WHAT = Estimand(population="all randomized", variable="score at week 12", treatment="active", control="sham",
                summary="difference of means")  # fmt: skip
EQUAL = Assumed(
    n_sham=40, n_active=40, weeks=(2, 4, 8, 12), baseline_points=28, sd_points=7,
    sham_change_points=(-3, -5, -7, -8), effect_points=(0, 0, 0, 0), correlation=0.7, lasting=0.6,
    dropout_pct=(25, 25), dropout_by_score=0.7,
)  # fmt: skip
UNEQUAL = replace(EQUAL, dropout_pct=(10, 35))
LAST = "week 12"


def kenward_roger(table: TrialTable) -> Difference:
    return mmrm(table, estimand=WHAT).at(LAST)


def satterthwaite(table: TrialTable) -> Difference:
    return mmrm(table, estimand=WHAT, df="satterthwaite").at(LAST)


def normal(table: TrialTable) -> Difference:
    return mmrm(table, estimand=WHAT, df="normal").at(LAST)


def completers(table: TrialTable) -> Difference:
    return ancova(table, visit=LAST, estimand=WHAT).at(LAST)


def carried_forward(table: TrialTable) -> Difference:
    score = table.score.copy()
    for k in range(1, score.shape[1]):
        score[:, k] = np.where(np.isnan(score[:, k]), score[:, k - 1], score[:, k])
    return ancova(replace(table, score=score), visit=LAST, estimand=WHAT).at(LAST)


def _imputed(table: TrialTable, rule: str) -> Difference:
    rng = np.random.default_rng(int(np.nansum(table.score) * 1e6) % 2**32)
    filled = impute(table, rng=rng, rule=rule, n_imputation=20, n_burn=30)  # pyright: ignore[reportArgumentType]
    return analyze_imputed(filled, visit=LAST, estimand=WHAT).differences[0]


def at_random(table: TrialTable) -> Difference:
    return _imputed(table, "missing at random")


def jump(table: TrialTable) -> Difference:
    return _imputed(table, "jump to reference")


def increments(table: TrialTable) -> Difference:
    return _imputed(table, "copy increments in reference")


RUNS = [
    ("equal dropout", EQUAL, "MMRM, Kenward-Roger", kenward_roger, 1.0),
    ("equal dropout", EQUAL, "ANCOVA of completers", completers, 1.0),
    ("unequal dropout", UNEQUAL, "MMRM, Kenward-Roger", kenward_roger, 0.25),
    ("unequal dropout", UNEQUAL, "ANCOVA of completers", completers, 0.25),
    ("unequal dropout", UNEQUAL, "last score carried forward", carried_forward, 0.25),
    ("equal dropout", EQUAL, "MMRM, Satterthwaite", satterthwaite, 0.25),
    ("equal dropout", EQUAL, "MMRM, normal law", normal, 0.25),
    ("equal dropout", EQUAL, "imputed, missing at random", at_random, 0.05),
    ("equal dropout", EQUAL, "imputed, jump to reference", jump, 0.125),
    ("equal dropout", EQUAL, "imputed, copy increments in reference", increments, 0.05),
]


def _part(task: tuple[int, int, int]) -> Tally:
    run, start, size = task
    seeds = [np.random.SeedSequence([2026, k]) for k in range(start, start + size)]
    return simulate(RUNS[run][1], [RUNS[run][3]], seeds=seeds, truth_points=0.0)[0]


def main(out: Path, n: int, workers: int) -> None:
    rows = []
    with ProcessPoolExecutor(workers) as pool:
        for k, (world, _, name, _, share) in enumerate(RUNS):
            wanted, size = round(n * share), 250
            tasks = [(k, start, min(size, wanted - start)) for start in range(0, wanted, size)]
            began = time.monotonic()
            tally = sum(pool.map(_part, tasks), Tally())
            row: dict[str, object] = {
                "world": world, "analysis": name, "trials": tally.n, "without_answer": tally.n_without
            }  # fmt: skip
            for what, shares in (("error", tally.significant), ("covered", tally.covered)):
                for bound, value in zip(("_pct", "_low_pct", "_high_pct"), shares, strict=True):
                    row[what + bound] = f"{100 * value:.2f}"
            row |= {"bias_points": f"{tally.mean_points:.3f}", "sd_points": f"{tally.sd_points:.3f}",
                    "width_points": f"{tally.width_points:.2f}"}  # fmt: skip
            rows.append(row)
            print(rows[-1], f"{time.monotonic() - began:.0f} s", flush=True)
            with out.open("w", newline="") as file:
                writer = csv.DictWriter(file, rows[0])
                writer.writeheader()
                writer.writerows(rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 40_000, int(os.environ.get("WORKERS", "2")))
