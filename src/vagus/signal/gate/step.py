"""The gate: signs of beats and breaths in, decisions to fire out. Time comes in; no clock is read."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from vagus.errors import InputError, Problem
from vagus.signal.gate.pace import Pace, pace_step
from vagus.signal.gate.plan import Act, Decision, Gate, Sign
from vagus.signal.known import value


@dataclass(frozen=True, slots=True, kw_only=True)
class GateState:
    """What the gate knows; made by `GateState.of`, moved on by `gate_step`.

    Parameters
    ----------
    gate : Gate
    pace : Pace
        Of the beats or breaths that it fires on.
    now_s : float
        Time of the last step.
    signal_s : float
        Time up to which there was signal.
    aim_s : float or None
        When the next pulse is to go out: a driver may set its timer to it, if it asks again at that time.
    fired_s : float
        Time of the last pulse; minus infinity before the first.
    open_since_s : float or None
        Start of the expiration (or inspiration) for which stimulation may last; None where it may not.
    """

    gate: Gate
    pace: Pace
    now_s: float
    signal_s: float
    aim_s: float | None
    fired_s: float
    open_since_s: float | None

    @classmethod
    def of(cls, gate: Gate, *, start_s: float = 0.0) -> GateState:
        """A gate before its first sign."""
        return cls(
            gate=gate, pace=Pace.of("beat" if gate.on == "beat" else "breath"), now_s=start_s, signal_s=start_s,
            aim_s=None, fired_s=-math.inf, open_since_s=None,
        )  # fmt: skip


def gate_step(
    state: GateState, *, now_s: float, signs: Iterable[Sign] = (), signal_s: float, trouble: str = ""
) -> tuple[GateState, tuple[Decision, ...]]:
    """The gate at a later time, and what it decided since.

    For each beat or breath it fires once, or refuses with a reason; never twice for one. It refuses while the detector
    reports trouble (sensor off, flat, noise, no breath), while the signal is stale, after an ectopic or missing beat
    until two usual ones have followed, in an irregular pace, where the beat or breath is of low quality, where a
    prediction that the aim rests on is wider than allowed, within the least interval after the last pulse, and where
    the moment has passed.

    A pulse after the beat is aimed from the beat itself where the detector tells it in time, else from the prediction,
    and always so before the beat. A beat that comes before such an aim moves it, or ends it.

    Parameters
    ----------
    state : GateState
    now_s : float
        Time of this step, not before that of the last.
    signs : iterable of Sign
        Beats and onsets that were told since the last step, in order of time.
    signal_s : float
        Time of the newest sample that the detector has seen.
    trouble : str
        What the detector says is wrong now, "" where nothing is.

    Returns
    -------
    state : GateState
    decisions : tuple of Decision

    Raises
    ------
    InputError
        Time that runs backward or is not finite.

    Examples
    --------
    >>> state = GateState.of(Gate(on="exhale", least_interval_s=1.0))
    >>> state, told = gate_step(state, now_s=4.1, signs=[Sign(kind="exhale", time_s=4.1)], signal_s=4.1)
    >>> [(d.act, d.aim_s) for d in told]
    [('fire', 4.1)]
    >>> state, told = gate_step(state, now_s=4.2, signs=[Sign(kind="exhale", time_s=4.2)], signal_s=4.2)
    >>> told[0].act, told[0].reason
    ('refuse', '0.10 s after the last pulse, least 1 s')
    """
    if not (math.isfinite(now_s) and math.isfinite(signal_s) and now_s >= state.now_s):
        found = f"now {now_s:g} s, signal up to {signal_s:g} s, after {state.now_s:g} s"
        raise InputError(Problem(what="time of the gate", found=found, allowed="finite, never backward"))
    state = replace(state, now_s=now_s, signal_s=max(state.signal_s, signal_s))
    told: list[Decision] = []
    standing = _standing(state, trouble)
    if standing:
        state = _closed(state, standing, told)
    for sign in signs:
        state = _signed(state, sign, standing, told)
    state = _timed(state, told)
    return state, tuple(told)


def _standing(state: GateState, trouble: str) -> str:
    """Why nothing may fire now, whatever comes; "" where something may."""
    if trouble:
        return trouble
    age_s = state.now_s - state.signal_s
    return f"the signal is {age_s:.2f} s old" if age_s > state.gate.stale_s else ""


def _closed(state: GateState, reason: str, told: list[Decision]) -> GateState:
    """The gate after trouble: what was aimed at is refused, what runs is stopped."""
    if state.aim_s is not None:
        told.append(_decision("refuse", state, reason))
    if state.open_since_s is not None:
        told.append(_decision("stop", state, reason))
    return replace(state, aim_s=None, open_since_s=None)


def _decision(act: Act, state: GateState, reason: str = "") -> Decision:
    aim_s = state.now_s if state.aim_s is None or act == "stop" else state.aim_s
    return Decision(act=act, time_s=state.now_s, aim_s=aim_s, reason=reason)


def _signed(state: GateState, sign: Sign, standing: str, told: list[Decision]) -> GateState:
    """The gate after one beat or onset."""
    if sign.kind != state.gate.on:
        if state.open_since_s is not None and sign.kind != "beat":
            told.append(_decision("stop", state, f"{sign.kind} has begun"))
            return replace(state, open_since_s=None)
        return state
    if sign.time_s <= state.pace.last_s:
        return state  # the same one, told again
    state = replace(state, pace=pace_step(state.pace, sign.time_s))
    doubt = standing or _doubt(state, sign)
    state = _overtaken(state, sign, doubt, told)
    aim_s, half_ms = _aim(state)
    reason = doubt or _unsure(state, aim_s, half_ms)
    if reason:
        told.append(Decision(act="refuse", time_s=state.now_s, aim_s=state.now_s, reason=reason))
        return state
    return replace(state, aim_s=aim_s)


def _overtaken(state: GateState, sign: Sign, doubt: str, told: list[Decision]) -> GateState:
    """The gate where the beat came before the pulse that was aimed by prediction: the beat itself now tells the aim."""
    gate = state.gate
    if state.aim_s is None or sign.time_s >= state.aim_s:
        return state
    if gate.delay_ms < 0 or gate.share_pct > 0 or doubt:
        told.append(_decision("refuse", state, doubt or "a beat came before the aim"))
        return replace(state, aim_s=None)
    meant_s = sign.time_s + gate.delay_ms / 1000
    return _released(replace(state, aim_s=meant_s), told) if state.now_s > meant_s else replace(state, aim_s=None)


def _aim(state: GateState) -> tuple[float, float]:
    """When to fire after the newest sign, and half the interval of the prediction that this rests on, in ms."""
    gate, pace = state.gate, state.pace
    due = pace.due
    half_ms = 1000 * (due.high_s - due.time_s)
    after_s = gate.delay_ms / 1000
    if gate.share_pct > 0:
        return pace.last_s + after_s + gate.share_pct / 100 * pace.interval_s, half_ms * gate.share_pct / 100
    if gate.on == "beat" and pace.last_s + after_s < state.now_s:
        return due.time_s + after_s, half_ms  # too late for this beat: the next one
    # an onset of a breath is told when it is decided, which is its aim
    return max(pace.last_s + after_s, state.now_s) if gate.delay_ms == 0 else pace.last_s + after_s, 0.0


def _doubt(state: GateState, sign: Sign) -> str:
    """Why not to trust this beat or breath; "" where nothing speaks against it."""
    gate, due = state.gate, state.pace.due
    if sign.quality_pct < gate.least_quality_pct:
        return f"quality {sign.quality_pct:.0f} %, least {gate.least_quality_pct:g} %"
    if sign.ectopic:
        return "ectopy: the detector holds the beat for ectopic"
    return _WORDS[due.trouble] if gate.on == "beat" and due.trouble else ""


def _unsure(state: GateState, aim_s: float, half_ms: float) -> str:
    """Why not to aim there; "" where nothing speaks against it."""
    gate, since_s = state.gate, aim_s - state.fired_s
    if math.isnan(aim_s) or math.isnan(half_ms):
        return _WORDS["warming up"]
    if half_ms > gate.widest_ms:
        return f"unsure: the prediction is ± {half_ms:.0f} ms wide, most {gate.widest_ms:g} ms"
    if since_s < gate.least_interval_s:
        return f"{since_s:.2f} s after the last pulse, least {gate.least_interval_s:g} s"
    if gate.on == "beat" and since_s < 0.5 * state.pace.interval_s:
        return "the last pulse was for this beat"
    return ""


_WORDS = {
    "warming up": "warming up: too few beats",
    "ectopy": "ectopy: a beat came far from where it was due",
    "gap": "a beat is missing",
    "irregular": "irregular pace: the next beat cannot be told",
}


def _released(state: GateState, told: list[Decision]) -> GateState:
    """The gate whose time has come: fires, or is too late."""
    gate = state.gate
    late_ms = 1000 * (state.now_s - state.aim_s) if state.aim_s is not None else 0.0
    if late_ms > gate.late_ms:
        told.append(_decision("refuse", state, f"{late_ms:.0f} ms too late, most {gate.late_ms:g} ms"))
        return replace(state, aim_s=None)
    told.append(_decision("fire", state))
    running = state.now_s if gate.on != "beat" else None
    return replace(state, aim_s=None, fired_s=state.now_s, open_since_s=running)


def _timed(state: GateState, told: list[Decision]) -> GateState:
    """The gate at its time: releases what is due, stops what has lasted too long."""
    if state.aim_s is not None and state.now_s >= state.aim_s:
        state = _released(state, told)
    if state.open_since_s is not None:
        usual_s = state.pace.interval_s
        longest_s = value("longest_exhale_share") * usual_s if usual_s > 0 else math.inf
        if state.now_s - state.open_since_s > longest_s:
            told.append(_decision("stop", state, f"no end of it within {longest_s:.1f} s"))
            state = replace(state, open_since_s=None)
    return state
