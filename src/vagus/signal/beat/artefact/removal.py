"""Stimulation artefact out of an ECG: what repeats with the pulses is subtracted, what does not fit is blanked."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.interpolate import CubicSpline
from scipy.ndimage import maximum_filter1d, uniform_filter1d

from vagus.errors import InputError, Problem
from vagus.signal.beat.artefact.deflection import pulses_of
from vagus.signal.beat.artefact.groups import leads_of
from vagus.signal.beat.artefact.pulse_places import finer
from vagus.signal.beat.artefact.pulse_times import found_pulses
from vagus.signal.beat.artefact.sizes import fitted
from vagus.signal.beat.constants import value
from vagus.signal.detect import find_beats
from vagus.signal.recording import Gap, Recording
from vagus.signal.vector import Array, vector

_BLOCK = 600  # pulses that share one shape
_BLOCK_S = 24.0  # or more, where they come faster
_MOSTLY = 0.6  # of the samples of an R wave
_CROWDED = 0.25  # of the samples lie beside pulses
_GONE = 5.0  # lengths of a tail, after which nothing of it is left
_FEWEST = 20  # pulses without which nothing repeats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cleaned:
    """A recording without its stimulation artefact, and what was done to it.

    Parameters
    ----------
    recording : Recording
        As long as before; where more than half of the samples had to be blanked, the stretch is a gap.
    pulse_time_s : (n,) array
        Pulses, as given or found, moved to where the ECG shows them; of bursts whose pulses were rounded to samples,
        the first of each.
    found : bool
        Whether they were found in the recording, not given.
    trains : tuple of Gap
        Stretches with pulses, from the first to the end of the last one's tail.
    blanked : (m,) array of bool
        Samples that were interpolated.
    height : float
        Largest deflection of the artefact, in the unit of the samples.
    in_step : bool
        Whether trains or bursts begin at one distance from heartbeats: then the ECG there repeats with them.
    unsure : str
        Why what was removed is not to be trusted, "" where nothing speaks against it.
    """

    recording: Recording
    pulse_time_s: Array
    found: bool
    trains: tuple[Gap, ...]
    blanked: np.ndarray
    height: float
    in_step: bool = False
    unsure: str = ""

    @property
    def flags(self) -> tuple[str, ...]:
        """What to heed, in sentences."""
        found = [self.unsure] if self.unsure else []
        if self.in_step:
            found.append("stimulation keeps step with the heart: what repeats in the ECG beside the pulses may be lost")
        if self.trains and self.recording.fs_hz < (slowest := value("slowest_artefact_fs_hz")):
            found.append(
                f"sampled at {self.recording.fs_hz:g} Hz: below {slowest:g} Hz artefact is not removed well enough for "
                "beats and RMSSD to be trusted"
            )
        if self.trains and self.blanked_pct > (much := value("much_blanked_pct")):
            found.append(f"{self.blanked_pct:.0f} % of the ECG under stimulation is interpolated, more than {much:g} %")
        return tuple(found)

    def hidden(self, time_s: ArrayLike) -> np.ndarray:
        """Which of these times of beats lie where most of the R wave (20 ms on either side) was blanked, (n,) of bool.

        Their times are those of a curve, not of samples.
        """
        fs_hz = self.recording.fs_hz
        reach = round(value("hidden_s") * fs_hz)
        share = uniform_filter1d(self.blanked.astype(np.float64), 2 * reach + 1)
        place = np.clip(np.rint(np.asarray(time_s) * fs_hz).astype(np.int64), 0, share.size - 1)
        return share[place] > _MOSTLY

    @property
    def blanked_pct(self) -> float:
        """Samples that were interpolated, of those in trains."""
        inside = _inside(self.trains, self.recording)
        return 100.0 * float(self.blanked[inside].mean()) if inside.any() else 0.0


def remove_artefact(recording: Recording, *, pulse_times_s: ArrayLike | None = None) -> Cleaned:
    """The ECG without what stimulation pulses added to it.

    What a pulse adds is a cubic spline of the time since it, found by least squares on the steps between samples, with
    Huber's weights; deflections that overlap add up, and each pulse has a size and a shift of its own as far as the ECG
    shows them. Its tail is a sum of exponentials. Where the ECG is still more scattered than elsewhere, at the pulse
    itself, it is blanked and bridged by a cubic spline, by a straight line over more than 30 ms. Fewer than 20 pulses
    are blanked only.

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
        With the same recording where there are no pulses, or none but sharp ones that keep step with the heart
        (a pacemaker's) and were not given.

    Raises
    ------
    InputError
        No ECG, or pulse times out of order or outside the recording.

    Examples
    --------
    >>> t = np.arange(0, 60, 1 / 500)
    >>> heart = np.exp(-0.5 * (((t % 0.83) - 0.4) / 0.012) ** 2)
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
    found = pulse_times_s is None
    times, long_s = found_pulses(recording) if pulse_times_s is None else (_given(pulse_times_s, recording), 0.0)
    if not times.size:
        return _untouched(recording, found=found)
    trains = _trains(times, recording)
    if times.size < _FEWEST:
        samples, blanked, height = _only_blanked(recording, times)
    else:
        samples, blanked, times, height = _subtracted(recording, times, long_s if found else None)
    cleaned = _cleaned(recording, samples, blanked, trains, times, height=height, found=found)
    step = _step_with_heart(cleaned, times)
    if found and step in {"leads", "alone"} and _begins(times).size > times.size / 2:
        do = {"leads": "keep step with the heart, as those of a pacemaker do", "alone": "are all that beats"}[step]
        note = f"{times.size} sharp pulses {do}: they were left; if they are stimulation, give their times"
        return _untouched(replace(recording, notes=(*recording.notes, note)), found=True)
    unsure = ""
    if height > float(np.ptp(recording.samples)):
        unsure = (
            "the shape that was subtracted is higher than the ECG: the pulses' places are not right; give their times"
        )
    elif found and times.size < _FEWEST:
        unsure = (
            f"{times.size} pulses were found, too few to learn from: beats beside them may be wrong; give their times"
        )
    return replace(cleaned, in_step=step in {"leads", "follows"}, unsure=unsure)


def _untouched(recording: Recording, *, found: bool) -> Cleaned:
    none = np.zeros(recording.samples.size, dtype=bool)
    return Cleaned(recording=recording, pulse_time_s=np.zeros(0), found=found, trains=(), blanked=none, height=0.0)


def _only_blanked(recording: Recording, times: Array) -> tuple[Array, np.ndarray, float]:
    """Of few pulses no shape is to be learned: all that is sharp beside them is blanked."""
    fs_hz, at = recording.fs_hz, times * recording.fs_hz
    pulses = pulses_of(recording.samples, at, fs_hz)
    last = max(pulses.last, round(value("beside_pulse_s") * fs_hz))
    near = np.floor(at).astype(np.int64)[:, None] + np.arange(pulses.first, last + 1)
    near = np.clip(near, 0, recording.samples.size - 1)
    blanked = _at_rail(recording.samples)
    blanked[near] = True
    return recording.samples.copy(), blanked, float(np.ptp(recording.samples[near], axis=1).max())


def _begins(times_s: Array) -> Array:
    """Pulses that follow no other one closely."""
    return times_s[np.concatenate([[True], np.diff(times_s) > value("pulse_break_s")])]


def _step_with_heart(cleaned: Cleaned, times: Array) -> Literal["", "leads", "follows", "alone"]:
    """Whether most pulses or bursts lead heartbeats at one distance (a pacemaker's do), follow them, or stand alone.

    They follow where the distance to the heartbeat before varies by less than half of that to the one after.
    """
    begins = _begins(times)
    if begins.size < _FEWEST / 2:
        return ""
    try:
        beat_s = find_beats(cleaned.recording).time_s
    except InputError:
        return "alone"
    after = np.clip(np.searchsorted(beat_s, begins), 1, beat_s.size - 1)
    since, until = np.sort(begins - beat_s[after - 1]), np.sort(beat_s[after] - begins)
    together = [np.searchsorted(late, late + value("locked_s")) - np.arange(late.size) for late in (since, until)]
    if max(one.max() for one in together) < value("locked_share") * begins.size:
        return ""
    return "follows" if 2 * _spread(since) < _spread(until) else "leads"


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


def _subtracted(recording: Recording, times: Array, long_s: float | None) -> tuple[Array, np.ndarray, Array, float]:
    """Samples without what pulses added, which of them are to be blanked, the pulses' times, the artefact's height."""
    fs_hz, whole = recording.fs_hz, recording.samples
    samples, blanked, height = whole.copy(), _at_rail(whole), 0.0
    at, spread = finer(whole, times * fs_hz, fs_hz, found=long_s)
    moved, lags = np.zeros(at.size), []
    for first, share in _blocks(at, fs_hz):
        block = slice(first, first + share.size)
        fit, lead = _stretch(at, block, whole.size, fs_hz)
        pulses, shape = fitted(whole[fit], pulses_of(whole[fit], at[lead] - fit.start, fs_hz, spread=spread), fs_hz,
                               left_out=blanked[fit])  # fmt: skip
        mine = slice(first - lead.start, block.stop - lead.start)
        shares = np.zeros(pulses.at.size)
        shares[mine] = share
        reach = slice(fit.start, min(whole.size, int(at[block][-1] + _GONE * value("artefact_tail_s") * fs_hz) + 1))
        samples[reach] -= shape.sum(pulses, reach.stop - reach.start, share=shares)
        moved[block] += share * (pulses.at[mine] + fit.start)
        lags.append((block, pulses.first, pulses.last))
        height = max(height, float(np.max(np.abs(shape.at(np.arange(8 * pulses.first, 8 * pulses.tail) / 8)))))
    beside = np.zeros(whole.size, dtype=bool)
    for block, first, last in lags:
        near = np.floor(moved[block]).astype(np.int64)[:, None] + np.arange(first, last + 1)
        beside[np.clip(near, 0, whole.size - 1)] = True
        blanked[_unlike(samples, near)] = True
    blanked |= _steep(samples, blanked, beside, fs_hz) & _inside(_trains(moved / fs_hz, recording), recording)
    return samples, blanked, moved / fs_hz, height


def _stretch(at: Array, block: slice, n: int, fs_hz: float) -> tuple[slice, slice]:
    """Samples on which a block is fitted, and the pulses in them: whole bursts, and those whose tails reach in."""
    breaks = leads_of(at, fs_hz)
    early = np.searchsorted(at, at[block.start] - value("artefact_tail_s") * fs_hz, side="right")
    first = int(np.max(breaks[breaks <= early], initial=0))
    last = int(np.min(breaks[breaks >= block.stop], initial=at.size))
    before = value("sharp_before_s") * fs_hz + 2
    stop = at[last - 1] + _GONE * value("artefact_tail_s") * fs_hz + 1
    if last < at.size:
        stop = min(stop, max(at[last] - before, at[last - 1] + 1))
    return slice(max(0, int(at[first] - before)), min(n, int(stop))), slice(first, last)


def _blocks(at: Array, fs_hz: float) -> list[tuple[int, Array]]:
    """Pulses that share a shape: the number of the first, and the share of each that takes this shape, not its
    neighbor's; shapes pass into one another, so that nothing jumps."""
    n = at.size
    many = min(n / _BLOCK, (at[-1] - at[0]) / (_BLOCK_S * fs_hz))
    centers = np.linspace(0, n - 1, max(1, math.ceil(many)) + 2)[1:-1]
    if centers.size == 1:
        return [(0, np.ones(n))]
    hats = [np.interp(np.arange(n), centers, row) for row in np.eye(centers.size)]
    return [(int(np.flatnonzero(hat)[0]), hat[hat > 0]) for hat in hats]


def _unlike(samples: Array, near: np.ndarray) -> np.ndarray:
    """Samples beside pulses, by number, at distances at which steps are more scattered than away from pulses."""
    start = max(0, int(near.min()))
    near, steps = near - start, np.diff(samples[start : near.max() + 2])
    inside = (near > 0) & (near < steps.size)
    away = np.ones(steps.size, dtype=bool)
    away[near[inside]] = False
    usual = _spread(steps[away]) if away.sum() > _FEWEST else _spread(steps)
    spread = np.array([_spread(steps[row[ok]]) if ok.any() else 0.0 for row, ok in zip(near.T, inside.T, strict=True)])
    poor = spread > value("blank_times") * usual
    # a step is between a sample and the next
    poor_sample = poor | np.concatenate([[False], poor[:-1]])
    return near[:, poor_sample][inside[:, poor_sample]] + start


def _steep(samples: Array, blanked: np.ndarray, beside: np.ndarray, fs_hz: float) -> np.ndarray:
    """Samples beside steps far larger than those of heartbeats: pulses that were not known, or did not fit."""
    step = np.abs(np.diff(samples, append=samples[-1:]))
    step[blanked | np.concatenate([blanked[1:], [True]])] = 0.0
    per = int(2 * fs_hz)
    whole, crowded = (one[: step.size // per * per].reshape(-1, per) for one in (step, beside))
    if not whole.size:
        return np.zeros(samples.size, dtype=bool)
    # of few pulses the steps are left out; many leave too little beside them
    few = np.where(crowded, 0.0, whole).max(axis=1)
    usual = np.where(crowded.mean(axis=1) < _CROWDED, few, whole.max(axis=1))
    large = step > value("steep_times") * float(np.median(usual))
    reach = round(value("beside_pulse_s") * fs_hz)
    return np.asarray(maximum_filter1d(large, 2 * reach + 1))


def _at_rail(samples: Array) -> np.ndarray:
    """Samples at the largest or least value, where it occurs many times, and those beside them."""
    rail = np.zeros(samples.size, dtype=bool)
    for edge in (samples.max(), samples.min()):
        at = samples == edge
        if at.sum() >= _FEWEST:
            rail |= at
            rail[1:] |= at[:-1]
            rail[:-1] |= at[1:]
    return rail


def _spread(values: Array) -> float:
    low, high = np.quantile(values, [0.25, 0.75])  # QRS complexes lie outside
    return float(high - low)


def _bridged(samples: Array, blanked: np.ndarray, kept: np.ndarray, longest: int) -> Array:
    """Samples with those blanked on a cubic spline through the others, in longer stretches on a straight line."""
    bad = np.flatnonzero(blanked)
    samples = samples.copy()
    line = np.interp(bad, kept, samples[kept])
    after = np.searchsorted(kept, bad)
    width = kept[np.minimum(after, kept.size - 1)] - kept[np.maximum(after - 1, 0)]
    inside = (after > 0) & (after < kept.size) & (width <= longest)
    samples[bad] = np.where(inside, CubicSpline(kept, samples[kept])(bad), line)
    return samples


def _cleaned(
    recording: Recording, samples: Array, blanked: np.ndarray, trains: tuple[Gap, ...], times: Array, *, height: float,
    found: bool,
) -> Cleaned:  # fmt: skip
    kept = np.flatnonzero(~blanked)
    if blanked.any() and kept.size > 1:
        samples = _bridged(samples, blanked, kept, round(value("longest_cubic_s") * recording.fs_hz))
    fs_hz, most = recording.fs_hz, value("most_blanked_pct") / 100
    lost = tuple(t for t in trains if blanked[int(t.start_s * fs_hz) : round(t.stop_s * fs_hz)].mean() > most)
    share = 100 * float(blanked[_inside(trains, recording)].mean())
    rate = f", {1 / float(np.median(np.diff(times))):.1f} per s" if times.size > 1 else ""
    done = "was blanked, too few to learn their shape from" if times.size < _FEWEST else "was subtracted"
    pulses = f"{times.size} pulse{'s' if times.size > 1 else ''} {'found' if found else 'given'}"
    note = (
        f"stimulation artefact: {pulses}{rate} in "
        f"{len(trains)} train{'s' if len(trains) > 1 else ''}, up to {height:.3g} {recording.unit or 'units'}, {done}; "
        f"{share:.0f} % of the samples there were interpolated"
        + (f"; {len(lost)} trains are gaps: too little is left of the ECG" if lost else "")
    )
    gaps = tuple(sorted((*recording.gaps, *lost), key=lambda gap: gap.start_s))
    cleaned = replace(recording, samples=samples, gaps=gaps, notes=(*recording.notes, note))
    return Cleaned(recording=cleaned, pulse_time_s=times, found=found, trains=trains, blanked=blanked, height=height)
