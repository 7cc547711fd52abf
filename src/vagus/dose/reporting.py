"""The consensus reporting checklist, and a methods paragraph that fills much of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from vagus.dose.contacts import site_of
from vagus.dose.device import Device, montage
from vagus.dose.exposure import expose
from vagus.dose.limits import demand_arm, plain
from vagus.dose.protocol import Protocol
from vagus.dose.pulse import Pulse, Train
from vagus.errors import InputError, Problem, nearest
from vagus.source import Source, read_source
from vagus.tables import rows

Origin = Literal["prescribed", "measured"]

_ROUTES = {
    "iVNS": "Implanted cervical vagus nerve stimulation (iVNS)",
    "taVNS": "Transcutaneous auricular vagus nerve stimulation (taVNS)",
    "tcVNS": "Transcutaneous cervical vagus nerve stimulation (tcVNS)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item of the reporting checklist.

    Parameters
    ----------
    item_id, category, item : str
        Key, group and text of the item.
    state : {"filled", "missing", "not applicable"}
        Filled only where each part of the item is known.
    value : str
        What is known and, after "missing:", what is not.
    source : Source
    """

    item_id: str
    category: str
    item: str
    state: Literal["filled", "missing", "not applicable"]
    value: str
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class _ItemRow:
    item_id: str
    category: str
    applies_to: str
    item: str
    data_field_hint: str
    required_for: str
    source: str
    verified: str


def fact_names() -> tuple[str, ...]:
    """Names of all facts that the checklist asks for.

    Examples
    --------
    >>> "stim.pulse_width_us" in fact_names()
    True
    """
    return tuple(dict.fromkeys(name for row in rows("reporting", _ItemRow) for name in row.data_field_hint.split(",")))


def checklist(facts: Mapping[str, str], *, long_term: bool = True, arm: str = "unknown") -> tuple[Item, ...]:
    """Reporting checklist of the 2021 consensus, filled from `facts`.

    Parameters
    ----------
    facts : mapping of str to str
        Fact name (`fact_names`) -> value in words. "not applicable" as a value says so; other names are left out.
    long_term : bool
        A treatment of days or longer; False: one acute session. Items of the other kind are not applicable.
    arm : {"active", "sham", "unknown"}
        In a sham arm the items that ask about the sham apply, whatever the length: without a kind it is missing.

    Raises
    ------
    InputError
        Unknown arm.

    Sources
    -------
    Farmer AD et al. Front Hum Neurosci 2021;14:568051, Table 3, doi:10.3389/fnhum.2020.568051.

    Examples
    --------
    >>> items = checklist({"stim.pulse_width_us": "250 µs", "stim.on_s": "28 s"})
    >>> [(item.item_id, item.state, item.value) for item in items if item.item_id in ("STIM4", "STIM6", "DES4")]
    [('DES4', 'not applicable', ''), ('STIM4', 'filled', '250 µs'), ('STIM6', 'missing', '28 s; missing: stim.off_s')]
    """
    demand_arm(arm)
    return tuple(_item(row, facts, long_term=long_term, arm=arm) for row in rows("reporting", _ItemRow))


def _item(row: _ItemRow, facts: Mapping[str, str], *, long_term: bool, arm: str) -> Item:
    names = row.data_field_hint.split(",")
    of_sham = arm == "sham" and row.required_for == "sham-controlled"
    given = {name: facts.get(name, "").strip() for name in names}
    if of_sham and given.get("design.sham_type") == "none":
        given["design.sham_type"] = ""  # "no sham" is no kind of sham
    known = [text for text in given.values() if text]
    missing = [name for name, text in given.items() if not text]
    value = "; ".join([*known, *([f"missing: {', '.join(missing)}"] if missing else [])])
    state: Literal["filled", "missing", "not applicable"] = "missing" if missing else "filled"
    other_kind = row.applies_to == ("acute" if long_term else "long-term") and not of_sham
    current = row.required_for == "voltage-controlled" and facts.get("stim.control_mode", "").startswith("current")
    no_sham = (
        row.required_for == "sham-controlled" and not of_sham and facts.get("design.sham_type", "").strip() == "none"
    )
    if (known and all(word == "not applicable" for word in known) and not missing) or other_kind or current or no_sham:
        state, value = "not applicable", ""
    return Item(
        item_id=row.item_id,
        category=row.category,
        item=row.item,
        state=state,
        value=value,
        source=read_source(row.source, verified=row.verified == "yes"),
    )


def dose_facts(protocol: Protocol, device: Device, site: str, *, area_mm2: float | None = None) -> dict[str, str]:
    """Facts of the checklist that device, site and protocol give.

    Parameters
    ----------
    protocol, device, site, area_mm2
        As in `judge`.

    Raises
    ------
    InputError
        Unknown site, or a device that does not fit it.
    """
    place, contacts = site_of(site), montage(device, site, area_mm2=area_mm2)
    train, pulse = protocol.train, protocol.train.pulse
    assumed = " (recalled or assumed)" if contacts.area_assumed else ""
    facts = {
        "device.manufacturer": device.maker,
        "device.model": device.name,
        "dose.session_min_planned": f"{protocol.sitting_min:g} min",
        "dose.daily_min_planned": f"{protocol.sitting_min * protocol.sittings_per_day:g} min",
        "dose.total_days": f"{protocol.weeks * protocol.days_per_week:g} d of treatment in {protocol.weeks:g} weeks",
        "stim.site": place.name,
        "stim.side": place.side,
        "stim.electrode_area_mm2": f"{contacts.smallest_mm2:g} mm² each{assumed}",
        "stim.current_mA": f"{abs(pulse.amplitude_ma):g} mA, as prescribed",
        "stim.pulse_width_us": f"{pulse.width_us:g} µs",
        "stim.frequency_hz": _rate_words(train),
        "stim.on_s": f"{protocol.on_s:g} s",
        "stim.off_s": f"{protocol.off_s:g} s",
        "stim.control_mode": f"{device.control} controlled",
        "stim.waveform": pulse.shape.replace("_", " "),
        "stim.polarity": _polarity(pulse, contacts.contacts[0].name),
        "stim.pulse_shape": device.form,
        "stim.burst": _burst_words(train),
    }
    if device.electrode_material:
        facts["stim.electrode_material"] = device.electrode_material
    return facts


def methods(
    protocol: Protocol,
    device: Device,
    site: str,
    *,
    arm: str = "unknown",
    sham_type: str | None = None,
    amplitude_origin: Origin = "prescribed",
    area_mm2: float | None = None,
) -> str:
    """Methods paragraph in plain sentences, each number with its unit.

    Parameters
    ----------
    protocol, device, site, arm, area_mm2
        As in `judge`.
    sham_type : str, optional
        Kind of sham, in words; the paragraph of a sham arm says so where it is not stated.
    amplitude_origin : {"prescribed", "measured"}
        Whether the amplitude is that of the prescription, or was measured at the output.

    Raises
    ------
    InputError
        Unknown site, arm or origin, or a device that does not fit the site.

    Examples
    --------
    >>> from datetime import date
    >>> from vagus.dose import Pulse, Train, devices
    >>> train = Train(pulse=Pulse(amplitude_ma=1.5, width_us=250, shape="biphasic_symmetric"), rate_hz=25)
    >>> ear = Protocol(train=train, on_s=28, off_s=32, sitting_min=60, start=date(2026, 1, 12), weeks=8)
    >>> methods(ear, devices()["tvnsr"], "cymba_left", arm="active").split(". ")[2]
    'The amplitude of the first phase was 1.5 mA, as prescribed; the output was not measured'
    """
    if amplitude_origin not in ("prescribed", "measured"):
        known = ("prescribed", "measured")
        raise InputError(
            Problem(what="unknown origin", found=f'"{amplitude_origin}"', allowed=nearest(amplitude_origin, known))
        )
    demand_arm(arm)
    place = site_of(site)
    armed = "the arm was active" if arm == "active" else "the arm is not stated"
    route = _ROUTES[place.route]
    if arm == "sham":
        armed = f"the arm was sham ({sham_type or 'its kind is not stated'})"
        route = f"Sham of {route[0].lower()}{route[1:]}"
    start = f"{route} with {device.name} ({device.maker}) was prescribed at the {place.name}"
    return " ".join(
        (
            f"{start}, on the {place.side} side; {armed}.",
            _pulse_words(protocol, device, amplitude_origin),
            _charge_words(protocol, device, site, area_mm2=area_mm2),
            _schedule_words(protocol),
        )
    )


def _pulse_words(protocol: Protocol, device: Device, origin: Origin) -> str:
    pulse, train = protocol.train.pulse, protocol.train
    amplitude = f"The amplitude of the first phase was {abs(pulse.amplitude_ma):g} mA, "
    amplitude += "as measured at the output" if origin == "measured" else "as prescribed; the output was not measured"
    gap = f", with {pulse.gap_us:g} µs between the phases" if pulse.gap_us else ""
    second = ""
    if pulse.shape == "biphasic_asymmetric":
        second = f", the second phase {100 * pulse.recovery_ratio:g} % as high and charge balanced"
    return (
        f"Pulses were {pulse.shape.replace('_', ' ')}, {device.form} and {device.control} controlled, "
        f"{pulse.width_us:g} µs in the first phase{second}{gap}, "
        f"{'cathodic' if pulse.cathodic_first else 'anodic'} first, "
        f"at {_rate_words(train)}{_gate_words(train)}. {amplitude}."
    )


def _charge_words(protocol: Protocol, device: Device, site: str, *, area_mm2: float | None) -> str:
    contacts = montage(device, site, area_mm2=area_mm2)
    dose = expose(protocol, contacts)
    sure = ", an area that is recalled or assumed" if contacts.area_assumed else ""
    charge = (
        f"The charge per phase was {dose.charge_uc:.4g} µC and the charge density {dose.charge_density_uc_per_cm2:.4g} "
        f"µC/cm² per phase at contacts of {dose.area_mm2:g} mm² each{sure}"
    )
    if site_of(site).route == "iVNS":
        return f"{charge} (Shannon k {dose.shannon_k:.2f}, without unit)."
    return f"{charge}; the r.m.s. current density during ON time was {dose.density_rms_ma_per_cm2:.3g} mA/cm²."


def _schedule_words(protocol: Protocol) -> str:
    ramp = f"ramps of {protocol.ramp_s:g} s" if protocol.ramp_s else "no ramps"
    times = {1: "once a day", 2: "twice a day"}.get(
        int(protocol.sittings_per_day), f"{protocol.sittings_per_day:g} times a day"
    )
    sitting = f"Sittings of {protocol.sitting_min:g} min were prescribed {times}"
    if protocol.sitting_min * protocol.sittings_per_day == 1440:
        sitting = "Stimulation was prescribed for 1440 min a day"
    dose = "the daily charge depends on the person's breathing or heart rate"
    if protocol.train.gate == "none":
        dose = f"{plain(protocol.dose_per_day_mc, 4)} mC and {protocol.pulses_per_day:,.0f} pulses a day of treatment"
    return (
        f"The duty cycle was {protocol.duty_pct:.4g} % ({protocol.on_s:g} s ON, {protocol.off_s:g} s OFF, {ramp}; "
        f"both ramps count as ON). {sitting} on {protocol.days_per_week:g} days a week, "
        f"from {protocol.start.isoformat()} to {protocol.end.isoformat()} ({protocol.weeks:g} weeks); {dose}."
    )


def _rate_words(train: Train) -> str:
    return f"{train.rate_hz:g} Hz" + (f" in {_burst_words(train)}" if train.pulses_per_burst is not None else "")


def _burst_words(train: Train) -> str:
    words = []
    if train.pulses_per_burst is not None and train.burst_rate_hz is not None:
        words.append(f"bursts of {train.pulses_per_burst} pulses, {train.burst_rate_hz:g} bursts a second")
    if train.gated_burst_s is not None:
        words.append(f"{train.gated_burst_s:g} s per {train.gate}")
    return ", ".join(words) if words else "no bursts"


def _gate_words(train: Train) -> str:
    # with microbursts, `_rate_words` has named the gate already
    if train.gated_burst_s is None or train.pulses_per_burst is not None:
        return ""
    return f", gated: {train.gated_burst_s:g} s per {train.gate}"


def _polarity(pulse: Pulse, contact: str) -> str:
    return f"{'cathodic' if pulse.cathodic_first else 'anodic'} first at the {contact}"
