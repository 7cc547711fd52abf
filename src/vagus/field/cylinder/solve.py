"""Nested cylinders by Fourier (along z and around) and modified Bessel functions (outward).

Of each wave, a shell is told by the admittance p = J / V at its faces: outward current density over potential. It is
carried from the axis outward and from the wall (or from infinity) inward; where the contact lies, the two differ by the
current that it brings. No matrix is solved, and only ratios of Bessel functions below 1 are formed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from vagus.field.cylinder.bessel import Bessel, bessel
from vagus.field.cylinder.nested import Cylinder

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """A part of a shell, from `low` to `high` (m), and the sheet at its outside."""

    low: float
    high: float
    along: float
    across: float
    sheet: float


@dataclass(frozen=True, slots=True)
class _Face:
    """What a part's Bessel functions give at its two faces for each wave."""

    inner: Bessel
    outer: Bessel
    # I(inner) / I(outer) and K(outer) / K(inner), both below 1
    i: FloatArray
    k: FloatArray
    # conductivity times wave number (S/m2)
    scale: FloatArray


def gain(cylinder: Cylinder, at: float, place: float, wave: FloatArray, m_most: int) -> FloatArray:
    """Potential at radius `place` (m) of each order and wave, per current density (A/m²) at radius `at`: Ω m².

    On a sheet the potential is the one inside of it; a contact there lies outside of it.
    """
    parts = _parts(cylinder, {at, place})
    inner = [part for part in parts if part.high <= at]
    outer = [part for part in parts if part.low >= at]
    p_in, reach_in = _from_axis(inner, place, wave, m_most)
    p_out, reach_out = _from_outside(outer, place, wave, m_most, walled=cylinder.walled)
    return (reach_in if place < at else reach_out) / (p_out - p_in)


def _parts(cylinder: Cylinder, cuts: set[float]) -> list[_Part]:
    edges = [1e-6 * radius for radius in cylinder.radius_um]
    found: list[_Part] = []
    for k, (low, high) in enumerate(zip([0.0, *edges[:-1]], edges, strict=True)):
        steps = [low, *sorted(cut for cut in cuts if low < cut < high), high]
        for a, b in pairwise(steps):
            last = b == high and k < len(cylinder.sheet_ohm_m2)
            found.append(
                _Part(
                    low=a, high=b, along=cylinder.along_s_per_m[k], across=cylinder.across_s_per_m[k],
                    sheet=cylinder.sheet_ohm_m2[k] if last else 0.0,
                )
            )  # fmt: skip
    return found


def _number(part: _Part, wave: FloatArray) -> FloatArray:
    return wave * math.sqrt(part.along / part.across)


def _face(part: _Part, wave: FloatArray, m_most: int) -> _Face:
    number = _number(part, wave)
    inner, outer = bessel(m_most, number * part.low), bessel(m_most, number * part.high)
    return _Face(
        inner, outer, np.exp(inner.log_i - outer.log_i), np.exp(outer.log_k - inner.log_k), part.across * number
    )


def _from_axis(parts: list[_Part], place: float, wave: FloatArray, m_most: int) -> tuple[FloatArray, FloatArray]:
    """Admittance at the contact of all that lies inside it, and V(place) / V(contact)."""
    first = parts[0]
    number = _number(first, wave)
    p = -first.across * number * bessel(m_most, number * first.high).slope_i
    reach = np.ones_like(p)
    left = 1.0 - first.sheet * p
    p = p / left
    if first.high == place:
        reach = reach / left
    for part in parts[1:]:
        face = _face(part, wave, m_most)
        both = face.inner.slope_i + face.inner.slope_k
        rising = (face.inner.slope_k - p / face.scale) / both
        falling = (face.inner.slope_i + p / face.scale) / both * face.k * face.i
        potential = rising + falling
        p = -face.scale * (rising * face.outer.slope_i - falling * face.outer.slope_k) / potential
        left = 1.0 - part.sheet * p
        p = p / left
        if part.low >= place:
            reach = reach * face.i / potential / left
        elif part.high == place:
            reach = reach / left
    return p, reach


def _from_outside(
    parts: list[_Part], place: float, wave: FloatArray, m_most: int, *, walled: bool
) -> tuple[FloatArray, FloatArray]:
    """Admittance at the contact of all that lies outside it, and V(place) / V(contact)."""
    p = np.zeros((m_most + 1, wave.size))
    reach = np.ones_like(p)
    for part in reversed(parts):
        if math.isinf(part.high):
            number = _number(part, wave)
            p = part.across * number * bessel(m_most, number * part.low).slope_k
            continue
        passed = 1.0 / (1.0 + part.sheet * p)
        p = p * passed
        face = _face(part, wave, m_most)
        both = face.outer.slope_i + face.outer.slope_k
        rising = (face.outer.slope_k - p / face.scale) / both * face.i * face.k
        falling = (face.outer.slope_i + p / face.scale) / both
        potential = rising + falling
        p = -face.scale * (rising * face.inner.slope_i - falling * face.inner.slope_k) / potential
        if part.high <= place:
            reach = reach * face.k / potential * (passed if part.high < place else 1.0)
    return p, reach
