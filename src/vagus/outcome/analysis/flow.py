"""Tables that a report of a trial has: flow of people, baseline, adverse events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vagus.errors import InputError, Problem, nearest
from vagus.outcome.analysis.responders import only_active
from vagus.outcome.analysis.table import TrialTable
from vagus.outcome.synthesis.counts import risk_difference
from vagus.outcome.synthesis.effects import Counts
from vagus.source import Effect


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """People of an arm through a trial, as the CONSORT diagram counts them.

    Parameters
    ----------
    arm : str
    randomized, with_baseline : int
    at_visit : dict of str to int
        People with a score at each visit.
    last_visit : dict of str to int
        People whose last score is at a visit; "none" for those without one.
    """

    arm: str
    randomized: int
    with_baseline: int | None
    at_visit: dict[str, int]
    last_visit: dict[str, int]


def flow(table: TrialTable) -> tuple[Flow, ...]:
    """People through the trial, an arm each.

    Parameters
    ----------
    table : TrialTable

    Examples
    --------
    >>> import numpy as np
    >>> table = TrialTable(arms=("sham", "active"), visits=("w4", "w8"), people=tuple("abcd"), arm=np.arange(4) % 2,
    ...                    score=np.array([[1., 2], [3, np.nan], [4, 5], [np.nan, np.nan]]))
    >>> flow(table)[1].last_visit
    {'none': 1, 'w4': 1, 'w8': 0}
    """
    seen = np.isfinite(table.score)
    last = np.where(seen.any(1), seen.shape[1] - np.argmax(seen[:, ::-1], axis=1), 0)
    found: list[Flow] = []
    for k, arm in enumerate(table.arms):
        mine = table.arm == k
        counts = np.bincount(last[mine], minlength=len(table.visits) + 1)
        found.append(
            Flow(
                arm=arm,
                randomized=int(mine.sum()),
                with_baseline=None if table.baseline is None else int(np.isfinite(table.baseline[mine]).sum()),
                at_visit={visit: int(seen[mine, j].sum()) for j, visit in enumerate(table.visits)},
                last_visit=dict(zip(("none", *table.visits), counts.tolist(), strict=True)),
            )
        )
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineRow:
    """One row of the baseline table: a number with its spread, or a level with its share.

    Parameters
    ----------
    name, level : str
        `level` is "" for a number.
    cells : tuple of str
        An arm each: "n 40; 28.1 (5.2); median 28 (24 to 32)" or "12 of 40 (30.0 %)".
    """

    name: str
    level: str
    cells: tuple[str, ...]


def baseline_table(table: TrialTable) -> tuple[BaselineRow, ...]:
    """Baseline and covariates by arm, without tests: arms that were drawn by lot differ by chance (CONSORT, item 15).

    Parameters
    ----------
    table : TrialTable

    Examples
    --------
    >>> import numpy as np
    >>> table = TrialTable(arms=("sham", "active"), visits=("w4",), people=tuple("abcd"), arm=np.arange(4) % 2,
    ...                    score=np.arange(4.0)[:, None], baseline=np.array([20., 30, 24, 26]))
    >>> baseline_table(table)[0].cells[0]
    'n 2; 22.0 (2.8); median 22.0 (21.0 to 23.0)'
    """
    rows: list[BaselineRow] = []
    numbers = dict(table.numbers)
    if table.baseline is not None:
        numbers = {"baseline": table.baseline, **numbers}
    arms = [table.arm == k for k in range(len(table.arms))]
    for name, values in numbers.items():
        rows.append(BaselineRow(name=name, level="", cells=tuple(_number(np.asarray(values)[one]) for one in arms)))
    for name, words in table.factors.items():
        told = np.array(words)
        for level in sorted(set(words)):
            cells = tuple(_share(int((told[one] == level).sum()), int(one.sum())) for one in arms)
            rows.append(BaselineRow(name=name, level=level or "missing", cells=cells))
    return tuple(rows)


def _number(values: np.ndarray) -> str:
    told = values[np.isfinite(values)]
    if told.size < 2:
        return f"n {told.size}"
    low, middle, high = np.percentile(told, [25, 50, 75])
    return f"n {told.size}; {told.mean():.1f} ({told.std(ddof=1):.1f}); median {middle:.1f} ({low:.1f} to {high:.1f})"


def _share(k: int, n: int) -> str:
    return f"{k} of {n} ({100 * k / n:.1f} %)"


@dataclass(frozen=True, slots=True, kw_only=True)
class AdverseEvent:
    """One adverse event of one person.

    Parameters
    ----------
    person, term : str
        `term` as it was coded: "hoarseness".
    is_serious : bool
    """

    person: str
    term: str
    is_serious: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AdverseRow:
    """One kind of event: people who had it, and how often it was.

    Parameters
    ----------
    term : str
    people, events : tuple of int
        An arm each, in the order of the table.
    difference : Effect
        Share of people, active minus control.
    """

    term: str
    people: tuple[int, ...]
    events: tuple[int, ...]
    difference: Effect


def adverse_table(
    table: TrialTable, events: Sequence[AdverseEvent], *, arm: str | None = None, level: float = 0.95
) -> tuple[AdverseRow, ...]:
    """Adverse events by kind: any, any serious, then each term, the most frequent first.

    Everyone who was randomized stands in the denominator; a person counts once in a row.

    Parameters
    ----------
    table : TrialTable
    events : sequence of AdverseEvent
    arm : str or None
        The active arm of the difference; None: the only one.
    level : float

    Raises
    ------
    InputError
        An event of a person who is not in the table.

    Examples
    --------
    >>> import numpy as np
    >>> table = TrialTable(arms=("sham", "active"), visits=("w4",), people=tuple("abcd"), arm=np.arange(4) % 2,
    ...                    score=np.arange(4.0)[:, None])
    >>> events = [AdverseEvent(person="b", term="cough"), AdverseEvent(person="b", term="cough")]
    >>> [(row.term, row.people, row.events) for row in adverse_table(table, events)][-1]
    ('cough', (0, 1), (0, 2))
    """
    active = only_active(table, arm)
    place = {name: int(k) for name, k in zip(table.people, table.arm, strict=True)}
    strange = [one for one in events if one.person not in place]
    if strange:
        raise InputError(
            [
                Problem(what="an event of a person who is not in the table", where=one.term, found=f'"{one.person}"',
                        allowed=nearest(one.person, place))
                for one in strange
            ]
        )  # fmt: skip
    kinds = {"any event": list(events), "any serious event": [one for one in events if one.is_serious]}
    terms: dict[str, list[AdverseEvent]] = {}
    for one in events:
        terms.setdefault(one.term, []).append(one)
    kinds |= dict(sorted(terms.items(), key=lambda pair: (-len({one.person for one in pair[1]}), pair[0])))
    size = np.bincount(table.arm, minlength=len(table.arms))
    rows: list[AdverseRow] = []
    for term, mine in kinds.items():
        people = [len({one.person for one in mine if place[one.person] == k}) for k in range(size.size)]
        counts = Counts(study=term, active_events=people[active], active_n=int(size[active]), control_events=people[0],
                        control_n=int(size[0]))  # fmt: skip
        times = tuple(sum(place[one.person] == k for one in mine) for k in range(size.size))
        difference = risk_difference(counts, level=level)
        rows.append(AdverseRow(term=term, people=tuple(people), events=times, difference=difference))
    return tuple(rows)
