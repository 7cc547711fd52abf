"""At which phase of heartbeat or breath a stimulator shall fire, and what the gate tells it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal, get_args

from vagus.errors import InputError, Problem
from vagus.signal.known import value

On = Literal["beat", "exhale", "inhale"]
Act = Literal["fire", "stop", "refuse"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """When to fire.

    Parameters
    ----------
    on : "beat", "exhale" or "inhale"
        What the pulse is aimed at: the R peak, or the onset of expiration or inspiration.
    delay_ms : float
        After it. Systole: on the beat, some 100 to 250 ms; negative: before the next R peak, by prediction.
    share_pct : float
        After it, in percent of the running interval, on top of `delay_ms`. Diastole: about 60 on the beat.
    least_interval_s : float
        No two firings nearer than this.
    widest_ms : float
        Half width of the 90 % interval of a prediction above which it is not relied on.
    least_quality_pct : float
        Of beat or breath.
    late_ms : float
        A pulse that would come later than this after its aim is refused.
    stale_s : float
        Without signal for longer nothing fires.

    Raises
    ------
    InputError
        A number that is not finite or out of range, an unknown word.

    Examples
    --------
    >>> Gate(on="exhale").least_interval_s, Gate(on="beat", delay_ms=120.0).widest_ms
    (0.25, 100.0)
    """

    on: On
    delay_ms: float = 0.0
    share_pct: float = 0.0
    least_interval_s: float = 0.25
    widest_ms: float = 100.0
    least_quality_pct: float = field(default_factory=lambda: 100 * value("least_quality"))
    late_ms: float = field(default_factory=lambda: value("late_ms"))
    stale_s: float = field(default_factory=lambda: value("stale_s"))

    def __post_init__(self) -> None:
        problems: list[Problem] = []
        if self.on not in get_args(On):
            allowed = ", ".join(get_args(On))
            problems.append(Problem(what="gate on what", found=f'"{self.on}"', allowed=allowed))
        for name, low, high in (
            ("delay_ms", -1000.0, 10_000.0), ("share_pct", 0.0, 100.0), ("least_interval_s", 0.0, math.inf),
            ("widest_ms", 0.0, math.inf), ("least_quality_pct", 0.0, 100.0), ("late_ms", 0.0, 1000.0),
            ("stale_s", 0.0, 60.0),
        ):  # fmt: skip
            number = getattr(self, name)
            if not (low <= number <= high and math.isfinite(number)):
                allowed = f"{low:g} to {high:g}" if math.isfinite(high) else f"{low:g} or more, finite"
                problems.append(Problem(what=f"gate, {name}", found=f"{number:g}", allowed=allowed))
        if self.on != "beat" and self.delay_ms < 0:
            allowed = "0 or more: the onset of a breath is decided when it is seen"
            problems.append(Problem(what="gate, delay_ms before a breath", found=f"{self.delay_ms:g}", allowed=allowed))
        if problems:
            raise InputError(problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """What a detector tells the gate: a beat, or the onset of a phase of breathing.

    Parameters
    ----------
    kind : "beat", "exhale" or "inhale"
    time_s : float
        When it was, on the recording's clock.
    quality_pct : float
    ectopic : bool
        The detector holds the beat for ectopic.

    Examples
    --------
    >>> Sign(kind="beat", time_s=12.34).quality_pct
    100.0
    """

    kind: On
    time_s: float
    quality_pct: float = 100.0
    ectopic: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What the gate decided for one beat or breath.

    Parameters
    ----------
    act : "fire", "stop" or "refuse"
        "stop" ends a stimulation that shall last for one expiration or inspiration.
    time_s : float
        When it was decided: at a "fire", when the pulse goes out.
    aim_s : float
        When the pulse was meant to be; of a "stop" and where nothing was aimed at, `time_s`.
    reason : str
        Why it was refused or stopped, in words; "" for a "fire".
    """

    act: Act
    time_s: float
    aim_s: float
    reason: str = ""
