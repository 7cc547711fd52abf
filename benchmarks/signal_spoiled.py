"""Beats spoiled on purpose, for the benchmark of correction: the truth is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from vagus.files import read_annotations

WINDOW_S = 300.0
_LONGEST_S = 2.0  # an interval longer than this is a hole in the annotations
_KINDS = ("missed", "extra", "premature")


def windows(path: Path, fs_hz: float, n: int) -> list[np.ndarray]:
    """Beat times of `n` windows of 5 min, spread over a record, in which every beat is annotated normal."""
    marks = read_annotations(path, fs_hz=fs_hz)
    time_s = marks.time_s[marks.is_beat]
    normal = np.array([sign == "N" for sign in marks.symbol])[marks.is_beat]
    found: list[np.ndarray] = []
    for start in np.arange(0.0, time_s[-1] - WINDOW_S, WINDOW_S):
        first, last = np.searchsorted(time_s, [start, start + WINDOW_S])
        beats = time_s[first:last]
        if beats.size > 100 and normal[first:last].all() and np.diff(beats).max() < _LONGEST_S:
            found.append(beats)
    chosen = np.unique(np.linspace(0, len(found) - 1, n).round().astype(int)) if found else []
    return [found[i] for i in chosen]


def spoiled(
    time_s: np.ndarray, share: float, rng: np.random.Generator, *, kinds: tuple[str, ...] = _KINDS, reset: float = 0.0
) -> np.ndarray:
    """Beats with `share` of them spoiled: missed, extra (25 to 75 % into an interval), premature (by 15 to 40 %).

    With `reset`, the beats after a premature one come earlier by this share of its prematurity.
    """
    n_bad = max(1, round(share * time_s.size))
    chosen = rng.choice(np.arange(2, time_s.size - 2), n_bad, replace=False)
    kind = rng.permutation(np.resize(np.array(kinds), n_bad))
    rr = np.diff(time_s)
    bad = time_s.copy()
    for i in chosen[kind == "premature"]:
        early = rng.uniform(0.15, 0.40) * rr[i - 1]
        bad[i] -= early
        bad[i + 1 :] -= reset * early
    extra = chosen[kind == "extra"]
    added = bad[extra] + rng.uniform(0.25, 0.75, extra.size) * (bad[extra + 1] - bad[extra])
    kept = np.delete(bad, chosen[kind == "missed"])
    return np.unique(np.concatenate([kept, added]))
