"""Scoring worked by hand for the first six instruments; the others in test_instruments.py."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vagus.errors import InputError
from vagus.outcome import Answers, Score, check_answers, instruments, score

DAY = date(2026, 1, 12)
KEYS = ("phq9", "gad7", "isi", "who5", "madrs", "qids_sr16")
N_ITEM = {"phq9": 9, "gad7": 7, "isi": 7, "who5": 5, "madrs": 10, "qids_sr16": 16}
ITEM_HIGH = {"phq9": 3, "gad7": 3, "isi": 4, "who5": 5, "madrs": 6, "qids_sr16": 3}
TOTAL_HIGH = {"phq9": 27, "gad7": 21, "isi": 28, "who5": 100, "madrs": 60, "qids_sr16": 27}


def scored(key: str, *items: float | None) -> Score:
    return score(Answers(date=DAY, instrument=key, items=items))


def total_only(key: str, total: float) -> Score:
    return score(Answers(date=DAY, instrument=key, total=total))


def test_the_six_instruments_are_there() -> None:
    assert set(KEYS) <= set(instruments())


@pytest.mark.parametrize("key", KEYS)
def test_all_minimum_and_all_maximum(key: str) -> None:
    lowest = scored(key, *[0] * N_ITEM[key])
    highest = scored(key, *[ITEM_HIGH[key]] * N_ITEM[key])
    assert (lowest.total, lowest.status, lowest.n_missing) == (0, "complete", 0)
    assert highest.total == TOTAL_HIGH[key]
    assert (lowest.low, lowest.high, highest.low, highest.high) == (None, None, None, None)


# every edge of every band, both sides
BANDS = [
    ("phq9", "minimal", 0, 4), ("phq9", "mild", 5, 9), ("phq9", "moderate", 10, 14),
    ("phq9", "moderately severe", 15, 19), ("phq9", "severe", 20, 27),
    ("gad7", "minimal", 0, 4), ("gad7", "mild", 5, 9), ("gad7", "moderate", 10, 14), ("gad7", "severe", 15, 21),
    ("isi", "no insomnia", 0, 7), ("isi", "subthreshold", 8, 14), ("isi", "moderate", 15, 21),
    ("isi", "severe", 22, 28),
    ("who5", "very low well-being", 0, 28), ("who5", "low well-being", 32, 48), ("who5", "well-being not low", 52, 100),
    ("madrs", "absent", 0, 6), ("madrs", "mild", 7, 19), ("madrs", "moderate", 20, 34), ("madrs", "severe", 35, 60),
    ("qids_sr16", "none", 0, 5), ("qids_sr16", "mild", 6, 10), ("qids_sr16", "moderate", 11, 15),
    ("qids_sr16", "severe", 16, 20), ("qids_sr16", "very severe", 21, 27),
]  # fmt: skip


@pytest.mark.parametrize(("key", "label", "low", "high"), BANDS)
def test_band_edges(key: str, label: str, low: float, high: float) -> None:
    assert total_only(key, low).band == label
    assert total_only(key, high).band == label


def test_phq9_by_hand() -> None:
    # 2+2+3+2+1+2+2+1+0 = 15
    result = scored("phq9", 2, 2, 3, 2, 1, 2, 2, 1, 0)
    assert (result.total, result.band) == (15, "moderately severe")
    assert result.text == "PHQ-9 of 12 Jan 2026: 15 points (0 to 27, higher is worse), moderately severe."


def test_phq9_one_missing_is_prorated() -> None:
    # 8 answers sum to 12: mean 1.5, times 9 = 13.5, halves up = 14; full total 12 to 15
    result = scored("phq9", 2, 2, 2, 2, 1, 1, 1, 1, None)
    assert (result.total, result.low, result.high) == (14, 12, 15)
    assert (result.status, result.n_missing, result.band) == ("prorated", 1, "moderate")
    assert "prorated" in result.text
    assert "between 12 and 15 points" in result.text


def test_halves_are_rounded_up() -> None:
    # 8 answers sum to 4: 4 / 8 * 9 = 4.5, which is 5 here and would be 4 when rounded to even
    assert scored("phq9", 1, 1, 1, 1, 0, 0, 0, 0, None).total == 5


def test_phq9_two_missing_are_prorated() -> None:
    # 7 answers sum to 9: mean 9/7, times 9 = 11.57, rounded 12; full total 9 to 15
    result = scored("phq9", 2, 2, 1, 1, 1, 1, 1, None, None)
    assert (result.total, result.low, result.high, result.status) == (12, 9, 15, "prorated")


def test_phq9_three_missing_give_no_total() -> None:
    result = scored("phq9", 2, 2, 1, 1, 1, 1, None, None, None)
    assert (result.total, result.band, result.status, result.n_missing) == (None, "not known", "not scorable", 3)
    assert (result.low, result.high) == (8, 17)


def test_gad7_missing_boundary() -> None:
    # 5 answers sum to 5: mean 1, times 7 = 7
    two = scored("gad7", 1, 1, 1, 1, 1, None, None)
    assert (two.total, two.low, two.high, two.status, two.band) == (7, 5, 11, "prorated", "mild")
    three = scored("gad7", 1, 1, 1, 1, None, None, None)
    assert (three.total, three.low, three.high, three.status) == (None, 4, 13, "not scorable")


def test_isi_by_hand_and_one_missing() -> None:
    assert (scored("isi", 3, 2, 1, 4, 3, 2, 3).total, scored("isi", 3, 2, 1, 4, 3, 2, 3).band) == (18, "moderate")
    gone = scored("isi", 3, 2, 1, 4, 3, 2, None)
    assert (gone.total, gone.low, gone.high, gone.status) == (None, 15, 19, "not scorable")
    assert "moderate in any case" in gone.text


def test_who5_is_raw_times_four() -> None:
    # 3+2+2+3+2 = 12, times 4 = 48; raw 13 = 52
    assert (scored("who5", 3, 2, 2, 3, 2).total, scored("who5", 3, 2, 2, 3, 2).band) == (48, "low well-being")
    assert (scored("who5", 3, 3, 2, 3, 2).total, scored("who5", 3, 3, 2, 3, 2).band) == (52, "well-being not low")
    assert scored("who5", 1, 1, 2, 2, 1).band == "very low well-being"  # raw 7 = 28
    gone = scored("who5", 3, 3, 2, 3, None)
    assert (gone.total, gone.low, gone.high) == (None, 44, 64)


@pytest.mark.parametrize("total", [13, 25, 50, 101, -4, 12.5])
def test_who5_totals_are_multiples_of_four(total: float) -> None:
    with pytest.raises(InputError, match="total"):
        total_only("who5", total)


def test_madrs_by_hand_and_one_missing() -> None:
    assert (scored("madrs", 4, 3, 3, 4, 2, 3, 4, 3, 2, 1).total) == 29
    gone = scored("madrs", 4, 3, 3, 4, 2, 3, 4, 3, 2, None)
    assert (gone.total, gone.low, gone.high, gone.band) == (None, 28, 34, "not known")


def test_qids_domains_by_hand() -> None:
    # sleep max(1,2,3,0)=3; mood 2; appetite/weight max(1,-,-,2)=2; then 2,1,0,2,1; slow/restless max(1,3)=3 -> 16
    result = scored("qids_sr16", 1, 2, 3, 0, 2, 1, None, None, 2, 2, 1, 0, 2, 1, 1, 3)
    assert (result.total, result.band, result.status, result.n_missing) == (16, "severe", "complete", 0)


def test_qids_plain_sum_is_wrong() -> None:
    # all sleep items at 3 count once: a sum would give 12
    assert scored("qids_sr16", 3, 3, 3, 3, *[0] * 12).total == 3
    assert scored("qids_sr16", *[0] * 5, 3, 0, 3, 0, *[0] * 7).total == 3
    assert scored("qids_sr16", *[0] * 14, 3, 3).total == 3


def test_qids_missing_inside_a_domain_is_flagged() -> None:
    # one sleep item missing: the highest of the other three (1) counts, the full total lies 2 points higher at most
    result = scored("qids_sr16", 0, 1, None, 0, *[1] * 12)
    assert (result.total, result.low, result.high) == (9, 9, 11)
    assert (result.status, result.n_missing) == ("prorated", 1)
    # with a 3 already there the missing answer cannot change anything
    sure = scored("qids_sr16", 3, 1, None, 0, *[1] * 12)
    assert (sure.total, sure.low, sure.high) == (11, 11, 11)


def test_qids_empty_domain_gives_no_total() -> None:
    result = scored("qids_sr16", *[1] * 4, None, *[1] * 11)
    assert (result.total, result.low, result.high, result.status) == (None, 8, 11, "not scorable")
    eaten = scored("qids_sr16", *[1] * 5, None, None, None, None, *[1] * 7)
    assert (eaten.total, eaten.low, eaten.high, eaten.n_missing) == (None, 8, 11, 4)


def test_total_only() -> None:
    result = total_only("phq9", 14)
    assert (result.total, result.status, result.low, result.n_missing) == (14, "total only", None, 0)
    assert "single answers not known" in result.text


def test_total_beside_items() -> None:
    items = (2, 2, 3, 2, 1, 2, 2, 1, 0)
    assert score(Answers(date=DAY, instrument="phq9", items=items, total=15)).status == "complete"
    with pytest.raises(InputError, match="does not fit the items; found 14; allowed: 15"):
        score(Answers(date=DAY, instrument="phq9", items=items, total=14))
    partial = score(Answers(date=DAY, instrument="phq9", items=(*items[:8], None), total=17))
    assert (partial.total, partial.status, partial.n_missing) == (17, "total only", 1)
    with pytest.raises(InputError, match="allowed: 15 to 18"):
        score(Answers(date=DAY, instrument="phq9", items=(*items[:8], None), total=19))


@pytest.mark.parametrize(
    ("key", "items", "words"),
    [
        ("phq9", (0, 0, 4, 0, 0, 0, 0, 0, 0), "phq9, item_3: answer out of range; found 4; allowed: 0 to 3"),
        ("madrs", (0, 0, 0, 0, 0, 0, 0, 0, 0, 7), "madrs, item_10: answer out of range; found 7; allowed: 0 to 6"),
        ("isi", (-1, 0, 0, 0, 0, 0, 0), "isi, item_1: answer out of range; found -1; allowed: 0 to 4"),
        ("gad7", (1.5, 0, 0, 0, 0, 0, 0), "gad7, item_1: answer is no whole number; found 1.5"),
        ("gad7", (0, 0, 0), "wrong number of items; found 3; allowed: 7 items"),
        ("phq", (0, 0, 0), 'unknown instrument; found "phq"; allowed: did you mean "phq9"'),
    ],
)
def test_wrong_answers(key: str, items: tuple[float, ...], words: str) -> None:
    with pytest.raises(InputError) as caught:
        score(Answers(date=DAY, instrument=key, items=items, row=4))
    assert words in str(caught.value)
    assert str(caught.value).startswith("row 4, ")


def test_all_wrong_items_are_told_at_once() -> None:
    bad = Answers(date=DAY, instrument="gad7", items=(4, 0, 9, 0, 0, 0, 0))
    assert [problem.where[-6:] for problem in check_answers(bad)] == ["item_1", "item_3"]


@pytest.mark.parametrize(("key", "total"), [("phq9", 28), ("phq9", -1), ("phq9", 3.5), ("qids_sr16", 28), ("isi", 29)])
def test_wrong_totals(key: str, total: float) -> None:
    with pytest.raises(InputError, match="total"):
        total_only(key, total)


def test_answers_need_something_finite() -> None:
    with pytest.raises(InputError, match="neither items nor a total"):
        Answers(date=DAY, instrument="phq9")
    with pytest.raises(InputError, match="not a finite number"):
        Answers(date=DAY, instrument="phq9", total=float("nan"))
    with pytest.raises(InputError, match="not a finite number"):
        Answers(date=DAY, instrument="gad7", items=(float("inf"), 0, 0, 0, 0, 0, 0))


@st.composite
def fillings(draw: st.DrawFn) -> Answers:
    key = draw(st.sampled_from(KEYS))
    answer = (
        st.one_of(st.none(), st.integers(0, ITEM_HIGH[key])) if draw(st.booleans()) else st.integers(0, ITEM_HIGH[key])
    )
    items = draw(st.lists(answer, min_size=N_ITEM[key], max_size=N_ITEM[key]))
    return Answers(date=DAY, instrument=key, items=tuple(items))


@given(fillings())
def test_totals_stay_in_bounds_and_in_their_range(answers: Answers) -> None:
    result = score(answers)
    known = instruments()[answers.instrument]
    if result.total is not None:
        assert known.total_low <= result.total <= known.total_high
        assert result.band in {band.label for band in known.bands}
    if result.low is not None and result.high is not None:
        assert known.total_low <= result.low <= result.high <= known.total_high
        assert result.total is None or result.low <= result.total <= result.high
    assert (result.total is None) == (result.status == "not scorable")


@given(fillings(), st.data())
def test_raising_an_answer_never_lowers_the_total(answers: Answers, data: st.DataObject) -> None:
    assert answers.items is not None
    open_items = [
        index for index, item in enumerate(answers.items) if item is not None and item < ITEM_HIGH[answers.instrument]
    ]
    if not open_items:
        return
    index = data.draw(st.sampled_from(open_items))
    raised = list(answers.items)
    raised[index] = (answers.items[index] or 0) + 1
    before = score(answers)
    after = score(Answers(date=DAY, instrument=answers.instrument, items=tuple(raised)))
    if before.total is not None and after.total is not None:
        assert after.total >= before.total
    assert before.status == after.status


@given(fillings())
def test_filling_in_a_missing_answer_stays_inside_the_range(answers: Answers) -> None:
    """Any completion of a filling scores inside the range that was announced."""
    assert answers.items is not None
    result = score(answers)
    if result.low is None or result.high is None:
        return
    for value in (0, ITEM_HIGH[answers.instrument]):
        # of the pairs 6/7 and 8/9 of the QIDS one is answered: the other one stays empty on a full form
        pairs = {5: 6, 6: 5, 7: 8, 8: 7} if answers.instrument == "qids_sr16" else {}
        items = [
            value if item is None and answers.items[pairs.get(index, index)] is None else item
            for index, item in enumerate(answers.items)
        ]
        full = score(Answers(date=DAY, instrument=answers.instrument, items=tuple(items)))
        assert full.total is not None
        assert result.low <= full.total <= result.high
