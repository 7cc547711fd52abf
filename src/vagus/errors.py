"""What can go wrong, as one tree.

    VagusError
    ├── InputError         what was given cannot be used: carries every problem found at once (exit 2)
    │   └── MissingFile    a file that was named is not there
    ├── DoseRefused        a hard limit is exceeded: carries the limits (exit 2)
    ├── ModelRange         a model was asked outside the range it is valid for
    └── Abstained          there is not enough to answer honestly; says what is missing

`Caution` is a warning: it ran, but the answer needs care.

Every message says what, where, what was found, what is allowed and why.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

__all__ = [
    "Abstained",
    "Caution",
    "DoseRefused",
    "InputError",
    "MissingFile",
    "ModelRange",
    "Problem",
    "VagusError",
    "nearest",
]


# so many words are listed even where one of them is near
_FEW = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong with an input, as one sentence.

    Parameters
    ----------
    what : str
        What is wrong, lower case, no full stop: "width is negative".
    where : str
        File, row and field: "course.toml, [pulse] width_us" or "scores.csv, row 4, item_3".
    found, allowed : str
        The value as it was written, and what is allowed instead.
    why : str
        Reason or source, when there is one.
    """

    what: str
    where: str = ""
    found: str = ""
    allowed: str = ""
    why: str = ""

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        if self.found:
            text += f"; found {self.found}"
        if self.allowed:
            text += f"; allowed: {self.allowed}"
        if self.why:
            text += f" ({self.why})"
        return text


class VagusError(Exception):
    """Root of all errors that vagus raises on purpose."""


class InputError(VagusError):
    """What was given cannot be used.

    Parameters
    ----------
    problems : Problem or sequence of Problem or str
        Everything that is wrong, reported together.
    """

    def __init__(self, problems: Problem | str | Iterable[Problem]) -> None:
        if isinstance(problems, str):
            problems = (Problem(what=problems),)
        elif isinstance(problems, Problem):
            problems = (problems,)
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(str(p) for p in self.problems))


class MissingFile(InputError):
    """A file that was named is not there."""


class DoseRefused(VagusError):
    """A hard limit is exceeded; the message names each limit, its value and its source."""

    def __init__(self, limits: Sequence[object]) -> None:
        self.limits = tuple(limits)
        super().__init__("\n".join(str(limit) for limit in self.limits))


class ModelRange(VagusError):
    """A model was asked outside the range it is valid for."""


class Abstained(VagusError):
    """There is not enough to answer honestly; the message says what is missing."""


class Caution(UserWarning):
    """It ran, but the answer needs care; the message says why, and what mends it."""


def nearest(word: str, known: Iterable[str]) -> str:
    """Sentence fragment: the nearest known word, and all that are allowed where they are few or none is near.

    A known word that begins with `word` comes before one that is spelled much like it.

    Examples
    --------
    >>> nearest("amplitud_ma", ["amplitude_ma", "width_us"])
    'did you mean "amplitude_ma"? (one of: amplitude_ma, width_us)'
    >>> nearest("biphasic", ["monophasic", "biphasic_symmetric", "biphasic_asymmetric"])
    'did you mean "biphasic_symmetric"? (one of: biphasic_asymmetric, biphasic_symmetric, monophasic)'
    >>> nearest("xyz", ["a", "b"])
    'one of: a, b'
    """
    choices = sorted(known)
    listed = "one of: " + ", ".join(choices)
    # one or two letters begin too much to tell what was meant
    begun = [choice for choice in choices if len(word) > 2 and choice.casefold().startswith(word.casefold())]
    close = sorted(begun, key=len) or get_close_matches(word, choices, n=1, cutoff=0.6)
    if not close:
        return listed
    return f'did you mean "{close[0]}"?' + (f" ({listed})" if len(choices) <= _FEW else "")
