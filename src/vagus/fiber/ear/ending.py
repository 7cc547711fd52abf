"""Aβ fibers of the ear: from their course in the subcutis they climb into the skin, where they end."""

from __future__ import annotations

import math
from functools import cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from vagus.dose import Montage
from vagus.fiber.axon import Fiber
from vagus.fiber.membrane import Membrane, membrane, read_membrane
from vagus.field.surface import layer
from vagus.field.surface.ear import Ear
from vagus.field.surface.pad import LEAST_DEPTH_UM, SkinField

FloatArray = NDArray[np.float64]

# endings are thinner than 5.7 µm, for which this membrane is meant; mrg was made for 5.7 to 16 µm
MODEL = "pena"
# endings up to that far from a contact's edge count as under it
MARGIN_UM = 1000.0
# beyond the climb; over its last part the field levels off, as that end is a cut
COURSE_UM, LEVEL_UM = 8_000.0, 1_500.0
# internodes come in so many lengths, as fibers of one membrane run together; paranodes take at most a share of one
LENGTHS, PARANODE = 6, 0.15
# short internodes are slow (65 µm: 6.0 m/s at 3.3 µm): how long a run waits for the spike
SPEED_LOW = 1.2


def draw_ending(ear: Ear, field: SkinField, rng: np.random.Generator) -> Fiber:
    """One Aβ fiber that ends under a contact: from its ending down to its course in the subcutis, and along it."""
    areas = np.array([(one.radius_um + MARGIN_UM) ** 2 for one in field.contacts])
    pad = field.contacts[int(rng.choice(len(areas), p=areas / areas.sum()))]
    away, around = (pad.radius_um + MARGIN_UM) * math.sqrt(rng.uniform()), rng.uniform(0.0, 2.0 * math.pi)
    x, y = pad.x_um + away * math.cos(around), pad.y_um + away * math.sin(around)
    ending = LEAST_DEPTH_UM + (ear.skin_um - LEAST_DEPTH_UM) * layer.draw("ear", "ending_depth", rng)
    course = ear.skin_um + ear.layers[1].thickness_um * layer.draw("ear", "course_depth", rng)
    rise, turn = layer.draw("ear", "rise", rng), rng.uniform(0.0, 2.0 * math.pi)
    depth = np.array([ending, course, course])
    if pad.face == "back":
        depth = field.height_um - depth
    run = np.array([0.0, rise, rise + COURSE_UM])
    points = np.column_stack([x + run * math.cos(turn), y + run * math.sin(turn), depth])
    known = layer.known("ear", "internode")
    return Fiber.of(
        ending_model(_step(ear.internode_um, known.low or known.value, known.high or known.value)),
        diameter_um=_diameter(ear, rng), path_um=points, ends="active",
    )  # fmt: skip


def _step(value: float, low: float, high: float) -> float:
    """Nearest of a few lengths, even in their logarithm."""
    share = math.log(value / low) / math.log(high / low)
    return float(low * (high / low) ** (round(share * (LENGTHS - 1)) / (LENGTHS - 1)))


@cache
def ending_model(internode_um: float) -> Membrane:
    """The axon model with one length of internode for all diameters, as myelinated fibers have where they end.

    Raises
    ------
    InputError
        A length that leaves no room between the paranodes.

    Examples
    --------
    >>> round(ending_model(79.1).myelin.size(3.3).internode_um, 1)
    79.1
    """
    own = membrane(MODEL).myelin
    assert own is not None
    flut = f"min({own.flut_um}, {PARANODE * internode_um:.4f})"
    text = (
        f'like = "{MODEL}"\nkey = "{MODEL}_ending"\nname = "{MODEL}, internodes of {internode_um:.1f} um"\n'
        f"speed_low_m_per_s_per_um = {SPEED_LOW}\n"
        f'[myelin]\ninternode_um = "{internode_um:.4f}"\nflut_um = "{flut}"\n'
    )
    return read_membrane(text, name="ending")


def _diameter(ear: Ear, rng: np.random.Generator) -> float:
    data = membrane(MODEL)
    spread = NormalDist(ear.a_beta_um, layer.known("ear", "a_beta_spread").value)
    low, high = spread.cdf(data.diameter_low_um), spread.cdf(data.diameter_high_um)
    drawn = spread.inv_cdf(low + (high - low) * float(rng.uniform()))
    return min(max(drawn, data.diameter_low_um), data.diameter_high_um)


def along(field: SkinField, montage: Montage, fibers: list[Fiber]) -> list[FloatArray]:
    """Potential of the montage along each fiber: all of a person in one call."""
    places = np.concatenate([one.xyz_um for one in fibers])
    basis = field.mv_per_ma(x_um=places[:, 0], y_um=places[:, 1], z_um=places[:, 2])
    total = np.asarray(montage.weights) @ basis
    apart = np.split(total, np.cumsum([one.z_um.size for one in fibers])[:-1])
    return [_levelled(own, one.z_um) for own, one in zip(apart, fibers, strict=True)]


def _levelled(potential: FloatArray, z_um: FloatArray) -> FloatArray:
    """Potential that levels off toward the far end, where the fiber is cut and a slope would drive it."""
    left = (z_um[-1] - 0.5 * (z_um[1:] + z_um[:-1])) / LEVEL_UM
    window = np.where(left < 1.0, 0.5 - 0.5 * np.cos(math.pi * np.clip(left, 0.0, 1.0)), 1.0)
    return np.concatenate([[0.0], np.cumsum(window * np.diff(potential))])
