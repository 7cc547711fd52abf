"""Signal quality: excerpts of the ECG with the R peaks marked, and every beat's quality over the recording."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vagus.report.figures.rhythm import clock, mend_words
from vagus.report.numbers import number, quantity
from vagus.report.svg import Axis, Chart, Placed, together
from vagus.signal import Beats, Recording

GOOD = 0.8  # as `vagus.signal.template.GOOD`, which loads the filters (a test compares them)
EXCERPT_S = 6.0
_STEP_S = 1.0
_GUTTER_PX, _EXCERPT_PX, _STRIP_PX = 14.0, 80.0, 74.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """A few seconds of the recording, and why they are shown."""

    start_s: float
    stop_s: float
    why: str


def quality_strip(recording: Recording, beats: Beats, *, key: str, width_px: float, raw: Beats | None = None) -> str:
    """Excerpts of the ECG above, quality of each beat below; R peaks, corrections and stretches not read are marked.

    `raw` are the beats as detected: those that correction took away are crossed out.
    """
    shown = excerpts(recording, beats)
    across = width_px > 500
    each_px = (width_px - _GUTTER_PX * (len(shown) - 1)) / len(shown) if across and shown else width_px
    placed: list[Placed] = []
    left = top = low = 0.0
    for k, part in enumerate(shown):
        chart = _excerpt(recording, beats, raw, part, key=f"{key}-{k}", width_px=each_px, letter=_LETTERS[k])
        placed.append(Placed(chart=chart, left_px=left, top_px=top))
        height = chart.drawn()[1] + 8
        low = max(low, top + height)
        left, top = (left + each_px + _GUTTER_PX, top) if across else (left, top + height)
    strip = _strip(recording, beats, raw, shown, key=f"{key}-q", width_px=width_px)
    placed.append(Placed(chart=strip, left_px=0.0, top_px=low))
    size = (width_px, low + strip.drawn()[1])
    return together(placed, key=key, title="Quality of the ECG", text=_told(recording, beats, shown), size_px=size)


_LETTERS = "ABC"


def excerpts(recording: Recording, beats: Beats) -> tuple[Excerpt, ...]:
    """A stretch of good beats near the middle, the worst that was read, and one with a correction, in order of time."""
    starts = np.arange(0.0, max(recording.duration_s - EXCERPT_S, _STEP_S / 2), _STEP_S)
    if not beats.time_s.size:
        return (Excerpt(start_s=0.0, stop_s=min(EXCERPT_S, recording.duration_s), why="no heartbeats found"),)
    bounds = np.searchsorted(beats.time_s, [starts, starts + EXCERPT_S])
    free = ~np.array([_in_gap(recording, beats, s) for s in starts.tolist()])
    mean = np.array([beats.quality[a:b].mean() if b > a else np.nan for a, b in bounds.T.tolist()])
    least = np.array([beats.quality[a:b].min() if b > a else np.nan for a, b in bounds.T.tolist()])
    mean[~free] = least[~free] = np.nan
    words = mend_words(beats) != ""
    mended = np.array([int(words[a:b].sum()) for a, b in bounds.T.tolist()])
    chosen: list[Excerpt] = []
    far = np.abs(starts + EXCERPT_S / 2 - recording.duration_s / 2) / recording.duration_s
    for score, why in (
        (np.where(mended == 0, least - far, np.nan), "usual beats"),
        (np.where(mended > 0, -mended.astype(float), np.nan), "corrected"),
        (-mean, "lowest quality"),
    ):
        taken = [np.abs(starts - e.start_s) < EXCERPT_S for e in chosen]
        left = np.where(np.any(taken, axis=0), np.nan, score) if taken else score
        if np.isfinite(left).any():
            start = float(starts[int(np.nanargmax(left))])
            chosen.append(Excerpt(start_s=start, stop_s=min(start + EXCERPT_S, recording.duration_s), why=why))
    return tuple(sorted(chosen, key=lambda e: e.start_s))


def _in_gap(recording: Recording, beats: Beats, start_s: float) -> bool:
    return any(g.start_s < start_s + EXCERPT_S and g.stop_s > start_s for g in (*recording.gaps, *beats.gaps))


def _excerpt(
    recording: Recording, beats: Beats, raw: Beats | None, part: Excerpt, *, key: str, width_px: float, letter: str
) -> Chart:
    fs = recording.fs_hz
    first, last = round(part.start_s * fs), min(round(part.stop_s * fs), recording.samples.size)
    wave = recording.samples[first:last]
    low, high = float(wave.min()), float(wave.max())
    edge = 0.12 * (high - low) or 1.0
    chart = Chart(
        key=key,
        title=part.why,
        text=part.why,
        x=Axis(label="", unit="", low=part.start_s, high=part.stop_s, ticks=()),
        y=Axis(
            label=f"{letter}: {part.why}, at {_at(part.start_s)}", unit="", low=low - edge, high=high + edge, ticks=()
        ),
        width_px=width_px,
        height_px=_EXCERPT_PX,
        grid=False,
        left_px=0.0,
    )
    seconds = (first + np.arange(wave.size)) / fs
    chart.line(seconds, wave, "ink thin")
    mine = beats.window(part.start_s, part.stop_s)
    height = np.interp(mine.time_s, seconds, wave)
    words = mend_words(mine)
    put = ~np.isin(words, ["", "extra"])
    chart.dots(mine.time_s[~put], height[~put], "c1", r_px=2.6)
    chart.dots(mine.time_s[put], height[put], "alarm hollow", r_px=3)
    if raw is not None:
        gone = raw.window(part.start_s, part.stop_s).time_s
        gone = gone[np.abs(gone[:, None] - beats.time_s).min(axis=1) > 0.5 / fs] if beats.time_s.size else gone
        chart.crosses(gone, np.interp(gone, seconds, wave), "alarm")
    return chart


def _at(time_s: float) -> str:
    """A time as minutes and seconds.

    >>> _at(193.0)
    '3:13'
    """
    return f"{int(time_s // 60)}:{int(time_s % 60):02d}"


def _strip(
    recording: Recording, beats: Beats, raw: Beats | None, shown: Sequence[Excerpt], *, key: str, width_px: float
) -> Chart:
    unit, scale = clock(recording.duration_s)
    chart = Chart(
        key=key,
        title="Quality of each beat",
        text="",
        x=Axis(
            label="Time in the recording",
            unit=unit,
            low=0.0,
            high=recording.duration_s / scale,
            count=8 if width_px > 500 else 5,
        ),
        y=Axis(
            label="Likeness of each beat to the beats around it",
            unit="",
            low=0.0,
            high=1.0,
            ticks=((0.0, "0"), (GOOD, "0.8"), (1.0, "1")),
        ),
        width_px=width_px,
        height_px=_STRIP_PX,
    )
    gaps = [gap for gap in beats.gaps if gap.stop_s - gap.start_s > _SHORT_S]
    for gap in gaps:
        chart.span(gap.start_s / scale, gap.stop_s / scale, "muted gap")
    good = beats.quality >= GOOD
    for css, mine in (("muted", good), ("alarm", ~good)):
        time = beats.time_s[mine] / scale
        chart.stems(time, beats.quality[mine], np.ones(time.size), css)
    for k, part in enumerate(shown):
        chart.span(part.start_s / scale, part.stop_s / scale, "c1", label=_LETTERS[k])
    if (~good).any():
        chart.legend("line", f"below {GOOD:g} ({int((~good).sum())} of {good.size} beats)", "alarm")
    if gaps:
        chart.legend("span", f"not read ({quantity(sum(g.stop_s - g.start_s for g in gaps), 's')})", "muted gap")
    marks = f"Excerpts of {quantity(EXCERPT_S, 's')}: dots are R peaks"
    changed = (mend_words(beats) != "").any()
    gone = ", crosses taken away" if raw is not None else ""
    marks += f", hollow ones added or moved{gone}." if changed else "."
    return chart.foot(marks)


_SHORT_S = 0.04


def _told(recording: Recording, beats: Beats, shown: Sequence[Excerpt]) -> str:
    n, good = beats.quality.size, int((beats.quality >= GOOD).sum())
    lost = sum(g.stop_s - g.start_s for g in beats.gaps)
    excerpt = ", ".join(f"{_LETTERS[k]} {e.why} from {quantity(e.start_s, 's')}" for k, e in enumerate(shown))
    share = f" ({number(100 * good / n)} %)" if n else ""
    return (
        f"{n} beats in {quantity(recording.duration_s, 's')}, {good}{share} look like the beats around them (0.8 or "
        f"more); {quantity(lost, 's')} not read. Excerpts of {quantity(EXCERPT_S, 's')}: {excerpt}."
    )
