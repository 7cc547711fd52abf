"""Pulses in a PPG, all of it at once: the fold of the same streaming step as for an ECG."""

from __future__ import annotations

import numpy as np

from vagus.errors import InputError, Problem
from vagus.signal.beat import layout
from vagus.signal.beat.stream import OFFLINE_LAG_S, SLOWEST_HZ, beat_table
from vagus.signal.beats import Beats
from vagus.signal.reading.gaps import long_gaps, unreadable
from vagus.signal.recording import Recording
from vagus.signal.vector import Array

SHORTEST_S = 5.0
_FEWEST = 2
_SMOOTH_S, _STRETCH_S = 0.1, 5.0


def find_pulses(recording: Recording, *, lag_s: float = OFFLINE_LAG_S) -> Beats:
    """Times of the steepest rise of each pulse of a PPG, with a quality for each; their variability is PRV, not HRV.

    Rises are summed over 0.17 s; the most likely sequence of pulses through the peaks of that sum is taken. The
    steepest rise is placed between samples. A PPG that falls in systole is turned: its slopes tell, as pulses rise
    faster than they fall.

    Parameters
    ----------
    recording : Recording
        A PPG of at least 5 s, at 20 Hz or more.
    lag_s : float
        How far the detector looks ahead: 2 s, or 0.25 s for what it would have said live.

    Returns
    -------
    Beats
        `kind` is "ppg"; quality is the likeness to the pulses before, 0 to 1; times lie a pulse transit time after the
        R peaks, which varies from beat to beat.

    Raises
    ------
    InputError
        No PPG, flat, too short, too slow, or no pulses in it.

    Sources
    -------
    Slope sum after Zong et al. 2003, doi:10.1109/CIC.2003.1291140. Deviations: longer sum; sizes are judged as for an
    ECG; the time is that of the steepest rise, not of the foot, which noise moves more.

    Examples
    --------
    >>> t = np.arange(0, 30, 1 / 64)
    >>> wave = np.exp(-0.5 * (((t % 0.8) - 0.3) / 0.08) ** 2) + 0.3 * np.exp(-0.5 * (((t % 0.8) - 0.55) / 0.1) ** 2)
    >>> pulses = find_pulses(Recording(kind="ppg", fs_hz=64, samples=wave, unit=""))
    >>> pulses.kind, pulses.time_s.size, round(float(pulses.rr_ms.mean()), 1)
    ('ppg', 38, 800.0)
    """
    _check(recording)
    gaps = unreadable(recording)
    samples = recording.samples * _upward(recording.samples, recording.fs_hz)
    for gap in long_gaps(gaps):
        samples[round(gap.start_s * recording.fs_hz) : round(gap.stop_s * recording.fs_hz)] = np.nan
    found = beat_table(samples, kind="ppg", fs_hz=recording.fs_hz, lag_s=lag_s)
    time_s = found[:, layout.E_AT] / recording.fs_hz
    for gap in long_gaps(gaps):
        found = found[(time_s < gap.start_s) | (time_s >= gap.stop_s)]
        time_s = found[:, layout.E_AT] / recording.fs_hz
    if time_s.size < _FEWEST:
        words = f"{time_s.size} in {recording.duration_s:.0f} s"
        raise InputError(Problem(what="no pulses in the PPG", where=_where(recording), found=words))
    return Beats(
        time_s=time_s, quality=found[:, layout.E_QUALITY], kind="ppg", origin="detected", source_name=recording.name,
        fs_hz=recording.fs_hz, gaps=gaps,
    )  # fmt: skip


def _upward(samples: Array, fs_hz: float) -> float:
    """1 where the steep slopes rise, -1 where they fall: median skewness of the slope over stretches of 5 s."""
    box = max(1, round(_SMOOTH_S * fs_hz))
    slope = np.diff(np.convolve(samples - samples[0], np.full(box, 1 / box), mode="valid"))
    per = round(_STRETCH_S * fs_hz)
    blocks = slope[: slope.size // per * per].reshape(-1, per) if slope.size >= per else slope[None, :]
    blocks = blocks - blocks.mean(axis=1, keepdims=True)
    spread = np.mean(blocks**2, axis=1) ** 1.5
    skew = np.mean(blocks**3, axis=1) / np.where(spread > 0, spread, 1.0)
    return 1.0 if np.median(skew) >= 0 else -1.0


def _where(recording: Recording) -> str:
    return f"{recording.name or 'recording'}, channel {recording.channel or recording.kind}"


def _check(recording: Recording) -> None:
    where, least_hz = _where(recording), SLOWEST_HZ["ppg"]
    if recording.kind != "ppg":
        raise InputError(Problem(what="pulses are found in a PPG", where=where, found=f'kind "{recording.kind}"'))
    if recording.duration_s < SHORTEST_S:
        found = f"{recording.duration_s:.3g} s"
        raise InputError(
            Problem(what="PPG is too short", where=where, found=found, allowed=f"{SHORTEST_S:g} s or more")
        )
    if recording.fs_hz < least_hz:
        found = f"{recording.fs_hz:g} Hz"
        raise InputError(Problem(what="fs_hz is too low", where=where, found=found, allowed=f"{least_hz:g} Hz or more"))
    if np.ptp(recording.samples) <= 1e-12 * max(abs(float(recording.samples[0])), 1e-300):
        raise InputError(Problem(what="PPG is flat", where=where, allowed="pulses", why="sensor off?"))
