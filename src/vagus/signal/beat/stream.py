"""Beats of an ECG as its samples come in: one pure step; offline is its fold with a longer lag.

    state = BeatState.of("ecg", fs_hz=250, lag_s=0.12)
    state, beats = beat_step(state, samples)   # any number of samples; NaN where one was lost
    beats = beat_rest(state)                   # what still waits at the end

The ECG is smoothed by two boxes (20 ms and 16.7 ms: nothing is left of mains at 50 and 60 Hz), its slope over 24 ms
summed over 100 ms. Each peak of that sum is a wave; its R time is the extreme against the line between its feet. In a
PPG boxes and sums are longer, only rises are summed, and the time is that of the steepest rise (after the slope sum of
Zong et al. 2003). A wave waits up to `lag_s`, then is decided: see `_kernels.py`. Every number is computed sample
by sample, so that chunks leave no trace.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from vagus.errors import InputError, Problem
from vagus.signal.beat import layout
from vagus.signal.beat.constants import value
from vagus.signal.vector import Array, row

IntArray = np.ndarray[tuple[int, ...], np.dtype[np.int64]]

Sensor = Literal["ecg", "ppg"]
SLOWEST_HZ, FASTEST_HZ = {"ecg": 80.0, "ppg": 20.0}, 4000.0  # below, the band of the QRS complex is not there
SHORTEST_LAG_S, LONGEST_LAG_S = 0.05, 4.0
OFFLINE_LAG_S, LIVE_LAG_S = 2.0, {"ecg": 0.12, "ppg": 0.25}
_PER_S = 12  # waves a second at most: each is 90 ms from the next
REASONS = ("", "unlike the beats before it", "smaller than half", "more than twice as large", "nothing to compare with")


@dataclass(frozen=True, slots=True, kw_only=True)
class BeatEvent:
    """One heartbeat, decided.

    Parameters
    ----------
    time_s : float
        R time from the first sample of the stream, between samples.
    decided_s : float
        Time of the sample with which it was decided; `decided_s - time_s` is how long that took.
    quality : float
        Likeness to the mean of the beats before it, 0 to 1; good from 0.8.
    reason : str
        Why it is not good, "" where it is: "unlike the beats before it".
    points_up : bool
        Whether the R wave was read as an upward one.
    """

    time_s: float
    decided_s: float
    quality: float
    reason: str
    points_up: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BeatState:
    """A detector between two chunks: all that it remembers. Made by `BeatState.of`.

    Parameters
    ----------
    kind : "ecg" or "ppg"
    fs_hz : float
    lag_s : float
        A wave is decided with the last sample that comes within this after it.
    lengths : array of int
        Lengths of the filters in samples.
    numbers, counts : array
        The memory, as `layout` names it; read-only.
    """

    kind: Sensor
    fs_hz: float
    lag_s: float
    lengths: IntArray
    numbers: Array
    counts: IntArray

    @classmethod
    def of(cls, kind: Sensor, *, fs_hz: float, lag_s: float | None = None) -> BeatState:
        """A detector that has heard nothing yet.

        Parameters
        ----------
        kind : "ecg" or "ppg"
            R peaks of an ECG, or pulses of a PPG that rises in systole.
        fs_hz : float
            Sampling rate: 80 to 4000 Hz for an ECG, 20 to 4000 Hz for a PPG.
        lag_s : float, optional
            How long a wave may wait for what follows before it is decided, up to 4 s; without it as short as serves:
            0.12 s for an ECG, 0.25 s for a PPG. At 2 s the two or three waves that follow help to decide.

        Raises
        ------
        InputError
            Another kind, or a rate or lag out of range.

        Examples
        --------
        >>> BeatState.of("ecg", fs_hz=250).time_s
        0.0
        """
        if kind not in get_args(Sensor):
            raise InputError(Problem(what="beats are found in an ECG or a PPG", found=f'kind "{kind}"'))
        lag_s = LIVE_LAG_S[kind] if lag_s is None else lag_s
        for name, given, low, high, unit in (
            ("fs_hz", fs_hz, SLOWEST_HZ[kind], FASTEST_HZ, "Hz"),
            ("lag_s", lag_s, SHORTEST_LAG_S, LONGEST_LAG_S, "s"),
        ):
            if not (math.isfinite(given) and low <= given <= high):
                allowed = f"{low:g} to {high:g} {unit}"
                raise InputError(Problem(what=f"{name} is out of range", found=f"{given} {unit}", allowed=allowed))
        lengths = _lengths(kind, fs_hz, lag_s)
        n = (
            layout.SCALARS + 3 * layout.KEPT + 2 * int(lengths[layout.SHAPE]) + 1 + layout.WAITING * layout.FIELDS
            + 3 * int(lengths[layout.RING]) + int(lengths[layout.LONG_RING])
        )  # fmt: skip
        numbers = np.zeros(n)
        numbers[layout.LAST_AT] = -1e300
        counts = np.zeros(layout.COUNTS, dtype=np.int64)
        counts[layout.IS_FALLING] = 1
        counts[layout.LOST_NOW] = -1
        return cls(
            kind=kind, fs_hz=float(fs_hz), lag_s=float(lag_s), lengths=_sealed(lengths), numbers=_sealed(numbers),
            counts=_sealed(counts),
        )  # fmt: skip

    @property
    def time_s(self) -> float:
        """Time that has come in."""
        return int(self.counts[layout.NOW]) / self.fs_hz

    @property
    def lead_off(self) -> bool:
        """Whether nothing moves, or samples are lost, since a second and more: no beat can be read now."""
        still = max(int(self.counts[layout.QUIET_RUN]), int(self.counts[layout.LOST_RUN]))
        return still >= self.fs_hz


def _sealed(array: np.ndarray) -> np.ndarray:
    array.setflags(write=False)
    return array


def _lengths(kind: Sensor, fs_hz: float, lag_s: float) -> IntArray:
    found = np.zeros(layout.LENGTHS, dtype=np.int64)
    for place, key in (
        (layout.BOX1, "box1_s"), (layout.BOX2, "box2_s"), (layout.REACH, "reach_s"), (layout.WINDOW, "window_s"),
        (layout.HOLD, "hold_s"), (layout.LEAST_HOLD, "least_hold_s"), (layout.SEARCH, "search_s"),
        (layout.ARM, "arm_s"), (layout.ARM_WIDTH, "arm_width_s"), (layout.SHAPE, "shape_s"),
    ):  # fmt: skip
        found[place] = max(1, round(value(key, kind) * fs_hz))
    found[layout.RING] = _power((value("window_s", kind) + 0.2) * fs_hz)
    found[layout.LONG_RING] = _power((lag_s + 0.6) * fs_hz)
    return found


def _power(n: float) -> int:
    return 1 << math.ceil(math.log2(n))


@cache
def _constants(kind: Sensor, lag_s: float) -> Array:
    given = {"lag_s": lag_s, "is_pulse": float(kind == "ppg")}
    found = np.array([given[name] if name in given else value(name, kind) for name in layout.CONSTANTS])
    if lag_s < value("refractory_s"):
        found[layout.MARGIN] = value("live_margin")
    return _sealed(found)


def advance(state: BeatState, chunk: ArrayLike) -> tuple[BeatState, Array]:
    """As `beat_step`, with the beats as a table: a row each, columns as `layout` names them, times in samples."""
    from vagus.signal.beat import _kernels

    samples = row(chunk, what="a chunk").view()
    samples.setflags(write=False)  # always: the kernel is compiled for this and nothing else
    numbers, counts = state.numbers.copy(), state.counts.copy()
    most = math.ceil(_PER_S * samples.size / state.fs_hz) + layout.WAITING
    events = np.zeros((most, layout.EVENT))
    n = _kernels.step(samples, state.fs_hz, state.lengths, _constants(state.kind, state.lag_s), numbers, counts, events)
    return replace(state, numbers=_sealed(numbers), counts=_sealed(counts)), events[:n]


def beat_step(state: BeatState, chunk: ArrayLike) -> tuple[BeatState, tuple[BeatEvent, ...]]:
    """The detector after some more samples, and the beats decided with them.

    Parameters
    ----------
    state : BeatState
        From `BeatState.of` or the step before; not changed.
    chunk : (n,) array
        Samples in any unit, one or many; NaN where a sample was lost.

    Raises
    ------
    InputError
        Infinite samples, or no row of numbers.

    Examples
    --------
    >>> t = np.arange(0, 10, 1 / 250)
    >>> wave = np.exp(-0.5 * (((t % 0.8) - 0.4) / 0.012) ** 2)
    >>> state, beats = beat_step(BeatState.of("ecg", fs_hz=250), wave)
    >>> len(beats), round(beats[-1].time_s, 3), round(beats[-1].decided_s - beats[-1].time_s, 2)
    (12, 9.2, 0.12)
    """
    state, table = advance(state, chunk)
    return state, _events(state, table)


def _events(state: BeatState, table: Array) -> tuple[BeatEvent, ...]:
    return tuple(
        BeatEvent(
            time_s=line[layout.E_AT] / state.fs_hz, decided_s=line[layout.E_DECIDED] / state.fs_hz,
            quality=line[layout.E_QUALITY], reason=REASONS[int(line[layout.E_REASON])], points_up=line[layout.E_UP] > 0,
        )
        for line in table.tolist()
    )  # fmt: skip


def rest_table(state: BeatState) -> Array:
    """As `beat_rest`, as a table."""
    ahead_s = state.lag_s + value("learn_s", state.kind) + 0.5
    _, table = advance(state, np.full(math.ceil(ahead_s * state.fs_hz), np.nan))
    return table[table[:, layout.E_AT] < int(state.counts[layout.NOW]) - 0.5]


def beat_rest(state: BeatState) -> tuple[BeatEvent, ...]:
    """Beats that still wait when the stream ends, in order of time."""
    return _events(state, rest_table(state))


def beat_table(samples: ArrayLike, *, kind: Sensor, fs_hz: float, lag_s: float = OFFLINE_LAG_S) -> Array:
    """All beats of samples at once, the fold of the step: a row each, columns as `layout` names them."""
    state, table = advance(BeatState.of(kind, fs_hz=fs_hz, lag_s=lag_s), samples)
    return np.concatenate([table, rest_table(state)])
