"""Several charts as one SVG file that stands alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from vagus.report.parts.labels import wrapped
from vagus.report.picture.styled import style_of
from vagus.report.svg import label

_GAP_PX, _PAD_PX, _HEAD_PX, _LINE_PX = 26.0, 14.0, 30.0, 17.0


def stacked(drawn: Sequence[str], *, name: str, width_px: float, key: str, notices: Sequence[str] = ()) -> str:
    """Pictures one below the other under a name, as one SVG file that needs no style sheet; notices stand on top."""
    warned = [line for notice in notices for line in wrapped(notice, width_px)]
    top = _PAD_PX + _HEAD_PX + _LINE_PX * len(warned)
    placed: list[str] = []
    titles: list[str] = []
    for svg in drawn:
        wide, high = (float(v) for v in re.findall(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)[0])
        place = f'x="{_PAD_PX:g}" y="{top:g}" width="{wide:g}" height="{high:g}" overflow="visible"'
        placed.append(svg.replace('class="chart"', place, 1))
        titles += re.findall(r"<title [^>]*>([^<]*)</title>", svg)[:1]
        top += high + _GAP_PX
    size = (width_px + 2 * _PAD_PX, top - _GAP_PX + _PAD_PX)
    body = "".join(placed)
    head = label(_PAD_PX, _PAD_PX + 14, name, "name") + "".join(
        label(_PAD_PX, _PAD_PX + 14 + _LINE_PX * n, line, "alarm") for n, line in enumerate(warned, 1)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size[0]:.0f}" height="{size[1]:.0f}" '
        f'viewBox="0 0 {size[0]:.0f} {size[1]:.0f}" role="img" aria-labelledby="{key}-t">'
        f'<title id="{key}-t">{escape(name)}: {"; ".join(titles)}</title>'
        f'<style>{style_of(head + body)}</style><rect class="paper" width="100%" height="100%"/>{head}{body}</svg>\n'
    )
