"""A probe on the bare nerve: laryngeal fibers without the helix, by finite elements.

    python benchmarks/laryngeal_probe.py [N_NERVES]

One contact of 1 mm² on the nerve, its return far away, a monophasic cathodic pulse; an MRG fiber of 9 µm in the middle
of each fascicle. Prints, over fascicles, the threshold at the best of four spots around the nerve and the median spot.
Surgeons' thresholds (Kamada 2023): 0.2 mA at the best spot, 0.25 mA at all.
"""

from __future__ import annotations

import math
import sys
from dataclasses import replace

import numpy as np

from vagus.dose import Pulse
from vagus.fiber import Fiber, threshold_ma
from vagus.fiber.recruit import without_ends
from vagus.field import Patch, centered_nerve, draw_nerve, nerve_tissue, solve_field

SIDE_UM, ROOM_UM, HALF_UM = 1000.0, 20.0, 25_000.0
# what lies around the nerve (S/m): muscle as it is, little as when lifted into air, fluid
AROUND = {"soft tissue": None, "lifted (0.01 S/m)": 0.01, "under fluid": 1.76}


def main(n_nerves: str = "3") -> None:
    base = nerve_tissue("muscle")
    fiber = Fiber.of("mrg", diameter_um=9.0, length_um=2.0 * HALF_UM)
    z_um = fiber.z_um - fiber.z_um[-1] / 2.0
    for seed in range(1, int(n_nerves) + 1):
        rng = np.random.default_rng(seed)
        nerve = centered_nerve(draw_nerve("human", side="left", unmyelinated=None, rng=rng))
        radius_um = float(np.hypot(*nerve.outline_um.T).max()) + ROOM_UM
        arc_deg = math.degrees(SIDE_UM / radius_um)
        spots = [
            Patch(radius_um=radius_um, z_um=0.0, length_um=SIDE_UM, arc_deg=arc_deg, angle_deg=angle)
            for angle in (0.0, 90.0, 180.0, 270.0)
        ]
        for name, sigma in AROUND.items():
            wet = {} if sigma is None else {"around_s_per_m": sigma}
            field = solve_field(nerve, spots, replace(base, **wet), insulation=(), detail="coarse")
            for width_us in (100.0, 200.0):
                pulse = Pulse(amplitude_ma=-1.0, width_us=width_us, shape="monophasic")
                each = []
                for one in nerve.fascicles:
                    x_um, y_um = (float(c) for c in one.center_um)
                    lines = field.mv_per_ma(x_um=x_um, y_um=y_um, z_um=z_um)
                    ended = [without_ends(line, fiber.z_um) for line in lines]
                    each.append(np.abs(threshold_ma([fiber] * len(spots), ended, pulse)))
                best, middle = np.min(each, axis=1), np.median(each, axis=1)
                print(
                    f"nerve {seed}, {name:18s} {width_us:.0f} us: best spot {best.min():.2f} to {best.max():.2f} mA, "
                    f"median spot {middle.min():.2f} to {middle.max():.2f} mA",
                    flush=True,
                )


if __name__ == "__main__":
    main(*sys.argv[1:])
