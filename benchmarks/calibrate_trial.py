"""Errors and coverage where nothing works, as a table: python benchmarks/calibrate_trial.py OUT.csv [--parts FOLDER].

The cases stand in `calibrate_cases.py`. Every part that is done is kept in FOLDER and taken up again, as long as code
and case are the same (they are in its name); a draw depends on its number alone, so that parts and processes
change nothing. Set OPENBLAS_NUM_THREADS=1 before: on matrices this small a second thread only waits.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import astuple, fields
from pathlib import Path
from typing import Any

import numpy as np

import calibrate_cases
from vagus.files.store import FolderStore
from vagus.outcome.analysis.simulate import Tally
from vagus.store import digest

SEED = 2026
MADE = 1  # to be raised when a case draws or counts otherwise: parts kept before are then not taken up
KINDS: list[tuple[str, type]] = [(one.name, int if one.name.startswith("n") else float) for one in fields(Tally)]
Task = tuple[int, int, int, int]


def code(case: calibrate_cases.Case) -> str:
    """One word for the text of every file that the numbers of a case depend on."""
    wanted = tuple(f"vagus.outcome.{one}" for one in case.code)
    names = sorted(name for name in sys.modules if name.startswith(wanted))
    return digest(
        [MADE, case.world, case.analysis, *(Path(str(sys.modules[one].__file__)).read_text() for one in names)]
    )


def counted(task: Task) -> Tally:
    n, case, start, size = task
    seeds = [np.random.SeedSequence([SEED, case, k]) for k in range(start, start + size)]
    return calibrate_cases.cases(n)[case].run(seeds)


def parts(n: int, case: int) -> list[Task]:
    one = calibrate_cases.cases(n)[case]
    return [(n, case, start, min(one.part, one.n - start)) for start in range(0, one.n, one.part)]


def tallies(
    tasks: list[Task], pool: ProcessPoolExecutor | None, store: FolderStore | None, key: str
) -> Iterator[Tally]:
    """Counts of each part, from the folder where it has them."""
    names = [digest([key, *task]) for task in tasks]
    held = [store.load(name) if store else None for name in names]
    todo = [task for task, one in zip(tasks, held, strict=True) if one is None]
    fresh = iter((pool.map if pool else map)(counted, todo))
    for name, one in zip(names, held, strict=True):
        if one is not None:
            told: dict[str, Any] = {name: kind(x) for (name, kind), x in zip(KINDS, one.tolist(), strict=True)}
            yield Tally(**told)
            continue
        found = next(fresh)
        if store:
            store.save(name, np.array(astuple(found), float))
        yield found


def row(case: calibrate_cases.Case, tally: Tally) -> dict[str, object]:
    told: dict[str, object] = {"world": case.world, "analysis": case.analysis, "trials": int(tally.n),
                               "without_answer": int(tally.n_without)}  # fmt: skip
    for what, shares in (("error", tally.significant), ("covered", tally.covered)):
        for bound, value in zip(("_pct", "_low_pct", "_high_pct"), shares, strict=True):
            told[what + bound] = f"{100 * value:.2f}"
    width = "" if np.isnan(tally.width_points) else f"{tally.width_points:.2f}"
    return told | {"bias_points": f"{tally.mean_points:.3f}", "sd_points": f"{tally.sd_points:.3f}",
                   "width_points": width}  # fmt: skip


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("out", type=Path)
    asked.add_argument("--n", type=int, default=40_000)
    asked.add_argument("--workers", type=int, default=2)
    asked.add_argument("--parts", type=Path)
    given = asked.parse_args()
    store = FolderStore.at(given.parts) if given.parts else None
    pool = ProcessPoolExecutor(given.workers) if given.workers > 1 else None
    rows: list[dict[str, object]] = []
    for k, case in enumerate(calibrate_cases.cases(given.n)):
        began = time.process_time()
        rows.append(row(case, sum(tallies(parts(given.n, k), pool, store, code(case)), Tally())))
        print(rows[-1], f"{time.process_time() - began:.0f} s", flush=True)
        write(given.out, rows)
    if pool:
        pool.shutdown()
    for n_arm, test in calibrate_cases.EXACT:
        error = calibrate_cases.worst_error(n_arm, test)
        rows.append({"world": f"{n_arm} an arm, any share of responders", "analysis": f"exact test, {test}",
                     "trials": "all", "error_pct": f"{100 * error:.2f}"})  # fmt: skip
        print(rows[-1], flush=True)
    write(given.out, rows)


def write(out: Path, rows: list[dict[str, object]]) -> None:
    with out.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
