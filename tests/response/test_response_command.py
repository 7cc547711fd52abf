from __future__ import annotations

import json
import re
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from vagus.cli.response import response
from vagus.errors import DoseRefused, ModelRange
from vagus.files import new_course


def call(*arguments: str):
    return CliRunner().invoke(response, ["run", "somewhere", "--draws", "40", *arguments])


def test_table_shows_interval_unit_and_caveat(course):
    found = call("--species", "human", "--draws", "200")
    assert found.exit_code == 0, found.output
    assert "Locus coeruleus, daily mean" in found.stdout
    assert "end of 56 d" in found.stdout
    assert "size in people unknown" in found.stdout
    assert "(90 % interval)" in found.stdout
    assert "from animals" in found.stdout
    assert "A note." in found.stdout
    assert "weighed by 1 measured change of this person" in found.stdout
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


@pytest.mark.parametrize("command", ["run", "sensitivity", "challenge"])
def test_nothing_is_predicted_of_a_dose_that_is_refused_or_does_not_flow(tmp_path, monkeypatch, command):
    """No fiber is simulated: the commands of a person judge the dose first, as the report does."""
    monkeypatch.setattr("vagus.fiber.recruit", None)
    new_course(tmp_path / "p01")
    path = tmp_path / "p01" / "course.toml"
    text = path.read_text()
    for pattern, new, error in (
        (r"(?m)^width_us = .*$", "width_us = 1000", DoseRefused),
        (r"(?m)^arm = .*$", 'arm = "sham"\nsham_type = "no current"', ModelRange),
    ):
        changed, n = re.subn(pattern, new, text)
        assert n == 1, pattern
        path.write_text(changed)
        found = CliRunner().invoke(response, [command, str(path.parent), "--species", "human"])
        assert isinstance(found.exception, error), found.output
        assert not found.stdout


def test_group_help_shows_an_example():
    shown = CliRunner().invoke(response, ["--help"]).stdout
    assert "Example:  vagus response run examples/tavns-depression --species human" in shown


def test_species_has_no_default(course):
    found = call()
    assert found.exit_code == 2
    assert "--species" in found.stderr


def test_sensitivity_names_the_constants_that_make_the_width(course):
    arguments = ["sensitivity", "somewhere", "--species", "human", "--draws", "1000"]
    found = CliRunner().invoke(response, [*arguments, "--state", "lc", "--json"])
    assert found.exit_code == 0, found.output
    told = json.loads(found.stdout)["sensitivity"]
    assert told["shares"][0]["key"] == "animal_to_human"
    assert told["shares"][0]["variance_pct"] > 60
    assert told["shares"][0]["width_left_pct"] < 60
    shown = CliRunner().invoke(response, [*arguments, "--state", "nts", "--sitting"]).stdout
    assert "share of the variance" in shown
    assert "NTS relay at" in shown
