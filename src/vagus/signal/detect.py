"""Beats in an ECG: sleepecg's detector, then the R peak between samples."""

from __future__ import annotations

import numpy as np
from sleepecg.heartbeats import detect_heartbeats

from vagus.errors import InputError, Problem
from vagus.signal.beats import Beats
from vagus.signal.known import value
from vagus.signal.reading.gaps import long_gaps, unreadable
from vagus.signal.recording import Gap, Recording
from vagus.signal.template import GOOD, jitter_ms, likeness, qrs_band
from vagus.signal.vector import Array

SHORTEST_S = 5.0
SLOWEST_HZ = 80.0  # the detector's own band reaches 30 Hz
_SEARCH_S = 0.06  # the detector marks the middle of the QRS complex: the peak lies this near
_FEWEST = 2
_HEAD_S, _LEARNS_S, _REFRACTORY_S = 30.0, 4.0, 0.2
_FLAT_SHARE = 0.5  # of the seconds


def find_beats(recording: Recording) -> Beats:
    """R peaks of an ECG with sub-sample times and a quality for each.

    The detector is sleepecg 0.6 (adaptive thresholds after Pan & Tompkins 1985). Each mark is then moved to the
    extreme of the ECG between 3 and 45 Hz within 60 ms, upward or downward as most complexes point, and placed between
    samples by a parabola through three points.

    Parameters
    ----------
    recording : Recording
        An ECG of at least 5 s, at 80 Hz or more.

    Returns
    -------
    Beats
        Times in seconds from the start of the recording; quality is the likeness to the median beat around;
        `jitter_ms` is an estimate of the error of the times; `gaps` are the stretches in which no heartbeat can be read
        (no samples; flat or saturated for 3 s and more), and hold no beats.

    Raises
    ------
    InputError
        No ECG, flat, too short, or no beats in it.

    Sources
    -------
    Pan & Tompkins 1985, doi:10.1109/TBME.1985.325532 (the method behind sleepecg's detector).

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
    marks = _marks_between(recording, long_gaps(gaps))
    if marks.size < _FEWEST:
        found = f"{marks.size} in {recording.duration_s:.0f} s"
        raise InputError(Problem(what="no heartbeats in the ECG", where=_where(recording), found=found))
    filtered = qrs_band(recording)
    index = _extremes(filtered, marks, round(_SEARCH_S * recording.fs_hz))
    oriented = filtered * _polarity(filtered, marks, round(_SEARCH_S * recording.fs_hz))
    index = _outside(index, long_gaps(gaps), recording.fs_hz)
    place = _between(oriented, index)
    good = likeness(filtered, recording.fs_hz, index, gaps)
    return Beats(
        time_s=place / recording.fs_hz,
        quality=good,
        origin="detected",
        source_name=recording.name,
        fs_hz=recording.fs_hz,
        jitter_ms=jitter_ms(oriented, place[good >= GOOD], recording.fs_hz),
        gaps=gaps,
    )


def _where(recording: Recording) -> str:
    return f"{recording.name or 'recording'}, channel {recording.channel or recording.kind}"


def _check(recording: Recording) -> None:
    where = _where(recording)
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
    if recording.fs_hz < SLOWEST_HZ:
        raise InputError(
            Problem(
                what="fs_hz is too low for an ECG",
                where=where,
                found=f"{recording.fs_hz:g} Hz",
                allowed=f"{SLOWEST_HZ:g} Hz or more",
            )
        )
    samples = recording.samples
    if np.ptp(samples) <= 1e-12 * max(abs(float(samples[0])), 1e-300):
        found = f"0 {recording.unit} change in {recording.duration_s:g} s".replace("  ", " ")
        raise InputError(Problem(what="ECG is flat", where=where, found=found, allowed="heartbeats", why="lead off?"))
    per_s = int(recording.fs_hz)
    seconds = samples[: samples.size // per_s * per_s].reshape(-1, per_s)
    swing = np.ptp(seconds, axis=1)
    flat = swing <= 1e-3 * np.max(swing)
    if flat.mean() > _FLAT_SHARE:
        found = f"flat for {flat.sum()} of {flat.size} s, from {np.argmax(flat)} s"
        raise InputError(Problem(what="ECG is flat", where=where, found=found, allowed="heartbeats", why="lead off?"))


def _outside(index: np.ndarray, gaps: tuple[Gap, ...], fs_hz: float) -> np.ndarray:
    """R peaks without those that lie in a stretch where nothing can be read."""
    for gap in gaps:
        index = index[(index < gap.start_s * fs_hz) | (index >= gap.stop_s * fs_hz)]
    return index


def _marks_between(recording: Recording, gaps: tuple[Gap, ...]) -> np.ndarray:
    """As `_marks`, on its own between any two long gaps: after one, the detector learns anew."""
    fs_hz, n = recording.fs_hz, recording.samples.size
    edges = [0, *(round(edge * fs_hz) for gap in gaps for edge in (gap.start_s, gap.stop_s)), n]
    found: list[np.ndarray] = []
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        if last - first >= value("least_stretch_s") * fs_hz:
            found.append(first + _marks(recording.samples[first:last], fs_hz))
    return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)


def _marks(samples: Array, fs_hz: float) -> np.ndarray:
    """Samples at which the detector sees a QRS complex.

    It learns its thresholds in the first two seconds and errs there. The first half minute is therefore given to it
    backward as well, and its first four seconds are taken from that: it has learned by the time it comes to them.
    """
    forward = _detected(samples, fs_hz)
    head = samples[: round(_HEAD_S * fs_hz)]
    backward = head.size - 1 - _detected(head[::-1].copy(), fs_hz)[::-1]
    turn = round(_LEARNS_S * fs_hz)
    if head.size < 2 * turn:
        return forward
    late = forward[forward >= turn]
    early = backward[backward < turn]
    if late.size and early.size and late[0] - early[-1] < _REFRACTORY_S * fs_hz:
        late = late[1:]  # the beat on the turn, seen from both sides
    return np.concatenate([early, late])


def _detected(samples: Array, fs_hz: float) -> np.ndarray:
    try:
        return np.asarray(detect_heartbeats(samples, fs_hz), dtype=np.int64)
    except ValueError:  # the detector's own check: a flat stretch has no beats
        return np.zeros(0, dtype=np.int64)


def _polarity(filtered: Array, marks: np.ndarray, reach: int) -> float:
    """1 where the largest deflection of most complexes points up, -1 where it points down."""
    pieces = _pieces(filtered, marks, reach)
    return 1.0 if np.median(pieces.max(axis=1) + pieces.min(axis=1)) >= 0 else -1.0


def _pieces(filtered: Array, marks: np.ndarray, reach: int) -> Array:
    return filtered[np.clip(marks[:, None] + np.arange(-reach, reach + 1), 0, filtered.size - 1)]


def _extremes(filtered: Array, marks: np.ndarray, reach: int) -> np.ndarray:
    """Sample of the R peak near each mark; two marks on one peak become one."""
    pieces = _pieces(filtered * _polarity(filtered, marks, reach), marks, reach)
    return np.unique(np.clip(marks + np.argmax(pieces, axis=1) - reach, 0, filtered.size - 1))


def _between(wave: Array, index: np.ndarray) -> Array:
    """Place of each peak between samples: top of the parabola through three points."""
    inner = np.clip(index, 1, wave.size - 2)
    left, top, right = wave[inner - 1], wave[inner], wave[inner + 1]
    bend = left - 2 * top + right
    shift = np.where(bend < 0, 0.5 * (left - right) / np.where(bend < 0, bend, 1.0), 0.0)
    return np.where(index == inner, inner + np.clip(shift, -0.5, 0.5), index)
