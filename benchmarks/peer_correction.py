"""Run by the peers' own Python: RMSSD after their correction of each series of beats. Reads and writes JSON."""

# This file imports the peers, so it is run, never imported, by `signal_correction.py`.
import json
import sys
import time
import warnings
from pathlib import Path

import neurokit2  # pyright: ignore[reportMissingImports]
import numpy as np
from systole.correction import correct_rr  # pyright: ignore[reportMissingImports]

RATE_HZ = 1000


def rmssd(rr_ms):
    return float(np.sqrt(np.mean(np.diff(rr_ms) ** 2)))


def by_neurokit(time_s):
    peaks = np.round(time_s * RATE_HZ).astype(int)
    _, clean = neurokit2.signal_fixpeaks(peaks, sampling_rate=RATE_HZ, iterative=True, method="Kubios")
    return rmssd(np.diff(clean) * 1000 / RATE_HZ)


def by_systole(time_s):
    return rmssd(np.asarray(correct_rr(np.diff(time_s) * 1000, verbose=False)[0]))


def main():
    warnings.simplefilter("ignore")
    series = [np.array(one) for one in json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))]
    found = {}
    for name, call in (("NeuroKit2", by_neurokit), ("systole", by_systole)):
        begin = time.process_time()
        values = []
        for one in series:
            try:
                values.append(call(one))
            except Exception:  # a peer that fails on a series has no answer there
                values.append(None)
        found[name] = {"rmssd_ms": values, "cpu_s": time.process_time() - begin}
    print("RESULT" + json.dumps(found))


main()
