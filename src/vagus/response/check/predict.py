"""The published experiments, simulated: each predictor gives draws of what was measured.

The rat's nerve is taken to fire whole (all A and B fibers, no C): shares to the standard dose do not depend on it.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from vagus.dose import Protocol, Pulse, Train
from vagus.fiber import ClassRecruitment, Recruitment
from vagus.response import brain
from vagus.response.brain_states import in_sittings
from vagus.response.heart.change import rat_heart_rate, rat_sympathetic_rate
from vagus.response.immune.arthritis import arthritis_pct
from vagus.response.respond import respond
from vagus.response.state import Species
from vagus.source import Effect

N_DRAWS = 400
Band = tuple[float, float, float, str]


def whole(site: str, current_ma: float) -> Recruitment:
    """Recruitment of a nerve that fires whole at a current: all A and B fibers, no C."""

    def fired(key: str, role: str, share_pct: float) -> ClassRecruitment:
        curve = np.array([share_pct])
        return ClassRecruitment(
            key=key, label=key, role=role, n_simulated=1, count=None, share_pct=curve, low_pct=curve, high_pct=curve,
            at_dose=Effect(estimate=share_pct, low=share_pct, high=share_pct, unit="%", n=1, method="taken as whole"),
        )  # fmt: skip

    classes = (fired("a_beta", "afferent", 100.0), fired("b", "efferent", 100.0), fired("c", "afferent", 0.0))
    return Recruitment(
        site=site, amplitude_ma=np.array([max(current_ma, 1e-6)]), dose_ma=current_ma, classes=classes, n_draws=1,
        method="taken as whole", caveat="", sources=(),
    )  # fmt: skip


def _plan(current_ma: float, *, sitting_min: float, on_s: float = 30.0, off_s: float = 300.0) -> Protocol:
    pulse = Pulse(amplitude_ma=max(current_ma, 1e-6), width_us=500.0, shape="biphasic_symmetric")
    return Protocol(
        train=Train(pulse=pulse, rate_hz=20.0), on_s=on_s, off_s=off_s, sitting_min=sitting_min,
        start=datetime.date(2026, 1, 1), weeks=2,
    )  # fmt: skip


def _band(draws: np.ndarray, unit: str) -> Band:
    low, median, high = np.quantile(draws, [0.05, 0.5, 0.95])
    return float(median), float(low), float(high), unit


def _state(
    species: Species, site: str, key: str, current_ma: float, *, rng: np.random.Generator, plan: Protocol | None = None
) -> Band:
    """A fast state where its interval is widest, in a sitting of the standard duty cycle or of another plan."""
    plan = plan or _plan(current_ma, sitting_min=30.0)
    state = respond(whole(site, current_ma), plan, species=species, rng=rng, n_draws=N_DRAWS).state(key)
    at = int(np.argmax(np.abs(state.high - state.low) + np.abs(state.median)))
    return float(state.median[at]), float(state.low[at]), float(state.high[at]), state.unit


def _norepinephrine(rng: np.random.Generator, region: str, current_ma: str) -> Band:
    key = {"hpc": "ne_hippocampus", "ctx": "ne_cortex"}[region]
    return _state("rat", "cervical_left", key, float(current_ma), rng=rng)


def _left_of_norepinephrine(rng: np.random.Generator, after_min: str) -> Band:
    draws = brain.draw_brain(rng=rng, n_draws=N_DRAWS)
    on, off = 30, round(60 * float(after_min))
    u = np.zeros((N_DRAWS, on + off))
    u[:, :on] = 1.0
    ne = brain.fast_states(u, np.ones_like(u), width_s=1.0, draws=draws)[2]
    return _band(np.abs(ne[:, -1]) / ne.max(axis=1), "share of its peak")


def _slow(
    rng: np.random.Generator, day: float, *, off_s: float = 300.0, sitting_min: float = 1440.0,
    lesion: brain.Lesion = "none",
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """LC and DRN on a day, each as a share of where the standard dose brings it in the end."""
    draws = brain.draw_brain(rng=rng, n_draws=N_DRAWS)
    full = np.ones(N_DRAWS)
    standard = brain.standard_drive(full, draws)
    days = np.array([0.0, day])
    plan = _plan(1.0, off_s=off_s, sitting_min=sitting_min)
    lc, drn, _ = brain.slow_states(
        brain.steady_fast(full, draws) * plan.on_s / (plan.on_s + off_s), days, standard=standard, draws=draws,
        steps=in_sittings(plan, brain.step_edges_d(days)), lesion=lesion,
    )  # fmt: skip
    return lc[:, -1] / standard, drn[:, -1] / standard


_SHARE = "share of the standard dose's end"


def _coeruleus(rng: np.random.Generator, day: str) -> Band:
    return _band(_slow(rng, float(day))[0], _SHARE)


def _raphe(rng: np.random.Generator, day: str) -> Band:
    return _band(_slow(rng, float(day))[1], _SHARE)


def _raphe_lesioned(rng: np.random.Generator, day: str) -> Band:
    return _band(_slow(rng, float(day), lesion="ne")[1], _SHARE)


def _raphe_duty(rng: np.random.Generator, off_s: str, sitting_min: str) -> Band:
    seed = int(rng.integers(2**32))
    standard = _slow(np.random.default_rng(seed), 14.0)[1]
    tried = _slow(np.random.default_rng(seed), 14.0, off_s=float(off_s), sitting_min=float(sitting_min))[1]
    return _band(tried / standard, "share of the standard dose's at 14 d")


def _buildup(rng: np.random.Generator, cycles: str) -> Band:
    draws = brain.draw_brain(rng=rng, n_draws=N_DRAWS)
    return _band(brain.buildup(np.array([float(cycles)]), draws)[:, 0], "ratio to the first cycle")


def _vagal_step(rng: np.random.Generator, what: str) -> Band:
    width_s = 0.01
    change, _ = rat_heart_rate(np.ones((N_DRAWS, 6000)), width_s=width_s, rng=rng)
    end = change[:, -1]
    if what == "gain":
        return _band(end, "bpm/Hz")
    at_s = (np.arange(change.shape[1]) + 1) * width_s
    share = np.divide(change, end[:, None], out=np.zeros_like(change), where=end[:, None] != 0)
    begun = at_s[np.argmax(share > 0, axis=1)] - width_s
    if what == "lag":
        return _band(begun, "s")
    tau_s = at_s[np.argmax(share >= 1 - np.exp(-1), axis=1)] - begun
    return _band(1 / (2 * np.pi * tau_s), "Hz")


def _sympathetic_step(rng: np.random.Generator) -> Band:
    change, _ = rat_sympathetic_rate(np.ones((N_DRAWS, 3000)), width_s=0.1, rng=rng)
    return _band(change[:, -1], "bpm/Hz")


def _person(rng: np.random.Generator, key: str, site: str) -> Band:
    return _state("human", site, key, 1.0, rng=rng)


def _pulsed(rng: np.random.Generator, key: str, site: str) -> Band:
    """Bursts of 3.4 s every 30 s."""
    return _state("human", site, key, 1.0, rng=rng, plan=_plan(1.0, sitting_min=5.0, on_s=3.4, off_s=26.6))


def _arthritis(rng: np.random.Generator, site: str) -> Band:
    return _band(arthritis_pct(site, rng=rng, n_draws=N_DRAWS), "% points")


PREDICTORS: Mapping[str, Callable[..., Band]] = MappingProxyType({
    "norepinephrine": _norepinephrine, "left_of_norepinephrine": _left_of_norepinephrine, "coeruleus": _coeruleus,
    "raphe": _raphe, "raphe_lesioned": _raphe_lesioned, "raphe_duty": _raphe_duty, "buildup": _buildup,
    "vagal_step": _vagal_step, "sympathetic_step": _sympathetic_step, "person": _person,
    "pulsed": _pulsed, "arthritis": _arthritis,
})  # fmt: skip
