"""Nights that the switch makes, as `Stages`; and what a response of LC and DRN is expected to do to them."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from vagus.dose.ranges import demand, outside
from vagus.errors import ModelRange
from vagus.response.constants import constant, draw, scores, two_sided
from vagus.response.sleep.switch import STEP_S, Switch, run_switch, switch
from vagus.response.state import LEVEL, Response, State, few_draws
from vagus.signal import Stages
from vagus.signal.sleep.stages import ASLEEP, WAKE
from vagus.source import Effect

_DAYS = 4  # from a usual morning on, three nights alike: the fourth repeats the third to a step


def predict_night(
    *, bed_h: float, up_h: float | None, arousal_pct: float = 0.0, acts_h: tuple[float, float] = (0.0, 24.0)
) -> Stages:
    """Hypnogram of a usual night: awake (0) or asleep in a stage that is not told (5), in epochs of 30 s.

    It begins with going to bed and is the fourth of nights alike, held awake out of bed. Awakenings in the night are
    not in it: sleep is in one piece.

    Parameters
    ----------
    bed_h : float
        Clock time of going to bed, h: 18 to 30 (25 is 1:00 of the next day).
    up_h : float or None
        Clock time of getting up, later than `bed_h`, up to 36; None: when the night's sleep is over.
    arousal_pct : float
        Drive of LC and DRN, % of full relative drive, -100 to 1000.
    acts_h : tuple of float
        From when to when it acts each day; (21.5, 22.5) is the hour from 21:30.

    Raises
    ------
    InputError
        A number is out of range.

    Examples
    --------
    >>> from vagus.signal import sleep_statistics
    >>> night = sleep_statistics(predict_night(bed_h=23.0, up_h=31.0))
    >>> round(night.total_sleep_min), night.onset_latency_min, night.wake_in_sleep_min
    (470, 10.0, 0.0)

    Sources
    -------
    Phillips & Robinson 2007, doi:10.1177/0748730406297512; table `sleep_switch`.
    """
    _check(bed_h, up_h, arousal_pct, acts_h)
    arousal_mv = np.array([constant("lc_to_wake_mv").value * arousal_pct / 100])
    awake, _, t_h = run_switch(arousal_mv, bed_h=bed_h, up_h=up_h, days=_DAYS, own=switch(), acts_h=acts_h)
    inside = _in_bed(t_h, bed_h, up_h)
    now = awake[0, inside]
    if up_h is None and not now.all():
        now = now[: np.flatnonzero(~now)[-1] + 1]
    return Stages(stage=np.where(now, WAKE, ASLEEP), epoch_s=STEP_S, source_name="vagus.response.sleep")


def sleep_change(
    response: Response,
    *,
    bed_h: float,
    up_h: float | None,
    acts_h: tuple[float, float] = (0.0, 24.0),
    rng: np.random.Generator,
    n_draws: int = 100,
) -> tuple[Effect, Effect]:
    """Expected change of total sleep and of the latency to sleep, min, once LC and DRN are where the weeks leave them.

    LC and DRN drive the wake-active group by half each. How strongly, in people, is declared; so is the clock's phase.
    More drive all day makes more pressure of sleep as well: the sign of the result depends on the hours of the day.

    Parameters
    ----------
    response : Response
        Of a person.
    bed_h, up_h, acts_h
        As in `predict_night`.
    rng : numpy.random.Generator
    n_draws : int
        20 or more.

    Raises
    ------
    InputError
        A number is out of range.
    ModelRange
        The response is a rat's: the clock and the pressure are those of people.
    """
    if response.species != "human":
        raise ModelRange("sleep of people only: clock and pressure were fitted to them")
    _check(bed_h, up_h, 0.0, acts_h)
    demand([few_draws(n_draws)])
    states = [response.state(key, slow=True) for key in ("lc", "drn")]
    used = tuple(constant(key) for key in ("lc_to_wake_mv", "clock_peak_h", *(one.name for one in fields(Switch))))
    z = scores(rng=rng, n_draws=n_draws)  # LC and DRN rise together
    relative = sum(_at_end(state, z) for state in states) / 2
    mv = draw(used[0], rng=rng, n_draws=n_draws) * relative
    late_h = draw(used[1], rng=rng, n_draws=n_draws) - used[1].value
    sources = tuple(dict.fromkeys((*(one.origin for one in used), *(s for state in states for s in state.sources))))
    awake, _, t_h = run_switch(
        np.concatenate([mv, np.zeros(n_draws)]), bed_h=bed_h, up_h=up_h, days=_DAYS, own=switch(),
        acts_h=acts_h, late_h=np.tile(late_h, 2),
    )  # fmt: skip
    asleep = ~awake[:, _in_bed(t_h, bed_h, up_h)]
    total_min = asleep.sum(axis=1) * STEP_S / 60
    latency_min = np.where(asleep.any(axis=1), asleep.argmax(axis=1), asleep.shape[1]) * STEP_S / 60
    method = (
        f"{n_draws} draws of LC, DRN and the constants of the switch; against the same night without; fourth night; "
    )
    "LC and DRN: order and time course of animals, size in people declared"

    def effect(values: np.ndarray) -> Effect:
        low, median, high = np.quantile(values, [(1 - LEVEL) / 2, 0.5, (1 + LEVEL) / 2])
        return Effect(
            estimate=float(median), low=float(low), high=float(high), unit="min", n=0, method=method, level=LEVEL,
            sources=sources,
        )  # fmt: skip

    return effect(total_min[:n_draws] - total_min[n_draws:]), effect(latency_min[:n_draws] - latency_min[n_draws:])


def _at_end(state: State, z: np.ndarray) -> np.ndarray:
    """Draws of a state at the end of the weeks."""
    return two_sided(z, value=float(state.median[-1]), low=float(state.low[-1]), high=float(state.high[-1]))


def _in_bed(t_h: np.ndarray, bed_h: float, up_h: float | None) -> np.ndarray:
    """Steps of the last night in bed, (k,) of bool."""
    first_h = 24 * (_DAYS - 1)
    last_h = up_h if up_h is not None else 36.0
    return (t_h > first_h + bed_h + 1e-9) & (t_h <= first_h + last_h + 1e-9)


def _check(bed_h: float, up_h: float | None, arousal_pct: float, acts_h: tuple[float, float]) -> None:
    begin_h, end_h = acts_h
    first = outside("bed_h", bed_h, low=18, high=30)
    begins = outside("acts_from_h", begin_h, low=0, high=24)
    demand([
        first,
        # what counts from another number is told once that one is right
        None if up_h is None or first else outside("up_h", up_h, low=bed_h + 1, high=36, why="after bed_h"),
        outside("arousal_pct", arousal_pct, low=-100, high=1000),
        begins,
        None if begins else outside("acts_to_h", end_h, low=begin_h, high=begin_h + 24, why="within a day"),
    ])  # fmt: skip
