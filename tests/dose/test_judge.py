"""Limits: values by hand, each limit triggered, both states of each condition, monotone in amplitude."""

import math
from typing import Any

import pytest
from doses import EAR, IMPLANT, NECK, build
from hypothesis import given
from hypothesis import strategies as st

from vagus.dose import CONDITIONS, Limit, devices, expose, judge, montage
from vagus.errors import InputError
from vagus.source import Source
from vagus.tables import raw_rows

DEVICES = devices()


def limit_of(judgement: Any, key: str) -> Limit:
    found = [limit for limit in judgement.limits if limit.key == key]
    assert len(found) == 1, f"{key}: {[x.key for x in judgement.limits]}"
    return found[0]


def test_densities_by_hand(implant):
    # 1 mA · 250 µs = 0.25 µC; over 6 mm² = 0.06 cm²: 4.1667 µC/cm²; k = log10(4.1667) + log10(0.25) = 0.01773
    cuff = expose(implant, montage(DEVICES["livanova_sentiva"], "cervical_left"))
    assert cuff.charge_uc == pytest.approx(0.25)
    assert cuff.charge_density_uc_per_cm2 == pytest.approx(25 / 6)
    assert cuff.shannon_k == pytest.approx(0.017729, abs=1e-6)
    assert cuff.duty_pct == pytest.approx(100 * 34 / 330)
    # 1 mA² · 500 µs · 500 Ω = 1e-6 · 5e-4 · 500 J = 2.5e-7 J
    assert cuff.pulse_energy_mj == pytest.approx(2.5e-4)


def test_rms_density_by_hand(ear):
    # I·sqrt(rate·width·phases)/area = 1.5 · sqrt(25 · 250e-6 · 2) / 0.28 cm² = 0.59895 mA/cm²
    skin = expose(ear, montage(DEVICES["tvnsr"], "cymba_left"))
    assert skin.current_rms_ma == pytest.approx(1.5 * math.sqrt(25 * 250e-6 * 2))
    assert skin.density_rms_ma_per_cm2 == pytest.approx(0.598947, abs=1e-6)


def test_rms_of_the_neck_device():
    # table gammacore: sine of 60 mA peak gives about 6.7 mA rms; rectangles of that height sqrt(2) more
    neck = expose(build(**{**NECK, "amplitude_ma": 60}), montage(DEVICES["gammacore"], "neck_left"))
    assert neck.current_rms_ma / math.sqrt(2) == pytest.approx(6.7, abs=0.05)


def test_asymmetric_phases_carry_less_heat():
    pulse = {**EAR, "shape": "biphasic_asymmetric", "recovery_ratio": 0.5}
    skin = expose(build(**pulse), montage(DEVICES["tvnsr"], "cymba_left"))
    # second phase: half the height, twice the width: half the square
    assert skin.current_rms_ma == pytest.approx(1.5 * math.sqrt(25 * 250e-6 * 1.5))


def test_no_current_is_no_danger():
    judgement = judge(
        build(**{**IMPLANT, "amplitude_ma": 0}), DEVICES["livanova_sentiva"], "cervical_left", conditions=()
    )
    assert judgement.state == "ok"
    assert limit_of(judgement, "shannon_k_hard").value == -math.inf
    assert "-inf" in str(limit_of(judgement, "shannon_k_hard"))


# dose, device, site, options -> limit that it exceeds
OVER: dict[str, tuple[dict[str, Any], str, str, dict[str, Any]]] = {
    "charge_balance_implanted": ({**IMPLANT, "shape": "monophasic"}, "livanova_vns102", "cervical_left", {}),
    "charge_balance_skin": ({**EAR, "shape": "monophasic"}, "digitimer_ds7a", "tragus_left", {}),
    "charge_density_soft": ({**IMPLANT, "amplitude_ma": 2, "width_us": 1000}, "livanova_vns102", "cervical_left", {}),
    "charge_density_hard": ({**IMPLANT, "amplitude_ma": 2}, "livanova_vns102", "cervical_left", {"area_mm2": 0.4}),
    "shannon_k_soft": ({**IMPLANT, "amplitude_ma": 3.5, "width_us": 500}, "livanova_vns102", "cervical_left", {}),
    "shannon_k_hard": ({**IMPLANT, "amplitude_ma": 3.5, "width_us": 750}, "livanova_vns102", "cervical_left",
                       {"area_mm2": 6}),
    "current_density_rms": ({**EAR, "amplitude_ma": 5}, "tvnsr", "cymba_left", {"area_mm2": 20}),
    "current_dc": ({**EAR, "amplitude_ma": 99, "width_us": 2000, "rate_hz": 450, "shape": "monophasic"},
                   "digitimer_ds7a", "cymba_left", {}),
    "current_rms_to_400_hz": ({**EAR, "amplitude_ma": 99, "width_us": 1000, "rate_hz": 300}, "digitimer_ds7a",
                              "cymba_left", {}),
    "current_rms_to_1500_hz": ({**EAR, "amplitude_ma": 99, "width_us": 400, "rate_hz": 1000}, "digitimer_ds7a",
                               "cymba_left", {}),
    "current_rms_over_1500_hz": ({**EAR, "amplitude_ma": 110, "width_us": 200, "rate_hz": 2400}, "digitimer_ds5",
                                 "cymba_left", {}),
    "pulse_energy": ({**EAR, "amplitude_ma": 400, "width_us": 2000}, "digitimer_ds5", "cymba_left", {}),
    "duty_implanted": ({**IMPLANT, "on_s": 30, "off_s": 30, "ramp_s": 0}, "livanova_vns102", "cervical_left", {}),
    "rate_soft": ({**IMPLANT, "rate_hz": 31}, "livanova_vns102", "cervical_left", {}),
    "rate_magnet": ({**IMPLANT, "rate_hz": 50}, "livanova_vns102", "cervical_left", {}),
    "rate_hard": ({**IMPLANT, "rate_hz": 51}, "livanova_vns102", "cervical_left", {}),
    "doses_per_day": ({**NECK, "sittings_per_day": 31}, "gammacore", "neck_left", {}),
    "placement_ban": (EAR, "tvnsr", "neck_left", {}),
    "placement_label": (EAR, "digitimer_ds8r", "neck_right", {}),
    "earlobe_active": (EAR, "digitimer_ds8r", "earlobe_left", {"arm": "active"}),
    "placement_made_for": (EAR, "tvnsr", "cymba_right", {}),
    "placement_kind": (EAR, "tvnsr", "cervical_left", {}),
    "device_amplitude": ({**EAR, "amplitude_ma": 5.05}, "tvnsr", "cymba_left", {}),
    "device_amplitude_low": ({**EAR, "amplitude_ma": 0.05}, "tvnsr", "cymba_left", {}),
    "device_step": ({**EAR, "amplitude_ma": 1.52}, "tvnsr", "cymba_left", {}),
    "device_width": ({**EAR, "width_us": 300}, "tvnsr", "cymba_left", {}),
    "device_rate": ({**EAR, "rate_hz": 30}, "tvnsr", "cymba_left", {}),
    "device_waveform": ({**EAR, "shape": "monophasic"}, "tvnsr", "cymba_left", {}),
    "device_burst": ({**EAR, "rate_hz": 25, "pulses_per_burst": 3, "burst_rate_hz": 2}, "tvnsr", "cymba_left", {}),
}  # fmt: skip


def test_every_row_of_the_table_is_tried():
    assert {row["key"] for row in raw_rows("limits")} <= set(OVER)


@pytest.mark.parametrize("key", OVER)
def test_each_limit_can_be_exceeded(key: str):
    fields, device, site, options = OVER[key]
    judgement = judge(build(**fields), DEVICES[device], site, conditions=(), **options)
    limit = limit_of(judgement, key)
    assert limit.state == ("refused" if limit.severity == "hard" else "warned")
    assert limit in (judgement.refused if limit.severity == "hard" else judgement.warned)
    assert judgement.state == ("refused" if judgement.refused else "warned")
    if limit.margin_pct is not None and limit.value != limit.limit:
        assert limit.margin_pct < 0


@pytest.mark.parametrize(("fields", "device", "site"), [
    (EAR, "tvnsr", "cymba_left"), (IMPLANT, "livanova_sentiva", "cervical_left"), (NECK, "gammacore", "neck_right"),
])  # fmt: skip
def test_an_ordinary_dose_is_ok(fields, device, site):
    judgement = judge(build(**fields), DEVICES[device], site, arm="active", conditions=())
    assert judgement.state == "ok", str(judgement)
    assert not judgement.unknown
    assert all(limit.source.text for limit in judgement.limits)


def test_a_placement_rule_spares_the_site_a_device_is_made_for():
    judgement = judge(build(**NECK), DEVICES["gammacore"], "neck_left", conditions=())
    ban = limit_of(judgement, "placement_ban")
    assert ban.state == "ok"
    assert "made for this site" in ban.text
    # the label of ear devices says nothing about a device that is none
    assert not [x for x in judgement.limits if x.key == "placement_label"]


def test_a_recalled_limit_binds_and_shows():
    fields, device, site, options = OVER["current_rms_to_400_hz"]
    limit = limit_of(judge(build(**fields), DEVICES[device], site, **options), "current_rms_to_400_hz")
    assert limit.state == "refused"
    assert not limit.source.verified
    assert "[unverified]" in str(limit)
    for key in ("charge_density_hard", "shannon_k_soft", "rate_hard"):
        fields, device, site, options = OVER[key]
        assert not limit_of(judge(build(**fields), DEVICES[device], site, **options), key).source.verified


def test_limits_come_from_the_safety_table():
    judgement = judge(build(**IMPLANT), DEVICES["livanova_sentiva"], "cervical_left")
    table = {row["id"]: row["limit_or_rate"] for row in raw_rows("safety")}
    for key, row in {
        "shannon_k_hard": "shannon_k", "shannon_k_soft": "shannon_k_cons", "charge_density_soft": "charge_density",
        "duty_implanted": "vns_duty", "rate_soft": "vns_chronic_freq",
    }.items():  # fmt: skip
        assert limit_of(judgement, key).limit == float(table[row])


@pytest.mark.parametrize(("duty_on", "state"), [(29.9, "ok"), (30.0, "refused")])
def test_on_as_long_as_off_is_too_long(duty_on: float, state: str):
    protocol = build(**{**IMPLANT, "on_s": duty_on, "off_s": 30, "ramp_s": 0})
    assert limit_of(judge(protocol, DEVICES["livanova_vns102"], "cervical_left"), "duty_implanted").state == state


def test_earlobe_depends_on_the_arm():
    states = {
        arm: limit_of(judge(build(**EAR), DEVICES["digitimer_ds8r"], "earlobe_left", arm=arm), "earlobe_active").state
        for arm in ("active", "sham", "unknown")
    }
    assert states == {"active": "warned", "sham": "ok", "unknown": "unknown"}


def test_what_is_not_public_is_unknown():
    judgement = judge(build(**EAR), DEVICES["xen"], "cavum_left", conditions=())
    assert {limit.key for limit in judgement.unknown} == {"device_amplitude", "device_width", "device_rate"}
    assert "not public" in str(judgement.unknown[0])


def test_an_assumed_area_is_named():
    assumed = limit_of(judge(build(**EAR), DEVICES["tvnsr"], "cymba_left"), "current_density_rms")
    given = limit_of(judge(build(**EAR), DEVICES["tvnsr"], "cymba_left", area_mm2=28), "current_density_rms")
    assert "28 mm² that is recalled or assumed" in assumed.text
    assert "assumed" not in given.text


ROWS = [(row["condition"], route, row["severity"]) for row in raw_rows("conditions") for route in row["routes"]]
DOSES = {
    "iVNS": (IMPLANT, "livanova_sentiva", "cervical_left"),
    "taVNS": (EAR, "tvnsr", "cymba_left"),
    "tcVNS": (NECK, "gammacore", "neck_left"),
}


@pytest.mark.parametrize(("condition", "route", "severity"), ROWS)
def test_both_states_of_each_condition(condition: str, route: str, severity: str):
    fields, device, site = DOSES[route]
    protocol = build(**fields)
    holds = judge(protocol, DEVICES[device], site, conditions=(condition,))
    assert limit_of(holds, f"condition_{condition}").state == ("refused" if severity == "hard" else "warned")
    free = judge(protocol, DEVICES[device], site, conditions=())
    assert limit_of(free, f"condition_{condition}").state == "ok"
    assert free.state == "ok"


@pytest.mark.parametrize("route", DOSES)
def test_conditions_that_were_not_asked_are_unknown(route: str):
    fields, device, site = DOSES[route]
    judgement = judge(build(**fields), DEVICES[device], site)
    groups = {row["group"] for row in raw_rows("conditions") if route in row["routes"]}
    unknown = [limit for limit in judgement.unknown if limit.key.startswith("conditions_")]
    assert len(unknown) == len(groups)
    assert all("not stated in course.toml [person] conditions" in str(limit) for limit in unknown)
    assert judgement.state == "ok"


def test_a_condition_of_another_route_says_nothing():
    judgement = judge(build(**EAR), DEVICES["tvnsr"], "cymba_left", conditions=("diathermy", "sleep_apnea"))
    assert judgement.state == "ok"
    assert set(CONDITIONS) >= {"diathermy", "sleep_apnea", "pregnancy"}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"conditions": ("bradicardia",)}, 'did you mean "bradycardia"?'),
        ({"arm": "actve"}, 'did you mean "active"?'),
        ({"area_mm2": -1.0}, "area_mm2"),
    ],
)
def test_mistakes(ear, options, words):
    with pytest.raises(InputError) as caught:
        judge(ear, DEVICES["tvnsr"], "cymba_left", **options)
    assert words in str(caught.value)
    with pytest.raises(InputError, match="unknown site"):
        judge(ear, DEVICES["tvnsr"], "nose_left")


@given(
    low=st.floats(0, 10), more=st.floats(0, 100), sign=st.sampled_from([-1, 1]),
    case=st.sampled_from([*DOSES.values(), (EAR, "digitimer_ds8r", "tragus_left"), (EAR, "tvnsr", "neck_left")]),
)  # fmt: skip
def test_more_current_never_lifts_a_refusal(low: float, more: float, sign: int, case: Any):
    fields, device, site = case
    keys = [
        {limit.key for limit in judge(build(**{**fields, "amplitude_ma": sign * a}), DEVICES[device], site).refused}
        for a in (low, low + more)
    ]
    assert keys[0] <= keys[1]


def test_margin_and_sentence():
    facts: dict[str, Any] = {
        "key": "k", "quantity": "rate", "unit": "Hz", "severity": "hard", "state": "ok", "text": "because",
        "source": Source(text="S 2020"),
    }  # fmt: skip
    most = Limit(**facts, value=20.0, limit=50.0, side="max")
    assert most.margin_pct == pytest.approx(60)
    assert str(most) == "rate is 20 Hz, at most 50 Hz (margin 60 %): because. [S 2020]"
    assert str(Limit(**facts, value=75.0, limit=50.0, side="max")) == (
        "rate is 75 Hz, at most 50 Hz (50 % over it): because. [S 2020]"
    )
    least = Limit(**facts, value=1.0, limit=2.0, side="min")
    assert least.margin_pct == pytest.approx(-50)
    assert "at least 2 Hz (50 % below it)" in str(least)
    assert Limit(**facts, value=None, limit=2.0, side="max").margin_pct is None
    with pytest.raises(InputError, match="unknown state"):
        Limit(**{**facts, "state": "fine"}, value=1.0, limit=2.0, side="max")


@pytest.mark.parametrize(
    ("change", "device", "site", "key", "least"),
    [
        ({**EAR, "width_us": 40}, "digitimer_ds8r", "tragus_left", "device_width", 50),
        ({**IMPLANT, "rate_hz": 0.5}, "livanova_sentiva", "cervical_left", "device_rate", 1),
    ],
)
def test_below_the_range_of_a_device(change, device, site, key, least):
    limit = limit_of(judge(build(**change), DEVICES[device], site, conditions=()), key)
    assert (limit.state, limit.side, limit.limit) == ("refused", "min", least)
    assert limit.margin_pct is not None
    assert limit.margin_pct < 0


def test_direct_current_is_judged_only_where_there_is_some(ear):
    keys = {limit.key for limit in judge(ear, DEVICES["tvnsr"], "cymba_left").limits}
    assert "current_dc" not in keys
    # one limit of the r.m.s. current, that of the pulse rate
    assert len([key for key in keys if key.startswith("current_rms")]) == 1
