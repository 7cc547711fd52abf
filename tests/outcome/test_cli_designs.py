"""`vagus outcome single`, `crossover`, `counts`, `blinding`: numbers by hand, files, what is refused, and how."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import pytest
from click.testing import CliRunner, Result

from vagus.cli import vagus_command
from vagus.cli.trial.counts import EXACT
from vagus.errors import InputError, MissingFile
from vagus.files.sheets.designs import read_crossover, read_series
from vagus.outcome.synthesis.counts import Exact

DIARY = "9A 8A 9A 10A 5B 4B 4B 5B 8A 9A 9A 8A 4B 3B 4B 4B"
CROSS = """person,period,treatment,score
a,1,active,10
a,2,sham,14
b,1,sham,15
b,2,active,11
c,1,active,9
c,2,sham,14
d,2,active,11
d,1,sham,16
e,1,active,12
e,2,sham,
"""


def run(*args: object) -> Result:
    given = ["outcome", *(str(one) for one in args)]
    return CliRunner().invoke(vagus_command, given, catch_exceptions=False, standalone_mode=False)


@pytest.fixture
def diary(tmp_path: Path) -> Path:
    file = tmp_path / "diary.csv"
    rows = "\n".join(f"{cell[:-1]},{cell[-1]}" for cell in DIARY.split())
    file.write_text(f"score,condition\n{rows}\n")
    return file


@pytest.fixture
def cross(tmp_path: Path) -> Path:
    file = tmp_path / "cross.csv"
    file.write_text(CROSS)
    return file


def test_single_by_hand(diary: Path, tmp_path: Path) -> None:
    # as in test_person_single_case.test_abab_by_hand: 35 orders, the one used is the furthest out
    plot = tmp_path / "diary.svg"
    asked = ("single", diary, "--design", "ABAB", "--min-length", 3, "--higher-is", "worse")
    assert "p = 0.029, all 35 orders" in run(*asked, "--plot", plot).stdout
    assert "treatment</text>" in plot.read_text()
    found = json.loads(run(*asked, "--one-sided", "--json").stdout)
    assert found["difference_points"] == 33 / 8 - 70 / 8
    assert found["design"] == {"n_phases": 4, "min_length": 3}
    assert found["two_sided"] is False
    better = run("single", diary, "--design", "ABAB", "--min-length", 3, "--instrument", "who5")
    assert "better in 0 % of all pairs" in better.stdout


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("--design", "ABAC", "--higher-is", "worse"), 'unknown design; found "ABAC"'),
        (("--design", "ABAB", "--higher-is", "worse"), "--min-length: needed for --design ABAB"),
        (("--design", "pairs", "--first", "3", "--higher-is", "worse"), "--first: not for --design pairs"),
        (("--design", "pairs"), "direction of the scale; found neither"),
        (("--design", "pairs", "--instrument", "madrs", "--higher-is", "worse"), "direction of the scale; found both"),
        (("--design", "pairs", "--instrument", "madr"), "unknown instrument"),
        (("--design", "pairs", "--higher-is", "worse"), "the order could not have been drawn"),
    ],
)
def test_single_says_what_is_wrong(diary: Path, asked: tuple[str, ...], said: str) -> None:
    with pytest.raises(InputError, match=said.replace("(", r"\(")):
        run("single", diary, *asked)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("9,A", "nine,A", r"row 1 \(line 2\), score: not a number"),
        ("10,A", ",A", r"row 4 \(line 5\), score: score is empty"),
        ("10,A", "-99,A", r"row 4 \(line 5\), score: looks like a code for missing; found -99; allowed: a score as"),
        ("10,A", "10,C", r'row 4 \(line 5\), condition: unknown condition; found "c"'),
        ("score,condition", "score,phase", "condition"),
    ],
)
def test_a_broken_series(diary: Path, old: str, new: str, said: str) -> None:
    diary.write_text(diary.read_text().replace(old, new, 1))
    with pytest.raises(InputError, match=said):
        read_series(diary)


def test_a_series_keeps_to_the_range_of_its_instrument(diary: Path) -> None:
    asked = ("single", diary, "--design", "ABAB", "--min-length", 3, "--instrument", "madrs")
    for cell in ("-99", "61"):
        diary.write_text(diary.read_text().replace("10,A", f"{cell},A", 1))
        said = rf"diary.csv row 4 \(line 5\), score: score out of range; found {cell}; allowed: 0 to 60; a meas"
        with pytest.raises(InputError, match=said):
            run(*asked)
        diary.write_text(diary.read_text().replace(f"{cell},A", "10,A", 1))
    assert "p = 0.029" in run(*asked).stdout
    with pytest.raises(InputError, match="score out of range; found 10; allowed: 0 to 9"):
        run(*asked[:-2], "--higher-is", "worse", "--bounds", 0, 9)
    diary.write_text(diary.read_text().replace("10,A", "999,A", 1))  # a code, unless the scale reaches so far
    with pytest.raises(InputError, match="looks like a code for missing"):
        run(*asked[:-2], "--higher-is", "worse")
    assert run(*asked[:-2], "--higher-is", "worse", "--bounds", 0, 1000).exit_code == 0


def test_crossover_by_hand(cross: Path) -> None:
    # half differences: active first -2, -2.5; sham first 2, 2.5; so -4.5, by hand
    found = json.loads(run("crossover", cross, "--treatment", "active", "--control", "sham", "--json").stdout)
    assert found["treatment"]["estimate"] == pytest.approx(-4.5)
    assert found["n"] == 4
    assert found["excluded"][0]["which"] == ["e"]
    assert found["carry_over"]["estimate"] == pytest.approx((24 + 23) / 2 - (26 + 27) / 2)
    other = json.loads(run("crossover", cross, "--treatment", "sham", "--control", "active", "--json").stdout)
    assert other["treatment"]["estimate"] == pytest.approx(4.5)
    assert (
        "Left out: 1 person: one period is missing (e)"
        in run("crossover", cross, "--treatment", "active", "--control", "sham").stdout
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("a,2,sham", "a,2,active", "one treatment in both periods"),
        ("a,2,sham", "a,1,sham", "a period stands twice"),
        ("a,2,sham", "a,3,sham", 'unknown period; found "3"'),
        ("a,2,sham", ",2,sham", "person is empty"),
        ("a,2,sham", "a,2,shem", 'unknown treatment; found "shem"; allowed: did you mean "sham"'),
        ("a,2,sham,14", "a,2,sham,2026-01-05", "not a number"),
        ("a,2,sham,14", "a,2,sham,-99", "looks like a code for missing"),
    ],
)
def test_a_broken_crossover(cross: Path, old: str, new: str, said: str) -> None:
    cross.write_text(CROSS.replace(old, new, 1))
    with pytest.raises(InputError, match=said):
        read_crossover(cross, treatment="active", control="sham")


def test_crossover_of_a_misspelt_arm(cross: Path) -> None:
    with pytest.raises(
        InputError, match='no row has this treatment; found "shm"; allowed: did you mean "sham"'
    ) as told:
        run("crossover", cross, "--treatment", "active", "--control", "shm")
    assert len(told.value.problems) == 1
    cross.write_text(CROSS.replace("a,2,sham,14", "a,2,sham,-99", 1))
    assert read_crossover(cross, treatment="active", control="sham", missing=("-99",)).n == 5


def test_counts_of_the_sham_trial_of_2005() -> None:
    # 17 of 112 and 11 of 110: odds ratio 1.61 (0.72 to 3.62) as published (Martin 2012)
    text = run("counts", "--active", "17/112", "--control", "11/110").stdout
    assert "Risk difference 5.2 percentage points (-3.7 to 14.1)." in text
    assert "Odds ratio 1.61 (0.72 to 3.62)." in text
    assert "Number needed to treat 19.3" in text
    tea = json.loads(run("counts", "--active", "3/4", "--control", "1/4", "--test", "fisher", "--json").stdout)
    assert tea["exact_p"] == pytest.approx(0.4857, abs=1e-4)
    nobody = run("counts", "--active", "0/12", "--control", "0/11").stdout
    assert "Risk ratio not told" in nobody
    assert get_args(Exact) == ("fisher", "barnard", "boschloo")
    assert set(EXACT) == set(get_args(Exact))


def test_blinding_of_published_guesses() -> None:
    found = json.loads(run("blinding", "--active", "82/25/170", "--control", "27/29/83", "--json").stdout)
    assert [round(found[name]["estimate"], 2) for name in ("james", "active", "control")] == [0.75, 0.21, 0.01]
    assert "Bang, active arm 0.21" in run("blinding", "--active", "82/25/170", "--control", "27/29/83").stdout


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("counts", "--active", "17", "--control", "1/2"), '--active: cannot be read as counts; found "17"'),
        (("counts", "--active", "-1/9", "--control", "1/2"), "cannot be read as counts"),
        (("counts", "--active", "17/12", "--control", "1/2"), "found 17 of 12"),
        (("blinding", "--active", "1/2", "--control", "1/2/3"), "allowed: as 82/25/170"),
        (("blinding", "--active", "0/0/0", "--control", "1/2/3"), "nobody was asked"),
    ],
)
def test_counts_that_cannot_be(asked: tuple[str, ...], said: str) -> None:
    with pytest.raises(InputError, match=said):
        run(*asked)


def test_analyze_names_a_missing_file_first(tmp_path: Path) -> None:
    with pytest.raises(MissingFile, match=r"lost\.csv: there is no such file"):
        run("analyze", tmp_path / "lost.csv")
