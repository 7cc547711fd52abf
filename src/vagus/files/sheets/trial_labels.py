"""Names of arms and visits: spelt two ways, out of order, or a date where a name is due."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from difflib import get_close_matches

from vagus.errors import Problem

_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}([T ].*)?|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{1,2}[- ][A-Za-z]{3}[- ]\d{2,4}")
_RARE = 0.05  # an arm with fewer of the people, named like another, is most likely that other


def is_date(cell: str) -> bool:
    """A cell that a person would read as a date.

    Examples
    --------
    >>> is_date("2026-03-09"), is_date("9.3.2026"), is_date("week 8")
    (True, True, False)
    """
    return _DATE.fullmatch(cell) is not None


def _bare(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.casefold())


def _digits(name: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", name)]


def check_labels(
    where: str, found: Counter[str], declared: Sequence[str], problems: list[Problem], *, is_visit: bool
) -> None:
    """Tell names that are one name spelt two ways, near to a declared one, or dates.

    Parameters
    ----------
    where : str
        File and column.
    found : Counter
        Name -> rows.
    declared : sequence of str
    problems : list of Problem
        Grows.
    is_visit : bool
    """
    what = "visit" if is_visit else "arm"
    dates = [name for name in found if is_date(name)] if is_visit else []
    if dates:
        problems.append(
            Problem(what="a date where the name of a visit is due", where=where, found=f'"{dates[0]}"',
                    allowed='the planned visit, the same in all people: "week 4"')
        )  # fmt: skip
        return
    by_bare: dict[str, str] = {_bare(name): name for name in declared}
    for name in found:
        if name in declared:
            continue
        first = by_bare.setdefault(_bare(name), name)
        if first != name:
            problems.append(
                Problem(what=f"one {what} spelt two ways", where=where, found=f'"{first}" and "{name}"',
                        allowed="one spelling")
            )  # fmt: skip
            continue
        same = [one for one in declared if _digits(one) == _digits(name)]
        close = get_close_matches(name, same, n=1, cutoff=0.75)
        if close:
            allowed = f'did you mean "{close[0]}"?'
            problems.append(Problem(what=f"unknown {what}", where=where, found=f'"{name}"', allowed=allowed))


def stray(found: Counter[str]) -> dict[str, str]:
    """Rare names that are much like a common one -> that one.

    Examples
    --------
    >>> stray(Counter({"active": 40, "sham": 39, "actve": 1}))
    {'actve': 'active'}
    >>> stray(Counter({"arm A": 40, "arm B": 39}))
    {}
    """
    total = sum(found.values())
    rare = [name for name, n in found.items() if n == 1 or n < _RARE * total]
    common = [name for name in found if name not in rare]
    near = {name: get_close_matches(name, common, n=1, cutoff=0.6) for name in rare}
    return {name: close[0] for name, close in near.items() if close}


def in_order(names: Sequence[str], where: str, problems: list[Problem]) -> tuple[str, ...]:
    """Visits by the number in their name; told where that gives no order.

    Examples
    --------
    >>> in_order(["week 12", "week 4"], "", [])
    ('week 4', 'week 12')
    """
    if len(names) < 2:
        return tuple(names)
    numbers = {name: _digits(name)[0] for name in names if _digits(name)}
    if len(numbers) < len(names) or len(set(numbers.values())) < len(names):
        problems.append(
            Problem(what="the order of the visits is not known", where=where, found=", ".join(names[:8]),
                    allowed="declare the visits in order of time")
        )  # fmt: skip
        return tuple(names)
    return tuple(sorted(names, key=numbers.__getitem__))
