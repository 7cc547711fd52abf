"""Published trials: null beside positive, each trial once, nothing lost from the table."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from vagus import tables
from vagus.errors import InputError
from vagus.outcome import Evidence, Trial, evidence, indications, routes, trials
from vagus.source import cite


def on(indication: str, route: str) -> Evidence:
    return evidence(indication=indication, route=route)


def row(study_id: str) -> Trial:
    return next(trial for trial in trials() if trial.study_id == study_id)


def test_every_row_of_the_table_is_read() -> None:
    assert len(trials()) == len(tables.raw_rows("trials"))


def test_trd_ivns_shows_the_null_trials_beside_the_others() -> None:
    found = on("trd", "iVNS")
    assert (found.positive, found.null, found.mixed) == (0, 2, 0)
    verdicts = {trial.study_id: (trial.kind, trial.verdict) for trial in found.trials}
    assert verdicts["D02_acute_Rush2005a"] == ("sham", "missed")
    assert verdicts["RECOVER_Conway2025"] == ("sham", "missed")
    assert verdicts["D02_IDSSR_acute"] == ("sham", "secondary")
    assert verdicts["D02vsD04_George2005"] == ("nonrandomized", "met")
    assert verdicts["D21_Aaronson2013"] == ("comparator", "missed")
    assert verdicts["D02_long_Rush2005b"] == ("uncontrolled", "no control")
    assert found.trials[0].study_id == "D02_acute_Rush2005a"
    # all iVNS rows on treatment-resistant depression and the meta-analysis listed with them; three arms are one row
    raw = [r for r in tables.raw_rows("trials") if r["modality"] == "iVNS"]
    words = {"TRD", "TRD (unipolar)", "difficult-to-treat depression", "depression"}
    assert len(found.trials) == sum(r["indication"] in words for r in raw) - 2


def test_two_sentences_say_it_missed_trials_first() -> None:
    found = on("trd", "iVNS")
    first, second = found.text.removesuffix(".").split(". ")
    assert first == (
        "Implanted cervical VNS for treatment-resistant depression: 2 randomized sham-controlled trials; "
        "primary endpoint missed by 2 (Rush 2005; Conway 2025), met by 0"
    )
    assert "1 randomized against another treatment or dose (missed by 1, met by 0)" in second
    assert "2 non-randomized comparisons (missed by 0, met by 2)" in second
    assert "1 review of trials (no difference in 1, a difference in 0)" in second
    assert "7 without a control group" in second
    assert "cannot tell stimulation from time, care and expectation" in second


@pytest.mark.parametrize("indication", indications())
@pytest.mark.parametrize("route", routes())
def test_every_text_is_short_and_names_missed_first(indication: str, route: str) -> None:
    text = on(indication, route).text
    assert text.count(". ") <= 1
    assert text.endswith(".")
    if "met by" in text:
        assert text.index("missed by") < text.index("met by")


def test_details_hold_the_figures() -> None:
    missed = on("trd", "iVNS").details[0]
    assert missed.startswith("Missed: Rush 2005 (response on the HRSD24 at 10 weeks; 112 active, 110 control; ")
    assert "response 15.2 % active, 10.0 % control; risk difference 5.2 percentage points, p 0.251)" in missed
    assert "493 people in all, 1:1; no significant difference)" in missed


def test_arms_of_one_trial_are_one_row() -> None:
    (arms,) = [trial for trial in on("trd", "iVNS").trials if trial.kind == "comparator"]
    assert arms.arms == (
        "low 0.25 mA, 130 µs",
        "medium 0.5 to 1.0 mA, 250 µs",
        "high 1.25 to 1.5 mA, 250 µs",
    )
    assert (arms.current_ma, arms.pulse_width_us, arms.frequency_hz) == (None, None, "20")
    assert arms.design_text == f"RCT double-blind dose comparison; arms: {'; '.join(arms.arms)}"
    assert sum(trial.study_id.startswith("D21_") for trial in trials()) == 3, "the table itself stays as it is"


def test_what_was_only_recalled_is_in_no_count() -> None:
    trd = on("trd", "iVNS")
    assert not row("Berry2013_IPDMA").is_verified
    assert trd.unverified == 1
    assert "1 recalled, not read and not counted" in trd.text
    assert "Recalled, not read and therefore not counted: Berry 2013 [unverified]" in " ".join(trd.details)
    mdd = on("mdd", "taVNS")
    assert "1 non-randomized comparison (missed by 0, met by 1)" in mdd.text  # Rong 2016, without Fang 2016
    assert "Fang 2016 [unverified]" in " ".join(mdd.details)
    assert "Fang" not in mdd.text
    ptsd = on("ptsd", "tcVNS")
    assert (ptsd.positive, ptsd.unverified) == (2, 1)  # Gurel 2020 is recalled
    assert {"Berry2013_IPDMA", "D03_Bajbouj2010"} <= {trial.study_id for trial in trd.trials}, "shown all the same"


def test_physiology_is_not_passed_off_as_symptoms() -> None:
    assert "met by 2 (Bremner 2020: physiology, not symptoms; Bremner 2021)" in on("ptsd", "tcVNS").text


def test_insomnia_tavns_counts() -> None:
    found = on("insomnia", "taVNS")
    assert (found.positive, found.null, found.mixed) == (3, 1, 0)
    assert {t.study_id for t in found.of_kind("sham") if t.verdict == "missed"} == {"Jiao2020"}
    assert "missed by 1 (Jiao 2020), met by 3" in found.text
    details = " ".join(found.details)
    assert "least-squares mean difference -4.2 points (-5.9 to -2.6), p < 0.001" in details
    assert [trial.study_id for trial in found.related] == ["Jackowska2022"]
    assert "On near indications" in details


def test_mdd_tavns_tells_what_was_not_randomized() -> None:
    found = on("mdd", "taVNS")
    assert (found.positive, found.null, found.mixed) == (0, 0, 1)
    assert row("Rong2016").kind == "nonrandomized"
    assert row("Fang2016").kind == "unstated"
    assert "those without randomization cannot tell" in found.text


@pytest.mark.parametrize("study_id", ["D02_long_Rush2005b", "Evensen2022", "Koopman2016_RA", "DHaens2023_CD"])
def test_nothing_is_met_without_a_control_group(study_id: str) -> None:
    one = row(study_id)
    assert one.primary_met == "yes"
    assert (one.kind, one.verdict, one.verdict_text) == ("uncontrolled", "no control", "nothing to compare with")
    assert one.detail_text == "its aim was reached, without a comparison"


def test_no_uncontrolled_row_has_a_verdict() -> None:
    assert {trial.verdict for trial in trials() if trial.kind == "uncontrolled"} == {"no control"}


def test_no_sham_controlled_trial_is_said() -> None:
    assert "no randomized sham-controlled trial in the table" in on("trd", "taVNS").text
    assert "no randomized sham-controlled trial in the table" in on("ptsd", "iVNS").text
    assert "no study in the table" in on("insomnia", "tcVNS").text


def test_unverified_cells_show_as_such() -> None:
    berry = row("Berry2013_IPDMA")
    assert berry.effect_text.endswith("3.19 (2.12 to 4.66) [unverified]")
    assert row("RESETRA_2025").response_text == "35.2 % active, 24.2 % control [unverified]"
    assert row("Zhang2024_JAMANO").response_text == ""
    assert not row("D03_Bajbouj2010").cited.verified
    assert row("D03_Bajbouj2010").name == "Bajbouj 2010 [unverified]"


@pytest.mark.parametrize(
    ("study_id", "text"),
    [
        ("D02_acute_Rush2005a", "risk difference 5.2 percentage points, p 0.251"),
        ("Baker2023_taVNS_RA", "risk difference -1.9 percentage points (-18.8 to 14.9), p 0.823"),
        (
            "Li2022_citalopram",
            "group by time coefficient: interval -0.07 to 0.15, no estimate in the table, p 0.79",
        ),
        ("D01_Rush2000", "response on the MADRS 50 %"),
        (
            "D23_Conway2018_QoL",
            "fall of the MADRS that went with a meaningful gain in quality of life, stimulated arm: 34 %",
        ),
        ("D23_Kumar2019", "hazard ratio of relapse (responders of year 1) 0.6 (0.4 to 0.9), p < 0.01"),
        ("RECOVER_Conway2025", "no significant difference"),
        ("Tan2023_MA", ""),  # "SMD/RR" without a number is no effect
        ("D01_Marangell2002", "p 0.045 (remission), p 0.317 (response)"),
        ("Jackowska2022", "change within the arm, early phase -1.9 points (-2.87 to -0.94), p 0.36 (against control)"),
        ("Germann2026_pCF", "p 0.003 (24 adherent people)"),
        ("Wolf2021_MA", "Hedges g 0.014 (-0.103 to 0.132), Bayes factor 24.678 in favor of no effect"),
        ("Addorisio2019_vibro", "inhibition: TNF 80 %, IL-6 73 %, IL-1β 50 %"),
        (
            "Aranow2021_SLE",
            "odds ratio of clinically significant pain relief 25, p 0.049 (pain), p 0.02 (odds ratio)",
        ),
    ],
)
def test_effects_in_words(study_id: str, text: str) -> None:
    assert row(study_id).effect_text == text


def test_design_and_control_in_words() -> None:
    one = row("D23_Aaronson2017")
    assert one.design_text == "5-year non-randomized registry VNS + usual care against usual care"
    assert one.control_text == "usual care"
    assert row("D02_long_Rush2005b").control_text == ""
    assert row("Rong2016").control_text.endswith("[unverified]")


def test_secondary_outcomes_in_words() -> None:
    one = row("D02_IDSSR_acute")
    assert (one.verdict_text, one.endpoint_text) == ("secondary outcome", "secondary outcome: IDS-SR30")
    assert one.detail_text.startswith("differed between the arms")
    assert row("Pfoser2025_LC").verdict == "unknown"  # a primary endpoint, not judged


def test_no_raw_cell_reaches_people() -> None:
    """Every endpoint, measure and remark has words; none carries a short form or a sign of the table."""
    known = {(entry["column"], entry["cell"]) for entry in tables.raw_rows("evidence_words")}
    columns = {"endpoint": "primary_endpoint", "measure": "effect_measure", "detail": "primary_met_detail"}
    for column, field in columns.items():
        cells = {getattr(trial, field) for trial in trials()} - {None}
        assert cells == {cell for name, cell in known if name == column}
    for trial in trials():
        shown = (trial.people_text, trial.endpoint_text, trial.detail_text, trial.response_text, trial.effect_text)
        for text in (*shown, trial.design_text, trial.control_text, trial.notes_text):
            assert not re.search(r"\d%|>=|<=|\bwk\b|\bvs\b|% points|TAU|n/a|\byes\b", text), (trial.study_id, text)


@pytest.mark.parametrize("column", ["endpoint", "measure", "detail", "remark"])
def test_no_cell_has_two_words(column: str) -> None:
    cells = Counter(entry["cell"] for entry in tables.raw_rows("evidence_words") if entry["column"] == column)
    assert max(cells.values()) == 1


def test_a_recalled_doi_is_not_printed() -> None:
    source = row("RECOVER_Conway2025").cited
    assert source.doi == ""
    assert "doi" not in source.text
    assert row("D02_acute_Rush2005a").cited.doi == "10.1016/j.biopsych.2005.05.025"


@pytest.mark.parametrize(
    ("study_id", "text"),
    [
        ("D02_acute_Rush2005a", "112 + 110"), ("RECOVER_Conway2025", "493 total 1:1"), ("Jiao2020", "36 + 36"),
        ("D01_Rush2000", "30"), ("Borges2019_HRV", "61"), ("AddVNS_protocol", ""), ("Martin2012_MA", "14 studies"),
    ],
)  # fmt: skip
def test_people_as_the_source_gave_them(study_id: str, text: str) -> None:
    assert row(study_id).n_text == text


@pytest.mark.parametrize(
    ("study_id", "text"),
    [
        ("D02_acute_Rush2005a", "112 active, 110 control"), ("RECOVER_Conway2025", "493 people in all, 1:1"),
        ("D01_Rush2000", "30 people"), ("Borges2019_HRV", "61 people"), ("Martin2012_MA", "14 studies"),
        ("Tan2023_MA", "838 people in all (12 studies)"), ("GAD_tVNS_NCT06134323", "82 people planned"),
    ],
)  # fmt: skip
def test_people_in_words(study_id: str, text: str) -> None:
    assert row(study_id).people_text == text


@pytest.mark.parametrize(
    ("study_id", "kind"),
    [
        ("D01_Rush2000", "uncontrolled"), ("D23_Kumar2019", "nonrandomized"),
        ("D02vsD04_George2005", "nonrandomized"), ("D23_Aaronson2017", "nonrandomized"),
        ("Li2022_citalopram", "comparator"),
        ("Hein2013", "sham"), ("Zhang2024_JAMANO", "sham"), ("Koopman2016_RA", "uncontrolled"),
        ("Lamb2017", "unstated"), ("Wolf2021_MA", "review"), ("GAD_tVNS_NCT06134323", "ongoing"),
        ("UTD_PTSD_RCT_NCT06266364", "ongoing"), ("Pfoser2025_LC", "comparator"), ("RECOVER_18mo_2026", "uncontrolled"),
    ],
)  # fmt: skip
def test_kinds(study_id: str, kind: str) -> None:
    assert row(study_id).kind == kind


def test_every_row_has_a_place() -> None:
    """Each row is found under some indication and route; mechanical stimulation has no route."""
    placed = {t.study_id for i in indications() for r in routes() for t in on(i, r).trials}
    near = {t.study_id for i in indications() for r in routes() for t in on(i, r).related}
    arms = {study for entry in tables.raw_rows("evidence_groups") if "arms" in entry for study in entry["study_ids"]}
    assert {t.study_id for t in trials()} - placed - near == {"Addorisio2019_vibro"} | arms


def test_words_of_the_mapping_stand_in_the_table() -> None:
    cells = {t.indication for t in trials()}
    for entry in tables.raw_rows("evidence_indications"):
        assert set(entry["words"]) | set(entry["near"]) <= cells
    modalities = {t.modality for t in trials()}
    for entry in tables.raw_rows("evidence_routes"):
        assert set(entry["words"]) <= modalities
    ids = Counter(study for entry in tables.raw_rows("evidence_groups") for study in entry["study_ids"])
    assert set(ids) <= {t.study_id for t in trials()}
    assert max(ids.values()) == 1


def test_case_does_not_matter() -> None:
    assert on("TRD", "ivns") == on("trd", "iVNS")


def test_unknown_words_name_the_nearest() -> None:
    with pytest.raises(InputError, match='unknown indication; found "insomnai"; allowed: did you mean "insomnia"'):
        on("insomnai", "taVNS")
    with pytest.raises(InputError, match="unknown route"):
        on("trd", "ear")


def test_sources_are_cited_once() -> None:
    found = on("trd", "iVNS")
    assert len(found.sources) == len(set(found.sources))
    assert "10.1016/j.biopsych.2005.05.025" in cite(found)
