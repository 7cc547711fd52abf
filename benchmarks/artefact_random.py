"""Random stimulation artefact of many kinds on excerpts of records: what its removal costs, kind by kind.

python benchmarks/artefact_random.py FOLDER --seed 7 [--only WORD] [--modes given,found,live] [--fs-hz 360]

One case a kind, record and seed: kind and seed draw rate, shape, size, tail, filter, drift and the stretch of the
record. Pulses are drawn in continuous time: each is one response (electrode, amplifier, anti-aliasing filter) on a grid
64 times finer than the samples, read off between its points. A case passes with at most 0.2 points of F1 and 1 % of
RMSSD against the same detector on the clean ECG; it fails loudly where `flags` say something, else silently.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from zlib import crc32

import numpy as np
from scipy import signal as dsp

from vagus.files import read_annotations, read_recording
from vagus.signal import (
    ArtefactState,
    Recording,
    artefact_rest,
    artefact_step,
    beat_agreement,
    find_beats,
    remove_artefact,
)

sys.path.insert(0, str(Path(__file__).parent))
from signal_artefact import at_rate, live_beats_s, rmssd_of_ms  # pyright: ignore[reportMissingImports]

RECORDS = ("100", "103", "105", "112", "116", "119", "121", "200", "208", "213", "222", "231")
GRID = 64  # points of a response in a sampling interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """One artefact, drawn."""

    rate_hz: float  # of pulses, or of bursts
    times_r: float
    burst: int = 1
    burst_hz: float = 300.0
    on_s: float = 1e5
    off_s: float = 1.0
    ramp: str = ""  # up, down, both: over ramp_s of each train
    ramp_s: float = 2.0
    alternate: str = ""  # pulse, burst: each second one upside down
    breath: float = 0.0  # share by which breathing changes its size
    width_s: float = 0.00025
    form: str = "biphasic"  # monophasic, biphasic, balanced (slow charge return)
    tail_s: float = 0.005
    tail_share: float = 0.2
    low_hz: float = 0.05
    high_share: float = 0.38  # cutoff of the anti-aliasing filter, of the sampling rate
    order: int = 4
    jitter: float = 0.0  # of each interval
    ppm: float = 0.0  # by which the two clocks differ: times are given by the stimulator's
    offset_s: float = 0.0
    rounded: str = ""  # given times: sample, ms
    clip_r: float = np.inf
    gate: str = ""  # heart, breath

    def places(self, duration_s: float, rng: np.random.Generator, beats_s: np.ndarray):
        """Times, sizes and time in its train of each pulse."""
        if self.gate == "heart":
            first = beats_s[(beats_s > 4) & (beats_s < duration_s - 2)] + 0.15 + rng.normal(0, 0.003)
            lengths = np.ones(first.size)
            since = np.zeros(first.size)
        elif self.gate == "breath":
            begins = 4 + np.cumsum(rng.normal(4.0, 0.4, int(duration_s / 4) - 3))
            step = np.arange(0, 1.2, 1 / self.rate_hz)
            first, since = (begins[:, None] + step).ravel(), np.tile(step, begins.size)
            lengths = np.full(first.size, 1.2)
        else:
            starts, sinces, begin = [], [], 4 + rng.uniform(0, 1)
            lengths = []
            while begin < duration_s - 4:
                stop, t = min(begin + self.on_s, duration_s - 2), begin
                while t < stop:
                    starts.append(t)
                    sinces.append(t - begin)
                    lengths.append(stop - begin)
                    t += max(0.3, 1 + self.jitter * rng.standard_normal()) / self.rate_hz
                begin += self.on_s + self.off_s
            first, since, lengths = np.array(starts), np.array(sinces), np.array(lengths)
        size = np.ones(first.size)
        if self.ramp in {"up", "both"}:
            size = np.minimum(size, (since + 0.5 / self.rate_hz) / self.ramp_s)
        if self.ramp in {"down", "both"}:
            size = np.minimum(size, np.maximum(lengths - since - 0.5 / self.rate_hz, 0.01) / self.ramp_s)
        size = size * (1 + self.breath * np.sin(2 * np.pi * 0.27 * first + 1))
        if self.alternate == "burst":
            size = size * (-1.0) ** np.arange(size.size)
        every = (first[:, None] + np.arange(self.burst) / self.burst_hz).ravel()
        size = np.repeat(size, self.burst)
        if self.alternate == "pulse":
            size = size * (-1.0) ** np.arange(size.size)
        inside = every < duration_s - 0.5
        return every[inside], size[inside]

    def on(self, recording: Recording, rng: np.random.Generator, beats_s: np.ndarray):
        """The recording with it, and the times that the stimulator would give."""
        fs_hz, n = recording.fs_hz, recording.samples.size
        at, size = self.places(recording.duration_s, rng, beats_s)
        reach = round((0.02 + 8 * max(self.tail_s, 0.002) + 12 * self.width_s) * fs_hz)
        fine = fs_hz * GRID
        drive, tail = np.zeros(reach * GRID), np.zeros(reach * GRID)
        width = max(1, round(self.width_s * fine))
        drive[:width] = 1
        if self.form == "biphasic":
            drive[width : 2 * width] = -1
        elif self.form == "balanced":
            drive[width : 9 * width] = -1 / 8
        charge = np.cumsum(np.abs(drive) if self.form == "biphasic" else np.maximum(drive, 0))
        charge[width:] = charge[width - 1]
        tail = dsp.lfilter([1.0], [1.0, -np.exp(-1 / (self.tail_s * fine))], np.diff(charge, prepend=0.0))
        band = dsp.butter(self.order, self.high_share * fs_hz, fs=fine, output="sos")
        sharp, tail = (np.asarray(dsp.sosfilt(band, one)) for one in (drive, tail))
        one = sharp / np.abs(sharp).max() + self.tail_share * tail / np.abs(tail).max()
        wave = np.zeros(n)
        lag = np.arange(reach - 1)
        for time_s, high in zip(at * fs_hz, size, strict=True):
            first = int(np.ceil(time_s))
            place = (first + lag - time_s) * GRID
            stop = min(n, first + lag.size)
            if first < n:
                low = place.astype(int)
                value = one[low] + (place - low) * (one[low + 1] - one[low])
                wave[first:stop] += high * value[: stop - first]
        wave = np.asarray(dsp.sosfilt(dsp.butter(1, self.low_hz, "highpass", fs=fs_hz, output="sos"), wave))
        middle = recording.samples - np.median(recording.samples)
        seconds = middle[: middle.size // int(fs_hz) * int(fs_hz)].reshape(-1, int(fs_hz))
        height = float(np.median(np.abs(seconds).max(axis=1)))
        samples = middle + self.times_r * height * wave / np.abs(wave).max()
        samples = np.clip(samples, -self.clip_r * height, self.clip_r * height)
        told = at * (1 + 1e-6 * self.ppm) + self.offset_s
        told = {"sample": np.rint(told * fs_hz) / fs_hz, "ms": np.rint(told * 1000) / 1000, "": told}[self.rounded]
        told = np.unique(np.clip(told, 0, recording.duration_s))
        return replace(recording, samples=samples), told


def usual(rng: np.random.Generator) -> dict:
    """What a recorder and a stimulator may be like."""
    return {
        "times_r": float(np.exp(rng.uniform(np.log(1.0), np.log(10.0)))),
        "width_s": float(rng.choice([0.0001, 0.00025, 0.0005, 0.001])),
        "form": str(rng.choice(["monophasic", "biphasic", "balanced"])),
        "tail_s": float(np.exp(rng.uniform(np.log(0.001), np.log(0.02)))),
        "tail_share": float(rng.uniform(0.0, 0.4)),
        "low_hz": float(rng.choice([0.05, 0.1, 0.5, 1.0])),
        "high_share": float(rng.uniform(0.28, 0.42)),
        "order": int(rng.choice([2, 3, 4, 6])),
        "ppm": float(rng.uniform(-50, 50)),
        "rounded": str(rng.choice(["", "", "sample", "ms"])),
        "offset_s": float(rng.choice([0.0, 0.0, 0.001, -0.001])),
    }


def _duty(rng: np.random.Generator) -> dict:
    return [{}, {"on_s": 30.0, "off_s": 15.0}, {"on_s": 7.0, "off_s": 9.0}][int(rng.integers(3))]


def _some(rng, low, high):
    return float(rng.uniform(low, high))


KINDS = {
    "train 20-30 Hz": lambda r: {"rate_hz": _some(r, 20, 30), **_duty(r)},
    "exact 20, 25, 30 Hz": lambda r: {"rate_hz": float(r.choice([20, 25, 30])), "ppm": 0.0, **_duty(r)},
    "0.1-1 R": lambda r: {"rate_hz": _some(r, 15, 40), "times_r": _some(r, 0.1, 1.0), **_duty(r)},
    "slow 1-8 Hz": lambda r: {"rate_hz": _some(r, 1, 8), **_duty(r)},
    "8-20 Hz": lambda r: {"rate_hz": _some(r, 8, 20), **_duty(r)},
    "30-60 Hz": lambda r: {"rate_hz": _some(r, 30, 60), **_duty(r)},
    "60-130 Hz": lambda r: {"rate_hz": _some(r, 60, 130), **_duty(r)},
    "ramp 2 s": lambda r: {"rate_hz": _some(r, 20, 30), "on_s": _some(r, 6, 20), "off_s": 6.0,
                           "ramp": str(r.choice(["up", "down", "both"]))},
    "2-s trains, ramps": lambda r: {"rate_hz": _some(r, 20, 30), "on_s": 2.0, "off_s": _some(r, 2, 5),
                                    "ramp": str(r.choice(["up", "down"]))},
    "alternating": lambda r: {"rate_hz": _some(r, 20, 30), "alternate": "pulse", **_duty(r)},
    "alternating, ramp": lambda r: {"rate_hz": _some(r, 15, 40), "alternate": "pulse", "on_s": 12.0, "off_s": 6.0,
                                    "ramp": "up"},
    "breath 30 %": lambda r: {"rate_hz": _some(r, 20, 30), "breath": 0.3, **_duty(r)},
    "jitter 5 %": lambda r: {"rate_hz": _some(r, 20, 30), "jitter": 0.05, **_duty(r)},
    "tail 10-20 ms": lambda r: {"rate_hz": _some(r, 15, 30), "tail_s": _some(r, 0.01, 0.02), "tail_share": 0.5},
    "clipped": lambda r: {"rate_hz": _some(r, 15, 30), "times_r": 8.0, "clip_r": _some(r, 2, 4), **_duty(r)},
    "7 of 300 Hz": lambda r: {"rate_hz": _some(r, 1, 4), "burst": 7},
    "3 of 100 Hz": lambda r: {"rate_hz": _some(r, 1.5, 4), "burst": 3, "burst_hz": 100.0},
    "bursts": lambda r: {"rate_hz": _some(r, 0.7, 3), "burst": int(r.integers(2, 11)), "burst_hz": _some(r, 60, 500)},
    "bursts, alternating": lambda r: {"rate_hz": _some(r, 1, 3), "burst": int(r.integers(3, 8)),
                                      "burst_hz": _some(r, 100, 400), "alternate": str(r.choice(["pulse", "burst"]))},
    "5 of 20-50 Hz": lambda r: {"rate_hz": 0.5, "burst": 5, "burst_hz": _some(r, 20, 50)},
    "burst each 5 s": lambda r: {"rate_hz": 0.2, "burst": 7, "burst_hz": _some(r, 100, 300)},
    "with breath": lambda r: {"rate_hz": _some(r, 20, 30), "gate": "breath"},
    "with heart, 5 of 25 Hz": lambda r: {"rate_hz": 1.0, "gate": "heart", "burst": 5, "burst_hz": 25.0},
    "with heart, 5 of 300 Hz": lambda r: {"rate_hz": 1.0, "gate": "heart", "burst": 5},
}  # fmt: skip


def case(folder: Path, record: str, kind: str, seed: int, fs_hz: float, *, seconds: float):
    """The clean stretch, its beats, the spoiled one, times given."""
    rng = np.random.default_rng([seed, crc32(kind.encode()), int(record)])
    whole = read_recording(folder / "mitdb" / f"{record}.hea", kind="ecg")
    start = float(rng.uniform(0, whole.duration_s - seconds))
    start = round(start * whole.fs_hz) / whole.fs_hz
    clean = at_rate(whole.window(start, start + seconds), fs_hz)
    marks = read_annotations(folder / "mitdb" / f"{record}.atr", fs_hz=whole.fs_hz)
    true_s = marks.time_s[marks.is_beat] - start
    true_s = true_s[(true_s > 0) & (true_s < clean.duration_s)]
    drawn = Draw(**{**usual(rng), **KINDS[kind](rng)})
    return clean, true_s, drawn, *drawn.on(clean, rng, true_s)


def verdict(clean: Recording, true_s: np.ndarray, spoiled: Recording, told: np.ndarray, *, mode: str):
    """F1 cost in points, change of RMSSD in %, flags, CPU s."""
    began = time.process_time()
    if mode == "live":
        told = told[told >= 0]
        state, ready = artefact_step(ArtefactState.of(fs_hz=clean.fs_hz), spoiled.samples, pulse_times_s=told)
        samples = np.concatenate([ready, artefact_rest(state)])
        spent, flags = time.process_time() - began, getattr(state, "flags", ())
        base, found = live_beats_s(clean.samples, clean.fs_hz), live_beats_s(samples, clean.fs_hz)
    else:
        mended = remove_artefact(spoiled, pulse_times_s=told if mode == "given" else None)
        spent, flags = time.process_time() - began, mended.flags
        base, found = find_beats(clean).time_s, find_beats(mended.recording).time_s
    a, b = beat_agreement(base, true_s).f1_pct, beat_agreement(found, true_s).f1_pct
    return a - b, 100 * (rmssd_of_ms(found) / rmssd_of_ms(base) - 1), flags, spent


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--only", default="")
    parser.add_argument("--records", default=",".join(RECORDS))
    parser.add_argument("--modes", default="given,found")
    parser.add_argument("--fs-hz", type=float, default=360.0)
    parser.add_argument("--seconds", type=float, default=75.0)
    parser.add_argument("--show", action="store_true", help="every failed case")
    asked = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    records, modes = asked.records.split(","), asked.modes.split(",")
    total: Counter = Counter()
    for kind in (kind for kind in KINDS if asked.only in kind):
        line = []
        for mode in modes:
            counted: Counter = Counter()
            cpu = 0.0
            for record in records:
                clean, true_s, drawn, spoiled, told = case(
                    asked.folder, record, kind, asked.seed, asked.fs_hz, seconds=asked.seconds
                )
                try:
                    f1, rmssd, flags, spent = verdict(clean, true_s, spoiled, told, mode=mode)
                except Exception as error:
                    f1, rmssd, flags, spent = 100.0, 100.0, (f"{type(error).__name__}: {error}",), 0.0
                passed = f1 <= 0.2 and abs(rmssd) <= 1
                counted["passed" if passed else "loud" if flags else "silent"] += 1
                counted["n"] += 1
                counted["flagged though good"] += passed and bool(flags)
                cpu += spent
                if asked.show and not passed:
                    print(f"    {mode} {record}: {f1:.2f} points, RMSSD {rmssd:+.1f} %, {flags or 'SILENT'}, {drawn}")
            line.append(
                f"{mode} {counted['passed']:2d}/{counted['n']} ({counted['silent']} silent, "
                f"{counted['flagged though good']} flagged though good, {cpu / counted['n']:.2f} CPU s)"
            )
            total.update({(mode, key): count for key, count in counted.items()})
        print(f"{kind:24s} " + "  ".join(line), flush=True)
    for mode in modes:
        print(
            f"{mode}: {total[mode, 'passed']} of {total[mode, 'n']}, silent {total[mode, 'silent']}, "
            f"flagged though good {total[mode, 'flagged though good']}"
        )


if __name__ == "__main__":
    main()
