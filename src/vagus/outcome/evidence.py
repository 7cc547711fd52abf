"""What published trials found for an indication and a route, null results beside positive ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from vagus import tables
from vagus.errors import InputError, Problem, nearest
from vagus.outcome.trial import Kind, Trial, Verdict
from vagus.source import Source

KINDS: dict[Kind, str] = {
    "sham": "randomized against sham",
    "comparator": "randomized against another treatment or dose",
    "nonrandomized": "with a control group, randomization absent or not stated",
    "uncontrolled": "without a control group",
    "review": "meta-analyses and systematic reviews",
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
    positive, null, mixed : int
        Randomized sham-controlled trials (each counted once) whose primary endpoint was met, missed, or mixed.
    uncontrolled : int
        Trials and follow-ups without any control group.
    text : str
        The same in plain words.
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
    text: str
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


def routes() -> tuple[str, ...]:
    """Keys of the routes that `evidence` knows.

    Examples
    --------
    >>> routes()
    ('iVNS', 'taVNS', 'tcVNS')
    """
    return tuple(row.key for row in tables.rows("evidence_routes", _Words))


def evidence(*, indication: str, route: str) -> Evidence:
    """What published trials found for an indication and a route.

    Parameters
    ----------
    indication : str
        "trd", "mdd", "gad", "ptsd", "insomnia", "stress", "healthy" or "other"; case ignored.
    route : str
        "iVNS" (implanted), "taVNS" (ear) or "tcVNS" (neck); case ignored.

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
    by_route = [trial for trial in trials() if _listed(trial.modality, way.words)]
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
        text=_text(found, related, subject, way),
        caveat=CAVEAT,
        related=related,
        sources=tuple(dict.fromkeys(trial.cited for trial in (*found, *related))),
    )


def _pick(word: str, rows: tuple[_Words, ...], what: str) -> _Words:
    known = {row.key.lower(): row for row in rows}
    if word.lower() not in known:
        keys = [row.key for row in rows]
        hint = nearest(word, keys)
        allowed = hint if hint.startswith("one of") else f"{hint} (one of: {', '.join(keys)})"
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


def _grouped(rows: Iterable[Trial]) -> dict[str, list[Trial]]:
    """Rows by the trial they belong to."""
    name_of = {study: group.key for group in tables.rows("evidence_groups", _Group) for study in group.study_ids}
    grouped: dict[str, list[Trial]] = {}
    for row in rows:
        grouped.setdefault(name_of.get(row.study_id, row.study_id), []).append(row)
    return grouped


def _verdict_of(rows: Iterable[Trial]) -> Verdict:
    """One verdict on a trial from its rows: those on a secondary outcome do not count beside a primary one."""
    found: list[Verdict] = [row.verdict for row in rows]
    judged: list[Verdict] = [verdict for verdict in found if verdict in JUDGED]
    if len(set(judged)) > 1:
        return "mixed"
    return (judged or found)[0]


def _verdicts(rows: Iterable[Trial], kind: Kind) -> Counter[Verdict]:
    of_kind = [row for row in rows if row.kind == kind]
    return Counter(_verdict_of(members) for members in _grouped(of_kind).values())


def _text(found: tuple[Trial, ...], related: tuple[Trial, ...], subject: _Words, way: _Words) -> str:
    parts = [f"{way.label[0].upper()}{way.label[1:]} for {subject.label}: {_sham_text(found)}"]
    for verdict in JUDGED:
        parts.extend(_named(found, verdict))
    count = _verdicts(found, "comparator")
    if count:
        parts.append(f"Randomized against another treatment or dose: primary endpoint {_tally(count)}.")
    count = _verdicts(found, "nonrandomized")
    if count:
        parts.append(
            f"With a control group, randomization absent or not stated: primary endpoint {_tally(count)}; "
            "the groups may have differed from the start."
        )
    count = _verdicts(found, "review")
    if count:
        reviews = _tally(count).replace("met by", "a difference found by").replace("missed by", "none by")
        parts.append(f"Meta-analyses and systematic reviews: {reviews}.")
    n_open = sum(_verdicts(found, "uncontrolled").values())
    if n_open:
        parts.append(
            f"Without a control group: {n_open}; such studies cannot tell stimulation from time, care and expectation."
        )
    n_ongoing = sum(_verdicts(found, "ongoing").values())
    if n_ongoing:
        parts.append(f"Ongoing or without a result in the table: {n_ongoing}.")
    if related:
        shams = _verdicts(related, "sham")
        tally = f", of them randomized against sham {_tally(shams)}" if shams else ""
        n_related = len(_grouped(related))
        parts.append(f"On near indications by the same route, not counted here: {n_related}{tally}.")
    return " ".join(parts)


def _sham_text(found: tuple[Trial, ...]) -> str:
    count = _verdicts(found, "sham")
    if not found:
        return "no study in the table."
    if not count:
        return "no randomized sham-controlled trial in the table."
    n_trial = sum(count.values())
    noun = "trial" if n_trial == 1 else "trials"
    return f"{n_trial} randomized sham-controlled {noun} in the table; primary endpoint {_tally(count)}."


def _tally(count: Counter[Verdict]) -> str:
    """Counts in words; met and missed always both, so that neither stands alone."""
    judged = count["met"] + count["missed"] + count["mixed"]
    parts = [f"met by {count['met']}, missed by {count['missed']}"] if judged else []
    if count["mixed"]:
        parts.append(f"mixed in {count['mixed']}")
    silent = sum(count.values()) - judged
    if silent:
        parts.append(f"not told for {silent}")
    return ", ".join(parts)


def _named(found: tuple[Trial, ...], verdict: Verdict) -> list[str]:
    """Sentence on the sham-controlled trials of one verdict, each with its endpoint and figures."""
    shown: list[str] = []
    for members in _grouped(row for row in found if row.kind == "sham").values():
        if _verdict_of(members) == verdict:
            row = next((row for row in members if row.verdict == verdict), members[0])
            figures = "; ".join(part for part in (_rates(row), row.effect_text) if part)
            people = f", n {row.n_text}" if row.n_text else ""
            mark = "" if row.is_verified else " [unverified]"
            detail = f": {figures}" if figures else ""
            shown.append(f"{row.first_author} {row.year}{mark} ({row.primary_endpoint}{people}{detail})")
    return [f"{verdict.capitalize()}: {'; '.join(shown)}."] if shown else []


def _rates(row: Trial) -> str:
    return f"response {row.response_text}" if row.response_text else ""
