"""Times of samples onto an even grid, so that what is missing stays visible as gaps."""

from __future__ import annotations

import numpy as np

from vagus.errors import InputError, Problem
from vagus.signal.vector import Array

LARGEST_MISSING_SHARE = 0.5  # of the whole; with more missing it is no recording but its remains
_LARGEST_OFFSET = 1.5  # samples by which a written time may miss its place
_LARGEST_SCATTERED = 0.2  # share of the grid that short gaps may leave empty before the times are no grid
_SHORT_GAP = 10  # steps; a pause of fewer is scatter, of more a gap


def check_share(n_there: int, n_whole: int, where: str) -> None:
    """Refuse, before memory is taken, a recording that is more gap than samples.

    Raises
    ------
    InputError
        More than half of it is missing.
    """
    if n_whole > n_there / (1 - LARGEST_MISSING_SHARE):
        missing = 100 * (1 - n_there / n_whole)
        raise InputError(
            Problem(
                what="too many samples are missing",
                where=where,
                found=f"{missing:.1f} % missing: {n_there} samples in the place of {n_whole}",
                allowed=f"{100 * LARGEST_MISSING_SHARE:g} % in all; cut the file at its longest gaps",
            )
        )


def spread(values: Array, place: np.ndarray) -> Array:
    """Values at their places on the grid, nan where there are none."""
    if place.size and int(place[-1]) + 1 == place.size:
        return values
    samples = np.full(int(place[-1]) + 1 if place.size else 0, np.nan)
    samples[place] = values
    return samples


def even_grid(time_s: Array, where: str) -> tuple[float, np.ndarray, tuple[str, ...]]:
    """Sampling rate, place of each sample on the even grid, notes; `time_s` is in order and begins at 0.

    Raises
    ------
    InputError
        The times lie on no even grid, or leave more than half of it empty.
    """
    steps = np.diff(time_s)
    rate, place = _rate(time_s, steps)
    jumps = np.diff(place)
    empty_scattered = int((jumps[(jumps > 1) & (jumps <= _SHORT_GAP)] - 1).sum())
    uneven = InputError(
        Problem(
            what="samples are not evenly spaced",
            where=where,
            found=f"steps of {steps.min():.4g} to {steps.max():.4g} s",
            allowed="one rate, with pauses at most",
        )
    )
    stray = float(np.abs(time_s - place / rate).max()) * rate
    if stray > _LARGEST_OFFSET or empty_scattered > _LARGEST_SCATTERED * place.size:
        raise uneven
    if jumps.size > 3 and (jumps > _SHORT_GAP).mean() > 0.1:
        raise uneven
    check_share(place.size, int(place[-1]) + 1, where)
    notes: tuple[str, ...] = ()
    if n_gaps := int((jumps > 1).sum()):
        notes += (f"the time column leaves {n_gaps} gaps",)
    if stray > 1:
        notes += (f"times stray from an even {rate:g} Hz by up to {stray:.1f} samples",)
    return rate, place, notes


def _rate(time_s: Array, steps: Array) -> tuple[float, np.ndarray]:
    """Sampling rate, and the index of each row on the even grid."""
    # the median finds the rate beside gaps; the mean over ordinary steps undoes rounding of the written times
    ordinary = steps < 1.5 * (np.median(steps) or np.inf)
    rate = _round(1 / float(steps[ordinary].mean()))
    with np.errstate(over="ignore", invalid="ignore"):
        wide = np.minimum(steps * rate, 2.0**40)
    counts = np.where(wide < 1.5, 1, np.rint(wide)).astype(np.int64)
    place = np.concatenate([[0], np.cumsum(counts)])
    if np.abs(time_s - place / rate).max() <= 1 / rate:
        return rate, place
    # after a pause the clock need not go on at a whole sample: each stretch starts where its time says
    jumped = np.flatnonzero(counts > 1) + 1
    if jumped.size and jumped.size < place.size / 20:
        starts = np.concatenate([[0], jumped])
        sizes = np.diff(np.concatenate([starts, [place.size]]))
        within = np.arange(place.size) - np.repeat(starts, sizes)
        anchored = np.repeat(np.rint(np.minimum(time_s[starts] * rate, 2.0**40)).astype(np.int64), sizes) + within
        if np.diff(anchored).min() > 0 and np.abs(time_s - anchored / rate).max() <= _LARGEST_OFFSET / rate:
            return rate, anchored
    # times written more coarsely than the samples lie (BIDMC after 100 s: five digits, 0.01 s for steps of 0.008 s):
    # one rate over the whole length, and the caller measures how well it fits
    return _round(steps.size / float(time_s[-1])), np.arange(time_s.size)


def _round(rate: float) -> float:
    return float(round(rate)) if rate > 1 and abs(rate - round(rate)) < 2e-4 * rate else rate
