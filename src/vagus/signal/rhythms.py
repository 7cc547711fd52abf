"""Rhythms in which vagal tone must not be read: as in atrial fibrillation, full of premature beats, or constant."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.ndimage import median_filter

from vagus.errors import InputError, Problem
from vagus.signal.beats import Beats
from vagus.signal.known import sources, value
from vagus.signal.vector import Array
from vagus.source import Source

_FEWEST_INTERVALS = 12  # Lake & Moorman's shortest series
_BESIDE = 21
_LONGEST_RUN = 3  # premature beats in a row that are told as such
Kind = Literal["regular", "irregular", "ectopic", "constant", "unread"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RhythmPart:
    """What one minute of beats is.

    Parameters
    ----------
    start_s, end_s : float
    kind : "regular", "irregular", "ectopic", "constant" or "unread"
    cosen : float
        Coefficient of sample entropy of its intervals; nan where it was not read.
    premature_pct : float
        Premature beats in percent of its beats.
    """

    start_s: float
    end_s: float
    kind: Kind
    cosen: float
    premature_pct: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """Rhythm of a window, a minute at a time, and what to heed before vagal tone is read.

    Parameters
    ----------
    parts : tuple of RhythmPart
    irregular_pct, constant_pct : float
        Share of the parts that were read.
    premature_pct : float
        Premature beats in percent of the beats.
    flags : tuple of str
    sources : tuple of Source
    """

    parts: tuple[RhythmPart, ...]
    irregular_pct: float
    constant_pct: float
    premature_pct: float
    flags: tuple[str, ...]
    sources: tuple[Source, ...] = ()


def rhythm(beats: Beats, *, start_s: float | None = None, end_s: float | None = None) -> Rhythm:
    """Rhythm of a window, a minute at a time: regular, irregular, full of premature beats, constant.

    Parameters
    ----------
    beats : Beats
        As detected, or corrected: what `correct` called ectopic counts as premature.
    start_s, end_s : float or None
        Window on the beats' clock; None: from the first beat, to the last.

    Returns
    -------
    Rhythm
        A part is irregular as in atrial fibrillation where the coefficient of sample entropy (m = 1) is above -1.0 and
        short and long intervals do not take turns (lag-1 autocorrelation above -0.25). Atrial flutter with changing
        conduction and a wandering pacemaker look alike. Beats are premature that end an interval shorter than 0.8 of
        the one before it and of the one after it, up to three in a row. The rate is constant where the median change
        from beat to beat is below 0.3 %: a fixed-rate pacemaker, or a heart without vagal tone. A pacemaker on demand
        is not told from RR; it is where its spikes were seen (`Beats.paced_s`).

    Raises
    ------
    InputError
        The window starts after it ends.

    Sources
    -------
    Lake & Moorman 2011, doi:10.1152/ajpheart.00561.2010. Deviation: the tolerance is the least that gives as many
    matches as there are intervals (5 there, for 12 beats).

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> rhythm(Beats.of_rr(rng.uniform(450, 950, 400))).irregular_pct
    100.0
    >>> rhythm(Beats.of_rr(rng.normal(850, 25, 400))).flags
    ()
    """
    start, end = _bounds(beats, start_s, end_s)
    part_s = value("rhythm_part_s")
    n_part = max(1, round((end - start) / part_s))
    edges = np.linspace(start, end, n_part + 1)
    edges[-1] = np.nextafter(edges[-1], np.inf)
    premature, across = _premature(beats), beats.across
    found: list[RhythmPart] = []
    for first, last in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        i, j = np.searchsorted(beats.time_s, [first, last])
        found.append(_part(beats.time_s[i:j], premature[i:j], across[i : max(i, j - 1)], first, last))
    i, j = np.searchsorted(beats.time_s, [edges[0], edges[-1]])
    share = 100.0 * float(premature[i:j].mean()) if j > i else 0.0
    read = [part for part in found if part.kind != "unread"]
    irregular = 100.0 * sum(part.kind == "irregular" for part in read) / max(1, len(read))
    constant = 100.0 * sum(part.kind == "constant" for part in read) / max(1, len(read))
    return Rhythm(
        parts=tuple(found),
        irregular_pct=irregular,
        constant_pct=constant,
        premature_pct=share,
        flags=_flags(irregular, constant, share, _paced_pct(beats, i, j)),
        sources=sources("irregular_cosen"),
    )


def _bounds(beats: Beats, start_s: float | None, end_s: float | None) -> tuple[float, float]:
    empty = beats.time_s.size == 0
    start = start_s if start_s is not None else 0.0 if empty else float(beats.time_s[0])
    end = end_s if end_s is not None else start + 1.0 if empty else float(beats.time_s[-1])
    if not start < end:
        found = f"start_s {start:g}, end_s {end:g}"
        raise InputError(Problem(what="window ends before it starts", where=beats.source_name, found=found))
    return start, end


def _premature(beats: Beats) -> np.ndarray:
    """True at premature beats: ends of intervals abruptly shorter than before and after; or mended as ectopic, (n,)."""
    rr, share = beats.rr_ms, value("premature_share")
    usual = median_filter(rr, size=_BESIDE, mode="nearest") if rr.size else rr
    found = np.zeros(beats.time_s.size, dtype=bool)
    for run in range(1, _LONGEST_RUN + 1):
        n = rr.size - run - 1
        if n <= 0:
            break
        # before a run stands no pause: after one, an ordinary interval would look short
        before = rr[:n] if run == 1 else np.minimum(rr[:n], usual[:n])
        short = np.stack([rr[1 + k : 1 + k + n] < share * before for k in range(run)]).all(axis=0)
        ends = short & (share * rr[1 + run : 1 + run + n] > rr[run : run + n])
        for k in range(run):
            found[2 + k : 2 + k + n] |= ends
    if beats.origin == "corrected" and beats.label is not None:
        found |= np.array([word == "ectopic" for word in beats.label], dtype=bool)
    return found


def _part(time_s: Array, premature: np.ndarray, across: np.ndarray, first: float, last: float) -> RhythmPart:
    rr = np.diff(time_s)[~across] * 1000
    share = 100.0 * float(premature.mean()) if premature.size else 0.0
    if rr.size < _FEWEST_INTERVALS:
        return RhythmPart(start_s=first, end_s=last, kind="unread", cosen=math.nan, premature_pct=share)
    cosen = _cosen(rr)
    kind: Kind = "regular"
    if float(np.median(np.abs(np.diff(rr)))) < value("constant_share") * float(rr.mean()):
        kind = "constant"
    elif cosen > value("irregular_cosen") and _memory(rr) > value("irregular_memory"):
        kind = "irregular"
    elif share > value("most_ectopic_pct"):
        kind = "ectopic"
    return RhythmPart(start_s=first, end_s=last, kind=kind, cosen=cosen, premature_pct=share)


def _cosen(rr: Array) -> float:
    """Coefficient of sample entropy, m = 1: how unlikely a next interval alike is, per ms, over the mean interval."""
    apart = np.abs(rr[:, None] - rr)
    now, both = apart[:-1, :-1], np.maximum(apart[:-1, :-1], apart[1:, 1:])
    own = rr.size - 1  # pairs of an interval with itself, left out; every other pair stands twice
    tolerance = max(1.0, float(np.partition(both, own + 2 * rr.size - 1, axis=None)[own + 2 * rr.size - 1]))
    matches, longer = int((now <= tolerance).sum()) - own, int((both <= tolerance).sum()) - own
    return math.log(matches / longer) + math.log(2 * tolerance) - math.log(float(rr.mean()))


def _memory(rr: Array) -> float:
    """Autocorrelation of the intervals at lag 1."""
    away = rr - rr.mean()
    return float((away[1:] * away[:-1]).sum() / max(1e-12, float((away**2).sum())))


def _paced_pct(beats: Beats, i: int, j: int) -> float:
    """Paced beats among those from `i` up to, not including, `j`, in percent."""
    if j <= i:
        return 0.0
    first, last = np.searchsorted(beats.paced_s, [beats.time_s[i], np.nextafter(beats.time_s[j - 1], np.inf)])
    return 100.0 * float(last - first) / (j - i)


def _flags(irregular: float, constant: float, premature: float, paced: float) -> tuple[str, ...]:
    flags: list[str] = []
    if paced > value("most_ectopic_pct"):
        flags.append(
            f"{paced:.0f} % of beats are paced (spikes in the ECG, or the file's annotations): a pacemaker's rate is "
            "not vagal tone"
        )
    if irregular > value("most_irregular_pct"):
        flags.append(
            f"the rhythm is irregular for {irregular:.0f} % of the time, as in atrial fibrillation: no vagal tone can "
            "be read from it; look at the ECG"
        )
    if premature > value("most_ectopic_pct"):
        flags.append(
            f"{premature:.1f} % of beats are premature, more than {value('most_ectopic_pct'):g} %: what is left "
            "between them may not be vagal tone"
        )
    if constant > value("most_irregular_pct"):
        flags.append(
            f"the rate hardly varies for {constant:.0f} % of the time (a pacemaker, or a heart without vagal tone)"
        )
    return tuple(flags)
