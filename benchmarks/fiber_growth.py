"""Cost and memory of thresholds over the number of fibers, and what a second core brings.

    python benchmarks/fiber_growth.py [--case mrg] [--most 100000] [--two-cores]

MRG: 41 nodes, diameters 5.7 to 16 um; thresholds to 0.5 %. Memory is the peak of a process of its own.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time

from fiber_scenarios import SCENARIOS
from vagus.fiber import threshold_ma


def one(key: str, n: int, threads: int) -> None:
    """Seconds for n fibers, and the peak of memory."""
    case = SCENARIOS[key]
    options = {"dt_us": case.dt_us, "rel_tol": 5e-3, "duration_us": case.duration_us, "threads": threads}
    few, few_fields = case.fibers(8)
    threshold_ma(few, few_fields, case.pulse, **options)
    fibers, fields = case.fibers(n)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    wall, cpu = time.perf_counter(), time.process_time()
    threshold_ma(fibers, fields, case.pulse, **options)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{key} {n:>6} fibers, {threads} thread(s): {cpu:8.2f} CPU s, {wall:8.2f} s, {1e3 * cpu / n:6.2f} CPU ms a "
          f"fiber; {before:.0f} MB with the fibers, {after:.0f} MB at the peak", flush=True)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", choices=[*SCENARIOS], default="mrg")
    parser.add_argument("--most", type=int, default=100_000)
    parser.add_argument("--two-cores", action="store_true", help="256 to 4096 fibers on one and on two threads")
    parser.add_argument("--one", type=int, nargs=2, metavar=("N", "THREADS"), help="in this process")
    asked = parser.parse_args()
    if asked.one:
        one(asked.case, *asked.one)
        return
    sizes = [n for n in (100, 1000, 10_000, 100_000) if n <= asked.most]
    runs = [(n, k) for n in (256, 1024) for k in (1, 2)] if asked.two_cores else [(n, 2) for n in sizes]
    for n, threads in runs:
        subprocess.run([sys.executable, __file__, "--case", asked.case, "--one", str(n), str(threads)], check=True)


if __name__ == "__main__":
    main()
