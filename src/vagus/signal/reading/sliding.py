"""Vagal tone in windows that slide over a recording: running sums instead of a loop over windows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any, Literal

import numpy as np
from scipy.interpolate import PPoly

from vagus.errors import InputError, Problem
from vagus.signal.beats import Beats
from vagus.signal.index.bands import bands_of, power_table
from vagus.signal.index.capacity import Direction, steps
from vagus.signal.index.part import FEWEST_INTERVALS, stretch_bounds, whole_of
from vagus.signal.index.time import above_50_ms
from vagus.signal.known import value
from vagus.signal.reading.flags import label_of
from vagus.signal.reading.window import FEWEST_BEATS, lost_spans
from vagus.signal.spectrum import FEWEST_BEATS as FEWEST_OF_SPECTRUM
from vagus.signal.spectrum import even_grid, even_stretch, filled, spline_of
from vagus.signal.template import GOOD
from vagus.signal.tone import PRESETS, ToneSettings
from vagus.signal.vector import Array

_AT_ONCE = 256  # windows whose spectra are made together: bounds memory
_TINY_S = 1e-9
_MOST_WINDOWS = 100_000  # a week at a step of 6 s
INDICES = (
    "mean_rr_ms", "heart_rate_bpm", "rmssd_ms", "ln_rmssd", "sdnn_ms", "pnn50_pct", "sd1_ms", "sd2_ms",
    "hf_ms2", "lf_ms2", "vlf_ms2", "total_ms2", "deceleration_ms", "acceleration_ms",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class SlidingTone:
    """Vagal tone in many windows of one recording: one entry a window in every array.

    Parameters
    ----------
    start_s, end_s : (n,) array
        Windows on the beats' clock.
    n_beats : (n,) of int
    quality_pct, readable_pct, corrected_pct : (n,) array
        Beats of good quality, share of the window in which heartbeats were read, and beats mended.
    longest_stretch_s : (n,) array
        Longest stretch without a long gap: what HF, LF and VLF power are told of.
    reason : tuple of str
        Why a window has no index, "" where it has: then every index is nan.
    mean_rr_ms, heart_rate_bpm, rmssd_ms, ln_rmssd, sdnn_ms, pnn50_pct, sd1_ms, sd2_ms : (n,) array
    hf_ms2, lf_ms2, vlf_ms2, total_ms2 : (n,) array
        nan, too, where no stretch is long enough for the band: two periods of its lower edge, for VLF 240 s.
    deceleration_ms, acceleration_ms : (n,) array
        nan, too, with fewer than 20 anchors.
    settings : ToneSettings
    source_name : str
    label : "HRV" or "PRV"
    """

    start_s: Array
    end_s: Array
    n_beats: np.ndarray
    quality_pct: Array
    readable_pct: Array
    corrected_pct: Array
    longest_stretch_s: Array
    reason: tuple[str, ...]
    mean_rr_ms: Array
    heart_rate_bpm: Array
    rmssd_ms: Array
    ln_rmssd: Array
    sdnn_ms: Array
    pnn50_pct: Array
    sd1_ms: Array
    sd2_ms: Array
    hf_ms2: Array
    lf_ms2: Array
    vlf_ms2: Array
    total_ms2: Array
    deceleration_ms: Array
    acceleration_ms: Array
    settings: ToneSettings
    source_name: str = ""
    label: Literal["HRV", "PRV"] = "HRV"

    def __post_init__(self) -> None:
        for field in fields(self):
            if isinstance(array := getattr(self, field.name), np.ndarray):
                array.setflags(write=False)

    def __len__(self) -> int:
        return self.start_s.size

    @property
    def rows(self) -> Iterator[dict[str, Any]]:
        """One mapping a window, with the same keys in the same order: a tidy table; None where there is no number."""
        names = [f.name for f in fields(self) if f.name not in {"settings", "source_name", "label"}]
        columns = [_numbers(v) if isinstance(v := getattr(self, name), np.ndarray) else v for name in names]
        for row in zip(*columns, strict=True):
            yield {"source_name": self.source_name, "label": self.label, **dict(zip(names, row, strict=True))}


def _numbers(column: np.ndarray) -> list[float | int | None]:
    return [None if one != one else one for one in column.tolist()]  # noqa: PLR0124 (nan alone differs from itself)


def sliding_tone(
    beats: Beats,
    *,
    window_s: float = 300.0,
    step_s: float = 30.0,
    start_s: float | None = None,
    end_s: float | None = None,
    settings: ToneSettings = PRESETS["vagus"],
) -> SlidingTone:
    """Vagal tone in windows that slide over a recording.

    Each window holds what `vagal_tone` gives for it without intervals (powers: within 0.5 %, as the spline goes on
    beyond the window's edges, and beats in noise are told from the whole recording). Windows that start before
    `end_s` minus `window_s` are whole; none is shorter.

    Parameters
    ----------
    beats : Beats
        Corrected beats, as a rule.
    window_s, step_s : float
        Length of a window, and from one start to the next.
    start_s, end_s : float or None
        Stretch on the beats' clock; None: from the first beat, to the last.
    settings : ToneSettings

    Returns
    -------
    SlidingTone
        A window in which too little was read holds nan, and says why in `reason`.

    Raises
    ------
    InputError
        Fewer than four beats, a stretch shorter than one window, a window or step that is not positive, or more than
        100 000 windows.

    Examples
    --------
    >>> found = sliding_tone(Beats.of_rr([800, 850] * 375), window_s=300, step_s=60)
    >>> len(found), found.rmssd_ms.round(6).tolist()[:2]
    (6, [50.0, 50.0])
    """
    starts = _starts(beats, window_s=window_s, step_s=step_s, start_s=start_s, end_s=end_s)
    ends = starts + window_s
    across = beats.across
    windows = _Windows(
        beats=beats, settings=settings, across=across, whole=whole_of(beats, across, settings),
        first=np.searchsorted(beats.time_s, starts), last=np.searchsorted(beats.time_s, ends),
    )  # fmt: skip
    columns = _described(windows, starts, ends)
    reason = _reasons(windows, columns)
    columns |= _time_domain(windows)
    columns |= _powers(windows)
    told = np.array([not why for why in reason])
    for name in INDICES:
        columns[name] = np.where(told, columns[name], np.nan)
    return SlidingTone(
        start_s=starts, end_s=ends, reason=reason, settings=settings, source_name=beats.source_name,
        label=label_of(beats), **columns,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Windows:
    """Beats, which of their intervals count, and the first beat of each window and the one after its last."""

    beats: Beats
    settings: ToneSettings
    across: np.ndarray
    whole: np.ndarray
    first: np.ndarray
    last: np.ndarray


def _starts(beats: Beats, *, window_s: float, step_s: float, start_s: float | None, end_s: float | None) -> Array:
    where = beats.source_name
    for name, number in (("window_s", window_s), ("step_s", step_s)):
        if not 0 < number < np.inf:
            raise InputError(
                Problem(what=f"{name} is not positive", where=where, found=f"{number:g}", allowed="seconds above 0")
            )
    if beats.time_s.size < FEWEST_BEATS:
        found = f"{beats.time_s.size}"
        raise InputError(Problem(what="too few beats for vagal tone", where=where, found=found, allowed="4 or more"))
    start = float(beats.time_s[0]) if start_s is None else float(start_s)
    end = float(np.nextafter(beats.time_s[-1], np.inf)) if end_s is None else float(end_s)
    if end - start < window_s - _TINY_S:
        raise InputError(
            Problem(
                what="the recording is shorter than one window",
                where=where,
                found=f"{end - start:g} s",
                allowed=f"window_s {window_s:g} s or more of beats, or a shorter window_s",
            )
        )
    many = (end - start - window_s + _TINY_S) / step_s + 1
    if many > _MOST_WINDOWS:
        least_s = (end - start - window_s) / (_MOST_WINDOWS - 1)
        raise InputError(
            Problem(
                what="too many windows", where=where, found=f"{many:.0f}, with step_s {step_s:g}",
                allowed=f"{_MOST_WINDOWS} at most: step_s {least_s:.2g} or more",
            )
        )  # fmt: skip
    return start + step_s * np.arange(int((end - start - window_s + _TINY_S) // step_s) + 1, dtype=np.float64)


def _sums(values: Array, first: np.ndarray, last: np.ndarray) -> Array:
    """Sum of `values` from `first` up to, not including, `last`."""
    upto = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    first = np.minimum(first, values.size)
    return upto[np.clip(last, first, values.size)] - upto[first]


def _described(w: _Windows, starts: Array, ends: Array) -> dict[str, np.ndarray]:
    """What the windows hold, whatever the index."""
    beats, first, last = w.beats, w.first, w.last
    n = last - first
    spans = np.array(lost_spans(beats, float(starts[0]), float(ends[-1]))).reshape(-1, 2)
    marks = np.concatenate([[-np.inf], spans.ravel(), [np.inf]])[1:-1]
    lost_by = np.repeat(np.cumsum(spans[:, 1] - spans[:, 0]), 2)
    lost_by[::2] -= spans[:, 1] - spans[:, 0]
    lost = np.interp(ends, marks, lost_by) - np.interp(starts, marks, lost_by) if spans.size else np.zeros(n.size)
    mended = np.array([word != "" for word in beats.label or ()], dtype=np.float64)
    is_corrected = beats.origin == "corrected" and beats.label is not None
    some = np.maximum(n, 1)
    return {
        "n_beats": n,
        "quality_pct": 100 * _sums((beats.quality >= GOOD).astype(np.float64), first, last) / some,
        "readable_pct": 100 * (1 - lost / (ends - starts)),
        "corrected_pct": 100 * _sums(mended, first, last) / some if is_corrected else np.zeros(n.size),
    }


def _reasons(w: _Windows, columns: dict[str, np.ndarray]) -> tuple[str, ...]:
    whole, first, last = w.whole, w.first, w.last
    good, least_good = columns["quality_pct"], value("least_beats_read_pct")
    read, least_read = columns["readable_pct"], value("least_readable_pct")
    n_whole = _sums(whole.astype(np.float64), first, last - 1)
    n_pairs = _sums((whole[:-1] & whole[1:]).astype(np.float64), first, last - 2)
    why = np.full(first.size, "", dtype=object)
    for index in np.flatnonzero((n_whole < FEWEST_INTERVALS) | (n_pairs < FEWEST_INTERVALS - 1)):
        why[index] = f"only {n_whole[index]:.0f} intervals lie between two beats that were read and not mended"
    for index in np.flatnonzero(columns["n_beats"] < FEWEST_BEATS):
        why[index] = f"{columns['n_beats'][index]} beats, {FEWEST_BEATS} needed"
    for index in np.flatnonzero(read < least_read):
        why[index] = f"heartbeats can be read in {read[index]:.0f} % of it, {least_read:g} % needed"
    for index in np.flatnonzero((good < least_good) & (columns["n_beats"] > 0)):
        why[index] = f"{good[index]:.0f} % of beats are of good quality, {least_good:g} % needed"
    return tuple(why.tolist())


def _time_domain(w: _Windows) -> dict[str, Array]:
    rr, whole, first, last = w.beats.rr_ms, w.whole, w.first, w.last
    pairs = whole[:-1] & whole[1:]
    with np.errstate(divide="ignore", invalid="ignore"):
        mean_rr, sdnn = _moments(rr, whole, first, last - 1)
        _, sd2 = _moments((rr[:-1] + rr[1:]) / np.sqrt(2), pairs, first, last - 2)
        n = _sums(pairs.astype(np.float64), first, last - 2)
        rmssd = np.sqrt(_sums(np.diff(rr) ** 2 * pairs, first, last - 2) / n)
        above = _sums((above_50_ms(rr, w.settings) & pairs).astype(np.float64), first, last - 2)
        found = {
            "mean_rr_ms": mean_rr,
            "heart_rate_bpm": 60000 / mean_rr,
            "rmssd_ms": rmssd,
            "ln_rmssd": np.log(np.maximum(rmssd, 1e-150)),
            "sdnn_ms": sdnn,
            "pnn50_pct": 100 * above / (n + 1 if w.settings.pnn50_over == "intervals" else n),
            "sd1_ms": rmssd / np.sqrt(2),
            "sd2_ms": sd2,
        }
        for name in ("deceleration", "acceleration"):
            found[f"{name}_ms"] = _capacity(w, name)
    return found


def _moments(values: Array, kept: np.ndarray, first: np.ndarray, last: np.ndarray) -> tuple[Array, Array]:
    """Mean and standard deviation (n - 1) of the kept values in each window."""
    middle = float(values[kept].mean()) if kept.any() else 0.0
    centered = np.where(kept, values - middle, 0.0)
    n = _sums(kept.astype(np.float64), first, last)
    mean = _sums(centered, first, last) / n
    variance = np.maximum(_sums(centered**2, first, last) / n - mean**2, 0.0) * n / (n - 1)
    return mean + middle, np.sqrt(variance)


def _capacity(w: _Windows, direction: Direction) -> Array:
    rr = w.beats.rr_ms
    step, anchor, _ = steps(rr, w.whole, direction)
    around = rr.size - step.size  # a place needs so many intervals more than itself
    n = _sums(anchor, w.first, w.last - 1 - around)
    found = _sums(step, w.first, w.last - 1 - around) / np.maximum(n, 1)
    return np.where(n >= value("prsa_least_anchors"), found, np.nan)


def _powers(w: _Windows) -> dict[str, Array]:
    """Powers in each window, mean over its stretches between long gaps by their length."""
    bands = bands_of(w.settings)
    total = np.zeros((w.first.size, len(bands)))
    weight = np.zeros((w.first.size, len(bands)))
    longest = np.zeros(w.first.size)
    for a, b in stretch_bounds(w.beats.time_s, w.across):
        if w.whole[a:b].sum() < FEWEST_OF_SPECTRUM:
            continue
        for windows, series, lengths in _pieces(w, a, b):
            powers = power_table(series, lengths, w.settings, bands)
            told = np.isfinite(powers)
            total[windows] += np.where(told, powers, 0.0) * lengths[:, None]
            weight[windows] += told * lengths[:, None]
            longest[windows] = np.maximum(longest[windows], lengths)
    found = np.where(weight > 0, total / np.where(weight > 0, weight, 1.0), np.nan)
    columns = {f"{name}_ms2": column for name, column in zip(bands, found.T, strict=True)}
    return columns | {"total_ms2": found.sum(axis=1), "longest_stretch_s": longest}


def _pieces(w: _Windows, a: int, b: int) -> Iterator[tuple[np.ndarray, list[Array], Array]]:
    """Windows that a stretch has intervals in, the even series of each, and its length in s; some at a time."""
    ends, rr, whole, settings = w.beats.time_s[1:], w.beats.rr_ms, w.whole, w.settings
    upto = np.concatenate([[0], np.cumsum(whole)])
    low, high = np.clip(w.first, a, b), np.clip(w.last - 1, a, b)
    high = np.maximum(low, high)
    windows = np.flatnonzero(upto[high] - upto[low] >= FEWEST_OF_SPECTRUM)
    counted = np.flatnonzero(whole)
    begin, stop = counted[upto[low[windows]]], counted[upto[high[windows]] - 1]  # first and last that count
    times, bridged = filled(ends[a:b], rr[a:b], whole[a:b])
    # pieces of polynomials are evaluated four times as fast as the spline that they are
    spline = None if settings.clock == "intervals" else PPoly.from_spline(spline_of(times, bridged, settings))
    offset = int(np.flatnonzero(whole[a:b])[0]) + a
    for batch in np.array_split(np.arange(windows.size), max(1, -(-windows.size // _AT_ONCE))):
        if not batch.size:
            continue
        if spline is None:
            cut = [slice(i - offset, j - offset + 1) for i, j in zip(begin[batch], stop[batch], strict=True)]
            series = [even_stretch(times[one], bridged[one], settings) for one in cut]
        else:
            grids = [even_grid(s, e, settings) for s, e in zip(ends[begin[batch]], ends[stop[batch]], strict=True)]
            series = np.split(spline(np.concatenate(grids)), np.cumsum([grid.size for grid in grids])[:-1])
        yield windows[batch], series, ends[stop[batch]] - ends[begin[batch]]
