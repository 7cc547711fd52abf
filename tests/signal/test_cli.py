import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from vagus.cli.signal import signal
from vagus.errors import InputError

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
    assert result.return_value == 0
    for word in ("rmssd_ms", "95 % interval", "ms²", "breathing", "HF 0.15-0.4 Hz"):
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
    ],
)
def test_mistakes_are_named(words, message):
    with pytest.raises(InputError, match=message):
        run(*words)


@pytest.mark.parametrize("command", [(), ("beats",), ("tone",)])
def test_help_shows_an_example(command):
    assert "Example:" in run(*command, "--help").stdout
