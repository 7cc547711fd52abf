"""vagus beside PyFibers/NEURON: same fibers, same core, same sitting; ratios of CPU time are printed.

    python benchmarks/fiber_against_peer.py [--peer-python PATH] [--case mrg] [--n-peer 2]

Without `--peer-python` an environment of the peer's own is built in a temporary folder (needs a C compiler and about
two minutes). The peer's installation never touches vagus's.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np

from fiber_scenarios import SCENARIOS, Scenario
from vagus.fiber import threshold_ma
from vagus.fiber.engine.batch import Batch, pulse_task

PEER = ("pyfibers==0.13.0", "neuron==9.0.2")
SIZES = {"mrg": 256, "sundt": 256, "tigerholm": 256}


def peer_python(folder: Path) -> Path:
    """An environment of the peer's own, built now."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    subprocess.run([folder / "bin/python", "-m", "pip", "install", "--quiet", *PEER], check=True)
    path = {**os.environ, "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"}  # the compiler is there
    subprocess.run([folder / "bin/pyfibers_compile"], check=True, stdout=subprocess.DEVNULL, env=path)
    return folder / "bin/python"


def ours(case: Scenario, n: int) -> tuple[float, np.ndarray]:
    """CPU seconds a threshold to 0.5 %, and the thresholds of all fibers."""
    fibers, fields = case.fibers(n)
    options = {"dt_us": case.dt_us, "rel_tol": 5e-3, "duration_us": case.duration_us, "threads": 1}
    threshold_ma(fibers[:1], fields[:1], case.pulse, **options)
    begin = time.process_time()
    found = threshold_ma(fibers, fields, case.pulse, **options)
    return (time.process_time() - begin) / n, found


def forward(case: Scenario, n: int) -> float:
    """Compartment-steps per CPU second without early exit."""
    fibers, fields = case.fibers(n)
    task = pulse_task(fibers, fields, case.pulse, delay_us=100.0, duration_us=case.duration_us)
    batch = Batch.of(task, dt_us=case.dt_us, scheme="second_order", temperature_degc=None)
    begin = time.process_time()
    batch.bundle.run(np.arange(n), np.full((n, 1), 0.05), batch.wave, n_step=batch.n_step)
    return fibers[0].z_um.size * float(batch.n_step.sum()) / (time.process_time() - begin)


def theirs(python: Path, case: Scenario, n: int, *, thresholds: np.ndarray) -> list[dict[str, float]]:
    """The peer's CPU seconds for the first fibers of the scenario."""
    fibers, fields = case.fibers(thresholds.size)
    k = 1e6 / (4.0 * np.pi * case.sigma_s_per_m)
    text = asdict(case) | {
        "diameters": [f.diameter_um for f in fibers[:n]],
        "distances": [float(k / np.max(v)) for v in fields[:n]],
        "top_ma": float(1.3 * np.max(np.abs(thresholds[:n]))),
    }
    done = subprocess.run(
        [python, Path(__file__).with_name("peer_pyfibers.py"), json.dumps(text)],
        check=True,
        capture_output=True,
        text=True,
    )
    line = next(line for line in done.stdout.splitlines() if line.startswith("RESULT"))
    return json.loads(line.removeprefix("RESULT"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer-python", type=Path)
    parser.add_argument("--case", choices=[*SCENARIOS], action="append")
    parser.add_argument("--n", type=int)
    parser.add_argument("--n-peer", type=int, default=2)
    asked = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as folder:
        python = asked.peer_python or peer_python(Path(folder) / "peer")
        for key in asked.case or SCENARIOS:
            case, n = SCENARIOS[key], asked.n or SIZES[key]
            seconds, found = ours(case, n)
            speed = forward(case, min(n, 64))
            print(f"{key}: vagus {1e3 * seconds:.2f} ms a threshold (0.5 %, dt {case.dt_us:g} us, batch {n}); "
                  f"forward {speed / 1e6:.0f} M compartment-steps/s", flush=True)  # fmt: skip
            if asked.n_peer == 0:
                continue
            peer = theirs(python, case, asked.n_peer, thresholds=found)
            mean = float(np.mean([row["threshold_s"] for row in peer]))
            off = [100 * (row["threshold_ma"] / found[i] - 1) for i, row in enumerate(peer)]
            print(f"{key}: peer {mean:.2f} s a threshold (1 %, dt {case.peer_dt_us:g} us), "
                  f"{np.mean([row['run_s'] for row in peer]):.2f} s a run; ratio {mean / seconds:.0f}; "
                  f"its thresholds differ by {', '.join(f'{x:+.1f} %' for x in off)}", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
