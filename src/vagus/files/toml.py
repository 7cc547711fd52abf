"""A TOML file with the line of each key, so that a message can point at it; what is broken is read around.

One broken line does not hide the other mistakes of a file: it is set aside, told, and the rest is read.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vagus.errors import InputError, Problem
from vagus.units import parse, suffix_of

_AT = re.compile(r"\s*\(at (?:line (\d+), column \d+|end of document)\)")
_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""^\s*([A-Za-z0-9_."'\- ]+?)\s*=\s*(.*?)\s*$""")
_COLON = re.compile(r"""^\s*([A-Za-z_][\w.]*)\s*:\s*(\S.*?)\s*$""")
_DATE = re.compile(r"^\d{1,4}[-./]\d{1,2}[-./]\d{1,4}")
_MOST_BROKEN_LINES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class TomlText:
    """What a TOML file holds, and where.

    Parameters
    ----------
    name : str
        Name of the file, as messages print it.
    data : dict
        Tables and values that could be read.
    lines : dict of (section, key) to int
        Line of each key from 1; a section of an array carries its number ("recordings 2"); key "" is its header.
    problems : tuple of Problem
        Broken lines.
    broken : frozenset of (section, key)
        Keys that are there but could not be read: they are not missing.
    whole : bool
        False where the file could be read only up to a broken line.
    """

    name: str
    data: dict[str, Any]
    lines: dict[tuple[str, str], int]
    problems: tuple[Problem, ...] = ()
    broken: frozenset[tuple[str, str]] = frozenset()
    whole: bool = True

    def where(self, section: str, key: str = "") -> str:
        """Place for a message: file, line where it is known, section, key."""
        head = section.partition(" ")[0]
        line = self.lines.get((section, key)) or self.lines.get((section, key.partition(".")[0]))
        line = line or self.lines.get((section, ""))
        title = section.replace(head, f"[[{head}]]", 1) if section != head else f"[{section}]"
        place = f"{self.name} line {line}" if line else self.name
        return f"{place}, {title if section else 'top'} {key}".rstrip()


def read_toml(path: Path) -> TomlText:
    """Tables of a TOML file, with lines and with every broken line told.

    Raises
    ------
    InputError
        The file cannot be read as text at all.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        problem = Problem(what="the file is not UTF-8 text", where=f"{path.name} line {line}", allowed="UTF-8")
        raise InputError(problem) from error
    except OSError as error:
        raise InputError(Problem(what=f"cannot be read: {error.strerror}", where=path.name)) from error
    return parse_toml(text, name=path.name)


def parse_toml(text: str, *, name: str) -> TomlText:
    """Tables of a TOML text, read around broken lines.

    Examples
    --------
    >>> toml = parse_toml('[pulse]\\nwidth_us = 250 us\\nrate_hz = 25\\n', name="course.toml")
    >>> toml.data, toml.lines["pulse", "rate_hz"]
    ({'pulse': {'width_us': '250 us', 'rate_hz': 25}}, 3)
    """
    rows = text.replace("\r\n", "\n").split("\n")
    lines = _lines_of(rows)
    at = {number: place for place, number in lines.items() if place[1]}
    problems: list[Problem] = []
    broken: set[tuple[str, str]] = set()
    whole = True
    for _ in range(_MOST_BROKEN_LINES):
        try:
            data = tomllib.loads("\n".join(rows))
        except tomllib.TOMLDecodeError as error:
            number = _line_of(error, rows)
            fixed, problem, quoted = _mend(rows, number, str(error), name)
            if problem is not None:
                problems.append(problem)
            if fixed is not None and _KEY.match(rows[number - 1]) is None and number not in at:
                whole = False  # what stood in that line, nobody knows
            if fixed is None or fixed == rows[number - 1]:
                data, whole = _head(rows, number), False
                break
            rows[number - 1] = fixed
            if not quoted and number in at:
                broken.add(at[number])
        else:
            break
    else:
        data, whole = {}, False
    return TomlText(name=name, data=data, lines=lines, problems=tuple(problems), broken=frozenset(broken), whole=whole)


def _lines_of(rows: list[str]) -> dict[tuple[str, str], int]:
    lines: dict[tuple[str, str], int] = {}
    counts: dict[str, int] = {}
    section, rest = "", ""
    for number, row in enumerate(rows, start=1):
        if header := _HEADER.match(row):
            head, _, rest = header[2].replace(" ", "").partition(".")
            if header[1] == "[[":
                counts[head] = counts.get(head, 0) + 1
            section = f"{head} {counts[head]}" if head in counts else head
            lines.setdefault((section, rest), number)
        elif (key := _KEY.match(row) or _COLON.match(row)) and not row.lstrip().startswith("#"):
            name = re.sub(r"[\"' ]", "", key[1])
            lines.setdefault((section, f"{rest}.{name}" if rest else name), number)
    return lines


def _line_of(error: tomllib.TOMLDecodeError, rows: list[str]) -> int:
    match = _AT.search(str(error))
    number = min(int(match[1]), len(rows)) if match and match[1] else len(rows)
    if "Unclosed" in str(error):  # told where the parser gave up; the mistake is where the bracket opens
        for back in range(number, 0, -1):
            row = rows[back - 1].partition("#")[0]
            if row.count("[") > row.count("]") or row.count("{") > row.count("}"):
                return back
    while number > 1 and not rows[number - 1].strip():
        number -= 1
    return number


def _mend(rows: list[str], number: int, message: str, name: str) -> tuple[str | None, Problem | None, bool]:
    """Line to read instead (None: stop here), what to tell, and whether the value was kept as text."""
    row = rows[number - 1]
    where = f"{name} line {number}"
    what = _AT.sub("", message)
    found = row.strip()
    key = _KEY.match(row)
    if key is None or row.lstrip().startswith("["):
        if "Cannot declare" in message:
            return (
                None,
                Problem(what="a section stands twice", where=where, found=found, allowed="each section once"),
                False,
            )
        return _mend_line(row, where, what)
    if "Cannot overwrite" in message or "Cannot mutate" in message:
        problem = Problem(what=f"key {key[1]} stands twice in its section", where=where, found=found, allowed="once")
        return f"# {row}", problem, False
    fixed, problem, quoted = _mend_equals(key, row, where) or _mend_value(key, row, where, what)
    if fixed is None and '"""' not in row and _stands_alone(rows[number:]):
        fixed = f"# {row}"
    return fixed, problem, quoted


def _stands_alone(below: list[str]) -> bool:
    """Whether a line with an open bracket is followed by the next key or section, not by more of its value."""
    following = next((row for row in below if row.strip() and not row.lstrip().startswith("#")), "")
    return bool(not following or _KEY.match(following) or _HEADER.match(following))


def _mend_line(row: str, where: str, what: str) -> tuple[str | None, Problem, bool]:
    """A line that is no key = value: set aside, a header closed, so that the rest is read all the same."""
    found = row.strip()
    if key := _COLON.match(row):
        what, allowed = "a key and its value are joined by =", f"{key[1]} = {key[2]}"
        return f"# {row}", Problem(what=what, where=where, found=found, allowed=allowed), False
    problem = Problem(what=f"broken TOML: {_lower(what)}", where=where, found=found, allowed=_EXPECTED)
    if header := re.fullmatch(r"\s*(\[\[?)\s*([A-Za-z_]+)\s*\]?\s*", row):
        return header[1] + header[2] + "]" * len(header[1]), problem, False
    if re.match(r"\s*\[", row):
        return None, problem, False
    return f"# {row}", problem, False


def _mend_equals(key: re.Match[str], row: str, where: str) -> tuple[str, Problem, bool] | None:
    """A line with nothing behind its =, or with another = there; None for any other line."""
    value = re.sub(r"(^|\s+)#.*$", "", key[2])
    if not value:
        problem = Problem(what="value missing", where=where, found=f"{key[1]} =", allowed=f"{key[1]} = and its value")
    elif value.startswith("="):
        allowed = f"{key[1]} = {value.lstrip('= ')}"
        problem = Problem(what="one `=` too many", where=where, found=row.strip(), allowed=allowed)
    else:
        return None
    return f"# {row}", problem, False


def _mend_value(key: re.Match[str], row: str, where: str, what: str) -> tuple[str | None, Problem | None, bool]:
    value = re.sub(r"\s+#.*$", "", key[2])
    bare = not re.search(r"[\"'\[\]{}\\]", value)
    quoted = f'{key[1]} = "{value}"'
    if bare and _DATE.match(value):
        return quoted, None, True  # read as text: the walk over the fields says what is wrong with the date
    if re.fullmatch(r"[+-]?\d+,\d+", value):
        dot = value.replace(",", ".")
        return (
            f"# {row}",
            Problem(what="a decimal comma", where=where, found=row.strip(), allowed=f"{key[1]} = {dot}"),
            False,
        )
    if re.fullmatch(r"[+-]?(nan|inf|infinity)", value, re.IGNORECASE) and not value.islower():
        return f"{key[1]} = {value.lower().replace('infinity', 'inf')}", None, True
    if bare and _wrong_unit(key[1], value):
        return quoted, None, True  # told by the walk
    if bare and value:
        problem = Problem(
            what="text and quantities with a unit stand in quotes", where=where, found=row.strip(), allowed=quoted
        )
        return quoted, problem, True
    if value.count('"') == 1 or value.count("'") == 1:
        what = "a quote is not closed"
    problem = Problem(what=f"broken TOML: {_lower(what)}", where=where, found=row.strip(), allowed=_EXPECTED)
    balanced = all(value.count(a) == value.count(b) for a, b in ("[]", "{}")) and '"""' not in value
    return (f"# {row}" if balanced else None), problem, False


def _wrong_unit(key: str, value: str) -> bool:
    suffix = suffix_of(key)
    if suffix is None or not re.match(r"[+-]?\.?\d", value):
        return False
    try:
        parse(value, suffix)
    except InputError:
        return True
    return False


_EXPECTED = '[section], or key = value with text in quotes, such as site = "cymba_left"'


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _head(rows: list[str], number: int) -> dict[str, Any]:
    try:
        return tomllib.loads("\n".join(rows[: number - 1]))
    except tomllib.TOMLDecodeError:
        return {}
