"""Agreement with R's survival and p.adjust (trial/trial.R, trial/trial.txt): closed forms and Newton, to 1e-9."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from tests.papers.trial_data import R, fev, rows_of

from vagus.outcome.analysis.claims import adjusted_p
from vagus.outcome.analysis.survival import cox, kaplan_meier, log_rank

ROWS = rows_of("remission.csv")
WEEKS = np.array([float(row["time_weeks"]) for row in ROWS])
EVENT = np.array([row["event"] == "1" for row in ROWS])
ARM = np.array([int(row["arm"] == "6-MP") for row in ROWS])


@pytest.mark.parametrize(("k", "name"), [(0, "placebo"), (1, "6-MP")])
def test_kaplan_meier(k: int, name: str) -> None:
    curve = kaplan_meier(WEEKS[k == ARM], EVENT[k == ARM])
    for time in (5, 10, 20):
        at = int(np.searchsorted(curve.weeks, time, side="right")) - 1
        found = dict(zip(("survival", "low", "high"), curve.at(time), strict=True))
        if at >= 0:
            found |= {"se": float(curve.se[at])}
        for field, value in found.items():
            assert value == pytest.approx(R[f"remission.km.{name}.{time}.{field}"], rel=1e-9)
    middle = curve.median_weeks
    assert middle.estimate == R[f"remission.median.{name}.estimate"]
    assert middle.low == R[f"remission.median.{name}.low"]
    assert middle.high == R.get(f"remission.median.{name}.high", math.inf)


def test_log_rank() -> None:
    assert log_rank(WEEKS, EVENT, ARM)[0] == pytest.approx(R["remission.logrank.chi2"], rel=1e-9)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_cox(ties: Any) -> None:
    found = cox(WEEKS, EVENT, ARM, ties=ties)
    assert found.tests[0].estimate == pytest.approx(R[f"remission.cox.{ties}.estimate"], rel=1e-9)
    assert found.tests[0].se == pytest.approx(R[f"remission.cox.{ties}.se"], rel=1e-9)
    assert found.log_likelihood == pytest.approx(R[f"remission.cox.{ties}.loglik"], rel=1e-9)


def test_cox_with_a_number() -> None:
    table = fev().at(["VIS1"])
    assert table.baseline is not None
    whole = fev()
    person, visit = np.nonzero(np.isfinite(whole.score))
    x = np.column_stack([whole.arm[person], table.baseline[person]])
    found = cox(whole.score[person, visit], np.ones(person.size, bool), x).tests[0]
    assert found.estimate == pytest.approx(R["fev.cox.estimate"], rel=1e-7)
    assert found.se == pytest.approx(R["fev.cox.se"], rel=1e-7)


@pytest.mark.parametrize("method", ["holm", "hochberg", "bonferroni"])
def test_adjusted_p(method: Any) -> None:
    due = [R[f"adjust.{method}.{k}"] for k in range(1, 6)]
    assert adjusted_p([0.01, 0.04, 0.03, 0.005, 0.2], method=method) == pytest.approx(due, rel=1e-12)
