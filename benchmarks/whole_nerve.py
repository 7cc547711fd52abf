"""All thresholds of a human cervical vagus: 8,000 myelinated and 16,000 C fibers, each its own diameter and place.

    python benchmarks/whole_nerve.py [--share 0.01] [--limit-ma 3.5] [--model-c sundt] [--keep FOLDER]

Straight fibers (myelinated 41 nodes, C fibers 5 mm) at random depths 0.3 to 1.3 mm under a point source, sigma 0.3 S/m,
one cathodic pulse of 250 us. Resumable: every part that is done is kept in the folder, and a second call goes on from
there.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

from vagus.dose import Pulse
from vagus.fiber import Fiber, threshold_ma
from vagus.field import point_mv_per_ma
from vagus.files import FolderStore

N_MYELINATED, N_C = 8000, 16_000


def nerve(share: float, model_c: str) -> list[tuple[str, float, float, float]]:
    """Model, diameter (um), distance (um), offset along the fiber (um) of each fiber."""
    rng = np.random.default_rng(7)
    kinds = [("mrg", int(share * N_MYELINATED), 2.0, 12.0), (model_c, int(share * N_C), 0.4, 1.4)]
    return [
        (model, float(rng.uniform(low, high)), float(rng.uniform(300.0, 1300.0)), float(rng.uniform(-0.5, 0.5)))
        for model, n, low, high in kinds
        for _ in range(n)
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--limit-ma", type=float)
    parser.add_argument("--model-c", default="sundt")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--threads", type=int)
    asked = parser.parse_args()
    fibers = nerve(asked.share, asked.model_c)
    built = [
        Fiber.of(m, diameter_um=d, n_node=41 if m == "mrg" else None, length_um=None if m == "mrg" else 5000.0)
        for m, d, _, _ in fibers
    ]
    fields = [
        point_mv_per_ma(far, 0.0, f.z_um - (0.5 + 0.02 * at) * f.z_um[-1], sigma_s_per_m=0.3)
        for f, (_, _, far, at) in zip(built, fibers, strict=True)
    ]
    pulse = Pulse(amplitude_ma=-1.0, width_us=250.0, shape="monophasic")
    wall, cpu = time.perf_counter(), time.process_time()

    def show(share: float) -> None:
        print(f"\r{share:4.0%} of {len(fibers)} fibers, {time.perf_counter() - wall:.0f} s", end="", flush=True)

    found = threshold_ma(
        built, fields, pulse, rel_tol=5e-3, limit_ma=asked.limit_ma, threads=asked.threads, progress=show,
        store=FolderStore.at(asked.keep) if asked.keep else None,
    )  # fmt: skip
    print(f"\n{time.process_time() - cpu:.1f} CPU s, {time.perf_counter() - wall:.1f} s; "
          f"{np.mean(np.isfinite(found)):.0%} fire, median {np.median(np.abs(found)):.3f} mA")  # fmt: skip


if __name__ == "__main__":
    main()
