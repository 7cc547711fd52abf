"""The ear in plan and in section: to scale, inside its frame, told in words."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from vagus.dose import device_of, montage
from vagus.field import draw_ear, territories
from vagus.report.figures.ear import auricle, skin_section

SVG = "{http://www.w3.org/2000/svg}"
CYMBA = montage(device_of("tvnsr"), "cymba_left")
TRAGUS = montage(device_of("parasym_tvns"), "tragus_left")


def _corners(path):
    return np.array(re.findall(r"(-?[\d.]+) (-?[\d.]+)", path.get("d") or ""), dtype=float)


@pytest.mark.parametrize("width_px", [320.0, 640.0])
def test_the_auricle_is_inside_its_frame_and_its_contacts_are_to_scale(width_px):
    root = ElementTree.fromstring(auricle([CYMBA, TRAGUS], key="e", width_px=width_px))
    wide, high = (float(v) for v in root.attrib["viewBox"].split()[2:])
    outline = _corners(next(root.iter(f"{SVG}path")))
    assert outline.min() > 0.0
    assert outline[:, 0].max() < wide == width_px
    assert outline[:, 1].max() < high
    scale = np.ptp(outline[:, 1]) / 65.6  # the outline's height in mm
    rings = [one for one in root.iter(f"{SVG}circle") if "line" in one.attrib["class"]]
    assert float(rings[0].attrib["r"]) == pytest.approx(scale * np.sqrt(28.0 / np.pi), rel=0.02)
    apart = float(rings[0].attrib["cx"]) - float(rings[1].attrib["cx"])
    assert abs(apart) == pytest.approx(8.0 * scale, rel=0.05)
    # a clip: both jaws at one place, the one on the back dashed
    assert rings[2].attrib["cx"] == rings[3].attrib["cx"]
    assert ["dash" in one.attrib["class"] for one in rings] == [False, False, False, True]


def test_places_do_not_overlap_and_are_told_with_their_nerves():
    root = ElementTree.fromstring(auricle([], key="e", width_px=400.0))
    told = root.findtext(f"{SVG}desc") or ""
    assert "cymba conchae: auricular branch of the vagus nerve;" in told
    assert "earlobe: great auricular nerve" in told
    boxes = [_corners(one) for one in root.iter(f"{SVG}path") if "fill" in one.attrib["class"]]
    assert len(boxes) == len(territories())


def test_a_section_is_to_scale_with_a_pad_on_either_face():
    ear = draw_ear("tragus", rng=np.random.default_rng(1))
    field = ear.field(TRAGUS)
    path = np.array([[0.0, 0.0, 300.0], [500.0, 0.0, 1000.0], [90_000.0, 0.0, 1000.0]])
    root = ElementTree.fromstring(skin_section(ear.layers, field, key="s", width_px=500.0, paths_um=[path]))
    wide = float(root.attrib["viewBox"].split()[2])
    rects = list(root.iter(f"{SVG}rect"))
    bar = next(one for one in root.iter(f"{SVG}path") if "h" in one.attrib["d"] and one.attrib["class"] == "line ink")
    scale = float(bar.attrib["d"].split("h")[1])
    heights = [float(one.attrib["height"]) for one in rects]
    assert heights == pytest.approx([scale * one.thickness_um / 1e3 for one in ear.layers[:-1]], abs=0.1)
    front, back = (one.attrib["d"] for one in root.iter(f"{SVG}path") if one.attrib["class"] == "whisker ink")
    assert float(front.split()[1].split("H")[0]) < float(rects[0].attrib["y"]) < float(back.split()[1].split("H")[0])
    fiber = next(one for one in root.iter(f"{SVG}path") if one.attrib["class"] == "line thin c1")
    assert _corners(fiber)[:, 0].max() <= wide
