"""Is the person better, does the treatment work: instruments, scores, change, safety notices, trials.

What a person needs loads at once; the analysis of trials, the evidence pooled and allocation load when they are first
named.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from vagus.outcome.answers import Answers, Score, check_answers, score
from vagus.outcome.change import Change, change
from vagus.outcome.crosswalk import Linked, link_total
from vagus.outcome.evidence import KINDS, Evidence, evidence, indications, routes, trials
from vagus.outcome.instrument import Instrument, find_instrument, instruments
from vagus.outcome.parts import Band, ItemRange, Subscale, reliable_change_points
from vagus.outcome.person import (
    Between,
    Onset,
    Pairs,
    Phases,
    Progress,
    SingleCase,
    Trajectory,
    TrajectoryPoint,
    Visit,
    every_notice,
    mania_notices,
    progress,
    single_case,
    trajectory,
)
from vagus.outcome.rules import Part
from vagus.outcome.safety import Notice, notices
from vagus.outcome.translation import Translation, translate
from vagus.outcome.trial import Trial

if TYPE_CHECKING:
    from vagus.outcome.allocation.blocks import BlockPlan, Place, allocate_blocks, commitment
    from vagus.outcome.allocation.minimize import Choice, MinimizationPlan, allocate_people, minimize
    from vagus.outcome.analysis.claims import NonInferiority, adjusted_p, gatekeep, non_inferiority
    from vagus.outcome.analysis.crossover import CrossoverAnalysis, crossover
    from vagus.outcome.analysis.estimand import Estimand
    from vagus.outcome.analysis.flow import (
        AdverseEvent,
        AdverseRow,
        BaselineRow,
        Flow,
        adverse_table,
        baseline_table,
        flow,
    )
    from vagus.outcome.analysis.missing.imputation import Imputed, impute
    from vagus.outcome.analysis.missing.pooled import ImputedAnalysis, Rubin, analyze_imputed, rubin
    from vagus.outcome.analysis.mixed.inference import Joint, Tested
    from vagus.outcome.analysis.model import Difference, Mean, ScoreAnalysis, ancova, mmrm
    from vagus.outcome.analysis.plan import AnalysisPlan, TimeAnalysis, TrialReport, analyze_trial
    from vagus.outcome.analysis.power import Planned, Power, expect, people_for_power
    from vagus.outcome.analysis.responders import ResponderAnalysis, Response, Times, responders, time_to_response
    from vagus.outcome.analysis.simulate import Assumed, Tally, draw_trial, simulate
    from vagus.outcome.analysis.survival import Cox, Curve, cox, kaplan_meier, log_rank
    from vagus.outcome.analysis.table import Exclusion, TrialTable
    from vagus.outcome.forecast import (
        ArmBand,
        ArmChance,
        ArmRate,
        Forecast,
        Held,
        LeftOut,
        forecast_scores,
        how_often_held,
        leave_one_trial_out,
    )
    from vagus.outcome.synthesis.blinding import Blinding, Guesses, blinding
    from vagus.outcome.synthesis.counts import NeededToTreat, exact_p, needed_to_treat, risk_difference
    from vagus.outcome.synthesis.effects import Counts, Means, StudyEffect, binary_effect, continuous_effect
    from vagus.outcome.synthesis.mantel_haenszel import mantel_haenszel
    from vagus.outcome.synthesis.pool import Pooled, pool
    from vagus.outcome.synthesis.review import Synthesis, synthesize
    from vagus.outcome.synthesis.rows import Excluded, Extracted, extract
    from vagus.outcome.synthesis.small import SmallStudies, small_studies
    from vagus.outcome.titration import Titration, titrations

__all__ = [
    "KINDS",
    "AdverseEvent",
    "AdverseRow",
    "AnalysisPlan",
    "Answers",
    "ArmBand",
    "ArmChance",
    "ArmRate",
    "Assumed",
    "Band",
    "BaselineRow",
    "Between",
    "Blinding",
    "BlockPlan",
    "Change",
    "Choice",
    "Counts",
    "Cox",
    "CrossoverAnalysis",
    "Curve",
    "Difference",
    "Estimand",
    "Evidence",
    "Excluded",
    "Exclusion",
    "Extracted",
    "Flow",
    "Forecast",
    "Guesses",
    "Held",
    "Imputed",
    "ImputedAnalysis",
    "Instrument",
    "ItemRange",
    "Joint",
    "LeftOut",
    "Linked",
    "Mean",
    "Means",
    "MinimizationPlan",
    "NeededToTreat",
    "NonInferiority",
    "Notice",
    "Onset",
    "Pairs",
    "Part",
    "Phases",
    "Place",
    "Planned",
    "Pooled",
    "Power",
    "Progress",
    "ResponderAnalysis",
    "Response",
    "Rubin",
    "Score",
    "ScoreAnalysis",
    "SingleCase",
    "SmallStudies",
    "StudyEffect",
    "Subscale",
    "Synthesis",
    "Tally",
    "Tested",
    "TimeAnalysis",
    "Times",
    "Titration",
    "Trajectory",
    "TrajectoryPoint",
    "Translation",
    "Trial",
    "TrialReport",
    "TrialTable",
    "Visit",
    "adjusted_p",
    "adverse_table",
    "allocate_blocks",
    "allocate_people",
    "analyze_imputed",
    "analyze_trial",
    "ancova",
    "baseline_table",
    "binary_effect",
    "blinding",
    "change",
    "check_answers",
    "commitment",
    "continuous_effect",
    "cox",
    "crossover",
    "draw_trial",
    "every_notice",
    "evidence",
    "exact_p",
    "expect",
    "extract",
    "find_instrument",
    "flow",
    "forecast_scores",
    "gatekeep",
    "how_often_held",
    "impute",
    "indications",
    "instruments",
    "kaplan_meier",
    "leave_one_trial_out",
    "link_total",
    "log_rank",
    "mania_notices",
    "mantel_haenszel",
    "minimize",
    "mmrm",
    "needed_to_treat",
    "non_inferiority",
    "notices",
    "people_for_power",
    "pool",
    "progress",
    "reliable_change_points",
    "responders",
    "risk_difference",
    "routes",
    "rubin",
    "score",
    "simulate",
    "single_case",
    "small_studies",
    "synthesize",
    "time_to_response",
    "titrations",
    "trajectory",
    "translate",
    "trials",
]
_LATER = {
    "BlockPlan": "allocation.blocks",
    "Place": "allocation.blocks",
    "allocate_blocks": "allocation.blocks",
    "commitment": "allocation.blocks",
    "Choice": "allocation.minimize",
    "MinimizationPlan": "allocation.minimize",
    "allocate_people": "allocation.minimize",
    "minimize": "allocation.minimize",
    "NonInferiority": "analysis.claims",
    "adjusted_p": "analysis.claims",
    "gatekeep": "analysis.claims",
    "non_inferiority": "analysis.claims",
    "CrossoverAnalysis": "analysis.crossover",
    "crossover": "analysis.crossover",
    "Estimand": "analysis.estimand",
    "AdverseEvent": "analysis.flow",
    "AdverseRow": "analysis.flow",
    "BaselineRow": "analysis.flow",
    "Flow": "analysis.flow",
    "adverse_table": "analysis.flow",
    "baseline_table": "analysis.flow",
    "flow": "analysis.flow",
    "Imputed": "analysis.missing.imputation",
    "impute": "analysis.missing.imputation",
    "ImputedAnalysis": "analysis.missing.pooled",
    "Rubin": "analysis.missing.pooled",
    "analyze_imputed": "analysis.missing.pooled",
    "rubin": "analysis.missing.pooled",
    "Joint": "analysis.mixed.inference",
    "Tested": "analysis.mixed.inference",
    "Difference": "analysis.model",
    "Mean": "analysis.model",
    "ScoreAnalysis": "analysis.model",
    "ancova": "analysis.model",
    "mmrm": "analysis.model",
    "AnalysisPlan": "analysis.plan",
    "TimeAnalysis": "analysis.plan",
    "TrialReport": "analysis.plan",
    "analyze_trial": "analysis.plan",
    "Planned": "analysis.power",
    "Power": "analysis.power",
    "expect": "analysis.power",
    "people_for_power": "analysis.power",
    "ResponderAnalysis": "analysis.responders",
    "Response": "analysis.responders",
    "Times": "analysis.responders",
    "responders": "analysis.responders",
    "time_to_response": "analysis.responders",
    "Assumed": "analysis.simulate",
    "Tally": "analysis.simulate",
    "draw_trial": "analysis.simulate",
    "simulate": "analysis.simulate",
    "Cox": "analysis.survival",
    "Curve": "analysis.survival",
    "cox": "analysis.survival",
    "kaplan_meier": "analysis.survival",
    "log_rank": "analysis.survival",
    "Exclusion": "analysis.table",
    "TrialTable": "analysis.table",
    "ArmBand": "forecast",
    "ArmChance": "forecast",
    "ArmRate": "forecast",
    "Forecast": "forecast",
    "Held": "forecast",
    "LeftOut": "forecast",
    "forecast_scores": "forecast",
    "how_often_held": "forecast",
    "leave_one_trial_out": "forecast",
    "Blinding": "synthesis.blinding",
    "Guesses": "synthesis.blinding",
    "blinding": "synthesis.blinding",
    "NeededToTreat": "synthesis.counts",
    "exact_p": "synthesis.counts",
    "needed_to_treat": "synthesis.counts",
    "risk_difference": "synthesis.counts",
    "Counts": "synthesis.effects",
    "Means": "synthesis.effects",
    "StudyEffect": "synthesis.effects",
    "binary_effect": "synthesis.effects",
    "continuous_effect": "synthesis.effects",
    "mantel_haenszel": "synthesis.mantel_haenszel",
    "Pooled": "synthesis.pool",
    "pool": "synthesis.pool",
    "Synthesis": "synthesis.review",
    "synthesize": "synthesis.review",
    "Excluded": "synthesis.rows",
    "Extracted": "synthesis.rows",
    "extract": "synthesis.rows",
    "SmallStudies": "synthesis.small",
    "small_studies": "synthesis.small",
    "Titration": "titration",
    "titrations": "titration",
}


def __getattr__(name: str) -> object:
    if name in _LATER:
        return getattr(importlib.import_module(f"vagus.outcome.{_LATER[name]}"), name)
    raise AttributeError(f"module 'vagus.outcome' has no attribute {name!r}")
