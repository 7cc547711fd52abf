"""Thresholds of single fibers under a point source, all models.

Rows (`tables/data/fiber_thresholds.csv`): own measurement of PyFibers 0.13.0 with NEURON 9.0.2 (backward Euler, same
geometry, step and sampling). The peer bisects to 0.2 % and reports the upper end, so the true value lies 0 to 0.2 %
closer to 0: tolerance 0.2 % and 0.05 % for tables and search. Thio's autonomic fiber fires so late near threshold
that a rule of the peer (no spike later than 5 ms after that of its first trial) hides the last 0.1 %: tolerance 0.3 %.
"""

import pytest

from vagus.dose import Pulse
from vagus.fiber import Fiber, read_reference, simulate, threshold_ma, validate
from vagus.field import point_mv_per_ma
from vagus.tables import text_of

ROWS = read_reference(text_of("fiber_thresholds")[0], name="shipped")
BOUND_PCT = {"thio_autonomic": 0.3}
QUICK = {"thio_autonomic": 1, "thio_cutaneous": 1, "schild97": 2}


@pytest.mark.parametrize("key", sorted({row.model for row in ROWS}))
def test_parity_with_the_peer(key):
    found = validate([row for row in ROWS if row.model == key][: QUICK.get(key)])
    for row in found.rows:
        assert -BOUND_PCT.get(key, 0.25) < row.deviation_pct < 0.05, row.text


@pytest.mark.slow
def test_all_shipped_rows():
    found = validate(ROWS)
    assert found.passed
    within = [abs(row.deviation_pct) <= 0.2 for row in found.rows]
    assert sum(within) >= 0.95 * len(within)


@pytest.mark.parametrize("dt_us", [5.0, 1.0])
def test_published_case_of_pyfibers(dt_us):
    """Marshall et al., PyFibers, figure 2: -0.766 mA, step not given; the two steps span it, each within 1 %."""
    fiber = Fiber.of("mrg", diameter_um=10.0, n_node=25)
    field = point_mv_per_ma(0.0, 250.0, fiber.z_um - fiber.z_um[fiber.node_index[12]], sigma_s_per_m=10.0)
    pulse = Pulse(amplitude_ma=-1.0, width_us=150.0, shape="monophasic")
    found = threshold_ma([fiber], [field], pulse, dt_us=dt_us, rel_tol=2e-4)
    assert found[0] == pytest.approx(-0.766, rel=0.01)


# model, diameter um, nodes, distance um, current mA, width us, dt us, velocity m/s
VELOCITIES = [
    ("mrg", 10.0, 31, 1000.0, -0.1855, 100.0, 5.0, 51.013636363637744),
    ("mrg", 3.0, 51, 500.0, -0.1539, 100.0, 5.0, 12.046285714285805),
    ("sundt", 0.8, 361, 250.0, -0.1620, 500.0, 10.0, 0.4333160000000136),
]


@pytest.mark.parametrize("row", VELOCITIES, ids=lambda r: f"{r[0]}-{r[1]:g}")
def test_conduction_velocity_of_the_peer(row):
    """Between nodes at 70 and 88 %; times stand on the grid of steps, which is worth up to 3 % here."""
    model, diameter_um, n_node, distance_um, current_ma, width_us, dt_us, cv_m_per_s = row
    fiber = Fiber.of(model, diameter_um=diameter_um, n_node=n_node)
    middle_um = fiber.z_um[fiber.node_index[n_node // 2]]
    field = point_mv_per_ma(0.0, distance_um, fiber.z_um - middle_um, sigma_s_per_m=0.3)
    pulse = Pulse(amplitude_ma=current_ma, width_us=width_us, shape="monophasic")
    trace = simulate(fiber, field, pulse, dt_us=dt_us, scheme="parity")
    a, b = int(0.7 * (n_node - 1)), int(0.88 * (n_node - 1))
    speed = (trace.z_um[b] - trace.z_um[a]) / (trace.spike_us[b] - trace.spike_us[a])
    assert speed == pytest.approx(cv_m_per_s, rel=0.03)
