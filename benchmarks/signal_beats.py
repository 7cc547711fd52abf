"""Beat detectors on annotated records, in one run on one core: F1, R time, CPU seconds per hour of ECG.

    python benchmarks/signal_beats.py FOLDER                    # ours, offline and live
    python benchmarks/signal_beats.py FOLDER --cross-validate   # fitted constants, each record left out in turn
    PEERS/bin/python benchmarks/signal_beats.py FOLDER --peers  # peers, in an environment of their own

FOLDER holds WFDB records with .atr. The peers' environment needs wfdb, neurokit2, sleepecg, biosppy, and vagus on its
path (PYTHONPATH=src) for the agreement. CPU time of this process is measured, not wall time.
"""

from __future__ import annotations

import argparse
import importlib
import itertools
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np

from vagus.files import read_annotations, read_recording
from vagus.signal import BeatAgreement, Recording, beat_agreement, find_beats, pooled_agreement
from vagus.signal.beat import stream
from vagus.signal.beat.constants import value

Detector = Callable[[Recording], np.ndarray]

# constants that were chosen on the records, with the values tried
FITTED = {
    "size_margin": (1.0, 1.3, 1.6),
    "size_width": (0.2, 0.3, 0.45),
    "tall_t_weight": (1.5, 3.0, 6.0),
    "short_weight": (0.75, 1.5, 3.0),
    "long_weight": (1.0, 2.0, 4.0),
    "beat_quantile": (0.25, 0.5),
    "noise_quantile": (0.5, 0.75, 0.9),
}


def ours(lag_s: float) -> Detector:
    return lambda recording: find_beats(recording, lag_s=lag_s).time_s


def kernel_only(recording: Recording) -> np.ndarray:
    table = stream.beat_table(recording.samples, kind="ecg", fs_hz=recording.fs_hz)
    return table[:, 0] / recording.fs_hz


def peers() -> dict[str, Detector]:
    names = ("biosppy.signals.ecg", "neurokit2", "sleepecg", "wfdb.processing")
    biosppy, nk, sleepecg, wfdb = (importlib.import_module(name) for name in names)

    def neurokit(method: str) -> Detector:
        def find(r: Recording) -> np.ndarray:
            clean = nk.ecg_clean(r.samples, sampling_rate=int(r.fs_hz), method=method)
            return nk.ecg_peaks(clean, sampling_rate=int(r.fs_hz), method=method)[1]["ECG_R_Peaks"] / r.fs_hz

        return find

    return {
        "wfdb gqrs": lambda r: wfdb.gqrs_detect(sig=r.samples, fs=r.fs_hz, adc_gain=200, adc_zero=0) / r.fs_hz,
        "wfdb xqrs": lambda r: wfdb.xqrs_detect(r.samples, fs=r.fs_hz, verbose=False) / r.fs_hz,
        "neurokit": neurokit("neurokit"),
        "emrich2023": neurokit("emrich2023"),
        "biosppy": lambda r: biosppy.hamilton_segmenter(r.samples, sampling_rate=r.fs_hz)["rpeaks"] / r.fs_hz,
        "sleepecg": lambda r: sleepecg.detect_heartbeats(r.samples, r.fs_hz) / r.fs_hz,
    }


def load(folder: Path) -> list[tuple[str, Recording, np.ndarray]]:
    found = []
    for path in sorted(folder.rglob("*.atr")):
        recording = read_recording(path.with_suffix(".hea"), kind="ecg")
        marks = read_annotations(path)
        found.append((path.stem, recording, marks.time_s[marks.is_beat]))
    return found


def measured(detector: Detector, records: list[tuple[str, Recording, np.ndarray]]) -> tuple[list[BeatAgreement], float]:
    detector(records[0][1].window(0, 30))  # compiled, imported
    found, spent, hours = [], 0.0, 0.0
    for _, recording, true_s in records:
        begin = time.process_time()
        times = np.unique(np.asarray(detector(recording), dtype=float))
        spent += time.process_time() - begin
        hours += recording.duration_s / 3600
        found.append(beat_agreement(times, true_s))
    return found, spent / hours


def compare(detectors: dict[str, Detector], records: list[tuple[str, Recording, np.ndarray]]) -> None:
    print(f"{'detector':<22}{'F1 150':>8}{'F1 50':>8}{'worst':>8}{'offset':>8}{'jitter':>8}{'CPU s/h':>9}")
    for name, detector in detectors.items():
        try:
            parts, cpu = measured(detector, records)
        except Exception as error:
            print(f"{name:<22} failed: {error!r}")
            continue
        whole = pooled_agreement(parts)
        worst = min(part.f1_pct for part in parts)
        print(
            f"{name:<22}{whole.f1_pct:8.2f}{whole.f1_near_pct:8.2f}{worst:8.2f}{whole.offset_ms:8.1f}"
            f"{whole.jitter_ms:8.1f}{cpu:9.3f}"
        )


def errors_with(settings: dict[str, float], records: list[tuple[str, Recording, np.ndarray]]) -> list[BeatAgreement]:
    """Agreement with some constants replaced."""
    stream._constants.cache_clear()
    stream.value = lambda key, kind="ecg": settings.get(key, value(key, kind))
    try:
        return [beat_agreement(kernel_only(recording), true_s) for _, recording, true_s in records]
    finally:
        stream.value = value
        stream._constants.cache_clear()


def cross_validate(records: list[tuple[str, Recording, np.ndarray]]) -> None:
    """Each record judged with the constants that were best on the others: one or two constants moved at a time."""
    single = [{key: tried} for key, values in FITTED.items() for tried in values if tried != value(key)]
    settings = [{}, *single]
    settings += [a | b for a, b in itertools.combinations(single, 2) if not a.keys() & b.keys()]
    wrong = np.array([[p.n + p.n_found - 2 * p.n_matched for p in errors_with(s, records)] for s in settings])
    size = np.array([p.n + p.n_found for p in errors_with({}, records)])
    chosen = [int(np.argmin(np.delete(wrong, i, axis=1).sum(axis=1))) for i in range(len(records))]
    for (name, _, _), pick, column in zip(records, chosen, wrong.T, strict=True):
        words = settings[pick] or "as shipped"
        print(f"{name}: chosen on the others {words}; errors {column[pick]}, as shipped {column[0]}")
    left_out = sum(int(wrong[pick, i]) for i, pick in enumerate(chosen))
    print(
        f"settings tried: {len(settings)}; pooled F1 over them: {100 - 100 * wrong.sum(axis=1).max() / size.sum():.2f} "
        f"to {100 - 100 * wrong.sum(axis=1).min() / size.sum():.2f}"
    )
    print(f"as shipped {100 - 100 * wrong[0].sum() / size.sum():.3f}, left out {100 - 100 * left_out / size.sum():.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--cross-validate", action="store_true")
    given = parser.parse_args()
    warnings.filterwarnings("ignore")
    records = load(given.folder)
    if given.cross_validate:
        cross_validate(records)
        return
    detectors = {"vagus, 2 s": ours(2.0), "vagus, 0.12 s": ours(0.12), "vagus, times alone": kernel_only}
    compare(detectors | (peers() if given.peers else {}), records)


if __name__ == "__main__":
    main()
