"""Stimulators, and the montage that each makes at a site."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from vagus.dose.contacts import Contact, ContactShape, Montage, Route, site_of
from vagus.dose.pulse import Shape
from vagus.dose.ranges import demand, outside
from vagus.dose.tables import nouns
from vagus.errors import InputError, Problem, nearest
from vagus.source import Source, read_source
from vagus.tables import rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A stimulator as far as its numbers are public; what is not known is None or empty.

    Parameters
    ----------
    key, name, maker : str
    route : {"iVNS", "taVNS", "tcVNS"}
    sites : tuple of str
        Sites that it is made for; for a laboratory stimulator those that it is used at.
    control : {"current", "voltage"}
    amplitude_low_ma, amplitude_high_ma, amplitude_step_ma : float or None
        Range and step of the output (mA).
    widths_us : tuple of float
        Widths of the first phase that can be chosen (µs); empty where the width is free or unknown.
    width_low_us, width_high_us : float or None
        Range of a free width (µs).
    rate_low_hz, rate_high_hz : float or None
        Range of the rate (Hz), inside a burst where the device makes bursts.
    pulses_per_burst, burst_rate_hz : int, float or None
        Fixed microburst of the device.
    waveforms : tuple of str
        Pulse shapes; empty where unknown.
    form : str
        Form of a phase, in words, where it is not rectangular.
    doses_per_day : int or None
        Doses that the device allows in 24 h.
    is_lab : bool
        A laboratory stimulator: made for no particular site, its contacts are the user's.
    electrode_material : str or None
    unverified : tuple of str
        Fields that were recalled, not read.
    source : Source
    note : str
    """

    key: str
    name: str
    maker: str
    route: Route
    sites: tuple[str, ...]
    control: Literal["current", "voltage"]
    amplitude_low_ma: float | None = None
    amplitude_high_ma: float | None = None
    amplitude_step_ma: float | None = None
    widths_us: tuple[float, ...] = ()
    width_low_us: float | None = None
    width_high_us: float | None = None
    rate_low_hz: float | None = None
    rate_high_hz: float | None = None
    pulses_per_burst: int | None = None
    burst_rate_hz: float | None = None
    waveforms: tuple[Shape, ...] = ()
    form: str = "rectangular"
    doses_per_day: int | None = None
    is_lab: bool = False
    electrode_material: str | None = None
    unverified: tuple[str, ...] = ()
    source: Source
    note: str = ""

    def __post_init__(self) -> None:
        for site in self.sites:
            site_of(site)
        if not self.sites:
            raise InputError(Problem(what=f"device {self.key} has no site", allowed="one site or more"))

    def source_of(self, *fields: str) -> Source:
        """Source of these fields: unverified as soon as one of them was recalled."""
        recalled = not self.source.verified or any(name in self.unverified for name in fields)
        return Source(text=self.source.text, doi=self.source.doi, verified=not recalled)


@dataclass(frozen=True, slots=True, kw_only=True)
class _ContactsRow:
    key: str
    device: str
    place: str
    shape: ContactShape
    area_mm2: float
    spacing_mm: float
    names: tuple[str, str]
    source: str
    verified: bool
    note: str
    unverified: tuple[str, ...] = ()


@cache
def devices() -> Mapping[str, Device]:
    """Device key -> `Device`, in the order of the table.

    Examples
    --------
    >>> devices()["tvnsr"].amplitude_high_ma
    5.0
    """
    return nouns("devices", Device)


def device_of(key: str) -> Device:
    """Device of that key.

    Raises
    ------
    InputError
        There is no such device; the nearest is named.

    Examples
    --------
    >>> device_of("gammacore").route
    'tcVNS'
    """
    table = devices()
    if key not in table:
        raise InputError(Problem(what="unknown device", found=f'"{key}"', allowed=nearest(str(key), table)))
    return table[key]


def montage(device: Device, site: str, *, area_mm2: float | None = None) -> Montage:
    """Two contacts of a device at a site, the current entering at one and leaving at the other.

    Contacts that are not published are assumed and say so in `note`; their source is unverified.

    Parameters
    ----------
    device : Device
    site : str
        Key of `SITES`.
    area_mm2 : float, optional
        Area of each contact (mm²) where it was measured; replaces that of the table.

    Raises
    ------
    InputError
        Unknown site, an implanted device at skin (or the reverse), or an area that is not positive.

    Examples
    --------
    >>> cuff = montage(devices()["livanova_sentiva"], "cervical_left")
    >>> [(c.z_mm, c.area_mm2) for c in cuff.contacts], cuff.weights
    ([(4.0, 6.0), (-4.0, 6.0)], (1.0, -1.0))
    """
    place = site_of(site).place
    if (place == "cervical") != (device.route == "iVNS"):
        kind = "an implant" if device.route == "iVNS" else "made for skin"
        raise InputError(
            Problem(what=f"{device.name} is {kind}", found=f'site "{site}"', allowed=", ".join(device.sites))
        )
    demand((outside("area_mm2", area_mm2, above=0, why="current needs a contact"),) if area_mm2 is not None else ())
    row = _contacts_row(device.key, place)
    area = row.area_mm2 if area_mm2 is None else float(area_mm2)
    half_mm = row.spacing_mm / 2
    contacts = tuple(
        Contact(
            name=name,
            area_mm2=area,
            shape=row.shape,
            x_mm=0.0 if row.shape == "band" else offset_mm,
            y_mm=0.0,
            z_mm=offset_mm if row.shape == "band" else 0.0,
        )
        for name, offset_mm in zip(row.names, (half_mm, -half_mm), strict=True)
    )
    recalled = set(row.unverified) - ({"area_mm2"} if area_mm2 is not None else set())
    return Montage(
        key=row.key,
        site=site,
        contacts=contacts,
        weights=(1.0, -1.0),
        source=read_source(row.source, verified=row.verified and not recalled),
        note=row.note if area_mm2 is None else "Area of the contacts as given.",
        area_assumed=area_mm2 is None and ("area_mm2" in recalled or not row.verified),
    )


def _contacts_row(device_key: str, place: str) -> _ContactsRow:
    """Own contacts of the device at this kind of place, else those that are assumed for the place."""
    table = [row for row in rows("contacts", _ContactsRow) if place in row.place.split()]
    own = [row for row in table if device_key in row.device.split()]
    return own[0] if own else next(row for row in table if row.device == "any")
