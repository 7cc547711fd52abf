import csv
import json
from pathlib import Path

import numpy as np
import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

from vagus.cli.signal import signal
from vagus.errors import Abstained, InputError

ROOT = Path(__file__).parents[2]
WFDB = str(ROOT / "examples" / "ivns-trd" / "recordings" / "bidmc01.hea")
CSV = str(ROOT / "examples" / "tavns-depression" / "recordings" / "bidmc02.csv")


def run(*words):
    result = CliRunner().invoke(signal, list(words), standalone_mode=False)
    if result.exception:
        raise result.exception
    return result


def test_beats_of_two_files(tmp_path):
    result = run("beats", WFDB, CSV, "-o", str(tmp_path / "beats.csv"))
    assert result.return_value == 0
    assert "heart rate (bpm)" in result.stdout
    assert "bidmc01.hea" in result.stdout
    rows = list(csv.DictReader((tmp_path / "beats.csv").read_text().splitlines()))
    assert {row["file"] for row in rows} == {WFDB, CSV}
    assert 300 < float(rows[1]["rr_ms"]) < 1500


def test_beats_as_json():
    (document,) = json.loads(run("beats", WFDB, "--json").stdout)
    assert document["n_beats"] == len(document["time_s"])
    assert document["fs_hz"] == 125
    assert {change["kind"] for change in document["changes"]} <= {"missed", "extra", "ectopic", "misaligned"}


def test_tone_with_respiration():
    result = run("tone", CSV, "--start-s", "0", "--end-s", "300", "--resp-channel", "RESP", "--seed", "1")
    assert result.return_value == 1  # 125 Hz is a finding
    for word in (
        "rmssd_ms", "95 % interval", "ms²", "breathing", "HF 0.15-0.4 Hz", "Welch, Hann window",
        "sampled at 125 Hz, below the 250 Hz", "mended beat are left out", "errors of the R times alone",
    ):  # fmt: skip
        assert word in result.stdout
    again = run("tone", CSV, "--start-s", "0", "--end-s", "300", "--resp-channel", "RESP", "--seed", "1")
    assert again.stdout == result.stdout


def test_tone_as_json_names_its_settings():
    tone = json.loads(run("tone", WFDB, "--preset", "neurokit2", "--resamples", "0", "--json").stdout)["tone"]
    assert tone["settings"]["resample_hz"] == 100
    assert tone["rmssd_ms"]["low"] is None
    assert tone["rmssd_ms"]["unit"] == "ms"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("tone", WFDB, "--preset", "neurokit"), 'did you mean "neurokit2"'),
        (("tone", WFDB, "--end-s", "500"), r"--end-s: window outside the recording; found 500 s; allowed: 0 to 480 s"),
        (("tone", WFDB, "--resp-channel", "RSP"), "no such channel"),
        (("beats", WFDB, "--fs-hz", "250"), "contradicts"),
        (("beats", "nowhere.csv"), "not there"),
        (("beats", WFDB, "-o", "/nonexist/b.csv"), "folder to write into is not there; found /nonexist"),
        (("beats", WFDB, "-o", "/tmp"), "is a folder"),
    ],
)
def test_mistakes_are_named(words, message):
    with pytest.raises(InputError, match=message):
        run(*words)


@pytest.mark.parametrize("command", [(), ("beats",), ("tone",)])
def test_help_shows_an_example(command):
    assert "Example:" in run(*command, "--help").stdout


def lead_off(tmp_path, first, last):
    head, *rows = Path(CSV).read_text().splitlines()
    for i in range(first, last):
        time, _, resp = rows[i].split(",")
        rows[i] = f"{time},0,{resp}"
    path = tmp_path / "off.csv"
    path.write_text("\n".join([head, *rows]) + "\n")
    return str(path)


def test_lead_off_in_a_segment(tmp_path):
    path = lead_off(tmp_path, 20000, 40000)
    with pytest.raises(Abstained, match=r"off.csv, 150 to 330 s: heartbeats can be read in 11 % of it.*159.8 to 320"):
        run("tone", path, "--start-s", "150", "--end-s", "330")
    result = run("beats", path)
    assert result.return_value == 1
    assert "no heartbeat can be read from 160.0 to 320.0 s" in result.stdout
    rate = next(line.split()[5] for line in result.stdout.splitlines() if "off.csv" in line)
    assert 85 < float(rate) < 95


def test_short_lead_off_is_left_out_and_flagged(tmp_path):
    words = ("--start-s", "150", "--end-s", "330", "--json")
    whole = json.loads(run("tone", CSV, *words).stdout)["tone"]
    path = lead_off(tmp_path, 25000, 26250)
    tone = json.loads(run("tone", path, *words).stdout)["tone"]
    assert tone["rmssd_ms"]["estimate"] == pytest.approx(whole["rmssd_ms"]["estimate"], rel=0.05)
    assert tone["hf_ms2"]["estimate"] == pytest.approx(whole["hf_ms2"]["estimate"], rel=0.25)
    assert 92 < tone["readable_pct"] < 96
    assert any("lead off" in flag for flag in tone["flags"])
    out = tmp_path / "beats.csv"
    run("beats", path, "-o", str(out))
    intervals = [float(row["rr_ms"]) for row in csv.DictReader(out.read_text().splitlines()) if row["rr_ms"]]
    assert max(intervals) < 1500


def test_missing_samples_make_no_jump(tmp_path):
    head, *rows = Path(CSV).read_text().splitlines()
    for i in range(25000, 25200):
        time, _, resp = rows[i].split(",")
        rows[i] = f"{time},nan,{resp}"
    path = tmp_path / "nan.csv"
    path.write_text("\n".join([head, *rows]) + "\n")
    words = ("--start-s", "150", "--end-s", "330", "--json")
    whole, tone = (json.loads(run("tone", str(p), *words).stdout)["tone"] for p in (CSV, path))
    for key, tolerance in (("rmssd_ms", 0.05), ("hf_ms2", 0.15)):
        assert tone[key]["estimate"] == pytest.approx(whole[key]["estimate"], rel=tolerance)
        assert tone[key]["low"] <= tone[key]["estimate"] <= tone[key]["high"]


def test_noise_has_no_tone(tmp_path):
    path = tmp_path / "noise.csv"
    np.savetxt(path, np.random.default_rng(0).standard_normal(60000), fmt="%.4f", header="ecg", comments="")
    with pytest.raises(Abstained, match="no heartbeat could be read with confidence: 0 % of beats"):
        run("tone", str(path), "--fs-hz", "125")
    result = run("beats", str(path), "--fs-hz", "125")
    assert result.return_value == 1
    assert "no heartbeat could be read with confidence" in result.stdout


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["tone", "--preset"], {"vagus", "neurokit2", "pyhrv", "systole", "kubios_like"}),
        (["beats", "--read-as"], {"ecg", "ppg", "rr"}),
        (["plot", "--kind"], {"tachogram", "spectrum", "quality", "sliding", "reactivity", "all"}),
    ],
)
def test_values_complete(words, expected):
    found = ShellComplete(signal, {}, "signal", "_C").get_completions(words, "")
    assert {item.value for item in found} == expected


def test_presets_that_complete_are_those_there_are():
    from vagus.cli.signal.options import PRESETS as COMPLETED
    from vagus.signal import PRESETS

    assert list(COMPLETED) == list(PRESETS)
