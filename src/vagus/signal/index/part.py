"""One window as the indices see it: intervals, which of them count, and the stretches between long gaps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from vagus.errors import Abstained
from vagus.signal.beats import Beats
from vagus.signal.known import value
from vagus.signal.reading.window import Spans, window_of
from vagus.signal.spectrum import FEWEST_BEATS, filled
from vagus.signal.tone import ToneSettings
from vagus.signal.vector import Array

FEWEST_INTERVALS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """An index as the mean of local values, so that blocks of them tell how sure it is.

    Parameters
    ----------
    values : tuple of (n,) array
        Local values in order of time.
    how : callable
        The index from the mean of each of `values`.
    n_per_s : float
        Local values per second.
    unit, what : str
        Unit, and in words how the index is made.
    estimate : float or None
        The index where how(means) is near it but not it; the interval is moved there. None: how(means).
    positive : bool
        Interval on a logarithmic scale.
    widen : float
        Spread of the index over that of how(means): 2 where each local value compares two places of the series.
    note : str
        What else to know of the interval.
    n : int or None
        Intervals behind the index; None: as many as local values.
    """

    values: tuple[Array, ...]
    how: Callable[..., Array]
    n_per_s: float
    unit: str
    what: str
    estimate: float | None = None
    positive: bool = True
    widen: float = 1.0
    note: str = ""
    n: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """An index that this window cannot tell, and why."""

    unit: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A window of beats with what was read of it.

    Parameters
    ----------
    beats : Beats
        Of the window.
    start_s, end_s : float
    lost : tuple of (float, float)
        Stretches in which no heartbeat was read.
    settings : ToneSettings
    rr, ends : (n,) array
        Intervals in ms, and the time in s at which each ends.
    across : (n,) of bool
        True at intervals across a gap or in noise.
    whole : (n,) of bool
        True at intervals that count.
    """

    beats: Beats
    start_s: float
    end_s: float
    lost: Spans
    settings: ToneSettings
    rr: Array
    ends: Array
    across: np.ndarray
    whole: np.ndarray

    @classmethod
    def of(cls, beats: Beats, start_s: float | None, end_s: float | None, settings: ToneSettings) -> Part:
        """Window of beats.

        Raises
        ------
        InputError
            Fewer than four beats, or a window that ends before it starts.
        Abstained
            Too little of it was read, or hardly any interval is free of mended beats.
        """
        inside, start, end, lost = window_of(beats, start_s, end_s)
        across = inside.across
        whole = whole_of(inside, across, settings)
        if whole.sum() < FEWEST_INTERVALS or (whole[:-1] & whole[1:]).sum() < FEWEST_INTERVALS - 1:
            raise Abstained(
                f"{inside.source_name or 'beats'}: {start:g} to {end:g} s: only {whole.sum()} of {whole.size} "
                f"intervals lie between two beats that were read and not mended ({FEWEST_INTERVALS} in a row needed "
                "for vagal tone)"
            )
        return cls(
            beats=inside, start_s=start, end_s=end, lost=lost, settings=settings,
            rr=inside.rr_ms, ends=inside.time_s[1:], across=across, whole=whole,
        )  # fmt: skip

    @property
    def pairs(self) -> np.ndarray:
        """True at differences of two intervals that count, (n - 1,)."""
        return self.whole[:-1] & self.whole[1:]

    @property
    def n_per_s(self) -> float:
        """Intervals that were read, per second of them."""
        read = ~self.across
        return float(read.sum() / (self.rr[read].sum() / 1000))

    @property
    def touch(self) -> str:
        """What the intervals that do not count touch, in words."""
        return "touch a mended beat or a gap" if self.across.any() else "touch a mended beat"

    @property
    def left_out(self) -> str:
        """How many intervals do not count, in words."""
        n = int((~self.whole).sum())
        return f"; {n} of {self.whole.size} intervals {self.touch} and are left out" if n else ""

    @property
    def stretches(self) -> list[tuple[Array, Array]]:
        """Times and lengths of intervals, in stretches between long gaps; what does not count between is bridged."""
        bounds = stretch_bounds(self.beats.time_s, self.across)
        pieces = [(self.ends[a:b], self.rr[a:b], self.whole[a:b]) for a, b in bounds]
        return [
            (ends, rr) if whole.all() else filled(ends, rr, whole)
            for ends, rr, whole in pieces
            if whole.sum() >= FEWEST_BEATS
        ]

    @property
    def longest(self) -> tuple[Array, Array] | None:
        """The longest of the stretches; None where there is none."""
        return max(self.stretches, key=lambda piece: piece[0].size, default=None)


def whole_of(beats: Beats, across: np.ndarray, settings: ToneSettings) -> np.ndarray:
    """True at intervals that count: none across a gap, and those between two beats that were not mended, or all."""
    if settings.mended == "keep":
        return ~across
    mended = beats.mended
    return ~across & ~(mended[:-1] | mended[1:])


def stretch_bounds(time_s: Array, across: np.ndarray) -> list[tuple[int, int]]:
    """First interval of each stretch, and the one after its last: cut where for longer than a pause none was read."""
    edges = np.flatnonzero(np.diff(np.pad(across.astype(np.int8), 1))).reshape(-1, 2)
    holes = [(a, b) for a, b in edges.tolist() if time_s[b] - time_s[a] > value("longest_pause_s")]
    starts = [0, *(b for _, b in holes)]
    stops = [*(a for a, _ in holes), across.size]
    return [(a, b) for a, b in zip(starts, stops, strict=True) if b > a]


@cache
def said(key: str) -> str:
    """A constant in words: its bare number."""
    return f"{value(key):g}"
