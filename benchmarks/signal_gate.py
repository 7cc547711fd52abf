"""Breaths, the exhalation gate and the next beat on real recordings: `python benchmarks/signal_gate.py DIRECTORY`.

DIRECTORY holds `bidmc/` (`*_Signals.csv`, `*_Breaths.csv`) and beats in `nsr2db/`, `gudb_beats/`, `mitdb/`, `hrv_rr/`.
Prints one JSON document: agreement with both people, offline and live; what each declared number is worth (halved and
doubled, at most 0.95 for a share of one); error and coverage of the next beat and breath; CPU time a sample.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import vagus.signal.breath.step as breath
from vagus.files import read_beats
from vagus.signal import (
    Agreement,
    BreathState,
    Pace,
    Recording,
    breath_step,
    exhalation_agreement,
    find_breaths,
    live_exhalations,
    pace_step,
)

BIDMC_HZ = 125.0
VARIED = (
    "turn_share", "drop_share", "steep_share", "early_spreads", "wiggle_times", "zone_share", "clipped_share",
    "within_top", "refractory_share", "slow_share", "range_s", "range_share", "smooth_s", "memory_breaths", "alike_s",
)  # fmt: skip


def bidmc(folder: Path) -> Iterator[tuple[str, Recording, list[np.ndarray]]]:
    """Name, respiration and the marks of two people, a record each."""
    for path in sorted(folder.glob("*_Signals.csv")):
        name = path.name.removesuffix("_Signals.csv")
        header = [cell.strip() for cell in path.read_text().split("\n", 1)[0].split(",")]
        samples = np.loadtxt(path, delimiter=",", skiprows=1, usecols=header.index("RESP"))
        marks = np.genfromtxt(folder / f"{name}_Breaths.csv", delimiter=",", skip_header=1)
        people = [np.unique(person[np.isfinite(person)]) / BIDMC_HZ for person in marks.T]
        yield name, Recording(kind="resp", fs_hz=BIDMC_HZ, samples=samples, unit="", name=name), people


def figures(found: Agreement) -> dict[str, float]:
    """Agreement as a row."""
    return {
        "n": found.n_marked, "se": round(found.se_pct, 1), "ppv": round(found.ppv_pct, 1), "f1": round(found.f1_pct, 1),
        "delay_ms": round(found.delay_ms), "p5_ms": round(found.delay_p5_ms), "p95_ms": round(found.delay_p95_ms),
    }  # fmt: skip


def exhalations(folder: Path) -> dict[str, dict[str, dict[str, float]]]:
    """Live and offline beside each person."""
    table: dict[str, dict[str, dict[str, float]]] = {}
    for name, recording, people in bidmc(folder):
        live, confirmed = live_exhalations(recording), find_breaths(recording).exhale_s
        table[name] = {}
        for k, person in enumerate(people, 1):
            table[name][f"live_ann{k}"] = figures(exhalation_agreement(live, person))
            table[name][f"offline_ann{k}"] = figures(exhalation_agreement(confirmed, person))
        table[name]["ann2_beside_ann1"] = figures(exhalation_agreement(people[1], people[0]))
    return table


def worth(folder: Path) -> dict[str, list[float]]:
    """Pooled F1 against the first person with each declared number halved and doubled."""
    records = list(bidmc(folder))
    usual = breath.value
    table: dict[str, list[float]] = {}
    for key in VARIED:
        table[key] = []
        for factor in (0.5, 2.0):
            changed = usual(key) * factor
            changed = min(changed, 0.95) if usual(key) < 1 else changed
            breath.value = lambda asked, key=key, changed=changed: changed if asked == key else usual(asked)
            breath._parameters.cache_clear()
            met = [exhalation_agreement(live_exhalations(r), people[0]) for _, r, people in records]
            n = sum(one.n_marked + one.n_decided for one in met)
            table[key].append(round(200 * sum(one.n_met for one in met) / n, 1))
    breath.value = usual
    breath._parameters.cache_clear()
    return table


def foreseen(times: np.ndarray, of_what: str) -> dict[str, np.ndarray]:
    """Errors of the prediction and of the last interval in ms, and where the interval held."""
    pace = Pace.of("beat" if of_what == "beat" else "breath")
    rows = []
    for k, time_s in enumerate(times.tolist()):
        if k > 10:
            due = pace.due
            last = times[k - 1] + (times[k - 1] - times[k - 2])
            rows.append((abs(time_s - due.time_s), abs(time_s - last), due.low_s <= time_s <= due.high_s))
        pace = pace_step(pace, time_s)
    table = np.array(rows)
    return {"error_ms": 1000 * table[:, 0], "last_ms": 1000 * table[:, 1], "held": table[:, 2]}


def beat_series(folder: Path) -> Iterator[tuple[str, str, np.ndarray, float]]:
    """Group, name, times and the step of their clock (s)."""
    for path in sorted((folder / "nsr2db").glob("*.ecg")):
        yield "nsr2db", path.stem, read_beats(path).time_s, 1 / 128
    for path in sorted((folder / "gudb_beats").glob("*.tsv")):
        times = np.unique(np.loadtxt(path).ravel()) / 250
        yield "gudb " + "_".join(path.stem.split("_")[1:-1]), path.stem, times, 1 / 250
    for path in sorted((folder / "mitdb").glob("*.atr")):
        yield "mitdb", path.stem, read_beats(path).time_s, 1 / 360
    for path in sorted((folder / "hrv_rr").glob("*.txt")):
        yield "hrv_rr", path.stem, read_beats(path).time_s, 1e-3


def next_beats(folder: Path) -> dict[str, object]:
    """Medians by group, as recorded and with the rounding of the clock undone, and coverage by record.

    Times on a coarse clock make the error of the last interval a whole number of its steps, and its median a lottery:
    beside the raw figures stand those with an even draw of one step added to each time, the same for both.
    """
    rng = np.random.default_rng(1)
    groups: dict[str, list[dict[str, np.ndarray]]] = {}
    coverage: dict[str, float] = {}
    for group, name, times, step_s in beat_series(folder):
        raw = times[np.concatenate([[True], np.diff(times) > 0.2])]
        if raw.size < 100:
            continue
        found = foreseen(raw, "beat")
        spread = foreseen(np.sort(raw + rng.uniform(-step_s / 2, step_s / 2, raw.size)), "beat")
        found |= {"error_even_ms": spread["error_ms"], "last_even_ms": spread["last_ms"]}
        groups.setdefault(group, []).append(found)
        coverage[name] = round(100 * float(found["held"].mean()), 1)
    rows = {group: _pooled(found) for group, found in groups.items()}
    rows["all"] = _pooled([one for found in groups.values() for one in found])
    outside = {name: share for name, share in coverage.items() if abs(share - 90) > 3}
    return {"groups": rows, "records": len(coverage), "records_outside_87_to_93": outside}


def _pooled(found: list[dict[str, np.ndarray]]) -> dict[str, float]:
    row: dict[str, float] = {"n": sum(one["held"].size for one in found)}
    for key in ("error_ms", "last_ms", "error_even_ms", "last_even_ms"):
        row["median_" + key] = round(float(np.median(np.concatenate([one[key] for one in found]))), 2)
    row["mean_error_ms"] = round(float(np.concatenate([one["error_ms"] for one in found]).mean()), 2)
    row["mean_last_ms"] = round(float(np.concatenate([one["last_ms"] for one in found]).mean()), 2)
    row["held_pct"] = round(100 * float(np.concatenate([one["held"] for one in found]).mean()), 2)
    return row


def next_breaths(folder: Path) -> dict[str, dict[str, float]]:
    """Next exhalation from confirmed ones."""
    table = {}
    for name, recording, _ in bidmc(folder):
        found = foreseen(find_breaths(recording).exhale_s, "breath")
        table[name] = {
            "median_error_ms": round(float(np.median(found["error_ms"]))),
            "median_last_ms": round(float(np.median(found["last_ms"]))),
            "held_pct": round(100 * float(found["held"].mean()), 1),
        }
    return table


def speed(folder: Path) -> dict[str, float]:
    """CPU time a sample, one by one and in chunks of a second."""
    _, recording, _ = next(bidmc(folder))
    state, _ = breath_step(BreathState.of(fs_hz=BIDMC_HZ, rises_with="inspiration"), recording.samples[:1000])
    samples = recording.samples[1000:11_000]
    row = {}
    for size in (1, 125):
        moving, start = state, time.process_time()
        for first in range(0, samples.size, size):
            moving, _ = breath_step(moving, samples[first : first + size])
        row[f"us_a_sample_chunks_of_{size}"] = round(1e6 * (time.process_time() - start) / samples.size, 2)
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description="Breaths, the exhalation gate and the next beat on real recordings.")
    parser.add_argument("directory", type=Path)
    folder = parser.parse_args().directory
    result = {
        "exhalation": exhalations(folder / "bidmc"),
        "next_beat": next_beats(folder),
        "next_breath": next_breaths(folder / "bidmc"),
        "speed": speed(folder / "bidmc"),
        "pooled_f1_halved_doubled": worth(folder / "bidmc"),
    }
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
