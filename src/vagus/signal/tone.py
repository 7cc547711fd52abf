"""Vagal tone over a window, and the settings it was made with."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, get_args, get_origin, get_type_hints

from vagus.errors import InputError, Problem, nearest
from vagus.source import Effect, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class ToneSettings:
    """How the indices are made; printed with every result.

    Parameters
    ----------
    name : str
        Key of the preset.
    band_low_hz, band_high_hz : float
        HF band. All powers are absolute (ms²).
    lf_low_hz, lf_high_hz, vlf_low_hz : float
        LF band; VLF lies from `vlf_low_hz` up to `lf_low_hz`.
    resample_hz : float
        Rate of the evenly spaced RR series.
    interpolation : "quintic", "cubic", "quadratic" or "linear"
        Spline through the RR intervals, each placed at the beat that ends it.
    grid : "through" or "before"
        Even series up to the end of the last interval, or to the step before it.
    detrend : "segment_linear", "segment_mean", "series_mean" or "smoothness_priors"
        A straight line or the mean out of each segment; the mean out of the whole series; or a smooth trend out of the
        whole series (Tarvainen 2002), then the mean out of each segment.
    smoothness : int
        λ of the smoothness priors.
    clock : "beats" or "intervals"
        When an interval ends: at its beat, or at the running sum of the intervals from 0 (as NeuroKit2 has it).
    spectrum : "welch_fitted" or "welch"
        Mean of the periodograms of segments that overlap by half or a little more, so that none of the series is left
        out; or by half to the sample, where a rest at the end is dropped.
    window : "hann" or "hamming"
    segment_s : float or None
        Longest segment; None: bounded by `segment_share` alone.
    segment_from_s : float
        Length of the series from which `segment_s` holds; a shorter one is a single segment.
    segment_share : float
        Longest segment as share of the series.
    slow_segment_s : float or None
        Longest segment for VLF; None: as for the other bands.
    least_cycles : int
        Frequencies of fewer cycles a segment belong to no band.
    padding : int
        Length of the transform in segments.
    transform : int
        Length of the transform in samples, where that is longer.
    integral : "sum" or "trapezoid"
        Of the density over the band.
    edges : "lower" or "both"
        Edges that belong to a band.
    pnn50_over : "differences" or "intervals"
        What the count is divided by: n - 2 differences (textbook) or n - 1 intervals, for n beats.
    mended : "leave_out" or "keep"
        Intervals that touch a mended beat: left out (and bridged for the spectrum), or kept as they are.
    block_s : float
        Length of the blocks of the bootstrap.
    sources : tuple of Source
    """

    name: str
    band_low_hz: float = 0.15
    band_high_hz: float = 0.40
    lf_low_hz: float = 0.04
    lf_high_hz: float = 0.15
    vlf_low_hz: float = 0.0033
    resample_hz: float = 4.0
    interpolation: Literal["quintic", "cubic", "quadratic", "linear"] = "quintic"
    grid: Literal["through", "before"] = "through"
    detrend: Literal["segment_linear", "segment_mean", "series_mean", "smoothness_priors"] = "segment_linear"
    smoothness: int = 500
    clock: Literal["beats", "intervals"] = "beats"
    spectrum: Literal["welch_fitted", "welch"] = "welch_fitted"
    window: Literal["hann", "hamming"] = "hann"
    segment_s: float | None = 120.0
    segment_from_s: float = 0.0
    segment_share: float = 1.0
    slow_segment_s: float | None = 300.0
    least_cycles: int = 0
    padding: int = 1
    transform: int = 0
    integral: Literal["sum", "trapezoid"] = "sum"
    edges: Literal["lower", "both"] = "lower"
    pnn50_over: Literal["differences", "intervals"] = "differences"
    mended: Literal["leave_out", "keep"] = "leave_out"
    block_s: float = 20.0
    sources: tuple[Source, ...] = ()

    def __post_init__(self) -> None:
        problems = [
            Problem(
                what=f"{name} is unknown",
                where=f"settings {self.name}",
                found=f'"{found}"',
                allowed=nearest(str(found), known),
            )
            for name, hint in get_type_hints(type(self)).items()
            if get_origin(hint) is Literal and (found := getattr(self, name)) not in (known := get_args(hint))
        ]
        numbers = {
            "resample_hz": (1.0, 1000.0), "smoothness": (0, 1e9), "segment_s": (10.0, 1e5),
            "segment_from_s": (0.0, 1e6),
            "segment_share": (0.05, 1.0), "slow_segment_s": (10.0, 1e5), "least_cycles": (0, 100), "padding": (1, 64),
            "transform": (0, 1 << 22), "block_s": (1.0, 1e4),
        }  # fmt: skip
        for name, (low, high) in numbers.items():
            found = getattr(self, name)
            if found is not None and not low <= found <= high:
                problems.append(
                    Problem(what=f"{name} is out of range", where=f"settings {self.name}", found=f"{found:g}",
                            allowed=f"{low:g} to {high:g}")
                )  # fmt: skip
        if not problems:
            edges = (self.vlf_low_hz, self.lf_low_hz, self.lf_high_hz), (0.0, self.band_low_hz, self.band_high_hz)
            if (
                not all(a < b < c for a, b, c in edges)
                or max(self.band_high_hz, self.lf_high_hz) > self.resample_hz / 2
            ):
                problems.append(
                    Problem(what="bands are out of order", where=f"settings {self.name}",
                            found=f"VLF from {self.vlf_low_hz:g}, LF {self.lf_low_hz:g} to {self.lf_high_hz:g}, HF "
                            f"{self.band_low_hz:g} to {self.band_high_hz:g} Hz",
                            allowed=f"rising, up to half of resample_hz, {self.resample_hz / 2:g} Hz")
                )  # fmt: skip
        if problems:
            raise InputError(problems)

    @property
    def words(self) -> str:
        """How HF power is made, in words.

        Examples
        --------
        >>> PRESETS["vagus"].words
        'quintic spline at 4 Hz, straight line out of each segment, Welch, Hann window, segments of 120 s'
        """
        segment = f"{self.segment_s:g} s" if self.segment_s else f"{self.segment_share:g} of the window"
        if self.segment_from_s:
            segment += f" from {self.segment_from_s:g} s on"
        detrend = {
            "segment_linear": "straight line out of each segment",
            "segment_mean": "mean out of each segment",
            "series_mean": "mean removed",
            "smoothness_priors": f"smoothness priors (λ {self.smoothness}) removed",
        }[self.detrend]
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

PYHRV = Source(
    text="Gomes P, Margaritoff P, Silva H. pyHRV: development and evaluation of an open-source Python toolbox for "
    "heart rate variability (HRV). IcETRAN 2019:822-828",
    verified=False,
)

SYSTOLE = Source(
    text="Legrand N, Allen M. Systole: a Python package for cardiac signal synchrony and analysis. "
    "J Open Source Softw 2022;7:3832",
    doi="10.21105/joss.03832",
    verified=False,
)

TARVAINEN = Source(
    text="Tarvainen MP, Ranta-aho PO, Karjalainen PA. An advanced detrending method with application to HRV analysis. "
    "IEEE Trans Biomed Eng 2002;49:172-175",
    doi="10.1109/10.979357",
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
            slow_segment_s=None,
            least_cycles=2,
            padding=2,
            integral="trapezoid",
            pnn50_over="intervals",
            mended="keep",
            sources=(NEUROKIT2,),
        ),
        "pyhrv": ToneSettings(
            name="pyhrv",
            vlf_low_hz=0.0,
            interpolation="cubic",
            grid="before",
            detrend="segment_mean",
            spectrum="welch",
            window="hamming",
            segment_s=75.0,
            segment_from_s=300.0,
            slow_segment_s=None,
            transform=4096,
            edges="both",
            mended="keep",
            sources=(PYHRV,),
        ),
        "systole": ToneSettings(
            name="systole",
            vlf_low_hz=0.003,
            resample_hz=5.0,
            interpolation="cubic",
            grid="before",
            detrend="segment_mean",
            spectrum="welch",
            segment_s=256.0,
            slow_segment_s=None,
            integral="trapezoid",
            edges="both",
            mended="keep",
            sources=(SYSTOLE,),
        ),
        "kubios_like": ToneSettings(
            name="kubios_like",
            vlf_low_hz=0.0,
            interpolation="cubic",
            detrend="smoothness_priors",
            spectrum="welch",
            segment_s=300.0,
            slow_segment_s=None,
            sources=(TARVAINEN,),
        ),
    }
)
"""Named settings: ``vagus`` (ours); ``neurokit2``, ``pyhrv`` and ``systole`` (numbers of NeuroKit2 0.2.13, pyHRV 0.5.0
and systole 0.3.0 on the same beats); ``kubios_like`` (settings as Kubios describes its own, recalled; no agreement with
its numbers is claimed).

On the same beats: `find_beats` places R between samples, NeuroKit2's own detectors on a sample. At 125 Hz a sample is
8 ms: rounding R to it changes a low RMSSD by tens of percent and more (example bidmc02, 0 to 300 s: 3.4 ms becomes
6.6 ms). To compare with numbers of a program that does not refine R, round ``beats.time_s * fs_hz`` first.
"""


NOT_MADE = Effect(estimate=float("nan"), low=float("nan"), high=float("nan"), unit="", n=0, method="not told: not made")
"""What an index is that was not made."""


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
    sd1_ms, sd2_ms : Effect
        Axes of the Poincaré plot: across its diagonal (RMSSD/√2) and along it.
    lf_ms2, vlf_ms2, total_ms2 : Effect
        Power in the other bands, and of VLF, LF and HF together.
        Estimates that a window cannot tell are nan, and `method` says why.
    hf_breath_ms2 : Effect or None
        Power around the person's own breathing rate; None without breaths.
    rsa_porges : Effect
        Log variance in the breathing band after Porges and Bohrer, in ln ms².
    deceleration_ms, acceleration_ms : Effect
        Capacities by phase-rectified signal averaging.
    dfa_alpha1, sample_entropy : Effect or None
        Without unit; None where they were not asked for.
    label : "HRV" or "PRV"
        Variability of heart rate, or of pulse rate: of a pulse wave, whose transit time varies, too.
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
    sd1_ms: Effect = NOT_MADE
    sd2_ms: Effect = NOT_MADE
    lf_ms2: Effect = NOT_MADE
    vlf_ms2: Effect = NOT_MADE
    total_ms2: Effect = NOT_MADE
    hf_breath_ms2: Effect | None = None
    rsa_porges: Effect = NOT_MADE
    deceleration_ms: Effect = NOT_MADE
    acceleration_ms: Effect = NOT_MADE
    dfa_alpha1: Effect | None = None
    sample_entropy: Effect | None = None
    label: Literal["HRV", "PRV"] = "HRV"

    @property
    def hf_of_both_pct(self) -> float:
        """HF power in percent of LF and HF power together ("normalized units"); nan where one is not told."""
        if not self.lf_ms2.estimate + self.hf_ms2.estimate > 0:
            return float("nan")
        return 100 * self.hf_ms2.estimate / (self.lf_ms2.estimate + self.hf_ms2.estimate)

    @property
    def lf_over_hf(self) -> float:
        """LF over HF power; nan where one is not told. No measure of a balance: see docs/rooms/signal/tone.md."""
        if not self.hf_ms2.estimate > 0:
            return float("nan")
        return self.lf_ms2.estimate / self.hf_ms2.estimate
