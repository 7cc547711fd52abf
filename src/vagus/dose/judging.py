"""`judge`: every limit of a dose, with its margin. The limits themselves stand in the tables `limits` and `safety`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from vagus.dose.conditions import condition_limits
from vagus.dose.contacts import Montage, Place, Route, Site, site_of
from vagus.dose.device import Device, montage
from vagus.dose.exposure import Exposure, expose
from vagus.dose.hardware import hardware_limits
from vagus.dose.limits import Judgement, Limit, Severity, State
from vagus.dose.protocol import Protocol
from vagus.dose.safety import safety_rows, safety_source
from vagus.errors import InputError, Problem, nearest
from vagus.source import Source, read_source
from vagus.tables import rows

_ARMS = ("active", "sham", "unknown")


@dataclass(frozen=True, slots=True, kw_only=True)
class _LimitRow:
    key: str
    quantity: str
    unit: str
    routes: tuple[Route, ...]
    severity: Severity
    text: str
    measure: str | None = None
    safety: str | None = None
    limit: float | None = None
    reached: bool = False
    per_area: bool = False
    rate_above_hz: float | None = None
    rate_up_to_hz: float | None = None
    load_ohm: float | None = None
    devices: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()
    device_routes: tuple[Route, ...] = ()
    source: str = ""
    verified: bool | None = None

    def where_from(self) -> Source:
        if self.safety is None:
            return read_source(self.source, verified=bool(self.verified))
        return safety_source(self.safety, verified=self.verified)

    def bound(self) -> float:
        """The row's own number, else that of the safety table."""
        if self.limit is not None:
            return self.limit
        return float(safety_rows()[self.safety or ""].limit_or_rate or "nan")


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
    conditions : sequence of str or None
        Keys of `CONDITIONS` that hold for the person; empty: asked, none; None: not asked.
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
    >>> judgement.state, [round(limit.margin_pct or 0) for limit in judgement.limits if "density" in limit.key]
    ('ok', [70])
    """
    place = site_of(site)
    if arm not in _ARMS:
        raise InputError(Problem(what="unknown arm", found=f'"{arm}"', allowed=nearest(str(arm), _ARMS)))
    limits = list(_placement(device, place, arm=arm))
    if (place.route == "iVNS") == (device.route == "iVNS"):
        contacts = montage(device, site, area_mm2=area_mm2)
        assumed = area_mm2 is None and not contacts.source.verified
        limits.extend(_numeric(protocol, device, contacts, place, assumed=assumed))
    limits.extend(hardware_limits(protocol, device))
    limits.extend(condition_limits(conditions, route=place.route))
    return Judgement(limits=tuple(limits))


def _numeric(protocol: Protocol, device: Device, contacts: Montage, site: Site, *, assumed: bool) -> Iterator[Limit]:
    load_ohm = next(row.load_ohm for row in _rows() if row.load_ohm is not None)
    exposure = expose(protocol, contacts, load_ohm=load_ohm)
    rate_hz = protocol.train.rate_hz
    for row in _rows():
        if row.measure is None or site.route not in row.routes or (row.devices and device.key not in row.devices):
            continue
        if row.measure == "dc_ma" and protocol.train.pulse.shape != "monophasic":
            continue
        above_hz = row.rate_above_hz if row.rate_above_hz is not None else 0.0
        if rate_hz <= above_hz or (row.rate_up_to_hz is not None and rate_hz > row.rate_up_to_hz):
            continue
        yield _against(row, exposure, assumed=assumed and row.per_area)


def _against(row: _LimitRow, exposure: Exposure, *, assumed: bool) -> Limit:
    value, bound = float(getattr(exposure, row.measure or "")), row.bound()
    # charge that balances in exact numbers leaves a rest in the 16th digit
    slack = 1e-9 * exposure.charge_uc if row.measure == "net_charge_uc" else 1e-12 * abs(bound)
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
    text = f"{device.name} is made for the {site.name}"
    if not made_for:
        text = f"{device.name} is not made for the {site.name}, but for: {', '.join(device.sites)}"
    state: State = "ok" if made_for else "warned"
    yield _rule("placement_made_for", "site of the device", text, severity="soft", state=state, source=source)
    for row in _rows():
        if row.measure is not None or site.route not in row.routes or site.place not in row.places:
            continue
        if row.device_routes and device.route not in row.device_routes:
            continue
        state, text = _earlobe(row, arm) if row.key == "earlobe_active" else _banned(row, device, made_for)
        yield _rule(row.key, row.quantity, text, severity=row.severity, state=state, source=row.where_from())


def _banned(row: _LimitRow, device: Device, made_for: bool) -> tuple[State, str]:
    """A general ban refuses a site, except for a device that is made for it."""
    if made_for:
        return "ok", f"{row.text}, but {device.name} is made for this site and was cleared for it separately"
    return "refused", f"{row.text}, and {device.name} is not made for this site"


def _earlobe(row: _LimitRow, arm: str) -> tuple[State, str]:
    if arm == "active":
        return "warned", row.text
    if arm == "sham":
        return "ok", f"{row.text}, and the arm is sham"
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
