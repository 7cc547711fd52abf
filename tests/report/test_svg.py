"""Charts: ticks, labels that make room for each other, well-formed SVG."""

from __future__ import annotations

import math
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vagus.report.numbers import nice_ticks, number, quantity, spread, text_px
from vagus.report.svg import Axis, Chart

SVG = "{http://www.w3.org/2000/svg}"


def chart(**options: object) -> Chart:
    made = Chart(
        key="k",
        title="A title <b>",
        text="what is to be seen & more",
        x=Axis(label="Time", unit="s", low=0, high=10),
        y=Axis(label="Current", unit="mA", low=0, high=2),
        **options,  # pyright: ignore[reportArgumentType]
    )
    return made.line([0, 5, 10], [0, 2, 1], "c1").band([0, 10], [0, 0], [1, 1], "c1")


def test_number_keeps_three_digits_and_a_true_minus() -> None:
    found = [number(v) for v in (1.005, -0.000563, 46.666, 1175, math.nan, math.inf)]
    assert found == ["1", "−0.000563", "46.7", "1180", "–", "∞"]
    assert quantity(None, "mA") == "–"
    assert quantity(2, "mA") == "2\xa0mA"


@given(st.floats(-1e5, 1e5), st.floats(1e-3, 1e5), st.integers(2, 9))
def test_ticks_lie_within_and_rise(low: float, span: float, count: int) -> None:
    ticks = nice_ticks(low, low + span, count=count)
    assert all(low - 1e-6 * span <= t <= low + span + 1e-6 * span for t in ticks)
    assert all(b > a for a, b in pairwise(ticks))
    assert len(ticks) <= 3 * count + 1


@given(st.lists(st.floats(0, 200), min_size=1, max_size=9))
def test_spread_labels_never_touch(wanted: list[float]) -> None:
    placed = spread(wanted, gap=14, low=0, high=200)
    ordered = sorted(placed)
    assert all(b - a >= 14 - 1e-6 for a, b in pairwise(ordered))
    assert min(placed) >= -1e-6
    assert max(placed) <= 200 + 1e-6


def test_spread_leaves_alone_what_does_not_touch() -> None:
    assert spread([20, 100, 60], gap=14, low=0, high=200) == [20, 100, 60]


def test_chart_is_well_formed_named_and_escaped() -> None:
    root = ElementTree.fromstring(chart().legend("line", "x < y", "c1").svg())
    assert root.get("role") == "img"
    title, desc = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert desc is not None
    assert title.text == "A title <b>"
    assert root.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"


def test_axes_carry_their_unit() -> None:
    text = chart().svg()
    assert "Time (s)" in text
    assert "Current (mA)" in text


def test_labels_above_do_not_overlap() -> None:
    made = chart(width_px=350)
    for k in range(6):
        made.rule_x(4 + 0.05 * k, "ink", label=f"event number {k}")
    root = ElementTree.fromstring(made.svg())
    boxes = []
    for node in root.iter(f"{SVG}text"):
        if (node.text or "").startswith("event"):
            half = text_px(node.text or "") / 2
            x, y = float(node.get("x", "0")), float(node.get("y", "0"))
            boxes.append((x - half, x + half, y))
            assert x - half >= -1e-6
            assert x + half <= 350 + 1e-6
    assert len(boxes) == 6
    for k, one in enumerate(boxes):
        for other in boxes[k + 1 :]:
            assert one[2] != other[2] or one[1] <= other[0] or other[1] <= one[0]


def test_points_that_are_not_finite_break_a_line() -> None:
    made = Chart(
        key="k",
        title="t",
        text="d",
        x=Axis(label="", unit="s", low=0, high=3),
        y=Axis(label="", unit="", low=0, high=1),
    )
    svg = made.line([0, 1, 2, 3], [0, np.nan, 1, 1], "c1").svg()
    path = next(n.get("d", "") for n in ElementTree.fromstring(svg).iter(f"{SVG}path") if n.get("class") == "line c1")
    assert path.count("M") == 2
    assert "nan" not in svg


@pytest.mark.parametrize("width", [350, 720])
def test_marks_stay_inside_the_view_box(width: float) -> None:
    root = ElementTree.fromstring(chart(width_px=width).side(1.0, "a label beside", "c1").svg())
    for node in root.iter(f"{SVG}text"):
        x = float(node.get("x", "0"))
        wide = text_px(node.text or "")
        left = {"middle": x - wide / 2, "end": x - wide}.get(node.get("text-anchor", ""), x)
        assert left >= -2
        assert left + wide <= width + 2
