"""`vagus fiber recruit --nerve` and `vagus fiber optimize`, the whole way."""

from __future__ import annotations

import csv
import json
import re
import sys
from pathlib import Path
from typing import get_args
from xml.etree import ElementTree as Xml

import pytest
from click.testing import CliRunner

from vagus.cli.fiber import fiber, nerve_asked
from vagus.cli.field import whose
from vagus.fiber.nerve import anatomy
from vagus.field.nerve import draw

RAT = ["--nerve", "rat", "--electrode", "cuff", "--fibers", "a_beta=4,b=3"]
NERVE = "contour,x,y\n" + "".join(
    f"{name},{x},{y}\n"
    for name, at, half in (("nerve", 0, 120), ("1", -50, 40), ("2", 55, 30))
    for x, y in ((at - half, -half), (at + half, -half), (at + half, half), (at - half, half), (at - half, -half))
)


def run(*args: str):
    return CliRunner().invoke(fiber, [*args])


def test_a_rat_nerve_from_draw_to_file(tmp_path: Path):
    table, picture = tmp_path / "fibers.csv", tmp_path / "nerve.svg"
    seen = run(
        "recruit", *RAT, "--amplitude-ma", "-0.3", "--width-us", "200", "-o", str(table), "-o", str(picture), "--json"
    )
    assert seen.exit_code == 0, seen.exception
    told = json.loads(seen.stdout)
    rows = list(csv.DictReader(table.read_text(encoding="utf-8").splitlines()))
    assert len(rows) == 7
    fires = [float(row["threshold_ma"]) <= 0.3 for row in rows if row["class"] == "a_beta"]
    by_class = {one["key"]: one["share_pct"]["median"] for one in told["classes"]}
    assert by_class["a_beta"] == 100.0 * sum(fires) / 4
    assert told["fascicles"][0]["label"] == "1"
    drawn = Xml.fromstring(picture.read_text(encoding="utf-8"))
    assert sum(one.get("class", "").startswith("dot") for one in drawn.iter()) >= 7


def test_contours_of_a_file_and_what_is_missing(tmp_path: Path):
    file = tmp_path / "nerve.csv"
    file.write_text(NERVE, encoding="utf-8")
    asked = ["recruit", "--nerve", str(file), "--electrode", "cuff", "--fibers", "a_beta=1", "--amplitude-ma", "-0.3"]
    seen = run(*asked, "--width-us", "200", "--species", "rat", "--um-per-unit", "1")
    assert seen.exit_code == 0, seen.exception
    labels = [line.split()[0] for line in seen.stdout.split("fascicle", 1)[1].splitlines()[2:] if line.strip()]
    assert labels[:2] == ["1", "2"]
    for more, what in (
        (["--width-us", "200"], "--species and --um-per-unit"),
        (["--width-us", "200", "--species", "rat", "--um-per-unit", "10"], "no nerve has this size"),
        (
            ["--width-us", "200", "--species", "rat", "--um-per-unit", "1", "-o", "x.pdf"],
            "allowed: .csv, .svg or .png",
        ),
        (["--width-us", "200", "--species", "rat", "--um-per-unit", "1", "--weights", "a"], "weights are no numbers"),
    ):
        seen = run(*asked, *more)
        assert what in str(seen.exception)


def test_a_site_or_a_nerve_is_needed():
    for args in ([], ["--device", "tvnsr"], ["--nerve", "rat", "--device", "tvnsr", "--site", "cymba_left"]):
        seen = run("recruit", *args, "--amplitude-ma", "1", "--width-us", "200")
        assert "whose fibers?" in str(seen.exception)


def test_optimize_shows_the_judgement_and_draws_the_set(tmp_path: Path):
    picture = tmp_path / "set.svg"
    asked = ["optimize", *RAT, "--wanted", "a_beta", "--spared", "b", "--tries", "6", "-o", str(picture)]
    seen = run(*asked)
    assert seen.exit_code == 0, seen.exception
    told = json.loads(run(*asked[:-2], "--json").stdout)
    states = {one["state"] for one in told["best"]["judgement"]["limits"]}
    assert "ok" in states
    assert "refused" not in states
    assert re.search(r"best .* (ok|warned|unknown)\b", seen.stdout)
    Xml.fromstring(picture.read_text(encoding="utf-8"))
    seen = run(*asked[:-2], "--wanted-pct", "0")
    assert "wanted_pct is out of range" in str(seen.exception)


def test_a_compound_potential_is_told_drawn_and_tabled(tmp_path: Path):
    picture, table = tmp_path / "waves.svg", tmp_path / "waves.csv"
    asked = ["compound", "--nerve", "rat", "--electrode", "cuff", "--fibers", "a_beta=1,b=1", "--distance-mm", "40"]
    seen = run(*asked, "--counts", "a_beta=100,b=300", "-o", str(picture), "-o", str(table), "--json")
    assert seen.exit_code == 0, seen.exception
    told = json.loads(seen.stdout)
    assert [one["name"] for one in told["waves"]] == ["A", "B"]
    assert [one["n_in_nerve"] for one in told["classes"]] == [100.0, 300.0]
    rows = list(csv.DictReader(table.read_text(encoding="utf-8").splitlines()))
    # within the figures that a table holds
    assert max(abs(float(row["a_beta_uv"])) for row in rows) == pytest.approx(
        told["classes"][0]["largest_uv"], rel=1e-4
    )
    Xml.fromstring(picture.read_text(encoding="utf-8"))
    weak = run(*asked, "--counts", "a_beta=100,b=300", "--amplitude-ma", "-1e-6", "--width-us", "200")
    assert "no fiber fires" in str(weak.exception)
    for more, what in (
        ([], "fiber counts of the rat were not read"),
        (["--counts", "a_beta=100"], "count of b is missing"),
        (["--counts", "a_beta=-1"], "counts are not told"),
        (["--fibers", "a_beta=nan"], "fibers are not told"),
        (["--fibers", "a_beta=inf"], "fibers are not told"),
        (["--counts", "a_beta=100,b=300", "--amplitude-ma", "-1"], "half a stimulus"),
        (["--counts", "a_beta=100,b=300", "--distance-mm", "20"], "--distance-mm is too short"),
        (["--counts", "a_beta=100,b=300", "-o", "x.pdf"], "allowed: .csv, .svg or .png"),
    ):
        assert what in str(run(*asked, *more).exception)


def test_a_nerve_off_the_axis_is_moved_onto_it(tmp_path: Path):
    told = []
    for shift in (0, 20):
        file = tmp_path / f"{shift}.csv"
        rows = [line.split(",") for line in NERVE.splitlines()]
        moved = "".join(f"{name},{int(x) + shift},{int(y) + shift}\n" for name, x, y in rows[1:])
        file.write_text(f"contour,x,y\n{moved}", encoding="utf-8")
        seen = run(
            "recruit", "--nerve", str(file), "--species", "rat", "--um-per-unit", "1", "--electrode", "cuff",
            "--fibers", "a_beta=2", "--amplitude-ma", "-0.3", "--width-us", "200", "--json",
        )  # fmt: skip
        assert seen.exit_code == 0, seen.exception
        told.append(json.loads(seen.stdout)["classes"][0]["half_ma"]["estimate"])
    # thresholds are sought to 0.5 %
    assert told == pytest.approx([told[0]] * 2, rel=0.005)


def test_finite_elements_agree_with_waves_on_a_round_nerve(tmp_path: Path):
    pytest.importorskip("ngsolve", reason='needs the extra: pip install "vagus[fem]"')
    asked = ["recruit", *RAT, "--amplitude-ma", "-0.3", "--width-us", "200", "--json"]
    coarse = ("--solver", "fem_coarse", "--keep", str(tmp_path))
    waves, fem, again = (
        json.loads(run(*asked, *more).stdout)["classes"][0]["half_ma"]["estimate"] for more in ((), coarse, coarse)
    )
    # one closed sleeve, one nerve: what is left are a coarse mesh and the far boundary
    assert fem == pytest.approx(waves, rel=0.15)
    assert again == fem


def test_flags_offer_what_the_library_knows():
    assert get_args(whose.Species) == get_args(draw.Species)
    assert get_args(nerve_asked.Electrode) == get_args(anatomy.Electrode)
    assert get_args(nerve_asked.Solver) == get_args(anatomy.Solver)


def test_without_ngsolve_finite_elements_say_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "ngsolve", None)
    seen = run("recruit", *RAT, "--solver", "fem", "--amplitude-ma", "-0.3", "--width-us", "200")
    assert "vagus[fem]" in str(seen.exception)
