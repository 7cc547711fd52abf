"""The report in words: one sentence for each part, for the page's summary and for one terminal screen."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from vagus import course as courses
from vagus.course import (
    DIAGNOSES,
    Course,
    DeliveredExcess,
    DeviceUse,
    Finding,
    Results,
)
from vagus.dose import SITES, Judgement, Limit, Pulse, Train, devices
from vagus.outcome import Change, Instrument, Notice, instruments
from vagus.report.numbers import number, quantity
from vagus.source import Effect

RESEARCH = "For research; not a medical device"
_TIMES = {1: "once", 2: "twice", 3: "three times", 4: "four times"}


def day(when: date) -> str:
    """A date for people, the same in every locale.

    Examples
    --------
    >>> day(date(2026, 1, 12))
    '12\\xa0Jan\\xa02026'
    """
    return courses.day(when).replace(" ", "\xa0")


def prose(text: str) -> str:
    """Text of another room with its dates as people read them.

    Examples
    --------
    >>> prose("answer 1 on 2025-09-29.")
    'answer 1 on 29\\xa0Sep\\xa02025.'
    """
    return re.sub(r"\b\d{4}-\d\d-\d\d\b", lambda found: _day_or_text(found[0]), text)


def _day_or_text(text: str) -> str:
    try:
        return day(date.fromisoformat(text))
    except ValueError:
        return text


def interval(effect: Effect, *, unit: bool = True) -> str:
    """Estimate with its interval; the unit once, at the end.

    Examples
    --------
    >>> interval(Effect(estimate=42.1, low=38.0, high=47.2, unit="ms", n=200, method="bootstrap"))
    '42.1 (38 to 47.2)\\xa0ms'
    """
    text = number(effect.estimate)
    if math.isfinite(effect.low) and math.isfinite(effect.high):
        text += f" ({number(effect.low)} to {number(effect.high)})"
    return f"{text}\xa0{effect.unit}" if unit and effect.unit else text


def listed(parts: Sequence[str], *, last: str = "and") -> str:
    """Parts in one sentence: "a, b and c"."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {last} {parts[-1]}" if parts else ""


def contact_line(course: Course) -> str:
    """Whom to call, as course.toml says."""
    return contact_text(course.person.contact)


def contact_text(given: str | None) -> str:
    """Whom to call, where it is known."""
    return f"Contact: {given}" if given else "No contact given in course.toml"


def notice_line(notice: Notice) -> str:
    """Instrument, item, answer and date of a safety notice."""
    known = instruments().get(notice.instrument)
    name = known.short if known else notice.instrument
    item = f", item {notice.item}" if notice.item is not None else ""
    answer = f"answer {number(notice.value)}" if notice.value is not None else "answer not known"
    return f"{name}{item}: {answer}, {day(notice.date)}"


def arm(use: DeviceUse) -> str:
    """What the arm means for everything that is expected; "" in the active arm.

    Examples
    --------
    >>> arm(DeviceUse(device="tvnsr", site="cymba_left", arm="sham", sham_type="no current"))
    'Sham arm (no current): no current flows, so nothing is expected of fibers, brain and heart.'
    """
    if use.arm == "active":
        return ""
    kind = use.sham_type or "its kind is not stated"
    name = f"Sham arm ({kind})" if use.arm == "sham" else "The arm is not known (active or sham)"
    if use.flows is False:
        return f"{name}: no current flows, so nothing is expected of fibers, brain and heart."
    if use.contradiction:
        return f"{name}: {use.contradiction}; nothing is expected of fibers, brain and heart until both agree."
    if use.flows:
        site = SITES[use.site].name if use.site in SITES else use.site
        return f"{name}: current flows there, at the {site}; what is expected is for that current."
    return f"{name}: whether the prescribed current flows is not known; what is expected is for the case that it does."


IF_FLOWS = "If the current flowed: "


def if_flows(results: Results) -> str:
    """Words before what is expected where the current may not flow."""
    return "" if results.course.device_use.flows else IF_FLOWS


def lost(results: Results, name: str) -> str:
    """Whether a table of the course is not there or has no rows, as a sentence."""
    empty = any(sentence.startswith(f"{name} has no rows") for sentence in results.course.missing)
    return f"Not known: {name} has no rows." if empty else f"Not known: there is no {name}."


def device_name(results: Results) -> str:
    """Name of the stimulator, its key where the table does not hold it."""
    key = results.course.device_use.device
    known = devices().get(key)
    return known.name if known else key


def site_name(results: Results) -> str:
    """Name of the place of stimulation."""
    site = SITES.get(results.course.device_use.site)
    return site.name if site else results.course.device_use.site


def diagnosis(results: Results) -> str:
    """Diagnosis in words."""
    return DIAGNOSES.get(results.course.person.diagnosis, results.course.person.diagnosis)


def shape(pulse: Pulse) -> str:
    """Pulse shape in words, with the polarity of the first phase."""
    first = "cathodic" if pulse.cathodic_first else "anodic"
    if pulse.shape == "monophasic":
        return f"monophasic, {first}"
    return f"{pulse.shape.replace('_', ', ')}, {first} first"


def rate(train: Train) -> str:
    """Pulse rate in words, bursts and gates included."""
    text = quantity(train.rate_hz, "Hz")
    if train.pulses_per_burst and train.burst_rate_hz:
        text += f" in bursts of {train.pulses_per_burst} at {quantity(train.burst_rate_hz, 'Hz')}"
    if train.gate != "none" and train.gated_burst_s:
        text += f", {quantity(train.gated_burst_s, 's')} with each {train.gate}"
    return text


def times_a_day(n: int) -> str:
    """ "once", "twice", … a day."""
    return f"{_TIMES.get(n, f'{n} times')} a day"


def prescribed(results: Results) -> str:
    """The dose as prescribed."""
    p = results.course.protocol
    pulse = p.train.pulse
    sitting = "day and night" if p.sitting_min * p.sittings_per_day >= 1440 else (
        f"{quantity(p.sitting_min, 'min')} {times_a_day(p.sittings_per_day)}"
    )  # fmt: skip
    days = "" if p.days_per_week == 7 else f", {number(p.days_per_week)} days a week"
    return (
        f"{quantity(abs(pulse.amplitude_ma), 'mA')}, pulses of {quantity(pulse.width_us, 'µs')} at {rate(p.train)}, "
        f"{quantity(p.on_s, 's')} on and {quantity(p.off_s, 's')} off, {sitting}{days} for "
        f"{quantity(p.weeks, 'weeks')} from {day(p.start)}; {device_name(results)}, {site_name(results)}."
    )


def delivered(results: Results) -> str:
    """The dose as delivered."""
    d = results.delivered
    none = without_current(results)
    if d is None:
        return sentence(none) if none else lost(results, "sittings.csv")
    return (
        f"{d.n_sittings} sittings from {day(d.first)} to {day(d.last)}, {quantity(d.delivered_min / 60, 'h')} in all, "
        f"{quantity(d.adherence_pct, '%')} of the minutes prescribed until then, at "
        f"{quantity(d.amplitude_ma, 'mA')} on average.{f' Besides, {none}.' if none else ''}"
    )


def without_current(results: Results) -> str:
    """Sittings that delivered nothing; "" where there are none."""
    n = sum(sitting.amplitude_ma == 0 for sitting in results.course.sittings)
    return f"{n} sitting{_s(n)} at 0\xa0mA: no current" if n else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Something to look at first: how urgent, what it is, what then."""

    level: str
    what: str
    then: str


def alarms(notices: Sequence[Notice], findings: Sequence[Finding]) -> tuple[Alarm, ...]:
    """Everything a person has to look at first: answers, delivered dose, events; urgent ones first."""
    said = [Alarm(level=n.level, what=prose(n.answered), then=prose(f"{n.later} {n.act}".strip())) for n in notices]
    said += [Alarm(level=f.level, what=prose(f.text), then=f.act) for f in findings if f.grave]
    return tuple(sorted(said, key=lambda one: one.level != "urgent"))


def narrowest(limits: Sequence[Limit]) -> Limit | None:
    """The most that has the least room left, among the limits that are kept."""
    kept = [limit for limit in limits if limit.state == "ok" and limit.room is not None and limit.side == "max"]
    return min(kept, key=lambda limit: limit.room or 0.0, default=None)


def limits(results: Results) -> str:
    """What the judgement says, of the prescribed and of the delivered dose; what is exceeded comes first."""
    judged = results.judgement
    outside = (*judged.refused, *judged.warned)
    over = [f"{one.quantity} ({one.state})" for one in outside if one.kind != "condition"]
    present = [f"{one.quantity} ({one.state})" for one in outside if one.kind == "condition"]
    asked = f"Prescribed: {f'exceeded: {listed(over)}; ' if over else ''}"
    asked += f"{f'stated: {listed(present)}; ' if present else ''}{_kept(judged)}."
    given = delivered_limits(results)
    parts = [given, asked] if results.excesses else [asked, given]
    unchecked = [one for one in judged.unknown if one.kind != "condition"]
    if unchecked:
        parts.append(f"Cannot be checked: {listed([one.quantity for one in unchecked])}.")
    least = narrowest(judged.limits)
    if least is not None and not outside and not results.excesses:
        parts.append(
            f"Least room: {least.quantity}, {quantity(least.value, least.unit)}, {least.bound_words} "
            f"{quantity(least.limit, least.unit)}."
        )
    return " ".join(parts)


def _kept(judged: Judgement) -> str:
    """Counts, group by group: numbers, rules, contraindications."""
    tally = judged.tally
    n = tally.n_limits
    said: list[str] = []
    if n:
        kept = f"{tally.n_kept}" if tally.n_kept == n else f"{tally.n_kept} of {n}"
        said.append(f"{kept} numeric limit{_s(n)} kept, {tally.n_kept_unverified or 'none'} of them unverified")
    if tally.n_rules:
        kept = (
            f"{tally.n_rules_kept}"
            if tally.n_rules_kept == tally.n_rules
            else f"{tally.n_rules_kept} of {tally.n_rules}"
        )
        said.append(f"{kept} rule{_s(tally.n_rules)} kept")
    if tally.n_denied or tally.n_present or tally.n_not_stated:
        present = f", {tally.n_present} present" if tally.n_present else ""
        still = tally.n_not_stated or "none"
        said.append(f"{tally.n_denied} contraindication{_s(tally.n_denied)} denied{present}, {still} open")
    return "; ".join(said) or "no limit applies"


def _s(n: int) -> str:
    return "" if n == 1 else "s"


def delivered_limits(results: Results) -> str:
    """What the delivered currents do to the same limits."""
    none = without_current(results)
    if results.delivered is None:
        return f"Delivered: {none or 'not known'}."
    if none and not results.excesses:
        n = results.delivered.n_sittings
        return f"Delivered: {n} sitting{_s(n)} with current kept the same limits; {none}."
    if not results.excesses:
        return f"Delivered: all {results.delivered.n_sittings} sittings keep the same limits."
    return f"Delivered: {'; '.join(_excess(one) for one in results.excesses)}."


def _excess(one: DeliveredExcess) -> str:
    limit, n = one.limit, f"{one.n_sittings} of {one.n_all} sitting{_s(one.n_all)}"
    most = f", {limit.bound_words} {quantity(limit.limit, limit.unit)}"
    size = f" ({quantity(limit.value, limit.unit)}{most})" if limit.value is not None and limit.limit else ""
    if limit.key == "device_step":
        return f"{n} at a current that is no step of the device"
    if limit.key == "device_amplitude_low":
        return f"{n} below the lowest output of the device{size}"
    return f"{n} over the {limit.severity} limit of {limit.quantity}{size}"


def fibers(results: Results) -> str:
    """Which fibers fire at the dose."""
    found = results.recruitment
    if results.course.device_use.flows is False:
        return "Not expected to fire: a sham without current."
    if results.course.device_use.contradiction:
        return f"Nothing is told: {results.course.device_use.contradiction}."
    if found is None:
        return "Not worked out for this device and site."
    told = [f"{c.label} {c.text}" for c in found.classes if c.told]
    rest = [c.label for c in found.classes if not c.told]
    parts = [*told, *([f"{listed(rest)} cannot be told"] if rest else [])]
    return (
        f"{if_flows(results)}{'share' if if_flows(results) else 'Share'} expected to fire at "
        f"{quantity(found.dose_ma, 'mA')} (a model, {number(found.level * 100)}\xa0% "
        f"interval): {'; '.join(parts)}."
    )


def lower_first(text: str) -> str:
    """First letter small, unless the word is an abbreviation."""
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def yes(answer: bool | None) -> str:
    """ "yes", "no" or "not known"."""
    return "not known" if answer is None else "yes" if answer else "no"


def moved(change: Change, of: Mapping[str, Instrument]) -> str:
    """How one instrument moved, by its short name."""
    short = of[change.instrument].short if change.instrument in of else change.instrument
    pct = f" ({quantity(change.change_pct, '%')})" if change.change_pct is not None else ""
    words = {
        None: "whether it is a reliable change is not known",
        "uncertain": "whether it is a reliable change depends on the published coefficient",
        "improved": "a reliable improvement",
        "deteriorated": "reliably worse",
    }
    reliable = words.get(change.reliable, change.reliable)
    return (
        f"{short} from {number(change.first.total)} to {number(change.last.total)} points{pct}: response "
        f"{yes(change.response)}, remission {yes(change.remission)}, {reliable}"
    )


def instruments_in_order(results: Results) -> list[str]:
    """Keys of the instruments filled, those of the diagnosis first."""
    named = diagnosis(results).lower()

    def apart(key: str) -> bool:
        known = results.course.scales.get(key)
        return known is None or known.domain[:7].lower() not in named

    return sorted(dict.fromkeys(s.instrument for s in results.scores), key=apart)


def scores(results: Results) -> str:
    """How the scores moved."""
    mark = "Synthetic scores. " if "scores" in results.course.about.synthetic else ""
    if results.changes:
        place = {key: k for k, key in enumerate(instruments_in_order(results))}
        ordered = sorted(results.changes, key=lambda c: place.get(c.instrument, 0))
        return mark + "; ".join(moved(c, results.course.scales) for c in ordered) + "."
    if results.scores:
        return mark + "One filling of each instrument: a change cannot be told."
    return lost(results, "scores.csv")


def trials(results: Results) -> str:
    """What trials found."""
    first, _, _ = results.evidence.text.partition(". ")
    return first if first.endswith(".") else f"{first}."


def unknown(results: Results) -> tuple[str, ...]:
    """What this course cannot tell, a sentence each."""
    last = "Whether the treatment works for this person: one course without control periods cannot tell."
    return (*(sentence(m) for m in results.course.missing), last)


def sentence(text: str) -> str:
    """The text as a sentence: capital first, full stop last."""
    text = text.strip()
    first = text.split(maxsplit=1)[0] if text else ""
    head = text[:1] if "." in first.rstrip(".") else text[:1].upper()  # the name of a file stays as it is
    return head + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


def checklist(results: Results) -> str:
    """How much of the reporting checklist the course fills, and what is missing, by name."""
    items = results.items
    missing = [item for item in items if item.state == "missing"]
    away = sum(item.state == "not applicable" for item in items)
    text = f"Of {len(items)} items of the consensus reporting checklist, {len(items) - len(missing) - away} are filled"
    text += f", {away} do not apply" if away else ""
    if not missing:
        return text + " and none is missing."
    return text + f" and {len(missing)} are missing: {'; '.join(lower_first(item.item) for item in missing)}."
