"""Where the current enters and leaves: sites, contacts, montages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from vagus.dose.ranges import demand, outside
from vagus.dose.tables import nouns
from vagus.errors import InputError, Problem, nearest
from vagus.source import Source

Route = Literal["iVNS", "taVNS", "tcVNS"]
Side = Literal["left", "right"]
Place = Literal["cervical", "cymba", "cavum", "tragus", "earlobe", "neck"]
ContactShape = Literal["disc", "ball", "band"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A place of stimulation: implanted (iVNS), through the skin of the ear (taVNS) or of the neck (tcVNS).

    Parameters
    ----------
    key, name : str
    route, side, place : str
    innervation : str
        What is known of the nerves there, as an ordering.
    source : Source
    """

    key: str
    name: str
    route: Route
    side: Side
    place: Place
    innervation: str
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One electrode contact.

    Parameters
    ----------
    name : str
    area_mm2 : float
        Area that touches tissue (mm²).
    shape : {"disc", "ball", "band"}
    x_mm, y_mm, z_mm : float
        Middle of the contact (mm). On skin: x and y along the skin, z = 0 at the skin and growing inwards, origin
        midway between the contacts. Around a nerve: z along the nerve and growing toward the head, x = y = 0 on its
        axis (the center of a band's ring lies on the axis).

    Raises
    ------
    InputError
        Area not positive, unknown shape, or a place that is not finite.
    """

    name: str
    area_mm2: float
    shape: ContactShape
    x_mm: float
    y_mm: float
    z_mm: float

    def __post_init__(self) -> None:
        demand(
            (
                outside("area_mm2", self.area_mm2, above=0, why="current needs a contact"),
                *(outside(name, getattr(self, name)) for name in ("x_mm", "y_mm", "z_mm")),
            )
        )
        if self.shape not in get_args(ContactShape):
            known = get_args(ContactShape)
            raise InputError(
                Problem(what="unknown contact shape", found=f'"{self.shape}"', allowed=nearest(self.shape, known))
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Montage:
    """Contacts at a site and how they share the current.

    Parameters
    ----------
    key : str
        Key of the contacts' geometry in the table `contacts`.
    site : str
        Key of `SITES`.
    contacts : tuple of Contact
    weights : tuple of float
        Share of the pulse's current at each contact; they sum to 0. The contact of weight +1 carries the sign of the
        pulse, so a negative pulse is cathodic there.
    source : Source
    note : str
    area_assumed : bool
        The contacts' area was recalled or assumed, neither read in a source nor measured.

    Raises
    ------
    InputError
        Unknown site, fewer than two contacts, or weights that do not fit.
    """

    key: str
    site: str
    contacts: tuple[Contact, ...]
    weights: tuple[float, ...]
    source: Source
    note: str = ""
    area_assumed: bool = False

    def __post_init__(self) -> None:
        site_of(self.site)
        demand(outside("weight", w) for w in self.weights)
        if len(self.contacts) < 2 or len(self.weights) != len(self.contacts):
            raise InputError(
                Problem(
                    what="contacts and weights do not fit",
                    found=f"{len(self.contacts)} contacts, {len(self.weights)} weights",
                    allowed="two contacts or more, one weight each",
                    why="current that enters must leave",
                )
            )
        if abs(sum(self.weights)) > 1e-9:
            raise InputError(
                Problem(
                    what="weights do not sum to 0", found=f"{sum(self.weights):g}", why="current that enters must leave"
                )
            )

    @property
    def smallest_mm2(self) -> float:
        """Area of the smallest contact (mm²). Density is highest where |weight| / area is: `expose` finds that one."""
        return min(c.area_mm2 for c in self.contacts)


SITES: Mapping[str, Site] = nouns("sites", Site)
"""Site key -> `Site`."""


def site_of(key: str) -> Site:
    """Site of that key.

    Raises
    ------
    InputError
        There is no such site; the nearest is named.

    Examples
    --------
    >>> site_of("cymba_left").route
    'taVNS'
    """
    if key not in SITES:
        raise InputError(Problem(what="unknown site", found=f'"{key}"', allowed=nearest(str(key), SITES)))
    return SITES[key]
