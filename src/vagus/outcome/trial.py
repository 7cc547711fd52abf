"""One row of the trials table, its cells kept as text and read with care."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from vagus.outcome.wording import About, chance, effect, people, phrase, remark, tidy
from vagus.source import Source, read_source

Kind = Literal["sham", "comparator", "nonrandomized", "unstated", "uncontrolled", "review", "ongoing"]
Verdict = Literal["met", "missed", "mixed", "ongoing", "unknown", "secondary", "no control"]

_SHAM = re.compile(
    r"sham|no-stimulation|non-active|non-vagal|no current|0\.1 mA|earlobe|periauricular|control site|"
    r"\bplacebo|gastrocnemius",
    re.IGNORECASE,
)
_RANDOMIZED = re.compile(r"(?<!non-)randomi[sz]ed|\bRCTs?\b|cross-over|within-subject", re.IGNORECASE)
_NONRANDOMIZED = re.compile(r"non-?randomi[sz]ed|\bregistry\b", re.IGNORECASE)
_CROSSED = re.compile(r"cross-over|within-subject", re.IGNORECASE)
_REVIEW = re.compile(r"meta-analysis|systematic review", re.IGNORECASE)
_PENDING = re.compile(r"\bprotocol\b|registered, no results|\(ongoing\)", re.IGNORECASE)

VERDICTS: dict[Verdict, str] = {
    "missed": "missed",
    "mixed": "mixed",
    "met": "met",
    "no control": "nothing to compare with",
    "secondary": "secondary outcome",
    "ongoing": "ongoing",
    "unknown": "not known",
}
"""Verdict -> words for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One row of the trials table: a trial, an arm, a follow-up, a registry or a meta-analysis.

    Cells stay text, since they hold ranges and words; an empty cell (None) means "not reported or not found", never 0.
    `verified` is "yes" where the headline figure was read; `memory_fields` names the columns that were recalled all the
    same ("all": the whole row). `arms` are the arms of a trial whose rows were put together.

    For people: `name`, `design_text`, `control_text`, `people_text`, `endpoint_text`, `verdict_text`, `detail_text`,
    `response_text`, `effect_text`, `notes_text`.
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
    arms: tuple[str, ...] = ()

    @property
    def kind(self) -> Kind:
        """Design in one word, read from the words of `design` and `control_type`.

        "sham": randomized against an inactive or other-site control (or crossed over with it); "comparator":
        randomized against another treatment or dose; "nonrandomized": a control group that was not drawn by lot;
        "unstated": a control group, and the table does not say whether it was drawn by lot; "uncontrolled"; "review":
        meta-analysis or systematic review; "ongoing": no result yet.
        """
        design, control = self.design or "", self.control_type or ""
        if self.primary_met == "ongoing" or _PENDING.search(design):
            return "ongoing"
        if _REVIEW.search(design):
            return "review"
        if _RANDOMIZED.search(design):
            return "sham" if _SHAM.search(f"{design} {control}") else "comparator"
        if _NONRANDOMIZED.search(design):
            return "nonrandomized"
        alone = self.n_control in (None, "0") or control.startswith("none")
        return "uncontrolled" if alone and "sham" not in design else "unstated"

    @property
    def verdict(self) -> Verdict:
        """Whether the primary endpoint was met.

        "no control": no control group, so that nothing can be met against anything; "secondary": the row is on a
        secondary outcome; "unknown": not told.
        """
        if self.kind == "ongoing":
            return "ongoing"
        if self.kind == "uncontrolled":
            return "no control"
        if self.primary_endpoint == "secondary":
            return "secondary"
        by_cell: dict[str | None, Verdict] = {"yes": "met", "no": "missed", "mixed": "mixed"}
        return by_cell.get(self.primary_met, "unknown")

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
    def name(self) -> str:
        """First author and year: "Rush 2005"; marked where the whole row was recalled."""
        text = f"{(self.first_author or self.study_id).strip('()')} {self.year or ''}".strip()
        return text if self.is_verified else f"{text} [unverified]"

    @property
    def design_text(self) -> str:
        """Design in words, with the arms that were put together."""
        arms = f"; arms: {'; '.join(self.arms)}" if self.arms else ""
        return tidy(self.design or "") + arms

    @property
    def control_text(self) -> str:
        """What the control group had; "" where there was none."""
        given = self.kind not in {"uncontrolled", "ongoing"} and self.control_type
        return self._joined("control_type", text=tidy(given)) if given else ""

    @property
    def n_text(self) -> str:
        """People in the arms as the source gave them: "112 + 110", or "493 total 1:1"."""
        active, control = self._sizes
        return self._joined("n_active", "n_control", text=f"{active} + {control}" if control else active)

    @property
    def people_text(self) -> str:
        """People in words: "112 active, 110 control", "493 people in all, 1:1"; "" where the table has none."""
        return self._joined("n_active", "n_control", text=people(*self._sizes))

    @property
    def _sizes(self) -> tuple[str, str]:
        active, control = self.n_active or "", self.n_control or ""
        # one group that went through both conditions, or a total repeated in both cells, is shown once
        once = "total" in active or _CROSSED.search(self.design or "")
        return active, "" if once or control == "0" else control

    @property
    def endpoint_text(self) -> str:
        """Primary endpoint in words; for a secondary outcome its scale."""
        if self.verdict == "secondary":
            return f"secondary outcome: {self.outcome_scale}" if self.outcome_scale else "secondary outcome"
        return phrase("endpoint", self.primary_endpoint).words if self.primary_endpoint else ""

    @property
    def about(self) -> About:
        """What the primary endpoint is about: symptoms, physiology or feasibility."""
        return phrase("endpoint", self.primary_endpoint or "").about

    @property
    def verdict_text(self) -> str:
        """`verdict` in words."""
        return VERDICTS[self.verdict]

    @property
    def detail_text(self) -> str:
        """Remark beside the verdict; "" where there is none."""
        said = remark(self.study_id)
        if said:
            return said
        if self.verdict == "no control" and self.primary_met == "yes":
            return "its aim was reached, without a comparison"
        return phrase("detail", self.primary_met_detail).words if self.primary_met_detail else ""

    @property
    def response_text(self) -> str:
        """Response rates by arm: "15.2 % active, 10.0 % control"; "" where none was reported."""
        active, control = self.resp_active_pct, self.resp_control_pct
        named = [f"{cell} % {arm}" for cell, arm in ((active, "active"), (control, "control")) if cell]
        text = f"{active} %" if active and not control else ", ".join(named)
        return self._joined("resp_active_pct", "resp_control_pct", text=text)

    @property
    def effect_text(self) -> str:
        """Effect in words with unit, interval and p value; "" where none was reported.

        "risk difference 5.2 percentage points, p 0.251"; an interval alone says that the estimate is missing.
        """
        measure = phrase("measure", self.effect_measure) if self.effect_measure else None
        parts = [effect(measure, self.effect_value, self.effect_ci_low, self.effect_ci_high)]
        parts.append(chance(self.p_value) if self.p_value else "")
        columns = ("effect_measure", "effect_value", "effect_ci_low", "effect_ci_high", "p_value")
        return self._joined(*columns, text=", ".join(part for part in parts if part))

    @property
    def notes_text(self) -> str:
        """Notes of the table, signs written out; marked where they were recalled."""
        return self._joined("notes", text=tidy(self.notes or ""))
