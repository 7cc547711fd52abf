"""What a person has to look at first, read from a course folder however much of it is wrong.

A wrong key in another row or another file must not hide an answer on suicidality: this reading raises nothing and tells
of no mistakes; `read_course` does.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from vagus.course import Event, Finding, day, grave_events
from vagus.errors import InputError
from vagus.files.keys import keys_of, read_date
from vagus.files.sheets.instruments import OWN, read_instrument
from vagus.files.sheets.names import misnamed
from vagus.files.sheets.scores import read_word
from vagus.files.sheets.sheet import SheetRow, loose_rows
from vagus.files.toml import parse_toml
from vagus.outcome import Answers, Instrument, Notice, instruments, notices
from vagus.outcome.safety import WORST_FIRST

NO_DATE = datetime.date.min
"""Date of a notice whose row has none that can be read; its text says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookFirst:
    """What a person has to look at first in a course folder.

    Parameters
    ----------
    notices : tuple of vagus.outcome.Notice
        Of every answer in scores.csv that can be read.
    findings : tuple of vagus.course.Finding
        Severe adverse events in events.csv.
    contact : str or None
        Whom to call, where course.toml says it.
    """

    notices: tuple[Notice, ...] = ()
    findings: tuple[Finding, ...] = ()
    contact: str | None = None


def look_first(directory: str | Path) -> LookFirst:
    """Safety notices of a course folder, from every row that can be read; raises nothing.

    Parameters
    ----------
    directory : str or Path
        Folder of a course; any of its files may be broken, misnamed or not there.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> rows = "date,instrument,item_8,item_9\\n2026-01-12,phq9,17,3\\n2026-01-,gad7,,\\n"
    >>> _ = (folder / "scores.csv").write_text(rows)
    >>> look_first(folder).notices[0].level
    'urgent'
    """
    folder = Path(directory)
    if folder.name == "course.toml" and folder.is_file():
        folder = folder.parent
    scores, events = _rows(folder, "scores.csv", _SCORES), _rows(folder, "events.csv", _EVENTS)
    return LookFirst(
        notices=_notices(scores, _known(folder)),
        findings=grave_events(_events(events)),
        contact=_contact(folder / "course.toml"),
    )


_MOST_ITEMS = 32
_SCORES = ("date", "instrument", "total", *(f"item_{number}" for number in range(1, _MOST_ITEMS + 1)))
_EVENTS = tuple(keys_of(Event))


def _rows(folder: Path, name: str, columns: Sequence[str]) -> list[SheetRow]:
    """Rows of a table, and of files that are it by a name that is nearly right."""
    try:
        lost = [folder / there for there, meant in misnamed(folder).items() if meant == name]
    except OSError:
        lost = []
    return [row for path in (folder / name, *lost) for row in loose_rows(path, columns=columns)]


def _known(folder: Path) -> dict[str, Instrument]:
    """Instruments of the package, and those of the folder's own that can be read."""
    known = dict(instruments())
    for path in sorted((folder / OWN).glob("*.toml")):
        with contextlib.suppress(InputError, OSError):
            one = read_instrument(path)
            known[one.key] = one
    return known


def _notices(rows: Iterable[SheetRow], known: Mapping[str, Instrument]) -> tuple[Notice, ...]:
    dated: list[Answers] = []
    undated: list[Notice] = []
    for row in rows:
        instrument = _instrument(row.cells.get("instrument", ""), known)
        if instrument is None:
            continue
        items = tuple(
            _number(row.cells.get(f"item_{number}", ""), instrument.item_low, instrument.item_high)
            for number in range(1, instrument.n_items + 1)
        )
        total = _number(row.cells.get("total", ""), instrument.total_low, instrument.total_high)
        if not any(cell for column, cell in row.cells.items() if column.startswith("item_") or column == "total"):
            continue
        when = _date(row.cells.get("date", ""))
        given = items if total is None or any(item is not None for item in items) else None
        one = Answers(date=when or NO_DATE, instrument=instrument.key, items=given, total=total, row=row.number)
        if when is not None:
            dated.append(one)
        else:
            undated.extend(_without_date(notice, row) for notice in notices([one], instruments=known))
    return tuple(
        sorted([*notices(dated, instruments=known), *undated], key=lambda notice: WORST_FIRST.index(notice.level))
    )


def _without_date(notice: Notice, row: SheetRow) -> Notice:
    place = f"on a date that cannot be read ({row.where()})"
    answered = notice.answered.replace(f"on {day(NO_DATE)}", place).replace(f"on {NO_DATE}", place)
    return dataclasses.replace(notice, answered=answered, later="", text=f"{answered} {notice.act}")


def _instrument(written: str, known: Mapping[str, Instrument]) -> Instrument | None:
    bare = {re.sub(r"[^a-z0-9]", "", key.lower()): instrument for key, instrument in known.items()}
    close = get_close_matches(re.sub(r"[^a-z0-9]", "", written.lower()), bare, n=1, cutoff=0.6)
    return bare[close[0]] if close else None


def _number(cell: str, low: float, high: float) -> float | None:
    try:
        value = float(cell.replace(",", "."))
    except ValueError:
        return None
    return value if low <= value <= high else None


def _date(cell: str) -> datetime.date | None:
    try:
        return read_date(cell)
    except InputError:
        return None


def _events(rows: Iterable[SheetRow]) -> list[Event]:
    keys = keys_of(Event)
    found: list[Event] = []
    for row in rows:
        words = {
            name: read_word(row.cells.get(name, ""), keys[name], near=True) or ""
            for name in ("kind", "severity", "relatedness")
        }
        when = _date(row.cells.get("date", ""))
        if words["kind"]:
            text = row.cells.get("text", "")
            if when is None:
                text = f"{text} [its date cannot be read: {row.where()}]".strip()
            found.append(Event(date=when or NO_DATE, text=text, **words))  # pyright: ignore[reportArgumentType]
    return found


def _contact(path: Path) -> str | None:
    try:
        text = path.read_bytes().decode("utf-8-sig", errors="replace")
    except OSError:
        return None
    person = parse_toml(text, name=path.name).data.get("person")
    given = person.get("contact") if isinstance(person, dict) else None
    if not isinstance(given, str):
        match = re.search(r"(?m)^\s*contact\s*=\s*[\"']?([^\"'#\n]+)", text)
        given = match[1].strip() if match else None
    return given or None
