"""Beats mended as they come in: the same story as `correct` tells, of the beats so far, decided after a lag.

    state = MendState.of(lag_s=5.0)
    state, mended = correct_step(state, beat.time_s)  # one beat or many
    last = correct_rest(state)                        # what still waits at the end

Each beat that comes in has the story of the last beats told anew. What lies before the last beat of the rhythm that is
older than the lag is decided, and later stories hold to it. With a lag and a memory as long as the recording this is
`correct`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike

from vagus.errors import InputError, Problem
from vagus.signal.beats import Beats
from vagus.signal.correction.changes import Correction, changed
from vagus.signal.correction.mend import FEWEST_BEATS, changes_of
from vagus.signal.known import value
from vagus.signal.vector import Array, vector

_BARRED, _KEPT = -1, 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MendState:
    """Correction between two beats: all that it remembers. Made by `MendState.of`.

    Parameters
    ----------
    lag_s : float
        What lies before a beat of the rhythm is decided with the first beat that comes this much after that one.
    memory : int
        Decided beats that later ones are judged by.
    time_s, quality : (n,) array
        Beats remembered, as they came in.
    verdict : (n,) array of int
        1: of the rhythm. -1: not. 0: waits.
    """

    lag_s: float
    memory: int
    time_s: Array = field(default_factory=lambda: np.zeros(0))
    quality: Array = field(default_factory=lambda: np.zeros(0))
    verdict: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.int8))

    @classmethod
    def of(cls, *, lag_s: float = 5.0, memory: int | None = None) -> MendState:
        """A correction that has seen no beat yet.

        Parameters
        ----------
        lag_s : float
            How long a beat may wait for those that follow; infinite: until `correct_rest`.
        memory : int, optional
            Decided beats that later ones are judged by; without it as many as the scale of the rhythm is read from
            (91) and 29 more.

        Raises
        ------
        InputError
            A lag that is not above 0, or a memory shorter than 40 beats.

        Examples
        --------
        >>> MendState.of(lag_s=3.0).memory
        120
        """
        if isinstance(lag_s, bool) or not isinstance(lag_s, (int, float)) or not lag_s > 0:
            raise InputError(Problem(what="lag_s is out of range", found=f"{lag_s} s", allowed="above 0 s"))
        memory = int(value("spread_beats")) + 29 if memory is None else memory
        if not isinstance(memory, int) or memory < 40:
            raise InputError(Problem(what="memory is too short", found=f"{memory} beats", allowed="40 or more"))
        return cls(lag_s=float(lag_s), memory=memory)

    @property
    def n_waiting(self) -> int:
        """Beats that are not decided."""
        return int(np.sum(self.verdict == 0))


def correct_step(
    state: MendState, time_s: ArrayLike, *, quality: ArrayLike | None = None
) -> tuple[MendState, Correction]:
    """The correction after some more beats, and the stretch of beats decided with them.

    Parameters
    ----------
    state : MendState
        From `MendState.of` or the step before; not changed.
    time_s : float or (n,) array
        Times of the beats that came in; chunks leave no trace.
    quality : float or (n,) array, optional
        0 to 1 each; 1 without it.

    Returns
    -------
    MendState
    Correction
        Beats decided by now, with the changes among them; none (`beats.time_s.size` 0) while they wait.

    Raises
    ------
    InputError
        Times that are not finite or do not rise, also against the beats before.

    Examples
    --------
    The beat at 16 s was missed; told 5 s after the next one:

    >>> time_s = np.delete(np.arange(0.0, 40.0, 0.8), 20)
    >>> state = MendState.of(lag_s=5.0)
    >>> for time in time_s:
    ...     state, mended = correct_step(state, time)
    ...     for change in mended.changes:
    ...         print(f"{change.kind} at {change.time_s:.1f} s, told at {time:.1f} s")
    missed at 16.0 s, told at 22.4 s
    """
    times = vector(np.atleast_1d(np.asarray(time_s, dtype=np.float64)), name="beat times", increasing=True)
    known = np.ones(times.size) if quality is None else np.atleast_1d(np.asarray(quality, dtype=np.float64))
    if known.shape != times.shape or not np.all((known >= 0) & (known <= 1)):
        found = f"{known.size} for {times.size} beats, {', '.join(f'{one:g}' for one in known[:3])}"
        raise InputError(Problem(what="quality does not fit the beats", found=found, allowed="0 to 1, one a beat"))
    if state.time_s.size and times.size and times[0] <= state.time_s[-1]:
        found = f"{times[0]:g} s after {state.time_s[-1]:g} s"
        raise InputError(Problem(what="beat times do not rise", found=found, allowed="a later beat"))
    parts: list[Correction] = []
    for time, good in zip(times.tolist(), known.tolist(), strict=True):
        state = replace(
            state,
            time_s=np.append(state.time_s, time),
            quality=np.append(state.quality, good),
            verdict=np.append(state.verdict, np.int8(0)),
        )
        if state.time_s[np.argmax(state.verdict == 0)] <= time - state.lag_s:
            state, part = _decided(state, time - state.lag_s)
            parts.append(part)
    return state, _joined(parts)


def correct_rest(state: MendState) -> Correction:
    """Beats that still wait when the stream ends, with the changes among them."""
    return _decided(state, math.inf)[1]


def _decided(state: MendState, until_s: float) -> tuple[MendState, Correction]:
    """Decide what lies before the last beat of the rhythm up to a time; all that waits, where that is infinite."""
    given = Beats(time_s=state.time_s, quality=state.quality, origin="detected")
    ends = math.isinf(until_s)
    if given.time_s.size < FEWEST_BEATS:
        return (state, changed(_part(given, 0, given.time_s.size if ends else 0), []))
    changes, good = changes_of(given, state.verdict == _KEPT, state.verdict == _BARRED)
    first = int(np.argmax(state.verdict == 0)) if state.n_waiting else given.time_s.size
    fits = good[(good >= first) & (given.time_s[good] <= until_s)]
    stop = given.time_s.size if ends else int(fits[-1]) + 1 if fits.size else first
    # up to the next beat of the rhythm belongs to it: from there on the story may still change
    after_s = given.time_s[first - 1] if first else -math.inf
    before_s = math.inf if ends else given.time_s[stop - 1] if stop else -math.inf
    part = changed(_part(given, first, stop), [c for c in changes if after_s < c.time_s <= before_s])
    verdict = state.verdict.copy()
    verdict[first:stop] = _BARRED
    verdict[good[(good >= first) & (good < stop)]] = _KEPT
    left = max(0, stop - state.memory)
    return replace(
        state, time_s=state.time_s[left:], quality=state.quality[left:], verdict=verdict[left:]
    ), part  # fmt: skip


def _part(given: Beats, first: int, stop: int) -> Beats:
    return replace(given, time_s=given.time_s[first:stop], quality=given.quality[first:stop])


def _joined(parts: list[Correction]) -> Correction:
    """Stretches that follow one another, as one."""
    known = [part.given for part in parts if part.given is not None]
    given = Beats(
        time_s=np.concatenate([one.time_s for one in known]) if known else np.zeros(0),
        quality=np.concatenate([one.quality for one in known]) if known else np.zeros(0),
        origin="detected",
    )
    return changed(given, [change for part in parts for change in part.changes])
