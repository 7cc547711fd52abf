from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from vagus.cli.response import response
from vagus.errors import ModelRange


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


def call(*arguments: str):
    return CliRunner().invoke(response, ["run", "somewhere", "--draws", "40", *arguments])


def test_table_shows_interval_unit_and_caveat(course):
    found = call("--species", "human")
    assert found.exit_code == 0, found.output
    assert "Locus coeruleus, daily mean" in found.stdout
    assert "end of 56 d" in found.stdout
    assert "size in people unknown" in found.stdout
    assert "(90 % interval)" in found.stdout
    assert "%" not in found.stdout.replace("90 %", "").replace("% of that without stimulation", "")
    assert "-0.000" not in found.stdout


def test_json_is_the_same_for_the_same_seed(course, monkeypatch, recruitment, protocol):
    monkeypatch.setattr(course, "device_use", SimpleNamespace(device="livanova_sentiva", site="cervical_left"))
    monkeypatch.setattr(course, "protocol", protocol(amplitude_ma=1.0))
    monkeypatch.setattr("vagus.fiber.recruit", lambda contacts, pulse, *, rng, progress: recruitment(1.0))
    first, again, other = (json.loads(call("--species", "rat", "--seed", s, "--json").stdout) for s in ("5", "5", "6"))
    assert first == again != other
    keys = {state["key"] for state in first["response"]["states"]}
    assert {"ne_hippocampus", "ne_cortex", "hr_change", "drn"} <= keys
    assert first["at_end"][0]["at_end"]["sources"]


def test_a_rat_is_refused_before_any_fiber_is_simulated(course, monkeypatch):
    monkeypatch.setattr("vagus.fiber.recruit", None)
    found = call("--species", "rat")
    assert isinstance(found.exception, ModelRange)
    assert "cymba_left is not the cervical vagus" in str(found.exception)
    assert not found.stdout


def test_group_help_shows_an_example():
    shown = CliRunner().invoke(response, ["--help"]).stdout
    assert "Example:  vagus response run examples/tavns-depression --species human" in shown


def test_species_has_no_default(course):
    found = call()
    assert found.exit_code == 2
    assert "--species" in found.stderr
