"""What leaves the device: one pulse, and pulses in a row."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vagus.dose.ranges import demand, outside
from vagus.errors import InputError, Problem, nearest

Shape = Literal["monophasic", "biphasic_symmetric", "biphasic_asymmetric"]
Gate = Literal["none", "exhalation", "inhalation", "systole"]

# spacing of doubles: a burst that fills its period exactly is no error
_ROUNDING = 1 + 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """One rectangular stretch of constant current.

    Parameters
    ----------
    start_us, width_us : float
        Begin after the pulse's begin, and duration (µs).
    amplitude_ma : float
        Current (mA), with its sign.
    """

    start_us: float
    width_us: float
    amplitude_ma: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """One stimulation pulse at the contact whose weight in the montage is +1.

    Parameters
    ----------
    amplitude_ma : float
        Current of the first phase (mA); negative = cathodic first.
    width_us : float
        Width of the first phase (µs).
    shape : {"monophasic", "biphasic_symmetric", "biphasic_asymmetric"}
        Symmetric: the second phase mirrors the first. Asymmetric: it is lower by `recovery_ratio` and longer by its
        inverse, so that the charge returns (rectangular stand-in for a capacitive discharge, which is exponential).
    gap_us : float
        Pause between the phases (µs).
    recovery_ratio : float
        Amplitude of the second phase over that of the first; below 1 for the asymmetric shape, else 1.

    Raises
    ------
    InputError
        A number is not finite or out of range, the shape is unknown, or gap and ratio do not fit the shape.

    Examples
    --------
    >>> pulse = Pulse(amplitude_ma=1.5, width_us=250, shape="biphasic_symmetric")
    >>> pulse.charge_uc, pulse.net_charge_uc, pulse.duration_us
    (0.375, 0.0, 500.0)
    """

    amplitude_ma: float
    width_us: float
    shape: Shape
    gap_us: float = 0.0
    recovery_ratio: float = 1.0

    def __post_init__(self) -> None:
        if self.shape not in get_args(Shape):
            raise InputError(
                Problem(
                    what="unknown pulse shape", found=f'"{self.shape}"', allowed=nearest(self.shape, get_args(Shape))
                )
            )
        demand(
            (
                outside("amplitude_ma", self.amplitude_ma),
                outside("width_us", self.width_us, above=0, why="a pulse lasts some time"),
                outside("gap_us", self.gap_us, low=0, why="the second phase follows the first"),
                outside("recovery_ratio", self.recovery_ratio, above=0, high=1, why="share of the first amplitude"),
            )
        )
        demand((self._shape_problem(),))

    def _shape_problem(self) -> Problem | None:
        if self.shape == "biphasic_asymmetric" and self.recovery_ratio == 1:
            return Problem(
                what="an asymmetric pulse needs the height of its second phase",
                found="recovery_ratio 1",
                allowed="recovery_ratio above 0, below 1",
                why="at 1 the pulse is symmetric",
            )
        if self.shape != "biphasic_asymmetric" and self.recovery_ratio != 1:
            return Problem(
                what=f"recovery_ratio does not fit the shape {self.shape}",
                found=f"{self.recovery_ratio:g}",
                allowed='1, or the shape "biphasic_asymmetric"',
            )
        if self.shape == "monophasic" and self.gap_us > 0:
            return Problem(
                what="a monophasic pulse has no gap", found=f"gap_us {self.gap_us:g} µs", allowed="0 µs, or two phases"
            )
        return None

    @property
    def phases(self) -> tuple[Phase, ...]:
        """One phase (monophasic) or two, in order of time."""
        first = Phase(start_us=0.0, width_us=float(self.width_us), amplitude_ma=float(self.amplitude_ma))
        if self.shape == "monophasic":
            return (first,)
        second = Phase(
            start_us=float(self.width_us + self.gap_us),
            width_us=self.width_us / self.recovery_ratio,
            amplitude_ma=-self.amplitude_ma * self.recovery_ratio,
        )
        return (first, second)

    @property
    def charge_uc(self) -> float:
        """Charge of the first phase (µC), without sign: |mA| × µs / 1000."""
        return abs(self.amplitude_ma) * self.width_us / 1000

    @property
    def net_charge_uc(self) -> float:
        """Charge left behind by all phases (µC), with sign; 0 for a charge-balanced pulse."""
        return sum(p.amplitude_ma * p.width_us for p in self.phases) / 1000

    @property
    def duration_us(self) -> float:
        """Time from the begin of the first phase to the end of the last (µs)."""
        last = self.phases[-1]
        return last.start_us + last.width_us

    @property
    def cathodic_first(self) -> bool:
        """True where the first phase is negative."""
        return self.amplitude_ma < 0

    def waveform_ma(self, t_us: ArrayLike) -> NDArray[np.float64]:
        """Current (mA) at the times `t_us` (any shape) after the pulse's begin; each phase holds [start, end).

        Examples
        --------
        >>> Pulse(amplitude_ma=-1, width_us=100, shape="biphasic_symmetric").waveform_ma([-1, 0, 99, 100, 200]).tolist()
        [0.0, -1.0, -1.0, 1.0, 0.0]
        """
        t = np.asarray(t_us, dtype=np.float64)
        current = np.zeros_like(t)
        for phase in self.phases:
            current[(t >= phase.start_us) & (t < phase.start_us + phase.width_us)] = phase.amplitude_ma
        return current

    def scaled(self, amplitude_ma: float) -> Pulse:
        """Same pulse at another amplitude of the first phase (mA, with its sign)."""
        return dataclasses.replace(self, amplitude_ma=amplitude_ma)


@dataclass(frozen=True, slots=True, kw_only=True)
class Train:
    """Pulses at a rate, plain, in microbursts, or gated by breath or heart.

    Parameters
    ----------
    pulse : Pulse
    rate_hz : float
        Pulses per second; inside a burst where there are bursts.
    pulses_per_burst : int, optional
        Pulses of one microburst; needs `burst_rate_hz`.
    burst_rate_hz : float, optional
        Microbursts per second.
    gate : {"none", "exhalation", "inhalation", "systole"}
        What opens the output.
    gated_burst_s : float, optional
        How long the output stays open per breath or beat (s); needed where there is a gate.

    Raises
    ------
    InputError
        A number is out of range, the pulse is longer than its period, a microburst longer than its burst period, or
        halves of a pair are missing.

    Examples
    --------
    >>> pulse = Pulse(amplitude_ma=1.5, width_us=250, shape="biphasic_symmetric")
    >>> Train(pulse=pulse, rate_hz=25).mean_rate_hz()
    25.0
    >>> Train(pulse=pulse, rate_hz=300, pulses_per_burst=4, burst_rate_hz=2.5).mean_rate_hz()
    10.0
    >>> Train(pulse=pulse, rate_hz=25, gate="exhalation", gated_burst_s=1.5).mean_rate_hz(breath_rate_per_min=12)
    7.5
    """

    pulse: Pulse
    rate_hz: float
    pulses_per_burst: int | None = None
    burst_rate_hz: float | None = None
    gate: Gate = "none"
    gated_burst_s: float | None = None

    def __post_init__(self) -> None:
        demand((outside("rate_hz", self.rate_hz, above=0, why="a train has pulses"), *self._pair_problems()))
        demand(self._fit_problems())

    def _pair_problems(self) -> tuple[Problem | None, ...]:
        problems: list[Problem | None] = []
        if self.gate not in get_args(Gate):
            problems.append(
                Problem(what="unknown gate", found=f'"{self.gate}"', allowed=nearest(self.gate, get_args(Gate)))
            )
        if (self.pulses_per_burst is None) != (self.burst_rate_hz is None):
            given = "pulses_per_burst" if self.burst_rate_hz is None else "burst_rate_hz"
            problems.append(
                Problem(what="a microburst is half described", found=f"{given} alone", allowed="both, or neither")
            )
        if self.pulses_per_burst is not None:
            problems.append(outside("pulses_per_burst", self.pulses_per_burst, low=1, why="a burst has pulses"))
            if isinstance(self.pulses_per_burst, float) and not self.pulses_per_burst.is_integer():
                problems.append(
                    Problem(
                        what="pulses_per_burst is not whole", found=f"{self.pulses_per_burst:g}", allowed="1, 2, 3 …"
                    )
                )
        if self.burst_rate_hz is not None:
            problems.append(outside("burst_rate_hz", self.burst_rate_hz, above=0, why="bursts repeat"))
        if (self.gate == "none") != (self.gated_burst_s is None):
            problems.append(
                Problem(
                    what="a gated train is half described",
                    found=f'gate "{self.gate}", gated_burst_s {self.gated_burst_s}',
                    allowed="a gate with gated_burst_s, or neither",
                )
            )
        elif self.gated_burst_s is not None:
            problems.append(outside("gated_burst_s", self.gated_burst_s, above=0, why="an open gate lasts some time"))
        return tuple(problems)

    def _fit_problems(self) -> tuple[Problem | None, ...]:
        period_us = 1e6 / self.rate_hz
        problems: list[Problem | None] = []
        if self.pulse.duration_us > period_us * _ROUNDING:
            problems.append(
                Problem(
                    what="the pulse is longer than its period",
                    found=f"{self.pulse.duration_us:g} µs with all phases, at {self.rate_hz:g} Hz",
                    allowed=f"at most {period_us:g} µs",
                    why="pulses would overlap",
                )
            )
        burst_s = self.pulse.duration_us * 1e-6
        if self.pulses_per_burst is not None and self.burst_rate_hz is not None:
            burst_s += (self.pulses_per_burst - 1) / self.rate_hz
            if burst_s > _ROUNDING / self.burst_rate_hz:
                problems.append(
                    Problem(
                        what="the microburst is longer than its burst period",
                        found=f"{1000 * burst_s:g} ms for {self.pulses_per_burst} pulses at {self.rate_hz:g} Hz",
                        allowed=f"at most {1000 / self.burst_rate_hz:g} ms at {self.burst_rate_hz:g} bursts a second",
                        why="bursts would overlap",
                    )
                )
        if self.gated_burst_s is not None and burst_s > self.gated_burst_s * _ROUNDING:
            problems.append(
                Problem(
                    what="the gate closes before one pulse or burst is out",
                    found=f"gated_burst_s {self.gated_burst_s:g} s",
                    allowed=f"at least {burst_s:g} s",
                )
            )
        return tuple(problems)

    @property
    def open_rate_hz(self) -> float:
        """Mean pulses per second while the gate, if any, is open."""
        if self.pulses_per_burst is not None and self.burst_rate_hz is not None:
            return self.pulses_per_burst * self.burst_rate_hz
        return float(self.rate_hz)

    def mean_rate_hz(self, breath_rate_per_min: float | None = None, heart_rate_bpm: float | None = None) -> float:
        """Mean pulses per second while the protocol is ON.

        Parameters
        ----------
        breath_rate_per_min : float, optional
            Breaths per minute; needed for a train gated by breath.
        heart_rate_bpm : float, optional
            Beats per minute; needed for a train gated by systole.

        Raises
        ------
        InputError
            The rate that a gate follows is missing, or the open gate is longer than a breath or beat.
        """
        if self.gated_burst_s is None:
            return self.open_rate_hz
        name = "heart_rate_bpm" if self.gate == "systole" else "breath_rate_per_min"
        per_min = heart_rate_bpm if self.gate == "systole" else breath_rate_per_min
        demand((outside(name, per_min, above=0, why=f'the gate "{self.gate}" follows it'),))
        share = self.gated_burst_s * (per_min or 0.0) / 60
        if share > _ROUNDING:
            raise InputError(
                Problem(
                    what="the open gate is longer than the cycle it follows",
                    found=f"gated_burst_s {self.gated_burst_s:g} s",
                    allowed=f"at most {60 / (per_min or 1.0):g} s at {per_min:g} per minute",
                )
            )
        return self.open_rate_hz * share
