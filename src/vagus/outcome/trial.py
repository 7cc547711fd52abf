"""One row of the trials table, its cells kept as text and read with care."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from vagus.source import Source, read_source

Kind = Literal["sham", "comparator", "nonrandomized", "uncontrolled", "review", "ongoing"]
Verdict = Literal["met", "missed", "mixed", "ongoing", "unknown", "secondary", "no control"]

_SHAM = re.compile(
    r"sham|no-stimulation|non-active|non-vagal|no current|0\.1 mA|earlobe|periauricular|control site|"
    r"\bplacebo|gastrocnemius",
    re.IGNORECASE,
)
_RANDOMIZED = re.compile(r"(?<!non-)randomi[sz]ed|\bRCTs?\b|cross-over|within-subject", re.IGNORECASE)
_CROSSED = re.compile(r"cross-over|within-subject", re.IGNORECASE)
_REVIEW = re.compile(r"meta-analysis|systematic review", re.IGNORECASE)
_PENDING = re.compile(r"\bprotocol\b|registered, no results|\(ongoing\)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One row of the trials table: a trial, an arm, a follow-up, a registry or a meta-analysis.

    Cells stay text, since they hold ranges and words; an empty cell (None) means "not reported or not found", never 0.
    `verified` is "yes" where the headline figure was read; `memory_fields` names the columns that were recalled all the
    same ("all": the whole row).
    """

    study_id: str
    indication: str
    modality: str
    source: str
    verified: str
    year: int | None = None
    first_author: str | None = None
    design: str | None = None
    population: str | None = None
    n_active: str | None = None
    n_control: str | None = None
    control_type: str | None = None
    device: str | None = None
    site: str | None = None
    frequency_hz: str | None = None
    pulse_width_us: str | None = None
    current_ma: str | None = None
    duty_on_s: str | None = None
    duty_off_s: str | None = None
    session_min: str | None = None
    sessions_per_day: str | None = None
    weeks: str | None = None
    outcome_scale: str | None = None
    baseline_active_mean: str | None = None
    baseline_active_sd: str | None = None
    baseline_control_mean: str | None = None
    baseline_control_sd: str | None = None
    endpoint_active_mean: str | None = None
    endpoint_active_sd: str | None = None
    endpoint_control_mean: str | None = None
    endpoint_control_sd: str | None = None
    change_active: str | None = None
    change_active_sd: str | None = None
    change_control: str | None = None
    change_control_sd: str | None = None
    resp_active_n: str | None = None
    resp_active_pct: str | None = None
    resp_control_n: str | None = None
    resp_control_pct: str | None = None
    remit_active_pct: str | None = None
    remit_control_pct: str | None = None
    effect_measure: str | None = None
    effect_value: str | None = None
    effect_ci_low: str | None = None
    effect_ci_high: str | None = None
    p_value: str | None = None
    adverse_events: str | None = None
    primary_endpoint: str | None = None
    primary_met: str | None = None
    primary_met_detail: str | None = None
    notes: str | None = None
    memory_fields: str | None = None

    @property
    def kind(self) -> Kind:
        """Design in one word, read from the words of `design` and `control_type`.

        "sham": randomized against an inactive or other-site control (or crossed over with it); "comparator":
        randomized against another treatment or dose; "nonrandomized": a control group, randomization absent or not
        stated; "uncontrolled"; "review": meta-analysis or systematic review; "ongoing": no result yet.
        """
        design, control = self.design or "", self.control_type or ""
        if self.primary_met == "ongoing" or _PENDING.search(design):
            return "ongoing"
        if _REVIEW.search(design):
            return "review"
        randomized = bool(_RANDOMIZED.search(design))
        if not randomized and (self.n_control in (None, "0") or control.startswith("none")):
            return "nonrandomized" if "sham" in design else "uncontrolled"
        if not randomized:
            return "nonrandomized"
        return "sham" if _SHAM.search(f"{design} {control}") else "comparator"

    @property
    def verdict(self) -> Verdict:
        """Whether the primary endpoint was met; "secondary" and "no control" where the row has none to judge."""
        if self.kind == "ongoing":
            return "ongoing"
        by_cell: dict[str, Verdict] = {"yes": "met", "no": "missed", "mixed": "mixed"}
        if self.primary_met in by_cell:
            return by_cell[self.primary_met]
        if self.primary_met == "na":
            return "no control" if self.kind == "uncontrolled" else "secondary"
        return "unknown"

    @property
    def is_verified(self) -> bool:
        """The headline figure of the row was read in a text."""
        return self.verified == "yes" and "all" not in self.recalled

    @property
    def recalled(self) -> tuple[str, ...]:
        """Columns that were recalled and not read."""
        return tuple(name.strip() for name in (self.memory_fields or "").split(",") if name.strip())

    @property
    def cited(self) -> Source:
        """Source of the row; unverified where the row was recalled, without DOI where that was recalled."""
        source = read_source(self.source, verified=self.is_verified)
        if "doi" in self.recalled:
            text = re.sub(r"\.?\s*doi:\s*10\.[^\s;]+", "", self.source).strip()
            return Source(text=text, verified=source.verified)
        return source

    def cell(self, column: str) -> str:
        """Text of a cell, marked where it was recalled; "" where it is empty.

        Examples
        --------
        >>> row = Trial(study_id="X", indication="TRD", modality="iVNS", source="", verified="yes",
        ...             resp_active_pct="32", memory_fields="resp_active_pct")
        >>> row.cell("resp_active_pct")
        '32 [unverified]'
        """
        value = getattr(self, column)
        if value is None:
            return ""
        sure = self.is_verified and column not in self.recalled
        return str(value) if sure else f"{value} [unverified]"

    def _joined(self, *columns: str, text: str) -> str:
        """Text made of several cells, marked once where any of them was recalled."""
        unsure = any(getattr(self, column) and self.cell(column).endswith("[unverified]") for column in columns)
        return f"{text} [unverified]" if text and unsure else text

    @property
    def n_text(self) -> str:
        """People in the arms as the source gave them: "112 + 110", or "493 total 1:1"."""
        active, control = self.n_active or "", self.n_control or ""
        # one group that went through both conditions, or a total repeated in both cells, is shown once
        once = "total" in active or _CROSSED.search(self.design or "")
        text = f"{active} + {control}" if active and control and control != "0" and not once else active
        return self._joined("n_active", "n_control", text=text)

    @property
    def response_text(self) -> str:
        """Response rates by arm: "15.2 % against 10.0 %"; "" where none was reported."""
        rates = [f"{cell} %" for cell in (self.resp_active_pct, self.resp_control_pct) if cell]
        return self._joined("resp_active_pct", "resp_control_pct", text=" against ".join(rates))

    @property
    def effect_text(self) -> str:
        """Effect with its interval and p value, as published: "LS mean difference -4.2 (-5.9 to -2.6), p <0.001"."""
        measure = None if self.effect_measure == self.primary_endpoint else self.effect_measure
        text = " ".join(part for part in (measure, self.effect_value) if part)
        low, high = self.effect_ci_low, self.effect_ci_high
        if low and high:
            text += f" ({low} to {high})"
        if self.p_value:
            shown = self.p_value if self.p_value.startswith("BF") else f"p {self.p_value}"
            text = f"{text}, {shown}" if text else shown
        columns = ("effect_measure", "effect_value", "effect_ci_low", "effect_ci_high", "p_value")
        return self._joined(*columns, text=text.strip())
