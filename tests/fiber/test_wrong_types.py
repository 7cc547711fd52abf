"""What is no number, no fiber or no pulse is told as such, not as a crash inside."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from vagus.dose import Pulse
from vagus.errors import InputError
from vagus.fiber import Fiber, length_for_um, read_membrane, threshold_ma

FIBER = Fiber.of("mrg", diameter_um=10.0, n_node=21)
FIELD = 100.0 / (1.0 + np.abs(FIBER.z_um - 10_000.0) / 500.0)
PULSE = Pulse(amplitude_ma=-1.0, width_us=100.0, shape="monophasic")


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({"diameter_um": "10"}, "diameter_um is not a number"),
        ({"diameter_um": None}, "diameter_um is not a number"),
        ({"diameter_um": True}, "diameter_um is not a number"),
        ({"n_node": "21"}, "n_node is not a number"),
        ({"n_node": 21.5}, "n_node is no whole number"),
        ({"n_node": 10**9}, "n_node is out of range"),
        ({"n_node": None, "length_um": "5"}, "length_um is not a number"),
        ({"offset_um": "0"}, "offset_um is not a number"),
        ({"model": None}, "no such axon model"),
    ],
)
def test_a_fiber_from_wrong_types(given: dict[str, Any], match: str) -> None:
    model = given.pop("model", "mrg")
    with pytest.raises(InputError, match=match):
        Fiber.of(model, **{"diameter_um": 10.0, "n_node": 21, **given})


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({"fibers": None}, "fibers is no sequence"),
        ({"fibers": ["mrg"]}, r"fibers\[0\]: no fiber"),
        ({"field": None}, "field is no sequence"),
        ({"field": ["a"]}, "field holds no real numbers"),
        ({"pulse": "x"}, "no pulse"),
        ({"dt_us": "5"}, "dt_us is not a number"),
        ({"rel_tol": "x"}, "rel_tol is not a number"),
        ({"limit_ma": "x"}, "limit_ma is not a number"),
        ({"duration_us": "x"}, "duration_us is not a number"),
        ({"threads": "2"}, "threads is not a number"),
        ({"temperature_degc": "x"}, "temperature_degc is not a number"),
    ],
)
def test_a_threshold_from_wrong_types(given: dict[str, Any], match: str) -> None:
    call: dict[str, Any] = {"fibers": [FIBER], "field": [FIELD], "pulse": PULSE, **given}
    with pytest.raises(InputError, match=match):
        threshold_ma(**call)


def test_a_length_from_wrong_types() -> None:
    with pytest.raises(InputError, match="distance_um is not a number"):
        length_for_um("mrg", diameter_um=10.0, distance_um="500")  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("line", "match"),
    [
        ('section_um = "a"', "field section_um does not fit; found str; allowed: float"),
        ("[[currents]]\nkey = 'sodium'\ng_s_per_cm2 = '-0.1'", "conductance is negative"),
        ("[[gates]]\nkey = 'm'\nsteady = '2'", "open share of a gate is out of range"),
    ],
)
def test_a_membrane_that_cannot_be(line: str, match: str) -> None:
    with pytest.raises(InputError, match=match):
        _threshold_of(f'like = "sundt"\nkey = "own"\nname = "Own"\n{line}\n')


def _threshold_of(text: str) -> None:
    fiber = Fiber.of(read_membrane(text, name="own.toml"), diameter_um=0.8, n_node=101)
    threshold_ma([fiber], [np.linspace(0.0, 1.0, 101) ** 2], PULSE)
