"""Immune arm: what vagal efferents do to the TNF that an endotoxin challenge raises.

Rodents: a published fall, once the efferent B fibers fire (a single suprathreshold pulse suffices), without a dose
course. People: no consistent effect was found, so the median is 0 and the width is declared; rodent numbers are never
carried over.
"""

from __future__ import annotations

import numpy as np

from vagus.response.constants import constant, draw
from vagus.response.immune.challenge import fires
from vagus.response.inputs import Inputs, state_of
from vagus.response.state import State


def cytokine(inputs: Inputs, *, rng: np.random.Generator) -> State:
    """Change of the TNF response to endotoxin after a sitting, % of that without stimulation."""
    one = constant(f"tnf_change_{inputs.species}")
    acts = fires(inputs.species, afferent=inputs.afferent, efferent_hz=inputs.efferent_hz)
    told = {
        "rat": "rat, endotoxemia, cervical stimulation; once B fibers fire, whatever the dose",
        "human": "people: no consistent effect (meta-analysis); declared width, unverified",
    }
    change = draw(one, rng=rng, n_draws=inputs.n_draws)
    return state_of(
        inputs, change * acts, key="tnf_change",
        label="TNF response to endotoxin", unit="% of that without stimulation", used=(one,),
        calibrated_on=told[inputs.species], own={one.key: change},
    )  # fmt: skip
