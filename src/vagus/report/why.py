"""Why the exit code of a report or a check is 1."""

from __future__ import annotations

from collections.abc import Sequence

from vagus.course import DeliveredExcess, Finding, RecordingPlan
from vagus.dose import Judgement
from vagus.report.measured import none_read
from vagus.report.words import listed

_UNFIT = {
    "device_amplitude_low": "a delivered current is below the lowest output of the device",
    "device_step": "a delivered current is no step of the device",
}


def why_findings(
    judged: Judgement,
    excesses: Sequence[DeliveredExcess],
    findings: Sequence[Finding],
    plans: Sequence[RecordingPlan] = (),
) -> str:
    """Why the exit code is 1, in one line; "" where it is 0."""
    said = [f"warned: {listed([limit.quantity for limit in judged.warned])}"] if judged.warned else []
    said += dict.fromkeys(_UNFIT.get(one.limit.key, "the delivered dose went over a limit") for one in excesses)
    n = sum(one.grave for one in findings if one.kind == "adverse event")
    if n:
        said.append(f"{n} severe adverse event{'' if n == 1 else 's'}")
    if any(one.kind == "not read" for one in findings):
        said.append(none_read(findings, plans) or "part of a recording was not read")
    if not said and any(one.grave for one in findings):
        said.append("something has to be looked at first")
    return "; ".join(said)
