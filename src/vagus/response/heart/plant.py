"""A heart at rest with its baroreflex, sized for one person.

    sensed    z' = (P − z)/τ_lag,  y = (τ_lead/τ_lag) P + (1 − τ_lead/τ_lag) z,  f_b = sigmoid(y)
    nerves    f_s = s∞ + (s₀ − s∞) e^(−k f_b),  f_v = sigmoid(f_b) − breath + stimulation, not below 0
    node      RR = RR₀ + v + s,  v' = (G_v f_v(t − D_v) − v)/τ_v,  s' = (G_s q(t − D_s) − s)/τ_s
              q = ln(1 + f_s − f_min)
    vessels   R_i = R_i0 + r_i:  r_i' = (G_i q(t − D_r) − r_i)/τ_r,  R = R_1 R_2 / (R_1 + R_2)
    pressure  C P' = stroke (RR/RR_rest)^α / RR − P/R

After Ursino 1998, with one arterial compartment: veins, lungs and contractility are left out.
"""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass, fields, replace
from functools import cache

from vagus.dose.ranges import demand, outside
from vagus.errors import InputError, Problem
from vagus.response.constants import constant

MOST_HZ = 200.0
"""Firing above which nothing is told, spikes/s: twice what a B fiber is taken to follow at most (table `brain`)."""
_REST_MS, _STEP_S = (450.0, 1800.0), (0.01, 0.1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reflex:
    """Constants of the baroreflex and the sinus node; names and units as in the table `heart`."""

    baro_center_mmhg: float
    baro_width_mmhg: float
    baro_lowest_hz: float
    baro_highest_hz: float
    baro_lag_s: float
    baro_lead_s: float
    symp_end_hz: float
    symp_top_hz: float
    symp_fall_per_hz: float
    symp_least_hz: float
    vagal_low_hz: float
    vagal_high_hz: float
    vagal_center_hz: float
    vagal_width_hz: float
    node_vagal_ms_per_hz: float
    node_vagal_tau_s: float
    node_vagal_delay_s: float
    node_symp_ms: float
    node_symp_tau_s: float
    node_symp_delay_s: float
    gut_resistance: float
    gut_resistance_gain: float
    body_resistance: float
    body_resistance_gain: float
    vessel_tau_s: float
    vessel_delay_s: float
    artery_ml_per_mmhg: float
    filling_power: float

    def baro_hz(self, sensed_mmhg: float) -> float:
        """Firing of the baroreceptors, spikes/s."""
        share = 1 / (1 + math.exp(-(sensed_mmhg - self.baro_center_mmhg) / self.baro_width_mmhg))
        return self.baro_lowest_hz + (self.baro_highest_hz - self.baro_lowest_hz) * share

    def sympathetic_hz(self, baro_hz: float) -> float:
        """Firing of the sympathetic nerves, spikes/s."""
        return self.symp_end_hz + (self.symp_top_hz - self.symp_end_hz) * math.exp(-self.symp_fall_per_hz * baro_hz)

    def vagal_hz(self, baro_hz: float) -> float:
        """Firing of the cardiac vagus that the baroreflex asks for, spikes/s."""
        share = 1 / (1 + math.exp(-(baro_hz - self.vagal_center_hz) / self.vagal_width_hz))
        return self.vagal_low_hz + (self.vagal_high_hz - self.vagal_low_hz) * share

    def told(self, sympathetic_hz: float) -> float:
        """What node and vessels follow: logarithm of one more than the firing above its least."""
        return math.log1p(max(sympathetic_hz - self.symp_least_hz, 0.0))

    @property
    def gut_gain_pct(self) -> float:
        """Gain of the gut's bed, % of its resistance without firing."""
        return 100 * self.gut_resistance_gain / self.gut_resistance

    @property
    def body_gain_pct(self) -> float:
        """Gain of the other bed, % of its resistance without firing."""
        return 100 * self.body_resistance_gain / self.body_resistance

    def resistance(self, gut_pct: float, body_pct: float) -> float:
        """Resistance of both beds in parallel, given what is added to each, mmHg·s/mL."""
        one, other = self.gut_resistance * (1 + gut_pct / 100), self.body_resistance * (1 + body_pct / 100)
        return one * other / (one + other)


@cache
def reflex() -> Reflex:
    """Medians of all constants of the reflex."""
    return Reflex(**{one.name: constant(one.name).value for one in fields(Reflex)})


@dataclass(frozen=True, slots=True, kw_only=True)
class HeartPlant:
    """One person's heart and baroreflex: `heart_step` moves it on, `run_heart` for a whole recording.

    Made by `heart_plant`.

    Parameters
    ----------
    mean_rr_ms : float
        RR interval at rest, ms.
    intrinsic_rr_ms : float
        RR interval without vagal and sympathetic firing, ms.
    stroke_ml : float
        Volume of a beat at rest, mL.
    breath_vagal_hz : float
        Vagal firing taken away at the end of an inspiration, and added at the end of an expiration, spikes/s.
    slow_noise_pct : float
        SD of the random change of the vessels' resistance, %.
    evoked_pct : float
        What an evoked spike of the right nerve's B fibers counts beside one of natural vagal firing, %.
    left_pct : float
        Effect of the left nerve on the sinus node, % of the right one's.
    afferent_withdrawal_hz : float
        Vagal firing withdrawn by the vagal afferents at full relative drive, spikes/s.
    step_s : float
        Length of a step, s.
    reflex : Reflex

    Raises
    ------
    InputError
        A number is out of the range in which the equations say anything.
    """

    mean_rr_ms: float
    intrinsic_rr_ms: float
    stroke_ml: float
    breath_vagal_hz: float
    slow_noise_pct: float
    evoked_pct: float
    left_pct: float
    afferent_withdrawal_hz: float
    step_s: float
    reflex: Reflex

    def __post_init__(self) -> None:
        demand([
            outside("mean_rr_ms", self.mean_rr_ms, low=_REST_MS[0], high=_REST_MS[1]),
            outside("intrinsic_rr_ms", self.intrinsic_rr_ms, above=0, high=_REST_MS[1]),
            outside("stroke_ml", self.stroke_ml, above=0, high=500),
            outside("breath_vagal_hz", self.breath_vagal_hz, low=0, high=MOST_HZ),
            outside("slow_noise_pct", self.slow_noise_pct, low=0, high=50),
            outside("evoked_pct", self.evoked_pct, low=0, high=100, why="100: as a natural spike"),
            outside("left_pct", self.left_pct, low=0, high=200, why="100: as on the right"),
            outside("afferent_withdrawal_hz", self.afferent_withdrawal_hz, low=0, high=MOST_HZ),
            outside("step_s", self.step_s, low=_STEP_S[0], high=_STEP_S[1]),
        ])  # fmt: skip

    def lines(self) -> tuple[int, int, int]:
        """Steps of delay from vagus to node, from sympathetic nerves to node, and to vessels."""
        own = self.reflex
        vagal, symp, vessel = (
            max(1, round(delay_s / self.step_s))
            for delay_s in (own.node_vagal_delay_s, own.node_symp_delay_s, own.vessel_delay_s)
        )
        return vagal, symp, vessel


def heart_plant(*, mean_rr_ms: float, rmssd_ms: float, breath_rate_per_min: float, step_s: float = 0.05) -> HeartPlant:
    """Heart of a person with this mean RR, this RMSSD and this rate of breathing at rest.

    RMSSD is met through the closed loop linearized at rest, by respiratory sinus arrhythmia and by the slow noise of
    the vessels, which makes at most half of it (as amplitude).

    Parameters
    ----------
    mean_rr_ms : float
        450 to 1800 ms.
    rmssd_ms : float
        0 or more, ms.
    breath_rate_per_min : float
        4 to 30 breaths per minute.
    step_s : float
        0.01 to 0.1 s; delays are rounded to whole steps.

    Raises
    ------
    InputError
        A number is out of range; or the RMSSD asks for more vagal firing than there is at rest.

    Examples
    --------
    >>> plant = heart_plant(mean_rr_ms=926.0, rmssd_ms=42.0, breath_rate_per_min=15.0)
    >>> round(plant.intrinsic_rr_ms), round(plant.breath_vagal_hz, 2)
    (640, 1.27)

    Sources
    -------
    Ursino 1998, doi:10.1152/ajpheart.1998.275.5.H1733 (table `heart`).
    """
    demand([
        outside("mean_rr_ms", mean_rr_ms, low=_REST_MS[0], high=_REST_MS[1]),
        outside("rmssd_ms", rmssd_ms, low=0, high=500),
        outside("breath_rate_per_min", breath_rate_per_min, low=4, high=30),
        outside("step_s", step_s, low=_STEP_S[0], high=_STEP_S[1]),
    ])  # fmt: skip
    own = reflex()
    baro = own.baro_hz(own.baro_center_mmhg)
    vagal, told = own.vagal_hz(baro), own.told(own.sympathetic_hz(baro))
    resting = HeartPlant(
        mean_rr_ms=mean_rr_ms,
        intrinsic_rr_ms=mean_rr_ms - own.node_vagal_ms_per_hz * vagal - own.node_symp_ms * told,
        stroke_ml=own.baro_center_mmhg
        / own.resistance(own.gut_gain_pct * told, own.body_gain_pct * told)
        * mean_rr_ms
        / 1000,
        breath_vagal_hz=0.0,
        slow_noise_pct=0.0,
        evoked_pct=constant("evoked_pct").value,
        left_pct=constant("left_pct").value,
        afferent_withdrawal_hz=constant("afferent_withdrawal_hz").value,
        step_s=step_s,
        reflex=own,
    )
    hz = breath_rate_per_min / 60
    per_pct_ms = _slow_rmssd_ms(resting)
    slow_pct = min(constant("slow_noise_pct").value, 0.5 * rmssd_ms / per_pct_ms)
    rsa_ms = math.sqrt(rmssd_ms**2 - (slow_pct * per_pct_ms) ** 2)
    # a sine of peak 1 has a mean square of one half
    breath = rsa_ms * math.sqrt(2) / (_difference(hz, mean_rr_ms) * abs(vagal_response_ms_per_hz(resting, hz)))
    if breath > vagal:
        raise InputError(
            Problem(
                what="rmssd_ms asks for more vagal firing than there is at rest",
                found=f"{rmssd_ms:g} ms at {breath_rate_per_min:g} breaths per minute",
                allowed=f"up to {rmssd_ms * vagal / breath:.3g} ms",
            )
        )
    return replace(resting, breath_vagal_hz=breath, slow_noise_pct=slow_pct)


def _slow_rmssd_ms(plant: HeartPlant) -> float:
    """RMSSD that 1 % (SD) of slow noise makes."""
    tau_s, width_hz, total = constant("slow_noise_tau_s").value, 0.002, 0.0
    for i in range(1, 250):
        hz = i * width_hz
        power = 4 * tau_s / (1 + (2 * math.pi * hz * tau_s) ** 2) * abs(noise_response_ms(plant, hz)) ** 2
        total += power * width_hz * _difference(hz, plant.mean_rr_ms) ** 2
    return math.sqrt(total)


def _difference(hz: float, mean_rr_ms: float) -> float:
    """Size of successive differences of RR for a modulation of 1 at `hz`: beats average it over each interval."""
    half = math.pi * hz * mean_rr_ms / 1000
    return 2 * math.sin(half) ** 2 / half


def vagal_response_ms_per_hz(plant: HeartPlant, hz: float) -> complex:
    """Closed loop linearized at rest: RR (ms) for a sine of 1 spike/s added to the vagus, at a frequency.

    Examples
    --------
    Well above the loop's own rhythm the node's low-pass is left: 90 ms/Hz over a time constant of 1.5 s.

    >>> plant = heart_plant(mean_rr_ms=926.0, rmssd_ms=0.0, breath_rate_per_min=15.0)
    >>> [round(abs(vagal_response_ms_per_hz(plant, hz))) for hz in (0.01, 0.1, 0.5)]
    [79, 48, 19]
    """
    loop = _loop(plant, hz)
    by_rr = loop.windkessel * (plant.reflex.filling_power - 1) / plant.mean_rr_ms / (1 - loop.vessels)
    return loop.node / (1 - loop.reflex * by_rr)


def noise_response_ms(plant: HeartPlant, hz: float) -> complex:
    """Closed loop linearized at rest: RR (ms) for a sine of 1 % in the vessels' resistance, at a frequency.

    Examples
    --------
    Its peak is the loop's own rhythm, near 0.1 Hz.

    >>> plant = heart_plant(mean_rr_ms=926.0, rmssd_ms=0.0, breath_rate_per_min=15.0)
    >>> max((hz / 1000 for hz in range(30, 200)), key=lambda hz: abs(noise_response_ms(plant, hz)))
    0.11
    """
    loop = _loop(plant, hz)
    by_rr = loop.windkessel * (plant.reflex.filling_power - 1) / plant.mean_rr_ms
    return loop.windkessel / 100 * loop.reflex / (1 - loop.vessels - loop.reflex * by_rr)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Loop:
    """Parts of the linearized loop at one frequency: node per spike/s of the vagus (ms/Hz), RR per mmHg through both
    nerves (ms/mmHg), pressure per share of flow or resistance (mmHg), and the loop gain through the vessels."""

    node: complex
    reflex: complex
    windkessel: complex
    vessels: complex


def _loop(plant: HeartPlant, hz: float) -> _Loop:
    own, s = plant.reflex, 2j * math.pi * hz
    pressure = own.baro_center_mmhg
    baro = own.baro_hz(pressure)
    firing = own.sympathetic_hz(baro)
    told = own.told(firing)
    gut, body = (
        own.gut_resistance + own.gut_resistance_gain * told,
        own.body_resistance + own.body_resistance_gain * told,
    )
    resistance = gut * body / (gut + body)
    per_mmhg = (own.baro_highest_hz - own.baro_lowest_hz) / (4 * own.baro_width_mmhg)
    sensed = per_mmhg * (1 + s * own.baro_lead_s) / (1 + s * own.baro_lag_s)
    share = (own.vagal_hz(baro) - own.vagal_low_hz) / (own.vagal_high_hz - own.vagal_low_hz)
    to_vagal = (own.vagal_high_hz - own.vagal_low_hz) * share * (1 - share) / own.vagal_width_hz * sensed
    to_told = -own.symp_fall_per_hz * (firing - own.symp_end_hz) / (1 + firing - own.symp_least_hz) * sensed
    wait_v, wait_s, wait_r = (cmath.exp(-s * steps * plant.step_s) for steps in plant.lines())
    node_v = own.node_vagal_ms_per_hz * wait_v / (1 + s * own.node_vagal_tau_s)
    node_s = own.node_symp_ms * wait_s / (1 + s * own.node_symp_tau_s)
    slope = (resistance / gut) ** 2 * own.gut_resistance_gain + (resistance / body) ** 2 * own.body_resistance_gain
    windkessel = pressure / (1 + s * resistance * own.artery_ml_per_mmhg)
    return _Loop(
        node=node_v,
        reflex=node_v * to_vagal + node_s * to_told,
        windkessel=windkessel,
        vessels=windkessel * slope / resistance * wait_r / (1 + s * own.vessel_tau_s) * to_told,
    )
