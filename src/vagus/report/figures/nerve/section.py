"""The cross-section of a nerve: outline, fascicles with their perineurium, fibers in a color each class."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import numpy as np
from numpy.typing import NDArray

from vagus.errors import InputError, Problem
from vagus.field import Fascicle, Nerve
from vagus.report.numbers import number
from vagus.report.parts.labels import label
from vagus.report.parts.path import path
from vagus.report.svg import wrap

FloatArray = NDArray[np.float64]

COLORS = ("c1", "c2", "c3", "c4", "c5")
HEAD_PX, FOOT_PX, ROW_PX = 8.0, 26.0, 18.0
ROUND_UM = (2000.0, 1000.0, 500.0, 200.0, 100.0, 50.0, 20.0)


def cross_section(nerve: Nerve, *, key: str, width_px: float, fibers: Mapping[str, FloatArray] | None = None) -> str:
    """A nerve's cross-section as SVG, to scale, with a bar of length below.

    Parameters
    ----------
    nerve : Nerve
    key : str
        Unique on the page; ids start with it.
    width_px : float
    fibers : mapping of name to (n, 2) array, optional
        Places of fibers (µm) by what they are: a class, or "fires" and "silent"; up to five colors.

    Raises
    ------
    InputError
        More names than there are colors.

    Examples
    --------
    >>> from vagus.field import draw_nerve
    >>> nerve = draw_nerve("human", side="left", unmyelinated=None, rng=np.random.default_rng(1))
    >>> cross_section(nerve, key="n", width_px=350.0).count('class="line thin ink"')
    7
    """
    fibers = fibers or {}
    if len(fibers) > len(COLORS):
        raise InputError(
            Problem(what="too many kinds of fibers for one picture", found=f"{len(fibers)}", allowed=f"{len(COLORS)}")
        )
    low, high = nerve.outline_um.min(axis=0), nerve.outline_um.max(axis=0)
    scale = min((width_px - 8.0) / (high[0] - low[0]), width_px / (high[1] - low[1]))
    shift = (width_px - scale * (high[0] - low[0])) / 2.0

    def placed(places: FloatArray) -> tuple[FloatArray, FloatArray]:
        return shift + scale * (places[:, 0] - low[0]), HEAD_PX + scale * (high[1] - places[:, 1])

    parts = [f'<path class="band c6" d="{path(*placed(nerve.outline_um))}Z"/>']
    for one in nerve.fascicles:
        ends = path(*placed(one.outline_um))
        # the sheath as a stroke of its true width: half of it lies inside, so the outline is grown by half
        grown = path(*placed(_grown(one, one.perineurium_um / 2.0)))
        parts.append(
            f'<path class="line muted" style="stroke-width:{max(scale * one.perineurium_um, 0.5):.2f}" d="{grown}Z"/>'
            f'<path class="line thin ink" d="{ends}Z"/>'
        )
    for css, (name, places) in zip(COLORS, fibers.items(), strict=False):
        dots = "".join(
            f'<circle class="dot {css}" cx="{x:.1f}" cy="{y:.1f}" r="1.6"/>'
            for x, y in zip(*placed(np.asarray(places, dtype=np.float64)), strict=True)
        )
        parts.append(f"<g><title>{escape(name)}</title>{dots}</g>")
    for one in nerve.fascicles:
        (x,), (y,) = placed(one.center_um[None])
        if scale * one.diameter_um > 24.0 and not fibers:
            parts.append(label(float(x), float(y) + 4, one.label, "ink", anchor="middle"))
    bottom = HEAD_PX + scale * (high[1] - low[1])
    parts.append(_bar(scale, nerve.diameter_um, bottom + 12.0))
    for k, (css, (name, places)) in enumerate(zip(COLORS, fibers.items(), strict=False)):
        y = bottom + FOOT_PX + ROW_PX * (k + 1)
        parts.append(f'<circle class="dot {css}" cx="5" cy="{y - 4:.1f}" r="4"/>')
        parts.append(label(14, y, f"{name} ({len(places)})", "ink"))
    return wrap(
        "".join(parts), key=key, title=f"Cross-section of a {nerve.species} vagus nerve", text=_told(nerve),
        size_px=(width_px, bottom + FOOT_PX + ROW_PX * len(fibers) + 6.0),
    )  # fmt: skip


def _grown(one: Fascicle, by_um: float) -> FloatArray:
    """Outline moved outward from its center, on average by a length."""
    return one.center_um + (one.outline_um - one.center_um) * (1.0 + 2.0 * by_um / one.diameter_um)


def _bar(scale: float, diameter_um: float, y: float) -> str:
    length = next((one for one in ROUND_UM if one <= diameter_um / 3.0), ROUND_UM[-1])
    text = f"{length:g} µm" if length < 1000.0 else f"{length / 1000.0:g} mm"
    return f'<path class="line ink" d="M4 {y:.1f}h{scale * length:.1f}"/>' + label(
        4 + scale * length + 6, y + 4, text, "muted"
    )


def _told(nerve: Nerve) -> str:
    sizes = [one.diameter_um for one in nerve.fascicles]
    text = f"Nerve of {number(nerve.diameter_um / 1000.0, digits=3)} mm with {len(sizes)} fascicles"
    if sizes:
        text += f" of {number(min(sizes), digits=3)} to {number(max(sizes), digits=3)} µm"
    counts = [f"{number(one.count.value, digits=2)} {one.key}" for one in nerve.fibers]
    return text + (f"; fibers: {', '.join(counts)}." if counts else ".")
