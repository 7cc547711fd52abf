"""Vagal tone in figures: speed beside NeuroKit2, HF power against known power, coverage of the intervals.

CPU time of one process, so that other work on the machine counts little; NeuroKit2 runs in an environment of its own::

    python benchmarks/signal_tone.py [--peer nk/bin/python]

Prints a table; docs/rooms/signal/tone.md quotes it.
"""

from __future__ import annotations

import argparse
import math
import resource
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy import signal as dsp

from vagus.signal import Beats, Design, react, sliding_tone, vagal_tone

DATA = Path(__file__).parents[1] / "tests" / "data" / "beats"
KEYS = (
    "mean_rr_ms", "rmssd_ms", "sdnn_ms", "pnn50_pct", "sd1_ms", "sd2_ms", "hf_ms2", "lf_ms2", "rsa_porges",
    "deceleration_ms", "acceleration_ms", "dfa_alpha1", "sample_entropy",
)  # fmt: skip
PEER = """
import sys, time, warnings, numpy as np
warnings.simplefilter("ignore")
import neurokit2 as nk
peaks = np.loadtxt(sys.argv[1], dtype=int)
for name, f in (
    ("hrv_time + hrv_frequency", lambda: (nk.hrv_time(peaks, 1000), nk.hrv_frequency(peaks, 1000, normalize=False))),
    ("hrv (all)", lambda: nk.hrv(peaks, 1000)),
    ("entropy_sample", lambda: nk.entropy_sample(np.diff(peaks), 1, 2)),
):
    f()
    start = time.process_time()
    for _ in range(3): f()
    print(f"NeuroKit2 {nk.__version__} {name}, 5 min: {(time.process_time() - start) / 3 * 1e3:.1f} ms")
"""


def cpu_ms(work: Callable[[], object], times: int) -> float:
    work()
    start = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - start) / times * 1e3


def of_file(name: str) -> Beats:
    path = DATA / name
    fs_hz = float(path.read_text().split("fs_hz =")[1].split()[0])
    time_s = np.loadtxt(path) / fs_hz
    return Beats(time_s=time_s, quality=np.ones(time_s.size), origin="given")


def a_day() -> Beats:
    """24 h of made-up sinus rhythm: slow drift, two waves and noise."""
    rng = np.random.default_rng(1)
    t = np.arange(130_000) * 0.8
    rr = 800 + 60 * np.sin(2 * np.pi * t / 86400) + 30 * np.sin(2 * np.pi * 0.25 * t) + 25 * np.sin(2 * np.pi * 0.1 * t)
    return Beats.of_rr(rr + rng.normal(0, 12, t.size)).window(0, 86400)


def speed(peer: str | None) -> None:
    beats, rng = of_file("resting.txt"), np.random.default_rng(1)
    print(f"all linear indices, 5 min, no bootstrap: {cpu_ms(lambda: vagal_tone(beats), 50):.1f} ms")
    print(f"  with 500 resamples: {cpu_ms(lambda: vagal_tone(beats, rng=rng, n_resample=500), 20):.1f} ms")
    alone = cpu_ms(lambda: vagal_tone(beats, nonlinear=True), 20) - cpu_ms(lambda: vagal_tone(beats), 20)
    print(f"  DFA α1 and sample entropy more: {alone:.1f} ms")
    day = a_day()
    print(
        f"24 h, windows of 5 min every 30 s (n {len(sliding_tone(day))}): {cpu_ms(lambda: sliding_tone(day), 3):.0f} ms"
    )
    print(f"  peak memory of the process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    if peer:
        print(
            subprocess.run(
                [peer, "-c", PEER, str(DATA / "resting.txt")], check=True, capture_output=True, text=True
            ).stdout.strip()
        )


def known_power() -> None:
    errors: list[float] = []
    for mean_ms in (600.0, 700.0, 800.0, 900.0, 1000.0):
        for f_hz in (0.17, 0.2, 0.25, 0.3, 0.35):
            if mean_ms * f_hz > 280:
                continue
            for size_ms in (5.0, 30.0, 80.0):
                times = [0.0]
                while times[-1] < 310:
                    times.append(times[-1] + (mean_ms + size_ms * np.sin(2 * np.pi * f_hz * times[-1])) / 1000)
                beats = Beats(time_s=np.array(times), quality=np.ones(len(times)), origin="given")
                power = vagal_tone(beats, start_s=0, end_s=300).hf_ms2.estimate
                errors.append(power / (size_ms**2 / 2) - 1)
    worst = max(errors, key=abs)
    print(
        f"HF of known power, {len(errors)} made-up series: median {np.median(np.abs(errors)):.2%}, worst {worst:+.2%}"
    )


def processes(rng: np.random.Generator, n: int) -> dict[str, np.ndarray]:
    t = np.arange(n) * 0.8
    breath = np.asarray(dsp.lfilter([1], [1, -2 * 0.97 * math.cos(2 * math.pi * 0.2), 0.97**2], rng.normal(0, 5, n)))
    slow = 20 * np.sin(2 * np.pi * 0.01 * t + rng.uniform(0, 6))
    return {
        "independent": 800 + rng.normal(0, 25, n),
        "autoregressive 0.6": 800 + np.asarray(dsp.lfilter([1], [1, -0.6], rng.normal(0, 20, n))),
        "breath-like": 800 + breath + slow + rng.normal(0, 5, n),
    }


def coverage(n_series: int) -> None:
    rng = np.random.default_rng(2)
    for name in processes(rng, 10):
        long = processes(rng, 30_000)[name]
        truth = [
            vagal_tone(Beats.of_rr(long[:15_000]), nonlinear=True),
            vagal_tone(Beats.of_rr(long[15_000:]), nonlinear=True),
        ]
        held = dict.fromkeys(KEYS, 0)
        for _ in range(n_series):
            tone = vagal_tone(Beats.of_rr(processes(rng, 375)[name]), rng=rng, nonlinear=True)
            for key in KEYS:
                true = float(np.mean([getattr(one, key).estimate for one in truth]))
                held[key] += getattr(tone, key).low <= true <= getattr(tone, key).high
        print(f"coverage, {name}: " + ", ".join(f"{key} {100 * k / n_series:.0f} %" for key, k in held.items()))


def coverage_of_changes(n_series: int) -> None:
    rng = np.random.default_rng(3)
    plan = Design(baseline_s=(0, 240), during_s=(240, 480), condition="none", person="p")
    for name in processes(rng, 10):
        held = dict.fromkeys(("heart_rate_bpm", "ln_rmssd", "ln_hf", "rsa_porges"), 0)
        for _ in range(n_series):
            found = react(Beats.of_rr(processes(rng, 640)[name]), plan, rng=rng, n_resample=200)
            for key in held:
                effect = found.change(key).effect
                held[key] += effect is not None and effect.low <= 0 <= effect.high
        print(
            f"coverage of no change, {name}: " + ", ".join(f"{k} {100 * v / n_series:.0f} %" for k, v in held.items())
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", help="Python of an environment with neurokit2 0.2.13")
    parser.add_argument("--series", type=int, default=300, help="made-up series for each coverage")
    options = parser.parse_args()
    speed(options.peer)
    known_power()
    coverage(options.series)
    coverage_of_changes(options.series)


if __name__ == "__main__":
    main()
