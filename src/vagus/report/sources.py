"""Sources of the report: each once, numbered, with a short name for tables."""

from __future__ import annotations

import re
from dataclasses import dataclass

from vagus.course import Results
from vagus.source import Source, sources_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of the list: text without DOI, DOI, and what of it was read: "all", "part" or "none"."""

    text: str
    doi: str
    read: str


@dataclass(frozen=True, slots=True, kw_only=True)
class References:
    """Numbered list of sources; `number` finds the one of a source."""

    entries: tuple[Entry, ...]
    numbers: dict[str, int]

    def number(self, source: Source) -> int | None:
        """Place in the list, from 1; None for a source that the list lacks."""
        return self.numbers.get(_key(source))


def references(results: Results) -> References:
    """Every source of the results, one entry a DOI, in the order of the alphabet."""
    groups: dict[str, list[Source]] = {}
    for source in sources_of(results):
        if source.text:
            groups.setdefault(_key(source), []).append(source)
    ordered = sorted(groups.items(), key=lambda item: max((s.text for s in item[1]), key=len).lower())
    entries = tuple(_entry(group) for _, group in ordered)
    return References(entries=entries, numbers={key: k for k, (key, _) in enumerate(ordered, start=1)})


def _key(source: Source) -> str:
    return source.doi.lower() or source.text


def _entry(group: list[Source]) -> Entry:
    text = max((s.text for s in group), key=len)
    doi = group[0].doi
    if doi:
        text = re.sub(rf"[\s,;.]*\(?doi:\s*{re.escape(doi)}\)?", "", text, flags=re.IGNORECASE).strip()
    read = [s.verified for s in group]
    return Entry(text=text, doi=doi, read="all" if all(read) else "part" if any(read) else "none")


_AUTHOR = r"[^\W\d_][\w'’-]+(?: [^\W\d_][\w'’-]+)? [A-Z]{1,3}\b"


def short(source: Source) -> str:
    """Authors and year, or the name of the document, whole.

    Examples
    --------
    >>> short(Source(text="Shannon RV. IEEE Trans Biomed Eng 1992;39:424-426", doi="10.1109/10.126616"))
    'Shannon 1992'
    >>> short(Source(text="Merrill DR, Bikson M, Jefferys JGR. J Neurosci Methods 2005;141:171-198"))
    'Merrill et al. 2005'
    >>> short(Source(text="AS 60601.2.10:2018 extract, instructions-for-use clause"))
    'AS 60601.2.10:2018 extract'
    """
    first, _, _ = source.text.partition("; ")
    year = re.search(r"\b(?:19|20)\d\d\b", first)
    people = re.match(rf"({_AUTHOR}(?:, {_AUTHOR})*)(,? et al)?[.,]? ", first)
    if people and year:
        names = [name.rpartition(" ")[0] for name in people[1].split(", ")]
        many = bool(people[2]) or len(names) > 2
        return f"{names[0]} et al. {year[0]}" if many else f"{' and '.join(names)} {year[0]}"
    recalled = re.search(rf"\(authors ({_AUTHOR})", first)  # a title first, its authors behind
    if recalled:
        return f"{recalled[1].rpartition(' ')[0]} et al."
    return re.split(r"\. |, | \(| via ", first)[0].rstrip(".")
