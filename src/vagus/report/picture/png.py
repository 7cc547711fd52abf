"""A standing SVG picture as PNG, for slides, manuscripts and word processors: an extra (`vagus[png]`)."""

from __future__ import annotations

import importlib
import re
from functools import cache
from typing import Any

from vagus.errors import InputError, Problem

SCALE = 3.0  # px for each px of the SVG: a picture 720 px wide prints at 300 dpi over 18 cm
_DARK = re.compile(r"@media \(prefers-color-scheme: dark\) \{.*?\}(?=</style>)", flags=re.DOTALL)
_LETTER = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><text x="5" y="30">H</text></svg>'
_NO_LETTER = _LETTER.replace(">H<", "><")


def png_of(svg: str, *, scale: float = SCALE) -> bytes:
    """The picture as PNG, always in its light colors.

    Parameters
    ----------
    svg : str
        A file's whole text, its colors resolved, as `stacked` and `write_svg` give it.
    scale : float
        Pixels for each px of the SVG.

    Raises
    ------
    InputError
        resvg is not installed, or the machine has no font, so that letters would be missing.
    """
    drawer = png_drawer()
    return bytes(drawer.svg_to_bytes(svg_string=_DARK.sub("", svg), zoom=scale))


@cache
def png_drawer() -> Any:
    """The library that draws, once it is known that it is there and finds letters to write with.

    Raises
    ------
    InputError
        It is not there, or finds no font.
    """
    try:
        drawer = importlib.import_module("resvg_py")
    except ImportError as error:
        raise InputError(
            Problem(what="PNG needs resvg, which is not installed",
                    allowed='pip install "vagus[png]", or a file that ends in .svg')
        ) from error  # fmt: skip
    if drawer.svg_to_bytes(svg_string=_LETTER) == drawer.svg_to_bytes(svg_string=_NO_LETTER):
        raise InputError(
            Problem(what="no font was found, so that a PNG would have no letters",
                    allowed="install a font (Debian: apt install fonts-dejavu-core), or a file that ends in .svg")
        )  # fmt: skip
    return drawer
