"""One call for the potential of a contact in any medium whose closed form is known."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vagus.errors import InputError, Problem
from vagus.field.closed import MV_PER_MA_UM_S_PER_M, disc_mv_per_ma, point_mv_per_ma
from vagus.field.cylinder.nested import Cylinder
from vagus.field.cylinder.potential import cylinder_mv_per_ma
from vagus.field.electrode.contact import Ball, Disc, Needle, Patch, Point
from vagus.field.medium.layered import layers_mv_per_ma
from vagus.field.medium.space import HalfSpace, Layers, Space, Spheres, axes_s_per_m

FloatArray = NDArray[np.float64]
Medium = Space | HalfSpace | Layers | Spheres | Cylinder
Contact = Point | Ball | Needle | Disc | Patch


def potential_mv_per_ma(
    medium: Medium, contact: Contact, *, x_um: ArrayLike, y_um: ArrayLike, z_um: ArrayLike
) -> FloatArray:
    """Potential of a contact that carries 1 mA, in mV, in a medium whose closed form is known.

    ========== =====================================================================================
    medium      contacts
    ========== =====================================================================================
    `Space`     `Point` (also anisotropic), `Ball`, `Needle`
    `HalfSpace` `Point` by its image; `Disc` on an insulated isotropic surface
    `Layers`    `Point` and `Disc` on the surface; the disc at one potential whatever lies below it
    `Spheres`   `Ball` in the middle
    `Cylinder`  `Point` anywhere, `Patch` at one potential: a series of waves, not within 2 % of its radius
    ========== =====================================================================================

    Parameters
    ----------
    x_um, y_um, z_um : array
        Places; broadcast together.

    Raises
    ------
    InputError
        A pair without closed form, a place outside the medium, inside the contact or on a point, or a contact that
        leaves the medium.

    Sources
    -------
    Points and images: Nicholson C, Freeman JA. J Neurophysiol 1975;38:356-368. Disc: Rubinstein JT et al. IEEE Trans
    Biomed Eng 1987;34:864-875. Needle: potential of a prolate spheroid, Smythe WR. Static and Dynamic Electricity.
    Layers: Koefoed O. Geosounding Principles 1979. All recalled; checked here by flux, limits and each other.

    Examples
    --------
    >>> skin = Layers(thickness_um=(1500.0, 4000.0), sigma_s_per_m=(0.17, 0.025, 0.34))
    >>> pad = Disc(x_um=0.0, y_um=0.0, radius_um=5000.0)
    >>> potential_mv_per_ma(skin, pad, x_um=0.0, y_um=0.0, z_um=[0.0, 1500.0, 12000.0]).round(1)
    array([512.5, 483.8,  38.3])
    """
    x, y, z = np.broadcast_arrays(*(np.asarray(a, dtype=np.float64) for a in (x_um, y_um, z_um)))
    if not all(np.all(np.isfinite(a)) for a in (x, y, z)):
        raise InputError(Problem(what="a place is not finite", allowed="finite numbers"))
    match medium, contact:
        case Space(), Point() | Ball() | Needle():
            return _in_space(medium, contact, x, y, z)
        case HalfSpace(), Point():
            return _by_image(medium, contact, x, y, z)
        case HalfSpace(), Disc() if medium.sigma_beyond_s_per_m == 0.0 and _isotropic(medium.sigma_s_per_m):
            _below_surface(z)
            return disc_mv_per_ma(
                np.hypot(x - contact.x_um, y - contact.y_um), z, radius_um=contact.radius_um,
                sigma_s_per_m=axes_s_per_m(medium.sigma_s_per_m)[0],
            )  # fmt: skip
        case Layers(), Disc() | Point():
            return _on_layers(medium, contact, x, y, z)
        case Spheres(), Ball() if (contact.x_um, contact.y_um, contact.z_um) == (0.0, 0.0, 0.0):
            return _in_shells(medium, contact, np.sqrt(x**2 + y**2 + z**2))
        case Cylinder(), Point() | Patch():
            return cylinder_mv_per_ma(medium, contact, x, y, z)
        case _:
            raise InputError(
                Problem(
                    what="no closed form for this contact in this medium",
                    found=f"{type(contact).__name__} in {type(medium).__name__}",
                    allowed="the pairs that potential_mv_per_ma lists",
                )
            )


def _isotropic(sigma: float | tuple[float, float, float]) -> bool:
    return len(set(axes_s_per_m(sigma))) == 1


def _in_space(medium: Space, contact: Point | Ball | Needle, x: FloatArray, y: FloatArray, z: FloatArray) -> FloatArray:
    x, y, z = x - contact.x_um, y - contact.y_um, z - contact.z_um
    if isinstance(contact, Point):
        return point_mv_per_ma(x, y, z, sigma_s_per_m=medium.sigma_s_per_m)
    if not _isotropic(medium.sigma_s_per_m):
        raise InputError(Problem(what="no closed form for a ball or needle in anisotropic tissue", allowed="a Point"))
    sigma = axes_s_per_m(medium.sigma_s_per_m)[0]
    if isinstance(contact, Ball):
        distance = np.sqrt(x**2 + y**2 + z**2)
        _off_contact(distance, contact.radius_um)
        return MV_PER_MA_UM_S_PER_M / (4.0 * math.pi * sigma * np.maximum(distance, contact.radius_um))
    focus, rho = contact.focus_um, np.hypot(x, y)
    around = (np.hypot(rho, z - focus) + np.hypot(rho, z + focus)) / 2.0
    _off_contact(around, contact.length_um / 2.0)
    around = np.maximum(around, contact.length_um / 2.0)
    # log((u + f) / (u - f)) = 2 artanh(f / u): constant on every spheroid around the foci
    return MV_PER_MA_UM_S_PER_M / (4.0 * math.pi * sigma * focus) * np.arctanh(focus / around)


def _by_image(medium: HalfSpace, contact: Point, x: FloatArray, y: FloatArray, z: FloatArray) -> FloatArray:
    if contact.z_um < 0.0:
        raise InputError(
            Problem(what="contact leaves the tissue", found=f"depth {contact.z_um:g} µm", allowed="0 or more")
        )
    if contact.z_um == 0.0 and math.isinf(medium.sigma_beyond_s_per_m):
        raise InputError(
            Problem(what="contact lies on the conductor", found="depth 0 µm", allowed="a depth above 0 µm")
        )
    _below_surface(z)
    x, y = x - contact.x_um, y - contact.y_um
    near = point_mv_per_ma(x, y, z - contact.z_um, sigma_s_per_m=medium.sigma_s_per_m)
    return near + medium.mirror * point_mv_per_ma(x, y, z + contact.z_um, sigma_s_per_m=medium.sigma_s_per_m)


def _on_layers(medium: Layers, contact: Disc | Point, x: FloatArray, y: FloatArray, z: FloatArray) -> FloatArray:
    _below_surface(z)
    rho = np.hypot(x - contact.x_um, y - contact.y_um)
    if isinstance(contact, Disc):
        return layers_mv_per_ma(medium, rho, z, contact.radius_um)
    if contact.z_um != 0.0:
        raise InputError(
            Problem(what="contact lies inside layers", found=f"depth {contact.z_um:g} µm", allowed="0, on the surface")
        )
    _off_source(np.hypot(rho, z))
    return layers_mv_per_ma(medium, rho, z, 0.0)


def _in_shells(medium: Spheres, contact: Ball, r: FloatArray) -> FloatArray:
    """Resistance of all that lies outside each place."""
    outer = np.array(medium.radius_um)
    if contact.radius_um >= outer[0]:
        raise InputError(
            Problem(what="ball does not fit into the first shell", found=f"radius {contact.radius_um:g} µm",
                    allowed=f"below {outer[0]:g} µm")
        )  # fmt: skip
    _off_contact(r, contact.radius_um)
    if np.any(r > outer[-1] * (1 + 1e-12)):
        raise InputError(Problem(what="a place lies outside the spheres", allowed=f"within {outer[-1]:g} µm"))
    r = np.maximum(r, contact.radius_um)
    total, inner = np.zeros(r.shape), contact.radius_um
    sheets = medium.sheet_ohm_m2 or (0.0,) * len(outer)
    for edge, sigma, sheet in zip(outer, medium.sigma_s_per_m, sheets, strict=True):
        total += np.where(r < edge, (1.0 / np.clip(r, inner, edge) - 1.0 / edge) / sigma, 0.0)
        if math.isfinite(edge):
            total += np.where(r <= edge, 1e6 * sheet / edge**2, 0.0)
        inner = edge
    return MV_PER_MA_UM_S_PER_M / (4.0 * math.pi) * total


def _below_surface(z: FloatArray) -> None:
    if np.any(z < 0.0):
        raise InputError(
            Problem(what="a place leaves the tissue", found=f"depth {float(z.min()):g} µm", allowed="z_um of 0 or more")
        )


def _off_source(distance: FloatArray) -> None:
    if np.any(distance == 0.0):
        raise InputError(Problem(what="a place lies on the point source", allowed="a distance above 0 µm"))


def _off_contact(distance: FloatArray, least: float) -> None:
    if np.any(distance < least * (1.0 - 1e-9)):
        raise InputError(
            Problem(what="a place lies inside the contact", allowed="a place on its surface or outside it")
        )
