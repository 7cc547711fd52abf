"""How live decisions agree with breaths that people marked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from vagus.signal.breath.state import BreathState, RisesWith, Sensor
from vagus.signal.breath.step import breath_step
from vagus.signal.recording import Recording
from vagus.signal.vector import Array, vector


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Decisions beside marks, one to one.

    Parameters
    ----------
    n_marked, n_decided, n_met : int
        Marks, decisions, pairs within the tolerance.
    se_pct, ppv_pct, f1_pct : float
        Share of the marks met, of the decisions that met one, their harmonic mean; nan where there is none.
    delay_ms, delay_p5_ms, delay_p95_ms : float
        Decision after mark: median and percentiles over the pairs; nan without a pair.
    """

    n_marked: int
    n_decided: int
    n_met: int
    se_pct: float
    ppv_pct: float
    f1_pct: float
    delay_ms: float
    delay_p5_ms: float
    delay_p95_ms: float


def exhalation_agreement(decided_s: ArrayLike, marked_s: ArrayLike, *, tolerance_s: float = 0.5) -> Agreement:
    """Agreement of live decisions with marked onsets of exhalation.

    A breath on which nothing was decided, or that was refused, is a miss. Each mark meets one decision at most and each
    decision one mark; as many pairs are made as there can be.

    Parameters
    ----------
    decided_s : (n,) array
        Times at which an exhalation was decided, increasing.
    marked_s : (m,) array
        Marks, increasing.
    tolerance_s : float
        Largest distance of a pair, 0.5 as in the comparison of the two people of BIDMC.

    Examples
    --------
    >>> found = exhalation_agreement([1.1, 5.0, 9.2], [1.0, 9.0, 13.0])
    >>> found.n_met, round(found.se_pct, 1), round(found.ppv_pct, 1), round(found.delay_ms)
    (2, 66.7, 66.7, 150)
    """
    decided = vector(decided_s, name="decisions", increasing=True)
    marked = vector(marked_s, name="marks", increasing=True)
    delays = 1000 * _pairs(decided, marked, tolerance_s)
    met = delays.size
    nothing = float("nan")
    low, middle, high = np.quantile(delays, [0.05, 0.5, 0.95]).tolist() if met else (nothing,) * 3
    return Agreement(
        n_marked=marked.size,
        n_decided=decided.size,
        n_met=met,
        se_pct=100 * met / marked.size if marked.size else nothing,
        ppv_pct=100 * met / decided.size if decided.size else nothing,
        f1_pct=200 * met / (marked.size + decided.size) if marked.size + decided.size else nothing,
        delay_ms=middle,
        delay_p5_ms=low,
        delay_p95_ms=high,
    )


def _pairs(decided: Array, marked: Array, tolerance_s: float) -> Array:
    """Decision minus mark of each pair. In order of time, each with the first that fits: no other way makes more."""
    found: list[float] = []
    i = j = 0
    while i < decided.size and j < marked.size:
        apart = float(decided[i] - marked[j])
        if abs(apart) <= tolerance_s:
            found.append(apart)
        i += apart <= tolerance_s
        j += apart >= -tolerance_s
    return np.array(found)


def live_exhalations(
    recording: Recording, *, rises_with: RisesWith = "inspiration", sensor: Sensor = "volume"
) -> Array:
    """Times at which the live step decided that an exhalation begins, over a whole recording.

    Decisions while `BreathState.trouble` holds are refused, as the gate refuses them.

    Parameters
    ----------
    recording : Recording
    rises_with, sensor
        As for `find_breaths`.

    Examples
    --------
    >>> t = np.arange(0, 20, 0.04)
    >>> belt = Recording(kind="resp", fs_hz=25, samples=-np.cos(2 * np.pi * 0.25 * t), unit="")
    >>> live_exhalations(belt).round(1).tolist()
    [2.6, 6.1, 10.1, 14.0, 18.0]
    """
    state = BreathState.of(fs_hz=recording.fs_hz, rises_with=rises_with, sensor=sensor)
    # as often as a gate would be asked
    step = max(1, round(0.1 * recording.fs_hz))
    times: list[float] = []
    for first in range(0, recording.samples.size, step):
        state, events = breath_step(state, recording.samples[first : first + step])
        if events and not state.trouble:
            times.extend(e.time_s for e in events if e.kind == "exhale" and e.when == "live")
    return np.array(times)
