"""The report in words: one sentence for each part, for the page's summary and for one terminal screen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from vagus.course import DIAGNOSES, Course, Results, SegmentTone
from vagus.dose import SITES, Limit, Pulse, Train, devices
from vagus.outcome import Change, Notice, instruments
from vagus.report.numbers import number, quantity
from vagus.source import Effect

RESEARCH = "For research; not a medical device"
DEMONSTRATION = "real recording, no stimulation took place; times marked for demonstration"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TIMES = {1: "once", 2: "twice", 3: "three times", 4: "four times"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One line of the summary: what it is about, and the sentence."""

    name: str
    text: str


def day(when: date) -> str:
    """A date for people, the same in every locale.

    Examples
    --------
    >>> day(date(2026, 1, 12))
    '12\\xa0Jan\\xa02026'
    """
    return f"{when.day}\xa0{_MONTHS[when.month - 1]}\xa0{when.year}"


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
    given = course.person.contact
    return f"Contact: {given}" if given else "No contact given in course.toml"


def notice_line(notice: Notice) -> str:
    """Instrument, item, answer and date of a safety notice."""
    known = instruments().get(notice.instrument)
    name = known.short if known else notice.instrument
    item = f", item {notice.item}" if notice.item is not None else ""
    answer = f"answer {number(notice.value)}" if notice.value is not None else "answer not known"
    return f"{name}{item}: {answer}, {day(notice.date)}"


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
    if d is None:
        return "Not known: there is no sittings.csv."
    return (
        f"{d.n_sittings} sittings from {day(d.first)} to {day(d.last)}, {quantity(d.delivered_min / 60, 'h')} in all, "
        f"{quantity(d.adherence_pct, '%')} of the minutes prescribed until then, at "
        f"{quantity(d.amplitude_ma, 'mA')} on average."
    )


def narrowest(limits: Sequence[Limit]) -> Limit | None:
    """The limit with the least room left, among those that are kept."""
    kept = [limit for limit in limits if limit.state == "ok" and limit.margin_pct is not None]
    return min(kept, key=lambda limit: limit.margin_pct or 0.0, default=None)


def limits(results: Results) -> str:
    """What the judgement says."""
    judged = results.judgement
    n = len(judged.limits)
    parts: list[str] = []
    for name, group in (("refused", judged.refused), ("warned", judged.warned)):
        if group:
            parts.append(f"{len(group)} of {n} limits {name}: {listed([g.quantity for g in group])}.")
    if not parts:
        known = n - len(judged.unknown)
        parts.append(f"{'All' if known == n else f'{known} of'} {n} limits are kept.")
        least = narrowest(judged.limits)
        if least is not None:
            parts.append(
                f"Least room: {least.quantity}, {quantity(least.value, least.unit)} where "
                f"{quantity(least.limit, least.unit)} is the {'least' if least.side == 'min' else 'most'}."
            )
    if judged.unknown:
        parts.append(f"{len(judged.unknown)} cannot be checked: {listed([u.quantity for u in judged.unknown])}.")
    return " ".join(parts)


def fibers(results: Results) -> str:
    """Which fibers fire at the dose."""
    found = results.recruitment
    if found is None:
        return "Not worked out for this device and site."
    each = [f"{c.label} {interval(c.at_dose)}" for c in found.classes]
    return (
        f"Expected share firing at {quantity(found.dose_ma, 'mA')}, {number(found.level * 100)} % interval: "
        f"{', '.join(each)}."
    )


def body(results: Results) -> str:
    """What brain and heart are expected to do."""
    found = results.response
    if found is None:
        return "Not worked out: the fibers that fire are not known."
    brain = [_lower(s.label) for s in found.fast if s.unit.startswith("relative")]
    parts = [f"Relative drive of {listed(brain)}: direction and timing only, size in people unknown."] if brain else []
    for s in found.fast:
        if "change" in s.key:
            span = float((s.high - s.low).max())
            moves = float(abs(s.median).max()) > 0.01 * span
            k = int(abs(s.median).argmax() if moves else (s.high - s.low).argmax())
            middle = number(rounded(float(s.median[k]), span=span))
            parts.append(f"{s.label}: {middle} ({number(float(s.low[k]))} to {number(float(s.high[k]))})\xa0{s.unit}.")
    if parts:
        parts.append(f"In parentheses: {number(found.level * 100)}\xa0% interval.")
    return " ".join(parts) or found.caveat


def rounded(value: float, *, span: float) -> float:
    """Value without digits that are small beside the interval: 1e-16 in an interval of 5 is 0.

    Examples
    --------
    >>> rounded(-1.4e-16, span=5.0), rounded(-0.0019, span=4.9), rounded(0.31, span=4.9)
    (0.0, 0.0, 0.31)
    """
    if not (math.isfinite(value) and span > 0):
        return value
    return round(value, max(0, 2 - math.floor(math.log10(span)))) + 0.0


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def tone(tones: Sequence[SegmentTone]) -> str:
    """Vagal tone measured, in one sentence."""
    if not tones:
        return "Not measured: the course has no recording of the heart."
    each = [f"{t.segment.name} {interval(t.tone.rmssd_ms, unit=False)}" for t in tones]
    worst = max(t.tone.corrected_pct for t in tones)
    text = f"RMSSD {', '.join(each)} ms; at most {quantity(worst, '%')} of beats corrected."
    notes = {t.plan.note for t in tones if t.plan.note}
    return text + (f" ({'; '.join(sorted(notes))})" if notes else "")


def yes(answer: bool | None) -> str:
    """ "yes", "no" or "not known"."""
    return "not known" if answer is None else "yes" if answer else "no"


def moved(change: Change) -> str:
    """How one instrument moved."""
    short = instruments()[change.instrument].short if change.instrument in instruments() else change.instrument
    pct = f" ({quantity(change.change_pct, '%')})" if change.change_pct is not None else ""
    reliable = change.reliable or "reliable change not known"
    return (
        f"{short} from {number(change.first.total)} to {number(change.last.total)} points{pct}: response "
        f"{yes(change.response)}, remission {yes(change.remission)}, {reliable}"
    )


def instruments_in_order(results: Results) -> list[str]:
    """Keys of the instruments filled, those of the diagnosis first."""
    named = diagnosis(results).lower()

    def apart(key: str) -> bool:
        known = instruments().get(key)
        return known is None or known.domain[:7].lower() not in named

    return sorted(dict.fromkeys(s.instrument for s in results.scores), key=apart)


def scores(results: Results) -> str:
    """How the scores moved."""
    mark = "Synthetic scores. " if "scores" in results.course.about.synthetic else ""
    if results.changes:
        place = {key: k for k, key in enumerate(instruments_in_order(results))}
        ordered = sorted(results.changes, key=lambda c: place.get(c.instrument, 0))
        return mark + "; ".join(moved(c) for c in ordered) + "."
    if results.scores:
        return mark + "One filling of each instrument: a change cannot be told."
    return "Not known: there is no scores.csv."


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
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


def points(results: Results) -> tuple[Point, ...]:
    """The summary, one point for each part of the report."""
    return (
        Point(name="Prescribed", text=prescribed(results)),
        Point(name="Delivered", text=delivered(results)),
        Point(name="Limits", text=limits(results)),
        Point(name="Fibers", text=fibers(results)),
        Point(name="Brain and heart", text=body(results)),
        Point(name="Vagal tone", text=tone(results.tones)),
        Point(name="Scores", text=scores(results)),
        Point(name="Trials", text=trials(results)),
    )


def checklist(results: Results) -> str:
    """How much of the reporting checklist the course fills, and what is missing, by name."""
    items = results.items
    missing = [item for item in items if item.state == "missing"]
    away = sum(item.state == "not applicable" for item in items)
    text = f"Of {len(items)} items of the consensus reporting checklist, {len(items) - len(missing) - away} are filled"
    text += f", {away} do not apply" if away else ""
    if not missing:
        return text + " and none is missing."
    return text + f" and {len(missing)} are missing: {'; '.join(_lower(item.item) for item in missing)}."
