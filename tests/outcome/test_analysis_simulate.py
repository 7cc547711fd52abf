"""Drawn trials are what was assumed; power has its closed form; parts add up."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import stats

from vagus.errors import Abstained, InputError
from vagus.outcome.analysis.estimand import Estimand
from vagus.outcome.analysis.model import Difference, ancova, mmrm
from vagus.outcome.analysis.simulate import Assumed, Tally, draw_trial, simulate
from vagus.outcome.analysis.table import TrialTable

WHAT = Estimand(population="all", variable="score", treatment="active", control="sham", summary="difference of means")
PLAIN = Assumed(
    n_sham=40, n_active=40, weeks=(4, 8), baseline_points=28, sd_points=8, sham_change_points=(-4, -8),
    effect_points=(-2, -4),
)  # fmt: skip


def last(table: TrialTable) -> Difference:
    return ancova(table, visit="week 8", estimand=WHAT).at("week 8")


def test_drawn_people_are_those_assumed() -> None:
    many = replace(PLAIN, n_sham=20000, n_active=20000, dropout_pct=(10, 30), adherence_pct=50, guessed_pct=(20, 60),
                   belief_points=-3, n_site=4, site_sd_points=1)  # fmt: skip
    one = draw_trial(many, rng=np.random.default_rng(1))
    assert one.baseline is not None
    assert one.baseline.mean() == pytest.approx(28, abs=1.5)  # four sites of sd 1
    gone = np.isnan(one.score[:, 1])
    assert gone[one.arm == 0].mean() == pytest.approx(0.1, abs=0.01)
    assert gone[one.arm == 1].mean() == pytest.approx(0.3, abs=0.01)
    change = one.score[:, 1] - one.baseline
    sham, active = (np.nanmean(change[one.arm == k]) for k in (0, 1))
    # standard error 0.07: sham response and belief; half the effect and the difference in belief
    assert sham == pytest.approx(-8 - 3 * 0.2, abs=0.25)
    assert active - sham == pytest.approx(-4 * 0.5 - 3 * 0.4, abs=0.35)
    assert set(one.factors["site"]) == {f"site {k}" for k in (1, 2, 3, 4)}


def test_correlation_is_that_assumed() -> None:
    many = replace(PLAIN, n_sham=20000, n_active=20000, weeks=(1, 2, 3), sham_change_points=(0, 0, 0),
                   effect_points=(0, 0, 0), correlation=0.6, lasting=0.5)  # fmt: skip
    one = draw_trial(many, rng=np.random.default_rng(2))
    assert one.baseline is not None
    corr = np.corrcoef(np.column_stack([one.baseline, one.score]).T)
    for lag in (1, 2, 3):
        due = 0.6 * (0.5 + 0.5 * 0.6 ** (lag - 1))
        assert np.diag(corr, lag) == pytest.approx(due, abs=0.02)


def test_power_is_that_of_the_closed_form_and_parts_add_up() -> None:
    seeds = np.random.SeedSequence(3).spawn(600)
    (whole,) = simulate(PLAIN, [last], seeds=seeds, truth_points=-4.0)
    (first,) = simulate(PLAIN, [last], seeds=seeds[:200], truth_points=-4.0)
    (rest,) = simulate(PLAIN, [last], seeds=seeds[200:], truth_points=-4.0)
    added = first + rest
    assert (added.n, added.n_significant, added.n_covered) == (whole.n, whole.n_significant, whole.n_covered)
    assert added.sum_estimate == pytest.approx(whole.sum_estimate)
    # covariance analysis: baseline and last visit correlate 0.7 (0.5 + 0.5 · 0.7)
    rho = 0.7 * (0.5 + 0.5 * 0.7)
    se = 8 * np.sqrt(1 - rho**2) * np.sqrt(2 / 40)
    due = stats.nct.sf(stats.t.ppf(0.975, 77), 77, 4 / se) + stats.nct.cdf(-stats.t.ppf(0.975, 77), 77, 4 / se)
    assert whole.significant[0] == pytest.approx(float(due), abs=0.055)  # three standard errors of 600 draws
    assert whole.mean_points == pytest.approx(-4, abs=3 * se / np.sqrt(600))
    assert whole.sd_points == pytest.approx(se, rel=0.1)
    assert whole.covered[1] <= 0.95 <= whole.covered[2] + 0.01


def test_an_analysis_without_answer_counts_as_not_significant() -> None:
    def silent(_: TrialTable) -> Difference:
        raise Abstained("nothing")

    (found,) = simulate(PLAIN, [silent], seeds=np.random.SeedSequence(1).spawn(3), truth_points=0.0)
    assert found == Tally(n=3, n_without=3)
    assert found.mean_points == 0.0


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"n_sham": 1}, "n_sham, n_active"),
        ({"weeks": (8, 4)}, "weeks"),
        ({"effect_points": (1,)}, "effect_points.*a number for each of 2 visits"),
        ({"correlation": 1.0}, "correlation"),
        ({"dropout_pct": (0, 101)}, "shares"),
        ({"sd_points": 0}, "sd_points"),
    ],
)
def test_what_cannot_be_assumed_is_told(more: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        replace(PLAIN, **more)


def test_errors_of_the_first_kind_are_those_told() -> None:
    # 500 drawn trials of the calibration (docs/rooms/outcome/trial.md): 5 % within 2.9 % (three standard errors)
    null = replace(PLAIN, weeks=(2, 4, 8), sham_change_points=(-3, -5, -8), effect_points=(0, 0, 0),
                   dropout_pct=(25, 25), dropout_by_score=0.7)  # fmt: skip

    def repeated(table: TrialTable) -> Difference:
        return mmrm(table, estimand=WHAT).at("week 8")

    seeds = np.random.SeedSequence(6).spawn(500)
    for tally in simulate(null, [repeated, last], seeds=seeds, truth_points=0.0):
        assert tally.significant[0] == pytest.approx(0.05, abs=0.029)
        assert tally.covered[0] == pytest.approx(0.95, abs=0.029)


@pytest.mark.parametrize("weeks", [(12,), (4, 8, 12)])
@pytest.mark.parametrize("by_score", [0.0, 2.0])
def test_dropout_is_the_share_that_was_asked_for(weeks, by_score):
    m = len(weeks)
    world = replace(PLAIN, n_sham=20000, n_active=20000, weeks=weeks, sham_change_points=(-4.0,) * m,
                    effect_points=(0.0,) * m, dropout_pct=(30, 10), dropout_by_score=by_score)  # fmt: skip
    one = draw_trial(world, rng=np.random.default_rng(1))
    gone = [100 * float(np.isnan(one.score[one.arm == arm, -1]).mean()) for arm in (0, 1)]
    assert gone == pytest.approx([30, 10], abs=1.0)  # three standard errors of 20,000 people
