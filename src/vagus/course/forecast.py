"""What to expect of a course: symptom totals and chances of response, active and sham side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from vagus import dose, outcome
from vagus.course.course import Course
from vagus.course.findings import course_findings
from vagus.dose.ranges import demand, outside
from vagus.outcome.forecast import Forecast, forecast_scores

_MOST_WEEKS = 520.0
_AHEAD_WEEKS = 4.0  # after the last total, where the course has ended by then


def scored(course: Course) -> tuple[outcome.Score, ...]:
    """Scores of all answers of a course, in the order of time."""
    told = (outcome.score(one, course.scales[one.instrument]) for one in course.answers)
    return tuple(sorted(told, key=lambda score: (score.date, score.instrument)))


def forecast(
    course: Course,
    horizon_weeks: float | None = None,
    *,
    rng: np.random.Generator,
    instrument: str | None = None,
    more: Iterable[outcome.Trial] = (),
    recalled: bool = False,
    scores: Sequence[outcome.Score] | None = None,
) -> Forecast:
    """Rates by arm from published trials, and this person's chances with active stimulation and with sham.

    No probability is told for the person while a safety notice, a severe adverse event or a dose over a limit has to be
    looked at first, with fewer than three sham-controlled trials that tell the rate of both arms, or where the scores
    do not carry one (`vagus.outcome.forecast.forecast_scores`); each reason is named. Both arms are told whatever the
    arm of the course, so that nothing is unblinded.

    Parameters
    ----------
    course : Course
    horizon_weeks : float or None
        Weeks after the start; None: the end of the protocol, or four weeks after the last total where that is later.
    rng : numpy.random.Generator
    instrument : str or None
        Key of the instrument to be foretold; None: of the diagnosis, the one with the most totals.
    more : iterable of vagus.outcome.Trial
        Trials of one's own beside the bundled ones.
    recalled : bool
        Take cells that were recalled and not read, marked.
    scores : sequence of vagus.outcome.Score, optional
        Of the answers of the course, where they are known already.

    Raises
    ------
    InputError
        A horizon that is not over 0, over ten years or not after the last total; an unknown instrument.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from vagus.files import new_course, read_course
    >>> folder = pathlib.Path(tempfile.mkdtemp()) / "p01"
    >>> new_course(folder)
    >>> found = forecast(read_course(folder), rng=np.random.default_rng(1))
    >>> found.chances, len(found.abstained) > 0
    ((), True)
    """
    if horizon_weeks is not None:
        demand([outside("horizon_weeks", horizon_weeks, above=0, high=_MOST_WEEKS, why="no trial went on for longer")])
    if scores is None:
        scores = scored(course)
    own = {one.key for one in course.instruments}  # no trial tells of them: looked at for notices, not foretold
    grave = [finding for finding in course_findings(course) if finding.grave]
    closed = [f"to be looked at first: {finding.text.rstrip('.')}" for finding in grave]
    start = course.protocol.start
    if horizon_weeks is None:
        last = max(((one.date - start).days / 7 for one in scores if one.total is not None), default=0.0)
        horizon_weeks = max(course.protocol.weeks, last + _AHEAD_WEEKS if last >= course.protocol.weeks else 0.0)
    return forecast_scores(
        [one for one in scores if one.instrument not in own],
        indication=course.person.diagnosis,
        route=dose.device_of(course.device_use.device).route,
        start=start,
        horizon_weeks=horizon_weeks,
        rng=rng,
        notices=outcome.every_notice(course.answers, tuple(scores), instruments=course.scales),
        closed=closed,
        instrument=instrument,
        more=more,
        recalled=recalled,
    )
