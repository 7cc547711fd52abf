"""Forecast of one person: trials, own scores, and when nothing is told."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from vagus import tables
from vagus.errors import Abstained, InputError, Problem
from vagus.outcome.answers import Score
from vagus.outcome.change import in_remission, since_reference
from vagus.outcome.evidence import Evidence, evidence
from vagus.outcome.forecast.arms import Arm, ArmCounts, arm_changes, arm_counts
from vagus.outcome.forecast.assumed import assumed, assumption_sources
from vagus.outcome.forecast.nouns import ArmBand, ArmChance, ArmRate, Forecast, how_often_held
from vagus.outcome.forecast.own import QUANTILES, Ahead, Own, draw_people, look_ahead, quantiles, weighted_quantile
from vagus.outcome.forecast.rates import RateDraws, fit_rates
from vagus.outcome.forecast.words import CAVEAT, sentences
from vagus.outcome.instrument import Instrument, instruments
from vagus.outcome.safety import WORST_FIRST, Notice
from vagus.outcome.synthesis.rows import EVENTS, Event
from vagus.outcome.trial import Trial

BOTH: tuple[Arm, ...] = ("active", "sham")
_RELIABLE = 1.959963984540054 * 2**0.5  # reliable change over the standard error of measurement
_N_BAND = 13


@dataclass(frozen=True, slots=True, kw_only=True)
class _Domain:
    key: str
    domain: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Series:
    """Totals of one instrument since the start: the first is what changes are measured against."""

    instrument: Instrument
    at_weeks: np.ndarray
    totals: np.ndarray


def forecast_scores(
    scores: Sequence[Score],
    *,
    indication: str,
    route: str,
    start: datetime.date,
    horizon_weeks: float,
    rng: np.random.Generator,
    notices: Sequence[Notice] = (),
    closed: Sequence[str] = (),
    instrument: str | None = None,
    more: Iterable[Trial] = (),
    recalled: bool = False,
    n_draws: int = 2000,
) -> Forecast:
    """Rates by arm from trials, and one person's chance of response with active stimulation and with sham.

    Rates come from a random-effects logistic model of the arms of this indication and route (`fit_rates`); the person's
    totals update draws of rates and of how people differ (`look_ahead`). No probability is told for a person while a
    safety notice is open, with fewer than three sham-controlled trials that tell the rate of both arms, beyond the
    latest week these trials tell, or without a first total and a known error of measurement. Each reason is named, and
    the rates of arms are told all the same. An arm of which no trial told a rate has none.

    Parameters
    ----------
    scores : sequence of Score
        Of any instruments. The one that is foretold: of the indication's domain, with the most totals.
    indication, route : str
        As for `evidence`.
    start : date
        Begin of treatment; the latest total up to then is the first one.
    horizon_weeks : float
        Weeks after the start, after the last total.
    rng : numpy.random.Generator
    notices : sequence of Notice
        Safety notices of this person (`every_notice`).
    closed : sequence of str
        Further reasons to tell no probability.
    instrument : str or None
        Key of the instrument to be foretold.
    more : iterable of Trial
        Trials of one's own beside the table.
    recalled : bool
        Take cells that were recalled and not read, marked.
    n_draws : int

    Raises
    ------
    InputError
        Unknown indication, route or instrument; a horizon that is not over 0 or not after the last total.

    Examples
    --------
    >>> from datetime import date
    >>> from vagus.outcome import Answers, score
    >>> first = score(Answers(date=date(2026, 1, 5), instrument="madrs", total=32))
    >>> found = forecast_scores([first], indication="trd", route="iVNS", start=date(2026, 1, 5), horizon_weeks=10,
    ...                         rng=np.random.default_rng(1))
    >>> found.abstained
    ('1 sham-controlled trial with the response rate of both arms (D02); 3 are needed',)
    >>> [(rate.arm, round(rate.median_pct, -1)) for rate in found.rates if rate.event == "response"]
    [('active', 20.0), ('sham', 10.0), ('open', 30.0)]
    """
    if not horizon_weeks > 0:
        raise InputError(Problem(what="the horizon is not over 0", found=f"{horizon_weeks:g}", allowed="weeks over 0"))
    found = evidence(indication=indication, route=route, more=more)
    arms: dict[Event, ArmCounts] = {event: arm_counts(found.trials, event=event, recalled=recalled) for event in EVENTS}
    of_rates, of_people = rng.spawn(2)
    drawn: dict[Event, RateDraws] = {
        event: fit_rates(one.counts).draw(n_draws, rng=of_rates) for event, one in arms.items() if one.counts
    }
    why, series = [*_closed(notices), *closed], None
    try:
        series = _series(scores, found, start, instrument)
    except Abstained as reason:
        why.append(str(reason))
    if series is not None and horizon_weeks <= series.at_weeks[-1]:
        raise InputError(
            Problem(
                what="the horizon is not after the last total",
                found=f"week {horizon_weeks:g}",
                allowed=f"after week {series.at_weeks[-1]:.1f} of {series.instrument.short}",
            )
        )
    why += _too_few(arms["response"], horizon_weeks)
    chances: tuple[ArmChance, ...] = ()
    bands: tuple[ArmBand, ...] = ()
    if not why and series is not None:
        try:
            told: dict[Event, RateDraws] = {
                event: draws for event, draws in drawn.items() if not _too_few(arms[event], horizon_weeks)
            }
            chances, bands = _of_person(series, told, horizon_weeks, of_people)
        except Abstained as reason:
            why.append(str(reason))
    result = Forecast(
        indication=found.indication,
        route=found.route,
        horizon_weeks=float(horizon_weeks),
        instrument=series.instrument.key if series else "",
        rates=_rates(arms, drawn, horizon_weeks),
        counts=tuple(one for event in EVENTS for one in arms[event].counts),
        excluded=arms["response"].excluded,
        sham_controlled=arms["response"].sham_controlled,
        silent=_silent(found, arms["response"]),
        changes=arm_changes(found.trials),
        chances=chances,
        bands=bands,
        abstained=tuple(why),
        held=how_often_held(),
        text="",
        caveat=CAVEAT,
        sources=(*dict.fromkeys(one.source for event in EVENTS for one in arms[event].counts), *assumption_sources()),
    )
    return replace(result, text=sentences(result))


def _closed(notices: Sequence[Notice]) -> list[str]:
    """Why nothing is told while a safety notice is open."""
    levels = [level for level in WORST_FIRST if any(notice.level == level for notice in notices)]
    if not levels:
        return []
    n = len(notices)
    return [f"{n} safety notice{' is' if n == 1 else 's are'} open ({', '.join(levels)}): look at that first"]


def _silent(found: Evidence, arms: ArmCounts) -> tuple[str, ...]:
    """Sham-controlled trials without a rate by arm: what they found must not go missing with their rates."""
    without = {one.study_id for one in arms.excluded}
    rows = [row for row in found.of_kind("sham") if row.study_id in without and row.verdict != "secondary"]
    return tuple(f"{row.name} (primary endpoint: {row.verdict_text})" for row in rows)


def _too_few(arms: ArmCounts, horizon_weeks: float) -> list[str]:
    """Why sham-controlled trials do not carry a probability for one person."""
    trials, event = arms.sham_controlled, arms.event
    need = int(assumed("sham_trials"))
    if len(trials) < need:
        named = f" ({', '.join(trials)})" if trials else ""
        noun = "trial" if len(trials) == 1 else "trials"
        return [f"{len(trials)} sham-controlled {noun} with the {event} rate of both arms{named}; {need} are needed"]
    latest = max(one.at_weeks for one in arms.counts if one.arm == "sham")
    if horizon_weeks > latest:
        return [f"week {horizon_weeks:g} is later than the latest {event} rate under sham, week {latest:g}"]
    return []


def _series(scores: Sequence[Score], found: Evidence, start: datetime.date, instrument: str | None) -> _Series:
    """Totals that are foretold.

    Raises
    ------
    Abstained
        No instrument of the indication's domain has all that is needed; says what each lacks.
    """
    domain = next((row.domain for row in tables.rows("forecast_domains", _Domain) if row.key == found.indication), None)
    if instrument is not None and instrument not in instruments():
        raise InputError(Problem(what="unknown instrument", found=f'"{instrument}"', allowed=", ".join(instruments())))
    if domain is None and instrument is None:
        raise Abstained(f'no instrument stands for the indication "{found.indication}"')
    keys = [instrument] if instrument else [k for k, one in instruments().items() if one.domain == domain]
    usable: list[_Series] = []
    lacks: list[str] = []
    for key in keys:
        told = sorted((s for s in scores if s.instrument == key and s.total is not None), key=lambda one: one.date)
        if not told:
            continue
        try:
            usable.append(_since(instruments()[key], told, start))
        except Abstained as reason:
            lacks.append(str(reason))
    if not usable:
        raise Abstained("; ".join(lacks) or f"no total of an instrument of {domain or instrument}")
    return max(usable, key=lambda one: one.totals.size)


def _since(of: Instrument, told: Sequence[Score], start: datetime.date) -> _Series:
    since = since_reference(told, of, start=start)
    totals = np.array([one.total for one in since], dtype=np.float64)
    if of.reliability is None:
        raise Abstained(f"{of.short}: its error of measurement is not known")
    if of.response_total(float(totals[0])) is None:
        raise Abstained(f"{of.short}: no total would be a response")
    return _Series(
        instrument=of, at_weeks=np.array([0.0, *((one.date - start).days / 7 for one in since[1:])]), totals=totals
    )


def _own(series: _Series, event: Event) -> Own | None:
    """Totals as improvement, with the edge of an event; None where the instrument has none, or it held at first."""
    of, first = series.instrument, float(series.totals[0])
    edge: float | None = of.response_total(first)
    if event == "remission":
        rule = of.remission
        outside = rule is not None and not in_remission(first, of)
        edge = None if rule is None or not outside else rule.high if of.better < 0 else rule.low
    if edge is None:
        return None
    reliability = of.reliability
    best = of.total_low if of.better < 0 else of.total_high
    return Own(
        at_weeks=series.at_weeks,
        improved_points=of.better * (series.totals - first),
        need_points=of.better * (edge - first) - of.step / 2,
        reach_points=abs(best - first),
        error_sd_points=reliability.points / _RELIABLE if reliability else 0.0,
    )


def _of_person(
    series: _Series, drawn: dict[Event, RateDraws], horizon_weeks: float, rng: np.random.Generator
) -> tuple[tuple[ArmChance, ...], tuple[ArmBand, ...]]:
    chances: list[ArmChance] = []
    bands: list[ArmBand] = []
    last = float(series.at_weeks[-1])
    weeks = last + (horizon_weeks - last) * np.arange(1, _N_BAND + 1) / _N_BAND
    for event, rates in drawn.items():
        own = _own(series, event)
        if own is None:
            continue
        people = draw_people(rates.level.size, rng=rng)
        alone = replace(own, at_weeks=own.at_weeks[:1], improved_points=own.improved_points[:1])
        for arm in BOTH:
            ahead = look_ahead(own, rates, people, arm, weeks)
            before = look_ahead(alone, rates, people, arm, weeks[-1:])
            chances.append(_chance(ahead, before, own, arm, event))
            if event == "response":
                bands.append(_band(ahead, series, arm, weeks))
    return tuple(chances), tuple(bands)


def _chance(ahead: Ahead, before: Ahead, own: Own, arm: Arm, event: Event) -> ArmChance:
    each = ahead.chances(own.need_points)
    low90, low50, _, high50, high90 = (100 * weighted_quantile(each, ahead.weight, q) for q in QUANTILES)
    return ArmChance(
        arm=arm,
        event=event,
        chance_pct=100 * float(ahead.weight @ each),
        low_90_pct=low90,
        low_50_pct=low50,
        high_50_pct=high50,
        high_90_pct=high90,
        before_pct=100 * float(before.weight @ before.chances(own.need_points)),
    )


def _band(ahead: Ahead, series: _Series, arm: Arm, weeks: np.ndarray) -> ArmBand:
    """Totals ahead, inside the range of the scale; ends change places where lower totals are better."""
    of, first = series.instrument, float(series.totals[0])

    def total(improved: np.ndarray) -> np.ndarray:
        return np.clip(first + of.better * improved, of.total_low, of.total_high)

    ends = [total(row) for row in quantiles(ahead.weight, ahead.mean_points, ahead.sd_points, QUANTILES)]
    ends = ends if of.better > 0 else ends[::-1]
    level, slope = (
        quantiles(ahead.weight, mean[:, None], sd[:, None], (0.05, 0.5, 0.95))[:, 0].tolist()
        for mean, sd in (
            (ahead.level_points, ahead.level_sd_points),
            (ahead.slope_points_per_week, ahead.slope_sd_points_per_week),
        )
    )
    level = sorted(first + of.better * value for value in level)
    slope = sorted(of.better * value for value in slope)
    return ArmBand(
        arm=arm,
        at_weeks=weeks,
        low_90_points=ends[0],
        low_50_points=ends[1],
        median_points=ends[2],
        high_50_points=ends[3],
        high_90_points=ends[4],
        level_low_points=level[0],
        level_points=level[1],
        level_high_points=level[2],
        slope_low_points_per_week=slope[0],
        slope_points_per_week=slope[1],
        slope_high_points_per_week=slope[2],
    )


def _rates(arms: dict[Event, ArmCounts], drawn: dict[Event, RateDraws], horizon_weeks: float) -> tuple[ArmRate, ...]:
    """Rates of a further trial, of each arm that a trial told one of."""
    rates: list[ArmRate] = []
    for event, draws in drawn.items():
        for arm in (*BOTH, "open"):
            rows = [one for one in arms[event].counts if one.arm == arm]
            if not rows:
                continue
            at = min(horizon_weeks, max(one.at_weeks for one in rows))
            ends = [float(value) for value in 100 * np.quantile(draws.share(arm, at), QUANTILES)]
            people = {trial: max(o.n_people for o in rows if o.trial == trial) for trial in {o.trial for o in rows}}
            rates.append(
                ArmRate(
                    arm=arm, event=event, at_weeks=at, low_90_pct=ends[0], low_50_pct=ends[1], median_pct=ends[2],
                    high_50_pct=ends[3], high_90_pct=ends[4], n_trials=len(people), n_people=sum(people.values()),
                )
            )  # fmt: skip
    return tuple(rates)
