"""Spectral density of RR intervals over a window: the curve under which band power lies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vagus.errors import Abstained
from vagus.signal.beats import Beats
from vagus.signal.known import value
from vagus.signal.reading.window import window_of
from vagus.signal.spectrum import FEWEST_BEATS, density, even_rr, filled, whole_samples_ms
from vagus.signal.tone import PRESETS, ToneSettings
from vagus.signal.vector import Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Density:
    """Spectral density of RR intervals.

    Parameters
    ----------
    frequency_hz, density_ms2_per_hz : (n,) array
        One-sided; its sum over a band times the step is the power there.
    n_stretches : int
        Stretches between long gaps that it is the mean of, weighted by their length.
    settings : ToneSettings
    """

    frequency_hz: Array
    density_ms2_per_hz: Array
    n_stretches: int
    settings: ToneSettings


def rr_density(
    beats: Beats,
    *,
    start_s: float | None = None,
    end_s: float | None = None,
    settings: ToneSettings = PRESETS["vagus"],
) -> Density:
    """Spectral density of RR intervals over a window, as `vagal_tone` integrates it.

    Intervals that touch a mended beat are bridged where the settings leave them out; no interval is read across a gap.

    Parameters
    ----------
    beats : Beats
    start_s, end_s : float or None
        Window on the beats' clock; None: from the first beat, to the last.
    settings : ToneSettings

    Raises
    ------
    InputError
        Fewer than four beats in the window, or it ends before it starts.
    Abstained
        Too little of the window can be read, or no stretch between gaps holds eight intervals.

    Examples
    --------
    A modulation of 30 ms at 0.25 Hz has a power of 450 ms²:

    >>> t = np.arange(0, 300, 0.8)
    >>> rr_ms = 800 + 30 * np.sin(2 * np.pi * 0.25 * t)
    >>> found = rr_density(Beats.of_rr(rr_ms))
    >>> float(found.frequency_hz[np.argmax(found.density_ms2_per_hz)])
    0.25
    """
    part, start, end, _ = window_of(beats, start_s, end_s)
    whole = ~part.across
    if settings.mended == "leave_out":
        whole &= ~(part.mended[:-1] | part.mended[1:])
    found: list[tuple[Array, Array, float]] = []
    for first, last in _stretches(part):
        mine = whole[first:last]
        if mine.sum() < FEWEST_BEATS:
            continue
        time_s, rr_ms = filled(part.time_s[1:][first:last], part.rr_ms[first:last], mine)
        if settings.clock == "intervals":
            rr_ms = whole_samples_ms(rr_ms)
            time_s = np.cumsum(rr_ms / 1000)
        found.append((*density(even_rr(time_s, rr_ms, settings), settings), float(time_s[-1] - time_s[0])))
    if not found:
        where = part.source_name or "beats"
        raise Abstained(f"{where}, {start:g} to {end:g} s: no stretch between gaps holds {FEWEST_BEATS} intervals")
    finest = max(found, key=lambda one: one[0].size)[0]
    weights = [length for _, _, length in found]
    power = np.average([np.interp(finest, frequency, p) for frequency, p, _ in found], axis=0, weights=weights)
    return Density(frequency_hz=finest, density_ms2_per_hz=power, n_stretches=len(found), settings=settings)


def _stretches(part: Beats) -> list[tuple[int, int]]:
    """First interval and one after the last of each stretch between gaps; noise and short gaps are bridged."""
    across = part.across
    edges = np.flatnonzero(np.diff(np.pad(across.astype(np.int8), 1))).reshape(-1, 2)
    long = [(a, b) for a, b in edges.tolist() if part.time_s[b] - part.time_s[a] > value("longest_pause_s")]
    starts = [0, *(b for _, b in long)]
    stops = [*(a for a, _ in long), across.size]
    return [(a, b) for a, b in zip(starts, stops, strict=True) if b > a]
