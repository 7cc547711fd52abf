"""One self-contained HTML page on a course of treatment."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import jinja2
from markupsafe import Markup

from vagus.course import Course, Event, Results, SegmentTone
from vagus.dose import device_of, montage, site_of
from vagus.outcome import instruments
from vagus.report import expected, figures, measured, rows, words
from vagus.report.felt import felt
from vagus.report.gaps import gaps
from vagus.report.numbers import number, quantity
from vagus.report.parts.page import asset, both, styles
from vagus.report.points import points
from vagus.report.recording import course as recorded
from vagus.report.sources import references
from vagus.signal import Recording

SECTIONS = (
    ("safety", "Safety: look at this first"),
    ("summary", "Summary"),
    ("dose", "Dose: prescribed and delivered"),
    ("fibers", "Which fibers fire"),
    ("response", "What brain and heart are expected to do"),
    ("tone", "Vagal tone as measured"),
    ("scores", "Scores over the weeks"),
    ("trials", "What published trials found"),
    ("forecast", "For clinicians: what to expect"),
    ("methods", "Methods and reporting checklist"),
    ("sources", "Sources"),
    ("versions", "Versions"),
)
"""Sections in their order; the first only where there is a notice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One small chart under its name."""

    name: str
    svg: Markup
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingPart:
    """What the report shows of one recording: marks, tachogram, quality, panels, table, method of each index, flags."""

    name: str
    note: str
    tachogram: Markup
    quality: Markup
    panels: tuple[Panel, ...]
    table: rows.Table
    methods: tuple[tuple[str, str], ...]
    flags: tuple[str, ...]


def write_report(results: Results, *, made: datetime, versions: Mapping[str, str]) -> str:
    """Report on a course as one HTML page that loads nothing.

    Parameters
    ----------
    results : vagus.course.Results
    made : datetime.datetime
        When the report was made; comes from the edge.
    versions : mapping of str to str
        What made it: vagus, Python, numpy, ..., and the seed.

    Returns
    -------
    str
        Text of the file.
    """
    course = results.course
    marked, alarms = mark_events(course.events), words.alarms(results.notices, results.findings)
    title = course.about.title or course.name or "Course of treatment"
    return _template().render(
        r=results,
        title=title,
        made=made,
        versions=versions,
        css=styles(),
        sections=[s for s in SECTIONS if s[0] != "safety" or alarms],
        alarms=alarms,
        felt=felt(results),
        words=words,
        measured=measured,
        expected=expected,
        points=points(results),
        rows=rows,
        marked=marked,
        pictures=_pictures(results, marked),
        recordings=_recordings(results),
        refs=references(results),
        gaps=gaps(results),
    )


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(number=number, quantity=quantity, day=words.day, prose=words.prose)
    return environment.from_string(asset("report.html.j2"))


def _panel(name: str, svg: str, note: str = "") -> Panel:
    return Panel(name=name, svg=Markup(svg), note=note)


def _places(course: Course) -> tuple[Panel, ...]:
    """Where contacts lie, at the ear."""
    use = course.device_use
    if site_of(use.site).route != "taVNS":
        return ()
    contacts = montage(device_of(use.device), use.site)
    name = "Contacts at the ear" if site_of(use.site).side == "left" else "Contacts at the ear, drawn as a left one"
    return (_panel(name, figures.auricle([contacts], key="ear", width_px=figures.PANEL_PX), contacts.note),)


def _pictures(results: Results, marked: tuple[tuple[str, Event], ...]) -> dict[str, object]:
    course, d = results.course, results.delivered
    train = course.protocol.train
    pictures: dict[str, object] = {
        "dose": (
            _panel("One pulse", figures.pulse(train.pulse, d.amplitude_ma if d else None, key="pulse")),
            _panel("One cycle", figures.cycle(course.protocol, key="cycle")),
            *_places(course),
        ),
        "delivered": (),
        "fibers": None,
        "classes": (),
        "fast": (),
        "slow": (),
        "scores": (),
    }
    if d is not None and course.sittings:
        pictures["delivered"] = (
            _panel("Minutes each week", figures.delivered_minutes(d, key="minutes")),
            _panel("Current of each sitting", figures.delivered_current(course, key="current")),
        )
    found = results.recruitment
    if found is not None:
        touch = felt(results)
        mean_ma = touch.mean_ma if touch else None
        pictures["fibers"] = both(
            lambda key, px: figures.recruitment(found, key=key, width_px=px, felt_ma=mean_ma), "recruitment"
        )
        pictures["classes"] = tuple(
            _panel(c.label, figures.recruitment_of(found, k, key=f"class-{k}")) for k, c in enumerate(found.classes)
        )
    model = results.response
    plan = course.protocol
    pace_s = {"cycle_s": plan.on_s + plan.off_s, "on_s": plan.on_s + 2 * plan.ramp_s}
    if model is not None:
        for pace, chosen in (("fast", model.fast), ("slow", model.slow)):
            pictures[pace] = tuple(
                _panel(one.name, one.svg, expected.calibrated(one.states))
                for one in figures.states(chosen, key=pace, level=model.level, **pace_s)
            )
    pictures["scores"] = _score_panels(results, marked)
    pictures["rates"], pictures["ahead"] = _forecast_pictures(results)
    return pictures


def _forecast_pictures(results: Results) -> tuple[tuple[Panel, ...], tuple[Panel, ...]]:
    """Rates by arm, a panel an event; and the person's totals ahead, a panel an arm, where they are told."""
    found = results.forecast
    if found is None:
        return (), ()
    panels = tuple(
        _panel(
            f"{event.capitalize()} in a further trial",
            figures.rates([rate for rate in found.rates if rate.event == event], key=f"rates-{event}"),
        )
        for event in dict.fromkeys(rate.event for rate in found.rates)
    )
    of, start = instruments().get(found.instrument), results.course.protocol.start
    own = [score for score in results.scores if score.instrument == found.instrument]
    ahead = tuple(
        _panel(f"{of.short}, {band.arm}", figures.totals_ahead(band, of, own, start=start, key=f"ahead-{band.arm}"))
        for band in found.bands
        if of is not None
    )
    return panels, ahead


def _score_panels(results: Results, marked: tuple[tuple[str, Event], ...]) -> tuple[Panel, ...]:
    p = results.course.protocol
    by_key = {c.instrument: c for c in results.changes}
    panels: list[Panel] = []
    for key in words.instruments_in_order(results):
        of = results.course.scales.get(key)
        if of is not None:
            svg = figures.scores(
                [s for s in results.scores if s.instrument == key],
                of,
                by_key.get(key),
                marked,
                start=p.start,
                weeks=p.weeks,
                key=f"score-{key}",
            )
            panels.append(_panel(f"{of.short}, {of.domain}", svg))
    return tuple(panels)


def mark_events(events: tuple[Event, ...]) -> tuple[tuple[str, Event], ...]:
    """Events in the order of time, each with a short mark: A1 (adverse event), M1 (medication), S1 (setting)."""
    letter = {"adverse_event": "A", "medication": "M", "setting_change": "S"}
    seen: dict[str, int] = {}
    marked: list[tuple[str, Event]] = []
    for event in sorted(events, key=lambda e: e.date):
        seen[event.kind] = seen.get(event.kind, 0) + 1
        marked.append((f"{letter.get(event.kind, 'E')}{seen[event.kind]}", event))
    return tuple(marked)


def _recordings(results: Results) -> tuple[RecordingPart, ...]:
    groups: dict[str, list[SegmentTone]] = {}
    for tone in results.tones:
        groups.setdefault(f"{tone.plan.file} {tone.plan.channel or ''}".strip(), []).append(tone)
    waves = dict(zip(results.course.plans, (heart for heart, _ in results.course.recordings), strict=True))
    return tuple(
        _recording(name, group, waves.get(group[0].plan), f"rec{k}") for k, (name, group) in enumerate(groups.items())
    )


def _recording(name: str, group: list[SegmentTone], wave: Recording | None, key: str) -> RecordingPart:
    parts: dict[str, list[str]] = {}
    for t in group:
        for flag in t.tone.flags:
            parts.setdefault(flag, []).append(t.segment.name)
    flags = [f"{words.listed(names)}: {flag}" for flag, names in parts.items()]
    return RecordingPart(
        name=name,
        note=group[0].plan.note,
        tachogram=both(lambda k, px: recorded.tachogram_of(group, key=k, width_px=px), f"{key}-rr"),
        quality=both(lambda k, px: recorded.quality_of(wave, group, key=k, width_px=px), f"{key}-q")
        if wave
        else Markup(""),
        panels=(
            *(_panel(label, svg) for label, svg in figures.tone_panels(group, key=key)),
            *(_panel(label, svg, note) for label, svg, note in recorded.spectrum_of(group, key=f"{key}-psd")),
        ),
        table=rows.tone(group),
        methods=_methods(group),
        flags=tuple(flags),
    )


def _quality(wave: Recording | None, group: list[SegmentTone], key: str) -> Markup:
    if wave is None:
        return Markup("")
    return both(lambda k, px: recorded.quality_of(wave, group, key=k, width_px=px), key)


_LEFT_OUT = re.compile(r"; (\d+ of \d+) intervals touch a mended beat(?: or a gap)? and are (?:left out|bridged)")
_WORTH = re.compile(r" on (\d+) independent differences")


def _methods(group: Sequence[SegmentTone]) -> tuple[tuple[str, str], ...]:
    """Indices that were made the same way, and how; what differs between segments is told for each."""
    same: dict[str, dict[str, list[str]]] = {}
    worth, left_out = _each(group, _WORTH), _each(group, _LEFT_OUT)
    for field, name in figures.INDICES:
        for t in group:
            effect = getattr(t.tone, field)
            if effect is not None:
                shared = _WORTH.sub(f" on independent differences ({worth})", _LEFT_OUT.sub("", effect.method))
                same.setdefault(shared, {}).setdefault(name, []).append(t.segment.name)
    told: list[tuple[str, str]] = []
    for method, by_name in same.items():
        segments = next(iter(by_name.values()))
        if all(own == segments for own in by_name.values()):
            part = "" if len(segments) == len(group) else f" ({words.listed(segments)})"
            told.append((f"{words.listed(list(by_name))}{part}", method))
        else:
            told.append((words.listed([f"{name} ({words.listed(own)})" for name, own in by_name.items()]), method))
    if left_out:
        what = "intervals that touch a mended beat or a gap; for HF power they are bridged"
        told.append(("Left out", f"{what}: {left_out}"))
    return tuple(told)


def _each(group: Sequence[SegmentTone], number_in: re.Pattern[str]) -> str:
    """What a pattern finds in the methods of each segment: "before 11 of 229, during 3 of 274"."""
    said: list[str] = []
    for t in group:
        methods = [effect.method for field, _ in figures.INDICES if (effect := getattr(t.tone, field)) is not None]
        found = next((match[1] for method in methods if (match := number_in.search(method))), "")
        said += [f"{t.segment.name} {found}"] if found else []
    return ", ".join(said)
