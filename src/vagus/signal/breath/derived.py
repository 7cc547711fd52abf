"""Respiration from heartbeats: what breathing does to the height of R waves, to RR intervals, to the pulse."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from vagus.errors import InputError, Problem
from vagus.signal.beats import Beats
from vagus.signal.known import value
from vagus.signal.recording import Recording
from vagus.signal.vector import Array

DERIVED_HZ = 8.0
_FEWEST_BEATS = 20
_AROUND_S = 0.06


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivedState:
    """What the derivation carries from beat to beat; made by `DerivedState.of`, moved on by `derived_step`.

    Parameters
    ----------
    beat_s, drawn : float
        Time of the last beat, and the value drawn there; nan before the first.
    n_sample : int
        Samples given so far; sample k lies at k / 8 s.
    center, spread, rough, before, before2 : (2,) array
        Of height and of the interval with its sign turned: running mean, mean square, mean square of second
        differences, the last two values.
    together : float
        Running mean product of the two: its sign tells which way the height goes.

    Examples
    --------
    >>> DerivedState.of().n_sample
    0
    """

    beat_s: float
    drawn: float
    n_sample: int
    center: Array
    spread: Array
    rough: Array
    before: Array
    before2: Array
    together: float

    @classmethod
    def of(cls) -> DerivedState:
        """A state before the first beat."""
        none = np.zeros(2)
        return cls(
            beat_s=math.nan, drawn=math.nan, n_sample=0, center=np.full(2, math.nan), spread=none, rough=none,
            before=none, before2=none, together=0.0,
        )  # fmt: skip


def derived_step(state: DerivedState, *, beat_s: float, height: float) -> tuple[DerivedState, Array]:
    """Samples of derived respiration up to one more beat, at 8 Hz; rises with inspiration.

    The heart speeds up with inspiration (respiratory sinus arrhythmia), and the height of R waves, or the level of the
    pulse wave, goes with the lungs' volume in a direction that hangs on the lead: it is turned the way that it goes
    with the heart rate. Each of the two is taken less its running mean, over its usual size, and weighed by how smooth
    it is from beat to beat (noise is not). Between beats a straight line: the lag is one beat. Good for the rate of
    breathing, not for the onset of a breath: no gate should rest on it.

    Parameters
    ----------
    state : DerivedState
    beat_s : float
        Time of the beat, 0 or later, later than the last one.
    height : float
        Of its R wave over the valleys beside it, or the level of the pulse wave at it.

    Examples
    --------
    >>> state = DerivedState.of()
    >>> for k in range(4):
    ...     state, samples = derived_step(state, beat_s=0.5 * k, height=1.0)
    >>> samples.size, state.n_sample
    (4, 13)
    """
    if not (math.isfinite(beat_s) and math.isfinite(height) and beat_s >= 0) or beat_s <= state.beat_s:
        found = f"{beat_s:g} s of height {height:g} after {state.beat_s:g} s"
        raise InputError(Problem(what="beat to derive respiration from", found=found, allowed="a later time, finite"))
    if math.isnan(state.beat_s):
        size = math.floor(beat_s * DERIVED_HZ) + 1
        return replace(state, beat_s=beat_s, drawn=0.0, n_sample=size, center=np.array([height, math.nan])), np.zeros(
            size
        )
    new = np.array([height, -(beat_s - state.beat_s)])
    state, level = _weighed(state, new)
    last = math.floor(beat_s * DERIVED_HZ)
    times_s = np.arange(state.n_sample, last + 1) / DERIVED_HZ
    share = (times_s - state.beat_s) / (beat_s - state.beat_s)
    samples = state.drawn + share * (level - state.drawn)
    return replace(state, beat_s=beat_s, drawn=level, n_sample=max(state.n_sample, last + 1)), samples


def _weighed(state: DerivedState, new: Array) -> tuple[DerivedState, float]:
    """The state after a pair of height and interval, and the value that they make together."""
    center = np.where(np.isnan(state.center), new, state.center)
    size = np.sqrt(np.maximum(state.spread, 1e-30))
    apart = new - center
    # one ectopic beat or artefact moves nothing by more than three usual sizes
    cut = np.where(state.spread > 0, np.clip(apart, -3 * size, 3 * size), apart)
    rate, slow = value("derived_rate"), value("derived_mean_rate")
    spread = state.spread + rate * (cut**2 - state.spread)
    rough = state.rough + rate * ((cut - 2 * state.before + state.before2) ** 2 - state.rough)
    together = state.together + rate * (cut[0] * cut[1] - state.together)
    weight = np.maximum(0.02, 1 - rough / np.maximum(6 * spread, 1e-30))
    scaled = cut / np.sqrt(np.maximum(spread, 1e-30)) * np.where(spread > 0, weight, 0.0)
    scaled[0] *= 1.0 if together >= 0 else -1.0
    moved = replace(
        state, center=center + slow * cut, spread=spread, rough=rough, before=cut, before2=state.before,
        together=together,
    )  # fmt: skip
    return moved, float(scaled.sum() / weight.sum())


def derived_respiration(recording: Recording, beats: Beats) -> Recording:
    """Respiration derived from an ECG or a pulse wave and its beats, at 8 Hz: the fold of `derived_step`.

    Parameters
    ----------
    recording : Recording
        ECG or PPG.
    beats : Beats
        Found in it, 20 or more.

    Returns
    -------
    Recording
        Of kind "resp", for `find_breaths`. Where breathing is faster than half the heart rate it cannot be seen.

    Raises
    ------
    InputError
        Neither ECG nor PPG, or too few beats.

    Sources
    -------
    Moody GB, Mark RG, Zoccola A, Mantero S. Comput Cardiol 1985;12:113-116; Charlton PH et al. 2016,
    doi:10.1088/0967-3334/37/4/610 (both recalled).

    Examples
    --------
    >>> t = np.arange(0, 60, 0.01)
    >>> beat_s = np.arange(0.5, 59.5, 0.8)
    >>> height = 1 + 0.2 * np.sin(2 * np.pi * 0.25 * beat_s)
    >>> wave = (height * np.exp(-0.5 * ((t[:, None] - beat_s) / 0.01) ** 2)).sum(axis=1)
    >>> ecg = Recording(kind="ecg", fs_hz=100, samples=wave, unit="mV")
    >>> resp = derived_respiration(ecg, Beats(time_s=beat_s, quality=np.ones(beat_s.size), origin="given"))
    >>> resp.kind, resp.fs_hz
    ('resp', 8.0)
    """
    if recording.kind == "resp":
        found = 'kind "resp"'
        raise InputError(Problem(what="respiration is derived from an ECG or PPG", where=recording.name, found=found))
    if beats.time_s.size < _FEWEST_BEATS:
        found, allowed = f"{beats.time_s.size}", f"{_FEWEST_BEATS} or more"
        raise InputError(
            Problem(what="too few beats to derive respiration", where=recording.name, found=found, allowed=allowed)
        )
    state = DerivedState.of()
    pieces: list[Array] = []
    for beat_s in beats.time_s.tolist():
        state, samples = derived_step(state, beat_s=beat_s, height=_height(recording, beat_s))
        pieces.append(samples)
    derived = Recording(
        kind="resp", fs_hz=DERIVED_HZ, samples=np.concatenate(pieces), unit="", channel=recording.channel,
        name=recording.name,
        notes=(f"respiration derived from heartbeats ({recording.kind}, {beats.time_s.size} beats), not measured",),
    )  # fmt: skip
    return derived


def _height(recording: Recording, beat_s: float) -> float:
    """Height of the R wave over the valleys beside it; of a pulse wave its level at the beat."""
    at, reach = round(beat_s * recording.fs_hz), max(1, round(_AROUND_S * recording.fs_hz))
    around = recording.samples[max(0, at - reach) : at + reach + 1]
    return float(np.ptp(around)) if recording.kind == "ecg" else float(around.mean())
