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
    # the far boundary is at 0 mV: lower than the closed form by what a point would have there, 1 m away
    lower = 1e3 / (2.0 * np.pi * 0.34 * 1e3)
    true = potential_mv_per_ma(SKIN, pad, x_um=x, y_um=y, z_um=z) - lower
    error = np.abs(found.mv_per_ma(x_um=x, y_um=y, z_um=z)[0] / true - 1.0)
    assert error.max() < 0.02  # beside the disc's edge, where its current crowds
    assert np.median(error) < 0.004
    top = potential_mv_per_ma(SKIN, pad, x_um=0.0, y_um=0.0, z_um=0.0) - lower
    assert found.contact_mv_per_ma[0, 0] == pytest.approx(float(top), rel=0.02)
    assert found.flux_error < 1e-6


@pytest.mark.slow
def test_a_needle_in_one_medium_against_a_spheroid():
    deep = Needle(x_um=200.0, y_um=0.0, z_um=40_000.0, length_um=3000.0, radius_um=150.0)
    found = solve_layers(Layers(thickness_um=(2000.0,), sigma_s_per_m=(0.3, 0.3)), [deep], far_um=4e5)
    x, z = np.array([5200.0, 200.0, 3200.0]), np.array([40_000.0, 44_000.0, 42_000.0])
    # its image above the surface, and the far boundary 0.4 m away
    image = Needle(x_um=200.0, y_um=0.0, z_um=-40_000.0, length_um=3000.0, radius_um=150.0)
    space = Space(sigma_s_per_m=0.3)
    true = sum(potential_mv_per_ma(space, one, x_um=x, y_um=0.0, z_um=z) for one in (deep, image))
    true = true - 1.0 / (2.0 * np.pi * 0.3 * 0.4)
    # a cylinder's ends carry more current than a spheroid's
    assert found.mv_per_ma(x_um=x, y_um=0.0, z_um=z)[0] == pytest.approx(true, rel=0.02)
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
