"""The auricle: its places with the nerves that supply them, and a person's layers drawn over what is known of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from types import MappingProxyType
from typing import Literal

import numpy as np

from vagus.dose import Montage, site_of
from vagus.errors import InputError, Problem, nearest
from vagus.field.surface import layer
from vagus.field.surface.layer import Layer
from vagus.field.surface.pad import Pad, SkinField
from vagus.source import Known, Source, read_source
from vagus.tables import rows

EarPlace = Literal["cymba", "cavum", "tragus", "earlobe"]
LARGEST_MM2 = 400.0  # a concha is some 20 mm wide; more is a slip of units
EarNerve = Literal["abvn", "gan", "atn"]
NERVES: Mapping[str, str] = MappingProxyType({
    "abvn": "auricular branch of the vagus nerve",
    "gan": "great auricular nerve",
    "atn": "auriculotemporal nerve",
})  # fmt: skip

# tissue of a place -> its rows in the table ear
_ROWS = {
    "skin": ("skin_thickness", "skin_conductivity"),
    "subcutis": ("subcutis_thickness", "subcutis_conductivity"),
    "lobe": ("lobe_thickness", "lobe_conductivity"),
    "cartilage": ("cartilage_thickness", "cartilage_conductivity"),
    "behind": (None, "behind_conductivity"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Territory:
    """A place of the auricle and the nerves that supply its skin.

    Parameters
    ----------
    key, name : str
    nerves : tuple of {"abvn", "gan", "atn"}
        Auricular branch of the vagus, great auricular, auriculotemporal nerve: in the order of their share. Shares are
        not told: the published ones were not read.
    outline_mm : tuple of (x, y)
        Freehand, for pictures: left ear from its side, x toward the back of the head, y upward.
    tissues : tuple of str
        From the surface inward, "air" behind a plate; empty where no contact is known.
    source : Source
    """

    key: str
    name: str
    nerves: tuple[EarNerve, ...]
    outline_mm: tuple[tuple[float, float], ...]
    tissues: tuple[str, ...]
    source: Source

    @property
    def is_plate(self) -> bool:
        """Thin, with air behind: a clip holds it from both sides."""
        return bool(self.tissues) and self.tissues[-1] == layer.AIR


@dataclass(frozen=True, slots=True, kw_only=True)
class _PlaceRow:
    key: str
    name: str
    nerves: tuple[EarNerve, ...]
    layers: tuple[str, ...]
    outline_mm: tuple[tuple[float, float], ...]
    source: str
    verified: bool


@cache
def territories() -> Mapping[str, Territory]:
    """Places of the auricle by key, with the nerves of each.

    Examples
    --------
    >>> [(key, one.nerves) for key, one in territories().items()][:3]
    [('cymba', ('abvn',)), ('cavum', ('abvn', 'gan')), ('tragus', ('abvn', 'gan', 'atn'))]
    """
    return MappingProxyType(
        {
            row.key: Territory(
                key=row.key, name=row.name, nerves=row.nerves, outline_mm=row.outline_mm, tissues=row.layers,
                source=read_source(row.source, verified=row.verified),
            )
            for row in rows("ear_places", _PlaceRow)
        }
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Ear:
    """One person's auricle at one place: layers under the skin, and its thick touch fibers.

    Parameters
    ----------
    place : {"cymba", "cavum", "tragus", "earlobe"}
    layers : tuple of Layer
        Living skin first.
    dry_ohm_m2 : float
        Sheet resistance of the dry outer layer under a contact, over a pulse.
    a_beta_um : float
        Mean outer diameter of the Aβ fibers where they end in the skin.
    internode_um : float
        From node to node there.
    bundles : Known
        Nerves in a cross-section of 5.5 mm of skin: the only count of the auricle that was read.
    sources : tuple of Source

    Raises
    ------
    InputError
        No such place.
    """

    place: EarPlace
    layers: tuple[Layer, ...]
    dry_ohm_m2: float
    a_beta_um: float
    internode_um: float
    bundles: Known
    sources: tuple[Source, ...] = ()

    def __post_init__(self) -> None:
        _demand_place(self.place)
        layer.medium_of(self.layers)

    @property
    def skin_um(self) -> float:
        """Thickness of the skin."""
        return self.layers[0].thickness_um

    def field(self, montage: Montage) -> SkinField:
        """Basis fields of a montage's contacts on this ear.

        Contacts become discs of their area. Where the place is a plate (tragus, earlobe) the two contacts are the jaws
        of a clip: the first on the front, the second opposite to it on the back.

        Raises
        ------
        InputError
            A montage of another place, more than two contacts on a plate, or contacts that overlap or are larger than
            an ear has room for.

        Examples
        --------
        >>> from vagus.dose import device_of, montage
        >>> ear = draw_ear("tragus", rng=np.random.default_rng(1))
        >>> [pad.face for pad in ear.field(montage(device_of("parasym_tvns"), "tragus_left")).contacts]
        ['front', 'back']
        """
        if site_of(montage.site).place != self.place:
            raise InputError(
                Problem(what="montage and ear do not fit", found=f"{montage.site} on {self.place}", allowed=self.place)
            )
        radii = [1e3 * math.sqrt(one.area_mm2 / math.pi) for one in montage.contacts]
        _demand_room(montage, radii, is_plate=territories()[self.place].is_plate)
        if territories()[self.place].is_plate:
            if len(radii) != 2:
                raise InputError(
                    Problem(what="a clip has two jaws", found=f"{len(radii)} contacts at the {self.place}", allowed="2")
                )
            front, back = radii
            pads = (
                Pad(x_um=0.0, y_um=0.0, radius_um=front),
                Pad(x_um=0.0, y_um=0.0, radius_um=back, face="back"),
            )
        else:
            pads = tuple(
                Pad(x_um=1e3 * one.x_mm, y_um=1e3 * one.y_mm, radius_um=radius)
                for one, radius in zip(montage.contacts, radii, strict=True)
            )
        return SkinField(layers=self.layers, contacts=pads, dry_ohm_m2=self.dry_ohm_m2)


def draw_ear(place: EarPlace, *, rng: np.random.Generator) -> Ear:
    """A person's auricle at a place: thicknesses, conductivities and fibers drawn from their ranges, each on its own.

    Table `ear` holds the ranges with their sources and says which were declared. Skin and subcutis on both faces of a
    plate are one draw.

    Raises
    ------
    InputError
        No such place.

    Examples
    --------
    >>> ear = draw_ear("cymba", rng=np.random.default_rng(1))
    >>> [(one.name, round(one.thickness_um, -1)) for one in ear.layers[:3]]
    [('skin', 780.0), ('subcutis', 360.0), ('cartilage', 560.0)]
    """
    _demand_place(place)
    tissues = territories()[place].tissues
    drawn: dict[str, Layer] = {}
    for name in dict.fromkeys(tissues):
        if name == layer.AIR:
            continue
        thickness, sigma = _ROWS[name]
        drawn[name] = Layer(
            name=name, thickness_um=math.inf if thickness is None else layer.draw("ear", thickness, rng),
            sigma_s_per_m=layer.draw("ear", sigma, rng),
        )  # fmt: skip
    layers = tuple(drawn[name] for name in tissues if name != layer.AIR)
    return Ear(
        place=place, layers=layer.plate(layers) if territories()[place].is_plate else layers,
        dry_ohm_m2=layer.draw("ear", "dry_layer", rng), a_beta_um=layer.draw("ear", "a_beta_diameter", rng),
        internode_um=layer.draw("ear", "internode", rng),
        bundles=layer.known("ear", "bundles"), sources=layer.sources("ear"),
    )  # fmt: skip


def _demand_room(montage: Montage, radii_um: list[float], *, is_plate: bool) -> None:
    problems = [
        Problem(what="contact is larger than the ear has room for", found=f"{one.area_mm2:g} mm²",
                allowed=f"up to {LARGEST_MM2:g} mm²")
        for one in montage.contacts
        if one.area_mm2 > LARGEST_MM2
    ]  # fmt: skip
    if not is_plate and not problems:
        for (a, r), (b, s) in combinations(zip(montage.contacts, radii_um, strict=True), 2):
            apart_um = 1e3 * math.hypot(a.x_mm - b.x_mm, a.y_mm - b.y_mm)
            if apart_um <= r + s:
                problems.append(
                    Problem(what="contacts overlap", found=f"{apart_um / 1e3:g} mm apart, radii {r / 1e3:.3g} and "
                            f"{s / 1e3:.3g} mm", allowed="contacts apart from each other: smaller ones")
                )  # fmt: skip
    if problems:
        raise InputError(problems)


def _demand_place(place: str) -> None:
    known = [key for key, one in territories().items() if one.tissues]
    if place not in known:
        raise InputError(
            Problem(what="no such place of the ear", found=f'"{place}"', allowed=nearest(str(place), known))
        )
