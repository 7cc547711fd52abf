"""`vagus response night` and `challenge`."""

from __future__ import annotations

import json

from click.testing import CliRunner

from vagus.cli.response import response


def test_a_night_on_the_command_line():
    told = CliRunner().invoke(response, ["night", "--bed-h", "23", "--up-h", "31"])
    assert told.exit_code == 0, told.output
    assert "total sleep" in told.stdout
    answer = json.loads(CliRunner().invoke(response, ["night", "--bed-h", "25", "--up-h", "31", "--json"]).stdout)
    assert len(answer["stage"]) * answer["epoch_s"] == 6 * 3600
    assert answer["statistics"]["total_sleep_min"] < 360


def test_a_challenge_on_the_command_line(course):
    told = CliRunner().invoke(response, ["challenge", "folder", "--species", "human"])
    assert told.exit_code == 0, told.output
    assert "IL-10 after endotoxin" in told.stdout
    assert "no consistent effect" in told.stdout
    answer = json.loads(CliRunner().invoke(response, ["challenge", "folder", "--species", "human", "--json"]).stdout)
    assert {state["key"] for state in answer["response"]["states"]} == {"tnf", "il6", "il10"}
