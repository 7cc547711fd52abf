"""From rows to effects, rows of one's own, the command, plots: nothing guessed, nothing dropped silently."""

from __future__ import annotations

import csv
import datetime
import json
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from vagus import tables
from vagus.cli import outcome_evidence, vagus_command
from vagus.course import assemble
from vagus.errors import InputError
from vagus.files import new_course, read_course
from vagus.files.sheets.trial_rows import read_trials
from vagus.outcome import KINDS, Trial, evidence, routes, trials
from vagus.outcome.synthesis import effects, pool
from vagus.outcome.synthesis.review import Synthesis, synthesize
from vagus.outcome.synthesis.rows import EVENTS, extract
from vagus.outcome.titration import titrations
from vagus.report import write_report
from vagus.report.figures.forest import forest, funnel
from vagus.report.rows import schedules
from vagus.report.sources import references

HEAD = (
    "study_id,first_author,year,indication,modality,design,n_active,n_control,outcome_scale,change_active,"
    "change_active_sd,change_control,change_control_sd,resp_active_n,resp_control_n,primary_endpoint,primary_met,"
    "source,verified,memory_fields"
)
ROWS = (
    "m1,Miller,2021,MDD,taVNS,RCT double-blind sham,30,31,HAMD17,-8.1,5.5,-5.2,5.1,15,9,HAMD17 change,no,Own 2021,yes,",
    "m2,Ng,2022,MDD,taVNS,RCT sham,18,19,BDI,-12.6,6.0,-4.4,9.9,10,4,BDI change,yes,Own 2022,yes,n_active",
    "m3,Weiss,2023,MDD,taVNS,RCT sham,55,52,HAMD17,-9.0,6.5,-8.6,6.1,22,20,HAMD17 change,no,Own 2023,memory,",
    "m4,Okafor,2024,MDD,taVNS,RCT sham,40,42,HAMD17,-7.0,6.0,-5.6,6.6,16,12,HAMD17 change,mixed,Own 2024,yes,",
)


def run(*args: str) -> Result:
    return CliRunner().invoke(
        vagus_command, ["outcome", "evidence", *args], catch_exceptions=False, standalone_mode=False
    )


def made(**cells: str) -> Trial:
    fixed = {"study_id": "X", "indication": "MDD", "modality": "taVNS", "source": "S", "verified": "yes"}
    return Trial(**{**fixed, "design": "RCT sham", **cells})  # pyright: ignore[reportArgumentType]


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    path = tmp_path / "mine.csv"
    path.write_text("\n".join([HEAD, *ROWS]) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def answer(mine: Path) -> Synthesis:
    return synthesize(evidence(indication="mdd", route="taVNS", more=read_trials(mine)), measure="g", recalled=True)


def test_options_are_those_of_the_room() -> None:
    assert set(outcome_evidence.MEASURES) == set(effects.MEASURES)
    assert (*pool.METHODS, "mh") == outcome_evidence.METHODS
    assert outcome_evidence.TESTS == pool.TESTS
    assert tuple(KINDS) == outcome_evidence.DESIGNS


@pytest.mark.parametrize("measure", effects.MEASURES)
@pytest.mark.parametrize("event", EVENTS)
def test_every_row_gives_an_effect_or_a_reason(measure: effects.Measure, event: str) -> None:
    found = extract(trials(), measure=measure, event=event)  # pyright: ignore[reportArgumentType]
    named = [one.study for one in found.effects] + [one.study_id for one in found.excluded]
    assert sorted(named) == sorted(trial.study_id for trial in trials())
    assert all(one.why for one in found.excluded)


def test_percentages_become_people_only_where_one_number_fits() -> None:
    arms = {"n_active": "112", "n_control": "110"}
    good = extract([made(**arms, resp_active_pct="15.2", resp_control_pct="10.0")], measure="rd")
    assert (good.counts[0].active_events, good.counts[0].control_events) == (17, 11)
    none = extract([made(**arms, resp_active_pct="15.5", resp_control_pct="10.0")], measure="rd").excluded[0].why
    assert none == "no single whole number of 112 people is 15.5 % (response, active arm)"
    several = made(n_active="300", n_control="300", resp_active_pct="15", resp_control_pct="10")
    assert "no single whole number" in extract([several], measure="rd").excluded[0].why
    against = made(**arms, resp_active_n="20", resp_active_pct="15.2", resp_control_n="11")
    assert "20 of 112 people is not 15.2 %" in extract([against], measure="rd").excluded[0].why
    total = made(n_active="60 total", n_control="60 total", resp_active_n="9", resp_control_n="4")
    assert "people in each arm not told (60 total and 60 total)" in extract([total], measure="rd").excluded[0].why


def test_published_effects_stand_in_only_with_their_interval() -> None:
    said = {"effect_measure": "risk difference % points", "effect_value": "-1.9"}
    good = made(**said, effect_ci_low="-18.8", effect_ci_high="14.9")
    one = extract([good], measure="rd").effects[0]
    assert one.estimate == pytest.approx(-0.019)
    assert one.se == pytest.approx(0.337 / 2 / 1.959964, rel=1e-5)
    assert one.note == "published effect and interval"
    assert "without estimate or interval" in extract([made(**said)], measure="rd").excluded[0].why
    askew = made(**said, effect_ci_low="-2.0", effect_ci_high="14.9")
    assert "does not lie about its estimate" in extract([askew], measure="rd").excluded[0].why
    assert extract([good], measure="or").excluded


def test_below_zero_favors_active_whatever_way_the_scale_points() -> None:
    arms = {"n_active": "30", "n_control": "30", "change_active_sd": "5", "change_control_sd": "5"}
    worse = made(**arms, outcome_scale="HAMD17", change_active="-8", change_control="-4")
    better = made(**arms, outcome_scale="WHO-5", change_active="8", change_control="4")
    a, b = (extract([trial], measure="g").effects[0].estimate for trial in (worse, better))
    assert a == pytest.approx(b)
    assert a < 0
    strange = made(**arms, outcome_scale="home made", change_active="8", change_control="4")
    assert "which way the scale points" in extract([strange], measure="g").excluded[0].why
    assert extract([strange], measure="md").effects[0].estimate == 4


def test_one_trial_counts_once_and_mean_differences_stay_on_one_scale(mine: Path) -> None:
    trd = synthesize(evidence(indication="trd", route="iVNS"), measure="or")
    assert [row.study_id for row in trd.rows] == ["D02_acute_Rush2005a"]
    assert "same people as D02_acute_Rush2005a" in {one.study_id: one.why for one in trd.excluded}["D02_IDSSR_acute"]
    assert "D02_acute_Rush2005a: 1.61 (0.717 to 3.62)" in trd.text
    assert "missed by 1" in trd.text
    md = synthesize(evidence(indication="mdd", route="taVNS", more=read_trials(mine)), measure="md", recalled=True)
    assert [one.study for one in md.effects] == ["m1", "m3", "m4"]
    assert "on the BDI; pooled is the HAMD17" in {one.study_id: one.why for one in md.excluded}["m2"]


def test_recalled_cells_are_left_out_unless_asked_for(mine: Path) -> None:
    read = synthesize(evidence(indication="mdd", route="taVNS", more=read_trials(mine)), measure="g")
    assert [one.study for one in read.effects] == ["m1", "m4"]
    assert {one.study_id for one in read.excluded if one.why == "recalled, not read"} == {"m2", "m3"}
    assert "[unverified]" not in read.text


def test_recalled_cells_mark_what_rests_on_them(answer: Synthesis) -> None:
    assert [one.study for one in answer.effects if not one.verified] == ["m2", "m3"]
    assert answer.pooled is not None
    assert "[unverified]" in answer.pooled.text
    assert "1 recalled and not read" in answer.bias


def test_rows_of_ones_own_are_checked_by_row_and_column(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    bad = (
        "m1,A,20x1,TRDD,taVS,RCT sham,30,31,HAMD17,-8.1,0,-5.2,5.1,35,9,x,perhaps,S,yes,",
        'D02_acute_Rush2005a,A,2021,new illness,taVNS,RCT sham,a few,31,HAMD17,"-8,1",5,-5,5,3.5,9,,no,S,yes,n_activ',
        "m1,A,2021,MDD,taVNS,RCT sham,30,31,HAMD17,-8.1,5,-5.2,5.1,3,9,x,no,S,yes,",
    )
    path.write_text("\n".join([HEAD, *bad]) + "\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_trials(path)
    said = [str(problem) for problem in caught.value.problems]
    for part in (
        "mine.csv row 1 (line 2), year: year cannot be used",
        'mine.csv row 1 (line 2), indication: unknown indication; found "TRDD"; allowed: did you mean "TRD"?',
        'mine.csv row 1 (line 2), modality: unknown modality; found "taVS"',
        'mine.csv row 1 (line 2), primary_met: unknown primary_met; found "perhaps"',
        "mine.csv row 1 (line 2), change_active_sd:",
        "mine.csv row 1 (line 2), resp_active_n: more responders than people; found 35 of 30",
        "mine.csv row 2 (line 3), study_id: study_id is taken",
        "mine.csv row 2 (line 3), n_active:",
        'mine.csv row 2 (line 3), change_active: change_active cannot be used; found "-8,1"',
        "mine.csv row 2 (line 3), resp_active_n:",
        "mine.csv row 2 (line 3), primary_endpoint: primary_endpoint is empty",
        "mine.csv row 2 (line 3), memory_fields:",
        'mine.csv row 3 (line 4), study_id: study_id is taken; found "m1", as in row 1',
    ):
        assert any(one.startswith(part) for one in said), part
    path.write_text(HEAD + "\n", encoding="utf-8")
    with pytest.raises(InputError, match="no rows"):
        read_trials(path)
    path.write_text("study_id,indication\nm1,MDD\n", encoding="utf-8")
    with pytest.raises(InputError, match="missing"):
        read_trials(path)


def test_command_pools_draws_and_writes(mine: Path, tmp_path: Path) -> None:
    out, tree, cone = tmp_path / "rows.csv", tmp_path / "forest.svg", tmp_path / "funnel.svg"
    asked = [
        "--indication",
        "mdd",
        "--route",
        "taVNS",
        "--rows",
        str(mine),
        "--pool",
        "or",
        "--design",
        "sham",
        "--recalled",
    ]
    result = run(*asked, "--method", "mh", "-o", str(out), "--forest", str(tree), "--funnel", str(cone))
    assert "odds ratio 1.72" in result.stdout  # by hand: 21.90 over 12.76
    assert "left out: Hein2013: people in each arm not told" in result.stdout
    assert "Weiss 2023 [unverified]" in result.stdout
    assert "Without a control group" not in result.stdout, "one kind of design was asked for"
    rows = {row["study_id"]: row for row in csv.DictReader(out.read_text(encoding="utf-8").splitlines())}
    assert rows["m1"]["pooled_effect"] == "m1: 2.44 (0.851 to 7.02)"
    assert rows["Hein2013"]["not_pooled"].startswith("people in each arm")
    for path in (tree, cone):
        ET.fromstring(path.read_text(encoding="utf-8"))
    told = json.loads(run(*asked, "--json").stdout)
    assert told["synthesis"]["rows"] == ["m1", "m2", "m3", "m4"]
    assert {row["verdict"] for row in told["trials"]} == {"missed", "met", "mixed"}


def test_command_refuses_what_it_cannot_draw(tmp_path: Path) -> None:
    out = str(tmp_path / "x.svg")
    asked = ["--indication", "trd", "--route", "iVNS"]
    with pytest.raises(InputError, match="needs a measure"):
        run(*asked, "--forest", out)
    with pytest.raises(InputError, match="no funnel plot can be drawn"):
        run(*asked, "--pool", "or", "--funnel", out)
    with pytest.raises(InputError, match="no forest plot can be drawn"):
        run(*asked, "--pool", "md", "--forest", out)
    assert not list(tmp_path.iterdir())
    run(*asked, "--pool", "or", "--forest", out)  # one study: drawn, and told that nothing was pooled
    assert "Not pooled" in Path(out).read_text(encoding="utf-8")


def test_plots_name_verdicts_and_what_was_left_out(answer: Synthesis) -> None:
    tree = forest(answer)
    for part in ("Miller 2021 · missed", "Ng 2022 · met [unverified]", "A further study", "Left out, 1: Hein2013"):
        assert part in tree
    assert tree.count("<circle") == 8, "a dot for the interval and one whose area is the weight"
    assert "<title>Miller 2021" in funnel(answer)


def test_every_schedule_is_shown_with_its_marks() -> None:
    raw = tables.raw_rows("titration")
    assert sum(len(titrations(route=route)) for route in routes()) == len(raw) == 34
    rows = {row.id: row for route in routes() for row in titrations(route=route)}
    assert rows["tavns_rong_mdd"].dose_text.startswith("target 4-6 mA [unverified], 20 Hz [unverified]")
    assert "on (s): 1 per breath, exhalation" in rows["tavns_gated"].dose_text
    assert rows["ivns_bonn_titration"].start_current_ma is None, "unknown, never zero"
    assert rows["ivns_consensus_gap"].cell("finding").endswith("[unverified]")
    said = run("--indication", "trd", "--route", "iVNS", "--titration").stdout
    assert all(row.id in said for row in titrations(route="iVNS"))
    assert "not advice" in said
    with pytest.raises(InputError, match="taVNS"):
        titrations(route="tavs")


def test_schedules_of_a_diagnosis() -> None:
    ear = [row.id for row in titrations(route="taVNS", indication="TRD")]
    assert "tavns_evensen_trd" in ear
    assert "tavns_pt_method" in ear  # for anyone
    assert not {"tavns_zhang_insomnia", "tavns_longcovid_dose", "tavns_gated"} & set(ear)
    assert not any("epi" in row.id for row in titrations(route="iVNS", indication="trd"))
    assert "tavns_nemos_lab" in [row.id for row in titrations(route="taVNS", indication="healthy")]
    with pytest.raises(InputError, match='unknown indication; found "trdd"'):
        titrations(route="taVNS", indication="trdd")


def test_the_report_sets_schedules_beside_the_dose(tmp_path: Path) -> None:
    new_course(tmp_path / "p01")
    found = assemble(read_course(tmp_path / "p01"), rng=np.random.default_rng(1))
    assert found.schedules == titrations(route="taVNS", indication="mdd")
    table = schedules(found, references(found))
    assert table.rows[0][1].text.startswith("1.5\xa0mA, 25\xa0Hz, 250\xa0µs")
    assert len(table.rows) == 1 + len(found.schedules)
    assert all(row[0].ref for row in table.rows[1:])  # each has its source in the list
    assert "not advice" in table.note
    assert "Published schedules beside this dose" in write_report(
        found, made=datetime.datetime(2026, 4, 1, tzinfo=datetime.UTC), versions={}
    )
