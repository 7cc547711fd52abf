"""Breaths of a whole recording: the fold of the live step."""

from __future__ import annotations

import numpy as np

from vagus.errors import InputError, Problem
from vagus.signal.breath.state import BreathEvent, BreathState, RisesWith, Sensor
from vagus.signal.breath.step import breath_step
from vagus.signal.breaths import Breaths
from vagus.signal.recording import Recording
from vagus.signal.vector import Array

_LEAST_HZ = 4.0
_CHUNK_S = 300.0
SHORTEST_S = 20.0


def find_breaths(recording: Recording, *, rises_with: RisesWith = "inspiration", sensor: Sensor = "volume") -> Breaths:
    """Onsets of inspiration (troughs) and expiration (peaks).

    The same step as live, `breath_step`, told the whole recording; of each onset the confirmed time is kept, for which
    it waits until the signal has come back by 30 % of the usual swing.

    Parameters
    ----------
    recording : Recording
        Respiration, 20 s or more, 4 Hz or more.
    rises_with : "inspiration" or "expiration"
        Which way the signal goes.
    sensor : "volume" or "flow"
        Belt, impedance and derived respiration follow the volume; flow is summed to one.

    Returns
    -------
    Breaths
        Quality of a breath is how near its swing is to the usual one, 0 to 1; 0 where samples are missing.

    Raises
    ------
    InputError
        No respiration, flat or too short.

    Examples
    --------
    >>> import numpy as np
    >>> t = np.arange(0, 60, 0.04)
    >>> belt = Recording(kind="resp", fs_hz=25, samples=-np.cos(2 * np.pi * 0.25 * t), unit="")
    >>> round(find_breaths(belt).rate_per_min, 1)
    15.0
    """
    _check(recording)
    events = _folded(recording, rises_with, sensor)
    troughs = np.array([event.time_s for event in events if event.kind == "inhale"])
    exhalations = [event for event in events if event.kind == "exhale"]
    if troughs.size < 2 or not exhalations:
        found = f"{troughs.size} in {recording.duration_s:.0f} s"
        raise InputError(Problem(what="no breaths in the respiration", where=_where(recording), found=found))
    return Breaths(
        inhale_s=troughs,
        exhale_s=np.array([event.time_s for event in exhalations]),
        quality=_quality(recording, troughs, exhalations),
        origin="detected",
        source_name=recording.name,
    )


def _where(recording: Recording) -> str:
    return f"{recording.name or 'recording'}, channel {recording.channel or recording.kind}"


def _check(recording: Recording) -> None:
    if recording.kind != "resp":
        found = f'kind "{recording.kind}"'
        raise InputError(Problem(what="breaths are found in respiration", where=_where(recording), found=found))
    if recording.duration_s < SHORTEST_S or recording.fs_hz < _LEAST_HZ:
        raise InputError(
            Problem(
                what="respiration is too short or too slow",
                where=_where(recording),
                found=f"{recording.duration_s:.3g} s at {recording.fs_hz:g} Hz",
                allowed=f"{SHORTEST_S:g} s or more at {_LEAST_HZ:g} Hz or more",
            )
        )
    if np.ptp(recording.samples) <= 1e-12 * max(abs(float(recording.samples[0])), 1e-300):
        found = f"0 {recording.unit} change in {recording.duration_s:g} s".replace("  ", " ")
        raise InputError(Problem(what="respiration is flat", where=_where(recording), found=found))


def _folded(recording: Recording, rises_with: RisesWith, sensor: Sensor) -> list[BreathEvent]:
    """Confirmed onsets, in chunks so that long recordings need little memory."""
    state = BreathState.of(fs_hz=recording.fs_hz, rises_with=rises_with, sensor=sensor)
    size = max(1, round(_CHUNK_S * recording.fs_hz))
    found: list[BreathEvent] = []
    for first in range(0, recording.samples.size, size):
        state, events = breath_step(state, recording.samples[first : first + size])
        found.extend(event for event in events if event.when == "confirmed")
    return found


def _quality(recording: Recording, troughs: Array, exhalations: list[BreathEvent]) -> Array:
    """Quality of the peak that follows each trough; 0 where there is none yet, or a gap lies in the breath."""
    peaks = [event.time_s for event in exhalations]
    quality = np.array([*(event.quality for event in exhalations), 0.0])[np.searchsorted(peaks, troughs)]
    ends = np.append(troughs[1:], recording.duration_s)
    for gap in recording.gaps:
        quality[(troughs < gap.stop_s) & (ends > gap.start_s)] = 0.0
    return quality
