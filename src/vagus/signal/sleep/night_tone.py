"""Vagal tone of a night, by stage of sleep."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from vagus.errors import Abstained, VagusError
from vagus.signal.beats import Beats
from vagus.signal.known import value
from vagus.signal.sleep.stages import STAGE_NAMES, UNKNOWN, Stages
from vagus.signal.tone import PRESETS, Tone, ToneSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class StageTone:
    """Vagal tone in one stage of sleep.

    Parameters
    ----------
    stage : str
        Name of the stage ("W", "N2", "R").
    windows : tuple of Tone
        Windows of 5 min, each wholly within the stage and of good quality, in order of time.
    ln_rmssd, heart_rate_bpm : float or None
        Median over the windows; None without one.
    left_out : tuple of str
        Why windows of this stage were not read.
    stage_min : float
        Minutes of the stage in the hypnogram.
    """

    stage: str
    windows: tuple[Tone, ...]
    ln_rmssd: float | None
    heart_rate_bpm: float | None
    left_out: tuple[str, ...]
    stage_min: float


def tone_by_stage(
    beats: Beats,
    stages: Stages,
    *,
    settings: ToneSettings = PRESETS["vagus"],
    rng: np.random.Generator | None = None,
    n_resample: int = 0,
) -> tuple[StageTone, ...]:
    """Vagal tone of each stage that occurs, over windows of 5 min that lie in one stage.

    Each stretch of one stage is cut into windows of 5 min; what is shorter, or left over, is not read. A window counts
    where 90 % of its beats are good and `vagal_tone` does not abstain. Windows are not joined across stretches.

    Parameters
    ----------
    beats : Beats
        Corrected beats, on the same clock as the hypnogram.
    stages : Stages
    settings : ToneSettings
    rng : numpy Generator or None
        For the intervals of each window, with `n_resample` bootstrap samples.

    Returns
    -------
    tuple of StageTone
        In the order W, N1, N2, N3, R, S; epochs not scored are left out.

    Raises
    ------
    Abstained
        Beats and hypnogram do not overlap.

    Examples
    --------
    >>> beats = Beats.of_rr(np.random.default_rng(1).normal(900, 40, 800))
    >>> found = tone_by_stage(beats, Stages.of_names(["N2"] * 24, epoch_s=30))
    >>> [(one.stage, len(one.windows)) for one in found]
    [('N2', 2)]
    """
    end_s = stages.start_s + stages.duration_s
    if not beats.window(stages.start_s, end_s).time_s.size:
        raise Abstained(
            f"{beats.source_name or 'beats'}: no beat lies in the hypnogram ({stages.start_s:g} to {end_s:g} s): are "
            "both on one clock?"
        )
    from vagus.signal.vagal import vagal_tone  # noqa: PLC0415  (loads scipy)

    def read(start_s: float, stop_s: float) -> Tone | str:
        if not beats.window(start_s, stop_s).time_s.size:
            return "no beats"
        try:
            tone = vagal_tone(beats, start_s=start_s, end_s=stop_s, settings=settings, rng=rng, n_resample=n_resample)
        except VagusError as reason:
            return str(reason)
        bad = tone.quality_pct < value("tone_good_pct")
        return f"{tone.quality_pct:.0f} % of beats are good" if bad else tone

    present = [code for code in STAGE_NAMES if code != UNKNOWN and (stages.stage == code).any()]
    return tuple(_of_stage(code, stages, read) for code in present)


def _of_stage(code: int, stages: Stages, read: Callable[[float, float], Tone | str]) -> StageTone:
    """Windows of one stage, read or left out."""
    length_s = value("tone_least_s")
    windows: list[Tone] = []
    left_out: list[str] = []
    for start_s, stop_s in _stretches(code, stages):
        if stop_s - start_s < length_s:
            left_out.append(f"{start_s:g} to {stop_s:g} s: shorter than {length_s:g} s")
        for first_s in np.arange(start_s, stop_s - length_s + 1e-6, length_s).tolist():
            found = read(first_s, first_s + length_s)
            if isinstance(found, Tone):
                windows.append(found)
            else:
                left_out.append(f"{first_s:g} to {first_s + length_s:g} s: {found}")
    return StageTone(
        stage=STAGE_NAMES[code],
        windows=tuple(windows),
        ln_rmssd=float(np.median([window.ln_rmssd.estimate for window in windows])) if windows else None,
        heart_rate_bpm=float(np.median([window.heart_rate_bpm.estimate for window in windows])) if windows else None,
        left_out=tuple(left_out),
        stage_min=float((stages.stage == code).sum()) * stages.epoch_s / 60,
    )


def _stretches(code: int, stages: Stages) -> list[tuple[float, float]]:
    """Stretches of a stage, from and to, on the recording's clock."""
    edges = np.flatnonzero(np.diff(np.pad((stages.stage == code).astype(np.int8), 1))).reshape(-1, 2)
    return [(stages.start_s + a * stages.epoch_s, stages.start_s + b * stages.epoch_s) for a, b in edges.tolist()]
