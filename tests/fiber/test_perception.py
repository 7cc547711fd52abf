"""What is felt at the ear: seeded, with the right sign for width and area, and refused where it makes no sense."""

import json
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from click.testing import CliRunner

from vagus.cli import vagus_command
from vagus.dose import Pulse, device_of, montage
from vagus.errors import InputError
from vagus.fiber import Fiber, perceive
from vagus.fiber.ear.ending import MODEL, ending_model

PULSE = Pulse(amplitude_ma=1.0, width_us=200.0, shape="monophasic")
CYMBA = montage(device_of("tvnsr"), "cymba_left")


@cache
def _felt(contacts=CYMBA, pulse=PULSE, seed=1):
    return perceive(contacts, pulse, rng=np.random.default_rng(seed), n_draws=20, n_fibers=10)


def test_people_are_told_with_criterion_and_sources():
    found = _felt()
    assert found.current_ma.low == found.draws_ma[0]  # 5 % of 20 draws: the first
    assert np.all(np.diff(found.draws_ma) >= 0.0)
    assert not found.draws_ma.flags.writeable
    assert found.criterion_pct == 10.0
    assert found.current_ma.n == found.draws_ma.size == 20
    assert any(not one.verified for one in found.sources)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_people():
    again = perceive(CYMBA, PULSE, rng=np.random.default_rng(1), n_draws=20, n_fibers=10)
    assert np.array_equal(_felt().draws_ma, again.draws_ma)
    assert not np.array_equal(_felt().draws_ma, _felt(seed=2).draws_ma)


def test_a_longer_pulse_is_felt_at_less_current_but_more_charge():
    widths = (200.0, 800.0)
    median = np.array([_felt(pulse=replace(PULSE, width_us=width)).current_ma.estimate for width in widths])
    assert np.all(np.diff(median) < 0.0)
    assert np.all(np.diff(median * widths) > 0.0)


def test_a_larger_contact_needs_more_current():
    small = _felt(montage(device_of("tvnsr"), "cymba_left", area_mm2=7.0)).current_ma.estimate
    # density falls as 1 / area, the field in the skin less so: more than a tenth, less than the ratio of areas
    assert 1.1 < _felt().current_ma.estimate / small < 4.0


@pytest.mark.slow
def test_a_larger_clip_needs_more_current():
    found = [
        _felt(montage(device_of("digitimer_ds7a"), "tragus_left", area_mm2=area)).current_ma.estimate
        for area in (7.0, 50.0)
    ]
    assert 1.1 < found[1] / found[0] < 50.0 / 7.0


@pytest.mark.slow
def test_the_sign_of_a_pulse_between_two_like_contacts_matters_little():
    one, other = _felt(), _felt(pulse=replace(PULSE, amplitude_ma=-1.0))
    # endings lie under both contacts alike: what differs is which fibers lie under the cathode
    assert other.current_ma.estimate == pytest.approx(one.current_ma.estimate, rel=0.35)


def test_an_ending_has_the_internodes_that_it_was_given():
    short, long = (Fiber.of(ending_model(value), diameter_um=3.3, length_um=4000.0) for value in (65.3, 305.0))
    assert short.z_um[short.node_index[1]] == pytest.approx(65.3)
    assert long.z_um[long.node_index[1]] == pytest.approx(305.0)
    # at the model's own length nothing else has changed
    own = Fiber.of(MODEL, diameter_um=3.3, n_node=5)
    same = Fiber.of(ending_model(float(own.z_um[own.node_index[1]])), diameter_um=3.3, n_node=5)
    assert same.c_myelin_nf == pytest.approx(own.c_myelin_nf, rel=1e-4)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"n_draws": 5}, "n_draws"),
        ({"n_fibers": 3}, "n_fibers"),
        ({"pulse": replace(PULSE, amplitude_ma=0.0)}, "no sign"),
        ({"montage": montage(device_of("gammacore"), "neck_left")}, "not at the ear"),
    ],
)
def test_what_cannot_be_told_is_refused(change, told):
    asked = {"montage": CYMBA, "pulse": PULSE, "n_draws": 20, "n_fibers": 10} | change
    with pytest.raises(InputError, match=told):
        perceive(asked.pop("montage"), asked.pop("pulse"), rng=np.random.default_rng(1), **asked)


def test_the_command_refuses_what_is_not_at_the_ear():
    flags = ["--width-us", "250 us", "--seed", "1"]
    result = CliRunner().invoke(
        vagus_command, ["fiber", "perceive", "--device", "gammacore", "--site", "neck_left", *flags]
    )
    assert isinstance(result.exception, InputError)
    assert "not at the ear" in str(result.exception)


@pytest.mark.slow
def test_the_command_tells_what_the_library_finds():
    flags = "fiber perceive --device tvnsr --site cymba_left --width-us 200 --shape monophasic --draws 20 --seed 1"
    told = json.loads(CliRunner().invoke(vagus_command, [*flags.split(), "--json"]).stdout)
    found = perceive(CYMBA, PULSE, rng=np.random.default_rng(1), n_draws=20)
    assert told["draws_ma"] == pytest.approx(found.draws_ma)
    assert told["current_ma"]["estimate"] == pytest.approx(found.current_ma.estimate)
    assert "mA" in CliRunner().invoke(vagus_command, flags.split()).stdout


@pytest.mark.parametrize(("width_us", "says"), [(0.25, "width_us is out of range"), (250_000.0, "10 to 5000")])
def test_a_width_in_another_unit_is_refused(width_us, says):
    pulse = Pulse(amplitude_ma=1.0, width_us=width_us, shape="monophasic")
    with pytest.raises(InputError, match=says):
        perceive(montage(device_of("tvnsr"), "cymba_left"), pulse, rng=np.random.default_rng(1), n_draws=20)


@pytest.mark.parametrize(("area_mm2", "says"), [(200.0, "contacts overlap"), (1e6, "larger than the ear has room for")])
def test_contacts_that_do_not_fit_the_ear_are_refused(area_mm2, says):
    given = montage(device_of("tvnsr"), "cymba_left")
    wide = replace(given, contacts=tuple(replace(one, area_mm2=area_mm2) for one in given.contacts))
    pulse = Pulse(amplitude_ma=1.0, width_us=250.0, shape="monophasic")
    with pytest.raises(InputError, match=says):
        perceive(wide, pulse, rng=np.random.default_rng(1), n_draws=20)
