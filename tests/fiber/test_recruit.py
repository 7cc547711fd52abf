import dataclasses

import numpy as np
import pytest

from vagus.dose import SITES, Pulse, device_of, montage
from vagus.errors import InputError
from vagus.fiber import Fiber, population, recruit, threshold_ma
from vagus.fiber.recruit import (
    _current_ma,
    _finite_fibers,
    _half_ma,
    _share_pct,
    _stands_for_half,
    declared,
    without_ends,
)
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
    assert "endings in the skin" in one.caveat
    assert all("endings in the skin" in c.role for c in one.classes)
    assert told[0] >= told[1] >= told[2]


def test_cuff_recruits_large_fibers_long_before_c_fibers():
    cuff = montage(device_of("livanova_sentiva"), "cervical_left")
    pulse = Pulse(amplitude_ma=-1.0, width_us=250.0, shape="biphasic_asymmetric", recovery_ratio=0.2)
    progress = []
    found = recruit(
        cuff, pulse, rng=np.random.default_rng(3), n_anatomies=2, n_per_class=2, n_draws=300, progress=progress.append
    )
    share = {c.key: c.at_dose for c in found.classes}
    assert share["a_alpha_motor"].estimate > 50
    assert share["c"].estimate == 0.0
    assert share["a_alpha_motor"].estimate >= share["b"].estimate
    assert share["c"].unit == "%"
    assert share["c"].level == 0.90
    assert progress[-1] == pytest.approx(1.0)
    assert progress == sorted(progress)
    assert "Vespa" in found.caveat
    cited = sources_of(found)
    assert any(s.doi == "10.3389/fnins.2019.00880" for s in cited)
    assert any("PMID 35177376" in s.text for s in cited)
    assert any("leaves out" in s.text and not s.verified for s in cited)
    assert "1/8 to 8" in found.method
    # patients' laryngeal potentials appear at 0.25 to 1.00 mA: "half fire" there must lie inside the interval
    motor = found.classes[0]
    assert motor.key == "a_alpha_motor"
    for current_ma in (0.25, 0.5, 1.0):
        at = int(np.argmin(np.abs(found.amplitude_ma - current_ma)))
        assert motor.low_pct[at] < 50 < motor.high_pct[at]


@pytest.mark.parametrize("amplitude_ma", [0.02, 1.5, 400.0])
def test_no_interval_has_zero_width(amplitude_ma):
    found = ear(EAR.scaled(amplitude_ma))
    for one in found.classes:
        assert one.at_dose.low < one.at_dose.high
        assert one.at_dose.low <= one.at_dose.estimate <= one.at_dose.high
        assert one.told == (one.at_dose.high - one.at_dose.low <= 80)
        assert np.all(one.low_pct[1:] < one.high_pct[1:])
        assert np.all(np.diff(one.low_pct) >= 0)
        assert np.all(np.diff(one.high_pct) >= 0)
        assert one.high_pct[0] == 0.0  # no current
        if one.told and one.at_dose.estimate in {0.0, 100.0}:
            assert one.text.startswith("below" if one.at_dose.estimate == 0 else "above")


def test_bounds_where_all_simulated_fibers_agree_are_jeffreys():
    """None of n: the 95 % quantile of Beta(1/2, n + 1/2), against the incomplete beta integral."""
    n = 60
    score = np.random.default_rng(1).uniform(size=20_000)
    drawn = _finite_fibers(np.zeros((20_000, 1)), n, score)[:, 0] / 100
    x = (np.arange(400_000) + 0.5) / 400_000
    density = x**-0.5 * (1 - x) ** (n - 0.5)
    exact = x[np.searchsorted(np.cumsum(density) / density.sum(), 0.95)]
    assert np.quantile(drawn, 0.95) == pytest.approx(exact, rel=0.05)
    full = _finite_fibers(np.full((20_000, 1), 100.0), n, score)[:, 0] / 100
    assert np.quantile(full, 0.05) == pytest.approx(1 - exact, rel=0.01)


@pytest.mark.parametrize("site", ["cymba_left", "cervical_left"])
def test_half_does_not_depend_on_the_current_asked(site):
    device = device_of("tvnsr" if site.startswith("cymba") else "livanova_sentiva")
    top_ma = population(site).path.top_ma
    asked = (0.1, 0.25, 1.0, top_ma) if site.startswith("cervical") else (0.1, 1.0, top_ma, 1500.0)
    found = [
        recruit(
            montage(device, site), EAR.scaled(x), rng=np.random.default_rng(1), n_anatomies=2, n_per_class=2,
            n_draws=40,
        )
        for x in asked
    ]  # fmt: skip
    first = found[0]
    for other, dose_ma in zip(found[1:], asked[1:], strict=True):
        for a, b in zip(first.classes, other.classes, strict=True):
            assert a.half_ma is not None
            assert b.half_ma is not None
            # beyond the site's range a search may end on another bracket: within its tolerance
            for edge in ("estimate", "low", "high"):
                assert getattr(a.half_ma, edge) == pytest.approx(getattr(b.half_ma, edge), rel=0.01)
            assert a.half_text
            assert "e+" not in b.half_text + b.text
            # at_dose is the curve's value there, and the curve crosses half at half_ma
            assert b.at_dose.estimate == b.share_pct[np.searchsorted(other.amplitude_ma, dose_ma)]
            crossing = np.interp(50.0, b.share_pct, other.amplitude_ma) if b.share_pct[-1] > 50 else np.inf
            if np.isfinite(b.half_ma.estimate) and b.share_pct[0] < 50:
                assert crossing == pytest.approx(b.half_ma.estimate, rel=0.15)


def test_half_of_known_thresholds():
    one = population("cymba_left").classes[0]
    thresholds = np.repeat(np.array([[0.5, 1.0, 2.0, 4.0]]), 200, axis=0)
    score = np.random.default_rng(2).uniform(size=200)
    half = _half_ma(one, thresholds, score, 4, 10.0)
    assert half.estimate == pytest.approx(np.sqrt(2.0))
    assert half.low < half.estimate < half.high
    scaled = _half_ma(one, 3 * thresholds, score, 4, 100.0)
    assert scaled.estimate == pytest.approx(3 * half.estimate)
    assert _half_ma(one, thresholds, score, 4, 1.0).estimate == np.inf
    assert _half_ma(one, np.full((200, 4), np.inf), score, 4, 10.0).low == np.inf
    many = _half_ma(one, thresholds, score, 4000, 10.0)
    assert many.low == pytest.approx(half.estimate, rel=0.05)
    # the share that stands for half is what a Jeffreys draw of the same score turns into half
    share = _stands_for_half(60, score)
    inside = (share > 0.01) & (share < 0.99)
    back = np.array([_finite_fibers(np.array([[100 * x]]), 60, np.array([s]))[0, 0]
                     for x, s in zip(share[inside], score[inside], strict=True)])  # fmt: skip
    assert back == pytest.approx(50.0, abs=0.1)


def test_current_is_the_share_turned_around():
    thresholds = np.array([1.0, 2.0, 4.0, np.inf])
    for share in (0.1, 0.3, 0.7):
        current = _current_ma(thresholds, share)
        assert _share_pct(thresholds, np.array([current]))[0] == pytest.approx(100 * share)
    assert _current_ma(thresholds, 0.9) == np.inf
    assert _current_ma(np.full(3, np.inf), 0.5) == np.inf


def test_declared_numbers_stand_in_a_table_unverified():
    for key in ("field_doubt", "insulation_gain", "end_taper"):
        assert not declared(key).source.verified
        assert declared(key).note
    doubt = declared("field_doubt")
    assert (doubt.low, doubt.value, doubt.high) == (0.125, 1.0, 8.0)


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
    fields[1] = without_ends(fields[1], fibers[1].z_um)
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
