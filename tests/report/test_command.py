"""`vagus report`: written whole or not at all, refused early, notices on stderr."""

from __future__ import annotations

import dataclasses
from datetime import date
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

import vagus.course
import vagus.files
from vagus.cli.report import report
from vagus.course import Event, Finding, Results, Sitting
from vagus.dose import Judgement
from vagus.errors import DoseRefused, InputError


@pytest.fixture
def ready(results: Results, monkeypatch: pytest.MonkeyPatch) -> list[Results]:
    """The command with reading and assembling replaced: what it returns can be changed."""
    given = [results]
    monkeypatch.setattr(vagus.files, "read_course", lambda folder: given[0].course)
    monkeypatch.setattr(vagus.course, "assemble", lambda course, *, rng, progress=None: given[0])
    return given


def run(*args: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(report, args, standalone_mode=False)
    if done.exception is not None:
        raise done.exception
    return done.return_value, done.stdout, done.stderr


def test_writes_page_and_json(ready: list[Results], tmp_path: Path) -> None:
    code, out, err = run("course", "-o", str(tmp_path / "a.html"), "--json", str(tmp_path / "a.json"))
    assert code == 1  # the fake judgement warns
    assert (tmp_path / "a.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert msgspec.json.decode((tmp_path / "a.json").read_bytes())["notices"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.html", "a.json"]  # no part left behind
    assert f"Report: {tmp_path / 'a.html'}" in out
    assert err.index("SAFETY, REVIEW") < err.index("Contact: Dr. Example")


def test_exit_code_is_zero_where_nothing_warns(ready: list[Results], tmp_path: Path) -> None:
    kept = tuple(limit for limit in ready[0].judgement.limits if limit.state == "ok")
    ready[0] = dataclasses.replace(ready[0], judgement=Judgement(limits=kept))
    assert run("course", "-o", str(tmp_path / "a.html"))[0] == 0


def test_exit_code_is_one_where_something_grave_happened(ready: list[Results], tmp_path: Path) -> None:
    kept = Judgement(limits=tuple(limit for limit in ready[0].judgement.limits if limit.state == "ok"))
    grave = Finding(level="urgent", kind="adverse event", text="syncope")
    ready[0] = dataclasses.replace(ready[0], judgement=kept, findings=(grave,))
    assert run("course", "-o", str(tmp_path / "a.html"))[0] == 1
    assert (tmp_path / "a.html").exists()  # it happened: it is written


def test_an_overdose_is_said_on_stderr_before_any_work(ready: list[Results], tmp_path: Path) -> None:
    over = Sitting(date=date(2026, 1, 20), amplitude_ma=9.0, minutes=60)
    event = Event(date=date(2026, 1, 21), kind="adverse_event", severity="life_threatening", text="asystole")
    course = dataclasses.replace(ready[0].course, sittings=(over,), events=(event,))
    ready[0] = dataclasses.replace(ready[0], course=course)
    _, out, err = run("course", "-o", str(tmp_path / "a.html"), "--quiet")
    assert out == ""
    assert "SAFETY, URGENT: Delivered 9 mA on 20 Jan 2026: 1 of 1 sitting went over a hard limit" in err
    assert "SAFETY, URGENT: Adverse event, life threatening, on 21 Jan 2026: asystole" in err
    assert err.index("URGENT") < err.index("REVIEW")


def test_quiet_keeps_the_safety_notices(ready: list[Results], tmp_path: Path) -> None:
    _, out, err = run("course", "-o", str(tmp_path / "a.html"), "--quiet")
    assert out == ""
    assert "SAFETY, REVIEW: PHQ-9 item 9" in err


def test_json_on_stdout_is_json_alone(ready: list[Results], tmp_path: Path) -> None:
    _, out, _ = run("course", "-o", str(tmp_path / "a.html"), "--json", "-")
    assert next(iter(msgspec.json.decode(out))) == "notices"


def test_same_seed_same_page(ready: list[Results], tmp_path: Path) -> None:
    run("course", "-o", str(tmp_path / "a.html"), "--seed", "7")
    assert "seed 7" in (tmp_path / "a.html").read_text(encoding="utf-8")


def test_folder_that_is_not_there_is_refused_before_any_work(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the folder to write into is not there"):
        run("course", "-o", str(tmp_path / "no" / "a.html"))
    assert not (tmp_path / "no").exists()


def test_folder_as_target_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a folder"):
        run("course", "-o", str(tmp_path))


def test_refused_dose_writes_nothing_but_shows_notices(
    ready: list[Results], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(course: object, *, rng: object, progress: object = None) -> Results:
        raise DoseRefused(ready[0].judgement.limits[:1])

    monkeypatch.setattr(vagus.course, "assemble", refuse)
    done = CliRunner().invoke(report, ["course", "-o", str(tmp_path / "a.html")], standalone_mode=False)
    assert isinstance(done.exception, DoseRefused)
    assert "SAFETY, REVIEW" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_help_shows_an_example() -> None:
    done = CliRunner().invoke(report, ["--help"])
    assert "vagus report examples/tavns-depression" in done.output


def test_quiet_says_in_one_line_why_the_exit_code_is_one(ready: list[Results], tmp_path: Path) -> None:
    code, _, err = run("course", "-o", str(tmp_path / "a.html"), "--quiet")
    assert code == 1
    assert err.splitlines()[-1].startswith("exit code 1: warned: ")


def test_report_and_json_are_written_both_or_none(
    ready: list[Results], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "locked").mkdir()
    monkeypatch.setattr("os.access", lambda path, mode: Path(path).name != "locked")
    with pytest.raises(InputError, match="the folder cannot be written to"):
        run("course", "-o", str(tmp_path / "a.html"), "--json", str(tmp_path / "locked" / "a.json"))
    assert [p.name for p in tmp_path.iterdir()] == ["locked"]


def test_a_sham_is_said_wherever_something_is_expected(ready: list[Results], tmp_path: Path) -> None:
    course = ready[0].course
    use = dataclasses.replace(course.device_use, arm="sham", sham_type="weak current")
    ready[0] = dataclasses.replace(ready[0], course=dataclasses.replace(course, device_use=use))
    _, out, _ = run("course", "-o", str(tmp_path / "a.html"))
    page = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert page.count("Sham arm (weak current): whether the prescribed current flows is not known") == 4
    assert "Arm              Sham arm (weak current)" in out
    assert out.count("If the current flowed: ") == 2


def test_a_sham_without_current_has_no_predictions(ready: list[Results], tmp_path: Path) -> None:
    course = ready[0].course
    use = dataclasses.replace(course.device_use, arm="sham", sham_type="no current")
    course = dataclasses.replace(course, device_use=use)
    ready[0] = dataclasses.replace(ready[0], course=course, recruitment=None, response=None)
    _, out, _ = run("course", "-o", str(tmp_path / "a.html"))
    assert "Not expected to fire: a sham without current." in out
    assert "Nothing is expected: a sham without current." in out


def test_a_part_that_was_not_read_is_said_and_moves_the_exit_code(ready: list[Results], tmp_path: Path) -> None:
    kept = Judgement(limits=tuple(limit for limit in ready[0].judgement.limits if limit.state == "ok"))
    bad = Finding(level="note", kind="not read", text='Not read: rest.csv, segment "before": noise')
    ready[0] = dataclasses.replace(ready[0], judgement=kept, tones=(), findings=(bad,))
    code, out, _ = run("course", "-o", str(tmp_path / "a.html"))
    assert code == 1
    assert 'Vagal tone       Not read: rest.csv, segment "before": noise.' in out
