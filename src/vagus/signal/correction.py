"""Missed, extra, ectopic and misaligned beats: found, mended, and every mend listed.

The rule is that of Lipponen & Tarvainen 2019 (doi:10.1080/03091902.2019.1640306): thresholds that follow the spread of
successive differences (dRR) and of the distance from the running median (mRR), and a plane in which artefacts lie
apart.

Deviations from the paper:
- thresholds never fall below 25 ms: in a metronome-like heart, or with beats timed to 8 ms, the paper's fall so low
  that ordinary beats are moved;
- extra and missed beats are mended first and the series is judged again before any beat is moved;
- a beat that would move by less than 5 ms stays;
- a long interval may hold up to three missed beats, not only one;
- an ectopic or misaligned beat is moved, to a spline through its neighbors, where the paper replaces its intervals: the
  clock of the recording is kept.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.interpolate import CubicSpline

from vagus.signal.beats import BeatChange, Beats, Correction
from vagus.signal.vector import Array
from vagus.source import Source

LIPPONEN_2019 = Source(
    text="Lipponen JA, Tarvainen MP. A robust algorithm for heart rate variability time series artefact correction "
    "using novel beat classification. J Med Eng Technol 2019;43:173-181",
    doi="10.1080/03091902.2019.1640306",
    verified=False,  # the abstract was read; the constants are recalled and agree with two public descriptions
)
MOST_CORRECTED_PCT = 5.0
_ALPHA, _C1, _C2 = 5.2, 0.13, 0.17
_SPREAD_BEATS, _MEDIAN_BEATS = 91, 11
_LEAST_THRESHOLD_MS = 25.0
_MOST_MISSED = 3
_LEAST_MOVE_MS = 5.0
_FEWEST_BEATS = 12
_MOST_ROUNDS = 6
Kind = Literal["missed", "extra", "ectopic", "misaligned"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """An interval that is an artefact: its index, its kind, and the beat to add to, drop or move."""

    beat: int
    kind: Kind
    n_missed: int = 0


def correct(beats: Beats) -> Correction:
    """Beats with artefacts mended, and a list of every mend.

    Parameters
    ----------
    beats : Beats

    Returns
    -------
    Correction
        `corrected_pct` counts mends against the beats that came in; above 5 % a flag is raised.

    Sources
    -------
    Lipponen & Tarvainen 2019, doi:10.1080/03091902.2019.1640306. Deviations stand at the top of the module.

    Examples
    --------
    One beat of forty was missed:

    >>> import numpy as np
    >>> rr_ms = 800 + 20 * np.sin(np.arange(40))
    >>> whole = Beats.of_rr(rr_ms)
    >>> time_s = np.delete(whole.time_s, 20)
    >>> missed = Beats(time_s=time_s, quality=np.ones(40), origin="detected")
    >>> result = correct(missed)
    >>> [(change.kind, round(change.time_s, 1)) for change in result.changes], result.corrected_pct
    ([('missed', 16.0)], 2.5)
    """
    n = beats.time_s.size
    if n < _FEWEST_BEATS:
        flag = f"{n} beats are too few to look for artefacts ({_FEWEST_BEATS} needed)"
        return Correction(beats=beats, changes=(), corrected_pct=0.0, flags=(flag,))
    series = _Series(time_s=beats.time_s, quality=beats.quality, label=np.full(n, "", dtype=object), changes=[])
    for _ in range(_MOST_ROUNDS):
        found = _judge(np.diff(series.time_s) * 1000)
        counts = [f for f in found if f.kind in {"missed", "extra"}]
        series = _recount(series, counts) if counts else _move(series, found)
        if not counts:
            break
    pct = 100.0 * len(series.changes) / n
    flags = ()
    if pct > MOST_CORRECTED_PCT:
        flags = (f"{pct:.1f} % of beats were corrected, more than {MOST_CORRECTED_PCT:g} %",)
    mended = replace(beats, time_s=series.time_s, quality=series.quality, label=tuple(series.label), origin="corrected")
    changes = tuple(sorted(series.changes, key=lambda change: change.time_s))
    return Correction(beats=mended, changes=changes, corrected_pct=pct, flags=flags)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Series:
    time_s: Array
    quality: Array
    label: np.ndarray
    changes: list[BeatChange]


def _around(values: Array, n_beats: int, quantile: float) -> Array:
    """Running quantile over `n_beats`; at the ends, that of the first and last full window."""
    width = min(n_beats, values.size)
    inner = np.quantile(sliding_window_view(values, width), quantile, axis=1)
    before = (values.size - inner.size) // 2
    return np.pad(inner, (before, values.size - inner.size - before), mode="edge")


def _threshold(values: Array) -> Array:
    size = np.abs(values)
    spread = (_around(size, _SPREAD_BEATS, 0.75) - _around(size, _SPREAD_BEATS, 0.25)) / 2
    return np.maximum(_ALPHA * spread, _LEAST_THRESHOLD_MS)


def _judge(rr: Array) -> list[Finding]:
    """Artefacts of a series of RR intervals in ms, in order."""
    change = np.diff(rr, prepend=rr[0])
    d = change / _threshold(change)
    median = _around(rr, _MEDIAN_BEATS, 0.5)
    distance = rr - median
    distance = np.where(distance < 0, 2 * distance, distance)
    th2 = _threshold(distance)
    m = distance / th2
    padded = np.concatenate([[0.0], d, [0.0, 0.0]])
    before, after, later = padded[: d.size], padded[2 : d.size + 2], padded[3 : d.size + 3]
    s12 = np.where(d > 0, np.maximum(before, after), np.minimum(before, after))
    s22 = np.where(d >= 0, np.minimum(after, later), np.maximum(after, later))
    ectopic = ((d > 1) & (s12 < -_C1 * d - _C2)) | ((d < -1) & (s12 > -_C1 * d + _C2))
    # far from the median counts where the interval before jumped too, or this one did
    jumped = (np.abs(d) > 1) | ((np.abs(before) > 1) & (np.abs(d) < np.abs(after)))
    long = ((d > 1) & (s22 < -1)) | (jumped & (m > 3))
    short = ((d < -1) & (s22 > 1)) | (jumped & (m < -3))
    found: list[Finding] = []
    for i in np.flatnonzero(ectopic | long | short):
        finding = _name(rr, median, th2, int(i), ectopic=bool(ectopic[i]), long=bool(long[i]))
        same = next((k for k, other in enumerate(found) if other.beat == finding.beat), None)
        if same is None:
            found.append(finding)
        elif finding.kind == "ectopic":  # an early beat shows in the short interval before it and the long one after
            found[same] = finding if found[same].kind == "misaligned" else found[same]
    return found


def _name(rr: Array, median: Array, th2: Array, i: int, *, ectopic: bool, long: bool) -> Finding:
    """What is wrong at interval `i`, which runs from beat i to beat i + 1."""
    if long:
        parts = np.arange(2, _MOST_MISSED + 2)
        off = np.abs(rr[i] / parts - median[i])
        best = int(np.argmin(off))
        if off[best] < th2[i] and rr[i] > 1.5 * median[i]:
            return Finding(beat=i + 1, kind="missed", n_missed=best + 1)
    # the neighbor that shares the fault: with an extra beat the two make one interval, with a moved beat they make two
    left = rr[i - 1] if i > 0 else np.inf
    right = rr[i + 1] if i + 1 < rr.size else np.inf
    if rr[i] < median[i]:
        sums = np.abs(np.array([left, right]) + rr[i] - median[i])
        if sums.min() < th2[i]:
            return Finding(beat=i + int(np.argmin(sums)), kind="extra")
    twice = np.abs(np.array([left, right]) + rr[i] - 2 * median[i])
    return Finding(beat=i + int(np.argmin(twice)), kind="ectopic" if ectopic else "misaligned")


def _recount(series: _Series, found: list[Finding]) -> _Series:
    """Series without extra beats and with missed ones added in even steps."""
    time_s, quality, label = list(series.time_s), list(series.quality), list(series.label)
    changes = list(series.changes)
    for finding in reversed(found):  # from the end: indices before stay right
        i = finding.beat
        if finding.kind == "extra":
            changes.append(BeatChange(time_s=float(time_s[i]), kind="extra", action="removed"))
            del time_s[i], quality[i], label[i]
            if i < len(label):
                label[i] = "extra"
            continue
        steps = np.linspace(time_s[i - 1], time_s[i], finding.n_missed + 2)[1:-1]
        for time in reversed(steps):
            changes.append(BeatChange(time_s=float(time), kind="missed", action="added"))
            time_s.insert(i, time)
            quality.insert(i, 0.0)
            label.insert(i, "missed")
    return _Series(
        time_s=np.array(time_s), quality=np.array(quality), label=np.array(label, dtype=object), changes=changes
    )


def _move(series: _Series, found: list[Finding]) -> _Series:
    """Series with ectopic and misaligned beats moved onto a spline through the others."""
    n = series.time_s.size
    kinds: dict[int, Kind] = {f.beat: f.kind for f in found if 0 < f.beat < n - 1}
    moved = np.array(sorted(kinds), dtype=np.int64)
    kept = np.setdiff1d(np.arange(n), moved)
    if not moved.size or kept.size < 4:
        return series
    time_s, label, changes = series.time_s.copy(), series.label.copy(), list(series.changes)
    time_s[moved] = CubicSpline(kept, time_s[kept])(moved)
    if np.diff(time_s).min() <= 0:  # a spline may overshoot in a run of bad beats; straight lines cannot
        time_s[moved] = np.interp(moved, kept, series.time_s[kept])
    for beat in moved:
        by_ms = (time_s[beat] - series.time_s[beat]) * 1000
        if abs(by_ms) < _LEAST_MOVE_MS:  # it lies where its neighbors put it: no artefact
            time_s[beat] = series.time_s[beat]
            continue
        label[beat] = kinds[int(beat)]
        action = f"moved {by_ms:+.0f} ms"
        changes.append(BeatChange(time_s=float(series.time_s[beat]), kind=kinds[int(beat)], action=action))
    return replace(series, time_s=time_s, label=label, changes=changes)
