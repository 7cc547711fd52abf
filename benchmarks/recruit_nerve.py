"""One seven-fascicle human nerve in a helix: field, thresholds of N myelinated fibers a fascicle; CPU seconds of each.

    python benchmarks/recruit_nerve.py FOLDER [PER_FASCICLE]

FOLDER keeps parts of the thresholds, so that a run after an interrupt goes on.
"""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path

import numpy as np

from vagus.dose import Pulse
from vagus.fiber.nerve.anatomy import draw_helix
from vagus.fiber.nerve.placed import place_fibers
from vagus.fiber.nerve.recruited import recruit_nerve
from vagus.field import solve_bundle
from vagus.files import FolderStore


def main(folder: str, per_fascicle: str = "1000") -> None:
    rng = np.random.default_rng(1)
    anatomy = draw_helix(rng)
    pulse = Pulse(amplitude_ma=-1.0, width_us=250.0, shape="biphasic_asymmetric", recovery_ratio=0.25)
    fibers = place_fibers(anatomy.nerve, {"a_beta": int(per_fascicle)}, rng=rng)
    # the first call compiles or loads the kernels
    few = place_fibers(anatomy.nerve, {"a_beta": 1}, rng=np.random.default_rng(2), fascicles=[0])
    begin = time.process_time()
    field = solve_bundle(anatomy.bundle, anatomy.contacts)
    field.mv_per_ma(x_um=few.x_um, y_um=few.y_um, z_um=0.0)
    solved = time.process_time()
    recruit_nerve(anatomy.nerve, few, field, pulse, weights=anatomy.weights, limit_ma=10.0)
    warm, wall = time.process_time(), time.monotonic()
    found = recruit_nerve(
        anatomy.nerve, fibers, field, pulse, weights=anatomy.weights, limit_ma=10.0, store=FolderStore.at(Path(folder))
    )
    done = time.process_time()
    print(
        f"{len(anatomy.nerve.fascicles)} fascicles, {fibers.size} fibers: field {solved - begin:.1f} CPU s; "
        f"thresholds {done - warm:.1f} CPU s ({1e3 * (done - warm) / fibers.size:.1f} ms each), "
        f"{time.monotonic() - wall:.0f} s by the clock; "
        f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.1f} GB; half at {found.current_ma(50.0):.3f} mA"
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
