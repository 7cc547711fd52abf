"""Discs and needles in layers by finite elements, against closed forms."""

import numpy as np
import pytest

from vagus.errors import InputError, ModelRange
from vagus.field import Disc, Layers, Needle, Space, potential_mv_per_ma, solve_layers
from vagus.field.fem.section import extra

pytest.importorskip("ngsolve", reason='needs the extra: pip install "vagus[fem]"')

SKIN = Layers(thickness_um=(1500.0, 4000.0), sigma_s_per_m=(0.17, 0.025, 0.34))


def test_a_disc_on_layers_against_its_closed_form():
    pad = Disc(x_um=0.0, y_um=0.0, radius_um=5000.0)
    found = solve_layers(SKIN, [pad])
    rng = np.random.default_rng(6)
    x, y, z = rng.uniform(-12e3, 12e3, 200), rng.uniform(-12e3, 12e3, 200), rng.uniform(300.0, 12e3, 200)
    # the far boundary, a half sphere of 1 m or so, is at 0 mV
    lower = 1e3 / (2.0 * np.pi * 0.34 * 1e3)
    true = potential_mv_per_ma(SKIN, pad, x_um=x, y_um=y, z_um=z) - lower
    assert np.abs(found.mv_per_ma(x_um=x, y_um=y, z_um=z)[0] / true - 1.0).max() < 0.01
    top = potential_mv_per_ma(SKIN, pad, x_um=0.0, y_um=0.0, z_um=0.0) - lower
    assert found.contact_mv_per_ma[0, 0] == pytest.approx(float(top), rel=0.01)
    assert found.flux_error < 1e-6


def test_a_needle_in_one_medium_against_a_spheroid():
    deep = Needle(x_um=200.0, y_um=0.0, z_um=40_000.0, length_um=3000.0, radius_um=150.0)
    pad = Disc(x_um=-30_000.0, y_um=0.0, radius_um=4000.0)
    tissue = Layers(thickness_um=(2000.0,), sigma_s_per_m=(0.3, 0.3))
    found = solve_layers(tissue, [deep, pad])
    assert found.reciprocity_error < 1e-6
    # its surface lies 40 mm deep; an image twice as far away is the only other thing that it sees
    x, z = np.array([5200.0, 200.0, 3200.0]), np.array([40_000.0, 44_000.0, 42_000.0])
    near = potential_mv_per_ma(Space(sigma_s_per_m=0.3), deep, x_um=x, y_um=0.0, z_um=z)
    image = Needle(x_um=200.0, y_um=0.0, z_um=-40_000.0, length_um=3000.0, radius_um=150.0)
    far = potential_mv_per_ma(Space(sigma_s_per_m=0.3), image, x_um=x, y_um=0.0, z_um=z)
    # a cylinder's ends carry more current than a spheroid's
    assert found.mv_per_ma(x_um=x, y_um=0.0, z_um=z)[0] == pytest.approx(near + far, rel=0.03)
    with pytest.raises(ModelRange, match="in an insulator or in metal"):
        found.mv_per_ma(x_um=200.0, y_um=0.0, z_um=40_000.0)


@pytest.mark.parametrize(
    ("contacts", "message"),
    [
        ([], "no contacts"),
        ([Disc(x_um=0, y_um=0, radius_um=10), Disc(x_um=15, y_um=0, radius_um=10)], "contacts 0 and 1: contacts touch"),
        ([Needle(x_um=0, y_um=0, z_um=100, length_um=300, radius_um=10)], "contact 0: needle leaves the tissue"),
    ],
)
def test_contacts_that_cannot_be_are_refused(contacts, message):
    with pytest.raises(InputError, match=message):
        solve_layers(SKIN, contacts)


def test_without_ngsolve_it_is_said_what_to_install():
    with pytest.raises(InputError, match=r'no module no_such_solver; allowed: pip install "vagus\[fem\]"'):
        extra("no_such_solver")
