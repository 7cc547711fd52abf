"""Spoiled files give an error of vagus or an answer, whatever the reader; `make fuzz` runs a hundred thousand."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from .seeds import seeds

ROOT = Path(__file__).parents[2]
SEED = int(os.environ.get("VAGUS_FUZZ_SEED", "1"))
FEW, MANY = 1000, int(os.environ.get("VAGUS_FUZZ_CASES", "100000"))
_BATCH = 5000


def fuzz(seed: int, count: int, keep: Path) -> tuple[Counter[str], list[dict[str, str]]]:
    run = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.worker", str(seed), str(count), str(keep)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=3600,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system"},
    )
    assert run.returncode == 0, f"seed {seed}: the reader's process died ({run.returncode})\n{run.stderr[-2000:]}"
    told = json.loads(run.stdout.splitlines()[-1])
    return Counter(told["told"]), told["kept"]


@pytest.mark.skipif(sys.platform != "linux", reason="memory is capped by RLIMIT_AS and measured in /proc")
def test_a_thousand_spoiled_files(tmp_path):
    told, kept = fuzz(SEED, FEW, tmp_path)
    assert not kept, f"seed {SEED}, files in {tmp_path}: {kept}"
    assert told.total() == FEW
    # each reader answers its whole file, and meets spoiled ones that it refuses
    names = {one.name for one in seeds()}
    assert {key.rpartition(": ")[0] for key in told if key.endswith(": answer")} == names
    assert {key.rpartition(": ")[0] for key in told if key.endswith(": error")} == names


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory is capped by RLIMIT_AS and measured in /proc")
def test_a_hundred_thousand_spoiled_files():
    keep = ROOT / "out" / "fuzz"
    keep.mkdir(parents=True, exist_ok=True)
    told: Counter[str] = Counter()
    failed = []
    for batch, first in enumerate(range(0, MANY, _BATCH)):
        seed = 1000 * SEED + batch
        more, kept = fuzz(seed, min(_BATCH, MANY - first), keep)
        told += more
        failed += kept
        print(f"seed {seed}: {told.total()} files, {len(failed)} kept in {keep}", flush=True)  # noqa: T201
    for key, count in sorted(told.items()):
        print(f"{count:7d}  {key}")  # noqa: T201
    assert not failed, failed
