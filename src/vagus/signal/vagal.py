"""Vagal tone from beats: RMSSD, SDNN, pNN50, HF power and RSA, each with a bootstrap interval."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from vagus.errors import InputError, Problem
from vagus.signal.beats import Beats
from vagus.signal.breaths import Breaths
from vagus.signal.correction import MOST_CORRECTED_PCT
from vagus.signal.spectrum import band_power_ms2, local_power, whole_samples_ms
from vagus.signal.template import GOOD
from vagus.signal.tone import PRESETS, Tone, ToneSettings
from vagus.signal.vector import Array
from vagus.source import Effect

LEAST_GOOD_PCT = 90.0
SHORTEST_S = 60.0
_FEWEST_BEATS = 4
_FEWEST_BLOCKS = 4
_LEVEL = 0.95


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
        Intervals are percentiles of a moving-block bootstrap: blocks of `settings.block_s` seconds of squared
        differences, of intervals, of power in the band, of breaths; nan where fewer than four blocks fit. They tell the
        sampling error of this window, not how far the next day may differ; over 5 min they hold the truth in 91 to
        93 % of made-up series (independent intervals), a little less than 95 %.

    Raises
    ------
    InputError
        The window holds fewer than four beats, or starts after it ends.

    Sources
    -------
    Task Force 1996, doi:10.1161/01.CIR.93.5.1043; moving blocks: Künsch 1989, doi:10.1214/aos/1176347265.

    Examples
    --------
    >>> tone = vagal_tone(Beats.of_rr([800, 850, 790, 810, 870, 800]))
    >>> round(tone.rmssd_ms.estimate, 2), tone.pnn50_pct.estimate
    (54.77, 60.0)
    """
    part, start, end = _window(beats, start_s, end_s)
    rr = part.rr_ms
    ends = part.time_s[1:]
    drawn = _Blocks(rng=rng, n_resample=n_resample, block_s=settings.block_s)
    square, n_per_s = np.diff(rr) ** 2, rr.size / (ends[-1] - part.time_s[0])
    over = _above_50_ms(rr, settings)
    share = 100.0 * (square.size / rr.size if settings.pnn50_over == "intervals" else 1.0)
    inhaled = None if breaths is None else breaths.window(start, end)
    n = int(part.time_s.size)

    def effect(values: Array, how: Callable[[Array], Array], unit: str, what: str) -> Effect:
        low, high = drawn.interval(values, how, n_per_s)
        return Effect(
            estimate=float(how(values)), low=low, high=high, unit=unit, n=n, method=drawn.method(what), level=_LEVEL,
            sources=settings.sources,
        )  # fmt: skip

    def root_mean(x: Array) -> Array:
        return np.sqrt(x.mean(axis=-1))

    def log_root_mean(x: Array) -> Array:
        return 0.5 * np.log(np.maximum(x.mean(axis=-1), 1e-300))

    return Tone(
        start_s=start,
        end_s=end,
        n_beats=n,
        mean_rr_ms=effect(rr, lambda x: x.mean(axis=-1), "ms", "mean of RR intervals"),
        heart_rate_bpm=effect(rr, lambda x: 60000.0 / x.mean(axis=-1), "bpm", "60000 over the mean RR interval"),
        rmssd_ms=effect(square, root_mean, "ms", "root mean square of successive differences"),
        ln_rmssd=effect(square, log_root_mean, "ln ms", "natural logarithm of RMSSD in ms"),
        sdnn_ms=effect(rr, lambda x: x.std(axis=-1, ddof=1), "ms", "standard deviation of RR intervals, n - 1"),
        pnn50_pct=effect(over, lambda x: share * x.mean(axis=-1), "%", "successive differences above 50 ms"),
        hf_ms2=_hf(ends, rr, settings, drawn, n),
        rsa_ms=None if inhaled is None else _rsa(ends, rr, inhaled, settings, drawn),
        breath_rate_per_min=None if inhaled is None or inhaled.inhale_s.size < 2 else inhaled.rate_per_min,
        corrected_pct=_corrected_pct(part),
        quality_pct=100.0 * float((part.quality >= GOOD).mean()),
        flags=_flags(part, start, end, settings, inhaled),
        settings=settings,
        source_name=beats.source_name,
    )


class _Blocks:
    """Moving-block bootstrap: draws blocks of successive values and applies an index to each sample."""

    def __init__(self, *, rng: np.random.Generator | None, n_resample: int, block_s: float) -> None:
        self.rng, self.n_resample, self.block_s = rng, n_resample, block_s

    def interval(self, values: Array, how: Callable[[Array], Array], n_per_s: float) -> tuple[float, float]:
        """Bounds of the 95 % interval of how(values); nan without a generator or with fewer than four blocks."""
        length = max(1, round(self.block_s * n_per_s))
        n_blocks = -(-values.size // length)
        if self.rng is None or self.n_resample < 1 or n_blocks < _FEWEST_BLOCKS:
            return float("nan"), float("nan")
        first = self.rng.integers(0, values.size - length + 1, size=(self.n_resample, n_blocks))
        index = (first[:, :, None] + np.arange(length)).reshape(self.n_resample, -1)[:, : values.size]
        low, high = np.quantile(how(values[index]), [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2])
        return float(low), float(high)

    def method(self, what: str) -> str:
        """What was estimated, and how its interval was made."""
        if self.rng is None or self.n_resample < 1:
            return f"{what}; no interval was asked for"
        return f"{what}; moving-block bootstrap, {self.n_resample} samples of {self.block_s:g} s blocks"


def _window(beats: Beats, start_s: float | None, end_s: float | None) -> tuple[Beats, float, float]:
    where = beats.source_name
    if beats.time_s.size < _FEWEST_BEATS:
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
    if part.time_s.size < _FEWEST_BEATS:
        raise InputError(
            Problem(
                what="too few beats in the window",
                where=where,
                found=f"{part.time_s.size} from {start:g} to {end:g} s",
                allowed="4 or more",
            )
        )
    return part, start, end


def _hf(ends: Array, rr: Array, settings: ToneSettings, drawn: _Blocks, n: int) -> Effect:
    power = band_power_ms2(ends, rr, settings)
    low = high = float("nan")
    if np.isfinite(power) and drawn.rng is not None:
        local = local_power(ends, rr, settings)
        mean = float(local.mean())
        if mean > 0:  # the interval is relative: Welch's estimate and the mean of the local power differ a little
            low, high = (
                power / mean * b for b in drawn.interval(local, lambda x: x.mean(axis=-1), settings.resample_hz)
            )
    band = f"{settings.band_low_hz:g}-{settings.band_high_hz:g} Hz"
    what = f"power in {band}, absolute, {settings.interpolation} spline at {settings.resample_hz:g} Hz, Welch"
    return Effect(
        estimate=power, low=low, high=high, unit="ms²", n=n, method=drawn.method(what), level=_LEVEL,
        sources=settings.sources,
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
    low, high = drawn.interval(values, lambda x: x.mean(axis=-1), values.size / span)
    return Effect(
        estimate=float(values.mean()),
        low=low,
        high=high,
        unit="ms",
        n=values.size,
        method=drawn.method(
            "peak to trough: longest RR in expiration minus shortest in inspiration, mean over breaths"
        ),
        level=_LEVEL,
        sources=settings.sources,
    )


def _above_50_ms(rr: Array, settings: ToneSettings) -> np.ndarray:
    if settings.clock == "intervals":
        return np.abs(np.diff(whole_samples_ms(rr))) > 50
    return np.abs(np.diff(rr)) > 50 + 1e-6  # 50 ms is not above 50 ms, whatever the last digit says


def _corrected_pct(part: Beats) -> float:
    if part.origin != "corrected" or part.label is None:
        return 0.0
    return 100.0 * sum(word != "" for word in part.label) / len(part.label)


def _flags(part: Beats, start: float, end: float, settings: ToneSettings, breaths: Breaths | None) -> tuple[str, ...]:
    flags: list[str] = []
    if part.origin == "detected":
        flags.append("beats were not checked for artefacts")
    corrected = _corrected_pct(part)
    if corrected > MOST_CORRECTED_PCT:
        flags.append(f"{corrected:.1f} % of beats were corrected, more than {MOST_CORRECTED_PCT:g} %")
    good = 100.0 * float((part.quality >= GOOD).mean())
    if good < LEAST_GOOD_PCT:
        flags.append(f"only {good:.0f} % of beats are of good quality, fewer than {LEAST_GOOD_PCT:g} %")
    covered = float(part.time_s[-1] - part.time_s[0])
    if covered < SHORTEST_S:
        flags.append(f"{covered:.0f} s of beats; RMSSD and HF power want {SHORTEST_S:g} s or more")
    if covered < 0.9 * (end - start):
        flags.append(f"beats cover {covered:.0f} of {end - start:.0f} s")
    if breaths is not None and breaths.inhale_s.size > 1:
        rate_hz = breaths.rate_per_min / 60
        if not settings.band_low_hz <= rate_hz <= settings.band_high_hz:
            flags.append(
                f"breathing at {breaths.rate_per_min:.1f} per min ({rate_hz:.2f} Hz) lies outside the HF band "
                f"({settings.band_low_hz:g}-{settings.band_high_hz:g} Hz): HF power is not vagal tone here"
            )
    return tuple(flags)
