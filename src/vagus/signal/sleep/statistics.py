"""Numbers of a night from its hypnogram."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vagus.errors import Abstained, InputError, Problem
from vagus.signal.sleep.stages import ASLEEP, N1, N2, N3, REM, STAGE_NAMES, UNKNOWN, WAKE, Stages
from vagus.source import Source

AASM = Source(
    text="Berry RB, Brooks R, Gamaldo CE, et al. The AASM manual for the scoring of sleep and associated events, "
    "version 2.4, 2017",
    verified=False,
)
_STAGED = (N1, N2, N3, REM)


@dataclass(frozen=True, slots=True, kw_only=True)
class StageShare:
    """One stage over a night.

    Parameters
    ----------
    stage : "N1", "N2", "N3" or "R"
    total_min : float
    share_pct : float or None
        Of the total sleep time; None without sleep.
    latency_min : float or None
        From lights off to its first epoch; None where it does not occur.
    """

    stage: str
    total_min: float
    share_pct: float | None
    latency_min: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SleepStatistics:
    """A night in numbers; the hypnogram is taken to run from lights off to lights on.

    Parameters
    ----------
    time_in_bed_min : float
        TIB, also total recording time: all epochs, those not scored too.
    sleep_period_min : float
        SPT: from the first epoch of sleep to the end of the last.
    total_sleep_min : float
        TST.
    wake_in_sleep_min : float
        WASO within the sleep period.
    wake_after_onset_min : float
        WASO as the AASM manual has it: the last awakening until lights on counts as well.
    onset_latency_min : float or None
        SOL: lights off to the first epoch of sleep; None without sleep.
    persistent_latency_min : float or None
        Lights off to the first 10 min of sleep without a break.
    rem_latency_min : float or None
        From the first epoch of sleep, not from lights off, to the first of R.
    efficiency_pct : float
        SE: TST in percent of TIB.
    maintenance_pct : float or None
        SME: TST in percent of SPT.
    stages : tuple of StageShare
        N1, N2, N3, R; empty where stages are not known (wrist activity).
    n_awakening : int
        Stretches of W within the sleep period.
    transitions : (6, 6) array of int
        How often a stage (row) was followed by another (column): W, N1, N2, N3, R, S; never across epochs not scored.
    fragmentation_per_h : float or None
        Shifts to W or N1 from a deeper stage (from sleep to W where stages are not known), an hour of sleep.
    unscored_min : float
    flags : tuple of str
    sources : tuple of Source
    """

    time_in_bed_min: float
    sleep_period_min: float
    total_sleep_min: float
    wake_in_sleep_min: float
    wake_after_onset_min: float
    onset_latency_min: float | None
    persistent_latency_min: float | None
    rem_latency_min: float | None
    efficiency_pct: float
    maintenance_pct: float | None
    stages: tuple[StageShare, ...]
    n_awakening: int
    transitions: np.ndarray
    fragmentation_per_h: float | None
    unscored_min: float
    flags: tuple[str, ...]
    sources: tuple[Source, ...]


def sleep_statistics(stages: Stages) -> SleepStatistics:
    """Statistics of a night.

    Parameters
    ----------
    stages : Stages
        From lights off to lights on: cut a longer hypnogram with `Stages.window` first.

    Raises
    ------
    Abstained
        No epoch is scored.

    Sources
    -------
    AASM manual (recalled; Iber 2007, Berry 2017). Fragmentation: Haba-Rubio 2004, doi:10.1016/j.sleep.2004.06.010
    (recalled). Where packages differ, both numbers stand here (`wake_in_sleep_min`, `wake_after_onset_min`).

    Examples
    --------
    >>> night = Stages.of_names(["W", "W", "N1", "N2", "W", "N2", "R", "W"], epoch_s=30)
    >>> found = sleep_statistics(night)
    >>> found.total_sleep_min, found.wake_in_sleep_min, found.wake_after_onset_min, found.efficiency_pct
    (2.0, 0.5, 1.0, 50.0)
    """
    code, minutes = stages.stage, stages.epoch_s / 60
    if not (code != UNKNOWN).any():
        raise Abstained(f"{stages.source_name or 'hypnogram'}: not one of its {code.size} epochs is scored")
    asleep = np.flatnonzero(stages.asleep)
    total_min = asleep.size * minutes
    first, end = (int(asleep[0]), int(asleep[-1]) + 1) if asleep.size else (code.size, code.size)
    period = code[first:end]
    staged = not (code == ASLEEP).any()
    rem = np.flatnonzero(code == REM)
    return SleepStatistics(
        time_in_bed_min=code.size * minutes,
        sleep_period_min=(end - first) * minutes,
        total_sleep_min=total_min,
        wake_in_sleep_min=float((period == WAKE).sum()) * minutes,
        wake_after_onset_min=float((code[first:] == WAKE).sum()) * minutes,
        onset_latency_min=first * minutes if asleep.size else None,
        persistent_latency_min=_persistent_min(stages),
        rem_latency_min=float(rem[0] - first) * minutes if rem.size else None,
        efficiency_pct=100 * asleep.size / code.size,
        maintenance_pct=100 * asleep.size / (end - first) if asleep.size else None,
        stages=tuple(_share(stages, which, total_min) for which in _STAGED) if staged else (),
        n_awakening=int((np.diff((period == WAKE).astype(np.int8)) == 1).sum()),
        transitions=_transitions(stages),
        fragmentation_per_h=_fragmentation(stages, total_min) if asleep.size else None,
        unscored_min=float((code == UNKNOWN).sum()) * minutes,
        flags=_flags(stages),
        sources=(AASM,),
    )


def _share(stages: Stages, which: int, total_sleep_min: float) -> StageShare:
    minutes = stages.epoch_s / 60
    found = np.flatnonzero(stages.stage == which)
    return StageShare(
        stage=STAGE_NAMES[which],
        total_min=found.size * minutes,
        share_pct=100 * found.size * minutes / total_sleep_min if total_sleep_min else None,
        latency_min=float(found[0]) * minutes if found.size else None,
    )


def _persistent_min(stages: Stages) -> float | None:
    """Minutes to the first 10 min of sleep without a break."""
    needed = int(np.ceil(600 / stages.epoch_s - 1e-9))
    run = 0
    for index, asleep in enumerate(stages.asleep.tolist()):
        run = run + 1 if asleep else 0
        if run == needed:
            return (index + 1 - needed) * stages.epoch_s / 60
    return None


def _transitions(stages: Stages) -> np.ndarray:
    counts = np.zeros((ASLEEP + 1, ASLEEP + 1), dtype=np.int64)
    before, after = stages.stage[:-1], stages.stage[1:]
    changed = (before != after) & (before != UNKNOWN) & (after != UNKNOWN)
    np.add.at(counts, (before[changed], after[changed]), 1)
    counts.setflags(write=False)
    return counts


def _fragmentation(stages: Stages, total_sleep_min: float) -> float:
    counts = _transitions(stages)
    shifts = int(counts[N1:, WAKE].sum() + counts[[N2, N3, REM], N1].sum())
    return 60 * shifts / total_sleep_min


def _flags(stages: Stages) -> tuple[str, ...]:
    flags = []
    unscored = float((stages.stage == UNKNOWN).mean())
    if unscored > 0:
        flags.append(f"{100 * unscored:.0f} % of the epochs are not scored; they count as time in bed, not as sleep")
    if not stages.asleep.any():
        flags.append("no epoch of sleep")
    if stages.duration_s > 14 * 3600:
        hours = stages.duration_s / 3600
        flags.append(f"{hours:.0f} h long: more than a night; cut it from lights off to lights on")
    return tuple(flags)


def night_of(stages: Stages, *, lights_off_s: float | None = None, lights_on_s: float | None = None) -> Stages:
    """Part of a hypnogram from lights off to lights on.

    Parameters
    ----------
    stages : Stages
    lights_off_s, lights_on_s : float or None
        On the recording's clock; None: its start, its end.

    Raises
    ------
    InputError
        Lights go off after they go on, or outside the hypnogram.
    """
    start_s = stages.start_s if lights_off_s is None else lights_off_s
    end_s = stages.start_s + stages.duration_s if lights_on_s is None else lights_on_s
    if not stages.start_s <= start_s < end_s <= stages.start_s + stages.duration_s + 1e-6:
        allowed = f"{stages.start_s:g} to {stages.start_s + stages.duration_s:g} s, off before on"
        found = f"off {start_s:g} s, on {end_s:g} s"
        raise InputError(Problem(what="lights off and on", where=stages.source_name, found=found, allowed=allowed))
    return stages.window(start_s, end_s)
