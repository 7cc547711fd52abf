"""The cross-section: to scale, inside its frame, told in numbers."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from vagus.errors import InputError
from vagus.field import Fascicle, Nerve, draw_nerve, draw_places
from vagus.field.nerve import ring
from vagus.report.figures.nerve import cross_section

SVG = "{http://www.w3.org/2000/svg}"


def _nerve():
    one = Fascicle(label="<1>", outline_um=ring.circle(300.0, 200.0, 250.0), perineurium_um=29.0)
    return Nerve(species="human", outline_um=ring.circle(0.0, 0.0, 1000.0, n=128), fascicles=(one,))


def _corners(path):
    return np.array(re.findall(r"(-?[\d.]+) (-?[\d.]+)", path.get("d") or ""), dtype=float)


@pytest.mark.parametrize("width_px", [350.0, 720.0])
def test_the_cross_section_is_to_scale_and_inside(width_px):
    root = ElementTree.fromstring(cross_section(_nerve(), key="n", width_px=width_px))
    outline, sheath, inside, bar = root.iter(f"{SVG}path")
    wide, high = (float(v) for v in root.attrib["viewBox"].split()[2:])
    corners = _corners(outline)
    assert corners.min() >= 0.0
    assert corners[:, 0].max() <= wide == width_px
    assert corners[:, 1].max() < high
    scale = np.ptp(corners[:, 0]) / 2000.0
    assert np.ptp(_corners(inside)[:, 0]) == pytest.approx(500.0 * scale, rel=0.01)
    assert float(sheath.attrib["style"].split(":")[1]) == pytest.approx(29.0 * scale, abs=0.01)
    # up on the page is up in the nerve
    assert _corners(inside).mean(axis=0) == pytest.approx(
        corners.mean(axis=0) + scale * np.array([300.0, -200.0]), abs=1.0
    )
    assert float(bar.attrib["d"].split("h")[1]) == pytest.approx(500.0 * scale, rel=0.01)
    assert [text.text for text in root.iter(f"{SVG}text")] == ["<1>", "500 µm"]


def test_the_cross_section_is_told_in_numbers():
    nerve = draw_nerve("human", side="left", unmyelinated="two_thirds", rng=np.random.default_rng(1))
    root = ElementTree.fromstring(cross_section(nerve, key="n", width_px=400.0))
    told = root.findtext(f"{SVG}desc") or ""
    assert told.startswith("Nerve of 2.41 mm with 7 fascicles of")
    assert "unmyelinated" in told


def test_fibers_have_a_color_each_kind_and_a_legend():
    nerve = _nerve()
    places = draw_places(nerve.fascicles[0], 5, rng=np.random.default_rng(1))
    svg = cross_section(nerve, key="n", width_px=400.0, fibers={"Aβ & more": places, "C": places[:2]})
    assert svg.count('class="dot c1" cx') == 5 + 1
    assert svg.count('class="dot c2" cx') == 2 + 1
    assert "Aβ &amp; more (5)" in svg
    with pytest.raises(InputError, match="too many kinds"):
        cross_section(nerve, key="n", width_px=400.0, fibers={f"{k}": places for k in range(6)})
