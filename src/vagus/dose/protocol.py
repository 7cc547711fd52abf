"""One sitting's recipe, and its schedule over days and weeks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vagus.dose.pulse import Train
from vagus.dose.ranges import demand, outside
from vagus.errors import Problem

_DAY_MIN = 1440
# below a nanosecond a ramp is a step: its slope would not fit into a double
_NO_RAMP_S = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyDose:
    """What one day of treatment delivers as prescribed.

    Parameters
    ----------
    pulses : float
        Pulses in a day, those of the ramps counted.
    charge_mc : float
        Charge of the first phases (mC); ramps count half, as their amplitude rises linearly.
    on_min : float
        Minutes of output, ramps counted.
    """

    pulses: float
    charge_mc: float
    on_min: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """A train in a duty cycle with ramps, and its schedule.

    A cycle lasts `on_s` + `off_s`: ramp up, full output for `on_s`, ramp down, silence. The ramps lie in the off time.
    An implant that runs day and night has one sitting of 1440 min.

    Parameters
    ----------
    train : Train
    on_s, off_s : float
        Full output and the rest of the cycle (s); `off_s` = 0 is continuous output.
    ramp_s : float
        Duration of each of the two ramps (s).
    sitting_min : float
        Duration of a sitting (min).
    sittings_per_day : int
    days_per_week : float
    start : datetime.date
        First day.
    weeks : float
        Duration of the course (weeks).

    Raises
    ------
    InputError
        A number is out of range, the duty cycle is over 100 %, or the sittings do not fit into a day.

    Examples
    --------
    >>> from datetime import date
    >>> from vagus.dose import Pulse
    >>> train = Train(pulse=Pulse(amplitude_ma=1.0, width_us=250, shape="biphasic_symmetric"), rate_hz=20)
    >>> begin = date(2026, 1, 12)
    >>> implant = Protocol(train=train, on_s=30, off_s=300, ramp_s=2, sitting_min=1440, start=begin, weeks=52)
    >>> round(implant.duty_pct, 2), round(implant.dose_per_day_mc, 1), implant.end.isoformat()
    (10.3, 41.9, '2027-01-10')
    """

    train: Train
    on_s: float
    off_s: float
    ramp_s: float = 0.0
    sitting_min: float
    sittings_per_day: int = 1
    days_per_week: float = 7
    start: date
    weeks: float

    def __post_init__(self) -> None:
        whole = not isinstance(self.sittings_per_day, float) or self.sittings_per_day.is_integer()
        demand(
            (
                outside("on_s", self.on_s, above=0, why="stimulation lasts some time"),
                outside("off_s", self.off_s, low=0, why="below 0 s the duty cycle would be over 100 %"),
                outside("ramp_s", self.ramp_s, low=0, why="a ramp lasts no time or some"),
                outside("sitting_min", self.sitting_min, above=0, high=_DAY_MIN, why="a day has 1440 min"),
                outside("sittings_per_day", self.sittings_per_day, low=1, why="a day of treatment has a sitting"),
                None if whole else Problem(what="sittings_per_day is not whole", found=f"{self.sittings_per_day:g}"),
                outside("days_per_week", self.days_per_week, above=0, high=7, why="a week has 7 days"),
                outside("weeks", self.weeks, above=0, high=5200, why="a course fits into a life"),
                self._date_problem(),
            )
        )
        demand(self._fit_problems())

    def _date_problem(self) -> Problem | None:
        if isinstance(self.start, date) and not isinstance(self.start, datetime):
            return None
        return Problem(what="start is not a date", found=repr(self.start), allowed="a day, such as 2026-01-12")

    def _fit_problems(self) -> tuple[Problem, ...]:
        problems: list[Problem] = []
        if 2 * self.ramp_s > self.off_s:
            problems.append(
                Problem(
                    what="the duty cycle is over 100 %",
                    found=f"{self.duty_pct:.4g} % = (on_s {self.on_s:g} s + 2 × ramp_s {self.ramp_s:g} s) / "
                    f"(on_s {self.on_s:g} s + off_s {self.off_s:g} s)",
                    allowed=f"off_s of {2 * self.ramp_s:g} s or more",
                    why="the ramps lie in the off time",
                )
            )
        total_min = self.sitting_min * self.sittings_per_day
        if total_min > _DAY_MIN:
            problems.append(
                Problem(
                    what="the sittings do not fit into a day",
                    found=f"{self.sittings_per_day:g} × {self.sitting_min:g} min = {total_min:g} min",
                    allowed=f"at most {_DAY_MIN} min a day",
                )
            )
        if self.on_s * self.train.open_rate_hz < 1 - 1e-9:
            problems.append(
                Problem(
                    what="the ON time is shorter than the time between two pulses",
                    found=f"on_s {self.on_s:g} s at {self.train.open_rate_hz:g} Hz",
                    allowed=f"at least {1 / self.train.open_rate_hz:g} s",
                )
            )
        return tuple(problems)

    @property
    def duty_pct(self) -> float:
        """Duty cycle (%): 100 (on + 2 ramp) / (on + off).

        The label's definition, (ON + ramp) / (ON + OFF) with both ramps counted whole (safety table, row vns_duty).
        """
        return 100 * (self.on_s + 2 * self.ramp_s) / (self.on_s + self.off_s)

    @property
    def end(self) -> date:
        """Last day of the course."""
        return self.start + timedelta(days=max(math.ceil(self.weeks * 7 - 1e-9), 1) - 1)

    @property
    def pulses_per_day(self) -> float:
        """Pulses in a day of treatment; nan for a gated train, which follows the person (`daily`)."""
        return math.nan if self.train.gate != "none" else self.daily().pulses

    @property
    def dose_per_day_mc(self) -> float:
        """Charge of the first phases in a day (mC); nan for a gated train, which follows the person (`daily`)."""
        return math.nan if self.train.gate != "none" else self.daily().charge_mc

    def daily(self, *, breath_rate_per_min: float | None = None, heart_rate_bpm: float | None = None) -> DailyDose:
        """Dose of one day of treatment, cut-off cycles counted as far as they go.

        Parameters
        ----------
        breath_rate_per_min, heart_rate_bpm : float, optional
            What a gated train follows.

        Raises
        ------
        InputError
            The train is gated and its rate is missing.

        Examples
        --------
        >>> from datetime import date
        >>> from vagus.dose import Pulse
        >>> pulse = Pulse(amplitude_ma=1.5, width_us=250, shape="biphasic_symmetric")
        >>> ear = Protocol(
        ...     train=Train(pulse=pulse, rate_hz=25), on_s=28, off_s=32, sitting_min=60, sittings_per_day=2,
        ...     start=date(2026, 1, 12), weeks=8,
        ... )
        >>> ear.daily()
        DailyDose(pulses=84000.0, charge_mc=31.5, on_min=56.0)
        """
        rate_hz = self.train.mean_rate_hz(breath_rate_per_min, heart_rate_bpm)
        on_s, weighted_s = self._output_s(self.sitting_min * 60)
        pulses = rate_hz * on_s * self.sittings_per_day
        charge_mc = rate_hz * weighted_s * self.sittings_per_day * self.train.pulse.charge_uc / 1000
        return DailyDose(pulses=pulses, charge_mc=charge_mc, on_min=on_s * self.sittings_per_day / 60)

    def _output_s(self, sitting_s: float) -> tuple[float, float]:
        """Seconds of output in a sitting, and the same weighted by the envelope."""
        cycle_s = self.on_s + self.off_s
        whole = math.floor(sitting_s / cycle_s + 1e-12)
        rest_s = max(sitting_s - whole * cycle_s, 0.0)
        up_s = min(rest_s, self.ramp_s)
        full_s = min(max(rest_s - self.ramp_s, 0.0), self.on_s)
        down_s = min(max(rest_s - self.ramp_s - self.on_s, 0.0), self.ramp_s)
        on_s = whole * (self.on_s + 2 * self.ramp_s) + up_s + full_s + down_s
        weighted_s = whole * (self.on_s + self.ramp_s) + full_s
        if self.ramp_s > _NO_RAMP_S:
            weighted_s += up_s**2 / (2 * self.ramp_s) + down_s - down_s**2 / (2 * self.ramp_s)
        return on_s, weighted_s

    def is_on(self, t_s: ArrayLike) -> NDArray[np.float64]:
        """Envelope of the output, 0 to 1, at the times `t_s` (s, any shape) after the begin of a sitting.

        Linear ramps; 0 before and after the sitting.
        """
        t = np.asarray(t_s, dtype=np.float64)
        into_s = np.mod(t, self.on_s + self.off_s)
        end_s = self.on_s + 2 * self.ramp_s
        if self.ramp_s > _NO_RAMP_S:
            envelope = np.clip(np.minimum(into_s, end_s - into_s) / self.ramp_s, 0.0, 1.0)
        else:
            envelope = np.where(into_s < end_s, 1.0, 0.0)
        return np.where((t >= 0) & (t < self.sitting_min * 60), envelope, 0.0)
