"""Speed of the mixed model: python benchmarks/trial_speed.py [--peer PYTHON]; CPU time, one thread.

1. Unstructured MMRM with Kenward-Roger of trials with 200 people and 6 visits, 20 % dropout: CPU time of a fit.
2. A random intercept for 200 people and 6 visits, beside MixedLM of statsmodels where PYTHON has it, in turn.
Set OPENBLAS_NUM_THREADS=1 before: on matrices this small a second thread only waits.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np

from vagus.outcome.analysis.estimand import Estimand
from vagus.outcome.analysis.model import mmrm
from vagus.outcome.analysis.simulate import Assumed, draw_trial
from vagus.outcome.analysis.table import TrialTable

WHAT = Estimand(population="all", variable="score", treatment="active", control="sham", summary="difference of means")
ASSUMED = Assumed(
    n_sham=100, n_active=100, weeks=(2, 4, 6, 8, 10, 12), baseline_points=28, sd_points=7,
    sham_change_points=(-2, -3, -4, -5, -6, -7), effect_points=(0, -1, -1, -2, -2, -3), dropout_pct=(20, 20),
)  # fmt: skip
PEER = """
import sys, time, numpy as np
from statsmodels.regression.mixed_linear_model import MixedLM
d = np.load(sys.argv[1])
MixedLM(d["y"], d["x"], d["person"]).fit(reml=True)
t = time.process_time()
for _ in range(5):
    fit = MixedLM(d["y"], d["x"], d["person"]).fit(reml=True)
print((time.process_time() - t) / 5, fit.fe_params[7], fit.bse_fe[7])
"""


def drawn(n: int) -> list[TrialTable]:
    return [draw_trial(ASSUMED, rng=np.random.default_rng([1, k])) for k in range(n)]


def fits(tables: list[TrialTable], structure: str) -> float:
    began = time.process_time()
    for table in tables:
        mmrm(table, estimand=WHAT, structure=structure)  # pyright: ignore[reportArgumentType]
    return (time.process_time() - began) / len(tables)


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--peer", default="")
    asked.add_argument("--n", type=int, default=200)
    given = asked.parse_args()
    tables = drawn(given.n)
    fits(tables[:5], "us")
    each = fits(tables, "us")
    print(f"unstructured MMRM, Kenward-Roger: {1e3 * each:.1f} ms a fit; 1,000 on two cores {500 * each:.1f} s")
    intercept = fits(tables[:50], "cs")
    print(f"random intercept, Kenward-Roger: {1e3 * intercept:.1f} ms a fit")
    if given.peer:
        one = tables[0]
        person, visit = np.nonzero(np.isfinite(one.score))
        cell = (one.arm[person] * 6 + visit)[:, None] == np.arange(12)
        assert one.baseline is not None
        x = np.column_stack([cell.astype(float), one.baseline[person][:, None] * (visit[:, None] == np.arange(6))])
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "trial.npz"
            np.savez(path, y=one.score[person, visit], x=x, person=person)
            told = subprocess.run(
                [given.peer, "-W", "ignore", "-c", PEER, str(path)], check=True, capture_output=True, text=True
            )
        peer = float(told.stdout.split()[0])
        print(f"MixedLM: {1e3 * peer:.0f} ms a fit, {peer / intercept:.0f} times as long")


if __name__ == "__main__":
    main()
