"""Beats in an ECG, all of it at once: the fold of the streaming step (`beat.stream`) with a lag of 2 s."""

from __future__ import annotations

import numpy as np

from vagus.errors import InputError, Problem
from vagus.signal.beat import layout
from vagus.signal.beat.pacing import spike_times
from vagus.signal.beat.stream import OFFLINE_LAG_S, SLOWEST_HZ, beat_table
from vagus.signal.beats import Beats
from vagus.signal.reading.gaps import extremes, long_gaps, unreadable
from vagus.signal.recording import Gap, Recording
from vagus.signal.template import GOOD, jitter_ms, likeness, qrs_band
from vagus.signal.vector import Array

SHORTEST_S = 5.0
_FEWEST = 2
_FLAT_SHARE = 0.5  # of the seconds


def find_beats(recording: Recording, *, lag_s: float = OFFLINE_LAG_S) -> Beats:
    """R peaks of an ECG with sub-sample times and a quality for each.

    Waves are peaks of the summed slope of the smoothed ECG; the most likely sequence of beats through them, by size,
    steepness and interval, is taken. R lies at the extreme against the line between the feet of the wave, upward or
    downward as most beats of the moment point, between samples by a parabola through three points.

    Parameters
    ----------
    recording : Recording
        An ECG of at least 5 s, at 80 Hz or more.
    lag_s : float
        How far the detector looks ahead: 2 s, or 0.12 s for what it would have said live.

    Returns
    -------
    Beats
        Times in seconds from the start of the recording; quality is the likeness to the median beat around;
        `jitter_ms` is an estimate of the error of the times; `gaps` are the stretches in which no heartbeat can be read
        (no samples; flat or saturated for 3 s and more), and hold no beats; `paced_s` are beats with a pacing
        spike.

    Raises
    ------
    InputError
        No ECG, flat, too short, or no beats in it; a lag out of range.

    Sources
    -------
    Adaptive thresholds, refractory time and suspicion of the T wave after Pan & Tompkins 1985,
    doi:10.1109/TBME.1985.325532. Deviations: the slope is not squared, two levels are quantiles, and instead of
    searching back the most likely sequence is found over all waves that wait.

    Examples
    --------
    A made-up ECG at 75 beats a minute:

    >>> import numpy as np
    >>> from vagus.signal import Recording, find_beats
    >>> t = np.arange(0, 20, 1 / 250)
    >>> wave = np.exp(-0.5 * (((t % 0.8) - 0.4) / 0.012) ** 2)
    >>> beats = find_beats(Recording(kind="ecg", fs_hz=250, samples=wave, unit="mV"))
    >>> beats.time_s.size, round(float(beats.rr_ms.mean()), 1)
    (25, 800.0)
    """
    _check(recording)
    gaps = unreadable(recording)
    found = beat_table(_without(recording, long_gaps(gaps)), kind="ecg", fs_hz=recording.fs_hz, lag_s=lag_s)
    place = found[:, layout.E_AT]
    inside = _outside(place, long_gaps(gaps), recording.fs_hz)
    place = place[inside]
    if place.size < _FEWEST:
        what = f"{place.size} in {recording.duration_s:.0f} s"
        raise InputError(Problem(what="no heartbeats in the ECG", where=_where(recording), found=what))
    band, time_s = qrs_band(recording, gaps), place / recording.fs_hz
    good = likeness(band, time_s, gaps)
    return Beats(
        time_s=time_s,
        quality=good,
        origin="detected",
        source_name=recording.name,
        fs_hz=recording.fs_hz,
        jitter_ms=jitter_ms(band, time_s[good >= GOOD]),
        gaps=gaps,
        paced_s=spike_times(recording.samples, fs_hz=recording.fs_hz, time_s=time_s),
    )


def _without(recording: Recording, gaps: tuple[Gap, ...]) -> Array:
    """Samples, NaN where nothing can be read."""
    samples = recording.samples.copy() if gaps else recording.samples
    for gap in gaps:
        samples[round(gap.start_s * recording.fs_hz) : round(gap.stop_s * recording.fs_hz)] = np.nan
    return samples


def _outside(place: Array, gaps: tuple[Gap, ...], fs_hz: float) -> np.ndarray:
    """Which places do not lie in a stretch where nothing can be read, (n,) of bool."""
    kept = np.ones(place.size, dtype=bool)
    for gap in gaps:
        kept &= (place < gap.start_s * fs_hz) | (place >= gap.stop_s * fs_hz)
    return kept


def _where(recording: Recording) -> str:
    return f"{recording.name or 'recording'}, channel {recording.channel or recording.kind}"


def _check(recording: Recording) -> None:
    where, slowest_hz = _where(recording), SLOWEST_HZ["ecg"]
    if recording.kind != "ecg":
        raise InputError(Problem(what="beats are found in an ECG", where=where, found=f'kind "{recording.kind}"'))
    if recording.duration_s < SHORTEST_S:
        raise InputError(
            Problem(
                what="ECG is too short",
                where=where,
                found=f"{recording.duration_s:.3g} s",
                allowed=f"{SHORTEST_S:g} s or more",
            )
        )
    if recording.fs_hz < slowest_hz:
        raise InputError(
            Problem(
                what="fs_hz is too low for an ECG",
                where=where,
                found=f"{recording.fs_hz:g} Hz",
                allowed=f"{slowest_hz:g} Hz or more",
            )
        )
    samples = recording.samples
    high, low = extremes(samples, int(recording.fs_hz))
    rest = samples[high.size * int(recording.fs_hz) :].tolist()
    if max([high.max(), *rest]) - min([low.min(), *rest]) <= 1e-12 * max(abs(float(samples[0])), 1e-300):
        found = f"0 {recording.unit} change in {recording.duration_s:g} s".replace("  ", " ")
        raise InputError(Problem(what="ECG is flat", where=where, found=found, allowed="heartbeats", why="lead off?"))
    swing = high - low
    flat = swing <= 1e-3 * np.max(swing)
    if flat.mean() > _FLAT_SHARE:
        found = f"flat for {flat.sum()} of {flat.size} s, from {np.argmax(flat)} s"
        raise InputError(Problem(what="ECG is flat", where=where, found=found, allowed="heartbeats", why="lead off?"))
