"""Recruitment of an explicit nerve and over draws; a compound potential; all with cheap fields."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest

from vagus.dose import Pulse
from vagus.errors import InputError
from vagus.fiber import Fiber, threshold_ma
from vagus.fiber.nerve.anatomy import draw_anatomy
from vagus.fiber.nerve.compound import compound_potential_uv
from vagus.fiber.nerve.drawn import NerveDraws, laryngeal_fibers, recruit_draws
from vagus.fiber.nerve.placed import place_fibers
from vagus.fiber.nerve.recruited import NerveRecruitment, recruit_nerve
from vagus.fiber.recruit import without_ends
from vagus.field import ClosedField, Fascicle, Nerve, Point, Space, draw_nerve
from vagus.field.nerve import ring

PULSE = Pulse(amplitude_ma=-1.0, width_us=200.0, shape="monophasic")
NERVE = Nerve(
    species="human",
    outline_um=ring.circle(0, 0, 1000),
    fascicles=(
        Fascicle(label="near", outline_um=ring.circle(600, 0, 300), perineurium_um=20.0),
        Fascicle(label="far", outline_um=ring.circle(-600, 0, 150), perineurium_um=20.0),
    ),
)
NEEDLES = ClosedField(
    medium=Space(sigma_s_per_m=(0.2, 0.2, 0.6)),
    contacts=(Point(x_um=1300.0, y_um=0.0, z_um=0.0), Point(x_um=1300.0, y_um=0.0, z_um=-4000.0)),
)


class Kept:
    """A store in memory that counts."""

    def __init__(self) -> None:
        self.arrays: dict[str, np.ndarray] = {}
        self.loads = 0

    def load(self, key: str) -> np.ndarray | None:
        self.loads += key in self.arrays
        return self.arrays.get(key)

    def save(self, key: str, array: np.ndarray) -> None:
        self.arrays[key] = np.array(array)


@pytest.fixture(scope="module")
def found() -> NerveRecruitment:
    fibers = place_fibers(NERVE, {"a_beta": 12, "b": 6}, rng=np.random.default_rng(1))
    return recruit_nerve(NERVE, fibers, NEEDLES, PULSE, weights=(1.0, -1.0), limit_ma=3.0)


def test_a_threshold_is_that_of_its_own_cable(found):
    """One efferent fiber by hand: weights superpose, ends level off, and it is watched at its other end."""
    fibers = found.fibers
    i = int(np.flatnonzero(fibers.class_index == fibers.class_number("b"))[0])
    cable = Fiber.of("mrg", diameter_um=float(fibers.diameter_um[i]), length_um=40_000.0)
    pitch = cable.z_um[-1] / (cable.n_node - 1)
    z = cable.z_um - cable.z_um[-1] / 2.0 + pitch * fibers.shift[i]
    upper, lower = NEEDLES.mv_per_ma(x_um=fibers.x_um[i], y_um=fibers.y_um[i], z_um=z)
    field = without_ends(upper - lower, cable.z_um)[::-1]
    by_hand = threshold_ma([cable], [field], PULSE, dt_us=5.0, rel_tol=0.005, limit_ma=3.0)
    assert found.threshold_ma[i] == -by_hand[0]


def test_shares_follow_from_thresholds(found):
    near, far = (found.current_ma(50.0, key="a_beta", fascicle=label) for label in ("near", "far"))
    assert near < 0.5 * far
    assert found.current_ma(50.0, key="b") > found.current_ma(50.0, key="a_beta")
    at = np.geomspace(0.01, 3.0, 30)
    share = found.share_pct(at, key="a_beta")
    assert np.all(np.diff(share) >= 0)
    # four fifths of all endoneurium lie in the near fascicle, and as many of its fibers
    both = 0.8 * found.share_pct(at, key="a_beta", fascicle="near") + 0.2 * found.share_pct(
        at, key="a_beta", fascicle="far"
    )
    np.testing.assert_allclose(share, both, atol=1e-9)
    half = found.current_ma(50.0)
    assert found.share_pct(half) >= 50.0 > found.share_pct(half * 0.999)
    wanted, spared = found.chosen(fascicle="near"), found.chosen(fascicle="far")
    index = found.selectivity_pct(at, wanted=wanted, spared=spared)
    assert index.max() > 60.0
    assert index[0] == 0.0


def test_a_field_twice_as_strong_halves_every_threshold(found):
    other = recruit_nerve(NERVE, found.fibers, NEEDLES, PULSE, weights=(2.0, -2.0), limit_ma=1.5)
    both = np.isfinite(found.threshold_ma)
    np.testing.assert_allclose(other.threshold_ma[both], found.threshold_ma[both] / 2.0, rtol=0.0051)


def test_what_does_not_fit_is_refused(found):
    rng = np.random.default_rng(1)
    with pytest.raises(InputError, match="no such class"):
        place_fibers(NERVE, {"a_betta": 3}, rng=rng)
    with pytest.raises(InputError, match="too small"):
        place_fibers(NERVE, {"a_beta": 0}, rng=rng)
    with pytest.raises(InputError, match="no such fascicle"):
        place_fibers(NERVE, {"a_beta": 1}, rng=rng, fascicles=[2])
    with pytest.raises(InputError, match="weights do not fit"):
        recruit_nerve(NERVE, found.fibers, NEEDLES, PULSE, weights=(1.0,), limit_ma=1.0)
    with pytest.raises(InputError, match="no such fibers"):
        found.share_pct(1.0, fascicle="third")


def test_places_and_diameters_are_those_of_the_class():
    fibers = place_fibers(NERVE, {"a_alpha_motor": 400}, rng=np.random.default_rng(3))
    for number, one in enumerate(NERVE.fascicles):
        mine = fibers.fascicle_index == number
        assert ring.holds(one.outline_um, np.column_stack([fibers.x_um[mine], fibers.y_um[mine]])).all()
    # ranks are even, so that the mean of 800 is far closer than one SD of 1.5 over the root of 800
    assert fibers.diameter_um.mean() == pytest.approx(9.0, abs=0.02)
    assert fibers.diameter_um.std() == pytest.approx(1.5, rel=0.03)


def test_draws_go_on_after_an_interrupt_and_do_not_depend_on_their_number():
    store, asked = Kept(), []

    def draw(rng):
        return draw_anatomy(rng, species="human", electrode="helix", nerve=NERVE)

    def place(nerve, rng):
        return place_fibers(nerve, {"a_beta": 2}, rng=rng, fascicles=[0])

    def run(n: int) -> NerveDraws:
        return recruit_draws(
            draw, place, PULSE, rng=np.random.default_rng(5), n_draws=n, limit_ma=20.0, dt_us=10.0, store=store,
            progress=asked.append,
        )  # fmt: skip

    one, two = run(1), run(2)
    assert store.loads == 1
    np.testing.assert_array_equal(one.each[0].threshold_ma, two.each[0].threshold_ma)
    assert not np.array_equal(two.each[0].threshold_ma, two.each[1].threshold_ma)
    half = two.current_ma(50.0, key="a_beta")
    assert half.low <= half.estimate <= half.high
    assert asked[-1] == 1.0
    assert two.sources


def test_electrodes_fit_their_nerves():
    cases: list[tuple[Any, Any, int]] = [("human", "helix", 2), ("pig", "cuff", 2), ("rat", "cuff", 2)]
    for species, electrode, n in cases:
        found = draw_anatomy(np.random.default_rng(2), species=species, electrode=electrode)
        assert len(found.contacts) == n
        assert found.bundle.sleeve_um > found.nerve.diameter_um / 2.0
    with pytest.raises(InputError, match="weights do not fit"):
        draw_anatomy(np.random.default_rng(2), species="human", electrode="six")
    with pytest.raises(InputError, match="no such electrode"):
        draw_anatomy(np.random.default_rng(2), species="human", electrode=cast(Any, "helixx"))


def test_an_implanted_helix_lies_in_fluid_and_capsule():
    found = draw_anatomy(np.random.default_rng(2), species="human", electrode="helix")
    pocket, bundle = found.tissue.pocket, found.bundle
    assert pocket is not None
    assert 50.0 <= pocket.film_um <= 200.0
    assert bundle.sleeve_um - found.nerve.diameter_um / 2.0 - pocket.film_um > 124.0
    # the fluid outside of the turns: more than the film around them, less than the room between the helices
    over = bundle.sleeve_um + 610.0
    fluid = bundle.shells[0][0] ** 2 - bundle.sleeve_um**2
    assert (over + pocket.film_um) ** 2 - over**2 < fluid < (over + pocket.film_um) ** 2 - bundle.sleeve_um**2
    assert bundle.shells[1][0] - bundle.shells[0][0] == pytest.approx(pocket.capsule_um)
    assert any("LivaNovaAdaptiveDiam" in one.text for one in found.sources)
    assert draw_anatomy(np.random.default_rng(2), species="pig", electrode="cuff").tissue.pocket is None


def test_laryngeal_fibers_lie_in_one_fascicle_more_often_a_large_one():
    nerve = draw_nerve("human", side="left", unmyelinated=None, rng=np.random.default_rng(1))
    rng = np.random.default_rng(2)
    chosen = [int(np.unique(laryngeal_fibers(nerve, rng, n=2).fascicle_index)[0]) for _ in range(300)]
    areas = np.array([one.area_um2 for one in nerve.fascicles])
    # 300 draws: an SD of at most 3 points
    np.testing.assert_allclose(np.bincount(chosen, minlength=areas.size) / 300, areas / areas.sum(), atol=0.1)


def test_compound_waves_arrive_at_distance_over_speed():
    """A, B and C waves 100 mm from the stimulus, each peak within what its fibers' speeds allow."""
    fibers = place_fibers(NERVE, {"a_beta": 20, "b": 20, "c": 20}, rng=np.random.default_rng(1))
    counts = {"a_beta": 6000.0, "b": 9000.0, "c": 16000.0}
    found = compound_potential_uv(fibers, NEEDLES, weights=(1.0, -1.0), counts=counts, distance_um=100e3)
    for k, (slow, fast) in enumerate(((12.0, 65.0), (5.0, 22.0), (0.15, 0.9))):
        assert 100e3 / fast < found.early_us[k] < found.late_us[k] < 100e3 / slow
        power = np.cumsum(found.by_class_uv[k] ** 2)
        low, high = np.interp([0.05, 0.95], power / power[-1], found.t_us)
        # contacts 4 mm apart see a spike 5 mm before and after
        assert low > 0.93 * found.early_us[k]
        assert high < 1.07 * found.late_us[k]
    assert found.early_us[0] < found.early_us[1] < found.early_us[2]
    # a C spike takes milliseconds to pass: steps of 20 µs cannot turn (sections summed whole make 0.2 to 0.5)
    slow = found.by_class_uv[2]
    assert np.abs(np.diff(slow, 2)).max() < 0.01 * np.abs(slow).max()
    waves = found.waves
    assert [one.name for one in waves] == ["A", "B", "C"]
    assert [one.class_index for one in waves] == [(0,), (1,), (2,)]
    for one, values in zip(waves, found.by_class_uv, strict=True):
        assert abs(one.peak_uv) == np.abs(values).max()
        assert one.begin_us < one.peak_us < one.end_us
    twice = compound_potential_uv(
        fibers, NEEDLES, weights=(1.0, -1.0), counts=counts | {"b": 2 * counts["b"]}, distance_um=100e3
    )
    np.testing.assert_allclose(twice.by_class_uv, found.by_class_uv * np.array([[1.0], [2.0], [1.0]]))
    # twice the distance, twice the time
    far = compound_potential_uv(
        fibers, NEEDLES, weights=(1.0, -1.0), counts={k: 2 * v for k, v in counts.items()}, distance_um=200e3,
        fired=fibers.class_index == 0,
    )  # fmt: skip
    assert far.early_us[0] == pytest.approx(2 * found.early_us[0])
    assert [one.name for one in far.waves] == ["A"]
    assert np.isnan(far.early_us[1])
    assert np.all(far.by_class_uv[1:] == 0.0)


def test_a_compound_potential_that_cannot_be_is_refused():
    fibers = place_fibers(NERVE, {"a_beta": 1}, rng=np.random.default_rng(1))
    for more, what in (
        ({"weights": (1.0,)}, "weights do not fit"),
        ({"counts": {}}, "count of a_beta is missing"),
        ({"distance_um": 10.0}, "too short"),
        ({"fired": np.zeros(fibers.size, dtype=bool)}, "no fiber fires"),
    ):
        asked: dict[str, Any] = {"weights": (1.0, -1.0), "counts": {"a_beta": 10.0}, "distance_um": 60e3} | more
        with pytest.raises(InputError, match=what):
            compound_potential_uv(fibers, NEEDLES, **asked)


def test_a_current_above_the_limit_is_not_answered():
    nerve = draw_nerve("human", side="left", unmyelinated=None, rng=np.random.default_rng(1))
    fibers = place_fibers(nerve, {"a_beta": 1}, rng=np.random.default_rng(1))
    found = NerveRecruitment(
        nerve=nerve, fibers=fibers, weights=(1.0,), pulse=Pulse(amplitude_ma=-1.0, width_us=200.0, shape="monophasic"),
        threshold_ma=np.full(fibers.size, 0.5), limit_ma=1.0,
    )  # fmt: skip
    assert found.share_pct(1.0) == 100
    with pytest.raises(InputError, match="no threshold was looked for"):
        found.share_pct([0.2, 1.1])


def test_a_placed_fiber_stands_for_its_part_of_the_class():
    """Few placed fibers or many: together they are the same distribution."""
    mean, spread = [], []
    for n in (3, 12):
        fibers = place_fibers(NERVE, {"a_beta": n}, rng=np.random.default_rng(1))
        all_um = fibers.spread_um(np.arange(fibers.size), 48 // n)
        # each lies in its own part: its diameter is among those that it stands for
        assert np.all(all_um[:, 0] <= fibers.diameter_um * 1.15)
        mean.append(all_um.mean())
        spread.append(all_um.std())
    # ranks are the same 48 of each fascicle, so nothing but rounding is left
    assert mean == pytest.approx([mean[0]] * 2, rel=1e-9)
    assert spread == pytest.approx([spread[0]] * 2, rel=1e-9)
    # the class as the table has it: 7.0 ± 1.2 µm; 48 ranks lack the ends
    assert mean[0] == pytest.approx(7.0, abs=0.02)
    assert spread[0] == pytest.approx(1.2, rel=0.05)
