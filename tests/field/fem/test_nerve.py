"""A nerve in its electrode by finite elements: waves of a cylinder, reciprocity, what is kept, what is refused."""

import dataclasses
import math
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest

from vagus.errors import InputError, ModelRange
from vagus.field import (
    Cylinder,
    Fascicle,
    Insulation,
    Mesh,
    Nerve,
    NerveTissue,
    Patch,
    centered_nerve,
    cuff,
    draw_nerve,
    helix,
    insulation_behind,
    nerve_tissue,
    potential_mv_per_ma,
    solve_field,
)
from vagus.field.fem import engine
from vagus.field.fem.cuffed import mesh_nerve, slope
from vagus.field.fem.outline import thinned, thinned_nerve
from vagus.field.fem.section import extra
from vagus.field.medium.nerve_tissue import Pocket
from vagus.field.nerve import ring
from vagus.files import FolderStore, field_bytes, read_field

pytest.importorskip("ngsolve", reason='needs the extra: pip install "vagus[fem]"')

ROUGH = Mesh(edge_um=120.0, step_um=150.0, growth=3.0, grading=0.9, order=2)


def _fascicle(x_um, y_um, radius_um, *, label="1", sheath_um=20.0):
    return Fascicle(label=label, outline_um=ring.circle(x_um, y_um, radius_um, n=200), perineurium_um=sheath_um)


def _nerve(*fascicles, radius_um):
    return Nerve(
        species="rat" if radius_um < 400.0 else "human",
        outline_um=ring.circle(0.0, 0.0, radius_um, n=200),
        fascicles=fascicles,
    )


SMALL = _nerve(_fascicle(-70, 0, 60), _fascicle(80, 20, 50, label="2"), radius_um=180.0)
PAIR = cuff(200.0, z_um=(-500.0, 500.0), length_um=300.0, arc_deg=300.0)


@pytest.fixture(scope="module")
def small():
    return solve_field(SMALL, PAIR, nerve_tissue("saline"), detail=ROUGH, half_length_um=5000.0, far_um=3000.0)


def test_one_fascicle_against_waves_of_a_cylinder():
    # 200 seeded places (tests/data/SOURCE.md), half of them inside of the fascicle, 0.35 mm or more from the contact
    path = Path(__file__).parents[2] / "data" / "cylinder_fem.csv"
    x, y, z, _ = np.loadtxt(path, delimiter=",", skiprows=1).T
    medium = Cylinder(
        radius_um=(250.0, 1000.0), along_s_per_m=(0.571, 0.159), across_s_per_m=(0.167, 0.159), sheet_ohm_m2=(0.0333,)
    )
    patch = Patch(radius_um=1000.0, z_um=0.0, length_um=775.0, arc_deg=100.0)
    end = 16_000.0
    waves = potential_mv_per_ma(medium, patch, x_um=x, y_um=y, z_um=z)
    waves -= potential_mv_per_ma(medium, patch, x_um=0.0, y_um=0.0, z_um=end)
    nerve = _nerve(_fascicle(0, 0, 250, sheath_um=33.3), radius_um=900.0)
    tissue = NerveTissue(
        endoneurium_along_s_per_m=0.571, endoneurium_across_s_per_m=0.167, perineurium_ohm_m=1000.0,
        epineurium_s_per_m=0.159, capsule_s_per_m=0.159, around_s_per_m=0.1,
    )  # fmt: skip
    wall = Insulation(radius_um=1000.0, thickness_um=300.0, z_um=0.0, length_um=2.0 * end)
    found = solve_field(
        nerve, [patch], tissue, insulation=[wall], half_length_um=1.0, far_um=2500.0,
        detail=Mesh(edge_um=200.0, step_um=200.0, growth=1.7, grading=0.7, order=2),
    )  # fmt: skip
    error = np.abs(found.mv_per_ma(x_um=x, y_um=y, z_um=z)[0] / waves - 1.0)
    assert len(error) == 200
    assert error.max() < 0.01
    assert found.flux_error < 1e-6


def test_flux_and_reciprocity_of_contacts(small):
    assert small.flux_error < 1e-6
    assert small.reciprocity_error < 1e-6
    # a contact that carries nothing floats: its potential is that of the tissue that it touches
    turn = np.linspace(-1.0, 1.0, 5)
    on = small.mv_per_ma(x_um=190.0 * np.cos(turn), y_um=190.0 * np.sin(turn), z_um=500.0)
    assert on[0] == pytest.approx(np.full(5, small.contact_mv_per_ma[1, 0]), rel=2e-2)


def test_a_point_in_the_nerve_and_a_contact_are_reciprocal():
    tissue = nerve_tissue("fat")
    columns = mesh_nerve(SMALL, PAIR, insulation_behind(PAIR), mesh=ROUGH, half_length_um=3000.0, far_um=2000.0)
    across, along = tissue.endoneurium_across_s_per_m, tissue.endoneurium_along_s_per_m
    inner = {f"fascicle{k}": (across, across, along) for k in range(2)}
    outer = dict.fromkeys(("epineurium", "capsule", "around"), (0.1, 0.1, 0.1))
    mesh, _ = engine.mesh_of(columns, [*inner, *outer])
    system = engine.assemble(
        mesh, conductivity=inner | outer, sheets={"sheet0": 0.02, "sheet1": 0.03}, inner=list(inner),
        contacts=["contact0", "contact1"], order=2,
    )  # fmt: skip
    functions, _, _ = engine.contact_functions(system)
    place = (10.0, -120.0, 300.0)
    point = engine.driven_function(system, point_um=place)
    rest = point.vec.CreateVector()
    rest.data = system.form.mat * point.vec
    for k, one in enumerate(functions):
        into = -extra("ngsolve").InnerProduct(rest, engine.raised(system, f"contact{k}").vec)
        at = engine.components(one)[1](mesh(*(1e-3 * c for c in place)))
        assert into == pytest.approx(at, rel=1e-6)


def test_the_potential_jumps_at_the_perineurium_and_nowhere_else(small):
    z = np.array([200.0, 400.0])
    inside, outside = (small.mv_per_ma(x_um=-70.0 + r, y_um=0.0, z_um=z)[0] for r in (59.9, 60.1))
    assert np.abs(inside / outside - 1.0).min() > 0.01
    below, above = (small.mv_per_ma(x_um=-70.0, y_um=0.0, z_um=z + dz)[0] for dz in (-0.01, 0.01))
    assert below == pytest.approx(above, rel=1e-3)


def test_fields_of_many_places_keep_their_shape(small):
    rng = np.random.default_rng(1)
    x, y, z = rng.uniform(-100.0, 100.0, (3, 40, 25))
    found = small.mv_per_ma(x_um=x, y_um=y, z_um=z)
    assert found.shape == (2, 40, 25)
    assert small.mv_per_ma(x_um=x[3, 4], y_um=y[3, 4], z_um=z[3, 4]) == pytest.approx(found[:, 3, 4], rel=1e-12)


def test_kept_and_written_fields_are_the_same(small):
    tissue = nerve_tissue("saline")
    place = {"x_um": [-70.0, 20.0], "y_um": 0.0, "z_um": 100.0}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "field.npz"
        file.write_bytes(field_bytes(small))
        read = read_field(file)
        assert read.contacts == small.contacts
        assert read.insulation == small.insulation
        assert (read.mv_per_ma(**place) == small.mv_per_ma(**place)).all()
        store = FolderStore.at(Path(folder) / "kept")
        coarse = dataclasses.replace(ROUGH, order=1)
        told: list[float] = []
        args = {"detail": coarse, "half_length_um": 3000.0, "far_um": 2000.0, "store": store, "progress": told.append}
        first = solve_field(SMALL, PAIR, tissue, **args)
        assert told == sorted(told)
        told.clear()
        again = solve_field(SMALL, PAIR, tissue, **args)
        assert told == [1.0]
        assert (again.mv_per_ma(**place) == first.mv_per_ma(**place)).all()
        file.write_bytes(b"no field")
        with pytest.raises(InputError, match=r"field\.npz: file is no field"):
            read_field(file)


def test_insulation_keeps_the_current_in(small):
    bare = solve_field(
        SMALL, PAIR, nerve_tissue("saline"), detail=ROUGH, half_length_um=5000.0, far_um=3000.0, insulation=()
    )
    assert bare.contact_mv_per_ma[0, 0] < 0.5 * small.contact_mv_per_ma[0, 0]
    # places in the sleeve have tissue only where there is none of it
    assert bare.holds(x_um=400.0, y_um=0.0, z_um=0.0)
    assert not small.holds(x_um=400.0, y_um=0.0, z_um=0.0)
    with pytest.raises(ModelRange, match="in an insulator"):
        small.mv_per_ma(x_um=400.0, y_um=0.0, z_um=0.0)
    with pytest.raises(ModelRange, match="beyond the mesh"):
        small.mv_per_ma(x_um=0.0, y_um=0.0, z_um=50_000.0)
    with pytest.raises(ModelRange, match="beyond the mesh"):
        small.mv_per_ma(x_um=9000.0, y_um=0.0, z_um=0.0)


def test_planes_follow_the_bands_of_a_helix_and_do_not_cross():
    bands = helix(1200.0)
    behind = insulation_behind(bands)
    turn = np.linspace(-math.pi, math.pi, 73)
    corners = np.concatenate(
        [r * np.stack([np.cos(turn), np.sin(turn)], axis=1) for r in (0.0, 600.0, 1200.0, 1810.0, 9e3)]
    )
    heights = np.linspace(-12e3, 12e3, 200)
    found = slope(corners, heights, bands, behind, radius_um=1200.0, behind_um=1810.0)
    assert (np.diff(found, axis=1) > 0.0).all()
    middle = int(np.abs(heights - 4000.0).argmin())
    on = found[2 * 73 : 3 * 73, middle] - heights[middle]
    held = np.abs(turn) < math.radians(169.0)
    assert on[held] == pytest.approx(1710.0 * turn[held] / (2.0 * math.pi), rel=1e-9)
    assert found[-73:] == pytest.approx(np.broadcast_to(heights, (73, 200)))
    near = [dataclasses.replace(one, z_um=z) for one, z in zip(bands, (2700.0, -2700.0), strict=True)]
    with pytest.raises(InputError, match="too near to the next contact"):
        slope(corners, heights, near, insulation_behind(near), radius_um=1200.0, behind_um=1810.0)


def test_contacts_of_the_mesh_have_the_area_of_the_contacts():
    ng = extra("ngsolve")
    for contacts, tolerance in (
        (helix(250.0), 0.03),
        (cuff(250.0, z_um=(0.0,), length_um=400.0, n_around=3, arc_deg=60.0), 0.02),
    ):
        nerve = _nerve(_fascicle(0, 0, 100), radius_um=200.0)
        columns = mesh_nerve(nerve, contacts, (), mesh=ROUGH, half_length_um=2000.0, far_um=2000.0)
        mesh, _ = engine.mesh_of(columns, ["fascicle0", "epineurium", "capsule", "around"])
        for k, one in enumerate(contacts):
            area = ng.Integrate(1.0, mesh, definedon=mesh.Boundaries(f"contact{k}"))
            assert area == pytest.approx(one.area_mm2, rel=tolerance)


def test_a_nerve_that_all_but_fills_its_electrode_is_meshed():
    nerve = _nerve(_fascicle(0, 0, 100), radius_um=994.0)
    rough = dataclasses.replace(ROUGH, edge_um=400.0)
    columns = mesh_nerve(nerve, helix(1000.0), (), mesh=rough, half_length_um=2000.0, far_um=4000.0)
    assert {0, 1, 2, 3, 4} == set(columns.section.region)


def test_fluid_at_an_electrode_takes_current_from_the_nerve():
    """A pocket of capsule is no pocket but for the mesh; one of fluid lowers access and what the nerve sees."""
    tissue = dataclasses.replace(nerve_tissue("saline"), around_s_per_m=nerve_tissue("saline").capsule_s_per_m)

    def told(**pocket):
        held = Pocket(film_um=10.0, capsule_um=40.0, **pocket) if pocket else None
        found = solve_field(
            SMALL, PAIR, dataclasses.replace(tissue, pocket=held), detail=ROUGH, half_length_um=5000.0, far_um=3000.0
        )
        x, y = SMALL.fascicles[0].center_um
        line = np.diff(found.mv_per_ma(x_um=x, y_um=y, z_um=[-500.0, 0.0, 500.0]), axis=0)[0]
        return found.contact_mv_per_ma[0, 0], np.ptp(line)

    none, same, wet = told(), told(fluid_s_per_m=tissue.capsule_s_per_m), told(fluid_s_per_m=1.76)
    assert same == pytest.approx(none, rel=0.03)
    assert wet[0] < 0.9 * none[0]
    assert wet[1] < 0.9 * none[1]
    wide = dataclasses.replace(tissue, pocket=Pocket(film_um=30.0, fluid_s_per_m=1.76, capsule_um=40.0))
    with pytest.raises(InputError, match="does not fit into its electrode"):
        solve_field(SMALL, PAIR, wide, detail=ROUGH)


def test_outlines_keep_their_area_and_stay_apart():
    turn = np.linspace(0.0, 2.0 * math.pi, 500, endpoint=False)
    rough = (300.0 + 4.0 * np.sin(60 * turn)) * np.stack([np.cos(turn), np.sin(turn)])
    found = thinned(rough.T, 100.0)
    assert len(found) < 25
    assert ring.area(found) == pytest.approx(ring.area(rough.T), rel=1e-9)
    close = _nerve(_fascicle(-104, 0, 100), _fascicle(104, 0, 100, label="2"), radius_um=210.0)
    outline, fascicles = thinned_nerve(close, 200.0)
    for one in fascicles:
        assert ring.holds(outline, one).all()
    assert ring.crossing(*fascicles) is None


def test_a_nerve_beside_the_axis_is_refused_and_can_be_moved():
    off = Nerve(species="rat", outline_um=ring.circle(900.0, 0.0, 180.0), fascicles=(_fascicle(900, 0, 90),))
    with pytest.raises(InputError, match="does not fit into its electrode"):
        solve_field(off, PAIR, nerve_tissue("fat"))
    moved = centered_nerve(off)
    assert np.hypot(*moved.outline_um.T).max() < 182.0
    assert moved.fascicles[0].center_um == pytest.approx([0.0, 0.0], abs=1.0)


@pytest.mark.parametrize(
    ("contacts", "options", "message"),
    [
        ((), {}, "do not lie on one cylinder"),
        ((*PAIR, dataclasses.replace(PAIR[0], radius_um=210.0, z_um=2000.0)), {"insulation": ()}, "do not lie on one"),
        (PAIR, {"detail": "finest"}, "no such detail"),
    ],
)
def test_what_cannot_be_solved_is_refused(contacts, options, message):
    with pytest.raises(InputError, match=message):
        solve_field(SMALL, contacts, nerve_tissue("fat"), **options)
    with pytest.raises(InputError, match="no such tissue"):
        nerve_tissue("bone")  # pyright: ignore[reportArgumentType]


@pytest.mark.slow
def test_a_human_nerve_with_a_helix_is_solved_in_time_and_memory_and_coarse_is_near_to_it():
    import resource

    nerve = centered_nerve(draw_nerve("human", side="left", unmyelinated=None, rng=np.random.default_rng(1)))
    assert len(nerve.fascicles) == 7
    bands = helix(float(np.hypot(*nerve.outline_um.T).max()) + 100.0)
    coarse = solve_field(nerve, bands, nerve_tissue("muscle"), detail="coarse")
    start = time.process_time()
    fine = solve_field(nerve, bands, nerve_tissue("muscle"))
    # two cores for a minute; memory in kB on Linux
    assert time.process_time() - start < 120.0
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 4e6
    z = np.linspace(-20e3, 20e3, 401)
    largest = []
    for one in nerve.fascicles:
        x, y = one.center_um
        a, b = (np.diff(found.mv_per_ma(x_um=x, y_um=y, z_um=z), axis=0)[0] for found in (coarse, fine))
        largest.append(np.abs(a - b).max() / np.abs(b).max())
    assert max(largest) < 0.03
