"""The data sets of `trial/` as trial tables, and R's printed numbers."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from vagus.outcome.analysis.estimand import Estimand
from vagus.outcome.analysis.table import TrialTable

HERE = Path(__file__).parent / "trial"
R = {
    key: float(value)
    for key, value in (
        line.split() for line in (HERE / "trial.txt").read_text(encoding="utf-8").splitlines() if line[0] != "#"
    )
    if value != "NA"
}
WHAT = Estimand(
    population="all", variable="score", treatment="active", control="control", summary="difference of means"
)


def rows_of(name: str) -> list[dict[str, str]]:
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def table_of(rows: list[dict[str, str]], *, arms: tuple[str, str], visits: tuple[str, ...]) -> TrialTable:
    people = tuple(dict.fromkeys(row["person"] for row in rows))
    first = {row["person"]: row for row in reversed(rows)}
    score = np.full((len(people), len(visits)), np.nan)
    for row in rows:
        if row["score"]:
            score[people.index(row["person"]), visits.index(row["visit"])] = float(row["score"])
    has = "baseline" in rows[0]
    return TrialTable(
        arms=arms,
        visits=visits,
        people=people,
        arm=np.array([arms.index(first[one]["arm"]) for one in people]),
        score=score,
        baseline=np.array([float(first[one]["baseline"]) for one in people]) if has else None,
        factors={name: tuple(first[one][name] for one in people) for name in ("race", "sex") if has},
    )


def fev() -> TrialTable:
    return table_of(rows_of("fev.csv"), arms=("PBO", "TRT"), visits=("VIS1", "VIS2", "VIS3", "VIS4"))


def growth() -> TrialTable:
    return table_of(rows_of("growth.csv"), arms=("Male", "Female"), visits=("age8", "age10", "age12", "age14"))


def thin() -> TrialTable:
    """Some visits missed, by the rule of trial.R."""
    rows = [row for k, row in enumerate(rows_of("growth.csv"), start=1) if k % 7 != 3]
    return table_of(rows, arms=("Male", "Female"), visits=("age8", "age10", "age12", "age14"))
