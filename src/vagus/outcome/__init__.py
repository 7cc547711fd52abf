"""Is the person better, does the treatment work: instruments, scores, change, safety notices, published trials."""

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

__all__ = [
    "KINDS",
    "Answers",
    "Band",
    "Between",
    "Change",
    "Evidence",
    "Instrument",
    "ItemRange",
    "Linked",
    "Notice",
    "Onset",
    "Pairs",
    "Part",
    "Phases",
    "Progress",
    "Score",
    "SingleCase",
    "Subscale",
    "Trajectory",
    "TrajectoryPoint",
    "Translation",
    "Trial",
    "Visit",
    "change",
    "check_answers",
    "every_notice",
    "evidence",
    "find_instrument",
    "indications",
    "instruments",
    "link_total",
    "mania_notices",
    "notices",
    "progress",
    "reliable_change_points",
    "routes",
    "score",
    "single_case",
    "trajectory",
    "translate",
    "trials",
]
