"""Times of stimulation pulses, found in the recording itself."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import maximum_filter1d, uniform_filter1d
from scipy.signal import resample_poly

from vagus.signal.beat.artefact.fast import fast_train
from vagus.signal.beat.artefact.pulse_align import aligned, extended
from vagus.signal.beat.artefact.pulse_places import likelier
from vagus.signal.beat.artefact.regular import filled, regular_train
from vagus.signal.beat.constants import value
from vagus.signal.recording import Recording
from vagus.signal.vector import Array

_FEWEST = 10  # pulses, without which nothing repeats
_SEEDS = 160  # sharp points among which the kind that repeats is looked for
_KINDS = 4  # kinds of sharp points that are tried: pulses may be fewer than QRS complexes
_SIZE = 1.7  # factor of sizes among those that are averaged
_OFTEN = 0.6  # of the intervals, or more
_QUARTER_OF_NORMAL = 2.1  # median of absolute values over their lower quartile


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Fine:
    """The ECG's second difference, on a finer grid."""

    bend: Array
    size: Array  # root mean square of it over a pulse: hardly hangs on where samples fell
    fs_hz: float
    step: int  # over which it is taken
    noise: float
    samples: Array
    slow: bool  # sampled so slowly that a QRS complex may be as sharp as a pulse

    @classmethod
    def of(cls, recording: Recording) -> _Fine:
        finer = max(1, -(-int(value("fine_fs_hz")) // int(recording.fs_hz)))
        samples = recording.samples - np.median(recording.samples)
        if finer > 1:
            samples = resample_poly(samples, finer, 1)
        fs_hz = finer * recording.fs_hz
        step = max(finer, round(value("bend_s") * fs_hz))
        bend = np.zeros(samples.size)
        bend[step:-step] = samples[2 * step :] - 2 * samples[step:-step] + samples[: -2 * step]
        noise = _QUARTER_OF_NORMAL * float(np.quantile(np.abs(bend), 0.25))
        size = np.sqrt(np.maximum(uniform_filter1d(bend**2, 2 * step + 1), 0.0))  # running sums round
        return cls(
            bend=bend, size=size, fs_hz=fs_hz, step=step, noise=max(noise, 1e-9 * float(np.abs(bend).max())),
            samples=samples, slow=recording.fs_hz < value("slowest_single_fs_hz"),
        )  # fmt: skip


def find_pulse_times(recording: Recording) -> Array:
    """Times in s of stimulation pulses (of bursts, where pulses follow one another within 12 ms), (n,); may be empty.

    A pulse is sharper than anything in an ECG: it stands out of the second difference. What repeats there with one
    shape and size is a kind; it is stimulation if it comes more often than any heart beats, or is sharper than QRS
    complexes are; noise, whose sizes form no group of their own, is none. Regular trains so weak or sampled so coarsely
    that a single pulse cannot be told are found by the rate at which sharp points are in step. Pulses of a regular
    train lie on a line, which also fills in those that fell on a QRS complex.

    Parameters
    ----------
    recording : Recording

    Examples
    --------
    >>> t = np.arange(0, 30, 1 / 500)
    >>> spikes = sum(np.exp(-0.5 * ((t - p) / 0.001) ** 2) for p in np.arange(5, 15, 1 / 25))
    >>> found = find_pulse_times(Recording(kind="ecg", fs_hz=500, samples=spikes, unit="mV"))
    >>> found.size, round(float(np.diff(found).mean()), 4)
    (250, 0.04)
    """
    return found_pulses(recording)[0]


def found_pulses(recording: Recording) -> tuple[Array, float]:
    """Times in s of pulses (of bursts), as `find_pulse_times` tells them, and how long a burst lasts, in s."""
    fine, long_s = _Fine.of(recording), 0.0
    at = fast_train(recording.samples, recording.fs_hz)
    if at.size < _FEWEST:
        peaks, starts, ends = points = _sharp_points(fine, value("burst_gap_s"))
        at = _kind_of_pulses(fine, *points) if peaks.size >= _FEWEST else np.zeros(0)
        if at.size < _FEWEST or np.median(np.diff(at)) > value("fastest_heart_s") * fine.fs_hz:
            # bursts, of which some pulses are hardly seen, hang together better
            wide = _sharp_points(fine, value("least_interval_s"))
            again = _kind_of_pulses(fine, *wide) if wide[0].size >= _FEWEST else np.zeros(0)
            if again.size >= _FEWEST:
                at, (peaks, starts, ends) = again, wide
        if at.size >= _FEWEST:
            at = _with_others(fine, at, peaks)
            seen = filled(at / fine.fs_hz)
            at, long_s = _alike(fine, at, starts, ends)
            at, long_s = likelier(recording.samples, filled(at / fine.fs_hz), long_s, seen, recording.fs_hz)
            ends_s = {"break_at": value("pulse_break_s") * fine.fs_hz, "longest": value("longest_ramp_s") * fine.fs_hz}
            at = extended(fine.size, at * fine.fs_hz, **ends_s) / fine.fs_hz
        else:
            at = regular_train(peaks / fine.fs_hz)
    inside = (at >= 0) & (at <= recording.duration_s)
    return at[inside], long_s


def _alike(fine: _Fine, at: Array, starts: np.ndarray, ends: np.ndarray) -> tuple[Array, float]:
    """Places at which pulses, or bursts, are seen alike, and how long a burst lasts, in s."""
    group = np.clip(np.searchsorted(starts, at + fine.step, side="right") - 1, 0, starts.size - 1)
    usual = float(np.median(np.diff(at)))
    if np.median((ends - starts)[group]) > value("burst_s") * fine.fs_hz:
        group = np.unique(group)
        begin = starts[group]
    else:
        begin = np.rint(at - np.median(at - starts[group])).astype(np.int64)
    long = min(round(float(np.median((ends - starts)[group]))) + 2 * fine.step, int(0.6 * usual))
    most = min(round(value("aligns_s") * fine.fs_hz), int(0.3 * usual))
    at, length = aligned(fine.bend, begin, long, most)
    at += fine.step  # second differences see a pulse this much before it begins
    at = at[np.concatenate([[True], np.diff(at) > max(length, 0.3 * usual)])]
    long_s = (length - 2 * fine.step) / fine.fs_hz - (value("sharp_before_s") - 2 * value("bend_s"))
    return at, max(0.0, long_s)


def _sharp_points(fine: _Fine, gap_s: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Largest points of groups that stand out of the second difference, and where each group begins and ends."""
    size = fine.size
    high = maximum_filter1d(size, 2 * round(value("overshadow_s") * fine.fs_hz) + 1)
    out = np.flatnonzero(size > np.maximum(value("sharp_times") * fine.noise, value("overshadow_share") * high))
    if not out.size:
        return out, out, out
    breaks = np.flatnonzero(np.diff(out) > gap_s * fine.fs_hz)
    first, last = np.concatenate([[0], breaks + 1]), np.concatenate([breaks, [out.size - 1]])
    starts, ends = out[first], out[last]
    short = ends - starts < value("longest_group_s") * fine.fs_hz
    starts, ends = starts[short], ends[short]
    edge = value("beside_pulse_s") * fine.fs_hz + 2 * (ends - starts).max(initial=0)
    inside = (starts > edge) & (ends < size.size - edge)
    starts, ends = starts[inside], ends[inside]
    peaks = np.array([a + int(np.argmax(size[a : b + 1])) for a, b in zip(starts, ends, strict=True)], dtype=np.int64)
    return peaks, starts, ends


def _kind_of_pulses(fine: _Fine, peaks: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> Array:
    """Places of the pulses of the first kind that is none of the heart; empty where there is none."""
    beside = round(value("beside_pulse_s") * fine.fs_hz) + fine.step
    room = beside + int(np.max(ends - starts)) + 1
    inside = (starts > room) & (ends < fine.bend.size - room)
    peaks, starts, ends = peaks[inside], starts[inside], ends[inside]
    if peaks.size < _FEWEST:
        return np.zeros(0)
    height, peaks = fine.size[peaks], (starts + ends) // 2
    order = np.argsort(-height, kind="stable")
    rest = order[_SEEDS // 2 :]
    seeds = np.concatenate([order[: _SEEDS // 2], rest[:: max(1, 2 * rest.size // _SEEDS)]])
    for _ in range(_KINDS):
        if seeds.size < _FEWEST // 2:
            break
        shape, members = _shape(fine, peaks[seeds], (ends - starts)[seeds], beside)
        at, size = _members(fine, shape, peaks)
        if at.size >= _FEWEST and _is_stimulation(fine, shape, at, size, peaks):
            return at + int(np.argmax(shape))
        seeds = seeds[~members]
    return np.zeros(0)


def _with_others(fine: _Fine, at: Array, peaks: np.ndarray) -> Array:
    """Pulses, and other sharp points that are none of the heart: one between samples looks another way."""
    size, usual = fine.size[peaks], float(np.median(fine.size[np.rint(at).astype(np.int64)]))
    apart = float(np.median(np.diff(at)))
    sharp = _sharpness(fine, peaks) > value("least_bend")
    for _ in range(2):
        after = np.clip(np.searchsorted(at, peaks), 1, at.size - 1)
        far = np.minimum(np.abs(peaks - at[after - 1]), np.abs(at[after] - peaks))
        alone = size[(far > value("pulse_break_s") * fine.fs_hz) & ~sharp]
        heart = float(np.quantile(alone, 0.9)) if alone.size >= _FEWEST else 0.0
        large = size > max(1.2 * heart, value("least_beside") * usual)
        beside = (far > 0.3 * apart) & (far < min(2.5 * apart, value("fastest_heart_s") * fine.fs_hz))
        lone = sharp & (far > value("burst_gap_s") * fine.fs_hz) & (size * value("size_range") ** 2 > usual)
        at = np.sort(np.concatenate([at, peaks[large & (beside | lone)]]))
    return at


def _sharpness(fine: _Fine, at: np.ndarray) -> Array:
    """Second difference against the height over four times the distance over which it is taken; 0 at slow sampling."""
    if fine.slow:
        return np.zeros(at.size)
    around = np.arange(-2 * fine.step, 2 * fine.step + 1)
    place = np.clip(at[:, None] + around, 0, fine.samples.size - 1)
    near = place[:, fine.step : -fine.step]
    return np.abs(fine.bend[near]).max(axis=1) / np.maximum(np.ptp(fine.samples[place], axis=1), 1e-300)


def _shape(fine: _Fine, peaks: np.ndarray, lengths: np.ndarray, beside: int) -> tuple[Array, np.ndarray]:
    """The shape that most sharp points share, and which they are."""
    long = int(np.median(lengths[np.argsort(-fine.size[peaks])[: peaks.size // 2 + 1]])) + 2 * beside
    before = long // 2
    shifts = np.arange(-(long // 3), long // 3 + 1, max(1, fine.step // 4))
    cut = _centered(fine.size[peaks[:, None] - before + np.arange(long)])
    size = np.linalg.norm(cut, axis=1)
    best, shift = np.full((peaks.size, peaks.size), -1.0), np.zeros((peaks.size, peaks.size), dtype=np.int64)
    for by in shifts:
        place = np.clip(peaks[:, None] - before + by + np.arange(long), 0, fine.bend.size - 1)
        moved = _centered(fine.size[place])
        like = cut @ moved.T / np.maximum(size[:, None] * np.linalg.norm(moved, axis=1), 1e-300)
        shift[like > best] = by
        best = np.maximum(best, like)
    alike = (best > value("least_alike")) & (np.abs(np.log(size[:, None] / size)) < math.log(_SIZE))
    center = int(np.argmax(alike.sum(axis=1)))
    members = alike[center]
    at = peaks[members] - before + shift[center, members]
    shape = np.median(fine.size[np.clip(at[:, None] + np.arange(long), 0, fine.bend.size - 1)], axis=0)
    return shape, members


def _centered(rows: Array) -> Array:
    return rows - rows.mean(axis=-1, keepdims=True)


def _members(fine: _Fine, shape: Array, peaks: np.ndarray) -> tuple[Array, Array]:
    """Where the shape begins at all sharp points of this kind, and their sizes against its own."""
    shape = _centered(shape)
    power, long = float(shape @ shape), shape.size
    shifts = np.arange(-(long // 3), long // 3 + 1)
    size, like = np.zeros((2, shifts.size, peaks.size))
    for i, by in enumerate(shifts):
        place = np.clip(peaks[:, None] - long // 2 + by + np.arange(long), 0, fine.size.size - 1)
        here = _centered(fine.size[place])
        size[i] = here @ shape / power
        like[i] = size[i] * math.sqrt(power) / np.maximum(np.linalg.norm(here, axis=1), 1e-300)
    best, every = np.argmax(like, axis=0), np.arange(peaks.size)
    size, like = size[best, every], like[best, every]
    kind = (like > value("least_match")) & (np.abs(np.log(np.maximum(size, 1e-9))) < math.log(value("size_range")))
    return (peaks - long // 2 + shifts[best])[kind].astype(np.float64), size[kind]


def _is_stimulation(fine: _Fine, shape: Array, at: Array, size: Array, peaks: np.ndarray) -> bool:
    """Whether what repeats is none of the heart, too often or too sharp, and no noise, whose sizes differ."""
    place = np.rint(at).astype(np.int64) + int(np.argmax(shape))
    after = np.clip(np.searchsorted(place, peaks), 1, place.size - 1)
    far = np.minimum(np.abs(peaks - place[after - 1]), np.abs(place[after] - peaks))
    heart = fine.size[peaks[(far > shape.size) & (_sharpness(fine, peaks) < value("least_bend"))]]
    bend, many = float(np.median(_sharpness(fine, place))), heart.size >= _FEWEST
    alone = bend >= value("least_bend")
    if many:
        alone = float(shape.max()) > value("far_sharper_times") * float(np.quantile(heart, 0.9))
    if _clockwork(at / fine.fs_hz, bend):
        return True
    if np.ptp(np.log(np.quantile(size, [0.25, 0.75]))) > value("far_sharper_spread" if alone else "size_spread"):
        return False
    if _often(np.diff(at) / fine.fs_hz) or (alone and bend > value("far_sharper_bend")):
        return True
    sharper = not many or float(shape.max()) > value("sharper_times") * float(np.median(heart))
    return bend >= value("least_bend") and sharper


def _clockwork(at_s: Array, bend: float) -> bool:
    """Whether most intervals are the same to 1.5 ms, as no heart's are; slow ones must be sharp (a pacemaker's beats).

    A few that are missing between them do not count.
    """
    apart = np.diff(np.unique(at_s))
    if apart.size < _FEWEST:
        return False
    usual = float(np.median(apart))
    even = np.abs(apart - usual * np.maximum(1, np.rint(apart / usual))) < value("clock_s")
    slow = usual > value("fast_beat_s") and bend < value("clock_bend")
    return not slow and bool(even.mean() > value("clock_share"))


def _often(apart_s: Array) -> bool:
    """Whether most come sooner than any heartbeat, one after the other, and evenly: noise does not."""
    runs = np.split(apart_s, np.flatnonzero(apart_s > value("fastest_heart_s")))
    long = [run[run <= value("fastest_heart_s")] for run in runs if run.size >= value("least_run")]
    if sum(run.size for run in long) < _OFTEN * apart_s.size:
        return False
    short = np.concatenate(long)
    return bool(np.mean(np.abs(short / np.median(short) - 1) < value("evenly")) >= value("regular_share"))
