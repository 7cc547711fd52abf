"""Currents over time: pulses, trains, sines, samples; and their mean over each time step."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vagus.dose import Pulse
from vagus.errors import InputError, Problem

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Wave:
    """One source's current over time: steps that are held, and sines that are switched on and off.

    Parameters
    ----------
    steps : (n, 3) array
        Begin (us), end (us), level of each step; overlapping steps add up.
    sines : (n, 5) array
        Begin (us), end (us), amplitude, frequency (Hz), phase at the begin (rad).

    Examples
    --------
    >>> Wave.of_pulse(Pulse(amplitude_ma=-2.0, width_us=12.5, shape="monophasic"), at_us=[5.0]).held(5.0, 5).tolist()
    [0.0, -2.0, -2.0, -1.0, 0.0]
    """

    steps: FloatArray
    sines: FloatArray

    def __post_init__(self) -> None:
        for name, columns in (("steps", 3), ("sines", 5)):
            array = np.array(getattr(self, name), dtype=np.float64)
            if array.size % columns or array.ndim > 2 or (array.ndim == 2 and array.shape[1] != columns and array.size):
                raise InputError(
                    Problem(what=f"{name} of a wave have another shape", found=f"{array.shape}",
                            allowed=f"(n, {columns})")
                )  # fmt: skip
            array = array.reshape(-1, columns)
            if not np.all(np.isfinite(array)) or np.any(array[:, 1] <= array[:, 0]) or np.any(array[:, 0] < 0):
                raise InputError(
                    Problem(what=f"{name} of a wave are out of order", allowed="finite, 0 us <= begin < end")
                )
            if name == "sines" and np.any(array[:, 3] <= 0):
                raise InputError(Problem(what="frequency of a sine is not above 0", found=f"{array[:, 3].min():g} Hz"))
            array.setflags(write=False)
            object.__setattr__(self, name, array)

    @staticmethod
    def of_pulse(pulse: Pulse, *, at_us: Sequence[float] = (0.0,)) -> Wave:
        """A pulse at each of these times, in mA."""
        steps = [(at + p.start_us, at + p.start_us + p.width_us, p.amplitude_ma) for at in at_us for p in pulse.phases]
        return Wave(steps=np.array(steps), sines=np.empty(0))

    @staticmethod
    def sine(*, amplitude: float, frequency_hz: float, begin_us: float, end_us: float, phase_rad: float = 0.0) -> Wave:
        """A sine that is on from `begin_us` to `end_us`.

        Raises
        ------
        InputError
            A frequency that is not above 0: for a constant level use steps.

        Examples
        --------
        >>> wave = Wave.sine(amplitude=1.0, frequency_hz=10e3, begin_us=0.0, end_us=100.0)
        >>> wave.held(25.0, 4).round(3).tolist()
        [0.637, 0.637, -0.637, -0.637]
        """
        if not (math.isfinite(frequency_hz) and frequency_hz > 0):
            raise InputError(Problem(what="frequency_hz of a sine is not above 0", found=f"{frequency_hz:g} Hz"))
        return Wave(steps=np.empty(0), sines=np.array([(begin_us, end_us, amplitude, frequency_hz, phase_rad)]))

    @staticmethod
    def sampled(t_us: FloatArray, level: FloatArray) -> Wave:
        """Levels, each held from its time to the next; the last one ends at its own time."""
        t, y = np.asarray(t_us, dtype=np.float64), np.asarray(level, dtype=np.float64)
        if t.ndim != 1 or t.size < 2 or t.shape != y.shape or np.any(np.diff(t) <= 0):
            raise InputError(
                Problem(what="samples of a wave do not fit", found=f"shapes {t.shape} and {y.shape}",
                        allowed="two or more times that rise, and as many levels")
            )  # fmt: skip
        return Wave(steps=np.column_stack([t[:-1], t[1:], y[:-1]]), sines=np.empty(0))

    def plus(self, other: Wave) -> Wave:
        """Both together."""
        return Wave(steps=np.vstack([self.steps, other.steps]), sines=np.vstack([self.sines, other.sines]))

    @property
    def end_us(self) -> float:
        """When the last of it ends."""
        return float(max(np.max(self.steps[:, 1], initial=0.0), np.max(self.sines[:, 1], initial=0.0)))

    @property
    def shortest_us(self) -> float:
        """Shortest stretch that a time step must resolve: a step, or a quarter of a sine."""
        quarters = 0.25e6 / self.sines[:, 3]
        widths = self.steps[:, 1] - self.steps[:, 0]
        return float(min(np.min(widths, initial=math.inf), np.min(quarters, initial=math.inf)))

    def at(self, t_us: FloatArray) -> FloatArray:
        """Current just before each time.

        Examples
        --------
        >>> wave = Wave.of_pulse(Pulse(amplitude_ma=-2.0, width_us=10.0, shape="monophasic"), at_us=[5.0])
        >>> wave.at(np.array([5.0, 7.5, 15.0, 17.5])).tolist()
        [0.0, -2.0, -2.0, 0.0]
        """
        t = np.asarray(t_us, dtype=np.float64)
        slack = 1e-9 * np.maximum(np.abs(t), 1.0)
        level = np.zeros(t.shape)
        for begin, end, height in self.steps:
            level += np.where((t > begin + slack) & (t <= end + slack), height, 0.0)
        for begin, end, amplitude, frequency, phase in self.sines:
            on = (t > begin + slack) & (t <= end + slack)
            level += np.where(on, amplitude * np.sin(2e-6 * math.pi * frequency * (t - begin) + phase), 0.0)
        return level

    def held(self, dt_us: float, n_step: int, *, offset_us: float = 0.0) -> FloatArray:
        """Mean current over each time step from `offset_us` on, so that charge is kept."""
        edges = dt_us * np.arange(n_step + 1) + offset_us
        wave = np.zeros(n_step)
        for begin, end, level in self.steps:
            first = max(0, math.floor((begin - offset_us) / dt_us + 1e-9))
            last = min(math.ceil((end - offset_us) / dt_us - 1e-9), n_step)
            at = edges[first : last + 1]
            if at.size < 2:
                continue
            share = np.diff(np.clip(at, begin, end)) / dt_us
            # a step that is covered but for rounding counts as covered: parity asks for the same samples
            wave[first:last] += level * np.where(share > 1 - 1e-9, 1.0, np.where(share < 1e-9, 0.0, share))
        for begin, end, amplitude, frequency, phase in self.sines:
            turn = 2e-6 * math.pi * frequency
            inner = np.clip(edges, begin, end)
            wave += amplitude * -np.diff(np.cos(turn * (inner - begin) + phase)) / (turn * dt_us)
        return wave
