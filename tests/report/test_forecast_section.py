"""The clinician section: chances and bands where they are told, rates alone where not."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest

from vagus.course import Results
from vagus.outcome import Trial, instruments
from vagus.outcome.forecast import Forecast, forecast_scores
from vagus.report import results_json, write_report
from vagus.report.figures import rates, totals_ahead

from .conftest import START


def rows() -> list[Trial]:
    return [
        Trial(
            study_id=f"T{k}", indication="MDD", modality="taVNS", source=f"made up {k}", verified="yes", weeks="12",
            design="RCT double-blind sham", control_type="sham device", n_active="60", n_control="60",
            resp_active_n=str(24 + k), resp_control_n=str(12 + k), primary_met="no",
        )
        for k in range(4)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def told(results: Results) -> Forecast:
    early = [one for one in results.scores if one.date <= START + timedelta(weeks=4)]
    return forecast_scores(
        early, indication="mdd", route="taVNS", start=START, horizon_weeks=10, rng=np.random.default_rng(1), more=rows()
    )


def page(results: Results, found: Forecast | None) -> str:
    return write_report(replace(results, forecast=found), made=datetime(2026, 3, 10), versions={"vagus": "0"})


def section(text: str) -> str:
    return text.split('<section id="forecast"')[1].split("</section>", maxsplit=1)[0]


def test_chances_stand_side_by_side_with_how_often_intervals_held(results: Results, told: Forecast) -> None:
    assert told.bands
    text = section(page(results, told))
    assert "With active stimulation" in text
    assert "With sham" in text
    assert "90 % intervals held in" in text
    assert "Synthetic scores" in text
    assert "change of treatment" in text


def test_an_abstained_forecast_shows_rates_and_why(results: Results, told: Forecast) -> None:
    why = "1 safety notice is open (review): look at that first"
    closed = replace(told, chances=(), bands=(), abstained=(why,), text=f"No probability is told: {why}.")
    text = section(page(results, closed))
    assert why in text
    assert "With active stimulation" not in text
    assert "Response in a further trial" in text


def test_a_report_without_a_forecast_says_what_is_missing(results: Results) -> None:
    assert "What this cannot tell" in section(page(results, None))


def test_trials_of_a_forecast_are_among_the_sources(results: Results, told: Forecast) -> None:
    assert "made up 3" in page(results, told).split('<section id="sources"')[1]


def test_json_carries_the_forecast(results: Results, told: Forecast) -> None:
    found = json.loads(results_json(replace(results, forecast=told)))["forecast"]
    assert len(found["bands"][0]["median_points"]) == len(found["bands"][0]["at_weeks"])


def test_pictures_say_in_words_what_they_show(results: Results, told: Forecast) -> None:
    own = [one for one in results.scores if one.instrument == told.instrument]
    for band in told.bands:
        svg = totals_ahead(band, instruments()[told.instrument], own, start=START, key="k")
        assert f"{band.arm}, week 10" in svg
        assert svg.count('class="band') == 3  # 50 and 90 %, and one in the legend
    assert "thick: 50 % interval" in rates([one for one in told.rates if one.event == "response"], key="r")
