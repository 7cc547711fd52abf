"""Vagal tone from beats: every index of a window, each with a bootstrap interval."""

from __future__ import annotations

import math

import numpy as np

from vagus.signal.beats import Beats
from vagus.signal.breaths import Breaths
from vagus.signal.index.bands import band_powers
from vagus.signal.index.blocks import Blocks
from vagus.signal.index.capacity import capacity
from vagus.signal.index.part import Measure, Missing, Part
from vagus.signal.index.rsa import peak_to_trough, porges_bohrer
from vagus.signal.index.time import FLAT_MS, log, mean_rr, pnn50, rate, rmssd, sd1, sd2, sdnn
from vagus.signal.known import sources
from vagus.signal.reading.flags import (
    corrected_pct,
    flags_of_beats,
    flags_of_gaps,
    flags_of_rmssd,
    floor_ms,
    label_of,
)
from vagus.signal.reading.window import good_pct, readable_pct
from vagus.signal.rhythms import rhythm
from vagus.signal.tone import PRESETS, Tone, ToneSettings
from vagus.source import Effect

FLAT = "intervals do not differ"


def vagal_tone(
    beats: Beats,
    *,
    start_s: float | None = None,
    end_s: float | None = None,
    settings: ToneSettings = PRESETS["vagus"],
    breaths: Breaths | None = None,
    rng: np.random.Generator | None = None,
    n_resample: int = 200,
    nonlinear: bool = False,
) -> Tone:
    """Vagal tone over a window.

    Parameters
    ----------
    beats : Beats
        Corrected beats, as a rule: what `correct` returns.
    start_s, end_s : float or None
        Window on the beats' clock; None: from the first beat, to the last.
    settings : ToneSettings
        `PRESETS["vagus"]` (ours), one that gives another package's numbers, or your own; returned with the result.
    breaths : Breaths or None
        For RSA, the breathing rate and HF power around it.
    rng : numpy Generator or None
        For the intervals; None: low and high are nan.
    n_resample : int
        Bootstrap samples; 0: low and high are nan.
    nonlinear : bool
        DFA α1 and sample entropy, too.

    Returns
    -------
    Tone
        RMSSD, SDNN (n - 1) and pNN50 as in the textbook; SD1 is RMSSD/√2, SD2 the standard deviation along the
        diagonal of the Poincaré plot (n - 1). Powers are absolute in ms². RSA is the mean over breaths of the
        longest RR interval that ends in expiration minus the shortest that ends in inspiration, 0 where negative.
        Each `Effect` says in `method` how it was made; docs/rooms/signal/tone.md has all of them side by side.
        Intervals that touch a mended beat are left out of every index, differences that touch such an interval out of
        RMSSD and pNN50; for powers, Porges-Bohrer, α1 and entropy the series is bridged there (`ToneSettings.mended`).
        No interval is read across a gap (no samples, flat or saturated for 3 s and more, no heartbeat for more than
        3 s): power is the mean over the stretches between long gaps, weighted by their length. Where that moves RMSSD
        by more than 10 %, a flag gives it with mended beats kept.

        95 % intervals: moving blocks of `settings.block_s` seconds of squared differences, of intervals, of power in
        the band, of breaths are drawn; the spread of the index among the draws, on a logarithmic scale, times the t
        quantile for as many blocks as fit. pNN50: percentiles of the draws; with fewer than ten differences on either
        side of 50 ms the exact binomial bounds (at 0 % the rule of three: 3 over n at most), n divided by how
        dependent the differences are. nan where fewer than four blocks fit, or where there is no spread at all. They
        tell the sampling error of this window, not how far the next day may differ; measured coverage stands in
        docs/rooms/signal/tone.md.

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
    bounds: Clopper & Pearson 1934, doi:10.1093/biomet/26.4.404; Poincaré plot: Brennan 2001, doi:10.1109/10.959330.

    Examples
    --------
    >>> tone = vagal_tone(Beats.of_rr([800, 850, 790, 810, 870, 800]))
    >>> round(tone.rmssd_ms.estimate, 2), tone.pnn50_pct.estimate
    (54.77, 60.0)
    """
    part = Part.of(beats, start_s, end_s, settings)
    drawn = Blocks(rng=rng, n_resample=n_resample, block_s=settings.block_s, sources=settings.sources)
    inhaled = None if breaths is None else breaths.window(part.start_s, part.end_s)
    breath_rate = None if inhaled is None or inhaled.inhale_s.size < 2 else inhaled.rate_per_min
    breath_hz = None if breath_rate is None else breath_rate / 60
    powers = band_powers(part, breath_hz, sure=rng is not None and n_resample > 1)
    of_rr = drawn.effect(mean_rr(part), left_out=part.left_out)
    of_rmssd = drawn.effect(rmssd(part), left_out=part.left_out)
    read = ~part.across
    kept = math.sqrt(float((np.diff(part.rr) ** 2)[read[:-1] & read[1:]].mean()))
    floor = floor_ms(part.beats)

    def left_out(measure: Measure | Missing) -> Effect:
        return drawn.effect(measure, left_out=part.left_out)

    rsa = None if inhaled is None else peak_to_trough(part, inhaled)
    flat = float(np.ptp(part.rr[part.whole])) < FLAT_MS
    return Tone(
        start_s=part.start_s,
        end_s=part.end_s,
        n_beats=int(part.beats.time_s.size),
        mean_rr_ms=of_rr,
        heart_rate_bpm=rate(of_rr),
        rmssd_ms=of_rmssd,
        ln_rmssd=log(of_rmssd),
        sdnn_ms=left_out(sdnn(part)),
        pnn50_pct=pnn50(part, drawn),
        hf_ms2=drawn.effect(powers["hf"]),
        rsa_ms=None if rsa is None else left_out(rsa),
        breath_rate_per_min=breath_rate,
        corrected_pct=corrected_pct(part.beats),
        quality_pct=good_pct(part.beats),
        readable_pct=readable_pct(part.lost, part.start_s, part.end_s),
        flags=(
            *flags_of_gaps(part.lost, part.start_s, part.end_s),
            *flags_of_beats(part, inhaled),
            *flags_of_rmssd(of_rmssd.estimate, kept, floor, part.beats, settings),
            *rhythm(part.beats).flags,
        ),
        settings=settings,
        source_name=beats.source_name,
        rmssd_kept_ms=kept,
        rmssd_floor_ms=floor,
        sources=()
        if beats.origin == "given"
        else sources("least_sampling_hz", "recommended_sampling_hz", "spread_beats"),
        sd1_ms=sd1(of_rmssd),
        sd2_ms=left_out(sd2(part)),
        lf_ms2=drawn.effect(powers["lf"]),
        vlf_ms2=drawn.effect(powers["vlf"]),
        total_ms2=drawn.effect(powers["total"]),
        hf_breath_ms2=drawn.effect(powers["breath"]) if "breath" in powers else None,
        rsa_porges=drawn.effect(Missing(unit="ln ms²", why=FLAT) if flat else porges_bohrer(part)),
        deceleration_ms=left_out(capacity(part, "deceleration")),
        acceleration_ms=left_out(capacity(part, "acceleration")),
        **(_nonlinear(part, drawn, flat=flat) if nonlinear else {}),
        label=label_of(beats),
    )


def _nonlinear(part: Part, drawn: Blocks, *, flat: bool) -> dict[str, Effect]:
    if flat:
        nothing = drawn.effect(Missing(unit="", why=FLAT))
        return {"dfa_alpha1": nothing, "sample_entropy": nothing}
    from vagus.signal.index.entropy import sample_entropy  # noqa: PLC0415  # its trees load when they are asked for
    from vagus.signal.index.scaling import alpha1  # noqa: PLC0415

    return {"dfa_alpha1": drawn.effect(alpha1(part)), "sample_entropy": drawn.effect(sample_entropy(part))}
