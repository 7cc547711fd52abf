"""Change of heart rate: a rat's from its nerves' firing, people's as reported.

Rat: bpm = gain · f low-passed at a corner frequency, after a lag (f: spikes/s of vagal efferents).
Its sympathetic branch is a second-order low-pass. People: no such measurement at therapeutic current exists. An
interval around "no or little change", as reported, takes its place; its width is declared.
"""

from __future__ import annotations

import numpy as np

from vagus.dose import site_of
from vagus.response.constants import Constant, constant, draw
from vagus.response.heart.filters import low_pass, second_order


def rat_heart_rate(
    efferent_hz: np.ndarray, *, width_s: float, rng: np.random.Generator
) -> tuple[np.ndarray, tuple[Constant, ...]]:
    """Change of heart rate of a rat, bpm, (n_draws, n), for vagal efferents firing at `efferent_hz`.

    Draws outside what the words mean are cut off: a gain above 0, a corner below 0.01 Hz, a negative lag.
    """
    n_draws = efferent_hz.shape[0]
    used = tuple(constant(f"rat_vagal_tf_{part}") for part in ("gain", "corner", "lag"))
    gain, corner, lag = (draw(one, rng=rng, n_draws=n_draws) for one in used)
    slow = low_pass(efferent_hz, width_s=width_s, corner_hz=np.maximum(corner, 0.01), lag_s=np.clip(lag, 0.0, None))
    return np.minimum(gain, 0.0)[:, None] * slow, used


def rat_sympathetic_rate(
    sympathetic_hz: np.ndarray, *, width_s: float, rng: np.random.Generator
) -> tuple[np.ndarray, tuple[Constant, ...]]:
    """Change of heart rate of a rat, bpm, (n_draws, n), for cardiac sympathetic nerves firing at `sympathetic_hz`.

    Vagus stimulation does not drive this branch; it is there for closed loops. Draws outside what the words mean are
    cut off: a gain below 0, a frequency below 0.01 Hz, a damping below 0.5, a negative lag.
    """
    n_draws = sympathetic_hz.shape[0]
    used = tuple(constant(key) for key in ("rat_symp_tf_gain", "rat_symp_tf_fn", "rat_symp_damping", "rat_symp_tf_lag"))
    gain, natural, damping, lag = (draw(one, rng=rng, n_draws=n_draws) for one in used)
    slow = second_order(
        sympathetic_hz, width_s=width_s, natural_hz=np.maximum(natural, 0.01), damping=np.maximum(damping, 0.5),
        lag_s=np.clip(lag, 0.0, None),
    )  # fmt: skip
    return np.maximum(gain, 0.0)[:, None] * slow, used


def human_effect(
    site: str, what: str, *, rng: np.random.Generator, n_draws: int
) -> tuple[np.ndarray, tuple[Constant, ...]]:
    """Draws of the expected change in people at a site, and the constants they rest on.

    Parameters
    ----------
    site : str
    what : {"hr", "hrv"}
        Heart rate (bpm), or ln RMSSD (SD units, Hedges g).
    """
    found = site_of(site)
    region = {"cervical": f"cervical_{found.side}", "neck": "neck"}.get(found.place, "ear")
    if what == "hr" and region == "ear":
        used = (constant("hr_change_ear"), constant("hr_change_ear_review"))
    else:
        used = (constant(f"{what}_change_{region}"),)
    return draw(used[0], rng=rng, n_draws=n_draws), used
