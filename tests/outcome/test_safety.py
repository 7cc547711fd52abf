"""A suicidality item cannot pass unseen."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vagus.errors import InputError
from vagus.outcome import Answers, Notice, notices

DAY = date(2026, 2, 2)
PLACE = {"phq9": (9, 9, 3), "madrs": (10, 10, 6), "qids_sr16": (16, 12, 3)}  # items, safety item, highest answer


def filling(key: str, answer: float | None, *, others: float = 0, day: date = DAY) -> Answers:
    n_item, place, _ = PLACE[key]
    items: list[float | None] = [others] * n_item
    items[place - 1] = answer
    return Answers(date=day, instrument=key, items=tuple(items))


def only(answers: Answers) -> Notice:
    return only_of([answers])


def only_of(answers: list[Answers]) -> Notice:
    found = notices(answers)
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize(
    ("key", "answer", "level"),
    [
        ("phq9", 1, "review"), ("phq9", 2, "urgent"), ("phq9", 3, "urgent"),
        ("madrs", 1, "review"), ("madrs", 2, "review"), ("madrs", 3, "urgent"), ("madrs", 6, "urgent"),
        ("qids_sr16", 1, "review"), ("qids_sr16", 2, "urgent"), ("qids_sr16", 3, "urgent"),
    ],
)  # fmt: skip
def test_tiers(key: str, answer: float, level: str) -> None:
    notice = only(filling(key, answer))
    assert (notice.level, notice.item, notice.value, notice.date) == (level, PLACE[key][1], answer, DAY)
    assert f"item {PLACE[key][1]}" in notice.text
    assert f"answer {answer:g} of 0 to {PLACE[key][2]} on 2 Feb 2026" in notice.text
    assert "local protocol" in notice.text


@pytest.mark.parametrize("key", PLACE)
def test_zero_raises_no_notice(key: str) -> None:
    assert notices([filling(key, 0, others=PLACE[key][2])]) == ()


@pytest.mark.parametrize("key", ["gad7", "isi", "who5"])
def test_instruments_without_such_an_item(key: str) -> None:
    assert notices([Answers(date=DAY, instrument=key, total=8)]) == ()


@pytest.mark.parametrize("key", PLACE)
def test_total_only_is_not_known(key: str) -> None:
    notice = only(Answers(date=DAY, instrument=key, total=12))
    assert (notice.level, notice.value, notice.item) == ("not known", None, PLACE[key][1])
    assert f"item {PLACE[key][1]} not known" in notice.text
    assert "only the total was given" in notice.text


@pytest.mark.parametrize("key", PLACE)
def test_missing_answer_is_not_known(key: str) -> None:
    notice = only(filling(key, None, others=1))
    assert notice.level == "not known"
    assert "the answer is missing on 2 Feb 2026" in notice.text


def test_a_total_of_zero_is_known() -> None:
    assert notices([Answers(date=DAY, instrument="phq9", total=0)]) == ()


def test_a_total_that_needs_the_item() -> None:
    # eight items reach 24 at most: a total of 25 has item 9 at 1 or more, 26 at 2 or more
    assert only(Answers(date=DAY, instrument="phq9", total=24)).level == "not known"
    implied = only(Answers(date=DAY, instrument="phq9", total=25))
    assert (implied.level, implied.value) == ("review", 1)
    assert "at least 1" in implied.text
    assert only(Answers(date=DAY, instrument="phq9", total=26)).level == "urgent"
    assert only(Answers(date=DAY, instrument="qids_sr16", total=27)).level == "urgent"
    assert only(Answers(date=DAY, instrument="madrs", total=55)).value == 1


def test_not_known_is_told_once_an_instrument() -> None:
    days = [DAY + timedelta(weeks=2 * index) for index in range(3)]
    notice = notices([Answers(date=day, instrument="phq9", total=12) for day in days])
    assert len(notice) == 1
    assert "on 3 dates from 2 Feb 2026 to 2 Mar 2026" in notice[0].text
    assert notice[0].date == days[-1]


def test_gravest_and_latest_first() -> None:
    later = DAY + timedelta(weeks=2)
    found = notices(
        [
            Answers(date=later, instrument="madrs", total=20),
            filling("phq9", 1),
            filling("phq9", 1, day=later),
            filling("qids_sr16", 3),
        ]
    )
    assert [(one.level, one.date) for one in found] == [
        ("urgent", DAY),
        ("review", later),
        ("review", DAY),
        ("not known", later),
    ]


def test_later_answers_are_told_and_soften_nothing() -> None:
    days = [DAY + timedelta(weeks=2 * index) for index in range(6)]
    alone = only(filling("phq9", 1))
    assert alone.later == "No answer since then."
    quiet = only_of([filling("phq9", answer, day=day) for answer, day in zip((1, 0, 0), days[:3], strict=True)])
    assert quiet.later == (
        "Answers since then: 0 on 16 Feb 2026 and 2 Mar 2026. A later 0 does not replace speaking with the person."
    )
    assert (quiet.level, quiet.act) == (alone.level, alone.act)
    assert quiet.text.endswith(alone.act)
    assert (
        "0 on each of 5 dates from 16 Feb 2026 to 13 Apr 2026"
        in only_of(
            [filling("phq9", answer, day=day) for answer, day in zip((1, 0, 0, 0, 0, 0), days, strict=True)]
        ).later
    )
    mixed = notices([filling("phq9", answer, day=day) for answer, day in zip((2, 0, 1, None), days[:4], strict=True)])
    assert mixed[0].level == "urgent"
    assert "0 on 16 Feb 2026; 1 on 2 Mar 2026; not known on 16 Mar 2026." in mixed[0].later


def test_later_answers_of_another_instrument_do_not_count() -> None:
    found = notices([filling("phq9", 1), filling("qids_sr16", 0, day=DAY + timedelta(weeks=2))])
    assert [one.later for one in found] == ["No answer since then."]


def test_an_unknown_answer_tells_what_was_answered_later() -> None:
    later = filling("phq9", 0, day=DAY + timedelta(weeks=2))
    found = only_of([Answers(date=DAY, instrument="phq9", total=12), later])
    assert (found.level, found.value) == ("not known", None)
    assert "0 on 16 Feb 2026" in found.later
    assert only(Answers(date=DAY, instrument="phq9", total=12)).later == ""


def test_no_sentence_stands_twice() -> None:
    fillings = [filling("phq9", answer, day=DAY + timedelta(days=k)) for k, answer in enumerate((2, None, 1, 0, 3))]
    for notice in notices(fillings):
        sentences = notice.text.split(". ")
        assert len(sentences) == len(set(sentences))
        assert notice.text == " ".join(part for part in (notice.answered, notice.later, notice.act) if part)


def test_no_notice_speaks_of_the_treatment() -> None:
    fillings = [filling(key, answer) for key in PLACE for answer in (1, 2, 3, None)]
    for notice in notices([*fillings, Answers(date=DAY, instrument="phq9", total=9)]):
        assert not {"stimulation", "dose", "stop", "device", "treatment", "medication"} & set(
            notice.text.lower().replace(",", " ").replace(".", " ").split()
        )


def test_unknown_instrument() -> None:
    with pytest.raises(InputError, match="did you mean"):
        notices([Answers(date=DAY, instrument="phq-9", total=9)])


@given(st.sampled_from(sorted(PLACE)), st.data())
def test_every_answer_over_zero_is_noticed(key: str, data: st.DataObject) -> None:
    n_item, place, high = PLACE[key]
    items = data.draw(st.lists(st.integers(0, high), min_size=n_item, max_size=n_item))
    found = notices([Answers(date=DAY, instrument=key, items=tuple(items))])
    assert bool(found) == (items[place - 1] > 0)
