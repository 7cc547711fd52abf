"""Single-case designs: orders counted by hand, exact p values, interval, false alarms."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vagus.errors import InputError
from vagus.outcome import Onset, Pairs, Phases, SingleCase, single_case

ABAB = [9.0, 8, 9, 10, 5, 4, 4, 5, 8, 9, 9, 8, 4, 3, 4, 4]
TREATED = ([False] * 4 + [True] * 4) * 2


def worse(values: list[float], treated: list[bool], design: Phases | Onset | Pairs) -> SingleCase:
    return single_case(values, treated, design=design, direction="higher_worse")


def test_abab_by_hand() -> None:
    # 16 measurements, 4 phases of at least 3: 4 to spare over 4 phases, C(7, 3) = 35 orders. Means 33/8 and 70/8
    found = worse(ABAB, TREATED, Phases(n_phases=4, min_length=3))
    assert (found.difference_points, found.nap, found.n_orders, found.exact) == (33 / 8 - 70 / 8, 1.0, 35, True)
    assert found.p_value == found.p_least == 1 / 35
    assert found.low_points < found.difference_points < found.high_points
    assert "p = 0.029, all 35 orders" in found.text


def test_onset_by_hand() -> None:
    # treatment could have begun at measurement 4 to 7: four orders, the one used has the largest difference
    values = [8.0, 8, 8, 8, 2, 2, 2, 2]
    found = worse(values, [False] * 4 + [True] * 4, Onset(first=4, last=7))
    assert (found.n_orders, found.p_value, found.difference_points) == (4, 0.25, -6)
    assert (found.low_points, found.high_points) == (-math.inf, math.inf)
    assert "too few orders" in found.text


def test_pairs_by_hand() -> None:
    # six pairs, each better under treatment: 2 of 64 orders are as far out on two sides, 1 on one side
    treated = [False, True, True, False] * 3
    values = [3.0 if one else 5.0 for one in treated]
    found = worse(values, treated, Pairs())
    assert (found.n_orders, found.p_value) == (64, 2 / 64)
    one_sided = single_case(values, treated, design=Pairs(), direction="higher_worse", two_sided=False)
    assert one_sided.p_value == 1 / 64
    wrong_way = single_case(values, treated, design=Pairs(), direction="higher_better", two_sided=False)
    assert wrong_way.p_value == 1


def test_ties_count_half_in_the_overlap() -> None:
    found = worse([1.0, 2, 1, 2], [False, False, True, True], Onset(first=2, last=4))
    assert found.nap == 0.5


def test_phases_are_counted_as_by_brute_force() -> None:
    design = Phases(n_phases=3, min_length=2)
    n = 9
    brute = set()
    for cuts in itertools.combinations(range(1, n), 2):
        lengths = np.diff([0, *cuts, n])
        if (lengths >= 2).all():
            brute.add(tuple(bool(k % 2) for k, length in enumerate(lengths) for _ in range(length)))
    from vagus.outcome.person.single_case import _all_orders, _count

    assert {tuple(map(bool, order)) for order in _all_orders(n, design)} == brute
    assert _count(n, design) == len(brute) == 10


def test_the_interval_is_the_test_turned_around() -> None:
    rng = np.random.default_rng(3)
    design = Phases(n_phases=4, min_length=3)
    values = rng.normal(size=20) - 2 * np.array(([0.0] * 5 + [1.0] * 5) * 2)
    treated = ([False] * 5 + [True] * 5) * 2
    found = single_case(values.tolist(), treated, design=design, direction="higher_worse")
    used = np.array(treated)

    def p_at(effect: float) -> float:
        return worse((values - effect * used).tolist(), treated, design).p_value

    for edge, out in ((found.low_points, -1e-6), (found.high_points, 1e-6)):
        assert p_at(edge - out) > 0.05
        assert p_at(edge + out) <= 0.05


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_interval_holds_the_difference(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.normal(size=16).round(1).tolist()
    found = worse(values, TREATED, Phases(n_phases=4, min_length=2))
    assert found.low_points <= found.difference_points <= found.high_points
    assert found.p_least <= found.p_value <= 1
    assert 0 <= found.nap <= 1


def test_false_alarms_stay_under_five_percent() -> None:
    """Orders drawn by lot, measurements that drift and hang together, no effect: the test holds all the same."""
    rng = np.random.default_rng(11)
    from vagus.outcome.person.single_case import _draw

    design = Phases(n_phases=4, min_length=3)
    n, n_runs, hits = 20, 300, 0
    for _ in range(n_runs):
        noise = rng.normal(size=n)
        values = np.cumsum(noise) * 0.5 + rng.normal(size=n)
        treated = _draw(n, design, rng)
        hits += worse(values.tolist(), treated.tolist(), design).p_value <= 0.05
    # an exact test has at most 5 %; 300 runs: 3 usual errors of 1.26 % above
    assert hits / n_runs <= 0.088


def test_sampled_orders_need_a_generator_and_agree() -> None:
    rng = np.random.default_rng(5)
    values = rng.normal(size=40) - np.tile([0.0, 0.8], 20)
    treated = [False, True] * 20
    with pytest.raises(InputError, match="too many orders to count; found 1048576"):
        worse(values.tolist(), treated, Pairs())
    found = single_case(values.tolist(), treated, design=Pairs(), direction="higher_worse", rng=rng, n_draws=1999)
    assert (found.exact, found.n_orders) == (False, 2000)
    # exact over the pair differences by normal approximation of the sign-flip distribution, two-sided
    pair = values[1::2] - values[::2]
    z = abs(pair.sum()) / np.sqrt((pair**2).sum())
    assert found.p_value == pytest.approx(math.erfc(z / math.sqrt(2)), abs=0.02)


@pytest.mark.parametrize(
    ("treated", "design", "message"),
    [
        (TREATED[:-1], Phases(n_phases=4, min_length=3), "differ in number"),
        (TREATED, Phases(n_phases=4, min_length=5), "could not have been drawn"),
        (TREATED, Phases(n_phases=2, min_length=3), "could not have been drawn"),
        (TREATED, Onset(first=2, last=17), "onset, last: the last onset lies beyond the measurements; found 17, 16"),
        (TREATED, Onset(first=2, last=9), "could not have been drawn"),
        (TREATED, Pairs(), "could not have been drawn"),
        ([True] * 16, Onset(first=1, last=3), "could not have been drawn"),
    ],
)
def test_what_the_design_could_not_have_drawn_is_refused(
    treated: list[bool], design: Phases | Onset | Pairs, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        worse(ABAB, treated, design)


def test_a_value_that_is_not_finite_is_named() -> None:
    with pytest.raises(InputError, match="measurement 3: value is not finite"):
        worse([1.0, 2, math.nan, 4], [False, False, True, True], Onset(first=2, last=4))
