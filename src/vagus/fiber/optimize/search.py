"""`optimize`: differential evolution over contact weights, width and shape; the current follows from the aim."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import differential_evolution

from vagus.dose import Device, Protocol, Pulse, Shape, judge
from vagus.errors import Abstained, InputError, Problem
from vagus.fiber.axon import Fiber
from vagus.fiber.nerve.placed import PlacedFibers
from vagus.fiber.nerve.recruited import chosen, current_of, share_of, thresholds_ma
from vagus.fiber.optimize.aim import Aim, Optimized, Setting, pareto_of
from vagus.field import Field, Nerve, Patch

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

# what a search is told of a setting that does not reach the aim, or that a limit refuses
NEVER = 1e6
# of the share that counts less, in the score
TIE = 1e-4
RECOVERY = 0.25


def optimize(
    nerve: Nerve,
    fibers: PlacedFibers,
    field: Field,
    aim: Aim,
    *,
    protocol: Protocol,
    device: Device,
    site: str,
    rng: np.random.Generator,
    widths_us: tuple[float, ...] | None = None,
    shapes: tuple[Shape, ...] | None = None,
    n_tries: int = 120,
    limit_ma: float | None = None,
    progress: Callable[[float], None] | None = None,
) -> Optimized:
    """Weights of contacts, polarity, width and shape that reach an aim with the least of what it names.

    The current is no free number: it is the smallest at which the wanted share fires, rounded up to the device's step.
    Settings that `dose.judge` refuses with the protocol's train and duty cycle are dropped; if all are, nothing is
    returned. What is found holds for that nerve: another one may answer otherwise.

    Parameters
    ----------
    nerve : Nerve
    fibers : PlacedFibers
        Those that are wanted, and those to spare.
    field : Field
        Of patches around that nerve.
    aim : Aim
    protocol : Protocol
        Its train's pulse is replaced; rate, duty cycle and times count for the judgement.
    device : Device
        Its widths, waveforms, largest current and step are what is searched, unless given.
    site : str
    rng : numpy.random.Generator
    widths_us : tuple of float, optional
    shapes : tuple of str, optional
    n_tries : int
        About how many settings are tried.
    limit_ma : float, optional
        Largest current; without it, the device's.
    progress : callable, optional
        Told the share of tries that are done.

    Raises
    ------
    InputError
        Fewer than two contacts, no such fibers, or no width, shape or largest current to search.
    Abstained
        No setting that was tried reaches the aim without a refusal.

    Sources
    -------
    Storn R, Price K. J Global Optim 1997;11:341-359, doi:10.1023/A:1008202821328 (as scipy has it).
    """
    top_ma = limit_ma if limit_ma is not None else device.amplitude_high_ma
    widths, kinds = widths_us or device.widths_us, shapes or device.waveforms
    problems: list[Problem] = []
    if len(field.contacts) < 2 or not all(isinstance(one, Patch) for one in field.contacts):
        problems.append(Problem(what="contacts do not fit", allowed="two patches or more", found=f"{field.contacts}"))
    if not widths or not kinds or top_ma is None:
        problems.append(
            Problem(what="nothing to search", found=f"widths {widths}, shapes {kinds}, largest current {top_ma}",
                    allowed="widths_us, shapes and limit_ma, where the device's are not known")
        )  # fmt: skip
    if n_tries < 1:
        problems.append(Problem(what="n_tries is too small", found=f"{n_tries}", allowed="1 or more"))
    if problems or top_ma is None:
        raise InputError(problems)
    search = _Search(
        nerve=nerve, fibers=fibers, field=field, aim=aim, protocol=protocol, device=device, site=site,
        widths_us=tuple(widths), shapes=tuple(kinds), top_ma=top_ma, n_tries=n_tries, progress=progress,
    )  # fmt: skip
    search.run(rng)
    return search.told()


@dataclass(slots=True, kw_only=True, eq=False)
class _Search:
    nerve: Nerve
    fibers: PlacedFibers
    field: Field
    aim: Aim
    protocol: Protocol
    device: Device
    site: str
    widths_us: tuple[float, ...]
    shapes: tuple[Shape, ...]
    top_ma: float
    n_tries: int
    progress: Callable[[float], None] | None
    cables: list[Fiber] = dataclasses.field(default_factory=list)
    basis: list[FloatArray] = dataclasses.field(default_factory=list)
    wanted: IntArray = dataclasses.field(default_factory=lambda: np.empty(0, dtype=np.int64))
    spared: IntArray = dataclasses.field(default_factory=lambda: np.empty(0, dtype=np.int64))
    found: dict[tuple[float, ...], float] = dataclasses.field(default_factory=dict)
    settings: list[Setting] = dataclasses.field(default_factory=list)
    n_short: int = 0
    n_refused: int = 0

    def run(self, rng: np.random.Generator) -> None:
        aim = self.aim
        self.wanted = self._of(aim.wanted, aim.wanted_fascicle)
        if aim.spared is not None or aim.spared_fascicle is not None:
            self.spared = np.setdiff1d(self._of(aim.spared, aim.spared_fascicle), self.wanted)
            if not self.spared.size:
                raise InputError(
                    Problem(what="nothing is left to spare", found="every fiber to spare is wanted",
                            allowed="a class or fascicle to spare beside what is wanted")
                )  # fmt: skip
        self.cables = self.fibers.built()
        self.basis = self.fibers.basis_mv_per_ma(self.field, self.cables)
        n = len(self.field.contacts)
        # with two contacts only the polarity is free
        free = n if n > 2 else 1
        bounds = [(-1.0, 1.0)] * free + [(0, len(self.widths_us) - 1), (0, len(self.shapes) - 1)]
        size = max(5, min(24, self.n_tries // 6))
        start = np.array([[rng.uniform(low, high) for low, high in bounds] for _ in range(size)])
        # what is usual goes along: one contact against another, from each side
        for k, sign in enumerate((-1.0, 1.0)):
            start[k, :free] = 0.0
            start[k, 0] = sign
            if free > 1:
                start[k, free - 1] = -sign
        if all(low == high for low, high in bounds[free:]) and free == 1:
            for sign in (-1.0, 1.0):
                self._score(np.array([sign, 0.0, 0.0]))
            return
        differential_evolution(
            self._score, bounds, init=start.tolist(), maxiter=max(1, self.n_tries // size - 1), tol=0.0, polish=False,
            rng=rng, integrality=[False] * free + [True, True],
        )  # fmt: skip

    def _of(self, key: str | None, fascicle: str | None) -> IntArray:
        return np.flatnonzero(chosen(self.fibers, self.nerve, key=key, fascicle=fascicle))

    def _weights(self, x: FloatArray) -> tuple[float, ...] | None:
        """Weights that sum to 0, the largest 1 in size, to three digits; None where all are alike."""
        n = len(self.field.contacts)
        raw = x[:n] - x[:n].mean() if n > 2 else np.array([1.0, -1.0]) * (1.0 if x[0] >= 0.0 else -1.0)
        largest = float(np.abs(raw).max())
        if largest < 1e-6:
            return None
        found = np.round(raw / largest, 3)
        # what rounding leaves goes to the smallest share, so that the largest stays 1
        found[np.argmin(np.abs(found))] -= found.sum()
        return tuple(float(w) for w in np.round(found, 3))

    def _score(self, x: FloatArray) -> float:
        weights = self._weights(x)
        if weights is None:
            return NEVER
        width_us, shape = self.widths_us[round(x[-2])], self.shapes[round(x[-1])]
        key = (*weights, width_us, float(round(x[-1])))
        if key not in self.found:
            pulse = Pulse(
                amplitude_ma=-1.0, width_us=width_us, shape=shape,
                recovery_ratio=RECOVERY if shape == "biphasic_asymmetric" else 1.0,
            )  # fmt: skip
            self.found[key] = self._tried(weights, pulse)
            if self.progress is not None:
                self.progress(min(1.0, len(self.found) / self.n_tries))
        return self.found[key]

    def _tried(self, weights: tuple[float, ...], pulse: Pulse) -> float:
        least = self._thresholds(self.wanted, weights, pulse, self.top_ma)
        needed = current_of(least, self.fibers.share[self.wanted], self.aim.wanted_pct)
        step = self.device.amplitude_step_ma
        current = math.ceil(needed / step - 1e-9) * step if step and math.isfinite(needed) else needed
        if not current <= self.top_ma * (1.0 + 1e-9):
            self.n_short += 1
            return NEVER
        pulse = pulse.scaled(-current)
        judgement = judge(
            replace(self.protocol, train=replace(self.protocol.train, pulse=pulse)), self.device, self.site,
            area_mm2=self._area_mm2(weights),
        )  # fmt: skip
        if judgement.refused:
            self.n_refused += 1
            return NEVER
        spared, fires_at = 0.0, np.array([current * (1.0 + 1e-9)])
        if self.spared.size:
            silent = self._thresholds(self.spared, weights, pulse, current)
            spared = float(share_of(silent, self.fibers.share[self.spared], fires_at)[0])
        one = Setting(
            weights=weights, pulse=pulse, spared_pct=spared, judgement=judgement,
            wanted_pct=float(share_of(least, self.fibers.share[self.wanted], fires_at)[0]),
        )  # fmt: skip
        self.settings.append(one)
        if self.aim.least == "charge":
            return one.charge_uc + TIE * spared
        return spared + TIE * one.charge_uc

    def _thresholds(self, which: IntArray, weights: tuple[float, ...], pulse: Pulse, limit_ma: float) -> FloatArray:
        return thresholds_ma(
            self.fibers, which, self.cables, self.basis, pulse, weights=weights, limit_ma=limit_ma, dt_us=None
        )

    def _area_mm2(self, weights: tuple[float, ...]) -> float:
        """Area of a contact with all the current that is as dense as the densest one."""
        return min(
            one.area_mm2 / abs(w)
            for one, w in zip(self.field.contacts, weights, strict=True)
            if w != 0.0 and isinstance(one, Patch)
        )

    def told(self) -> Optimized:
        if not self.settings:
            raise Abstained(
                f"no setting reaches {self.aim.text}: of {len(self.found)} tried, {self.n_short} stay below it up to "
                f"{self.top_ma:g} mA and {self.n_refused} are refused by a limit"
            )
        front = pareto_of(self.settings)
        by_charge = self.aim.least == "charge"
        best = min(
            self.settings, key=lambda s: (s.charge_uc, s.spared_pct) if by_charge else (s.spared_pct, s.charge_uc)
        )
        return Optimized(
            aim=self.aim, best=best, pareto=front, tried=tuple(self.settings), n_tried=len(self.found),
            n_short=self.n_short, n_refused=self.n_refused,
            method=f"differential evolution over weights of {len(self.field.contacts)} contacts, {len(self.widths_us)} "
            f"widths and {len(self.shapes)} shapes, first phase cathodic where a weight is above 0; current: smallest "
            f"at which the wanted share fires, on the device's steps; {self.wanted.size} wanted fibers, "
            f"{self.spared.size} to spare, in one nerve",
        )  # fmt: skip
