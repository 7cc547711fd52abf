"""What a montage does to tissue: its potential along a path, per mA of the pulse."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vagus.dose import Contact, Montage
from vagus.errors import InputError, Problem
from vagus.field.closed import layered_mv_per_ma, point_mv_per_ma
from vagus.field.medium.tissue import Skin, Trunk

FloatArray = NDArray[np.float64]

BAND_POINTS = 36


def lead_field(
    montage: Montage, tissue: Trunk | Skin, *, x_um: ArrayLike, y_um: ArrayLike, z_um: ArrayLike
) -> FloatArray:
    """Potential of a montage along a path, in mV per mA of the pulse's amplitude.

    Contacts superpose, each with its weight. In a `Trunk`, z runs along the nerve and contacts are bands around it; on
    `Skin`, z is the depth and contacts are discs of their area (a ball counts as a disc).

    Raises
    ------
    InputError
        A montage that does not fit the tissue, or a path that leaves it.

    Examples
    --------
    >>> from vagus.dose import device_of, montage
    >>> cuff = montage(device_of("livanova_sentiva"), "cervical_left")
    >>> nerve = Trunk(band_radius_um=1250.0, sigma_along_s_per_m=0.571, sigma_across_s_per_m=0.167)
    >>> lead_field(cuff, nerve, x_um=0.0, y_um=0.0, z_um=np.array([-4000.0, 0.0, 4000.0])).round(1)
    array([-223.4,    0. ,  223.4])
    """
    x, y, z = np.broadcast_arrays(*(np.asarray(a, dtype=np.float64) for a in (x_um, y_um, z_um)))
    bands = {contact.shape == "band" for contact in montage.contacts}
    if bands != {isinstance(tissue, Trunk)}:
        raise InputError(
            Problem(
                what="montage and tissue do not fit",
                found=f"montage {montage.key} in {type(tissue).__name__}",
                allowed="bands in a Trunk, discs and balls on Skin",
            )
        )
    if isinstance(tissue, Skin) and np.any(z < 0):
        raise InputError(Problem(what="the path leaves the skin", found="depth below 0", allowed="z_um of 0 or more"))
    total = np.zeros(x.shape)
    for contact, weight in zip(montage.contacts, montage.weights, strict=True):
        dx, dy = x - 1e3 * contact.x_mm, y - 1e3 * contact.y_mm
        if isinstance(tissue, Trunk):
            total += weight * _band(dx, dy, z - 1e3 * contact.z_mm, tissue)
        else:
            total += weight * _disc(np.hypot(dx, dy), z - 1e3 * contact.z_mm, contact, tissue)
    return total


def _band(x: FloatArray, y: FloatArray, z: FloatArray, nerve: Trunk) -> FloatArray:
    if np.any(np.hypot(x, y) >= nerve.band_radius_um):
        raise InputError(
            Problem(what="the path touches the band", allowed=f"within {nerve.band_radius_um:g} µm of the axis")
        )
    open_rad = math.radians(nerve.gap_deg)
    angles = open_rad / 2.0 + (2.0 * math.pi - open_rad) * (np.arange(BAND_POINTS) + 0.5) / BAND_POINTS
    sigma = (nerve.sigma_across_s_per_m, nerve.sigma_across_s_per_m, nerve.sigma_along_s_per_m)
    points = point_mv_per_ma(
        x[..., None] - nerve.band_radius_um * np.cos(angles),
        y[..., None] - nerve.band_radius_um * np.sin(angles),
        z[..., None],
        sigma_s_per_m=sigma,
    )
    return nerve.insulation_gain * points.mean(axis=-1)


def _disc(rho: FloatArray, depth: FloatArray, contact: Contact, skin: Skin) -> FloatArray:
    return layered_mv_per_ma(
        rho,
        depth,
        radius_um=1e3 * math.sqrt(contact.area_mm2 / math.pi),
        thickness_um=skin.thickness_um,
        sigma_s_per_m=skin.sigma_s_per_m,
        sigma_below_s_per_m=skin.sigma_below_s_per_m,
    )
