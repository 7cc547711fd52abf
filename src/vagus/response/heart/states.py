"""States of the heart: a rat's heart rate from its B fibers; for people, intervals around what was reported."""

from __future__ import annotations

import numpy as np

from vagus.response.constants import constant
from vagus.response.heart.change import human_effect, rat_heart_rate
from vagus.response.heart.filters import low_pass
from vagus.response.inputs import Inputs, state_of
from vagus.response.state import State

DECLARED = "declared width, unverified"
"""What stands under each interval whose width no study gave."""


def rat_heart(inputs: Inputs, *, rng: np.random.Generator) -> tuple[State, ...]:
    """Change of heart rate of a rat; marked where its nerves fire faster than they were driven in the study."""
    top, fired_hz = constant("rat_vagal_top_hz"), float(np.median(inputs.efferent_hz))
    beyond = ""
    if fired_hz > top.value:
        beyond = (
            f"EXTRAPOLATED: vagal efferents fire at {fired_hz:.0f} spikes/s, the rat's transfer function was measured "
            f"up to about {top.value:g} Hz; heart rate will not fall in proportion"
        )
    change, used = rat_heart_rate(
        inputs.efferent_hz[:, None] * inputs.on_share[None, :], width_s=inputs.width_s, rng=rng
    )
    return (
        state_of(inputs, change, key="hr_change", label="Change of heart rate", unit="bpm",
                 used=(*used, top, constant("follow_limit_b_hz")), calibrated_on="rat, vagal efferents, anesthetized",
                 beyond=beyond),
    )  # fmt: skip


def human_heart(inputs: Inputs, *, rng: np.random.Generator) -> tuple[State, ...]:
    """Heart of a person: intervals around what was reported, while ON; 0 where no vagal fiber fires."""
    site = inputs.recruitment.site
    fires = ((inputs.afferent.sum(axis=1) > 0) | (inputs.efferent_hz > 0)).astype(np.float64)
    rate, rate_used = human_effect(site, "hr", rng=rng, n_draws=inputs.n_draws)
    hrv, hrv_used = human_effect(site, "hrv", rng=rng, n_draws=inputs.n_draws)
    corner = constant("rat_vagal_tf_corner")
    envelope = low_pass(inputs.on_share[None, :], width_s=inputs.width_s, corner_hz=corner.value)
    return (
        state_of(inputs, (rate * fires)[:, None] * envelope, key="hr_change", label="Change of heart rate",
                 unit="bpm", used=(*rate_used, corner), calibrated_on=f"people, {_reported(site)}; {DECLARED}",
                 own={rate_used[0].key: rate}),
        state_of(inputs, hrv * fires, key="ln_rmssd_change", label="Change of ln RMSSD, mean over a group",
                 unit="SD (Hedges g)", used=hrv_used,
                 calibrated_on=f"people, {DECLARED}; a mean over a group, not one person's",
                 own={hrv_used[0].key: hrv}),
    )  # fmt: skip


def _reported(site: str) -> str:
    if site == "cervical_right":
        return "not covered by data"
    return "no size was read" if site.startswith("neck") else "no or little change reported, without sizes"
