"""What is felt at the ear: seeded, with the right sign for width and area, and refused where it makes no sense."""

from dataclasses import replace

import numpy as np
import pytest

from vagus.dose import Pulse, device_of, montage
from vagus.errors import InputError
from vagus.fiber import perceive

PULSE = Pulse(amplitude_ma=1.0, width_us=200.0, shape="monophasic")
CYMBA = montage(device_of("tvnsr"), "cymba_left")


def _felt(contacts=CYMBA, pulse=PULSE, seed=1):
    return perceive(contacts, pulse, rng=np.random.default_rng(seed), n_draws=20, n_fibers=10)


def test_the_same_seed_gives_the_same_people():
    first, again, other = _felt(), _felt(), _felt(seed=2)
    assert np.array_equal(first.draws_ma, again.draws_ma)
    assert not np.array_equal(first.draws_ma, other.draws_ma)
    assert first.current_ma.low == first.draws_ma[0]  # 5 % of 20 draws: the first
    assert np.all(np.diff(first.draws_ma) >= 0.0)
    assert first.criterion_pct == 10.0
    assert any(not one.verified for one in first.sources)


def test_a_longer_pulse_is_felt_at_less_current_but_more_charge():
    widths = (50.0, 200.0, 1000.0)
    median = np.array([_felt(pulse=replace(PULSE, width_us=width)).current_ma.estimate for width in widths])
    assert np.all(np.diff(median) < 0.0)
    assert np.all(np.diff(median * widths) > 0.0)


@pytest.mark.parametrize("site", ["tragus_left", "cavum_left"])
def test_a_larger_contact_needs_more_current(site):
    found = []
    for area_mm2 in (7.0, 28.0):
        contacts = montage(device_of("digitimer_ds7a"), site, area_mm2=area_mm2)
        found.append(_felt(contacts).current_ma.estimate)
    # density falls as 1 / area, the field in the skin less so: more than a tenth, less than the ratio of areas
    assert 1.1 < found[1] / found[0] < 4.0


def test_the_sign_of_a_pulse_between_two_like_contacts_matters_little():
    one, other = _felt(), _felt(pulse=replace(PULSE, amplitude_ma=-1.0))
    # endings lie under both contacts alike: what differs is which fibers lie under the cathode
    assert other.current_ma.estimate == pytest.approx(one.current_ma.estimate, rel=0.35)


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
