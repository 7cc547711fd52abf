"""What a trial's number is an estimate of: the five parts of an estimand (ICH E9(R1))."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from vagus.errors import InputError, Problem, nearest
from vagus.source import Source

Strategy = Literal["treatment policy", "hypothetical", "composite", "while on treatment", "principal stratum"]

STRATEGIES: dict[Strategy, str] = {
    "treatment policy": "the score is taken whether or not the event happened",
    "hypothetical": "the score that would have been seen without the event",
    "composite": "the event is part of the outcome",
    "while on treatment": "scores up to the event",
    "principal stratum": "people in whom the event would not happen",
}
"""Strategy for an intercurrent event -> what it means."""

SOURCE = Source(
    text="ICH E9(R1) addendum on estimands and sensitivity analysis in clinical trials, 2019, section A.3",
    verified=False,
)
"""Where the five parts come from; the section was recalled."""

EACH_OTHER_ARM = "each other arm"
"""The treatment where no plan names one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimand:
    """What is to be estimated. None of the parts can be read off the data: a plan names them.

    Parameters
    ----------
    population : str
        Whom the answer is about: "all who were randomized".
    variable : str
        What is measured in each person: "MADRS total at week 12".
    treatment, control : str
        What is compared.
    strategies : dict of str to Strategy
        What is done about each intercurrent event: {"stopped stimulation": "treatment policy"}.
    summary : str
        How people are summed up: "difference of means".

    Examples
    --------
    >>> print(Estimand(population="all randomized", variable="MADRS at week 12", treatment="active", control="sham",
    ...                strategies={"stopped stimulation": "treatment policy"}, summary="difference of means").text)
    Estimand: difference of means of MADRS at week 12, active against sham, in all randomized; stopped stimulation: \
treatment policy.
    """

    population: str
    variable: str
    treatment: str
    control: str
    summary: str
    strategies: dict[str, Strategy] = field(default_factory=dict)

    def __post_init__(self) -> None:
        problems = [
            Problem(what=f"{name} of the estimand is empty", allowed="words of the analysis plan")
            for name in ("population", "variable", "treatment", "control", "summary")
            if not getattr(self, name).strip()
        ]
        problems += [
            Problem(what="unknown strategy", where=event, found=f'"{one}"', allowed=nearest(one, STRATEGIES))
            for event, one in self.strategies.items()
            if one not in STRATEGIES
        ]
        if problems:
            raise InputError(problems)

    @property
    def text(self) -> str:
        """The five parts as one sentence; what the plan leaves open is said."""
        events = "; ".join(f"{event}: {one}" for event, one in self.strategies.items())
        return (
            f"Estimand: {self.summary} of {self.variable}, {self.treatment} against {self.control}, in "
            f"{self.population}; {events or 'no intercurrent event named'}."
        )
