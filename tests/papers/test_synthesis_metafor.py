"""Agreement with R's metafor 3.8-1 (metafor/metafor.R, its printed numbers in metafor/metafor.txt).

Tolerance: the project asks for relative 1e-4; closed forms and REML agree to 1e-8 (largest difference seen 3e-11). The
script lets REML run to its end (threshold 1e-12): the usual 1e-5, absolute in tau², is coarse for risk differences.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from vagus.outcome.synthesis.effects import Counts, Means, Measure, StudyEffect, binary_effect, continuous_effect
from vagus.outcome.synthesis.mantel_haenszel import mantel_haenszel
from vagus.outcome.synthesis.pool import Method, pool
from vagus.outcome.synthesis.small import small_studies

HERE = Path(__file__).parent / "metafor"
LINES = [line.split() for line in (HERE / "metafor.txt").read_text(encoding="utf-8").splitlines() if line[0] != "#"]
R = {key: float(value) for key, value in LINES}


def table(name: str) -> list[dict[str, Any]]:
    lines = [line for line in (HERE / name).read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return [{k: v if k == "study" else float(v) for k, v in row.items()} for row in csv.DictReader(lines)]


def bcg() -> list[Counts]:
    rows: list[dict[str, Any]] = [
        {k: v if k == "study" else int(v) for k, v in row.items()} for row in table("bcg.csv")
    ]
    return [Counts(**row) for row in rows]


def stay() -> list[Means]:
    rows: list[dict[str, Any]] = [
        {k: int(v) if k.endswith("_n") else v for k, v in r.items()} for r in table("stay.csv")
    ]
    return [Means(**row) for row in rows]


def effects(name: str, measure: Measure) -> list[StudyEffect]:
    if name == "bcg":
        return [binary_effect(row, measure=measure) for row in bcg()]
    return [continuous_effect(row, measure=measure) for row in stay()]


SETS: list[tuple[str, Measure]] = [("bcg", "rd"), ("bcg", "rr"), ("bcg", "or"), ("stay", "md"), ("stay", "g")]
RULES: list[tuple[Method, str, float]] = [
    ("reml", "knha", 1e-8),
    ("reml", "z", 1e-8),
    ("dl", "knha", 1e-8),
    ("dl", "z", 1e-8),
]


def key_of(name: str, measure: Measure) -> str:
    return f"{name}.{'smd' if measure == 'g' else measure}"


@pytest.mark.parametrize(("method", "test", "rel"), RULES)
@pytest.mark.parametrize(("name", "measure"), SETS)
def test_random_effects(name: str, measure: Measure, method: Method, test: str, rel: float) -> None:
    found = pool(effects(name, measure), method=method, test="hartung-knapp" if test == "knha" else "normal")
    key = f"{key_of(name, measure)}.{method}.{test}"
    for field in ("estimate", "se", "low", "high", "tau2", "q"):
        assert getattr(found, field) == pytest.approx(R[f"{key}.{field}"], rel=rel), field
    assert found.i2_pct == pytest.approx(R[f"{key}.i2"], rel=rel)
    assert found.prediction_low == pytest.approx(R[f"{key}.pi_low"], rel=rel)
    assert found.prediction_high == pytest.approx(R[f"{key}.pi_high"], rel=rel)
    # a p value moves by about |z| times the relative difference of z
    assert found.p == pytest.approx(R[f"{key}.p"], rel=30 * rel)


@pytest.mark.parametrize(("name", "measure"), SETS)
def test_common_effect(name: str, measure: Measure) -> None:
    found = pool(effects(name, measure), method="fixed")
    for field in ("estimate", "se", "low", "high", "q"):
        assert getattr(found, field) == pytest.approx(R[f"{key_of(name, measure)}.fe.z.{field}"], rel=1e-8)


@pytest.mark.parametrize("measure", ["rd", "rr", "or"])
def test_mantel_haenszel(measure: Measure) -> None:
    found = mantel_haenszel(bcg(), measure=measure)
    for field in ("estimate", "se", "low", "high"):
        assert getattr(found, field) == pytest.approx(R[f"bcg.{measure}.mh.{field}"], rel=1e-8)


@pytest.mark.parametrize(("name", "measure"), SETS)
def test_egger(name: str, measure: Measure) -> None:
    found = small_studies(effects(name, measure))
    assert found.t == pytest.approx(R[f"{key_of(name, measure)}.egger.t"], rel=1e-8)
    assert found.p == pytest.approx(R[f"{key_of(name, measure)}.egger.p"], rel=1e-7)


@pytest.mark.parametrize("measure", ["md", "g"])
def test_each_study(measure: Measure) -> None:
    for k, one in enumerate(effects("stay", measure), start=1):
        key = key_of("stay", measure)
        assert (one.estimate, one.variance) == pytest.approx((R[f"{key}.yi.{k}"], R[f"{key}.vi.{k}"]), rel=1e-9)
