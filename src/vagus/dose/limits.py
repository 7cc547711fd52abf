"""What a limit is, and what a judgement is: every limit with its margin."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

from vagus.errors import InputError, Problem, nearest
from vagus.source import Source

Severity = Literal["hard", "soft"]
State = Literal["ok", "warned", "refused", "unknown"]
Scale = Literal["linear", "shannon"]
Kind = Literal["number", "rule", "condition"]
Arm = Literal["active", "sham", "unknown"]


def demand_arm(arm: str) -> None:
    """Raise where there is no such arm; active, sham and unknown are named.

    Raises
    ------
    InputError
        Any other word.
    """
    if arm not in get_args(Arm):
        raise InputError(Problem(what="unknown arm", found=f'"{arm}"', allowed=nearest(str(arm), get_args(Arm))))


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
        Unverified where the limit was recalled or declared: it binds all the same, and shows.
    scale : {"linear", "shannon"}
        Shannon: value and limit are log10(charge density × charge), so that a share of them says nothing.
    reached : bool
        The limit itself is already too much: a dose has to stay below it.
    n_facts : int
        How many facts the limit stands for: several where a group of conditions was not asked for.

    Examples
    --------
    >>> shannon = Limit(
    ...     key="shannon_k_hard", quantity="Shannon k", unit="", value=0.0179, limit=1.85, side="max", severity="hard",
    ...     state="ok", text="damage was seen from it on", source=Source(text="Shannon RV 1992"),
    ...     scale="shannon", reached=True,
    ... )
    >>> str(shannon)
    'Shannon k is 0.02, below 1.85 (8.24 times this charge reaches it): damage was seen from it on. [Shannon RV 1992]'
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
    scale: Scale = "linear"
    reached: bool = False
    n_facts: int = 1

    def __post_init__(self) -> None:
        for name, given, known in (
            ("severity", self.severity, get_args(Severity)),
            ("state", self.state, get_args(State)),
            ("side", self.side, ("max", "min", "rule")),
            ("scale", self.scale, get_args(Scale)),
        ):
            if given not in known:
                raise InputError(Problem(what=f"unknown {name}", found=f'"{given}"', allowed=nearest(given, known)))

    @property
    def kind(self) -> Kind:
        """A number with a bound, a condition of the person, or another rule."""
        if self.key.startswith("condition"):
            return "condition"
        return "rule" if self.side == "rule" else "number"

    @property
    def room(self) -> float | None:
        """How many times the quantity may grow until it is at the limit; below 1 when exceeded; None without numbers.

        It ranks limits: the least room is the nearest limit. A most gives limit / value, a least value / limit. On
        Shannon's scale it is the factor of the charge, and so of the current, at the same contacts and width:
        10^((limit − value) / 2), as charge density and charge both grow with it.
        """
        if self.value is None or self.limit is None or self.side == "rule":
            return None
        if self.scale == "shannon":
            return 10 ** ((self.limit - self.value) / 2)
        if self.limit == 0:
            return None
        if self.side == "min":
            return self.value / self.limit
        return self.limit / self.value if self.value != 0 else math.inf

    @property
    def margin_pct(self) -> float | None:
        """Room left, as % of the limit: 100 (limit − value) / limit; negative when exceeded.

        For a least value the sign turns, so that positive is always inside. None without numbers, and on Shannon's
        scale, where `room` tells more than the percent of a logarithm.
        """
        if self.value is None or not self.limit or self.side == "rule" or self.scale == "shannon":
            return None
        margin = 100 * (self.limit - self.value) / abs(self.limit)
        return -margin if self.side == "min" else margin

    @property
    def margin(self) -> str:
        """Room left in words; "" where there is none to tell."""
        room = self.room
        if room is None or not math.isfinite(room):
            return ""
        if self.reached and math.isclose(room, 1, rel_tol=1e-9):
            return "reached"
        times = plain(float(f"{max(room, 1 / room):.3g}")) if room else ""
        if self.scale == "shannon":
            return f"{times} times this charge reaches it" if room > 1 else f"{times} times the charge that reaches it"
        if room > 10 or (room < 0.1 and self.side == "max"):
            return f"{times} times {'below it' if room > 1 and self.side == 'max' else 'it'}"
        pct, beyond = self.margin_pct or 0.0, "below" if self.side == "min" else "over"
        return f"margin {pct:.0f} %" if pct >= 0 else f"{plain(-pct)} % {beyond} it"

    @property
    def bound_words(self) -> str:
        """What the limit asks for: "at most", "below" where the limit itself is too much, or "at least"."""
        if self.side == "min":
            return "above" if self.reached else "at least"
        return "below" if self.reached else "at most"

    def _numbers(self) -> tuple[str, str]:
        """Value and limit as text, with as many digits as tell them apart."""
        texts = ("", "")
        for digits in range(3, 10):
            texts = (plain(self.value, digits, self.scale), plain(self.limit, digits, self.scale))
            if texts[0] != texts[1] or self.value == self.limit:
                break
        return texts

    def __str__(self) -> str:
        unit = f" {self.unit}" if self.unit else ""
        head, (value, limit) = self.quantity, self._numbers()
        if value:
            head += f" is {value}{unit}"
        elif self.side != "rule":
            head += " is not known"
        if limit:
            head += f", {self.bound_words} {limit}{unit}"
        if self.margin:
            head += f" ({self.margin})"
        return f"{head}: {self.text}. [{self.source}]"


def plain(value: float | None, digits: int = 3, scale: Scale = "linear") -> str:
    """Significant digits, without exponent where that is readable; hundredths on Shannon's scale; "" for None."""
    if value is None:
        return ""
    if not math.isfinite(value) or value == 0:
        return f"{value:g}"
    if scale == "shannon":
        return f"{value:.{digits - 1}f}"
    if abs(value) < 1e-4:
        return f"{value:.{digits}g}"
    text = f"{value:,.{max(0, digits - 1 - math.floor(math.log10(abs(value))))}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Counts of a judgement: numbers, rules and conditions apart.

    Parameters
    ----------
    n_limits : int
        Limits with a number.
    n_kept, n_kept_unverified : int
        Those that are kept, and those of them whose bound was recalled or declared, not read in a source.
    n_not_checked : int
        Limits with a number that cannot be checked, as the device's range is not public.
    n_rules, n_rules_kept : int
        Rules without a number, on device and placement.
    n_denied, n_present, n_not_stated : int
        Conditions of the person: asked and absent, present, not asked.
    """

    n_limits: int
    n_kept: int
    n_kept_unverified: int
    n_not_checked: int
    n_rules: int
    n_rules_kept: int
    n_denied: int
    n_present: int
    n_not_stated: int

    def __str__(self) -> str:
        parts = [f"{self.n_kept} of {self.n_limits} numeric limits kept, {self.n_kept_unverified} of them unverified"]
        if self.n_not_checked:
            parts.append(f"{self.n_not_checked} not checked")
        parts.append(f"{self.n_rules_kept} of {self.n_rules} rules kept")
        conditions = ((self.n_present, "present"), (self.n_denied, "denied"), (self.n_not_stated, "not stated"))
        parts.append("conditions: " + (", ".join(f"{n} {word}" for n, word in conditions if n) or "none"))
        return "; ".join(parts)


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
        """Soft limits that are exceeded, and an amplitude that no known range of the device holds."""
        return tuple(limit for limit in self.limits if limit.state == "warned")

    @property
    def unknown(self) -> tuple[Limit, ...]:
        """Limits that cannot be checked for want of a fact."""
        return tuple(limit for limit in self.limits if limit.state == "unknown")

    @property
    def state(self) -> State:
        """Worst state: "refused", else "warned", else "ok"; unknown limits are counted apart (`unknown`)."""
        return "refused" if self.refused else "warned" if self.warned else "ok"

    @property
    def tally(self) -> Tally:
        """Counts, so that a denied condition or an unverified bound is not taken for a limit that was read and kept."""
        numbers = [limit for limit in self.limits if limit.kind == "number"]
        kept = [limit for limit in numbers if limit.state == "ok"]
        rules = [limit for limit in self.limits if limit.kind == "rule"]
        asked = [limit for limit in self.limits if limit.kind == "condition"]
        return Tally(
            n_limits=len(numbers),
            n_kept=len(kept),
            n_kept_unverified=sum(not limit.source.verified for limit in kept),
            n_not_checked=sum(limit.value is None or limit.limit is None for limit in numbers),
            n_rules=len(rules),
            n_rules_kept=sum(limit.state == "ok" for limit in rules),
            n_denied=sum(limit.n_facts for limit in asked if limit.state == "ok"),
            n_present=sum(limit.n_facts for limit in asked if limit.state in {"warned", "refused"}),
            n_not_stated=sum(limit.n_facts for limit in asked if limit.state == "unknown"),
        )

    def __str__(self) -> str:
        return "\n".join(f"{limit.state}: {limit}" for limit in self.limits)
