"""`vagus dose`: exit codes, JSON, text quantities, mistakes."""

import json
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

from vagus.cli import main
from vagus.cli.dose import dose
from vagus.dose import CONDITIONS, SITES, Shape, devices

FLAGS = """
judge --device tvnsr --site cymba_left --rate-hz 25 --shape biphasic_symmetric --on-s 28 --off-s 32 --sitting-min 60
--arm active --condition none
"""
EAR = FLAGS.split()
IMPLANT = """
judge --device livanova_sentiva --site cervical_left --amplitude-ma -1 --width-us 250 --rate-hz 20
--shape biphasic_symmetric --on-s 30 --off-s 300 --ramp-s 2 --sitting-min 1440 --condition
"""
DOSE = ["--amplitude-ma", "1.5", "--width-us", "250"]


def call(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(dose, arguments, standalone_mode=False)
    if result.exception:
        raise result.exception
    return int(result.return_value or 0), result.output


@pytest.mark.parametrize(
    ("amplitude", "code", "state"), [("1.5", 0, "ok"), ("1.52", 1, "warned"), ("6", 2, "refused"), ("1500 uA", 0, "ok")]
)
def test_exit_codes(amplitude: str, code: int, state: str):
    found, output = call(*EAR, "--amplitude-ma", amplitude, "--width-us", "0.25 ms")
    assert found == code
    assert output.splitlines()[-1].startswith(f"{state}: ")
    assert "numeric limits kept" in output.splitlines()[-2]
    assert "0.375 µC" in output or amplitude not in {"1.5", "1500 uA"}


def test_json_of_a_judgement():
    code, output = call(*EAR, *DOSE, "--json")
    document = json.loads(output)
    assert code == 0
    assert document["state"] == "ok"
    assert document["charge_uc"] == 0.375
    density = next(limit for limit in document["limits"] if limit["key"] == "current_density_rms")
    assert density["margin_pct"] == pytest.approx(70.05, abs=0.01)
    assert density["sentence"].startswith("r.m.s. current density")
    assert density["source"]["verified"] is True
    assert density["room"] == pytest.approx(3.339, abs=1e-3)
    assert document["tally"]["n_denied"] == 10


def test_condition_refuses():
    code, output = call(*EAR[:-2], *DOSE, "--condition", "pregnancy")
    assert code == 2
    assert "refused:  pregnancy: stated" in output
    code, output = call(*EAR[:-2], *DOSE)
    assert code == 0
    assert "4 not known" in output


def run_main(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    monkeypatch.setattr(sys, "argv", ["vagus", "dose", *arguments])
    with pytest.raises(SystemExit) as stopped:
        main()
    return int(stopped.value.code or 0), capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([*EAR, "--amplitude-ma", "1.5", "--width-us", "250 kg"], '--width-us: wrong unit for a time; found "250 kg"'),
        ([*EAR, "--amplitude-ma", "nan", "--width-us", "250"], "--amplitude-ma"),
        ([*EAR, "--amplitude-ma", "1.5", "--width-us", "-250"], "width_us is out of range; found -250 µs"),
        ([*EAR, "--amplitude-ma", "1.5"], "flags are missing; found no --width-us"),
        ([*EAR, *DOSE, "--device", "tvns"], 'unknown device; found "tvns"; allowed: did you mean "tvnsr"?'),
        ([*EAR, *DOSE, "--site", "cimba_left"], 'did you mean "cymba_left"?'),
        ([*EAR, *DOSE, "--shape", "biphasic"], "unknown pulse shape"),
        (["judge", "some-course", "--on-s", "28"], "a COURSE and flags together; found --on-s"),
        (["devices", "gamacore"], 'did you mean "gammacore"?'),
    ],
)
def test_mistakes_are_sentences(arguments, words, monkeypatch, capsys):
    code, err = run_main(monkeypatch, capsys, *arguments)
    assert code == 2
    assert words in err
    assert "Traceback" not in err


def test_devices():
    _, table = call("devices")
    assert "gammacore" in table
    assert "digitimer_ds8r    taVNS  any (laboratory)" in table
    assert all(len(line) <= 120 for line in table.splitlines())
    _, one = call("devices", "tvnsr")
    assert "amplitude_high_ma:   5" in one
    _, document = call("devices", "--json")
    assert len(json.loads(document)["devices"]) == 14


def test_sites_and_conditions():
    assert "cymba_left" in call("sites")[1]
    assert len(json.loads(call("sites", "--json")[1])["sites"]) == 12
    assert "bradycardia" in call("conditions")[1]
    assert "pacemaker" in call("conditions")[1]
    assert all(len(line) <= 120 for line in call("conditions")[1].splitlines())
    assert "pregnancy" in json.loads(call("conditions", "--json")[1])["conditions"]


def test_an_implant_in_pregnancy_is_a_finding():
    implant = IMPLANT.split()
    assert call(*implant, "none")[0] == 0
    code, output = call(*implant, "pregnancy", "--condition", "pacemaker")
    assert code == 1
    assert "warned:   pregnancy: stated; no rule for this route in the table; a clinician has to judge" in output
    assert 'stated as "pacemaker"; no rule for this route' in output


@pytest.mark.parametrize(
    ("typed", "option", "incomplete", "begin"),
    [
        (["judge"], "device", "liv", {"livanova_sentiva", "livanova_vns102"}),
        (["judge"], "site", "cym", {"cymba_left", "cymba_right"}),
        (["judge", "--device", "gammacore"], "site", "", {"neck_left", "neck_right"}),
        (["judge"], "shape", "bi", {"biphasic_symmetric", "biphasic_asymmetric"}),
        (["judge"], "condition", "pre", {"pregnancy"}),
        (["judge"], "arm", "sh", {"sham"}),
        (["devices"], "key", "gam", {"gammacore"}),
    ],
)
def test_values_complete_in_the_shell(typed: list[str], option: str, incomplete: str, begin: set[str]):
    shell = ShellComplete(dose, {}, "dose", "_DOSE_COMPLETE")
    flag = [] if option == "key" else ["--" + option]
    assert {item.value for item in shell.get_completions([*typed, *flag], incomplete)} == begin


def test_completion_imports_no_room_and_names_what_the_room_knows():
    code = (
        "import click, sys; from vagus.cli import completion as c; context = click.Context(click.Command('x'))\n"
        "for complete in (c.complete_device, c.complete_site, c.complete_condition, c.complete_shape):\n"
        "    print(*(item.value for item in complete(context, None, '')))\n"
        "assert not {'numpy', 'scipy', 'numba', 'vagus.dose'} & set(sys.modules)"
    )
    lines = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.splitlines()
    known = (devices(), SITES, ("none", *CONDITIONS), get_args(Shape))
    assert [set(line.split()) for line in lines] == [set(keys) for keys in known]


@pytest.mark.parametrize("name", [[], ["judge"], ["devices"], ["checklist"], ["sites"], ["conditions"]])
def test_help_shows_an_example(name: list[str]):
    result = CliRunner().invoke(dose, [*name, "--help"])
    assert result.exit_code == 0
    assert "vagus dose" in result.output.partition("Example:")[2]


COURSE = """
[person]
id = "P01"
diagnosis = "trd"
conditions = []
[device]
device = "tvnsr"
site = "cymba_left"
arm = "active"
[pulse]
amplitude_ma = 1.5
width_us = 250
rate_hz = 25
shape = "biphasic_symmetric"
[protocol]
on_s = 28
off_s = 32
sitting_min = 60
start = 2026-01-12
weeks = 8
"""


def test_a_course_with_other_words_and_without_rules(tmp_path: Path):
    stated = COURSE.replace("conditions = []", 'conditions = ["osa"]').replace('arm = "active"', 'arm = "sham"')
    (tmp_path / "course.toml").write_text(stated.replace("cymba_left", "earlobe_left"), encoding="utf-8")
    code, output = call("judge", str(tmp_path))
    assert code == 1
    assert 'obstructive sleep apnea: stated as "osa"; no rule for this route' in output
    assert "sham site" in output
    assert "missing:        DES8   Kind of sham control used" in call("checklist", str(tmp_path))[1]


def test_course_folder(tmp_path: Path):
    (tmp_path / "course.toml").write_text(COURSE, encoding="utf-8")
    code, output = call("judge", str(tmp_path), "--json")
    assert (code, json.loads(output)["state"]) == (0, "ok")
    code, output = call("checklist", str(tmp_path), "--json")
    document = json.loads(output)
    assert code == 1
    states = {item["item_id"]: item["state"] for item in document["items"]}
    assert states["STIM4"] == "filled"
    assert states["SUB1"] == "missing"
    assert "filled:         STIM4" in call("checklist", str(tmp_path), "--acute")[1]
