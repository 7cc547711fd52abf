"""Sentences to heed when reading vagal tone."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

from vagus.signal.beats import Beats
from vagus.signal.breaths import Breaths
from vagus.signal.known import value
from vagus.signal.reading.window import Spans, good_pct, stretches
from vagus.signal.tone import ToneSettings

if TYPE_CHECKING:
    from vagus.signal.index.part import Part

SHORTEST_S = 60.0


def flags_of_gaps(lost: Spans, start: float, end: float) -> tuple[str, ...]:
    """Stretches of the window without a heartbeat."""
    if not lost:
        return ()
    total = sum(last - first for first, last in lost)
    return (
        f"no heartbeat could be read for {total:.1f} of {end - start:.0f} s ({stretches(lost)}: no samples, lead off, "
        "noise, or a pause of the heart); indices are of the rest",
    )


def corrected_pct(part: Beats) -> float:
    """Mends of `correct` in percent of the beats."""
    if part.origin != "corrected" or part.label is None:
        return 0.0
    return 100.0 * sum(word != "" for word in part.label) / len(part.label)


def label_of(beats: Beats) -> Literal["HRV", "PRV"]:
    """PRV where the beats are pulses of a pulse wave."""
    return "PRV" if getattr(beats, "kind", "ecg") == "ppg" else "HRV"


def flags_of_rhythm(part: Beats) -> tuple[str, ...]:
    """Rhythms in which vagal tone must not be read. The one place where a finding on the rhythm enters `Tone.flags`."""
    del part
    return ()


def flags_of_beats(part: Part, breaths: Breaths | None) -> tuple[str, ...]:
    """What the beats, their length and the breathing take from the numbers."""
    flags: list[str] = []
    beats, settings = part.beats, part.settings
    if beats.origin == "detected":
        flags.append("beats were not checked for artefacts")
    if label_of(beats) == "PRV":
        flags.append("pulse rate variability of a pulse wave (PRV), not heart rate variability of an ECG")
    corrected = corrected_pct(beats)
    if corrected > (most := value("most_corrected_pct")):
        flags.append(f"{corrected:.1f} % of beats were corrected, more than {most:g} %")
    good = good_pct(beats)
    if good < (least := value("least_good_pct")):
        flags.append(f"only {good:.0f} % of beats are of good quality, fewer than {least:g} %")
    covered = float(part.rr[~part.across].sum()) / 1000
    if covered < SHORTEST_S:
        flags.append(f"{covered:.0f} s of beats; RMSSD and HF power want {SHORTEST_S:g} s or more")
    if not part.lost and covered < 0.9 * (part.end_s - part.start_s):
        flags.append(f"beats cover {covered:.0f} of {part.end_s - part.start_s:.0f} s")
    if breaths is not None and breaths.inhale_s.size > 1:
        rate_hz = breaths.rate_per_min / 60
        if not settings.band_low_hz <= rate_hz <= settings.band_high_hz:
            flags.append(
                f"breathing at {breaths.rate_per_min:.1f} per min ({rate_hz:.2f} Hz) lies outside the HF band "
                f"({settings.band_low_hz:g}-{settings.band_high_hz:g} Hz): HF power is not vagal tone here"
            )
    return tuple(flags)


def floor_ms(part: Beats) -> float | None:
    """RMSSD that independent errors of the R times alone would give: their standard deviation times √6."""
    if part.jitter_ms is not None:
        return math.sqrt(6) * part.jitter_ms
    if part.fs_hz is None:
        return None
    return math.sqrt(6) * 1000 / part.fs_hz / math.sqrt(12)  # R times to the sample: an even spread over one sample


def flags_of_rmssd(
    rmssd: float, kept: float, floor: float | None, part: Beats, settings: ToneSettings
) -> tuple[str, ...]:
    """What mended beats, sampling and R-time errors take from RMSSD."""
    flags: list[str] = []
    if settings.mended == "leave_out" and abs(kept - rmssd) > value("differ_pct") / 100 * rmssd:
        flags.append(f"RMSSD with mended beats kept: {kept:.2f} ms, without them {rmssd:.2f} ms")
    if part.fs_hz is not None and part.fs_hz < (least := value("least_sampling_hz")):
        flags.append(
            f"sampled at {part.fs_hz:g} Hz, below the {least:g} Hz recommended for RMSSD and HF power (Task Force 1996)"
        )
    if floor is not None and rmssd < value("floor_times") * floor:
        flags.append(
            f"RMSSD of {rmssd:.1f} ms is less than {value('floor_times'):g} times the {floor:.1f} ms that errors of "
            "the R times alone give: it is not vagal tone alone"
        )
    return tuple(flags)
