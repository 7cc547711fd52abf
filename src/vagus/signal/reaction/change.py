"""How far vagal tone moved from phase to phase, with an interval, or why that cannot be told."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from vagus.errors import Abstained, InputError
from vagus.signal.beats import Beats
from vagus.signal.breaths import Breaths
from vagus.signal.known import value
from vagus.signal.reaction.design import Design
from vagus.signal.tone import PRESETS, Tone, ToneSettings
from vagus.signal.vagal import vagal_tone
from vagus.source import Effect, Source

CONTRASTS = {
    "reactivity": ("baseline", "during"),
    "recovery": ("during", "recovery"),
    "remaining": ("baseline", "recovery"),
}
"""Name -> from which phase to which: what came, what went again, and what is left of it."""
UNITS = {
    "heart_rate_bpm": "bpm",
    "mean_rr_ms": "ms",
    "ln_rmssd": "ln ms",
    "ln_hf": "ln ms²",
    "rsa_porges": "ln ms²",
    "sdnn_ms": "ms",
    "pnn50_pct": "%",
    "deceleration_ms": "ms",
}
"""Indices whose change is told; ``ln_hf`` is the natural logarithm of HF power in ms²."""
_BLOCKS = 6  # blocks that fit into the shortest phase, at least
ZOU = Source(
    text="Zou GY, Donner A. Construction of confidence limits about effect measures: a general approach. "
    "Stat Med 2008;27:1693-1702",
    doi="10.1002/sim.3095",
    verified=False,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """Why a phase tells nothing.

    Parameters
    ----------
    phase : str
    kind : "short", "unread", "quality", "corrected" or "index"
        Too short; too little could be read; too few good beats; too many corrected; or this one index is not told.
    why : str
        In words, with the number found and the one needed.
    """

    phase: str
    kind: Literal["short", "unread", "quality", "corrected", "index"]
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Change of one index from one phase to another.

    Parameters
    ----------
    index : str
        A key of `vagus.signal.reaction.change.UNITS`.
    contrast : "reactivity", "recovery" or "remaining"
        During minus baseline, recovery minus during, recovery minus baseline.
    effect : Effect or None
        None where it is withheld.
    before, after : Effect or None
        The index in the two phases.
    withheld : tuple of Withheld
    """

    index: str
    contrast: str
    effect: Effect | None
    before: Effect | None
    after: Effect | None
    withheld: tuple[Withheld, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reactivity:
    """Vagal tone of one recording before, during and after a stimulation or a stressor.

    Parameters
    ----------
    design : Design
    tones : tuple of (str, Tone)
        Phases that were read.
    withheld : tuple of Withheld
        Phases that were not, and why.
    changes : tuple of Change
        Each index in each contrast.
    settings : ToneSettings
    source_name : str
    label : "HRV" or "PRV"
    """

    design: Design
    tones: tuple[tuple[str, Tone], ...]
    withheld: tuple[Withheld, ...]
    changes: tuple[Change, ...]
    settings: ToneSettings
    source_name: str = ""
    label: Literal["HRV", "PRV"] = "HRV"

    def change(self, index: str, contrast: str = "reactivity") -> Change:
        """One of the changes.

        Raises
        ------
        KeyError
            The design has no such contrast, or there is no such index.
        """
        for one in self.changes:
            if (one.index, one.contrast) == (index, contrast):
                return one
        raise KeyError(f"{index}, {contrast}")

    @property
    def rows(self) -> Iterator[dict[str, Any]]:
        """One mapping a change, always with the same keys in the same order; None where there is no number."""
        tones = dict(self.tones)
        for one in self.changes:
            pair = [tones.get(phase) for phase in CONTRASTS[one.contrast]]
            read = [tone for tone in pair if tone is not None]
            yield {
                "person": self.design.person,
                "session": self.design.session,
                "condition": self.design.condition,
                "order": self.design.order,
                "source_name": self.source_name,
                "label": self.label,
                "contrast": one.contrast,
                "index": one.index,
                "unit": UNITS[one.index],
                "before": _number(one.before and one.before.estimate),
                "after": _number(one.after and one.after.estimate),
                "change": _number(one.effect and one.effect.estimate),
                "low": _number(one.effect and one.effect.low),
                "high": _number(one.effect and one.effect.high),
                "n_before": None if pair[0] is None else pair[0].n_beats,
                "n_after": None if pair[1] is None else pair[1].n_beats,
                "quality_pct": min((tone.quality_pct for tone in read), default=None),
                "corrected_pct": max((tone.corrected_pct for tone in read), default=None),
                "withheld": "; ".join(f"{w.phase}: {w.why}" for w in one.withheld),
                "flags": "; ".join(dict.fromkeys(flag for tone in read for flag in tone.flags)),
            }


def react(
    beats: Beats,
    design: Design,
    *,
    settings: ToneSettings = PRESETS["vagus"],
    breaths: Breaths | None = None,
    rng: np.random.Generator | None = None,
    n_resample: int = 500,
    least_s: float | None = None,
) -> Reactivity:
    """Reactivity and recovery of vagal tone around a stimulation or a stressor.

    Parameters
    ----------
    beats : Beats
        Corrected beats of the whole recording.
    design : Design
        When the phases were, and under which condition.
    settings : ToneSettings
        The same for every phase.
    breaths : Breaths or None
        For the flag of breathing outside the band, per phase.
    rng : numpy Generator or None
        For the intervals; None: low and high are nan.
    n_resample : int
        Bootstrap samples of each phase.
    least_s : float or None
        Shortest phase that is read; None: 60 s.

    Returns
    -------
    Reactivity
        Each change is the index in the later phase minus that in the earlier one, of the same person in the same
        recording. Its 95 % interval joins those of the two phases (moving blocks, see `vagal_tone`) by their squared
        distances (MOVER, Zou & Donner 2008), as phases do not overlap. It tells the sampling error of these two
        windows: what breathing, posture or the time of day did is in the change. Blocks are at most a sixth of the
        shortest phase.

        A phase that is shorter than `least_s`, of which less than 80 % can be read or fewer than 80 % of beats are
        good, or of which more than 10 % were corrected, tells nothing; every change that needs it is withheld and says
        why.

    Sources
    -------
    Reactivity and recovery: Laborde 2017, doi:10.3389/fpsyg.2017.00213 (recalled); MOVER: doi:10.1002/sim.3095.

    Examples
    --------
    >>> rr = [1000, 1040] * 150 + [700, 710] * 200 + [1000, 1040] * 150
    >>> design = Design.around(306, before_s=300, during_s=282, after_s=300, condition="none", person="p1")
    >>> found = react(Beats.of_rr(rr), design)
    >>> round(found.change("heart_rate_bpm").effect.estimate, 1), round(found.change("ln_rmssd").effect.estimate, 2)
    (26.3, -1.39)
    """
    least = value("react_least_s") if least_s is None else least_s
    shortest = min(span[1] - span[0] for _, span in design.phases)
    settings = replace(settings, block_s=min(settings.block_s, shortest / _BLOCKS))
    tones: dict[str, Tone] = {}
    withheld: dict[str, Withheld] = {}
    for name, (start, end) in design.phases:
        if end - start < least:
            withheld[name] = Withheld(phase=name, kind="short", why=f"{end - start:g} s, {least:g} s needed")
            continue
        try:
            tone = vagal_tone(
                beats, start_s=start, end_s=end, settings=settings, breaths=breaths, rng=rng, n_resample=n_resample
            )
        except (Abstained, InputError) as error:
            withheld[name] = Withheld(phase=name, kind="unread", why=str(error))
            continue
        if (refused := _refused(tone, name)) is None:
            tones[name] = tone
        else:
            withheld[name] = refused
    changes = [
        _change(index, contrast, tones, withheld)
        for contrast, phases in CONTRASTS.items()
        if all(phase in tones or phase in withheld for phase in phases)
        for index in UNITS
    ]
    return Reactivity(
        design=design, tones=tuple(tones.items()), withheld=tuple(withheld.values()), changes=tuple(changes),
        settings=settings, source_name=beats.source_name, label=_label(tones),
    )  # fmt: skip


def react_all(
    recordings: Iterable[tuple[Beats, Design]],
    *,
    settings: ToneSettings = PRESETS["vagus"],
    rng: np.random.Generator | None = None,
    n_resample: int = 500,
    least_s: float | None = None,
) -> tuple[Reactivity, ...]:
    """Reactivity of many recordings: one `Reactivity` each, in the order given; none is left out.

    A tidy table of all of them: ``[row for one in react_all(...) for row in one.rows]``.

    Parameters
    ----------
    recordings : iterable of (Beats, Design)
    settings, rng, n_resample, least_s
        As for `react`.

    Examples
    --------
    >>> design = Design(baseline_s=(0, 120), during_s=(120, 240), condition="none", person="p1")
    >>> (one,) = react_all([(Beats.of_rr([800, 850] * 150), design)])
    >>> [row["index"] for row in one.rows][:3]
    ['heart_rate_bpm', 'mean_rr_ms', 'ln_rmssd']
    """
    return tuple(
        react(beats, design, settings=settings, rng=rng, n_resample=n_resample, least_s=least_s)
        for beats, design in recordings
    )


def difference(before: Effect, after: Effect, *, what: str) -> Effect:
    """`after` minus `before`, independent of one another, with the interval joined by MOVER."""
    estimate = after.estimate - before.estimate
    low = estimate - math.hypot(after.estimate - after.low, before.high - before.estimate)
    high = estimate + math.hypot(after.high - after.estimate, before.estimate - before.low)
    return Effect(
        estimate=estimate, low=low, high=high, unit=after.unit, n=before.n + after.n, level=after.level,
        method=f"{what}; 95 % interval: those of the two joined by MOVER" if math.isfinite(low) else f"{what}; no "
        "interval: one of the two has none",
        sources=(*after.sources, ZOU),
    )  # fmt: skip


def _refused(tone: Tone, name: str) -> Withheld | None:
    """Why a phase that was read is not used; None where it is."""
    if tone.quality_pct < (least := value("react_least_quality_pct")):
        why = f"{tone.quality_pct:.0f} % of beats are of good quality, {least:g} % needed"
        return Withheld(phase=name, kind="quality", why=why)
    if tone.corrected_pct > (most := value("react_most_corrected_pct")):
        why = f"{tone.corrected_pct:.1f} % of beats were corrected, {most:g} % allowed"
        return Withheld(phase=name, kind="corrected", why=why)
    return None


def _change(index: str, contrast: str, tones: dict[str, Tone], withheld: dict[str, Withheld]) -> Change:
    first, second = CONTRASTS[contrast]
    why = [withheld[phase] for phase in (first, second) if phase in withheld]
    values: list[Effect | None] = []
    for phase in (first, second):
        effect = index_of(tones[phase], index) if phase in tones else None
        if effect is not None and not math.isfinite(effect.estimate):
            why.append(Withheld(phase=phase, kind="index", why=f"{index}: {effect.method}"))
            effect = None
        values.append(effect)
    before, after = values
    told = None
    if before is not None and after is not None:
        told = difference(before, after, what=f"{index} {second} minus {first}")
    return Change(index=index, contrast=contrast, effect=told, before=before, after=after, withheld=tuple(why))


def index_of(tone: Tone, index: str) -> Effect:
    """An index of a window by its name, HF power on a logarithmic scale."""
    if index != "ln_hf":
        return getattr(tone, index)
    power = tone.hf_ms2
    if not power.estimate > 0:
        return replace(power, estimate=math.nan, low=math.nan, high=math.nan, unit=UNITS[index])
    low, estimate, high = (math.log(v) if v > 0 else -math.inf for v in (power.low, power.estimate, power.high))
    if not math.isfinite(power.low):
        low = high = math.nan
    return replace(power, estimate=estimate, low=low, high=high, unit=UNITS[index], method=f"ln of {power.method}")


def _label(tones: dict[str, Tone]) -> Literal["HRV", "PRV"]:
    return "PRV" if any(tone.label == "PRV" for tone in tones.values()) else "HRV"


def _number(found: float | None) -> float | None:
    return found if found is not None and math.isfinite(found) else None
