"""One wave along z at a time: multipoles of every fascicle, coupled by the addition theorems of Bessel functions.

In the epineurium the potential is a sum of regular waves ``I_m(k r)`` around the nerve's axis and of outgoing waves
``K_n(k r_j)`` around each fascicle. A fascicle answers a regular wave with an outgoing one (`_answers`); Graf's theorem
tells what one fascicle's outgoing waves are to another, and to the nerve's surface. For each wave number that is a
linear system of fascicles times multipoles, exact but for the number of multipoles.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ive, kve

from vagus.field.bundle.bundle import Bundle

FloatArray = NDArray[np.float64]
ComplexArray = NDArray[np.complex128]

# of the linear systems of one pass, in numbers
ROOM = 4_000_000


class Within(NamedTuple):
    """For each wave, per amplitude of each regular wave at the nerve's surface (last axis, orders -M ... M).

    `inside`: (waves, fascicles, orders -L ... L, .) potential at each fascicle's edge, on its inside; `potential` and
    `current`: (waves, orders -M ... M, .) potential and outward current density on the sleeve.
    """

    inside: ComplexArray
    potential: ComplexArray
    current: ComplexArray


def within(bundle: Bundle, wave: FloatArray, *, m_most: int, l_most: int) -> Within:
    """All that lies within the sleeve."""
    n = len(bundle.radius_um) * (2 * l_most + 1)
    parts = np.array_split(wave, max(1, math.ceil(wave.size * n * n / ROOM)))
    found = [_within(bundle, part, m_most, l_most) for part in parts]
    return Within(*(np.concatenate(each) for each in zip(*found, strict=True)))


def slope_i(order: NDArray[np.int64], x: FloatArray) -> FloatArray:
    """I'/I."""
    n = np.abs(order)
    return (ive(np.abs(n - 1), x) + ive(n + 1, x)) / (2.0 * ive(n, x))


def slope_k(order: NDArray[np.int64], x: FloatArray) -> FloatArray:
    """-K'/K."""
    n = np.abs(order)
    return (kve(np.abs(n - 1), x) + kve(n + 1, x)) / (2.0 * kve(n, x))


def _within(bundle: Bundle, wave: FloatArray, m_most: int, l_most: int) -> Within:
    m, n = np.arange(-m_most, m_most + 1), np.arange(-l_most, l_most + 1)
    place = 1e-6 * (np.array(bundle.x_um) + 1j * np.array(bundle.y_um))
    radius = 1e-6 * np.array(bundle.radius_um)
    count = radius.size * n.size
    # (waves, fascicles, n, m): a wave around the axis, as waves around each fascicle
    order = np.abs(m - n[:, None])
    shift = (m - n[:, None]) * np.angle(place)[:, None, None]
    k, edge = wave[:, None, None, None], 1e-6 * bundle.epineurium_um
    a, c = radius[:, None, None], np.abs(place)[:, None, None]
    moved = ive(order, k * c) * np.exp(1j * shift)
    own_i, own_k = ive(np.abs(n)[:, None], k * a), kve(np.abs(n)[:, None], k * a)
    regular = moved * own_i / ive(np.abs(m), k * edge) * np.exp(k * (c + a - edge))
    outgoing = moved.conj() * kve(np.abs(m), k * edge) / own_k * np.exp(-k * (edge - c - a))
    answer, passed = _answers(bundle, wave, radius, n)
    across = _across(place, radius, wave, n).reshape(wave.size, count, count)
    regular, answer = regular.reshape(wave.size, count, m.size), answer.reshape(wave.size, count, 1)
    sent = np.linalg.solve(np.eye(count) - answer * across, answer * regular)
    inside = (regular + across @ sent + sent) * passed.reshape(wave.size, count, 1)
    surface = outgoing.reshape(wave.size, count, m.size).transpose(0, 2, 1) @ sent
    here, same = wave[:, None] * edge, np.eye(m.size)
    rising = wave[:, None, None] * slope_i(m, here)[:, :, None] * same
    falling = wave[:, None, None] * slope_k(m, here)[:, :, None] * surface
    potential, current = same + surface, -bundle.epineurium_s_per_m * (rising - falling)
    for layer in bundle.layers:
        potential, current = _through(layer, wave, m, potential, current)
    return Within(inside.reshape(wave.size, radius.size, n.size, m.size), potential, current)


def _answers(
    bundle: Bundle, wave: FloatArray, radius: FloatArray, n: NDArray[np.int64]
) -> tuple[FloatArray, FloatArray]:
    """What a fascicle sends out per regular wave at its edge, and the potential inside per potential outside."""
    k, a = wave[:, None, None], radius[:, None]
    stretch = math.sqrt(bundle.along_s_per_m / bundle.across_s_per_m)
    own = bundle.across_s_per_m * k * stretch * slope_i(n, k * stretch * a)
    passed = 1.0 / (1.0 + np.array(bundle.sheet_ohm_m2)[:, None] * own)
    sigma = bundle.epineurium_s_per_m
    answer = (sigma * k * slope_i(n, k * a) - own * passed) / (sigma * k * slope_k(n, k * a) + own * passed)
    return answer, passed


def _across(place: ComplexArray, radius: FloatArray, wave: FloatArray, n: NDArray[np.int64]) -> ComplexArray:
    """Regular waves at each fascicle (axes 1, 2) per outgoing wave of each other one (axes 3, 4)."""
    way = place[:, None] - place
    apart = np.abs(way) + np.eye(place.size)
    k = wave[:, None, None, None, None]
    d, turn = apart[:, None, :, None], np.angle(way)[:, None, :, None]
    a_to, a_from = radius[:, None, None, None], radius[None, None, :, None]
    order = n - n[:, None, None]
    sign = np.where(n % 2, -1.0, 1.0)[:, None, None]
    found = (
        sign * kve(np.abs(order), k * d) * np.exp(1j * order * turn - k * (d - a_to - a_from))
        * ive(np.abs(n)[:, None, None], k * a_to) / kve(np.abs(n), k * a_from)
    )  # fmt: skip
    return found * (1.0 - np.eye(place.size))[:, None, :, None]


def _through(
    layer: tuple[float, float, float], wave: FloatArray, m: NDArray[np.int64], potential: ComplexArray,
    current: ComplexArray,
) -> tuple[ComplexArray, ComplexArray]:  # fmt: skip
    """Potential and current density carried from the inner face of a layer to its outer one."""
    low, high, sigma = 1e-6 * layer[0], 1e-6 * layer[1], layer[2]
    k, n = wave[:, None], np.abs(m)
    rise, fall = k * slope_i(m, k * low), k * slope_k(m, k * low)
    both = (rise + fall)[:, :, None]
    grown = (ive(n, k * high) / ive(n, k * low) * np.exp(k * (high - low)))[:, :, None]
    shrunk = (kve(n, k * high) / kve(n, k * low) * np.exp(k * (low - high)))[:, :, None]
    regular = (fall[:, :, None] * potential - current / sigma) / both * grown
    outgoing = (rise[:, :, None] * potential + current / sigma) / both * shrunk
    steep = (k * slope_i(m, k * high))[:, :, None] * regular - (k * slope_k(m, k * high))[:, :, None] * outgoing
    return regular + outgoing, -sigma * steep
