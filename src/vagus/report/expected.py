"""What brain and heart are expected to do, in plain words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from vagus.course import Results
from vagus.report.numbers import number
from vagus.report.words import if_flows, listed, lower_first
from vagus.response import Response, State

AS_IF = "as if the prescribed dose were given every day; missed sittings and changes of settings are not in it"


def body(results: Results) -> str:
    """What brain and heart are expected to do, in plain words."""
    found = results.response
    if results.course.device_use.flows is False:
        return "Nothing is expected: a sham without current."
    if results.course.device_use.contradiction:
        return f"Nothing is told: {results.course.device_use.contradiction}."
    if found is None:
        return "Not worked out: the fibers that fire are not known."
    parts = [*_brain(found.fast), *_heart(found.fast)]
    if not parts:
        return found.caveat
    text = " ".join([*parts, f"{AS_IF[:1].upper()}{AS_IF[1:]}."])
    before = if_flows(results)
    return f"{before}{lower_first(text)}" if before else text


def _brain(states: Sequence[State]) -> list[str]:
    """Which parts are expected to do more; whether none at all is possible too."""
    more: list[str] = []
    open_ends: list[str] = []
    sure = True
    for s in states:
        if s.unit.startswith("relative"):
            k = int(s.median.argmax())
            place = lower_first(s.label.removesuffix(" (drive)"))
            (more if s.median[k] > 0.01 else open_ends).append(place)
            sure = sure and bool(s.low[k] > 0.02 * s.high[k])
    said: list[str] = []
    if more:
        none = "" if sure else "; none at all is possible too"
        said.append(
            f"More activity of {listed(more)} is expected while the stimulator is on, its size in people unknown{none}."
        )
    if open_ends:
        said.append(f"Whether {listed(open_ends, last='or')} changes cannot be told.")
    return said


def _heart(states: Sequence[State]) -> list[str]:
    changes = [s for s in states if "change" in s.key]
    still = [s for s in changes if _direction(s) == 0]
    said: list[str] = []
    if still:
        said.append(f"No change of {listed([_organ(s) + _bounds(s) for s in still], last='or')} is expected.")
    moved_ones = [s for s in changes if _direction(s) != 0]
    said += [
        f"{'A higher' if _direction(s) > 0 else 'A lower'} {_organ(s)}{_bounds(s)} is expected." for s in moved_ones
    ]
    return said


def _organ(s: State) -> str:
    if s.key.startswith("tnf"):
        return "release of TNF after endotoxin"
    return "beat-to-beat variability of the heart (RMSSD)" if "rmssd" in s.key else "heart rate"


def _peak(s: State) -> int:
    """Where the change is largest; where its interval is widest, if it is nowhere large."""
    wide = s.high - s.low
    return int((abs(s.median) if abs(s.median).max() > 0.01 * wide.max() else wide).argmax())


def _direction(s: State) -> int:
    """1 or -1 where the interval leaves zero out, else 0."""
    k = _peak(s)
    return 1 if s.low[k] > 0 else -1 if s.high[k] < 0 else 0


def _bounds(s: State) -> str:
    """Interval in words; none where the unit is one for statisticians."""
    if s.unit != "bpm":
        return ""
    k = _peak(s)
    base = "declared, unverified" if "declared" in s.calibrated_on else "90\xa0%"
    return f" ({base} interval {number(float(s.low[k]), digits=2)} to {number(float(s.high[k]), digits=2)}\xa0{s.unit})"


_LN_RMSSD = "ln RMSSD: natural logarithm of the beat-to-beat variability."
_SD = "SD: its unit is spread between people (Hedges g); 0.2 is a small change and 0.8 a large one."


def calibrated(states: Sequence[State]) -> str:
    """What the constants behind a picture come from; recalled sources are marked."""
    bases = dict.fromkeys(s.calibrated_on for s in states)
    text = f"Calibrated on: {'; '.join(bases)}"
    if any(s.carried_over for s in states):
        text = f"From animals, used for people: order and time course only. {text}"
    if any(s.unit.startswith("SD") for s in states):
        text = f"{_SD} {text}"
    if any("ln_rmssd" in s.key for s in states):
        text = f"{_LN_RMSSD} {text}"
    return text + (" (unverified in part)" if any(not source.verified for s in states for source in s.sources) else "")


def caveat(found: Response) -> str:
    """The response's caveat without what the page says elsewhere."""
    parts = re.split(r"(?<=\.) (?=[A-Z])", found.caveat)
    return " ".join(part for part in parts if not part.startswith(("For research", "States are those as if")))


def person(results: Results) -> str:
    """What of this person went into what is expected, and what could not."""
    told = list(results.personal.notes) if results.personal is not None else []
    if results.response is not None and results.response.weighing is not None:
        told.append(results.response.weighing.text)
    return " ".join(told)
