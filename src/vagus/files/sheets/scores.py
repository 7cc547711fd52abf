"""The tables beside a course: answers to questionnaires, sittings as delivered, events."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from vagus.course import Event, Sitting
from vagus.errors import InputError, Problem, nearest
from vagus.files.keys import Key, keys_of, read_date, read_value
from vagus.files.sheets.sheet import SheetRow, read_sheet
from vagus.outcome import Answers, Instrument, check_answers, instruments


def read_scores(path: str | Path, *, own: Mapping[str, Instrument] | None = None) -> tuple[Answers, ...]:
    """Answers in a scores.csv: columns date, instrument, and item_1 … item_n or total.

    An empty item is a missing answer. Lines that start with # before the header are comments.

    Parameters
    ----------
    path : str or Path
    own : mapping of str to Instrument or None
        A lab's own instruments, by key (`read_instrument`); they go before the package's.

    Raises
    ------
    InputError
        Everything that is wrong with the file, each with its row.
    """
    known = {**instruments(), **(own or {})}
    most = max(instrument.n_items for instrument in known.values())
    items = tuple(f"item_{number}" for number in range(1, most + 1))
    sheet = read_sheet(Path(path), required=("date", "instrument"), optional=("total", *items))
    problems = list(sheet.problems)
    named = {"date", "instrument"} & set(sheet.columns)
    answered = any(column == "total" or column in items for column in sheet.columns)
    if named and not answered:
        found = f"columns {', '.join(sheet.columns)}"
        allowed = "item_1, item_2 … for item answers, or total"
        problems.append(
            Problem(what="columns for the answers are missing", where=sheet.file, found=found, allowed=allowed)
        )
    if len(named) < 2 or not answered or named & sheet.unsure:
        raise InputError(problems)
    answers: list[Answers] = []
    seen: dict[tuple[datetime.date, str], SheetRow] = {}
    told: set[str] = set()
    shape = _Shape(columns=sheet.columns, unsure=sheet.unsure, told=told, known=known)
    for row in sheet.rows:
        one = _answers(row, shape, problems)
        if one is None:
            continue
        first = seen.setdefault((one.date, one.instrument), row)
        if first is not row:
            found = f"{one.date} {one.instrument}, which stands in row {first.number} (line {first.line}) already"
            allowed = "one row for each date and instrument"
            problems.append(
                Problem(what="duplicate date and instrument", where=row.where(), found=found, allowed=allowed)
            )
        answers.append(one)
    if problems:
        raise InputError(problems)
    return tuple(answers)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shape:
    """Columns of the file, those that the header leaves unsure, instruments told of, and those known."""

    columns: tuple[str, ...]
    unsure: frozenset[str]
    told: set[str]
    known: Mapping[str, Instrument]


def _answers(row: SheetRow, shape: _Shape, problems: list[Problem]) -> Answers | None:
    date, key = _cell(row, "date", read_date, problems), row.cells.get("instrument", "")
    instrument = shape.known.get(key)
    if instrument is None:
        what = "unknown instrument" if key else "instrument is empty"
        allowed = nearest(key.lower(), shape.known)
        problems.append(Problem(what=what, where=row.where("instrument"), found=f'"{key}"', allowed=allowed))
        return None
    before = len(problems)
    items = _items(row, instrument, shape, problems)
    total = _total(row, instrument, problems)
    if items is None and total is None and len(problems) == before and not shape.unsure:
        allowed = f"item_1 to item_{instrument.n_items}, or total; a visit without answers has no row"
        problems.append(Problem(what="the row has no answers", where=row.where(), found="empty cells", allowed=allowed))
    if date is None or len(problems) > before or (items is None and total is None):
        return None
    one = Answers(date=date, instrument=key, items=items, total=total, row=row.number)
    wrong = [
        dataclasses.replace(p, where=row.where("total" if "total" in p.what else ""))
        for p in check_answers(one, instrument=instrument)
    ]
    problems.extend(wrong)
    return None if wrong else one


def _items(
    row: SheetRow, instrument: Instrument, shape: _Shape, problems: list[Problem]
) -> tuple[float | None, ...] | None:
    answered = [c for c, cell in row.cells.items() if c.startswith("item_") and c[5:].isdigit() and cell]
    if not answered:
        return None
    needed = [f"item_{number}" for number in range(1, instrument.n_items + 1)]
    lacking = [column for column in needed if column not in shape.columns]
    if lacking and instrument.key not in shape.told and not shape.unsure:
        shape.told.add(instrument.key)
        names = lacking[0] if len(lacking) == 1 else f"{lacking[0]} to {lacking[-1]}"
        what = f"column {names} is missing"
        allowed = f"item_1 to item_{instrument.n_items} for {instrument.key}"
        problems.append(
            Problem(
                what=what,
                where=f"{row.file}, header",
                found=f"{len(needed) - len(lacking)} item columns",
                allowed=allowed,
            )
        )
    allowed = f"an empty cell: {instrument.key} has {instrument.n_items} items"
    problems.extend(
        Problem(what="no such item", where=row.where(column), found=row.cells[column], allowed=allowed)
        for column in answered
        if int(column[5:]) > instrument.n_items
    )
    return tuple(_answer(row, column, instrument, problems) if row.cells.get(column) else None for column in needed)


def _answer(row: SheetRow, column: str, instrument: Instrument, problems: list[Problem]) -> float | None:
    span = instrument.range_of(int(column[5:]))
    kind = "a whole number" if span.whole else "a number"
    allowed = f"{kind} from {span.low:g} to {span.high:g} ({instrument.key}), or an empty cell where it is missing"
    value = _plain(row, column, allowed, problems)
    broken = span.whole and value is not None and not value.is_integer()
    if value is not None and (broken or not span.low <= value <= span.high):
        what = "item is not a whole number" if broken else "item out of range"
        problems.append(Problem(what=what, where=row.where(column), found=row.cells[column], allowed=allowed))
        return None
    return value


def _total(row: SheetRow, instrument: Instrument, problems: list[Problem]) -> float | None:
    if not row.cells.get("total"):
        return None
    low, high = instrument.total_low, instrument.total_high
    allowed = f"{low:g} to {high:g} ({instrument.key})"
    value = _plain(row, "total", allowed, problems)
    if value is not None and not low <= value <= high:
        problems.append(
            Problem(what="total out of range", where=row.where("total"), found=row.cells["total"], allowed=allowed)
        )
        return None
    return value


def _plain(row: SheetRow, column: str, allowed: str, problems: list[Problem]) -> float | None:
    try:
        return float(read_value(row.cells[column], Key(name="value", kind="number")))
    except InputError as error:
        problems.extend(dataclasses.replace(p, where=row.where(column), allowed=allowed) for p in error.problems)
        return None


def _cell(row: SheetRow, column: str, read: Any, problems: list[Problem]) -> Any:
    try:
        return read(row.cells.get(column, ""))
    except InputError as error:
        problems.extend(dataclasses.replace(p, where=row.where(column)) for p in error.problems)
        return None


def read_sittings(path: str | Path) -> tuple[Sitting, ...]:
    """Sittings as delivered: columns date, amplitude_ma, minutes, and perception_ma where it was found.

    Raises
    ------
    InputError
        Everything that is wrong with the file, each with its row.
    """
    rows = _rows(Path(path), keys_of(Sitting, leave_out=("row",)))
    return tuple(
        Sitting(**{**values, "amplitude_ma": abs(values["amplitude_ma"])}, row=row.number) for row, values in rows
    )


def read_events(path: str | Path) -> tuple[Event, ...]:
    """Events: columns date, kind, and severity, relatedness, text where known.

    Raises
    ------
    InputError
        Everything that is wrong with the file, each with its row.
    """
    return tuple(Event(**values) for _, values in _rows(Path(path), keys_of(Event)))


_WORDS = ("kind", "severity", "relatedness")


def read_word(cell: str, key: Key, *, near: bool = False) -> str | None:
    """Word of an event as its key has it, or with `near` the nearest one; None where there is none."""
    text = cell.strip().lower().replace(" ", "_").replace("-", "_")
    if text in key.choices:
        return text
    close = get_close_matches(text, key.choices, n=1, cutoff=0.6) if near else []
    return close[0] if close else None


def _rows(path: Path, keys: Mapping[str, Key]) -> list[tuple[SheetRow, dict[str, Any]]]:
    required = [key.name for key in keys.values() if key.required]
    optional = [key.name for key in keys.values() if not key.required]
    sheet = read_sheet(path, required=required, optional=optional)
    problems = list(sheet.problems)
    rows: list[tuple[SheetRow, dict[str, Any]]] = []
    for row in sheet.rows:
        values: dict[str, Any] = {}
        for column, cell in row.cells.items():
            key = keys.get(column)
            if key is None:
                continue
            if cell:
                text = (read_word(cell, key) or cell) if column in _WORDS else cell
                values[column] = _cell(row, column, lambda _, text=text, key=key: read_value(text, key), problems)
            elif key.required and column not in sheet.unsure:
                problems.append(
                    Problem(what=f"{column} is empty", where=row.where(column), allowed="a value in every row")
                )
        rows.append((row, values))
    if problems:
        raise InputError(problems)
    return rows
