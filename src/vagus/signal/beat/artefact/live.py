"""Stimulation artefact out of an ECG as its samples come in, with pulse times as the stimulator tells them.

    state = ArtefactState.of(fs_hz=250)
    state, clean = artefact_step(state, samples, pulse_times_s=times)  # as many of either as there are
    beats, found = beat_step(beats, clean)                             # `state.lag_s` later than without

The model is that of `deflection`: a spline of the time since the pulse and decaying exponentials. At each pulse what
came since the one before is added to the equations of least squares, in which older pulses count less and less, and
they are solved; this pulse is subtracted with the shape known by then. What is done to a sample hangs on pulses told
and on samples up to `lag_s` after it, never on chunks.
"""

from __future__ import annotations

import math
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import cho_factor, cho_solve

from vagus.errors import InputError, Problem
from vagus.signal.beat.artefact.deflection import FADES_S, Shape, knots_of
from vagus.signal.beat.constants import value
from vagus.signal.beat.stream import FASTEST_HZ
from vagus.signal.vector import Array, row, vector

_SIGMA = 1.2533  # standard deviation of a normal distribution over the mean of absolute values
_CLIP = 4.0  # times what is usual, beyond which a step counts no more
_LEAST = 0.02  # of the steepest step counts always: an ECG may begin flat
_FINEST = 1e-5  # of the largest step is noise at least
_TRUSTED = 0.3  # weight of a step that is taken to be like the others
_BACK = 2  # samples beside a blanked stretch that give its slope
_STEEPEST = 8  # windows of 2 s, of whose steepest steps the median is taken


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Plan:
    """What follows from the sampling rate alone; lengths in samples."""

    first: int  # where the sharp part of a pulse begins, against its time (0 or less)
    sharp: int  # where it is over at the latest
    width: int  # where the spline ends
    learned: int  # so many samples of each pulse are learned from
    reach: int  # where the exponentials are taken to be gone
    run: int  # longest stretch that is bridged
    knots: Array
    fades: Array
    fading: Array  # exponentials by the whole number of samples, (reach, number of them)
    slack: float  # most by which pulses may come sooner or later than told
    wanders: tuple[float, float]  # variances that are added to what is known of two clocks, a pulse
    prior: Array  # size expected of each number of the shape, against the largest step

    @property
    def lag(self) -> int:
        return 1 - self.first + self.run + _BACK


@cache
def _plan(fs_hz: float) -> _Plan:
    first, sharp = -math.ceil(value("live_before_s") * fs_hz) - 2, math.ceil(value("live_sharp_s") * fs_hz) + 2
    width = max(round(value("live_width_s") * fs_hz), sharp + 4)
    knots = knots_of(first, sharp, width)
    fades = np.array(FADES_S) * fs_hz
    reach = round(value("live_reach_s") * fs_hz)
    middle = np.maximum(0.0, np.array([knots[i + 1 : i + 4].mean() for i in range(knots.size - 4)])) / fs_hz
    prior = np.concatenate([np.maximum(np.exp(-middle / value("tail_fades_s")), 1e-3), np.ones(fades.size - 1)])
    return _Plan(
        first=first, sharp=sharp, width=width, reach=reach, learned=round(value("artefact_tail_s") * fs_hz),
        run=max(math.ceil(value("live_blank_s") * fs_hz), sharp - first + 2), knots=knots, fades=fades,
        fading=np.exp(-np.arange(reach)[:, None] / fades), prior=prior, slack=value("live_before_s") * fs_hz,
        wanders=((1e-6 * value("live_wander_us") * fs_hz) ** 2, 0.0),
    )  # fmt: skip


@dataclass(slots=True, kw_only=True, eq=False)
class _Memory:
    """All that the step remembers. Samples are counted from the first of the stream; `front` is the next one."""

    front: int = 0
    due: Array  # pulses told whose place has not come
    waiting: Array  # samples from the front on
    near: Array  # pulses whose spline reaches what is kept of `steps`
    last: int = -(10**9)  # sample of the last pulse
    told: float = 0.0  # its time, in samples
    clock: Array  # by how many samples pulses come later than told, and how much more a sample
    doubt: np.ndarray  # covariance of these
    before: float = math.nan  # the sample before the front
    clean_before: float = math.nan
    # least squares
    sure: Array  # information: inverse covariance of the shape
    shape: Array
    high: float = 0.0  # largest step
    steps: Array  # since the last pulse, up to the end of its spline
    tails: Array  # steps of the unit exponentials there
    # what is yet to come of pulses past, from the front on
    ahead: Array
    unit: Array
    unit_before: Array
    # how much steps scatter: after the pulse by distance, elsewhere, and the steepest there
    scatter: Array
    usual: float = 0.0
    steepest: Array
    usual_steepest: float = math.inf
    steep: float = 0.0
    # cleaned samples up to the front, the last `out.size` of them; the number of those given out
    out: Array
    blank: np.ndarray
    gone: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ArtefactState:
    """A live remover of stimulation artefact between two chunks. Made by `ArtefactState.of`.

    Parameters
    ----------
    fs_hz : float
    lag_s : float
        Samples come out this much later than they came in: 0.064 s at 250 Hz, 0.05 s at 500 Hz.
    """

    fs_hz: float
    lag_s: float
    _memory: _Memory

    @classmethod
    def of(cls, *, fs_hz: float) -> ArtefactState:
        """A remover that knows no pulse yet.

        Raises
        ------
        InputError
            A rate below 250 Hz, at which 25 pulses a second leave too few samples, or above 4000 Hz.

        Examples
        --------
        >>> ArtefactState.of(fs_hz=250).lag_s
        0.064
        """
        slowest_hz = value("slowest_artefact_fs_hz")
        if not slowest_hz <= fs_hz <= FASTEST_HZ:
            allowed = f"{slowest_hz:g} to {FASTEST_HZ:g} Hz"
            why = "below it too few samples are left between pulses"
            found = f"{fs_hz} Hz"
            raise InputError(Problem(what="fs_hz is out of range", found=found, allowed=allowed, why=why))
        plan, none = _plan(fs_hz), np.zeros(0)
        size, fades = plan.prior.size, plan.fades.size
        doubt = [(value("live_offset_s") * fs_hz) ** 2, (1e-6 * value("live_ppm")) ** 2]
        memory = _Memory(
            due=none, waiting=none, near=none, clock=np.zeros(2), doubt=np.diag(doubt), sure=np.zeros((size, size)),
            shape=np.zeros(size), steps=none, tails=np.zeros((0, fades - 1)), ahead=np.zeros(plan.reach),
            unit=np.zeros((plan.reach, fades - 1)), unit_before=np.zeros(fades - 1),
            scatter=np.full(plan.width - plan.first, np.inf), steepest=np.zeros(0), out=none,
            blank=np.zeros(0, dtype=bool),
        )  # fmt: skip
        return cls(fs_hz=float(fs_hz), lag_s=plan.lag / fs_hz, _memory=memory)


def artefact_step(
    state: ArtefactState, chunk: ArrayLike, *, pulse_times_s: ArrayLike = ()
) -> tuple[ArtefactState, Array]:
    """The remover after some more samples, and the cleaned samples that are ready, in order, none left out.

    Parameters
    ----------
    state : ArtefactState
        Of `ArtefactState.of` or the step before; not changed.
    chunk : (n,) array
        Samples in any unit, one or many; NaN where one was lost.
    pulse_times_s : (m,) array
        Pulses not yet told, each one of a burst, from the first sample of the stream on, told ahead or at the latest
        with the chunk in which they fall.

    Returns
    -------
    state : ArtefactState
    clean : (k,) array
        Samples up to `lag_s` ago; NaN where one was lost or too many had to be blanked in a row.

    Raises
    ------
    InputError
        Infinite samples, or pulses out of order or told too late.

    Examples
    --------
    A train of 25 Hz, five times as high as the heartbeats, leaves them whole up to a level (of which pulses each 40 ms
    say nothing; beats do not depend on it):

    >>> t = np.arange(0, 20, 1 / 500)
    >>> pulses = np.arange(2, 18, 0.04)
    >>> ecg = np.exp(-0.5 * (((t % 0.83) - 0.4) / 0.012) ** 2)
    >>> seen = ecg + sum(5.0 * np.exp(-0.5 * ((t - p - 0.001) / 0.001) ** 2) for p in pulses)
    >>> state, clean = artefact_step(ArtefactState.of(fs_hz=500), seen, pulse_times_s=pulses)
    >>> bool(np.ptp((clean - ecg[: clean.size])[2000:9000]) < 0.05)
    True
    """
    samples = row(chunk, what="a chunk")
    memory, plan = deepcopy(state._memory), _plan(state.fs_hz)
    _tell(memory, plan, vector(pulse_times_s, name="pulse_times_s", increasing=True) * state.fs_hz, state.fs_hz)
    memory.waiting = np.concatenate([memory.waiting, samples])
    until = memory.front + memory.waiting.size - (1 - plan.first)
    while memory.front < until:
        onset = math.floor(memory.due[0]) + plan.first if memory.due.size else until
        if onset <= memory.front:
            _begin(memory, plan)
        else:
            _pass(memory, plan, min(until, onset) - memory.front, state.fs_hz)
    return replace(state, _memory=memory), _given_out(memory, plan)


def artefact_rest(state: ArtefactState) -> Array:
    """Cleaned samples that still wait when the stream ends.

    Examples
    --------
    >>> state, clean = artefact_step(ArtefactState.of(fs_hz=250), np.zeros(100))
    >>> clean.size, artefact_rest(state).size
    (84, 16)
    """
    came = state._memory.front + state._memory.waiting.size
    _, clean = artefact_step(state, np.full(_plan(state.fs_hz).lag, math.nan))
    return clean[: came - state._memory.gone]


def _tell(memory: _Memory, plan: _Plan, at: Array, fs_hz: float) -> None:
    if not at.size:
        return
    if memory.due.size and at[0] <= memory.due[-1]:
        found = f"{at[0] / fs_hz:g} s after {memory.due[-1] / fs_hz:g} s"
        raise InputError(Problem(what="pulses are told out of order", found=found, allowed="in order of time"))
    if math.floor(at[0]) + plan.first < memory.front:
        found = f"{at[0] / fs_hz:g} s, with samples up to {(memory.front + memory.waiting.size) / fs_hz:g} s passed"
        allowed = "ahead, or with the chunk in which it falls"
        raise InputError(Problem(what="a pulse was told too late", found=found, allowed=allowed))
    memory.due = np.concatenate([memory.due, at])


def _begin(memory: _Memory, plan: _Plan) -> None:
    """A pulse is at hand: what came before it is learned, and what it will add is set down ahead."""
    _learn(memory, plan)
    told = float(memory.due[0])
    memory.due = memory.due[1:]
    gone = np.array([[1.0, max(0.0, told - memory.told)], [0.0, 1.0]])
    memory.clock, memory.doubt = gone @ memory.clock, gone @ memory.doubt @ gone.T + np.diag(plan.wanders)
    memory.told, memory.last = told, math.floor(told)
    at = told + float(np.clip(memory.clock[0], -plan.slack, plan.slack))
    memory.near = np.concatenate([memory.near[memory.near > memory.front - plan.width - 1], [at]])
    memory.steps, memory.tails = np.zeros(0), np.zeros((0, plan.fades.size - 1))
    n = plan.knots.size - 4
    window = np.arange(memory.front, memory.last + plan.width + 1, dtype=np.float64) - at
    memory.ahead[: window.size] += _splines(window, plan.knots) @ memory.shape[:n]
    start = max(math.ceil(at), memory.front)
    fading = plan.fading * np.exp((at - start) / plan.fades)
    fading = (fading[:, 1:] - fading[:, :1])[: plan.reach - (start - memory.front)]
    memory.unit[start - memory.front :] += fading
    memory.ahead[start - memory.front :] += fading @ memory.shape[n:]


def _splines(lag: Array, knots: Array) -> Array:
    """Value of each cubic spline at each distance, 0 outside, (n, number of splines): the recursion of de Boor."""
    values = np.zeros((lag.size, knots.size - 4))
    inside = np.flatnonzero((lag > knots[3]) & (lag < knots[-4]))
    if not inside.size:
        return values
    x = lag[inside]
    low = np.searchsorted(knots, x, side="right") - 1
    part = np.zeros((4, x.size))
    part[0] = 1.0
    for degree in (1, 2, 3):
        saved = np.zeros(x.size)
        for i in range(degree):
            right, left = knots[low + i + 1], knots[low + i + 1 - degree]
            share = part[i] / (right - left)
            part[i] = saved + (right - x) * share
            saved = (x - left) * share
        part[degree] = saved
    values[inside[:, None], (low - 3)[:, None] + np.arange(4)] = part.T
    return values


def _learn(memory: _Memory, plan: _Plan) -> None:
    """Least squares with what came since the last pulse: Huber's weights, old pulses count less and less.

    They are forgotten only in directions in which new ones tell something (the row space of the regressors; Lai &
    Bernstein 2024, arXiv:2404.10844): what the start of a train shows is not known from its middle.
    """
    known = np.isfinite(memory.steps)
    if known.sum() < (1 if memory.high else plan.sharp - plan.first):
        return  # the first to be learned from is a whole one
    number = memory.last + plan.first + np.flatnonzero(known)
    splines = np.zeros((number.size, plan.knots.size - 4))
    every = np.arange(number[0] - 1, number[-1] + 1)
    late = np.zeros(number.size)
    known_shape = _shape_of(memory, plan)
    for at in memory.near:
        splines += np.diff(_splines(every - at, plan.knots), axis=0)[number - number[0]]
        late -= np.diff(known_shape.at(every - at, slope=True))[number - number[0]]
    design, y = np.hstack([splines, memory.tails[known]]), memory.steps[known]
    before, memory.high = memory.high, max(memory.high, float(np.abs(y).max()))
    if before:
        memory.sure *= (before / memory.high) ** 2  # what was learned of smaller pulses says less of larger ones
    else:
        memory.sure = np.diag(1 / (memory.high * plan.prior) ** 2)
    noise = max(_SIGMA * memory.usual, _FINEST * memory.high)
    left = y - design @ memory.shape
    if before:
        _follow(memory, late, left, noise)
    trust = np.minimum(1.0, 1.5 * noise / np.maximum(np.abs(left), 1e-300))
    apt = design[trust > _TRUSTED]
    told = apt @ memory.sure
    if told.size:
        inner = np.linalg.pinv(told @ apt.T, rcond=1e-9, hermitian=True)
        memory.sure -= told.T @ inner @ told / value("live_memory_pulses")
    memory.sure += design.T @ (trust[:, None] / noise**2 * design)
    memory.sure = 0.5 * (memory.sure + memory.sure.T)
    whole = memory.sure.copy()
    whole[np.diag_indices(whole.shape[0])] += 1e-10 * whole.diagonal().max()
    told = design.T @ (trust / noise**2 * left)
    memory.shape = memory.shape + cho_solve(cho_factor(whole, check_finite=False), told, check_finite=False)


def _shape_of(memory: _Memory, plan: _Plan) -> Shape:
    n = plan.knots.size - 4
    return Shape(knots=plan.knots, weights=memory.shape[:n], fades=plan.fades, shares=memory.shape[n:])


def _follow(memory: _Memory, late: Array, left: Array, noise: float) -> None:
    """How much later than told pulses come, and by how much more each sample (two clocks): a Kalman filter."""
    told = float(late @ late)
    if told <= 0:
        return
    error = max(noise**2, float(np.mean(left**2))) / told
    gain = memory.doubt[:, 0] / (memory.doubt[0, 0] + error)
    memory.clock = memory.clock + gain * float(late @ left) / told
    memory.doubt = memory.doubt - np.outer(gain, memory.doubt[0])


def _pass(memory: _Memory, plan: _Plan, n: int, fs_hz: float) -> None:
    """The front moves on by n samples, before the next pulse begins."""
    n = min(n, plan.reach)
    samples, added, unit = memory.waiting[:n], memory.ahead[:n], memory.unit[:n]
    memory.waiting = memory.waiting[n:]
    memory.ahead = np.concatenate([memory.ahead[n:], np.zeros(n)])
    memory.unit = np.concatenate([memory.unit[n:], np.zeros((n, unit.shape[1]))])
    clean = samples - added
    room = max(0, plan.learned - memory.steps.size)
    if memory.last >= 0 and room:
        memory.steps = np.concatenate([memory.steps, np.diff(samples, prepend=memory.before)[:room]])
        memory.tails = np.concatenate([memory.tails, np.diff(unit, axis=0, prepend=memory.unit_before[None])[:room]])
    step = np.abs(np.diff(clean, prepend=memory.clean_before))
    blank = np.array([_seen(memory, plan, memory.front + i, one, fs_hz) for i, one in enumerate(step.tolist())])
    memory.before, memory.clean_before, memory.unit_before = float(samples[-1]), float(clean[-1]), unit[-1].copy()
    memory.out, memory.blank = np.concatenate([memory.out, clean]), np.concatenate([memory.blank, blank])
    memory.front += n


def _seen(memory: _Memory, plan: _Plan, number: int, step: float, fs_hz: float) -> bool:
    """Whether a sample is to be blanked; its step counts for what scatters how much."""
    if not math.isfinite(step):
        return False
    place = number - memory.last - plan.first
    if number % int(2 * fs_hz) == 0 and memory.steep:
        memory.steepest = np.append(memory.steepest, memory.steep)[-_STEEPEST:]
        memory.usual_steepest = float(np.median(memory.steepest))
        memory.steep = 0.0
    if place >= plan.sharp - plan.first:
        rate = 1 / fs_hz if memory.usual else 1.0
        memory.steep = max(memory.steep, step)
        memory.usual += rate * (min(step, max(_CLIP * memory.usual, _LEAST * memory.steep)) - memory.usual)
    if place >= memory.scatter.size:
        return False
    usual, here = memory.usual, float(memory.scatter[place])
    if math.isinf(here):
        memory.scatter[place] = step
    else:
        memory.scatter[place] += (min(step, _CLIP * max(here, usual)) - here) / value("live_scatter_pulses")
    if place >= plan.sharp - plan.first:
        return False
    steep = step > value("steep_times") * memory.usual_steepest
    return steep or math.isinf(here) or here > value("blank_times") * usual


def _given_out(memory: _Memory, plan: _Plan) -> Array:
    """Samples that have waited long enough, blanked stretches bridged by a cubic through their ends."""
    start = memory.front - memory.out.size  # number of the first one kept
    a, b = memory.gone - start, memory.front - plan.run - _BACK - start
    if b <= a:
        return np.zeros(0)
    # a step lies between two samples: either may be wrong
    bad = memory.blank.copy()
    bad[:-1] |= memory.blank[1:]
    given = memory.out[a:b].copy()
    kept = np.flatnonzero(~bad)
    for i in (np.flatnonzero(bad[a:b]) + a).tolist():
        after = int(np.searchsorted(kept, i))
        right = int(kept[after]) if after < kept.size else bad.size
        left = int(kept[after - 1]) if after else -1
        near = left >= 1 and i - left <= plan.run and right - i <= plan.run
        given[i - a] = _cubic(memory.out, bad, left, right, i) if near else math.nan
    memory.gone = start + b
    spare = max(0, b - plan.run - 2 * _BACK)
    memory.out, memory.blank = memory.out[spare:], memory.blank[spare:]
    return given


def _cubic(samples: Array, bad: np.ndarray, left: int, right: int, i: int) -> float:
    long, (low, high) = right - left, (float(samples[left]), float(samples[right]))
    line = (high - low) / long
    rise = line if bad[left - 1] else float(samples[left] - samples[left - 1])
    fall = line if bad[right + 1] else float(samples[right + 1] - samples[right])
    x = (i - left) / long
    return low + x * (high - low) + x * (1 - x) * long * ((rise - line) * (1 - x) - (fall - line) * x)
