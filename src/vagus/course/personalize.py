"""What a course tells of one person, for the models: where the current is felt, the heart at rest, changes measured.

Nothing here makes a prediction personal by itself. The threshold of perception scales the ear's currents, the heart at
rest is the baseline, and changes that were measured weigh the draws (`vagus.response.respond`, `measured`).
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Sequence
from functools import cache

import numpy as np

from vagus.course.course import Course
from vagus.course.results import Personal, SegmentTone
from vagus.dose import site_of
from vagus.fiber import ClassRecruitment, Recruitment
from vagus.response import Measured
from vagus.source import Effect, Known, read_source
from vagus.tables import raw_rows

_TOUCH = "a_beta"


def personalize(course: Course, *, tones: Sequence[SegmentTone] = ()) -> Personal:
    """What the models can use of this person: threshold of perception, heart at rest, changes measured in sittings.

    Parameters
    ----------
    course : Course
    tones : sequence of SegmentTone
        Vagal tone of its recordings (`segment_tones`), with intervals; without them nothing is known of the heart.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from vagus.files import new_course, read_course
    >>> folder = pathlib.Path(tempfile.mkdtemp()) / "p01"
    >>> new_course(folder)
    >>> found = personalize(read_course(folder))
    >>> found.rest_hr_bpm, found.measured
    (None, ())
    """
    notes: list[str] = []
    felt = _felt(course, notes)
    rest = [one.tone for one in tones if one.segment.name == "before"]
    measured = _measured(tones)
    if rest:
        notes.append(
            f"Heart at rest: median of {len(rest)} part{'s' if len(rest) > 1 else ''} of recordings before stimulation."
        )
    else:
        notes.append("Heart at rest is not known: usual rates stand in where a train follows breath or heart.")
    if course.device_use.flows is not True and measured:
        notes.append("Changes from before to during are not used: whether current flowed then is not known.")
        measured = ()
    if measured and {"recordings", "sittings"} & set(course.about.synthetic):
        notes.append("Recordings or sittings were invented: changes from before to during are not used.")
        measured = ()
    return Personal(
        perception_ma=felt,
        rest_mean_rr_ms=_median(tone.mean_rr_ms.estimate for tone in rest),
        rest_rmssd_ms=_median(tone.rmssd_ms.estimate for tone in rest),
        rest_hr_bpm=_median(tone.heart_rate_bpm.estimate for tone in rest),
        breath_rate_per_min=_median(tone.breath_rate_per_min for tone in rest),
        measured=measured,
        notes=tuple(notes),
        sources=tuple(dict.fromkeys(one.source for one in _known().values())),
    )


def recruited(recruitment: Recruitment, person: Personal) -> tuple[Recruitment, Personal]:
    """Recruitment with the ear's currents scaled by where this person felt them, and the person with a note on it.

    The lowest current felt is taken to fire 10 to 50 % of the touch fibers (declared, table `personal`). All currents
    are stretched by the middle of the two ratios to the model's; the interval of the touch fibers is then that between
    the two, the intervals of other classes stay as wide as they were.

    Parameters
    ----------
    recruitment : vagus.fiber.Recruitment
    person : Personal

    Examples
    --------
    A person who feels a current at twice what the model expects is given half of it, as it were.

    >>> at_dose = Effect(estimate=80.0, low=20.0, high=100.0, unit="%", n=1, method="by hand", level=0.90)
    >>> touch = ClassRecruitment(
    ...     key="a_beta", label="Aβ touch", role="afferent", n_simulated=1, count=None, at_dose=at_dose,
    ...     share_pct=np.array([10.0, 50.0, 80.0]), low_pct=np.zeros(3), high_pct=np.full(3, 100.0),
    ... )
    >>> ear = Recruitment(
    ...     site="cymba_left", amplitude_ma=np.array([0.5, 1.0, 2.0]), dose_ma=2.0, classes=(touch,), n_draws=1,
    ...     method="by hand", caveat="", sources=(),
    ... )
    >>> own, person = recruited(ear, Personal(perception_ma=1.4))
    >>> own.amplitude_ma.round(2).tolist(), round(own.classes[0].at_dose.estimate), person.notes[0][:39]
    ([0.99, 1.98, 3.96], 50, "The ear's currents are scaled by 2 (1.4")
    """
    own, note = _recruited(recruitment, person)
    return own, dataclasses.replace(person, notes=(*person.notes, note)) if note else person


def _recruited(recruitment: Recruitment, person: Personal) -> tuple[Recruitment, str]:
    if person.perception_ma is None or not _is_ear(recruitment.site) or touch_class(recruitment) is None:
        return recruitment, ""
    onset, half = touch_onsets_ma(recruitment)
    if onset is None or half is None:
        return recruitment, (
            "Where the current is felt cannot scale the model: no current in it fires half of the touch fibers."
        )
    ends = (person.perception_ma / half, person.perception_ma / onset)
    scale = math.sqrt(ends[0] * ends[1])
    most = _known()["most_scale"].value
    if not 1 / most <= scale <= most or recruitment.dose_ma / ends[0] > recruitment.amplitude_ma[-1] * most:
        return recruitment, (
            f"Where the current is felt ({person.perception_ma:.3g} mA) lies {max(scale, 1 / scale):.2g}-fold off the "
            "model: not used to scale it. A slip of unit, contact or place?"
        )
    classes = tuple(_scaled(one, recruitment, scale, ends) for one in recruitment.classes)
    note = (
        f"The ear's currents are scaled by {scale:.2g} ({ends[0]:.2g} to {ends[1]:.2g}), as this person feels "
        f"{person.perception_ma:.3g} mA and the model's touch fibers set in at {onset:.3g} to {half:.3g} mA."
    )
    scaled = dataclasses.replace(
        recruitment, amplitude_ma=recruitment.amplitude_ma * scale, classes=classes,
        method=f"{recruitment.method} {note}", sources=tuple(dict.fromkeys((*recruitment.sources, *person.sources))),
    )  # fmt: skip
    return scaled, note


def _scaled(
    one: ClassRecruitment, recruitment: Recruitment, scale: float, ends: tuple[float, float]
) -> ClassRecruitment:
    """Share at the dose read from the class's curve at the dose over the scale; all currents are stretched alike."""
    grid, dose = recruitment.amplitude_ma, recruitment.dose_ma

    def read(curve: np.ndarray, by: float) -> float:
        return float(np.interp(dose / by, np.append(0.0, grid), np.append(0.0, curve)))

    estimate = read(one.share_pct, scale)
    low, high = read(one.low_pct, scale), read(one.high_pct, scale)
    low_pct, high_pct = one.low_pct, one.high_pct
    if one.key == _TOUCH:
        low, high = read(one.share_pct, ends[1]), read(one.share_pct, ends[0])
        low_pct, high_pct = (
            np.interp(grid * scale / by, np.append(0.0, grid), np.append(0.0, one.share_pct))
            for by in (ends[1], ends[0])
        )
    at_dose = Effect(
        estimate=estimate, low=min(low, estimate), high=max(high, estimate), unit=one.at_dose.unit, n=one.at_dose.n,
        method=f"{one.at_dose.method}; scaled by where this person feels the current", level=one.at_dose.level,
        sources=one.at_dose.sources,
    )  # fmt: skip
    return dataclasses.replace(one, at_dose=at_dose, low_pct=low_pct, high_pct=high_pct, half_ma=None)


def _is_ear(site: str) -> bool:
    return site_of(site).route == "taVNS"


def touch_class(recruitment: Recruitment) -> ClassRecruitment | None:
    """Touch fibers of a recruitment; None where it has none."""
    return next((one for one in recruitment.classes if one.key == _TOUCH), None)


def felt_shares_pct() -> tuple[float, float]:
    """Shares of touch fibers between which a current is taken to be felt first, % (declared, table `personal`)."""
    return _known()["felt_from_pct"].value, _known()["felt_to_pct"].value


def touch_onsets_ma(recruitment: Recruitment) -> tuple[float | None, float | None]:
    """Lowest currents at which the median share of touch fibers reaches both of `felt_shares_pct`, mA.

    None beyond the currents simulated, or without touch fibers.
    """
    touch = touch_class(recruitment)
    low, high = (None if touch is None else _current(recruitment, touch, pct) for pct in felt_shares_pct())
    return low, high


def _current(recruitment: Recruitment, touch: ClassRecruitment, share_pct: float) -> float | None:
    over = np.flatnonzero(touch.share_pct >= share_pct)
    if over.size == 0:
        return None
    k = int(over[0])
    grid = np.append(0.0, recruitment.amplitude_ma)
    curve = np.append(0.0, touch.share_pct)
    return float(np.interp(share_pct, curve[k : k + 2], grid[k : k + 2]))


def _felt(course: Course, notes: list[str]) -> float | None:
    """Mean threshold of perception over the sittings at which one was noted."""
    noted = [one.perception_ma for one in course.sittings if one.perception_ma is not None and one.perception_ma > 0]
    if not noted:
        notes.append("Where the current is felt is not known: the ear is that of the model.")
        return None
    if not _is_ear(course.device_use.site):
        notes.append("Where the current is felt is not used: it scales the ear only.")
        return None
    if "sittings" in course.about.synthetic:
        notes.append("The thresholds of perception were invented; they are used for demonstration.")
    return sum(noted) / len(noted)


def _measured(tones: Sequence[SegmentTone]) -> tuple[Measured, ...]:
    """Change of heart rate from before to during, one for each recording that has both with intervals."""
    drift = _known()["spontaneous_hr_bpm"].value
    found: list[Measured] = []
    for file in dict.fromkeys(one.plan.file for one in tones):
        parts = {one.segment.name: one.tone.heart_rate_bpm for one in tones if one.plan.file == file}
        if not {"before", "during"} <= set(parts):
            continue
        before, during = parts["before"], parts["during"]
        error = math.hypot(_error(before), _error(during), drift)
        if math.isfinite(error) and math.isfinite(during.estimate - before.estimate):
            found.append(Measured(state="hr_change", value=during.estimate - before.estimate, sd=error, text=file))
    return tuple(found)


def _error(one: Effect) -> float:
    """SD of a mean from its interval, taken as normal; nan where there is none."""
    return (one.high - one.low) / (2 * _Z[round(one.level, 2)])


_Z = {0.95: 1.959964, 0.90: 1.644854}


def _median(values: Iterable[float | None]) -> float | None:
    told = [v for v in values if v is not None and math.isfinite(v)]
    return float(np.median(told)) if told else None


@cache
def _known() -> dict[str, Known]:
    return {
        row["key"]: Known(
            value=float(row["value"]), unit=row["unit"], note=row["note"],
            source=read_source(row["source"], verified=row["verified"]),
        )
        for row in raw_rows("personal")
    }  # fmt: skip
