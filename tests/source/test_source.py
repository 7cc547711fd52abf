"""Sources, and the BibTeX of a result."""

from __future__ import annotations

from vagus.source import Effect, Source, cite, read_source, sources_of


def test_one_entry_a_publication_whatever_its_marks() -> None:
    text = "Wolf V et al. Psychophysiology 2021;58:e13933"
    same = [Source(text=text, doi="10.1111/psyp.13933"), Source(text=text, doi="10.1111/PSYP.13933", verified=False)]
    found = cite(same)
    assert found.count("@misc") == 1
    assert "author = {Wolf, V. and others}" in found
    assert "annote" not in found
    assert "annote = {not verified: recalled, not read}" in cite(same[1:])


def test_many_entries_of_one_key_stay_apart() -> None:
    found = cite([Source(text=f"Smith J. Journal 2020;{i}:1") for i in range(40)])
    keys = [line for line in found.splitlines() if line.startswith("@misc")]
    assert len(set(keys)) == 40


def test_latex_specials_are_escaped() -> None:
    found = cite([Source(text="Label A. fall of 50 % or more & {braces} 2019")])
    assert r"50 \% or more \& (braces)" in found


def test_what_is_no_publication_is_a_comment() -> None:
    assert cite([Source(text="declared by this software")]) == "% not a publication: declared by this software"


def test_sources_are_found_inside_results_each_once() -> None:
    source = read_source("Rush AJ 2005 doi:10.1016/j.biopsych.2005.05.025.")
    effect = Effect(estimate=1.0, low=0.0, high=2.0, unit="ms", n=3, method="mean", sources=(source,))
    assert sources_of({"a": [effect, effect]}) == (source,)
    assert source.doi == "10.1016/j.biopsych.2005.05.025"
