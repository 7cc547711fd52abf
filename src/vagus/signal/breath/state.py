"""Breathing so far: what the live step carries from one chunk to the next."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from vagus.errors import InputError, Problem
from vagus.signal.known import value
from vagus.signal.vector import Array

Sensor = Literal["volume", "flow"]
RisesWith = Literal["inspiration", "expiration"]
_LEAST_FS_HZ = 4.0
# in the order in which the kernel reads them
PARAMETERS = (
    "warm_up_s", "turn_share", "drop_share", "steep_share", "flat_share", "early_spreads", "wiggle_times", "zone_share",
    "within_top", "refractory_share", "least_breath_s", "first_hold_s", "slow_share", "slow_longest_s", "range_s",
    "range_share", "fade_least", "least_period_s", "still_share", "rise_share", "clipped_share", "alike_s",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class BreathEvent:
    """One onset of expiration or inspiration, as told live or as confirmed later.

    Parameters
    ----------
    kind : "exhale" or "inhale"
        What begins.
    when : "live" or "confirmed"
        Live: told once, at the moment of decision. Confirmed: told once the signal has come back by 30 % of the usual
        swing, with a better time; a breath has one of each.
    time_s : float
        Onset on the recording's clock; of a live event the time of decision.
    decided_s : float
        Time of the sample with which it was told.
    quality : float
        How near the swing is to the usual one, 0 to 1.
    """

    kind: Literal["exhale", "inhale"]
    when: Literal["live", "confirmed"]
    time_s: float
    decided_s: float
    quality: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BreathState:
    """What is known of the breathing so far; made by `BreathState.of`, moved on by `breath_step`.

    Parameters
    ----------
    fs_hz : float
    sensor : "volume" or "flow"
    rises_with : "inspiration" or "expiration"
    start_s : float
        Time of the first sample on the recording's clock.
    numbers, ring, past, taps : array
        The algorithm's memory, of fixed size.

    Examples
    --------
    >>> state = BreathState.of(fs_hz=25.0, rises_with="inspiration")
    >>> state.now_s, state.phase, state.trouble
    (0.0, 'unknown', 'warming up: no breath has been seen')
    """

    fs_hz: float
    sensor: Sensor
    rises_with: RisesWith
    start_s: float
    numbers: Array
    ring: np.ndarray
    past: np.ndarray
    taps: Array

    @classmethod
    def of(cls, *, fs_hz: float, rises_with: RisesWith, sensor: Sensor = "volume", start_s: float = 0.0) -> BreathState:
        """A state before the first sample.

        Parameters
        ----------
        fs_hz : float
            4 Hz or more; from 50 Hz on samples are averaged in blocks down to 50 to 100 a second.
        rises_with : "inspiration" or "expiration"
            Which way the signal goes; declared, never guessed.
        sensor : "volume" or "flow"
            Belt, impedance and derived respiration follow the volume; flow is summed to one.
        start_s : float
            Time of the first sample.

        Raises
        ------
        InputError
            A sampling rate that is none or too low, an unknown word.
        """
        problems: list[Problem] = []
        if not (math.isfinite(fs_hz) and fs_hz >= _LEAST_FS_HZ):
            allowed = f"{_LEAST_FS_HZ:g} Hz or more"
            problems.append(Problem(what="sampling rate of respiration", found=f"{fs_hz:g} Hz", allowed=allowed))
        if rises_with not in ("inspiration", "expiration"):
            allowed = "inspiration, expiration"
            problems.append(Problem(what="rises_with is unknown", found=f'"{rises_with}"', allowed=allowed))
        if sensor not in ("volume", "flow"):
            problems.append(Problem(what="sensor is unknown", found=f'"{sensor}"', allowed="volume, flow"))
        if problems:
            raise InputError(problems)
        from vagus.signal.breath._kernels import LAST_PEAK, LAST_TOLD, LOST_AT, N_STATE, WIDTH  # noqa: PLC0415

        rate_hz = fs_hz / per_block(fs_hz)
        numbers = np.zeros(N_STATE)
        numbers[[LAST_PEAK, LAST_TOLD, LOST_AT]] = -1e9
        numbers[WIDTH] = max(3.0, round(1.5 * value("slow_share") * rate_hz))
        n_tap = max(3, round(value("smooth_s") * rate_hz) | 1)
        taps = np.hanning(n_tap + 2)[1:-1]
        return cls(
            fs_hz=float(fs_hz),
            sensor=sensor,
            rises_with=rises_with,
            start_s=float(start_s),
            numbers=numbers,
            ring=np.zeros((4, math.ceil(value("ring_s") * rate_hz))),
            past=np.zeros((3, int(value("memory_breaths")))),
            taps=taps / taps.sum(),
        )

    def _at(self, name: str) -> float:
        from vagus.signal.breath import _kernels  # noqa: PLC0415

        return float(self.numbers[getattr(_kernels, name)])

    @property
    def now_s(self) -> float:
        """Time up to which samples were taken in."""
        blocks = self._at("BLOCK") * per_block(self.fs_hz)
        return self.start_s + (blocks + self._at("IN_BLOCK")) / self.fs_hz

    @property
    def phase(self) -> Literal["inspiration", "expiration", "unknown"]:
        """Phase at the last sample, by the last live event."""
        told = self._at("PHASE")
        if told == 0:
            return "unknown"
        return "inspiration" if told > 0 else "expiration"

    @property
    def period_s(self) -> float:
        """Usual length of a breath: median of up to ten past ones; nan before the second."""
        return self._at("PERIOD") if self._at("N_PERIOD") > 0 else math.nan

    @property
    def rate_per_min(self) -> float:
        """Respiratory rate from the usual length of a breath; nan before the second."""
        return 60 / self.period_s

    @property
    def trouble(self) -> str:
        """Why breathing cannot be told now, "" where it can: lost samples, a flat signal, no breath, too early."""
        rate_hz = self.fs_hz / per_block(self.fs_hz)
        block = self._at("BLOCK")
        if block - self._at("LOST_AT") < rate_hz:
            return "samples were lost within the last second"
        if (still_s := (block - self._at("STILL_FROM")) / rate_hz) >= value("still_s"):
            return f"the signal has been flat for {still_s:.0f} s: is the sensor off?"
        if self._at("MODE") == 0:
            return "warming up: no breath has been seen"
        longest_s = max(value("apnea_s"), 1.5 * self._at("PERIOD"))
        if (quiet_s := (block - self._at("TURN_AT")) / rate_hz) > longest_s:
            return f"no breath for {quiet_s:.0f} s"
        return ""


def per_block(fs_hz: float) -> int:
    """Samples that are averaged into one block."""
    return max(1, int(fs_hz // value("block_hz")))
