"""A question to the trials table: which studies, which measure, pooled, with everything that limits the answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from vagus.errors import Abstained
from vagus.outcome.evidence import KINDS, Evidence, trial_names
from vagus.outcome.synthesis.effects import BINARY, MEASURES, Measure, StudyEffect
from vagus.outcome.synthesis.mantel_haenszel import mantel_haenszel
from vagus.outcome.synthesis.pool import Pooled, Test, pool
from vagus.outcome.synthesis.rows import Event, Excluded, extract
from vagus.outcome.synthesis.small import SmallStudies, small_studies
from vagus.outcome.trial import Kind, Trial

BIAS = (
    "Risk of bias was not rated study by study: the table holds headline figures, not the methods needed for it. "
    "What the table does tell: {told}. A pooled figure inherits every flaw of its studies."
)


Way = Literal["reml", "dl", "fixed", "mh"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Synthesis:
    """What the rows on a question give when they are pooled.

    Parameters
    ----------
    kind : str
        Kind of design pooled.
    measure : {"rd", "rr", "or", "md", "g"}
    event : {"response", "remission"} or ""
        What was counted; "" for means.
    rows : tuple of Trial
        Rows with an effect, in the order of `effects`.
    effects : tuple of StudyEffect
    excluded : tuple of Excluded
        Every row of that kind that gave no effect, with the reason.
    pooled : Pooled or None
        None with fewer than two studies; `why_not` says so.
    small : SmallStudies or None
        None with fewer than three studies.
    bias : str
        The risk-of-bias note.
    """

    kind: Kind
    measure: Measure
    event: str
    rows: tuple[Trial, ...]
    effects: tuple[StudyEffect, ...]
    excluded: tuple[Excluded, ...]
    pooled: Pooled | None
    why_not: str
    small: SmallStudies | None
    bias: str

    @property
    def text(self) -> str:
        """What was pooled or why nothing was, endpoints met and missed, and what limits it."""
        what = f"{MEASURES[self.measure][0].upper()}{MEASURES[self.measure][1:]}" + (
            f" of {self.event}" if self.event else ""
        )
        head = f"{what}, active minus control" if self.measure not in ("rr", "or") else f"{what}, active over control"
        found = self.pooled.text if self.pooled else f"not pooled: {self.why_not}."
        if self.pooled is None and self.effects:
            found += f" {'; '.join(map(told, self.effects))}."
        verdict = Counter(row.verdict_text for row in self.rows)
        judged = ", ".join(f"{word} by {n}" for word, n in verdict.items())
        parts = [
            f"{head}; {KINDS[self.kind]}: {found}",
            f"Primary endpoint of the studies with an effect: {judged}." if judged else "",
            self.small.text if self.small else "",
            self.bias,
        ]
        return "\n".join(part for part in parts if part)


def told(effect: StudyEffect, *, level: float = 0.95) -> str:
    """One study's effect with its interval, on the scale people read."""
    value, low, high = effect.shown(level)
    mark = "" if effect.verified else " [unverified]"
    note = f", {effect.note}" if effect.note else ""
    return f"{effect.study}: {value:.3g} ({low:.3g} to {high:.3g}{note}){mark}"


def synthesize(
    found: Evidence | Iterable[Trial],
    *,
    measure: Measure,
    event: Event = "response",
    kind: Kind = "sham",
    method: Way = "reml",
    test: Test = "hartung-knapp",
    level: float = 0.95,
    recalled: bool = False,
) -> Synthesis:
    """Pooled effect of the rows of one kind of design.

    Of a trial with several rows only the first row with an effect counts, primary outcomes before secondary ones, so
    that nobody is counted twice. Mean differences are pooled on one scale only: the one most rows are on.

    Parameters
    ----------
    found : Evidence or iterable of Trial
        What `evidence` gave, or rows of one's own.
    measure : {"rd", "rr", "or", "md", "g"}
        Hedges g is signed so that below zero favors the active arm whatever way the scale points.
    event : {"response", "remission"}
    kind : str
        Kind of design, a key of `KINDS`; kinds are never mixed.
    method : {"reml", "dl", "fixed", "mh"}
        As for `pool`; "mh": Mantel-Haenszel, of studies with counts.
    test : str
        As for `pool`.
    recalled : bool
        Pool effects that rest on cells which were recalled and not read as well, marked; else they are left out by
        name.

    Examples
    --------
    >>> from vagus.outcome import evidence
    >>> answer = synthesize(evidence(indication="trd", route="iVNS"), measure="or")
    >>> answer.why_not
    'pooling needs two studies with numbers, there is 1'
    """
    rows = found.trials if isinstance(found, Evidence) else tuple(found)
    chosen = sorted((row for row in rows if row.kind == kind), key=lambda row: row.verdict == "secondary")
    got = extract(chosen, measure=measure, event=event)
    by_id = {row.study_id: row for row in chosen}
    excluded = list(got.excluded)
    read = [effect for effect in got.effects if recalled or effect.verified]
    excluded += [Excluded(study_id=e.study, why="recalled, not read") for e in got.effects if e not in read]
    kept = _one_each(read, excluded)
    if measure == "md":
        kept = _one_scale(kept, by_id, excluded)
    counts = [one for one in got.counts if one.study in {effect.study for effect in kept}]
    if method == "mh":
        counted = {one.study for one in counts}
        excluded += [
            Excluded(study_id=e.study, why="no counts, which Mantel-Haenszel needs")
            for e in kept
            if e.study not in counted
        ]
        kept = [effect for effect in kept if effect.study in counted]
    pooled, why_not = None, ""
    try:
        if method == "mh":
            pooled = mantel_haenszel(counts, measure=measure, level=level)
        else:
            pooled = pool(kept, method=method, test=test, level=level)
    except Abstained as reason:
        why_not = str(reason)
    try:
        small = small_studies(kept)
    except Abstained:
        small = None
    used = tuple(by_id[effect.study] for effect in kept)
    return Synthesis(
        kind=kind,
        measure=measure,
        event=event if measure in BINARY else "",
        rows=used,
        effects=tuple(kept),
        excluded=tuple(excluded),
        pooled=pooled,
        why_not=why_not,
        small=small,
        bias=_bias(used, chosen),
    )


def _one_each(effects: Iterable[StudyEffect], excluded: list[Excluded]) -> list[StudyEffect]:
    """First effect of each trial; further rows of it are excluded with that reason."""
    names = trial_names()
    taken: dict[str, str] = {}
    kept: list[StudyEffect] = []
    for effect in effects:
        trial = names.get(effect.study, effect.study)
        if trial in taken:
            excluded.append(Excluded(study_id=effect.study, why=f"same people as {taken[trial]}, which is taken"))
        else:
            taken[trial] = effect.study
            kept.append(effect)
    return kept


def _one_scale(effects: list[StudyEffect], by_id: dict[str, Trial], excluded: list[Excluded]) -> list[StudyEffect]:
    scales = Counter(by_id[effect.study].outcome_scale or "not told" for effect in effects)
    if len(scales) < 2:
        return effects
    scale = max(scales, key=lambda name: scales[name])
    for effect in effects:
        own = by_id[effect.study].outcome_scale or "not told"
        if own != scale:
            excluded.append(Excluded(study_id=effect.study, why=f"on the {own}; pooled is the {scale} (try Hedges g)"))
    return [effect for effect in effects if (by_id[effect.study].outcome_scale or "not told") == scale]


def _bias(used: tuple[Trial, ...], chosen: list[Trial]) -> str:
    recalled = sum(not row.is_verified for row in used)
    secondary = sum(row.verdict == "secondary" for row in used)
    doubly = sum("double" in (row.design or "") for row in used)
    told = [
        f"{len(used)} of {len(chosen)} rows of this design gave an effect",
        f"{doubly} of {len(used)} are told as double-blind or double-masked",
        f"{secondary} by a secondary outcome" if secondary else "",
        f"{recalled} recalled and not read [unverified]" if recalled else "",
    ]
    return BIAS.format(told="; ".join(part for part in told if part))
