from __future__ import annotations

import pytest

from vagus.fiber import population


@pytest.mark.parametrize("side", ["left", "right"])
def test_unmyelinated_fibers_are_not_called_afferent(side):
    """The source counts all unmyelinated fibers, and 14 % of the nerve as sympathetic."""
    c = population(f"cervical_{side}").classes[-1]
    assert c.label == "C unmyelinated (sensory and sympathetic)"
    assert "sympathetic" in c.role
    assert "afferent" not in c.role
    assert c.count is not None
    assert c.count.source.verified


def test_counts_are_rounded_and_say_what_was_recalled():
    for one in population("cervical_left").classes:
        known = one.count
        assert known is not None
        for value in (known.value, known.low, known.high):
            assert value is not None
            assert value == float(f"{value:.2g}")
        assert known.low is not None
        assert known.high is not None
        assert known.low < known.value < known.high
        assert known.source.verified == (one.key == "c")
        assert ("recalled" in known.note) == (one.key != "c")
    c = population("cervical_left").classes[-1].count
    assert c is not None
    assert (c.value, c.low, c.high) == (16_000, 12_000, 19_000)


@pytest.mark.parametrize("side", ["left", "right"])
def test_under_the_skin_of_the_neck_lie_the_same_fibers(side):
    assert population(f"neck_{side}").classes == population(f"cervical_{side}").classes


@pytest.mark.parametrize(
    ("place", "said"), [("tragus", "shared"), ("cavum", "shared"), ("earlobe", "not vagal"), ("cymba", "")]
)
def test_places_of_the_ear_say_whose_nerve_it_is(place, said):
    caveat = population(f"{place}_left").caveat
    if said:
        assert said in caveat
    else:
        assert "shared" not in caveat
