"""What a dose exceeds although its course.toml has mistakes: judged as far as the keys can be read."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from vagus.course import refusals
from vagus.dose import Protocol, Pulse, Train, device_of, judge, montage
from vagus.errors import Problem, VagusError
from vagus.files.keys import keys_of

_STAND_INS: Mapping[str, Mapping[str, Any]] = {
    "pulse": {"amplitude_ma": 0.01, "width_us": 1.0, "rate_hz": 1.0, "shape": "biphasic_symmetric"},
    "protocol": {
        "on_s": 1.0,
        "off_s": 99.0,
        "sitting_min": 1.0,
        "start": datetime.date(2026, 1, 12),
        "weeks": 1.0,
    },
}
"""What a key that cannot be read is replaced by, so that the others can be judged."""


def hard_limits(values: Mapping[str, Mapping[str, Any]], places: Mapping[str, str]) -> list[Problem]:
    """Hard limits that the readable part of the dose exceeds, told beside the other mistakes so that one run shows all.

    A limit that rests on a key which cannot be read is left out.

    Parameters
    ----------
    values : mapping
        Section -> key -> value, as far as they can be read.
    places : mapping of str to str
        Where each key was written.
    """
    use = values.get("device", {})
    try:
        device = device_of(use["device"])
        montage(device, use["site"])
        told = {
            section: {name: value for name, value in values.get(section, {}).items() if name} for section in _STAND_INS
        }
        invented = {
            f"{section} {name}"
            for section, others in _STAND_INS.items()
            for name in others
            if name not in told[section]
        }
        pulse = {**_STAND_INS["pulse"], **told["pulse"]}
        if pulse.pop("cathodic_first", False):
            pulse["amplitude_ma"] = -abs(pulse["amplitude_ma"])
        own = {key: pulse.pop(key) for key in keys_of(Pulse) if key in pulse}
        timing = {**_STAND_INS["protocol"], **told["protocol"]}
        if (duty := timing.pop("duty_pct", None)) and "protocol off_s" in invented:
            timing["off_s"] = 100 * (timing["on_s"] + 2 * timing.get("ramp_s", 0.0)) / duty - timing["on_s"]
            invented.discard("protocol off_s")
        protocol = Protocol(train=Train(pulse=Pulse(**own), **pulse), **timing)
        conditions = values.get("person", {}).get("conditions")
        judgement = judge(protocol, device, use["site"], arm=use.get("arm", "unknown"), conditions=conditions)
    except (VagusError, KeyError):
        return []
    return [
        Problem(what=refusal.text, where=refusal.where or f"course.toml, [{refusal.section}]")
        for refusal in refusals(judgement, places)
        if not any(f"{refusal.section} {key}" in invented for key in refusal.keys)
    ]
