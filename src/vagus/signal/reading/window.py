"""What of a window could be read: its beats, the stretches without, and no answer where that is too little."""

from __future__ import annotations

import numpy as np

from vagus.errors import Abstained, InputError, Problem
from vagus.signal.beats import Beats
from vagus.signal.known import value
from vagus.signal.template import GOOD

FEWEST_BEATS = 4
_FEW_STRETCHES = 3
Spans = tuple[tuple[float, float], ...]


def lost_spans(part: Beats, start: float, end: float) -> Spans:
    """Stretches of the window in which no heartbeat was read, in order, none touching another."""
    most = value("longest_pause_s")
    spans = [
        (max(gap.start_s, start), min(gap.stop_s, end))
        for gap in part.gaps
        if gap.stop_s - gap.start_s > value("hiding_gap_s") and gap.stop_s > start and gap.start_s < end
    ]
    marks = np.concatenate([[start], part.time_s, [end]])
    spans += [(float(marks[i]), float(marks[i + 1])) for i in np.flatnonzero(np.diff(marks) > most)]
    unsure = part.noisy
    spans += [(float(part.time_s[i]), float(part.time_s[i + 1])) for i in np.flatnonzero(unsure[:-1] | unsure[1:])]
    joined: list[tuple[float, float]] = []
    for first, last in sorted(spans):
        if joined and first <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return tuple(joined)


def readable_pct(lost: Spans, start: float, end: float) -> float:
    """Share of the window in which heartbeats were read."""
    return 100.0 * (1.0 - sum(last - first for first, last in lost) / (end - start))


def good_pct(part: Beats) -> float:
    """Share of beats that look like the beats around them."""
    return 100.0 * float((part.quality >= GOOD).mean())


def stretches(lost: Spans) -> str:
    """The longest stretches, in words."""
    longest = sorted(sorted(lost, key=lambda span: span[0] - span[1])[:_FEW_STRETCHES])
    more = f" and {len(lost) - _FEW_STRETCHES} shorter stretches" if len(lost) > _FEW_STRETCHES else ""
    return ", ".join(f"{first:.1f} to {last:.1f} s" for first, last in longest) + more


def check_read(part: Beats, start: float, end: float) -> None:
    """No numbers where hardly any beat looks like a heartbeat.

    Raises
    ------
    Abstained
        Too few of the beats look like heartbeats.
    """
    if not part.time_s.size:
        return  # nothing to judge; the gaps tell
    good, least = good_pct(part), value("least_beats_read_pct")
    if good < least:
        raise Abstained(
            f"{part.source_name or 'beats'}, {start:g} to {end:g} s: no heartbeat could be read with confidence: "
            f"{good:.0f} % of beats are of good quality, {least:g} % needed for vagal tone"
        )


def window_of(beats: Beats, start_s: float | None, end_s: float | None) -> tuple[Beats, float, float, Spans]:
    """Beats of the window, its bounds, and the stretches in which none was read."""
    where = beats.source_name
    if beats.time_s.size < FEWEST_BEATS:
        raise InputError(
            Problem(what="too few beats for vagal tone", where=where, found=f"{beats.time_s.size}", allowed="4 or more")
        )
    start = float(beats.time_s[0]) if start_s is None else float(start_s)
    end = float(beats.time_s[-1]) if end_s is None else float(end_s)
    if not start < end:
        raise InputError(
            Problem(what="window ends before it starts", where=where, found=f"start_s {start:g}, end_s {end:g}")
        )
    part = beats.window(start, end if end_s is not None else np.nextafter(end, np.inf))
    check_read(part, start, end)
    lost = lost_spans(part, start, end)
    share, least = readable_pct(lost, start, end), value("least_readable_pct")
    if share < least:
        raise Abstained(
            f"{where or 'beats'}, {start:g} to {end:g} s: heartbeats can be read in {share:.0f} % of it, {least:g} % "
            f"needed for vagal tone; none from {stretches(lost)} (no samples, lead off, noise, or a pause of the "
            "heart)"
        )
    if part.time_s.size < FEWEST_BEATS:
        raise InputError(
            Problem(
                what="too few beats in the window",
                where=where,
                found=f"{part.time_s.size} from {start:g} to {end:g} s",
                allowed="4 or more",
            )
        )
    return part, start, end, lost
