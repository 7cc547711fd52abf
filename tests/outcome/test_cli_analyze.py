"""`vagus outcome analyze`: plan and options, output, files, errors."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from click.testing import CliRunner, Result

from vagus.cli import vagus_command
from vagus.cli.trial import analyze
from vagus.errors import InputError
from vagus.outcome.analysis.mixed.covariance import Structure
from vagus.outcome.analysis.mixed.inference import DFS

PLAN = """
control = "sham"
arms = ["sham", "active"]
visits = ["week 4", "week 8", "week 12"]
baseline_visit = "week 0"
missing = ["-99"]
instrument = "madrs"
adverse_events = "events.csv"

[columns]
factors = ["site"]

[analysis]
covariates = ["site"]
weeks = [4, 8, 12]
margin_points = 2
sensitivity = ["missing at random", "jump to reference"]
delta_points = [3]
n_imputation = 5

[analysis.response]
change_pct = 50

[analysis.estimand]
population = "all who were randomized"
variable = "MADRS total at week 12"
treatment = "active"
control = "sham"
summary = "difference of means"
strategies = { "stopped stimulation" = "treatment policy" }
"""


def run(*args: str) -> Result:
    return CliRunner().invoke(
        vagus_command, ["outcome", "analyze", *args], catch_exceptions=False, standalone_mode=False
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rng = np.random.default_rng(5)
    rows = ["person,arm,visit,score,site"]
    for k in range(60):
        arm, level = ("sham", "active")[k % 2], rng.normal(28, 4)
        for j, week in enumerate((0, 4, 8, 12)):
            score = round(float(np.clip(level - (2 + 2 * (k % 2)) * j + rng.normal(0, 3), 0, 60)))
            gone = j and rng.random() < 0.1
            rows.append(f"p{k},{arm},week {week},{-99 if gone else score},{'AB'[k % 3 > 0]}")
    (tmp_path / "trial.csv").write_text("\n".join(rows) + "\n")
    (tmp_path / "events.csv").write_text("person,term,serious\np1,cough,no\np1,cough,no\np2,pain,yes\n")
    (tmp_path / "plan.toml").write_text(PLAN)
    return tmp_path


def test_a_plan_is_carried_out(folder: Path) -> None:
    given = [str(folder / name) for name in ("trial.csv", "plan.toml")]
    out = {name: folder / name for name in ("rows.csv", "means.svg", "trial.html")}
    result = run(given[0], "--plan", given[1], "-o", str(out["rows.csv"]), "--plot", str(out["means.svg"]),
                 "--html", str(out["trial.html"]))  # fmt: skip
    assert result.exit_code == 0
    assert result.stdout.startswith("Estimand: difference of means of MADRS total at week 12, active against sham, in")
    assert "stopped stimulation: treatment policy" in result.stdout
    assert "Kenward-Roger (observed information)" in result.stdout
    assert "hazard ratio" in result.stdout
    assert result.stdout.rstrip().endswith("For research; not a medical device.")
    lines = out["rows.csv"].read_text().splitlines()
    assert lines[0].split(",")[:4] == ["what", "analysis", "visit", "arm"]
    assert sum(line.startswith("difference") for line in lines) == 3 + 1 + 3
    svg, page = out["means.svg"].read_text(), out["trial.html"].read_text()
    assert svg.startswith("<svg")
    assert "Means by visit" in svg
    for part in ("Primary analysis", "Responders", "Sensitivity", "Adverse events", "Left out", "cough", "jump to ref"):
        assert part in page
    assert not re.search(r"(src|href)=.http", page)


def test_json_has_every_part(folder: Path) -> None:
    found = json.loads(run(str(folder / "trial.csv"), "--plan", str(folder / "plan.toml"), "--json").stdout)
    assert found["primary"][0]["visit"] == "week 12"
    assert found["scores"]["estimand"]["variable"] == "MADRS total at week 12"
    assert found["flow"][0]["randomized"] == 30
    assert found["seed"] == 1
    assert [one["unit"] for one in found["scores"]["excluded"]] == ["scores"]


def test_options_without_a_plan(folder: Path) -> None:
    asked = ["--control", "sham", "--baseline-visit", "week 0", "--missing", "-99", "--instrument", "madrs",
             "--covariance", "ar1h", "--df", "satterthwaite", "--primary", "week 8", "--variable", "MADRS"]  # fmt: skip
    result = run(str(folder / "trial.csv"), *asked)
    assert "no plan given" in result.stdout
    assert "heterogeneous first-order autoregressive covariance, Satterthwaite" in result.stdout


def test_options_stand_over_the_plan(folder: Path) -> None:
    result = run(str(folder / "trial.csv"), "--plan", str(folder / "plan.toml"), "--covariance", "cs")
    assert "compound symmetry" in result.stdout


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("margin_points", "margin_point", r"plan\.toml line \d+.*unknown key; found margin_point"),
        ('population = "all who were randomized"', "", "plan.toml.*population"),
        ('"treatment policy"', '"whatever"', "plan.toml"),
        ("change_pct = 50", "change_pct = 500", "change_pct is no share"),
        ('"jump to reference"', '"jump"', "plan.toml"),
        ('"week 12"]', '"week 16"]', "a visit of the analysis has no rows"),
        ('"madrs"', '"madr"', "madrs"),
    ],
)
def test_a_wrong_plan_is_told(folder: Path, old: str, new: str, said: str) -> None:
    (folder / "plan.toml").write_text(PLAN.replace(old, new))
    with pytest.raises(InputError, match=re.compile(said, re.DOTALL)):
        run(str(folder / "trial.csv"), "--plan", str(folder / "plan.toml"))


def test_wrong_options_are_told(folder: Path) -> None:
    table, plan = str(folder / "trial.csv"), str(folder / "plan.toml")
    with pytest.raises(InputError, match="the control arm is not named"):
        run(table)
    with pytest.raises(InputError, match="primary visit is not in the table"):
        run(table, "--plan", plan, "--primary", "week 9")
    with pytest.raises(InputError, match="would overwrite a file that is read"):
        run(table, "--plan", plan, "-o", table)
    (folder / "events.csv").write_text("person,term,serious\np99,cough,no\n")
    with pytest.raises(InputError, match="an event of a person who is not in the table"):
        run(table, "--plan", plan)
    (folder / "events.csv").write_text("person,term,serious\np1,,maybe\n")
    with pytest.raises(InputError, match="term is empty") as error:
        run(table, "--plan", plan)
    assert len(error.value.problems) == 2


def test_an_estimand_of_other_arms_is_told(folder: Path) -> None:
    plan, table = folder / "plan.toml", str(folder / "trial.csv")
    assert "the table's arm" not in run(table, "--plan", str(plan)).stdout
    plan.write_text(PLAN.replace('control = "sham"\nsummary', 'control = "waiting list"\nsummary'))
    told = run(table, "--plan", str(plan)).stdout
    assert 'Not told: whether the estimand\'s control, "waiting list", is the table\'s arm "sham"' in told
    swapped = run(table, "--plan", str(plan), "--control", "active").stdout
    assert "active against active" in swapped
    assert 'the estimand\'s treatment, "active", is the table\'s arm "sham"' in swapped


def test_choices_are_those_of_the_room() -> None:
    assert get_args(Structure) == analyze.STRUCTURES
    assert tuple(DFS) == analyze.DFS


def test_a_baseline_and_a_covariate_with_a_code_are_told(tmp_path: Path) -> None:
    rows = [f"P{k},{'sham' if k % 2 else 'active'},week 4,{20 + k},{-99 if k == 3 else 28},{-99 if k == 5 else 40 + k}"
            for k in range(12)]  # fmt: skip
    (tmp_path / "t.csv").write_text("\n".join(["person,arm,visit,score,first,age", *rows]) + "\n")
    plan = re.sub(r"(?m)^(visits|baseline_visit|missing|adverse_events).*\n", "", PLAN)
    plan = plan.replace('factors = ["site"]', 'baseline = "first"\nnumbers = ["age"]').replace('["site"]', '["age"]')
    plan = plan.replace("weeks = [4, 8, 12]", "weeks = [4]")
    (tmp_path / "p.toml").write_text(plan)
    with pytest.raises(InputError) as error:
        run(str(tmp_path / "t.csv"), "--plan", str(tmp_path / "p.toml"))
    assert "first is out of range" in str(error.value)
    assert "looks like a code for missing" in str(error.value)
    assert "row 5" in str(error.value) or "line 5" in str(error.value)


def test_a_direction_that_is_not_the_instruments_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("person,arm,visit,score\n")
    told = PLAN.replace("change_pct = 50", 'change_pct = 50\nbetter = "lower"')
    for plan, options in ((told.replace('"madrs"', '"who5"'), []), (told, ["--instrument", "who5"])):
        (tmp_path / "p.toml").write_text(plan)
        with pytest.raises(InputError, match="lower is not better on WHO-5") as error:
            run(str(tmp_path / "t.csv"), "--plan", str(tmp_path / "p.toml"), *options)
        assert 'better = "higher"' in str(error.value)
        assert "analysis.response" in str(error.value)


def test_the_instrument_tells_the_direction(tmp_path: Path) -> None:
    from vagus.files.sheets.trial_plan import directed, read_trial_plan

    (tmp_path / "p.toml").write_text(PLAN.replace('"madrs"', '"who5"'))
    plan = directed(read_trial_plan(tmp_path / "p.toml"))
    assert plan.analysis.better == "higher"
    assert plan.analysis.response is not None
    assert "above baseline" in plan.analysis.response.text
