"""Pupil as a readout of the locus coeruleus.

    p'' = (L − p)/τ² − 2 p'/τ        the LC's drive through the pupil's muscle: two equal low-passes

Rat: p itself, relative drive (dilation grows with current, pulse width and rate: Mridha 2021, mouse). People: the
effect of stimulation against sham in a group, size · share of the site · p + what else differs from sham. No
millimeters are predicted. The size stems from implanted stimulation; studies at the ear are held out.
"""

from __future__ import annotations

import numpy as np

from vagus.dose import site_of
from vagus.response.brain_states import LC_KEYS
from vagus.response.constants import Constant, constant, draw
from vagus.response.heart.filters import second_order
from vagus.response.inputs import Inputs, state_of
from vagus.response.state import State

EVENT_S = 5.0
"""Bursts up to this long are measured against the moment before each."""


def pupil(inputs: Inputs, *, lc: np.ndarray, rng: np.random.Generator) -> State:
    """Pupil over the first sitting: relative dilation (rat), or the effect against sham in a group (people).

    `lc` is the LC's drive (n_draws, n) without the factor from rat to people: that is about the size of the LC's answer
    in people, and the pupil's size was seen in people.
    """
    tau = constant("pupil_tau_s")
    tau_s = draw(tau, rng=rng, n_draws=inputs.n_draws)
    dilated = muscle(lc, width_s=inputs.width_s, tau_s=tau_s)
    if inputs.species == "rat":
        return state_of(
            inputs, dilated, key="pupil", label="Pupil dilation", unit="relative to full recruitment", used=(tau,),
            calibrated_on="direction only: mouse, Mridha 2021; time course: people, recalled",
        )  # fmt: skip
    place = site_of(inputs.recruitment.site).place
    region = place if place in {"cervical", "neck"} else "ear"
    event = inputs.protocol.on_s <= EVENT_S
    names = ("pupil_size", f"pupil_share_{region}", *(("pupil_event_ratio",) if event else ()))
    used = tuple(constant(name) for name in names)
    scale = np.prod([draw(one, rng=rng, n_draws=inputs.n_draws) for one in used], axis=0)
    unequal, sham = _unequal(inputs, tau_s, rng=rng)
    told = "dilation after an onset" if event else "resting size while ON"
    return state_of(
        inputs, scale[:, None] * dilated + unequal, key="pupil",
        label=f"Pupil against sham, {told}, mean over a group", unit="SD (Hedges g)",
        used=(*used, tau, sham, *(constant(key) for key in LC_KEYS)),
        calibrated_on="people, implanted stimulation (ON larger than OFF, without a size); declared width, unverified; "
        "a mean over a group, not one person's",
    )  # fmt: skip


def muscle(drive: np.ndarray, *, width_s: float, tau_s: np.ndarray) -> np.ndarray:
    """Drive (n_draws, n), constant within cells, through two equal low-passes; at the cells' ends.

    Examples
    --------
    After one time constant a step has reached 1 − 2/e.

    >>> muscle(np.ones((1, 10)), width_s=0.1, tau_s=np.ones(1))[0, 9].round(3)
    np.float64(0.264)
    """
    one = np.ones(tau_s.size)
    return second_order(drive, width_s=width_s, natural_hz=1 / (2 * np.pi * tau_s), damping=one, lag_s=0 * one)


def _unequal(inputs: Inputs, tau_s: np.ndarray, *, rng: np.random.Generator) -> tuple[np.ndarray, Constant]:
    """What sham does not match, while ON: (n_draws, n); 0 where no afferent fiber fires."""
    sham = constant("pupil_sham")
    fires = (inputs.afferent.sum(axis=1) > 0).astype(np.float64)
    size = draw(sham, rng=rng, n_draws=inputs.n_draws) * fires
    t_s = inputs.start_s[:, None] + (np.arange(8) + 0.5)[None, :] * (inputs.width_s / 8)
    on = np.tile(inputs.protocol.is_on(t_s).mean(axis=1), (inputs.n_draws, 1))
    return size[:, None] * muscle(on, width_s=inputs.width_s, tau_s=tau_s), sham
