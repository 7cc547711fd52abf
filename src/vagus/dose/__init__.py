"""What leaves the device, and is it safe: pulses, protocols, montages, devices, limits, reporting."""

from vagus.dose.conditions import CONDITIONS, SYNONYMS, condition_of
from vagus.dose.contacts import SITES, Contact, Montage, Site, site_of
from vagus.dose.device import Device, device_of, devices, montage
from vagus.dose.exposure import Exposure, expose
from vagus.dose.judging import judge
from vagus.dose.limits import Judgement, Kind, Limit, Scale, Severity, State, Tally
from vagus.dose.protocol import DailyDose, Protocol
from vagus.dose.pulse import Gate, Phase, Pulse, Shape, Train
from vagus.dose.reporting import Item, checklist, dose_facts, fact_names, methods

__all__ = [
    "CONDITIONS",
    "SITES",
    "SYNONYMS",
    "Contact",
    "DailyDose",
    "Device",
    "Exposure",
    "Gate",
    "Item",
    "Judgement",
    "Kind",
    "Limit",
    "Montage",
    "Phase",
    "Protocol",
    "Pulse",
    "Scale",
    "Severity",
    "Shape",
    "Site",
    "State",
    "Tally",
    "Train",
    "checklist",
    "condition_of",
    "device_of",
    "devices",
    "dose_facts",
    "expose",
    "fact_names",
    "judge",
    "methods",
    "montage",
    "site_of",
]
