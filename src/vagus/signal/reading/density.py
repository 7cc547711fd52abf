"""Spectral density of RR intervals over a window: the curve under which band power lies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vagus.errors import Abstained
from vagus.signal.beats import Beats
from vagus.signal.index.part import Part
from vagus.signal.spectrum import FEWEST_BEATS, density, even_stretch
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
    part = Part.of(beats, start_s, end_s, settings)
    found = [
        (*density(even_stretch(*piece, settings), settings), piece[0][-1] - piece[0][0]) for piece in part.stretches
    ]
    if not found:
        raise Abstained(
            f"{beats.source_name or 'beats'}, {part.start_s:g} to {part.end_s:g} s: no stretch between gaps holds "
            f"{FEWEST_BEATS} intervals"
        )
    finest = max(found, key=lambda one: one[0].size)[0]
    weights = [length for _, _, length in found]
    power = np.average([np.interp(finest, frequency, p) for frequency, p, _ in found], axis=0, weights=weights)
    return Density(frequency_hz=finest, density_ms2_per_hz=power, n_stretches=len(found), settings=settings)
