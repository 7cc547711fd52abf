"""A course folder into a `Course`: course.toml and, where they are, scores, sittings, events and recordings.

All mistakes of all files are told together, each with file, line or row, what was found and what is allowed.
"""

from __future__ import annotations

import csv
import dataclasses
import datetime
import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from vagus.course import DIAGNOSES, About, Course, DeviceUse, Person
from vagus.dose import SITES, Protocol, Pulse, Train, condition_of, device_of, devices, montage, site_of
from vagus.errors import InputError, MissingFile, Problem, VagusError, nearest
from vagus.files.judged import hard_limits
from vagus.files.keys import Key, keys_of, show, walk
from vagus.files.plans import read_plans
from vagus.files.sheets import misnamed, read_events, read_instruments, read_scores, read_sittings
from vagus.files.toml import TomlText, read_toml
from vagus.tables import raw_rows

T = TypeVar("T")

SECTIONS: Mapping[str, Mapping[str, Key]] = {
    "about": keys_of(About),
    "person": keys_of(Person),
    "device": keys_of(DeviceUse),
    "pulse": {
        **keys_of(Pulse),
        **keys_of(Train, leave_out=("pulse",)),
        "cathodic_first": Key(name="cathodic_first", kind="flag"),
    },
    "protocol": {**keys_of(Protocol, leave_out=("train",)), "duty_pct": Key(name="duty_pct", kind="number")},
}
"""Section of course.toml -> its keys, from the fields of the nouns."""

_FREE = ("recordings", "report")
_OPTIONAL = ("about",)


def read_course(directory: str | Path) -> Course:
    """Course of treatment in a folder.

    Parameters
    ----------
    directory : str or Path
        Folder with course.toml; scores.csv, sittings.csv, events.csv and recordings are optional, and so are
        instruments of one's own, each a TOML file in its folder `instruments`.

    Raises
    ------
    InputError
        Everything that is wrong in all files of the folder, together.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> from vagus.files import new_course
    >>> folder = pathlib.Path(tempfile.mkdtemp()) / "p01"
    >>> new_course(folder)
    >>> read_course(folder).protocol.train.pulse.width_us
    250.0
    """
    folder = _folder(Path(directory))
    toml = read_toml(folder / "course.toml")
    problems = list(toml.problems)
    values = _sections(toml, problems)
    about = _noun(About, values, "about", toml, problems)
    person = _noun(Person, values, "person", toml, problems)
    device_use = _noun(DeviceUse, values, "device", toml, problems)
    protocol = _protocol(values, toml, problems)
    _check_person(values.get("person", {}), toml, problems)
    _check_device(values.get("device", {}), toml, problems)
    facts = _facts(toml, problems)
    plans, recordings = read_plans(toml, folder, problems)
    own = _table(folder, read_instruments, problems)
    # where an instrument is broken, its rows of scores would be called unknown: one mistake, one sentence
    answers = None if own is None else _table(folder / "scores.csv", lambda path: read_scores(path, own=own), problems)
    sittings = _table(folder / "sittings.csv", read_sittings, problems)
    events = _table(folder / "events.csv", read_events, problems)
    problems.extend(
        Problem(what="a file that nobody reads", where=name, found=name, allowed=f'did you mean "{meant}"?')
        for name, meant in misnamed(folder).items()
    )
    start = values.get("protocol", {}).get("start")
    _check_dates(start, answers, sittings, toml, problems)
    _check_far(start, {"scores.csv": answers, "sittings.csv": sittings, "events.csv": events}, problems)
    places = _places(toml)
    if problems or about is None or person is None or device_use is None or protocol is None:
        raise InputError(_once(problems + hard_limits(values, places)))
    return Course(
        about=about,
        person=person,
        device_use=device_use,
        protocol=protocol,
        plans=plans,
        recordings=recordings,
        answers=answers or (),
        sittings=sittings or (),
        events=events or (),
        missing=_missing(person, plans, {"scores.csv": answers, "sittings.csv": sittings, "events.csv": events}),
        facts=facts,
        name=folder.name,
        places=places,
        instruments=tuple((own or {}).values()),
    )


def _folder(path: Path) -> Path:
    mend = f"a folder with course.toml; start one with: vagus course new {path}"
    if not path.exists():
        raise MissingFile(Problem(what="there is no such folder", where=str(path), allowed=mend))
    if not path.is_dir():
        if path.name == "course.toml":
            mend = f"its folder: {path.parent}"
        raise InputError(Problem(what="a course is a folder", where=str(path), found="a file", allowed=mend))
    if not (path / "course.toml").is_file():
        there = ", ".join(sorted(entry.name for entry in path.iterdir())[:8]) or "an empty folder"
        mend = f"course.toml; start a course with: vagus course new {path}"
        raise MissingFile(Problem(what="there is no course.toml", where=str(path), found=there, allowed=mend))
    return path.resolve()


def _sections(toml: TomlText, problems: list[Problem]) -> dict[str, dict[str, Any]]:
    known = (*SECTIONS, *_FREE)
    tables: dict[str, Any] = {}
    for name, table in toml.data.items():
        section = name
        if name not in known:
            is_section = isinstance(table, dict | list)
            what = "unknown section" if is_section else "key outside of a section"
            found = f"[{name}]" if is_section else f"{name} = {show(table)}"
            where = toml.where(name) if is_section else toml.where("", name)
            problems.append(Problem(what=what, where=where, found=found, allowed=_section_hint(name, known, table)))
            close = [c for c in get_close_matches(name, known, n=1, cutoff=0.6) if c not in toml.data]
            if not close or not isinstance(table, dict):
                continue
            section = close[0]
        if section in SECTIONS:
            tables[section] = (name, table)
    return {
        section: _walked(section, tables[section][0], tables[section][1], toml, problems)
        for section in SECTIONS
        if section in tables or _is_missing(section, toml, problems)
    }


def _section_hint(name: str, known: tuple[str, ...], table: object) -> str:
    if isinstance(table, dict | list):
        return nearest(name, known)
    homes = [section for section, keys in SECTIONS.items() if name in keys]
    return f"{name} under [{homes[0]}]" if homes else "keys under one of: " + ", ".join(f"[{s}]" for s in known)


def _is_missing(section: str, toml: TomlText, problems: list[Problem]) -> bool:
    if section not in _OPTIONAL and toml.whole:
        needed = ", ".join(key.name for key in SECTIONS[section].values() if key.required)
        allowed = f"[{section}] with {needed}"
        problems.append(
            Problem(what=f"section [{section}] is missing", where=toml.name, found="nothing", allowed=allowed)
        )
    return False


def _walked(section: str, name: str, table: object, toml: TomlText, problems: list[Problem]) -> dict[str, Any]:
    if not isinstance(table, dict):
        found = f"[[{name}]]" if isinstance(table, list) else show(table)
        problems.append(Problem(what="not a section", where=toml.where(name), found=found, allowed=f"[{section}]"))
        return {"": False}
    keys = dict(SECTIONS[section])
    for name_of, words in (("diagnosis", DIAGNOSES), ("device", devices()), ("site", SITES)):
        if name_of in keys:
            keys[name_of] = dataclasses.replace(keys[name_of], known=tuple(words))
    if section == "protocol" and {"duty_pct", "duty"} & {*table, *(key for where, key in toml.broken if where == name)}:
        keys["off_s"] = dataclasses.replace(keys["off_s"], required=False)
    unreadable = {key for where, key in toml.broken if where == name}
    values, found = walk(
        table, keys, where=lambda key: toml.where(name, key), complete=toml.whole, unreadable=unreadable
    )
    problems.extend(found)
    if found or unreadable or any(key.required and key.name not in values for key in keys.values()):
        values[""] = False  # not to be built: something in it is wrong
    return values


def _noun(
    noun: Callable[..., T], values: Mapping[str, dict[str, Any]], section: str, toml: TomlText, problems: list[Problem]
) -> T | None:
    table = values.get(section, {} if section in _OPTIONAL else {"": False})
    if "" in table or not toml.whole:
        return None
    return _build(noun, table, section, toml, problems)


def _build(
    noun: Callable[..., T], fields: Mapping[str, Any], section: str, toml: TomlText, problems: list[Problem]
) -> T | None:
    try:
        return noun(**fields)
    except InputError as error:
        for p in error.problems:
            text = f"{p.where} {p.what} {p.found}"
            named = [key for key in SECTIONS[section] if re.search(rf"\b{key}\b", text)]
            key = next((key for key in (_written(toml, section, key) for key in named) if key), "")
            problems.append(dataclasses.replace(p, where=toml.where(section, key)))
        return None


def _written(toml: TomlText, section: str, name: str) -> str:
    """The key as it stands in the file, with its unit or without; "" where it is not there."""
    return next((key for key in (name, SECTIONS[section][name].bare) if (section, key) in toml.lines), "")


def _places(toml: TomlText) -> dict[str, str]:
    """Where each key stands: "pulse amplitude_ma" -> place."""
    found = ((section, name, _written(toml, section, name)) for section, keys in SECTIONS.items() for name in keys)
    return {f"{section} {name}": toml.where(section, key) for section, name, key in found if key}


_ANY_TRAIN = Train(pulse=Pulse(amplitude_ma=1, width_us=1, shape="monophasic"), rate_hz=100_000)


def _protocol(values: Mapping[str, dict[str, Any]], toml: TomlText, problems: list[Problem]) -> Protocol | None:
    """Pulse, train and protocol from their two sections; each is checked even where the other is broken."""
    train = None
    pulse_values = dict(values.get("pulse", {"": False}))
    if "" not in pulse_values:
        _apply_polarity(pulse_values, toml, problems)
        own = {key: pulse_values.pop(key) for key in keys_of(Pulse) if key in pulse_values}
        pulse = _build(Pulse, own, "pulse", toml, problems)
        if pulse is not None:
            train = _build(Train, {"pulse": pulse, **pulse_values}, "pulse", toml, problems)
    table = dict(values.get("protocol", {"": False}))
    if "" in table:
        return None
    if not _apply_duty(table, toml, problems):
        return None
    protocol = _build(Protocol, {"train": train or _ANY_TRAIN, **table}, "protocol", toml, problems)
    return protocol if train is not None else None


def _apply_polarity(values: dict[str, Any], toml: TomlText, problems: list[Problem]) -> None:
    cathodic = values.pop("cathodic_first", None)
    amplitude = values.get("amplitude_ma", 0.0)
    if amplitude == 0:
        where, allowed = (
            toml.where("pulse", _written(toml, "pulse", "amplitude_ma")),
            "a current other than 0 mA; its sign is that of the first phase",
        )
        why = 'a sham is described by [device] arm = "sham"'
        problems.append(Problem(what="amplitude_ma is zero", where=where, found="0 mA", allowed=allowed, why=why))
    if cathodic is False and amplitude < 0:
        where = toml.where("pulse", "cathodic_first")
        found = f"cathodic_first = false with amplitude_ma = {amplitude:g}"
        allowed = "cathodic_first = true, or a positive amplitude_ma"
        problems.append(Problem(what="cathodic_first contradicts the sign", where=where, found=found, allowed=allowed))
    if cathodic is True:
        values["amplitude_ma"] = -abs(amplitude)


def _apply_duty(table: dict[str, Any], toml: TomlText, problems: list[Problem]) -> bool:
    duty = table.pop("duty_pct", None)
    if duty is None:
        return True
    on_s = table["on_s"] + 2 * table.get("ramp_s", 0.0)
    off_s = 100 * on_s / duty - table["on_s"]
    if "off_s" not in table:
        table["off_s"] = round(off_s, 9)
        return True
    actual = 100 * on_s / (table["on_s"] + table["off_s"])
    if abs(actual - duty) > 0.005 * max(actual, duty) + 0.05:
        where = toml.where("protocol", _written(toml, "protocol", "duty_pct"))
        allowed = f"{actual:.3g} %, which follows from on_s, off_s and ramp_s, or leave duty_pct out"
        problems.append(
            Problem(what="duty_pct contradicts on_s and off_s", where=where, found=f"{duty:g} %", allowed=allowed)
        )
        return False
    return True


def _check_person(person: Mapping[str, Any], toml: TomlText, problems: list[Problem]) -> None:
    for condition in person.get("conditions") or ():
        try:
            condition_of(condition)
        except InputError as error:
            where = toml.where("person", "conditions")
            problems.extend(dataclasses.replace(p, where=where) for p in error.problems)


def _check_device(table: Mapping[str, Any], toml: TomlText, problems: list[Problem]) -> None:
    found: dict[str, Any] = {}
    for key, read in (("device", device_of), ("site", site_of)):
        if key in table:
            try:
                found[key] = read(table[key])
            except InputError as error:
                problems.extend(dataclasses.replace(p, where=toml.where("device", key)) for p in error.problems)
    if len(found) == 2:
        try:
            montage(found["device"], table["site"])
        except InputError as error:
            problems.extend(dataclasses.replace(p, where=toml.where("device", "site")) for p in error.problems)


def _facts(toml: TomlText, problems: list[Problem]) -> dict[str, str]:
    known = [key.strip() for row in raw_rows("reporting") for key in str(row["data_field_hint"]).split(",")]
    table = toml.data.get("report", {})
    if not isinstance(table, dict):
        problems.append(
            Problem(what="not a section", where=toml.where("report"), found=show(table), allowed="[report]")
        )
        return {}
    facts: dict[str, str] = {}

    def flat(part: Mapping[str, Any], path: str) -> None:
        for name, value in part.items():
            key = f"{path}{name}"
            if isinstance(value, dict) and key not in known:
                flat(value, f"{key}.")
            elif key not in known:
                where = toml.where("report", key)
                problems.append(Problem(what="unknown key", where=where, found=key, allowed=nearest(key, known)))
            elif isinstance(value, list | dict):
                where = toml.where("report", key)
                problems.append(Problem(what="not a text", where=where, found=show(value), allowed="text in quotes"))
            else:
                facts[key] = value if isinstance(value, str) else show(value)

    flat(table, "")
    return facts


def _table(path: Path, read: Callable[[Path], T], problems: list[Problem]) -> T | None:
    if not path.exists():
        return None
    try:
        return read(path)
    except InputError as error:
        problems.extend(error.problems)
    except (VagusError, csv.Error) as error:
        problems.append(Problem(what=str(error), where=path.name))
    return None


def _check_dates(
    start: datetime.date | None, answers: Any, sittings: Any, toml: TomlText, problems: list[Problem]
) -> None:
    if start is None:
        return
    where = toml.where("protocol", "start")
    if answers:
        first, last = min(one.date for one in answers), max(one.date for one in answers)
        if start > last and start > first + _BASELINE:
            found, allowed = f"start = {start}, last score {last}", f"a start up to {last}, or scores from the course"
            problems.append(
                Problem(what="the course starts after the last score", where=where, found=found, allowed=allowed)
            )
            return  # its sittings then lie before the start as well: one mistake, one sentence
    for sitting in sittings or ():
        if sitting.date < start:
            place = f"sittings.csv row {sitting.row}, date"
            allowed = f"{start} or later, the start in course.toml"
            problems.append(
                Problem(
                    what="sitting before the start of the course", where=place, found=f"{sitting.date}", allowed=allowed
                )
            )


_BASELINE = datetime.timedelta(days=60)
"""How long before a course that has no later score its baselines may lie; declared. Longer ago, a date is mistyped."""
_LONGEST = datetime.timedelta(days=20 * 366)


def _check_far(start: datetime.date | None, tables: Mapping[str, Any], problems: list[Problem]) -> None:
    """Rows more than 20 years from the start: a slip of the pen."""
    for name, rows in tables.items():
        for number, row in enumerate(rows or (), start=1):
            if start is not None and abs(row.date - start) > _LONGEST:
                place = f"{name} row {getattr(row, 'row', None) or number}, date"
                allowed = f"a date within 20 years of {start}, the start in course.toml"
                what = "far from the course"
                problems.append(Problem(what=what, where=place, found=f"{row.date}", allowed=allowed))


def _once(problems: list[Problem]) -> list[Problem]:
    return list(dict.fromkeys(problems))


_LOST = {
    "scores.csv": "whether the person is better cannot be told",
    "sittings.csv": "the delivered dose cannot be told, only the prescribed one",
    "events.csv": "adverse events and changes of medication or settings cannot be told",
}


def _missing(person: Person, plans: object, tables: Mapping[str, object]) -> tuple[str, ...]:
    said = [
        f"{'no ' + name if rows is None else name + ' has no rows'}: {_LOST[name]}."
        for name, rows in tables.items()
        if not rows
    ]
    if not plans:
        said.append("no recordings: vagal tone before, during and after stimulation cannot be told.")
    if person.contact is None:
        said.append("no contact in [person]: a safety notice cannot say whom to call.")
    if person.conditions is None:
        said.append("no conditions in [person]: contraindications were not asked for and cannot be judged.")
    return tuple(said)
