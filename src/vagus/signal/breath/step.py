"""The live step over respiration: samples in, onsets of expiration and inspiration out."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from vagus.signal.breath.state import PARAMETERS, BreathEvent, BreathState, per_block
from vagus.signal.known import value
from vagus.signal.vector import row

_KINDS: tuple[tuple[Literal["exhale", "inhale"], Literal["live", "confirmed"]], ...] = (
    ("exhale", "live"),
    ("inhale", "live"),
    ("exhale", "confirmed"),
    ("inhale", "confirmed"),
)
_EVENTS_PER_BLOCK = 3


def breath_step(state: BreathState, samples: ArrayLike) -> tuple[BreathState, tuple[BreathEvent, ...]]:
    """The state after some samples, and the onsets that they decided.

    Pure: the state that came in is left as it was, and any cutting into chunks gives the same events.

    A smoothed signal (Hann window of 0.3 s) tells when, a slow mean over 15 % of a breath tells turns, so that the
    heart's own beat in an impedance signal makes none. Expiration begins, live, when the usual time from half way up to
    the peak has passed and the rise is over; or when the rise is over within one spread of that time; or when the
    signal falls by a tenth of the rise. Where nothing is sure, `BreathState.trouble` says why.

    Parameters
    ----------
    state : BreathState
    samples : (n,) array
        The next samples; nan where one was lost. n may be 0.

    Returns
    -------
    state : BreathState
    events : tuple of BreathEvent
        In order of decision.

    Raises
    ------
    InputError
        Samples that are no row of numbers, or infinite.

    Examples
    --------
    >>> import numpy as np
    >>> t = np.arange(0, 60, 0.04)
    >>> state = BreathState.of(fs_hz=25.0, rises_with="inspiration")
    >>> state, events = breath_step(state, -np.cos(2 * np.pi * 0.25 * t))
    >>> [round(e.time_s, 1) for e in events if e.kind == "exhale" and e.when == "confirmed"][-3:]
    [50.0, 54.0, 58.0]
    >>> round(state.rate_per_min, 1), state.trouble
    (15.0, '')
    """
    from vagus.signal.breath._kernels import run  # noqa: PLC0415

    chunk = row(samples, what="a chunk").copy()  # always writable: the kernel is compiled for this and nothing else
    n_per_block = per_block(state.fs_hz)
    numbers, ring, past = state.numbers.copy(), state.ring.copy(), state.past.copy()
    events = np.empty((_EVENTS_PER_BLOCK * (chunk.size // n_per_block + 1), 4))
    leak = math.exp(-1 / (value("flow_leak_s") * state.fs_hz)) if state.sensor == "flow" else 0.0
    sign = 1.0 if state.rises_with == "inspiration" else -1.0
    n = run(
        chunk,
        n_per_block,
        leak,
        sign,
        state.fs_hz / n_per_block,
        state.taps,
        _parameters(),
        numbers,
        ring,
        past,
        events,
    )
    moved = replace(state, numbers=numbers, ring=ring, past=past)
    return moved, tuple(_event(moved, event) for event in events[:n]) if n else ()


@cache
def _parameters() -> np.ndarray:
    return np.array([value(key) for key in PARAMETERS])


def _event(state: BreathState, row: np.ndarray) -> BreathEvent:
    """Event of a row of the kernel; a block's samples lie around its middle, its decision at its last sample."""
    kind, when = _KINDS[int(row[0])]
    in_block_s = (per_block(state.fs_hz) - 1) / state.fs_hz
    decided_s = state.start_s + float(row[2]) + in_block_s
    onset_s = state.start_s + float(row[1]) + in_block_s / 2
    return BreathEvent(
        kind=kind,
        when=when,
        time_s=decided_s if when == "live" else onset_s,
        decided_s=decided_s,
        quality=float(row[3]),
    )
