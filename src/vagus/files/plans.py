"""The recordings of a course: what course.toml says of each, the files themselves, and whether both agree."""

from __future__ import annotations

import dataclasses
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vagus import signal
from vagus.course import RecordingPlan, Segment
from vagus.course.course import Kind
from vagus.errors import InputError, Problem
from vagus.files.keys import Key, keys_of, read_value, show, walk
from vagus.files.recordings import read_recording
from vagus.files.toml import TomlText

Pair = tuple[signal.Recording, signal.Recording | None]

_SEGMENTS = {word: name for name in ("before", "during", "after") for word in (f"{name}_s", name)}
_EXTENSIONS = {".csv", ".tsv", ".txt", ".edf", ".bdf", ".hea", ".dat"}
_FIELDS = keys_of(RecordingPlan, leave_out=("segments",))
PLAN_KEYS = {
    **_FIELDS,
    "respiration": Key(name="respiration", kind="text"),
    **{word: Key(name=word, kind="list") for word in _SEGMENTS},
}
"""Keys of one ``[[recordings]]`` section."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Section:
    """One ``[[recordings]]`` section on its way in: its keys, where they stand, and what is wrong with them so far."""

    name: str
    table: dict[str, Any]
    toml: TomlText
    folder: Path
    problems: list[Problem]

    def where(self, *keys: str) -> str:
        """Place of the first of these keys that was written."""
        written = (key for key in keys if (self.name, key) in self.toml.lines)
        return self.toml.where(self.name, next(written, keys[-1]))

    def tell(self, error: InputError, *keys: str) -> None:
        """Add the problems of an error, placed at a key."""
        self.problems.extend(dataclasses.replace(p, where=self.where(*keys)) for p in error.problems)

    def wrong(self, key: str, what: str, found: str, allowed: str) -> None:
        """Add one problem."""
        self.problems.append(Problem(what=what, where=self.where(key), found=found, allowed=allowed))


def read_plans(
    toml: TomlText, folder: Path, problems: list[Problem]
) -> tuple[tuple[RecordingPlan, ...], tuple[Pair, ...]]:
    """Plans and recordings of ``[[recordings]]``; everything that is wrong goes to `problems`."""
    raw = toml.data.get("recordings", [])
    if not isinstance(raw, list) or not all(isinstance(table, dict) for table in raw):
        where, allowed = toml.where("recordings"), "[[recordings]] with two brackets, once for each recording"
        found = "[recordings]" if isinstance(raw, dict) else f"recordings = {show(raw)}"
        problems.append(Problem(what="recordings are a list of sections", where=where, found=found, allowed=allowed))
        return (), ()
    plans: list[RecordingPlan] = []
    pairs: list[Pair] = []
    for number, table in enumerate(raw, start=1):
        before = len(problems)
        section = _Section(name=f"recordings {number}", table=table, toml=toml, folder=folder, problems=problems)
        plan, segments = _read_plan(section)
        pair = _read_pair(plan, segments, section) if plan is not None else None
        if plan is not None and pair is not None and len(problems) == before:
            plans.append(plan)
            pairs.append(pair)
    return tuple(plans), tuple(pairs)


def _read_plan(section: _Section) -> tuple[RecordingPlan | None, tuple[Segment, ...]]:
    """Plan as far as it can be read: with a wrong segment the file is read all the same, to tell its mistakes too."""
    segments = _read_segments(section)
    rest = {key: value for key, value in section.table.items() if key not in _SEGMENTS and key != "segments"}
    values, found = walk(
        rest,
        PLAN_KEYS,
        where=section.where,
        complete=section.toml.whole,
        unreadable={key for name, key in section.toml.broken if name == section.name},
    )
    section.problems.extend(found)
    short = values.pop("respiration", None)
    if short is not None:
        is_file = (section.folder / short).is_file() or Path(short).suffix.lower() in _EXTENSIONS
        field = "respiration_file" if is_file else "respiration_channel"
        if field in values:
            section.wrong("respiration", "the breathing stands twice", f"respiration and {field}", "one of them")
        values[field] = short
    if not {"file", "kind"} <= values.keys():
        return None, segments
    try:
        return RecordingPlan(**values, segments=segments), segments
    except InputError as error:
        for p in error.problems:
            name = p.where.rpartition(".")[2]
            section.tell(InputError(p), *_spellings(name))
        return RecordingPlan(**values), segments


def _spellings(name: str) -> tuple[str, ...]:
    return (f"{name}_s", name, f"segments.{name}", f"segments.{name}_s", "segments")


def _read_segments(section: _Section) -> tuple[Segment, ...]:
    """Segments written as ``before_s = [0, 150]``, ``before = [0, 150]`` or ``segments = {before = [0, 150]}``."""
    inline = section.table.get("segments", {})
    if not isinstance(inline, dict):
        section.wrong(
            "segments", "segments are not a table", show(inline), "before_s = [0, 150], during_s = …, after_s = …"
        )
        inline = {}
    written = {word: section.table[word] for word in _SEGMENTS if word in section.table}
    written |= {f"segments.{word}": value for word, value in inline.items()}
    segments: dict[str, Segment] = {}
    for word, value in written.items():
        name = _SEGMENTS.get(word.removeprefix("segments."))
        if name is None:
            section.wrong(word, "unknown segment", word, "before, during, after")
        elif name in segments:
            section.wrong(word, f'segment "{name}" stands twice', word, "once")
        else:
            try:
                segments[name] = _segment(name, value)
            except InputError as error:
                section.tell(error, word)
    return tuple(sorted(segments.values(), key=lambda segment: segment.start_s))


def _segment(name: Any, value: Any) -> Segment:
    if not isinstance(value, list) or len(value) != 2:
        allowed = "two numbers in seconds: [start, end]"
        raise InputError(Problem(what=f'segment "{name}" is not a pair', found=show(value), allowed=allowed))
    start_s, end_s = (read_value(part, Key(name="time_s", kind="number")) for part in value)
    return Segment(name=name, start_s=start_s, end_s=end_s)


def _is_inside(section: _Section, file: str, prefix: str) -> bool:
    """Whether a recording lies in the course folder: a course can be moved and sent as a whole."""
    path = Path(os.path.normpath(file))
    if not path.is_absolute() and ".." not in path.parts:
        return True
    written = next((key for key in (f"{prefix}file", "respiration") if key in section.table), f"{prefix}file")
    allowed = "a path inside it, such as recordings/rest.csv; copy the file there"
    section.wrong(written, "the file lies outside the course folder", show(file), allowed)
    return False


def _read_pair(plan: RecordingPlan, segments: tuple[Segment, ...], section: _Section) -> Pair | None:
    heart = _read_file(section, plan.file, "", kind=plan.kind, fs_hz=plan.fs_hz, channel=plan.channel)
    if heart is not None:
        _check_heart(heart, plan, section)
        _check_segments(heart, plan, segments, section)
    elif plan.fs_hz is not None:  # at the rate of the file itself its other mistakes can be told
        aside = dataclasses.replace(section, problems=[])
        other = _read_file(aside, plan.file, "", kind=plan.kind, fs_hz=None, channel=plan.channel)
        if other is not None:
            _check_segments(other, plan, segments, section)
    breath = None
    file = plan.respiration_file or (plan.file if plan.respiration_channel else None)
    if file is not None and (heart is not None or file != plan.file):
        fs_hz = plan.respiration_fs_hz or (plan.fs_hz if file == plan.file else None)
        breath = _read_file(section, file, "respiration_", kind="resp", fs_hz=fs_hz, channel=plan.respiration_channel)
    return (heart, breath) if heart is not None else None


def _read_file(
    section: _Section, file: str, prefix: str, *, kind: Kind, fs_hz: float | None, channel: str | None
) -> signal.Recording | None:
    if not _is_inside(section, file, prefix):
        return None
    path = section.folder / file
    try:
        if path.is_dir():
            raise InputError(
                Problem(what="is a folder", where=str(path), found="a folder", allowed="one file of a recording")
            )
        return read_recording(path, kind=kind, fs_hz=fs_hz, channel=channel)
    except InputError as error:
        found = error.problems
    except (OSError, ValueError) as error:  # ValueError: not a path at all
        found = (Problem(what=f"cannot be read: {error}", found=show(file), allowed="a file in the course folder"),)
    for p in found:
        key = next((key for key in ("fs_hz", "channel") if key in p.what), "file")
        keys = (f"{prefix}{key}", "respiration") if prefix else (key, "file")
        inside = p.where.replace(f"{section.folder}{os.sep}", "") or file
        section.problems.append(dataclasses.replace(p, where=f"{section.where(*keys)}: {inside}"))
    return None


def _check_heart(heart: signal.Recording, plan: RecordingPlan, section: _Section) -> None:
    if plan.kind == "ecg":
        try:
            signal.find_beats(heart)  # by the room's name: the detector loads with the first ECG, not with this module
        except InputError as error:
            where = f"{section.where('file')}: {plan.file}"
            section.problems.extend(dataclasses.replace(p, where=where) for p in error.problems)


def _check_segments(
    heart: signal.Recording, plan: RecordingPlan, segments: tuple[Segment, ...], section: _Section
) -> None:
    for segment in segments:
        if segment.end_s > heart.duration_s + 1.5 / heart.fs_hz:
            section.problems.append(
                Problem(
                    what=f'segment "{segment.name}" lies outside the recording',
                    where=section.where(*_spellings(segment.name)),
                    found=f"[{segment.start_s:g}, {segment.end_s:g}] s",
                    allowed=f"0 to {heart.duration_s:g} s, the length of {plan.file}",
                )
            )
