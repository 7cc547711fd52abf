"""Power: closed form, parts kept and spread change no number, error where belief differs, search, the command."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from vagus.cli import vagus_command
from vagus.errors import Abstained, InputError
from vagus.outcome.analysis.estimand import Estimand
from vagus.outcome.analysis.model import mmrm
from vagus.outcome.analysis.power import Planned, expect, people_for_power
from vagus.outcome.analysis.simulate import Assumed, draw_trial

WHAT = Estimand(population="all", variable="score", treatment="active", control="sham", summary="difference of means")
PLAIN = Assumed(
    n_sham=40, n_active=40, weeks=(4, 8), baseline_points=28, sd_points=8, sham_change_points=(-4, -8),
    effect_points=(-2, -4),
)  # fmt: skip
ANCOVA = Planned(model="ancova")


class Held(dict[str, np.ndarray]):
    """A store in memory that counts what it was asked."""

    found = 0

    def load(self, key: str) -> np.ndarray | None:
        self.found += key in self
        return self.get(key)

    def save(self, key: str, array: np.ndarray) -> None:
        self[key] = array


def test_parts_that_are_kept_and_processes_change_no_number() -> None:
    store, seen = Held(), list[tuple[str, float]]()
    whole = expect(PLAIN, ANCOVA, seed=3, n_trial=120)
    assert expect(PLAIN, ANCOVA, seed=3, n_trial=120, store=store, told=lambda *one: seen.append(one)) == whole
    assert len(store) == 6  # parts of 50, 50 and 20, with and without effect
    assert seen[2] == ("trials with the effect", 1.0)
    store.pop(next(iter(store)))
    with ThreadPoolExecutor(3) as pool:
        assert expect(PLAIN, ANCOVA, seed=3, n_trial=120, store=store, spread=pool.map) == whole
    assert store.found == 5
    # another question takes up nothing
    expect(replace(PLAIN, sd_points=9), ANCOVA, seed=3, n_trial=120, store=store)
    expect(PLAIN, Planned(model="ancova", error_pct=1), seed=3, n_trial=120, store=store)
    expect(PLAIN, ANCOVA, seed=4, n_trial=120, store=store)
    assert store.found == 5
    assert whole.found.n == whole.null.n == 120
    assert "power" in whole.text


def test_unblinding_is_error_of_the_first_kind() -> None:
    # belief alone makes 4 points of 8 in four fifths more of the active arm: 3.2 points that treatment does not make
    told = replace(PLAIN, guessed_pct=(10, 90), belief_points=-4)
    assert expect(told, ANCOVA, seed=1, n_trial=60).null.significant[0] > 0.25
    blind = replace(told, guessed_pct=(50, 50))
    assert expect(blind, ANCOVA, seed=1, n_trial=60).null.significant[0] < 0.15


def test_a_null_trial_is_drawn_once() -> None:
    null = replace(PLAIN, effect_points=(0.0, 0.0))
    store = Held()
    found = expect(null, ANCOVA, seed=1, n_trial=50, store=store)
    assert found.found == found.null
    assert len(store) == 1


def test_sites_as_a_covariate() -> None:
    apart = replace(PLAIN, n_site=4, site_sd_points=6)
    table = draw_trial(apart, rng=np.random.default_rng(1))
    plain, by_site = (Planned(by_site=by).at_last(table) for by in (False, True))
    what = replace(WHAT, variable="score at week 8")
    assert by_site == mmrm(table, estimand=what, covariates=("site",)).at("week 8") != plain


def test_people_for_power() -> None:
    start = replace(PLAIN, n_sham=10, n_active=20)
    store = Held()
    tried = people_for_power(start, ANCOVA, power=0.8, seed=4, n_trial=100, store=store)
    found, tally = tried[-1]
    assert tried[0][0] == start
    assert found.n_active == 2 * found.n_sham
    assert tally.significant[0] >= 0.8
    # closed form: about 45 and 90
    assert 24 <= found.n_sham <= 60
    below = [one.n_sham for one, tally in tried if tally.significant[0] < 0.8]
    assert found.n_sham - max(below) <= max(1, round(0.02 * found.n_sham))
    assert people_for_power(start, ANCOVA, power=0.8, seed=4, n_trial=100, store=store) == tried
    assert store.found == len(store)


def test_a_search_that_ends_without_answer() -> None:
    null = replace(PLAIN, effect_points=(0, 0))
    with pytest.raises(Abstained, match="not reached with 40 people"):
        people_for_power(null, ANCOVA, power=0.8, seed=5, n_trial=20, most=40)
    # the last size that is tried is the most, also where doubling steps over it
    sizes: list[str] = []
    with pytest.raises(Abstained, match="50 people"):
        people_for_power(replace(null, n_sham=10, n_active=10), ANCOVA, power=0.9, seed=5, n_trial=10, most=50,
                         told=lambda what, _: sizes.append(what))  # fmt: skip
    assert sizes == [f"trials of {n} people" for n in (20, 40, 50)]
    with pytest.raises(InputError, match="power"):
        people_for_power(null, ANCOVA, power=80, seed=5)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"model": "anova"}, "unknown analysis.*ancova"),
        ({"model": "ancova", "covariance": "cs"}, "no covariance of visits"),
        ({"covariance": "uss"}, "us"),
        ({"error_pct": 95}, "level of error"),
    ],
)
def test_a_plan_that_cannot_be(asked: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        Planned(**asked)


ASSUMED = """
n_sham = 30
n_active = 30
weeks = [4, 8]
baseline_points = 28
sd_points = 8
sham_change_points = [-4, -8]
effect_points = [-3, -6]
adherence_pct = 80
"""


@pytest.fixture
def assumed(tmp_path: Path) -> Path:
    path = tmp_path / "assumed.toml"
    path.write_text(ASSUMED)
    return path


def run(path: Path, *args: str) -> Result:
    given = ["outcome", "simulate", str(path), "--workers", "1", *args]
    return CliRunner().invoke(vagus_command, given, catch_exceptions=False, standalone_mode=False)


def test_the_command(assumed: Path, tmp_path: Path) -> None:
    kept = tmp_path / "parts"
    args = ("--trials", "60", "--json", "--keep", str(kept))
    found = json.loads(run(assumed, *args).stdout)
    assert found["truth_points"] == pytest.approx(-4.8)
    assert found["found"]["n"] == found["null"]["n"] == 60
    assert found["null"]["significant"][0] < 0.2 < found["found"]["significant"][0]
    assert len(list(kept.iterdir())) == 4
    assert json.loads(run(assumed, *args).stdout) == found
    assert "assumed -4.80 points" in run(assumed, "--trials", "20", "--analysis", "ancova").stdout


def test_the_command_searches(assumed: Path, tmp_path: Path) -> None:
    plot, table = tmp_path / "power.svg", tmp_path / "sizes.csv"
    told = run(
        assumed, "--trials", "40", "--power", "0.8", "--analysis", "ancova", "--plot", str(plot), "-o", str(table)
    )
    assert "drawn anew" in told.stdout
    assert "trials of 60 people" in told.stderr
    assert "asked: 80 %" in plot.read_text()
    assert table.read_text().startswith("n_sham,n_active,trials,power_pct")


def test_the_command_says_what_is_wrong(assumed: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--power as well"):
        run(assumed, "--plot", str(tmp_path / "power.svg"))
    with pytest.raises(InputError, match="no covariance of visits"):
        run(assumed, "--analysis", "ancova", "--covariance", "cs")
    assumed.write_text(ASSUMED.replace("sd_points", "sd_point"))
    with pytest.raises(InputError, match="unknown key; found sd_point"):
        run(assumed, "--trials", "20")
    assumed.write_text(ASSUMED.replace("adherence_pct = 80", "adherence_pct = 180"))
    with pytest.raises(InputError, match="percentages, 0 to 100"):
        run(assumed, "--trials", "20")
