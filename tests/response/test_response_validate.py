"""Published findings beside the model: what calibrated it is met, what is held out is used by no constant."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest
from click.testing import CliRunner

from vagus.cli.response import response
from vagus.response import validate_response
from vagus.response.check import predict, validate
from vagus.response.constants import constants, posterior, scores
from vagus.response.draws.sensitivity import shares_among
from vagus.tables import raw_rows

SCRIPT = Path(__file__).parents[2] / "calibration" / "calibrate_response.py"


def calibration():
    spec = importlib.util.spec_from_file_location("calibrate_response", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def found():
    return validate_response(seed=3)


def test_all_that_calibrated_the_model_is_met(found):
    assert [row.key for row in found.rows if row.use == "calibrated" and not row.met] == []


def test_what_the_model_does_not_reach_counts_as_not_met(found):
    missing = [row for row in found.rows if not row.modeled]
    assert {row.key for row in missing} == {"manta12_duty5"}
    assert not any(row.met for row in missing)
    told = found.held_out
    assert (told.n_met, told.n) == found.share_met("held_out")
    assert told.n_modeled == told.n - len(missing)
    assert told.n_met_modeled <= told.n_modeled


def test_no_constant_rests_on_what_is_held_out(found):
    evidence = {row["id"]: row["source"] for name in ("neuro", "body") for row in raw_rows(name)}
    held = {t.row for t in validate.rows("response_targets", validate.Target) if t.use == "held_out"}
    used = " ".join(one.source for one in constants().values())
    # manta12_duty5 stands in a paper whose other rows calibrate
    assert [row for row in held - {"manta12_duty5"} if evidence[row][:40] in used] == []


def test_the_calibration_names_its_rows_and_none_is_held_out():
    """The script's rows are all calibrating targets; what is held out is in neither its rows nor its text."""
    script = calibration()
    named = {row for rows in script.DATA.values() for row in rows}
    targets = validate.rows("response_targets", validate.Target)
    held = {t.row for t in targets if t.use == "held_out"}
    evidence = {row["id"]: row for name in ("neuro", "body") for row in raw_rows(name)}
    assert named <= set(evidence)
    assert all(evidence[row]["species"] == "rat" for row in named)
    assert not named & held
    assert not [row for row in held if row in SCRIPT.read_text(encoding="utf-8")]
    # every column of the table of draws is a constant that the script fits
    assert set(posterior()) == {one.key for one in script.PRIORS} | set(script.DATA["heart"])


def test_the_table_of_draws_is_what_the_script_makes():
    """Its cheapest block again, from the same seed: the same numbers."""
    script = calibration()
    draws, worth = script.resampled(script.BLOCKS[0], np.random.default_rng(script.SEED))
    assert worth > 1000
    for key, values in draws.items():
        np.testing.assert_allclose(posterior()[key], values, rtol=1e-4)


def test_the_pooled_mean_baseline_in_closed_form():
    """Of two rows, each is foretold by the other: its value, with both errors."""
    pool = {
        "a": validate.Published(value=0.0, low=-0.196, high=0.196, unit="g"),
        "b": validate.Published(value=0.3, low=0.104, high=0.496, unit="g"),
        "c": validate.Published(value=9.0, low=8.0, high=10.0, unit="points"),
    }
    low, high = validate._baseline("a", pool)
    assert (low, high) == pytest.approx((0.3 - 1.645 * 0.1 * 2**0.5, 0.3 + 1.645 * 0.1 * 2**0.5), rel=1e-3)
    assert validate._baseline("c", pool) == (None, None)
    assert low is not None
    assert high is not None
    # outside by 0.067: twenty times that on top of the width
    assert validate._score(0.0, low, high) == pytest.approx(high - low + 20 * low)


def test_a_published_number_is_foretold_with_its_own_error():
    """Two normals: the variances add; and the error is not tied to any draw, so its share is its variance."""
    z = np.random.default_rng(2).permutation(scores(rng=np.random.default_rng(1), n_draws=20_000))
    one = predict.Predicted(draws=0.3 * z, unit="g", moved={"effect": z})
    told = one.with_error(0.4, rng=np.random.default_rng(3))
    assert told.band == pytest.approx((0.0, -1.645 * 0.5, 1.645 * 0.5), abs=0.02)
    shares = {share.key: share.variance_pct for share in shares_among(told.moved, told.draws)}
    assert shares[predict.ROW_ERROR] == pytest.approx(64, abs=4)
    assert shares["effect"] == pytest.approx(36, abs=4)


def test_what_makes_the_width_is_told_where_an_interval_was_published(found):
    for row in found.rows:
        assert bool(row.parts) == (row.ci_low is not None), row.key
    of = {row.key: {share.key: share.variance_pct for share in row.parts} for row in found.rows if row.parts}
    assert of["wolf_vmhrv"]["hrv_change_ear"] > 90
    assert all(predict.ROW_ERROR in parts for parts in of.values())
    # one study's own error (`pupil_sham`) is in neither row of many studies
    assert all(of[key]["pupil_sham"] < 2 for key in ("pervaz_ma_cont", "pervaz_ma_pulsed"))


def test_intervals_hold_their_medians_and_scores_their_width(found):
    for row in found.rows:
        if row.median is not None:
            assert row.low <= row.median <= row.high
        if row.score is not None:
            assert row.score >= row.high - row.low


@pytest.mark.parametrize(
    ("band", "broken"),
    [
        ((0.5, 0.4, 0.6, ""), {"manta12_duty1", "manta12_duty2", "manta12_duty3", "manta12_duty4"}),
        ((1.0, -0.1, 1.2, ""), {"manta12_duty0", "manta12_duty3"}),
    ],
)
def test_a_model_that_is_wrong_is_found_out(monkeypatch, band, broken):
    monkeypatch.setattr(validate, "PREDICTORS", all_say(band))
    duty = [row for row in validate_response().rows if row.key.startswith("manta12_") and row.modeled]
    assert {row.key for row in duty if not row.met} == broken


def all_say(band):
    """Every predictor gives draws with this median and interval."""
    median, low, high, unit = band
    draws = np.interp(np.linspace(0, 1, 2001), [0, 0.05, 0.5, 0.95, 1], [low, low, median, high, high])
    one = predict.Predicted(draws=draws, unit=unit)
    return MappingProxyType(dict.fromkeys(predict.PREDICTORS, lambda rng, *arguments: one))


def test_command_tells_and_exits_by_what_calibrated(found, monkeypatch):
    with monkeypatch.context() as given:
        given.setattr("vagus.response.validate_response", lambda *, seed, progress: found)
        fine = CliRunner().invoke(response, ["validate", "--json"])
    assert fine.exit_code == 0, fine.output
    answer = json.loads(fine.stdout)
    assert answer["calibrated"][0] == answer["calibrated"][1]
    assert {"key", "use", "published", "median", "low", "high", "met", "score"} <= set(answer["rows"][0])
    monkeypatch.setattr(validate, "PREDICTORS", all_say((9.0, -1.0, 10.0, "")))
    told = CliRunner().invoke(response, ["validate"])
    assert told.exit_code == 1
    assert "NO" in told.stdout
    assert "not in the model" in told.stdout
    assert "What makes the width" in told.stdout
