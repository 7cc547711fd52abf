"""Correction of beats beside NeuroKit2's and systole's: error of RMSSD after beats were spoiled on purpose.

    python benchmarks/signal_correction.py DIRECTORY [--record nsr001] [--fs-hz 128] [--seeds 20] [--peer-python PATH]

DIRECTORY holds a record of beats as WFDB annotations (RECORD.ecg or RECORD.atr; Normal Sinus Rhythm RR Interval
Database). 24 windows of 5 min in which all beats are annotated normal; 2 and 5 % of the beats are missed, extra and
premature, a third each. The peers run in an environment of their own (neurokit2, systole, numpy < 2).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from signal_spoiled import spoiled, windows
from vagus.errors import VagusError
from vagus.signal import Beats, MendState, correct, correct_rest, correct_step, vagal_tone

CASES = {
    "nothing": (0.0, {}),
    "2 %": (0.02, {}),
    "5 %": (0.05, {}),
    "2 %, premature with reset": (0.02, {"kinds": ("premature",), "reset": 1.0}),
    "5 %, missed": (0.05, {"kinds": ("missed",)}),
    "5 %, extra": (0.05, {"kinds": ("extra",)}),
    "5 %, premature": (0.05, {"kinds": ("premature",)}),
}


def rmssd_ms(beats: Beats) -> float:
    return vagal_tone(beats).rmssd_ms.estimate


def detected(time_s: np.ndarray) -> Beats:
    return Beats(time_s=time_s, quality=np.ones(time_s.size), origin="detected")


def live(time_s: np.ndarray, lag_s: float) -> Beats:
    """As beats come in, each decided after the lag."""
    state, told = correct_step(MendState.of(lag_s=lag_s), time_s)
    rest = correct_rest(state).beats
    return replace(
        told.beats,
        time_s=np.concatenate([told.beats.time_s, rest.time_s]),
        quality=np.concatenate([told.beats.quality, rest.quality]),
        label=(*(told.beats.label or ()), *(rest.label or ())),
        origin="corrected",
    )


def by_vagus(series: list[np.ndarray], mended: Callable[[np.ndarray], Beats]) -> tuple[list[float], float]:
    """RMSSD after correction, nan where vagus abstains, and CPU seconds of the correction alone."""
    begin = time.process_time()
    corrected = [mended(one) for one in series]
    spent = time.process_time() - begin
    found: list[float] = []
    for beats in corrected:
        try:
            found.append(rmssd_ms(beats))
        except VagusError:
            found.append(float("nan"))
    return found, spent


def by_peers(python: Path, series: list[np.ndarray]) -> dict[str, tuple[list[float], float]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "series.json"
        path.write_text(json.dumps([one.tolist() for one in series]), encoding="utf-8")
        done = subprocess.run(
            [python, Path(__file__).with_name("peer_correction.py"), path], check=True, capture_output=True, text=True
        )
    line = next(line for line in done.stdout.splitlines() if line.startswith("RESULT"))
    found = json.loads(line.removeprefix("RESULT"))
    return {
        name: ([float("nan") if v is None else v for v in one["rmssd_ms"]], one["cpu_s"]) for name, one in found.items()
    }


def show(case: str, name: str, error_pct: np.ndarray, cpu_ms: float) -> None:
    size = np.where(np.isfinite(error_pct), np.abs(error_pct), np.inf)  # no answer is the worst of errors
    median, high = np.quantile(size, [0.5, 0.95], method="higher")
    print(
        f"{case:26s} {name:10s} median {median:6.2f} %  95th percentile {high:7.2f} %  worst {size.max():8.2f} %  "
        f"bias {float(np.median(np.where(np.isfinite(error_pct), error_pct, np.inf))):+6.2f} %  {cpu_ms:6.2f} ms"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--record", default="nsr001")
    parser.add_argument("--fs-hz", type=float, default=128.0)
    parser.add_argument("--windows", type=int, default=24)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--live-lag-s", type=float, help="correction as beats come in, beside the offline one")
    parser.add_argument("--peer-python", type=Path)
    options = parser.parse_args()
    path = next(options.directory / f"{options.record}{end}" for end in (".ecg", ".atr")
                if (options.directory / f"{options.record}{end}").is_file())  # fmt: skip
    clean = windows(path, options.fs_hz, options.windows)
    truth = [rmssd_ms(detected(one)) for one in clean]
    correct(detected(clean[0]))  # the kernel compiles with the first call
    print(
        f"{options.record}: {len(clean)} windows, RMSSD {min(truth):.0f} to {max(truth):.0f} ms, {options.seeds} seeds"
    )
    for case, (share, how) in CASES.items():
        pairs = [(w, seed) for w in range(len(clean)) for seed in range(options.seeds if share else 1)]
        series = [
            spoiled(clean[w], share, np.random.default_rng([w, seed]), **how) if share else clean[w]
            for w, seed in pairs
        ]
        true = np.array([truth[w] for w, _ in pairs])
        raw = np.array([float(np.sqrt(np.mean(np.diff(np.diff(one) * 1000) ** 2))) for one in series])
        show(case, "as it is", 100 * (raw / true - 1), 0.0)
        peers = by_peers(options.peer_python, series) if options.peer_python else {}
        own = {"vagus": by_vagus(series, lambda one: correct(detected(one)).beats)}
        if options.live_lag_s:
            own[f"live {options.live_lag_s:g} s"] = by_vagus(series, lambda one: live(one, options.live_lag_s))
        for name, (found, spent) in {**own, **peers}.items():
            show(case, name, 100 * (np.array(found) / true - 1), 1000 * spent / len(series))


if __name__ == "__main__":
    main()
