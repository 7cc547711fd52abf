"""Allocation: balance, independence of strata, the same list everywhere, a hash that binds, errors."""

from __future__ import annotations

import csv
import hashlib
import hmac
import json
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from vagus.cli import vagus_command
from vagus.errors import InputError
from vagus.outcome.allocation.blocks import BlockPlan, allocate_blocks, commitment
from vagus.outcome.allocation.draw import Draws
from vagus.outcome.allocation.minimize import MinimizationPlan, allocate_people, minimize

SEED = "b7e1d3c09f5a4e62"
PLAN = BlockPlan(trial="T1", arms={"active": 2, "sham": 1}, sizes=(3, 6), n=31, strata={"site": ("A", "B")})
BALANCE = MinimizationPlan(
    trial="T1", arms={"active": 1, "sham": 1}, factors={"sex": ("f", "m"), "site": ("A", "B", "C")}, weights={}
)


def run(*args: str) -> Result:
    return CliRunner().invoke(
        vagus_command, ["outcome", "allocate", *args], catch_exceptions=False, standalone_mode=False
    )


def table(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


@given(st.integers(1, 4), st.integers(1, 4), st.lists(st.integers(1, 4), min_size=1, max_size=3), st.integers(1, 60))
@settings(max_examples=50, deadline=None)
def test_every_whole_block_holds_the_shares(a: int, b: int, multiples: list[int], n: int) -> None:
    sizes = tuple(k * (a + b) for k in multiples)
    plan = BlockPlan(trial="T", arms={"active": a, "sham": b}, sizes=sizes, n=n, strata={})
    places = allocate_blocks(plan, seed=SEED)
    assert [place.number for place in places] == list(range(1, n + 1))
    for block in range(1, places[-1].block + 1):
        inside = [place for place in places if place.block == block]
        size = inside[0].block_size
        assert size in sizes
        count = Counter(place.arm for place in inside)
        if len(inside) == size:
            assert (count["active"], count["sham"]) == (size * a // (a + b), size * b // (a + b))
        else:
            assert block == places[-1].block


def test_a_stratum_or_a_longer_list_changes_no_place() -> None:
    small = allocate_blocks(PLAN, seed=SEED)
    more = allocate_blocks(replace(PLAN, n=60, strata={"site": ("C", "A", "B")}), seed=SEED)
    arms = {(place.stratum, place.number): place.arm for place in more}
    assert all(arms[place.stratum, place.number] == place.arm for place in small)
    by_site = [[p.arm for p in small if p.stratum == f"site={site}"] for site in "AB"]
    assert by_site[0] != by_site[1]
    assert small != allocate_blocks(replace(PLAN, trial="T2"), seed=SEED)


def test_the_list_is_the_same_in_every_version() -> None:
    # a frozen answer: a change here breaks every list that was committed to
    arms = "".join(place.arm[0] for place in allocate_blocks(PLAN, seed=SEED) if place.stratum == "site=A")
    assert hashlib.sha256(arms.encode()).hexdigest()[:16] == FROZEN


FROZEN = "a484f7eb18d4e452"


def test_draws_are_uniform() -> None:
    draws = Draws(SEED, "test")
    counts = Counter(draws.below(6) for _ in range(6000))
    assert stats.chisquare([counts[k] for k in range(6)]).pvalue > 1e-3
    orders = Counter(tuple(draws.shuffled("abc")) for _ in range(3000))
    assert len(orders) == 6
    assert stats.chisquare(list(orders.values())).pvalue > 1e-3
    hits = sum(draws.chance(Fraction(4, 5)) for _ in range(4000))
    assert abs(hits - 3200) < 4 * (4000 * 0.8 * 0.2) ** 0.5
    assert Draws(SEED, "a", "bc").below(2**60) != Draws(SEED, "ab", "c").below(2**60)


def test_the_commitment_binds_plan_and_seed() -> None:
    told = commitment(PLAN, seed=SEED)
    changed = [
        commitment(PLAN, seed=SEED[::-1]),
        commitment(replace(PLAN, n=32), seed=SEED),
        commitment(replace(PLAN, arms={"sham": 1, "active": 2}), seed=SEED),
        commitment(BALANCE, seed=SEED),
    ]
    assert told not in changed
    # anyone can compute it with the standard library
    plan = {"trial": "T1", "arms": {"active": 2, "sham": 1}, "sizes": [3, 6], "n": 31, "strata": {"site": ["A", "B"]}}
    text = json.dumps(["BlockPlan", plan], separators=(",", ":")).encode()
    assert told == hmac.new(SEED.encode(), b"vagus commitment\n" + text, hashlib.sha256).hexdigest()


def test_minimization_by_hand() -> None:
    # 3 f at A active, 1 m at B sham. Next f at A. Active: f 4-0, A 4-0: 8; sham: f 3-1, A 3-1: 4
    before = [({"sex": "f", "site": "A"}, "active")] * 3 + [({"sex": "m", "site": "B"}, "sham")]
    found = minimize(BALANCE, before=before, person={"sex": "f", "site": "A"}, seed=SEED)
    assert found.imbalance == {"active": "8", "sham": "4"}
    assert found.is_best == (found.arm == "sham")
    heavy = minimize(replace(BALANCE, weights={"site": 3}), before=before, person={"sex": "f", "site": "A"}, seed=SEED)
    assert heavy.imbalance == {"active": "16", "sham": "8"}


def test_minimization_keeps_the_arms_alike_and_stays_a_lottery() -> None:
    draws = Draws(SEED, "people")
    people = [{"sex": "fm"[draws.below(2)], "site": "ABC"[draws.below(3)]} for _ in range(150)]
    choices = allocate_people(BALANCE, people, seed=SEED)
    for factor, levels in BALANCE.factors.items():
        for level in levels:
            arms = Counter(c.arm for c, p in zip(choices, people, strict=True) if p[factor] == level)
            assert abs(arms["active"] - arms["sham"]) <= 6
    told = [c for c in choices if len(set(c.imbalance.values())) > 1]
    share = sum(c.is_best for c in told) / len(told)
    assert abs(share - 0.8) < 4 * (0.16 / len(told)) ** 0.5
    # one at a time gives what all at once gives
    before = [(p, c.arm) for p, c in zip(people[:100], choices[:100], strict=True)]
    assert allocate_people(BALANCE, people[100:], seed=SEED, before=before) == choices[100:]


def test_plans_that_cannot_work_are_refused() -> None:
    with pytest.raises(InputError) as caught:
        BlockPlan(trial="T", arms={"a": 1, "b": 1}, sizes=(4, 5), n=0, strata={"site": ("A", "A"), "x=y": ("1",)})
    said = str(caught.value)
    for part in ("sizes: a block does not hold", "n: a list without places", "site: levels", '"x=y"'):
        assert part in said
    with pytest.raises(InputError, match="weights: a weight for no factor"):
        replace(BALANCE, weights={"ste": 1})
    with pytest.raises(InputError, match="best_pct"):
        replace(BALANCE, best_pct=100)
    with pytest.raises(InputError, match="arms, b: a share"):
        replace(BALANCE, arms={"a": 1, "b": 0})
    with pytest.raises(InputError, match="person 2, site: unknown level of site"):
        minimize(BALANCE, before=[({"sex": "f", "site": "A"}, "sham")], person={"sex": "f", "site": "D"}, seed=SEED)
    for seed in ("short", "aaaaaaaaaaaaaaaaaaaaaaaa"):
        with pytest.raises(InputError, match="could be guessed"):
            allocate_blocks(PLAN, seed=seed)


@pytest.fixture
def seed_file(tmp_path: Path) -> str:
    (tmp_path / "seed.txt").write_text(SEED + "\n", encoding="utf-8")
    return str(tmp_path / "seed.txt")


def test_command_writes_the_list_and_tells_the_hash_alone(tmp_path: Path, seed_file: str) -> None:
    out = tmp_path / "list.csv"
    asked = ["--trial", "T1", "--arm", "active=2", "--arm", "sham", "--n", "31", "--block", "3", "--block", "6"]
    result = run(*asked, "--stratum", "site=A,B", "--seed-file", seed_file, "-o", str(out))
    assert commitment(PLAN, seed=SEED) in result.stdout
    assert "sham" not in result.stdout
    rows = table(out)
    assert [row["arm"] for row in rows] == [place.arm for place in allocate_blocks(PLAN, seed=SEED)]
    told = json.loads(run(*asked, "--seed-file", seed_file, "--json").stdout)
    assert told["places"] == 31
    assert SEED not in json.dumps(told)
    run(*asked, "--stratum", "site=A,B", "--seed-file", seed_file, "-o", str(out))  # the same list again
    with pytest.raises(InputError, match="another list is there already"):
        run(*asked, "--seed-file", seed_file, "-o", str(out))
    assert table(out) == rows
    run(*asked, "--seed-file", seed_file, "-o", str(out), "--replace")
    assert len(table(out)) == 31


def test_command_minimizes_one_after_the_other(tmp_path: Path, seed_file: str) -> None:
    people, out = tmp_path / "people.csv", tmp_path / "out.csv"
    people.write_text("sex,site\nf,A\nm,B\nf,B\n", encoding="utf-8")
    flags = ["--trial", "T1", "--arm", "active", "--arm", "sham", "--factor", "sex=f,m", "--factor", "site=A,B,C"]
    run(*flags, "--people", str(people), "--seed-file", seed_file, "-o", str(out))
    first = [row["arm"] for row in table(out)]
    people.write_text(f"sex,site,arm\nf,A,{first[0]}\nm,B,{first[1]}\nf,B,\n", encoding="utf-8")
    run(*flags, "--people", str(people), "--seed-file", seed_file, "-o", str(out))
    assert [row["arm"] for row in table(out)] == first
    people.write_text("sex,site,arm\nf,A,\nm,B,sham\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"people.csv row 2 \(line 3\), arm: allocated, after one who is not"):
        run(*flags, "--people", str(people), "--seed-file", seed_file)
    people.write_text("sex,site\nf,A\nx,\n", encoding="utf-8")
    with pytest.raises(InputError, match=r'person 2, sex: unknown level of sex; found "x"(.|\n)*site is missing'):
        run(*flags, "--people", str(people), "--seed-file", seed_file)


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--n", "4"], "--n and --block"),
        (["--n", "4", "--block", "4", "--factor", "sex=f,m"], "--factor: is for minimization"),
        (["--n", "4", "--block", "4", "--arm", "sham=x"], "named twice"),
        (["--people", "people.csv", "--block", "4"], "--block: is for blocks"),
    ],
)
def test_command_refuses(flags: list[str], said: str, seed_file: str) -> None:
    with pytest.raises(InputError, match=said):
        run("--trial", "T1", "--arm", "active", "--arm", "sham", "--seed-file", seed_file, *flags)


def test_a_missing_seed_tells_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="openssl rand"):
        run("--trial", "T", "--arm", "a", "--arm", "b", "--n", "4", "--block", "4", "--seed-file", str(tmp_path / "no"))
