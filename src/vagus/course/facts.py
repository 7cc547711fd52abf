"""Facts for the consensus reporting checklist, as far as a course tells them."""

from __future__ import annotations

from collections.abc import Mapping

from vagus.course.course import Course
from vagus.course.dates import day
from vagus.course.results import Delivered
from vagus.dose import Device, montage, site_of


def reporting_facts(course: Course, device: Device, given: Delivered | None) -> Mapping[str, str]:
    """Fact key of the reporting checklist -> text; what the course wrote under ``[report]`` wins.

    Parameters
    ----------
    course : Course
    device : vagus.dose.Device
    given : Delivered or None
    """
    facts = {
        **_device_facts(course, device),
        **_stimulation_facts(course, device),
        **_schedule_facts(course, given),
        **_person_facts(course),
    }
    return {**{key: text for key, text in facts.items() if text}, **course.facts}


def _device_facts(course: Course, device: Device) -> dict[str, str]:
    return {
        "device.manufacturer": device.maker,
        "device.model": device.name,
        "device.firmware": course.device_use.firmware or "",
        "design.sham_type": course.device_use.sham_type or "",
    }


def _stimulation_facts(course: Course, device: Device) -> dict[str, str]:
    protocol, train, pulse = course.protocol, course.protocol.train, course.protocol.train.pulse
    contacts = montage(device, course.device_use.site)
    site = site_of(course.device_use.site)
    areas = " and ".join(f"{contact.area_mm2:g} mm²" for contact in contacts.contacts)
    burst = "no bursts"
    if train.pulses_per_burst is not None:
        burst = f"{train.pulses_per_burst} pulses a burst, {train.burst_rate_hz:g} bursts per second"
    elif train.gate != "none":
        burst = f"gated by {train.gate}, {train.gated_burst_s:g} s"
    return {
        "stim.site": site.name,
        "stim.side": site.side,
        "stim.electrode_material": device.electrode_material or "",
        "stim.electrode_area_mm2": areas + ("" if contacts.source.verified else " (assumed)"),
        "stim.current_mA": f"{abs(pulse.amplitude_ma):g} mA",
        "stim.pulse_width_us": f"{pulse.width_us:g} µs",
        "stim.frequency_hz": f"{train.rate_hz:g} Hz",
        "stim.on_s": f"{protocol.on_s:g} s",
        "stim.off_s": f"{protocol.off_s:g} s",
        "stim.control_mode": f"{device.control} controlled",
        "stim.waveform": pulse.shape.replace("_", ", "),
        "stim.polarity": "cathodic first" if pulse.cathodic_first else "anodic first",
        "stim.pulse_shape": "rectangular",
        "stim.burst": burst,
    }


def _schedule_facts(course: Course, given: Delivered | None) -> dict[str, str]:
    protocol = course.protocol
    daily = protocol.sitting_min * protocol.sittings_per_day
    facts = {
        "dose.session_min_planned": f"{protocol.sitting_min:g} min",
        "dose.daily_min_planned": f"{daily:g} min",
        "dose.total_days": f"{(protocol.end - protocol.start).days + 1} days",
    }
    if given is not None:
        days = max((min(given.last, protocol.end) - protocol.start).days + 1, 1)
        facts["dose.session_min_actual"] = f"{given.delivered_min / given.n_sittings:.0f} min on average"
        facts["dose.daily_min_actual"] = f"{given.delivered_min / days:.0f} min on average up to {day(given.last)}"
        facts["adherence.method"] = f"sittings as written down: {given.adherence_pct:.0f} % of the prescribed minutes"
    starts = [plan.start for plan in course.plans if plan.start is not None]
    if starts:
        facts["session.start_time"] = ", ".join(f"{start:%H:%M}" for start in starts)
    return facts


def _person_facts(course: Course) -> dict[str, str]:
    person = course.person
    medication = ", ".join(person.medication) if person.medication else ""
    return {
        "subject.sex": person.sex or "",
        "subject.age_range": person.age_band or "",
        "subject.confounders": f"medication: {medication}" if medication else "",
    }
