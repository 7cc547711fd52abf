"""A trial's table: what is read, and every dirty case told by file, row and column."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vagus.errors import InputError
from vagus.files.sheets.trial_table import TrialColumns, read_trial_table

CLEAN = [
    ("p1", "active", "week 0", "30"), ("p1", "active", "week 4", "20"), ("p1", "active", "week 8", ""),
    ("p2", "sham", "week 0", "28"), ("p2", "sham", "week 4", "26"), ("p2", "sham", "week 8", "25"),
    ("p3", "active", "week 0", "31"), ("p3", "active", "week 4", "22"), ("p3", "active", "week 8", "12"),
    ("p4", "sham", "week 0", "29"), ("p4", "sham", "week 4", "27"), ("p4", "sham", "week 8", "24"),
]  # fmt: skip


def written(folder: Path, rows: list[Any], header: str = "person,arm,visit,score", comma: str = ",") -> Path:
    path = folder / "trial.csv"
    path.write_text("\n".join([header.replace(",", comma), *(comma.join(row) for row in rows)]) + "\n")
    return path


def with_cell(row: int, column: int, cell: str) -> list[Any]:
    rows = [list(one) for one in CLEAN]
    rows[row][column] = cell
    return rows


def read(path: Path, **more: Any) -> Any:
    return read_trial_table(path, **{"control": "sham", "baseline_visit": "week 0", **more})


def test_a_clean_table_is_read(tmp_path: Path) -> None:
    for comma in ",;\t":
        table = read(written(tmp_path, CLEAN, comma=comma))
        assert table.arms == ("sham", "active")
        assert table.visits == ("week 4", "week 8")
        assert table.baseline.tolist() == [30, 28, 31, 29]
        assert np.isnan(table.score[0, 1])
        assert table.score[1].tolist() == [26, 25]
        assert table.excluded == ()


@pytest.mark.parametrize(
    ("rows", "more", "said"),
    [
        (with_cell(4, 3, "2026-03-09"), {}, "trial.csv row 5 (line 6), score: a date where a number is due"),
        (with_cell(4, 3, "26 points"), {}, "trial.csv row 5 (line 6), score: is no number"),
        (with_cell(4, 3, "66"), {"low": 0, "high": 60}, "trial.csv row 5 (line 6), score: score is out of range"),
        (with_cell(4, 3, "-99"), {}, "trial.csv row 5 (line 6), score: looks like a code for missing"),
        (with_cell(4, 3, "inf"), {}, "trial.csv row 5 (line 6), score: is no number"),
        (with_cell(5, 2, "week 4"), {}, "trial.csv row 6 (line 7), visit: a visit stands twice"),
        (with_cell(5, 2, "Week 8"), {}, "trial.csv, column visit: one visit spelt two ways"),
        (with_cell(5, 2, "weak 8"), {"visits": ("week 4", "week 8")}, "column visit: unknown visit"),
        (with_cell(5, 2, "9.3.2026"), {}, "column visit: a date where the name of a visit is due"),
        (with_cell(5, 2, "end"), {}, "column visit: the order of the visits is not known"),
        (with_cell(5, 2, ""), {}, "trial.csv row 6 (line 7), visit: visit is empty"),
        (with_cell(5, 0, ""), {}, "trial.csv row 6 (line 7), person: person is empty"),
        (with_cell(5, 0, "P2"), {}, 'row 6 (line 7), person: one name, written in two ways; found "P2" and "p2"'),
        (with_cell(5, 0, "p 2"), {}, 'person: one name, written in two ways; found "p 2" and "p2"'),
        (with_cell(5, 1, "active"), {}, "trial.csv row 6 (line 7), arm: arm changes within a person"),
        (CLEAN, {"arms": ("sham", "actve")}, "trial.csv row 1 (line 2), arm: unknown arm"),
        (CLEAN, {"arms": ("sham", "active", "high dose")}, "column arm, arm high dose: an arm is empty"),
        (CLEAN[3:], {}, "column arm, arm active: an arm has one person"),
        (CLEAN[3:6], {}, "a comparison needs two arms"),
        (CLEAN[:3], {}, "the control is no arm"),
        ([(p, a, v, "") for p, a, v, _ in CLEAN], {}, "an arm has no scores: all are missing"),
        ([(p, a, v, "" if v == "week 8" else s) for p, a, v, s in CLEAN], {}, "visit week 8: a visit has no scores"),
        (CLEAN, {"control": "placebo"}, "the control is no arm"),
        (CLEAN, {"baseline_visit": "week 1"}, "the baseline visit is not in the table"),
        (CLEAN, {"visits": ("week 4", "week 12")}, "a visit of the analysis has no rows"),
        ([], {}, "no rows below the header"),
    ],
)  # fmt: skip
def test_dirty_tables_are_told(tmp_path: Path, rows: list[Any], more: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as error:
        read(written(tmp_path, rows), **more)
    assert said in str(error.value)
    assert "trial.csv" in str(error.value)


def test_a_misspelt_arm_of_one_person_is_told_without_a_list(tmp_path: Path) -> None:
    rows = [(f"{k}{p}", "actve" if (k, p) == (0, "p1") else a, v, s) for k in range(9) for p, a, v, s in CLEAN]
    with pytest.raises(InputError, match='misspelt; found "actve", 1 people; allowed: did you mean "active"'):
        read(written(tmp_path, rows))


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    rows = with_cell(4, 3, "x")
    rows[7][3] = "y"
    with pytest.raises(InputError) as error:
        read(written(tmp_path, rows))
    assert len(error.value.problems) == 2


def test_declared_codes_are_missing(tmp_path: Path) -> None:
    table = read(written(tmp_path, with_cell(4, 3, "-99")), missing=("-99",))
    assert np.isnan(table.score[1, 0])


def test_what_is_left_out_is_counted(tmp_path: Path) -> None:
    rows = [*CLEAN, ("p5", "", "week 0", "33"), ("p5", "", "week 4", "30")]
    table = read(written(tmp_path, rows), visits=("week 8",))
    assert [one.text for one in table.excluded] == [
        "5 rows: visit not in the analysis (week 4: 5)",
        "1 person: no arm: not randomized (p5)",
    ]


def test_a_decimal_comma_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r'score: is no number; found "26,5"'):
        read(written(tmp_path, with_cell(4, 3, "26,5"), comma=";"))


def test_covariates_and_baseline_column(tmp_path: Path) -> None:
    rows = [(*row, str(40 + k // 3), "A" if k < 6 else "B", "30" if k % 3 == 0 else "") for k, row in enumerate(CLEAN)]
    path = written(tmp_path, rows, header="person,arm,visit,score,Age,site,start")
    columns = TrialColumns(baseline="start", numbers=("Age",), factors=("site",))
    table = read_trial_table(path, control="sham", columns=columns)
    assert table.visits == ("week 0", "week 4", "week 8")
    assert table.numbers["Age"].tolist() == [40, 41, 42, 43]
    assert table.factors["site"] == ("A", "A", "B", "B")
    assert table.baseline is not None
    assert table.baseline.tolist() == [30] * 4
    rows[0] = (*rows[0][:4], "1e999", *rows[0][5:])
    spoiled = [rows[0], *((*row[:4], "", *row[5:]) for row in rows[1:])]
    written(tmp_path, spoiled, header="person,arm,visit,score,Age,site,start")
    with pytest.raises(InputError, match=r'row 1 \(line 2\), Age: is no number; found "1e999"'):
        read_trial_table(path, control="sham", columns=columns)


DICTIONARY = (
    '"Variable / Field Name","Form Name","Field Type","Field Label","Choices, Calculations, OR Slider Labels",'
    '"Text Validation Type OR Show Slider Number","Text Validation Min","Text Validation Max"\n'
    "record_id,base,text,Record,,,,\n"
    'group,base,radio,Arm,"1, Active | 2, Sham",,,\n'
    "female,base,yesno,Female,,,,\n"
    "madrs_total,madrs,text,MADRS,,integer,0,60\n"
)
EXPORT = [
    ("1", "baseline_arm_1", "1", "1", "30"), ("1", "week_4_arm_1", "", "", "-99"), ("1", "week_8_arm_1", "", "", "12"),
    ("2", "baseline_arm_1", "2", "0", "31"), ("2", "week_4_arm_1", "", "", "29"), ("2", "week_8_arm_1", "", "", "28"),
    ("3", "baseline_arm_1", "1", "1", "33"), ("3", "week_4_arm_1", "", "", "20"), ("3", "week_8_arm_1", "", "", "11"),
    ("4", "baseline_arm_1", "2", "", "32"), ("4", "week_4_arm_1", "", "", "30"), ("4", "week_4_arm_1", "", "", ""),
]  # fmt: skip


def redcap(folder: Path, rows: list[Any], dictionary: str = DICTIONARY, **more: Any) -> Any:
    (folder / "dictionary.csv").write_text(dictionary)
    path = written(folder, rows, header="record_id,redcap_event_name,group,female,madrs_total")
    columns = TrialColumns(person="record_id", arm="group", visit="redcap_event_name", score="madrs_total",
                           factors=("female",))  # fmt: skip
    asked = {"control": "Sham", "baseline_visit": "baseline_arm_1", "visits": ("week_4_arm_1", "week_8_arm_1")}
    given: Any = {"missing": ("-99",), **asked, **more}
    return read_trial_table(path, columns=columns, dictionary=folder / "dictionary.csv", **given)


def test_redcap_export_with_its_dictionary(tmp_path: Path) -> None:
    table = redcap(tmp_path, EXPORT)
    assert table.arms == ("Sham", "Active")
    assert table.factors["female"] == ("Yes", "No", "Yes", "")
    assert np.isnan(table.score[0, 0])
    assert table.score[3, 0] == 30


def test_redcap_codes_and_bounds_are_checked(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"row 2 \(line 3\), madrs_total: score is out of range; found -99"):
        redcap(tmp_path, EXPORT, missing=())
    with pytest.raises(InputError, match="code is not in the data dictionary"):
        redcap(tmp_path, [(r, e, "3" if g == "2" else g, f, s) for r, e, g, f, s in EXPORT])
    with pytest.raises(InputError, match="choices cannot be read"):
        redcap(tmp_path, EXPORT, DICTIONARY.replace("2, Sham", "Sham"))
    with pytest.raises(InputError, match=r"dictionary\.csv"):
        redcap(tmp_path, EXPORT, "a,b\n1,2\n")
