"""Finite elements against closed forms, each over 200 seeded places at least 0.3 mm from the source."""

import math

import numpy as np
import pytest

from vagus.field import Ball, HalfSpace, Point, Space, Spheres, potential_mv_per_ma
from vagus.field.fem import engine
from vagus.field.fem.columns import Columns
from vagus.field.fem.section import Loop, extra, planes, triangulate
from vagus.field.nerve import ring

ng = pytest.importorskip("ngsolve", reason='needs the extra: pip install "vagus[fem]"')

N = 200


def _block(half_um, *, top_um, low_um, source=None, edge_um, step_um, top_is_ground):
    """A block of one material; triangles and planes close around a source on the z axis."""
    corners = half_um * np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
    count = round(2 * half_um / edge_um)
    share = np.arange(count)[:, None] / count
    square = np.concatenate([a + (b - a) * share for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True)])
    if source is None:
        loops = [Loop(corners_um=square, inside=0, outside=-1)]
        heights = np.linspace(low_um, top_um, 1 + round((top_um - low_um) / step_um))
    else:
        near = ring.circle(0.0, 0.0, 150.0, n=6)
        loops = [Loop(corners_um=near, inside=0, outside=1), Loop(corners_um=square, inside=1, outside=-1)]
        heights = planes({source: step_um}, low_um=low_um, high_um=top_um, growth=1.6)
    section = triangulate(loops, grading=0.4)
    columns = Columns(
        section=section, heights_um=np.tile(heights, (len(section.corners_um), 1)),
        cells=np.zeros((len(section.triangles), heights.size - 1), int),
    )  # fmt: skip
    columns.name_ground(low=True, high=top_is_ground)
    return engine.mesh_of(columns, ["tissue"])[0]


def _places(half_um, low_um, high_um, source, *, seed):
    rng = np.random.default_rng(seed)
    places = rng.uniform((-half_um, -half_um, low_um), (half_um, half_um, high_um), (4 * N, 3))
    return places[np.linalg.norm(places - source, axis=1) >= 300.0][:N]


def _at(mesh, function, places):
    x, y, z = 1e-3 * places.T
    return 1e3 * np.asarray(function(mesh(x, y, z))).ravel()


def _error(found, true):
    assert len(true) == N
    return float(np.abs(found / true - 1.0).max())


def _distance(x0, y0, z0, s=(1.0, 1.0, 1.0)):
    return ng.sqrt((ng.x - x0) ** 2 / s[0] + (ng.y - y0) ** 2 / s[1] + (ng.z - z0) ** 2 / s[2])


def test_image_plane():
    half, depth, sigma = 3000.0, 800.0, 0.3
    # the upper plane is an insulator, so no part of it is ground
    mesh = _block(half, low_um=-6000.0, top_um=0.0, source=-depth, edge_um=1500.0, step_um=150.0, top_is_ground=False)
    system = engine.assemble(
        mesh, conductivity={"tissue": (sigma, sigma, sigma)}, sheets={}, inner=[], contacts=[], order=3
    )
    closed = (1 / _distance(0, 0, -1e-3 * depth) + 1 / _distance(0, 0, 1e-3 * depth)) / (4 * math.pi * sigma)
    found = engine.driven_function(system, outside_v=closed, point_um=(0.0, 0.0, -depth))
    places = _places(half, -6000.0, 0.0, (0.0, 0.0, -depth), seed=1)
    true = potential_mv_per_ma(
        HalfSpace(sigma_s_per_m=sigma), Point(x_um=0.0, y_um=0.0, z_um=depth), x_um=places[:, 0], y_um=places[:, 1],
        z_um=-places[:, 2],
    )  # fmt: skip
    error = _error(_at(mesh, found, places), true)
    assert error < 0.005


def test_anisotropic_point_source():
    half, sigma = 3000.0, (0.167, 0.167, 0.571)
    mesh = _block(half, low_um=-3000.0, top_um=3000.0, source=0.0, edge_um=1500.0, step_um=200.0, top_is_ground=True)
    system = engine.assemble(mesh, conductivity={"tissue": sigma}, sheets={}, inner=[], contacts=[], order=3)
    closed = 1 / (4 * math.pi * math.sqrt(math.prod(sigma)) * _distance(0, 0, 0, sigma))
    found = engine.driven_function(system, outside_v=closed, point_um=(0.0, 0.0, 0.0))
    places = _places(half, -3000.0, 3000.0, (0.0, 0.0, 0.0), seed=2)
    true = potential_mv_per_ma(
        Space(sigma_s_per_m=sigma), Point(x_um=0.0, y_um=0.0, z_um=0.0), x_um=places[:, 0], y_um=places[:, 1],
        z_um=places[:, 2],
    )  # fmt: skip
    error = _error(_at(mesh, found, places), true)
    assert error < 0.01


def _octant(radii_mm, names, faces, *, fine_mm):
    """An eighth of spheres in each other, as curved tetrahedra; its three cuts are planes of symmetry."""
    occ = extra("netgen.occ")
    solids = []
    for inner, outer, name in zip(radii_mm, radii_mm[1:], names, strict=False):
        shell = (occ.Sphere(occ.Pnt(0, 0, 0), outer) - occ.Sphere(occ.Pnt(0, 0, 0), inner)) * occ.Box(
            (0, 0, 0), (20, 20, 20)
        )
        shell.mat(name)
        solids.append(shell)
    whole = occ.Glue(solids)
    for face in whole.faces:
        low, high = face.bounding_box
        if min(high[k] - low[k] for k in range(3)) > 0.1:
            k = int(np.abs(np.array(radii_mm) - (high[0] - low[0])).argmin())
            face.name, face.maxh = faces[k], fine_mm[k]
        else:
            face.name = "cut"
    return ng.Mesh(occ.OCCGeometry(whole).GenerateMesh(maxh=8.0, grading=0.5)).Curve(4)


def test_concentric_spheres_with_a_sheet():
    # a ball of 0.5 mm that carries 1 mA; the sphere of 14 mm is at 0 mV, as the closed form has it
    mesh = _octant((0.5, 2.0, 14.0), ("inner", "outer"), ("contact0", "sheet", "ground"), fine_mm=(0.25, 0.8, 4.0))
    # "inner" of the engine is the space without contacts, which here is the outer shell
    system = engine.assemble(
        mesh, conductivity={"inner": (0.2, 0.2, 0.2), "outer": (0.35, 0.35, 0.35)}, sheets={"sheet": 0.0333},
        inner=["outer"], contacts=["contact0"], order=4,
    )  # fmt: skip
    (one,), current, grounded = engine.contact_functions(system)
    assert grounded[0] == pytest.approx(-current[0, 0], rel=1e-6)
    rng = np.random.default_rng(3)
    away = np.abs(rng.normal(size=(N, 3)))
    r = np.where(np.arange(N) < N // 2, rng.uniform(800.0, 1990.0, N), rng.uniform(2010.0, 13_000.0, N))
    places = away / np.linalg.norm(away, axis=1)[:, None] * r[:, None]
    outside, inside = one.components
    found = np.concatenate([_at(mesh, inside, places[: N // 2]), _at(mesh, outside, places[N // 2 :])])
    medium = Spheres(radius_um=(2000.0, 14_000.0), sigma_s_per_m=(0.2, 0.35), sheet_ohm_m2=(0.0333, 0.0))
    ball = Ball(x_um=0.0, y_um=0.0, z_um=0.0, radius_um=500.0)
    true = potential_mv_per_ma(medium, ball, x_um=places[:, 0], y_um=places[:, 1], z_um=places[:, 2])
    error = _error(found / (8.0 * current[0, 0]), true)
    assert error < 0.005


@pytest.mark.parametrize("order", [1, 2])
def test_the_error_falls_with_the_order_of_the_elements(order):
    errors = []
    for edge in (500.0, 250.0):
        mesh = _block(500.0, low_um=0.0, top_um=1000.0, edge_um=edge, step_um=edge, top_is_ground=True)
        system = engine.assemble(
            mesh, conductivity={"tissue": (1.0, 1.0, 1.0)}, sheets={}, inner=[], contacts=[], order=order
        )
        smooth = ng.exp(1.5 * ng.x) * ng.cos(1.2 * ng.y) * ng.cos(0.9 * ng.z)  # 1.5² = 1.2² + 0.9²: harmonic
        found = engine.driven_function(system, outside_v=smooth)
        errors.append(math.sqrt(ng.Integrate((found - smooth) ** 2, mesh)))
    # meshes are not nested, so a quarter of an order is left to chance
    assert math.log2(errors[0] / errors[1]) > order + 1 - 0.25
