"""Vagal tone over a window, and the settings it was made with."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from vagus.source import Effect, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class ToneSettings:
    """How the indices are made; printed with every result.

    Parameters
    ----------
    name : str
        Key of the preset.
    band_low_hz, band_high_hz : float
        HF band; its power is absolute (ms²).
    resample_hz : float
        Rate of the evenly spaced RR series.
    interpolation : "quintic", "cubic" or "quadratic"
        Spline through the RR intervals, each placed at the beat that ends it.
    detrend : "segment_linear" or "series_mean"
        A straight line out of each segment, or the mean out of the whole series.
    clock : "beats" or "intervals"
        When an interval ends: at its beat, or at the running sum of the intervals from 0 (as NeuroKit2 has it).
    spectrum : "welch_fitted" or "welch"
        Mean of the periodograms of segments that overlap by half or a little more, so that none of the series is left
        out; or by half to the sample, where a rest at the end is dropped.
    window : "hann"
    segment_s : float or None
        Longest segment; None: bounded by `segment_share` alone.
    segment_share : float
        Longest segment as share of the series.
    padding : int
        Length of the transform in segments.
    integral : "sum" or "trapezoid"
        Of the density over the band, lower edge included, upper edge not.
    pnn50_over : "differences" or "intervals"
        What the count is divided by: n - 2 differences (textbook) or n - 1 intervals, for n beats.
    block_s : float
        Length of the blocks of the bootstrap.
    sources : tuple of Source
    """

    name: str
    band_low_hz: float = 0.15
    band_high_hz: float = 0.40
    resample_hz: float = 4.0
    interpolation: Literal["quintic", "cubic", "quadratic"] = "quintic"
    detrend: Literal["segment_linear", "series_mean"] = "segment_linear"
    clock: Literal["beats", "intervals"] = "beats"
    spectrum: Literal["welch_fitted", "welch"] = "welch_fitted"
    window: Literal["hann"] = "hann"
    segment_s: float | None = 120.0
    segment_share: float = 1.0
    padding: int = 1
    integral: Literal["sum", "trapezoid"] = "sum"
    pnn50_over: Literal["differences", "intervals"] = "differences"
    block_s: float = 15.0
    sources: tuple[Source, ...] = ()


TASK_FORCE = Source(
    text="Task Force of the ESC and NASPE. Heart rate variability: standards of measurement. "
    "Circulation 1996;93:1043-1065",
    doi="10.1161/01.CIR.93.5.1043",
    verified=False,
)

NEUROKIT2 = Source(
    text="Makowski D, Pham T, Lau ZJ, et al. NeuroKit2: a Python toolbox for neurophysiological signal processing. "
    "Behav Res Methods 2021;53:1689-1696",
    doi="10.3758/s13428-020-01516-y",
    verified=False,
)

PRESETS: MappingProxyType[str, ToneSettings] = MappingProxyType(
    {
        "vagus": ToneSettings(name="vagus", sources=(TASK_FORCE,)),
        "neurokit2": ToneSettings(
            name="neurokit2",
            resample_hz=100.0,
            interpolation="quadratic",
            detrend="series_mean",
            clock="intervals",
            spectrum="welch",
            segment_s=None,
            segment_share=0.5,
            padding=2,
            integral="trapezoid",
            pnn50_over="intervals",
            sources=(NEUROKIT2,),
        ),
    }
)
"""Named settings: ``vagus`` (ours) and ``neurokit2`` (numbers of NeuroKit2 0.2.13)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tone:
    """Vagal tone over one window.

    Parameters
    ----------
    start_s, end_s : float
        Window on the recording's clock.
    n_beats : int
    mean_rr_ms, heart_rate_bpm, rmssd_ms, ln_rmssd, sdnn_ms, pnn50_pct, hf_ms2 : Effect
        Estimates with interval; low and high are nan when no generator was given.
    rsa_ms : Effect or None
        Respiratory sinus arrhythmia, peak to trough; None without breaths.
    breath_rate_per_min : float or None
    corrected_pct, quality_pct : float
        Beats mended, and beats of good quality, in percent.
    flags : tuple of str
        Sentences to heed when reading the numbers.
    settings : ToneSettings
    source_name : str
    """

    start_s: float
    end_s: float
    n_beats: int
    mean_rr_ms: Effect
    heart_rate_bpm: Effect
    rmssd_ms: Effect
    ln_rmssd: Effect
    sdnn_ms: Effect
    pnn50_pct: Effect
    hf_ms2: Effect
    rsa_ms: Effect | None
    breath_rate_per_min: float | None
    corrected_pct: float
    quality_pct: float
    flags: tuple[str, ...]
    settings: ToneSettings
    source_name: str = ""
