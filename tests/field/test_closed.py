import math

import numpy as np
import pytest

from vagus.dose import device_of, montage
from vagus.errors import InputError
from vagus.field import Skin, Trunk, disc_mv_per_ma, layered_mv_per_ma, lead_field, media, point_mv_per_ma

LAYER = {"thickness_um": 1000.0, "sigma_s_per_m": 0.17, "sigma_below_s_per_m": 0.34}


def test_point_source_by_hand_and_isotropic_limit():
    # 1 mA, 1 mm, 1 S/m: 1e-3 / (4 pi 1e-3) V
    assert point_mv_per_ma(0.0, 0.0, 1000.0, sigma_s_per_m=1.0) == pytest.approx(1e3 / (4 * math.pi))
    x, y, z = np.random.default_rng(1).normal(size=(3, 20)) * 1e3
    iso = point_mv_per_ma(x, y, z, sigma_s_per_m=0.3)
    assert point_mv_per_ma(x, y, z, sigma_s_per_m=(0.3, 0.3, 0.3)) == pytest.approx(iso)


def test_anisotropic_point_source_carries_its_current():
    # outward flux through a sphere, by Gauss-Legendre in the polar angle (symmetric about z): 1 mA
    across, along, r_um, step = 0.1, 0.6, 800.0, 0.5
    mu, weight = np.polynomial.legendre.leggauss(60)
    rho, z = r_um * np.sqrt(1 - mu**2), r_um * mu

    def v(rho_um, z_um):
        return point_mv_per_ma(rho_um, 0.0, z_um, sigma_s_per_m=(across, across, along))

    e_rho = -(v(rho + step, z) - v(rho - step, z)) / (2 * step)
    e_z = -(v(rho, z + step) - v(rho, z - step)) / (2 * step)
    density = across * e_rho * rho / r_um + along * e_z * z / r_um
    flux = 2 * math.pi * r_um**2 * np.sum(weight * density) * 1e-6
    assert flux == pytest.approx(1.0, rel=1e-4)


def test_disc_is_equipotential_becomes_a_point_and_carries_its_current():
    under = disc_mv_per_ma(np.array([0.0, 500.0, 2900.0]), 0.0, radius_um=3000.0, sigma_s_per_m=0.2)
    assert under == pytest.approx(under[0])
    # resistance of a disc on a half space: 1 / (4 s a)
    assert under[0] == pytest.approx(1e6 / (4 * 0.2 * 3000.0))
    far = disc_mv_per_ma(3e5, 4e5, radius_um=3000.0, sigma_s_per_m=0.2)
    assert far == pytest.approx(2 * point_mv_per_ma(3e5, 4e5, 0.0, sigma_s_per_m=0.2), rel=1e-4)
    rho, step, depth = np.linspace(0, 4e5, 400_001), 1.0, 2000.0
    top, low = (disc_mv_per_ma(rho, depth + d, radius_um=3000.0, sigma_s_per_m=0.2) for d in (-step, step))
    flux = np.trapezoid(2 * math.pi * rho * 0.2 * (top - low) / (2 * step), rho) * 1e-6
    assert flux == pytest.approx(1.0, rel=0.01)  # what is missing leaves beyond 40 cm


def test_layers_alike_are_one_medium():
    rho, z = np.meshgrid([0.0, 1500.0, 8000.0], [200.0, 999.0, 1001.0, 5000.0])
    alike = layered_mv_per_ma(rho, z, radius_um=3000.0, thickness_um=1000.0, sigma_s_per_m=0.2, sigma_below_s_per_m=0.2)
    assert alike == pytest.approx(disc_mv_per_ma(rho, z, radius_um=3000.0, sigma_s_per_m=0.2))


@pytest.mark.parametrize("radius_um", [0.0, 2000.0])
def test_layers_join_in_potential_and_in_current(radius_um):
    rho, step = np.array([500.0, 2500.0]), 0.05
    at = {
        d: layered_mv_per_ma(rho, 1000.0 + d, radius_um=radius_um, **LAYER) for d in (-2 * step, -step, step, 2 * step)
    }
    assert at[-step] == pytest.approx(at[step], rel=1e-3)
    up = 0.17 * (at[-2 * step] - at[-step])
    down = 0.34 * (at[step] - at[2 * step])
    assert up == pytest.approx(down, rel=2e-3)


def test_far_from_a_layer_only_the_deep_medium_counts():
    found = layered_mv_per_ma(0.0, 5e6, radius_um=0.0, **LAYER)
    assert found == pytest.approx(1e6 / (2 * math.pi * 0.34 * 5e6), rel=1e-3)


def test_surface_of_a_layer_lets_no_current_out():
    a, b = (layered_mv_per_ma(4000.0, d, radius_um=2000.0, **LAYER) for d in (0.0, 1.0))
    assert a == pytest.approx(b, rel=1e-5)


def test_lead_field_superposes_and_is_odd_about_the_middle():
    nerve = Trunk(band_radius_um=1250.0, sigma_along_s_per_m=0.571, sigma_across_s_per_m=0.167)
    cuff = montage(device_of("livanova_sentiva"), "cervical_left")
    z = np.linspace(-12000, 12000, 49)
    v = lead_field(cuff, nerve, x_um=300.0, y_um=100.0, z_um=z)
    assert v == pytest.approx(-v[::-1], abs=1e-9)
    assert v[np.argmax(v)] == v[np.abs(z - 4000).argmin()]
    ear = montage(device_of("tvnsr"), "cymba_left")
    skin = Skin(thickness_um=1000.0, sigma_s_per_m=0.17, sigma_below_s_per_m=0.18)
    flat = lead_field(ear, skin, x_um=z, y_um=0.0, z_um=1500.0)
    assert flat == pytest.approx(-flat[::-1], abs=1e-9)
    assert np.max(flat) > 100.0


def test_scale_of_conductivity_is_exact():
    ear = montage(device_of("tvnsr"), "cymba_left")
    x = np.linspace(-9000, 9000, 31)
    one = lead_field(
        ear, Skin(thickness_um=900.0, sigma_s_per_m=0.1, sigma_below_s_per_m=0.2), x_um=x, y_um=0.0, z_um=1200.0
    )
    two = lead_field(
        ear, Skin(thickness_um=900.0, sigma_s_per_m=0.3, sigma_below_s_per_m=0.6), x_um=x, y_um=0.0, z_um=1200.0
    )
    assert one == pytest.approx(3 * two)


def test_mistakes():
    nerve = Trunk(band_radius_um=1250.0, sigma_along_s_per_m=0.571, sigma_across_s_per_m=0.167)
    with pytest.raises(InputError, match="montage and tissue do not fit"):
        lead_field(montage(device_of("tvnsr"), "cymba_left"), nerve, x_um=0.0, y_um=0.0, z_um=0.0)
    cuff = montage(device_of("livanova_sentiva"), "cervical_left")
    with pytest.raises(InputError, match="touches the band"):
        lead_field(cuff, nerve, x_um=1300.0, y_um=0.0, z_um=0.0)
    with pytest.raises(InputError, match="on the point source"):
        point_mv_per_ma(0.0, 0.0, 0.0, sigma_s_per_m=0.3)
    with pytest.raises(InputError, match="sigma_s_per_m is out of range"):
        point_mv_per_ma(1.0, 0.0, 0.0, sigma_s_per_m=-0.3)
    with pytest.raises(InputError, match="insulation_gain"):
        Trunk(band_radius_um=1.0, sigma_along_s_per_m=1.0, sigma_across_s_per_m=1.0, insulation_gain=3.0)
    with pytest.raises(InputError, match="leaves the skin"):
        lead_field(
            montage(device_of("tvnsr"), "cymba_left"),
            Skin(thickness_um=1.0, sigma_s_per_m=1.0, sigma_below_s_per_m=1.0),
            x_um=0.0,
            y_um=0.0,
            z_um=-1.0,
        )


def test_media_lie_in_their_range():
    for known in media().values():
        assert known.low is not None
        assert known.high is not None
        assert known.low <= known.value <= known.high
