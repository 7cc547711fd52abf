"""Cells of the trials table in words that a reader needs no key for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

from vagus import tables

About = Literal["symptoms", "physiology", "feasibility"]
Column = Literal["endpoint", "measure", "detail", "remark"]

# order matters: comparison signs before the marks that stand inside them
_TIDY: tuple[tuple[str, str], ...] = (
    (r">=\s*", "at least "),
    (r"<=\s*", "at most "),
    (r"(\d)%", r"\1 %"),
    (r"\bvs\.?\s", "against "),
    (r"\bwk (?=\d)", "week "),
    (r"\bwk\b", "weeks"),
    (r"(?<=\d) ?mo\b", " months"),
    (r"(?<=\d)-y\b", "-year"),
    (r"(?<=\d) y\b", " years"),
    (r"([Nn])on-randomised", r"\1on-randomized"),
    (r"([Rr])andomised", r"\1andomized"),
    (r"\bTAU\b", "usual care"),
    (r"(?<=[a-zA-Z])\+(?=[a-zA-Z])", " + "),
    (r"centre\b", "center"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """Words for one cell.

    Parameters
    ----------
    column : {"endpoint", "measure", "detail", "remark"}
    cell : str
        The text as it stands in the table; for "remark" the study_id.
    words : str
    unit : str
        Stands behind the value of a measure.
    parts : tuple of str
        Names of the values where a cell holds several, parted by "/".
    about : {"symptoms", "physiology", "feasibility"}
        What an endpoint is about.
    """

    column: Column
    cell: str
    words: str
    unit: str = ""
    parts: tuple[str, ...] = ()
    about: About = "symptoms"


@cache
def _phrases() -> dict[tuple[str, str], Phrase]:
    return {(row.column, row.cell): row for row in tables.rows("evidence_words", Phrase)}


def phrase(column: Column, cell: str) -> Phrase:
    """Words for a cell; the cell itself, tidied, where the table of words does not hold it.

    Examples
    --------
    >>> phrase("measure", "risk difference % points").unit
    'percentage points'
    """
    return _phrases().get((column, cell)) or Phrase(column=column, cell=cell, words=tidy(cell))


def remark(study_id: str) -> str:
    """What has to be said beside the figures of one study; "" for most."""
    found = _phrases().get(("remark", study_id))
    return found.words if found else ""


def tidy(text: str) -> str:
    """Text of a cell with signs and short forms written out.

    Examples
    --------
    >>> tidy("response >=50% at 12 wk vs sham")
    'response at least 50 % at 12 weeks against sham'
    """
    for pattern, words in _TIDY:
        text = re.sub(pattern, words, text)
    return text


def effect(measure: Phrase | None, value: str | None, low: str | None, high: str | None) -> str:
    """Effect with unit and interval; "" where neither a value nor an interval is in the table.

    Examples
    --------
    >>> effect(phrase("measure", "risk difference % points"), "5.2", None, None)
    'risk difference 5.2 percentage points'
    >>> effect(phrase("measure", "group x time coefficient"), None, "-0.07", "0.15")
    'group by time coefficient: interval -0.07 to 0.15, no estimate in the table'
    """
    words = measure.words if measure else ""
    unit = f" {measure.unit}" if measure and measure.unit else ""
    span = f"{low} to {high}" if low and high else ""
    if value is None:
        return f"{words}: interval {span}{unit}, no estimate in the table".lstrip(": ") if span else ""
    values = value.split("/")
    if measure and len(values) == len(measure.parts) > 1:
        named = [f"{name} {one.strip()}{unit}" for name, one in zip(measure.parts, values, strict=True)]
        return f"{words}: {', '.join(named)}"
    if not any(sign.isdigit() for sign in value):
        return value
    text = f"{words} {value}{unit}".strip()
    return f"{text} ({span})" if span else text


def chance(cell: str) -> str:
    """A cell of p values in words.

    Examples
    --------
    >>> chance("0.045 remission; 0.317 response")
    'p 0.045 (remission), p 0.317 (response)'
    >>> chance("<0.001"), chance("BF01=24.678")
    ('p < 0.001', 'Bayes factor 24.678 in favor of no effect')
    """
    if cell.startswith("BF01="):
        return f"Bayes factor {cell[5:]} in favor of no effect"
    return ", ".join(_one_chance(part.strip()) for part in cell.split(";"))


def _one_chance(part: str) -> str:
    found = re.fullmatch(r"(?:(?P<name>.*?)\s*p=)?(?P<sign><?)\s*(?P<value>[\d.]+)\s*(?P<rest>.*)", part)
    if found is None:
        return f"p {part}"
    rest = found["rest"].strip("()") or ("odds ratio" if found["name"] == "OR" else found["name"] or "")
    rest = re.sub(r"^n=(\d+) (\w+)$", r"\1 \2 people", tidy(rest))
    sign = "< " if found["sign"] else ""
    return f"p {sign}{found['value']}" + (f" ({rest})" if rest else "")


def people(active: str, control: str) -> str:
    """Cells of group sizes in words.

    Examples
    --------
    >>> people("112", "110"), people("493 total 1:1", ""), people("30", "")
    ('112 active, 110 control', '493 people in all, 1:1', '30 people')
    """
    if control.isdigit() and control != "0":
        return f"{active} active, {control} control"
    if active.isdigit():
        return "1 person" if active == "1" else f"{active} people"
    found = re.fullmatch(r"(\d+) (planned )?total(.*)", active)
    if found is None:
        return active
    rest = found[3].strip()
    return f"{found[1]} people {'planned' if found[2] else 'in all'}" + (
        "" if not rest else f" {rest}" if rest.startswith("(") else f", {rest}"
    )
