"""What happened when: the phases around a stimulation or a stressor, and under which condition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from vagus.errors import InputError, Problem

Condition = Literal["active", "sham", "none"]
PHASES = ("baseline", "during", "recovery")
Span = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """Phases of one recording around a stimulation or a stressor.

    Parameters
    ----------
    baseline_s, during_s : (float, float)
        Start and end on the beats' clock.
    recovery_s : (float, float) or None
        None: there was none.
    condition : "active", "sham" or "none"
        "none": a stressor, or nothing that has a sham.
    person, session : str
        Who, and which of the person's recordings.
    order : int or None
        Place of this recording among those of the person, from 1; None: not known.

    Examples
    --------
    >>> design = Design.around(600, before_s=300, during_s=240, after_s=300, condition="sham", person="p1", order=2)
    >>> design.baseline_s, design.during_s, design.recovery_s
    ((300.0, 600.0), (600.0, 840.0), (840.0, 1140.0))
    """

    baseline_s: Span
    during_s: Span
    recovery_s: Span | None = None
    condition: Condition
    person: str
    session: str = ""
    order: int | None = None

    def __post_init__(self) -> None:
        where = f"design of {self.person or 'a person without a name'}{f', {self.session}' if self.session else ''}"
        found: list[Problem] = []
        if not self.person:
            found.append(Problem(what="person is empty", where=where, allowed="a name or code"))
        if self.condition not in get_args(Condition):
            allowed = ", ".join(get_args(Condition))
            found.append(
                Problem(what="condition is unknown", where=where, found=f'"{self.condition}"', allowed=allowed)
            )
        if self.order is not None and self.order < 1:
            found.append(Problem(what="order is below 1", where=where, found=f"{self.order}", allowed="1, 2, ..."))
        before: tuple[str, float] | None = None
        for name, span in self.phases:
            if not np.isfinite(span).all() or not span[0] < span[1]:
                words = f"{span[0]:g} to {span[1]:g} s"
                found.append(Problem(what=f"{name} ends before it starts", where=where, found=words))
            elif before is not None and span[0] < before[1]:
                words = f"{name} from {span[0]:g} s, {before[0]} up to {before[1]:g} s"
                found.append(Problem(what="phases overlap or are out of order", where=where, found=words))
            before = (name, span[1])
        if found:
            raise InputError(found)

    @classmethod
    def around(
        cls,
        event_s: float,
        *,
        before_s: float,
        during_s: float,
        after_s: float | None = None,
        leave_s: float = 0.0,
        condition: Condition,
        person: str,
        session: str = "",
        order: int | None = None,
    ) -> Design:
        """Phases from the start of the event and their lengths.

        Parameters
        ----------
        event_s : float
            Start of the stimulation or stressor on the beats' clock.
        before_s, during_s, after_s : float
            Lengths of the phases; `during_s` is that of the event. No `after_s`: no recovery.
        leave_s : float
            Left out at the start of the event and after its end, where heart rate is on its way.
        """
        stop = event_s + during_s
        return cls(
            baseline_s=(float(event_s - before_s), float(event_s)),
            during_s=(float(event_s + leave_s), float(stop)),
            recovery_s=None if after_s is None else (float(stop + leave_s), float(stop + after_s)),
            condition=condition,
            person=person,
            session=session,
            order=order,
        )

    @property
    def phases(self) -> tuple[tuple[str, Span], ...]:
        """Name and span of each phase, in order."""
        spans = (self.baseline_s, self.during_s, self.recovery_s)
        return tuple((name, span) for name, span in zip(PHASES, spans, strict=True) if span is not None)
