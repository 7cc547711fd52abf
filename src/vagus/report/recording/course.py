"""The pictures of a recording as the report on a course shows them: by segment, before, during and after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from vagus.course import SegmentTone
from vagus.errors import Abstained
from vagus.report.figures import PANEL_PX, SEGMENT_CSS
from vagus.report.figures.power import Curve, spectrum
from vagus.report.figures.quality import quality_strip
from vagus.report.figures.rhythm import Part, tachogram
from vagus.signal import Beats, Recording, rr_density


def tachogram_of(tones: Sequence[SegmentTone], *, key: str, width_px: float) -> str:
    """Intervals between beats over one recording, segments shaded, corrected beats marked."""
    parts = [
        Part(
            name=t.segment.name,
            start_s=t.segment.start_s,
            end_s=t.segment.end_s,
            beats=t.beats,
            css=SEGMENT_CSS.get(t.segment.name, "c6"),
        )
        for t in tones
    ]
    return tachogram(parts, key=key, width_px=width_px)


def spectrum_of(tones: Sequence[SegmentTone], *, key: str) -> tuple[tuple[str, str, str], ...]:
    """(name, SVG, settings) of one panel with the spectrum of each segment; none where it cannot be told."""
    curves: list[Curve] = []
    for t in tones:
        try:
            found = rr_density(t.beats, settings=t.tone.settings)
        except Abstained:
            continue  # its power is not told either, and the table says so
        rate = t.tone.breath_rate_per_min
        curves.append(
            Curve(
                name=t.segment.name,
                frequency_hz=np.asarray(found.frequency_hz),
                density_ms2_per_hz=np.asarray(found.density_ms2_per_hz),
                hf_ms2=t.tone.hf_ms2,
                breath_hz=rate / 60 if rate is not None else None,
                css=SEGMENT_CSS.get(t.segment.name, "c6"),
            )
        )
    if not curves:
        return ()
    settings = tones[0].tone.settings
    fit = settings.band_low_hz  # vagal tone is in question: slower waves may leave the frame
    svg = spectrum(curves, settings, key=key, width_px=PANEL_PX, height_px=120, fit_from_hz=fit, foot=False)
    return (
        ("Spectrum of the intervals", svg, f"Preset {settings.name}: {settings.words}. The axis fits the HF band."),
    )


def quality_of(recording: Recording, tones: Sequence[SegmentTone], *, key: str, width_px: float) -> str:
    """Excerpts of the ECG and quality of each beat in the segments."""
    return quality_strip(recording, _all_beats(tones), key=key, width_px=width_px)


def _all_beats(tones: Sequence[SegmentTone]) -> Beats:
    """Beats of all segments, once each, in order of time."""
    each = [t.beats for t in tones]
    time_s, first = np.unique(np.concatenate([beats.time_s for beats in each]), return_index=True)
    quality = np.concatenate([beats.quality for beats in each])[first]
    words = np.concatenate([np.array(b.label or ("",) * b.time_s.size, dtype=object) for b in each])[first]
    return replace(each[0], time_s=time_s, quality=quality, label=tuple(words))
