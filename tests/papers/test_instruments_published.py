"""Published values of the six instruments.

Sources: PHQ-9 Kroenke K et al. 2001; GAD-7 Spitzer RL et al. 2006 and Bischoff T et al. 2020
(doi:10.5964/pch.v8i1.309); ISI Morin CM et al. 2011; WHO-5 Topp CW et al. 2015 (doi:10.1159/000376585);
MADRS Montgomery SA, Asberg M 1979; QIDS-SR16 Rush AJ et al. 2003 (doi:10.1016/S0006-3223(02)01866-8).
Ranges and cut-offs are whole numbers and have no tolerance; reliable changes are computed and
agree to the printed decimal.
"""

from __future__ import annotations

import dataclasses

import pytest

from vagus import tables
from vagus.errors import InputError
from vagus.outcome import Band, instruments, reliable_change_points


@pytest.mark.parametrize(
    ("key", "n_items", "item_high", "total_high"),
    [
        ("phq9", 9, 3, 27), ("gad7", 7, 3, 21), ("isi", 7, 4, 28), ("who5", 5, 5, 100), ("madrs", 10, 6, 60),
        ("qids_sr16", 16, 3, 27),
    ],
)  # fmt: skip
def test_structure(key: str, n_items: int, item_high: float, total_high: float) -> None:
    one = instruments()[key]
    assert (one.n_items, one.item_low, one.item_high, one.total_low, one.total_high) == (
        n_items, 0, item_high, 0, total_high,
    )  # fmt: skip
    assert one.direction == ("higher_better" if key == "who5" else "higher_worse")


@pytest.mark.parametrize(
    ("key", "cuts"),
    [
        ("phq9", (5, 10, 15, 20)), ("gad7", (5, 10, 15)), ("isi", (8, 15, 22)), ("who5", (29, 51)),
        ("madrs", (7, 20, 35)), ("qids_sr16", (6, 11, 16, 21)),
    ],
)  # fmt: skip
def test_cut_offs(key: str, cuts: tuple[int, ...]) -> None:
    assert tuple(band.low for band in instruments()[key].bands[1:]) == cuts


@pytest.mark.parametrize(
    ("key", "reliable_points", "mcid_points"),
    [
        ("phq9", 5.6, 3.7),
        ("gad7", 6, 4),
        ("isi", 3.3, 6),
        ("madrs", 5.1, 6),
        ("who5", None, 10),
        ("qids_sr16", None, 4),
    ],
)
def test_change_that_counts(key: str, reliable_points: float | None, mcid_points: float) -> None:
    one = instruments()[key]
    assert (one.reliability.points if one.reliability else None) == reliable_points
    assert one.mcid is not None
    assert one.mcid.value == mcid_points
    if one.reliability is not None and one.reliability.computed:
        assert one.reliability.sd is not None
        assert one.reliability.r is not None
        assert reliable_change_points(one.reliability.sd, one.reliability.r) == pytest.approx(reliable_points, abs=0.05)
    else:
        assert one.reliability is not None or one.reliability_note


def test_retest_of_the_phq9_gives_the_upper_end() -> None:
    one = instruments()["phq9"].reliability
    assert one is not None
    assert one.high == pytest.approx(reliable_change_points(6.1, 0.737), abs=0.05)


def test_qids_domains_take_each_item_once() -> None:
    one = instruments()["qids_sr16"]
    assert sorted(item for domain in one.domains for item in domain.items) == list(range(1, 17))
    assert len(one.domains) == 9


@pytest.mark.parametrize(("key", "item"), [("phq9", 9), ("madrs", 10), ("qids_sr16", 12)])
def test_suicidality_items(key: str, item: int) -> None:
    (part,) = instruments()[key].safety
    assert (part.item, part.review_from) == (item, 1)
    assert not part.source.verified  # the tiers are convention


def test_what_was_recalled_shows_as_such() -> None:
    known = instruments()
    assert known["phq9"].unverified == ("response", "remission", "missing", "safety")
    assert "mcid" in known["qids_sr16"].unverified
    assert "mcid" not in known["phq9"].unverified
    assert "reliability" in known["isi"].unverified


def test_no_item_texts() -> None:
    """Topics stand only where the licence allows texts, and are a few words at most."""
    for one in instruments().values():
        assert one.licence.item_text or not one.topics
        assert all(len(topic.split()) <= 4 for topic in one.topics)
        raw = tables.raw_rows(f"instruments/{one.key}")[0]
        assert not {"items", "questions", "text"} & set(raw)


def test_a_broken_instrument_is_refused() -> None:
    phq9 = instruments()["phq9"]
    with pytest.raises(InputError, match="gap or overlap"):
        dataclasses.replace(phq9, bands=(Band(low=0, high=9, label="a"), Band(low=11, high=27, label="b")))
    with pytest.raises(InputError, match="do not cover"):
        dataclasses.replace(phq9, bands=phq9.bands[:-1])
    with pytest.raises(InputError, match="no such item"):
        dataclasses.replace(phq9, safety=(dataclasses.replace(phq9.safety[0], item=10),))
    assert phq9.reliability is not None
    with pytest.raises(InputError, match="does not follow"):
        dataclasses.replace(phq9.reliability, points=3.0)
    with pytest.raises(InputError, match="needs sd and r"):
        dataclasses.replace(phq9.reliability, sd=None)
