"""A solved field: potential over a cross-section and along a line, and the electrode in space."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vagus.errors import InputError, Problem
from vagus.field import FemField, Insulation, Patch
from vagus.report.numbers import number
from vagus.report.parts.labels import label
from vagus.report.parts.path import path
from vagus.report.svg import Axis, Chart, wrap

FloatArray = NDArray[np.float64]

SHADES, CELL_PX = 12, 4
COLORS = ("c1", "c2", "c3", "c4", "c5", "c6")
FOOT_PX, MARGIN_PX = 26.0, 8.0
# the eye is turned from x toward z and lifted; z runs to the right, y up
TILT, TURN = math.radians(20.0), math.radians(62.0)
ALONG, AROUND = 8, 48  # steps in which surfaces are drawn, along a band and around


def field_section(
    field: FemField, weights: Sequence[float], *, key: str, width_px: float, z_um: float, half_um: float
) -> str:
    """Potential of a montage over a cross-section, as shades of two colors: positive and negative.

    Parameters
    ----------
    weights : sequence of float
        Current through each contact for 1 mA of the montage.
    key : str
        Unique on the page; ids start with it.
    z_um : float
        Where the nerve is cut.
    half_um : float
        How far from the axis is shown.

    Raises
    ------
    InputError
        Not as many weights as contacts.
    """
    if len(weights) != len(field.contacts):
        raise InputError(
            Problem(what="weights do not fit", found=f"{len(weights)} weights",
                    allowed=f"{len(field.contacts)}, one a contact")
        )  # fmt: skip
    scale, foot, cell = width_px / (2.0 * half_um), width_px + 8.0, CELL_PX
    cells = math.ceil(width_px / cell)
    middle = half_um * ((2.0 * np.arange(cells) + 1.0) * cell / width_px - 1.0)
    x, y = np.meshgrid(middle, -middle)
    values, tissue = np.full(x.shape, math.nan), field.holds(x_um=x, y_um=y, z_um=z_um)
    values[tissue] = np.asarray(weights) @ field.mv_per_ma(x_um=x[tissue], y_um=y[tissue], z_um=z_um)
    most = float(np.nanmax(np.abs(values))) or 1.0
    step = np.nan_to_num(np.round(SHADES * values / most), nan=0.0).astype(int)
    parts: list[str] = []
    for shade in np.unique(step[step != 0]):
        color = "c2" if shade > 0 else "c1"
        runs = "".join(
            f"M{cell * a} {cell * row}h{cell * (b - a)}v{cell}h{-cell * (b - a)}" for row, a, b in _runs(step == shade)
        )
        parts.append(f'<path class="band {color}" style="opacity:{abs(shade) / SHADES:.2f}" d="{runs}"/>')

    def placed(places: FloatArray) -> tuple[FloatArray, FloatArray]:
        return width_px / 2.0 + scale * places[:, 0], width_px / 2.0 - scale * places[:, 1]

    lines = "".join(path(*placed(pair)) for pair in _borders(field) if np.abs(pair).max() < half_um)
    parts.append(f'<path class="line thin ink" d="{lines}"/>')
    for place, text, css, anchor in (
        (4.0, f"-{number(most)} mV/mA", "c1", "start"),
        (width_px / 2.0, f"z = {number(z_um / 1000.0)} mm", "muted", "middle"),
        (width_px - 4.0, f"+{number(most)} mV/mA", "c2", "end"),
    ):  # fmt: skip
        parts.append(label(place, foot + 8.0, text, css, anchor=anchor))
    return wrap(
        "".join(parts), key=key, title=f"Potential across the nerve at z = {number(z_um / 1000.0)} mm",
        text=f"Darkest shade: {number(most)} mV per mA; from {number(float(np.nanmin(values)))} to "
        f"{number(float(np.nanmax(values)))} mV per mA.", size_px=(width_px, foot + FOOT_PX),
    )  # fmt: skip


def field_lines(z_um: ArrayLike, mv_per_ma: FloatArray, names: Sequence[str], *, key: str, width_px: float) -> str:
    """Potential along a line, one curve a name.

    Parameters
    ----------
    z_um : (n,) array
        Places along the line.
    mv_per_ma : (n_name, n) array

    Raises
    ------
    InputError
        More curves than there are colors.

    Examples
    --------
    >>> text = field_lines([0.0, 1000.0], np.array([[1.0, 2.0]]), ["anode"], key="f", width_px=350.0)
    >>> "anode" in text
    True
    """
    if len(names) > len(COLORS):
        raise InputError(
            Problem(what="too many curves for one picture", found=f"{len(names)}", allowed=f"{len(COLORS)}")
        )
    z = np.asarray(z_um, dtype=np.float64) / 1000.0
    low, high = min(float(mv_per_ma.min()), 0.0), max(float(mv_per_ma.max()), 0.0)
    room = 0.05 * ((high - low) or 1.0)
    told = "; ".join(
        f"{name}: {number(float(one.min()))} to {number(float(one.max()))}"
        for name, one in zip(names, mv_per_ma, strict=True)
    )
    chart = Chart(
        key=key, title="Potential along a line", text=f"mV per mA. {told}.", width_px=width_px, height_px=200,
        x=Axis(label="along the nerve", unit="mm", low=float(z.min()), high=float(z.max())),
        y=Axis(label="potential", unit="mV/mA", low=low - room, high=high + room),
    )  # fmt: skip
    for css, name, one in zip(COLORS, names, mv_per_ma, strict=False):
        chart.line(z, one, css)
        chart.legend("line", name, css)
    return chart.svg()


def electrode_view(
    contacts: Sequence[Patch], insulation: Sequence[Insulation], outlines_um: Sequence[FloatArray], *, key: str,
    width_px: float,
) -> str:  # fmt: skip
    """A cuff or helix in space with what runs through it, seen from aside: far faces are drawn first.

    Parameters
    ----------
    outlines_um : sequence of (n, 2) array
        Nerve or fascicles, drawn as tubes.
    key : str
        Unique on the page; ids start with it.

    Examples
    --------
    >>> from vagus.field import helix, insulation_behind
    >>> from vagus.field.nerve import ring
    >>> bands = helix(1200.0)
    >>> text = electrode_view(bands, insulation_behind(bands), [ring.circle(0, 0, 1000)], key="e", width_px=700.0)
    >>> text.startswith("<svg"), "2 contacts" in text
    (True, True)
    """
    spans = [one.span_um for one in insulation] or [
        (one.z_um - one.length_um, one.z_um + one.length_um) for one in contacts
    ]
    low, high = min(a for a, _ in spans) - 2000.0, max(b for _, b in spans) + 2000.0
    faces = [face for one in outlines_um for face in _tube(one, low, high)]
    for one in insulation:
        turns = one.turns if one.rise_um else 1.0
        for radius in (one.radius_um * 1.002, one.radius_um + one.thickness_um):
            faces += _band(one, radius, turns, css="c6", opacity=0.25)
    for one in contacts:
        faces += _band(one, one.radius_um, one.arc_deg / 360.0, css="c2", opacity=0.9)
    corners = np.array([corner for corner, _ in faces])
    flat, depth = _seen(corners)
    edge_low, edge_high = flat.min(axis=(0, 1)), flat.max(axis=(0, 1))
    scale = (width_px - 8.0) / (edge_high[0] - edge_low[0])
    parts: list[str] = []
    for k in np.argsort(depth.mean(axis=1)):
        x, y = 4.0 + scale * (flat[k, :, 0] - edge_low[0]), 4.0 + scale * (edge_high[1] - flat[k, :, 1])
        css, opacity = faces[k][1]
        parts.append(f'<path class="band {css}" style="opacity:{opacity:.2f}" d="{path(x, y)}Z"/>')
    bottom = 8.0 + scale * (edge_high[1] - edge_low[1])
    for k, (css, text) in enumerate((("c2", "contact"), ("c6", "insulator"), ("c3", "nerve"))):
        parts.append(f'<circle class="dot {css}" cx="{8 + 90 * k}" cy="{bottom + 10:.1f}" r="4"/>')
        parts.append(label(16 + 90 * k, bottom + 14, text, "ink"))
    return wrap(
        "".join(parts), key=key, title="The electrode around the nerve",
        text=f"{len(contacts)} contacts of {number(contacts[0].area_mm2)} mm², {len(insulation)} insulators, over "
        f"{number((high - low - 4000.0) / 1000.0)} mm.", size_px=(width_px, bottom + FOOT_PX),
    )  # fmt: skip


Face = tuple[FloatArray, tuple[str, float]]


def _runs(here: NDArray[np.bool_]) -> list[tuple[int, int, int]]:
    """Rows of cells that are set: row, first column, column after the last."""
    edge = np.diff(np.pad(here.astype(int), ((0, 0), (1, 1))), axis=1)
    rows, first = np.nonzero(edge == 1)
    return list(zip(rows.tolist(), first.tolist(), np.nonzero(edge == -1)[1].tolist(), strict=True))


def _borders(field: FemField) -> list[FloatArray]:
    """Edges between regions of the mesh."""
    edge, beside = field.columns.section.edges()
    region = field.columns.section.region
    between = (beside[:, 1] >= 0) & (region[beside[:, 0]] != region[beside[:, 1]])
    return list(field.columns.section.corners_um[edge[between]])


def _seen(corners: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Places on the picture, and how near they are to the eye."""
    x, y, z = np.moveaxis(corners, -1, 0)
    right = z * math.sin(TURN) - x * math.cos(TURN)
    toward = z * math.cos(TURN) + x * math.sin(TURN)
    return np.stack([right, y * math.cos(TILT) - toward * math.sin(TILT)], axis=-1), toward * math.cos(
        TILT
    ) + y * math.sin(TILT)


def _grid(x: FloatArray, y: FloatArray, z: FloatArray, css: str, opacity: float) -> list[Face]:
    """Faces of a grid of places (n, m)."""
    at = np.stack([x, y, z], axis=-1)
    quads = np.stack([at[:-1, :-1], at[1:, :-1], at[1:, 1:], at[:-1, 1:]], axis=2).reshape(-1, 4, 3)
    return [(quad, (css, opacity)) for quad in quads]


def _tube(outline_um: FloatArray, low: float, high: float) -> list[Face]:
    few = outline_um[:: max(len(outline_um) // 20, 1)]
    ring = np.concatenate([few, few[:1]])
    z = np.linspace(low, high, ALONG + 1)
    x, y, along = np.broadcast_arrays(ring[:, :1], ring[:, 1:], z)
    return _grid(x, y, along, "c3", 0.35)


def _band(one: Patch | Insulation, radius_um: float, turns: float, *, css: str, opacity: float) -> list[Face]:
    """Faces of a band on a cylinder."""
    turn = np.linspace(-turns / 2.0, turns / 2.0, max(round(AROUND * turns), 2) + 1)[:, None]
    z = one.z_um + one.rise_um * turn + one.length_um * np.array([-0.5, 0.5])
    angle = np.broadcast_to(2.0 * math.pi * turn + math.radians(one.angle_deg), z.shape)
    return _grid(radius_um * np.cos(angle), radius_um * np.sin(angle), z, css, opacity)
