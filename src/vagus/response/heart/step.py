"""A heart, step by step: pure, so that a controller can drive it, and folded for a whole recording."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from vagus.dose import site_of
from vagus.dose.ranges import demand, outside
from vagus.errors import InputError, Problem
from vagus.response.constants import constant
from vagus.response.drive import Volley, group_of
from vagus.response.heart.beats import breath_phase
from vagus.response.heart.plant import MOST_HZ, HeartPlant
from vagus.signal import Beats

_INPUT_BOUNDS = (
    ("inhaled_pct", 0.0, 100.0), ("efferent_left_hz", 0.0, MOST_HZ), ("efferent_right_hz", 0.0, MOST_HZ),
    ("afferent_pct", 0.0, 1000.0), ("sympathetic_hz", 0.0, MOST_HZ), ("vasomotor_pct", -90.0, 300.0),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class HeartInput:
    """What reaches a heart during a step.

    Parameters
    ----------
    inhaled_pct : float
        0 at the end of an expiration, 100 at the end of an inspiration.
    efferent_left_hz, efferent_right_hz : float
        Evoked spikes/s per cardiac efferent (B) fiber of each vagus.
    afferent_pct : float
        Relative drive of the vagal afferents, % of full recruitment.
    sympathetic_hz : float
        Spikes/s added to the cardiac sympathetic nerves.
    vasomotor_pct : float
        Change of the vessels' resistance, %.

    Raises
    ------
    InputError
        A number is not finite or out of range: 0 to 100 % inhaled, firing 0 to 200 spikes/s (twice what a B fiber is
        taken to follow at most), drive 0 to 1000 %, resistance -90 to 300 %.
    """

    inhaled_pct: float = 50.0
    efferent_left_hz: float = 0.0
    efferent_right_hz: float = 0.0
    afferent_pct: float = 0.0
    sympathetic_hz: float = 0.0
    vasomotor_pct: float = 0.0

    def __post_init__(self) -> None:
        given = [(getattr(self, name), low, high) for name, low, high in _INPUT_BOUNDS]
        # a step of a controller is quick: words only where they are needed
        if not all(isinstance(value, float) and low <= value <= high for value, low, high in given):
            demand(outside(name, getattr(self, name), low=low, high=high) for name, low, high in _INPUT_BOUNDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeartState:
    """State of a heart between two steps; made by `heart_rest`.

    Parameters
    ----------
    t_s : float
    pressure_mmhg, sensed_mmhg : float
        Mean arterial pressure, and the same low-passed.
    vagal_ms, sympathetic_ms : float
        What each nerve adds to the RR interval.
    gut_pct, body_pct : float
        What the sympathetic nerves add to the resistance of each bed, % of what it has without them.
    phase_pct : float
        How much of the way to the next heartbeat is done.
    rr_ms : float
    vagal_line_hz, sympathetic_line_hz, vessel_line_hz : tuple of float
        Firing under way to the node (two nerves) and to the vessels, oldest first.

    Raises
    ------
    InputError
        A number is not finite, or the interval is not above 0.
    """

    t_s: float
    pressure_mmhg: float
    sensed_mmhg: float
    vagal_ms: float
    sympathetic_ms: float
    gut_pct: float
    body_pct: float
    phase_pct: float
    rr_ms: float
    vagal_line_hz: tuple[float, ...]
    sympathetic_line_hz: tuple[float, ...]
    vessel_line_hz: tuple[float, ...]

    def __post_init__(self) -> None:
        whole = (
            self.t_s + self.pressure_mmhg + self.sensed_mmhg + self.vagal_ms + self.sympathetic_ms + self.gut_pct
            + self.body_pct + self.phase_pct + self.rr_ms + sum(self.vagal_line_hz) + sum(self.sympathetic_line_hz)
            + sum(self.vessel_line_hz)
        )  # fmt: skip
        if not (math.isfinite(whole) and self.rr_ms > 0):
            raise InputError(
                Problem(
                    what="state of a heart is not one", found=f"t_s {self.t_s:g}, rr_ms {self.rr_ms:g}",
                    allowed="finite numbers, rr_ms above 0: begin with heart_rest",
                )
            )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class HeartOutput:
    """What can be seen of a heart at the end of a step.

    Parameters
    ----------
    beat_s : float or None
        Time of a heartbeat within the step.
    heart_rate_bpm, rr_ms, pressure_mmhg : float
    vagal_hz, sympathetic_hz : float
        Firing that reaches the heart after its delay.
    """

    beat_s: float | None
    heart_rate_bpm: float
    rr_ms: float
    pressure_mmhg: float
    vagal_hz: float
    sympathetic_hz: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HeartRun:
    """A heart over a recording.

    Parameters
    ----------
    beats : signal.Beats
        Origin "predicted".
    t_s : (n,) array
        Ends of the steps.
    heart_rate_bpm, pressure_mmhg, vagal_hz, sympathetic_hz : (n,) array
    """

    beats: Beats
    t_s: np.ndarray
    heart_rate_bpm: np.ndarray
    pressure_mmhg: np.ndarray
    vagal_hz: np.ndarray
    sympathetic_hz: np.ndarray


def heart_rest(plant: HeartPlant, *, t_s: float = 0.0) -> HeartState:
    """State of a heart at rest, in the middle of a breath, half an interval after a beat.

    Examples
    --------
    >>> from vagus.response.heart.plant import heart_plant
    >>> heart_rest(heart_plant(mean_rr_ms=926.0, rmssd_ms=42.0, breath_rate_per_min=15.0)).pressure_mmhg
    92.0
    """
    own = plant.reflex
    baro = own.baro_hz(own.baro_center_mmhg)
    vagal, sympathetic = own.vagal_hz(baro), own.sympathetic_hz(baro)
    told = own.told(sympathetic)
    to_node, to_node_slow, to_vessels = plant.lines()
    return HeartState(
        t_s=t_s,
        pressure_mmhg=own.baro_center_mmhg,
        sensed_mmhg=own.baro_center_mmhg,
        vagal_ms=own.node_vagal_ms_per_hz * vagal,
        sympathetic_ms=own.node_symp_ms * told,
        gut_pct=own.gut_gain_pct * told,
        body_pct=own.body_gain_pct * told,
        phase_pct=50.0,
        rr_ms=plant.mean_rr_ms,
        vagal_line_hz=(vagal,) * to_node,
        sympathetic_line_hz=(sympathetic,) * to_node_slow,
        vessel_line_hz=(sympathetic,) * to_vessels,
    )


def heart_step(state: HeartState, given: HeartInput, *, plant: HeartPlant) -> tuple[HeartState, HeartOutput]:
    """Heart after `plant.step_s`, and what can be seen of it; pure.

    Each first-order part is solved exactly over the step with what drives it held: first order in the step.

    Parameters
    ----------
    state : HeartState
    given : HeartInput
        Held over the step.
    plant : HeartPlant

    Raises
    ------
    InputError
        The state was made with another step.

    Examples
    --------
    Five seconds of 20 evoked spikes/s on the right vagus slow this heart a little.

    >>> from vagus.response.heart.plant import heart_plant
    >>> plant = heart_plant(mean_rr_ms=926.0, rmssd_ms=42.0, breath_rate_per_min=15.0)
    >>> state = heart_rest(plant)
    >>> for _ in range(100):
    ...     state, seen = heart_step(state, HeartInput(efferent_right_hz=20.0), plant=plant)
    >>> round(seen.rr_ms)
    959
    """
    own, width_s = plant.reflex, plant.step_s
    _check_lines(state, plant)
    resistance = own.resistance(state.gut_pct, state.body_pct) * (1 + given.vasomotor_pct / 100)
    rr_s, rest_s = state.rr_ms / 1000, plant.mean_rr_ms / 1000
    flow = plant.stroke_ml * (rr_s / rest_s) ** own.filling_power / rr_s
    pressure = _toward(state.pressure_mmhg, flow * resistance, width_s / (resistance * own.artery_ml_per_mmhg))
    sensed = _toward(state.sensed_mmhg, pressure, width_s / own.baro_lag_s)
    lead = own.baro_lead_s / own.baro_lag_s
    baro = own.baro_hz(lead * pressure + (1 - lead) * sensed)
    vagal = max(own.vagal_hz(baro) + _added_hz(given, plant), 0.0)
    sympathetic = own.sympathetic_hz(baro)
    vagal_line = (*state.vagal_line_hz[1:], vagal)
    slow_line = (*state.sympathetic_line_hz[1:], sympathetic + given.sympathetic_hz)
    vessel_line = (*state.vessel_line_hz[1:], sympathetic)
    told, told_vessels = own.told(slow_line[0]), own.told(vessel_line[0])
    vagal_ms = _toward(state.vagal_ms, own.node_vagal_ms_per_hz * vagal_line[0], width_s / own.node_vagal_tau_s)
    slow_ms = _toward(state.sympathetic_ms, own.node_symp_ms * told, width_s / own.node_symp_tau_s)
    rr_ms = max(plant.intrinsic_rr_ms + vagal_ms + slow_ms, _SHORTEST_MS)
    # the mean of the heart rate at both ends
    done = 100 * width_s * (500 / state.rr_ms + 500 / rr_ms)
    phase = state.phase_pct + done
    beat_s = state.t_s + width_s * (100 - state.phase_pct) / done if phase >= 100 else None
    after = HeartState(
        t_s=state.t_s + width_s,
        pressure_mmhg=pressure,
        sensed_mmhg=sensed,
        vagal_ms=vagal_ms,
        sympathetic_ms=slow_ms,
        gut_pct=_toward(state.gut_pct, own.gut_gain_pct * told_vessels, width_s / own.vessel_tau_s),
        body_pct=_toward(state.body_pct, own.body_gain_pct * told_vessels, width_s / own.vessel_tau_s),
        phase_pct=phase % 100,
        rr_ms=rr_ms,
        vagal_line_hz=vagal_line,
        sympathetic_line_hz=slow_line,
        vessel_line_hz=vessel_line,
    )
    seen = HeartOutput(
        beat_s=beat_s,
        heart_rate_bpm=60_000 / rr_ms,
        rr_ms=rr_ms,
        pressure_mmhg=pressure,
        vagal_hz=vagal_line[0],
        sympathetic_hz=slow_line[0],
    )
    return after, seen


def _check_lines(state: HeartState, plant: HeartPlant) -> None:
    held = (len(state.vagal_line_hz), len(state.sympathetic_line_hz), len(state.vessel_line_hz))
    if held != plant.lines():
        found, allowed = f"delays of {held} steps", f"{plant.lines()}, those of this plant"
        raise InputError(Problem(what="state and plant differ in their step", found=found, allowed=allowed))


# faster than any human heart: a guard for controllers, never met at rest
_SHORTEST_MS = 250.0


def _toward(now: float, end: float, steps: float) -> float:
    return end + (now - end) * math.exp(-steps)


def _added_hz(given: HeartInput, plant: HeartPlant) -> float:
    """What breath and stimulation add to the vagal firing that the baroreflex asks for."""
    right = given.efferent_right_hz + plant.left_pct / 100 * given.efferent_left_hz
    breath = plant.breath_vagal_hz * (given.inhaled_pct / 50 - 1)
    return plant.evoked_pct / 100 * right - breath - plant.afferent_withdrawal_hz * given.afferent_pct / 100


def run_heart(
    plant: HeartPlant,
    *,
    duration_s: float,
    breath_rate_per_min: float,
    volley: Volley | None = None,
    settle_s: float = 60.0,
    rng: np.random.Generator,
) -> HeartRun:
    """Heart over a recording, from rest: `heart_step` folded over breath, a slow noise and stimulation.

    Parameters
    ----------
    plant : HeartPlant
    duration_s : float
        Length, s: 10 to 7200.
    breath_rate_per_min : float
        Breaths per minute; each breath's length varies by 5 % (SD).
    volley : Volley, optional
        Spikes that a stimulation evokes (`drive`): its B efferents drive the sinus node by the side of the nerve, its
        afferents the brain stem. After its end nothing is added.
    settle_s : float
        Time before the recording begins, without stimulation, for the rhythms to settle.
    rng : numpy.random.Generator

    Raises
    ------
    InputError
        A number is out of range.

    Examples
    --------
    >>> from vagus.response.heart.plant import heart_plant
    >>> plant = heart_plant(mean_rr_ms=926.0, rmssd_ms=42.0, breath_rate_per_min=15.0)
    >>> run = run_heart(plant, duration_s=120, breath_rate_per_min=15, rng=np.random.default_rng(1))
    >>> run.beats.origin, round(float(run.beats.rr_ms.mean()), -1)
    ('predicted', 930.0)
    """
    demand([
        outside("duration_s", duration_s, low=10, high=7200),
        outside("breath_rate_per_min", breath_rate_per_min, low=4, high=30),
        outside("settle_s", settle_s, low=0, high=600),
    ])  # fmt: skip
    n, first = round(duration_s / plant.step_s), round(settle_s / plant.step_s)
    t_s = np.arange(n + first) * plant.step_s
    inhaled = 50 * (1 + np.sin(breath_phase(t_s, breath_rate_per_min, rng=rng)))
    noise = _slow_noise(n + first, plant, rng=rng)
    evoked = _evoked(volley)
    state = heart_rest(plant, t_s=-first * plant.step_s)
    kept = np.empty((4, n))
    beats: list[float] = []
    for i in range(n + first):
        left, right, afferent = evoked(state.t_s) if i >= first else (0.0, 0.0, 0.0)
        given = HeartInput(
            inhaled_pct=inhaled[i], vasomotor_pct=noise[i], efferent_left_hz=left, efferent_right_hz=right,
            afferent_pct=afferent,
        )  # fmt: skip
        state, seen = heart_step(state, given, plant=plant)
        if i >= first:
            kept[:, i - first] = seen.heart_rate_bpm, seen.pressure_mmhg, seen.vagal_hz, seen.sympathetic_hz
            if seen.beat_s is not None:
                beats.append(seen.beat_s)
    time_s = np.maximum(np.array(beats), 0.0)
    return HeartRun(
        beats=Beats(
            time_s=time_s, quality=np.ones(time_s.size), origin="predicted", source_name="vagus.response.heart.step"
        ),
        t_s=t_s[:n] + plant.step_s,
        heart_rate_bpm=kept[0],
        pressure_mmhg=kept[1],
        vagal_hz=kept[2],
        sympathetic_hz=kept[3],
    )


def _slow_noise(n: int, plant: HeartPlant, *, rng: np.random.Generator) -> np.ndarray:
    """Random change of the vessels' resistance in %, (n,): an Ornstein-Uhlenbeck process, exact in its step."""
    size, fade = plant.slow_noise_pct, math.exp(-plant.step_s / constant("slow_noise_tau_s").value)
    push = rng.standard_normal(n) * size * math.sqrt(1 - fade**2)
    out, now = np.empty(n), float(rng.standard_normal()) * size
    for i in range(n):
        now = fade * now + push[i]
        out[i] = now
    return out


def _evoked(volley: Volley | None) -> Callable[[float], tuple[float, float, float]]:
    """Left and right efferents (spikes/s) and afferent drive (%) at a time."""
    if volley is None:
        return lambda t_s: (0.0, 0.0, 0.0)
    mean = {own: np.zeros(volley.t_s.size) for own in ("a afferent", "c afferent", "b efferent")}
    for own in mean:
        rates = [rate for key, rate in volley.rate_hz.items() if f"{group_of(key)} {volley.arm[key]}" == own]
        if rates:
            mean[own] = np.mean(rates, axis=0)
    vagal = constant(f"vagal_share_{site_of(volley.site).place}").value
    drive = mean["a afferent"] + constant("weight_c").value * mean["c afferent"]
    afferent = 100 * vagal * drive / constant("reference_rate_hz").value
    efferent = mean["b efferent"]

    def at(t_s: float) -> tuple[float, float, float]:
        out = float(np.interp(t_s, volley.t_s, efferent, right=0.0))
        sides = (out, 0.0) if volley.side == "left" else (0.0, out)
        return *sides, float(np.interp(t_s, volley.t_s, afferent, right=0.0))

    return at
