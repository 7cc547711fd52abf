"""The dose as it was delivered, beside the dose as prescribed."""

from __future__ import annotations

import dataclasses
import datetime
import math

from vagus.course.course import Course, Sitting
from vagus.course.results import Delivered, DeliveredWeek
from vagus.dose import Device, Protocol, judge


def delivered(course: Course) -> Delivered | None:
    """Dose delivered up to the last sitting; None without sittings.

    Prescribed minutes are counted from the protocol's start to the last sitting, at most to the protocol's end, evenly
    over the days of a week. Charge scales with the current that was set and the minutes that ran.

    Parameters
    ----------
    course : Course
    """
    sittings = sorted(course.sittings, key=lambda sitting: sitting.date)
    if not sittings:
        return None
    protocol = course.protocol
    last = sittings[-1].date
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
        charge_mc=_charge_mc(protocol, sittings),
        weeks=_weeks(protocol, sittings),
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


def _charge_mc(protocol: Protocol, sittings: list[Sitting]) -> float:
    if protocol.train.gate != "none":
        return math.nan  # the number of pulses follows breath or heart, which the table does not hold
    per_minute = protocol.dose_per_day_mc / (protocol.sitting_min * protocol.sittings_per_day)
    per_minute_ma = per_minute / abs(protocol.train.pulse.amplitude_ma)
    return per_minute_ma * sum(sitting.amplitude_ma * sitting.minutes for sitting in sittings)


def _weeks(protocol: Protocol, sittings: list[Sitting]) -> tuple[DeliveredWeek, ...]:
    last = sittings[-1].date
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
        f"{found.n_sittings} of {found.n_prescribed} prescribed sittings were delivered up to {found.last}: "
        f"{found.delivered_min:.0f} of {found.prescribed_min:.0f} min ({found.adherence_pct:.0f} %), at a mean of "
        f"{found.amplitude_ma:.2f} mA (prescribed {found.prescribed_ma:.2f} mA)."
    )


def sitting_findings(course: Course, device: Device) -> tuple[str, ...]:
    """Sentences on sittings that do not fit the device, the prescription or their own threshold of perception.

    They happened, so nothing is refused: the report shows them.
    """
    sittings = sorted(course.sittings, key=lambda sitting: sitting.date)
    if not sittings:
        return ()
    found: list[str] = []
    pulse = course.protocol.train.pulse
    highest = max(sittings, key=lambda sitting: sitting.amplitude_ma)
    top = device.amplitude_high_ma
    if top is not None and highest.amplitude_ma > top:
        n = sum(sitting.amplitude_ma > top for sitting in sittings)
        found.append(
            f"{n} of {len(sittings)} sittings are written down with more current than {device.name} gives "
            f"({top:g} mA); the highest is {highest.amplitude_ma:g} mA on {highest.date}."
        )
    if highest.amplitude_ma > abs(pulse.amplitude_ma) * 1.001:
        n = sum(sitting.amplitude_ma > abs(pulse.amplitude_ma) * 1.001 for sitting in sittings)
        found.append(
            f"{n} of {len(sittings)} sittings ran above the prescribed {abs(pulse.amplitude_ma):g} mA "
            f"(highest {highest.amplitude_ma:g} mA on {highest.date})."
        )
        found.extend(_delivered_limits(course, device, highest))
    low = [s for s in sittings if s.perception_ma is not None and s.amplitude_ma < s.perception_ma]
    if low:
        found.append(f"{len(low)} sittings ran below the current that was felt that day (first on {low[0].date}).")
    late = [s for s in sittings if s.date > course.protocol.end]
    if late:
        found.append(f"{len(late)} sittings lie after the prescribed end, {course.protocol.end}.")
    return tuple(found)


def _delivered_limits(course: Course, device: Device, highest: Sitting) -> list[str]:
    train = course.protocol.train
    pulse = train.pulse.scaled(highest.amplitude_ma if train.pulse.amplitude_ma > 0 else -highest.amplitude_ma)
    protocol = dataclasses.replace(course.protocol, train=dataclasses.replace(train, pulse=pulse))
    use = course.device_use
    judgement = judge(protocol, device, use.site, arm=use.arm, conditions=course.person.conditions)
    return [f"The current delivered on {highest.date} exceeds a limit: {limit}" for limit in judgement.refused]
