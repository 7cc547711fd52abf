"""Vagal tone from beats: RMSSD, SDNN, pNN50, HF power and RSA, each with a bootstrap interval."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy.special import betaincinv, stdtrit

from vagus.errors import Abstained
from vagus.signal.beats import Beats
from vagus.signal.breaths import Breaths
from vagus.signal.known import sources, value
from vagus.signal.reading.flags import corrected_pct, flags_of_beats, flags_of_gaps, flags_of_rmssd, floor_ms
from vagus.signal.reading.window import good_pct, readable_pct, window_of
from vagus.signal.rhythms import rhythm
from vagus.signal.spectrum import FEWEST_BEATS, band_power_ms2, filled, local_power, whole_samples_ms
from vagus.signal.tone import PRESETS, Tone, ToneSettings
from vagus.signal.vector import Array
from vagus.source import Effect

_FEWEST_INTERVALS = 3
_FEWEST_BLOCKS = 4
_FEW_ABOVE = 10
_LEVEL = 0.95
_NORMAL = 1.959964  # 97.5 % quantile
_TINY = 1e-9


def vagal_tone(
    beats: Beats,
    *,
    start_s: float | None = None,
    end_s: float | None = None,
    settings: ToneSettings = PRESETS["vagus"],
    breaths: Breaths | None = None,
    rng: np.random.Generator | None = None,
    n_resample: int = 200,
) -> Tone:
    """Vagal tone over a window.

    Parameters
    ----------
    beats : Beats
        Corrected beats, as a rule: what `correct` returns.
    start_s, end_s : float or None
        Window on the beats' clock; None: from the first beat, to the last.
    settings : ToneSettings
        `PRESETS["vagus"]` (ours) or `PRESETS["neurokit2"]`, or your own; returned with the result.
    breaths : Breaths or None
        For RSA and the breathing rate.
    rng : numpy Generator or None
        For the intervals; None: low and high are nan.
    n_resample : int
        Bootstrap samples; 0: low and high are nan.

    Returns
    -------
    Tone
        RMSSD, SDNN (n - 1) and pNN50 as in the textbook; HF power absolute in ms². RSA is the mean over breaths of the
        longest RR interval that ends in expiration minus the shortest that ends in inspiration, 0 where negative.
        Intervals that touch a mended beat are left out of every index, differences that touch such an interval out of
        RMSSD and pNN50; for HF power the series is bridged there (`ToneSettings.mended`). No interval is read across a
        gap (no samples, flat or saturated for 3 s and more, no heartbeat for more than 3 s): HF power is the mean over
        the stretches between long gaps, weighted by their length. Where that moves RMSSD by
        more than 10 %, a flag gives it with mended beats kept.

        95 % intervals: moving blocks of `settings.block_s` seconds of squared differences, of intervals, of power in
        the band, of breaths are drawn; the spread of the index among the draws, on a logarithmic scale, times the t
        quantile for as many blocks as fit. pNN50: percentiles of the draws; with fewer than ten differences on either
        side of 50 ms the exact binomial bounds (at 0 % the rule of three: 3 over n at most), n divided by how
        dependent the differences are. nan where fewer than four blocks fit, or where there is no spread at all. They
        tell the sampling error of this window, not how far the next day may differ; measured coverage stands in
        docs/rooms/signal.md.

    Raises
    ------
    InputError
        The window holds fewer than four beats, or starts after it ends.
    Abstained
        Less than 80 % of the window can be read, fewer than half of its beats are of good quality, or hardly any
        interval is free of mended beats.

    Sources
    -------
    Task Force 1996, doi:10.1161/01.CIR.93.5.1043; moving blocks: Künsch 1989, doi:10.1214/aos/1176347265; binomial
    bounds: Clopper & Pearson 1934, doi:10.1093/biomet/26.4.404.

    Examples
    --------
    >>> tone = vagal_tone(Beats.of_rr([800, 850, 790, 810, 870, 800]))
    >>> round(tone.rmssd_ms.estimate, 2), tone.pnn50_pct.estimate
    (54.77, 60.0)
    """
    part, start, end, lost = window_of(beats, start_s, end_s)
    rr, ends = part.rr_ms, part.time_s[1:]
    whole = _whole(part, settings, start, end)
    pairs = whole[:-1] & whole[1:]
    read = ~part.across
    n_per_s = read.sum() / (rr[read].sum() / 1000)
    drawn = _Blocks(rng=rng, n_resample=n_resample, block_s=settings.block_s, left_out=_left_out(whole, part.across))
    square = (np.diff(rr) ** 2)[pairs]
    good = rr[whole]
    inhaled = None if breaths is None else breaths.window(start, end)

    def effect(values: tuple[Array, ...], how: Callable[..., Array], unit: str, what: str) -> Effect:
        estimate = float(how(*(v.mean() for v in values)))
        low, high, of_interval = drawn.interval(values, how, n_per_s)
        return Effect(
            estimate=estimate, low=low, high=high, unit=unit, n=int(values[0].size),
            method=f"{what}{drawn.left_out}; {of_interval}", level=_LEVEL, sources=settings.sources,
        )  # fmt: skip

    centered = good - good.mean()
    mean_rr = effect((good,), lambda m: m, "ms", "mean of RR intervals")
    rmssd = effect((square,), np.sqrt, "ms", "root mean square of successive differences")
    sdnn = effect(
        (centered, centered**2),
        lambda m1, m2: np.sqrt(np.maximum(m2 - m1**2, 0.0) * good.size / (good.size - 1)),
        "ms",
        "standard deviation of RR intervals, n - 1",
    )
    rmssd_kept = math.sqrt(float((np.diff(rr) ** 2)[read[:-1] & read[1:]].mean()))
    floor = floor_ms(part)
    return Tone(
        start_s=start,
        end_s=end,
        n_beats=int(part.time_s.size),
        mean_rr_ms=mean_rr,
        heart_rate_bpm=_rate(mean_rr),
        rmssd_ms=rmssd,
        ln_rmssd=_log(rmssd),
        sdnn_ms=sdnn,
        pnn50_pct=_pnn50(rr, pairs, settings, drawn, n_per_s),
        hf_ms2=_hf(part, whole, settings, drawn),
        rsa_ms=None if inhaled is None else _rsa(ends[whole], good, inhaled, settings, drawn),
        breath_rate_per_min=None if inhaled is None or inhaled.inhale_s.size < 2 else inhaled.rate_per_min,
        corrected_pct=corrected_pct(part),
        quality_pct=good_pct(part),
        readable_pct=readable_pct(lost, start, end),
        flags=(
            *flags_of_gaps(lost, start, end),
            *flags_of_beats(part, start, end, settings, inhaled, lost=lost),
            *rhythm(part).flags,
            *flags_of_rmssd(rmssd.estimate, rmssd_kept, floor, part, settings),
        ),
        settings=settings,
        source_name=beats.source_name,
        rmssd_kept_ms=rmssd_kept,
        rmssd_floor_ms=floor,
        sources=sources("least_sampling_hz", "recommended_sampling_hz", "spread_beats")
        if part.origin != "given"
        else (),
    )


def _rate(mean_rr: Effect) -> Effect:
    """Heart rate of a mean RR interval, the same interval upside down."""
    return replace(
        mean_rr, estimate=60000 / mean_rr.estimate, low=60000 / mean_rr.high, high=60000 / mean_rr.low, unit="bpm",
        method=f"60000 over the mean RR interval in ms: {mean_rr.method}",
    )  # fmt: skip


def _log(rmssd: Effect) -> Effect:
    """RMSSD on a logarithmic scale, the same interval."""
    low, estimate, high = (math.log(max(v, 1e-150)) for v in (rmssd.low, rmssd.estimate, rmssd.high))
    return replace(
        rmssd, estimate=estimate, low=low, high=high, unit="ln ms",
        method=f"natural logarithm of RMSSD in ms: {rmssd.method}",
    )  # fmt: skip


def _whole(part: Beats, settings: ToneSettings, start: float, end: float) -> np.ndarray:
    """True at intervals that count: none across a gap, and those between two beats that were not mended, or all."""
    whole = ~part.across
    if settings.mended == "leave_out":
        mended = part.mended
        whole &= ~(mended[:-1] | mended[1:])
    if whole.sum() < _FEWEST_INTERVALS or (whole[:-1] & whole[1:]).sum() < _FEWEST_INTERVALS - 1:
        raise Abstained(
            f"{part.source_name or 'beats'}: {start:g} to {end:g} s: only {whole.sum()} of {whole.size} intervals lie "
            f"between two beats that were read and not mended ({_FEWEST_INTERVALS} in a row needed for vagal tone)"
        )
    return whole


def _left_out(whole: np.ndarray, across: np.ndarray) -> str:
    n = int((~whole).sum())
    return f"; {n} of {whole.size} intervals {_touch(across)} and are left out" if n else ""


def _touch(across: np.ndarray) -> str:
    return "touch a mended beat or a gap" if across.any() else "touch a mended beat"


def _holding(low: float, estimate: float, high: float) -> tuple[float, float, str]:
    """Interval that holds the estimate, and a word where it had to be widened for that."""
    if low <= estimate <= high or not (math.isfinite(low) and math.isfinite(high)):
        return low, high, ""
    return min(low, estimate), max(high, estimate), "widened to hold the estimate; "


class _Blocks:
    """Moving-block bootstrap of means, and of indices that are made of means."""

    def __init__(self, *, rng: np.random.Generator | None, n_resample: int, block_s: float, left_out: str) -> None:
        self.rng, self.n_resample, self.block_s, self.left_out = rng, n_resample, block_s, left_out

    def interval(
        self, values: tuple[Array, ...], how: Callable[..., Array], n_per_s: float
    ) -> tuple[float, float, str]:
        """Bounds of the 95 % interval of a positive index, how(mean, ...), and in words how they were made."""
        draws, n_blocks = self.draw(values, n_per_s)
        if draws is None:
            return math.nan, math.nan, self.without()
        estimate = float(how(*(v.mean() for v in values)))
        index = how(*draws)
        quantile = self.quantile(n_blocks)
        if estimate > 0 and index.min() > 0:
            wide = quantile * float(np.log(index).std(ddof=1))
            low, high = estimate * math.exp(-wide), estimate * math.exp(wide)
        else:
            wide = quantile * float(index.std(ddof=1))
            low, high = max(0.0, estimate - wide), estimate + wide
        if high - low <= _TINY * abs(estimate):
            return math.nan, math.nan, "no interval: the values do not differ"
        low, high, widened = _holding(low, estimate, high)
        return low, high, widened + (
            f"95 % interval: t interval on a logarithmic scale with the spread of {self.n_resample} samples of "
            f"moving blocks of {self.block_s:g} s"
        )  # fmt: skip

    def draw(self, values: tuple[Array, ...], n_per_s: float) -> tuple[Array | None, float]:
        """Means of each of `values` in each sample, and how many blocks fit; None where there can be no interval."""
        n = values[0].size
        length = max(1, round(self.block_s * n_per_s))
        n_blocks = n / length
        if self.rng is None or self.n_resample < 2 or n_blocks < _FEWEST_BLOCKS:
            return None, n_blocks
        first = self.rng.integers(0, n - length + 1, size=(self.n_resample, round(n_blocks)))
        upto = np.cumsum(np.pad(np.stack(values), ((0, 0), (1, 0))), axis=1)
        means = (upto[:, length:] - upto[:, :-length]) / length
        return means[:, first].mean(axis=2), n_blocks

    @staticmethod
    def quantile(n_blocks: float) -> float:
        """What the spread of the draws is multiplied by: t, and the spread that is lost around the sample's own mean.

        As many blocks were drawn as fit, rounded: the rest of the factor.
        """
        lost = n_blocks / (n_blocks - 1) * round(n_blocks) / n_blocks
        return float(stdtrit(n_blocks - 1, (1 + _LEVEL) / 2)) * math.sqrt(lost)

    def without(self) -> str:
        """Why there is no interval."""
        if self.rng is None or self.n_resample < 2:
            return "no interval was asked for"
        return f"no interval: fewer than {_FEWEST_BLOCKS} blocks of {self.block_s:g} s"


def _pnn50(rr: Array, pairs: np.ndarray, settings: ToneSettings, drawn: _Blocks, n_per_s: float) -> Effect:
    """Share of differences above 50 ms, with exact binomial bounds."""
    above = _above_50_ms(rr, settings)[pairs].astype(np.float64)
    n = int(above.size)
    share = 100.0 * (n / (n + 1) if settings.pnn50_over == "intervals" else 1.0)
    effective = _effective(above, np.diff(rr)[pairs] ** 2, drawn, n_per_s)
    low, high, of_interval = math.nan, math.nan, drawn.without()
    if effective is not None:
        low, high = (share * b for b in _binomial(float(above.mean()), effective))
        of_interval = (
            "95 % interval: exact binomial bounds (Clopper and Pearson; at 0 % the rule of three) on "
            f"{effective:.0f} independent differences, from the spread of moving blocks of {drawn.block_s:g} s"
        )
    return Effect(
        estimate=share * float(above.mean()), low=low, high=high, unit="%", n=n, level=_LEVEL,
        method=f"share of successive differences above 50 ms{drawn.left_out}; {of_interval}", sources=settings.sources,
    )  # fmt: skip


def _effective(above: Array, square: Array, drawn: _Blocks, n_per_s: float) -> float | None:
    """Independent differences that these are worth: fewer by as much as blocks spread more than single values do.

    Where few differences lie above 50 ms, their own spread tells little, and that of the squared differences counts.
    """
    few = min(above.sum(), above.size - above.sum()) < _FEW_ABOVE
    draws, n_blocks = drawn.draw((above, square), n_per_s)
    if draws is None:
        return None
    widened = (drawn.quantile(n_blocks) / _NORMAL) ** 2
    worst = 1.0
    for values, means in zip((above, square) if few else (above,), draws, strict=False):
        alone = float(values.var(ddof=1)) / values.size
        if alone > 0:
            worst = max(worst, widened * float(means.var(ddof=1)) / alone)
    return max(1.0, above.size / worst)


def _binomial(share: float, n: float) -> tuple[float, float]:
    """Exact bounds of a share seen in n draws; at 0 and 1 one-sided, so that the whole 5 % lies on one side."""
    hits = share * n
    tail = (1 - _LEVEL) if share in {0.0, 1.0} else (1 - _LEVEL) / 2
    low = 0.0 if share == 0 else float(betaincinv(hits, n - hits + 1, tail))
    high = 1.0 if share == 1 else float(betaincinv(hits + 1, n - hits, 1 - tail))
    return low, high


def _holes(part: Beats) -> np.ndarray:
    """Intervals that belong to a stretch of more than a pause in which nothing was read."""
    across = part.across
    edges = np.flatnonzero(np.diff(np.pad(across.astype(np.int8), 1))).reshape(-1, 2)
    long = [np.arange(a, b) for a, b in edges.tolist() if part.time_s[b] - part.time_s[a] > value("longest_pause_s")]
    return np.concatenate(long) if long else np.zeros(0, dtype=np.int64)


def _stretches_of(part: Beats, whole: np.ndarray) -> list[tuple[Array, Array]]:
    """Times and lengths of intervals, in stretches between long gaps; what does not count in between is bridged."""
    rr, ends = part.rr_ms, part.time_s[1:]
    holes = _holes(part)
    found: list[tuple[Array, Array]] = []
    for first, last in zip([0, *(holes + 1)], [*holes, rr.size], strict=True):
        mine = whole[first:last]
        if mine.sum() < FEWEST_BEATS:
            continue
        piece = ends[first:last], rr[first:last]
        found.append(piece if mine.all() else filled(*piece, mine))
    return found


def _hf(part: Beats, whole: np.ndarray, settings: ToneSettings, drawn: _Blocks) -> Effect:
    n = int(whole.sum())
    across = part.across
    n_bridged = int(whole.size - n)
    pieces = _stretches_of(part, whole)
    powers = [band_power_ms2(times, series, settings) for times, series in pieces]
    told = [i for i, one in enumerate(powers) if math.isfinite(one)]
    lengths = np.array([pieces[i][0][-1] - pieces[i][0][0] for i in told])
    power = float(np.average([powers[i] for i in told], weights=lengths)) if told else math.nan
    low = high = math.nan
    of_interval = "no interval" if drawn.rng is None else "no interval: too short"
    if told and drawn.rng is not None:
        local = np.concatenate([local_power(*pieces[i], settings) for i in told])
        mean = float(local.mean())
        if mean > 0:  # the interval is relative: Welch's estimate and the mean of the local power differ a little
            low, high, of_interval = drawn.interval((local,), lambda m: m, settings.resample_hz)
            low, high, widened = _holding(power / mean * low, power, power / mean * high)
            if math.isfinite(low):
                of_interval = widened + of_interval + " (held the truth in 87 to 92 % of made-up series)"
    band = f"{settings.band_low_hz:g}-{settings.band_high_hz:g} Hz"
    bridged = f"; {n_bridged} of {whole.size} intervals {_touch(across)} and are bridged" if n_bridged else ""
    if len(told) > 1:
        bridged += f"; mean over {len(told)} stretches between gaps, weighted by their length"
    return Effect(
        estimate=power, low=low, high=high, unit="ms²", n=n, level=_LEVEL, sources=settings.sources,
        method=f"power in {band}, absolute, {settings.words}{bridged}; {of_interval}",
    )  # fmt: skip


def _rsa(ends: Array, rr: Array, breaths: Breaths, settings: ToneSettings, drawn: _Blocks) -> Effect | None:
    """Peak-to-trough RSA; None with fewer than three breaths in which both phases hold a beat."""
    found: list[float] = []
    for start, stop in zip(breaths.inhale_s[:-1], breaths.inhale_s[1:], strict=True):
        turns = breaths.exhale_s[(breaths.exhale_s > start) & (breaths.exhale_s < stop)]
        if not turns.size:
            continue
        first, turn, last = np.searchsorted(ends, [start, turns[0], stop])
        if first < turn < last:
            found.append(max(0.0, float(rr[turn:last].max() - rr[first:turn].min())))
    if len(found) < 3:
        return None
    values = np.array(found)
    span = float(breaths.inhale_s[-1] - breaths.inhale_s[0])
    low, high, of_interval = drawn.interval((values,), lambda m: m, values.size / span)
    return Effect(
        estimate=float(values.mean()),
        low=low,
        high=high,
        unit="ms",
        n=values.size,
        method="peak to trough: longest RR in expiration minus shortest in inspiration, mean over breaths"
        f"{drawn.left_out}; {of_interval}",
        level=_LEVEL,
        sources=settings.sources,
    )


def _above_50_ms(rr: Array, settings: ToneSettings) -> np.ndarray:
    if settings.clock == "intervals":
        return np.abs(np.diff(whole_samples_ms(rr))) > 50
    return np.abs(np.diff(rr)) > 50 + 1e-6  # 50 ms is not above 50 ms, whatever the last digit says
