import dataclasses

import numpy as np
import pytest

from vagus.dose import SITES, Pulse, device_of, montage
from vagus.errors import InputError
from vagus.fiber import Fiber, population, recruit, threshold_ma
from vagus.fiber.recruit import _share_pct, _without_ends
from vagus.field import Skin, lead_field
from vagus.source import sources_of

EAR = Pulse(amplitude_ma=1.5, width_us=250.0, shape="biphasic_symmetric")


def ear(pulse=EAR, seed=1):
    contacts = montage(device_of("tvnsr"), "cymba_left")
    return recruit(contacts, pulse, rng=np.random.default_rng(seed), n_anatomies=3, n_per_class=3, n_draws=60)


def test_same_seed_same_answer_and_shares_rise():
    told = []
    one, two, other = ear(), ear(), ear(seed=2)
    for a, b in zip(one.classes, two.classes, strict=True):
        assert np.array_equal(a.share_pct, b.share_pct)
        assert a.at_dose == b.at_dose
        assert np.all(np.diff(a.share_pct) >= 0)
        assert np.all((a.low_pct <= a.share_pct) & (a.share_pct <= a.high_pct))
        told.append(a.at_dose.estimate)
    assert any(not np.array_equal(a.share_pct, b.share_pct) for a, b in zip(one.classes, other.classes, strict=True))
    assert one.dose_ma == 1.5
    assert all(c.count is None for c in one.classes)
    # touch fibers answer at a usual dose, pain fibers less, C fibers not
    assert told[0] > 20 > told[2]
    assert told[0] >= told[1] >= told[2]


def test_cuff_recruits_large_fibers_long_before_c_fibers():
    cuff = montage(device_of("livanova_sentiva"), "cervical_left")
    pulse = Pulse(amplitude_ma=-1.0, width_us=250.0, shape="biphasic_asymmetric", recovery_ratio=0.2)
    progress = []
    found = recruit(
        cuff, pulse, rng=np.random.default_rng(3), n_anatomies=2, n_per_class=2, n_draws=20, progress=progress.append
    )
    share = {c.key: c.at_dose for c in found.classes}
    assert share["a_alpha_motor"].estimate > 50
    assert share["c"].high < 5
    assert share["a_alpha_motor"].estimate >= share["b"].estimate
    assert share["c"].unit == "%"
    assert share["c"].level == 0.90
    assert progress[-1] == pytest.approx(1.0)
    assert progress == sorted(progress)
    assert "Vespa" in found.caveat
    assert sum(c.count.value for c in found.classes if c.count) == pytest.approx(23286, rel=0.01)
    assert any(not s.verified for s in sources_of(found))


@pytest.mark.parametrize("site", sorted(SITES))
def test_each_site_has_fibers(site):
    people = population(site)
    assert people.classes
    assert ("not vagal" in people.classes[0].role) == site.startswith("earlobe")


def test_mistakes_are_told_together():
    with pytest.raises(InputError, match="n_draws is too small") as caught:
        recruit(
            montage(device_of("tvnsr"), "cymba_left"), EAR.scaled(0.0), rng=np.random.default_rng(1), n_draws=2,
        )  # fmt: skip
    assert "no amplitude" in str(caught.value)


def test_a_cut_fiber_does_not_fire_at_its_ends():
    # under the skin of the neck the field still slopes where the fiber is cut; 30 mm a side must do as 80 mm
    skin = Skin(thickness_um=4000.0, sigma_s_per_m=0.17, sigma_below_s_per_m=0.34)
    contacts = montage(device_of("gammacore"), "neck_left")
    pulse = Pulse(amplitude_ma=20.0, width_us=200.0, shape="biphasic_symmetric")
    fibers = [Fiber.of("mrg", diameter_um=5.0, length_um=2 * half_um) for half_um in (30e3, 30e3, 80e3)]
    fields = [lead_field(contacts, skin, x_um=f.z_um - f.z_um[-1] / 2, y_um=0.0, z_um=12_000.0) for f in fibers]
    fields[1] = _without_ends(fields[1], fibers[1].z_um)
    cut, level, long = threshold_ma(fibers, fields, pulse, dt_us=10.0, rel_tol=0.002)
    assert level == pytest.approx(long, rel=0.01)
    assert cut < 0.6 * long


def test_thresholds_straight_between_fibers():
    share = _share_pct(np.array([1.0, 2.0, 4.0, np.inf]), np.array([0.0, 0.5, 1.0, 2.0, 4.0, 100.0]))
    assert share == pytest.approx([0.0, 0.0, 12.5, 37.5, 62.5, 75.0])
    assert not _share_pct(np.array([np.inf, np.inf]), np.array([1.0, 2.0])).any()


def test_recruitment_refuses_what_does_not_fit():
    found = ear()
    with pytest.raises(InputError, match="rising row"):
        dataclasses.replace(found, amplitude_ma=found.amplitude_ma[::-1])
    with pytest.raises(InputError, match="another number of shares"):
        dataclasses.replace(found, amplitude_ma=found.amplitude_ma[:-1])
    with pytest.raises(InputError, match="low_pct"):
        dataclasses.replace(found.classes[0], low_pct=np.array([np.nan]))
    with pytest.raises(ValueError, match="read-only"):
        found.amplitude_ma[0] = 1.0
