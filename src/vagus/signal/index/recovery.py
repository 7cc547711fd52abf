"""Heart-rate recovery after exercise: the fall within a minute, and the time constant of its first seconds."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from vagus.errors import Abstained
from vagus.signal.beats import Beats
from vagus.signal.index.blocks import LEVEL
from vagus.signal.known import sources, value
from vagus.signal.reading.window import window_of
from vagus.signal.vector import Array
from vagus.source import Effect

_FEWEST = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class HeartRateRecovery:
    """How fast heart rate falls once exercise stops.

    Parameters
    ----------
    stop_s : float
        End of exercise on the beats' clock.
    peak_bpm : float
        Heart rate over the last 10 s of exercise.
    hrr60_bpm : Effect
        Its fall within 60 s.
    t30_s : Effect
        Time constant: -1 over the slope of log heart rate from 10 to 40 s after the end.
    source_name : str
    """

    stop_s: float
    peak_bpm: float
    hrr60_bpm: Effect
    t30_s: Effect
    source_name: str = ""


def heart_rate_recovery(beats: Beats, *, stop_s: float) -> HeartRateRecovery:
    """Heart-rate recovery after exercise: HRR60 and T30.

    Parameters
    ----------
    beats : Beats
        From 10 s before the end of exercise to 65 s after it.
    stop_s : float
        End of exercise on the beats' clock.

    Returns
    -------
    HeartRateRecovery
        HRR60: mean heart rate over the last 10 s of exercise minus that from 55 to 65 s after it. T30: -1 over the
        slope of log heart rate from 10 to 40 s. Intervals are t intervals with beats taken as independent, which
        makes them too short where neighbors are alike; those of mended beats and gaps are left out.

    Raises
    ------
    Abstained
        Too few beats were read in one of the three stretches, or heart rate does not fall from 10 to 40 s.

    Sources
    -------
    HRR60: Cole 1999, doi:10.1056/NEJM199910283411804; T30: Imai 1994, doi:10.1016/0735-1097(94)90150-3; recalled.

    Examples
    --------
    >>> t, times = 0.0, [0.0]
    >>> while t < 140:
    ...     t += 60 / (150 * np.exp(-max(0, t - 60) / 200))
    ...     times.append(t)
    >>> found = heart_rate_recovery(Beats(time_s=times, quality=np.ones(len(times)), origin="given"), stop_s=60)
    >>> round(found.hrr60_bpm.estimate), round(found.t30_s.estimate)
    (39, 200)
    """
    around = value("recovery_around_s")
    before, _ = _rates(beats, stop_s - around, stop_s, "the last seconds of exercise")
    later, _ = _rates(beats, stop_s + 60 - around / 2, stop_s + 60 + around / 2, "a minute after exercise")
    early, times = _rates(
        beats, stop_s + value("t30_from_s"), stop_s + value("t30_to_s"), "the first seconds of recovery"
    )
    return HeartRateRecovery(
        stop_s=stop_s,
        peak_bpm=float(before.mean()),
        hrr60_bpm=_fall(before, later),
        t30_s=_constant(times, early, beats.source_name),
        source_name=beats.source_name,
    )


def _rates(beats: Beats, start_s: float, end_s: float, what: str) -> tuple[Array, Array]:
    """Heart rate of each interval in bpm, and when it ends."""
    where = f"{beats.source_name or 'beats'}, {start_s:g} to {end_s:g} s ({what})"
    if beats.window(start_s, end_s).time_s.size < _FEWEST:
        raise Abstained(f"{where}: fewer than {_FEWEST} beats, so there is no heart-rate recovery")
    part, _, _, _ = window_of(beats, start_s, end_s)
    mended = part.mended
    good = ~part.across & ~(mended[:-1] | mended[1:])
    if good.sum() < _FEWEST:
        raise Abstained(f"{where}: {good.sum()} intervals were read and not mended, {_FEWEST} needed for recovery")
    return 60000 / part.rr_ms[good], part.time_s[1:][good]


def _fall(before: Array, later: Array) -> Effect:
    """Difference of two means with Welch's t interval."""
    fall = float(before.mean() - later.mean())
    parts = [float(x.var(ddof=1)) / x.size for x in (before, later)]
    low = high = math.nan
    if sum(parts) > 0:
        free = sum(parts) ** 2 / sum(p**2 / (x.size - 1) for p, x in zip(parts, (before, later), strict=True))
        wide = float(stdtrit(free, (1 + LEVEL) / 2)) * math.sqrt(sum(parts))
        low, high = fall - wide, fall + wide
    return Effect(
        estimate=fall, low=low, high=high, unit="bpm", n=before.size + later.size, level=LEVEL,
        method="mean heart rate of the last 10 s of exercise minus that from 55 to 65 s after it; 95 % interval: "
        "Welch's t, beats as independent",
    )  # fmt: skip


def _constant(times: Array, rates: Array, where: str) -> Effect:
    """-1 over the slope of log rate, with the t interval of the slope turned over."""
    x, y = times - times.mean(), np.log(rates) - np.log(rates).mean()
    slope = float(x @ y / (x @ x))
    if slope >= 0:
        raise Abstained(
            f"{where or 'beats'}: heart rate does not fall from 10 to 40 s after exercise, so there is no T30"
        )
    rest = y - slope * x
    wide = float(stdtrit(x.size - 2, (1 + LEVEL) / 2)) * math.sqrt(float(rest @ rest) / (x.size - 2) / float(x @ x))
    return Effect(
        estimate=-1 / slope, low=-1 / (slope - wide), high=math.inf if slope + wide >= 0 else -1 / (slope + wide),
        unit="s", n=x.size, level=LEVEL, sources=sources("t30_from_s"),
        method="-1 over the slope of log heart rate from 10 to 40 s after exercise; 95 % interval: t interval of the "
        "slope turned over, beats as independent",
    )  # fmt: skip
