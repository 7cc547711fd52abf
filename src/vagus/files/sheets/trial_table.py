"""A trial's table: one row a person and visit, from CSV, TSV or a REDCap export; faults told by row and column."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from vagus.errors import InputError, Problem, nearest
from vagus.files.sheets.redcap import RedcapField, read_redcap_dictionary
from vagus.files.sheets.sheet import Sheet, SheetRow, read_sheet
from vagus.files.sheets.trial_labels import check_labels, in_order, is_date, stray
from vagus.outcome.analysis.table import Exclusion, TrialTable

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_CODES = (-9.0, -99.0, -999.0, -9999.0, 999.0, 9999.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialColumns:
    """Names of the columns of a trial's table.

    Parameters
    ----------
    person, arm, visit, score : str
        REDCap: "record_id", the field with the arm, "redcap_event_name", the field with the total.
    baseline : str
        Column with the baseline score; "" where baseline is a visit, or none.
    numbers, factors : tuple of str
        Covariates that are numbers, and those that are words or codes (site, sex).
    """

    person: str = "person"
    arm: str = "arm"
    visit: str = "visit"
    score: str = "score"
    baseline: str = ""
    numbers: tuple[str, ...] = ()
    factors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What the caller told about the table, and what is found wrong in it."""

    file: str
    names: TrialColumns
    control: str
    arms: tuple[str, ...]
    visits: tuple[str, ...]
    baseline_visit: str
    missing: frozenset[str]
    low: float | None
    high: float | None
    fields: Mapping[str, RedcapField]
    problems: list[Problem]
    excluded: list[Exclusion]

    def tell(self, what: str, where: str, found: str, allowed: str) -> None:
        """One problem more."""
        self.problems.append(Problem(what=what, where=where, found=found, allowed=allowed))


@dataclass(slots=True, kw_only=True)
class _Person:
    """What the rows of one person say."""

    words: dict[str, tuple[str, SheetRow]] = field(default_factory=dict)
    scores: dict[str, tuple[float, SheetRow]] = field(default_factory=dict)


def read_trial_table(
    path: Path,
    *,
    control: str,
    columns: TrialColumns | None = None,
    arms: Sequence[str] = (),
    visits: Sequence[str] = (),
    baseline_visit: str = "",
    missing: Sequence[str] = (),
    low: float | None = None,
    high: float | None = None,
    dictionary: Path | None = None,
) -> TrialTable:
    """People of a trial from a table with one row a person and visit.

    A blank score is missing; any code for missing has to be declared. What belongs to a person (arm, baseline,
    covariates) may stand in one of the person's rows or in all, and has to be the same wherever it stands.

    Parameters
    ----------
    path : pathlib.Path
        CSV with comma, semicolon or tab.
    control : str
        The arm that the others are compared with.
    columns : TrialColumns or None
        None: person, arm, visit, score.
    arms, visits : sequence of str
        All arms, and the visits of the analysis in order of time. Not given: those of the file; visits are then put in
        order by the number in their name.
    baseline_visit : str
        The visit whose score is the baseline.
    missing : sequence of str
        Codes for missing values, in any column: ("-99",).
    low, high : float or None
        Bounds of the score, of the instrument.
    dictionary : pathlib.Path or None
        REDCap's data dictionary: codes become labels, and bounds are taken from it where none are given.

    Raises
    ------
    InputError
        Every cell that cannot be used, with row and column; arms or visits misspelt, empty, or with one person.
    """
    names = columns or TrialColumns()
    fields = read_redcap_dictionary(dictionary) if dictionary else {}
    own = fields.get(names.score.lower())
    if own is not None:
        low, high = (own.low if low is None else low), (own.high if high is None else high)
    wanted = [names.person, names.arm, names.visit, names.score, names.baseline, *names.numbers, *names.factors]
    sheet = read_sheet(path, required=[name.lower() for name in wanted if name], optional=(), others=True)
    problems = list(sheet.problems)
    if not sheet.rows and not problems:
        problems.append(Problem(what="no rows below the header", where=path.name, allowed="a row a person and visit"))
    if problems:
        raise InputError(problems)
    asked = _Asked(
        file=sheet.file, names=names, control=control, arms=tuple(arms), visits=tuple(visits),
        baseline_visit=baseline_visit, missing=frozenset(missing), low=low, high=high, fields=fields, problems=[],
        excluded=[],
    )  # fmt: skip
    people = _people(asked, sheet)
    chosen = _visits(asked, Counter(visit for one in people.values() for visit in one.scores))
    randomized = {name: one for name, one in people.items() if names.arm in one.words}
    if len(randomized) < len(people):
        none = tuple(name for name in people if name not in randomized)
        asked.excluded.append(Exclusion(why="no arm: not randomized", n=len(none), unit="people", which=none))
    order = _arms(asked, randomized)
    if asked.problems:
        raise InputError(asked.problems)
    return replace(_table(asked, randomized, order, chosen), excluded=tuple(asked.excluded))


def _people(asked: _Asked, sheet: Sheet) -> dict[str, _Person]:
    people: dict[str, _Person] = {}
    names, is_redcap = asked.names, bool(asked.fields)
    for row in sheet.rows:
        person, visit = (_cell(asked, row, name) for name in (names.person, names.visit))
        for name, cell in ((names.person, person), (names.visit, visit)):
            if not cell:
                asked.tell(f"{name} is empty", row.where(name), "", "a name in every row")
        if not (person and visit):
            continue
        one = people.setdefault(person, _Person())
        for name in (names.arm, names.baseline, *names.numbers, *names.factors):
            if name and (cell := _cell(asked, row, name)):
                _one_word(asked, one, name, _label(asked, cell, name, row), row)
        cell = _cell(asked, row, names.score)
        if not cell and is_redcap:
            one.scores.setdefault(visit, (math.nan, row))  # an event has a row for each form that repeats
            continue
        value = _score(asked, cell, row) if cell else math.nan
        before = one.scores.get(visit)
        if before is not None and not (is_redcap and math.isnan(before[0])):
            found = f'"{visit}" of {person}, as in row {before[1].number} (line {before[1].line})'
            asked.tell("a visit stands twice", row.where(names.visit), found, "one row a person and visit")
            continue
        one.scores[visit] = (value, row)
    _check_spelling(asked, people)
    _check_numbers(asked, people)
    _check_codes(asked, people)
    return people


def _check_spelling(asked: _Asked, people: Mapping[str, _Person]) -> None:
    """Names of people that differ only in capitals or spaces: most likely one person, taken for two."""
    written: dict[str, str] = {}
    for name, one in people.items():
        before = written.setdefault("".join(name.split()).casefold(), name)
        if before != name:
            row = next(iter(one.scores.values()))[1] if one.scores else None
            where = row.where(asked.names.person) if row else asked.file
            asked.tell("one name, written in two ways", where, f'"{name}" and "{before}"', "one spelling a person")


def _cell(asked: _Asked, row: SheetRow, name: str) -> str:
    cell = row.cells.get(name.lower(), "")
    return "" if cell in asked.missing else cell


def _label(asked: _Asked, cell: str, name: str, row: SheetRow) -> str:
    choices = asked.fields[name.lower()].choices if name.lower() in asked.fields else {}
    if not choices or cell in choices.values():
        return cell
    if cell not in choices:
        allowed = "; ".join(f"{code} = {label}" for code, label in choices.items()) + "; or a code declared as missing"
        asked.tell("code is not in the data dictionary", row.where(name), f'"{cell}"', allowed)
    return choices.get(cell, cell)


def _one_word(asked: _Asked, one: _Person, name: str, cell: str, row: SheetRow) -> None:
    before = one.words.setdefault(name, (cell, row))
    if before[0] != cell:
        found = f'"{cell}", and "{before[0]}" in row {before[1].number} (line {before[1].line})'
        allowed = "the same in every row of a person, or blank"
        asked.tell(f"{name} changes within a person", row.where(name), found, allowed)


def _not_a_number(asked: _Asked, cell: str, where: str) -> None:
    what = "a date where a number is due" if is_date(cell) else "is no number"
    allowed = "a number with a decimal point, blank where missing, or a code declared as missing"
    asked.tell(what, where, f'"{cell}"', allowed)


def _score(asked: _Asked, cell: str, row: SheetRow) -> float:
    if not _NUMBER.fullmatch(cell):
        _not_a_number(asked, cell, row.where(asked.names.score))
        return math.nan
    _in_range(asked, cell, asked.names.score, row)
    return float(cell)


def _in_range(asked: _Asked, cell: str, name: str, row: SheetRow) -> bool:
    """Does a score, or a baseline, lie within the bounds of the score? What does not is told."""
    value, low, high = float(cell), asked.low, asked.high
    if (low is None or value >= low) and (high is None or value <= high) and math.isfinite(value):
        return True
    span = " and ".join(f"{word} {one:g}" for word, one in (("from", low), ("up to", high)) if one is not None)
    allowed = f"{span or 'a finite number'}, or declare the code as missing"
    asked.tell(f"{'score' if name == asked.names.score else name} is out of range", row.where(name), cell, allowed)
    return False


def _check_numbers(asked: _Asked, people: Mapping[str, _Person]) -> None:
    """Baseline and covariates: numbers, the baseline within the bounds of the score, none a code for missing."""
    for name in (asked.names.baseline, *asked.names.numbers):
        told: list[tuple[float, SheetRow]] = []
        for cell, row in [one.words[name] for one in people.values() if name in one.words]:
            if not (_NUMBER.fullmatch(cell) and math.isfinite(float(cell))):
                _not_a_number(asked, cell, row.where(name))
            elif name != asked.names.baseline or _in_range(asked, cell, name, row):
                told.append((float(cell), row))
        if name != asked.names.baseline or asked.low is None or asked.high is None:
            _tell_codes(asked, told, name)


def _check_codes(asked: _Asked, people: Mapping[str, _Person]) -> None:
    """Numbers that are most likely codes for missing, where no bounds would have caught them."""
    if asked.low is not None and asked.high is not None:
        return
    told = [pair for one in people.values() for pair in one.scores.values() if math.isfinite(pair[0])]
    _tell_codes(asked, told, asked.names.score)


def _tell_codes(asked: _Asked, told: Sequence[tuple[float, SheetRow]], name: str) -> None:
    values = [value for value, _ in told]
    for value, row in told:
        if is_code(value, values):
            allowed = f'declare it as missing ("{value:g}")'
            if name not in asked.names.numbers:
                allowed += ", or tell the bounds of the score"
            what = "looks like a code for missing that was not declared"
            asked.tell(what, row.where(name), f"{value:g}", allowed)


def is_code(value: float, scores: Sequence[float]) -> bool:
    """A number that is most likely a code for missing, beside the scores of its table.

    Examples
    --------
    >>> is_code(-99.0, [12.0, 30.0]), is_code(-9.0, [-12.0, 30.0]), is_code(12.0, [30.0])
    (True, False, False)
    """
    if value not in _CODES:
        return False
    usual = [one for one in scores if one not in _CODES]
    return bool(usual) and ((value < 0 <= min(usual)) or value > 3 * max(usual))


def _visits(asked: _Asked, found: Counter[str]) -> tuple[str, ...]:
    """Visits after baseline in order; those that the analysis does not name are counted."""
    where, first, declared = f"{asked.file}, column {asked.names.visit}", asked.baseline_visit, asked.visits
    check_labels(where, found, (*declared, *([first] if first else [])), asked.problems, is_visit=True)
    if first and first not in found:
        asked.tell("the baseline visit is not in the table", where, f'"{first}"', nearest(first, found))
    if not declared:
        return in_order([visit for visit in found if visit != first], where, asked.problems)
    for visit in declared:
        if visit not in found:
            asked.tell("a visit of the analysis has no rows", where, f'"{visit}"', nearest(visit, found))
    others = {visit: n for visit, n in found.items() if visit not in declared and visit != first}
    if others:
        which = tuple(f"{visit}: {n}" for visit, n in others.items())
        why = "visit not in the analysis"
        asked.excluded.append(Exclusion(why=why, n=sum(others.values()), unit="rows", which=which))
    return tuple(visit for visit in declared if visit != first)


def _arms(asked: _Asked, people: Mapping[str, _Person]) -> tuple[str, ...]:
    """Arms, the control first."""
    column = asked.names.arm
    where, found = f"{asked.file}, column {column}", Counter(one.words[column][0] for one in people.values())
    known = asked.arms or tuple(sorted(found))
    if asked.control not in known:
        asked.tell("the control is no arm", where, f'"{asked.control}"', nearest(asked.control, known))
    near: dict[str, str] = {}
    if not asked.arms:
        check_labels(where, found, (), asked.problems, is_visit=False)
        near = {name: f'did you mean "{one}"? If not, declare all arms' for name, one in stray(found).items()}
    for one in people.values():
        name, row = one.words[column]
        if name not in known:
            asked.tell("unknown arm", row.where(column), f'"{name}"', nearest(name, known))
        elif name in near:
            asked.tell(
                "an arm is most likely misspelt", row.where(column), f'"{name}", {found[name]} people', near[name]
            )
    return (asked.control, *(arm for arm in known if arm != asked.control))


def _table(asked: _Asked, people: Mapping[str, _Person], arms: Sequence[str], visits: Sequence[str]) -> TrialTable:
    names, everyone = asked.names, tuple(people.values())
    nothing = (math.nan, None)

    def numbers(name: str) -> np.ndarray:
        return np.array([float(one.words[name][0]) if name in one.words else math.nan for one in everyone])

    baseline = numbers(names.baseline) if names.baseline else None
    if asked.baseline_visit:
        baseline = np.array([one.scores.get(asked.baseline_visit, nothing)[0] for one in everyone])
    score = [[one.scores.get(visit, nothing)[0] for visit in visits] for one in everyone]
    try:
        return TrialTable(
            arms=tuple(arms),
            visits=tuple(visits),
            people=tuple(people),
            arm=np.array([arms.index(one.words[names.arm][0]) for one in everyone], int),
            score=np.array(score, float).reshape(len(everyone), len(visits)),
            baseline=baseline,
            numbers={name: numbers(name) for name in names.numbers},
            factors={
                name: tuple(one.words[name][0] if name in one.words else "" for one in everyone)
                for name in names.factors
            },
        )
    except InputError as error:
        column = {"arm": names.arm, "visit": names.visit}
        raise InputError(
            [
                replace(one, where=f"{asked.file}, column {column.get(one.where.partition(' ')[0], names.score)}"
                        + (f", {one.where}" if one.where else ""))
                for one in error.problems
            ]
        ) from error  # fmt: skip
