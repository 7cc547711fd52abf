"""How far each beat looks like the beats around it: signal quality of an ECG."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import signal as dsp

from vagus.errors import InputError, Problem
from vagus.signal.beats import Beats
from vagus.signal.known import value
from vagus.signal.reading.gaps import bridged, unreadable
from vagus.signal.recording import Gap, Recording
from vagus.signal.vector import Array

GOOD = 0.8  # least likeness of a beat that counts as good
_BAND_HZ = (3.0, 45.0)  # holds the QRS complex; leaves out drift, most of the T wave and the mains
_BEFORE_S, _AFTER_S = 0.10, 0.12
_BLOCK_BEATS = 64  # a template a block: the shape may drift over hours
_FIT_S = 0.08  # either side of the R peak: the QRS complex, whose slopes tell its time
_FEWEST_FIT, _MOST_BLOCKS = 8, 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """Share of good beats in a recording, and in words.

    Parameters
    ----------
    share_good_pct : float
        Beats whose likeness is at least 0.8, in percent.
    n_beats, n_good : int
    text : str
    """

    share_good_pct: float
    n_beats: int
    n_good: int
    text: str


def quality(recording: Recording, beats: Beats) -> Quality:
    """Share of beats that look like the median beat around them.

    Parameters
    ----------
    recording : Recording
        The ECG in which the beats lie.
    beats : Beats

    Returns
    -------
    Quality

    Raises
    ------
    InputError
        The recording is no ECG, or too short.
    """
    if recording.kind != "ecg":
        raise InputError(Problem(what="quality needs an ECG", where=recording.name, found=recording.kind))
    inside = beats.time_s[(beats.time_s >= 0) & (beats.time_s < recording.duration_s)]
    index = np.rint(inside * recording.fs_hz).astype(np.int64)
    gaps = unreadable(recording)
    found = likeness(qrs_band(recording, gaps), recording.fs_hz, index, gaps)
    n_good = int((found >= GOOD).sum())
    share = 100.0 * n_good / found.size if found.size else 0.0
    text = f"{n_good} of {found.size} beats ({share:.0f} %) look like the median beat around them"
    return Quality(share_good_pct=share, n_beats=int(found.size), n_good=n_good, text=text)


def qrs_band(recording: Recording, gaps: tuple[Gap, ...] | None = None) -> Array:
    """ECG from 3 to 45 Hz (second-order Butterworth, forward and backward: no delay), same length.

    Over stretches of 3 s and more in which nothing can be read (`gaps`, where they are known already) lie straight
    lines: their edges make no wave.
    """
    high = min(_BAND_HZ[1], 0.45 * recording.fs_hz)
    try:
        sos = dsp.butter(2, (_BAND_HZ[0], high), btype="bandpass", fs=recording.fs_hz, output="sos")
        return dsp.sosfiltfilt(sos, bridged(recording, gaps).samples)
    except ValueError as error:
        found = f"{recording.samples.size} samples at {recording.fs_hz:g} Hz"
        raise InputError(Problem(what="too short or too slow for an ECG", where=recording.name, found=found)) from error


def likeness(filtered: Array, fs_hz: float, index: np.ndarray, gaps: tuple[Gap, ...] = ()) -> Array:
    """Likeness of each beat to the median beat of its block, 0 to 1.

    It is the correlation with that median beat, lowered where the beat is less than half or more than twice as large;
    0 for a negative correlation and inside a gap.

    Parameters
    ----------
    filtered : (n,) array
        From `qrs_band`.
    fs_hz : float
    index : (m,) array of int
        Samples of the R peaks.
    gaps : tuple of Gap

    Returns
    -------
    (m,) array
    """
    found = np.zeros(index.size)
    offsets = np.arange(-round(_BEFORE_S * fs_hz), round(_AFTER_S * fs_hz) + 1)
    pieces = filtered[np.clip(index[:, None] + offsets, 0, filtered.size - 1)]
    for first in range(0, index.size, _BLOCK_BEATS):
        # the last block reaches back, so that it is never a handful of beats
        around = pieces[max(0, min(first, index.size - _BLOCK_BEATS)) : first + _BLOCK_BEATS]
        block = slice(first, first + _BLOCK_BEATS)
        found[block] = _fit(pieces[block], np.median(around, axis=0))
    for gap in gaps:
        near = (index >= (gap.start_s - _AFTER_S) * fs_hz) & (index <= (gap.stop_s + _BEFORE_S) * fs_hz)
        found[near] = 0.0
    return found


def _fit(pieces: Array, template: Array) -> Array:
    level = np.sqrt(np.sum(template**2))
    size = np.sqrt(np.sum(pieces**2, axis=1))
    if level == 0:
        return np.zeros(size.size)
    ratio = size / level
    correlation = (pieces @ template) / np.where(size > 0, size * level, 1.0)
    # likeness in size: 1 between half and twice the median beat, then falling
    scale = np.minimum(1.0, 2.0 * np.minimum(ratio, 1.0 / np.maximum(ratio, 1e-12)))
    return np.clip(correlation * scale, 0.0, 1.0)


def jitter_ms(filtered: Array, place: Array, fs_hz: float) -> float | None:
    """Standard deviation of the error of R times in ms; None with fewer than eight beats.

    Each beat is laid on the median beat of its block, time for time, by all of its QRS complex, which noise and grid
    hardly move; what the R time is off from that is taken for its error (robustly: from the middle half). Beat to beat
    changes of the shape count as error, too. The error of the fit itself is added: its variance is that of the noise
    left over against the energy of the slope (Cramér and Rao's bound). A measured factor allows for the rest.

    Parameters
    ----------
    filtered : (n,) array
        From `qrs_band`, R waves upward.
    place : (m,) array
        R times in samples, between samples as well.
    fs_hz : float
    """
    if place.size < _FEWEST_FIT:
        return None
    if (blocks := place.size // _BLOCK_BEATS) > _MOST_BLOCKS:  # as many, spread evenly, tell enough
        first = np.linspace(0, blocks - 1, _MOST_BLOCKS).astype(np.int64) * _BLOCK_BEATS
        place = place[(first[:, None] + np.arange(_BLOCK_BEATS)).ravel()]
    whole = np.floor(place).astype(np.int64)
    reach = round(_FIT_S * fs_hz)
    pad = 2 * reach  # room for the shift, which wraps around
    offsets = np.arange(-pad, pad)
    pieces = filtered[np.clip(whole[:, None] + offsets, 0, filtered.size - 1)] * np.hanning(offsets.size)
    turn = 2j * np.pi * np.fft.rfftfreq(offsets.size)
    spectra = np.fft.rfft(pieces) * np.exp(turn * (place - whole)[:, None])  # each R time on sample `pad`
    error, shared = np.zeros(place.size), np.zeros(place.size)
    for first in range(0, place.size, _BLOCK_BEATS):
        block = slice(first, first + _BLOCK_BEATS)
        around = spectra[max(0, min(first, place.size - _BLOCK_BEATS)) : first + _BLOCK_BEATS]
        template = np.fft.rfft(np.median(np.fft.irfft(around, offsets.size), axis=0))
        slope = np.fft.irfft(template * turn, offsets.size)[pad - reach : pad + reach]
        level = np.fft.irfft(template, offsets.size)[pad - reach : pad + reach]
        left, size = level[None, :], np.ones(1)
        for _ in range(3):  # Newton steps of least squares in time and size
            at = np.fft.irfft(spectra[block] * np.exp(turn * error[block, None]), offsets.size)
            at = at[:, pad - reach : pad + reach]
            size = np.maximum(at @ level / (level @ level), 1e-3)
            left = at - size[:, None] * level
            error[block] -= np.clip(left @ slope / (size * (slope @ slope)), -0.5, 0.5)
        shared[block] = np.mean(left**2, axis=1) / (size**2 * (slope @ slope))
    low, high = np.quantile(error, [0.25, 0.75])
    # noise of the fit itself, which R time and fit share: what is left, spread over the band of `qrs_band`
    band = (min(_BAND_HZ[1], 0.45 * fs_hz) - _BAND_HZ[0]) / (0.5 * fs_hz)
    error_samples = np.hypot((high - low) / 1.349, np.sqrt(np.median(shared) / band))
    return float(value("jitter_factor") * error_samples / fs_hz * 1000)
