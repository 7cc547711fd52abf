"""`vagus outcome`: output, notices first, exit codes, errors."""

from __future__ import annotations

import csv
import importlib
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from vagus import tables
from vagus.cli import vagus_command
from vagus.errors import InputError

HEAD = "date,instrument,total," + ",".join(f"item_{number}" for number in range(1, 17))


def run(*args: str) -> Result:
    return CliRunner().invoke(vagus_command, ["outcome", *args], catch_exceptions=False, standalone_mode=False)


@pytest.fixture
def scores(tmp_path: Path) -> str:
    file = tmp_path / "scores.csv"
    rows = [
        "2026-01-12,phq9,,2,2,3,2,2,2,2,1,2" + "," * 7,
        "2026-03-09,phq9,,1,1,1,1,1,1,0,0,0" + "," * 7,
        "2026-01-12,madrs,28" + "," * 16,
    ]
    file.write_text("\n".join([HEAD, *rows]) + "\n", encoding="utf-8")
    return str(file)


def test_score_puts_notices_first_on_stderr(scores: str) -> None:
    result = run("score", scores)
    assert result.exit_code == 0, "a notice is told, it is no failure of the command"
    lines = result.stderr.splitlines()
    assert lines[0].startswith("notice (urgent): PHQ-9 item 9 (thoughts of death or self-harm): answer 2 of 0 to 3")
    assert "Answers since then: 0 on 9 Mar 2026." in lines[0]
    assert lines[1].startswith("notice (urgent): A clinician has to speak with this person now")
    assert lines[2].startswith("notice (not known): MADRS item 10 not known")
    assert len(lines) == len(set(lines)) == 4
    assert "notice" not in result.stdout
    assert "moderately severe" in result.stdout


def test_score_json(scores: str) -> None:
    result = run("score", scores, "--json")
    found = json.loads(result.stdout)
    assert next(iter(found)) == "notices"
    assert [one["level"] for one in found["notices"]] == ["urgent", "not known"]
    assert [one["total"] for one in found["scores"]] == [18, 6, 28]
    assert "notice (urgent)" in result.stderr


@pytest.mark.parametrize("suffix", ["csv", "tsv", "json", "html", "parquet"])
def test_no_written_file_lacks_the_notices(scores: str, tmp_path: Path, suffix: str) -> None:
    if suffix == "parquet":
        pytest.importorskip("pyarrow")
    file = tmp_path / f"totals.{suffix}"
    assert run("score", scores, "-o", str(file)).exit_code == 0
    rows = {
        "csv": lambda: list(csv.DictReader(file.read_text().splitlines())),
        "tsv": lambda: list(csv.DictReader(file.read_text().splitlines(), delimiter="\t")),
        "json": lambda: json.loads(file.read_text()),
        "html": lambda: _cells(file.read_text()),
        "parquet": lambda: importlib.import_module("pyarrow.parquet").read_table(file).to_pylist(),
    }[suffix]()
    assert [row["notice_level"] or "" for row in rows] == ["urgent", "", "not known"]
    assert rows[0]["notice"].startswith("PHQ-9 item 9 (thoughts of death or self-harm): answer 2 of 0 to 3")
    assert "A clinician has to speak with this person now" in rows[0]["notice"]
    assert rows[2]["notice"].startswith("MADRS item 10 not known")


def _cells(page: str) -> list[dict[str, str]]:
    head, *rows = [re.findall(r"<t[hd]>(.*?)</t[hd]>", row) for row in re.findall(r"<tr>(.*?)</tr>", page)]
    return [dict(zip(head, row, strict=True)) for row in rows]


def test_an_item_not_known_is_told_in_each_row(tmp_path: Path) -> None:
    file, out = tmp_path / "scores.csv", tmp_path / "totals.json"
    file.write_text("date,instrument,total\n2026-01-12,phq9,9\n2026-02-12,phq9,7\n", encoding="utf-8")
    run("score", str(file), "-o", str(out))
    assert [row["notice_level"] for row in json.loads(out.read_text())] == ["not known"] * 2


def test_change(scores: str) -> None:
    result = run("change", scores)
    assert "PHQ-9 went from 18 points" in result.stdout
    assert "MADRS: 1 of 1 fillings with a total; a change needs two" in result.stdout
    assert "notice (urgent)" in result.stderr
    found = json.loads(run("change", scores, "--json").stdout)
    assert found["notices"][0]["item"] == 9
    assert (found["changes"][0]["change"], found["changes"][0]["reliable"]) == (-12, "improved")
    assert [reason.rpartition("; ")[2] for reason in found["not_told"]] == [
        "a trajectory needs 3",
        "a change needs two",
    ]
    assert found["progress"][0]["visits"][0]["state"] == "response"


def test_evidence_shows_null_trials() -> None:
    text = run("evidence", "--indication", "trd", "--route", "iVNS").stdout
    assert "missed by 2 (Rush 2005; Conway 2025), met by 0" in text
    assert "D02_acute_Rush2005a" in text
    assert "Arms: low 0.25 mA, 130 µs; medium" in text
    assert "10.1016/j.biopsych.2005.05.025" in text
    found = json.loads(run("evidence", "--indication", "trd", "--route", "iVNS", "--json").stdout)
    assert (found["positive"], found["null"]) == (0, 2)
    assert found["trials"][0]["verdict"] == "missed"
    assert found["trials"][0]["effect_text"] == "risk difference 5.2 percentage points, p 0.251"
    assert "caveat" in found


def test_evidence_refuses_what_it_does_not_know() -> None:
    with pytest.raises(InputError, match='did you mean "insomnia"'):
        run("evidence", "--indication", "insomnai", "--route", "taVNS")


def test_a_file_without_notices(tmp_path: Path) -> None:
    file = tmp_path / "scores.csv"
    file.write_text("date,instrument,total\n2026-01-12,gad7,9\n", encoding="utf-8")
    assert run("score", str(file)).stderr == ""


def test_instruments() -> None:
    assert "QIDS-SR16" in run("instruments").stdout
    found = json.loads(run("instruments", "--json").stdout)["instruments"]
    assert [one["key"] for one in found][:6] == ["phq9", "gad7", "isi", "who5", "madrs", "qids_sr16"]
    assert len(found) == 26
    assert found[0]["reliability"]["points"] == 5.6


@pytest.mark.parametrize("command", ["score", "change", "evidence", "instruments", "link"])
def test_help_shows_an_example(command: str) -> None:
    assert f"Example:  vagus outcome {command}" in run(command, "--help").stdout


def test_change_tells_milestones_and_the_way(tmp_path: Path) -> None:
    file = tmp_path / "scores.csv"
    rows = [f"2026-0{month}-01,madrs,{total}" for month, total in enumerate((34, 30, 22, 16, 12), start=1)]
    file.write_text("\n".join(["date,instrument,total", *rows]) + "\n", encoding="utf-8")
    text = run("change", str(file), "--start", "2026-02-15").stdout
    assert "MADRS, against 30 points of 1 Feb 2026, 3 later totals: response between day 59 and day 89" in text
    assert "MADRS on 1 May 2026: level 11.8 points" in text
    found = json.loads(run("change", str(file), "--json").stdout)
    assert found["progress"][0]["response"] == {"after_days": 59, "by_days": 90}
    assert found["trajectories"][0]["points"][-1]["slope_points_per_week"] < 0


def test_all_is_measured_against_the_start(tmp_path: Path) -> None:
    file = tmp_path / "scores.csv"
    rows = ["2026-01-01,phq9,10", "2026-01-14,phq9,20", "2026-02-14,phq9,9"]
    file.write_text("\n".join(["date,instrument,total", *rows]) + "\n", encoding="utf-8")
    text = run("change", str(file), "--start", "2026-01-15").stdout
    assert "PHQ-9 went from 20 points (14 Jan 2026" in text
    assert "PHQ-9, against 20 points of 14 Jan 2026" in text
    found = json.loads(run("change", str(file), "--start", "2026-01-15", "--json").stdout)
    moved, way = found["changes"][0], found["progress"][0]
    assert (moved["change"], moved["response"], moved["reliable"], moved["mcid_met"]) == (-11, True, "improved", True)
    assert (way["visits"][0]["state"], way["visits"][0]["reliable"]) == ("response", "improved")
    assert json.loads(run("change", str(file), "--json").stdout)["changes"][0]["response"] is False
    late = run("change", str(file), "--start", "2025-12-01").stdout
    assert late == "PHQ-9: no total up to the start 2025-12-01; the first is of 2026-01-01\n"
    assert "no total after the one of 2026-02-14" in run("change", str(file), "--start", "2026-03-01").stdout


@pytest.mark.parametrize("command", ["change", "score"])
def test_a_file_without_fillings_is_refused(tmp_path: Path, command: str) -> None:
    file = tmp_path / "scores.csv"
    file.write_text("date,instrument,total\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"scores\.csv: there is no filling; found no rows below the header"):
        run(command, str(file))


def test_hypomania_is_a_notice(tmp_path: Path) -> None:
    file = tmp_path / "scores.csv"
    file.write_text("date,instrument,total\n2026-01-12,ymrs,2\n2026-02-12,ymrs,22\n", encoding="utf-8")
    result = run("score", str(file))
    assert result.stderr.startswith("notice (urgent): YMRS of 12 Feb 2026: 22 points, 20 points more than the first")
    assert "suicide" not in result.stderr


def test_an_instrument_of_ones_own(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    text = tables.text_of("instruments/gad7")[0].replace('key = "gad7"', 'key = "ours"').replace("GAD-7", "Ours")
    own.write_text(text, encoding="utf-8")
    file = tmp_path / "scores.csv"
    file.write_text("date,instrument,total\n2026-01-12,ours,9\n2026-03-12,ours,3\n", encoding="utf-8")
    assert "mild" in run("score", str(file), "--instrument", str(own)).stdout
    assert "Ours went from 9 points" in run("change", str(file), "--instrument", str(own)).stdout
    with pytest.raises(InputError, match="unknown instrument"):
        run("score", str(file))


def test_link() -> None:
    assert "20 points on the HAM-D17 (severe)" in run("link", "16", "--scale", "qids_sr16", "--to", "hamd17").stdout
    assert json.loads(run("link", "16", "--scale", "qids_sr16", "--to", "hamd17", "--json").stdout)["low"] == 20
