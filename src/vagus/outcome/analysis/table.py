"""The people of a trial: arm, baseline, covariates, and a score or none at each visit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from vagus.errors import InputError, Problem, nearest


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """What an analysis leaves out, and why.

    Parameters
    ----------
    why : str
    n : int
        How many.
    unit : {"people", "scores", "rows"}
    which : tuple of str
        People, or rows of a file, by name.
    """

    why: str
    n: int
    unit: str
    which: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Number, reason and the first names."""
        unit = self.unit if self.n != 1 else {"people": "person"}.get(self.unit, self.unit.removesuffix("s"))
        few = ", ".join(self.which[:5]) + (", …" if len(self.which) > 5 else "")
        return f"{self.n} {unit}: {self.why}" + (f" ({few})" if few else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialTable:
    """One row a person; missing scores and baselines are not-a-number, every one of them counted.

    Parameters
    ----------
    arms : tuple of str
        The first is the control.
    visits : tuple of str
        In order of time, without baseline.
    people : tuple of str
    arm : array of int, shape (n,)
        Position in `arms`.
    score : array, shape (n, m)
        Points.
    baseline : array, shape (n,), or None
    numbers : dict of str to array, shape (n,)
        Covariates that are numbers.
    factors : dict of str to tuple of str
        Covariates that are words; "" where missing.
    excluded : tuple of Exclusion
        What was left out before.

    Raises
    ------
    InputError
        An arm without people, or with one; a visit without scores; a name that stands twice; arrays that do not fit.
    """

    arms: tuple[str, ...]
    visits: tuple[str, ...]
    people: tuple[str, ...]
    arm: np.ndarray
    score: np.ndarray
    baseline: np.ndarray | None = None
    numbers: Mapping[str, np.ndarray] = field(default_factory=dict)
    factors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    excluded: tuple[Exclusion, ...] = ()

    def __post_init__(self) -> None:
        for name in ("arm", "score", "baseline"):
            if getattr(self, name) is not None:
                kept = np.array(getattr(self, name), dtype=np.intp if name == "arm" else float)
                kept.flags.writeable = False
                object.__setattr__(self, name, kept)
        problems = [*self._shapes()] or [*self._contents()]
        if problems:
            raise InputError(problems)

    @property
    def n(self) -> int:
        """People."""
        return len(self.people)

    def _shapes(self) -> list[Problem]:
        n, m = len(self.people), len(self.visits)
        sizes: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {
            "arm": (self.arm.shape, (n,)),
            "score": (self.score.shape, (n, m)),
        }
        if self.baseline is not None:
            sizes["baseline"] = (self.baseline.shape, (n,))
        sizes |= {name: (np.shape(values), (n,)) for name, values in {**self.numbers, **self.factors}.items()}
        problems = [
            Problem(what=f"{name} does not fit people and visits", found=str(found), allowed=str(due))
            for name, (found, due) in sizes.items()
            if found != due
        ]
        for what, names in (("arms", self.arms), ("visits", self.visits), ("people", self.people)):
            twice = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
            if twice:
                problems.append(Problem(what=f"{what} named twice", found=", ".join(twice), allowed="each once"))
        if len(self.arms) < 2:
            found = ", ".join(self.arms) or "none"
            problems.append(Problem(what="a comparison needs two arms", found=found, allowed="control and active"))
        if not problems and n and (self.arm.min() < 0 or self.arm.max() >= len(self.arms)):
            problems.append(Problem(what="arm is no position in arms", allowed=f"0 to {len(self.arms) - 1}"))
        return problems

    def _contents(self) -> list[Problem]:
        if not self.visits:
            return [Problem(what="no visit after baseline", allowed="scores at one visit or more")]
        problems: list[Problem] = []
        people = np.bincount(self.arm, minlength=len(self.arms))
        seen = np.isfinite(self.score)
        for k, name in enumerate(self.arms):
            if people[k] < 2:
                what = "an arm is empty" if people[k] == 0 else "an arm has one person"
                problems.append(Problem(what=what, where=f"arm {name}", allowed="two people or more"))
            elif not seen[self.arm == k].any():
                problems.append(Problem(what="an arm has no scores: all are missing", where=f"arm {name}"))
        problems += [
            Problem(
                what="a visit has no scores: all are missing", where=f"visit {visit}", allowed="leave the visit out"
            )
            for k, visit in enumerate(self.visits)
            if not seen[:, k].any()
        ]
        return problems

    def keep(self, wanted: np.ndarray, *, why: str) -> TrialTable:
        """The people for whom `wanted` is true; the others are counted under `why`.

        Parameters
        ----------
        wanted : array of bool, shape (n,)
        why : str
        """
        if wanted.all():
            return self
        gone = tuple(name for name, one in zip(self.people, wanted, strict=True) if not one)
        return replace(
            self,
            people=tuple(name for name, one in zip(self.people, wanted, strict=True) if one),
            arm=self.arm[wanted],
            score=self.score[wanted],
            baseline=None if self.baseline is None else self.baseline[wanted],
            numbers={name: np.asarray(values)[wanted] for name, values in self.numbers.items()},
            factors={
                name: tuple(v for v, one in zip(values, wanted, strict=True) if one)
                for name, values in self.factors.items()
            },
            excluded=(*self.excluded, Exclusion(why=why, n=len(gone), unit="people", which=gone)),
        )

    def at(self, visits: Sequence[str]) -> TrialTable:
        """The same people with these visits only.

        Raises
        ------
        InputError
            A visit that is not there; names the nearest.
        """
        problems = [
            Problem(what="unknown visit", found=f'"{visit}"', allowed=nearest(visit, self.visits))
            for visit in visits
            if visit not in self.visits
        ]
        if problems:
            raise InputError(problems)
        columns = [self.visits.index(visit) for visit in visits]
        return replace(self, visits=tuple(visits), score=self.score[:, columns])

    def position(self, arm: str) -> int:
        """Place of an arm in `arms`.

        Raises
        ------
        InputError
            It is not there; names the nearest.
        """
        if arm not in self.arms:
            raise InputError(Problem(what="unknown arm", found=f'"{arm}"', allowed=nearest(arm, self.arms)))
        return self.arms.index(arm)
