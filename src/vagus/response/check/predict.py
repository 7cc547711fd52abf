"""The published experiments, simulated: each predictor gives draws of what was measured.

The rat's nerve is taken to fire whole (all A and B fibers, no C): shares to the standard dose do not depend on it.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np

from vagus.dose import Protocol, Pulse, Train
from vagus.fiber import ClassRecruitment, Recruitment
from vagus.response import brain
from vagus.response.brain_states import in_sittings, sitting_shape
from vagus.response.constants import scores
from vagus.response.heart.change import rat_heart_rate, rat_sympathetic_rate
from vagus.response.immune.arthritis import arthritis_pct
from vagus.response.inputs import Drawn
from vagus.response.respond import drawn_states
from vagus.response.state import SECONDS
from vagus.source import Effect

N_DRAWS, N_PEOPLE = 400, 2000
ROW_ERROR = "error of the published number"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Predicted:
    """Draws of what was measured.

    Parameters
    ----------
    draws : (n,) array
    unit : str
    moved : mapping of str to (n,) array
        What was drawn with them, by key; only where it is told what makes the width.
    """

    draws: np.ndarray
    unit: str
    moved: Mapping[str, np.ndarray] = field(default_factory=dict)

    def with_error(self, sd: float, *, rng: np.random.Generator) -> Predicted:
        """Draws of a number that is published with this error (SD)."""
        error = sd * scores(rng=rng, n_draws=self.draws.size)
        return replace(self, draws=self.draws + error, moved={**self.moved, ROW_ERROR: error})

    @property
    def band(self) -> tuple[float, float, float]:
        """Median and 90 % interval."""
        low, median, high = np.quantile(self.draws, [0.05, 0.5, 0.95])
        return float(median), float(low), float(high)


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


def _band(draws: np.ndarray, unit: str) -> Predicted:
    return Predicted(draws=draws, unit=unit)


def _norepinephrine(rng: np.random.Generator, region: str, current_ma: str) -> Predicted:
    """NE where its interval is widest in a sitting: its peak."""
    key = {"hpc": "ne_hippocampus", "ctx": "ne_cortex"}[region]
    plan = _plan(float(current_ma), sitting_min=30.0)
    given = whole("cervical_left", float(current_ma))
    found = drawn_states(given, plan, species="rat", rng=rng, n_draws=N_DRAWS)[0].drawn[key, False]
    at = int(np.argmax(found.state.high - found.state.low + np.abs(found.state.median)))
    return _band(found.values[:, at], found.state.unit)


def _left_of_norepinephrine(rng: np.random.Generator, after_min: str) -> Predicted:
    draws = brain.draw_brain(rng=rng, n_draws=N_DRAWS)
    on, off = 30, round(60 * float(after_min))
    u = np.zeros((N_DRAWS, on + off))
    u[:, :on] = 1.0
    ne = brain.fast_states(u, np.ones_like(u), width_s=1.0, draws=draws)[2]
    return _band(np.abs(ne[:, -1]) / ne.max(axis=1), "share of its peak")


def against_standard(
    draws: brain.BrainDraws, days: np.ndarray, *, off_s: float = 300.0, sitting_min: float = 1440.0,
    lesion: brain.Lesion = "none",
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """LC and DRN on `days` (equally spaced from 0), shares of where the standard dose brings them in the end.

    Of a rat stimulated 30 s every 30 + `off_s`, for `sitting_min` of each day; (n_draws, n) each. The calibration
    script asks for the same.
    """
    full = np.ones(draws.lc_tau_s.size)
    standard = brain.standard_drive(full, draws)
    plan, nerve = _plan(1.0, off_s=off_s, sitting_min=sitting_min), whole("cervical_left", 1.0)
    lc, drn, _ = brain.slow_states(
        brain.steady_fast(full, draws) * sitting_shape(nerve.classes[0], nerve, plan), days, standard=standard,
        draws=draws, steps=in_sittings(plan, brain.step_edges_d(days)), lesion=lesion,
    )  # fmt: skip
    return lc / standard[:, None], drn / standard[:, None]


def _slow(
    rng: np.random.Generator, day: float, *, off_s: float = 300.0, sitting_min: float = 1440.0,
    lesion: brain.Lesion = "none",
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """LC and DRN on a day, (n_draws,) each, as in `against_standard`."""
    draws = brain.draw_brain(rng=rng, n_draws=N_DRAWS)
    lc, drn = against_standard(draws, np.array([0.0, day]), off_s=off_s, sitting_min=sitting_min, lesion=lesion)
    return lc[:, -1], drn[:, -1]


_SHARE = "share of the standard dose's end"


def _coeruleus(rng: np.random.Generator, day: str) -> Predicted:
    return _band(_slow(rng, float(day))[0], _SHARE)


def _raphe(rng: np.random.Generator, day: str) -> Predicted:
    return _band(_slow(rng, float(day))[1], _SHARE)


def _raphe_lesioned(rng: np.random.Generator, day: str) -> Predicted:
    return _band(_slow(rng, float(day), lesion="ne")[1], _SHARE)


def _raphe_duty(rng: np.random.Generator, off_s: str, sitting_min: str) -> Predicted:
    seed = int(rng.integers(2**32))
    standard = _slow(np.random.default_rng(seed), 14.0)[1]
    tried = _slow(np.random.default_rng(seed), 14.0, off_s=float(off_s), sitting_min=float(sitting_min))[1]
    return _band(tried / standard, "share of the standard dose's at 14 d")


def _buildup(rng: np.random.Generator, cycles: str) -> Predicted:
    draws = brain.draw_brain(rng=rng, n_draws=N_DRAWS)
    return _band(brain.buildup(np.array([float(cycles)]), draws)[:, 0], "ratio to the first cycle")


def _vagal_step(rng: np.random.Generator, what: str) -> Predicted:
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


def _sympathetic_step(rng: np.random.Generator) -> Predicted:
    change, _ = rat_sympathetic_rate(np.ones((N_DRAWS, 3000)), width_s=0.1, rng=rng)
    return _band(change[:, -1], "bpm/Hz")


def _person(rng: np.random.Generator, key: str, site: str) -> Predicted:
    """Mean while ON over a sitting of the standard duty cycle, as studies of resting states tell it."""
    plan = _plan(1.0, sitting_min=30.0)
    found, moved = _expected(rng, key, site, plan)
    return Predicted(draws=found.while_on(plan), unit=found.state.unit, moved=moved)


def _pulsed(rng: np.random.Generator, key: str, site: str) -> Predicted:
    """Mean over bursts of 3.4 s every 30 s of the height after each onset, where the median is highest."""
    plan = _plan(1.0, sitting_min=5.0, on_s=3.4, off_s=26.6)
    found, moved = _expected(rng, key, site, plan)
    cycle = np.floor((found.state.t[1:] * SECONDS[found.state.t_unit] - 1e-6) / (plan.on_s + plan.off_s))
    height = np.median(found.values[:, 1:], axis=0)
    peaks = [1 + int(np.argmax(np.where(cycle == k, height, -np.inf))) for k in np.unique(cycle)]
    return Predicted(draws=found.values[:, peaks].mean(axis=1), unit=found.state.unit, moved=moved)


def _expected(rng: np.random.Generator, key: str, site: str, plan: Protocol) -> tuple[Drawn, Mapping[str, np.ndarray]]:
    """A state of people without the error of any one study, and what it was drawn with."""
    inputs, _ = drawn_states(whole(site, 1.0), plan, species="human", rng=rng, n_draws=N_PEOPLE)
    found = inputs.drawn[key, False]
    moved = {**inputs.parameters, **found.own}
    if found.of_study is not None:
        found = replace(found, values=found.values - found.of_study, of_study=None)
    return found, moved


def _arthritis(rng: np.random.Generator, site: str) -> Predicted:
    draws, moved = arthritis_pct(site, rng=rng, n_draws=N_PEOPLE)
    return Predicted(draws=draws, unit="% points", moved=moved)


PREDICTORS: Mapping[str, Callable[..., Predicted]] = MappingProxyType({
    "norepinephrine": _norepinephrine, "left_of_norepinephrine": _left_of_norepinephrine, "coeruleus": _coeruleus,
    "raphe": _raphe, "raphe_lesioned": _raphe_lesioned, "raphe_duty": _raphe_duty, "buildup": _buildup,
    "vagal_step": _vagal_step, "sympathetic_step": _sympathetic_step, "person": _person,
    "pulsed": _pulsed, "arthritis": _arthritis,
})  # fmt: skip
