"""What published trials found for an indication and a route, null results beside positive ones."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from vagus import tables
from vagus.errors import InputError, Problem, nearest
from vagus.outcome.trial import Kind, Trial, Verdict
from vagus.source import Source

KINDS: dict[Kind, str] = {
    "sham": "randomized against sham",
    "comparator": "randomized against another treatment or dose",
    "nonrandomized": "non-randomized comparison",
    "unstated": "with a control group, randomization not stated",
    "review": "meta-analyses and systematic reviews",
    "uncontrolled": "without a control group",
    "ongoing": "ongoing or without a result in the table",
}
"""Kind of a trial -> words for it, in the order in which they are shown."""

JUDGED: tuple[Verdict, ...] = ("missed", "mixed", "met")

CAVEAT = (
    "The table holds what was found and read, not a systematic search; several rows can belong to one trial. "
    "A primary endpoint that was met can be one of physiology or feasibility, not of symptoms. "
    "Published figures say what groups did; they do not say what one person's treatment did."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the trials table holds for an indication and a route.

    Parameters
    ----------
    indication, route : str
        As asked for: keys of the tables of indications and routes.
    trials : tuple of Trial
        Rows, sham-controlled ones first, then by year. Several rows can belong to one trial.
        Arms with one result are put together (`Trial.arms`).
    positive, null, mixed : int
        Randomized sham-controlled trials (each counted once) whose primary endpoint was met, missed, or mixed.
    uncontrolled : int
        Trials without any control group, each counted once.
    unverified : int
        Trials that were recalled and not read: in `trials`, but in none of the counts.
    text : str
        The same in two sentences: what sham-controlled trials found, missed ones first, and what else there is.
    details : tuple of str
        Sentences on the sham-controlled trials by name with their figures, on what was not counted and why.
    caveat : str
        What the table cannot tell.
    related : tuple of Trial
        Rows on a near indication by the same route: shown, not counted.
    sources : tuple of Source
        Of all rows in `trials` and `related`.
    """

    indication: str
    route: str
    trials: tuple[Trial, ...]
    positive: int
    null: int
    mixed: int
    uncontrolled: int
    unverified: int
    text: str
    details: tuple[str, ...]
    caveat: str
    related: tuple[Trial, ...] = ()
    sources: tuple[Source, ...] = ()

    def of_kind(self, kind: Kind) -> tuple[Trial, ...]:
        """Rows of one kind of design."""
        return tuple(trial for trial in self.trials if trial.kind == kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    key: str
    label: str
    words: tuple[str, ...]
    near: tuple[str, ...] = ()
    study_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    key: str
    study_ids: tuple[str, ...]
    arms: tuple[str, ...] = ()


def trials() -> tuple[Trial, ...]:
    """All rows of the trials table.

    Examples
    --------
    >>> next(trial.verdict for trial in trials() if trial.study_id == "D02_acute_Rush2005a")
    'missed'
    """
    return tables.rows("trials", Trial)


def indications() -> tuple[str, ...]:
    """Keys of the indications that `evidence` knows.

    Examples
    --------
    >>> indications()
    ('trd', 'mdd', 'gad', 'ptsd', 'insomnia', 'stress', 'healthy', 'other')
    """
    return tuple(row.key for row in tables.rows("evidence_indications", _Words))


def indication_words(indication: str) -> tuple[str, ...]:
    """Words of the published tables that belong to an indication, or are near to it.

    Raises
    ------
    InputError
        Unknown indication; names the nearest.

    Examples
    --------
    >>> indication_words("insomnia")
    ('insomnia', 'chronic insomnia disorder', 'primary insomnia', 'sleep, community adults')
    """
    subject = _pick(indication, tables.rows("evidence_indications", _Words), "indication")
    return (*subject.words, *subject.near)


def routes() -> tuple[str, ...]:
    """Keys of the routes that `evidence` knows.

    Examples
    --------
    >>> routes()
    ('iVNS', 'taVNS', 'tcVNS')
    """
    return tuple(row.key for row in tables.rows("evidence_routes", _Words))


def evidence(*, indication: str, route: str, more: Iterable[Trial] = ()) -> Evidence:
    """What published trials found for an indication and a route.

    Parameters
    ----------
    indication : str
        "trd", "mdd", "gad", "ptsd", "insomnia", "stress", "healthy" or "other"; case ignored.
    route : str
        "iVNS" (implanted), "taVNS" (ear) or "tcVNS" (neck); case ignored.
    more : iterable of Trial
        Rows of one's own, beside those of the table (`vagus.files.read_trials`).

    Raises
    ------
    InputError
        Unknown indication or route; names the nearest.

    Examples
    --------
    >>> found = evidence(indication="trd", route="iVNS")
    >>> found.positive, found.null, found.mixed
    (0, 2, 0)
    """
    all_indications = tables.rows("evidence_indications", _Words)
    subject = _pick(indication, all_indications, "indication")
    way = _pick(route, tables.rows("evidence_routes", _Words), "route")
    by_route = _with_arms_together(trial for trial in (*trials(), *more) if _listed(trial.modality, way.words))
    if subject.key == "other":
        named = [word for row in all_indications for word in (*row.words, *row.near)]
        chosen = [trial for trial in by_route if not _listed(trial.indication, named)]
    else:
        chosen = [t for t in by_route if _listed(t.indication, subject.words) or t.study_id in subject.study_ids]
    related = _ordered(trial for trial in by_route if _listed(trial.indication, subject.near) and trial not in chosen)
    found = _ordered(chosen)
    count = _verdicts(found, "sham")
    return Evidence(
        indication=subject.key,
        route=way.key,
        trials=found,
        positive=count["met"],
        null=count["missed"],
        mixed=count["mixed"],
        uncontrolled=sum(_verdicts(found, "uncontrolled").values()),
        unverified=len(_recalled(found)),
        text=_text(found, f"{way.label[0].upper()}{way.label[1:]} for {subject.label}"),
        details=_details(found, related),
        caveat=CAVEAT,
        related=related,
        sources=tuple(dict.fromkeys(trial.cited for trial in (*found, *related))),
    )


def _pick(word: str, rows: tuple[_Words, ...], what: str) -> _Words:
    known = {row.key.lower(): row for row in rows}
    if word.lower() not in known:
        keys = [row.key for row in rows]
        hint = nearest(word, keys)
        allowed = hint if "one of" in hint else f"{hint} (one of: {', '.join(keys)})"
        raise InputError(Problem(what=f"unknown {what}", found=f'"{word}"', allowed=allowed))
    return known[word.lower()]


def _listed(cell: str, words: Iterable[str]) -> bool:
    return cell.lower() in {word.lower() for word in words}


def _ordered(rows: Iterable[Trial]) -> tuple[Trial, ...]:
    order = list(KINDS)
    # a secondary outcome stands behind the primary one of its trial
    return tuple(
        sorted(rows, key=lambda row: (order.index(row.kind), row.year or 0, row.verdict == "secondary", row.study_id))
    )


def _with_arms_together(rows: Iterable[Trial]) -> list[Trial]:
    """Rows with the arms of one trial as one row, at the place of the first."""
    left = {row.study_id: row for row in rows}
    for group in tables.rows("evidence_groups", _Group):
        members = [left[study] for study in group.study_ids if study in left]
        if group.arms and len(members) == len(group.arms):
            arms = tuple(_arm(name, row) for name, row in zip(group.arms, members, strict=True))
            design = re.sub(r", arm \w+$", "", members[0].design or "")
            whole = replace(members[0], study_id=group.key, design=design, arms=arms, **_shared(members))
            left = {group.key if key == members[0].study_id else key: row for key, row in left.items()}
            left = {key: whole if key == group.key else row for key, row in left.items() if row not in members[1:]}
    return list(left.values())


def _arm(name: str, row: Trial) -> str:
    settings = [(row.current_ma, "mA"), (row.pulse_width_us, "µs")]
    given = [f"{value.replace('-', ' to ')} {unit}" for value, unit in settings if value]
    return f"{name} {', '.join(given)}".strip()


def _shared(members: list[Trial]) -> dict[str, None]:
    """Settings that differ between the arms, emptied: `Trial.arms` holds them."""
    columns = ("current_ma", "pulse_width_us")
    return {name: None for name in columns if len({getattr(row, name) for row in members}) > 1}


def _grouped(rows: Iterable[Trial]) -> dict[str, list[Trial]]:
    """Rows by the trial they belong to."""
    name_of = trial_names()
    grouped: dict[str, list[Trial]] = {}
    for row in rows:
        grouped.setdefault(name_of.get(row.study_id, row.study_id), []).append(row)
    return grouped


def trial_names() -> dict[str, str]:
    """Trial that a row belongs to, by study_id, for the trials that have several rows."""
    return {study: group.key for group in tables.rows("evidence_groups", _Group) for study in group.study_ids}


def _verdict_of(rows: Iterable[Trial]) -> Verdict:
    """One verdict on a trial from its rows: those on a secondary outcome do not count beside a primary one."""
    found: list[Verdict] = [row.verdict for row in rows]
    judged: list[Verdict] = [verdict for verdict in found if verdict in JUDGED]
    if len(set(judged)) > 1:
        return "mixed"
    return (judged or found)[0]


def _counted(rows: Iterable[Trial], kind: Kind) -> list[tuple[Verdict, Trial]]:
    """Trials of one kind with their verdict and the row that carries it; what was recalled is left out."""
    found: list[tuple[Verdict, Trial]] = []
    for members in _grouped(row for row in rows if row.kind == kind and row.is_verified).values():
        verdict = _verdict_of(members)
        found.append((verdict, next((row for row in members if row.verdict == verdict), members[0])))
    return found


def _verdicts(rows: Iterable[Trial], kind: Kind) -> Counter[Verdict]:
    return Counter(verdict for verdict, _ in _counted(rows, kind))


def _recalled(rows: Iterable[Trial]) -> list[Trial]:
    """First row of each trial of which no row was read."""
    return [members[0] for members in _grouped(rows).values() if not any(row.is_verified for row in members)]


def _text(found: tuple[Trial, ...], head: str) -> str:
    if not found:
        return f"{head}: no study in the table."
    shams = _counted(found, "sham")
    if shams:
        noun = "trial" if len(shams) == 1 else "trials"
        first = f"{len(shams)} randomized sham-controlled {noun}; primary endpoint {_outcomes(shams)}"
    elif any(row.kind == "sham" for row in found):
        first = "no randomized sham-controlled trial that was read"
    else:
        first = "no randomized sham-controlled trial in the table"
    others = _others(found)
    return f"{head}: {first}." + (f" {others}." if others else "")


def _others(found: tuple[Trial, ...]) -> str:
    """What there is beside sham-controlled trials, in one sentence."""
    parts: list[str] = []
    labels: tuple[tuple[Kind, str, str], ...] = (
        ("comparator", "randomized against another treatment or dose", "randomized against another treatment or dose"),
        ("nonrandomized", "non-randomized comparison", "non-randomized comparisons"),
        ("unstated", "with a control group, randomization not stated", "with control groups, randomization not stated"),
        ("review", "review of trials", "reviews of trials"),
    )
    for kind, one, several in labels:
        count = _verdicts(found, kind)
        if count:
            tally = _tally(count)
            if kind == "review":
                tally = tally.replace("missed by", "no difference in").replace("met by", "a difference in")
            n_study = sum(count.values())
            parts.append(f"{n_study} {one if n_study == 1 else several} ({tally})")
    open_, ongoing = (sum(_verdicts(found, kind).values()) for kind in ("uncontrolled", "ongoing"))
    parts.extend([f"{open_} without a control group"] if open_ else [])
    parts.extend([f"{ongoing} ongoing or without a result"] if ongoing else [])
    n_recalled = len(_recalled(found))
    parts.extend([f"{n_recalled} recalled, not read and not counted"] if n_recalled else [])
    text = f"Other studies: {'; '.join(parts)}" if parts else ""
    if any(_verdicts(found, kind) for kind in ("nonrandomized", "unstated", "uncontrolled")):
        text += "; those without randomization cannot tell stimulation from time, care and expectation"
    return text


def _outcomes(shams: list[tuple[Verdict, Trial]]) -> str:
    """How sham-controlled trials ended, by name; missed and met always both, so that neither stands alone."""
    parts: list[str] = []
    words = {"missed": "missed by", "mixed": "mixed in", "met": "met by", "unknown": "not told for"}
    for verdict, word in words.items():
        rows = [row for one, row in shams if one == verdict or (verdict == "unknown" and one not in JUDGED)]
        if rows or verdict in {"missed", "met"}:
            parts.append(f"{word} {len(rows)}" + (f" ({'; '.join(map(_named, rows))})" if rows else ""))
    return ", ".join(parts)


def _named(row: Trial) -> str:
    return row.name + ("" if row.about == "symptoms" else f": {row.about}, not symptoms")


def _tally(count: Counter[Verdict]) -> str:
    """Counts in words; missed and met always both."""
    judged = sum(count[verdict] for verdict in JUDGED)
    parts = [f"missed by {count['missed']}"] if judged else []
    parts.extend([f"mixed in {count['mixed']}"] if count["mixed"] else [])
    parts.extend([f"met by {count['met']}"] if judged else [])
    silent = sum(count.values()) - judged
    parts.extend([f"not told for {silent}"] if silent else [])
    return ", ".join(parts)


def _details(found: tuple[Trial, ...], related: tuple[Trial, ...]) -> tuple[str, ...]:
    sentences: list[str] = []
    shams = _counted(found, "sham")
    for verdict in JUDGED:
        shown = [_figures(row) for one, row in shams if one == verdict]
        if shown:
            sentences.append(f"{verdict.capitalize()}: {'; '.join(shown)}.")
    recalled = _recalled(found)
    if recalled:
        names = "; ".join(f"{row.name} ({KINDS[row.kind]})" for row in recalled)
        sentences.append(f"Recalled, not read and therefore not counted: {names}.")
    if related:
        shams = _verdicts(related, "sham")
        tally = f", of them randomized against sham: {_tally(shams)}" if shams else ""
        sentences.append(f"On near indications by the same route, not counted: {len(_grouped(related))}{tally}.")
    return tuple(sentences)


def _figures(row: Trial) -> str:
    """A trial with its endpoint, people and figures."""
    response = f"response {row.response_text}" if row.response_text else ""
    parts = [row.endpoint_text, row.people_text, response, row.effect_text]
    return f"{row.name} ({'; '.join(part for part in parts if part)})"
