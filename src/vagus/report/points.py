"""The summary: one point for each part of the report, for the page and for one terminal screen."""

from __future__ import annotations

from dataclasses import dataclass

from vagus.course import Results
from vagus.report import measured, words
from vagus.report.expected import body


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One line of the summary: what it is about, and the sentence."""

    name: str
    text: str


def points(results: Results) -> tuple[Point, ...]:
    """The summary, one point for each part of the report."""
    arm = words.arm(results.course.device_use)
    return (
        *([Point(name="Arm", text=arm)] if arm else []),
        Point(name="Prescribed", text=words.prescribed(results)),
        Point(name="Delivered", text=words.delivered(results)),
        Point(name="Limits", text=words.limits(results)),
        Point(name="Fibers", text=words.fibers(results)),
        Point(name="Brain and heart", text=body(results)),
        Point(name="Vagal tone", text=measured.tone(results)),
        Point(name="Scores", text=words.scores(results)),
        Point(name="Trials", text=words.trials(results)),
    )
