"""Breaths in a belt, impedance or flow-like signal that rises with inspiration."""

from __future__ import annotations

import numpy as np
from scipy import signal as dsp

from vagus.errors import InputError, Problem
from vagus.signal.breaths import Breaths
from vagus.signal.recording import Recording
from vagus.signal.vector import Array

_BAND_HZ = (0.05, 0.8)  # 3 to 48 breaths per minute; above it the heart's own beat shows in an impedance signal
_TURN_SHARE = 0.3  # of the usual swing: a smaller turn is a wiggle within a breath
_AROUND_S = 60.0
SHORTEST_S = 20.0


def find_breaths(recording: Recording) -> Breaths:
    """Onsets of inspiration (troughs) and expiration (peaks).

    The signal is kept from 0.05 to 0.8 Hz without delay; it has turned once it has come back by 30 % of the usual
    swing (10th to 90th percentile within a minute around), so that wiggles inside a breath are none of their own.

    Parameters
    ----------
    recording : Recording
        Respiration that rises with inspiration, 20 s or more.

    Returns
    -------
    Breaths
        Quality of a breath is how near its swing is to the median swing, 0 to 1.

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
    sos = dsp.butter(2, _BAND_HZ, btype="bandpass", fs=recording.fs_hz, output="sos")
    wave = dsp.sosfiltfilt(sos, recording.samples - np.median(recording.samples))
    troughs, peaks = _turns(wave, _TURN_SHARE * _swing(wave, recording.fs_hz))
    if troughs.size < 2 or not peaks.size:
        found = f"{troughs.size} in {recording.duration_s:.0f} s"
        raise InputError(Problem(what="no breaths in the respiration", where=_where(recording), found=found))
    return Breaths(
        inhale_s=troughs / recording.fs_hz,
        exhale_s=peaks / recording.fs_hz,
        quality=_quality(wave, troughs, peaks),
        origin="detected",
        source_name=recording.name,
    )


def _where(recording: Recording) -> str:
    return f"{recording.name or 'recording'}, channel {recording.channel or recording.kind}"


def _check(recording: Recording) -> None:
    if recording.kind != "resp":
        found = f'kind "{recording.kind}"'
        raise InputError(Problem(what="breaths are found in respiration", where=_where(recording), found=found))
    if recording.duration_s < SHORTEST_S or recording.fs_hz < 4 * _BAND_HZ[1]:
        raise InputError(
            Problem(
                what="respiration is too short or too slow",
                where=_where(recording),
                found=f"{recording.duration_s:.3g} s at {recording.fs_hz:g} Hz",
                allowed=f"{SHORTEST_S:g} s or more at {4 * _BAND_HZ[1]:g} Hz or more",
            )
        )
    if np.ptp(recording.samples) <= 1e-12 * max(abs(float(recording.samples[0])), 1e-300):
        found = f"0 {recording.unit} change in {recording.duration_s:g} s".replace("  ", " ")
        raise InputError(Problem(what="respiration is flat", where=_where(recording), found=found))


def _swing(wave: Array, fs_hz: float) -> Array:
    """Usual swing around each sample: distance from the 10th to the 90th percentile within a minute."""
    half = round(_AROUND_S * fs_hz / 2)
    centers = np.arange(0, wave.size + half // 2, max(1, half // 2))
    pieces = [wave[max(0, c - half) : c + half] for c in np.minimum(centers, wave.size - 1)]
    swings = [float(np.diff(np.quantile(piece, [0.1, 0.9]))[0]) for piece in pieces]
    # a minute of apnea must not turn noise into breaths: never below a tenth of the swing of the whole
    floor = 0.1 * float(np.median(swings))
    return np.interp(np.arange(wave.size), centers, np.maximum(swings, floor))


def _turns(wave: Array, least: Array) -> tuple[np.ndarray, np.ndarray]:
    """Samples of troughs and peaks between which the wave travels by `least` or more."""
    slope = np.sign(np.diff(wave))
    extremes = np.flatnonzero(slope[1:] != slope[:-1]) + 1
    troughs: list[int] = []
    peaks: list[int] = []
    rising: bool | None = None
    low = high = 0
    for at in [*extremes.tolist(), wave.size - 1]:
        low = at if wave[at] < wave[low] else low
        high = at if wave[at] > wave[high] else high
        if rising is not False and wave[high] - wave[at] >= least[at]:
            if rising:  # the first turn is kept only once its start is known
                peaks.append(high)
            rising, low = False, at
        elif rising is not True and wave[at] - wave[low] >= least[at]:
            if rising is False:
                troughs.append(low)
            rising, high = True, at
    return np.array(troughs, dtype=np.int64), np.array(peaks, dtype=np.int64)


def _quality(wave: Array, troughs: np.ndarray, peaks: np.ndarray) -> Array:
    """Likeness of each breath's swing to the median swing."""
    following = np.searchsorted(peaks, troughs)
    swings = np.array(
        [wave[peaks[k]] - wave[trough] if k < peaks.size else 0.0 for trough, k in zip(troughs, following, strict=True)]
    )
    usual = float(np.median(swings[swings > 0]))
    ratio = swings / usual
    return np.clip(np.minimum(ratio, 1 / np.maximum(ratio, 1e-12)), 0.0, 1.0)
