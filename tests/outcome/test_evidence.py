"""Published trials: null beside positive, each trial once, nothing lost from the table."""

from __future__ import annotations

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
    assert verdicts["D21_Aaronson2013_HIGH"] == ("comparator", "missed")
    assert verdicts["D02_long_Rush2005b"][0] == "uncontrolled"
    assert found.trials[0].study_id == "D02_acute_Rush2005a"
    # 25 rows: all iVNS rows on treatment-resistant depression and the meta-analysis listed with them
    raw = [r for r in tables.raw_rows("trials") if r["modality"] == "iVNS"]
    words = {"TRD", "TRD (unipolar)", "difficult-to-treat depression", "depression"}
    assert len(found.trials) == sum(r["indication"] in words for r in raw)


def test_trd_ivns_text() -> None:
    text = on("trd", "iVNS").text
    assert "2 randomized sham-controlled trials in the table; primary endpoint met by 0, missed by 2" in text
    assert "response 15.2 % against 10.0 %" in text
    assert "p 0.251" in text
    assert "no significant difference" in text
    assert "Randomized against another treatment or dose: primary endpoint met by 0, missed by 1." in text
    assert "Without a control group: 7;" in text
    assert text.index("sham-controlled") < text.index("Without a control group")


def test_arms_of_one_trial_count_once() -> None:
    comparators = [trial for trial in on("trd", "iVNS").trials if trial.kind == "comparator"]
    assert len(comparators) == 3  # rows, one trial: the text says "missed by 1"


def test_insomnia_tavns_counts() -> None:
    found = on("insomnia", "taVNS")
    assert (found.positive, found.null, found.mixed) == (3, 1, 0)
    assert {t.study_id for t in found.of_kind("sham") if t.verdict == "missed"} == {"Jiao2020"}
    assert "-4.2 (-5.9 to -2.6), p <0.001" in found.text
    assert [trial.study_id for trial in found.related] == ["Jackowska2022"]
    assert "On near indications" in found.text


def test_mdd_tavns_tells_what_was_not_randomized() -> None:
    found = on("mdd", "taVNS")
    assert (found.positive, found.null, found.mixed) == (0, 0, 1)
    assert row("Rong2016").kind == "nonrandomized"
    assert "the groups may have differed from the start" in found.text


def test_no_sham_controlled_trial_is_said() -> None:
    assert "no randomized sham-controlled trial in the table" in on("trd", "taVNS").text
    assert "no randomized sham-controlled trial in the table" in on("ptsd", "iVNS").text
    assert "no study in the table" in on("insomnia", "tcVNS").text


def test_unverified_rows_show_as_such() -> None:
    assert "Gurel 2020 [unverified]" in on("ptsd", "tcVNS").text
    berry = row("Berry2013_IPDMA")
    assert not berry.is_verified
    assert berry.effect_text.endswith("3.19 (2.12 to 4.66) [unverified]")
    assert row("RESETRA_2025").response_text == "35.2 % against 24.2 % [unverified]"
    assert row("Zhang2024_JAMANO").response_text == ""
    assert not row("D03_Bajbouj2010").cited.verified


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
    ("study_id", "kind"),
    [
        ("D01_Rush2000", "uncontrolled"), ("D23_Kumar2019", "nonrandomized"), ("Li2022_citalopram", "comparator"),
        ("Hein2013", "sham"), ("Zhang2024_JAMANO", "sham"), ("Koopman2016_RA", "uncontrolled"),
        ("Lamb2017", "nonrandomized"), ("Wolf2021_MA", "review"), ("GAD_tVNS_NCT06134323", "ongoing"),
        ("UTD_PTSD_RCT_NCT06266364", "ongoing"), ("Pfoser2025_LC", "comparator"), ("RECOVER_18mo_2026", "uncontrolled"),
    ],
)  # fmt: skip
def test_kinds(study_id: str, kind: str) -> None:
    assert row(study_id).kind == kind


def test_every_row_has_a_place() -> None:
    """Each row is found under some indication and route; mechanical stimulation has no route."""
    placed = {t.study_id for i in indications() for r in routes() for t in on(i, r).trials}
    near = {t.study_id for i in indications() for r in routes() for t in on(i, r).related}
    assert {t.study_id for t in trials()} - placed - near == {"Addorisio2019_vibro"}


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
