"""Closed forms against each other, against limits, and against what they must conserve."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vagus.errors import InputError
from vagus.field import (
    Ball,
    Disc,
    HalfSpace,
    Layers,
    Needle,
    Patch,
    Point,
    Space,
    Spheres,
    disc_mv_per_ma,
    layered_mv_per_ma,
    point_mv_per_ma,
    potential_mv_per_ma,
)

THREE = Layers(thickness_um=(1500.0, 4000.0), sigma_s_per_m=(0.17, 0.025, 0.34))


def _places(n, *, low=300.0, seed=1):
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(-9e3, 9e3, (2, n))
    return x, y, rng.uniform(low, 9e3, n)


def test_one_layer_and_layers_alike_are_a_half_space():
    x, y, z = _places(200)
    for contact in (Point(x_um=0.0, y_um=0.0, z_um=0.0), Disc(x_um=500.0, y_um=-200.0, radius_um=3000.0)):
        one = potential_mv_per_ma(HalfSpace(sigma_s_per_m=0.2), contact, x_um=x, y_um=y, z_um=z)
        alone = potential_mv_per_ma(Layers(thickness_um=(), sigma_s_per_m=(0.2,)), contact, x_um=x, y_um=y, z_um=z)
        alike = Layers(thickness_um=(1000.0, 700.0), sigma_s_per_m=(0.2, 0.2, 0.2))
        assert alone == pytest.approx(one, rel=1e-12)
        assert potential_mv_per_ma(alike, contact, x_um=x, y_um=y, z_um=z) == pytest.approx(one, rel=1e-12)


def test_point_on_two_layers_is_the_series_of_images():
    x, y, z = _places(200)
    for below in (0.02, 0.34, 1.7):
        medium = Layers(thickness_um=(1000.0,), sigma_s_per_m=(0.17, below))
        series = layered_mv_per_ma(
            np.hypot(x, y), z, radius_um=0.0, thickness_um=1000.0, sigma_s_per_m=0.17, sigma_below_s_per_m=below
        )
        found = potential_mv_per_ma(medium, Point(x_um=0.0, y_um=0.0, z_um=0.0), x_um=x, y_um=y, z_um=z)
        assert found == pytest.approx(series, rel=1e-8)  # the series ends at 1e-9


def test_a_thin_or_a_thick_layer_drops_out():
    x, y, z = _places(50, low=2000.0)
    pad = Disc(x_um=0.0, y_um=0.0, radius_um=4000.0)
    only = potential_mv_per_ma(HalfSpace(sigma_s_per_m=0.3), pad, x_um=x, y_um=y, z_um=z)
    thin = Layers(thickness_um=(1500.0, 1.0), sigma_s_per_m=(0.3, 0.2, 0.3))
    assert potential_mv_per_ma(thin, pad, x_um=x, y_um=y, z_um=z) == pytest.approx(only, rel=1e-3)
    thick = Layers(thickness_um=(5e6,), sigma_s_per_m=(0.3, 0.01))
    assert potential_mv_per_ma(thick, pad, x_um=x, y_um=y, z_um=z) == pytest.approx(only, rel=1e-2)


def test_disc_on_layers_is_at_one_potential():
    # the layer is thin against the disc, so that its current is far from that on one medium
    medium = Layers(thickness_um=(800.0, 3000.0), sigma_s_per_m=(0.17, 0.025, 0.34))
    pad = Disc(x_um=0.0, y_um=0.0, radius_um=3000.0)
    on = potential_mv_per_ma(medium, pad, x_um=np.linspace(0.0, 2990.0, 40), y_um=0.0, z_um=0.0)
    assert np.ptp(on) / on.mean() < 1e-5
    assert potential_mv_per_ma(medium, pad, x_um=3300.0, y_um=0.0, z_um=0.0) < 0.95 * on.min()


@pytest.mark.parametrize("depth_um", [1500.0, 5500.0])
def test_layers_join_in_potential_and_in_current(depth_um):
    x, step = np.array([0.0, 2000.0, 7000.0]), 0.5
    pad = Disc(x_um=0.0, y_um=0.0, radius_um=2500.0)
    near = np.stack(
        [potential_mv_per_ma(THREE, pad, x_um=x, y_um=0.0, z_um=depth_um + k * step) for k in (-2, -1, 0, 1, 2)]
    )
    sigma = (0.17, 0.025) if depth_um < 2000 else (0.025, 0.34)
    up = sigma[0] * (3 * near[2] - 4 * near[1] + near[0])
    down = sigma[1] * (-3 * near[2] + 4 * near[3] - near[4])
    assert up == pytest.approx(down, rel=2e-5)


@pytest.mark.parametrize("depth_um", [700.0, 3000.0, 9000.0])
def test_layers_carry_the_current(depth_um):
    # through a plane below the surface, 1 mA in all, but for what leaves beyond 0.2 m as the layers above conduct it
    node, weight = np.polynomial.legendre.leggauss(40)
    edges = np.array([0.0, 2e3, 3e3, 8e3, 2e4, 6e4, 2e5])
    rho = (edges[:-1, None] + np.diff(edges)[:, None] * (node + 1) / 2).ravel()
    area = 2 * math.pi * rho * (np.diff(edges)[:, None] * weight / 2).ravel()
    pad, step = Disc(x_um=0.0, y_um=0.0, radius_um=2500.0), 5.0
    top, low = (potential_mv_per_ma(THREE, pad, x_um=rho, y_um=0.0, z_um=depth_um + d) for d in (-step, step))
    sigma = 0.17 if depth_um < 1500 else 0.025 if depth_um < 5500 else 0.34
    flux = np.sum(area * sigma * (top - low) / (2 * step)) * 1e-6
    above = np.clip(depth_um - np.array(THREE.tops_um), 0.0, [*THREE.thickness_um, math.inf])
    assert flux == pytest.approx(1.0 - above @ np.array(THREE.sigma_s_per_m) / 0.34 / 2e5, abs=1e-3)


def test_layers_answer_the_same_for_source_and_place_exchanged():
    # reciprocity: a point on the surface seen from another one
    a = potential_mv_per_ma(THREE, Point(x_um=0.0, y_um=0.0, z_um=0.0), x_um=3000.0, y_um=4000.0, z_um=0.0)
    b = potential_mv_per_ma(THREE, Point(x_um=3000.0, y_um=4000.0, z_um=0.0), x_um=0.0, y_um=0.0, z_um=0.0)
    assert a == pytest.approx(b, rel=1e-12)


@given(beyond=st.sampled_from([0.0, 0.05, 0.2, 3.0, math.inf]), depth_um=st.floats(100.0, 4000.0))
@settings(max_examples=25, deadline=None)
def test_image_keeps_what_the_plane_demands(beyond, depth_um):
    medium = HalfSpace(sigma_s_per_m=0.2, sigma_beyond_s_per_m=beyond)
    source = Point(x_um=0.0, y_um=0.0, z_um=depth_um)
    x = np.array([200.0, 1500.0, 6000.0])
    v = np.stack([potential_mv_per_ma(medium, source, x_um=x, y_um=0.0, z_um=d) for d in (0.0, 0.01, 0.02)])
    inward = 0.2 * (-3 * v[0] + 4 * v[1] - v[2]) / 0.02
    if math.isinf(beyond):
        assert v[0] == pytest.approx(0.0, abs=1e-9)
        return
    # beyond the plane: the source itself, by the factor 1 + k of the tissue's conductivity
    other = (1 + medium.mirror) * np.stack(
        [point_mv_per_ma(x, 0.0, -d - depth_um, sigma_s_per_m=0.2) for d in (0.0, 0.01, 0.02)]
    )
    assert v[0] == pytest.approx(other[0], rel=1e-12)
    outward = beyond * (3 * other[0] - 4 * other[1] + other[2]) / 0.02
    assert inward == pytest.approx(outward, abs=1e-5 * np.abs(v[0]).max())


def test_anisotropic_half_space_lets_nothing_out():
    medium = HalfSpace(sigma_s_per_m=(0.17, 0.17, 0.57))
    source = Point(x_um=0.0, y_um=0.0, z_um=900.0)
    a, b = (potential_mv_per_ma(medium, source, x_um=[300.0, 2000.0], y_um=100.0, z_um=d) for d in (0.0, 0.1))
    assert a == pytest.approx(b, rel=1e-7)
    far = potential_mv_per_ma(medium, source, x_um=4e6, y_um=0.0, z_um=3e6)
    assert far == pytest.approx(2 * point_mv_per_ma(4e6, 0.0, 3e6, sigma_s_per_m=(0.17, 0.17, 0.57)), rel=1e-3)


def test_disc_becomes_a_point_and_a_needle_a_ball():
    x, y, z = _places(20, low=8000.0)
    tissue = HalfSpace(sigma_s_per_m=0.2)
    disc = potential_mv_per_ma(tissue, Disc(x_um=0.0, y_um=0.0, radius_um=30.0), x_um=x, y_um=y, z_um=z)
    point = potential_mv_per_ma(tissue, Point(x_um=0.0, y_um=0.0, z_um=0.0), x_um=x, y_um=y, z_um=z)
    assert disc == pytest.approx(point, rel=1e-5)
    space = Space(sigma_s_per_m=0.2)
    round_one = Needle(x_um=0.0, y_um=0.0, z_um=0.0, length_um=1000.02, radius_um=500.0)
    ball = Ball(x_um=0.0, y_um=0.0, z_um=0.0, radius_um=500.0)
    assert potential_mv_per_ma(space, round_one, x_um=x, y_um=y, z_um=z) == pytest.approx(
        potential_mv_per_ma(space, ball, x_um=x, y_um=y, z_um=z), rel=1e-5
    )


def test_needle_is_at_one_potential_and_carries_its_current():
    space = Space(sigma_s_per_m=0.3)
    needle = Needle(x_um=0.0, y_um=0.0, z_um=0.0, length_um=4000.0, radius_um=150.0)
    angle = np.linspace(0.0, math.pi, 30)
    on = potential_mv_per_ma(space, needle, x_um=150.0 * np.sin(angle), y_um=0.0, z_um=2000.0 * np.cos(angle))
    assert np.ptp(on) < 1e-8 * on.mean()
    mu, weight = np.polynomial.legendre.leggauss(80)
    r, step = 3000.0, 0.5
    v = [
        potential_mv_per_ma(space, needle, x_um=(r + d) * np.sqrt(1 - mu**2), y_um=0.0, z_um=(r + d) * mu)
        for d in (-step, step)
    ]
    flux = 2 * math.pi * r**2 * 0.3 * np.sum(weight * (v[0] - v[1]) / (2 * step)) * 1e-6
    assert flux == pytest.approx(1.0, rel=1e-6)


def test_spheres_by_hand_with_and_without_a_sheet():
    # ANCHORS: 0.5 mm in 14 mm at 0.2 S/m
    ball = Ball(x_um=0.0, y_um=0.0, z_um=0.0, radius_um=500.0)
    plain = Spheres(radius_um=(14000.0,), sigma_s_per_m=(0.2,))
    v = potential_mv_per_ma(plain, ball, x_um=[500.0, 3000.0, 14000.0], y_um=0.0, z_um=0.0)
    assert v == pytest.approx([1e6 / (0.8 * math.pi) * (1 / r - 1 / 14000.0) for r in (500.0, 3000.0, 14000.0)])
    alike = Spheres(radius_um=(1000.0, 14000.0), sigma_s_per_m=(0.2, 0.2))
    assert potential_mv_per_ma(alike, ball, x_um=[500.0, 3000.0, 14000.0], y_um=0.0, z_um=0.0) == pytest.approx(v)
    sheet = Spheres(radius_um=(1000.0, 14000.0), sigma_s_per_m=(0.2, 0.2), sheet_ohm_m2=(0.03, 0.0))
    inside, outside = potential_mv_per_ma(sheet, ball, x_um=[999.999999, 1000.000001], y_um=0.0, z_um=0.0)
    # 1 mA through 0.03 ohm m2 over the sphere's 4 pi mm2
    assert inside - outside == pytest.approx(0.03 / (4 * math.pi * 1e-6), rel=1e-6)
    endless = Spheres(radius_um=(math.inf,), sigma_s_per_m=(0.2,))
    assert potential_mv_per_ma(endless, ball, x_um=2000.0, y_um=0.0, z_um=0.0) == pytest.approx(
        point_mv_per_ma(2000.0, 0.0, 0.0, sigma_s_per_m=0.2)
    )


def test_disc_of_the_family_is_the_closed_form():
    x, y, z = _places(50)
    found = potential_mv_per_ma(
        HalfSpace(sigma_s_per_m=0.2), Disc(x_um=100.0, y_um=0.0, radius_um=900.0), x_um=x, y_um=y, z_um=z
    )
    assert found == pytest.approx(disc_mv_per_ma(np.hypot(x - 100.0, y), z, radius_um=900.0, sigma_s_per_m=0.2))


BALL = Ball(x_um=0.0, y_um=0.0, z_um=0.0, radius_um=500.0)


@pytest.mark.parametrize(
    ("medium", "contact", "place", "message"),
    [
        (Space(sigma_s_per_m=0.2), Disc(x_um=0.0, y_um=0.0, radius_um=5.0), (9.0, 0.0, 0.0), "Disc in Space"),
        (Space(sigma_s_per_m=(0.1, 0.1, 0.2)), BALL, (900.0, 0.0, 0.0), "anisotropic"),
        (Space(sigma_s_per_m=0.2), BALL, (400.0, 0.0, 0.0), "inside the contact"),
        (Space(sigma_s_per_m=0.2), BALL, (math.nan, 0.0, 0.0), "not finite"),
        (HalfSpace(sigma_s_per_m=0.2), Point(x_um=0.0, y_um=0.0, z_um=-1.0), (9.0, 0.0, 0.0), "leaves the tissue"),
        (HalfSpace(sigma_s_per_m=0.2), Point(x_um=0.0, y_um=0.0, z_um=1.0), (9.0, 0.0, -2.0), "depth -2 µm"),
        (THREE, Point(x_um=0.0, y_um=0.0, z_um=0.0), (0.0, 0.0, 0.0), "on the point source"),
        (THREE, Patch(radius_um=1.0, z_um=0.0, length_um=1.0), (0.0, 0.0, 0.0), "Patch in Layers"),
        (Spheres(radius_um=(400.0,), sigma_s_per_m=(1.0,)), BALL, (500.0, 0.0, 0.0), "does not fit"),
        (Spheres(radius_um=(4000.0,), sigma_s_per_m=(1.0,)), BALL, (5000.0, 0.0, 0.0), "outside the spheres"),
    ],
)
def test_what_has_no_answer_is_refused(medium, contact, place, message):
    with pytest.raises(InputError, match=message):
        potential_mv_per_ma(medium, contact, x_um=place[0], y_um=place[1], z_um=place[2])


@pytest.mark.parametrize(
    "make",
    [
        lambda: Space(sigma_s_per_m=0.0),
        lambda: HalfSpace(sigma_s_per_m=0.2, sigma_beyond_s_per_m=-1.0),
        lambda: HalfSpace(sigma_s_per_m=(0.1, 0.1, 0.2), sigma_beyond_s_per_m=0.3),
        lambda: Layers(thickness_um=(1.0,), sigma_s_per_m=(1.0,)),
        lambda: Layers(thickness_um=(0.0,), sigma_s_per_m=(1.0, 1.0)),
        lambda: Spheres(radius_um=(5.0, 4.0), sigma_s_per_m=(1.0, 1.0)),
        lambda: Spheres(radius_um=(5.0,), sigma_s_per_m=(1.0,), sheet_ohm_m2=(-1.0,)),
        lambda: Spheres(radius_um=(5.0,), sigma_s_per_m=(1.0, 2.0)),
        lambda: Ball(x_um=0.0, y_um=0.0, z_um=0.0, radius_um=0.0),
        lambda: Needle(x_um=0.0, y_um=0.0, z_um=0.0, length_um=10.0, radius_um=5.0),
        lambda: Patch(radius_um=1.0, z_um=0.0, length_um=1.0, arc_deg=361.0),
        lambda: Point(x_um=math.inf, y_um=0.0, z_um=0.0),
    ],
)
def test_numbers_out_of_range_are_refused(make):
    with pytest.raises(InputError, match="allowed"):
        make()
