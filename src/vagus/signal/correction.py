"""Missed, extra, ectopic and misaligned beats: found, mended, and every mend listed.

The rule that finds them is that of Lipponen & Tarvainen 2019 (doi:10.1080/03091902.2019.1640306): thresholds that
follow the spread of successive differences (dRR) and of the distance from the running median (mRR), and a plane in
which artefacts lie apart. Its constants stand in the table ``signal``.

Deviations from the paper:
- thresholds never fall below 25 ms: in a metronome-like heart, or with beats timed to 8 ms, the paper's fall so low
  that ordinary beats are mended;
- extra and missed beats are mended first and the series is judged again before any beat is moved;
- a long interval may hold up to three missed beats, not only one; a long interval that makes two ordinary ones together
  with its neighbor is no missed beat, and a short one no extra beat;
- which beats are bad is told by the run: of all runs of intervals around a finding, the one is taken whose removal
  leaves no jump, and of those the shortest. A couplet is one run; beats at both ends of it are good and stay;
- the beats inside a run are moved to a spline through the good ones, where the paper replaces intervals: the clock of
  the recording is kept. After a premature beat that resets the rhythm, the mended intervals are therefore too short;
  `vagal_tone` leaves out the intervals that touch a mended beat (`ToneSettings.mended`);
- a run without a short interval, or longer as a whole than usual, is the heart slowing for a while, no artefact;
  only where an interval is half as long again as usual (a pause) is it left out, and nothing moved if it stands alone;
  so is a run of more than 12 intervals (irregular rhythm);
- the thresholds use the quartile deviation of the signed values, not of their size: 5.2 of it covers 99.95 % of a
  normal distribution, for which the factor was chosen; of the size, 97 %, and ordinary beats are mended;
- a beat that would move by less than 5 ms stays, and is no artefact;
- a stretch of more than 3 s in which no heartbeat could be read is no long interval: nothing is added there, and the
  beats on both sides are judged as if they followed one another.

What the search for a run weighs was tuned on windows of one record (nsr001); it stands in the table as declared.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.interpolate import CubicSpline

from vagus.signal.beats import BeatChange, Beats, Correction
from vagus.signal.known import value
from vagus.signal.vector import Array

_FEWEST_BEATS = 12
_MOST_ROUNDS = 6
Kind = Literal["missed", "extra", "ectopic", "misaligned"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Count:
    """A beat too many or too few: the beat to drop, or the one that ends the interval to fill."""

    beat: int
    kind: Literal["missed", "extra"]
    n_missed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """Intervals `first` to `last` whose removal leaves a series without a jump; are beats inside it misplaced?"""

    first: int
    last: int
    kind: Literal["ectopic", "misaligned"]
    misplaced: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Marks:
    """What the rule of the paper says of each interval."""

    ectopic: np.ndarray
    long: np.ndarray
    short: np.ndarray
    median: Array
    th_change: Array
    th_distance: Array


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
    closed, cuts = _closed(beats)
    series = _Series(time_s=closed, quality=beats.quality, label=np.full(n, "", dtype=object), changes=[])
    for _ in range(_MOST_ROUNDS):
        rr = np.diff(series.time_s) * 1000
        marks = _judge(rr)
        counts = _counts(rr, marks)
        series = _recount(series, counts) if counts else _move(series, _runs(rr, marks))
        if not counts:
            break
    pct = 100.0 * len(series.changes) / n
    flags = ()
    if pct > (most := value("most_corrected_pct")):
        flags = (f"{pct:.1f} % of beats were corrected, more than {most:g} %",)
    mended = replace(
        beats,
        time_s=_opened(series.time_s, cuts),
        quality=series.quality,
        label=tuple(series.label),
        origin="corrected",
    )
    when = _opened(np.array([change.time_s for change in series.changes]), cuts).tolist()
    changes = tuple(
        sorted(
            (replace(change, time_s=time) for change, time in zip(series.changes, when, strict=True)),
            key=lambda change: change.time_s,
        )
    )
    return Correction(beats=mended, changes=changes, corrected_pct=pct, flags=flags)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Series:
    time_s: Array
    quality: Array
    label: np.ndarray
    changes: list[BeatChange]


_Cuts = tuple[tuple[float, float], ...]


def _closed(beats: Beats) -> tuple[Array, _Cuts]:
    """Beat times with every stretch that could not be read shrunk to one usual interval; where, and by how much."""
    time_s, rr = beats.time_s.copy(), np.diff(beats.time_s)
    most = (value("most_missed") + 2) * float(np.median(rr))
    lost = beats.across & (rr > value("longest_pause_s"))
    cuts: list[tuple[float, float]] = []
    for i in np.flatnonzero(lost).tolist():
        holds = any(gap.stop_s > beats.time_s[i] and gap.start_s < beats.time_s[i + 1] for gap in beats.gaps)
        if not holds and rr[i] <= most:
            continue  # a few missed beats
        beside = np.concatenate([rr[max(0, i - 5) : i], rr[i + 1 : i + 6]])
        cut = rr[i] - (float(np.median(beside)) if beside.size else float(np.median(rr)))
        if cut > 0:
            time_s[i + 1 :] -= cut
            cuts.append((float(time_s[i] + time_s[i + 1]) / 2, float(cut)))
    return time_s, tuple(cuts)


def _opened(time_s: Array, cuts: _Cuts) -> Array:
    """Times back on the clock of the recording."""
    return time_s + sum((cut * (time_s > middle) for middle, cut in cuts), np.zeros(time_s.size))


def _around(values: Array, n_beats: int, quantile: float) -> Array:
    """Running quantile over `n_beats`; at the ends, that of the first and last full window."""
    width = min(n_beats, values.size)
    inner = np.quantile(sliding_window_view(values, width), quantile, axis=1)
    before = (values.size - inner.size) // 2
    return np.pad(inner, (before, values.size - inner.size - before), mode="edge")


def _threshold(values: Array) -> Array:
    beats = int(value("spread_beats"))
    spread = (_around(values, beats, 0.75) - _around(values, beats, 0.25)) / 2
    return np.maximum(value("alpha") * spread, value("least_threshold_ms"))


def _judge(rr: Array) -> _Marks:
    """Intervals that the rule calls ectopic, long or short."""
    slope, offset, far = value("ectopic_slope"), value("ectopic_offset"), value("far_from_median")
    change = np.diff(rr, prepend=rr[0])
    th_change = _threshold(change)
    d = change / th_change
    median = _around(rr, int(value("median_beats")), 0.5)
    distance = rr - median
    distance = np.where(distance < 0, 2 * distance, distance)
    th_distance = _threshold(distance)
    m = distance / th_distance
    padded = np.concatenate([[0.0], d, [0.0, 0.0]])
    before, after, later = padded[: d.size], padded[2 : d.size + 2], padded[3 : d.size + 3]
    s12 = np.where(d > 0, np.maximum(before, after), np.minimum(before, after))
    s22 = np.where(d >= 0, np.minimum(after, later), np.maximum(after, later))
    # far from the median counts where the interval before jumped too, or this one did
    jumped = (np.abs(d) > 1) | ((np.abs(before) > 1) & (np.abs(d) < np.abs(after)))
    return _Marks(
        ectopic=((d > 1) & (s12 < -slope * d - offset)) | ((d < -1) & (s12 > -slope * d + offset)),
        long=((d > 1) & (s22 < -1)) | (jumped & (m > far)),
        short=((d < -1) & (s22 > 1)) | (jumped & (m < -far)),
        median=median,
        th_change=th_change,
        th_distance=th_distance,
    )


def _counts(rr: Array, marks: _Marks) -> list[_Count]:
    """Beats too many and too few, in order; interval i runs from beat i to beat i + 1."""
    found: dict[int, _Count] = {}
    last = -2
    for i in np.flatnonzero(marks.ectopic | marks.long | marks.short).tolist():
        if i == last:  # it went into the extra beat before
            continue
        usual, room = float(marks.median[i]), float(marks.th_distance[i])
        beside = np.array([rr[i - 1] if i > 0 else np.inf, rr[i + 1] if i + 1 < rr.size else np.inf])
        # a beat in the wrong place makes two ordinary intervals together with its neighbor
        misplaced = float(np.abs(beside + rr[i] - 2 * usual).min())
        if marks.long[i] and rr[i] > 1.5 * usual:
            parts = np.arange(2, int(value("most_missed")) + 2)
            best = int(np.argmin(np.abs(rr[i] / parts - usual)))
            if abs(rr[i] / parts[best] - usual) < room and abs(rr[i] - parts[best] * usual) < misplaced:
                found.setdefault(i + 1, _Count(beat=i + 1, kind="missed", n_missed=best + 1))
                continue
        if rr[i] < usual:
            sums = np.abs(beside + rr[i] - usual)
            if sums.min() < min(room, misplaced):
                beat = i + int(np.argmin(sums))
                found.setdefault(beat, _Count(beat=beat, kind="extra"))
                last = i + 1 if beat == i + 1 else -2
    return [found[beat] for beat in sorted(found)]


def _runs(rr: Array, marks: _Marks) -> list[_Run]:
    """Runs of intervals around the findings, in order, none of them touching another."""
    runs: list[_Run] = []
    marked = np.flatnonzero(marks.ectopic | marks.long | marks.short)
    if not marked.size:
        return runs
    clusters = [(int(c[0]), int(c[-1])) for c in np.split(marked, np.flatnonzero(np.diff(marked) > 2) + 1)]
    for k, cluster in enumerate(clusters):
        first, last = cluster
        low = clusters[k - 1][1] + 1 if k > 0 else 0  # what another finding spoils is not weighed
        high = clusters[k + 1][0] - 1 if k + 1 < len(clusters) else rr.size - 1
        kind = "ectopic" if marks.ectopic[first : last + 1].any() else "misaligned"
        if last - first < value("longest_run"):
            reach = int(value("run_around"))
            around = (max(low, first - reach), min(high, last + reach))
            first, last = _fewest(rr, marks.th_change, (first, last), around)
        misplaced = last - first < value("longest_run") and _is_misplaced(rr, marks, first, last)
        pause = rr[first : last + 1] > 1.5 * marks.median[first : last + 1]
        if not (misplaced or pause.any() or last - first >= value("longest_run")):
            continue
        if not misplaced and pause.any():  # nothing makes up for it: the long interval alone is left out
            first, last = first + int(np.argmax(pause)), first + int(np.flatnonzero(pause)[-1])
        if runs and first <= runs[-1].last + 1:
            before = runs.pop()
            first, last, kind = before.first, max(last, before.last), before.kind
            misplaced = misplaced and before.misplaced
        runs.append(_Run(first=first, last=last, kind=kind, misplaced=misplaced))
    return runs


def _is_misplaced(rr: Array, marks: _Marks, first: int, last: int) -> bool:
    """Beats in the wrong place make an interval short, and take no more time; a heart that slows for a while does."""
    beside = max((rr[i] for i in (first - 1, last + 1) if 0 <= i < rr.size), default=marks.median[first])
    short = (beside - rr[first : last + 1].min()) / marks.th_change[first : last + 1].min()
    return bool(short > 1 or (short > 0.5 and _surplus(rr, marks.th_change, first, last) < value("run_surplus")))


def _surplus(rr: Array, threshold: Array, first: int, last: int) -> float:
    """By how much a run is longer than as many intervals around it, in thresholds; 0 where it is shorter."""
    beside = np.concatenate([rr[max(0, first - 2) : first], rr[last + 1 : last + 3]])
    if not beside.size:
        return 0.0
    n = last - first + 1
    scale = float(threshold[first]) * max(1.0, n / 2)
    return max(0.0, float(rr[first : last + 1].sum() - n * beside.mean()) / scale)


def _fewest(rr: Array, threshold: Array, marked: tuple[int, int], around: tuple[int, int]) -> tuple[int, int]:
    """First and last interval of the run near those `marked` whose removal leaves no jump; the shortest of those.

    Beats in the wrong place make no more time: a run that is longer than usual as a whole lacks its short intervals.
    A run of two is the usual one (one beat in the wrong place) and costs no more than a run of one.
    """
    (first, last), (low, high) = marked, around
    reach, free, weight = int(value("run_reach")), value("run_free"), value("run_jump_weight")
    jump = np.abs(np.diff(rr[low : high + 1]))
    excess = np.maximum(0.0, (jump / threshold[low + 1 : high + 1]) ** 2 - free)
    upto = np.concatenate([[0.0], np.cumsum(excess)])  # of the jumps before interval low + k
    best, choice = np.inf, (first, last)
    for i in range(max(low, first - reach), min(high, last + reach) + 1):
        for j in range(i, min(high, last + reach) + 1):
            left = upto[max(0, i - 1 - low)] + upto[-1] - upto[min(j + 1 - low, upto.size - 1)]
            across = 0.0
            if i > low and j < high:  # over the gap, twice the threshold: the rhythm goes on meanwhile
                across = max(0.0, ((rr[j + 1] - rr[i - 1]) / (2 * threshold[i])) ** 2 - free)
            longer = min(value("run_surplus"), _surplus(rr, threshold, i, j))
            cost = max(1, j - i) + weight * (left + across) + longer
            if cost < best - 1e-9:
                best, choice = cost, (i, j)
    return choice


def _recount(series: _Series, found: list[_Count]) -> _Series:
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


def _move(series: _Series, runs: list[_Run]) -> _Series:
    """Series with the beats inside each run moved onto a spline through the others."""
    n = series.time_s.size
    inside = [_inside(series.time_s, run) for run in runs]
    moved = np.array([beat for beats in inside for beat in beats if 0 < beat < n - 1], dtype=np.int64)
    kept = np.setdiff1d(np.arange(n), moved)
    time_s, label, changes = series.time_s.copy(), series.label.copy(), list(series.changes)
    if moved.size and kept.size >= 4:
        time_s[moved] = CubicSpline(kept, time_s[kept])(moved)
        if np.diff(time_s).min() <= 0:  # a spline may overshoot in a run of bad beats; straight lines cannot
            time_s[moved] = np.interp(moved, kept, series.time_s[kept])
    for run, beats in zip(runs, inside, strict=True):
        by_ms = {beat: (time_s[beat] - series.time_s[beat]) * 1000 for beat in beats}
        if beats and max(abs(move) for move in by_ms.values()) < value("least_move_ms"):
            time_s[list(beats)] = series.time_s[list(beats)]  # they lie where their neighbors put them: no artefact
            continue
        for beat in beats or range(run.first + 1, run.last + 2):
            move = by_ms.get(beat, 0.0)
            label[beat] = run.kind
            action = f"moved {move:+.0f} ms" if beats else "not moved; the intervals beside it are left out"
            changes.append(BeatChange(time_s=float(series.time_s[beat]), kind=run.kind, action=action))
    return replace(series, time_s=time_s, label=label, changes=changes)


def _inside(time_s: Array, run: _Run) -> tuple[int, ...]:
    """Beats of a run that are in the wrong place: those between its ends; none in a pause or an irregular rhythm."""
    if not run.misplaced:
        return ()
    if run.first < run.last:
        return tuple(range(run.first + 1, run.last + 1))
    return (run.first + 1,) if run.first + 2 < time_s.size else ()  # one short interval: the beat that ends it is early
