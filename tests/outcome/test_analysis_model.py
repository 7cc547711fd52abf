"""Repeated measures and covariance analysis: exact cases, derivatives, what must not matter, what is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from vagus.errors import Abstained, InputError
from vagus.outcome.analysis.design import design_of
from vagus.outcome.analysis.estimand import Estimand
from vagus.outcome.analysis.mixed.covariance import STRUCTURES, names_of, shape
from vagus.outcome.analysis.mixed.reml import fit_reml, slopes_at, state_at
from vagus.outcome.analysis.mixed.sums import Sums, sums_of
from vagus.outcome.analysis.model import ancova, mmrm
from vagus.outcome.analysis.table import TrialTable

WHAT = Estimand(population="all", variable="score", treatment="active", control="sham",
                summary="difference of means")  # fmt: skip


def table(seed: int = 1, *, n: int = 80, m: int = 4, effect: float = -2.0, missing: float = 0.15) -> TrialTable:
    rng = np.random.default_rng(seed)
    baseline = rng.normal(28, 5, n)
    arm = np.arange(n) % 2
    score = 0.6 * baseline[:, None] + rng.normal(0, 3, (n, 1)) + rng.normal(0, 3, (n, m))
    score += effect * arm[:, None] * np.arange(1, m + 1) / m
    score[rng.random((n, m)) < missing] = np.nan
    return TrialTable(
        arms=("sham", "active"), visits=tuple(f"week {4 * k}" for k in range(1, m + 1)),
        people=tuple(f"p{k}" for k in range(n)), arm=arm, score=score, baseline=baseline,
        factors={"site": tuple("ABC"[k % 3] for k in range(n))}, numbers={"age": rng.normal(40, 9, n)},
    )  # fmt: skip


def sums(seed: int = 1, **more: Any) -> Sums:
    d = design_of(table(seed, **more), baseline="visit")
    return sums_of(d.y, d.x, d.person, d.visit, len(d.table.visits))


@pytest.mark.parametrize("structure", STRUCTURES)
def test_derivatives_are_those_of_the_likelihood(structure: Any) -> None:
    given_sums = sums()
    fit = fit_reml(given_sums, structure)
    theta = fit.theta * 1.04  # off the optimum, where all terms count
    state = state_at(given_sums, structure, theta)
    assert state is not None
    slopes = slopes_at(given_sums, state)
    for k, value in enumerate(theta):
        step = np.zeros(theta.size)
        step[k] = 1e-5 * abs(value)
        up, down = (state_at(given_sums, structure, theta + sign * step) for sign in (1, -1))
        assert up is not None
        assert down is not None
        slope = (up.minus_two_ll - down.minus_two_ll) / (2 * step[k])
        # central differences of a likelihood of size 1e3 keep about 1e-6 of the largest slope
        assert slope == pytest.approx(slopes.gradient[k], abs=1e-5 * np.abs(slopes.gradient).max())
        bend = (slopes_at(given_sums, up).gradient - slopes_at(given_sums, down).gradient) / (2 * step[k])
        assert bend == pytest.approx(slopes.observed[k], abs=1e-6 * np.abs(slopes.observed).max())


@pytest.mark.parametrize("structure", STRUCTURES)
@pytest.mark.parametrize("m", [1, 2, 5])
def test_names_fit_the_parameters(structure: Any, m: int) -> None:
    names = names_of(structure, m)
    theta = np.linspace(0.3, 0.2, len(names))
    found = shape(structure, theta, m)
    assert found.matrix.shape == (m, m)
    assert found.first.shape == (len(names), m, m)
    assert np.allclose(found.matrix, found.matrix.T)


@pytest.mark.parametrize("df", ["kenward-roger", "satterthwaite"])
def test_complete_data_give_the_exact_degrees_of_freedom(df: Any) -> None:
    # all people at all visits, no covariate: the difference at a visit is the t test of that visit, n - 2
    whole = table(missing=0.0)
    found = mmrm(whole, estimand=WHAT, df=df, baseline="none")
    for k, one in enumerate(found.differences):
        a, b = (whole.score[whole.arm == j, k] for j in (1, 0))
        exact = stats.ttest_ind(a, b)
        assert one.df == pytest.approx(78, rel=1e-6)
        assert one.p == pytest.approx(float(exact.pvalue), rel=1e-6)  # pyright: ignore[reportAttributeAccessIssue]


def test_the_joint_test_on_complete_data_is_that_of_hotelling() -> None:
    # arm by visit: T² of the differences between visits, (n - 2 - k + 1) / ((n - 2) k) T² is F(k, n - k - 1)
    whole = table(missing=0.0)
    found = mmrm(whole, estimand=WHAT, baseline="none").arm_by_visit
    steps = whole.score[:, 1:] - whole.score[:, [0]]
    a, b = steps[whole.arm == 1], steps[whole.arm == 0]
    pooled = ((a - a.mean(0)).T @ (a - a.mean(0)) + (b - b.mean(0)).T @ (b - b.mean(0))) / 78
    away = a.mean(0) - b.mean(0)
    t2 = float(away @ np.linalg.solve(pooled, away)) * 40 * 40 / 80
    assert found is not None
    assert found.df_num == 3
    assert found.f == pytest.approx(t2 * (78 - 3 + 1) / (78 * 3), rel=1e-6)
    assert found.df == pytest.approx(76, rel=1e-6)


def test_covariance_analysis_is_least_squares() -> None:
    one = table()
    found = ancova(one, visit="week 16", estimand=WHAT, covariates=("site", "age"))
    seen = np.isfinite(one.score[:, 3])
    site = np.array(one.factors["site"])
    assert one.baseline is not None
    x = np.column_stack([np.ones(80), one.arm, one.baseline, site == "B", site == "C", one.numbers["age"]])[seen]
    beta, rss, *_ = np.linalg.lstsq(x, one.score[seen, 3], rcond=None)
    df = int(seen.sum()) - 6
    assert found.at("week 16").estimate == pytest.approx(beta[1], rel=1e-9)
    assert found.at("week 16").df == pytest.approx(df, rel=1e-9)
    se = np.sqrt(rss[0] / df * np.linalg.inv(x.T @ x)[1, 1])
    assert found.at("week 16").se == pytest.approx(se, rel=1e-9)


@settings(max_examples=15, deadline=None)
@given(scale=st.floats(1e-3, 1e3), shift=st.floats(-1e3, 1e3), structure=st.sampled_from(list(STRUCTURES)))
def test_the_scale_of_the_scores_does_not_matter(scale: float, shift: float, structure: Any) -> None:
    one = table(3)
    assert one.baseline is not None
    other = replace(one, score=one.score * scale + shift, baseline=one.baseline * scale + shift)
    a, b = (mmrm(each, estimand=WHAT, structure=structure).differences[-1] for each in (one, other))
    assert b.estimate == pytest.approx(scale * a.estimate, rel=1e-4, abs=1e-6 * scale)
    assert b.se == pytest.approx(scale * a.se, rel=1e-4)
    assert b.df == pytest.approx(a.df, rel=1e-3)


def test_neither_order_of_people_nor_change_for_score_moves_the_difference() -> None:
    one = table(4)
    assert one.baseline is not None
    turn = np.random.default_rng(0).permutation(80)
    other = replace(one, people=tuple(one.people[k] for k in turn), arm=one.arm[turn], score=one.score[turn],
                    baseline=one.baseline[turn], factors={}, numbers={})  # fmt: skip
    first = mmrm(one, estimand=WHAT).differences[-1]
    for found in (mmrm(other, estimand=WHAT), mmrm(one, estimand=WHAT, is_change=True)):
        assert found.differences[-1].estimate == pytest.approx(first.estimate, rel=1e-7)
        assert found.differences[-1].se == pytest.approx(first.se, rel=1e-7)


def test_kenward_roger_is_never_more_certain() -> None:
    for seed in range(5):
        one = table(seed, n=24)
        plain, adjusted = (mmrm(one, estimand=WHAT, structure="cs", df=df) for df in ("satterthwaite", "kenward-roger"))
        for a, b in zip(plain.differences, adjusted.differences, strict=True):
            assert b.se >= a.se * (1 - 1e-9)
            assert b.df == pytest.approx(a.df)


def test_what_is_left_out_is_counted_and_said() -> None:
    one = table(5)
    assert one.baseline is not None
    baseline, score = one.baseline.copy(), one.score.copy()
    baseline[3], score[5] = np.nan, np.nan
    found = mmrm(replace(one, baseline=baseline, score=score), estimand=WHAT)
    said = {one.why: one.n for one in found.excluded}
    assert said["baseline is missing"] == 1
    assert said["no score at any visit of the analysis"] == 1
    assert found.n == 78
    assert found.n_scores + said["missing, of people in the model"] == 78 * 4
    assert "Left out: 1 person: baseline is missing (p3)." in found.text
    assert found.text.startswith("Estimand: difference of means of score, active against sham, in all")


def test_three_arms() -> None:
    one = table(6, n=90)
    three = replace(one, arms=("sham", "low", "high"), arm=np.arange(90) % 3)
    found = mmrm(three, estimand=WHAT)
    assert {(d.arm, d.control) for d in found.differences} == {("low", "sham"), ("high", "sham")}
    with pytest.raises(InputError, match="no single difference"):
        found.at("week 16")
    assert found.at("week 16", "high").arm == "high"


def test_what_cannot_be_fitted_is_refused() -> None:
    one = table(7, n=12, m=4, missing=0.0)
    few = replace(
        one, score=one.score[:8], people=one.people[:8], arm=one.arm[:8], baseline=None, factors={}, numbers={}
    )
    constant = replace(few, score=np.tile(few.score[:, [0]], (1, 4)))
    with pytest.raises(Abstained, match="Take a structure with fewer parameters"):
        mmrm(constant, estimand=WHAT, baseline="none")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"structure": "ar"}, 'unknown covariance; found "ar"; allowed: did you mean'),
        ({"df": "kr"}, "unknown degrees of freedom"),
        ({"information": "fisher"}, "unknown information"),
        ({"covariates": ("sit",)}, 'unknown covariate; found "sit"; allowed: did you mean "site"'),
        ({"baseline": "yes"}, "unknown use of baseline"),
        ({"level": 95.0}, "level is no probability"),
    ],
)
def test_unknown_options_are_told(more: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said.replace("?", r"\?")):
        mmrm(table(), estimand=WHAT, **more)


def test_tables_that_cannot_be_used_are_told() -> None:
    one = table(8)
    with pytest.raises(InputError, match="no baseline"):
        mmrm(replace(one, baseline=None), estimand=WHAT)
    alone = one.score.copy()
    alone[one.arm == 1, 2] = np.nan
    with pytest.raises(InputError, match="arm active, visit week 12: an arm has no scores at a visit"):
        mmrm(replace(one, score=alone), estimand=WHAT)
    twin = replace(one, numbers={"age": one.numbers["age"], "years": one.numbers["age"]})
    with pytest.raises(InputError, match="cannot tell its terms apart"):
        mmrm(twin, estimand=WHAT, covariates=("age", "years"))
    with pytest.raises(InputError, match="arms named twice"):
        replace(one, arms=("sham", "sham"))
    with pytest.raises(InputError, match="score does not fit"):
        replace(one, score=one.score[:, :2])


def test_an_estimand_has_its_parts() -> None:
    with pytest.raises(InputError, match="population of the estimand is empty"):
        replace(WHAT, population=" ")
    strategies: Any = {"stopped": "treatment policies"}
    with pytest.raises(InputError, match='unknown strategy; found "treatment policies"'):
        replace(WHAT, strategies=strategies)
