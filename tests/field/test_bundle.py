"""A nerve of several fascicles by waves: against nested cylinders, symmetry, reciprocity and its own limits."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from vagus.errors import InputError
from vagus.field import Bundle, Cylinder, Patch, draw_nerve, helix, potential_mv_per_ma, six_contacts, solve_bundle
from vagus.field.bundle.waves import within

Z = np.linspace(-12e3, 12e3, 49)
KW = {
    "along_s_per_m": 0.571, "across_s_per_m": 0.167, "epineurium_um": 900.0, "epineurium_s_per_m": 0.159,
    "sleeve_um": 990.0, "sleeve_s_per_m": 0.2,
}  # fmt: skip


def three(**more) -> Bundle:
    fascicles = {
        "x_um": (-300.0, 350.0, 0.0), "y_um": (0.0, 0.0, 560.0), "radius_um": (300.0, 290.0, 250.0),
        "sheet_ohm_m2": (0.0333, 0.03, 0.028),
    }  # fmt: skip
    return Bundle(**{**KW, **fascicles, "around_s_per_m": 0.1, **more})


@pytest.mark.parametrize("around", [0.0, 0.1])
def test_one_fascicle_in_the_middle_is_a_cylinder(around):
    bundle = Bundle(
        **{**KW, "x_um": (0.0,), "y_um": (0.0,), "radius_um": (400.0,), "sheet_ohm_m2": (0.0333,)},
        around_s_per_m=around,
    )
    contacts = helix(990.0)
    found = solve_bundle(bundle, contacts).mv_per_ma(x_um=200.0, y_um=150.0, z_um=Z)
    outer = (around,) if around else ()
    same = Cylinder(
        radius_um=(400.0, 900.0, 990.0, np.inf)[: 3 + len(outer)], along_s_per_m=(0.571, 0.159, 0.2, *outer),
        across_s_per_m=(0.167, 0.159, 0.2, *outer), sheet_ohm_m2=(0.0333, 0.0, 0.0)[: 2 + len(outer)],
    )  # fmt: skip
    expected = np.stack([potential_mv_per_ma(same, one, x_um=200.0, y_um=150.0, z_um=Z) for one in contacts])
    # the shape of a contact's current is that of a nerve without fascicles, and waves end at 90 µm
    np.testing.assert_allclose(found, expected, atol=1e-3 * np.ptp(expected))


def test_film_and_shells_are_those_of_a_cylinder():
    """Fluid within and outside of the contacts, a capsule around it, no tubes: seven nested shells."""
    bundle = Bundle(
        **{**KW, "x_um": (0.0,), "y_um": (0.0,), "radius_um": (400.0,), "sheet_ohm_m2": (0.0333,), "sleeve_um": 1200.0},
        film_um=100.0, film_s_per_m=1.76, shells=((1900.0, 1.76), (2150.0, 0.16)), around_s_per_m=0.1,
    )  # fmt: skip
    contacts = helix(1200.0)
    found = solve_bundle(bundle, contacts).mv_per_ma(x_um=200.0, y_um=150.0, z_um=Z)
    outer = (0.159, 0.2, 1.76, 1.76, 0.16, 0.1)
    same = Cylinder(
        radius_um=(400.0, 900.0, 1100.0, 1200.0, 1900.0, 2150.0, np.inf), along_s_per_m=(0.571, *outer),
        across_s_per_m=(0.167, *outer), sheet_ohm_m2=(0.0333, 0.0, 0.0, 0.0, 0.0, 0.0),
    )  # fmt: skip
    expected = np.stack([potential_mv_per_ma(same, one, x_um=200.0, y_um=150.0, z_um=Z) for one in contacts])
    np.testing.assert_allclose(found, expected, atol=1e-3 * np.ptp(expected))


def test_a_film_within_a_wall_is_a_wire_of_both():
    bundle, wave = three(around_s_per_m=0.0, film_um=40.0, film_s_per_m=1.76), np.array([5.0])
    inner = within(bundle, wave, m_most=6, l_most=6)
    potential = (inner.potential[0] @ np.linalg.inv(-inner.current[0])[:, 6])[6].real
    assert potential == pytest.approx(2.0 * np.pi * 990e-6 / (bundle.along_s_m * wave[0] ** 2), rel=2e-3)
    assert bundle.along_s_m > 1.2 * three().along_s_m


@pytest.mark.parametrize("around", [0.0, 0.1])
def test_fascicles_of_nothing_but_epineurium_are_not_there(around):
    """Off the axis, several of them: the addition theorems, apart from what a fascicle is."""
    bundle = Bundle(
        x_um=(0.0, 550.0, -500.0), y_um=(0.0, 0.0, 300.0), radius_um=(300.0, 200.0, 200.0), sheet_ohm_m2=(0.0,) * 3,
        along_s_per_m=0.159, across_s_per_m=0.159, epineurium_um=900.0, epineurium_s_per_m=0.159, sleeve_um=990.0,
        sleeve_s_per_m=0.159, around_s_per_m=around,
    )  # fmt: skip
    patch = Patch(radius_um=990.0, z_um=1000.0, length_um=775.0, arc_deg=100.0, angle_deg=30.0)
    x, y = np.array([[650.0], [-500.0], [735.0]]), np.array([[100.0], [250.0], [0.0]])
    found = solve_bundle(bundle, (patch,)).mv_per_ma(x_um=x, y_um=y, z_um=Z)[0]
    outer = (around,) if around else ()
    plain = Cylinder(
        radius_um=(990.0, np.inf)[: 1 + len(outer)], along_s_per_m=(0.159, *outer), across_s_per_m=(0.159, *outer)
    )
    expected = np.stack(
        [potential_mv_per_ma(plain, patch, x_um=a, y_um=b, z_um=Z) for a, b in zip(x[:, 0], y[:, 0], strict=True)]
    )
    np.testing.assert_allclose(found, expected, atol=5e-4 * np.ptp(expected))


def test_multipoles_have_converged():
    """Potential inside three close fascicles with 6 against 12 multipoles: what is left out is a ten-thousandth."""
    wave = np.array([100.0, 1000.0, 1e4])
    few, many = (within(three(), wave, m_most=12, l_most=n) for n in (6, 12))
    inner = many.inside[:, :, 6:-6]
    assert np.abs(few.inside - inner).max() < 2e-4 * np.abs(inner).max()
    np.testing.assert_allclose(few.potential, many.potential, atol=2e-5 * np.abs(many.potential).max())


def test_nothing_is_lost_inside():
    """The current that enters the sleeve at slow waves runs along: V = J R 2 pi / (S k²) as in a wire."""
    bundle, wave = three(around_s_per_m=0.0), np.array([5.0])
    inner = within(bundle, wave, m_most=6, l_most=6)
    rise = np.linalg.inv(-inner.current[0])[:, 6]
    potential = (inner.potential[0] @ rise)[6].real
    per_length = 2.0 * np.pi * 990e-6 / (bundle.along_s_m * wave[0] ** 2)
    assert potential == pytest.approx(per_length, rel=2e-3)  # k R = 0.005, and sheets of 0.5 % of a wave


def test_the_mirror_image_has_the_mirrored_field():
    bundle = three()
    mirrored = dataclasses.replace(bundle, x_um=tuple(-x for x in bundle.x_um))
    patch = Patch(radius_um=990.0, z_um=0.0, length_um=775.0, arc_deg=90.0, angle_deg=20.0)
    other = dataclasses.replace(patch, angle_deg=160.0)
    one = solve_bundle(bundle, (patch,)).mv_per_ma(x_um=-250.0, y_um=80.0, z_um=Z)
    two = solve_bundle(mirrored, (other,)).mv_per_ma(x_um=250.0, y_um=80.0, z_um=Z)
    np.testing.assert_allclose(one, two, rtol=1e-9)


def test_tubes_lie_between_none_and_a_wall():
    contacts = helix(990.0)

    def told(**more):
        upper, lower = solve_bundle(three(**more), contacts).mv_per_ma(x_um=300.0, y_um=100.0, z_um=Z)
        return np.ptp(upper - lower)

    none, tube, wall = told(), told(tubes_um=((4000.0, 2600.0), (-4000.0, 2600.0))), told(around_s_per_m=0.0)
    assert none < 0.7 * tube
    assert tube < 0.5 * wall


def test_six_contacts_and_a_drawn_nerve():
    nerve = draw_nerve("human", side="left", unmyelinated=None, rng=np.random.default_rng(4))
    bundle = Bundle.of(
        nerve, perineurium_ohm_m=1149.0, along_s_per_m=0.571, across_s_per_m=0.167, epineurium_s_per_m=0.159,
        sleeve_um=1500.0, sleeve_s_per_m=0.159, around_s_per_m=0.0,
    )  # fmt: skip
    field = solve_bundle(bundle, six_contacts(1500.0))
    x, y = nerve.fascicles[0].center_um
    contacts = six_contacts(1500.0)
    found = field.mv_per_ma(x_um=x, y_um=y, z_um=[one.z_um for one in contacts[:3]])
    assert found.shape == (6, 3)
    # three rows of two, 51 degrees of the cuff at rest from each to the next; below each row its nearer contact wins
    assert [one.z_um for one in contacts] == [2743.2, 0.0, -2743.2] * 2
    np.testing.assert_allclose(np.diff([one.angle_deg for one in contacts]), 51.0 * 1498.6 / 1500.0)
    away = [abs((np.degrees(np.arctan2(y, x)) - one.angle_deg + 180.0) % 360.0 - 180.0) for one in contacts]
    for row in range(3):
        assert (found[row, row] > found[row + 3, row]) == (away[row] < away[row + 3])
    with pytest.raises(InputError, match="contacts of a row touch"):
        six_contacts(700.0)


@pytest.mark.parametrize(
    ("more", "what"),
    [
        ({"x_um": (-300.0, 200.0, 0.0)}, "overlap as circles"),
        ({"radius_um": (300.0, 290.0, 400.0)}, "leaves the nerve"),
        ({"sleeve_um": 800.0}, "does not fit into the sleeve"),
        ({"around_s_per_m": 0.0, "tubes_um": ((0.0, 1000.0),)}, "tubes lie on a wall"),
        ({"tubes_um": ((0.0, 1000.0), (500.0, 1000.0))}, "tubes are out of order"),
        ({"film_um": 90.0, "film_s_per_m": 1.0}, "film does not fit"),
        ({"film_um": 50.0}, "film does not fit"),
        ({"shells": ((980.0, 1.0),)}, "shells are out of order"),
        ({"shells": ((1200.0, 0.0),)}, "shells are out of order"),
        ({"shells": ((1200.0, 1.0),), "around_s_per_m": 0.0}, "shells lie around a wall"),
        ({"sheet_ohm_m2": (0.1, 0.1)}, "fascicles do not fit"),
    ],
)
def test_what_cannot_be_is_refused(more, what):
    with pytest.raises(InputError, match=what):
        three(**more)


def test_contacts_and_places_that_do_not_fit_are_refused():
    with pytest.raises(InputError, match="off the sleeve"):
        solve_bundle(three(), helix(1500.0))
    with pytest.raises(InputError, match="beside the tubes"):
        solve_bundle(three(tubes_um=((0.0, 2000.0),)), helix(990.0))
    field = solve_bundle(three(), helix(990.0))
    with pytest.raises(InputError, match="outside every fascicle"):
        field.mv_per_ma(x_um=0.0, y_um=-600.0, z_um=0.0)
    with pytest.raises(InputError, match="out of reach"):
        field.mv_per_ma(x_um=-300.0, y_um=0.0, z_um=1e6)
