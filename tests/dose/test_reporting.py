"""Checklist and methods paragraph."""

import re
from typing import Any

import pytest

from vagus.dose import checklist, devices, dose_facts, fact_names, methods
from vagus.errors import InputError
from vagus.tables import raw_rows

from .doses import EAR, IMPLANT, NECK, build

DEVICES = devices()


def items_of(facts: dict[str, str], **options: Any) -> dict[str, Any]:
    return {item.item_id: item for item in checklist(facts, **options)}


def test_each_item_of_the_consensus_is_there():
    items = items_of({})
    assert set(items) == {row["item_id"] for row in raw_rows("reporting")}
    assert len(items) == 29
    assert all(item.state != "filled" for item in items.values())
    assert all(item.source.doi == "10.3389/fnhum.2020.568051" for item in items.values())


def test_filled_only_where_each_part_is_known():
    items = items_of({"stim.on_s": "28 s", "stim.off_s": " ", "stim.pulse_width_us": "250 µs"})
    assert (items["STIM4"].state, items["STIM4"].value) == ("filled", "250 µs")
    assert (items["STIM6"].state, items["STIM6"].value) == ("missing", "28 s; missing: stim.off_s")
    assert items_of({"stim.on_s": "28 s", "stim.off_s": "32 s"})["STIM6"].state == "filled"


def test_acute_and_long_term_items_exclude_each_other():
    acute, long_term = items_of({}, long_term=False), items_of({}, long_term=True)
    assert (acute["DES4"].state, acute["DES9"].state) == ("missing", "not applicable")
    assert (long_term["DES4"].state, long_term["DES9"].state) == ("not applicable", "missing")


def test_what_does_not_apply():
    assert items_of({"stim.control_mode": "current controlled"})["STIM10"].state == "not applicable"
    assert items_of({"stim.control_mode": "voltage controlled"})["STIM10"].state == "missing"
    assert items_of({"subject.prior_knowledge": "not applicable"})["SUB5"].state == "not applicable"
    acute = items_of({"design.sham_type": "none"}, long_term=False)
    assert acute["DES7"].state == acute["DES8"].state == "not applicable"


@pytest.mark.parametrize("long_term", [True, False])
def test_a_sham_has_to_say_its_kind(long_term: bool):
    def kind_of(facts: dict[str, str], arm: str) -> tuple[str, str]:
        item = items_of(facts, long_term=long_term, arm=arm)["DES8"]
        return item.state, item.value

    assert kind_of({}, "sham") == ("missing", "missing: design.sham_type")
    assert kind_of({"design.sham_type": "none"}, "sham") == ("missing", "missing: design.sham_type")
    assert kind_of({"design.sham_type": "earlobe"}, "sham") == ("filled", "earlobe")
    assert kind_of({}, "active")[0] == ("not applicable" if long_term else "missing")
    with pytest.raises(InputError, match="unknown arm"):
        items_of({}, arm="shame")


def test_a_paragraph_of_a_sham_says_so_plainly(ear):
    text = methods(ear, DEVICES["tvnsr"], "earlobe_left", arm="sham")
    assert text.startswith("Sham of transcutaneous auricular vagus nerve stimulation (taVNS) with tVNS R")
    assert "the arm was sham (its kind is not stated)" in text
    assert "Sham of implanted cervical" in methods(
        build(**IMPLANT), DEVICES["livanova_sentiva"], "cervical_left", arm="sham", sham_type="no current"
    )
    assert methods(ear, DEVICES["tvnsr"], "cymba_left", arm="active").startswith("Transcutaneous auricular")
    with pytest.raises(InputError, match="unknown arm"):
        methods(ear, DEVICES["tvnsr"], "cymba_left", arm="shame")


def test_a_dose_fills_the_stimulation_items(ear):
    facts = dose_facts(ear, DEVICES["tvnsr"], "cymba_left")
    assert set(facts) <= set(fact_names())
    filled = {key for key, item in items_of(facts).items() if item.state == "filled"}
    assert filled >= {"STIM4", "STIM5", "STIM6", "STIM7", "STIM8", "STIM9"}
    assert facts["stim.current_mA"] == "1.5 mA, as prescribed"
    assert facts["stim.side"] == "left"


@pytest.mark.parametrize(("fields", "device", "site"), [
    (EAR, "tvnsr", "cymba_left"), (IMPLANT, "livanova_sentiva", "cervical_left"), (NECK, "gammacore", "neck_right"),
])  # fmt: skip
def test_each_number_of_the_paragraph_has_a_unit(fields, device, site):
    text = methods(build(**fields), DEVICES[device], site, arm="active")
    text = text.replace(f"{DEVICES[device].name} ({DEVICES[device].maker})", "")
    text = re.sub(r"\d{4}-\d\d-\d\d", "", text)
    unit = r" (µs|mA|Hz|µC|µC/cm²|mA/cm²|mm²|s|min|mC|days|weeks|times|pulses|bursts)\b|, without unit| %"
    for number in re.finditer(r"-?\d[\d,]*(\.\d+)?", text):
        after = text[number.end() :]
        assert re.match(unit, after), f"{number[0]!r} without unit: …{after[:30]!r}"


def test_paragraph_names_what_counts(ear):
    text = methods(ear, DEVICES["tvnsr"], "cymba_left", arm="sham", sham_type="no current")
    for words in (
        "left cymba conchae, on the left side", "the arm was sham (no current)", "duty cycle was 46.67 %", "no ramps",
        "charge per phase was 0.375 µC", "charge density 1.339 µC/cm²", "28 mm² each, an area that is recalled",
        "0.599 mA/cm²", "as prescribed; the output was not measured", "15.75 mC and 42,000 pulses a day",
        "from 2026-01-12 to 2026-03-08", "anodic first",
    ):  # fmt: skip
        assert words in text
    measured = methods(ear, DEVICES["tvnsr"], "cymba_left", amplitude_origin="measured", area_mm2=20)
    assert "as measured at the output" in measured
    assert "the arm is not stated" in measured
    assert "recalled" not in measured


def test_paragraph_of_an_implant_and_of_bursts():
    implant = methods(build(**IMPLANT), DEVICES["livanova_sentiva"], "cervical_left")
    assert "(Shannon k 0.02, without unit)" in implant
    assert "ramps of 2 s" in implant
    assert "1440 min a day" in implant
    assert "cathodic first" in implant
    neck = methods(build(**NECK), DEVICES["gammacore"], "neck_left")
    assert "5000 Hz in bursts of 5 pulses, 25 bursts a second" in neck
    gated = build(**{**EAR, "gate": "exhalation", "gated_burst_s": 1.2, "on_s": 60, "off_s": 0})
    breath = methods(gated, DEVICES["bionik"], "cymba_left")
    assert "gated: 1.2 s per exhalation" in breath
    assert "depends on the person's breathing" in breath
    odd = build(**{**EAR, "shape": "biphasic_asymmetric", "recovery_ratio": 0.25, "gap_us": 30})
    assert "the second phase 25 % as high" in methods(odd, DEVICES["digitimer_ds8r"], "tragus_left")


def test_unknown_origin(ear):
    with pytest.raises(InputError, match="measured"):
        methods(ear, DEVICES["tvnsr"], "cymba_left", amplitude_origin="mesured")  # pyright: ignore[reportArgumentType]
