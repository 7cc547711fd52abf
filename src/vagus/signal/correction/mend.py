"""Beats with artefacts mended: the likeliest story of a series of beats, and the changes that it asks for.

A story says of each beat whether it belongs to the rhythm, and of each stretch between two that do how many intervals
it truly holds: one (normal), more than there are (beats missed), fewer (extra beats), as many (beats in the wrong
place), or that it tells nothing (a pause; a premature beat that reset the rhythm). What is likely:

- an interval deviates from the running median of 21 as a first-order autoregression with steps of Student's t (4
  degrees of freedom), whose scale and memory are medians over 91 beats around it (91: Lipponen & Tarvainen 2019, doi:
  10.1080/03091902.2019.1640306); the mean of several intervals as the same law has it. An interval far from the median
  is less likely than its steps alone say, a short one more so;
- beats are missed, added, displaced at a small rate, which is read again from what was found;
- a beat in the wrong place lies anywhere in an interval.

The likeliest story is found by dynamic programming (Viterbi). Lipponen & Tarvainen judge interval by interval with
thresholds; here neighboring artefacts are judged together, and what is left standing says what is usual.

What is done: an extra beat is removed; missed ones are added and displaced ones moved, onto a cubic spline through the
good ones (the clock of the recording is kept; after a premature beat that resets the rhythm the mended intervals are
therefore too short). `vagal_tone` leaves out the intervals that touch an added or moved beat (`ToneSettings.mended`).
Nothing is moved at a pause, or before the first and after the last good beat: the intervals beside are left out.
A stretch of more than 3 s in which no heartbeat could be read is no long interval: nothing is added there, and the
beats on both sides are judged as if they followed one another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
from scipy.interpolate import CubicSpline

from vagus.signal.beats import Beats
from vagus.signal.correction.changes import NOT_MOVED, BeatChange, BeatEdit, Correction, Kind, changed
from vagus.signal.correction.edits import edit_changes
from vagus.signal.correction.find import Way, find_way
from vagus.signal.known import value
from vagus.signal.vector import Array

FEWEST_BEATS = 12
_MOST_MISSED = 3


def correct(beats: Beats, *, edits: Sequence[BeatEdit] = ()) -> Correction:
    """Beats with artefacts mended, and a list of every change, which `undo` takes back.

    Parameters
    ----------
    beats : Beats
        Beats that were corrected before come back as they are.
    edits : sequence of BeatEdit
        Edits by hand; made first. The rule leaves alone what a person placed or called good, and does not trust what a
        person called bad.

    Returns
    -------
    Correction
        `corrected_pct` counts changes against the beats that came in; above 5 % a flag is raised.

    Raises
    ------
    InputError
        An edit points to no beat, or to where one is already.

    Sources
    -------
    Lipponen & Tarvainen 2019, doi:10.1080/03091902.2019.1640306, for the kinds of artefact and the width of the
    window; the method is our own and stands at the top of the module.

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
    if beats.origin == "corrected":
        flags = ("edits by hand are made on the beats as detected",) if edits else ()
        return Correction(beats=beats, changes=(), corrected_pct=0.0, flags=flags, given=beats)
    by_hand = edit_changes(beats, edits) if edits else []
    edited = changed(beats, by_hand).beats if by_hand else beats
    if edited.time_s.size < FEWEST_BEATS:
        flag = f"{edited.time_s.size} beats are too few to look for artefacts ({FEWEST_BEATS} needed)"
        if by_hand:
            return changed(beats, by_hand, flags=(flag,))
        return Correction(beats=beats, changes=(), corrected_pct=0.0, flags=(flag,), given=beats)
    placed = [change.to_s for change in by_hand if change.kind == "by hand" and change.to_s is not None]
    kept = np.isin(edited.time_s, placed)
    barred = np.isin(edited.time_s, [change.time_s for change in by_hand if change.kind == "bad"])
    return changed(beats, [*by_hand, *changes_of(edited, kept, barred)[0]])


def changes_of(beats: Beats, kept: np.ndarray, barred: np.ndarray) -> tuple[list[BeatChange], np.ndarray]:
    """What the likeliest story asks for, and which beats it rests on, (m,) of int; judged beats are left alone."""
    closed, cuts = _closed(beats)
    way = find_way(closed, kept, barred)
    judged = kept | barred
    return [
        _on_clock(change, beats.time_s, closed, cuts)
        for change in _changes(closed, way)
        if not _is_one_of(change, closed, judged)
    ], way.beat


def _is_one_of(change: BeatChange, closed: Array, judged: np.ndarray) -> bool:
    """Is the beat one that a person judged? What was said of it stands, at a pause, too."""
    return change.from_s is not None and bool(judged[np.searchsorted(closed, change.from_s)])


_Cuts = tuple[tuple[float, float], ...]


def _closed(beats: Beats) -> tuple[Array, _Cuts]:
    """Beat times with every stretch that could not be read shrunk to one usual interval; where, and by how much."""
    time_s, rr = beats.time_s.copy(), np.diff(beats.time_s)
    most = (_MOST_MISSED + 2) * float(np.median(rr))
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


def _on_clock(change: BeatChange, time_s: Array, closed: Array, cuts: _Cuts) -> BeatChange:
    """A change back on the clock of the recording; the place of a beat that came in is exactly its own."""

    def opened(time: float) -> float:
        return time + sum(cut for middle, cut in cuts if time > middle)

    before = None if change.from_s is None else float(time_s[np.searchsorted(closed, change.from_s)])
    after = None if change.to_s is None else before if change.to_s == change.from_s else opened(change.to_s)
    return replace(change, time_s=after if before is None else before, from_s=before, to_s=after)


def _changes(time_s: Array, way: Way) -> list[BeatChange]:
    """What the story asks for, on its clock."""
    found = [_left(time_s, beat, "misaligned", "before the first good beat") for beat in range(int(way.beat[0]))]
    found += [
        _left(time_s, beat, "misaligned", "after the last good beat")
        for beat in range(int(way.beat[-1]) + 1, time_s.size)
    ]
    n_true = np.where(way.n_true > 0, way.n_true, way.n_bad + 1)
    place = np.cumsum(n_true) - n_true[0]  # of each good beat in the true count of beats
    good = time_s[way.beat]
    spline = CubicSpline(place, good) if good.size >= 4 else None
    for j in (1 + np.flatnonzero((way.n_bad[1:] > 0) | (way.n_true[1:] != 1))).tolist():
        first, last = int(way.beat[j - 1]), int(way.beat[j])
        if way.n_bad[j] == 0 and way.n_true[j] == 0:
            found.append(_left(time_s, last, "pause", f"an interval of {time_s[last] - time_s[first]:.2f} s alone"))
            continue
        inside = np.arange(place[j - 1] + 1, place[j])
        even = np.interp(inside, place[j - 1 : j + 1], good[j - 1 : j + 1])
        target = even if spline is None else spline(inside)
        if (
            target.size
            and np.diff(np.concatenate([[good[j - 1]], target, [good[j]]])).min()
            <= 0.2 * (good[j] - good[j - 1]) / n_true[j]
        ):
            target = even  # a spline may overshoot; straight lines cannot
        found += _mends(time_s, np.arange(first + 1, last), target, resets=way.n_true[j] == 0)
    return found


def _left(time_s: Array, beat: int, kind: Kind, why: str) -> BeatChange:
    time = float(time_s[beat])
    return BeatChange(time_s=time, kind=kind, action=NOT_MOVED, from_s=time, to_s=time, why=why)


def _mends(time_s: Array, bad: np.ndarray, target: Array, *, resets: bool) -> list[BeatChange]:
    """Changes that bring the `bad` beats between two good ones to the `target` places."""
    n = min(bad.size, target.size)
    ways = [(b, t) for b in combinations(range(bad.size), n) for t in combinations(range(target.size), n)]
    moved, to = min(ways, key=lambda way: float(np.abs(time_s[bad[list(way[0])]] - target[list(way[1])]).sum()))
    holds = f"{bad.size + 1} intervals for {target.size + 1}"
    found: list[BeatChange] = []
    for b, t in zip(moved, to, strict=True):
        place, by = float(time_s[bad[b]]), float(target[t] - time_s[bad[b]])
        if abs(by) * 1000 < value("least_move_ms"):
            continue
        kind = "ectopic" if by > 0 else "misaligned"
        why = (
            "premature, and the rhythm starts anew after it"
            if resets
            else f"{'too early' if by > 0 else 'too late'}; {holds}"
        )
        found.append(
            BeatChange(
                time_s=place, kind=kind, action=f"moved {1000 * by:+.0f} ms", from_s=place, to_s=place + by, why=why
            )
        )
    for b in set(range(bad.size)) - set(moved):
        place = float(time_s[bad[b]])
        found.append(BeatChange(time_s=place, kind="extra", action="removed", from_s=place, why=holds))
    for t in set(range(target.size)) - set(to):
        place = float(target[t])
        found.append(BeatChange(time_s=place, kind="missed", action="added", to_s=place, why=holds))
    return found
