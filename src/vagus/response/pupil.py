"""Pupil as a readout of the locus coeruleus.

    p'' = (L − p)/τ² − 2 p'/τ        the LC's drive through the pupil's muscle: two equal low-passes

Rat: p itself, relative drive (dilation grows with current, pulse width and rate: Mridha 2021, mouse). People: the
effect of stimulation against sham in a group, size · share of the site · p / p₁ + what else differs from sham, with p₁
what p is while ON in the study of implanted stimulation that the size stems from. No millimeters are predicted;
studies at the ear are held out.
"""

from __future__ import annotations

import numpy as np

from vagus.dose import site_of
from vagus.response import brain
from vagus.response.brain_states import LC_KEYS
from vagus.response.constants import constant, draw
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
    used = {name: constant(name) for name in names}
    drawn = {name: draw(one, rng=rng, n_draws=inputs.n_draws) for name, one in used.items()}
    scale = np.prod(list(drawn.values()), axis=0) / implanted(inputs.draws, tau_s=tau_s)
    sham = constant("pupil_sham")
    unequal = draw(sham, rng=rng, n_draws=inputs.n_draws)
    # 0 where no afferent fiber fires
    of_study = (unequal * (inputs.afferent.sum(axis=1) > 0))[:, None] * muscle(
        np.tile(inputs.on_share, (inputs.n_draws, 1)), width_s=inputs.width_s, tau_s=tau_s
    )
    told = "dilation after an onset" if event else "resting size while ON"
    return state_of(
        inputs, scale[:, None] * dilated + of_study, key="pupil", of_study=of_study,
        own={**drawn, tau.key: tau_s, sham.key: unequal},
        label=f"Pupil against sham, {told}, mean over a group", unit="SD (Hedges g)",
        used=(*used.values(), tau, sham, *(constant(key) for key in LC_KEYS)),
        calibrated_on="people, implanted stimulation (ON larger than OFF, without a size); declared width, unverified; "
        "a mean over a group, not one person's",
    )  # fmt: skip


def implanted(draws: brain.BrainDraws, *, tau_s: np.ndarray) -> np.ndarray:
    """What each draw's LC does to the pupil in the study that its size stems from, (n_draws,): mean while ON.

    All afferents at full drive, 30 s ON, 300 s OFF, the gain built up. A draw that drives the pupil strongly there has
    a small effect of each unit of drive: what was seen in people is one number, whatever the rat's constants.

    Examples
    --------
    >>> bool(0.5 < implanted(brain.median_brain(), tau_s=np.array([0.93]))[0] < 3)
    True
    """
    width_s, n_cycles = 1.0, 3
    on_s, cycle_s = brain.STANDARD_ON_S, brain.STANDARD_ON_S + brain.STANDARD_OFF_S
    at_s = np.arange(n_cycles * cycle_s) * width_s
    u = np.tile((at_s % cycle_s < on_s).astype(np.float64), (tau_s.size, 1))
    gain = np.repeat(brain.buildup(np.array([brain.DAY_S / cycle_s]), draws), at_s.size, axis=1)
    lc = brain.fast_states(u, gain, width_s=width_s, draws=draws)[1]
    last = at_s >= (n_cycles - 1) * cycle_s
    return muscle(lc, width_s=width_s, tau_s=tau_s)[:, last & (u[0] > 0)].mean(axis=1)


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
