import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vagus.errors import InputError, ModelRange
from vagus.fiber import Fiber, length_for_um, membrane

# model, diameter um, node to node um, compartments of 11 nodes; as the peer builds them
LAYOUTS = [
    ("mrg", 3.0, 281.08, 111),
    ("mrg", 5.7, 505.57465, 111),
    ("mrg", 10.0, 1122.3, 111),
    ("mrg", 16.0, 1475.16, 111),
    ("mrg_discrete", 5.7, 500.0, 111),
    ("mrg_discrete", 10.0, 1150.0, 111),
    ("mrg_discrete", 16.0, 1500.0, 111),
    ("pena", 1.5, 86.755, 111),
    ("pena", 2.0, 155.12, 111),
    ("pena", 4.0, 412.48, 111),
    ("sweeney", 5.7, 570.0, 11),
    ("sweeney", 10.0, 1000.0, 11),
    ("sundt", 0.8, 8.333, 11),
    ("tigerholm", 0.8, 8.333, 11),
]


@pytest.mark.parametrize("row", LAYOUTS, ids=lambda r: f"{r[0]}-{r[1]:g}")
def test_node_to_node(row):
    key, diameter_um, pitch_um, n = row
    fiber = Fiber.of(key, diameter_um=diameter_um, n_node=11)
    assert fiber.z_um.size == n
    assert np.diff(fiber.z_um[fiber.node_index]) == pytest.approx(pitch_um, rel=1e-9)
    assert np.array_equal(fiber.xyz_um[:, 2], fiber.z_um)
    assert not np.any(fiber.xyz_um[:, :2])


def test_sizes_of_an_internode():
    # node_diam, axon_diam, FLUT, lamellae, STIN, checked against a fiber that the peer built
    large, small = membrane("mrg").myelin, membrane("pena").myelin
    assert large is not None
    assert small is not None
    size = large.size(10.0)
    assert (size.node_diameter_um, size.flut_um) == (pytest.approx(3.2), pytest.approx(46.7338))
    assert (size.axon_diameter_um, size.lamellae) == (pytest.approx(6.7462), pytest.approx(120.2452))
    fiber = Fiber.of("mrg", diameter_um=10.0, n_node=5)
    assert fiber.length_um[1:11] == pytest.approx([3.0, 46.7338, *[170.3054] * 6, 46.7338, 3.0])
    assert [small.size(d).lamellae for d in (1.011, 1.5, 2.0, 4.0, 5.7)] == [7.0, 12.0, 17.0, 36.0, 52.0]


def test_electrics_of_a_probed_fiber():
    """10 um, as probed on the peer: Mohm/cm of the periaxon; uF/cm2 and S/cm2 of the myelin, on the outside."""
    fiber = Fiber.of("mrg", diameter_um=10.0, n_node=5)
    assert fiber.half_periaxial_mohm[1] == pytest.approx(347933.979 * 1e-4 * 1.5, rel=1e-8)
    assert fiber.half_periaxial_mohm[2] == pytest.approx(82522.340 * 1e-4 * 46.7338 / 2, rel=1e-8)
    outside_um2 = np.pi * 10.0 * fiber.length_um[3]
    assert fiber.c_myelin_nf[3] == pytest.approx(4.15817e-4 * 1e-5 * outside_um2, rel=1e-5)
    assert fiber.g_myelin_us[3] == pytest.approx(4.15817e-6 * 1e-2 * outside_um2, rel=1e-5)
    assert fiber.c_nf[3] == pytest.approx(1.34924 * 1e-5 * outside_um2, rel=1e-5)
    small = Fiber.of("pena", diameter_um=2.0, n_node=5)
    assert small.half_periaxial_mohm[2] == pytest.approx(512930.295 * 1e-4 * 11.341 / 2, rel=1e-8)


def test_insulated_internode_is_only_resistance():
    fiber = Fiber.of("sweeney", diameter_um=10.0, n_node=7)
    assert fiber.per_internode == 0
    expected_mohm = 54.7 * 1e-2 * 1000.0 / (np.pi * 3.0**2)
    assert 2.0 * fiber.half_axial_mohm[3] == pytest.approx(expected_mohm)
    assert fiber.area_node_um2[3] == pytest.approx(np.pi * 6.0 * 1.5)


def test_ends():
    passive, active = (Fiber.of("sundt", diameter_um=0.8, n_node=7, ends=ends) for ends in ("passive", "active"))
    assert passive.ends == Fiber.of("sundt", diameter_um=0.8, n_node=7).ends
    assert passive.area_node_um2[[0, -1]].tolist() == [0.0, 0.0]
    assert np.all(active.area_node_um2 == active.area_node_um2[3])
    assert active.g_us[0] == 0.0
    assert passive.g_us[0] > 0.0
    assert passive.half_axial_mohm[0] > 1e7 * active.half_axial_mohm[0]
    for key in ("tigerholm", "thio_autonomic", "thio_cutaneous"):
        assert Fiber.of(key, diameter_um=0.8, n_node=7).ends == "active"
    with pytest.raises(InputError, match="passive"):
        Fiber.of("sundt", diameter_um=0.8, n_node=7, ends="open")  # pyright: ignore[reportArgumentType]


def test_offset():
    fiber = Fiber.of("mrg", diameter_um=10.0, n_node=7, offset_um=561.15)
    assert fiber.z_um[0] == 561.15
    assert fiber.z_um[11] == pytest.approx(561.15 + 1122.3)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(*[st.floats(-2000, 2000)] * 3), min_size=4, max_size=12), st.floats(0.0, 50.0))
def test_on_a_path_compartments_keep_their_distance(points, offset_um):
    path = np.cumsum(np.array(points) + 1.0, axis=0)
    lengths = np.linalg.norm(np.diff(path, axis=0), axis=1)
    if np.any(lengths < 1.0) or lengths.sum() < 8 * 86.755 + offset_um:
        return
    fiber = Fiber.of("pena", diameter_um=1.5, path_um=path, offset_um=offset_um)
    assert fiber.z_um[-1] <= lengths.sum() + 1e-6
    assert lengths.sum() - fiber.z_um[-1] < 86.755 + 1e-6
    steps = np.linalg.norm(np.diff(fiber.xyz_um, axis=0), axis=1)
    assert np.all(steps <= np.diff(fiber.z_um) * (1 + 1e-9) + 1e-9)
    corners = np.cumsum(lengths)[:-1]
    straight = [not np.any((corners > a) & (corners < b)) for a, b in zip(fiber.z_um, fiber.z_um[1:], strict=False)]
    assert steps[straight] == pytest.approx(np.diff(fiber.z_um)[straight], rel=1e-6)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ([[0, 0, 0]], "no path"),
        ([[0, 0], [1, 1]], "no path"),
        ([[0, 0, 0], [0, 0, np.nan]], r"path_um\[1\]: path is not finite"),
        ([[0, 0, 0], [0, 0, 9e4], [0, 0, 9e4]], r"path_um\[2\]: path stands still"),
        ([[0, 0, 0], [0, 0, 500.0]], "n_node is out of range"),
    ],
)
def test_what_is_no_path(path, said):
    with pytest.raises(InputError, match=said):
        Fiber.of("mrg", diameter_um=10.0, path_um=np.array(path, dtype=float))


def test_a_path_that_is_too_short_says_so():
    with pytest.raises(InputError, match=r"shorter than the fiber; found 5000 um, fiber from 0 to 6733.8 um"):
        Fiber.of("mrg", diameter_um=10.0, n_node=7, path_um=np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 5000.0]]))


def test_diameters():
    with pytest.raises(ModelRange, match=r"mrg_discrete.*6; valid: 1, 2, 5.7, 7.3"):
        Fiber.of("mrg_discrete", diameter_um=6.0, n_node=5)
    with pytest.raises(ModelRange, match=r"pena.*valid: 1.011 to 16 um"):
        Fiber.of("pena", diameter_um=0.9, n_node=5)
    assert Fiber.of("pena", diameter_um=1.011, n_node=5).length_um[3] == pytest.approx(0.075629, abs=1e-5)


def test_length_at_which_ends_do_not_matter():
    for key, diameter_um in (("mrg", 10.0), ("pena", 2.0), ("sweeney", 10.0), ("sundt", 0.8)):
        length_um = length_for_um(key, diameter_um=diameter_um, distance_um=500.0)
        fiber = Fiber.of(key, diameter_um=diameter_um, length_um=length_um)
        middle_um = fiber.z_um[-1] / 2.0
        assert not fiber.ends_matter(1.0 / np.hypot(500.0, fiber.z_um - middle_um))
        short = Fiber.of(key, diameter_um=diameter_um, length_um=length_um / 12.0)
        near_end = 1.0 / np.hypot(500.0, short.z_um)
        assert short.ends_matter(near_end)
    wide, narrow = (length_for_um("mrg", diameter_um=10.0, distance_um=500.0, span_um=s) for s in (2000.0, 0.0))
    assert wide - narrow == pytest.approx(2000.0)
    along = length_for_um("mrg", diameter_um=10.0, distance_um=500.0, along_s_per_m=0.4, across_s_per_m=0.1)
    assert along - narrow == pytest.approx(5000.0)
    with pytest.raises(InputError, match="distance_um is out of range"):
        length_for_um("mrg", diameter_um=10.0, distance_um=0.0)
