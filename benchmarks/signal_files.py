"""A day of ECG in each format: CPU seconds and memory to read it, beside edfio where that is installed.

    python benchmarks/signal_files.py FOLDER

Writes the files into FOLDER once (24 h at 250 Hz, one channel beside a slower one), then reads each in a process of its
own. Memory is the peak of the process (VmHWM of Linux) above what its imports took, as a multiple of the samples.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np

HOURS, FS_HZ = 24, 250
READ = """
import json, re, sys, time
import numpy as np
from vagus.files import read_recording
peak_kib = lambda: int(re.search(r'VmHWM:\\s*(\\d+)', open('/proc/self/status').read())[1])
before, start = peak_kib(), time.process_time()
recording = read_recording(sys.argv[1], kind="ecg")
spent = time.process_time() - start
peak = peak_kib() - before
print(json.dumps({"cpu_s": spent, "times_data": peak * 1024 / recording.samples.nbytes, "n": recording.samples.size}))
"""
EDFIO = """
import json, re, sys, time
import edfio
peak_kib = lambda: int(re.search(r'VmHWM:\\s*(\\d+)', open('/proc/self/status').read())[1])
before, start = peak_kib(), time.process_time()
samples = edfio.read_edf(sys.argv[1]).signals[0].data
spent = time.process_time() - start
peak = peak_kib() - before
print(json.dumps({"cpu_s": spent, "times_data": peak * 1024 / samples.nbytes, "n": samples.size}))
"""


def write(folder: Path) -> dict[str, Path]:
    """Files of a day, made once."""
    n = HOURS * 3600 * FS_HZ
    values = np.round(1000 * np.sin(np.arange(n) / 40)).astype("<i2")
    paths = {name: folder / f"day.{name}" for name in ("edf", "hea", "csv", "npy")}
    if not paths["edf"].is_file():
        labels = "ECG II".ljust(16) + "Resp".ljust(16)
        cells = [("", 80), ("uV", 8), ("-2000", 8), ("2000", 8), ("-2000", 8), ("2000", 8), ("", 80)]
        fields = labels + "".join(2 * text.ljust(width) for text, width in cells)
        fields += f"{FS_HZ:<8}{25:<8}" + 64 * " "
        head = f"{'0':8}{'X':80}{'X':80}02.03.2522.30.00{768:<8}{'':44}{HOURS * 3600:<8}{1:<8}{2:<4}"
        slow = np.zeros((HOURS * 3600, 25), dtype="<i2")
        raw = np.hstack([values.reshape(-1, FS_HZ), slow]).tobytes()
        paths["edf"].write_bytes((head + fields).encode() + raw)
    if not paths["hea"].is_file():
        (folder / "day.dat").write_bytes(values.tobytes())
        paths["hea"].write_text(f"day 1 {FS_HZ} {n}\nday.dat 16 200/mV 12 0 0 0 0 II\n", encoding="utf-8")
    if not paths["csv"].is_file():
        with paths["csv"].open("w", encoding="utf-8") as stream:
            stream.write("time_s,ecg_mV\n")
            stream.writelines(f"{i / FS_HZ:.3f},{v / 1000}\n" for i, v in enumerate(values.tolist()))
    np.save(paths["npy"], values)
    return {name: path for name, path in paths.items() if name != "npy"}


def main(folder: Path) -> None:
    for name, path in write(folder).items():
        for who, code in (("vagus", READ), ("edfio", EDFIO)):
            if who == "edfio" and name != "edf":
                continue
            run = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=False)
            if run.returncode:
                print(f"{name:5} {who:6} {run.stderr.splitlines()[-1]}")
                continue
            told = json.loads(run.stdout)
            spent, times = told["cpu_s"], told["times_data"]
            print(f"{name:5} {who:6} {spent:6.2f} CPU s, memory {times:.1f} x data, {told['n']} samples")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
