"""A picture as PNG: size, letters, light colors; and what is told where it cannot be drawn."""

from __future__ import annotations

import struct
import sys
from types import SimpleNamespace

import pytest

from vagus.errors import InputError
from vagus.files.nerve.png import read_png
from vagus.report.picture.png import png_drawer, png_of

DARK = "@media (prefers-color-scheme: dark) {.paper { fill: #000 }\n.line { stroke: #000 }}"
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="120" height="40" viewBox="0 0 120 40">'
    f"<style>.paper {{ fill: #fffdf9 }}{DARK}</style>"
    '<rect class="paper" width="100%" height="100%"/>{inside}</svg>'
)


@pytest.fixture(autouse=True)
def _anew():
    png_drawer.cache_clear()
    yield
    png_drawer.cache_clear()


def test_three_pixels_for_each_and_always_light(tmp_path) -> None:
    drawn = png_of(SVG.replace("{inside}", '<rect x="20" y="10" width="10" height="20" fill="#000"/>'))
    assert struct.unpack(">II", drawn[16:24]) == (360, 120)
    (tmp_path / "a.png").write_bytes(drawn)
    dark = read_png(tmp_path / "a.png") < 0.5
    assert dark.sum() == 30 * 60


def test_letters_are_there() -> None:
    text = '<text x="5" y="25" font-size="20">RMSSD</text>'
    assert len(png_of(SVG.replace("{inside}", text))) > 2 * len(png_of(SVG.replace("{inside}", "")))


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(
        InputError, match=r'not installed; allowed: pip install "vagus\[png\]", or a file that ends in .svg'
    ):
        png_of(SVG)


def test_without_any_font(monkeypatch: pytest.MonkeyPatch) -> None:
    blank = SimpleNamespace(svg_to_bytes=lambda **_: b"the same")
    monkeypatch.setitem(sys.modules, "resvg_py", blank)
    with pytest.raises(InputError, match="no font was found, so that a PNG would have no letters"):
        png_of(SVG)
