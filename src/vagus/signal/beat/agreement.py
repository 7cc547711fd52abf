"""How well events that were found agree with those that people marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from vagus.errors import InputError, Problem
from vagus.signal.vector import Array, vector

WIDE_S, NARROW_S = 0.15, 0.05  # EC57's window, and one that tells whether it is the R wave
_SIGMA = (0.158655, 0.841345)  # quantiles that lie one standard deviation from the middle of a normal distribution


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BeatAgreement:
    """Events found against events marked, one to one.

    Parameters
    ----------
    n, n_found : int
        Marked, and found.
    n_matched, n_near : int
        Pairs within the window, and within 50 ms.
    error_ms : (n_matched,) array
        Found minus marked.
    """

    n: int
    n_found: int
    n_matched: int
    n_near: int
    error_ms: Array

    @property
    def se_pct(self) -> float:
        """Marked events that were found."""
        return _percent(self.n_matched, self.n)

    @property
    def ppv_pct(self) -> float:
        """Found events that were marked."""
        return _percent(self.n_matched, self.n_found)

    @property
    def f1_pct(self) -> float:
        """Harmonic mean of both."""
        return _percent(2 * self.n_matched, self.n + self.n_found)

    @property
    def f1_near_pct(self) -> float:
        """The same with pairs within 50 ms, no offset taken out."""
        return _percent(2 * self.n_near, self.n + self.n_found)

    @property
    def offset_ms(self) -> float:
        """Median error; nan without pairs."""
        return float(np.median(self.error_ms)) if self.error_ms.size else float("nan")

    @property
    def jitter_ms(self) -> float:
        """Half the width of the middle 68 % of errors: a normal one's standard deviation; nan without pairs."""
        return float(np.diff(np.quantile(self.error_ms, _SIGMA))[0] / 2) if self.error_ms.size else float("nan")


def _percent(part: int, whole: int) -> float:
    return 100.0 * part / whole if whole else float("nan")


def beat_agreement(found_s: ArrayLike, true_s: ArrayLike, *, window_s: float = WIDE_S) -> BeatAgreement:
    """Events found against events marked, over the whole length: nothing is left out at either end.

    Pairs are one to one, the nearest first; the second of two marks near one event is missed, as the second of two
    events near one mark is an extra one.

    Parameters
    ----------
    found_s, true_s : (m,), (n,) array
        Times in order.
    window_s : float
        Largest distance of a pair; 0.15 s for beats (ANSI/AAMI EC57).

    Raises
    ------
    InputError
        Times out of order or not finite, or a window that is none.

    Sources
    -------
    ANSI/AAMI EC57 gives the 150 ms window (recalled). Deviations: the first five minutes count as well, and beats in
    ventricular flutter are not set aside.

    Examples
    --------
    >>> found = beat_agreement([0.51, 1.3, 2.0], [0.5, 1.3, 2.1, 2.9])
    >>> found.n_matched, found.n_near, round(found.se_pct), round(found.ppv_pct), round(found.f1_near_pct)
    (3, 2, 75, 100, 57)
    """
    found = vector(found_s, name="found_s", increasing=True)
    true = vector(true_s, name="true_s", increasing=True)
    if not (np.isfinite(window_s) and window_s > 0):
        raise InputError(Problem(what="window_s is no window", found=f"{window_s}", allowed="above 0 s"))
    error = _errors(found, true, window_s)
    near = min(NARROW_S, window_s)
    return BeatAgreement(n=true.size, n_found=found.size, n_matched=error.size, n_near=_errors(found, true, near).size,
                     error_ms=1000 * error)  # fmt: skip


def _errors(found: Array, true: Array, window_s: float) -> Array:
    """Found minus marked of each pair, in order of time."""
    first = np.searchsorted(found, true - window_s)
    last = np.searchsorted(found, true + window_s, side="right")
    marks = np.repeat(np.arange(true.size), last - first)
    events = np.concatenate([np.arange(a, b) for a, b in zip(first, last, strict=True)] or [np.zeros(0)]).astype(int)
    apart = found[events] - true[marks]
    taken_marks, taken_events = np.zeros(true.size, dtype=bool), np.zeros(found.size, dtype=bool)
    pairs: list[int] = []
    for i in np.argsort(np.abs(apart), kind="stable").tolist():
        if not taken_marks[marks[i]] and not taken_events[events[i]]:
            taken_marks[marks[i]] = taken_events[events[i]] = True
            pairs.append(i)
    return apart[np.sort(np.array(pairs, dtype=np.int64))]


def pooled_agreement(parts: Sequence[BeatAgreement]) -> BeatAgreement:
    """Agreement over several records: counts added, errors put together after each record's offset was set to the
    median of all.
    """
    middle = float(np.median([part.offset_ms for part in parts if part.n_matched] or [0.0]))
    errors = [part.error_ms - part.offset_ms + middle for part in parts if part.n_matched]
    return BeatAgreement(
        n=sum(part.n for part in parts), n_found=sum(part.n_found for part in parts),
        n_matched=sum(part.n_matched for part in parts), n_near=sum(part.n_near for part in parts),
        error_ms=np.concatenate(errors) if errors else np.zeros(0),
    )  # fmt: skip
