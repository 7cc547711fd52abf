"""Nested cylinders: their limits, what they conserve, and a finite-volume solution made here."""

import math
import time
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import coo_matrix
from scipy.sparse.linalg import spsolve
from scipy.special import ive, kve

from vagus.errors import InputError, ModelRange
from vagus.field import Cylinder, Patch, Point, Space, potential_mv_per_ma
from vagus.field.cylinder.bessel import bessel

# human fascicle of 500 µm in a cuff
NERVE = Cylinder(
    radius_um=(250.0, 1000.0), along_s_per_m=(0.571, 0.159), across_s_per_m=(0.167, 0.159), sheet_ohm_m2=(0.0333,)
)
BAND = Patch(radius_um=1000.0, z_um=0.0, length_um=775.0)


def _open(sheet_ohm_m2, *, inner=(0.571, 0.167)):
    return Cylinder(
        radius_um=(250.0, 900.0, math.inf), along_s_per_m=(inner[0], 0.159, 0.3), across_s_per_m=(inner[1], 0.159, 0.3),
        sheet_ohm_m2=(sheet_ohm_m2, 0.0),
    )  # fmt: skip


def _places(n, radius_um, *, seed=1, z_um=5000.0):
    rng = np.random.default_rng(seed)
    r, turn = radius_um * np.sqrt(rng.uniform(0.01, 1.0, n)), rng.uniform(-math.pi, math.pi, n)
    return r * np.cos(turn), r * np.sin(turn), rng.uniform(-z_um, z_um, n)


def _v(medium, contact, x, y, z):
    return potential_mv_per_ma(medium, contact, x_um=x, y_um=y, z_um=z)


@pytest.mark.parametrize("m", [0, 1, 4, 12])
def test_bessel_functions_are_those_of_scipy(m):
    x = np.geomspace(1e-3, 3000.0, 200)
    found = bessel(30, x)
    assert np.abs(found.log_i[m] - x - np.log(ive(m, x))).max() < 1e-11
    assert np.abs(found.log_k[m] + x - np.log(kve(m, x))).max() < 1e-11


def test_bessel_functions_keep_their_wronskian_where_scipy_underflows():
    x = np.geomspace(1e-6, 1e4, 100)
    found = bessel(400, x)
    # I K (I'/I - K'/K) = 1 / x
    left = found.log_i + found.log_k + np.log(found.slope_i + found.slope_k)
    assert np.abs(left + np.log(x)).max() < 1e-9


def test_shells_alike_are_one_anisotropic_medium():
    medium = Cylinder(radius_um=(250.0, 900.0, math.inf), along_s_per_m=(0.5,) * 3, across_s_per_m=(0.2,) * 3)
    space = Space(sigma_s_per_m=(0.2, 0.2, 0.5))
    for source, reach in ((Point(x_um=600.0, y_um=300.0, z_um=200.0), 250.0), (Point(x_um=90, y_um=0, z_um=0), 60.0)):
        x, y, z = _places(20, reach)
        assert _v(medium, source, x, y, z) == pytest.approx(_v(space, source, x, y, z), rel=1e-6)


def test_a_sheet_without_resistance_is_none():
    x, y, z = _places(12, 450.0)
    source = Point(x_um=0.0, y_um=750.0, z_um=0.0)
    none = Cylinder(
        radius_um=(250.0, 900.0, math.inf), along_s_per_m=(0.571, 0.159, 0.3), across_s_per_m=(0.167, 0.159, 0.3)
    )
    assert _v(_open(0.0), source, x, y, z) == pytest.approx(_v(none, source, x, y, z), rel=1e-12)
    # 1e-6 ohm m2 is 0.2 µm of epineurium
    assert _v(_open(1e-6), source, x, y, z) == pytest.approx(_v(none, source, x, y, z), rel=1e-3)


def test_a_sheet_with_thickness_is_a_thin_shell():
    # 1 µm of 1 / 3000 S/m across, which carries nothing along: 0.003 ohm m2 at its middle radius
    thin = Cylinder(
        radius_um=(249.5, 250.5, math.inf), along_s_per_m=(0.571, 1e-7, 0.159), across_s_per_m=(0.167, 1 / 3000, 0.159)
    )
    sheet = Cylinder(
        radius_um=(250.0, math.inf), along_s_per_m=(0.571, 0.159), across_s_per_m=(0.167, 0.159), sheet_ohm_m2=(0.003,)
    )
    x, y, z = _places(12, 240.0)
    source = Point(x_um=500.0, y_um=0.0, z_um=0.0)
    assert _v(sheet, source, x, y, z) == pytest.approx(_v(thin, source, x, y, z), rel=2e-3)


def test_a_sheet_of_great_resistance_insulates():
    rng = np.random.default_rng(2)
    turn, r, z = rng.uniform(0.5, 5.5, 15), rng.uniform(270.0, 550.0, 15), rng.uniform(-3000.0, 3000.0, 15)
    source = Point(x_um=800.0, y_um=0.0, z_um=0.0)
    sealed = _v(_open(1e4), source, r * np.cos(turn), r * np.sin(turn), z)
    # tissue that conducts a hundred millionth in its place
    empty = _v(_open(0.0, inner=(1e-9, 1e-9)), source, r * np.cos(turn), r * np.sin(turn), z)
    assert sealed == pytest.approx(empty, rel=1e-5)


def test_source_and_place_exchanged_give_the_same():
    inside, outside = (100.0, -60.0, 700.0), (500.0, 400.0, 0.0)
    for medium in (NERVE, _open(0.0333)):
        there = _v(medium, Point(x_um=inside[0], y_um=inside[1], z_um=inside[2]), *outside)
        back = _v(medium, Point(x_um=outside[0], y_um=outside[1], z_um=outside[2]), *inside)
        assert there == pytest.approx(back, rel=1e-7)


def test_far_away_half_of_the_current_leaves_each_way():
    z = np.array([-9990.0, -10000.0, -10010.0, 9990.0, 10000.0, 10010.0])
    v = _v(NERVE, BAND, 0.0, 0.0, z)
    slope = (v[2] - v[0]) / 20.0, (v[5] - v[3]) / 20.0
    # far away both shells are one wire: dV/dz = I / (2 S), in mV per mA and µm
    wire = 1e-6 / (2.0 * NERVE.along_s_m)
    # z falls in the first three, rises in the last
    assert slope == pytest.approx((-wire, -wire), rel=1.5e-3)


def test_an_open_band_is_at_one_potential():
    # 4 % inside of the surface the potential is still that of the surface but for the edges; the last is beside it
    turn = np.array([0.0, 0.0, 0.0, 0.8, 1.6, 2.4, 0.0])
    z = np.array([-250.0, -125.0, 0.0, 0.0, 0.0, 0.0, 1000.0])
    band = Patch(radius_um=1000.0, z_um=0.0, length_um=775.0, arc_deg=340.0)
    v = _v(NERVE, band, 960.0 * np.cos(turn), 960.0 * np.sin(turn), z)
    assert np.ptp(v[:-1]) < 0.05 * (v[:-1].max() - v[-1])


def test_an_open_band_closes():
    x, y, z = _places(10, 240.0)
    nearly = _v(NERVE, Patch(radius_um=1000.0, z_um=0.0, length_um=775.0, arc_deg=359.9), x, y, z)
    assert nearly == pytest.approx(_v(NERVE, BAND, x, y, z), rel=2e-3)


def test_a_helix_mirrors_and_turns():
    band = Patch(radius_um=1000.0, z_um=100.0, length_um=775.0, arc_deg=270.0, angle_deg=30.0, rise_um=1710.0)
    x, y, z = _places(2, 240.0, z_um=1500.0)
    found = _v(NERVE, band, x, y, z)
    # half a turn about the line through the middle of the band maps it onto itself
    angle = 2.0 * math.radians(30.0)
    x2, y2 = x * math.cos(angle) + y * math.sin(angle), x * math.sin(angle) - y * math.cos(angle)
    assert _v(NERVE, band, x2, y2, 200.0 - z) == pytest.approx(found, rel=1e-9)
    flat = _v(NERVE, Patch(radius_um=1000.0, z_um=100.0, length_um=775.0, arc_deg=270.0, angle_deg=30.0), x, y, z)
    assert np.abs(found - flat).max() > 1.0


def _ring_by_volumes(n_r=200, n_z=400, length_um=16000.0):
    """Ring of uniform current on the wall of NERVE, axisymmetric finite volumes; both ends at 0 mV."""
    edges = np.concatenate([np.linspace(0, 250, n_r // 3 + 1), np.linspace(250, 1000, n_r - n_r // 3 + 1)[1:]]) * 1e-6
    r = (edges[1:] + edges[:-1]) / 2
    inside = r < 250e-6
    along, across = np.where(inside, 0.571, 0.159), np.where(inside, 0.167, 0.159)
    z = np.linspace(0, length_um * 1e-6, n_z + 1) ** 1.0
    z = z[-1] * (np.sinh(2.5 * z / z[-1]) / math.sinh(2.5))
    dz, mid = np.diff(z), (z[1:] + z[:-1]) / 2
    index = np.arange(n_r * n_z).reshape(n_r, n_z)
    rows, cols, vals = [], [], []

    def join(a, b, g):
        rows.extend([a, b, a, b])
        cols.extend([a, b, b, a])
        vals.extend([g, g, -g, -g])

    for i in range(n_r - 1):
        face = 2 * math.pi * edges[i + 1] * dz
        sheet = 0.0333 if inside[i] != inside[i + 1] else 0.0
        each = (edges[i + 1] - r[i]) / across[i] + (r[i + 1] - edges[i + 1]) / across[i + 1] + sheet
        join(index[i], index[i + 1], face / each)
    area = math.pi * np.diff(edges**2)
    for k in range(n_z - 1):
        join(index[:, k], index[:, k + 1], area * along / (mid[k + 1] - mid[k]))
    end = area * along / (z[-1] - mid[-1])
    rows.append(index[:, -1])
    cols.append(index[:, -1])
    vals.append(end)
    matrix = coo_matrix(
        (np.concatenate([np.broadcast_to(v, np.shape(r_)) for v, r_ in zip(vals, rows, strict=True)]),
         (np.concatenate(rows), np.concatenate(cols)))
    ).tocsc()  # fmt: skip
    # half of the current, by symmetry, over half of the band, with its crowding at the edge: 1 / sqrt(1 - u²)
    half = 0.5 * 775e-6
    up, low = (np.arcsin(np.clip(edge / half, 0.0, 1.0)) for edge in (z[1:], z[:-1]))
    source = np.zeros((n_r, n_z))
    source[-1] = 0.5 * (up - low) / (math.pi / 2)
    return r * 1e6, mid * 1e6, np.asarray(spsolve(matrix, source.ravel())).reshape(n_r, n_z)


def test_against_finite_volumes():
    r, z, volumes = _ring_by_volumes()
    at_r, at_z = [10, 40, 60, 80, 120, 150], [0, 60, 120, 200, 300]
    rr, zz = np.meshgrid(r[at_r], z[at_z], indexing="ij")
    waves = _v(NERVE, BAND, rr, 0.0, zz)
    # of the free constant: ends at 16 mm are at 0 mV there
    waves = waves - _v(NERVE, BAND, 100.0, 0.0, 16000.0)
    assert waves == pytest.approx(volumes[np.ix_(at_r, at_z)], rel=2e-3)


def test_against_finite_elements_in_three_dimensions():
    # another solver and mesh (tests/data/SOURCE.md); places inside and outside of the fascicle
    path = Path(__file__).parents[1] / "data" / "cylinder_fem.csv"
    x, y, z, elements = np.loadtxt(path, delimiter=",", skiprows=1)[::2].T  # every other: the same error as all 200
    patch = Patch(radius_um=1000.0, z_um=0.0, length_um=775.0, arc_deg=100.0)
    waves = _v(NERVE, patch, x, y, z)
    waves = waves - _v(NERVE, patch, 100.0, 0.0, 8000.0)  # its ends are at 0 mV there
    assert np.abs(waves / elements - 1.0).max() < 2e-3


def test_fibers_are_fast():
    # 20 fibers of 200 places each took 0.7 s of one core; generous for a loaded machine
    rng = np.random.default_rng(3)
    r, turn = 240.0 * np.sqrt(rng.uniform(size=(20, 1))), rng.uniform(-3, 3, (20, 1))
    start = time.process_time()
    band = Patch(radius_um=1000.0, z_um=0.0, length_um=775.0, arc_deg=340.0)
    _v(NERVE, band, r * np.cos(turn), r * np.sin(turn), np.linspace(-15e3, 15e3, 200))
    assert time.process_time() - start < 6.0


@pytest.mark.parametrize(
    ("contact", "place", "kind", "message"),
    [
        (
            Patch(radius_um=1100.0, z_um=0.0, length_um=9.0),
            (0.0, 0.0, 0.0),
            InputError,
            "contact lies outside the wall",
        ),
        (BAND, (1200.0, 0.0, 0.0), InputError, "place lies outside the wall"),
        (BAND, (990.0, 0.0, 0.0), ModelRange, "10 µm from the contact's radius"),
    ],
)
def test_what_the_series_cannot_answer_is_refused(contact, place, kind, message):
    with pytest.raises(kind, match=message):
        _v(NERVE, contact, *place)


@pytest.mark.parametrize(
    "change",
    [
        {"radius_um": (900.0, 250.0)},
        {"along_s_per_m": (0.5,)},
        {"across_s_per_m": (0.5, 0.0)},
        {"sheet_ohm_m2": (-1.0,)},
        {"sheet_ohm_m2": (0.1, 0.1)},
    ],
)
def test_cylinders_that_cannot_be_are_refused(change):
    good = {"radius_um": (250.0, 900.0), "along_s_per_m": (0.5, 0.2), "across_s_per_m": (0.2, 0.2)}
    with pytest.raises(InputError, match="allowed"):
        Cylinder(**{**good, **change})
