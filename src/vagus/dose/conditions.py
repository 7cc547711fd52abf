"""Conditions of a person that limit stimulation, held against what a course states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from vagus.dose.contacts import Route
from vagus.dose.limits import Limit, Severity
from vagus.dose.safety import safety_source
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
    text: str


_ROWS = rows("conditions", _ConditionRow)

CONDITIONS: Mapping[str, str] = MappingProxyType({row.condition: row.label for row in _ROWS})
"""Key of a condition -> what it means."""


def condition_limits(stated: Sequence[str] | None, *, route: Route) -> tuple[Limit, ...]:
    """Contraindications and precautions of a route against the conditions of a person.

    Parameters
    ----------
    stated : sequence of str or None
        Keys of `CONDITIONS` that hold; empty: asked, none holds. None: not asked, so that one limit a group is
        "unknown".
    route : {"iVNS", "taVNS", "tcVNS"}

    Raises
    ------
    InputError
        A condition is not known; the nearest is named.

    Examples
    --------
    >>> [limit.state for limit in condition_limits(["sleep_apnea"], route="iVNS") if "apnea" in limit.key]
    ['warned']
    """
    table = [row for row in _ROWS if route in row.routes]
    if stated is None:
        return tuple(_not_asked(group, table) for group in dict.fromkeys(row.group for row in table))
    strangers = [key for key in stated if key not in CONDITIONS]
    if strangers:
        raise InputError(
            Problem(what="unknown condition", found=f'"{key}"', allowed=nearest(str(key), CONDITIONS))
            for key in strangers
        )
    return tuple(_held_against(row, row.condition in stated) for row in table)


def _held_against(row: _ConditionRow, holds: bool) -> Limit:
    over = "refused" if row.severity == "hard" else "warned"
    return Limit(
        key=f"condition_{row.condition}",
        quantity=row.label,
        unit="",
        value=None,
        limit=None,
        side="rule",
        severity=row.severity,
        state=over if holds else "ok",
        text=f"stated; {row.text}" if holds else "not among the stated conditions",
        source=safety_source(row.safety),
    )


def _not_asked(group: str, table: Sequence[_ConditionRow]) -> Limit:
    mine = [row for row in table if row.group == group]
    found: list[Source] = [safety_source(row.safety) for row in mine]
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
    )
