"""A dose's expected response: medians and intervals from seeded draws of recruitment and constants."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import get_args

import numpy as np

from vagus.dose import Protocol, site_of
from vagus.errors import InputError, Problem, nearest
from vagus.fiber import Recruitment
from vagus.response import brain, heart
from vagus.response.constants import Constant, constant, draw
from vagus.response.drive import cells, drive_weights, mean_shape, shapes
from vagus.response.state import LEVEL, Response, Species, State, TimeUnit
from vagus.source import Source, read_source
from vagus.tables import raw_rows

UNIT = "relative to full recruitment"
_N_SHOWN = 600
_DRIVE = ("follow_limit_a_hz", "follow_limit_c_hz", "weight_c", "reference_rate_hz")
_NTS = ("nts_adaptation", "nts_tau_s")
_LC = (*_NTS, "lc_tau_s", "lc_buildup_ratio", "lc_buildup_cycles")
_DRN = (*_LC, "lc_slow_tau_d", "alpha1_tau_d", "drn_tau_d")
_CAVEATS = {
    "human": (
        "Relative drive: 0 is none, 1 is all afferent A fibers of this site firing at 20 Hz; sites are not comparable "
        "by it. Order and time course come from rats and are carried to people by one declared factor (×/÷ 3 at one "
        "SD, unverified); size in people unknown. No amount of norepinephrine or serotonin is predicted. Heart: "
        "published studies of left cervical and ear stimulation found no or little change; the intervals say so. "
        "For research; not a medical device."
    ),
    "rat": (
        "Norepinephrine follows published microdialysis of rats at 0 to 1 mA of a cervical cuff and depends on the "
        "current; other states are relative drive (1 is all afferent A fibers firing at 20 Hz), right in order and "
        "sign only. Recruitment of a person's nerve stands in for the rat's. For research; not a medical device."
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Course:
    """What all states of one call share."""

    recruitment: Recruitment
    protocol: Protocol
    species: Species
    n_draws: int
    start_s: np.ndarray
    width_s: float
    afferent: np.ndarray
    efferent_hz: np.ndarray
    keys: tuple[str, ...]
    draws: brain.BrainDraws
    translation: np.ndarray
    lesion: brain.Lesion


def respond(
    recruitment: Recruitment,
    protocol: Protocol,
    *,
    species: Species,
    rng: np.random.Generator,
    n_draws: int = 200,
    rest_hr_bpm: float | None = None,
    rest_rmssd_ms: float | None = None,
    breath_rate_per_min: float | None = None,
    lesion: brain.Lesion = "none",
) -> Response:
    """What brain and heart are expected to do: states over the first sitting and over the weeks.

    Parameters
    ----------
    recruitment : fiber.Recruitment
        Which fibers fire at the dose, with interval.
    protocol : dose.Protocol
    species : {"human", "rat"}
        No default. For people: relative drive, never an amount of norepinephrine or serotonin.
    rng : numpy.random.Generator
    n_draws : int
        Draws of recruitment and constants; 20 or more.
    rest_hr_bpm, rest_rmssd_ms : float, optional
        People only: resting values, which add the states "heart_rate" (bpm) and "rmssd" (ms).
    breath_rate_per_min : float, optional
        What a breath-gated train follows; a usual resting rate where not given.
    lesion : {"none", "ne"}
        "ne": as if norepinephrine neurons were destroyed (a test of the model's signs, not a treatment).

    Returns
    -------
    Response
        Fast: nts, lc, ne (rat: ne_hippocampus, ne_cortex in %), hr_change, ln_rmssd_change (people).
        Slow: lc, drn, serotonin, as means over duty cycle and day.

    Raises
    ------
    InputError
        Species, lesion or site is unknown, or there are too few draws.

    Examples
    --------
    Half of the touch fibers of an ear; the daily mean of the LC after 8 weeks, relative to full recruitment.

    >>> import datetime
    >>> from vagus.dose import Pulse, Train
    >>> from vagus.fiber import ClassRecruitment
    >>> from vagus.source import Effect
    >>> half = Effect(estimate=50.0, low=40.0, high=60.0, unit="%", n=1, method="by hand", level=0.90)
    >>> touch = ClassRecruitment(
    ...     key="a_beta", label="Aβ touch", role="afferent", n_simulated=1, count=None, share_pct=np.array([50.0]),
    ...     low_pct=np.array([40.0]), high_pct=np.array([60.0]), at_dose=half,
    ... )
    >>> found = Recruitment(
    ...     site="cymba_left", amplitude_ma=np.array([1.5]), dose_ma=1.5, classes=(touch,), n_draws=1,
    ...     method="by hand", caveat="", sources=(),
    ... )
    >>> pulse = Pulse(amplitude_ma=1.5, width_us=250, shape="biphasic_symmetric")
    >>> plan = Protocol(
    ...     train=Train(pulse=pulse, rate_hz=25), on_s=28, off_s=32, sitting_min=60, start=datetime.date(2026, 1, 12),
    ...     weeks=8,
    ... )
    >>> response = respond(found, plan, species="human", rng=np.random.default_rng(1))
    >>> lc = response.state("lc", slow=True)
    >>> lc.unit, [round(float(x[-1]), 3) for x in (lc.low, lc.median, lc.high)]
    ('relative to full recruitment', [0.002, 0.015, 0.096])

    Sources
    -------
    Tables `brain`, `heart`, `body` (rat_vagal_tf_*, wolf_vmhrv) and `neuro` (roosevelt_*); ``docs/rooms/response.md``.
    """
    _check(species, lesion, n_draws, rest_hr_bpm, rest_rmssd_ms)
    start_s, width_s = cells(protocol)
    keys, afferent, efferent_hz = drive_weights(
        recruitment,
        protocol,
        rng=rng,
        n_draws=n_draws,
        breath_rate_per_min=breath_rate_per_min,
        heart_rate_bpm=rest_hr_bpm,
    )
    draws = brain.draw_brain(rng=rng, n_draws=n_draws)
    factor = draw(constant("animal_to_human"), rng=rng, n_draws=n_draws)
    course = _Course(
        recruitment=recruitment,
        protocol=protocol,
        species=species,
        n_draws=n_draws,
        start_s=start_s,
        width_s=width_s,
        afferent=afferent,
        efferent_hz=efferent_hz,
        keys=keys,
        draws=draws,
        translation=factor if species == "human" else np.ones(n_draws),
        lesion=lesion,
    )
    fast = _fast(course, rng=rng)
    if species == "rat":
        cardiac = _rat_heart(course, rng=rng)
    else:
        cardiac = _human_heart(course, rng=rng, rest_hr_bpm=rest_hr_bpm, rest_rmssd_ms=rest_rmssd_ms)
    return Response(
        states=(*fast, *cardiac, *_slow(course)),
        species=species,
        level=LEVEL,
        caveat=_CAVEATS[species],
        method=(
            f"{n_draws} seeded draws of recruitment and of every constant; median and {LEVEL:.0%} interval. "
            "First-order linear states solved exactly; weeks are driven by the mean over duty cycle and day."
        ),
    )


def _check(species: str, lesion: str, n_draws: int, rest_hr_bpm: float | None, rest_rmssd_ms: float | None) -> None:
    problems: list[Problem] = []
    for name, value, known in (("species", species, get_args(Species)), ("lesion", lesion, get_args(brain.Lesion))):
        if value not in known:
            problems.append(Problem(what=f"unknown {name}", found=f'"{value}"', allowed=nearest(str(value), known)))
    if n_draws < 20:
        problems.append(Problem(what="too few draws", found=str(n_draws), allowed="20 or more", why="90 % interval"))
    for name, value in (("rest_hr_bpm", rest_hr_bpm), ("rest_rmssd_ms", rest_rmssd_ms)):
        if value is not None and not (np.isfinite(value) and value > 0):
            problems.append(Problem(what=f"{name} is out of range", found=f"{value:g}", allowed="above 0"))
    if problems:
        raise InputError(problems)


def _state(
    course: _Course,
    values: np.ndarray,
    *,
    key: str,
    label: str,
    unit: str,
    used: Iterable[Constant],
    calibrated_on: str,
    days: np.ndarray | None = None,
    more: tuple[Source, ...] = (),
) -> State:
    """State from draws (n_draws, n): on the cells' ends, thinned, or on `days`."""
    t_unit: TimeUnit = "d"
    if days is not None:
        t = days
    else:
        t_s = course.start_s + course.width_s
        stride = -(-t_s.size // _N_SHOWN)
        keep = np.arange(stride - 1, t_s.size, stride)
        values, t_unit = values[:, keep], "min" if t_s[-1] > 300 else "s"
        t = t_s[keep] / (60 if t_unit == "min" else 1)
        # everything is at rest when the sitting begins
        values, t = np.concatenate([np.zeros((values.shape[0], 1)), values], axis=1), np.append(0.0, t)
    low, median, high = np.quantile(values, [(1 - LEVEL) / 2, 0.5, (1 + LEVEL) / 2], axis=0)
    return State(
        key=key,
        label=label,
        unit=unit,
        t=t,
        t_unit=t_unit,
        median=median,
        low=low,
        high=high,
        species=course.species,
        calibrated_on=calibrated_on,
        sources=tuple(dict.fromkeys((*(one.origin for one in used), *more, *course.recruitment.sources))),
    )


def _used(course: _Course, keys: Iterable[str]) -> tuple[Constant, ...]:
    names = [*_DRIVE, f"vagal_share_{site_of(course.recruitment.site).place}", *keys]
    return tuple(constant(name) for name in (*names, *(("animal_to_human",) if course.species == "human" else ())))


def _fast(course: _Course, *, rng: np.random.Generator) -> tuple[State, ...]:
    """NTS, LC and NE over the first sitting."""
    form = shapes(course.recruitment, course.protocol, course.start_s, width_s=course.width_s)
    u = course.afferent @ np.stack([form[key] for key in course.keys])
    cycle_s = course.protocol.on_s + course.protocol.off_s
    gain = brain.buildup(np.floor((course.start_s + course.width_s / 2) / cycle_s), course.draws)
    nts, lc, ne = brain.fast_states(u, gain, width_s=course.width_s, draws=course.draws)
    if course.lesion == "ne":
        lc, ne = np.zeros_like(lc), np.zeros_like(ne)
    scale = course.translation[:, None]
    rested = "rat; no size" if course.species == "rat" else "rat, order and time course only; size in people unknown"
    states = [
        _state(course, nts * scale, key="nts", label="NTS relay", unit=UNIT, used=_used(course, _NTS),
               calibrated_on=f"declared; {rested}"),
        _state(course, lc * scale, key="lc", label="Locus coeruleus", unit=UNIT, used=_used(course, _LC),
               calibrated_on=f"Farrand 2023 (build-up over cycles); {rested}"),
    ]  # fmt: skip
    if course.species == "rat":
        return (*states, *_rat_ne(course, ne, rng=rng))
    released = _state(
        course, ne * scale, key="ne", label="Norepinephrine release (drive)", unit=UNIT,
        used=_used(course, (*_LC, "ne_tau_s")),
        calibrated_on=f"Devoto 2005, Roosevelt 2006 (back to baseline); {rested}",
    )  # fmt: skip
    return (*states, released)


def rat_ne_pct(current_ma: float, region: str) -> tuple[float, tuple[Source, ...]]:
    """Published rise of NE in a rat (%) at a current, linear between the currents measured, and its sources.

    Above the highest current measured (1 mA) the rise stays as measured there.

    Parameters
    ----------
    current_ma : float
    region : {"hpc", "ctx"}

    Examples
    --------
    >>> rat_ne_pct(0.5, "hpc")[0], rat_ne_pct(0.25, "ctx")[0], rat_ne_pct(1.0, "ctx")[0]
    (23.0, 0.0, 39.0)
    """
    found = [row for row in raw_rows("neuro") if row["id"].startswith(f"roosevelt_{region}_")]
    points = sorted((float(row["current_ma"]), float(row["percent_change"])) for row in found)
    sources = tuple(dict.fromkeys(read_source(row["source"], verified=row["verified"] == "yes") for row in found))
    currents_ma, rises_pct = (np.array(column) for column in zip(*points, strict=True))
    return float(np.interp(current_ma, currents_ma, rises_pct)), sources


def _rat_ne(course: _Course, ne: np.ndarray, *, rng: np.random.Generator) -> tuple[State, ...]:
    """NE in % of baseline: its peak in the sitting is the published rise at this current."""
    peak = ne.max(axis=1, keepdims=True)
    form = np.divide(ne, peak, out=np.zeros_like(ne), where=peak > 0)
    spread = np.clip(draw(constant("rat_ne_spread"), rng=rng, n_draws=course.n_draws), 0.0, None)
    states: list[State] = []
    for region, key, label in (("hpc", "ne_hippocampus", "hippocampus"), ("ctx", "ne_cortex", "cortex")):
        rise, sources = rat_ne_pct(course.recruitment.dose_ma, region)
        states.append(
            _state(
                course,
                rise * spread[:, None] * form,
                key=key,
                label=f"Norepinephrine, {label}",
                unit="% above baseline",
                used=_used(course, (*_LC, "ne_tau_s", "rat_ne_spread")),
                calibrated_on="rat, Roosevelt 2006 (0 to 1 mA)",
                more=sources,
            )
        )
    return tuple(states)


def _slow(course: _Course) -> tuple[State, ...]:
    """LC, DRN and 5-HT over the weeks."""
    protocol, draws = course.protocol, course.draws
    sitting_s = protocol.sitting_min * 60
    per_day = sitting_s * protocol.sittings_per_day / 86400 * protocol.days_per_week / 7
    mean = [mean_shape(c, course.recruitment, protocol, span_s=sitting_s) for c in course.recruitment.classes]
    gain = brain.mean_gain(sitting_s, protocol.on_s + protocol.off_s, draws)
    mean_drive = brain.steady_fast(course.afferent @ np.array(mean), draws) * gain * per_day * course.translation
    horizon_d = protocol.weeks * 7
    days = np.linspace(0.0, horizon_d, int(np.clip(np.ceil(horizon_d), 1, 730)) + 1)
    lc, drn, serotonin = brain.slow_states(mean_drive, days, draws=draws, lesion=course.lesion)
    rested = "rat, order and time only" + ("" if course.species == "rat" else "; size in people unknown")
    parts = (
        (lc, "lc", "Locus coeruleus, daily mean", (*_LC, "lc_slow_tau_d")),
        (drn, "drn", "Dorsal raphe, daily mean", _DRN),
        (serotonin, "serotonin", "Serotonin release (drive), daily mean", (*_DRN, "serotonin_tau_d")),
    )
    return tuple(
        _state(course, values, key=key, label=label, unit=UNIT, used=_used(course, keys), days=days,
               calibrated_on=f"Dorr & Debonnel 2006, Manta 2009; {rested}")
        for values, key, label, keys in parts
    )  # fmt: skip


def _rat_heart(course: _Course, *, rng: np.random.Generator) -> tuple[State, ...]:
    envelope = _envelope(course)
    change, used = heart.rat_heart_rate(
        course.efferent_hz[:, None] * envelope[None, :], width_s=course.width_s, rng=rng
    )
    return (
        _state(course, change, key="hr_change", label="Change of heart rate", unit="bpm",
               used=(*used, constant("follow_limit_b_hz")), calibrated_on="rat, vagal efferents, anesthetized"),
    )  # fmt: skip


def _envelope(course: _Course) -> np.ndarray:
    t_s = course.start_s[:, None] + (np.arange(8) + 0.5)[None, :] * (course.width_s / 8)
    return course.protocol.is_on(t_s).mean(axis=1)


def _human_heart(
    course: _Course, *, rng: np.random.Generator, rest_hr_bpm: float | None, rest_rmssd_ms: float | None
) -> tuple[State, ...]:
    """Heart of a person: intervals around published nulls, while ON; 0 where no vagal fiber fires."""
    site = course.recruitment.site
    fires = ((course.afferent.sum(axis=1) > 0) | (course.efferent_hz > 0)).astype(np.float64)
    rate, rate_used = heart.human_effect(site, "hr", rng=rng, n_draws=course.n_draws)
    hrv, hrv_used = heart.human_effect(site, "hrv", rng=rng, n_draws=course.n_draws)
    corner = constant("rat_vagal_tf_corner")
    envelope = heart.low_pass(_envelope(course)[None, :], width_s=course.width_s, corner_hz=corner.value)
    change = (rate * fires)[:, None] * envelope
    told = "people, published nulls" + (
        "; the right cervical vagus is not covered by data: declared width" if site == "cervical_right"
        else "; width declared" if not hrv_used[0].verified else "; width of the heart rate declared"
    )  # fmt: skip
    states = [
        _state(course, change, key="hr_change", label="Change of heart rate", unit="bpm",
               used=(*rate_used, corner), calibrated_on=told),
        _flat(course, hrv * fires, key="ln_rmssd_change", label="Change of ln RMSSD (mean over people)",
              unit="SD (Hedges g)", used=hrv_used, calibrated_on=told),
    ]  # fmt: skip
    if rest_hr_bpm is not None:
        states.append(_shifted(states[0], rest_hr_bpm, key="heart_rate", label="Heart rate"))
    if rest_rmssd_ms is not None:
        spread = constant("ln_rmssd_sd")
        sd = draw(spread, rng=rng, n_draws=course.n_draws)
        states.append(
            _flat(course, rest_rmssd_ms * np.exp(hrv * fires * sd), key="rmssd", label="RMSSD (mean over people)",
                  unit="ms", used=(*hrv_used, spread), calibrated_on=told)
        )  # fmt: skip
    return tuple(states)


def _flat(
    course: _Course,
    values: np.ndarray,
    *,
    key: str,
    label: str,
    unit: str,
    used: Iterable[Constant],
    calibrated_on: str,
) -> State:
    """State that holds over the whole sitting: no time course is known."""
    end_s = course.start_s[-1] + course.width_s
    low, median, high = np.quantile(values, [(1 - LEVEL) / 2, 0.5, (1 + LEVEL) / 2])
    return State(
        key=key,
        label=label,
        unit=unit,
        t=np.array([0.0, end_s / 60 if end_s > 300 else end_s]),
        t_unit="min" if end_s > 300 else "s",
        median=np.full(2, median),
        low=np.full(2, low),
        high=np.full(2, high),
        species=course.species,
        calibrated_on=calibrated_on,
        sources=tuple(dict.fromkeys(one.origin for one in used)),
    )


def _shifted(state: State, by: float, *, key: str, label: str) -> State:
    """Same state around a resting value."""
    return State(
        key=key,
        label=label,
        unit=state.unit,
        t=state.t,
        t_unit=state.t_unit,
        median=state.median + by,
        low=state.low + by,
        high=state.high + by,
        species=state.species,
        calibrated_on=state.calibrated_on,
        sources=state.sources,
    )
