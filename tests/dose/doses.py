"""Doses that the tests of this room judge."""

from datetime import date
from typing import Any

from vagus.dose import Protocol, Pulse, Train

_PULSE = ("amplitude_ma", "width_us", "shape", "gap_us", "recovery_ratio")
_TRAIN = ("rate_hz", "pulses_per_burst", "burst_rate_hz", "gate", "gated_burst_s")
EAR: dict[str, Any] = {
    "amplitude_ma": 1.5, "width_us": 250, "shape": "biphasic_symmetric", "rate_hz": 25,
    "on_s": 28, "off_s": 32, "sitting_min": 60,
}  # fmt: skip
IMPLANT: dict[str, Any] = {
    "amplitude_ma": -1.0, "width_us": 250, "shape": "biphasic_symmetric", "rate_hz": 20,
    "on_s": 30, "off_s": 300, "ramp_s": 2, "sitting_min": 1440,
}  # fmt: skip
NECK: dict[str, Any] = {
    "amplitude_ma": 15, "width_us": 100, "shape": "biphasic_symmetric", "rate_hz": 5000, "pulses_per_burst": 5,
    "burst_rate_hz": 25, "on_s": 120, "off_s": 0, "sitting_min": 2, "sittings_per_day": 6,
}  # fmt: skip


def build(**fields: Any) -> Protocol:
    pulse = Pulse(**{k: v for k, v in fields.items() if k in _PULSE})
    train = Train(pulse=pulse, **{k: v for k, v in fields.items() if k in _TRAIN})
    rest = {k: v for k, v in fields.items() if k not in _PULSE + _TRAIN}
    return Protocol(train=train, start=date(2026, 1, 12), weeks=8, **rest)
