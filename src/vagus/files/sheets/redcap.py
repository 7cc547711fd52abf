"""A REDCap data dictionary: codes and their labels, bounds, of each field."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from vagus.errors import InputError, Problem
from vagus.files.sheets.sheet import read_sheet

_NAME = "variable / field name"
_KIND = "field type"
_CHOICES = "choices, calculations, or slider labels"
_LOW, _HIGH = "text validation min", "text validation max"
_CODED = ("radio", "dropdown")
_FIXED = {"yesno": {"0": "No", "1": "Yes"}, "truefalse": {"0": "False", "1": "True"}}


@dataclass(frozen=True, slots=True, kw_only=True)
class RedcapField:
    """One field of a REDCap project.

    Parameters
    ----------
    name : str
    choices : dict of str to str
        Code -> label; empty where the field has none.
    low, high : float or None
        Bounds of a number, where the dictionary has them.
    """

    name: str
    choices: dict[str, str] = field(default_factory=dict)
    low: float | None = None
    high: float | None = None


def read_redcap_dictionary(path: Path) -> dict[str, RedcapField]:
    """Fields of a REDCap project by name, from its data dictionary (CSV, as REDCap writes it).

    Parameters
    ----------
    path : pathlib.Path

    Raises
    ------
    InputError
        It is no data dictionary, or a list of choices cannot be read.
    """
    sheet = read_sheet(path, required=(_NAME, _KIND), optional=(_CHOICES, _LOW, _HIGH), others=True)
    problems = list(sheet.problems)
    found: dict[str, RedcapField] = {}
    for row in sheet.rows:
        name, kind = row.cells.get(_NAME, "").lower(), row.cells.get(_KIND, "").lower()
        choices = dict(_FIXED.get(kind, {}))
        if kind in _CODED:
            for part in row.cells.get(_CHOICES, "").split("|"):
                code, comma, label = part.partition(",")
                if not (comma and code.strip() and label.strip()):
                    allowed = "code, label | code, label"
                    problems.append(
                        Problem(what="choices cannot be read", where=row.where(_CHOICES), found=f'"{part.strip()}"',
                                allowed=allowed)
                    )  # fmt: skip
                    continue
                choices[code.strip()] = label.strip()
        found[name] = RedcapField(
            name=name, choices=choices, low=_bound(row.cells.get(_LOW)), high=_bound(row.cells.get(_HIGH))
        )
    if problems:
        raise InputError(problems)
    return found


def _bound(cell: str | None) -> float | None:
    """A bound that is a number; dates have bounds as well."""
    try:
        return float(cell) if cell else None
    except ValueError:
        return None
