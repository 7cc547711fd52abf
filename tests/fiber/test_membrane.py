import math

import numpy as np
import pytest

from vagus.errors import InputError
from vagus.fiber import Fiber, membrane, membrane_keys, read_membrane
from vagus.fiber.model.rate import Rate
from vagus.fiber.pack import pack
from vagus.tables import text_of

SUNDT = text_of("membranes/sundt")[0]
TIGERHOLM = text_of("membranes/tigerholm")[0]


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


# gates at rest, as the peer has them: model, {gate: open share}
AT_REST = {
    "mrg": {"mp": 0.20260409052, "m": 0.07320929805, "h": 0.62069502923, "s": 0.04302994137},
    "rattay": {"m": 0.05293248526, "h": 0.59612075351, "n": 0.31767691406},
    "sweeney": {"m": 0.003310189854, "h": 0.750260105595},
    "schild94": {"naf_m": 0.008422244115, "naf_j": 0.987046272469, "kca_c": 0.006135366836, "can_f2": 0.795683142215},
    "schild97": {"naf_m": 0.106043743764, "naf_h": 0.036803779164, "nas_h": 0.951697744452},
    "tigerholm": {"na17_m": 0.011697111864, "na18_u": 0.622459331202, "km_fast": 0.015267153880},
    "thio_autonomic": {"na17_m": 0.2023205638, "bk_m": 0.0007370535, "sk_n": 0.0117534606, "kv14_s": 0.9454402887},
}  # fmt: skip


@pytest.mark.parametrize("key", AT_REST)
def test_gates_at_rest(key):
    low = membrane(key).diameter_low_um
    packed = pack(Fiber.of(key, diameter_um=10.0 if low >= 1.0 else 0.8, n_node=5), dt_ms=0.01)
    found = dict(zip(packed.gate_keys, packed.gate_start, strict=True))
    for name, share in AT_REST[key].items():
        assert found[name] == pytest.approx(share, rel=1e-6)


@pytest.mark.parametrize("key", membrane_keys())
def test_every_table_is_finite_at_all_temperatures(key):
    data = membrane(key)
    diameter_um = (data.diameters_um or (data.diameter_low_um,))[-1]
    for degc in (data.temperature_degc - 5.0, data.temperature_degc):
        packed = pack(Fiber.of(key, diameter_um=diameter_um, n_node=5), dt_ms=0.005, temperature_degc=degc)
        assert np.all(np.isfinite(packed.table))
        assert np.all((packed.table[:, :, 1] >= 0) & (packed.table[:, :, 1] <= 1))
        assert np.all(np.isfinite(packed.gate_start))
    assert data.sources
    assert data.deviations or key == "passive"


def test_parity_samples_where_the_peer_does():
    fiber = Fiber.of("rattay", diameter_um=0.8, n_node=5)
    parity, exact = (pack(fiber, dt_ms=0.01, scheme=scheme) for scheme in ("parity", "second_order"))
    at = {mv: round((mv - parity.v_low_mv) * parity.per_mv) for mv in (-50.0, -49.5, 120.0)}
    assert parity.table[at[-50.0]] == pytest.approx(exact.table[at[-50.0]], abs=1e-12)
    assert np.max(np.abs(parity.table[at[-49.5]] - exact.table[at[-49.5]])) > 1e-5
    assert np.array_equal(parity.table[at[120.0]], parity.table[-1])


def test_table_interpolates_within_its_bound():
    """Half way between rows, each gate of each model: 2e-6 of its range (1e-5: Thio's cube roots)."""
    for key in membrane_keys():
        data = membrane(key)
        diameter_um = (data.diameters_um or (data.diameter_low_um,))[-1]
        fiber = Fiber.of(key, diameter_um=diameter_um, n_node=5)
        packed = pack(fiber, dt_ms=0.005, scheme="second_order")
        v = packed.v_low_mv + (np.arange(packed.table.shape[0] - 1) + 0.5) / packed.per_mv
        inside = np.abs(v) < 140.0  # MRG's rates jump at +-150 mV, as the peer's do
        for q, name in enumerate(packed.gate_keys[: packed.table.shape[1]]):
            if key.startswith("schild9") and name == "kca_c":
                continue
            known = data.running_scope(data.scope(temperature_degc=37.0), temperature_degc=37.0)
            known = {k: n for k, n in known.items() if k not in packed.gate_keys}
            steady, _ = gate(key, name).steady_and_tau_ms(v, temperature_degc=data.temperature_degc, known=known)
            middle = (packed.table[1:, q, 0] + packed.table[:-1, q, 0]) / 2.0
            jumps = {"kdr_n": -31.0, "km_slow": -60.0}
            near = np.abs(v - jumps.get(name, 1e9)) < 0.1
            assert np.max(np.abs(middle - steady)[inside & ~near]) < 4e-5, (key, name)


def test_rates_are_smooth_where_their_form_is_zero_over_zero():
    rate = Rate(form="linoid", a=0.32, v_mv=-45.9, k_mv=4.0)
    near = rate.at(np.array([-45.9 - 1e-5, -45.9, -45.9 + 1e-5]), temperature_degc=37.0)
    assert near == pytest.approx(0.32 * 4.0, rel=1e-5)


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ({"form": "linoid", "a": 0.3, "v_mv": -40.0, "k_mv": 5.0}, "0.3 * (v + 40) / (1 - exp(-(v + 40) / 5))"),
        ({"form": "sigmoid", "a": 2.0, "v_mv": -40.0, "k_mv": 5.0}, "2 / (1 + exp(-(v + 40) / 5))"),
        ({"form": "exponential", "a": 2.0, "v_mv": -40.0, "k_mv": -9.0}, "2 * exp(-(v + 40) / 9)"),
        ({"form": "bell", "a": 2.0, "v_mv": -40.0, "k_mv": 9.0, "offset": 0.5}, "2 * exp(-((v + 40) / 9)**2) + 0.5"),
    ],
)
def test_a_named_form_equals_its_formula(form, text):
    from vagus.fiber.model.formula import evaluate, name, parse

    v = np.linspace(-99.5, 50.0, 50)
    plain = evaluate(parse(text, where="", known={"v": name("v")}), {"v": v})
    assert Rate(**form).at(v, temperature_degc=37.0) == pytest.approx(plain, rel=1e-12)


def test_one_of_ones_own_starts_from_a_model():
    text = 'like = "sundt"\nkey = "mine"\n[[currents]]\nkey = "sodium"\ng_s_per_cm2 = 0.05\n'
    mine = read_membrane(text, name="mine.toml")
    assert mine.key == "mine"
    assert [c.g_s_per_cm2 for c in mine.currents] == [0.05, 0.04, 1e-4]
    assert Fiber.of(mine, diameter_um=0.8, n_node=5).model == "mine"


def test_gates_that_no_current_asks_for_are_left_out():
    packed = pack(Fiber.of("schild97", diameter_um=0.8, n_node=5), dt_ms=0.01)
    assert "naf_j" in {g.key for g in membrane("schild97").gates}
    assert "naf_j" not in packed.gate_keys


# what is written instead of what, and what the error says: key, field, found, allowed
BAD = [
    (SUNDT, 'key = "sundt"', 'key = "sundt"\ncolor = "red"', ["unknown field", '"color"', "my.toml"]),
    (SUNDT, "ra_ohm_cm = 100.0\nsection", "section", ["field is missing", "ra_ohm_cm"]),
    (SUNDT, "q10 = 3.0", 'q10 = "three"', ["gates", "q10"]),
    (SUNDT, "a = 0.32", "a = nan", ["not finite", "gates[m]", "alpha"]),
    (SUNDT, '["m", 3], ["h", 1]', '["mm", 3], ["h", 1]', ["gate that is not there", "sodium", "mm", '"m"']),
    (SUNDT, '["m", 3], ["h", 1]', '["m", 30], ["h", 1]', ["power", "sodium", "1 to 8"]),
    (SUNDT, 'kind = "unmyelinated"', 'kind = "myelinated"', ["internode is not told", "[myelin]"]),
    (SUNDT, 'kind = "unmyelinated"', 'kind = "bare"', ["kind", "bare"]),
    (SUNDT, "diameter_high_um = 3.0", "diameter_high_um = 0.1", ["diameter_high_um", "0.2 or more"]),
    (SUNDT, 'form = "sigmoid"', 'form = "sigmoidal"', ["sigmoidal"]),
    (SUNDT, "e_mv = 50.0", 'e = "na"', ["ion that is not there", "sodium", "na"]),
    (SUNDT, "e_mv = 50.0", "", ["reversal is not told", "sodium", "e_mv"]),
    (SUNDT, 'key = "sundt"', 'key = "sundt', ["not TOML", "my.toml"]),
    (TIGERHOLM, "15.5 / (1", "15.5 / (u", ["na17_m", "alpha", "unknown name", '"u"']),
    (TIGERHOLM, "15.5 / (1", "open('x') / (1", ["na17_m", "alpha", "not allowed", "open"]),
    (TIGERHOLM, "38.7 / nai", "38.7 / v", ["KNa", "factor", '"v"']),
    (TIGERHOLM, "(6.7 / (nai + 8))", "(6.7 / (cai + 8))", ["pump", "formula", "cai"]),
    (TIGERHOLM, 'balanced = ["na", "k"]', 'balanced = ["na", "ca"]', ["balanced", "ca"]),
    (TIGERHOLM, "-4e4 / (96485.33212331 * diameter_um)", "-4e4 / d", ["ion na", "inside.per_current", '"d"']),
    (TIGERHOLM, 'key = "na17_h"', 'key = "na17_m"', ["two gates have one key", "na17_m"]),
    (TIGERHOLM, 'beta = "35.2 / (1 + exp((v + 72.7) / 16.7))"\n', "", ["gate lacks rates", "na17_m", "alpha and beta"]),
    ('like = "sund"\nkey = "x"\n', "", "", ["like names no axon model", "sundt"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "old", "new", "said"), BAD, ids=[f"{i}-{row[3][0]}" for i, row in enumerate(BAD)])
def test_what_is_wrong_in_a_file_is_named(text, old, new, said):
    assert old in text
    with pytest.raises(InputError) as caught:
        read_membrane(text.replace(old, new, 1), name="my.toml")
    message = str(caught.value)
    for piece in said:
        assert piece in message
    assert "my.toml" in message


def test_a_gate_that_is_not_finite_is_named_with_its_voltage():
    text = TIGERHOLM.replace("219 if v < -60 else 13 * v + 1000", "13 * v + 1000")
    broken = read_membrane(text, name="my.toml")
    with pytest.raises(InputError, match=r"km_slow: .*tau -.* at -300 mV"):
        pack(Fiber.of(broken, diameter_um=0.8, n_node=5), dt_ms=0.01)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("0.37 / (1", "0.37 / 0 * (1", "current KNa: current is not finite at rest"),
        ("g_s_per_cm2 = 0.10664", 'g_s_per_cm2 = "1 / 0"', "current Nav1.7, g_s_per_cm2: conductance is not finite"),
        ("inside_mm = 11.4", "inside_mm = 0.0", "ion na: inside_mm is no concentration; found 0; allowed: above 0"),
        ("valence = 1", "valence = 0", "ion na: valence is 0"),
    ],
)
def test_numbers_that_lead_nowhere_are_named(old, new, said):
    with pytest.raises(InputError) as caught:
        pack(
            Fiber.of(read_membrane(TIGERHOLM.replace(old, new, 1), name="my.toml"), diameter_um=0.8, n_node=5),
            dt_ms=0.01,
        )
    assert said in str(caught.value)


def test_all_problems_of_a_file_are_told_together():
    text = (
        TIGERHOLM.replace("15.5 / (1", "15.5 / (u").replace("35.2 / (1", "35.2 / (w").replace("0.37 / ", "0.37 / q / ")
    )
    with pytest.raises(InputError) as caught:
        read_membrane(text, name="my.toml")
    assert len(caught.value.problems) >= 2
