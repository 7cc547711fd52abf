"""One person over many visits: milestones, trajectory with measurement error, hypomania watch, single-case designs."""

from vagus.outcome.person.mania import every_notice, mania_notices
from vagus.outcome.person.progress import Between, Progress, Visit, progress
from vagus.outcome.person.single_case import Onset, Pairs, Phases, SingleCase, single_case
from vagus.outcome.person.trajectory import Trajectory, TrajectoryPoint, trajectory

__all__ = [
    "Between",
    "Onset",
    "Pairs",
    "Phases",
    "Progress",
    "SingleCase",
    "Trajectory",
    "TrajectoryPoint",
    "Visit",
    "every_notice",
    "mania_notices",
    "progress",
    "single_case",
    "trajectory",
]
