"""Conditions of a person that limit stimulation, held against what a course states."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from vagus.dose.contacts import Route
from vagus.dose.limits import Limit, Severity
from vagus.dose.tables import safety_source
from vagus.errors import InputError, Problem, nearest
from vagus.source import Source
from vagus.tables import rows


@dataclass(frozen=True, slots=True, kw_only=True)
class _ConditionRow:
    condition: str
    label: str
    group: str
    routes: tuple[Route, ...]
    severity: Severity
    safety: str
    verified: bool
    text: str
    synonyms: tuple[str, ...] = ()


_ROWS = rows("conditions", _ConditionRow)

CONDITIONS: Mapping[str, str] = MappingProxyType({row.condition: row.label for row in _ROWS})
"""Key of a condition -> what it means."""

SYNONYMS: Mapping[str, str] = MappingProxyType({word: row.condition for row in _ROWS for word in row.synonyms})
"""Other word for a condition -> its key in `CONDITIONS`: "pacemaker" -> "active_implant"."""

# a limit that no table holds: what a person states is never dropped
_NO_RULE = Source(text="no rule in the table conditions, so declared by this software", verified=False)


def condition_of(word: str) -> str:
    """Key of a condition, from the key itself or another word for it; case, spaces and hyphens do not matter.

    Parameters
    ----------
    word : str
        Key of `CONDITIONS`, or one of `SYNONYMS`.

    Raises
    ------
    InputError
        There is no such condition; the nearest is named, else all are listed.

    Examples
    --------
    >>> condition_of("pacemaker"), condition_of("Heart failure"), condition_of("sleep apnoea")
    ('active_implant', 'heart_failure', 'sleep_apnea')
    """
    key = re.sub(r"[\s_-]+", "_", str(word).strip().casefold())
    if key in CONDITIONS:
        return key
    if key in SYNONYMS:
        return SYNONYMS[key]
    hint, why = nearest(key, (*CONDITIONS, *SYNONYMS)), ""
    if hint.startswith("one of"):
        hint = "one of: " + ", ".join(CONDITIONS)
    else:
        near = hint.split('"')[1]
        meant = SYNONYMS.get(near, near)
        hint, why = f'did you mean "{meant}"?', f"it means: {CONDITIONS[meant]}; all: vagus dose conditions"
    raise InputError(Problem(what="unknown condition", found=f'"{word}"', allowed=hint, why=why))


def condition_limits(stated: Sequence[str] | None, *, route: Route) -> tuple[Limit, ...]:
    """Contraindications and precautions of a route against the conditions of a person.

    Every stated condition is among them: one without a rule for the route is warned, as a clinician has to judge.

    Parameters
    ----------
    stated : sequence of str or None
        Conditions that hold (`condition_of`); empty: asked, none holds. None: not asked, so that one limit a group is
        "unknown".
    route : {"iVNS", "taVNS", "tcVNS"}

    Raises
    ------
    InputError
        Conditions that are not known, all of them, each with the nearest.

    Examples
    --------
    >>> [limit.state for limit in condition_limits(["sleep_apnea"], route="iVNS") if "apnea" in limit.key]
    ['warned']
    >>> str(condition_limits(["pregnancy"], route="iVNS")[-1]).partition(". [")[0]
    'pregnancy: stated; no rule for this route in the table; a clinician has to judge'
    """
    table = [row for row in _ROWS if route in row.routes]
    if stated is None:
        return tuple(_not_asked(group, table) for group in dict.fromkeys(row.group for row in table))
    words = _words_of(stated)
    ruled = {row.condition for row in table}
    return (
        *(_held_against(row, words.get(row.condition)) for row in table),
        *(_without_rule(key, word) for key, word in words.items() if key not in ruled),
    )


def _words_of(stated: Sequence[str]) -> dict[str, str]:
    """Key of each stated condition -> how it was stated: "stated", or "stated as ..." for another word."""
    words: dict[str, str] = {}
    problems: list[Problem] = []
    # a text is one condition, not a list of its letters
    for word in (stated,) if isinstance(stated, str) else stated:
        try:
            key = condition_of(word)
        except InputError as error:
            problems.extend(error.problems)
            continue
        words.setdefault(key, "stated" if word == key else f'stated as "{word}"')
    if problems:
        raise InputError(problems)
    return words


def _without_rule(key: str, word: str) -> Limit:
    return Limit(
        key=f"condition_{key}",
        quantity=CONDITIONS[key],
        unit="",
        value=None,
        limit=None,
        side="rule",
        severity="soft",
        state="warned",
        text=f"{word}; no rule for this route in the table; a clinician has to judge",
        source=_NO_RULE,
    )


def _held_against(row: _ConditionRow, word: str | None) -> Limit:
    over = "refused" if row.severity == "hard" else "warned"
    return Limit(
        key=f"condition_{row.condition}",
        quantity=row.label,
        unit="",
        value=None,
        limit=None,
        side="rule",
        severity=row.severity,
        state=over if word else "ok",
        text=f"{word}; {row.text}" if word else "not among the stated conditions",
        source=safety_source(row.safety, verified=row.verified),
    )


def _not_asked(group: str, table: Sequence[_ConditionRow]) -> Limit:
    mine = [row for row in table if row.group == group]
    found: list[Source] = [safety_source(row.safety, verified=row.verified) for row in mine]
    return Limit(
        key=f"conditions_{group.replace(' ', '_')}",
        quantity=", ".join(row.label for row in mine),
        unit="",
        value=None,
        limit=None,
        side="rule",
        severity="hard" if any(row.severity == "hard" for row in mine) else "soft",
        state="unknown",
        text="not stated in course.toml [person] conditions",
        source=found[0],
        n_facts=len(mine),
    )
