import math

import numpy as np
import pytest

from vagus.errors import InputError
from vagus.fiber import membrane
from vagus.fiber.membrane import Current, Membrane, Rate


def gate(model, key):
    return next(g for g in membrane(model).gates if g.key == key)


@pytest.mark.parametrize("v_mv", [-90.0, -61.0, -32.0, 0.0, 30.0])
def test_delayed_rectifier_in_its_published_form(v_mv):
    # Borg-Graham: 1 / (1 + a), tau = a**gamma / (q10 a0 (1 + a)), a = exp(zeta (v - half) F / RT)
    q10, thermal = 3.0 ** ((37.0 - 30.0) / 10.0), 1e-3 * 9.648e4 / (8.315 * (273.16 + 37.0))
    for key, zeta, gamma, half_mv, a0 in (("n", -5.0, 0.4, -32.0, 0.03), ("l", 2.0, 1.0, -61.0, 0.001)):
        a = math.exp(zeta * (v_mv - half_mv) * thermal)
        steady, tau_ms = gate("sundt", key).steady_and_tau_ms(np.array([v_mv]), temperature_degc=37.0)
        assert steady[0] == pytest.approx(1.0 / (1.0 + a), rel=1e-9)
        assert tau_ms[0] == pytest.approx(a**gamma / (q10 * a0 * (1.0 + a)), rel=1e-9)


def test_mrg_rates_by_hand():
    # McIntyre 2002 at 36 C: slow potassium half open where 0.3/(1+exp((v+53)/-5)) = 0.03/(1+exp((v+90)/-1))
    steady, tau_ms = gate("mrg", "s").steady_and_tau_ms(np.array([-53.0]), temperature_degc=36.0)
    assert tau_ms[0] == pytest.approx(1.0 / (0.15 + 0.03), rel=1e-9)
    assert steady[0] == pytest.approx(0.15 / 0.18, rel=1e-9)
    steady, tau_ms = gate("mrg", "m").steady_and_tau_ms(np.array([-21.4]), temperature_degc=20.0)
    beta = 0.086 * -4.3 / (1 - math.exp(4.3 / 9.16))
    assert tau_ms[0] == pytest.approx(1.0 / (1.86 * 10.3 + beta), rel=1e-6)


def test_rates_are_smooth_where_their_form_is_zero_over_zero():
    rate = Rate(form="linoid", a_per_ms=0.32, v_mv=-45.9, k_mv=4.0)
    near = rate.per_ms(np.array([-45.9 - 1e-5, -45.9, -45.9 + 1e-5]), temperature_degc=37.0)
    assert near == pytest.approx(0.32 * 4.0, rel=1e-5)


def test_every_table_has_finite_gates():
    v_mv = np.linspace(-300.0, 300.0, 601)
    for key in ("mrg", "sundt"):
        for one in membrane(key).gates:
            steady, tau_ms = one.steady_and_tau_ms(v_mv, temperature_degc=37.0)
            assert np.all((steady >= 0) & (steady <= 1))
            assert np.all((tau_ms > 0) & np.isfinite(tau_ms))


def test_a_current_of_an_unknown_gate_is_refused():
    data = membrane("passive")
    fields = {name: getattr(data, name) for name in data.__slots__}
    fields["currents"] = (Current(key="sodium", g_s_per_cm2=0.1, e_mv=50.0, powers=(("m", 3),)),)
    with pytest.raises(InputError, match="gate that is not there; found m"):
        Membrane(**fields)
