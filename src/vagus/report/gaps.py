"""What each section of the report cannot tell, and which file would tell it."""

from __future__ import annotations

from vagus.course import Results
from vagus.report import measured, words


def gaps(results: Results) -> dict[str, str]:
    """Section -> what it cannot tell, in plain words."""
    return {
        "dose": _dose(results),
        "fibers": _fibers(results),
        "response": "How large the effect on the brain is in this person: no file can tell it. The heart's part can "
        "be compared with [[recordings]] of kind “ecg” in course.toml, before, during and after a sitting.",
        "tone": _tone(results),
        "scores": _scores(results),
        "trials": "What happens in one person: trials tell of groups, and unpublished ones are missing here.",
        "forecast": _forecast(results),
        "methods": _methods(results),
    }


def _dose(results: Results) -> str:
    parts: list[str] = []
    if results.delivered is None and not results.course.sittings:
        parts.append("What was delivered: sittings.csv (date, amplitude_ma, minutes) would tell it.")
    elif results.delivered is not None and results.delivered.perception_ma is None:
        parts.append("From which current on it is felt: the column perception_ma in sittings.csv would tell it.")
    unknown = results.judgement.unknown
    if unknown:
        names = words.listed([limit.quantity for limit in unknown])
        parts.append(f"Whether these limits are kept: {names}. Their lines in the table above say what is missing.")
    if not parts:
        parts.append("The current that truly flowed: a log of the device's output and impedance would tell it.")
    return " ".join(parts)


def _fibers(results: Results) -> str:
    if results.course.device_use.flows is False:
        return "Whether the stimulator really gave no current: a log of its output would tell it."
    if results.course.device_use.contradiction:
        return "Which fibers fire: a sham_type and a site in course.toml that agree would tell it."
    if results.recruitment is None:
        return "Which fibers fire: a device and a site in course.toml that vagus models would tell it."
    text = "Which fibers fire in this very person: a recorded nerve response would tell it"
    noted = results.delivered is not None and results.delivered.perception_ma is not None
    return f"{text}." if noted else f"{text}; the column perception_ma in sittings.csv would give a first hint."


def _tone(results: Results) -> str:
    if not results.tones and measured.not_read(results):
        return "Vagal tone: a recording with clear beats would tell it."
    if not results.tones:
        return "Vagal tone: a [[recordings]] entry of kind “ecg” in course.toml would tell it."
    parts: list[str] = []
    if any(t.tone.rsa_ms is None for t in results.tones):
        parts.append("Respiratory sinus arrhythmia: a recording of the breath beside the ECG would tell it.")
    parts.append(
        "Whether a difference between parts comes from stimulation: a sitting with sham, recorded the same way, would "
        "tell it."
    )
    return " ".join(parts)


def _scores(results: Results) -> str:
    parts: list[str] = []
    if not results.scores:
        parts.append("How the person fares: scores.csv (date, instrument, items or total) would tell it.")
    else:
        parts.append(
            "Whether the scores moved because of the treatment: periods without it in scores.csv, or a trial, would "
            "tell it."
        )
    if not results.course.events:
        parts.append("What else happened: events.csv (date, kind, severity, relatedness, text) would tell it.")
    return " ".join(parts)


def _forecast(results: Results) -> str:
    if results.forecast is None:
        return "What to expect: a course that was worked out whole would tell it."
    if results.forecast.abstained:
        return (
            "What this person can expect: more sham-controlled trials that tell the rates of both arms would tell it."
        )
    return "Whether stimulation is what moves this person: a period with sham, in random order, would tell it."


def _methods(results: Results) -> str:
    short = [item for item in results.items if item.state == "missing"]
    if not short:
        return ""
    n = f"{len(short)} of {len(results.items)}"
    return f"{n} items of the checklist: lines under [report] in course.toml would fill them."
