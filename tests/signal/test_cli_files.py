"""`vagus signal` with many files, windows, tables, pictures, and the mistakes people make."""

from __future__ import annotations

import csv
import json
import os
import re
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click
import numpy as np
import pytest
from click.testing import CliRunner, Result

from vagus.cli import output, rows
from vagus.cli.signal import inputs, signal
from vagus.cli.signal.plot import KINDS as NAMED
from vagus.cli.signal.plot import PHASES
from vagus.errors import Abstained, InputError, MissingFile
from vagus.files import edits_path
from vagus.report.recording import KINDS
from vagus.signal.reaction import design

ROOT = Path(__file__).parents[2]
VAGUS = [sys.executable, "-c", "from vagus.cli import main; main()", "signal"]
FS_HZ = 250


def run(*words: object) -> Result:
    result = CliRunner().invoke(signal, [str(word) for word in words], standalone_mode=False)
    if result.exception:
        raise result.exception
    return result


def write_ecg(path: Path, n_s: int = 100, *, seed: int = 1) -> Path:
    """Made-up R waves with sinus arrhythmia, and a breath of 0.25 Hz beside them."""
    rng = np.random.default_rng(seed)
    t = np.arange(0, n_s, 1 / FS_HZ)
    wave = 0.005 * rng.standard_normal(t.size)
    at = 0.5
    while at < n_s - 0.5:
        near = np.abs(t - at) < 0.1
        wave[near] += np.exp(-0.5 * ((t[near] - at) / 0.012) ** 2)
        at += 0.8 + 0.03 * np.sin(2 * np.pi * 0.25 * at) + 0.01 * rng.standard_normal()
    resp = np.sin(2 * np.pi * 0.25 * t)
    lines = (f"{a:.4f},{b:.4f},{c:.4f}" for a, b, c in zip(t, wave, resp, strict=True))
    path.write_text("time_s,ECG_mV,RESP\n" + "\n".join(lines) + "\n")
    return path


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("study")
    write_ecg(folder / "a.csv", seed=1)
    write_ecg(folder / "b.csv", seed=2)
    (folder / "rest.txt").write_text("\n".join(str(800 + 20 * (k % 3)) for k in range(120)) + "\n")
    return folder


@pytest.fixture
def broken(study: Path, tmp_path: Path) -> tuple[Path, Path]:
    path = tmp_path / "broken.csv"
    path.write_text("time_s,ECG_mV\n0,0.1\n0.004,what\n")
    return study / "a.csv", path


# many files


def test_folder_pattern_and_name_are_the_same_files(study: Path) -> None:
    whole = inputs.expanded([str(study)])
    assert [path.name for path in whole] == ["a.csv", "b.csv", "rest.txt"]
    assert inputs.expanded([str(study / "*")]) == whole
    assert inputs.expanded([str(study / "a.csv"), str(study / "*.csv")]) == whole[:2]  # each once


def test_a_record_named_by_header_and_samples_is_read_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = [tmp_path / name for name in ("a.hea", "b.hea", "a.dat", "b.dat", "a.atr", "c.dat")]
    for path in paths:
        path.touch()
    (tmp_path / "again.hea").symlink_to(paths[0])
    named = [str(path) for path in [*paths, tmp_path / "again.hea", tmp_path / "." / "b.hea"]]
    assert [path.name for path in inputs.expanded(named)] == ["a.hea", "b.hea", "a.atr", "c.dat"]
    told = capsys.readouterr().err
    assert "a.dat is " in told
    assert told.count("read once") == 3


def test_a_pattern_may_name_a_suffix_that_a_folder_leaves_out(tmp_path: Path) -> None:
    (tmp_path / "beats.atr").write_bytes(b"")
    (tmp_path / "notes.md").write_text("")
    assert [path.name for path in inputs.expanded([str(tmp_path / "*.atr")])] == ["beats.atr"]
    with pytest.raises(InputError, match=r"no recordings in this folder; found beats\.atr, notes\.md; allowed"):
        inputs.expanded([str(tmp_path)])


def test_a_broken_file_does_not_lose_the_others(broken: tuple[Path, Path], tmp_path: Path) -> None:
    result = run("beats", *broken, "-o", tmp_path / "beats.csv")
    assert result.return_value == 1
    assert "a.csv" in result.stdout
    assert re.search(r"^error: .*broken\.csv.*what", result.stderr, flags=re.MULTILINE)
    found = list(csv.DictReader((tmp_path / "beats.csv").read_text().splitlines()))
    assert {row["file"] for row in found} == {str(broken[0])}
    documents = json.loads(run("beats", *broken, "--json").stdout)
    assert set(documents[1]) == {"file", "error"}


def test_nothing_read_is_an_error_that_tells_all(tmp_path: Path) -> None:
    out = tmp_path / "beats.csv"
    for name in ("x.csv", "y.csv"):
        (tmp_path / name).write_text("time_s,ECG_mV\n0,0.1\n0.004,what\n")
    with pytest.raises(InputError) as told:
        run("beats", tmp_path / "x.csv", tmp_path / "y.csv", "-o", out)
    assert len(told.value.problems) == 2
    assert not out.exists()
    with pytest.raises(MissingFile):
        run("beats", tmp_path / "no.csv", tmp_path / "none.csv")


def test_intervals_are_read_where_there_is_no_ecg(study: Path) -> None:
    (document,) = json.loads(run("beats", study / "rest.txt", "--json").stdout)
    assert document["n_beats"] == 121
    assert document["channel"] == ""
    tone = json.loads(run("tone", study / "rest.txt", "--json").stdout)["tone"]
    assert tone["mean_rr_ms"]["estimate"] == pytest.approx(820.0)
    with pytest.raises(InputError, match="sampling rate"):
        run("beats", study / "rest.txt", "--read-as", "ecg")


# tables


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".json", ".parquet"])
def test_a_table_is_the_same_in_every_format(study: Path, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"tone{suffix}"
    run("tone", study / "a.csv", study / "b.csv", "--window-s", 40, "--every-s", 30, "-o", out)
    if suffix == ".parquet":
        table = pytest.importorskip("pyarrow.parquet").read_table(out)
        assert str(table.schema.field("flags").type) == "string"  # also where there is none
        found = table.to_pylist()
    elif suffix == ".json":
        found = json.loads(out.read_text())
    else:
        found = list(csv.DictReader(out.read_text().splitlines(), delimiter="\t" if suffix == ".tsv" else ","))
    assert [(Path(row["file"]).name, float(row["start_s"])) for row in found] == [
        (name, start) for name in ("a.csv", "b.csv") for start in (0.0, 30.0, 60.0)
    ]
    assert 15 < float(found[0]["rmssd_ms"]) < 60
    assert found[0]["rmssd_low_ms"] in {None, ""}
    assert list(found[0])[:5] == ["file", "channel", "start_s", "end_s", "n_beats"]
    assert {"rmssd_ms", "hf_ms2", "heart_rate_bpm", "quality_pct", "preset", "flags", "not_told"} <= set(found[0])


def test_edits_by_hand_beside_a_file_are_made_and_are_no_recording(tmp_path: Path) -> None:
    file = write_ecg(tmp_path / "a.csv", seed=1)
    before = json.loads(run("beats", tmp_path, "--json").stdout)[0]
    edits_path(file).write_text(f"what,time_s,note,who\ndelete,{before['time_s'][10]:.3f},noise,MB\n")
    found = json.loads(run("beats", tmp_path, "--json").stdout)
    assert len(found) == 1
    assert not before["changes"]
    assert any("noise" in change["why"] and "MB" in change["why"] for change in found[0]["changes"])
    edits_path(file).write_text("what,time_s\nremove,1.0\n")
    with pytest.raises(InputError, match=r"a\.csv\.edits\.csv row 1"):
        run("beats", file)


def test_nonlinear_indices_where_they_are_asked_for(study: Path) -> None:
    plain, more = (
        json.loads(run("tone", study / "a.csv", "--json", "--resamples", 0, *flag).stdout)["tone"]
        for flag in ((), ("--nonlinear",))
    )
    assert plain["dfa_alpha1"] is None
    assert more["dfa_alpha1"]["estimate"] is None  # 124 intervals are too few, and it says so
    assert more["dfa_alpha1"]["method"].startswith("not told")
    assert plain["label"] == "HRV"


def test_pulses_are_labelled_as_such(tmp_path: Path) -> None:
    t = np.arange(0, 100, 1 / 64)
    wave = np.exp(-0.5 * (((t % 0.8) - 0.3) / 0.08) ** 2) + 0.3 * np.exp(-0.5 * (((t % 0.8) - 0.55) / 0.1) ** 2)
    file = tmp_path / "wrist.csv"
    file.write_text("time_s,PPG\n" + "".join(f"{a:.6f},{b:.5f}\n" for a, b in zip(t, wave, strict=True)))
    found = json.loads(run("tone", file, "--read-as", "ppg", "--json", "--resamples", 0).stdout)["tone"]
    assert found["label"] == "PRV"
    assert any("PRV" in flag for flag in found["flags"])
    assert "PRV" in run("tone", file, "--read-as", "ppg").stdout


def test_windows_with_intervals_and_without_agree(study: Path) -> None:
    words = ("tone", study / "a.csv", "--window-s", 50, "--json")
    fast, slow = (json.loads(run(*words, *more).stdout) for more in ((), ("--resamples", 20)))
    for one, other in zip(fast, slow, strict=True):
        assert one["tone"]["rmssd_ms"]["estimate"] == pytest.approx(other["tone"]["rmssd_ms"]["estimate"], rel=1e-9)
        assert one["tone"]["rmssd_ms"]["unit"] == other["tone"]["rmssd_ms"]["unit"] == "ms"


def test_a_window_that_cannot_be_told_keeps_its_row(study: Path, tmp_path: Path) -> None:
    head, *lines = (study / "a.csv").read_text().splitlines()
    flat = [re.sub(r",[^,]*,", ",0,", line) if 25 * FS_HZ <= k < 50 * FS_HZ else line for k, line in enumerate(lines)]
    path = tmp_path / "off.csv"
    path.write_text("\n".join([head, *flat]) + "\n")
    out = tmp_path / "tone.csv"
    assert run("tone", path, "--window-s", 25, "-o", out).return_value == 1
    found = list(csv.DictReader(out.read_text().splitlines()))
    assert [bool(row["not_told"]) for row in found] == [False, True, False, False]
    assert found[1]["rmssd_ms"] == ""


def test_breaths_in_a_table(study: Path, tmp_path: Path) -> None:
    out = tmp_path / "breaths.csv"
    assert run("breaths", study / "a.csv", "-o", out).return_value == 0
    found = list(csv.DictReader(out.read_text().splitlines()))
    lengths = [float(row["inhale_length_s"]) + float(row["exhale_length_s"]) for row in found if row["exhale_s"]]
    assert np.median(lengths) == pytest.approx(4.0, abs=0.05)
    (document,) = json.loads(run("breaths", study / "a.csv", "--json").stdout)
    assert document["rate_per_min"] == pytest.approx(15.0, abs=0.2)


def test_parquet_without_pyarrow_tells_the_mend(study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InputError, match=r'pyarrow, which is not installed; allowed: pip install "vagus\[parquet\]"'):
        run("beats", study / "a.csv", "-o", tmp_path / "beats.parquet")


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = tmp_path / "t.csv"
    there.write_text("before")

    def full(_: Path, __: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(InputError, match="No space left"):
        output.write_files({there: b"after"})
    assert there.read_text() == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["t.csv"]


def test_what_is_not_known_is_empty_not_nan() -> None:
    text = rows.table_bytes(
        Path("t.csv"), ("a", "b"), [{"a": float("nan"), "b": np.float64(1.5)}, {"a": None}]
    ).decode()
    assert text == "a,b\n,1.5\n,\n"


# pictures


def test_plot_writes_a_page_or_one_picture(study: Path, tmp_path: Path) -> None:
    page, picture = tmp_path / "rest.html", tmp_path / "rest.svg"
    assert run("plot", study / "a.csv", study / "rest.txt", "-o", page).return_value == 0
    text = page.read_text()
    assert text.count("<h2>") == 2
    run("plot", study / "a.csv", "--kind", "spectrum", "--kind", "tachogram", "-o", picture)
    assert picture.read_text().index("Spectrum") < picture.read_text().index("Intervals between heartbeats")


def test_reactivity_beside_a_sham(study: Path, tmp_path: Path) -> None:
    out = tmp_path / "r.svg"
    both = (study / "a.csv", "--sham", study / "b.csv", "--kind", "reactivity", "-o", out)
    short = ("--baseline-s", 0, 30, "--during-s", 30, 65, "--recovery-s", 65, 100)
    with pytest.raises(Abstained, match=r"nothing to draw of reactivity: a\.csv, baseline: 30 s, 60 s needed"):
        run("plot", *both, *short)
    assert not out.exists()
    result = run("plot", *both, "--baseline-s", 0, 62, "--during-s", 62, 92)
    assert result.return_value == 1  # one phase is withheld, and it says so
    assert "during: 30 s, 60 s needed" in result.stderr
    assert "sham" in out.read_text()


def test_tables_of_the_command_line_are_those_of_the_rooms() -> None:
    assert {key: text for key, (text, _) in KINDS.items()} == NAMED
    assert PHASES == design.PHASES


# mistakes


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("beats", "{a}", "--channel", "ECC"), 'did you mean "ECG"'),
        (("beats", "{study}/a.cvs"), 'not there; allowed: did you mean "a.csv"'),
        (("beats", "{study}/*.edf"), r"this pattern fits no recording; found nothing"),
        (("beats", "{empty}"), "no recordings in this folder; found nothing"),
        (("beats", "{a}", "-o", "{empty}/b.xlsx"), r'found ".xlsx"; allowed: one of: .csv, .html, .json, .parquet'),
        (("beats", "{a}", "-o", "{empty}/b.cvs"), r'did you mean ".csv"'),
        (("beats", "{a}", "-o", "{empty}/none/b.csv"), "mkdir -p"),
        (("beats", "{a}", "-o", "{a}"), "would overwrite a file that is read"),
        (("beats", "{a}", "--read-as", "eg"), 'did you mean "ecg"|one of: ecg, rr'),
        (("tone", "{a}", "--every-s", "10"), "--every-s needs --window-s"),
        (("tone", "{a}", "--window-s", "500"), "window longer than what is read; found 500 s; allowed: up to 100 s"),
        (("tone", "{a}", "--start-s", "50", "--end-s", "20"), "window ends before it starts"),
        (("plot", "{a}", "-o", "{empty}/x.gif"), r'found ".gif"; allowed: .*\.html, \.png, \.svg'),
        (("plot", "{a}", "{b}", "-o", "{empty}/x.png"), r"holds one recording; found 2 recordings; .* \.html"),
        (("plot", "{a}", "{b}", "-o", "{empty}/x.svg"), r"holds one recording; found 2 recordings; .* \.html"),
        (("plot", "{a}", "-o", "{empty}/x.svg", "--kind", "tachogramm"), 'did you mean "tachogram"'),
        (("plot", "{a}", "-o", "{empty}/x.svg", "--kind", "reactivity"), "needs --baseline-s and --during-s"),
        (("plot", "{a}", "-o", "{empty}/x.svg", "--sham", "{b}"), "needs --baseline-s and --during-s"),
        (
            ("plot", "{a}", "-o", "{empty}/x.svg", "--baseline-s", "9", "3", "--during-s", "9", "50"),
            "phase ends before",
        ),
    ],
)
def test_mistakes_are_named_and_nothing_is_written(
    study: Path, tmp_path: Path, words: tuple[str, ...], message: str
) -> None:
    places = {"a": study / "a.csv", "b": study / "b.csv", "study": study, "empty": tmp_path}
    with pytest.raises(InputError, match=message):
        run(*(word.format(**places) for word in words))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("beat", "x.csv"), 'did you mean "beats"'),
        (("tone", "x.csv", "--presett", "vagus"), "--preset"),
        (("tone", "x.csv", "--window-s", "-5"), "window-s"),
        (("plot", "x.csv"), "output"),
        (("beats",), "FILE"),
    ],
)
def test_mistakes_of_the_line_itself(words: tuple[str, ...], message: str) -> None:
    with pytest.raises(click.UsageError) as told:
        run(*words)
    assert message in told.value.format_message()


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_to(study: Path, tmp_path: Path) -> None:
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        with pytest.raises(InputError, match="cannot be written to"):
            run("beats", study / "a.csv", "-o", tmp_path / "b.csv")
    finally:
        tmp_path.chmod(stat.S_IRWXU)


# the real process


def test_exit_codes_and_streams(study: Path, broken: tuple[Path, Path]) -> None:
    for words, code in (
        (("beats", *map(str, broken)), 1),
        (("beats", str(broken[1])), 2),
    ):
        done = subprocess.run([*VAGUS, *words], capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        assert "█" not in done.stderr  # no bar where nobody looks


def test_a_pipe_that_closes_early_is_no_error(study: Path) -> None:
    line = " ".join(
        f"'{word}'" for word in [*VAGUS, "tone", str(study / "rest.txt"), "--window-s", "20", "--every-s", "0.05"]
    )
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {line} | head -1"], capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr
    assert done.stdout.count("\n") == 1


def test_the_bar_comes_where_work_is_long_and_goes(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setattr(output, "_PATIENCE_S", -1.0)
    assert list(output.counted(["x", "y"], str)) == ["x", "y"]
    told = capsys.readouterr().err
    assert "2 of 2: y" in told
    assert told.endswith(f"\r{'':<78}\r")


def test_a_recording_comes_in_through_a_pipe(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "held"))
    (tmp_path / "held").mkdir()
    rr_ms = "\n".join(str(800 + 20 * (k % 7)) for k in range(300)).encode()
    (tmp_path / "rr.txt").write_bytes(rr_ms)
    piped = CliRunner().invoke(signal, ["tone", "-", "--json"], input=rr_ms, standalone_mode=False)
    of_file = json.loads(run("tone", tmp_path / "rr.txt", "--json").stdout)
    found = json.loads(piped.stdout)
    assert found["tone"]["rmssd_ms"] == of_file["tone"]["rmssd_ms"]
    assert found["file"] == "-"
    assert list((tmp_path / "held").iterdir()) == []  # nothing is left behind


def test_nothing_is_left_of_a_pipe_when_the_command_is_ended(tmp_path):
    asked = [*VAGUS, "tone", "-"]
    with subprocess.Popen(asked, stdin=subprocess.PIPE, env={**os.environ, "TMPDIR": str(tmp_path)}) as ended:
        for _ in range(600):
            if list(tmp_path.iterdir()):
                break
            time.sleep(0.05)
        assert list(tmp_path.iterdir())
        ended.terminate()
        assert ended.wait(30) == 143
    assert list(tmp_path.iterdir()) == []


def test_an_empty_pipe_is_told():
    empty = CliRunner().invoke(signal, ["tone", "-"], input=b"", standalone_mode=False)
    assert isinstance(empty.exception, InputError)
    assert "nothing came in through the pipe" in str(empty.exception)
