"""What a limit is, and what a judgement is: every limit with its margin."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

from vagus.errors import InputError, Problem, nearest
from vagus.source import Source

Severity = Literal["hard", "soft"]
State = Literal["ok", "warned", "refused", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One limit held against one dose.

    Parameters
    ----------
    key : str
        Key of the limit; the soft and the hard limit of one quantity have keys of their own.
    quantity : str
        What is limited, in words: "charge density per phase".
    unit : str
        Symbol of `value` and `limit`; "" for a rule without numbers.
    value, limit : float or None
        The dose's value and the limit; None where unknown, or where the rule has no number.
    side : {"max", "min", "rule"}
        The limit is the most, the least, or no number.
    severity : {"hard", "soft"}
        Over a hard limit a dose is refused, over a soft one it is warned.
    state : {"ok", "warned", "refused", "unknown"}
    text : str
        One plain sentence that says what this means and why, no full stop.
    source : Source
        Unverified where the limit was recalled: it binds all the same, and shows.

    Examples
    --------
    >>> shannon = Limit(
    ...     key="shannon_k_hard", quantity="Shannon k", unit="", value=0.0179, limit=1.85, side="max", severity="hard",
    ...     state="ok", text="tissue damage was seen from this k on", source=Source(text="Shannon RV 1992"),
    ... )
    >>> str(shannon)
    'Shannon k is 0.0179, at most 1.85 (margin 99 %): tissue damage was seen from this k on. [Shannon RV 1992]'
    """

    key: str
    quantity: str
    unit: str
    value: float | None
    limit: float | None
    side: Literal["max", "min", "rule"]
    severity: Severity
    state: State
    text: str
    source: Source

    def __post_init__(self) -> None:
        for name, given, known in (
            ("severity", self.severity, get_args(Severity)),
            ("state", self.state, get_args(State)),
            ("side", self.side, ("max", "min", "rule")),
        ):
            if given not in known:
                raise InputError(Problem(what=f"unknown {name}", found=f'"{given}"', allowed=nearest(given, known)))

    @property
    def margin_pct(self) -> float | None:
        """Room left, as % of the limit: 100 (limit − value) / limit; negative when exceeded; None without numbers.

        For a least value the sign turns, so that positive is always inside.
        """
        if self.value is None or self.limit is None or self.limit == 0 or self.side == "rule":
            return None
        margin = 100 * (self.limit - self.value) / abs(self.limit)
        return -margin if self.side == "min" else margin

    def __str__(self) -> str:
        unit = f" {self.unit}" if self.unit else ""
        head = self.quantity
        if self.value is not None:
            head += f" is {self.value:.4g}{unit}"
        elif self.side != "rule":
            head += " is not known"
        if self.limit is not None:
            head += f", {'at least' if self.side == 'min' else 'at most'} {self.limit:.4g}{unit}"
        if self.margin_pct is not None and math.isfinite(self.margin_pct):
            beyond = "below" if self.side == "min" else "over"
            margin = (
                f"margin {self.margin_pct:.0f} %" if self.margin_pct >= 0 else f"{-self.margin_pct:.0f} % {beyond} it"
            )
            head += f" ({margin})"
        return f"{head}: {self.text}. [{self.source}]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """Every limit that applies to a dose, exceeded or not.

    Parameters
    ----------
    limits : tuple of Limit
    """

    limits: tuple[Limit, ...]

    @property
    def refused(self) -> tuple[Limit, ...]:
        """Hard limits that are exceeded."""
        return tuple(limit for limit in self.limits if limit.state == "refused")

    @property
    def warned(self) -> tuple[Limit, ...]:
        """Soft limits that are exceeded."""
        return tuple(limit for limit in self.limits if limit.state == "warned")

    @property
    def unknown(self) -> tuple[Limit, ...]:
        """Limits that cannot be checked for want of a fact."""
        return tuple(limit for limit in self.limits if limit.state == "unknown")

    @property
    def state(self) -> State:
        """Worst state: "refused", else "warned", else "ok"; unknown limits are counted apart (`unknown`)."""
        return "refused" if self.refused else "warned" if self.warned else "ok"

    def __str__(self) -> str:
        return "\n".join(f"{limit.state}: {limit}" for limit in self.limits)
