"""Cross-sections: what they measure, what they refuse, and whether drawn ones are what the table says."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vagus.errors import InputError
from vagus.field import Fascicle, Nerve, Patch, cuff, draw_nerve, draw_places, helix, insulation_behind, perineurium_um
from vagus.field.electrode.product import fitted_helix, helix_tubes, helix_turns
from vagus.field.nerve import ring

OUTLINE = ring.circle(0.0, 0.0, 1000.0)


def _fascicle(label, x, y, radius=250.0):
    return Fascicle(label=label, outline_um=ring.circle(x, y, radius), perineurium_um=29.0)


def test_outlines_by_hand():
    box = np.array([[1.0, 2.0], [4.0, 2.0], [4.0, 4.0], [1.0, 4.0]])
    assert ring.area(box) == 6.0
    assert ring.area(box[::-1]) == -6.0
    assert ring.center(box) == pytest.approx([2.5, 3.0])
    assert ring.holds(box, [[2.0, 3.0], [0.0, 3.0], [5.0, 3.0], [2.0, 5.0]]).tolist() == [True, False, False, False]
    assert ring.crossing(box) is None
    assert ring.crossing(box, box + 1.0) == pytest.approx([4.0, 3.0])
    assert ring.crossing(box, box + 10.0) is None


@given(x=st.floats(-500, 500), y=st.floats(-500, 500), radius=st.floats(1.0, 900.0))
@settings(max_examples=30)
def test_a_circle_has_its_area_and_its_middle(x, y, radius):
    found = ring.circle(x, y, radius)
    assert ring.area(found) == pytest.approx(math.pi * radius**2, rel=1e-9)
    assert ring.center(found) == pytest.approx([x, y], abs=1e-6)
    assert ring.crossing(found) is None


def test_fascicles_run_against_the_clock_and_are_read_only():
    one = Fascicle(label="1", outline_um=ring.circle(0, 0, 100)[::-1], perineurium_um=14.0)
    assert one.area_um2 == pytest.approx(math.pi * 1e4)
    assert one.diameter_um == pytest.approx(200.0)
    with pytest.raises(ValueError, match="read-only"):
        one.outline_um[0] = 0.0


@pytest.mark.parametrize(
    ("fascicles", "message"),
    [
        ((_fascicle("A", 900.0, 0.0),), "fascicle A, at x = .*: fascicle leaves the nerve"),
        ((_fascicle("A", 5000.0, 0.0),), "fascicle A, at x = 52.*: fascicle leaves the nerve"),
        ((_fascicle("A", 0.0, 0.0), _fascicle("B", 300.0, 0.0)), "fascicles A and B, at x = .*: two fascicles overlap"),
        ((_fascicle("A", 0.0, 0.0), _fascicle("B", 0.0, 0.0, 50.0)), "fascicles A and B, at x = 50"),
        ((_fascicle("A", 0.0, 0.0, 0.25),), "fascicle A: no nerve has this size; found diameter 0.5 µm"),
    ],
)
def test_a_nerve_that_cannot_be_is_refused_with_the_place(fascicles, message):
    with pytest.raises(InputError, match=message):
        Nerve(species="human", outline_um=OUTLINE, fascicles=fascicles)


def test_a_rat_nerve_ten_times_too_wide_is_noticed():
    with pytest.raises(InputError, match=r"nerve: no nerve has this size; found diameter 2.5e\+03 µm.*of the rat"):
        Nerve(species="rat", outline_um=ring.circle(0, 0, 1250), fascicles=())
    assert Nerve(species="human", outline_um=ring.circle(0, 0, 1250), fascicles=()).fascicles == ()


@pytest.mark.parametrize("factor", [1e-3, 1e3])
def test_units_a_thousandfold_wrong_are_refused(factor):
    with pytest.raises(InputError, match=r"nerve: no nerve has this size.*units right"):
        Nerve(species="human", outline_um=OUTLINE * factor, fascicles=())


@pytest.mark.parametrize(
    ("corners", "message"),
    [
        ([[0, 0], [200, 200], [200, 0], [0, 200]], "fascicle 7, at x = 100 µm, y = 100 µm: outline crosses itself"),
        ([[0, 0], [200, 200]], "holds no area"),
        ([[0, 0], [100, 100], [200, 200]], "holds no area"),
        ([[0, 0], [math.nan, 1], [2, 2]], "finite x and y"),
        ("circle", "not an outline"),
    ],
)
def test_an_outline_that_cannot_be_is_refused(corners, message):
    with pytest.raises(InputError, match=message):
        Fascicle(label="7", outline_um=corners, perineurium_um=10.0)


def test_all_problems_come_together():
    with pytest.raises(InputError) as caught:
        Nerve(
            species="human", outline_um=OUTLINE,
            fascicles=(_fascicle("A", 0.0, 0.0), _fascicle("B", 300.0, 0.0), _fascicle("C", 0.0, 900.0)),
        )  # fmt: skip
    assert len(caught.value.problems) == 2


def test_drawn_nerves_are_what_the_table_says():
    drawn = [
        draw_nerve("human", side="left", unmyelinated="two_thirds", rng=np.random.default_rng(k)) for k in range(80)
    ]
    counts = np.array([len(n.fascicles) for n in drawn])
    # Upadhye 2022: 6.6 ± 2.8, cut at 1; three standard errors of 80 draws
    assert counts.mean() == pytest.approx(6.6, abs=0.95)
    assert counts.std() == pytest.approx(2.8, abs=0.7)
    sizes = np.array([f.diameter_um for n in drawn for f in n.fascicles])
    # 514 ± 142 µm, less what many large ones in one nerve lose
    assert 470.0 < sizes.mean() < 530.0
    assert sizes.std() == pytest.approx(142.0, rel=0.15)
    for nerve in drawn:
        for f in nerve.fascicles:
            assert f.perineurium_um == pytest.approx(perineurium_um("human", f.diameter_um), rel=1e-6)
            far = np.hypot(*f.center_um) + f.diameter_um / 2 + f.perineurium_um
            assert far <= nerve.diameter_um / 2


@pytest.mark.parametrize("species", ["human", "pig", "rat"])
def test_perineuria_of_drawn_fascicles_do_not_touch(species):
    nerve = draw_nerve(species, side="right", unmyelinated=None, rng=np.random.default_rng(5))
    assert nerve.fibers == ()
    for k, a in enumerate(nerve.fascicles):
        for b in nerve.fascicles[:k]:
            need = (a.diameter_um + b.diameter_um) / 2 + a.perineurium_um + b.perineurium_um
            assert np.hypot(*(a.center_um - b.center_um)) >= need


def test_the_same_seed_draws_the_same_nerve():
    a, b = (draw_nerve("pig", side="left", unmyelinated=None, rng=np.random.default_rng(3)) for _ in range(2))
    assert all(np.array_equal(f.outline_um, g.outline_um) for f, g in zip(a.fascicles, b.fascicles, strict=True))


def test_the_share_that_counts_disagree_on_is_chosen_and_carried_on():
    a, b = (
        draw_nerve("human", side="left", unmyelinated=share, rng=np.random.default_rng(2))
        for share in ("two_thirds", "four_fifths")
    )
    for nerve, share in ((a, 0.667), (b, 0.8)):
        myelinated, unmyelinated = (one.count for one in nerve.fibers)
        total = myelinated.value + unmyelinated.value
        assert unmyelinated.value == pytest.approx(share * total)
        assert (unmyelinated.low, unmyelinated.high) == pytest.approx((0.667 * total, 0.8 * total))
        assert 14000 < total < 33000
        inside = sum(nerve.count_in(f, "unmyelinated") for f in nerve.fascicles)
        assert inside == pytest.approx(unmyelinated.value)
    with pytest.raises(InputError, match="no count of these fibers"):
        a.count_in(a.fascicles[0], "c")


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"species": "humn"}, 'did you mean "human"'),
        ({"side": "up"}, "no such side"),
        ({"unmyelinated": "half"}, "no such unmyelinated"),
        ({"species": "pig"}, "counts of the pig were not read"),
    ],
)
def test_what_cannot_be_drawn_is_refused(asked, message):
    with pytest.raises(InputError, match=message):
        draw_nerve(**{"species": "human", "side": "left", "unmyelinated": "two_thirds", "rng": None, **asked})


def test_places_of_fibers_lie_even_and_inside():
    one = Fascicle(
        label="L",
        outline_um=np.array([[0, 0], [300, 0], [300, 100], [100, 100], [100, 300], [0, 300.0]]),
        perineurium_um=9.0,
    )
    places = draw_places(one, 4000, rng=np.random.default_rng(1))
    assert ring.holds(one.outline_um, places).all()
    # three fifths of the area lie below y = 100
    assert np.mean(places[:, 1] < 100.0) == pytest.approx(0.6, abs=0.03)


def test_electrodes_are_patches_where_they_should_be():
    upper, lower = helix(990.0)
    assert (upper.z_um - lower.z_um, upper.length_um, upper.arc_deg) == (8000.0, 775.0, 340.0)
    six = cuff(1000.0, z_um=(-2000.0, 0.0, 2000.0), length_um=500.0, n_around=2, arc_deg=120.0, first_deg=90.0)
    assert [one.angle_deg for one in six] == [90.0, 270.0] * 3
    assert all(isinstance(one, Patch) for one in six)
    assert six[0].area_mm2 == pytest.approx(math.pi / 3 * 2 * 0.5)


def test_an_opened_helix_keeps_its_length():
    """Ribbon and insulation are as long as at rest; as rings they insulate as much, with the gaps of the turns."""

    def ribbon_um(one: Patch, radius_um: float, turns: float) -> float:
        return turns * math.hypot(one.rise_um, 2.0 * math.pi * radius_um)

    rest, wide = helix(990.0)[0], helix(1400.0, rest_um=990.0)[0]
    assert ribbon_um(wide, 1400.0, wide.arc_deg) == pytest.approx(ribbon_um(rest, 990.0, rest.arc_deg))
    turns = [helix_turns(one) for one in (rest, wide)]
    assert turns[0] == 2.5
    assert ribbon_um(wide, 1400.0, turns[1]) == pytest.approx(ribbon_um(rest, 990.0, 2.5))
    assert [round(one.turns, 6) for one in insulation_behind((wide,))] == [round(turns[1], 6)]
    for contacts, turned in (((rest,), turns[0]), ((wide,), turns[1])):
        rings = sorted(helix_tubes(contacts))
        assert sum(length for _, length in rings) == pytest.approx(turned * 1410.0)
        gaps = [b - m / 2.0 - (a + n / 2.0) for (a, n), (b, m) in itertools.pairwise(rings)]
        assert gaps == pytest.approx([300.0] * len(gaps))
    # the lead of 3 mm only where its helix opens as well
    assert [fitted_helix(reach)[0].radius_um for reach in (800.0, 1499.0, 1501.0)] == [990.0, 1499.0, 1501.0]
    assert fitted_helix(1501.0)[0].arc_deg > 1.2 * fitted_helix(1499.0)[0].arc_deg
    with pytest.raises(InputError, match="not narrower than at rest"):
        helix(900.0, rest_um=990.0)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"n_around": 3, "arc_deg": 120.0}, "contacts of a row touch"),
        ({"z_um": (0.0, 400.0)}, "rows touch"),
        ({"z_um": ()}, "no contacts"),
        ({"length_um": 0.0}, "length_um is out of range"),
    ],
)
def test_cuffs_that_cannot_be_are_refused(asked, message):
    with pytest.raises(InputError, match=message):
        cuff(1000.0, **{"z_um": (0.0,), "length_um": 500.0, **asked})


@pytest.mark.parametrize("again", [lambda c: c, lambda c: np.roll(c, 7, axis=0), lambda c: c[::-1]])
def test_one_contour_twice_is_no_two_fascicles(again):
    round_one = ring.circle(-200.0, 0.0, 300.0)
    two = tuple(
        Fascicle(label=label, outline_um=corners, perineurium_um=20.0)
        for label, corners in (("1", round_one), ("2", again(round_one)))
    )
    with pytest.raises(InputError, match=r"fascicles 1 and 2, at x = .*: two fascicles overlap"):
        Nerve(species="human", outline_um=ring.circle(0.0, 0.0, 1000.0), fascicles=two)
