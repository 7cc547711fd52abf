"""Onset of all fibers of a batch: a few go first and tell the others where to begin."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from vagus.errors import InputError, ModelRange, Problem
from vagus.fiber.axon import Fiber
from vagus.fiber.engine.batch import Batch
from vagus.fiber.engine.cable import BROKEN, WIDTH
from vagus.fiber.engine.search import Run, onset

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

PILOTS = 12
NEXT_TO_NOTHING = 1e-3  # of the first guess, which is about half of a threshold


def find_onset(batch: Batch, *, rel_tol: float, limit: float = math.inf, run: Run | None = None) -> FloatArray:
    """Onset factor of each fiber of a batch, and the factor below, which stays silent: (2, n_fiber).

    A few fibers go first; how far their onset lies from the guess tells where the others begin. That saves runs and
    changes no answer.

    Parameters
    ----------
    run : callable, optional
        Status of fibers at factors; without it, whether a spike arrives at the watched node.

    Raises
    ------
    ModelRange
        A fiber that was never seen silent: it fires without a stimulus.
    """
    status = run or batch.status
    guess = batch.guess()
    n = guess.size
    if run is None and not batch.known_to_rest and math.isfinite(guess[0]):
        # a run that is not cut short: what stands on an unstable point looks quiet at first
        times, _ = batch.seen(np.zeros(1, dtype=np.int64), NEXT_TO_NOTHING * guess[:1], max_spikes=1)
        if np.any(np.isfinite(times)):
            raise _restless(batch.task.fibers[0])
    pilots = np.unique(np.linspace(0, n - 1, PILOTS).round().astype(np.int64)) if n > 2 * PILOTS else np.arange(n)
    found, below = np.full(n, math.inf), np.zeros(n)

    def search(index: IntArray, start: FloatArray, stride: float, tries: int) -> None:
        def part(owner: IntArray, factors: FloatArray) -> IntArray:
            told = status(index[owner], factors)
            broken[index[owner[told == BROKEN]]] = True
            return told

        found[index], below[index] = onset(part, start, rel_tol=rel_tol, limit=limit, per_round=tries, stride=stride)

    broken = np.zeros(n, dtype=bool)
    search(pilots, guess[pilots], 1.5, WIDTH)
    rest = np.setdiff1d(np.arange(n), pilots)
    if rest.size:
        start, stride = _learned(batch, guess, pilots, found, rest)
        search(rest, start, stride, 1)
    if math.isfinite(limit) and np.any(broken & ~np.isfinite(found)):
        fiber = batch.task.fibers[int(np.flatnonzero(broken & ~np.isfinite(found))[0])]
        raise InputError(
            Problem(what="the equations leave the range of numbers below the limit", where="limit_ma",
                    found=f'model "{fiber.model}" at {fiber.diameter_um:g} um, limit {limit:g}',
                    allowed="a lower limit, a shorter step (dt_us), or a membrane with smaller conductances")
        )  # fmt: skip
    restless = np.flatnonzero(np.isfinite(found) & (below == 0.0))
    if restless.size:
        raise _restless(batch.task.fibers[restless[0]])
    return np.stack([found, below])


def _restless(fiber: Fiber) -> ModelRange:
    return ModelRange(
        f'model "{fiber.model}" at {fiber.diameter_um:g} um fires at any current, however small: it does not rest '
        "without a stimulus; choose another temperature (temperature_degc), step or model"
    )


def _learned(
    batch: Batch, guess: FloatArray, pilots: IntArray, found: FloatArray, rest: IntArray
) -> tuple[FloatArray, float]:
    """Where the rest of a batch begins, from the pilots' onsets over diameter and guess."""
    known = pilots[np.isfinite(found[pilots]) & np.isfinite(guess[pilots])]
    if known.size < 6:
        return guess[rest], 1.5
    diameters = np.log([fiber.diameter_um for fiber in batch.task.fibers])

    def terms(index: IntArray) -> FloatArray:
        finite = np.where(np.isfinite(guess[index]), guess[index], 1.0)
        return np.column_stack([np.ones(index.size), diameters[index] - diameters.mean(), np.log(finite)])

    target = np.log(found[known] / guess[known])
    fit = np.linalg.lstsq(terms(known), target, rcond=1e-6)[0]
    spread = float(np.sqrt(np.mean((terms(known) @ fit - target) ** 2)))
    start = guess[rest] * np.exp(np.clip(terms(rest) @ fit, target.min() - 0.5, target.max() + 0.5))
    return start, math.exp(min(max(spread, 0.01), 0.4))
