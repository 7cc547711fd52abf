"""Published values of R's mmrm 0.3.18 and of SAS PROC MIXED on `fev_data` (trial/mmrm.txt says where each was read).

Tolerances: the printed runs stopped before the likelihood was at its highest. SAS tells -2 REML log-likelihood
3667.96276376 for the unstructured model, vagus reaches 3667.96275614; nlme with sharp settings agrees with vagus to
1e-7 (test_trial_r.py). What that leaves in the printed numbers is at most 3e-6 of an estimate's standard error times
100 in the README and 4e-4 of the degrees of freedom in SAS: estimates are compared within 2e-4 standard errors,
standard errors within 1.5e-4, degrees of freedom within 4e-4.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.papers.trial_data import fev

from vagus.outcome.analysis.mixed.inference import Inference
from vagus.outcome.analysis.mixed.reml import fit_reml
from vagus.outcome.analysis.mixed.sums import Sums, sums_of

PRINTED = [
    line.split()
    for line in (Path(__file__).parent / "trial" / "mmrm.txt").read_text(encoding="utf-8").splitlines()
    if line[0] != "#"
]


def coded(*, is_sex: bool, is_visit: bool = True, is_race: bool = True) -> Sums:
    """Treatment coding, as the printed tables have it."""
    table = fev()
    person, visit = np.nonzero(np.isfinite(table.score))
    race, sex = np.array(table.factors["race"])[person], np.array(table.factors["sex"])[person]
    trt = (table.arm[person] == 1).astype(float)
    columns = [np.ones(person.size)]
    if is_race:
        columns += [race == "Black or African American", race == "White"]
    if is_sex:
        columns.append(sex == "Female")
    columns.append(trt)
    if is_visit:
        columns += [visit == k for k in (1, 2, 3)] + [(visit == k) * trt for k in (1, 2, 3)]
    x = np.column_stack([np.asarray(one, float) for one in columns])
    return sums_of(table.score[person, visit], x, person, visit, 4)


@pytest.mark.parametrize("source", ["readme", "vignette"])
def test_mmrm_prints_the_same_coefficients(source: str) -> None:
    fit = fit_reml(coded(is_sex=source == "readme"), "us")
    tests = Inference(fit, df="satterthwaite" if source == "readme" else "kenward-roger")
    rows = [line for line in PRINTED if line[0] == source]
    for k, (_, _, estimate, se, df) in enumerate(rows):
        found = tests.test(np.eye(len(rows))[k])
        assert found.estimate == pytest.approx(float(estimate), abs=2e-4 * found.se)
        if se != "-":
            assert found.se == pytest.approx(float(se), rel=1.5e-4)
        assert found.df == pytest.approx(float(df), rel=4e-4)


@pytest.mark.parametrize("line", [line for line in PRINTED if line[0] == "sas"], ids=lambda v: "-".join(v[1:3]))
def test_sas_prints_the_same_kenward_roger(line: list[str]) -> None:
    structure: Any = line[1]
    df: Any = line[2]
    fit = fit_reml(coded(is_sex=False, is_visit=False, is_race=False), structure)
    found = Inference(fit, df=df).test(np.array([0.0, 1.0]))
    assert found.estimate == pytest.approx(float(line[3]), abs=2e-4 * found.se)
    assert found.se == pytest.approx(float(line[4]), rel=1.5e-4)
    assert found.df == pytest.approx(float(line[5]), rel=4e-4)


def test_the_likelihood_is_at_least_as_high_as_that_of_sas() -> None:
    fit = fit_reml(coded(is_sex=False, is_visit=False, is_race=False), "us")
    assert fit.state.minus_two_ll <= 3667.96276376
    assert fit.state.minus_two_ll == pytest.approx(3667.96276376, abs=1e-4)
