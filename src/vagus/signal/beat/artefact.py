"""Stimulation artefact out of an ECG: what repeats with the pulses is subtracted, what does not fit is blanked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike
from scipy.interpolate import PchipInterpolator
from scipy.ndimage import maximum_filter1d, median_filter

from vagus.errors import InputError, Problem
from vagus.signal.beat.constants import value
from vagus.signal.beat.pulse_times import find_pulse_times
from vagus.signal.recording import Gap, Recording
from vagus.signal.vector import Array, vector

_PER_SAMPLE = 4  # bins of the template in one sampling interval
_BESIDE = 1  # samples beside the pulse that may be blanked with it
_FEWEST = 20  # pulses without which nothing repeats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cleaned:
    """A recording without its stimulation artefact, and what was done to it.

    Parameters
    ----------
    recording : Recording
        As long as before; where more than half of the samples had to be blanked, the stretch is a gap.
    pulse_time_s : (n,) array
        Pulses, as given or as found.
    found : bool
        Whether they were found in the recording, not given.
    trains : tuple of Gap
        Stretches with pulses, from the first to the end of the last one's tail.
    blanked : (m,) array of bool
        Samples that were interpolated.
    height : float
        Largest deflection of the artefact, in the unit of the samples.
    """

    recording: Recording
    pulse_time_s: Array
    found: bool
    trains: tuple[Gap, ...]
    blanked: np.ndarray
    height: float

    @property
    def blanked_pct(self) -> float:
        """Samples that were interpolated, of those in trains."""
        inside = _inside(self.trains, self.recording)
        return 100.0 * float(self.blanked[inside].mean()) if inside.any() else 0.0


def remove_artefact(recording: Recording, *, pulse_times_s: ArrayLike | None = None) -> Cleaned:
    """The ECG without what stimulation pulses added to it.

    The mean deflection after a pulse (median over pulses, by the time since the pulse in quarters of a sample, so that
    pulses need not fall on samples) is subtracted. Where the ECG is still more scattered than elsewhere, at the pulse
    itself, it is blanked and bridged by a monotone cubic.

    Parameters
    ----------
    recording : Recording
        An ECG, better at 250 Hz or more: at 125 Hz a 25 Hz train leaves five samples a pulse, of which two or three
        have to be blanked.
    pulse_times_s : (n,) array, optional
        Start of each pulse (of each burst, where pulses come in bursts), from the start of the recording; without them
        they are looked for (`find_pulse_times`).

    Returns
    -------
    Cleaned
        With the same recording where there are fewer than 20 pulses.

    Raises
    ------
    InputError
        No ECG, or pulse times out of order or outside the recording.

    Examples
    --------
    >>> t = np.arange(0, 60, 1 / 500)
    >>> heart = np.exp(-0.5 * (((t % 0.8) - 0.4) / 0.012) ** 2)
    >>> pulses = np.arange(10, 40, 0.04)
    >>> spikes = sum(3.0 * np.exp(-0.5 * ((t - p - 0.001) / 0.001) ** 2) for p in pulses)
    >>> ecg = Recording(kind="ecg", fs_hz=500, samples=heart + spikes, unit="mV")
    >>> clean = remove_artefact(ecg, pulse_times_s=pulses)
    >>> bool(np.abs(clean.recording.samples - heart).max() < 0.1), len(clean.trains)
    (True, 1)
    """
    if recording.kind != "ecg":
        found = f'kind "{recording.kind}"'
        raise InputError(Problem(what="stimulation artefact is removed from an ECG", where=recording.name, found=found))
    times = find_pulse_times(recording) if pulse_times_s is None else _given(pulse_times_s, recording)
    if times.size < _FEWEST:
        return Cleaned(recording=recording, pulse_time_s=times, found=pulse_times_s is None, trains=(),
                       blanked=np.zeros(recording.samples.size, dtype=bool), height=0.0)  # fmt: skip
    trains = _trains(times, recording)
    samples, blanked, height = _subtracted(recording, times, trains)
    return _cleaned(recording, samples, blanked, trains, times, height=height, found=pulse_times_s is None)


def _given(pulse_times_s: ArrayLike, recording: Recording) -> Array:
    times = vector(pulse_times_s, name="pulse_times_s", where=recording.name, increasing=True)
    if times.size and not (times[0] >= 0 and times[-1] <= recording.duration_s):
        raise InputError(
            Problem(
                what="pulse times lie outside the recording", where=recording.name,
                found=f"{times[0]:g} to {times[-1]:g} s", allowed=f"0 to {recording.duration_s:g} s",
            )
        )  # fmt: skip
    return times


def _trains(times: Array, recording: Recording) -> tuple[Gap, ...]:
    breaks = np.flatnonzero(np.diff(times) > value("train_break_s"))
    first, last = np.concatenate([[0], breaks + 1]), np.concatenate([breaks, [times.size - 1]])
    tail = value("artefact_tail_s")
    return tuple(
        Gap(start_s=float(times[a]), stop_s=min(float(times[b]) + tail, recording.duration_s))
        for a, b in zip(first, last, strict=True)
    )


def _inside(spans: tuple[Gap, ...], recording: Recording) -> np.ndarray:
    inside = np.zeros(recording.samples.size, dtype=bool)
    for span in spans:
        inside[int(span.start_s * recording.fs_hz) : round(span.stop_s * recording.fs_hz) + 1] = True
    return inside


def _lags(n: int, times: Array, fs_hz: float) -> Array:
    """Samples since the last pulse, from one sample before it, (n,); far beyond where there is none."""
    at = np.arange(n) + 1.0
    last = np.searchsorted(times * fs_hz, at, side="right") - 1
    return np.where(last >= 0, at - times[np.maximum(last, 0)] * fs_hz - 1.0, np.inf)


def _subtracted(recording: Recording, times: Array, trains: tuple[Gap, ...]) -> tuple[Array, np.ndarray, float]:
    """Samples without what repeats, which of them are to be blanked, and the artefact's height."""
    fs_hz, samples = recording.fs_hz, recording.samples.copy()
    lag = _lags(samples.size, times, fs_hz)
    blanked = np.zeros(samples.size, dtype=bool)
    height = 0.0
    longest = value("artefact_tail_s") * fs_hz
    for train in trains:
        a, b = max(0, int(train.start_s * fs_hz) - 1), min(samples.size, round(train.stop_s * fs_hz) + 1)
        near = np.flatnonzero(lag[a:b] < longest) + a
        if near.size < _FEWEST * _PER_SAMPLE:
            blanked[near[lag[near] < value("least_blank_s") * fs_hz]] = True
            continue
        bins = np.floor((lag[near] + 1.0) * _PER_SAMPLE).astype(np.int64)
        place = (np.arange(bins.max() + 1) + 0.5) / _PER_SAMPLE - 1.0
        whole = np.zeros(place.size)
        for _ in range(2):  # once more, now that the artefact no longer hides the slow part
            slow = _slow(samples[a:b], fs_hz)
            level = _by_bin(samples[near] - slow[near - a], bins, _middle)
            known = np.isfinite(level)
            # behind the last pulse of a train the tail runs out
            ends = place[known][-1] + value("run_out_s") * fs_hz
            shape = np.interp(place, [*place[known], ends], [*level[known], 0.0])
            whole += shape
            samples[near] -= np.interp(lag[near], place, shape)
        _lower(samples, a, b, round(value("pedestal_s") * fs_hz))
        height = max(height, float(np.max(np.abs(whole))))
        slow = _slow(samples[a:b], fs_hz)
        spread = _by_bin(samples[near] - slow[near - a], bins, _spread)
        blanked[near[_scattered(spread, whole)[bins]]] = True
    return samples, blanked, height


def _lower(samples: Array, a: int, b: int, reach: int) -> None:
    """Take from a train, in place, what it lies above the ECG beside it: tails that add up to a pedestal."""
    reach = min(reach, (b - a) // 2)
    before, after = samples[max(0, a - reach) : a], samples[b : b + reach]
    rise = np.median(samples[a : a + reach]) - np.median(before) if before.size else None
    fall = np.median(samples[b - reach : b]) - np.median(after) if after.size else rise
    if fall is not None:
        samples[a:b] -= np.linspace(fall if rise is None else rise, fall, b - a)


def _scattered(spread: Array, whole: Array) -> np.ndarray:
    """Bins to be blanked, of bool: near the pulse itself, and more scattered than most."""
    known = np.flatnonzero(np.isfinite(spread))
    even = median_filter(np.interp(np.arange(spread.size), known, spread[known]), size=_PER_SAMPLE + 1, mode="nearest")
    near = np.abs(whole) > value("core_share") * np.max(np.abs(whole))
    near = maximum_filter1d(near.astype(np.int8), size=2 * _BESIDE * _PER_SAMPLE + 1, mode="wrap") > 0
    return near & (even > value("blank_times") * np.median(even[known]))


def _slow(samples: Array, fs_hz: float) -> Array:
    """Running median over some pulses: what does not belong to a single one."""
    size = 2 * round(value("slow_s") * fs_hz / 2) + 1
    return median_filter(samples, size=size, mode="nearest")


def _middle(values: Array) -> float:
    return float(np.median(values))


def _spread(values: Array) -> float:
    low, high = np.quantile(values, [0.25, 0.75])  # QRS complexes lie outside
    return float(high - low)


def _by_bin(values: Array, bins: np.ndarray, of: Callable[[Array], float]) -> Array:
    """A statistic of the values in each bin; nan where there are fewer than three."""
    order = np.argsort(bins, kind="stable")
    edges = np.searchsorted(bins[order], np.arange(bins.max() + 2))
    ordered = values[order]
    return np.array([of(ordered[a:b]) if b - a >= 3 else np.nan for a, b in pairwise(edges)])


def _cleaned(
    recording: Recording, samples: Array, blanked: np.ndarray, trains: tuple[Gap, ...], times: Array, *, height: float,
    found: bool,
) -> Cleaned:  # fmt: skip
    kept = np.flatnonzero(~blanked)
    if blanked.any() and kept.size > 1:
        bad = np.flatnonzero(blanked)
        samples[bad] = PchipInterpolator(kept, samples[kept])(np.clip(bad, kept[0], kept[-1]))
    fs_hz, most = recording.fs_hz, value("most_blanked_pct") / 100
    lost = tuple(t for t in trains if blanked[int(t.start_s * fs_hz) : round(t.stop_s * fs_hz)].mean() > most)
    share = 100 * float(blanked[_inside(trains, recording)].mean())
    rate = 1 / float(np.median(np.diff(times)))
    note = (
        f"stimulation artefact: {times.size} pulses {'found' if found else 'given'}, {rate:.1f} per s in "
        f"{len(trains)} train{'s' if len(trains) > 1 else ''}, up to {height:.3g} {recording.unit or 'units'}, was "
        f"subtracted; {share:.0f} % of the samples there were interpolated"
        + (f"; {len(lost)} trains are gaps: too little is left of the ECG" if lost else "")
    )
    gaps = tuple(sorted((*recording.gaps, *lost), key=lambda gap: gap.start_s))
    cleaned = replace(recording, samples=samples, gaps=gaps, notes=(*recording.notes, note))
    return Cleaned(recording=cleaned, pulse_time_s=times, found=found, trains=trains, blanked=blanked, height=height)
