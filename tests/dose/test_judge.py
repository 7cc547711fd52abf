"""Limits: values by hand, each limit triggered, both states of each condition, monotone in amplitude."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vagus.dose import CONDITIONS, SYNONYMS, Limit, condition_of, devices, expose, judge, montage
from vagus.errors import InputError
from vagus.source import Source
from vagus.tables import raw_rows

from .doses import EAR, IMPLANT, NECK, build

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
    assert cuff.pulse_energy_uj == pytest.approx(0.25)
    assert expose(implant, montage(DEVICES["tvnsr"], "cymba_left"), load_ohm=1000).pulse_energy_uj == pytest.approx(0.5)


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
    "current_density_rms_hard": ({**EAR, "amplitude_ma": 15, "width_us": 500, "rate_hz": 100}, "digitimer_ds8r",
                                 "cymba_left", {}),
    "current_density_dc": ({**EAR, "amplitude_ma": 5, "width_us": 1000, "rate_hz": 60, "shape": "monophasic"},
                           "digitimer_ds7a", "cymba_left", {}),
    "current_ear_soft": ({**EAR, "amplitude_ma": 5.1}, "digitimer_ds8r", "cymba_left", {}),
    "current_ear_hard": ({**EAR, "amplitude_ma": 15.1}, "digitimer_ds8r", "cymba_left", {}),
    "current_ear_parasym": ({**EAR, "amplitude_ma": 5.1, "width_us": 200}, "parasym_tvns", "tragus_left", {}),
    "current_rms_to_400_hz": ({**EAR, "amplitude_ma": 99, "width_us": 1000, "rate_hz": 300}, "digitimer_ds7a",
                              "cymba_left", {}),
    "current_rms_to_1500_hz": ({**EAR, "amplitude_ma": 99, "width_us": 400, "rate_hz": 1000}, "digitimer_ds7a",
                               "cymba_left", {}),
    "current_rms_over_1500_hz": ({**EAR, "amplitude_ma": 110, "width_us": 200, "rate_hz": 2400}, "digitimer_ds5",
                                 "cymba_left", {}),
    "pulse_energy": ({**EAR, "amplitude_ma": 400, "width_us": 2000}, "digitimer_ds5", "cymba_left", {}),
    "duty_implanted": ({**IMPLANT, "on_s": 30, "off_s": 30, "ramp_s": 0}, "livanova_vns102", "cervical_left", {}),
    "rate_soft": ({**IMPLANT, "rate_hz": 31}, "livanova_vns102", "cervical_left", {}),
    "rate_hard": ({**IMPLANT, "rate_hz": 50}, "livanova_vns102", "cervical_left", {}),
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
    for key in ("charge_density_hard", "shannon_k_soft", "current_density_dc", "current_density_rms_hard"):
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


def test_an_output_that_is_not_public_is_warned():
    judgement = judge(build(**EAR), DEVICES["xen"], "cavum_left", conditions=())
    assert {limit.key for limit in judgement.unknown} == {"device_width", "device_rate"}
    assert [limit.key for limit in judgement.warned] == ["device_amplitude"]
    assert "cannot be checked, as the output of Xen is not public" in str(judgement.warned[0])
    assert judgement.tally.n_not_checked == 3


BURN = {**EAR, "amplitude_ma": 30, "width_us": 2000, "rate_hz": 100, "shape": "monophasic", "sitting_min": 1440,
        "on_s": 60, "off_s": 0}  # fmt: skip


@pytest.mark.parametrize(("fields", "device", "site", "keys"), [
    # 30 mA · 2 ms · 100 Hz = 6 mA of direct current: 12 mA/cm² at a clip of 50 mm²
    (BURN, "digitimer_ds8r", "earlobe_left", {"current_density_dc", "current_density_rms_hard", "current_ear_hard"}),
    ({**EAR, "amplitude_ma": 30, "width_us": 200}, "parasym_tvns", "tragus_left",
     {"current_ear_hard", "current_ear_parasym"}),
    ({**EAR, "amplitude_ma": 80}, "nurosym", "tragus_left", {"current_ear_hard", "current_density_rms_hard"}),
    ({**NECK, "amplitude_ma": 60}, "gammacore", "neck_left", set()),
    # Sclocco: means by rate at 300 µs, and 1.6 mA at 450 µs gated to exhalation
    ({**EAR, "amplitude_ma": 7.2, "rate_hz": 2, "width_us": 300}, "bionik", "cymba_left", set()),
    ({**EAR, "amplitude_ma": 5.57, "rate_hz": 100, "width_us": 300}, "bionik", "cymba_left", set()),
    ({**EAR, "amplitude_ma": 7.2, "rate_hz": 2, "width_us": 300, "shape": "monophasic"}, "bionik", "cymba_left", set()),
    ({**EAR, "amplitude_ma": 1.6, "width_us": 450, "gate": "exhalation", "gated_burst_s": 1.5}, "bionik", "cymba_left",
     set()),
])  # fmt: skip
def test_what_burns_skin_is_refused_and_what_was_published_is_not(fields, device, site, keys):
    judgement = judge(build(**fields), DEVICES[device], site, arm="active", conditions=())
    assert {limit.key for limit in judgement.refused} == keys
    # bounds that this software declares, or that were recalled, say so
    assert not any(limit.source.verified for limit in judgement.refused)
    assert judgement.state == ("refused" if keys else "warned")


def test_direct_current_through_skin_by_hand():
    found = judge(build(**BURN), DEVICES["digitimer_ds8r"], "earlobe_left", conditions=())
    assert limit_of(found, "current_density_dc").value == pytest.approx(30 * 0.2 / 0.5)
    # no bound of it is so high that the dose looks far from it
    assert all((limit.margin_pct or -1) < 0 for limit in found.limits if "net" in limit.quantity)
    assert not [limit.key for limit in found.limits if limit.limit == 80]


def test_a_row_says_whether_its_number_was_read():
    safety = {row["id"]: row["verified"] == "yes" for row in raw_rows("safety")}
    for table in ("limits", "conditions"):
        for row in raw_rows(table):
            own = "limit" in row or "safety" not in row
            assert own or row["verified"] == safety[row["safety"]], row
            assert not ("declared by this software" in row.get("source", "") and row["verified"])
    assert all("verified" in row for row in raw_rows("contacts"))


def test_one_bound_stands_once():
    judgement = judge(build(**IMPLANT), DEVICES["livanova_vns102"], "cervical_left", conditions=())
    bounds = [(limit.quantity, limit.limit) for limit in judgement.limits if limit.limit is not None]
    assert len(set(bounds)) == len(bounds)
    rate = limit_of(judgement, "rate_hard")
    assert {"10.1007/BF02510526", "10.1186/s12984-018-0474-8"} <= set(
        rate.source.text.replace("doi:", "").split(" ")
    ) | {rate.source.doi}


@pytest.mark.parametrize(("key", "words"), [
    ("shannon_k_hard", "Shannon k is 0.02, below 1.85 (8.24 times this charge reaches it)"),
    ("rate_hard", "is 20 Hz, below 50 Hz (margin 60 %)"),
    ("duty_implanted", "is 10.3 %, below 50 % (margin 79 %)"),
    ("rate_soft", "is 20 Hz, at most 30 Hz (margin 33 %)"),
    ("charge_density_hard", "is 4.17 µC/cm², at most 100 µC/cm² (24 times below it)"),
])  # fmt: skip
def test_a_limit_that_must_not_be_reached_says_below(key: str, words: str):
    assert words in str(limit_of(judge(build(**IMPLANT), DEVICES["livanova_sentiva"], "cervical_left"), key))


def test_the_room_of_shannon_is_that_of_the_current():
    def k_of(amplitude_ma: float) -> Limit:
        dose = build(**{**IMPLANT, "amplitude_ma": amplitude_ma})
        return limit_of(judge(dose, DEVICES["livanova_sentiva"], "cervical_left"), "shannon_k_hard")

    near = k_of(1.0)
    assert near.room is not None
    assert near.margin_pct is None
    # by hand: D·Q = 4.1667 · 0.25; 10^1.85 / (D·Q) = 67.96, whose root is the factor of charge and current
    assert near.room == pytest.approx((10**1.85 / (25 / 6 * 0.25)) ** 0.5)
    assert (k_of(near.room * 0.999).state, k_of(near.room * 1.001).state) == ("ok", "refused")
    assert "times the charge that reaches it" in str(k_of(20.0))


def test_room_ranks_limits():
    judgement = judge(build(**IMPLANT), DEVICES["livanova_sentiva"], "cervical_left", conditions=())
    kept = [limit for limit in judgement.limits if limit.room is not None]
    assert min(kept, key=lambda limit: limit.room or 0).key in {"rate_soft", "device_rate"}
    assert limit_of(judgement, "charge_balance_implanted").room is None


def test_energy_in_a_unit_of_its_size(ear):
    energy = limit_of(judge(ear, DEVICES["tvnsr"], "cymba_left"), "pulse_energy")
    # 1.5² mA² · 500 µs · 500 Ω; the standard's 300 mJ
    assert (energy.value, energy.limit, energy.unit) == (pytest.approx(0.5625), 300_000, "µJ")
    assert "is 0.562 µJ, at most 300,000 µJ (533,000 times below it)" in str(energy)


def test_tally_keeps_kinds_apart(implant):
    device = DEVICES["livanova_sentiva"]
    denied = judge(implant, device, "cervical_left", conditions=()).tally
    assert (denied.n_limits, denied.n_kept, denied.n_rules, denied.n_rules_kept) == (10, 10, 4, 4)
    assert (denied.n_denied, denied.n_present, denied.n_not_stated) == (4, 0, 0)
    assert denied.n_kept_unverified == 5
    assert str(denied) == (
        "10 of 10 numeric limits kept, 5 of them unverified; 4 of 4 rules kept; conditions: 4 denied"
    )
    present = judge(implant, device, "cervical_left", conditions=("diathermy",)).tally
    assert (present.n_denied, present.n_present) == (3, 1)
    silent = judge(implant, device, "cervical_left").tally
    # three groups of four conditions: each condition counts
    assert (silent.n_denied, silent.n_not_stated) == (0, 4)
    fast = judge(build(**{**IMPLANT, "rate_hz": 60}), device, "cervical_left", conditions=()).tally
    assert (fast.n_limits, fast.n_kept) == (10, 7)


def test_a_laboratory_stimulator_is_made_for_no_site():
    for key in ("digitimer_ds8r", "digitimer_ds7a", "digitimer_ds5"):
        made = limit_of(judge(build(**EAR), DEVICES[key], "earlobe_left", arm="sham"), "placement_made_for")
        assert made.state == "ok"
        assert "made for no particular site, and the contacts are the user's" in made.text


def test_a_device_off_its_site_is_warned_unless_the_site_is_banned():
    ear = judge(build(**{**NECK, "amplitude_ma": 5}), DEVICES["gammacore"], "cymba_left", conditions=())
    assert ear.state == "warned"
    assert (
        "not made for the left cymba conchae, but for: left side of the neck"
        in limit_of(ear, "placement_made_for").text
    )
    assert not [limit.key for limit in ear.limits if limit.key in {"placement_ban", "placement_label"}]
    neck = judge(build(**EAR), DEVICES["tvnsr"], "neck_left", conditions=())
    assert limit_of(neck, "placement_ban").state == "refused"


def test_words_of_limits_name_who_refuses():
    texts = [row["text"] + row.get("source", "") for row in raw_rows("limits")]
    assert not [text for text in texts if "vagus refuses" in text or "choice of vagus" in text]
    duty = next(row["text"] for row in raw_rows("limits") if row["key"] == "duty_implanted")
    assert duty.startswith("a review considers chronic stimulation safe below an effective time of 50 %")


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


@pytest.mark.parametrize("route", DOSES)
@pytest.mark.parametrize("condition", CONDITIONS)
def test_every_stated_condition_is_judged_at_every_route(condition: str, route: str):
    fields, device, site = DOSES[route]
    judgement = judge(build(**fields), DEVICES[device], site, arm="active", conditions=(condition,))
    limit = limit_of(judgement, f"condition_{condition}")
    ruled = [severity for name, where, severity in ROWS if (name, where) == (condition, route)]
    assert limit.state == ("refused" if "hard" in ruled else "warned")
    assert judgement.state == limit.state
    assert (judgement.tally.n_present, judgement.tally.n_not_stated) == (1, 0)
    assert str(limit).startswith(f"{CONDITIONS[condition]}: stated; ")
    sentence = "stated; no rule for this route in the table; a clinician has to judge"
    assert (sentence in str(limit)) == (not ruled)
    assert limit.source.verified == bool(ruled)


def test_conditions_of_an_implant_are_not_dropped(implant):
    stated = ("pregnancy", "heart_failure", "child", "active_implant")
    judgement = judge(implant, DEVICES["livanova_sentiva"], "cervical_left", conditions=stated)
    assert {limit.key for limit in judgement.warned} == {f"condition_{key}" for key in stated}
    assert judgement.state == "warned"


@pytest.mark.parametrize(
    ("word", "key"),
    [
        ("pacemaker", "active_implant"), ("ICD", "active_implant"), ("defibrillator", "active_implant"),
        ("neurostimulator", "active_implant"), ("cochlear implant", "active_implant"), ("pregnant", "pregnancy"),
        ("low heart rate", "bradycardia"), ("sleep_apnoea", "sleep_apnea"), ("Heart-Failure ", "heart_failure"),
    ],
)  # fmt: skip
def test_other_words_for_a_condition(ear, word: str, key: str):
    assert condition_of(word) == key
    limit = limit_of(judge(ear, DEVICES["tvnsr"], "cymba_left", conditions=(word,)), f"condition_{key}")
    assert limit.state in {"refused", "warned"}
    assert f'stated as "{word}"; ' in limit.text


def test_other_words_are_of_one_condition_each():
    words = [word for row in raw_rows("conditions") for word in row.get("synonyms", ())]
    assert len(set(words)) == len(words) == len(SYNONYMS)
    assert not set(words) & set(CONDITIONS)
    assert all(condition_of(word) == key for word, key in SYNONYMS.items())
    # said twice is said once
    twice = judge(build(**IMPLANT), DEVICES["livanova_sentiva"], "cervical_left", conditions=("icd", "pacemaker"))
    assert twice.tally.n_present == 1


def test_unknown_conditions_are_all_named(ear):
    with pytest.raises(InputError) as caught:
        judge(ear, DEVICES["tvnsr"], "cymba_left", conditions=("pacemakr", "gout", "myocardial infarction"))
    near, none, old = map(str, caught.value.problems)
    assert 'did you mean "active_implant"? (it means: active implanted device' in near
    assert all(key in none for key in CONDITIONS)
    assert "pacemaker" not in none
    # not read as recent: only the person knows
    assert 'did you mean "recent_heart_attack"? (it means: heart attack within 5 years' in old


@pytest.mark.parametrize(("device", "state"), [("tvnsr", "ok"), ("digitimer_ds8r", "ok"), ("gammacore", "warned")])
def test_a_sham_at_the_earlobe(device: str, state: str):
    fields = NECK if device == "gammacore" else EAR
    made = limit_of(
        judge(build(**fields), DEVICES[device], "earlobe_left", arm="sham", conditions=()), "placement_made_for"
    )
    assert made.state == state
    assert ("sham site" in made.text) == (state == "ok")
    active = judge(build(**EAR), DEVICES["tvnsr"], "earlobe_left", arm="active", conditions=())
    assert {limit.key for limit in active.warned} >= {"placement_made_for", "earlobe_active"}
    # a sham elsewhere has no such excuse
    elsewhere = judge(build(**EAR), DEVICES["tvnsr"], "tragus_left", arm="sham", conditions=())
    assert limit_of(elsewhere, "placement_made_for").state == "warned"


def test_a_sham_is_as_safe_as_an_active_arm():
    sham, active = (
        judge(build(**{**EAR, "amplitude_ma": 30}), DEVICES["tvnsr"], "earlobe_left", arm=arm, conditions=("child",))
        for arm in ("sham", "active")
    )
    assert sham.refused == active.refused
    assert judge(build(**EAR), DEVICES["tvnsr"], "earlobe_left", arm="sham", conditions=()).state == "ok"


def test_a_negative_amplitude_is_told_as_magnitude(ear):
    text = str(
        limit_of(judge(build(**{**EAR, "amplitude_ma": -60}), DEVICES["tvnsr"], "cymba_left"), "device_amplitude")
    )
    assert text.startswith("magnitude of the amplitude (first phase −60 mA) is 60 mA, at most 5 mA")
    assert str(limit_of(judge(ear, DEVICES["tvnsr"], "cymba_left"), "device_amplitude")).startswith("amplitude is 1.5")


@pytest.mark.parametrize(("on_s", "off_s", "ramp_s"), [(30, 30, 0), (22, 38, 4), (0.07, 0.13, 0.015), (0.7, 1.3, 0.15)])
def test_a_duty_cycle_of_one_half_is_reached_whatever_the_rounding(on_s: float, off_s: float, ramp_s: float):
    protocol = build(**{**IMPLANT, "on_s": on_s, "off_s": off_s, "ramp_s": ramp_s})
    duty = limit_of(judge(protocol, DEVICES["livanova_vns102"], "cervical_left"), "duty_implanted")
    assert duty.state == "refused"
    assert "is 50 %, below 50 % (reached)" in str(duty)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"conditions": ("bradicardia",)}, 'did you mean "bradycardia"?'),
        ({"arm": "actve"}, 'did you mean "active"? (one of: active, sham, unknown)'),
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
    assert "at least 2 Hz (15 times it)" in str(Limit(**facts, value=30.0, limit=2.0, side="min"))
    assert "is 5 Hz, at most 5 Hz (margin 0 %)" in str(Limit(**facts, value=5.0, limit=5.0, side="max"))
    assert "is 120 Hz, at most 5 Hz (24 times it)" in str(Limit(**facts, value=120.0, limit=5.0, side="max"))
    assert "is 5 Hz, below 5 Hz (reached)" in str(Limit(**facts, value=5.0, limit=5.0, side="max", reached=True))
    # as many digits as tell value and limit apart
    assert "is 50.04 Hz, at most 50 Hz" in str(Limit(**facts, value=50.04, limit=50.0, side="max"))
    assert "is 5,000 Hz, at most 12,500 Hz" in str(Limit(**facts, value=5000.0, limit=12500.0, side="max"))
    assert "is 0.562 Hz" in str(Limit(**facts, value=0.5625, limit=300.0, side="max"))
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
    assert "current_density_dc" not in keys
    # one limit of the r.m.s. current, that of the pulse rate
    assert len([key for key in keys if key.startswith("current_rms")]) == 1
