"""The auricle: a plan with the nerves of its skin and contacts to scale; a section through layers under contacts."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from vagus.dose import Montage, site_of
from vagus.field import Layer, SkinField, Territory, territories
from vagus.field.surface.ear import NERVES
from vagus.field.surface.layer import AIR
from vagus.report.numbers import LINE_PX, number, spread
from vagus.report.parts.labels import label, legend_rows, legend_svg
from vagus.report.parts.path import path
from vagus.report.svg import wrap

FloatArray = NDArray[np.float64]
Placed = Callable[[FloatArray], tuple[FloatArray, FloatArray]]

COLORS = {"abvn": "c1", "gan": "c2", "atn": "c3"}
# outline of a left ear from its side, freehand, mm
AURICLE_MM = (
    (1.6, 6.0), (-0.4, 12.0), (0.0, 20.0), (3.6, 28.0), (11.0, 33.0), (19.0, 33.2), (27.4, 28.6), (32.0, 20.0),
    (32.8, 10.0), (31.0, 0.0), (27.6, -9.0), (23.4, -16.4), (19.0, -24.0), (13.0, -30.6), (6.4, -32.4), (1.4, -29.0),
    (-0.2, -21.0), (-1.0, -12.0), (-3.2, -7.4), (-4.2, -1.0), (-2.8, 4.4),
)  # fmt: skip
EDGE_MM, TOP_MM, TALL = 2.0, 1.2, 1.25
HEAD_PX, ROW_PX, NAME_PX, SECTION_MM, AROUND_MM = 8.0, 18.0, 126.0, 2.0, 3.0


def auricle(montages: Sequence[Montage], *, key: str, width_px: float) -> str:
    """Plan of a left ear as SVG: places in the color of the nerve that supplies most of each, contacts to scale on top.

    Dots in a place name its nerves, the largest share first. A dashed ring is the jaw of a clip on the back. Outlines
    are freehand, of the usual size.

    Parameters
    ----------
    montages : sequence of Montage
        At places of the ear, of either side.
    key : str
        Unique on the page; ids start with it.
    width_px : float

    Raises
    ------
    InputError
        A montage of an unknown site.

    Examples
    --------
    >>> from vagus.dose import device_of, montage
    >>> svg = auricle([montage(device_of("tvnsr"), "cymba_left")], key="e", width_px=330.0)
    >>> svg.count("first titanium ball"), svg.count("<circle class=")
    (1, 16)
    """
    outline = _smooth(np.array(AURICLE_MM))
    low, high = outline.min(axis=0) - EDGE_MM, outline.max(axis=0) + EDGE_MM
    scale = min(width_px / (high[0] - low[0]), TALL * width_px / (high[1] - low[1]))
    shift = (width_px - scale * (high[0] - low[0])) / 2.0

    def placed(places: FloatArray) -> tuple[FloatArray, FloatArray]:
        return shift + scale * (places[:, 0] - low[0]), scale * (high[1] - places[:, 1])

    parts = [f'<path class="line ink" d="{path(*placed(outline))}Z"/>']
    for one in territories().values():
        ring = _smooth(np.array(one.outline_mm))
        css = COLORS[one.nerves[0]]
        parts.append(
            f'<g><title>{escape(_told(one))}</title><path class="fill {css}" d="{path(*placed(ring))}Z"/>'
            f'<path class="line thin {css}" d="{path(*placed(ring))}Z"/></g>'
        )
    parts.extend(_contacts(one, scale, placed) for one in montages)
    parts.extend(_named(one, placed) for one in territories().values())
    bottom = scale * (high[1] - low[1])
    legend = legend_rows([("dot", name, COLORS[nerve]) for nerve, name in NERVES.items()], width_px)
    parts.append(legend_svg(legend, bottom))
    told = "; ".join(_told(one) for one in territories().values())
    return wrap(
        "".join(parts), key=key, title="Left ear with the nerves of its skin", text=f"{told}.",
        size_px=(width_px, bottom + ROW_PX * len(legend) + 4.0),
    )  # fmt: skip


def skin_section(
    layers: Sequence[Layer], field: SkinField, *, key: str, width_px: float, paths_um: Sequence[FloatArray] = ()
) -> str:
    """Section through layers under contacts as SVG, to scale both ways; fibers as lines, their endings as dots.

    Parameters
    ----------
    layers : sequence of Layer
    field : SkinField
        Its contacts are drawn on the surface they lie on.
    key : str
    width_px : float
    paths_um : sequence of (n, 3) array
        Fibers, seen from the side: the first point of each is its ending.

    Examples
    --------
    >>> from vagus.dose import device_of, montage
    >>> from vagus.field import draw_ear
    >>> ear = draw_ear("tragus", rng=np.random.default_rng(1))
    >>> field = ear.field(montage(device_of("parasym_tvns"), "tragus_left"))
    >>> svg = skin_section(ear.layers, field, key="s", width_px=350.0)
    >>> svg.count('class="whisker ink"'), svg.count("cartilage")
    (2, 2)
    """
    reach = max(abs(one.x_um) + one.radius_um for one in field.contacts) / 1e3 + AROUND_MM
    scale = (width_px - NAME_PX) / (2.0 * reach)
    shown = [(one, min(one.thickness_um / 1e3, SECTION_MM)) for one in layers if one.name != AIR]
    tops = np.concatenate([[0.0], np.cumsum([thick for _, thick in shown])])
    bottom = HEAD_PX + scale * tops[-1]

    def placed(x_um: FloatArray, z_um: FloatArray) -> tuple[FloatArray, FloatArray]:
        across = NAME_PX + scale * (np.asarray(x_um) / 1e3 + reach)
        return np.clip(across, NAME_PX, width_px), HEAD_PX + scale * np.asarray(z_um) / 1e3

    parts: list[str] = []
    middles = [HEAD_PX + scale * (top + thick / 2.0) for top, (_, thick) in zip(tops[:-1], shown, strict=True)]
    beside = spread(middles, gap=LINE_PX, low=HEAD_PX + 4.0, high=max(bottom - 4.0, HEAD_PX + LINE_PX * len(shown)))
    for k, (one, thick) in enumerate(shown):
        y = HEAD_PX + scale * tops[k]
        parts.append(
            f'<rect class="zone s{1 + 2 * (k % 2)} c5" x="{NAME_PX:g}" y="{y:.1f}" width="{width_px - NAME_PX:g}" '
            f'height="{scale * thick:.1f}"/><path class="line thin muted" d="M{NAME_PX:g} {y:.1f}H{width_px:g}"/>'
        )
        text = f"{one.name} {number(one.sigma_s_per_m, digits=2)} S/m"
        parts.append(label(NAME_PX - 6, beside[k] + 4, text, "ink", anchor="end"))
    for line in paths_um:
        x, y = placed(line[:, 0], line[:, 2])
        dot = f'<circle class="dot c1" cx="{x[0]:.1f}" cy="{y[0]:.1f}" r="2.2"/>'
        parts.append(f'<path class="line thin c1" d="{path(x, y)}"/>{dot}')
    for pad in field.contacts:
        y = HEAD_PX - 2.0 if pad.face == "front" else bottom + 2.0
        (left, right), _ = placed(np.array([pad.x_um - pad.radius_um, pad.x_um + pad.radius_um]), np.zeros(2))
        parts.append(f'<path class="whisker ink" d="M{left:.1f} {y:.1f}H{right:.1f}"/>')
    foot = max(bottom, beside[-1]) + 16.0
    parts.append(f'<path class="line ink" d="M{NAME_PX:g} {foot:.1f}h{scale:.1f}"/>')
    parts.append(label(NAME_PX + scale + 6, foot + 4, "1 mm", "muted"))
    told = ", ".join(
        one.name if math.isinf(one.thickness_um) else f"{one.name} {number(one.thickness_um / 1e3, digits=2)} mm"
        for one, _ in shown
    )
    return wrap(
        "".join(parts), key=key, title="Layers under contacts on skin", text=f"From the surface: {told}.",
        size_px=(width_px, foot + 10.0),
    )  # fmt: skip


def _smooth(corners: FloatArray, per_corner: int = 8) -> FloatArray:
    """A closed curve through corners."""
    closed = np.vstack([corners, corners[:1]])
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(closed, axis=0).T))])
    curve = CubicSpline(along, closed, bc_type="periodic")
    return curve(np.linspace(0.0, along[-1], per_corner * len(corners), endpoint=False))


def _told(one: Territory) -> str:
    return f"{one.name}: {', '.join(NERVES[nerve] for nerve in one.nerves)}"


def _middle_axis(one: Territory) -> tuple[FloatArray, FloatArray]:
    """Middle of a place, and the direction in which it is longest."""
    ring = _smooth(np.array(one.outline_mm))
    middle = ring.mean(axis=0)
    axis = np.linalg.svd(ring - middle, full_matrices=False)[2][0]
    return middle, axis * (1.0 if axis[0] >= 0.0 else -1.0)


def _contacts(montage: Montage, scale: float, placed: Placed) -> str:
    one = territories()[site_of(montage.site).place]
    middle, axis = _middle_axis(one)
    parts: list[str] = []
    for k, contact in enumerate(montage.contacts):
        spot = middle if one.is_plate else middle + axis * contact.x_mm + axis[::-1] * [-1.0, 1.0] * contact.y_mm
        (x,), (y,) = placed(spot[None])
        dashed = " dash" if one.is_plate and k > 0 else ""
        radius = scale * (math.sqrt(contact.area_mm2 / math.pi) + (0.4 if dashed else 0.0))
        parts.append(
            f'<g><title>{escape(contact.name)}</title><circle class="line ink{dashed}" cx="{x:.1f}" cy="{y:.1f}" '
            f'r="{radius:.1f}"/></g>'
        )
    return "".join(parts)


def _named(one: Territory, placed: Placed) -> str:
    """Name of a place with a dot for each of its nerves; at the top of the long thin ones."""
    ring = _smooth(np.array(one.outline_mm))
    middle = ring.mean(axis=0) if one.tissues else ring[np.argmax(ring[:, 1])] - np.array([0.0, TOP_MM])
    (x,), (y,) = placed(middle[None])
    dots = "".join(
        f'<circle class="dot {COLORS[nerve]}" cx="{x + 9.0 * (k - (len(one.nerves) - 1) / 2.0):.1f}" '
        f'cy="{y + 9.0:.1f}" r="3.2"/>'
        for k, nerve in enumerate(one.nerves)
    )
    return label(x, y, one.key, "ink", anchor="middle") + dots
