"""How often intervals of forecasts hold: in simulated people, and with each trial of the bundled table left out.

    python benchmarks/forecast_coverage.py [--people 1000] [--seed 1] [--write]

Prints the tables of docs/rooms/response/forecast.md; --write puts what the report shows into the package's table.
The simulated world draws trials and people from what a forecast assumes, and then
breaks one assumption after the other.
"""

from __future__ import annotations

import argparse
import datetime
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import special

from vagus.outcome import Answers, evidence, find_instrument, score
from vagus.outcome.forecast import LeftOut, RateDraws, arm_counts, forecast_scores, leave_one_trial_out
from vagus.outcome.forecast.assumed import assumed
from vagus.outcome.forecast.own import Own, draw_people, moments
from vagus.outcome.synthesis.rows import EVENTS
from vagus.outcome.trial import Trial

START = datetime.date(2026, 1, 5)
OF = find_instrument("phq9")
HELD = Path(__file__).parents[1] / "src" / "vagus" / "tables" / "data" / "forecast_held.toml"
QUESTIONS = (("trd", "iVNS"), ("mdd", "taVNS"), ("insomnia", "taVNS"))


@dataclass(frozen=True, kw_only=True)
class World:
    """What differs from what a forecast assumes."""

    name: str
    tails: float = math.inf  # degrees of freedom of how people differ
    onset: float = 1.0  # times as slow
    error: float = 1.0  # times the error of measurement
    drift: bool = False  # how a person differs lasts two weeks
    between: float = 1.0  # times the spread between trials
    late: bool = False  # everybody changes in a straight line until week 12


WORLDS = (
    World(name="as assumed"),
    World(name="people differ with heavy tails (t, 3 degrees of freedom)", tails=3.0),
    World(name="onset three times as slow", onset=3.0),
    World(name="a straight line until week 12", late=True),
    World(name="error of measurement 1.5 times as large", error=1.5),
    World(name="what a person differs by lasts two weeks", drift=True),
    World(name="trials differ twice as much", between=2.0),
)


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One simulated person: did the intervals hold, chance foretold, response or not."""

    in_90: bool
    in_50: bool
    chance: float
    before: float
    responded: bool
    width: float


def simulate(world: World, n_people: int, rng: np.random.Generator) -> tuple[list[Seen], int]:
    """People of further trials, each foretold from trials of a world of its own; and how many were not foretold."""
    seen: list[Seen] = []
    n_abstained = 0
    for _ in range(n_people):
        one = _person(world, rng)
        if one is None:
            n_abstained += 1
        else:
            seen.append(one)
    return seen, n_abstained


def _person(world: World, rng: np.random.Generator) -> Seen | None:
    mean = np.array([special.logit(assumed("sham_rate") / 100), 0.0, 0.0, 0.0])
    sd = [assumed(key) for key in ("sham_spread", "effect_spread", "open_spread", "time_spread")]
    four = mean + sd * rng.standard_normal(4)
    spreads = world.between * np.abs(rng.standard_normal(2)) * [assumed("trial_spread"), assumed("trial_effect_spread")]

    def new() -> RateDraws:
        level, effect = four[:2] + spreads * rng.standard_normal(2)
        return RateDraws(level=np.array([level]), effect=np.array([effect]), opened=four[2:3], slope=four[3:])

    n_trials = int(rng.integers(3, 9))
    rows = [_trial(k, new(), 12 if k == 0 else int(rng.integers(4, 13)), rng) for k in range(n_trials)]
    rows += [_trial(20 + k, new(), int(rng.integers(8, 53)), rng, controlled=False) for k in range(rng.integers(0, 4))]
    arm = "active" if rng.random() < 0.5 else "sham"
    last = int(rng.choice([0, 2, 4, 6, 8]))
    horizon = int(rng.integers(max(last + 2, 4), 13))
    weeks = np.array([*range(2, last + 1, 2), horizon], float)
    first = int(rng.integers(12, 25))
    totals = _totals(world, new(), arm, first=first, weeks=weeks, rng=rng)
    visits = [(0.0, first), *zip(weeks[:-1], totals[:-1], strict=True)]
    scores = [
        score(Answers(date=START + datetime.timedelta(weeks=w), instrument="phq9", total=float(t))) for w, t in visits
    ]
    found = forecast_scores(
        scores, indication="mdd", route="tcVNS", start=START, horizon_weeks=horizon, rng=rng, more=rows, n_draws=800
    )
    band = next((one for one in found.bands if one.arm == arm), None)
    chance = found.chance("active" if arm == "active" else "sham")
    if band is None or chance is None:
        return None
    at = OF.response_total(first)
    return Seen(
        in_90=bool(band.low_90_points[-1] <= totals[-1] <= band.high_90_points[-1]),
        in_50=bool(band.low_50_points[-1] <= totals[-1] <= band.high_50_points[-1]),
        chance=chance.chance_pct / 100,
        before=chance.before_pct / 100,
        responded=at is not None and bool(totals[-1] <= at),
        width=float(band.high_90_points[-1] - band.low_90_points[-1]),
    )


def _trial(k: int, rates: RateDraws, weeks: int, rng: np.random.Generator, *, controlled: bool = True) -> Trial:
    n = int(rng.integers(15, 121))
    counts = {
        arm: str(rng.binomial(n, float(rates.share(arm, weeks)[0])))
        for arm in (("active", "sham") if controlled else ("open",))
    }
    return Trial(
        study_id=f"T{k}", indication="MDD", modality="tcVNS", source="simulated", verified="yes", weeks=str(weeks),
        design="RCT double-blind sham" if controlled else "open single-arm", n_active=str(n),
        n_control=str(n) if controlled else "0", control_type="sham device" if controlled else "none",
        resp_active_n=counts.get("active", counts.get("open")), resp_control_n=counts.get("sham"),
        primary_met="no" if controlled else "na",
    )  # fmt: skip


def _totals(
    world: World, rates: RateDraws, arm: str, *, first: int, weeks: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Whole totals of one person at some weeks, inside the scale."""
    assert OF.reliability is not None
    error = OF.reliability.points / (1.959963984540054 * math.sqrt(2))
    at = OF.response_total(first)
    assert at is not None
    own = Own(
        at_weeks=np.zeros(1), improved_points=np.zeros(1), need_points=first - at - 0.5, reach_points=float(first),
        error_sd_points=error,
    )  # fmt: skip
    people = draw_people(1, rng=rng)
    people.onset_weeks[:] *= world.onset
    if world.drift:
        people.lasting[:], people.wander_weeks[:] = 0.0, 2.0
    mean, covariance = moments(own, rates, people, "active" if arm == "active" else "sham", weeks)
    mean, covariance = mean[0], covariance[0]
    if world.late:
        full = moments(own, rates, people, "active" if arm == "active" else "sham", np.array([12.0]))[0][0, 0]
        mean = full * weeks / 12
    scale = 1.0 if math.isinf(world.tails) else math.sqrt((world.tails - 2) / rng.chisquare(world.tails))
    root = np.linalg.cholesky(covariance + 1e-9 * np.eye(weeks.size))
    improved = mean + scale * root @ rng.standard_normal(weeks.size)
    level = first + world.error * error * rng.standard_normal() - improved
    return np.clip(np.round(level + world.error * error * rng.standard_normal(weeks.size)), 0, 27)


def left_out(seed: int) -> list[LeftOut]:
    """Every arm of the bundled table that can be foretold from other trials."""
    found: list[LeftOut] = []
    for indication, route in QUESTIONS:
        rows = evidence(indication=indication, route=route).trials
        for event in EVENTS:
            found += leave_one_trial_out(arm_counts(rows, event=event), rng=np.random.default_rng(seed))
    return found


def _percent(flags: Sequence[bool]) -> float:
    return 100.0 * float(np.mean(flags))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    heads = ("world", "people", "not foretold", "90 % held", "50 % held", "width of 90 %, points", "chance foretold, %",
             "responded, %", "Brier score", "of trials alone")  # fmt: skip
    print(f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
    first: list[Seen] = []
    for world in WORLDS:
        n_people = args.people if not first else 2 * args.people // 5
        seen, n_abstained = simulate(world, n_people, np.random.default_rng(args.seed))
        first = first or seen
        p, b, y = (np.array([getattr(one, name) for one in seen], float) for name in ("chance", "before", "responded"))
        print(
            f"| {world.name} | {len(seen)} | {n_abstained} | {_percent([s.in_90 for s in seen]):.1f} "
            f"| {_percent([s.in_50 for s in seen]):.1f} | {np.mean([s.width for s in seen]):.1f} "
            f"| {100 * p.mean():.1f} | {100 * y.mean():.1f} | {((p - y) ** 2).mean():.3f} "
            f"| {((b - y) ** 2).mean():.3f} |",
            flush=True,
        )
    rows = left_out(args.seed)
    print(
        "\n| row | event | arm | found, % | model, median (90 %) | held 90 / 50 | score "
        "| pooled mean 90 % | held | score |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    for one in rows:
        print(
            f"| {one.count.study_id} | {one.count.event} | {one.count.arm} | {one.count.pct:.1f} "
            f"| {one.median_pct:.0f} ({one.low_90_pct:.0f} to {one.high_90_pct:.0f}) "
            f"| {'yes' if one.held_90 else 'no'} / {'yes' if one.held_50 else 'no'} | {one.score_pct:.0f} "
            f"| {one.pooled_low_pct:.0f} to {one.pooled_high_pct:.0f} | {'yes' if one.pooled_held_90 else 'no'} "
            f"| {one.pooled_score_pct:.0f} |"
        )
    model, pooled = (np.mean([getattr(one, name) for one in rows]) for name in ("score_pct", "pooled_score_pct"))
    print(
        f"\n{len(rows)} arms: 90 % held {_percent([o.held_90 for o in rows]):.0f} %, 50 % "
        f"{_percent([o.held_50 for o in rows]):.0f} %, pooled mean {_percent([o.pooled_held_90 for o in rows]):.0f} %; "
        f"interval score {model:.1f} against {pooled:.1f} points"
    )
    if args.write:
        _write(first, rows)


def _write(seen: Sequence[Seen], rows: Sequence[LeftOut]) -> None:
    parts = (
        ("simulated", "Totals of simulated people, trials and people as the forecast assumes them", len(seen),
         _percent([s.in_90 for s in seen]), _percent([s.in_50 for s in seen]), "simulation"),
        ("left_out", "Rates of published arms, each foretold without any row of its trial", len(rows),
         _percent([o.held_90 for o in rows]), _percent([o.held_50 for o in rows]), "bundled trials table"),
    )  # fmt: skip
    lines = ["# How often intervals of forecasts held, written by `python benchmarks/forecast_coverage.py --write`."]
    for key, what, n, held_90, held_50, how in parts:
        source = f'source = {{ text = "benchmarks/forecast_coverage.py, {how}", verified = true }}'
        held = [f"held_90_pct = {held_90:.1f}", f"held_50_pct = {held_50:.1f}"]
        lines += [f"[{key}]", f'what = "{what}"', f"n = {n}", *held, source, ""]
    HELD.write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
