"""The pictures of a recording, by kind and as one SVG file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np

from vagus.report.figures.power import Curve, spectrum
from vagus.report.figures.quality import quality_strip
from vagus.report.figures.reactivity import Arm, Moved, arm_name, changes, reactivity
from vagus.report.figures.rhythm import Part, sliding, tachogram
from vagus.report.picture import stacked
from vagus.report.recording.seen import Seen

Draw = Callable[[Seen, str, float], tuple[str, ...]]


def _tachogram(seen: Seen, key: str, width_px: float) -> tuple[str, ...]:
    part = Part(name="", start_s=seen.start_s, end_s=seen.end_s, beats=seen.beats.window(seen.start_s, seen.end_s))
    return (tachogram([part], key=key, width_px=width_px, raw=seen.raw),)


def _spectrum(seen: Seen, key: str, width_px: float) -> tuple[str, ...]:
    if seen.density is None:
        return ()
    rate = seen.tone.breath_rate_per_min if seen.tone else None
    curve = Curve(
        name="",
        frequency_hz=np.asarray(seen.density.frequency_hz),
        density_ms2_per_hz=np.asarray(seen.density.density_ms2_per_hz),
        hf_ms2=seen.tone.hf_ms2 if seen.tone else None,
        lf_ms2=seen.tone.lf_ms2 if seen.tone else None,
        breath_hz=rate / 60 if rate is not None else None,
    )
    return (spectrum([curve], seen.density.settings, key=key, width_px=width_px),)


def _quality(seen: Seen, key: str, width_px: float) -> tuple[str, ...]:
    if seen.recording is None:
        return ()
    return (quality_strip(seen.recording, seen.beats, key=key, width_px=width_px, raw=seen.raw),)


def _sliding(seen: Seen, key: str, width_px: float) -> tuple[str, ...]:
    if seen.windows is None:
        return ()
    shown = (("heart_rate_bpm", "Heart rate", "c2"), ("rmssd_ms", "RMSSD", "c1"), ("hf_ms2", "HF power", "c3"))
    told = [one for one in shown if one[0] in seen.windows.indices]
    return (sliding(seen.windows, told, key=key, width_px=width_px),)


def _reactivity(seen: Seen, key: str, width_px: float) -> tuple[str, ...]:
    if not seen.reactions:
        return ()
    arms = [
        Arm(name=arm_name(one.design.condition), phases=tuple((phase, tone.rmssd_ms) for phase, tone in one.tones))
        for one in seen.reactions
    ]
    told = [
        Moved(arm=arm_name(one.design.condition), phase=phase, effect=change.effect)
        for one in seen.reactions
        for change in one.changes
        for phase in [_FROM_BASELINE.get(change.contrast)]
        if phase is not None and change.index == "ln_rmssd" and change.effect is not None
    ]
    drawn = [reactivity(arms, name="RMSSD", key=key, width_px=width_px)] if any(arm.phases for arm in arms) else []
    if told:
        drawn.append(changes(told, name="lnRMSSD", key=f"{key}-c", width_px=width_px))
    return tuple(drawn)


_FROM_BASELINE = {"reactivity": "during", "remaining": "recovery"}


KINDS: Mapping[str, tuple[str, Draw]] = MappingProxyType(
    {
        "tachogram": ("intervals between beats, corrections marked", _tachogram),
        "spectrum": ("spectral density with bands, breathing and settings", _spectrum),
        "quality": ("ECG excerpts with R peaks, quality of each beat", _quality),
        "sliding": ("vagal tone in a sliding window", _sliding),
        "reactivity": ("before, during and after; active beside sham", _reactivity),
    }
)
"""Kind of picture -> what is to be seen, and how it is drawn: the pictures, none where the recording cannot tell."""


def pictures(seen: Seen, kinds: Sequence[str], *, key: str, width_px: float) -> tuple[str, ...]:
    """Pictures of a recording as SVG text, in the order of `kinds`.

    Parameters
    ----------
    seen : Seen
    kinds : sequence of str
        Keys of `KINDS`.
    key : str
        Ids of the pictures start with it.
    width_px : float
        720 for a page, 350 for a phone.
    """
    return tuple(svg for kind in kinds for svg in KINDS[kind][1](seen, f"{key}-{kind}", width_px))


def write_svg(seen: Seen, kinds: Sequence[str], *, width_px: float = 720.0, key: str = "vagus") -> str:
    """One SVG file that needs no style sheet: pictures one below the other under the name of the recording.

    Colors stand in the file as plain values, light and (where the viewer asks for it) dark, so that drawing programs
    show them as well.

    Parameters
    ----------
    seen : Seen
    kinds : sequence of str
        Keys of `KINDS`.
    width_px : float
    key : str
        Ids start with it.

    Returns
    -------
    str
        Text of the file; "" where no picture of these kinds can be drawn.
    """
    drawn = pictures(seen, kinds, key=key, width_px=width_px)
    return stacked(drawn, name=seen.name, width_px=width_px, key=key) if drawn else ""
