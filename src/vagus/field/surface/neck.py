"""The side of the neck over the carotid: skin, fat and muscle as layers, and how deep the vagus runs."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from vagus.dose import Montage, site_of
from vagus.errors import InputError, Problem
from vagus.field.medium.space import demand_positive
from vagus.field.surface import layer
from vagus.field.surface.layer import Layer
from vagus.field.surface.pad import Pad, SkinField
from vagus.source import Source

_LAYERS = ("skin", "fat", "muscle")


@dataclass(frozen=True, slots=True, kw_only=True)
class Neck:
    """One person's neck: layers down to the carotid sheath, and the depth of the vagus nerve in it.

    Parameters
    ----------
    layers : tuple of Layer
        Living skin first; the last, around the sheath, without end.
    nerve_depth_um : float
        From the surface to the nerve.
    dry_ohm_m2 : float
        Sheet resistance of the dry outer layer under a contact, over a pulse.
    sources : tuple of Source

    Raises
    ------
    InputError
        A depth that is not above 0, or layers that do not fit.
    """

    layers: tuple[Layer, ...]
    nerve_depth_um: float
    dry_ohm_m2: float
    sources: tuple[Source, ...] = ()

    def __post_init__(self) -> None:
        layer.medium_of(self.layers)
        demand_positive(nerve_depth_um=self.nerve_depth_um)

    def field(self, montage: Montage) -> SkinField:
        """Basis fields of a montage's contacts on this neck, each a disc of its area.

        Raises
        ------
        InputError
            A montage of another place.

        Examples
        --------
        >>> from vagus.dose import device_of, montage
        >>> neck = draw_neck(rng=np.random.default_rng(1))
        >>> field = neck.field(montage(device_of("gammacore"), "neck_left"))
        >>> upper, lower = field.mv_per_ma(x_um=[12500.0], y_um=0.0, z_um=neck.nerve_depth_um)
        >>> bool(upper[0] > lower[0] > 0.0)
        True
        """
        if site_of(montage.site).place != "neck":
            raise InputError(
                Problem(what="montage and neck do not fit", found=montage.site, allowed="neck_left or neck_right")
            )
        pads = tuple(
            Pad(x_um=1e3 * one.x_mm, y_um=1e3 * one.y_mm, radius_um=1e3 * math.sqrt(one.area_mm2 / math.pi))
            for one in montage.contacts
        )
        return SkinField(layers=self.layers, contacts=pads, dry_ohm_m2=self.dry_ohm_m2)


def draw_neck(*, rng: np.random.Generator) -> Neck:
    """A person's neck: thicknesses, conductivities and depth of the nerve drawn from their ranges, each on its own.

    Table `neck` holds the ranges with their sources; most were declared.

    Examples
    --------
    >>> neck = draw_neck(rng=np.random.default_rng(1))
    >>> [one.name for one in neck.layers], round(neck.nerve_depth_um, -2)
    (['skin', 'fat', 'muscle', 'sheath'], 12300.0)
    """
    layers = [
        Layer(
            name=name, thickness_um=1e3 * layer.draw("neck", f"{name}_thickness", rng),
            sigma_s_per_m=layer.draw("neck", f"{name}_conductivity", rng),
        )
        for name in _LAYERS
    ]  # fmt: skip
    sheath = Layer(name="sheath", thickness_um=math.inf, sigma_s_per_m=layer.draw("neck", "sheath_conductivity", rng))
    depth_um = math.fsum(one.thickness_um for one in layers) + 1e3 * layer.draw("neck", "sheath_depth", rng)
    return Neck(
        layers=(*layers, sheath), nerve_depth_um=depth_um, dry_ohm_m2=layer.draw("neck", "dry_layer", rng),
        sources=layer.sources("neck"),
    )  # fmt: skip
