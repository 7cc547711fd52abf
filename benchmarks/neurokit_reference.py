"""Numbers of NeuroKit2 0.2.13 for the beats in tests/data/beats: what the preset "neurokit2" is held against.

Run in an environment of its own (NeuroKit2 is no dependency of vagus)::

    python -m venv nk && nk/bin/pip install neurokit2==0.2.13
    nk/bin/python benchmarks/neurokit_reference.py

Writes tests/data/neurokit_reference.json.
"""

from __future__ import annotations

import json
from pathlib import Path

import neurokit2 as nk  # pyright: ignore[reportMissingImports]
import numpy as np

DATA = Path(__file__).parents[1] / "tests" / "data"


def main() -> None:
    beats: dict[str, dict[str, float]] = {}
    for path in sorted((DATA / "beats").glob("*.txt")):
        rate = int(path.read_text().split("fs_hz =")[1].split()[0])
        peaks = np.loadtxt(path, dtype=int)
        time = nk.hrv_time(peaks, sampling_rate=rate)
        nonlinear = nk.hrv_nonlinear(peaks, sampling_rate=rate)
        frequency = nk.hrv_frequency(peaks, sampling_rate=rate, normalize=False)
        beats[path.name] = {
            "rmssd_ms": float(time["HRV_RMSSD"].iloc[0]),
            "sdnn_ms": float(time["HRV_SDNN"].iloc[0]),
            "pnn50_pct": float(time["HRV_pNN50"].iloc[0]),
            "mean_rr_ms": float(time["HRV_MeanNN"].iloc[0]),
            "sd1_ms": float(nonlinear["HRV_SD1"].iloc[0]),
            "sd2_ms": float(nonlinear["HRV_SD2"].iloc[0]),
            "vlf_ms2": float(frequency["HRV_VLF"].iloc[0]),
            "lf_ms2": float(frequency["HRV_LF"].iloc[0]),
            "hf_ms2": float(frequency["HRV_HF"].iloc[0]),
        }
    document = {"made_with": f"neurokit2 {nk.__version__}", "normalize": False, "beats": beats}
    (DATA / "neurokit_reference.json").write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
