"""Search for thresholds of many fibers together, on a grid of currents that every fiber shares.

Currents tried are ``ratio ** k`` for whole k, so that what is found does not depend on where a search began, on which
fibers ran beside it, or on how a batch was split.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vagus.fiber.engine.cable import BROKEN, FIRED, SILENT

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
# run(fibers, currents) -> status of each
Run = Callable[[IntArray, FloatArray], IntArray]

FAR = 10**7  # without a limit a search gives up at this many times its first guess
SCAN = 1.2  # step by which a search looks below a spike that did not arrive
UP, DOWN, ABOVE, HALVE, DONE = 0, 1, 2, 3, 4


@dataclass(slots=True)
class _Search:
    """One fiber's search, in steps of the grid.

    UP: nothing has fired yet. DOWN: a spike started but did not arrive, as in a virtual-anode block; look below it for
    one that does, until all is silent. ABOVE: there is none below (the response was local); go on above. HALVE: between
    a current that fires and one that does not.
    """

    at: int
    move: int
    scan: int
    first: int
    last: int
    phase: int = UP
    fired: int | None = None
    low: int | None = None
    silent: int | None = None
    highest: int | None = None

    def tries(self, many: int) -> list[int]:
        """Currents of the next round: one, or several where there are lanes to spare."""
        if many == 1:
            return [self.at]
        if self.phase == HALVE and self.low is not None and self.fired is not None:
            inner = self.fired - self.low
            return sorted({self.low + max(1, round(inner * i / (many + 1))) for i in range(1, many + 1)} - {self.fired})
        if self.phase == DOWN:
            return sorted({max(self.at - self.scan * i, self.first) for i in range(many)})
        if self.phase == HALVE:
            return sorted({max(self.at - self.move * i, self.first) for i in range(many)})
        return sorted({min(self.at + self.move * i, self.last) for i in range(many)})

    def fold(self, results: list[tuple[int, int]]) -> None:
        """Take in what was run, and choose what comes next."""
        for k, status in results:
            if status == FIRED and (self.fired is None or k < self.fired):
                self.fired = k
        spike = None
        for k, status in results:
            if status == FIRED or (self.fired is not None and k > self.fired):
                continue
            self.low = k if self.low is None else max(self.low, k)
            self.highest = k if self.highest is None else max(self.highest, k)
            if status != SILENT:
                spike = k if spike is None else spike
            elif spike is None and (self.silent is None or k > self.silent):
                self.silent = k
        if self.fired is not None:
            self.phase = HALVE
            if self.low is not None and self.low > self.fired:
                self.low = None
        elif spike is not None and self.phase == UP:
            self.phase, self.at = DOWN, spike
        self._next(results)

    def _next(self, results: list[tuple[int, int]]) -> None:
        lowest = min(k for k, _ in results)
        if self.phase == HALVE and self.fired is not None:
            if self.low is None:
                self.at = max(min(lowest, self.fired) - self.move, self.first)
                self.move *= 2
                if self.fired <= self.first:
                    self.phase = DONE
            elif self.fired - self.low <= 1:
                self.phase = DONE
            else:
                self.at = (self.low + self.fired) // 2
        elif self.phase == DOWN:
            below = self.silent
            self.at = min(self.at, lowest) - self.scan
            quiet = any(status == SILENT and k == lowest for k, status in results)
            if quiet or self.at < self.first or (below is not None and self.at <= below):
                self.phase = ABOVE
        if self.phase in {UP, ABOVE}:
            top = self.highest if self.highest is not None else self.at
            if top >= self.last:
                self.phase = DONE
            self.at = min(top + self.move, self.last)


def onset(
    run: Run, guess: FloatArray, *, rel_tol: float, limit: float = math.inf, per_round: int = 1, stride: float = 1.5
) -> tuple[FloatArray, FloatArray]:
    """Smallest current that fires each fiber, and the next one below, which does not.

    Parameters
    ----------
    guess : (n,) array
        Where to begin, above 0; infinite: do not search.
    stride : float
        Factor of a move from the guess.
    per_round : int
        Currents tried at once for a fiber, where there are lanes to spare.

    Returns
    -------
    (n,) array, (n,) array
        Infinite where nothing fires up to `limit` (or ten million times the guess); then the second is the largest
        current that was run.
    """
    ratio = -math.log1p(-rel_tol)
    far = int(math.log(FAR) / ratio)
    move, scan = max(1, round(math.log(stride) / ratio)), max(1, round(math.log(SCAN) / ratio))
    searches: dict[int, _Search] = {}
    for f, value in enumerate(guess.tolist()):
        if not math.isfinite(value):
            continue
        at = math.floor(math.log(value) / ratio)
        last = math.ceil(math.log(limit) / ratio - 1e-9) if math.isfinite(limit) else at + far
        searches[f] = _Search(at=min(at, last), move=move, scan=scan, first=at - far, last=last)

    def current(k: int) -> float:
        return min(math.exp(ratio * k), limit)

    active = list(searches)
    while active:
        many = max(1, per_round // len(active))
        tries = {f: searches[f].tries(many) for f in active}
        owner = np.array([f for f in active for _ in tries[f]], dtype=np.int64)
        status = iter(run(owner, np.array([current(k) for f in active for k in tries[f]])).tolist())
        for f in active:
            searches[f].fold([(k, next(status)) for k in tries[f]])
        active = [f for f in active if searches[f].phase != DONE]
    found, below = np.full(guess.size, math.inf), np.zeros(guess.size)
    for f, one in searches.items():
        found[f] = math.inf if one.fired is None else current(one.fired)
        below[f] = 0.0 if one.low is None else current(one.low)
    return found, below


def upper_edge(
    run: Run, from_ma: FloatArray, *, rel_tol: float, limit: float = math.inf, growth: float = 1.3
) -> tuple[FloatArray, FloatArray]:
    """Largest current of the interval that begins at `from_ma` in which a fiber fires, and the next that does not.

    Grows by `growth` until the fiber stays silent, then halves. Where it fires up to `limit` (or a thousand times the
    onset), or up to a current at which a run leaves the range of numbers (such a run tells nothing), the second is
    infinite.
    """
    ratio = -math.log1p(-rel_tol)
    fires = from_ma.copy()
    stays = np.full(from_ma.size, math.inf)
    known = np.isfinite(from_ma)
    top = np.minimum(np.where(known, from_ma * 1e3, 0.0), limit)
    while True:
        active = np.flatnonzero(known & ~np.isfinite(stays) & (fires < top))
        if active.size == 0:
            break
        tried = np.minimum(fires[active] * growth, top[active])
        status = run(active, tried)
        fires[active] = np.where(status == FIRED, tried, fires[active])
        stays[active] = np.where((status == FIRED) | (status == BROKEN), math.inf, tried)
        top[active[status == BROKEN]] = 0.0
    while True:
        active = np.flatnonzero(known & np.isfinite(stays) & (stays > fires * (1.0 + ratio)))
        if active.size == 0:
            break
        tried = np.sqrt(fires[active] * stays[active])
        status = run(active, tried)
        fires[active] = np.where(status == FIRED, tried, fires[active])
        stays[active] = np.where(status == FIRED, stays[active], np.where(status == BROKEN, math.inf, tried))
    return fires, stays
