"""One HTML page on one or several recordings: pictures, indices, what to heed."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import jinja2
from markupsafe import Markup

from vagus.report import words
from vagus.report.figures import INDICES, NARROW_PX, WIDE_PX
from vagus.report.numbers import number
from vagus.report.parts.page import asset, styles
from vagus.report.recording.draw import pictures
from vagus.report.recording.seen import Seen
from vagus.signal import Tone
from vagus.source import Effect

_NAMES = {
    **dict(INDICES),
    "mean_rr_ms": "Mean RR",
    "ln_rmssd": "lnRMSSD",
    "sd1_ms": "SD1",
    "sd2_ms": "SD2",
    "lf_ms2": "LF power",
    "vlf_ms2": "VLF power",
    "total_ms2": "Total power",
    "hf_breath_ms2": "HF power at the breathing rate",
    "rsa_porges": "RSA (Porges–Bohrer)",
    "deceleration_ms": "Deceleration capacity",
    "acceleration_ms": "Acceleration capacity",
    "dfa_alpha1": "DFA α1",
    "sample_entropy": "Sample entropy",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Section:
    name: str
    lead: str
    pictures: tuple[Markup, ...]
    indices: tuple[tuple[str, str, str, str], ...]
    flags: tuple[str, ...]
    settings: str


def write_recordings(seen: Sequence[Seen], kinds: Sequence[str], *, made: datetime, versions: Mapping[str, str]) -> str:
    """Pictures of recordings as one HTML page that loads nothing.

    Parameters
    ----------
    seen : sequence of Seen
    kinds : sequence of str
        Keys of `KINDS`.
    made : datetime.datetime
        When the page was made; comes from the edge.
    versions : mapping of str to str
        What made it: vagus, Python, ..., and the seed.

    Returns
    -------
    str
        Text of the file.
    """
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    template = environment.from_string(asset("recording.html.j2"))
    title = seen[0].name if len(seen) == 1 else f"{len(seen)} recordings"
    return template.render(
        title=title,
        made=words.day(made.date()),
        css=styles(),
        versions=versions,
        research=words.RESEARCH,
        sections=[_section(one, kinds, f"r{k}") for k, one in enumerate(seen)],
    )


def _section(seen: Seen, kinds: Sequence[str], key: str) -> _Section:
    wide, narrow = (
        pictures(seen, kinds, key=f"{key}-{mark}", width_px=px) for mark, px in (("w", WIDE_PX), ("n", NARROW_PX))
    )
    drawn = tuple(
        Markup(f'<div class="wide">{a}</div><div class="narrow">{b}</div>') for a, b in zip(wide, narrow, strict=True)
    )
    tone = seen.tone
    notes = seen.recording.notes if seen.recording else ()
    return _Section(
        name=seen.name,
        lead=_lead(seen),
        pictures=drawn,
        indices=_indices(tone) if tone else (),
        flags=tuple(words.sentence(one) for one in (*notes, *(tone.flags if tone else ()), *seen.not_told)),
        settings=f"Preset {tone.settings.name}: HF {tone.settings.band_low_hz:g}–{tone.settings.band_high_hz:g} Hz, "
        f"absolute; {tone.settings.words}."
        if tone
        else "",
    )


def _lead(seen: Seen) -> str:
    parts = [f"{seen.beats.window(seen.start_s, seen.end_s).time_s.size} beats"]
    parts.append(f"{number(seen.start_s)} to {number(seen.end_s, digits=5)} s")
    if seen.recording is not None:
        parts.insert(0, f"channel {seen.recording.channel}, {number(seen.recording.fs_hz)} Hz")
    if seen.tone is not None:
        parts.append(f"{number(seen.tone.quality_pct)} % of beats good, {number(seen.tone.corrected_pct)} % corrected")
    return "; ".join(parts)


def _indices(tone: Tone) -> tuple[tuple[str, str, str, str], ...]:
    """(name, unit, estimate, interval) of every index that was told."""
    found: list[tuple[str, str, str, str]] = []
    for field in dataclasses.fields(tone):
        effect = getattr(tone, field.name)
        if isinstance(effect, Effect) and math.isfinite(effect.estimate):
            between = f"{number(effect.low)} to {number(effect.high)}" if math.isfinite(effect.low) else "–"
            found.append((_NAMES[field.name], effect.unit, number(effect.estimate), between))
    return tuple(found)
