"""`judge`: every limit of a dose, with its margin. The limits themselves stand in the tables `limits` and `safety`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from vagus.dose.conditions import condition_limits
from vagus.dose.contacts import SITES, Montage, Place, Route, Site, site_of
from vagus.dose.device import Device, montage
from vagus.dose.exposure import Exposure, expose
from vagus.dose.hardware import hardware_limits
from vagus.dose.limits import Judgement, Limit, Scale, Severity, State, demand_arm
from vagus.dose.protocol import Protocol
from vagus.dose.pulse import Shape
from vagus.dose.tables import safety_rows
from vagus.source import Source, read_source
from vagus.tables import rows
from vagus.units import parse, suffix_of

# a value that equals its bound in exact numbers may miss it in the 16th digit
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class _LimitRow:
    """A limit as the table `limits` has it; the head of that table says what each column means."""

    key: str
    quantity: str
    unit: str
    routes: tuple[Route, ...]
    severity: Severity
    text: str
    verified: bool
    source: str = ""
    safety: str | None = None
    also: str | None = None
    safety_unit: str | None = None
    limit: float | None = None
    measure: str | None = None
    scale: Scale = "linear"
    reached: bool = False
    per_area: bool = False
    rate_above_hz: float = 0.0
    rate_up_to_hz: float | None = None
    load_ohm: float | None = None
    shapes: tuple[Shape, ...] = ()
    devices: tuple[str, ...] = ()
    not_devices: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()
    device_routes: tuple[Route, ...] = ()

    def where_from(self) -> Source:
        """The row's own source, else those of its rows of the safety table."""
        named = [safety_rows()[row_id].source for row_id in (self.safety, self.also) if row_id is not None]
        return read_source(self.source or "; ".join(named), verified=self.verified)

    def bound(self) -> float:
        """The row's own number, else that of the safety table, in the unit of `measure`."""
        if self.limit is not None:
            return self.limit
        number = safety_rows()[self.safety or ""].limit_or_rate or "nan"
        if self.safety_unit is None:
            return float(number)
        return parse(f"{number} {self.safety_unit}", suffix_of(self.measure or "") or "")


@cache
def _rows() -> tuple[_LimitRow, ...]:
    return rows("limits", _LimitRow)


def judge(
    protocol: Protocol,
    device: Device,
    site: str,
    *,
    arm: str = "unknown",
    conditions: Sequence[str] | None = None,
    area_mm2: float | None = None,
) -> Judgement:
    """Every limit that applies to a dose, with value, margin, state and source.

    No limit raises: the caller decides what a refusal means. A limit that was recalled binds like any other and shows
    as unverified.

    Parameters
    ----------
    protocol : Protocol
    device : Device
    site : str
        Key of `SITES`.
    arm : {"active", "sham", "unknown"}
        In a sham arm the earlobe, the site of published shams, is a sham site; every limit holds as for active.
    conditions : sequence of str or None
        Conditions that hold for the person (`condition_of`): each of them is judged, and warned where the tables have
        no rule for the route. Empty: asked, none; None: not asked.
    area_mm2 : float, optional
        Area of each contact (mm²) where it was measured; else that of the table.

    Raises
    ------
    InputError
        Unknown site, arm or condition, or an area that is not positive.

    Sources
    -------
    Tables `limits`, `conditions`, `safety`, `devices`; each limit names its own.

    Examples
    --------
    >>> from datetime import date
    >>> from vagus.dose import Pulse, Train, devices
    >>> pulse = Pulse(amplitude_ma=1.5, width_us=250, shape="biphasic_symmetric")
    >>> train = Train(pulse=pulse, rate_hz=25)
    >>> ear = Protocol(train=train, on_s=28, off_s=32, sitting_min=60, start=date(2026, 1, 12), weeks=8)
    >>> judgement = judge(ear, devices()["tvnsr"], "cymba_left", arm="active", conditions=())
    >>> judgement.state, [round(limit.margin_pct or 0) for limit in judgement.limits if "density_rms" in limit.key]
    ('ok', [70, 94])
    """
    place = site_of(site)
    demand_arm(arm)
    limits = list(_placement(device, place, arm=arm))
    if (place.route == "iVNS") == (device.route == "iVNS"):
        limits.extend(_numeric(protocol, device, montage(device, site, area_mm2=area_mm2), place))
    limits.extend(hardware_limits(protocol, device))
    limits.extend(condition_limits(conditions, route=place.route))
    return Judgement(limits=tuple(limits))


def _numeric(protocol: Protocol, device: Device, contacts: Montage, site: Site) -> Iterator[Limit]:
    exposure = expose(protocol, contacts)
    for row in _rows():
        if row.measure is not None and _applies(row, protocol, device, site):
            yield _against(row, exposure, assumed=contacts.area_assumed and row.per_area)


def _applies(row: _LimitRow, protocol: Protocol, device: Device, site: Site) -> bool:
    rate_hz = protocol.train.rate_hz
    return (
        site.route in row.routes
        and (not row.devices or device.key in row.devices)
        and device.key not in row.not_devices
        and (not row.shapes or protocol.train.pulse.shape in row.shapes)
        and rate_hz > row.rate_above_hz
        and (row.rate_up_to_hz is None or rate_hz <= row.rate_up_to_hz)
    )


def _against(row: _LimitRow, exposure: Exposure, *, assumed: bool) -> Limit:
    value, bound = float(getattr(exposure, row.measure or "")), row.bound()
    slack = _ROUNDING * abs(bound)
    over = value >= bound - slack if row.reached else value > bound + slack
    text = row.text
    if assumed:
        text += f", at a contact area of {exposure.area_mm2:g} mm² that is recalled or assumed"
    return Limit(
        key=row.key,
        quantity=row.quantity,
        unit=row.unit,
        value=value,
        limit=bound,
        side="max",
        severity=row.severity,
        state=_state(row.severity, over),
        text=text,
        source=row.where_from(),
        scale=row.scale,
        reached=row.reached,
    )


def _state(severity: Severity, over: bool) -> State:
    if not over:
        return "ok"
    return "refused" if severity == "hard" else "warned"


def _placement(device: Device, site: Site, *, arm: str) -> Iterator[Limit]:
    made_for = site.key in device.sites
    source = device.source_of("sites")
    if (site.route == "iVNS") != (device.route == "iVNS"):
        text = (
            f"{device.name} is {'an implant' if device.route == 'iVNS' else 'made for skin'}, not for the {site.name}"
        )
        yield _rule("placement_kind", "device and site", text, severity="hard", state="refused", source=source)
        return
    if device.is_lab:
        text = f"{device.name} is a laboratory stimulator, made for no particular site, and the contacts are the user's"
        if not made_for:
            text += f"; this software knows no use of it at the {site.name}"
    elif made_for:
        text = f"{device.name} is made for the {site.name}"
    else:
        sites = ", ".join(SITES[key].name for key in device.sites)
        text = f"{device.name} is not made for the {site.name}, but for: {sites}"
    state: State = "ok" if made_for else "warned"
    if arm == "sham" and device.route == site.route and (sham := _sham_row(site)) is not None:
        state, text = "ok", f"sham site: published shams were at the {site.place}; {text}"
        source = sham.where_from()
    yield _rule("placement_made_for", "site of the device", text, severity="soft", state=state, source=source)
    for row in _rows():
        if row.measure is not None or site.route not in row.routes or site.place not in row.places:
            continue
        if row.device_routes and device.route not in row.device_routes:
            continue
        state, text = _earlobe(row, arm) if row.key == "earlobe_active" else _banned(row, device, made_for)
        yield _rule(row.key, row.quantity, text, severity=row.severity, state=state, source=row.where_from())


def _sham_row(site: Site) -> _LimitRow | None:
    """Rule of a site that has no vagal innervation, where shams are given."""
    return next((row for row in _rows() if row.key == "earlobe_active" and site.place in row.places), None)


def _banned(row: _LimitRow, device: Device, made_for: bool) -> tuple[State, str]:
    """A general ban refuses a site, except for a device that is made for it."""
    if made_for:
        return "ok", f"{row.text}, but {device.name} is made for this site and was cleared for it separately"
    return "refused", f"{row.text}, and {device.name} is not made for this site"


def _earlobe(row: _LimitRow, arm: str) -> tuple[State, str]:
    if arm == "active":
        return "warned", row.text
    if arm == "sham":
        return "ok", f"sham site: {row.text}, and the arm is sham"
    return "unknown", f"{row.text}, and whether the arm is sham is not stated"


def _rule(key: str, quantity: str, text: str, *, severity: Severity, state: State, source: Source) -> Limit:
    return Limit(
        key=key,
        quantity=quantity,
        unit="",
        value=None,
        limit=None,
        side="rule",
        severity=severity,
        state=state,
        text=text,
        source=source,
    )
