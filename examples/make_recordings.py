"""Make the recordings of the bundled courses from the BIDMC data set.

    python examples/make_recordings.py BIDMC_DIR

BIDMC_DIR holds ``bidmc_01_Signals.csv`` and ``bidmc_02_Signals.csv`` of the BIDMC PPG and Respiration data set 1.0.0
(https://physionet.org/content/bidmc/1.0.0/, ODC-By 1.0). Only lead II and respiration are kept, 480 s at 125 Hz.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
N_SAMPLES = 60_000  # 480 s at 125 Hz


def read_signals(path: Path) -> dict[str, np.ndarray]:
    """Columns of a ``*_Signals.csv`` by name."""
    header = [name.strip() for name in path.read_text().split("\n", 1)[0].split(",")]
    table = np.loadtxt(path, delimiter=",", skiprows=1, max_rows=N_SAMPLES)
    return dict(zip(header, table.T, strict=True))


def write_csv(columns: dict[str, np.ndarray], path: Path) -> None:
    """Time in seconds, and whole numbers (adu): 1000 of them are one normalized unit of the data set."""
    ecg = np.rint(columns["II"] * 1000).astype(int)
    resp = np.rint(columns["RESP"] * 1000).astype(int)
    lines = [f"{i / 125:.10g},{e},{r}" for i, (e, r) in enumerate(zip(ecg, resp, strict=True))]
    path.write_text("Time [s],ECG II [adu],RESP [adu]\n" + "\n".join(lines) + "\n")


def write_wfdb(columns: dict[str, np.ndarray], stem: Path) -> None:
    """Header and format 212: two 12-bit samples in three bytes; 1000 steps a unit."""
    signals = {"II": np.rint(columns["II"] * 1000).astype(int), "RESP": np.rint(columns["RESP"] * 1000).astype(int)}
    lines = [f"{stem.name} 2 125 {N_SAMPLES}"]
    for name, values in signals.items():
        checksum = int(np.int64(values.sum()).astype(np.int16))
        lines.append(f"{stem.name}.dat 212 1000(0)/NU 12 0 {values[0]} {checksum} 0 {name}")
    lines.append("# excerpt of BIDMC bidmc_01, see SOURCE.md")
    stem.with_suffix(".hea").write_text("\n".join(lines) + "\n")
    a, b = (values & 0xFFF for values in signals.values())
    packed = np.stack([a & 0xFF, (a >> 8) | ((b >> 8) << 4), b & 0xFF], axis=1).astype(np.uint8)
    stem.with_suffix(".dat").write_bytes(packed.tobytes())


def main() -> None:
    """Write both recordings beside this file."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    source = Path(sys.argv[1])
    csv = HERE / "tavns-depression" / "recordings" / "bidmc02.csv"
    wfdb = HERE / "ivns-trd" / "recordings" / "bidmc01"
    write_csv(read_signals(source / "bidmc_02_Signals.csv"), csv)
    write_wfdb(read_signals(source / "bidmc_01_Signals.csv"), wfdb)


if __name__ == "__main__":
    main()
