"""Trials of one's own for the evidence: a CSV with the columns of the table `trials`."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from pathlib import Path

from vagus import tables
from vagus.errors import InputError, Problem, nearest
from vagus.files.sheets.sheet import SheetRow, read_sheet
from vagus.outcome import Trial, trials

REQUIRED = ("study_id", "indication", "modality", "design", "primary_endpoint", "primary_met", "source", "verified")
MET = ("yes", "no", "mixed", "na", "ongoing", "unknown")
_COLUMNS = tuple(field.name for field in dataclasses.fields(Trial) if field.name != "arms")
_COUNTS = ("resp_active_n", "resp_control_n")
_SHARES = ("resp_active_pct", "resp_control_pct", "remit_active_pct", "remit_control_pct")
_SPREADS = tuple(name for name in _COLUMNS if name.endswith("_sd"))
_NUMBERS = (*(n for n in _COLUMNS if n.endswith("_mean")), "change_active", "change_control",
            "effect_value", "effect_ci_low", "effect_ci_high")  # fmt: skip
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


def read_trials(path: Path) -> tuple[Trial, ...]:
    """Rows of a CSV file as trials, to stand beside the bundled ones (`vagus.outcome.evidence(more=...)`).

    Columns are those of the table `trials`; `study_id`, `indication`, `modality`, `design`, `primary_endpoint`,
    `primary_met`, `source` and `verified` have to be there and filled: a trial without its verdict and its source is
    not shown. Numbers are checked more strictly than in the bundled table, whose cells hold ranges and words.

    Parameters
    ----------
    path : pathlib.Path

    Raises
    ------
    InputError
        Every cell that cannot be used, with row and column, what was found and what is allowed.
    """
    sheet = read_sheet(path, required=REQUIRED, optional=[name for name in _COLUMNS if name not in REQUIRED])
    problems = list(sheet.problems)
    taken = {trial.study_id: "the bundled table" for trial in trials()}
    found: list[Trial] = []
    for row in sheet.rows:
        wrong = [*_words(row, sheet.unsure), *_numbers(row), *_fit(row), *_twice(row, taken)]
        problems.extend(wrong)
        if not wrong and not sheet.problems:
            cells: dict[str, str | None] = {name: row.cells.get(name) or None for name in _COLUMNS}
            year = cells.pop("year")
            found.append(Trial(**cells, year=int(year) if year else None))  # pyright: ignore[reportArgumentType]
    if not problems and not sheet.rows:
        problems.append(Problem(what="no rows below the header", where=path.name, allowed="a trial in each row"))
    if problems:
        raise InputError(problems)
    return tuple(found)


def _words(row: SheetRow, unsure: Iterable[str]) -> list[Problem]:
    problems = [
        Problem(what=f"{name} is empty", where=row.where(name), allowed="a word; it has to be told for each trial")
        for name in REQUIRED
        if name not in unsure and not row.cells.get(name)
    ]
    routes = [word for line in tables.raw_rows("evidence_routes") for word in line["words"]]
    for name, allowed in (("modality", routes), ("primary_met", MET), ("verified", ("yes", "memory"))):
        cell = row.cells.get(name)
        if cell and cell not in allowed:
            problems.append(
                Problem(
                    what=f"unknown {name}", where=row.where(name), found=f'"{cell}"', allowed=nearest(cell, allowed)
                )
            )
    cell = row.cells.get("indication")
    known = [word for line in tables.raw_rows("evidence_indications") for word in (*line["words"], *line["near"])]
    if cell and cell.lower() not in {word.lower() for word in known}:
        close = get_close_matches(cell, known, n=1, cutoff=0.75)
        if close:  # one that is near none is a new indication, shown under "other"
            problems.append(
                Problem(what="unknown indication", where=row.where("indication"), found=f'"{cell}"',
                        allowed=f'did you mean "{close[0]}"?')
            )  # fmt: skip
    named = [part.strip() for part in row.cells.get("memory_fields", "").split(",") if part.strip()]
    problems += [
        Problem(
            what="memory_fields names no column",
            where=row.where("memory_fields"),
            found=f'"{name}"',
            allowed=nearest(name, (*_COLUMNS, "all")),
        )
        for name in named
        if name not in (*_COLUMNS, "all", "doi")
    ]
    return problems


def _numbers(row: SheetRow) -> list[Problem]:
    problems: list[Problem] = []
    rules: tuple[tuple[Iterable[str], Callable[[float], bool], str], ...] = (
        (("year",), lambda v: v == int(v) and 1950 <= v <= 2100, "a year, 1950 to 2100"),
        (_COUNTS, lambda v: v == int(v) and v >= 0, "a whole number of people"),
        (_SHARES, lambda v: 0 <= v <= 100, "a percentage, 0 to 100"),
        (_SPREADS, lambda v: v > 0, "a standard deviation over 0"),
        (_NUMBERS, lambda _: True, "one number, with a decimal point"),
    )
    for names, fits, allowed in rules:
        for name in names:
            cell = row.cells.get(name)
            if cell and not (_NUMBER.fullmatch(cell) and fits(float(cell))):
                problems.append(
                    Problem(what=f"{name} cannot be used", where=row.where(name), found=f'"{cell}"', allowed=allowed)
                )
    for name in ("n_active", "n_control"):
        cell = row.cells.get(name)
        if cell and not re.fullmatch(r"\d+( total.*| planned.*)?", cell):
            problems.append(
                Problem(what=f"{name} cannot be used", where=row.where(name), found=f'"{cell}"',
                        allowed='people in the arm, or "60 total" where only their sum is known')
            )  # fmt: skip
    return problems


def _fit(row: SheetRow) -> list[Problem]:
    """Cells that contradict each other."""
    problems: list[Problem] = []

    def value(name: str) -> float | None:
        cell = row.cells.get(name, "")
        return float(cell) if _NUMBER.fullmatch(cell) else None

    for arm in ("active", "control"):
        events, n = value(f"resp_{arm}_n"), value(f"n_{arm}")
        if events is not None and n is not None and events > n:
            problems.append(
                Problem(
                    what="more responders than people",
                    where=row.where(f"resp_{arm}_n"),
                    found=f"{events:g} of {n:g}",
                    allowed=f"0 to {n:g}",
                )
            )
    low, high = value("effect_ci_low"), value("effect_ci_high")
    if low is not None and high is not None and low > high:
        problems.append(
            Problem(
                what="the interval is turned around",
                where=row.where("effect_ci_low"),
                found=f"{low:g} to {high:g}",
                allowed="the lower bound first",
            )
        )
    return problems


def _twice(row: SheetRow, taken: dict[str, str]) -> list[Problem]:
    name = row.cells.get("study_id", "")
    if not name:
        return []
    if name in taken:
        return [
            Problem(what="study_id is taken", where=row.where("study_id"), found=f'"{name}", as in {taken[name]}',
                    allowed="a name of its own for each row")
        ]  # fmt: skip
    taken[name] = f"row {row.number}"
    return []
