"""What happened in a course and does not fit: sittings over a limit, severe adverse events, sittings beside the plan.

It happened, so nothing is refused: the report is written and says it first.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Iterable, Sequence

from vagus.course.course import Course, Event, Sitting
from vagus.course.dates import day
from vagus.course.results import DeliveredExcess, Finding
from vagus.dose import Device, Limit, device_of, judge

_DAY_MIN = 1440.0
_GRAVE_EVENTS = ("severe", "life_threatening", "fatal")
# soft limits that say "written down oddly" rather than "too much"
_ODD = ("device_step", "device_amplitude_low")


def delivered_excesses(course: Course) -> tuple[DeliveredExcess, ...]:
    """Every limit that the sittings as delivered go over, hard ones first; empty without sittings.

    Each distinct current is judged like a prescription of its own, with the longest of its sittings and the most of
    them on one day. What the prescribed dose exceeds at the same value already (a condition of the person) is not
    repeated.

    Parameters
    ----------
    course : Course
    """
    device = device_of(course.device_use.device)
    known = {(limit.key, limit.value) for limit in _exceeded(course, device)}
    worst: dict[str, DeliveredExcess] = {}
    for amplitude_ma in sorted({sitting.amplitude_ma for sitting in course.sittings}, reverse=True):
        own = [sitting for sitting in course.sittings if sitting.amplitude_ma == amplitude_ma]
        if amplitude_ma == 0:
            continue  # no current flowed
        for limit in _exceeded(_as_prescribed(course, own), device):
            if (limit.key, limit.value) in known:
                continue
            old = worst.get(limit.key)
            worst[limit.key] = DeliveredExcess(
                limit=old.limit if old else limit,
                n_sittings=len(own) + (old.n_sittings if old else 0),
                n_all=sum(sitting.amplitude_ma != 0 for sitting in course.sittings),
                date=old.date if old else min(sitting.date for sitting in own),
                amplitude_ma=old.amplitude_ma if old else amplitude_ma,
            )
    return tuple(sorted(worst.values(), key=lambda one: one.limit.state != "refused"))


def _exceeded(course: Course, device: Device) -> tuple[Limit, ...]:
    use = course.device_use
    judged = judge(course.protocol, device, use.site, arm=use.arm, conditions=course.person.conditions)
    return (*judged.refused, *judged.warned)


def _as_prescribed(course: Course, own: Sequence[Sitting]) -> Course:
    """The course as if these sittings had been prescribed."""
    train = course.protocol.train
    amplitude_ma = own[0].amplitude_ma
    pulse = train.pulse.scaled(amplitude_ma if train.pulse.amplitude_ma > 0 else -amplitude_ma)
    dates = [sitting.date for sitting in own]
    a_day = max(dates.count(date) for date in dates)
    longest = min(max(sitting.minutes for sitting in own), _DAY_MIN / a_day)
    protocol = dataclasses.replace(
        course.protocol,
        train=dataclasses.replace(train, pulse=pulse),
        sittings_per_day=a_day,
        sitting_min=longest or min(course.protocol.sitting_min, _DAY_MIN / a_day),
    )
    return dataclasses.replace(course, protocol=protocol)


def course_findings(course: Course) -> tuple[Finding, ...]:
    """What the tables of a course tell that does not fit; gravest first. Nothing is predicted or measured for it.

    Parameters
    ----------
    course : Course

    Examples
    --------
    >>> import dataclasses, datetime, pathlib, tempfile
    >>> from vagus.course import Sitting
    >>> from vagus.files import new_course, read_course
    >>> folder = pathlib.Path(tempfile.mkdtemp()) / "p01"
    >>> new_course(folder)
    >>> sitting = Sitting(date=datetime.date(2026, 1, 14), amplitude_ma=9.0, minutes=60)
    >>> found = course_findings(dataclasses.replace(read_course(folder), sittings=(sitting,)))
    >>> found[0].level, found[0].kind
    ('urgent', 'delivered dose')
    """
    over = _over(delivered_excesses(course))
    found = [*over, *grave_events(course.events), *_sittings(course), *_dates(course)]
    return tuple(sorted(found, key=lambda one: ("urgent", "review", "note").index(one.level)))


def _over(excesses: Iterable[DeliveredExcess]) -> list[Finding]:
    """One finding for each worst sitting, with all limits that it goes over."""
    groups: dict[tuple[datetime.date, float, bool], list[DeliveredExcess]] = {}
    for one in excesses:
        groups.setdefault((one.date, one.amplitude_ma, one.limit.key.startswith(_ODD)), []).append(one)
    return [_of_sitting(own, odd=odd) for (_, _, odd), own in groups.items()]


def _of_sitting(own: Sequence[DeliveredExcess], *, odd: bool) -> Finding:
    date, amplitude_ma, n_all = own[0].date, own[0].amplitude_ma, own[0].n_all
    most = max(one.n_sittings for one in own)
    n = f"{most} of {n_all} {'sitting' if n_all == 1 else 'sittings'}"
    counts = {word: sum(one.limit.severity == word for one in own) for word in ("hard", "soft")}
    over = [f"{'a' if k == 1 else k} {word} limit{'' if k == 1 else 's'}" for word, k in counts.items() if k]
    limits = [
        str(one.limit).rstrip(".") + (f" ({one.n_sittings} of {n_all})" if one.n_sittings != most else "")
        for one in own
    ]
    act = "Look whether it was written down right"
    return Finding(
        level="note" if odd else "urgent" if any(one.limit.state == "refused" for one in own) else "review",
        kind="sittings" if odd else "delivered dose",
        date=date,
        text=f"Delivered {amplitude_ma:.3g} mA on {day(date)}: {n} "
        f"{'do not fit the device' if odd else 'went over ' + ' and '.join(over)}; {'; '.join(limits)}.",
        act=f"{act}." if odd else f"{act}; if it was, a clinician has to look at this person.",
    )


def grave_events(events: Iterable[Event]) -> tuple[Finding, ...]:
    """Severe adverse events, each as a finding that a clinician has to look at.

    Parameters
    ----------
    events : iterable of Event
    """
    found: list[Finding] = []
    for event in events:
        if event.kind == "adverse_event" and event.severity in _GRAVE_EVENTS:
            relation = f"relation to stimulation {event.relatedness}" if event.relatedness else "relation not stated"
            severity = event.severity.replace("_", " ")
            said = event.text.strip().rstrip(".") or "no text"
            found.append(
                Finding(
                    level="urgent",
                    kind="adverse event",
                    date=event.date,
                    text=f"Adverse event, {severity}, on {day(event.date)}: {said} ({relation}).",
                    act="A clinician has to look at this; serious events are reported by the local rules.",
                )
            )
    return tuple(found)


def _sittings(course: Course) -> list[Finding]:
    """Sittings beside the prescription or below their own threshold of perception."""
    sittings = sorted(course.sittings, key=lambda sitting: sitting.date)
    asked = abs(course.protocol.train.pulse.amplitude_ma)
    above = [s for s in sittings if s.amplitude_ma > asked * 1.001]
    low = [s for s in sittings if s.perception_ma is not None and 0 < s.amplitude_ma < s.perception_ma]
    none = [s for s in sittings if s.amplitude_ma == 0]
    late = [s for s in sittings if s.date > course.protocol.end]
    texts: list[str] = []
    if none:
        s = "" if len(none) == 1 else "s"
        first = f"on {day(none[0].date)}" if len(none) == 1 else f"first on {day(none[0].date)}"
        texts.append(f"{len(none)} sitting{s} at 0 mA: no current ({first}); not counted as delivered.")
    if above:
        highest = max(above, key=lambda sitting: sitting.amplitude_ma)
        texts.append(
            f"{len(above)} of {len(sittings)} sittings ran above the prescribed {asked:.3g} mA "
            f"(highest {highest.amplitude_ma:.3g} mA on {day(highest.date)})."
        )
    if low:
        texts.append(f"{len(low)} sittings ran below the current that was felt that day (first on {day(low[0].date)}).")
    if late:
        texts.append(f"{len(late)} sittings lie after the prescribed end, {day(course.protocol.end)}.")
    return [Finding(level="note", kind="sittings", text=text) for text in texts]


def _dates(course: Course) -> list[Finding]:
    """Recordings that were made before or after the course."""
    first, last = course.protocol.start, course.protocol.end
    return [
        Finding(
            level="note",
            kind="recording",
            text=f"{plan.file} was recorded on {day(plan.start.date())}, outside the course "
            f"({day(first)} to {day(last)}).",
        )
        for plan in course.plans
        if plan.start is not None and not first <= plan.start.date() <= last
    ]
