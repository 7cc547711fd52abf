"""How far each beat looks like the beats around it: signal quality of an ECG."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

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
_LEAST_HZ = 150.0  # rate that holds this band: what folds back into it is damped by the means and the filter
_BEYOND_S = 0.5  # by which the ends are prolonged: the filter has forgotten them by then
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
    gaps = unreadable(recording)
    found = likeness(qrs_band(recording, gaps), inside, gaps)
    n_good = int((found >= GOOD).sum())
    share = 100.0 * n_good / found.size if found.size else 0.0
    text = f"{n_good} of {found.size} beats ({share:.0f} %) look like the median beat around them"
    return Quality(share_good_pct=share, n_beats=int(found.size), n_good=n_good, text=text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """ECG in the band of the QRS complex, at a rate that just holds it.

    Parameters
    ----------
    samples : (n,) array
    fs_hz : float
        At least 150 Hz, or that of the recording where it is slower.
    first_s : float
        Time of the first sample.
    """

    samples: Array
    fs_hz: float
    first_s: float

    def place(self, time_s: Array) -> Array:
        """Times in samples of the band, between samples as well."""
        return (time_s - self.first_s) * self.fs_hz

    def around(self, index: np.ndarray, offsets: np.ndarray) -> Array:
        """Samples around each index, (m, offsets) array; the first and last samples go on beyond the ends."""
        return self.samples[np.clip(index[:, None] + offsets, 0, self.samples.size - 1)]


def qrs_band(recording: Recording, gaps: tuple[Gap, ...] | None = None) -> Band:
    """ECG from 3 to 45 Hz (second-order Butterworth, forward and backward: no delay), of means of neighbor samples.

    Over stretches of 3 s and more in which nothing can be read (`gaps`, where they are known already) lie straight
    lines: their edges make no wave.
    """
    from vagus.signal.reading._kernels import zero_phase

    many = max(1, int(recording.fs_hz / _LEAST_HZ))  # samples a mean
    samples, fs_hz = bridged(recording, gaps), recording.fs_hz / many
    n, pad = samples.size // many, math.ceil(_BEYOND_S * fs_hz)
    if n <= pad or _high_hz(fs_hz) <= _BAND_HZ[0]:
        found = f"{samples.size} samples at {recording.fs_hz:g} Hz"
        raise InputError(Problem(what="too short or too slow for an ECG", where=recording.name, found=found))
    values = np.empty(n + 2 * pad)
    middle = values[pad : pad + n]
    middle[:] = samples[: n * many : many]
    for first in range(1, many):
        middle += samples[first : n * many : many]
    middle /= many
    # beyond the ends it goes on turned about the last sample, without a step
    values[:pad] = 2 * middle[0] - middle[pad:0:-1]
    values[pad + n :] = 2 * middle[-1] - middle[-2 : -pad - 2 : -1]
    zero_phase(values, *_filter(fs_hz))
    return Band(samples=middle, fs_hz=fs_hz, first_s=0.5 * (many - 1) / recording.fs_hz)


@cache
def _filter(fs_hz: float) -> tuple[Array, Array]:
    """Sections of the filter, and their state for a constant 1: read-only."""
    sos: Array = np.asarray(
        dsp.butter(2, (_BAND_HZ[0], _high_hz(fs_hz)), btype="bandpass", fs=fs_hz, output="sos"), dtype=np.float64
    )
    start: Array = np.asarray(dsp.sosfilt_zi(sos), dtype=np.float64)
    for array in (sos, start):
        array.setflags(write=False)
    return sos, start


def _high_hz(fs_hz: float) -> float:
    return min(_BAND_HZ[1], 0.45 * fs_hz)


def likeness(band: Band, time_s: Array, gaps: tuple[Gap, ...] = ()) -> Array:
    """Likeness of each beat to the median beat of its block, 0 to 1.

    It is the correlation with that median beat, lowered where the beat is less than half or more than twice as large;
    0 for a negative correlation and inside a gap.

    Parameters
    ----------
    band : Band
        From `qrs_band`.
    time_s : (m,) array
        Times of the R peaks.
    gaps : tuple of Gap

    Returns
    -------
    (m,) array
    """
    offsets = np.arange(-round(_BEFORE_S * band.fs_hz), round(_AFTER_S * band.fs_hz) + 1)
    pieces = band.around(np.rint(band.place(time_s)).astype(np.int64), offsets)
    found = _fit(pieces, _medians(pieces))
    for gap in gaps:
        found[(time_s >= gap.start_s - _AFTER_S) & (time_s <= gap.stop_s + _BEFORE_S)] = 0.0
    return found


def _medians(pieces: Array) -> Array:
    """For each piece the median piece of its block, same shape; the last block reaches back, so as to be a full one."""
    n, width = pieces.shape
    whole = n // _BLOCK_BEATS * _BLOCK_BEATS
    found = np.empty_like(pieces)
    middle = _BLOCK_BEATS // 2
    ordered = np.sort(pieces[:whole].reshape(-1, _BLOCK_BEATS, width), axis=1)  # faster than np.median
    found[:whole] = np.repeat(0.5 * (ordered[:, middle - 1] + ordered[:, middle]), _BLOCK_BEATS, axis=0)
    if whole < n:
        found[whole:] = np.median(pieces[max(0, n - _BLOCK_BEATS) :], axis=0)
    return found


def _dot(a: Array, b: Array) -> Array:
    return np.einsum("ij,ij->i", a, b)


def _fit(pieces: Array, template: Array) -> Array:
    level, size = np.sqrt(_dot(template, template)), np.sqrt(_dot(pieces, pieces))
    both = size * level
    correlation = _dot(pieces, template) / np.where(both > 0, both, 1.0)
    # likeness in size: 1 between half and twice the median beat, then falling
    scale = np.minimum(1.0, 2.0 * np.minimum(size, level) / np.maximum(np.maximum(size, level), 1e-300))
    return np.clip(correlation * scale, 0.0, 1.0)


def jitter_ms(band: Band, time_s: Array) -> float | None:
    """Standard deviation of the error of R times in ms; None with fewer than eight beats.

    Each beat is laid on the median beat of its block, time for time, by all of its QRS complex, which noise and grid
    hardly move; what the R time is off from that is taken for its error (robustly: from the middle half). Beat to beat
    changes of the shape count as error, too. The error of the fit itself is added: its variance is that of the noise
    left over against the energy of the slope (Cramér and Rao's bound). A measured factor allows for the rest.

    Parameters
    ----------
    band : Band
        From `qrs_band`.
    time_s : (m,) array
        R times.
    """
    if time_s.size < _FEWEST_FIT:
        return None
    if (blocks := time_s.size // _BLOCK_BEATS) > _MOST_BLOCKS:  # as many, spread evenly, tell enough
        first = np.linspace(0, blocks - 1, _MOST_BLOCKS).astype(np.int64) * _BLOCK_BEATS
        time_s = time_s[(first[:, None] + np.arange(_BLOCK_BEATS)).ravel()]
    place = band.place(time_s)
    whole = np.floor(place).astype(np.int64)
    reach = round(_FIT_S * band.fs_hz)
    pad = 2 * reach  # room for the shift, which wraps around
    offsets = np.arange(-pad, pad)
    turn = 2 * np.pi * np.fft.rfftfreq(offsets.size)

    def moved(by: Array) -> np.ndarray:
        found = np.ones((by.size, turn.size), dtype=complex)
        found[:, 1:] = np.exp(1j * turn[1] * by)[:, None]
        return np.multiply.accumulate(found, axis=1)  # powers: an exponential a beat

    def near(spectra: np.ndarray) -> Array:
        return np.fft.irfft(spectra, offsets.size)[:, pad - reach : pad + reach]

    spectra = np.fft.rfft(band.around(whole, offsets) * np.hanning(offsets.size))
    spectra *= moved(place - whole)  # each R time on sample `pad`
    template = np.fft.rfft(_medians(np.fft.irfft(spectra, offsets.size)))
    slope, level = near(template * (1j * turn)), near(template)
    energy, left, size, error = _dot(slope, slope), level, np.ones(place.size), np.zeros(place.size)
    for _ in range(3):  # Newton steps of least squares in time and size
        at = near(spectra * moved(error))
        size = np.maximum(_dot(at, level) / _dot(level, level), 1e-3)
        left = at - size[:, None] * level
        error -= np.clip(_dot(left, slope) / (size * energy), -0.5, 0.5)
    shared = np.mean(left**2, axis=1) / (size**2 * energy)
    low, high = np.quantile(error, [0.25, 0.75])
    # noise of the fit itself, which R time and fit share: what is left, spread over the band of `qrs_band`
    share = (_high_hz(band.fs_hz) - _BAND_HZ[0]) / (0.5 * band.fs_hz)
    error_samples = np.hypot((high - low) / 1.349, np.sqrt(np.median(shared) / share))
    return float(value("jitter_factor") * error_samples / band.fs_hz * 1000)
