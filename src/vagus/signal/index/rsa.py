"""Respiratory sinus arrhythmia: peak to trough, and the filtered variance of Porges and Bohrer."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
from scipy import signal as dsp

from vagus.signal.breaths import Breaths
from vagus.signal.index.part import Measure, Missing, Part, said
from vagus.signal.index.scaling import bridged_words
from vagus.signal.known import value
from vagus.signal.spectrum import even_rr
from vagus.signal.vector import Array

_FEWEST_BREATHS = 3


def peak_to_trough(part: Part, breaths: Breaths) -> Measure | None:
    """Longest RR in expiration minus shortest in inspiration; None with fewer than three breaths that tell it."""
    ends, rr = part.ends[part.whole], part.rr[part.whole]
    found: list[float] = []
    for start, stop in zip(breaths.inhale_s[:-1], breaths.inhale_s[1:], strict=True):
        turns = breaths.exhale_s[(breaths.exhale_s > start) & (breaths.exhale_s < stop)]
        if not turns.size:
            continue
        first, turn, last = np.searchsorted(ends, [start, turns[0], stop])
        if first < turn < last:
            found.append(max(0.0, float(rr[turn:last].max() - rr[first:turn].min())))
    if len(found) < _FEWEST_BREATHS:
        return None
    span = float(breaths.inhale_s[-1] - breaths.inhale_s[0])
    return Measure(
        values=(np.array(found),), how=lambda m: m, n_per_s=len(found) / span, unit="ms",
        what="peak to trough: longest RR in expiration minus shortest in inspiration, mean over breaths",
    )  # fmt: skip


def porges_bohrer(part: Part) -> Measure | Missing:
    """Natural logarithm of the variance of RR in the breathing band, mean over epochs, in ln ms²."""
    epoch_s = value("porges_epoch_s")
    logs: list[float] = []
    for times, rr in part.stretches:
        wave = band_of_breaths(even_rr(times, rr, replace(part.settings, resample_hz=value("porges_rate_hz"))))
        each = round(epoch_s * value("porges_rate_hz"))
        n_epochs = wave.size // each
        variance = wave[: n_epochs * each].reshape(n_epochs, each).var(axis=1, ddof=1) if n_epochs else np.zeros(0)
        logs += np.log(variance[variance > 0]).tolist()
    if not logs:
        return Missing(unit="ln ms²", why=f"no epoch of {epoch_s:g} s without a long gap, or RR that does not differ")
    return Measure(
        values=(np.array(logs),), how=lambda m: m, n_per_s=1 / epoch_s, unit="ln ms²", positive=False,
        what=f"Porges-Bohrer: {part.settings.interpolation} spline at {said('porges_rate_hz')} Hz, moving cubic of "
        f"{said('porges_points')} points taken out, {said('porges_low_hz')}-{said('porges_high_hz')} Hz, log variance, "
        f"mean over epochs of {epoch_s:g} s{bridged_words(part)}",
    )  # fmt: skip


def band_of_breaths(series: Array) -> Array:
    """An even RR series at 2 Hz less its moving cubic of 21 points, kept from 0.12 to 0.40 Hz without delay.

    Half a polynomial at both ends, where it is not centered, is cut off. The filter is a Butterworth of order 4 run
    both ways; the one of the original is not known to us in detail.
    """
    moving, sos = _filters()
    if series.size <= 2 * moving.size:
        return np.zeros(0)
    return dsp.sosfiltfilt(sos, np.convolve(series, moving, mode="valid"))


@cache
def _filters() -> tuple[Array, Array]:
    """What takes the moving polynomial out, and what keeps the band."""
    points = round(value("porges_points"))
    moving = -dsp.savgol_coeffs(points, round(value("porges_degree")))
    moving[points // 2] += 1.0
    band = (value("porges_low_hz"), value("porges_high_hz"))
    return moving, np.asarray(
        dsp.butter(4, band, btype="bandpass", fs=value("porges_rate_hz"), output="sos"), dtype=np.float64
    )
