"""Brain under vagal drive: the model, and its steps over time."""

from vagus.response.brain.model import (
    DAY_S,
    KEYS,
    STANDARD_OFF_S,
    STANDARD_ON_S,
    BrainDraws,
    Lesion,
    Steps,
    buildup,
    draw_brain,
    fast_states,
    mean_gain,
    median_brain,
    ne_rise_pct,
    ripple,
    slow_states,
    standard_drive,
    steady_fast,
    steady_relay,
    step_edges_d,
)

__all__ = [
    "DAY_S", "KEYS", "STANDARD_OFF_S", "STANDARD_ON_S", "BrainDraws", "Lesion", "Steps", "buildup", "draw_brain",
    "fast_states", "mean_gain", "median_brain", "ne_rise_pct", "ripple", "slow_states", "standard_drive",
    "steady_fast", "steady_relay", "step_edges_d",
]  # fmt: skip
