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
    mended : "leave_out" or "keep"
        Intervals that touch a mended beat: left out (and bridged for HF power), or kept as they are.
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
    mended: Literal["leave_out", "keep"] = "leave_out"
    block_s: float = 20.0
    sources: tuple[Source, ...] = ()

    @property
    def words(self) -> str:
        """How HF power is made, in words.

        Examples
        --------
        >>> PRESETS["vagus"].words
        'quintic spline at 4 Hz, straight line out of each segment, Welch, Hann window, segments of 120 s'
        """
        segment = f"{self.segment_s:g} s" if self.segment_s else f"{self.segment_share:g} of the window"
        detrend = "straight line out of each segment" if self.detrend == "segment_linear" else "mean removed"
        return (
            f"{self.interpolation} spline at {self.resample_hz:g} Hz, {detrend}, Welch, "
            f"{self.window.capitalize()} window, segments of {segment}"
        )


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
            mended="keep",
            sources=(NEUROKIT2,),
        ),
    }
)
"""Named settings: ``vagus`` (ours) and ``neurokit2`` (numbers of NeuroKit2 0.2.13 on the same beats).

On the same beats: `find_beats` places R between samples, NeuroKit2's own detectors on a sample. At 125 Hz a sample is
8 ms: rounding R to it changes a low RMSSD by tens of percent and more (example bidmc02, 0 to 300 s: 3.4 ms becomes
6.6 ms). To compare with numbers of a program that does not refine R, round ``beats.time_s * fs_hz`` first.
"""


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
    rmssd_kept_ms : float or None
        RMSSD over all intervals, those that touch a mended beat included.
    rmssd_floor_ms : float or None
        RMSSD that the errors of the R times alone would give; None where they are not known.
    readable_pct : float
        Share of the window in which heartbeats could be read; the indices are of that part.
    sources : tuple of Source
        Of correction and flags; those of the indices stand in each `Effect`.
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
    rmssd_kept_ms: float | None = None
    rmssd_floor_ms: float | None = None
    readable_pct: float = 100.0
    sources: tuple[Source, ...] = ()
