"""Laryngeal threshold of the helix against patients: 200 nerves by the criterion of docs/rooms/fiber/recruit.md.

    python benchmarks/recruit_laryngeal.py FOLDER [N_DRAWS] [WIDTH_US]

FOLDER keeps what is done, so that a run after an interrupt goes on.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np

from vagus.dose import Pulse
from vagus.fiber.nerve.anatomy import draw_helix
from vagus.fiber.nerve.drawn import laryngeal_fibers, recruit_draws
from vagus.files import FolderStore

SEED = 20261126
# of older generators; a threshold is read at the next step above it
STEP_MA = 0.25


def main(folder: str, n_draws: str = "200", width_us: str = "250") -> None:
    pulse = Pulse(amplitude_ma=-1.0, width_us=float(width_us), shape="biphasic_asymmetric", recovery_ratio=0.25)
    begin, last = time.process_time(), -1

    def told(share: float) -> None:
        nonlocal last
        if int(20 * share) > last:
            last = int(20 * share)
            print(f"{share:4.0%}  {time.process_time() - begin:.0f} CPU s", file=sys.stderr, flush=True)

    found = recruit_draws(
        draw_helix, laryngeal_fibers, pulse, rng=np.random.default_rng(SEED), n_draws=int(n_draws), limit_ma=50.0,
        dt_us=10.0, store=FolderStore.at(Path(folder)), progress=told,
    )  # fmt: skip
    for share in (10.0, 1.0, 5.0, 50.0):
        each = np.array([one.current_ma(share, key="a_alpha_motor") for one in found.each])
        p5, p25, p50, p75, p95 = np.quantile(each, [0.05, 0.25, 0.5, 0.75, 0.95])
        print(
            f"{share:4g} % fire: median {p50:.3f} mA, half {p25:.3f} to {p75:.3f}, 90 % {p5:.3f} to {p95:.3f}, "
            f"p95/p5 {p95 / p5:.2f}; holds 0.50: {p5 <= 0.5 <= p95}; 0.50 is {0.5 / p50:.2f} times the median"
        )
    each = np.array([one.current_ma(10.0, key="a_alpha_motor") for one in found.each])
    read = STEP_MA * np.ceil(each / STEP_MA)
    print(
        f"10 % fire, read in steps of {STEP_MA:g} mA: median {np.median(read):g}; "
        + ", ".join(f"{step:g} mA {100 * np.mean(read == step):.0f} %" for step in np.unique(read))
    )
    print(f"{len(found.each)} draws, {width_us} us, {time.process_time() - begin:.0f} CPU s")


if __name__ == "__main__":
    main(*sys.argv[1:])
