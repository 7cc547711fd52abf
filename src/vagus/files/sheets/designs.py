"""Tables of small designs: one person's measurements by condition, and a crossover of two treatments (CSV)."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from vagus.errors import InputError, Problem, nearest
from vagus.files.keys import Key, read_value
from vagus.files.sheets.sheet import Sheet, SheetRow, read_sheet
from vagus.files.sheets.trial_table import is_code
from vagus.outcome.analysis.table import TrialTable

_MISSED = "a measurement that was missed has no place in the order that was drawn"
_CONDITIONS = {"a": False, "baseline": False, "b": True, "treatment": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One person's measurements in order, and whether each was under treatment."""

    scores: tuple[float, ...]
    treated: tuple[bool, ...]


def read_series(path: str | Path, *, bounds: tuple[float, float] | None = None) -> Series:
    """Measurements of a single-case design: columns score and condition (A or baseline, B or treatment), in order.

    Parameters
    ----------
    path : str or Path
    bounds : tuple of float or None
        Lowest and highest score of the scale, in points: others are refused. Without them, a number that looks like a
        code for missing is: there is none to declare, since every measurement has its place in the order.

    Raises
    ------
    InputError
        Every cell that cannot be used, with row and column.
    """
    sheet, problems = _sheet(Path(path), ("score", "condition"))
    scores: list[float] = []
    treated: list[bool] = []
    for row in sheet.rows:
        cell = row.cells.get("condition", "").lower()
        if cell not in _CONDITIONS:
            problems.append(
                Problem(what="unknown condition", where=row.where("condition"), found=f'"{cell}"',
                        allowed="A or baseline, B or treatment")
            )  # fmt: skip
        scores.append(_score(row, (), problems, allowed=f"a number: {_MISSED}"))
        treated.append(_CONDITIONS.get(cell, False))
    if not problems:
        problems += _unfit(sheet.rows, scores, bounds)
    if problems:
        raise InputError(problems)
    return Series(scores=tuple(scores), treated=tuple(treated))


def _unfit(rows: Sequence[SheetRow], scores: Sequence[float], bounds: tuple[float, float] | None) -> list[Problem]:
    """Scores of a series that are empty, out of bounds or, without bounds, most likely a code."""
    known = [score for score in scores if not np.isnan(score)]
    problems: list[Problem] = []
    for row, score in zip(rows, scores, strict=True):
        where, found = row.where("score"), row.cells.get("score", "")
        if np.isnan(score):
            problems.append(Problem(what="score is empty", where=where, allowed=f"a number: {_MISSED}"))
        elif bounds and not bounds[0] <= score <= bounds[1]:
            allowed = f"{bounds[0]:g} to {bounds[1]:g}; {_MISSED}"
            problems.append(Problem(what="score out of range", where=where, found=found, allowed=allowed))
        elif not bounds and is_code(score, known):
            allowed = f"a score as measured (if it is one, tell the bounds of the scale); {_MISSED}"
            problems.append(Problem(what="looks like a code for missing", where=where, found=found, allowed=allowed))
    return problems


def read_crossover(path: str | Path, *, treatment: str, control: str, missing: Collection[str] = ()) -> TrialTable:
    """People of a two-period crossover: columns person, period (1 or 2), treatment, score.

    Arms of the table are the two orders, the one with `treatment` first before the other; visits are the periods.

    Parameters
    ----------
    path : str or Path
    treatment, control : str
        As they stand in the column treatment.
    missing : collection of str
        Codes for missing scores: ("-99",). A blank score is missing.

    Raises
    ------
    InputError
        Every cell that cannot be used, with row and column; a person with a period twice, or one treatment in both.
    """
    sheet, problems = _sheet(Path(path), ("person", "period", "treatment", "score"))
    known = (treatment, control)
    words = dict.fromkeys(row.cells.get("treatment", "") for row in sheet.rows)
    problems += [
        Problem(what="no row has this treatment", where=f"{sheet.file}, treatment", found=f'"{name}"',
                allowed=nearest(name, words))
        for name in known if name not in words
    ]  # fmt: skip
    if problems:
        raise InputError(problems)
    people: dict[str, dict[int, tuple[str, float, SheetRow]]] = {}
    for row in sheet.rows:
        person, period, word = (row.cells.get(name, "") for name in ("person", "period", "treatment"))
        before = len(problems)
        if not person:
            problems.append(Problem(what="person is empty", where=row.where("person"), allowed="a name in every row"))
        if period not in ("1", "2"):
            problems.append(
                Problem(what="unknown period", where=row.where("period"), found=f'"{period}"', allowed="1 or 2")
            )
        if word not in known:
            problems.append(
                Problem(what="unknown treatment", where=row.where("treatment"), found=f'"{word}"',
                        allowed=nearest(word, known))
            )  # fmt: skip
        score = _score(row, missing, problems, allowed="a number, blank where missing, or a code declared as missing")
        if len(problems) == before:
            _put(people.setdefault(person, {}), int(period), (word, score, row), problems)
    told = [(score, row) for mine in people.values() for _, score, row in mine.values() if not np.isnan(score)]
    scores = [score for score, _ in told]
    problems += [
        Problem(what="looks like a code for missing that was not declared", where=row.where("score"),
                found=f"{score:g}", allowed=f'declare it as missing ("{score:g}")')
        for score, row in told if is_code(score, scores)
    ]  # fmt: skip
    if problems:
        raise InputError(problems)
    return _two_periods(people, known)


def _put(
    mine: dict[int, tuple[str, float, SheetRow]], period: int, one: tuple[str, float, SheetRow], problems: list[Problem]
) -> None:
    word, _, row = one
    if period in mine:
        found = f"{period}, as in row {mine[period][2].number}"
        allowed = "one row a person and period"
        problems.append(Problem(what="a period stands twice", where=row.where("period"), found=found, allowed=allowed))
        return
    if mine and next(iter(mine.values()))[0] == word:
        problems.append(
            Problem(what="one treatment in both periods", where=row.where("treatment"), found=f'"{word}"',
                    allowed="the other treatment")
        )  # fmt: skip
    mine[period] = one


def _two_periods(people: dict[str, dict[int, tuple[str, float, SheetRow]]], known: tuple[str, str]) -> TrialTable:
    order, score = [], []
    for mine in people.values():
        period, (word, _, _) = next(iter(mine.items()))
        order.append(0 if (word == known[0]) == (period == 1) else 1)
        score.append([mine[k][1] if k in mine else np.nan for k in (1, 2)])
    first, second = known
    return TrialTable(
        arms=(f"{first}, then {second}", f"{second}, then {first}"), visits=("1", "2"), people=tuple(people),
        arm=np.array(order, int), score=np.array(score, float).reshape(-1, 2),
    )  # fmt: skip


def _sheet(path: Path, columns: tuple[str, ...]) -> tuple[Sheet, list[Problem]]:
    sheet = read_sheet(path, required=columns, optional=(), others=True)
    problems = list(sheet.problems)
    if not sheet.rows and not problems:
        problems.append(Problem(what="no rows below the header", where=path.name, allowed="a row a measurement"))
    if problems:
        raise InputError(problems)
    return sheet, problems


def _score(row: SheetRow, missing: Collection[str], problems: list[Problem], *, allowed: str) -> float:
    """Number of a row; NaN where it is blank or a code for missing."""
    cell = row.cells.get("score", "")
    if not cell or cell in missing:
        return float("nan")
    try:
        value: Any = read_value(cell, Key(name="value", kind="number"))
    except InputError as error:
        problems.extend(dataclasses.replace(p, where=row.where("score"), allowed=allowed) for p in error.problems)
        return float("nan")
    return float(value)
