"""What every page is put together from: style sheets, and a figure in the two widths that are read."""

from __future__ import annotations

import importlib.resources
from collections.abc import Callable

from markupsafe import Markup

WIDE_PX, NARROW_PX, PANEL_PX = 720.0, 350.0, 344.0
"""Widths a full-width figure is drawn at, for a page and for a phone; width of a panel, two beside each other."""


def asset(name: str) -> str:
    """Text of a template or style sheet."""
    return importlib.resources.files("vagus.report").joinpath("templates", name).read_text(encoding="utf-8")


def styles() -> Markup:
    """Style sheet of a page: colors, charts, text."""
    return Markup("".join(asset(f"{name}.css") for name in ("theme", "chart", "report")))


def both(draw: Callable[[str, float], str], key: str) -> Markup:
    """A figure drawn twice, for a page and for a phone; the style sheet shows the one that fits."""
    wide, narrow = draw(f"{key}-w", WIDE_PX), draw(f"{key}-n", NARROW_PX)
    return Markup(f'<div class="wide">{wide}</div><div class="narrow">{narrow}</div>')
