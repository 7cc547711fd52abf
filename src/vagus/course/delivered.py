"""The dose as it was delivered, beside the dose as prescribed."""

from __future__ import annotations

import dataclasses
import datetime
import math
from collections.abc import Iterable

from vagus.course.course import Course, Sitting
from vagus.course.dates import day
from vagus.course.results import Delivered, DeliveredWeek
from vagus.dose import Protocol


def delivered(course: Course) -> Delivered | None:
    """Dose delivered up to the last sitting; None without a sitting with current.

    A sitting at 0 mA delivered nothing: it is in no count, no minutes and no mean; only the time up to which sittings
    were prescribed reaches to the last row, with current or without.

    Prescribed minutes are counted from the protocol's start to the last sitting, at most to the protocol's end, evenly
    over the days of a week. Charge scales with the current that was set and the minutes that ran.

    Parameters
    ----------
    course : Course
    """
    sittings = sorted((one for one in course.sittings if one.amplitude_ma != 0), key=lambda sitting: sitting.date)
    if not sittings:
        return None
    protocol = course.protocol
    last = max(sitting.date for sitting in course.sittings)
    days = _days(protocol, protocol.start, last)
    minutes = sum(sitting.minutes for sitting in sittings)
    n_prescribed = days * protocol.days_per_week / 7 * protocol.sittings_per_day
    prescribed_min = n_prescribed * protocol.sitting_min
    amplitudes = [sitting.amplitude_ma for sitting in sittings]
    felt = [sitting.perception_ma for sitting in sittings if sitting.perception_ma is not None]
    found = Delivered(
        first=sittings[0].date,
        last=last,
        n_sittings=len(sittings),
        n_prescribed=round(n_prescribed),
        delivered_min=minutes,
        prescribed_min=prescribed_min,
        adherence_pct=100 * minutes / prescribed_min,
        amplitude_ma=_mean_ma(sittings),
        amplitude_low_ma=min(amplitudes),
        amplitude_high_ma=max(amplitudes),
        prescribed_ma=abs(protocol.train.pulse.amplitude_ma),
        perception_ma=sum(felt) / len(felt) if felt else None,
        output_min=minutes * protocol.duty_pct / 100,
        prescribed_output_min=prescribed_min * protocol.duty_pct / 100,
        charge_mc=_charge_mc(protocol, ((s.amplitude_ma, s.minutes) for s in sittings)),
        prescribed_charge_mc=_charge_mc(protocol, [(abs(protocol.train.pulse.amplitude_ma), prescribed_min)]),
        weeks=_weeks(protocol, sittings, last),
        text="",
    )
    return dataclasses.replace(found, text=_text(found))


def _days(protocol: Protocol, first: datetime.date, last: datetime.date) -> int:
    return max((min(last, protocol.end) - first).days + 1, 0)


def _mean_ma(sittings: list[Sitting]) -> float:
    minutes = sum(sitting.minutes for sitting in sittings)
    if minutes == 0:
        return sum(sitting.amplitude_ma for sitting in sittings) / len(sittings)
    return sum(sitting.amplitude_ma * sitting.minutes for sitting in sittings) / minutes


def _charge_mc(protocol: Protocol, given: Iterable[tuple[float, float]]) -> float:
    """Charge of the first phases of (mA, minutes)."""
    if protocol.train.gate != "none":
        return math.nan  # the number of pulses follows breath or heart, which the table does not hold
    per_minute = protocol.dose_per_day_mc / (protocol.sitting_min * protocol.sittings_per_day)
    per_minute_ma = per_minute / abs(protocol.train.pulse.amplitude_ma)
    return per_minute_ma * sum(amplitude_ma * minutes for amplitude_ma, minutes in given)


def _weeks(protocol: Protocol, sittings: list[Sitting], last: datetime.date) -> tuple[DeliveredWeek, ...]:
    weeks: list[DeliveredWeek] = []
    for index in range((last - protocol.start).days // 7 + 1):
        first = protocol.start + datetime.timedelta(days=7 * index)
        end = min(first + datetime.timedelta(days=6), last)
        own = [sitting for sitting in sittings if first <= sitting.date <= end]
        prescribed = _days(protocol, first, end) / 7 * protocol.days_per_week
        prescribed *= protocol.sittings_per_day * protocol.sitting_min
        minutes = sum(sitting.minutes for sitting in own)
        weeks.append(
            DeliveredWeek(
                week=index + 1,
                n_sittings=len(own),
                prescribed_min=prescribed,
                delivered_min=minutes,
                adherence_pct=100 * minutes / prescribed if prescribed else None,
                amplitude_ma=_mean_ma(own) if own else None,
            )
        )
    return tuple(weeks)


def _text(found: Delivered) -> str:
    return (
        f"{found.n_sittings} of {found.n_prescribed} prescribed sittings were delivered up to {day(found.last)}: "
        f"{found.delivered_min:.0f} of {found.prescribed_min:.0f} min ({found.adherence_pct:.0f} %), at a mean of "
        f"{found.amplitude_ma:.3g} mA (prescribed {found.prescribed_ma:.3g} mA)."
    )
