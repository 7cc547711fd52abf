"""`vagus response night` and `challenge`."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from vagus.cli.response import response


@pytest.fixture
def course(monkeypatch, recruitment, protocol):
    """A course and its recruitment made by hand: the command is tested, not its rooms."""
    found = SimpleNamespace(
        device_use=SimpleNamespace(device="tvnsr", site="cymba_left"),
        protocol=protocol(amplitude_ma=1.5, on_s=28.0, off_s=32.0, sitting_min=20.0, rate_hz=25.0),
    )
    monkeypatch.setattr("vagus.files.read_course", lambda directory: found)
    monkeypatch.setattr("vagus.dose.device_of", lambda key: key)
    monkeypatch.setattr("vagus.dose.montage", lambda device, site: None)
    monkeypatch.setattr("vagus.fiber.recruit", lambda contacts, pulse, *, rng, progress: recruitment(1.5, "cymba_left"))
    return found


def test_a_night_on_the_command_line():
    told = CliRunner().invoke(response, ["night", "--bed-h", "23", "--up-h", "31"])
    assert told.exit_code == 0, told.output
    assert "total sleep" in told.stdout
    answer = json.loads(CliRunner().invoke(response, ["night", "--bed-h", "25", "--up-h", "31", "--json"]).stdout)
    assert len(answer["stage"]) * answer["epoch_s"] == 6 * 3600
    assert answer["statistics"]["total_sleep_min"] < 360


def test_a_challenge_on_the_command_line(course, monkeypatch, recruitment):
    monkeypatch.setattr("vagus.fiber.recruit", lambda contacts, pulse, *, rng: recruitment(1.5, "cymba_left"))
    told = CliRunner().invoke(response, ["challenge", "folder", "--species", "human"])
    assert told.exit_code == 0, told.output
    assert "IL-10 after endotoxin" in told.stdout
    assert "no consistent effect" in told.stdout
    answer = json.loads(CliRunner().invoke(response, ["challenge", "folder", "--species", "human", "--json"]).stdout)
    assert {state["key"] for state in answer["response"]["states"]} == {"tnf", "il6", "il10"}
