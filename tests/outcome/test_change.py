"""Change from first to last, worked by hand."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from vagus.errors import Abstained, InputError
from vagus.outcome import Answers, Change, Score, change, instruments, reliable_change_points, score

START = date(2026, 1, 12)


def totals(key: str, *values: float) -> list[Score]:
    days = [START + timedelta(weeks=2 * index) for index in range(len(values))]
    return [score(Answers(date=day, instrument=key, total=value)) for day, value in zip(days, values, strict=True)]


def from_to(key: str, first: float, last: float) -> Change:
    return change(totals(key, first, last))


def test_phq9_improved() -> None:
    found = change(totals("phq9", 18, 15, 8))
    assert (found.first.total, found.last.total, found.change) == (18, 8, -10)
    assert found.change_pct == pytest.approx(-55.56, abs=0.01)
    assert (found.response, found.remission, found.reliable, found.mcid_met) == (True, False, "improved", True)
    assert "went from 18 points (12 Jan 2026, moderately severe) to 8 points (9 Feb 2026, mild)" in found.text
    assert "10 points lower, better (-56 %)" in found.text
    assert "do not show what caused" in found.text


def test_order_of_the_scores_does_not_matter() -> None:
    scores = totals("phq9", 18, 15, 8)
    assert change(scores[::-1]) == change(scores)


@pytest.mark.parametrize(
    ("key", "first", "last", "response"),
    [
        ("phq9", 16, 8, True), ("phq9", 16, 9, False), ("phq9", 15, 8, False), ("gad7", 10, 5, True),
        ("gad7", 10, 6, False), ("madrs", 30, 15, True), ("madrs", 30, 16, False), ("qids_sr16", 18, 9, True),
        ("isi", 20, 13, False), ("isi", 20, 12, True),  # more than 7 points
        ("who5", 40, 48, False), ("who5", 40, 52, True), ("who5", 52, 40, False),  # a rise of 10 points
        ("phq9", 0, 0, None), ("phq9", 0, 5, None), ("who5", 0, 12, True),
    ],
)  # fmt: skip
def test_response(key: str, first: float, last: float, response: bool | None) -> None:
    assert from_to(key, first, last).response is response


@pytest.mark.parametrize(
    ("key", "first", "last", "remission"),
    [
        ("phq9", 18, 4, True), ("phq9", 18, 5, False), ("gad7", 15, 4, True), ("gad7", 15, 5, False),
        ("isi", 20, 7, True), ("isi", 20, 8, False), ("madrs", 30, 10, True), ("madrs", 30, 11, False),
        ("qids_sr16", 18, 5, True), ("qids_sr16", 18, 6, False), ("who5", 28, 52, True), ("who5", 28, 48, False),
        ("phq9", 3, 2, None), ("phq9", 3, 12, False),
    ],
)  # fmt: skip
def test_remission(key: str, first: float, last: float, remission: bool | None) -> None:
    assert from_to(key, first, last).remission is remission


@pytest.mark.parametrize(
    ("key", "first", "last", "reliable"),
    [
        # PHQ-9: 5.6 by alpha, 8.7 by retest; MADRS 3.9 to 5.8: between the two nobody can tell
        ("phq9", 18, 13, "no reliable change"), ("phq9", 18, 12, "uncertain"), ("phq9", 18, 10, "uncertain"),
        ("phq9", 18, 9, "improved"), ("phq9", 12, 17, "no reliable change"), ("phq9", 12, 18, "uncertain"),
        ("phq9", 12, 21, "deteriorated"), ("gad7", 15, 10, "no reliable change"), ("gad7", 15, 9, "improved"),
        ("gad7", 9, 15, "deteriorated"), ("isi", 20, 17, "no reliable change"), ("isi", 20, 16, "improved"),
        ("madrs", 30, 27, "no reliable change"), ("madrs", 30, 26, "uncertain"), ("madrs", 30, 25, "uncertain"),
        ("madrs", 30, 24, "improved"), ("madrs", 24, 30, "deteriorated"),
        ("who5", 28, 80, None), ("qids_sr16", 20, 2, None),
    ],
)  # fmt: skip
def test_reliable_change(key: str, first: float, last: float, reliable: str | None) -> None:
    assert from_to(key, first, last).reliable == reliable


@pytest.mark.parametrize(
    ("key", "first", "last", "met"),
    [
        ("phq9", 18, 14, True), ("phq9", 18, 15, False), ("gad7", 15, 11, True), ("gad7", 15, 12, False),
        ("isi", 20, 14, True), ("isi", 20, 15, False), ("madrs", 30, 24, True), ("madrs", 30, 25, False),
        ("who5", 40, 52, True), ("who5", 40, 48, False), ("qids_sr16", 18, 14, True), ("qids_sr16", 18, 15, False),
        ("phq9", 12, 18, False),
    ],
)  # fmt: skip
def test_noticed_difference(key: str, first: float, last: float, met: bool) -> None:
    assert from_to(key, first, last).mcid_met is met


def test_deterioration_is_said_plainly() -> None:
    found = from_to("phq9", 8, 17)
    assert (found.change, found.response, found.remission, found.mcid_met) == (9, False, False, False)
    assert "9 points higher, worse (+112 %)" in found.text
    assert "deteriorated" in found.text
    worse = from_to("who5", 60, 40)
    assert "20 points lower, worse" in worse.text


def test_where_the_coefficients_disagree_both_are_shown() -> None:
    found = from_to("phq9", 18, 11)
    assert (found.reliable_low, found.reliable_high) == (5.6, 8.7)
    assert found.reliable_text == "5.6 to 8.7 points, depends on the reliability coefficient"
    assert f"Reliable change ({found.reliable_text}): uncertain, 7 points lie between." in found.text
    assert "uncertain" not in from_to("phq9", 18, 9).text
    assert "3.9 to 5.8 points" in from_to("madrs", 30, 25).text
    one = from_to("gad7", 15, 9)
    assert (one.reliable_low, one.reliable_high, one.reliable_text) == (6, 6, "6 points or more")


@pytest.mark.parametrize("key", ["qids_sr16", "who5"])
def test_why_no_reliable_change_is_told(key: str) -> None:
    found = from_to(key, 16, 8)
    assert (found.reliable, found.reliable_low, found.reliable_high) == (None, None, None)
    assert "not computed here" in found.reliable_text
    assert found.reliable_text in found.text
    assert "published" not in found.reliable_text, "what was not read may well be published"


@pytest.mark.parametrize(
    ("key", "first", "target"),
    [
        ("phq9", 21, 10), ("qids_sr16", 19, 9), ("phq9", 16, 8), ("gad7", 1, 0),  # half of 21 is 10.5: 10 or less
        ("isi", 20, 12),  # more than 7 points: 13 is not enough
        ("who5", 40, 52), ("who5", 44, 56),  # 10 points more, in steps of 4
        ("phq9", 0, None), ("isi", 5, None), ("who5", 96, None),
    ],
)  # fmt: skip
def test_response_begins_at_a_total_that_can_occur(key: str, first: float, target: int | None) -> None:
    found = from_to(key, first, first)
    assert found.response_at == target
    assert "0.5 points" not in found.text
    side = "or more" if key == "who5" else "or less"
    assert (f"; here {target} point" in found.text and side in found.text) == (target is not None)


@pytest.mark.parametrize("key", sorted(set(instruments()) - {"cssrs"}))
def test_response_and_its_total_say_the_same(key: str) -> None:
    one = instruments()[key]
    totals_of = range(int(one.total_low), int(one.total_high) + 1, max(1, int(one.step)))
    for first in totals_of[:: 1 if key in {"phq9", "isi", "who5"} else 7]:
        target = one.response_total(first)
        for last in totals_of:
            reached = target is not None and one.better * (last - target) >= 0
            assert bool(from_to(key, first, last).response) == reached, (first, last)


def test_recalled_definitions_show_as_unverified() -> None:
    text = from_to("qids_sr16", 18, 9).text
    assert "fall of at least 50 % [unverified]; here 9 points or less" in text
    assert "(4 points [unverified])" in text
    assert "the spread of totals (SD) was not" in text


def test_no_change() -> None:
    found = from_to("gad7", 9, 9)
    assert (found.change, found.change_pct, found.reliable) == (0, 0, "no reliable change")
    assert "no change" in found.text


def test_scores_without_total_are_left_out_and_counted() -> None:
    gone = score(Answers(date=START - timedelta(weeks=1), instrument="isi", items=(None, 1, 1, 1, 1, 1, 1)))
    found = change([gone, *totals("isi", 20, 10)])
    assert found.first.total == 20
    assert "Left out for want of a total: 1." in found.text


def test_prorated_totals_are_named() -> None:
    partial = score(Answers(date=START - timedelta(weeks=1), instrument="phq9", items=(2, 2, 2, 2, 2, 2, 2, 2, None)))
    assert "has missing answers" in change([partial, *totals("phq9", 9)]).text


def test_what_cannot_be_compared() -> None:
    with pytest.raises(Abstained, match="1 of 1 fillings with a total"):
        change(totals("phq9", 12))
    with pytest.raises(InputError, match="one instrument; found gad7, phq9"):
        change([*totals("phq9", 12), *totals("gad7", 12)])
    with pytest.raises(InputError, match="found none"):
        change([])
    with pytest.raises(InputError, match="two scores of one date; found 2026-01-12"):
        change([*totals("phq9", 12), *totals("phq9", 12)])


def test_reliable_change_formula() -> None:
    # 1.96 * 1.41421 * 6.1 * sqrt(0.11) = 5.608; with retest 0.737 8.671
    assert reliable_change_points(6.1, 0.89) == pytest.approx(5.608, abs=5e-4)
    assert reliable_change_points(6.1, 0.737) == pytest.approx(8.671, abs=5e-4)
    assert reliable_change_points(7.0, 0.93) == pytest.approx(5.134, abs=5e-4)
