"""What the person felt, beside what the model expects of touch fibers."""

from __future__ import annotations

from dataclasses import dataclass

from vagus.course import Results
from vagus.course.personalize import felt_shares_pct, touch_class, touch_onsets_ma
from vagus.report.numbers import number, quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class Felt:
    """Perception thresholds that were written down, and the currents at which the model's touch fibers set in.

    Parameters
    ----------
    mean_ma, low_ma, high_ma : float
        Of the thresholds.
    n : int
    onset_ma, half_ma : float or None
        Current at which 10 % and 50 % of the touch fibers fire (median) before they are scaled to this person; None
        beyond the currents simulated.
    text : str
    """

    mean_ma: float
    low_ma: float
    high_ma: float
    n: int
    onset_ma: float | None
    half_ma: float | None
    text: str


def felt(results: Results) -> Felt | None:
    """Comparison of felt and modeled; None without thresholds or without touch fibers in the model."""
    noted = [s.perception_ma for s in results.course.sittings if s.perception_ma is not None]
    found = results.unscaled or results.recruitment
    touch = touch_class(found) if found is not None else None
    if not noted or found is None or touch is None:
        return None
    mean, low, high = sum(noted) / len(noted), min(noted), max(noted)
    onset, half = touch_onsets_ma(found)
    span = quantity(low, "mA") if low == high else f"{number(low)} to {quantity(high, 'mA')}"
    text = (
        f"Felt from {quantity(mean, 'mA')} on average ({span}, noted {len(noted)} times). "
        f"{_compared(mean, onset, half, touch.label)}"
    )
    if results.unscaled is not None:
        text += " All shares on this page, and what brain and heart are expected to do, are scaled to what was felt."
    if "sittings" in results.course.about.synthetic:
        text += " The thresholds were invented for demonstration, so this shows the comparison only."
    return Felt(mean_ma=mean, low_ma=low, high_ma=high, n=len(noted), onset_ma=onset, half_ma=half, text=text)


def _compared(mean_ma: float, onset_ma: float | None, half_ma: float | None, label: str) -> str:
    if onset_ma is None or half_ma is None:
        return f"In the model half of the {label} fibers do not fire at any current simulated."
    from_pct, to_pct = felt_shares_pct()
    model = (
        f"In the model {number(from_pct)}\xa0% of the {label} fibers fire from {quantity(onset_ma, 'mA')} and "
        f"{number(to_pct)}\xa0% from {quantity(half_ma, 'mA')}"
    )
    if mean_ma < onset_ma:
        return f"{model}: it was felt {number(onset_ma / mean_ma, digits=2)} times earlier than the model's onset."
    if mean_ma > half_ma:
        return (
            f"{model}: it was felt only at {number(mean_ma / half_ma, digits=2)} times the current that fires half of "
            "them; the model's currents are too low here, or feeling takes more fibers."
        )
    return f"{model}: what was felt lies between the two."
