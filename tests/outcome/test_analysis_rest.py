"""Responders, time to response, claims, imputation, crossover, flow: exact cases and what is refused."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import stats
from tests.outcome.test_analysis_model import WHAT, table

from vagus.errors import Abstained, InputError
from vagus.outcome.analysis.claims import adjusted_p, gatekeep, non_inferiority
from vagus.outcome.analysis.crossover import crossover
from vagus.outcome.analysis.flow import AdverseEvent, adverse_table, baseline_table, flow
from vagus.outcome.analysis.missing.imputation import _augment as augment
from vagus.outcome.analysis.missing.imputation import _in_turn as in_turn
from vagus.outcome.analysis.missing.imputation import impute, shifted
from vagus.outcome.analysis.missing.pooled import analyze_imputed
from vagus.outcome.analysis.mixed.inference import t_quantile
from vagus.outcome.analysis.model import ancova, mmrm
from vagus.outcome.analysis.responders import Response, responders, time_to_response
from vagus.outcome.analysis.survival import cox, kaplan_meier, log_rank
from vagus.outcome.analysis.table import TrialTable

SMALL = TrialTable(
    arms=("sham", "active"), visits=("w4", "w8"), people=tuple("abcdef"), arm=np.arange(6) % 2,
    baseline=np.array([20.0, 20, 28, 28, 30, 30]),
    score=np.array([[20.0, 18], [10, 9], [14.5, np.nan], [14, 20], [np.nan, np.nan], [16, 15]]),
)  # fmt: skip


def test_responders_by_share_of_baseline() -> None:
    rule = Response(change_pct=50)
    found = responders(SMALL, visit="w4", rule=rule, estimand=WHAT)
    assert (found.counts.active_events, found.counts.active_n) == (2, 3)  # 10 of 20 and 14 of 28 are half
    assert (found.counts.control_events, found.counts.control_n) == (0, 3)
    assert found.ratio is None
    assert found.excluded[-1].text == "1 person: score or baseline missing, counted as no response (e)"
    assert responders(SMALL, visit="w4", rule=rule, estimand=WHAT, missing="left out").counts.control_n == 2
    higher = Response(change_pct=10, better="higher")
    assert responders(SMALL, visit="w4", rule=higher, estimand=WHAT).counts.active_events == 0
    with pytest.raises(InputError, match="response is not defined; found 2 rules"):
        Response(change_pct=50, at_most_points=10)
    with pytest.raises(InputError, match="no share of a baseline of 0"):
        responders(replace(SMALL, baseline=np.zeros(6)), visit="w4", rule=rule, estimand=WHAT)
    with pytest.raises(InputError, match="no baseline"):
        responders(replace(SMALL, baseline=None), visit="w4", rule=rule, estimand=WHAT)
    with pytest.raises(InputError, match="unknown visit"):
        responders(SMALL, visit="w5", rule=rule, estimand=WHAT)


def test_time_to_response_is_the_first_visit_with_one() -> None:
    found = time_to_response(SMALL, weeks=(4, 8), rule=Response(change_pct=50))
    assert found.weeks.tolist() == [8, 4, 4, 4, 8]
    assert found.is_event.tolist() == [False, True, False, True, True]
    assert found.excluded[-1].which == ("e",)
    with pytest.raises(InputError, match="weeks do not fit"):
        time_to_response(SMALL, weeks=(8, 4), rule=Response(change_pct=50))


def test_survival_at_its_edges() -> None:
    whole = kaplan_meier(np.array([3.0, 5]), np.array([False, False]))
    assert whole.at(4.0) == (1.0, 1.0, 1.0)
    assert whole.at(1.0) == (1.0, 1.0, 1.0)
    assert math.isinf(whole.median_weeks.estimate)
    assert kaplan_meier(np.array([1.0, 2, 3, 4]), np.ones(4, bool)).median_weeks.estimate == 2.5
    with pytest.raises(Abstained, match="no events"):
        log_rank(np.array([3.0, 5]), np.array([False, False]), np.array([0, 1]))
    with pytest.raises(Abstained, match="no finite hazard ratio"):
        cox(np.array([1.0, 2, 3, 4]), np.array([True, True, False, False]), np.array([1.0, 1, 0, 0]))
    with pytest.raises(InputError, match="missing or below 0"):
        kaplan_meier(np.array([-1.0, 2]), np.ones(2, bool))


def test_claims() -> None:
    assert adjusted_p([0.01, 0.2, 0.02], method="in order") == (0.01, 0.2, 0.2)
    assert gatekeep([{"a": 0.2}, {"b": 0.001}]) == {"a": 0.2, "b": 0.2}
    with pytest.raises(InputError, match="two families"):
        gatekeep([{"a": 0.2}, {"a": 0.001}])
    with pytest.raises(InputError, match="no probability"):
        adjusted_p([1.2])
    one = mmrm(table(), estimand=WHAT).differences[-1]
    assert non_inferiority(one, margin_points=one.high + 0.01).is_shown
    assert non_inferiority(replace(one, high=-0.1), margin_points=1.0).is_superior
    assert not non_inferiority(replace(one, high=0.1), margin_points=1.0).is_superior
    at = non_inferiority(replace(one, estimate=0.0, low=-1.0, high=1.0), margin_points=1.0)
    assert not at.is_shown
    assert non_inferiority(replace(one, low=-1.0, high=2.0), margin_points=1.5, better="higher").is_shown
    # the one-sided p at the bound of a 95 % interval is 0.025
    bound = 0.5 + t_quantile(80, 0.975)
    edge = non_inferiority(replace(one, estimate=0.5, se=1.0, df=80.0, high=bound), margin_points=bound)
    assert edge.p == pytest.approx(0.025)
    with pytest.raises(InputError, match="margin is not over 0"):
        non_inferiority(one, margin_points=0.0)


def test_nothing_missing_nothing_imputed() -> None:
    whole = replace(table(missing=0.0), numbers={})
    filled = impute(whole, rng=np.random.default_rng(1), n_imputation=3, n_burn=2)
    assert filled.n_filled == 0
    assert (filled.scores == whole.score).all()
    found = analyze_imputed(filled, visit="week 16", estimand=WHAT)
    exact = ancova(whole, visit="week 16", estimand=WHAT).at("week 16")
    assert found.differences[0].estimate == pytest.approx(exact.estimate, rel=1e-9)
    assert found.differences[0].se == pytest.approx(exact.se, rel=1e-9)
    assert found.missing_pct == (0.0,)
    moved = analyze_imputed(filled, visit="week 16", estimand=WHAT, baseline="none", is_change=True)
    exact = ancova(whole, visit="week 16", estimand=WHAT, baseline="none", is_change=True).at("week 16")
    assert moved.differences[0].estimate == pytest.approx(exact.estimate, rel=1e-9)


def test_a_delta_moves_the_same_draws() -> None:
    one = dropout(200, 0.4, -8.0)
    drawn = impute(one, rng=np.random.default_rng(3), n_imputation=3)
    told = impute(one, rng=np.random.default_rng(3), n_imputation=3, delta_points=2.0)
    assert (shifted(drawn, 2.0).scores == told.scores).all()
    assert shifted(drawn, 2.0).delta_points == 2.0
    assert np.unique((told.scores - drawn.scores).round(9)).tolist() == pytest.approx([0.0, 2.0])


def dropout(n: int, share: float, effect: float) -> TrialTable:
    """People of the active arm leave after the second of four visits, by lot."""
    one = replace(table(11, n=n, effect=effect, missing=0.0), numbers={}, factors={})
    score = one.score.copy()
    gone = (one.arm == 1) & (np.random.default_rng(2).random(n) < share)
    score[gone, 2:] = np.nan
    return replace(one, score=score)


@pytest.mark.parametrize(
    ("rule", "due"),
    [
        # effect of 8 points at the end, 4 at the second visit; 40 % leave there
        ("missing at random", -8.0),
        ("jump to reference", -8.0 * 0.6),
        ("copy increments in reference", -8.0 * 0.6 - 4.0 * 0.4),
    ],
)
def test_rules_by_reference_give_what_they_mean(rule: Any, due: float) -> None:
    one = dropout(2000, 0.4, -8.0)
    filled = impute(one, rng=np.random.default_rng(3), rule=rule, n_imputation=10, n_burn=15)
    found = analyze_imputed(filled, visit="week 16", estimand=WHAT).differences[0]
    # 2,000 people, standard error 0.2: three of them
    assert found.estimate == pytest.approx(due, abs=0.6)


def test_copy_reference_lies_between_and_delta_adds_up() -> None:
    one = dropout(600, 0.4, -8.0)
    rules: Any = ("missing at random", "copy reference", "jump to reference")
    found = {
        rule: analyze_imputed(
            impute(one, rng=np.random.default_rng(4), rule=rule, n_imputation=10, n_burn=15),
            visit="week 16", estimand=WHAT,
        ).differences[0].estimate
        for rule in rules
    }  # fmt: skip
    assert found["missing at random"] < found["copy reference"] < found["jump to reference"]
    plain, more = (
        analyze_imputed(
            impute(one, rng=np.random.default_rng(5), n_imputation=5, n_burn=10, delta_points=delta),
            visit="week 16", estimand=WHAT, baseline="none",
        ).differences[0].estimate
        for delta in (0.0, 5.0)
    )  # fmt: skip
    gone = np.isnan(one.score[one.arm == 1, 3]).mean()
    assert more - plain == pytest.approx(5.0 * gone, rel=1e-9)


def test_imputation_refuses_what_it_cannot_do() -> None:
    rng = np.random.default_rng(1)
    with pytest.raises(Abstained, match="imputation needs"):
        impute(replace(table(n=12), numbers={}), rng=rng)
    with pytest.raises(InputError, match="too few imputations"):
        impute(table(), rng=rng, n_imputation=1)
    rule: Any = "jump to referenc"
    with pytest.raises(InputError, match="unknown rule"):
        impute(table(), rng=rng, rule=rule)
    one = table()
    assert one.baseline is not None
    baseline = one.baseline.copy()
    baseline[0] = np.nan
    assert impute(replace(one, baseline=baseline), rng=rng, n_imputation=2, n_burn=1).table.n == 79


@pytest.mark.slow
def test_imputation_at_random_covers_as_it_says() -> None:
    # 400 trials, dropout that depends on the last score: 95 % within 2.2 % (two standard errors)
    hit = 0
    for seed in range(400):
        one = replace(table(seed, n=100, effect=-3.0, missing=0.0), numbers={}, factors={})
        score = one.score.copy()
        for k in (1, 2, 3):
            leave = np.random.default_rng([seed, k]).random(100) < 1 / (1 + np.exp(3 - 0.08 * (score[:, k - 1] - 16)))
            score[leave | np.isnan(score[:, k - 1]), k] = np.nan
        filled = impute(replace(one, score=score), rng=np.random.default_rng(seed), n_imputation=20, n_burn=40)
        found = analyze_imputed(filled, visit="week 16", estimand=WHAT).differences[0]
        hit += found.low <= -3.0 <= found.high
    assert hit / 400 == pytest.approx(0.95, abs=0.022)


def test_crossover_takes_out_the_period() -> None:
    rng = np.random.default_rng(1)
    score = rng.normal(20, 4, (40, 1)) + rng.normal(0, 2, (40, 2))
    arm = np.arange(40) % 2
    score[:, 1] += 3.0
    score[arm == 0, 0] -= 2.0
    score[arm == 1, 1] -= 2.0
    one = TrialTable(arms=("AB", "BA"), visits=("1", "2"), people=tuple(map(str, range(40))), arm=arm, score=score)
    found = crossover(one, estimand=WHAT)
    half = (score[:, 0] - score[:, 1]) / 2
    exact = stats.ttest_ind(half[arm == 0], half[arm == 1])
    assert found.treatment.p == pytest.approx(float(exact.pvalue), rel=1e-9)  # pyright: ignore[reportAttributeAccessIssue]
    assert found.treatment.estimate == pytest.approx(-2.0, abs=1.5)
    assert found.period.estimate == pytest.approx(3.0, abs=1.5)
    total = score.sum(1)
    exact = stats.ttest_ind(total[arm == 0], total[arm == 1])
    assert found.carry_over.p == pytest.approx(float(exact.pvalue), rel=1e-9)  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(InputError, match="no two-period crossover"):
        crossover(table(), estimand=WHAT)
    score = score.copy()
    score[2:, 1] = np.nan
    with pytest.raises(InputError, match="arm AB: an arm has one person"):
        crossover(replace(one, score=score), estimand=WHAT)


def test_flow_and_baseline() -> None:
    sham, active = flow(SMALL)
    assert (sham.randomized, sham.with_baseline, sham.at_visit) == (3, 3, {"w4": 2, "w8": 1})
    assert active.last_visit == {"none": 0, "w4": 0, "w8": 3}
    rows = baseline_table(table())
    assert [(row.name, row.level) for row in rows] == [
        ("baseline", ""), ("age", ""), ("site", "A"), ("site", "B"), ("site", "C"),
    ]  # fmt: skip
    assert rows[2].cells[0].endswith("%)")


def test_adverse_events_count_people_once() -> None:
    events = [AdverseEvent(person="b", term="cough"), AdverseEvent(person="b", term="cough"),
              AdverseEvent(person="a", term="pain", is_serious=True)]  # fmt: skip
    rows = {row.term: row for row in adverse_table(SMALL, events)}
    assert list(rows) == ["any event", "any serious event", "cough", "pain"]
    assert rows["cough"].people == (0, 1)
    assert rows["cough"].events == (0, 2)
    assert rows["any serious event"].people == (1, 0)
    assert rows["any event"].difference.estimate == 0.0
    with pytest.raises(InputError, match='not in the table; found "z"'):
        adverse_table(SMALL, [AdverseEvent(person="z", term="cough")])


def test_draws_in_turn_are_those_of_the_chain() -> None:
    # dropout only after the last score: the posterior visit by visit, and data augmentation, are one law
    rng = np.random.default_rng(3)
    data = rng.normal(size=(30, 4)) @ np.linalg.cholesky(np.full((4, 4), 0.6) + 0.4 * np.eye(4)).T * 5 + 20
    for row in data:
        row[rng.integers(1, 9) :] = np.nan
    k = 2000
    told = [in_turn(data, np.random.default_rng(1), k), augment(data, np.random.default_rng(2), k, 20)]
    for of in (lambda one: one[0].mean(1), lambda one: one[1].mean, lambda one: one[1].covariance.reshape(k, -1)):
        a, b = (of(one) for one in told)
        error = np.sqrt((a.var(0) + b.var(0)) / k) + 1e-12
        assert np.abs((a.mean(0) - b.mean(0)) / error).max() < 4  # usual errors
        assert a.std(0) == pytest.approx(b.std(0), rel=0.1)
    assert np.array_equal(told[0][0][:, ~np.isnan(data)][0], data[~np.isnan(data)])
