"""Run by the peer's own Python: CPU seconds of its threshold searches and simulations. Prints one line of JSON."""

# This file imports the peer, so it is run, never imported, by `fiber_against_peer.py`.
import json
import sys
import time

import numpy as np
from pyfibers import FiberModel, ScaledStim, build_fiber  # pyright: ignore[reportMissingImports]


def main() -> None:
    case = json.loads(sys.argv[1])
    dt, pulse, delay = case["peer_dt_us"] / 1e3, case["width_us"] / 1e3, 0.1
    found = []
    for diameter, distance in zip(case["diameters"], case["distances"], strict=True):
        size = {"n_nodes": case["n_node"]} if case["model"] == "mrg" else {"n_sections": case["n_node"]}
        fiber = build_fiber(FiberModel[case["peer_model"]], diameter=diameter, **size)
        z = fiber.longitudinal_coordinates
        middle = 0.5 * (z[0] + z[-1])
        fiber.potentials = fiber.point_source_potentials(0, distance, middle, 1, case["sigma_s_per_m"])

        def wave(t, pulse=pulse, delay=delay):
            return 1.0 if delay - 1e-9 <= t < delay + pulse - 1e-9 else 0.0

        stim = ScaledStim(waveform=wave, dt=dt, tstop=case["duration_us"] / 1e3)
        begin = time.process_time()
        stim.run_sim(-0.02, fiber)
        one = time.process_time() - begin
        begin = time.process_time()
        threshold = stim.find_threshold(fiber, stimamp_top=-case["top_ma"], stimamp_bottom=-case["top_ma"] / 30)[0]
        spent = time.process_time() - begin
        found.append({"run_s": one, "threshold_s": spent, "threshold_ma": float(np.asarray(threshold))})
    print("RESULT" + json.dumps(found))


main()
