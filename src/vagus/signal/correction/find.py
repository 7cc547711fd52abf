"""Which beats do not belong to the rhythm, and how many are missing: the likeliest story of the whole series."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import median_filter

from vagus.signal.correction._kernels import Law, cheapest_way
from vagus.signal.known import value
from vagus.signal.vector import Array

_PASSES = 3
_QUARTILE_OF_T = 0.741  # of the absolute value of Student's t with 4 degrees of freedom: its median
_FEWEST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """The likeliest story: beats it rests on, and for each how many bad beats and true intervals lie before it.

    `n_true` 0: the intervals before it tell nothing of the rhythm (a pause, a premature beat that reset it).
    """

    beat: np.ndarray
    n_bad: np.ndarray
    n_true: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rhythm:
    """Of each beat: the usual interval, the scale of what is new in it, and how far a deviation goes over into it."""

    usual: Array
    scale: Array
    phi: Array


def find_way(time_s: Array, kept: np.ndarray, barred: np.ndarray) -> Way:
    """The likeliest story of the beats; `kept` beats are taken to be good, `barred` ones to be bad.

    Judged three times: what is usual, and how often beats are bad, is taken from what the time before left standing.
    """
    time = time_s * 1000
    rr = np.diff(time)
    sound = np.ones(rr.size, dtype=bool)
    at_first = np.array([value("odds_missed"), value("odds_extra"), value("odds_displaced"), value("odds_reset")])
    odds, weight = at_first, value("odds_beats")
    law = _law()
    way = Way(beat=np.zeros(0), n_bad=np.zeros(0), n_true=np.zeros(0))
    for _ in range(_PASSES):
        rhythm = _rhythm(rr, sound)
        rests, n_bad, n_true = cheapest_way(
            time, rhythm.usual, rhythm.scale, rhythm.phi, kept, barred,
            -np.log([*odds, value("odds_pause"), value("odds_again")]), law,
        )  # fmt: skip
        way = Way(beat=np.flatnonzero(rests), n_bad=n_bad[rests > 0], n_true=n_true[rests > 0])
        usual = (rests > 0) & (n_bad == 0) & (n_true == 1)
        sound = usual[1:]
        odds = (_counted(way) + weight * at_first) / (time.size + weight)
    return way


def _law() -> Law:
    """The numbers of the table that the kernel reads."""
    return Law(
        nu=value("tail_nu"),
        early=value("least_early"),
        late=value("least_late"),
        plain=value("least_scales"),
        room_long=value("room_long"),
        room_short=value("room_short"),
        most_off=value("most_off"),
        pause=value("least_pause"),
        reset_early=value("least_reset_first"),
        reset_first=value("most_reset_first"),
        reset_last=value("least_reset_last"),
        reset_most=value("most_reset_last"),
        reset_spread=value("reset_spread"),
    )


def _counted(way: Way) -> Array:
    """Missed, extra, displaced beats and resets of a story."""
    told = way.n_true > 0
    more = np.where(told, way.n_true - 1, 0)
    moved = np.minimum(way.n_bad, more)
    return np.array(
        [(more - moved).sum(), (way.n_bad - moved)[told].sum(), moved.sum(), (way.n_bad > 0)[~told].sum()],
        dtype=np.float64,
    )


def _rhythm(rr: Array, sound: np.ndarray) -> _Rhythm:
    """What is usual, from the `sound` intervals alone where there are enough of them.

    Deviations from the running median are taken as a first-order autoregression: 2 (1 - phi) is the ratio of the
    squared scales of successive differences and of deviations. Both scales are medians, so that one interval in seven
    may be bad.
    """
    if sound.sum() < _FEWEST:
        sound = np.ones(rr.size, dtype=bool)
    index, good = np.flatnonzero(sound), rr[sound]
    median = median_filter(good, size=int(value("median_beats")), mode="nearest")
    usual = np.interp(np.arange(rr.size), index, median)
    away = rr - usual
    follows = sound[1:] & sound[:-1]
    floor = value("least_scale_ms")
    spread = np.maximum(_scale(away, sound), floor / np.sqrt(2))
    step = np.maximum(
        _scale(np.diff(away), follows if follows.sum() >= _FEWEST else np.ones(rr.size - 1, dtype=bool)), floor
    )
    step = np.concatenate([step[:1], step])
    phi = np.clip(1 - step**2 / (2 * spread**2), -0.3, 0.95)
    scale = np.maximum(spread * np.sqrt(1 - phi**2), floor)

    def of_beats(values: Array) -> Array:
        return np.concatenate([values[:1], values])

    return _Rhythm(usual=of_beats(usual), scale=of_beats(scale), phi=of_beats(phi))


def _scale(values: Array, sound: np.ndarray) -> Array:
    """Running scale of Student's t, from the median size of the `sound` values around each."""
    index, size = np.flatnonzero(sound), np.abs(values[sound])
    width = min(int(value("spread_beats")), size.size)
    step = max(1, width // 10)  # it changes slowly: every tenth of the width is enough
    inner = np.median(np.lib.stride_tricks.sliding_window_view(size, width)[::step], axis=1)
    middle = index[np.arange(inner.size) * step + (width - 1) // 2]
    return np.interp(np.arange(values.size), middle, inner) / _QUARTILE_OF_T
