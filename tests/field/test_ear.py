"""Pads on layered skin against closed forms; ears and necks drawn within their ranges."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.special import j0, jv

from vagus.dose import device_of, montage
from vagus.errors import InputError
from vagus.field import (
    Disc,
    Layer,
    Layers,
    Pad,
    SkinField,
    draw_ear,
    draw_neck,
    potential_mv_per_ma,
    territories,
)
from vagus.field.surface import layer
from vagus.field.surface.layer import plate
from vagus.field.surface.pad import MODES, pad_shares

SKIN = Layer(name="skin", thickness_um=800.0, sigma_s_per_m=0.27)
SUBCUTIS = Layer(name="subcutis", thickness_um=600.0, sigma_s_per_m=0.1)
CARTILAGE = Layer(name="cartilage", thickness_um=600.0, sigma_s_per_m=0.18)
BEHIND = Layer(name="behind", thickness_um=math.inf, sigma_s_per_m=0.13)
CONCHA = (SKIN, SUBCUTIS, CARTILAGE, BEHIND)
TRAGUS = plate((SKIN, SUBCUTIS, CARTILAGE, SUBCUTIS, SKIN))
PAD = Pad(x_um=0.0, y_um=0.0, radius_um=3000.0)


def _concha(*pads, dry_ohm_m2=0.0):
    return SkinField(layers=CONCHA, contacts=pads or (PAD,), dry_ohm_m2=dry_ohm_m2)


def test_without_a_dry_layer_a_pad_is_an_equipotential_disc():
    rng = np.random.default_rng(1)
    x, y = rng.uniform(-12000.0, 12000.0, (2, 200))
    z = rng.uniform(100.0, 5000.0, 200)
    medium = Layers(thickness_um=(800.0, 600.0, 600.0), sigma_s_per_m=(0.27, 0.1, 0.18, 0.13))
    disc = potential_mv_per_ma(medium, Disc(x_um=0.0, y_um=0.0, radius_um=3000.0), x_um=x, y_um=y, z_um=z)
    (found,) = _concha().mv_per_ma(x_um=x, y_um=y, z_um=z)
    # 12 polynomials cannot follow the density to infinity at the edge: 0.03 % is what that leaves at 0.1 mm
    assert np.max(np.abs(found / disc - 1.0)) < 1e-3


def test_under_a_thick_dry_layer_the_density_is_even():
    depth = np.array([150.0, 700.0, 3000.0])
    half_space = (Layer(name="skin", thickness_um=1000.0, sigma_s_per_m=0.2), replace(BEHIND, sigma_s_per_m=0.2))
    field = SkinField(layers=half_space, contacts=(PAD,), dry_ohm_m2=1e4)
    # on the axis of an even disc on a half space: 2 (sqrt(a^2 + z^2) - z) / a^2 over 2 pi sigma, mV per mA
    axis = 1e6 / (math.pi * 0.2) * (np.hypot(3000.0, depth) - depth) / 3000.0**2
    assert field.mv_per_ma(x_um=0.0, y_um=0.0, z_um=depth)[0] == pytest.approx(axis, rel=1e-4)


@pytest.mark.parametrize("dry_ohm_m2", [0.01, 0.07, 0.5])
def test_metal_behind_the_dry_layer_is_at_one_potential(dry_ohm_m2):
    # on a half space J0 and the spectrum have a closed sum: V(r, 0) of mode n by quadrature over the disc's own waves
    sigma, radius = 0.2, 3e-3
    shares = pad_shares(Layers(thickness_um=(), sigma_s_per_m=(sigma,)), 1e6 * radius, dry_ohm_m2)
    share = np.linspace(0.02, 0.97, 12)
    density = sum(c * np.polynomial.legendre.Legendre.basis(n)(1.0 - 2.0 * share**2) for n, c in enumerate(shares))
    wave = (np.arange(20_000) + 0.5) * 0.02
    spectrum = sum(c * jv(2 * n + 1, wave) / wave for n, c in enumerate(shares))
    surface = np.array([np.sum(spectrum * j0(wave * s)) * 0.02 for s in share]) / (math.pi * sigma * radius)
    metal = surface + dry_ohm_m2 * density / (math.pi * radius**2)
    assert np.ptp(metal) < 5e-3 * metal.mean()


def test_current_through_a_clip_is_what_it_was_given():
    front, back = PAD, replace(PAD, face="back")
    field = SkinField(layers=TRAGUS, contacts=(front, back), dry_ohm_m2=0.07)
    rho, middle = np.linspace(0.0, 12000.0, 2001), field.height_um / 2.0
    z = np.array([[middle - 5.0], [middle + 5.0]])
    one, other = field.mv_per_ma(x_um=rho, y_um=0.0, z_um=z)
    density = CARTILAGE.sigma_s_per_m * ((one - other)[0] - (one - other)[1]) * 1e-3 / 10e-6  # A/m2 per mA
    current_ma = 1e3 * np.trapezoid(density * 2.0 * math.pi * 1e-6 * rho, 1e-6 * rho)
    assert current_ma == pytest.approx(1.0, rel=2e-3)
    # the same plate from its other side
    assert one[:, ::5] == pytest.approx(other[::-1, ::5], rel=1e-9)


def test_pads_superpose_and_move():
    near = Pad(x_um=2000.0, y_um=-1000.0, radius_um=3000.0)
    both = _concha(PAD, near, dry_ohm_m2=0.07).mv_per_ma(x_um=[0.0, 2500.0], y_um=500.0, z_um=[300.0, 1200.0])
    (moved,) = _concha(PAD, dry_ohm_m2=0.07).mv_per_ma(x_um=[-2000.0, 500.0], y_um=1500.0, z_um=[300.0, 1200.0])
    assert both[1] == pytest.approx(moved, rel=1e-4)


def test_a_larger_pad_makes_less_field_in_the_skin():
    drop = []
    for radius_um in (1500.0, 3000.0, 6000.0):
        (v,) = _concha(replace(PAD, radius_um=radius_um)).mv_per_ma(x_um=0.0, y_um=0.0, z_um=[150.0, 750.0])
        drop.append(v[0] - v[1])
    assert drop[0] > drop[1] > drop[2] > 0.0


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"contacts": ()}, "no contact"),
        ({"contacts": (replace(PAD, face="back"),)}, "tissue without end"),
        ({"dry_ohm_m2": -1.0}, "dry_ohm_m2"),
        ({"layers": (SKIN, SUBCUTIS)}, "layers do not fit"),
    ],
)
def test_fields_that_cannot_be_say_why(change, told):
    with pytest.raises(InputError, match=told):
        replace(_concha(), **change)


def test_places_outside_the_tissue_are_refused():
    for z_um in (0.0, 50.0, float("nan")):
        with pytest.raises(InputError):
            _concha().mv_per_ma(x_um=0.0, y_um=0.0, z_um=z_um)
    field = SkinField(layers=TRAGUS, contacts=(PAD,), dry_ohm_m2=0.0)
    with pytest.raises(InputError, match="3300"):
        field.mv_per_ma(x_um=0.0, y_um=0.0, z_um=3390.0)
    with pytest.raises(InputError, match="no such face"):
        Pad(x_um=0.0, y_um=0.0, radius_um=1.0, face="under")  # pyright: ignore[reportArgumentType]
    with pytest.raises(InputError, match="thickness_um"):
        Layer(name="skin", thickness_um=0.0, sigma_s_per_m=1.0)


@pytest.mark.parametrize("place", ["cymba", "cavum", "tragus", "earlobe"])
def test_ears_are_drawn_over_their_ranges(place):
    rng = np.random.default_rng(7)
    ears = [draw_ear(place, rng=rng) for _ in range(300)]
    for key, values in {
        "skin_thickness": [one.skin_um for one in ears],
        "skin_conductivity": [one.layers[0].sigma_s_per_m for one in ears],
        "dry_layer": [one.dry_ohm_m2 for one in ears],
        "a_beta_diameter": [one.a_beta_um for one in ears],
    }.items():
        known = layer.known("ear", key)
        assert known.low is not None
        assert known.high is not None
        assert known.low <= min(values) < known.low + 0.1 * (known.high - known.low)
        assert known.high >= max(values) > known.high - 0.1 * (known.high - known.low)
    assert draw_ear(place, rng=np.random.default_rng(3)) == draw_ear(place, rng=np.random.default_rng(3))
    assert tuple(one.name for one in ears[0].layers) == territories()[place].tissues
    assert ears[0].bundles.source.verified
    assert ears[0].sources


def test_nerves_of_the_ear_are_told_in_order():
    places = territories()
    assert places["cymba"].nerves == ("abvn",)
    assert "abvn" not in places["earlobe"].nerves
    assert set(places["tragus"].nerves) == {"abvn", "gan", "atn"}
    assert {key for key, one in places.items() if one.is_plate} == {"tragus", "earlobe"}


def test_contacts_lie_where_the_montage_says():
    two = draw_ear("cymba", rng=np.random.default_rng(1)).field(montage(device_of("tvnsr"), "cymba_right"))
    assert [(one.x_um, one.face) for one in two.contacts] == [(4000.0, "front"), (-4000.0, "front")]
    assert two.contacts[0].area_mm2 == pytest.approx(28.0)
    clip = draw_ear("earlobe", rng=np.random.default_rng(1)).field(montage(device_of("tvnsr"), "earlobe_left"))
    assert [one.face for one in clip.contacts] == ["front", "back"]
    with pytest.raises(InputError, match="do not fit"):
        draw_ear("cavum", rng=np.random.default_rng(1)).field(montage(device_of("tvnsr"), "cymba_left"))
    with pytest.raises(InputError, match="no such place"):
        draw_ear("helix", rng=np.random.default_rng(1))  # pyright: ignore[reportArgumentType]


def test_necks_hold_the_nerve_below_the_muscle():
    rng = np.random.default_rng(5)
    necks = [draw_neck(rng=rng) for _ in range(200)]
    for one in necks:
        assert one.nerve_depth_um >= sum(part.thickness_um for part in one.layers[:-1])
    depths_mm = np.array([one.nerve_depth_um for one in necks]) / 1e3
    assert 7.0 < depths_mm.min() < 14.0 < depths_mm.max() < 31.0
    with pytest.raises(InputError, match="do not fit"):
        necks[0].field(montage(device_of("tvnsr"), "cymba_left"))


def test_more_fat_weakens_the_field_at_the_nerve():
    neck = draw_neck(rng=np.random.default_rng(2))
    discs = montage(device_of("gammacore"), "neck_left")
    bent = []
    for fat_um in (2000.0, 8000.0):
        layers = (neck.layers[0], replace(neck.layers[1], thickness_um=fat_um), *neck.layers[2:])
        depth_um = 1000.0 + sum(one.thickness_um for one in layers[:-1])
        upper, lower = (
            replace(neck, layers=layers).field(discs).mv_per_ma(x_um=[-2000.0, 0.0, 2000.0], y_um=0.0, z_um=depth_um)
        )
        bent.append(abs(np.diff(upper - lower)).max())
    assert bent[0] > bent[1] > 0.0


def test_modes_are_enough():
    medium = Layers(thickness_um=(800.0,), sigma_s_per_m=(0.27, 0.1))
    # with a dry layer of the least declared resistance the last mode is small against the first
    shares = pad_shares(medium, 3000.0, 0.01)
    assert shares.size == MODES
    assert abs(shares[-1]) < 1e-3
