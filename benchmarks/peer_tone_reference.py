"""Numbers of pyHRV and systole for the beats in tests/data/beats: what their presets are held against.

Run in an environment of their own (they need numpy < 2; systole is GPL and is run, never read or copied)::

    python -m venv peers && peers/bin/pip install "numpy<2" nolds==0.5.2 pyhrv==0.5.0 systole==0.3.0 peakutils "setuptools<81"
    MPLBACKEND=agg peers/bin/python benchmarks/peer_tone_reference.py

Writes tests/data/tone_reference.json.
"""

from __future__ import annotations

import importlib.metadata
import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pyhrv.frequency_domain as frequency  # pyright: ignore[reportMissingImports]
import pyhrv.time_domain as time  # pyright: ignore[reportMissingImports]
from pyhrv import nonlinear  # pyright: ignore[reportMissingImports]
from systole import hrv  # pyright: ignore[reportMissingImports]

warnings.simplefilter("ignore")
DATA = Path(__file__).parents[1] / "tests" / "data"
PACKAGES = ("pyhrv", "systole", "numpy", "scipy", "nolds")


def rr_of(path: Path) -> np.ndarray:
    fs_hz = int(path.read_text().split("fs_hz =")[1].split()[0])
    return np.diff(np.loadtxt(path, dtype=int)) / fs_hz * 1000


def of_pyhrv(rr_ms: np.ndarray) -> dict[str, float]:
    powers = frequency.welch_psd(nni=rr_ms, show=False, mode="dev")[0]["fft_abs"]
    poincare: Any = nonlinear.poincare(nni=rr_ms, show=False, mode="dev")
    return {
        "rmssd_ms": time.rmssd(nni=rr_ms)["rmssd"],
        "sdnn_ms": time.sdnn(nni=rr_ms)["sdnn"],
        "pnn50_pct": time.nn50(nni=rr_ms)["pnn50"],
        "mean_rr_ms": time.nni_parameters(nni=rr_ms)["nni_mean"],
        "sd1_ms": poincare[0],
        "sd2_ms": poincare[1],
        "vlf_ms2": powers[0],
        "lf_ms2": powers[1],
        "hf_ms2": powers[2],
    }


def of_systole(rr_ms: np.ndarray) -> dict[str, float]:
    found: dict[str, float] = {}
    for table in (hrv.time_domain, hrv.frequency_domain, hrv.nonlinear_domain):
        rows = table(rr_ms, input_type="rr_ms")
        found |= dict(zip(rows["Metric"], rows["Values"], strict=True))
    names = {
        "MeanRR": "mean_rr_ms", "RMSSD": "rmssd_ms", "SDNN": "sdnn_ms", "pnn50": "pnn50_pct", "SD1": "sd1_ms",
        "SD2": "sd2_ms", "vlf_power": "vlf_ms2", "lf_power": "lf_ms2", "hf_power": "hf_ms2",
    }  # fmt: skip
    return {ours: float(found[theirs]) for theirs, ours in names.items() if theirs in found}


def main() -> None:
    paths = sorted((DATA / "beats").glob("*.txt"))
    document = {
        "made_with": {name: importlib.metadata.version(name) for name in PACKAGES},
        "pyhrv": {path.name: {k: float(v) for k, v in of_pyhrv(rr_of(path)).items()} for path in paths},
        "systole": {path.name: of_systole(rr_of(path)) for path in paths},
    }
    (DATA / "tone_reference.json").write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
