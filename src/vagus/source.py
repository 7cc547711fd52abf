"""Where numbers come from, and how sure they are.

`Source` is a paper, standard, manual or data set. `Known` is a number with unit, range and source. `Effect` is what an
analysis returns. `cite` prints the sources that a result rests on.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

__all__ = ["Effect", "Known", "Source", "cite", "read_source", "sources_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A paper, standard, manual or data set.

    Parameters
    ----------
    text : str
        Author, year and place as they are printed.
    doi : str
        Without the resolver's address; "" where there is none.
    verified : bool
        The number that rests on it was read in a text. False: it was recalled, and shows as such.
    """

    text: str
    doi: str = ""
    verified: bool = True

    def __str__(self) -> str:
        doi = f" doi:{self.doi}" if self.doi and self.doi not in self.text else ""
        return self.text + doi + ("" if self.verified else " [unverified]")

    @property
    def key(self) -> str:
        """BibTeX key: first word of the text, its year, and the end of the DOI."""
        first = re.sub(r"[^a-z]", "", self.text.split()[0].lower()) if self.text else "source"
        year = re.search(r"\b(1[89]\d\d|20\d\d)\b", self.text)
        tail = re.sub(r"[^a-z0-9]", "", self.doi.lower())[-4:]
        return first + (year[1] if year else "") + (f"_{tail}" if tail else "")


def read_source(text: str, *, verified: bool = True) -> Source:
    """Source from one cell of a table, its DOI taken out of the text.

    Examples
    --------
    >>> read_source("Shannon RV. IEEE Trans Biomed Eng 1992;39:424-426. doi:10.1109/10.126616").doi
    '10.1109/10.126616'
    """
    match = re.search(r"doi:\s*(10\.\S+?)[.,;)]*(?=\s|$)", text)
    return Source(text=text.strip(), doi=match[1] if match else "", verified=verified)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A number with unit, range and source.

    Parameters
    ----------
    value : float
    unit : str
        Symbol for people ("S/m").
    low, high : float or None
        Range in which the value may lie; None where no range is known.
    source : Source
    note : str
    """

    value: float
    unit: str
    source: Source
    low: float | None = None
    high: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """An estimate with its interval: what an analysis returns.

    Parameters
    ----------
    estimate, low, high : float
        In `unit`; low and high bound the interval at `level`.
    n : int
        Observations (windows, people, studies) behind it.
    method : str
        How interval and estimate were made, in words.
    """

    estimate: float
    low: float
    high: float
    unit: str
    n: int
    method: str
    level: float = 0.95
    sources: tuple[Source, ...] = ()


def sources_of(thing: object) -> tuple[Source, ...]:
    """Every `Source` inside a result (dataclasses, mappings, sequences), each once, in order of appearance."""
    found: dict[Source, None] = {}

    def walk(part: object) -> None:
        if isinstance(part, Source):
            found.setdefault(part)
        elif dataclasses.is_dataclass(part) and not isinstance(part, type):
            for field in dataclasses.fields(part):
                walk(getattr(part, field.name))
        elif isinstance(part, Mapping):
            for value in part.values():
                walk(value)
        elif isinstance(part, list | tuple | set | frozenset):
            for value in part:
                walk(value)

    walk(thing)
    return tuple(found)


def cite(thing: object) -> str:
    """BibTeX of exactly the sources that a result rests on.

    Parameters
    ----------
    thing : object
        Any result of vagus, or a sequence of `Source`.

    Examples
    --------
    >>> print(cite([Source(text="Shannon RV 1992", doi="10.1109/10.126616")]))
    @misc{shannon1992_6616,
      note = {Shannon RV 1992},
      doi = {10.1109/10.126616},
    }
    """
    return "\n".join(_bibtex(sources_of(thing)))


def _bibtex(sources: Iterable[Source]) -> list[str]:
    entries: list[str] = []
    taken: dict[str, int] = {}
    for source in sources:
        taken[source.key] = taken.get(source.key, 0) + 1
        key = source.key + ("" if taken[source.key] == 1 else "abcdefghijklmnopqrstuvwxyz"[taken[source.key] - 2])
        note = source.text.replace("{", "(").replace("}", ")") + ("" if source.verified else " [unverified: recalled]")
        lines = [f"@misc{{{key},", f"  note = {{{note}}},"]
        if source.doi:
            lines.append(f"  doi = {{{source.doi}}},")
        entries.append("\n".join([*lines, "}"]))
    return entries
