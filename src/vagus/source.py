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

    One entry a publication: sources with the same DOI, or the same text, are one. What is no publication (no year and
    no DOI: a declared value, a convention) follows as a comment.

    Parameters
    ----------
    thing : object
        Any result of vagus, or a sequence of `Source`.

    Examples
    --------
    >>> print(cite([Source(text="Shannon RV. IEEE Trans Biomed Eng 1992;39:424-426", doi="10.1109/10.126616")]))
    @misc{shannon1992_6616,
      author = {Shannon, R. V.},
      year = {1992},
      note = {Shannon RV. IEEE Trans Biomed Eng 1992;39:424-426},
      doi = {10.1109/10.126616},
    }
    """
    merged: dict[str, list[Source]] = {}
    for source in sources_of(thing):
        merged.setdefault(source.doi.lower() or _plain(source.text), []).append(source)
    entries: list[str] = []
    comments: list[str] = []
    taken: dict[str, int] = {}
    for same in merged.values():
        if not same[0].doi and not _YEAR.search(same[0].text):
            comments.append(f"% not a publication: {same[0].text}")
            continue
        taken[same[0].key] = taken.get(same[0].key, 0) + 1
        key = same[0].key + ("" if taken[same[0].key] == 1 else f"_{taken[same[0].key]}")
        entries.append(_entry(key, same))
    return "\n".join([*entries, *comments])


_YEAR = re.compile(r"\b(1[89]\d\d|20\d\d)\b")
# "Rush AJ et al", "Wu C, Liu P": surnames with initials, before the first full stop
_AUTHORS = re.compile(
    r"^((?:[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)* [A-Z]{1,3})(?:, [A-Z][\w'’ -]+ [A-Z]{1,3})*( et al)?)[.,]? "
)
_LATEX = str.maketrans({c: f"\\{c}" for c in "%&#_$"} | {"{": "(", "}": ")", "~": " "})


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", text.lower()).strip()


def _entry(key: str, same: Iterable[Source]) -> str:
    """BibTeX entry of one publication; its number was read unless every use of it was recalled."""
    sources = tuple(same)
    text = sources[0].text
    fields: dict[str, str] = {}
    authors = _AUTHORS.match(text)
    if authors:
        people = authors[1].removesuffix(" et al").split(", ")
        named = [f"{name.rpartition(' ')[0]}, {'. '.join(name.rpartition(' ')[2])}." for name in people]
        fields["author"] = " and ".join([*named, "others"] if authors[1].endswith(" et al") else named)
    year = _YEAR.search(text)
    if year:
        fields["year"] = year[1]
    fields["note"] = text.translate(_LATEX)
    if not any(source.verified for source in sources):
        fields["annote"] = "not verified: recalled, not read"
    doi = next((source.doi for source in sources if source.doi), "")
    if doi:
        fields["doi"] = doi
    return "\n".join([f"@misc{{{key},", *(f"  {name} = {{{value}}}," for name, value in fields.items()), "}"])
