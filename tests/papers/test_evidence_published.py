"""Published pooled effects and indices, reproduced where the rows of the trials table suffice; the rest is told.

| published | from the table | difference |
|---|---|---|
| Martin 2012: odds ratio of the sham trial 1.61 (0.72 to 3.62), p 0.25 | 17/112 and 11/110 | none as printed |
| Rush 2005: 5.2 percentage points, p 0.251 | the same counts | none as printed (chi-squared) |
| Aaronson 2017, 67.6 % and 40.9 % | 334/494 and 123/301 | counts fit one whole number of people each |
| RESET-RA 2025: interval 0.6 to 23.1 points | 43/122 and 29/120: 11.1 (-0.4 to 22.2) | the published one is adjusted |
| Berry 2013: odds ratio 3.19 (2.12 to 4.66) | 32 % and 14 %: 2.89 | patient level, Bayesian, recalled: not reproduced |
| de Oliveira 2025, Tan 2023, Wu 2018, Wolf 2021 | one trial with numbers or none | cannot be reproduced |
"""

from __future__ import annotations

import math

import pytest
from scipy import stats

from vagus.outcome import Trial, evidence, trials
from vagus.outcome.synthesis.blinding import Guesses, blinding
from vagus.outcome.synthesis.counts import risk_difference
from vagus.outcome.synthesis.effects import Counts, binary_effect
from vagus.outcome.synthesis.review import synthesize
from vagus.outcome.synthesis.rows import extract


def row(study_id: str) -> Trial:
    return next(one for one in trials() if one.study_id == study_id)


def counts_of(study_id: str) -> Counts:
    return extract([row(study_id)], measure="rd").counts[0]


def test_martin_2012_odds_ratio_of_the_sham_trial() -> None:
    found = binary_effect(counts_of("D02_acute_Rush2005a"), measure="or")
    half = 1.96 * found.se
    published = tuple(
        float(cell or "nan") for cell in (row("Martin2012_MA").effect_value, row("Martin2012_MA").effect_ci_low,
                                          row("Martin2012_MA").effect_ci_high)
    )  # fmt: skip
    ours = tuple(round(math.exp(found.estimate + shift), 2) for shift in (0, -half, half))
    assert ours == published == (1.61, 0.72, 3.62)
    assert round(2 * float(stats.norm.sf(found.estimate / found.se)), 2) == 0.25


def test_rush_2005_risk_difference() -> None:
    counts = counts_of("D02_acute_Rush2005a")
    assert (counts.active_events, counts.control_events) == (17, 11)
    assert round(100 * risk_difference(counts).estimate, 1) == 5.2
    table = [[17, 112 - 17], [11, 110 - 11]]
    assert round(float(stats.chi2_contingency(table, correction=False)[1]), 2) == 0.25  # pyright: ignore[reportArgumentType]


def test_aaronson_2017_counts() -> None:
    counts = counts_of("D23_Aaronson2017")
    assert (counts.active_events, counts.control_events) == (334, 123)


def test_reset_ra_differs_from_its_adjusted_interval() -> None:
    found = risk_difference(counts_of("RESETRA_2025"))
    assert round(100 * found.estimate, 1) == 11.1
    published_middle = (0.6 + 23.1) / 2
    assert abs(100 * found.estimate - published_middle) == pytest.approx(0.8, abs=0.05)


def test_berry_2013_is_not_what_raw_shares_give() -> None:
    raw = (32 / 68) / (14 / 86)
    assert round(raw, 2) == 2.89  # published 3.19, from a model with the single patients: within its interval
    assert not extract([row("Berry2013_IPDMA")], measure="or").effects[0].verified


def test_de_oliveira_2025_cannot_be_reproduced() -> None:
    answer = synthesize(evidence(indication="insomnia", route="taVNS"), measure="md")
    assert answer.pooled is None
    assert [one.study for one in answer.effects] == ["Zhang2024_JAMANO"]  # one of its six studies
    assert {one.study_id for one in answer.excluded} == {"Jiao2020", "WuY2022", "Yeom2025"}


def test_blinding_indices_as_another_program_prints_them() -> None:
    # example of BlindingIndex.jl (README): James 0.896, SE 0.011, 0.875 to 0.918; Bang 0.115 (0.08 to 0.15) and
    # 0.022 (-0.016 to 0.06); printed to three digits
    found = blinding(
        active=Guesses(active=48, control=4, unknown=330), control=Guesses(active=22, control=30, unknown=319)
    )
    printed = [(0.896, 0.875, 0.918), (0.115, 0.08, 0.15), (0.022, -0.016, 0.06)]
    for one, three in zip((found.james, found.active, found.control), printed, strict=True):
        assert (one.estimate, one.low, one.high) == pytest.approx(three, abs=5.1e-4)
