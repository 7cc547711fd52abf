"""Immune arm: what vagal efferents do to the TNF that an endotoxin challenge raises.

Rodents: a published fall, once the efferent B fibers fire (a single suprathreshold pulse suffices), without a dose
course. People: no consistent effect was found, so the median is 0 and the width is declared; rodent numbers are never
carried over.
"""

from __future__ import annotations

import numpy as np

from vagus.response.constants import constant, draw
from vagus.response.inputs import Inputs, state_of
from vagus.response.state import State


def cytokine(inputs: Inputs, *, rng: np.random.Generator) -> State:
    """Change of the TNF response to endotoxin after a sitting, % of that without stimulation."""
    one = constant(f"tnf_change_{inputs.species}")
    fires = (inputs.efferent_hz > 0) if inputs.species == "rat" else (inputs.afferent.sum(axis=1) > 0)
    told = {
        "rat": "rat, endotoxemia, cervical stimulation; once B fibers fire, whatever the dose",
        "human": "people: no consistent effect (meta-analysis); declared width, unverified",
    }
    return state_of(
        inputs, draw(one, rng=rng, n_draws=inputs.n_draws) * fires, key="tnf_change",
        label="TNF response to endotoxin", unit="% of that without stimulation", used=(one,),
        calibrated_on=told[inputs.species],
    )  # fmt: skip
