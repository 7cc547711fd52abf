"""Every instrument by hand: minimum, maximum, reversals, missing answers, subscales; bounds and monotonicity."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vagus import tables
from vagus.errors import InputError
from vagus.outcome import Answers, Instrument, Score, check_answers, find_instrument, instruments, notices, score

DAY = date(2026, 1, 12)
Items = list[float | None]


def scored(key: str, items: Sequence[float | None]) -> Score:
    return score(Answers(date=DAY, instrument=key, items=tuple(items)))


def lowest(one: Instrument) -> Items:
    """Answers with the least total: the lowest of each item, the highest of each reversed one."""
    spans = [one.range_of(n) for n in range(1, one.n_items + 1)]
    return [s.high if n in one.reversed_items else s.low for n, s in enumerate(spans, start=1)]


def highest(one: Instrument) -> Items:
    spans = [one.range_of(n) for n in range(1, one.n_items + 1)]
    return [s.low if n in one.reversed_items else s.high for n, s in enumerate(spans, start=1)]


# a good night: in bed 23 to 7, 5 minutes, 8 hours; the worst: two hours of sleep in bed from 22 to 8, after 90 minutes
PSQI_BEST: Items = [23, 5, 7, 8, *[0] * 14]
PSQI_WORST: Items = [22, 90, 8, 2, *[3] * 14]

# key, number of answers, least and greatest total, written out by hand
PLAIN = [
    ("phq9", 9, 0, 27), ("gad7", 7, 0, 21), ("isi", 7, 0, 28), ("who5", 5, 0, 100), ("madrs", 10, 0, 60),
    ("qids_sr16", 16, 0, 27), ("hamd17", 17, 0, 52), ("hamd24", 24, 0, 75), ("ids_sr30", 30, 0, 84),
    ("bdi2", 21, 0, 63), ("hama", 14, 0, 56), ("bai", 21, 0, 63), ("stai_y1", 20, 20, 80), ("stai_y2", 20, 20, 80),
    ("pcl5", 20, 0, 80), ("caps5", 20, 0, 80), ("ess", 8, 0, 24), ("cdrisc10", 10, 0, 40), ("pss10", 10, 0, 40),
    ("cgi_s", 1, 1, 7), ("cgi_i", 1, 1, 7), ("qlesq_sf", 16, 0, 100), ("cssrs", 7, 0, 3), ("ymrs", 11, 0, 60),
    ("phq_ads", 16, 0, 48),
]  # fmt: skip


def test_every_file_is_an_instrument_and_every_instrument_a_file() -> None:
    files = {name.removeprefix("instruments/") for name in tables.names() if name.startswith("instruments/")}
    assert files == set(instruments()) == {row[0] for row in PLAIN} | {"psqi"}
    assert all(key == one.key for key, one in instruments().items())


@pytest.mark.parametrize(("key", "n_items", "low", "high"), PLAIN)
def test_all_minimum_and_all_maximum(key: str, n_items: int, low: float, high: float) -> None:
    one = find_instrument(key)
    assert one.n_items == n_items
    least, most = scored(key, lowest(one)), scored(key, highest(one))
    assert (least.total, most.total) == (low, high)
    assert (least.status, most.status) == ("complete", "complete")
    assert (one.total_low, one.total_high) == (low, high)
    assert least.band == one.bands[0].label
    assert most.band == one.bands[-1].label


REVERSED = [(key, item) for key, one in instruments().items() for item in one.reversed_items]


@pytest.mark.parametrize(("key", "item"), REVERSED)
def test_each_reversed_item(key: str, item: int) -> None:
    # from the least total, one step down on a reversed item is one point up
    one = find_instrument(key)
    items = lowest(one)
    items[item - 1] = one.item_high - 1
    assert scored(key, items).total == one.total_low + 1


def test_which_items_are_reversed() -> None:
    assert {key: len(one.reversed_items) for key, one in instruments().items() if one.reversed_items} == {
        "stai_y1": 10, "stai_y2": 9, "pss10": 4,
    }  # fmt: skip
    # form Y-2 is numbered 21 to 40
    assert [20 + n for n in find_instrument("stai_y2").reversed_items] == [21, 23, 26, 27, 30, 33, 34, 36, 39]


def test_pss10_by_hand() -> None:
    # all 1: six items of 1 and four reversed of 4 - 1 = 3: 6 + 12 = 18
    assert scored("pss10", [1] * 10).total == 18


def test_stai_by_hand() -> None:
    # all 1: ten (nine) reversed items count 4: 10 + 40 = 50; 11 + 36 = 47
    assert scored("stai_y1", [1] * 20).total == 50
    assert scored("stai_y2", [1] * 20).total == 47


def test_pages_that_are_wrong() -> None:
    # WHO-5: raw sum times 4, 15 is 60 and not 15; PHQ-9 ends at 27, not 30 (the tenth question does not count);
    # HRSD17 ends at 52: nine items to 4, eight to 2, not 17 times 3 or 4, and not 50, 53 or 54
    assert scored("who5", [3] * 5).total == 60
    assert find_instrument("phq9").total_high == 27
    with pytest.raises(InputError, match="wrong number of items"):
        scored("phq9", [3] * 10)
    hamd = find_instrument("hamd17")
    assert hamd.total_high == 9 * 4 + 8 * 2 == 52
    with pytest.raises(InputError, match="item_4: answer out of range; found 3; allowed: 0 to 2"):
        scored("hamd17", [0, 0, 0, 3, *[0] * 13])
    assert scored("hamd17", [0, 0, 3, *[0] * 14]).total == 3


# exactly at the most missing answers that leave a total, and one more
@pytest.mark.parametrize(
    ("key", "value", "n_max", "total"),
    [
        ("phq9", 1, 2, 9), ("gad7", 2, 2, 14), ("stai_y1", 2, 2, 50), ("stai_y2", 2, 2, 49),
    ],
)  # fmt: skip
def test_missing_boundary_of_prorating(key: str, value: float, n_max: int, total: float) -> None:
    # stai_y1, all 2, items 3 and 4 missing: 8 items of 2 and ten reversed of 3 = 46 of 18, times 20/18 = 51.1
    one = find_instrument(key)
    gone = [n for n in range(1, one.n_items + 1) if n not in one.reversed_items]
    items: Items = [value for _ in range(one.n_items)]
    for n in gone[:n_max]:
        items[n - 1] = None
    found = scored(key, items)
    by_hand = {"stai_y1": 51, "stai_y2": 50}.get(key, total)  # (9 x 2 + 9 x 3) / 18 x 20 = 50
    assert (found.total, found.status, found.n_missing) == (by_hand, "prorated", n_max)
    items[gone[n_max] - 1] = None
    assert (scored(key, items).total, scored(key, items).status) == (None, "not scorable")


NO_TOTAL = [key for key, one in instruments().items() if one.missing.kind == "range" and one.rule != "tier"]


@pytest.mark.parametrize("key", NO_TOTAL)
def test_one_missing_answer_leaves_no_total_where_the_rule_says_so(key: str) -> None:
    one = find_instrument(key)
    items = PSQI_BEST.copy() if key == "psqi" else lowest(one)
    items[0] = None
    found = scored(key, items)
    assert (found.total, found.n_missing, found.band) == (None, 1, "not known")
    assert found.low is not None
    assert found.high is not None
    assert found.low == one.total_low
    assert found.low < found.high <= one.total_high


def test_pcl5_clusters_and_missing() -> None:
    # B five of 1, C two of 2, D seven of 3, E six of 4: 5 + 4 + 21 + 24 = 54
    items = list[float | None]([1] * 5 + [2] * 2 + [3] * 7 + [4] * 6)
    found = scored("pcl5", items)
    assert [(p.name[0], p.total) for p in found.parts] == [("B", 5), ("C", 4), ("D", 21), ("E", 24)]
    assert found.total == 54
    # 20 %: 1 of 5, none of 2, 1 of 7, 1 of 6
    for gone, total in (((1,), 54), ((1, 8, 15), 54), ((1, 2), None), ((6,), None), ((8, 9), None), ((15, 16), None)):
        few = [None if n in gone else v for n, v in enumerate(items, start=1)]
        assert scored("pcl5", few).total == total, gone
    assert scored("pcl5", [None, *items[1:]]).parts[0].total is None


def test_subscales_of_hama_and_phq_ads_and_caps5() -> None:
    # psychic: items 1 to 6 and 14; somatic: 7 to 13
    found = scored("hama", [1] * 6 + [2] * 7 + [3])
    assert [(p.name, p.total) for p in found.parts] == [("psychic", 9), ("somatic", 14)]
    assert found.total == 23
    found = scored("phq_ads", [1] * 9 + [2] * 7)
    assert [(p.name, p.total) for p in found.parts] == [("PHQ-9", 9), ("GAD-7", 14)]
    assert [p.total for p in scored("caps5", [1] * 20).parts] == [5, 2, 7, 6]


def test_ids_counts_appetite_and_weight_once() -> None:
    items: Items = [0] * 30
    items[10], items[11], items[12], items[13] = 2, 3, 1, None
    assert (scored("ids_sr30", items).total, scored("ids_sr30", items).n_missing) == (4, 0)
    items[12] = None
    assert (scored("ids_sr30", items).total, scored("ids_sr30", items).n_missing) == (None, 2)


def test_ymrs_double_items() -> None:
    one = find_instrument("ymrs")
    assert [n for n in range(1, 12) if one.range_of(n).high == 8] == [5, 6, 8, 9]


def test_qlesq_is_percent_of_the_maximum() -> None:
    # items 1 to 14 all 3: (42 - 14) / 56 = 50 %; items 15 and 16 do not count and may be empty
    found = scored("qlesq_sf", [3] * 14 + [None, 5])
    assert (found.total, found.status, found.n_missing) == (50, "complete", 0)
    # one point of 56 is 1.7857 %
    assert scored("qlesq_sf", [4] + [3] * 13 + [1, 1]).total == pytest.approx(51.785714, abs=1e-6)
    assert score(Answers(date=DAY, instrument="qlesq_sf", total=51.8)).total == 51.8


def psqi(**changed: float | None) -> Score:
    names = ["bed", "latency", "rise", "slept", *"abcdefghij", "quality", "medicine", "awake", "enthusiasm"]
    items = dict(zip(names, PSQI_BEST, strict=True)) | changed
    return scored("psqi", list(items.values()))


def test_psqi_best_and_worst() -> None:
    assert psqi().total == 0
    worst = scored("psqi", PSQI_WORST)
    assert [p.total for p in worst.parts] == [3, 3, 3, 3, 3, 3, 3]
    assert (worst.total, worst.band) == (21, "poor sleeper")


@pytest.mark.parametrize(
    ("part", "changed", "points"),
    [
        ("latency", {"latency": 15}, 0),
        ("latency", {"latency": 16}, 1),  # 1 + 0 of trouble a: 1 is 1
        ("latency", {"latency": 30, "a": 2}, 2),  # 1 + 2 = 3: 2
        ("latency", {"latency": 31, "a": 2}, 2),  # 2 + 2 = 4: 2
        ("latency", {"latency": 60, "a": 3}, 3),  # 2 + 3 = 5: 3
        ("latency", {"latency": 61, "a": 3}, 3),
        ("duration", {"slept": 7.25}, 0),
        ("duration", {"slept": 7}, 1),
        ("duration", {"slept": 6}, 1),
        ("duration", {"slept": 5.5}, 2),
        ("duration", {"slept": 5}, 2),
        ("duration", {"slept": 4.5}, 3),
        ("efficiency", {"slept": 6.8}, 0),  # of 8 hours in bed 85 %
        ("efficiency", {"slept": 6.7}, 1),
        ("efficiency", {"slept": 6}, 1),  # 75 %
        ("efficiency", {"slept": 5.2}, 2),  # 65 %
        ("efficiency", {"slept": 5.1}, 3),
        ("disturbance", {"b": 1}, 1),
        ("disturbance", dict.fromkeys("bcd", 3), 1),  # 9
        ("disturbance", dict.fromkeys("bcd", 3) | {"e": 1}, 2),  # 10
        ("disturbance", dict.fromkeys("bcdefg", 3), 2),  # 18
        ("disturbance", dict.fromkeys("bcdefg", 3) | {"h": 1}, 3),  # 19
        ("disturbance", {"a": 3}, 0),  # trouble a belongs to latency
        ("disturbance", {"j": None}, 0),  # nobody has to have another trouble
        ("daytime", {"awake": 1, "enthusiasm": 1}, 1),
        ("daytime", {"awake": 2, "enthusiasm": 1}, 2),
        ("daytime", {"awake": 2, "enthusiasm": 3}, 3),
        ("quality", {"quality": 2}, 2),
        ("medicine", {"medicine": 3}, 3),
    ],
)
def test_psqi_components(part: str, changed: dict[str, float | None], points: float) -> None:
    assert {p.name: p.total for p in psqi(**changed).parts}[part] == points


def test_psqi_over_midnight_and_more_sleep_than_bed() -> None:
    assert psqi(bed=1, rise=9).total == 0
    found = psqi(bed=0, rise=7, slept=8)
    assert found.total == 0
    assert found.text.endswith("more hours of sleep (8) than in bed (7), efficiency taken as 100 %.")


def test_psqi_missing() -> None:
    # time of getting up missing: efficiency 0 to 3, the rest 0
    found = psqi(rise=None)
    assert (found.total, found.low, found.high) == (None, 0, 3)
    # trouble c missing: disturbance 0 to 1 (3 at most)
    assert (psqi(c=None).total, psqi(c=None).low, psqi(c=None).high) == (None, 0, 1)
    assert psqi(j=None).total == 0


@pytest.mark.parametrize(
    ("answers", "tier", "status"),
    [
        ((0, 0, None, None, None, 0, None), 0, "complete"),
        ((1, 0, None, None, None, 0, None), 1, "complete"),
        ((1, 1, 0, 0, 0, 0, None), 1, "complete"),
        ((1, 1, 1, 0, 0, 0, None), 2, "complete"),
        ((0, 0, None, None, None, 1, 0), 2, "complete"),
        ((0, 0, None, None, None, 1, 1), 3, "complete"),
        ((1, 1, 0, 1, 0, 0, None), 3, "complete"),
        ((1, 1, 0, 0, 1, 0, None), 3, "complete"),
        ((None, 1, 0, 0, 1, 0, None), 3, "settled"),
        ((1, 1, 0, 0, None, 0, None), None, "not scorable"),  # not cleared
        ((0, 0, None, None, None, 1, None), None, "not scorable"),
        ((0, 0, None, None, None, None, None), None, "not scorable"),
        ((0, None, None, None, None, 0, None), None, "not scorable"),
    ],
)
def test_cssrs_triage(answers: tuple[float | None, ...], tier: float | None, status: str) -> None:
    found = scored("cssrs", list(answers))
    assert (found.total, found.status) == (tier, status)


def test_cssrs_needs_the_answers() -> None:
    with pytest.raises(InputError, match="no total without the answers"):
        score(Answers(date=DAY, instrument="cssrs", total=1))


def test_cssrs_notices() -> None:
    def levels(*items: float | None) -> list[tuple[str, int | None]]:
        found = notices([Answers(date=DAY, instrument="cssrs", items=items)])
        return [(one.level, one.item) for one in found]

    assert levels(0, 0, None, None, None, 0, None) == []
    assert levels(1, 0, None, None, None, 0, None) == [("review", 1)]
    assert levels(0, 1, 0, 1, 0, 0, None) == [("urgent", 4), ("review", 2)]
    assert levels(0, 0, None, None, None, 1, 1) == [("urgent", 7), ("review", 6)]
    # what was not asked is known, what is missing is not
    assert levels(0, 0, None, None, None, None, None) == [("not known", 6), ("not known", 7)]


SUICIDALITY = {
    "phq9": (9, 2), "madrs": (10, 3), "qids_sr16": (12, 2), "hamd17": (3, 2), "hamd24": (3, 2), "ids_sr30": (18, 2),
    "bdi2": (9, 2), "phq_ads": (9, 2),
}  # fmt: skip


@pytest.mark.parametrize("key", SUICIDALITY)
def test_every_suicidality_item_raises_a_notice_by_tier(key: str) -> None:
    item, urgent_from = SUICIDALITY[key]
    one = find_instrument(key)
    for value in range(int(one.range_of(item).high) + 1):
        items = lowest(one)
        items[item - 1] = value
        found = notices([Answers(date=DAY, instrument=key, items=tuple(items))])
        want = [] if value == 0 else ["urgent"] if value >= urgent_from else ["review"]
        assert [n.level for n in found] == want
    assert [n.level for n in notices([Answers(date=DAY, instrument=key, total=5)])] == ["not known"]


def test_no_other_instrument_has_a_suicidality_item() -> None:
    known = {key for key, one in instruments().items() if any(part.about == "suicide" for part in one.safety)}
    assert known == set(SUICIDALITY) | {"cssrs"}


def test_driving_and_risk_taking_are_notices_of_their_own() -> None:
    sleepy = notices([Answers(date=DAY, instrument="ess", items=(0,) * 7 + (2,))])
    assert [n.level for n in sleepy] == ["review"]
    assert "driving" in sleepy[0].act
    assert "suicide" not in sleepy[0].text
    assert notices([Answers(date=DAY, instrument="ess", total=12)]) == ()
    risky = notices([Answers(date=DAY, instrument="pcl5", items=(0,) * 15 + (4,) + (0,) * 4)])
    assert [(n.level, n.item) for n in risky] == [("review", 16)]


@st.composite
def fillings(draw: st.DrawFn) -> tuple[str, Items]:
    key = draw(st.sampled_from(sorted(instruments())))
    one = find_instrument(key)
    answers = []
    for n in range(1, one.n_items + 1):
        span = one.range_of(n)
        answers.append(draw(st.one_of(st.none(), st.integers(int(span.low), int(span.high)))))
    return key, answers


@settings(max_examples=120)
@given(fillings())
def test_bounds(filled: tuple[str, Items]) -> None:
    key, items = filled
    one, found = find_instrument(key), scored(key, items)
    if found.low is not None and found.high is not None:
        assert one.total_low <= found.low <= found.high <= one.total_high
        if found.total is not None:
            assert found.low <= found.total <= found.high
    else:
        assert found.total is not None
    assert found.total is None or one.total_low <= found.total <= one.total_high
    assert check_answers(Answers(date=DAY, instrument=key, items=tuple(items))) == ()


@settings(max_examples=120)
@given(fillings(), st.data())
def test_monotone_and_what_is_missing_stays_inside(filled: tuple[str, Items], data: st.DataObject) -> None:
    key, items = filled
    one = find_instrument(key)
    full = [one.range_of(n).low if v is None else v for n, v in enumerate(items, start=1)]
    whole = scored(key, full)
    assert whole.total is not None
    # hiding one answer leaves the total in the range that is told
    gone = data.draw(st.integers(0, one.n_items - 1))
    hidden = scored(key, [None if k == gone else v for k, v in enumerate(full)])
    if hidden.low is not None and hidden.high is not None:
        assert hidden.low <= whole.total <= hidden.high
    # one step up on one item never lowers the total, nor raises it where the item is reversed (hours and the clock of
    # the PSQI have no such order)
    item = data.draw(st.integers(1, one.n_items))
    span = one.range_of(item)
    if full[item - 1] < span.high and span.whole:
        more = scored(key, [v + 1 if k == item - 1 else v for k, v in enumerate(full)])
        assert more.total is not None
        assert (more.total - whole.total) * (-1 if item in one.reversed_items else 1) >= 0


def test_an_instrument_that_contradicts_itself_is_refused() -> None:
    one = find_instrument("hamd17")
    top = dataclasses.replace(one.bands[-1], high=54)
    with pytest.raises(InputError, match="total_high does not follow; found 54; allowed: 52"):
        dataclasses.replace(one, total_high=54, bands=(*one.bands[:-1], top))
    with pytest.raises(InputError, match="no such item"):
        dataclasses.replace(find_instrument("gad7"), reversed_items=(8,))


@pytest.mark.parametrize("key", sorted(instruments()))
def test_each_number_has_a_source_and_texts_stay_out(key: str) -> None:
    one = find_instrument(key)
    assert one.structure.text
    assert one.licence.source.text
    assert one.topics == () or key in {"phq9", "gad7"}
    assert all(domain.items for domain in one.domains)


def test_only_what_was_read_is_marked_as_read() -> None:
    assert "bands" not in find_instrument("bdi2").unverified
    assert "structure" in find_instrument("bdi2").unverified
    assert {"structure", "bands", "licence"} <= set(find_instrument("cgi_s").unverified)
    assert "ranges of items" not in find_instrument("hamd17").unverified
    assert "ranges of items" in find_instrument("hamd24").unverified
