"""Results outside the page: one terminal screen, and JSON."""

from __future__ import annotations

import dataclasses
import datetime
import textwrap
from collections.abc import Sequence
from types import MappingProxyType
from typing import Any

import msgspec

import vagus
from vagus.course import Finding, Results
from vagus.outcome import Notice
from vagus.report.points import points
from vagus.report.words import RESEARCH, arm, contact_line, diagnosis, notice_line, unknown

WIDTH, HEIGHT = 100, 23  # and a line for the path of the report
_NAME = 17


def summary_text(results: Results, *, told: bool = False) -> str:
    """The results on one terminal screen: at most 23 lines of 100 columns, safety notices first.

    Parameters
    ----------
    results : vagus.course.Results
    told : bool
        The safety notices were told already, in full: one line says how many there are.

    Returns
    -------
    str
        Plain text without a final line break; what does not fit is cut with "…".
    """
    course = results.course
    head = [
        _cut(
            f"{course.about.title or course.name or 'Course of treatment'} · {course.person.id} · {diagnosis(results)}"
        )
    ]
    grave = [(n.level, notice_line(n)) for n in results.notices]
    grave += [(f.level, f.text) for f in results.findings if f.grave]
    notices = [f"SAFETY, {level.upper()}: {text}" for level, text in sorted(grave, key=lambda one: one[0] != "urgent")]
    if told and notices:
        n = len(notices)
        notices = [f"SAFETY: {n} notice{'' if n == 1 else 's'}, told first and in the report"]
    elif len(notices) > 2:
        notices = [*notices[:2], f"SAFETY: {len(notices) - 2} more in the report"]
    if notices and not told:
        notices = [*(_cut(n) for n in notices), _cut(contact_line(course))]
    tail = [*_wrapped("Cannot be told", " ".join(unknown(results)), 2), _cut(f"{RESEARCH}.")]
    parts = points(results)
    lines = _shares([len(_wrapped(p.name, p.text, 99)) for p in parts], HEIGHT - len(head) - len(notices) - len(tail))
    body = [line for p, n in zip(parts, lines, strict=True) for line in _wrapped(p.name, p.text, n)]
    return "\n".join([*notices, *head, *body, *tail])


def _shares(wanted: list[int], room: int) -> list[int]:
    """Lines for each part: one at least, nobody a third before all have the second that they need."""
    given = [1] * len(wanted)
    while sum(given) < room and given != wanted:
        short = [k for k, want in enumerate(wanted) if given[k] < want]
        given[min(short, key=lambda k: (given[k], given[k] - wanted[k]))] += 1
    return given


def _cut(line: str) -> str:
    line = line.replace("\xa0", " ")
    return line if len(line) <= WIDTH else line[: WIDTH - 1] + "…"


def _wrapped(name: str, text: str, n: int) -> list[str]:
    lines = textwrap.wrap(
        text.replace("\xa0", " "), WIDTH - _NAME, max_lines=n, placeholder=" …", break_long_words=True
    )
    return [f"{name if k == 0 else '':<{_NAME}}{line}" for k, line in enumerate(lines)]


def results_json(results: Results) -> bytes:
    """The results as JSON, "notices" first; arrays are lists, what is not finite is null.

    Notices are answers that a person has to look at, delivered doses over a limit and severe adverse events, each with
    its kind; "findings" repeats the last two and adds what is less grave.

    Samples of recordings are left out (they lie in the course's own files); channel, rate and length stay.

    Parameters
    ----------
    results : vagus.course.Results
    """
    course = {f.name: getattr(results.course, f.name) for f in dataclasses.fields(results.course)}
    course.pop("places")  # lines of course.toml, for messages
    course["recordings"] = [[_without_samples(part) for part in pair] for pair in results.course.recordings]
    rest = {f.name: getattr(results, f.name) for f in dataclasses.fields(results)}
    document = {
        "notices": notices_json(results.notices, results.findings),
        "contact": results.course.person.contact,
        "arm": arm(results.course.device_use),
        "research": RESEARCH,
        "vagus": vagus.__version__,
        **{key: value for key, value in rest.items() if key != "notices"},
        "course": course,
    }
    return msgspec.json.format(msgspec.json.encode(document, enc_hook=_plain), indent=2)


def notices_json(notices: Sequence[Notice], findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Answers and grave findings in one shape for JSON, urgent ones first; a date that cannot be read is None."""
    told = [{"kind": "answer", **{f.name: getattr(n, f.name) for f in dataclasses.fields(n)}} for n in notices]
    for f in findings:
        if f.grave:
            none = {"instrument": None, "item": None, "value": None}
            told.append({"kind": f.kind, "level": f.level, **none, "date": f.date, "text": str(f)})
    for one in told:
        one["date"] = None if one["date"] == datetime.date.min else one["date"]
    return sorted(told, key=lambda one: one["level"] != "urgent")


def _without_samples(recording: object) -> dict[str, Any] | None:
    if recording is None or not dataclasses.is_dataclass(recording):
        return None
    kept = {f.name: getattr(recording, f.name) for f in dataclasses.fields(recording) if f.name != "samples"}
    return {**kept, "duration_s": getattr(recording, "duration_s", None)}


def _plain(value: object) -> Any:
    if isinstance(value, MappingProxyType):
        return dict(value)
    if isinstance(value, datetime.timedelta):
        return value.total_seconds()
    tolist = getattr(value, "tolist", None)  # numpy arrays and scalars
    if tolist is not None:
        return tolist()
    raise TypeError(f"cannot write {type(value).__name__} as JSON")
