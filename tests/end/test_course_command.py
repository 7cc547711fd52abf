"""`vagus course`: new, check, show."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from vagus.cli import vagus_command

ROOT = Path(__file__).parents[2]


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(vagus_command, ["course", *arguments], standalone_mode=False, catch_exceptions=False)
    return int(result.return_value or 0), result.stdout


def test_a_new_course_checks_at_once(tmp_path: Path) -> None:
    folder = str(tmp_path / "p01")
    code, said = run("new", folder)
    assert code == 0
    assert f"vagus report {folder}" in said
    code, said = run("check", folder)
    assert code == 0
    assert "nothing is wrong" in said
    assert "no recordings: vagal tone" in said


def test_check_tells_an_overdose_and_a_severe_event(tmp_path: Path) -> None:
    folder = tmp_path / "p01"
    run("new", str(folder))
    (folder / "sittings.csv").write_text("date,amplitude_ma,minutes\n2026-01-12,9,60\n")
    (folder / "events.csv").write_text(
        "date,kind,severity,relatedness,text\n2026-01-13,adverse_event,fatal,,collapse\n"
    )
    code, said = run("check", str(folder))
    assert code == 1
    assert "nothing is wrong" not in said
    assert said.count("URGENT: ") == 2
    code, said = run("check", str(folder), "--json")
    assert (code, json.loads(said)["ok"]) == (1, False)
    assert {one["kind"] for one in json.loads(said)["findings"]} >= {"delivered dose", "adverse event"}


def test_check_as_json_holds_every_problem(tmp_path: Path) -> None:
    run("new", str(tmp_path / "p01"))
    path = tmp_path / "p01" / "course.toml"
    path.write_text(path.read_text().replace("width_us = 250", "width_us = -250").replace('"tvnsr"', '"tvns"'))
    code, said = run("check", str(path.parent), "--json")
    assert code == 2
    found = json.loads(said)
    assert found["ok"] is False
    assert [problem["what"] for problem in found["problems"]] == ["width_us is negative", "unknown device"]


def test_check_as_json_holds_the_refused_limits(tmp_path: Path) -> None:
    run("new", str(tmp_path / "p01"))
    path = tmp_path / "p01" / "course.toml"
    path.write_text(path.read_text().replace("amplitude_ma = 1.5", "amplitude_ma = 15"))
    code, said = run("check", str(path.parent), "--json")
    assert code == 2
    refused = json.loads(said)["refused"]
    assert refused[0]["keys"] == ["amplitude_ma"]
    assert refused[0]["limit"]["limit"] == 5


def test_show_tells_what_was_read() -> None:
    code, said = run("show", str(ROOT / "examples" / "ivns-trd"))
    assert code == 0
    assert "-1 mA, 250 µs, 20 Hz" in said
    assert "no sittings.csv: the delivered dose cannot be told" in said


def test_show_as_json_leaves_the_samples_out() -> None:
    code, said = run("show", str(ROOT / "examples" / "tavns-depression"), "--json")
    assert code == 0
    assert len(said) < 60_000
    found = json.loads(said)
    assert found["recordings"][0]["fs_hz"] == 125
    assert found["protocol"]["start"] == "2026-01-12"
    assert len(found["sittings"]) == 84
