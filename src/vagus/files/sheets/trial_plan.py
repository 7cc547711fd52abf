"""The plan of a trial's analysis (TOML): how its table is read, and what is analyzed; and its adverse events (CSV)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from vagus.errors import InputError, Problem, nearest
from vagus.files.sheets.instruments import read_noun
from vagus.files.sheets.sheet import read_sheet
from vagus.files.sheets.trial_table import TrialColumns, read_trial_table
from vagus.outcome import find_instrument
from vagus.outcome.analysis.flow import AdverseEvent
from vagus.outcome.analysis.plan import AnalysisPlan
from vagus.outcome.analysis.table import TrialTable


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialPlan:
    """A plan as it stands in a file.

    Parameters
    ----------
    control : str
    analysis : AnalysisPlan
    columns : TrialColumns
    arms, visits : tuple of str
    baseline_visit : str
    missing : tuple of str
        Codes for missing values.
    instrument : str
        Key of an instrument, for the bounds of the score: "madrs".
    low_points, high_points : float or None
        Bounds, where no instrument is named.
    dictionary, adverse_events : str
        Files beside the plan: REDCap's data dictionary, and the events (columns person, term, serious).
    """

    control: str
    analysis: AnalysisPlan
    columns: TrialColumns = field(default_factory=TrialColumns)
    arms: tuple[str, ...] = ()
    visits: tuple[str, ...] = ()
    baseline_visit: str = ""
    missing: tuple[str, ...] = ()
    instrument: str = ""
    low_points: float | None = None
    high_points: float | None = None
    dictionary: str = ""
    adverse_events: str = ""


def read_trial_plan(path: Path) -> TrialPlan:
    """Plan of a trial's analysis from a TOML file whose keys are the fields of `TrialPlan` and of its parts.

    Parameters
    ----------
    path : pathlib.Path

    Raises
    ------
    InputError
        The file cannot be read, a key is unknown or missing, or a value does not fit.
    """
    return read_noun(path, TrialPlan)


def directed(plan: TrialPlan) -> TrialPlan:
    """A plan whose directions are those of its instrument, where it names one and does not tell them.

    Raises
    ------
    InputError
        An instrument that is not known, or a direction that is not the instrument's.
    """
    if not plan.instrument:
        return plan
    known, analysis = find_instrument(plan.instrument), plan.analysis
    better = "higher" if known.better > 0 else "lower"
    told = {"analysis": analysis.better, "analysis.response": analysis.response.better if analysis.response else None}
    problems = [
        Problem(what=f"{word} is not better on {known.name}", where=f"{where}, better", found=f'"{word}"',
                allowed=f'better = "{better}", or nothing: the instrument tells it')
        for where, word in told.items()
        if word not in (None, better)
    ]  # fmt: skip
    if problems:
        raise InputError(problems)
    response = replace(analysis.response, better=better) if analysis.response else None
    return replace(plan, analysis=replace(analysis, better=better, response=response))


def read_planned_table(path: Path, plan: TrialPlan, *, folder: Path) -> TrialTable:
    """Table of a trial, read as its plan says.

    Parameters
    ----------
    path : pathlib.Path
    plan : TrialPlan
    folder : pathlib.Path
        Where the files stand that the plan names.

    Raises
    ------
    InputError
        See `read_trial_table`; or an instrument that is not known.
    """
    low, high = plan.low_points, plan.high_points
    if plan.instrument:
        known = find_instrument(plan.instrument)
        low, high = (known.total_low if low is None else low), (known.total_high if high is None else high)
    return read_trial_table(
        path, control=plan.control, columns=plan.columns, arms=plan.arms, visits=plan.visits,
        baseline_visit=plan.baseline_visit, missing=plan.missing, low=low, high=high,
        dictionary=folder / plan.dictionary if plan.dictionary else None,
    )  # fmt: skip


def read_adverse_events(path: Path) -> tuple[AdverseEvent, ...]:
    """Adverse events from a CSV with the columns person, term and, where known, serious (yes or no).

    Parameters
    ----------
    path : pathlib.Path

    Raises
    ------
    InputError
        A cell that is empty or cannot be used, with row and column.
    """
    sheet = read_sheet(path, required=("person", "term"), optional=("serious",), others=True)
    problems = list(sheet.problems)
    found: list[AdverseEvent] = []
    for row in sheet.rows:
        problems += [
            Problem(what=f"{name} is empty", where=row.where(name), allowed="a word in every row")
            for name in ("person", "term")
            if not row.cells.get(name)
        ]
        serious = row.cells.get("serious", "").lower() or "no"
        if serious not in ("yes", "no"):
            allowed = nearest(serious, ("yes", "no"))
            problems.append(
                Problem(what="serious is neither yes nor no", where=row.where("serious"), found=f'"{serious}"',
                        allowed=allowed)
            )  # fmt: skip
        person, term = row.cells.get("person", ""), row.cells.get("term", "")
        found.append(AdverseEvent(person=person, term=term, is_serious=serious == "yes"))
    if problems:
        raise InputError(problems)
    return tuple(found)
