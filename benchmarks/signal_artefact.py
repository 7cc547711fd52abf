"""Costs of stimulation artefact after its removal: F1 in points, RMSSD in percent, by kind of artefact.

python benchmarks/signal_artefact.py FOLDER [--minutes 10] [--only WORD] [--records 100,103] [--known known,found,live]

"known" and "rounded" give the times, "found" looks for them; "live" tells them to the live step and finds beats with a
lag of 0.12 s, against the same on the clean ECG.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from scipy.signal import resample_poly

from vagus.files import read_annotations, read_recording
from vagus.signal import (
    ArtefactState,
    BeatState,
    Recording,
    artefact_rest,
    artefact_step,
    beat_agreement,
    beat_rest,
    beat_step,
    find_beats,
    remove_artefact,
)

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "signal"))
from artefacts import Artefact, made_up  # pyright: ignore[reportMissingImports]

RECORDS = ("100", "103", "119", "203", "208")
GRID: dict[str, Artefact] = {
    "plain 25 Hz": Artefact(),
    "20.1 Hz 1xR": Artefact(rate_hz=20.13, times_r=1.0),
    "30.1 Hz 0.5xR": Artefact(rate_hz=30.1, times_r=0.5),
    "25 Hz exact": Artefact(rate_hz=25.0),
    "monophasic 1 ms": Artefact(form="monophasic", width_ms=1.0),
    "biphasic 0.5 ms": Artefact(form="biphasic", width_ms=0.5),
    "tail 1 ms": Artefact(tail_s=0.001),
    "tail 20 ms 50 %": Artefact(tail_s=0.02, tail_share=0.5),
    "tail 20 ms 100 %": Artefact(tail_s=0.02, tail_share=1.0),
    "40 Hz band": Artefact(band_hz=(0.05, 40.0)),
    "0.5-40 Hz band": Artefact(band_hz=(0.5, 40.0), form="monophasic"),
    "jitter 2 %": Artefact(jitter=0.02),
    "jitter 10 %": Artefact(jitter=0.1),
    "drift 2 %": Artefact(drift=0.02),
    "swell 20 %": Artefact(swell=0.2),
    "7 s / 18 s": Artefact(on_s=7, off_s=18),
    "30 s / 5 min": Artefact(on_s=30, off_s=300),
    "always on": Artefact(on_s=1e5, off_s=1),
    "10 bursts/s of 5": Artefact(rate_hz=10.0, burst=5),
    "2 bursts/s of 7": Artefact(rate_hz=2.0, burst=7, on_s=1e5),
    "burst each 0.7 s": Artefact(rate_hz=1 / 0.7, burst=5, on_s=1e5),
    "burst each 5 s": Artefact(rate_hz=0.2, burst=7, on_s=1e5),
    "burst 0.5xR 2/s": Artefact(rate_hz=2.0, burst=7, on_s=1e5, times_r=0.5),
    "5 of 25 Hz each 2 s": Artefact(rate_hz=0.5, burst=5, burst_hz=25.0, on_s=1e5),
    "same, tail 20 ms": Artefact(rate_hz=0.5, burst=5, burst_hz=25.0, on_s=1e5, tail_s=0.02, tail_share=0.5),
    "breath, 1 s of 25 Hz": Artefact(gate="breath", burst=25, burst_hz=25.0),
    "heart, 5 of 25 Hz": Artefact(gate="heart", burst=5, burst_hz=25.0),
    "heart, 5 of 300 Hz": Artefact(gate="heart", burst=5),
    "single 1.7 Hz": Artefact(rate_hz=1.7, on_s=1e5),
    "single 5 Hz": Artefact(rate_hz=5.03, on_s=1e5),
    "10 Hz": Artefact(rate_hz=10.03),
    "clipped at 3xR": Artefact(clip_r=3.0, tail_s=0.01, tail_share=0.6),
    "tail 30 ms": Artefact(tail_s=0.03, tail_share=0.5),
    "bare": Artefact(form="bare"),
    "bare 25 Hz exact": Artefact(form="bare", rate_hz=25.0),
    "bare 0.5xR": Artefact(form="bare", times_r=0.5),
    "bare tail 20 ms": Artefact(form="bare", tail_s=0.02, tail_share=0.5),
    "bare jitter 10 %": Artefact(form="bare", jitter=0.1),
    "bare 5 each 2 s": Artefact(form="bare", rate_hz=0.5, burst=5, burst_hz=25.0, on_s=1e5),
}


def at_rate(recording: Recording, fs_hz: float) -> Recording:
    if recording.fs_hz == fs_hz:
        return recording
    share = Fraction(fs_hz / recording.fs_hz).limit_denominator(1000)
    samples = resample_poly(recording.samples - recording.samples[0], share.numerator, share.denominator)
    return Recording(kind="ecg", fs_hz=fs_hz, samples=samples, unit=recording.unit, name=recording.name)


def cases(folder: Path, records: list[str], minutes: float, fs_hz: float):
    for name in records:
        if name == "made-up":
            yield name, *made_up(fs_hz, seconds=60 * minutes)
            continue
        clean = read_recording(folder / "mitdb" / f"{name}.hea", kind="ecg").window(0, 60 * minutes)
        marks = read_annotations(folder / "mitdb" / f"{name}.atr", fs_hz=clean.fs_hz)
        true_s = marks.time_s[marks.is_beat]
        yield name, at_rate(clean, fs_hz), true_s[true_s < 60 * minutes]


def live_beats_s(samples: np.ndarray, fs_hz: float) -> np.ndarray:
    state, beats = beat_step(BeatState.of("ecg", fs_hz=fs_hz), samples)
    return np.array([beat.time_s for beat in (*beats, *beat_rest(state))])


def rmssd_of_ms(time_s: np.ndarray) -> float:
    return 1000 * float(np.sqrt(np.mean(np.diff(time_s, n=2) ** 2)))


def cost(clean: Recording, true_s: np.ndarray, artefact: Artefact, *, known: str, seed: int):
    """Points of F1, percent of RMSSD, percent of samples blanked (live: lost), CPU s."""
    spoiled, pulses = artefact.on(clean, np.random.default_rng(seed), beats_s=true_s)
    fs_hz, began = clean.fs_hz, time.process_time()
    if known == "live":
        state, ready = artefact_step(ArtefactState.of(fs_hz=fs_hz), spoiled.samples, pulse_times_s=pulses)
        samples = np.concatenate([ready, artefact_rest(state)])
        spent, poor = time.process_time() - began, 100 * float(np.isnan(samples).mean())
        base, found = live_beats_s(clean.samples, fs_hz), live_beats_s(samples, fs_hz)
    else:
        times = {"known": pulses, "found": None, "rounded": np.unique(np.rint(pulses * fs_hz) / fs_hz)}[known]
        mended = remove_artefact(spoiled, pulse_times_s=times)
        spent, poor = time.process_time() - began, mended.blanked_pct
        base, found = find_beats(clean).time_s, find_beats(mended.recording).time_s
    a, b = beat_agreement(base, true_s).f1_pct, beat_agreement(found, true_s).f1_pct
    return a - b, 100 * (rmssd_of_ms(found) / rmssd_of_ms(base) - 1), poor, spent


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--only", default="")
    parser.add_argument("--records", default=",".join(RECORDS))
    parser.add_argument("--known", default="known,found")
    parser.add_argument("--fs-hz", default="360")
    asked = parser.parse_args()
    print("each cell: F1 cost in points / RMSSD change in %, worst record (blanked %, CPU s)")
    for fs_hz in map(float, asked.fs_hz.split(",")):
        material = list(cases(asked.folder, asked.records.split(","), asked.minutes, fs_hz))
        for key, wide in GRID.items():
            if asked.only not in key:
                continue
            artefact = replace(wide, band_hz=(wide.band_hz[0], min(wide.band_hz[1], 0.4 * fs_hz)))
            for known in asked.known.split(","):
                rows = [
                    cost(clean, true_s, artefact, known=known, seed=i) for i, (_, clean, true_s) in enumerate(material)
                ]
                f1, rm = max(r[0] for r in rows), max((r[1] for r in rows), key=abs)
                cells = " ".join(f"{r[0]:5.2f}/{r[1]:6.2f}({r[2]:2.0f})" for r in rows)
                fail = "FAIL" if f1 > 0.2 or abs(rm) > 1 else "    "
                print(f"{fs_hz:5.0f} {key:20s} {known:8s} {fail} {cells}  {sum(r[3] for r in rows):.1f}s", flush=True)


if __name__ == "__main__":
    main()
